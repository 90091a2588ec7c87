//! What follows the workers: sealed blobs gathered in packs, packs made
//! durable and named by the log. How far that is shows on a gauge.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use vhault_core::copy::journal::must_seal;
use vhault_core::time::Span;
use vhault_core::vault::blob::BlobKind;

use super::CopyError;
use super::throttle::Throttle;
use crate::monitor::{Event, Monitor};
use crate::packer::{PackWriter, SealedBlob, SealedPack};
use crate::timings::{Limit, Stage, Timings};
use crate::vault::Session;

/// How often an open pack is looked at, whether it must be sealed before it is full.
const SEAL_LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the session is asked whether the log must hear of it, while no pack comes.
const NAME_LOOK_EVERY: Duration = Duration::from_secs(1);

/// How far the vault's side of a copy is.
pub(crate) struct Gauge {
    pub(crate) workers_left: AtomicUsize,
    threads_left: Mutex<usize>,
    left: Condvar,
    /// Blobs appended and packs made durable.
    pub(crate) stored: AtomicU64,
    pub(crate) throttle: Option<Throttle>,
    /// What was stopped is finished without a limit.
    pub(crate) is_stopped: AtomicBool,
}

impl Gauge {
    /// For a copy by so many workers.
    pub(crate) fn new(workers: usize, write_limit: Option<u64>) -> Gauge {
        Gauge {
            workers_left: AtomicUsize::new(workers),
            threads_left: Mutex::new(workers + 2),
            left: Condvar::new(),
            stored: AtomicU64::new(0),
            throttle: write_limit.map(Throttle::new),
            is_stopped: AtomicBool::new(false),
        }
    }

    /// Waits until every thread has left, but not longer than this; whether they have.
    pub(crate) fn all_left_within(&self, longest: Duration) -> bool {
        let left = self.threads_left.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, _) = self
            .left
            .wait_timeout_while(left, longest, |left| *left > 0)
            .unwrap_or_else(PoisonError::into_inner);
        *left == 0
    }
}

/// Tells the gauge that a thread has left, however it did.
pub(crate) struct Leaving<'a>(pub(crate) &'a Gauge);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        *self.0.threads_left.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.left.notify_all();
    }
}

/// Appends blobs to packs, chunks and pages apart, until every worker is done.
///
/// # Errors
///
/// Storage that failed.
pub(crate) fn pack(
    session: &Session<'_>,
    blobs: Receiver<SealedBlob>,
    packs: SyncSender<SealedPack>,
    gauge: &Gauge,
    timings: &Timings,
) -> Result<(), CopyError> {
    let (mut chunks, mut pages) = (None, None);
    let mut chunks_begun = Instant::now();
    loop {
        match blobs.recv_timeout(SEAL_LOOK_EVERY) {
            Ok(blob) => {
                if let Some(throttle) = &gauge.throttle {
                    let must_stop = || gauge.is_stopped.load(Ordering::Relaxed);
                    timings.hold(Limit::Write, throttle.wait(blob.boxed.len() as u64, &must_stop));
                }
                let open = match blob.id.kind {
                    BlobKind::Chunk => &mut chunks,
                    BlobKind::Page => &mut pages,
                };
                let mut writer = match open.take() {
                    Some(writer) => writer,
                    None => {
                        if blob.id.kind == BlobKind::Chunk {
                            chunks_begun = Instant::now();
                        }
                        PackWriter::begin(session, blob.id.kind)?
                    }
                };
                timings.time(Stage::Append, || writer.add(&blob))?;
                gauge.stored.fetch_add(1, Ordering::Relaxed);
                if writer.is_full() {
                    hand_over(writer, &packs, timings)?;
                } else {
                    *open = Some(writer);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        // Pages are made anew from the chunks that a journal names; chunks would have to be read again.
        let is_due = |writer: &PackWriter<'_, '_>| must_seal(open_for(chunks_begun), writer.bytes());
        if chunks.as_ref().is_some_and(is_due)
            && let Some(writer) = chunks.take()
        {
            hand_over(writer, &packs, timings)?;
        }
    }
    [chunks, pages].into_iter().flatten().try_for_each(|writer| hand_over(writer, &packs, timings))
}

fn hand_over(
    writer: PackWriter<'_, '_>,
    packs: &SyncSender<SealedPack>,
    timings: &Timings,
) -> Result<(), CopyError> {
    let sealed = timings.time(Stage::Append, || writer.seal())?;
    // A publisher that is gone has failed and left its own error.
    packs.send(sealed).map_err(|_| CopyError::ThreadLost)
}

/// Makes packs durable until the packer is done.
///
/// # Errors
///
/// Storage or log that failed.
pub(crate) fn publish(
    session: &Session<'_>,
    packs: Receiver<SealedPack>,
    gauge: &Gauge,
    timings: &Timings,
    monitor: &dyn Monitor,
) -> Result<(), CopyError> {
    loop {
        match packs.recv_timeout(NAME_LOOK_EVERY) {
            Ok(pack) => {
                let bytes = timings.time(Stage::Sync, || pack.publish(session))?;
                gauge.stored.fetch_add(1, Ordering::Relaxed);
                monitor.hear(Event::PackPublished { bytes });
            }
            // Hours may pass without a new pack; the log must hear of the session all the same.
            Err(RecvTimeoutError::Timeout) => session.show_life()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn open_for(begun: Instant) -> Span {
    Span::from_milliseconds(i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX))
}
