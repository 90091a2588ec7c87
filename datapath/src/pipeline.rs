//! The river, joined: disks in, streams and packs out. Threads live here.
//!
//! Workers take steps from one queue over all disks; each has a reader that
//! reads and names chunks for it, and seals what is new. One packer appends to
//! packs; one publisher makes packs durable meanwhile. A leaf of the manifest
//! is made by the worker that finishes its last chunk, so the manifest does not
//! depend on who was faster. The calling thread watches over deadlines.
//!
//! | bounded | holds at most |
//! | --- | --- |
//! | blobs on their way to the packer | [`BLOBS_WAITING_MAX`] chunks: 16 MiB of 256 KiB |
//! | packs on their way to be durable | [`PACKS_WAITING_MAX`] open files |
//! | a worker | a chunk, its compressed form, its decoded form |
//! | its reader | four orders of 1 MiB, or of one chunk where that is larger |
//!
//! A read that never comes back cannot be ended from outside: no system has a
//! call for it. Its reader is left behind with what it holds, which is nothing
//! of the vault, and the copy ends without it; the thread goes when the read
//! does, or with the process.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use vhault_core::copy::outlook::Forecaster;
use vhault_core::copy::patience::{Hung, Patience};
use vhault_core::copy::watch::{DiskProgress, Limits, Sample, StopReason, TICK_MAX, Verdict, Watch};
use vhault_core::time::Span;

use crate::copy::{
    CopiedDisk, CopyError, CopyOptions, DiskPlan, Gauge, Job, Leaving, Queue, SourceDisk, Sources, Throttle,
    Worker, pack, publish,
};
use crate::monitor::{Event, Monitor};
use crate::vault::watched::Flights;
use crate::vault::{Session, VaultError};

/// Sealed blobs waiting for the packer.
pub const BLOBS_WAITING_MAX: usize = 64;
/// Sealed packs waiting to be durable.
pub const PACKS_WAITING_MAX: usize = 2;
/// How often is said when the copy will be done.
const OUTLOOK_EVERY: Duration = Duration::from_secs(2);
/// How often a signal is looked for, at least.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Copies disks. `stop`, a deadline or a stall ends it early, and what was copied by then comes back all the same; each
/// disk says what is left out. Deadlines count from `begun` on. On an error nothing is published, and what was packed
/// is garbage.
///
/// Where the vault itself stops answering, [`Event::VaultStuck`] is heard, and this does not return before it answers.
///
/// # Errors
///
/// The first [`CopyError`] that any thread met.
pub fn copy(
    session: &Session<'_>,
    plans: &[DiskPlan],
    options: &CopyOptions,
    begun: Instant,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<Vec<CopiedDisk>, CopyError> {
    let grid = session.vault().grid();
    let jobs: Vec<Job<'_>> =
        plans.iter().enumerate().map(|(number, plan)| Job::new(session, number, plan)).collect();
    let queue = Queue::new(grid, &jobs, options.steps_max);
    let sources = Arc::new(Sources {
        disks: plans.iter().map(|plan| SourceDisk::new(Arc::clone(&plan.disk))).collect(),
        ids: session.vault().ids().clone(),
        grid,
        ask_holes: options.ask_holes,
        throttle: options.read_limit.map(Throttle::new),
        timings: Arc::clone(&options.timings),
    });
    // Whatever is over already must not begin: small disks are done before anybody looks.
    let is_late = options.limits.set.is_some_and(|set| since(begun) >= set);
    for disk in &sources.disks {
        if stop.load(Ordering::Relaxed) {
            disk.stop(StopReason::Asked);
        } else if is_late {
            disk.stop(StopReason::Deadline);
        }
    }
    let failure = Failure::default();
    let threads = options.threads.max(1);
    let gauge = Gauge::new(threads, options.write_limit);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads + 3)
        .thread_name(|number| format!("copy-{number}"))
        .build()
        .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
    let (blobs, waiting_blobs) = sync_channel(BLOBS_WAITING_MAX);
    let (packs, waiting_packs) = sync_channel(PACKS_WAITING_MAX);
    let timings = &*options.timings;
    pool.scope(|scope| {
        scope.spawn(|_| {
            let _leaving = Leaving(&gauge);
            failure.note(publish(session, waiting_packs, &gauge, timings, monitor));
        });
        scope.spawn(|_| {
            let _leaving = Leaving(&gauge);
            failure.note(pack(session, waiting_blobs, packs, &gauge, timings));
        });
        for _ in 0..threads {
            let blobs = blobs.clone();
            scope.spawn(|_| {
                let _leaving = Leaving(&gauge);
                let mut worker = Worker::new(session, options, blobs, &sources, &failure.happened, monitor);
                failure.note(worker.work(&queue));
                let is_last = gauge.workers_left.fetch_sub(1, Ordering::AcqRel) == 1;
                if is_last && !failure.happened.load(Ordering::Relaxed) {
                    failure.note(worker.cut(&jobs));
                }
            });
        }
        drop(blobs);
        watch_over(&sources, options, begun, stop, &failure, &gauge, monitor);
    });
    match failure.take() {
        Some(error) => Err(error),
        None => {
            let stopped = |job: usize| sources.disks[job].stopped();
            Ok(jobs.into_iter().enumerate().map(|(number, job)| job.copied(stopped(number))).collect())
        }
    }
}

