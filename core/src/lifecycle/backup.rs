//! The steps of a backup: prepare, quiesce, snapshot, thaw; queue, delta, copy, commit.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::checks::{self, Fault, Guest};
use super::consistency::{reached, remarks, requested};
use super::copying::CopyOutlook;
use super::due::Round;
use super::event::VaultEvent;
use super::item::Item;
use super::job::{Job, JobStatus, Phase, TaskKind, Trigger};
use super::names::PointNumber;
use super::point::{self, RecoveryPoint};
use super::shared::Shared;
use super::vm::Vm;
use crate::advice::AdviceId;
use crate::policy::Date;
use crate::time::{Instant, Span};
use crate::units::ByteCount;

const fn seconds(seconds: i64) -> Span {
    Span::from_milliseconds(seconds * 1_000)
}

/// Looking at the guest; modelled.
const PREPARE_TAKES: Span = seconds(60);
/// Asking applications to hold still, without delays.
const QUIESCE_TAKES: Span = seconds(30);
/// The snapshot of one disk.
const SNAPSHOT_DISK_SECONDS: i64 = 10;
/// Letting applications go on; modelled.
const THAW_TAKES: Span = seconds(5);
/// Asking what changed; modelled.
const DELTA_TAKES: Span = seconds(10);
/// Making a point of what was copied; modelled.
const COMMIT_TAKES: Span = seconds(60);

/// From the start of a job to its snapshot, where nothing delays it.
pub(super) fn snapshot_ready_after(vm: &Vm) -> Span {
    let parts = [PREPARE_TAKES, QUIESCE_TAKES, snapshot_takes(vm)];
    Span::from_milliseconds(parts.iter().map(|part| part.milliseconds()).sum())
}

