//! The steps of a restore: queue, copy, and making the machine.

use alloc::vec::Vec;

use super::checks::Fault;
use super::consistency::Consistency;
use super::due::Round;
use super::event::VaultEvent;
use super::job::{Job, JobStatus, Phase, TaskKind};
use super::names::VmIdentity;
use super::point::RecoveryPoint;
use super::restore::{RestoreRequest, objections};
use crate::advice::AdviceId;
use crate::time::Span;

/// How long making a machine takes; modelled.
const CREATE_VM_TAKES: Span = Span::from_milliseconds(3 * 60_000);

impl Round<'_> {
    pub(super) fn begin_restore(&self, job: &Job) -> Vec<VaultEvent> {
        let started = VaultEvent::TaskStarted { job: job.id, task: TaskKind::TransferFromVault };
        let wait = self.platform.queue_wait();
        if wait.milliseconds() > 0 {
            [started, self.enter(job, Phase::Queue, wait)].into()
        } else {
            let mut events = Vec::from([started]);
            events.extend(self.begin_restore_copy(job));
            events
        }
    }

    fn begin_restore_copy(&self, job: &Job) -> Vec<VaultEvent> {
        let point = job.order.restore.as_ref().and_then(|request| request.point);
        let takes = point.map_or(Span::ZERO, |point| self.platform.restore_takes(&job.item, point));
        [self.enter(job, Phase::Copy, takes)].into()
    }

    pub(super) fn restore_step(&self, job: &Job) -> Vec<VaultEvent> {
        let request = job.order.restore.as_ref();
        let point =
            request.and_then(|request| request.point).and_then(|number| self.catalogue.points.get(&number));
        let (Some(request), Some(point)) = (request, point) else {
            // A job holds its item and its point, so the point cannot go while it runs.
            return self.fail(job, Fault::new(self.lost_point(), []));
        };
        match job.phase {
            Some(Phase::Queue) => self.begin_restore_copy(job),
            Some(Phase::Copy) => self.end_restore_copy(job, request, point),
            Some(Phase::CreateVm) => self.end_create(job, request, point),
            _ => Vec::new(),
        }
    }

    fn lost_point(&self) -> AdviceId {
        super::checks::by_era(self.profile(), AdviceId::Bkp06, AdviceId::Bkp14)
    }

    /// What has come to stand against the restore since it was accepted.
    fn objection(&self, request: &RestoreRequest, point: &RecoveryPoint) -> Option<AdviceId> {
        if !self.profile().restore_errors {
            return None;
        }
        objections(self.platform, &self.catalogue.region, point, request).first().copied()
    }

    fn end_restore_copy(
        &self,
        job: &Job,
        request: &RestoreRequest,
        point: &RecoveryPoint,
    ) -> Vec<VaultEvent> {
        if let Some(id) = self.objection(request, point) {
            return self.fail(job, Fault::new(id, []));
        }
        let done = VaultEvent::TaskCompleted { job: job.id, task: TaskKind::TransferFromVault };
        if !request.creates_vm() {
            let restored = VaultEvent::RestoreCompleted { job: job.id, point: point.number, vm: None };
            return [done, restored, VaultEvent::JobCompleted { job: job.id }].into();
        }
        let mut events = Vec::new();
        if job.status == JobStatus::Cancelling {
            events.push(VaultEvent::CancelFailed { job: job.id });
        }
        events.push(done);
        events.push(VaultEvent::TaskStarted { job: job.id, task: TaskKind::CreateVm });
        events.push(self.enter(job, Phase::CreateVm, CREATE_VM_TAKES));
        events
    }

    fn end_create(&self, job: &Job, request: &RestoreRequest, point: &RecoveryPoint) -> Vec<VaultEvent> {
        if let Some(id) = self.objection(request, point) {
            return self.fail(job, Fault::new(id, []));
        }
        let group = request.target_group().unwrap_or_else(|| job.item.group.clone());
        let vm = VmIdentity { group, name: request.name.clone() };
        if self.platform.vm(&vm).is_some() {
            let id = super::checks::by_era(self.profile(), AdviceId::Bkp06, AdviceId::Rst04);
            return self.fail(job, Fault::new(id, []));
        }
        let mut events = Vec::from([VaultEvent::RestoreCompleted {
            job: job.id,
            point: point.number,
            vm: Some(vm.clone()),
        }]);
        if point.config.database && point.consistency < Consistency::Application {
            events.push(VaultEvent::AppRecoveryStarted { vm });
        }
        events.push(VaultEvent::TaskCompleted { job: job.id, task: TaskKind::CreateVm });
        events.push(VaultEvent::JobCompleted { job: job.id });
        events
    }
}
