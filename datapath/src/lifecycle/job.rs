//! A backup job: its start, its end, and what stops it in between.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Clock};

use vhault_core::advice::AdviceId;
use vhault_core::catalogue::LifecycleEvent;
use vhault_core::lifecycle::{
    AlertKind, CopyWork, DeltaMethod, JobId, JobStatus, Phase, Refusal, VaultCommand, VaultEvent, VmIdentity,
};
use vhault_core::time::{Instant, Span};
use vhault_core::units::ByteCount;
use vhault_core::vault::point::RecoveryPoint;

use super::desk::Draft;
use super::error::LifecycleError;
use super::host::Host;
use super::process::this_process;
use crate::monitor::{Event, Monitor};
use crate::vault::Vault;

/// A cancel is looked for no more often than this.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A backup job that this process does the work of.
pub struct Job<'a> {
    vault: &'a Vault,
    id: JobId,
    item: VmIdentity,
    /// When its copy window closes, by this process's own clock.
    ends: Option<Clock>,
}

impl<'a> Job<'a> {
    /// A job for a backup that a person asks for now.
    ///
    /// # Errors
    ///
    /// [`LifecycleError::Refused`], with BKP-08 where another job holds the machine; log or storage that failed.
    pub fn on_demand(vault: &'a Vault, now: Instant, item: &VmIdentity) -> Result<Job<'a>, LifecycleError> {
        let mut id = JobId(0);
        vault.append(&mut |catalogue| {
            let mut draft = Draft::of(catalogue, now);
            let command = VaultCommand::BackupNow { item: item.clone(), retain_until: None };
            draft.decide(&Host::look(&catalogue.lifecycle), &command)?;
            id = JobId(draft.rules.jobs_created);
            draft.events.push(LifecycleEvent::JobHosted { job: id, hosted: this_process() });
            Ok::<_, LifecycleError>(draft.entry())
        })?;
        Job::start(vault, now, id, item)
    }

    /// Starts a job that was created for this process.
    ///
    /// # Errors
    ///
    /// [`LifecycleError::Refused`] with what the rules find against the machine, the job has failed then; log or
    /// storage that failed.
    pub fn start(
        vault: &'a Vault,
        now: Instant,
        id: JobId,
        item: &VmIdentity,
    ) -> Result<Job<'a>, LifecycleError> {
        let mut failed = None;
        let mut window = Span::ZERO;
        vault.append(&mut |catalogue| {
            let host = Host::look(&catalogue.lifecycle);
            let mut draft = Draft::of(catalogue, now);
            draft.drive(&host, id, |job| job.phase == Some(Phase::Delta));
            let job = draft.rules.job(id)?;
            failed = job.error;
            if job.is_active() {
                let limits = draft.rules.copy_limits(job, now);
                window = limits.set.unwrap_or(draft.rules.profile.copy_deadline).max(Span::ZERO);
                let ends = now.checked_add(window).unwrap_or(now);
                draft.take([VaultEvent::PhaseEntered { job: id, phase: Phase::Copy, ends }]);
            }
            if draft.events.is_empty() { Err(LifecycleError::Nothing) } else { Ok(draft.entry()) }
        })?;
        match failed {
            Some(advice) => Err(Refusal::plain(advice).into()),
            None => {
                let window = Duration::from_millis(u64::try_from(window.milliseconds()).unwrap_or(0));
                Ok(Job { vault, id, item: item.clone(), ends: Clock::now().checked_add(window) })
            }
        }
    }

