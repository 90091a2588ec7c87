//! What all threads of a copy know of each disk, for as long as any of them
//! lives: also one that hangs in a read and was given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

use vhault_core::copy::watch::{DiskProgress, StopReason};
use vhault_core::vault::id::IdMaker;
use vhault_core::vault::stream::Grid;

use super::throttle::Throttle;
use crate::disk::Disk;
use crate::timings::Timings;

/// The sources of a copy.
pub(crate) struct Sources {
    pub(crate) disks: Vec<SourceDisk>,
    pub(crate) ids: IdMaker,
    pub(crate) grid: Grid,
    /// Believe the file system about holes.
    pub(crate) ask_holes: bool,
    pub(crate) throttle: Option<Throttle>,
    pub(crate) timings: Arc<Timings>,
}

/// One source and how far its copy is.
pub(crate) struct SourceDisk {
    pub(crate) disk: Arc<Disk>,
    reading: AtomicU32,
    moved: AtomicU64,
    begun: AtomicBool,
    ended: AtomicBool,
    stopped: AtomicU8,
}

impl SourceDisk {
    pub(crate) fn new(disk: Arc<Disk>) -> SourceDisk {
        SourceDisk {
            disk,
            reading: AtomicU32::new(0),
            moved: AtomicU64::new(0),
            begun: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            stopped: AtomicU8::new(0),
        }
    }

    /// Does a read; while it is in flight, the source is to blame for what does not move.
    pub(crate) fn reading<T>(&self, read: impl FnOnce() -> T) -> T {
        self.reading.fetch_add(1, Ordering::Relaxed);
        let done = read();
        self.reading.fetch_sub(1, Ordering::Relaxed);
        done
    }

    /// Something of it is done.
    pub(crate) fn moved(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// No more of it; the first reason counts.
    pub(crate) fn stop(&self, reason: StopReason) {
        let _first = self.stopped.compare_exchange(0, code(reason), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Why it was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<StopReason> {
        let code_now = self.stopped.load(Ordering::Relaxed);
        REASONS.into_iter().find(|reason| code(*reason) == code_now)
    }

    pub(crate) fn progress(&self) -> DiskProgress {
        DiskProgress {
            begun: self.begun.load(Ordering::Relaxed),
            ended: self.ended.load(Ordering::Relaxed) || self.stopped().is_some(),
            reading: self.reading.load(Ordering::Relaxed) > 0,
            done_bytes: self.moved.load(Ordering::Relaxed),
        }
    }
}

const REASONS: [StopReason; 5] = [
    StopReason::Deadline,
    StopReason::DiskDeadline,
    StopReason::Stalled,
    StopReason::Unreadable,
    StopReason::Asked,
];

fn code(reason: StopReason) -> u8 {
    reason as u8 + 1
}
