//! The copy of some disks: what is asked, how it is shared out, what a worker
//! does.
//!
//! | room | what it does |
//! | --- | --- |
//! | here | what is asked, what comes of it, why it may fail |
//! | `deed` | what is done about a chunk: kept, resumed, or read |
//! | `job` | one disk in hand: its leaves, its base, what is left out |
//! | `state` | what every thread may know of a source, also one left behind |
//! | `reader` | one thread that reads and names chunks, and may hang in it |
//! | `link` | from a worker to its reader, and the way to leave it behind |
//! | `worker` | one thread's work: ask a reader, seal, finish leaves |
//! | `storing` | what follows the workers: packs filled, sealed in time, made durable |
//! | `stream_writer` | streams whose bytes come in order: a container's two |
//! | `throttle` | waiting, so that a limit of bytes a second holds |
//! | [`journal`] | what was read, written down for the copy after a crash |
//!
//! `pipeline.rs` runs it; nothing here starts a thread. Order, deadlines and
//! limits are `vhault_core::copy`'s.

mod deed;
mod job;
pub mod journal;
mod link;
mod reader;
mod state;
mod storing;
mod stream_writer;
mod throttle;
mod worker;

pub(crate) use job::{Job, Queue};
pub(crate) use state::{SourceDisk, Sources};
pub(crate) use storing::{Gauge, Leaving, pack, publish};
pub(crate) use throttle::Throttle;
pub(crate) use worker::Worker;

use std::sync::Arc;
use std::time::Duration;

pub use vhault_core::copy::audit::AUDIT_RUNS;
use vhault_core::copy::ranges::ByteRanges;
use vhault_core::copy::watch::{Limits, StopReason};
use vhault_core::extent::ExtentSet;
use vhault_core::vault::point::{ByteRange, Copied};
use vhault_core::vault::stream::Stream;

use crate::chunk_writer::CompareError;
use crate::codec::Effort;
use crate::copy::journal::{JournalWriter, Journaled};
use crate::disk::Disk;
use crate::image::ImageError;
use crate::timings::Timings;
use crate::vault::VaultError;

/// How to copy.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    /// Threads that compress and seal; each has one that reads and hashes for it.
    pub threads: usize,
    /// How hard to compress.
    pub effort: Effort,
    /// Decode and compare every blob before it is sealed.
    pub compare: bool,
    /// Believe the file system about holes of the sources.
    pub ask_holes: bool,
    /// Deadlines, and how long a disk may stand still.
    pub limits: Limits,
    /// Bytes a second read from all sources together.
    pub read_limit: Option<u64>,
    /// Bytes a second written into packs.
    pub write_limit: Option<u64>,
    /// Where the time of each stage is added up.
    pub timings: Arc<Timings>,
    /// Take over from a copy of the same VM that lives, or may, but wrote nothing to the vault for so long by this
    /// process's own clock. One that is surely dead is taken over at once.
    pub take_over_after: Option<Duration>,
    /// Where is written down what was read.
    pub journal: Option<Arc<JournalWriter>>,
    /// Stops as if asked to after so many steps (a container or a stripe each): how tests cut a copy at a known place.
    pub steps_max: Option<u64>,
}

impl Default for CopyOptions {
    fn default() -> CopyOptions {
        CopyOptions {
            threads: 1,
            effort: Effort::Default,
            compare: true,
            ask_holes: true,
            limits: Limits::default(),
            read_limit: None,
            write_limit: None,
            timings: Arc::default(),
            take_over_after: None,
            journal: None,
            steps_max: None,
        }
    }
}

/// A disk to copy.
pub struct DiskPlan {
    /// The source.
    pub disk: Arc<Disk>,
    /// The content of the point it is compared with.
    pub base: Option<Stream>,
    /// What may differ from the base; `None` is everything.
    pub hint: Option<Hint>,
    /// What an earlier, stopped copy of the very same source has.
    pub resume: Option<Resume>,
    /// What copies of the very same source noted before they died.
    pub journaled: Journaled,
}

/// What a source's own tables say of its difference from the base. It can lie, so a part of what it calls unchanged
/// is read all the same.
pub struct Hint {
    /// Sectors that may differ.
    pub changed: ExtentSet,
    /// Which of the [`AUDIT_RUNS`] parts is read this time, if any is.
    pub audit_part: Option<u64>,
}

/// What an earlier copy of a source that did not move since has. [`RESUME_SAMPLES`] of its chunks are read all the
/// same.
pub struct Resume {
    /// Its content.
    pub content: Stream,
    /// What it lacks.
    pub missing: ByteRanges,
}

/// Chunks, evenly over the disk, that a resumed copy reads again to prove that the source is the same.
pub const RESUME_SAMPLES: u64 = 8;

/// More ranges than this that cannot be read, and the disk is given up: its record would not end.
pub const UNREADABLE_RANGES_MAX: usize = 65_536;

/// A disk, copied.
#[derive(Clone, Debug)]
pub struct CopiedDisk {
    /// Its content; zeroes stand for what is not there.
    pub content: Stream,
    /// The layout of its container; empty where that could not be read.
    pub layout: Stream,
    /// The literals of its container.
    pub literals: Stream,
    /// What it took.
    pub copied: Copied,
    /// Why its copy ended early, if it did.
    pub stopped: Option<StopReason>,
    /// What was left out then.
    pub not_copied: Vec<ByteRange>,
    /// What the medium did not give.
    pub unreadable: Vec<ByteRange>,
}

/// Why a copy failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// A source failed.
    #[error(transparent)]
    Source(#[from] ImageError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// This machine cannot be trusted.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A hint called something unchanged that is not. Nothing of this copy was published.
    #[error("chunk {chunk} of a disk differs from its base, though the image's own tables call it unchanged")]
    HintLied {
        /// Which plan.
        plan: usize,
        /// Which chunk of its grid.
        chunk: u64,
    },
    /// A thread ended without a word.
    #[error("a thread of this program ended without a word")]
    ThreadLost,
}
