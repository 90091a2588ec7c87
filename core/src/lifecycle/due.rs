//! Answering the clock: what happens by itself at a moment.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::catalogue::{Catalogue, Due};
use super::checks;
use super::checks::Fault;
use super::event::{AlertKind, VaultEvent};
use super::item::{Item, NotBefore};
use super::job::{Doom, Job, JobKind, JobStatus, Order, Phase, Trigger};
use super::names::{JobId, PolicyName};
use super::platform::{FaultPoint, Platform};
use super::profile::Profile;
use super::vm::AgentState;
use crate::advice::AdviceId;
use crate::policy::{Circumstances, ClockTrust, Date, KeepRules, plan};
use crate::time::{Instant, Span};

/// What `due` makes happen in `catalogue` at `now`.
pub fn due(catalogue: &Catalogue, platform: &dyn Platform, now: Instant, due: &Due) -> Vec<VaultEvent> {
    let round = Round { catalogue, platform, now };
    match due {
        Due::Discovery => round.end_discovery(),
        Due::Step(id) => catalogue.jobs.get(id).map_or_else(Vec::new, |job| round.step(job)),
        Due::Cancel(job) => [VaultEvent::JobCancelled { job: *job }].into(),
        Due::CleanUp => round.clean_up(),
        Due::Run(policy) => round.run(policy),
    }
}

/// One look at a vault and its surroundings at a moment.
pub(super) struct Round<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) platform: &'a dyn Platform,
    pub(super) now: Instant,
}