impl Round<'_> {
    pub(super) fn begin_backup(&self, job: &Job) -> Vec<VaultEvent> {
        [
            VaultEvent::TaskStarted { job: job.id, task: TaskKind::TakeSnapshot },
            self.enter(job, Phase::Prepare, PREPARE_TAKES),
        ]
        .into()
    }

    pub(super) fn backup_step(&self, job: &Job) -> Vec<VaultEvent> {
        let Some(vm) = self.platform.vm(&job.item) else { return self.fail(job, self.vanished()) };
        match job.phase {
            Some(Phase::Prepare) => self.end_prepare(job, vm),
            Some(Phase::Quiesce) => self.end_quiesce(job, vm),
            Some(Phase::Snapshot) => self.end_snapshot(job, vm),
            Some(Phase::Thaw) => self.begin_transfer(job),
            Some(Phase::Queue) => [self.enter(job, Phase::Delta, DELTA_TAKES)].into(),
            Some(Phase::Delta) => self.end_delta(job),
            Some(Phase::Copy) => self.end_copy(job),
            Some(Phase::Commit) => self.end_commit(job),
            _ => Vec::new(),
        }
    }

    /// The machine is gone: whether that can be told depends on the region (I-50).
    fn vanished(&self) -> Fault {
        let told = checks::by_era(self.profile(), AdviceId::Bkp06, AdviceId::Bkp18);
        checks::internal_fault(self.catalogue, self.platform).unwrap_or(Fault::new(told, []))
    }

    fn end_prepare(&self, job: &Job, vm: &Shared<Vm>) -> Vec<VaultEvent> {
        let profile = self.profile();
        let fault =
            checks::internal_fault(self.catalogue, self.platform).or_else(|| checks::premium(profile, vm));
        if let Some(fault) = fault {
            return self.fail(job, fault);
        }
        let installs = match checks::guest(profile, self.platform, vm) {
            Guest::Off => return [self.enter(job, Phase::Snapshot, snapshot_takes(vm))].into(),
            Guest::Fails(fault) => return self.fail(job, fault),
            Guest::Stalls(fault) => {
                return self.stall(job, Phase::Quiesce, self.snapshot_deadline(job), fault, false).into();
            }
            Guest::Ready { installs } => installs,
        };
        let mut events = Vec::new();
        if installs {
            let version = self.platform.extension_latest();
            events.push(VaultEvent::ExtensionInstalled { item: job.item.clone(), version });
        }
        let delays = checks::delays(profile, self.platform, vm);
        let late: i64 = delays.iter().map(|(_, by)| by.milliseconds()).sum();
        let takes = Span::from_milliseconds(QUIESCE_TAKES.milliseconds() + late);
        let causes: Vec<AdviceId> = delays.iter().map(|(cause, _)| *cause).collect();
        events.extend(delays.into_iter().map(|(cause, by)| VaultEvent::SnapshotDelayed {
            job: job.id,
            cause,
            by,
        }));
        let deadline = self.snapshot_deadline(job);
        let ready = self.later(takes).checked_add(snapshot_takes(vm)).unwrap_or(self.now);
        if ready > deadline {
            let fault = Fault { id: checks::by_era(profile, AdviceId::Bkp05, AdviceId::Bkp10), causes };
            events.extend(self.stall(job, Phase::Quiesce, deadline, fault, false));
        } else {
            events.push(self.enter(job, Phase::Quiesce, takes));
        }
        events
    }

    /// The last moment of the snapshot part, counted from its first step.
    fn snapshot_deadline(&self, job: &Job) -> Instant {
        let began = job.started.unwrap_or(job.created);
        began.checked_add(self.profile().snapshot_deadline).unwrap_or(began)
    }

    fn end_quiesce(&self, job: &Job, vm: &Vm) -> Vec<VaultEvent> {
        if let Some(fault) = checks::shadow_copy(self.profile(), vm) {
            return self.fail(job, fault);
        }
        [self.enter(job, Phase::Snapshot, snapshot_takes(vm))].into()
    }

    fn end_snapshot(&self, job: &Job, vm: &Shared<Vm>) -> Vec<VaultEvent> {
        let taken = VaultEvent::SnapshotTaken { job: job.id, consistency: reached(vm), config: vm.clone() };
        let mut events = Vec::from([taken]);
        if vm.is_running() {
            events.push(self.enter(job, Phase::Thaw, THAW_TAKES));
        } else {
            events.extend(self.begin_transfer(job));
        }
        events
    }

    fn begin_transfer(&self, job: &Job) -> Vec<VaultEvent> {
        let wait = self.platform.queue_wait();
        let step = if wait.milliseconds() > 0 {
            self.enter(job, Phase::Queue, wait)
        } else {
            self.enter(job, Phase::Delta, DELTA_TAKES)
        };
        [
            VaultEvent::TaskCompleted { job: job.id, task: TaskKind::TakeSnapshot },
            VaultEvent::TaskStarted { job: job.id, task: TaskKind::TransferData },
            step,
        ]
        .into()
    }

    fn end_delta(&self, job: &Job) -> Vec<VaultEvent> {
        let profile = self.profile();
        let carried = self.catalogue.items.get(&job.item).map_or(ByteCount::ZERO, |item| item.carried);
        let plan = self.platform.copy_plan(job).without_carried(carried);
        let outlook = CopyOutlook::new(profile, self.catalogue.copy_limits(job, self.now), plan);
        let mut events = Vec::from([VaultEvent::DeltaComputed { job: job.id, work: outlook.work }]);
        if profile.data_ceiling_bytes.is_some_and(|ceiling| outlook.work.send.get() > ceiling) {
            events.extend(self.fail(job, Fault::new(AdviceId::Bkp06, [])));
            return events;
        }
        let Some(stop) = outlook.stop else {
            events.push(self.enter(job, Phase::Copy, outlook.estimate.whole));
            return events;
        };
        let time_out = checks::by_era(profile, AdviceId::Bkp04, AdviceId::Bkp13);
        let id = outlook.estimate.advice.unwrap_or(time_out);
        let limit = checks::by_era(profile, AdviceId::Limit01, AdviceId::Limit02);
        let fault = Fault::new(id, outlook.is_crowded.then_some(limit));
        // Of disks that are never done, no next copy can take anything.
        events.extend(self.stall(job, Phase::Copy, self.later(stop.at), fault, !outlook.is_crowded));
        events
    }

    fn end_copy(&self, job: &Job) -> Vec<VaultEvent> {
        let mut events = Vec::new();
        if job.status == JobStatus::Cancelling {
            events.push(VaultEvent::CancelFailed { job: job.id });
        }
        let bytes = job.work.map_or(ByteCount::ZERO, |work| work.send);
        events.push(VaultEvent::BlocksTransferred { job: job.id, bytes });
        events.push(self.enter(job, Phase::Commit, COMMIT_TAKES));
        events
    }

    fn end_commit(&self, job: &Job) -> Vec<VaultEvent> {
        let item = self.catalogue.items.get(&job.item);
        let (Some(point), Some(item)) = (item.and_then(|item| self.point(job, item)), item) else {
            // Stopping waits for jobs, so a job never outlives its item's policy.
            return self
                .fail(job, Fault::new(checks::by_era(self.profile(), AdviceId::Bkp06, AdviceId::Bkp14), []));
        };
        let level = point.consistency;
        let vm = point.config.clone();
        debug_assert_eq!(item.identity, point.item);
        let mut events = Vec::from([
            VaultEvent::PointCreated { point: Box::new(point) },
            VaultEvent::TaskCompleted { job: job.id, task: TaskKind::TransferData },
        ]);
        if level < requested(&vm) {
            let mut warnings = Vec::from([level.advice()]);
            warnings.extend(remarks(&vm, level));
            events.push(VaultEvent::JobCompletedWithWarnings { job: job.id, warnings });
        } else {
            events.push(VaultEvent::JobCompleted { job: job.id });
        }
        events
    }

    fn point(&self, job: &Job, item: &Item) -> Option<RecoveryPoint> {
        let state = self.catalogue.policies.get(item.policy.as_ref()?)?;
        let policy = &state.policy;
        let finished = job.snapshot_finished?;
        let tags = match job.trigger {
            Trigger::Scheduled => policy.retention.tags(Date::of(finished, policy.schedule.offset)),
            Trigger::OnDemand | Trigger::User => BTreeSet::new(),
        };
        let cap = self.profile().simple_days_max;
        let on_demand_until = job.order.retain_until;
        let expiry =
            point::expiry(&policy.retention, &policy.schedule, &tags, on_demand_until, finished, cap);
        let work = job.work?;
        Some(RecoveryPoint {
            number: PointNumber(self.catalogue.points_created + 1),
            item: job.item.clone(),
            job: job.id,
            finished,
            received: self.now,
            consistency: job.consistency?,
            tags,
            on_demand_until,
            expiry,
            config: job.config.clone()?,
            logical: work.logical,
            sent: work.send,
        })
    }
}

fn snapshot_takes(vm: &Vm) -> Span {
    let disks = i64::try_from(vm.backed_up_disks().count()).unwrap_or(0);
    seconds(SNAPSHOT_DISK_SECONDS * disks)
}
