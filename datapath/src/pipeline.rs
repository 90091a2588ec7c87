//! The river, joined: disks in, streams and packs out. Threads live here.
//!
//! Workers take stripes of 16 chunks from one queue over all disks, read,
//! identify, compress and seal them; one packer appends to packs; one
//! publisher makes packs durable meanwhile. A leaf of the manifest is made by
//! the worker that finishes its last stripe, so the manifest does not depend
//! on who was faster.
//!
//! | bounded | holds at most |
//! | --- | --- |
//! | blobs on their way to the packer | [`BLOBS_WAITING_MAX`] chunks: 16 MiB of 256 KiB |
//! | packs on their way to be durable | [`PACKS_WAITING_MAX`] open files |
//! | a worker | a chunk, its compressed form, its decoded form |

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use vhault_core::vault::blob::BlobKind;

use crate::copy::{CopiedDisk, CopyError, CopyOptions, DiskPlan, Job, Queue, Worker};
use crate::monitor::{Event, Monitor};
use crate::packer::{PackWriter, SealedBlob, SealedPack};
use crate::vault::session::LIFE_EVERY;
use crate::vault::{Session, VaultError};

/// Sealed blobs waiting for the packer.
pub const BLOBS_WAITING_MAX: usize = 64;
/// Sealed packs waiting to be durable.
pub const PACKS_WAITING_MAX: usize = 2;

/// Copies disks. On an error nothing is published, and what was packed is garbage.
///
/// # Errors
///
/// The first [`CopyError`] that any thread met.
pub fn copy(
    session: &Session<'_>,
    plans: &[DiskPlan<'_>],
    options: CopyOptions,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<Vec<CopiedDisk>, CopyError> {
    let jobs: Vec<Job<'_>> =
        plans.iter().enumerate().map(|(number, plan)| Job::new(session, number, plan)).collect();
    let queue = Queue::new(&jobs);
    let failure = Failure::default();
    let must_stop = || stop.load(Ordering::Relaxed) || failure.happened.load(Ordering::Relaxed);
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads + 2)
        .thread_name(|number| format!("copy-{number}"))
        .build()
        .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
    let (blobs, waiting_blobs) = sync_channel(BLOBS_WAITING_MAX);
    let (packs, waiting_packs) = sync_channel(PACKS_WAITING_MAX);
    pool.scope(|scope| {
        scope.spawn(|_| failure.note(publish(session, waiting_packs, monitor)));
        scope.spawn(|_| failure.note(pack(session, waiting_blobs, packs)));
        for _ in 0..threads {
            let blobs = blobs.clone();
            scope.spawn(|_| {
                let mut worker = Worker::new(session, options, blobs);
                failure.note(worker.work(&queue, &must_stop, monitor));
            });
        }
        drop(blobs);
    });
    if stop.load(Ordering::Relaxed) {
        return Err(CopyError::Stopped);
    }
    match failure.take() {
        Some(error) => Err(error),
        None => Ok(jobs.into_iter().map(Job::copied).collect()),
    }
}

/// The first error of any thread; the others stop when they see it.
#[derive(Default)]
struct Failure {
    first: Mutex<Option<CopyError>>,
    happened: AtomicBool,
}

impl Failure {
    fn note(&self, outcome: Result<(), CopyError>) {
        if let Err(error) = outcome {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            // A thread that stopped because another failed has nothing to add.
            if !matches!(error, CopyError::Stopped) {
                first.get_or_insert(error);
            }
            self.happened.store(true, Ordering::Relaxed);
        }
    }

    fn take(self) -> Option<CopyError> {
        let happened = self.happened.into_inner();
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        first.or(happened.then_some(CopyError::Stopped))
    }
}

/// Appends blobs to packs, chunks and pages apart, until every worker is done.
fn pack(
    session: &Session<'_>,
    blobs: Receiver<SealedBlob>,
    packs: SyncSender<SealedPack>,
) -> Result<(), CopyError> {
    let (mut chunks, mut pages) = (None, None);
    for blob in blobs {
        let open = match blob.id.kind {
            BlobKind::Chunk => &mut chunks,
            BlobKind::Page => &mut pages,
        };
        let mut writer = match open.take() {
            Some(writer) => writer,
            None => PackWriter::begin(session, blob.id.kind)?,
        };
        writer.add(&blob)?;
        if writer.is_full() {
            hand_over(writer, &packs)?;
        } else {
            *open = Some(writer);
        }
    }
    [chunks, pages].into_iter().flatten().try_for_each(|writer| hand_over(writer, &packs))
}

fn hand_over(writer: PackWriter<'_, '_>, packs: &SyncSender<SealedPack>) -> Result<(), CopyError> {
    // A publisher that is gone has failed and left its own error.
    packs.send(writer.seal()?).map_err(|_| CopyError::Stopped)
}

/// Makes packs durable until the packer is done.
fn publish(
    session: &Session<'_>,
    packs: Receiver<SealedPack>,
    monitor: &dyn Monitor,
) -> Result<(), CopyError> {
    loop {
        match packs.recv_timeout(LIFE_EVERY) {
            Ok(pack) => {
                let bytes = pack.publish(session)?;
                monitor.hear(Event::PackPublished { bytes });
            }
            // Hours may pass without a new pack; the log must hear of the session all the same.
            Err(RecvTimeoutError::Timeout) => session.show_life()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Units of work waiting for a worker of [`spread`].
pub const WORK_WAITING_MAX: usize = 16;

/// Makes work on one thread and does it on `threads` others; each has a state of its own from `worker`.
/// Stops at the first error.
///
/// # Errors
///
/// The first error of `produce` or `work`, or [`VaultError::Threads`].
pub fn spread<T: Send, W, E: Send + From<VaultError>>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<(), E> + Send,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let threads = threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads + 1)
        .thread_name(|number| format!("spread-{number}"))
        .build()
        .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
    let (sender, receiver) = sync_channel::<T>(WORK_WAITING_MAX);
    let receiver = Mutex::new(receiver);
    let first: Mutex<Option<E>> = Mutex::new(None);
    let failed = AtomicBool::new(false);
    let note = |error: E| {
        first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        failed.store(true, Ordering::Relaxed);
    };
    pool.scope(|scope| {
        let (receiver, failed, note, worker, work) = (&receiver, &failed, &note, &worker, &work);
        scope.spawn(move |_| {
            // A failed send means that nobody works any more; `false` tells the producer to stop.
            let mut send = |unit| !failed.load(Ordering::Relaxed) && sender.send(unit).is_ok();
            if let Err(error) = produce(&mut send) {
                note(error);
            }
        });
        for _ in 0..threads {
            scope.spawn(move |_| {
                let mut state = worker();
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(unit) = next else { return };
                    // After a failure what waits is drained, so that the producer is not left waiting.
                    if !failed.load(Ordering::Relaxed)
                        && let Err(error) = work(&mut state, unit)
                    {
                        note(error);
                    }
                }
            });
        }
    });
    match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