impl Round<'_> {
    pub(super) fn profile(&self) -> &Profile {
        &self.catalogue.profile
    }

    pub(super) fn later(&self, span: Span) -> Instant {
        self.now.checked_add(span).unwrap_or(self.now)
    }

    pub(super) fn enter(&self, job: &Job, phase: Phase, takes: Span) -> VaultEvent {
        VaultEvent::PhaseEntered { job: job.id, phase, ends: self.later(takes) }
    }

    /// A step that will end in failure, at the latest at `ends`.
    pub(super) fn stall(
        &self,
        job: &Job,
        phase: Phase,
        ends: Instant,
        fault: Fault,
        resumable: bool,
    ) -> [VaultEvent; 2] {
        let doom = Doom { id: fault.id, causes: fault.causes, resumable };
        [
            VaultEvent::PhaseEntered { job: job.id, phase, ends: ends.max(self.now) },
            VaultEvent::PhaseDoomed { job: job.id, doom: Box::new(doom) },
        ]
    }

    /// The job fails, and those who should know are told.
    pub(super) fn fail(&self, job: &Job, fault: Fault) -> Vec<VaultEvent> {
        let wait = match job.kind {
            JobKind::Register | JobKind::Backup => checks::not_before(self.profile(), fault.id, self.now),
            _ => None,
        };
        self.fail_with(job, fault, wait)
    }

    fn fail_with(&self, job: &Job, fault: Fault, not_before: Option<NotBefore>) -> Vec<VaultEvent> {
        let mut events = Vec::new();
        let id = fault.id;
        if job.kind == JobKind::Register {
            events.push(VaultEvent::RegistrationFailed { item: job.item.clone(), id });
        }
        events.push(VaultEvent::JobFailed { job: job.id, id, causes: fault.causes, not_before });
        let alert = match job.kind {
            JobKind::Backup => Some(AlertKind::BackupFailed),
            JobKind::Restore => Some(AlertKind::RestoreFailed),
            _ => None,
        };
        let known = matches!(id, AdviceId::Bkp08 | AdviceId::Bkp09 | AdviceId::Bkp12 | AdviceId::Bkp18)
            || (id == AdviceId::Bkp06 && self.platform.vm(&job.item).is_none());
        match alert {
            Some(_) if known => events.push(VaultEvent::AlertSuppressed { item: job.item.clone(), id }),
            Some(kind) => events.push(VaultEvent::AlertRaised { item: job.item.clone(), kind, id: Some(id) }),
            None => {}
        }
        events
    }

    fn step(&self, job: &Job) -> Vec<VaultEvent> {
        if let (Some(doom), Some(_)) = (&job.doom, job.phase) {
            return self.end_doomed(job, doom);
        }
        if job.status == JobStatus::Queued {
            let mut events = Vec::from([VaultEvent::JobStarted { job: job.id }]);
            events.extend(self.begin(job));
            return events;
        }
        match job.kind {
            JobKind::Backup => self.backup_step(job),
            JobKind::Restore => self.restore_step(job),
            JobKind::Register
            | JobKind::ConfigureProtection
            | JobKind::StopProtection
            | JobKind::DeleteBackupData => self.configure_step(job),
        }
    }

    fn begin(&self, job: &Job) -> Vec<VaultEvent> {
        match job.kind {
            JobKind::Backup => self.begin_backup(job),
            JobKind::Restore => self.begin_restore(job),
            _ => self.begin_configure(job),
        }
    }

    fn end_doomed(&self, job: &Job, doom: &Doom) -> Vec<VaultEvent> {
        let mut events = Vec::new();
        if doom.resumable {
            let held = self.catalogue.items.get(&job.item).map_or(0, |item| item.carried.get());
            let bytes = crate::units::ByteCount::new(held.saturating_add(job.bytes_done(self.now).get()));
            events.push(VaultEvent::CopyCarried { item: job.item.clone(), bytes });
        }
        events.extend(self.fail(job, Fault { id: doom.id, causes: doom.causes.clone() }));
        events
    }

    fn end_discovery(&self) -> Vec<VaultEvent> {
        if self.platform.fault(FaultPoint::Discovery) {
            return [VaultEvent::DiscoveryFailed { not_before: self.later(self.profile().discovery_retry) }]
                .into();
        }
        let news = self.platform.vms().filter(|vm| match self.catalogue.items.get(&vm.identity) {
            None => true,
            // Made again elsewhere, and nothing depends on where it was.
            Some(item) => item.region != vm.region && item.is_free(),
        });
        let mut events: Vec<VaultEvent> = news
            .map(|vm| VaultEvent::VmListed { item: vm.identity.clone(), region: vm.region.clone() })
            .collect();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let unknown = self.platform.vms().filter(|vm| !self.catalogue.items.contains_key(&vm.identity));
        let (found, new) = (count(self.platform.vms().count()), count(unknown.count()));
        events.push(VaultEvent::DiscoveryCompleted { found, new });
        events
    }

    fn clean_up(&self) -> Vec<VaultEvent> {
        let mut events = Vec::from([VaultEvent::CleanUpRan]);
        let active = self.catalogue.items.values().filter(|item| item.is_scheduled());
        for item in active {
            events.extend(self.pruned(item));
        }
        let kept = self.profile().jobs_kept.milliseconds();
        let before = Instant::from_unix_milliseconds(self.now.unix_milliseconds().saturating_sub(kept));
        let old = |job: &Job| job.ended.is_some_and(|ended| ended < before);
        if self.catalogue.jobs.values().next().is_some_and(old) || self.catalogue.jobs.values().any(old) {
            events.push(VaultEvent::JobsForgotten { before });
        }
        events
    }

    fn pruned(&self, item: &Item) -> Vec<VaultEvent> {
        let points: Vec<_> =
            item.points.iter().filter_map(|number| self.catalogue.points.get(number)).collect();
        if points.iter().all(|point| self.now <= point.expiry) {
            return Vec::new();
        }
        let candidates: Vec<_> = points.iter().map(|point| point.candidate()).collect();
        let trust =
            ClockTrust { now_confirmed: true, confirmed_through: Some(u64::MAX), ..ClockTrust::step_days(1) };
        let circumstances = Circumstances { now: self.now, lock: None, trust };
        let plan = plan(&candidates, &KeepRules::default(), &circumstances);
        let gone = plan.forgotten().filter(|point| self.platform.lets_go(**point));
        gone.map(|point| VaultEvent::PointPruned { item: item.identity.clone(), point: *point }).collect()
    }

    fn run(&self, name: &PolicyName) -> Vec<VaultEvent> {
        let mut events = Vec::from([VaultEvent::RunDue { policy: name.clone() }]);
        let mut jobs = self.catalogue.jobs_created;
        let items = self.catalogue.items_of(name).filter(|item| item.is_scheduled());
        for item in items {
            if self.had_its_run_today(item, name) {
                events.push(VaultEvent::RunSkipped { item: item.identity.clone(), id: AdviceId::Pol02 });
                continue;
            }
            jobs += 1;
            events.extend(self.scheduled_job(item, JobId(jobs)));
        }
        events
    }

    /// Another policy, or an earlier time of this one, may already have run today.
    fn had_its_run_today(&self, item: &Item, name: &PolicyName) -> bool {
        let Some(state) = self.catalogue.policies.get(name) else { return false };
        let offset = state.policy.schedule.offset;
        let today = Date::of(self.now, offset);
        self.profile().runs_per_day_max == 1
            && item.last_scheduled.is_some_and(|last| Date::of(last, offset) == today)
    }

    fn scheduled_job(&self, item: &Item, id: JobId) -> Vec<VaultEvent> {
        let jitter = u64::try_from(self.profile().start_jitter.milliseconds()).unwrap_or(0);
        let jitter = self.platform.draw(&[id.0, 1], jitter.saturating_add(1));
        let jitter = Span::from_milliseconds(i64::try_from(jitter).unwrap_or(0));
        let starts = self.later(self.profile().job_start_takes);
        let starts = starts.checked_add(jitter).unwrap_or(starts);
        let created = VaultEvent::JobCreated {
            job: id,
            kind: JobKind::Backup,
            trigger: Trigger::Scheduled,
            item: item.identity.clone(),
            order: Box::new(Order::default()),
            starts,
        };
        let Some(fault) = self.scheduled_fault(item) else { return [created].into() };
        let mut events = Vec::from([created, VaultEvent::JobStarted { job: id }]);
        let known = matches!(fault.id, AdviceId::Bkp08 | AdviceId::Bkp09 | AdviceId::Bkp06);
        let item = item.identity.clone();
        let not_before = match fault.id {
            AdviceId::Bkp06 => checks::not_before(self.profile(), fault.id, self.now),
            _ => None,
        };
        let failed = VaultEvent::JobFailed { job: id, id: fault.id, causes: fault.causes, not_before };
        events.push(failed);
        events.push(if known {
            VaultEvent::AlertSuppressed { item, id: fault.id }
        } else {
            VaultEvent::AlertRaised { item, kind: AlertKind::BackupFailed, id: Some(fault.id) }
        });
        events
    }

    /// What keeps a due run from even starting: a busy item, an agent being
    /// updated, or a machine that is gone while the platform can tell.
    fn scheduled_fault(&self, item: &Item) -> Option<Fault> {
        if item.active_job.is_some() {
            return Some(Fault::new(AdviceId::Bkp08, [AdviceId::Job01]));
        }
        let vm = self.platform.vm(&item.identity);
        if vm.is_some_and(|vm| vm.agent.state == AgentState::Updating) {
            return Some(Fault::new(AdviceId::Agent07, []));
        }
        let tells = checks::internal_fault(self.catalogue, self.platform).is_none();
        let id = checks::by_era(self.profile(), AdviceId::Bkp06, AdviceId::Bkp09);
        (vm.is_none() && tells).then(|| Fault::new(id, []))
    }
}
