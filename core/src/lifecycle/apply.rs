//! Folding events into a [`Catalogue`]: the only writer.

use alloc::vec::Vec;

use super::catalogue::{Alert, Catalogue, Due, PolicyState};
use super::event::VaultEvent;
use super::item::{BackupPolicy, Item, LastBackup, Protection, Registration};
use super::job::{Job, JobKind, JobStatus, Order, Task, TaskKind, TaskStatus, Trigger};
use super::names::{JobId, PolicyName, VmIdentity};
use super::point;
use super::point::RecoveryPoint;
use crate::advice::AdviceId;
use crate::time::Instant;
use crate::units::ByteCount;

/// The parts of a job, in order.
fn tasks(kind: JobKind, order: &Order) -> Vec<Task> {
    let creates_vm = order.restore.as_ref().is_some_and(|request| request.creates_vm());
    let kinds: &[TaskKind] = match kind {
        JobKind::Register => &[TaskKind::InstallExtension, TaskKind::Associate],
        JobKind::ConfigureProtection => &[TaskKind::ApplyPolicy],
        JobKind::Backup => &[TaskKind::TakeSnapshot, TaskKind::TransferData],
        JobKind::Restore if creates_vm => &[TaskKind::TransferFromVault, TaskKind::CreateVm],
        JobKind::Restore => &[TaskKind::TransferFromVault],
        JobKind::StopProtection => &[TaskKind::ApplyStop],
        JobKind::DeleteBackupData => &[TaskKind::Delete],
    };
    let task =
        |kind: &TaskKind| Task { kind: *kind, status: TaskStatus::NotStarted, started: None, ended: None };
    kinds.iter().map(task).collect()
}

impl Catalogue {
    /// Takes note of what happened at `at`.
    ///
    /// Events come from `decide` and `due`; one that names what is not here
    /// changes nothing.
    pub fn apply(&mut self, at: Instant, event: &VaultEvent) {
        match event {
            VaultEvent::DiscoveryStarted { ends } => {
                self.discovery.running_until = Some(*ends);
                self.discovery.not_before = None;
                self.agenda.insert((*ends, Due::Discovery));
            }
            VaultEvent::VmListed { item, region } => {
                let listed = Item::listed(item.clone(), region.clone());
                self.items.entry(item.clone()).or_insert(listed).region = region.clone();
            }
            VaultEvent::DiscoveryCompleted { .. } => {
                self.end_discovery();
                self.discovery.last = Some(at);
            }
            VaultEvent::DiscoveryFailed { not_before } => {
                self.end_discovery();
                self.discovery.not_before = Some(*not_before);
            }
            VaultEvent::PolicyCreated { name, policy } | VaultEvent::PolicyUpdated { name, policy } => {
                self.set_policy(at, name, policy);
            }
            VaultEvent::PolicyDeleted { name } => self.drop_policy(name),
            VaultEvent::RunDue { policy } => self.plan_next_run(at, policy),
            VaultEvent::JobCreated { job, kind, trigger, item, order, starts } => {
                self.create_job(at, *job, *kind, *trigger, item, order, *starts);
            }
            VaultEvent::CleanUpRan => {
                self.agenda.retain(|(_, due)| *due != Due::CleanUp);
                self.plan_clean_up(at);
            }
            VaultEvent::JobsForgotten { before } => {
                self.jobs.retain(|_, job| job.ended.is_none_or(|ended| ended >= *before));
                self.alerts.retain(|alert| alert.at >= *before);
            }
            VaultEvent::PointCreated { point } => self.add_point(point),
            VaultEvent::PointPruned { item, point } => {
                self.points.remove(point);
                self.with_item(item, |item| item.points.retain(|held| held != point));
            }
            VaultEvent::DataDeleted { item } => self.delete_data(item),
            VaultEvent::PolicyAssigned { item, policy } => self.assign_policy(item, policy),
            VaultEvent::AlertRaised { item, kind, id } => {
                self.alerts.push(Alert { at, item: item.clone(), kind: *kind, id: *id });
            }
            VaultEvent::ProfileSwitched { profile, flags } => {
                self.profile = (**profile).clone();
                self.items.values_mut().for_each(|item| item.flags.clear());
                for (item, flag) in flags {
                    self.with_item(item, |item| item.flags.insert(*flag));
                }
            }
            VaultEvent::ItemRegistering { item } => {
                self.with_item(item, |item| item.registration = Registration::Registering);
            }
            VaultEvent::ItemRegistered { item } => {
                self.with_item(item, |item| item.registration = Registration::Registered);
            }
            VaultEvent::RegistrationFailed { item, id } => {
                self.with_item(item, |item| item.registration = Registration::Failed(*id));
            }
            VaultEvent::ItemUnregistered { item } => {
                self.with_item(item, |item| item.registration = Registration::Unregistered);
            }
            VaultEvent::ProtectionConfiguring { item } => {
                self.with_item(item, |item| item.protection = Protection::Configuring);
            }
            VaultEvent::ProtectionStopped { item } => self.with_item(item, |item| {
                item.protection = Protection::StoppedRetained;
                item.policy = None;
            }),
            VaultEvent::CopyCarried { item, bytes } => self.with_item(item, |item| item.carried = *bytes),
            VaultEvent::ExtensionInstalled { .. }
            | VaultEvent::RunSkipped { .. }
            | VaultEvent::RestoreCompleted { .. }
            | VaultEvent::AppRecoveryStarted { .. }
            | VaultEvent::AlertSuppressed { .. }
            | VaultEvent::ItemRefused { .. } => {}
            of_job => self.apply_to_job(at, of_job),
        }
    }