    /// Its number.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Looks out for what should stop the copy, and sets `stop` then.
    pub fn watch(&self, stop: Arc<AtomicBool>, monitor: &'a dyn Monitor) -> Watch<'a> {
        Watch {
            vault: self.vault,
            job: self.id,
            ends: self.ends,
            looked: Mutex::new(None),
            expired: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            stop,
            monitor,
        }
    }

    /// The point exists: the job is done.
    ///
    /// # Errors
    ///
    /// Log or storage that failed.
    pub fn done(&self, now: Instant, point: &RecoveryPoint) -> Result<(), LifecycleError> {
        self.vault.append(&mut |catalogue| {
            let mut draft = Draft::of(catalogue, now);
            complete(&mut draft, &Host::look(&catalogue.lifecycle), self.id, point);
            Ok::<_, LifecycleError>(draft.entry())
        })?;
        Ok(())
    }

    /// A person stopped it, here or by `vhault cancel`.
    ///
    /// # Errors
    ///
    /// Log or storage that failed.
    pub fn cancelled(&self, now: Instant) -> Result<(), LifecycleError> {
        self.end(now, [VaultEvent::JobCancelled { job: self.id }])
    }

    /// It failed, with what the guides call such a failure.
    ///
    /// # Errors
    ///
    /// Log or storage that failed.
    pub fn failed(&self, now: Instant, id: AdviceId) -> Result<(), LifecycleError> {
        self.end(now, failure(self.id, &self.item, id))
    }

    fn end<const N: usize>(&self, now: Instant, events: [VaultEvent; N]) -> Result<(), LifecycleError> {
        self.vault.append(&mut |catalogue| {
            let mut draft = Draft::of(catalogue, now);
            // Somebody may have found this process gone by mistake, and ended the job.
            if draft.rules.jobs.get(&self.id).is_none_or(|job| !job.is_active()) {
                return Err(LifecycleError::Nothing);
            }
            draft.take(events.clone());
            Ok(draft.entry())
        })?;
        Ok(())
    }
}

/// What a failed backup makes happen.
pub(super) fn failure(job: JobId, item: &VmIdentity, id: AdviceId) -> [VaultEvent; 2] {
    [
        VaultEvent::JobFailed { job, id, causes: Vec::new(), not_before: None },
        VaultEvent::AlertRaised { item: item.clone(), kind: AlertKind::BackupFailed, id: Some(id) },
    ]
}

/// Ends the job of a point that exists.
pub(super) fn complete(draft: &mut Draft, host: &Host, id: JobId, point: &RecoveryPoint) {
    let Some(job) = draft.rules.jobs.get(&id).filter(|job| job.is_active()) else { return };
    if job.status == JobStatus::Cancelling {
        draft.take([VaultEvent::CancelFailed { job: id }]);
    }
    let work = work(point);
    draft.take([
        VaultEvent::DeltaComputed { job: id, work },
        VaultEvent::BlocksTransferred { job: id, bytes: work.send },
        VaultEvent::PhaseEntered { job: id, phase: Phase::Commit, ends: draft.now },
    ]);
    let points = draft.rules.points_created;
    draft.drive(host, id, |_| false);
    if draft.rules.points_created > points {
        let number = vhault_core::lifecycle::PointNumber(draft.rules.points_created);
        draft.events.push(LifecycleEvent::PointLinked { number, point: point.id });
    }
}

fn work(point: &RecoveryPoint) -> CopyWork {
    let sum = |part: fn(&vhault_core::vault::point::Disk) -> u64| {
        ByteCount::new(point.disks.iter().map(part).fold(0, u64::saturating_add))
    };
    let kept = sum(|disk| disk.copied.kept_bytes).get() > 0;
    let method = match point.disks.iter().any(|disk| disk.base.is_some()) {
        false => DeltaMethod::Full,
        true if kept => DeltaMethod::SnapshotDifference,
        true => DeltaMethod::Checksum,
    };
    CopyWork {
        method,
        logical: sum(|disk| disk.content.length.get()),
        read: sum(|disk| disk.copied.read_bytes),
        send: sum(|disk| disk.copied.stored_bytes),
        takes: Span::ZERO,
    }
}

/// Hears how a copy goes on, and stops it when its window closes or a cancel was recorded.
pub struct Watch<'a> {
    vault: &'a Vault,
    job: JobId,
    ends: Option<Clock>,
    looked: Mutex<Option<Clock>>,
    expired: AtomicBool,
    cancelled: AtomicBool,
    stop: Arc<AtomicBool>,
    monitor: &'a dyn Monitor,
}

impl Watch<'_> {
    /// Whether the copy was stopped because its window closed.
    pub fn expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Whether the copy was stopped because a cancel was recorded.
    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn look(&self) {
        // Whoever is late finds that another thread looks already.
        let Ok(mut looked) = self.looked.try_lock() else { return };
        if looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return;
        }
        *looked = Some(Clock::now());
        if self.ends.is_some_and(|ends| Clock::now() >= ends) {
            self.expired.store(true, Ordering::Relaxed);
            self.stop.store(true, Ordering::Relaxed);
            return;
        }
        // A log that cannot be read now stops nothing: the commit will say so.
        let _read = self.vault.refresh();
        let head = self.vault.head();
        let job = head.catalogue.lifecycle.rules().and_then(|rules| rules.jobs.get(&self.job));
        if job.is_none_or(|job| job.status == JobStatus::Cancelling || !job.is_active()) {
            self.cancelled.store(true, Ordering::Relaxed);
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

impl Monitor for Watch<'_> {
    fn hear(&self, event: Event) {
        match &event {
            Event::Started { .. } => {
                *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = None;
                self.look();
            }
            Event::Advanced { .. } => self.look(),
            _ => {}
        }
        self.monitor.hear(event);
    }
}