/// Watches what is in flight in a store from a thread of its own, for as long as the store is there, and says once what
/// hangs. Time counts from now on.
///
/// # Errors
///
/// Where the system has no thread left.
pub fn watch_store(
    flights: &Arc<Flights>,
    limits: Limits,
    hangs: impl FnOnce(Hung, String) + Send + 'static,
) -> io::Result<()> {
    let flights = Arc::downgrade(flights);
    let begun = Instant::now();
    let shortest = [limits.stall, limits.set].into_iter().flatten().min().unwrap_or(TICK_MAX);
    let tick =
        Span::from_milliseconds(shortest.milliseconds() / 4).clamp(Span::from_milliseconds(5), TICK_MAX);
    let tick = Duration::from_millis(tick.milliseconds().unsigned_abs());
    leave_running("watch", move || {
        let mut patience = Patience::new(limits);
        while let Some(flights) = flights.upgrade() {
            if let Some(hung) = patience.look(since(begun), &flights.numbers())
                && let Some(what) = flights.words(hung.operation)
            {
                return hangs(hung, what);
            }
            drop(flights);
            std::thread::sleep(tick);
        }
    })
}

/// Starts a thread that nobody waits for: what may hang in a read. It must hold nothing that others need.
///
/// # Errors
///
/// Where the system has no thread left.
pub(crate) fn leave_running(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(work).map(drop)
}

fn since(begun: Instant) -> Span {
    Span::from_milliseconds(i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX))
}

/// Looks at the copy until every thread has left, and stops what must stop.
fn watch_over(
    sources: &Sources,
    options: &CopyOptions,
    begun: Instant,
    stop: &AtomicBool,
    failure: &Failure,
    gauge: &Gauge,
    monitor: &dyn Monitor,
) {
    let mut watch = Watch::new(options.limits, sources.disks.len());
    let milliseconds = u64::try_from(watch.tick().milliseconds()).unwrap_or(0);
    let tick = Duration::from_millis(milliseconds).min(LOOK_EVERY);
    let stop_all = |reason: StopReason| {
        sources.disks.iter().for_each(|disk| disk.stop(reason));
        gauge.is_stopped.store(true, Ordering::Relaxed);
    };
    let sizes = sources.disks.iter().map(|source| source.disk.size().get()).collect();
    let mut forecaster = Forecaster::new(sizes, options.limits.set);
    let mut looked_out = Instant::now();
    let mut was_stopped = false;
    while !gauge.all_left_within(tick) {
        let failed = failure.happened.load(Ordering::Relaxed);
        if !was_stopped && (failed || stop.load(Ordering::Relaxed)) {
            was_stopped = true;
            watch.stop();
            stop_all(StopReason::Asked);
        }
        let disks: Vec<DiskProgress> = sources.disks.iter().map(SourceDisk::progress).collect();
        if !was_stopped && looked_out.elapsed() >= OUTLOOK_EVERY {
            looked_out = Instant::now();
            monitor.hear(Event::Outlook(forecaster.look(since(begun), &disks)));
        }
        let held_back = [sources.throttle.as_ref(), gauge.throttle.as_ref()];
        let verdicts = watch.look(&Sample {
            now: since(begun),
            disks: &disks,
            stored: gauge.stored.load(Ordering::Relaxed),
            held_back: held_back.into_iter().flatten().any(Throttle::holds_back),
        });
        for verdict in verdicts {
            match verdict {
                Verdict::StopDisk { disk, reason } => {
                    sources.disks[disk].stop(reason);
                    let path = sources.disks[disk].disk.paths().next();
                    let path = path.map(|path| path.display().to_string()).unwrap_or_default();
                    monitor.hear(Event::DiskStopped { path, reason });
                }
                Verdict::StopAll { reason } => stop_all(reason),
                Verdict::VaultStuck => {
                    let stall = options.limits.stall.map_or(0, Span::milliseconds);
                    monitor.hear(Event::VaultStuck { after_milliseconds: stall.unsigned_abs() });
                }
            }
        }
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
            if !matches!(error, CopyError::ThreadLost) {
                first.get_or_insert(error);
            }
            self.happened.store(true, Ordering::Relaxed);
        }
    }

    fn take(self) -> Option<CopyError> {
        let happened = self.happened.into_inner();
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        first.or(happened.then_some(CopyError::ThreadLost))
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