    fn apply_to_job(&mut self, at: Instant, event: &VaultEvent) {
        match event {
            VaultEvent::JobStarted { job } => self.with_job(*job, |job| {
                job.status = JobStatus::InProgress;
                job.started = Some(at);
            }),
            VaultEvent::TaskStarted { job, task } => {
                self.with_task(*job, *task, |task| {
                    task.status = TaskStatus::InProgress;
                    task.started = Some(at);
                });
            }
            VaultEvent::TaskCompleted { job, task } => {
                self.with_task(*job, *task, |task| {
                    task.status = TaskStatus::Completed;
                    task.ended = Some(at);
                });
            }
            VaultEvent::PhaseEntered { job, phase, ends } => {
                let id = *job;
                let Some(job) = self.jobs.get_mut(&id) else { return };
                self.agenda.remove(&(job.phase_ends, Due::Step(id)));
                job.phase = Some(*phase);
                job.phase_began = at;
                job.phase_ends = *ends;
                job.doom = None;
                self.agenda.insert((*ends, Due::Step(id)));
            }
            VaultEvent::PhaseDoomed { job, doom } => {
                self.with_job(*job, |job| job.doom = Some((**doom).clone()));
            }
            VaultEvent::SnapshotDelayed { job, cause, .. } => {
                self.with_job(*job, |job| job.warnings.push(*cause));
            }
            VaultEvent::SnapshotTaken { job, consistency, config } => self.with_job(*job, |job| {
                job.consistency = Some(*consistency);
                job.snapshot_finished = Some(at);
                job.config = Some(config.clone());
            }),
            VaultEvent::DeltaComputed { job, work } => self.with_job(*job, |job| job.work = Some(*work)),
            VaultEvent::CancelRequested { job, ends } => {
                self.with_job(*job, |job| {
                    job.status = JobStatus::Cancelling;
                    job.cancel_ends = Some(*ends);
                });
                self.agenda.insert((*ends, Due::Cancel(*job)));
            }
            VaultEvent::CancelFailed { job } => {
                let Some(held) = self.jobs.get_mut(job) else { return };
                held.status = JobStatus::InProgress;
                held.warnings.push(AdviceId::Cancel04);
                if let Some(ends) = held.cancel_ends.take() {
                    self.agenda.remove(&(ends, Due::Cancel(*job)));
                }
            }
            VaultEvent::JobCompleted { job } => self.end_job(at, *job, JobStatus::Completed, None),
            VaultEvent::JobCompletedWithWarnings { job, warnings } => {
                self.with_job(*job, |job| job.warnings.extend(warnings));
                self.end_job(at, *job, JobStatus::CompletedWithWarnings, None);
            }
            VaultEvent::JobFailed { job, id, causes, not_before } => {
                self.with_job(*job, |job| job.causes.clone_from(causes));
                let kind = self.jobs.get(job).map(|job| (job.kind, job.item.clone()));
                if let (Some(wait), Some((kind, item))) = (not_before, kind) {
                    self.with_item(&item, |item| match kind {
                        JobKind::Register => item.register_not_before = Some(*wait),
                        _ => item.backup_not_before = Some(*wait),
                    });
                }
                self.end_job(at, *job, JobStatus::Failed, Some(*id));
            }
            VaultEvent::JobCancelled { job } => self.end_job(at, *job, JobStatus::Cancelled, None),
            _ => {}
        }
    }

    fn with_item<R>(&mut self, item: &VmIdentity, change: impl FnOnce(&mut Item) -> R) {
        if let Some(item) = self.items.get_mut(item) {
            change(item);
        }
    }

    fn with_job(&mut self, job: JobId, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.jobs.get_mut(&job) {
            change(job);
        }
    }

    fn with_task(&mut self, job: JobId, kind: TaskKind, change: impl FnOnce(&mut Task)) {
        let task =
            self.jobs.get_mut(&job).and_then(|job| job.tasks.iter_mut().find(|task| task.kind == kind));
        if let Some(task) = task {
            change(task);
        }
    }

    fn end_discovery(&mut self) {
        self.discovery.running_until = None;
        self.agenda.retain(|(_, due)| *due != Due::Discovery);
    }

    fn set_policy(&mut self, at: Instant, name: &PolicyName, policy: &BackupPolicy) {
        self.drop_policy(name);
        let next_run = policy.schedule.next_after(at);
        self.policies.insert(name.clone(), PolicyState { policy: policy.clone(), next_run });
        if let Some(next) = next_run {
            self.agenda.insert((next, Due::Run(name.clone())));
        }
        let items: Vec<VmIdentity> = self.items_of(name).map(|item| item.identity.clone()).collect();
        for item in items {
            self.recompute_expiries(&item);
        }
    }

    fn drop_policy(&mut self, name: &PolicyName) {
        if let Some(next) = self.policies.remove(name).and_then(|old| old.next_run) {
            self.agenda.remove(&(next, Due::Run(name.clone())));
        }
    }

    fn plan_next_run(&mut self, at: Instant, name: &PolicyName) {
        let Some(state) = self.policies.get_mut(name) else { return };
        if let Some(now) = state.next_run {
            self.agenda.remove(&(now, Due::Run(name.clone())));
        }
        state.next_run = state.policy.schedule.next_after(at);
        if let Some(next) = state.next_run {
            self.agenda.insert((next, Due::Run(name.clone())));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one event")]
    fn create_job(
        &mut self,
        at: Instant,
        id: JobId,
        kind: JobKind,
        trigger: Trigger,
        item: &VmIdentity,
        order: &Order,
        starts: Instant,
    ) {
        self.jobs_created = self.jobs_created.max(id.0);
        let job = Job {
            id,
            kind,
            trigger,
            item: item.clone(),
            order: order.clone(),
            status: JobStatus::Queued,
            phase: None,
            phase_ends: starts,
            phase_began: at,
            tasks: tasks(kind, order),
            created: at,
            started: None,
            ended: None,
            work: None,
            consistency: None,
            snapshot_finished: None,
            config: None,
            doom: None,
            cancel_ends: None,
            error: None,
            causes: Vec::new(),
            warnings: Vec::new(),
        };
        self.jobs.insert(id, job);
        self.agenda.insert((starts, Due::Step(id)));
        self.with_item(item, |item| {
            // A run that finds the item busy is recorded without taking it over.
            if item.active_job.is_none() {
                item.active_job = Some(id);
            }
            if trigger == Trigger::Scheduled {
                item.last_scheduled = Some(at);
            }
        });
    }

    fn end_job(&mut self, at: Instant, id: JobId, status: JobStatus, error: Option<AdviceId>) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        self.agenda.remove(&(job.phase_ends, Due::Step(id)));
        if let Some(ends) = job.cancel_ends.take() {
            self.agenda.remove(&(ends, Due::Cancel(id)));
        }
        let unfinished = match status {
            JobStatus::Cancelled => TaskStatus::Cancelled,
            _ => TaskStatus::Failed,
        };
        for task in job.tasks.iter_mut().filter(|task| task.status == TaskStatus::InProgress) {
            task.status = unfinished;
            task.ended = Some(at);
        }
        job.status = status;
        job.phase = None;
        job.doom = None;
        job.ended = Some(at);
        job.error = error;
        job.started = job.started.or(Some(at));
        job.config = None;
        let (kind, identity) = (job.kind, job.item.clone());
        self.with_item(&identity, |item| {
            if item.active_job == Some(id) {
                item.active_job = None;
            }
            if kind == JobKind::Backup {
                item.last_backup = Some(LastBackup { status, at, error });
                if status.is_success() {
                    item.backup_not_before = None;
                }
            }
            if kind == JobKind::Register && status.is_success() {
                item.register_not_before = None;
            }
        });
    }

    fn add_point(&mut self, point: &RecoveryPoint) {
        self.points_created = self.points_created.max(point.number.0);
        self.with_item(&point.item, |item| {
            item.points.push(point.number);
            item.carried = ByteCount::ZERO;
            if item.protection == Protection::PendingInitial {
                item.protection = Protection::Protected;
            }
        });
        self.points.insert(point.number, point.clone());
    }

    fn delete_data(&mut self, item: &VmIdentity) {
        let keeps_registration = self.profile.explicit_phases;
        let Some(item) = self.items.get_mut(item) else { return };
        for point in item.points.drain(..) {
            self.points.remove(&point);
        }
        item.protection = Protection::NotProtected;
        item.policy = None;
        item.last_backup = None;
        item.backup_not_before = None;
        item.carried = ByteCount::ZERO;
        if !keeps_registration {
            item.registration = Registration::Unregistered;
        }
    }

    fn assign_policy(&mut self, identity: &VmIdentity, policy: &PolicyName) {
        self.with_item(identity, |item| {
            item.policy = Some(policy.clone());
            item.registration = Registration::Registered;
            item.protection =
                if item.points.is_empty() { Protection::PendingInitial } else { Protection::Protected };
        });
        self.recompute_expiries(identity);
    }

    /// Gives every point of an item the expiry its policy says now.
    fn recompute_expiries(&mut self, identity: &VmIdentity) {
        let Some(item) = self.items.get(identity) else { return };
        let Some(state) = item.policy.as_ref().and_then(|name| self.policies.get(name)) else { return };
        let policy = &state.policy;
        for number in &item.points {
            if let Some(held) = self.points.get_mut(number) {
                held.expiry = point::expiry(
                    &policy.retention,
                    &policy.schedule,
                    &held.tags,
                    held.on_demand_until,
                    held.finished,
                    self.profile.simple_days_max,
                );
            }
        }
    }
}
