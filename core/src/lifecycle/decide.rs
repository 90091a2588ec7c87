//! Answering a person: a command becomes events, or a refusal.

mod policy;
mod protection;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::catalogue::Catalogue;
use super::command::VaultCommand;
use super::event::VaultEvent;
use super::item::{Item, NotBefore, Protection, Registration};
use super::job::{Job, JobKind, Order, Trigger};
use super::names::{JobId, VmIdentity};
use super::platform::{FaultPoint, Platform};
use super::profile::{Profile, RestoreOffer};
use super::refusal::{Missing, Refusal, Senseless};
use super::restore::{RestoreRequest, TargetGroup, objections};
use super::vm::{AgentState, Vm};
use super::{cancel, checks};
use crate::advice::{AdviceId, Argument, Placeholder};
use crate::policy::{DAY_MILLISECONDS, Date, LocalTime};
use crate::time::{Instant, Span};

type Answer = Result<Vec<VaultEvent>, Refusal>;

/// What `command` makes happen in `catalogue` at `now`.
///
/// A command for several items is carried out for each; the event
/// [`VaultEvent::ItemRefused`] tells of those refused.
///
/// # Errors
///
/// A [`Refusal`] says why not; for several items, only when all are refused,
/// and then it is the first item's.
pub fn decide(
    catalogue: &Catalogue,
    platform: &dyn Platform,
    now: Instant,
    command: &VaultCommand,
) -> Answer {
    let desk = Desk { catalogue, platform, now };
    match command {
        VaultCommand::RunDiscovery => desk.run_discovery(),
        VaultCommand::Register { items } => desk.each(items, |desk, item, job| desk.register(item, job)),
        VaultCommand::Unregister { item } => desk.unregister(item),
        VaultCommand::CreatePolicy { name, policy } => desk.create_policy(name, policy),
        VaultCommand::UpdatePolicy { name, policy } => desk.update_policy(name, policy),
        VaultCommand::DeletePolicy { name } => desk.delete_policy(name),
        VaultCommand::Protect { items, policy } => {
            desk.each(items, |desk, item, job| desk.protect(item, policy, job))
        }
        VaultCommand::ChangePolicy { item, policy } => {
            desk.in_state(item, &[Protection::PendingInitial, Protection::Protected])?;
            desk.protect(item, policy, desk.next_job())
        }
        VaultCommand::ResumeProtection { item, policy } => {
            desk.in_state(item, &[Protection::StoppedRetained])?;
            desk.protect(item, policy, desk.next_job())
        }
        VaultCommand::BackupNow { item, retain_until } => desk.backup_now(item, *retain_until),
        VaultCommand::Cancel { job } => desk.cancel(*job),
        VaultCommand::Restore(request) => desk.restore(request),
        VaultCommand::StopProtection { item, retain } => desk.stop(item, *retain),
        VaultCommand::DeleteBackupData { item } => desk.stop(item, false),
        VaultCommand::SwitchProfile(profile) => desk.switch_profile(profile),
    }
}

struct Desk<'a> {
    catalogue: &'a Catalogue,
    platform: &'a dyn Platform,
    now: Instant,
}

impl Desk<'_> {
    fn profile(&self) -> &Profile {
        &self.catalogue.profile
    }

    fn next_job(&self) -> JobId {
        JobId(self.catalogue.jobs_created + 1)
    }

    fn later(&self, span: Span) -> Instant {
        self.now.checked_add(span).unwrap_or(self.now)
    }

    fn job(
        &self,
        job: JobId,
        kind: JobKind,
        trigger: Trigger,
        item: &VmIdentity,
        order: Order,
    ) -> VaultEvent {
        let starts = self.later(self.profile().job_start_takes);
        VaultEvent::JobCreated { job, kind, trigger, item: item.clone(), order: Box::new(order), starts }
    }

    /// One answer per item; refused items are told of unless all are refused.
    fn each(&self, items: &[VmIdentity], one: impl Fn(&Self, &VmIdentity, JobId) -> Answer) -> Answer {
        let mut items: Vec<&VmIdentity> = items.iter().collect();
        let mut seen = alloc::collections::BTreeSet::new();
        items.retain(|item| seen.insert(*item));
        let mut events = Vec::new();
        let mut first_refusal = None;
        let mut jobs = self.catalogue.jobs_created;
        let mut accepted = false;
        for item in items {
            match one(self, item, JobId(jobs + 1)) {
                Ok(more) => {
                    jobs += 1;
                    accepted = true;
                    events.extend(more);
                }
                Err(refusal) => {
                    events.push(VaultEvent::ItemRefused { item: item.clone(), id: refusal.advice() });
                    first_refusal.get_or_insert(refusal);
                }
            }
        }
        match first_refusal {
            Some(refusal) if !accepted => Err(refusal),
            _ if !accepted => Err(Senseless::Nothing.into()),
            _ => Ok(events),
        }
    }

    fn run_discovery(&self) -> Answer {
        let discovery = &self.catalogue.discovery;
        if !self.profile().explicit_phases {
            return Err(Senseless::NotOffered.into());
        }
        if let Some(ends) = discovery.running_until {
            return Err(Refusal::plain(AdviceId::Disc07).until(Some(ends)));
        }
        if let Some(moment) = discovery.not_before.filter(|moment| self.now < *moment) {
            return Err(Refusal::plain(AdviceId::Disc06).until(Some(moment)));
        }
        Ok([VaultEvent::DiscoveryStarted { ends: self.later(self.profile().discovery_takes) }].into())
    }

    fn same_region(&self, vm: &Vm) -> Result<(), Refusal> {
        if vm.region == self.catalogue.region { Ok(()) } else { Err(Refusal::plain(AdviceId::Limit05)) }
    }

    fn room_for_another(&self) -> Result<(), Refusal> {
        let registered = self.catalogue.items.values().filter(|item| {
            matches!(item.registration, Registration::Registered | Registration::Registering)
                || item.protection != Protection::NotProtected
        });
        let most = usize::try_from(self.profile().vms_per_vault_max).unwrap_or(usize::MAX);
        if registered.count() < most { Ok(()) } else { Err(Senseless::Full.into()) }
    }

    /// Refuses while another job holds the item, under the id of the operation.
    fn not_busy(&self, item: &Item, id: AdviceId) -> Result<(), Refusal> {
        let Some(job) = self.catalogue.active_job(item) else { return Ok(()) };
        Err(Refusal::with(id, [Argument::new(Placeholder::Job, job.kind.name())]).because(AdviceId::Job01))
    }

    fn waited(&self, not_before: Option<NotBefore>) -> Result<(), Refusal> {
        match not_before.filter(|wait| self.now < wait.at) {
            Some(wait) => {
                let left = wait.at.since(self.now).milliseconds().div_euclid(60_000) + 1;
                let minutes = Argument::new(Placeholder::Count, left);
                Err(Refusal::with(wait.id, [minutes]).because(AdviceId::Limit09).until(Some(wait.at)))
            }
            None => Ok(()),
        }
    }

    fn in_state(&self, item: &VmIdentity, states: &[Protection]) -> Result<(), Refusal> {
        let item = self.catalogue.item(item)?;
        if states.contains(&item.protection) { Ok(()) } else { Err(Senseless::WrongState.into()) }
    }

    fn backup_now(&self, identity: &VmIdentity, retain_until: Option<Instant>) -> Answer {
        let profile = self.profile();
        let item = self.catalogue.item(identity)?;
        if !profile.on_demand_backup {
            let next = item.policy.as_ref().and_then(|name| self.catalogue.policies.get(name));
            let time = next.and_then(|state| Some((state.next_run?, state.policy.schedule.offset)));
            let time = time.map_or_else(
                || "-".to_string(),
                |(run, offset)| {
                    let local = offset.local_milliseconds(run).rem_euclid(DAY_MILLISECONDS) / 60_000;
                    let hour = u16::try_from(local / 60).unwrap_or(0);
                    let minute = u16::try_from(local % 60).unwrap_or(0);
                    let time = LocalTime::new(hour, minute).map(|time| time.to_string()).unwrap_or_default();
                    alloc::format!("{} {time}", Date::of(run, offset))
                },
            );
            return Err(Refusal::with(AdviceId::Prot09, [Argument::new(Placeholder::Time, time)]));
        }
        self.not_busy(item, AdviceId::Bkp08)?;
        if !item.is_scheduled() {
            return Err(Senseless::WrongState.into());
        }
        let vm = self.platform.vm(identity);
        if vm.is_some_and(|vm| vm.agent.state == AgentState::Updating) {
            return Err(Refusal::plain(AdviceId::Agent07));
        }
        self.waited(item.backup_not_before)?;
        let troubled = checks::region_trouble(self.catalogue, self.platform);
        if !troubled && !self.platform.fault(FaultPoint::Backup) {
            let vm = vm.ok_or_else(|| Refusal::plain(AdviceId::Bkp12))?;
            if let Some(fault) = checks::premium(profile, vm) {
                return Err(Refusal::plain(fault.id));
            }
        }
        let default = i64::from(profile.on_demand_days).saturating_mul(DAY_MILLISECONDS);
        let until = retain_until.unwrap_or_else(|| self.later(Span::from_milliseconds(default)));
        if until <= self.now {
            return Err(Senseless::Time.into());
        }
        let order = Order { retain_until: Some(until), ..Order::default() };
        Ok([self.job(self.next_job(), JobKind::Backup, Trigger::OnDemand, identity, order)].into())
    }

    fn cancel(&self, job: JobId) -> Answer {
        let held: &Job = self.catalogue.job(job)?;
        cancel::check(self.profile(), self.platform, held, self.now)?;
        Ok([VaultEvent::CancelRequested { job, ends: self.later(self.profile().cancel_takes) }].into())
    }

    fn restore(&self, request: &RestoreRequest) -> Answer {
        let profile = self.profile();
        let item = self.catalogue.item(&request.item)?;
        let number = request.point.or_else(|| item.points.last().copied());
        let point = number
            .filter(|number| item.points.contains(number))
            .and_then(|number| self.catalogue.points.get(&number))
            .ok_or_else(|| Refusal::Missing(Missing::Point, request.item.to_string()))?;
        if !request.creates_vm() && profile.restore == RestoreOffer::NewVmOnly {
            return Err(Senseless::NotOffered.into());
        }
        self.not_busy(item, AdviceId::Bkp08)?;
        if self.platform.account(&request.account).is_none() {
            return Err(Refusal::Missing(Missing::Account, request.account.to_string()));
        }
        if let TargetGroup::Existing(name) = &request.group
            && self.platform.group(name).is_none()
        {
            return Err(Refusal::Missing(Missing::Group, name.to_string()));
        }
        if profile.restore_errors {
            let objections = objections(self.platform, &self.catalogue.region, point, request);
            if let Some(id) = objections.first() {
                let region = Argument::new(Placeholder::Region, &self.catalogue.region);
                return Err(Refusal::with(*id, [region]));
            }
        }
        if request.creates_vm() && self.target_exists(request) {
            return Err(Senseless::Exists.into());
        }
        let request = RestoreRequest { point: Some(point.number), ..request.clone() };
        let identity = request.item.clone();
        let order = Order { restore: Some(request), ..Order::default() };
        Ok([self.job(self.next_job(), JobKind::Restore, Trigger::User, &identity, order)].into())
    }

    fn target_exists(&self, request: &RestoreRequest) -> bool {
        let group = request.target_group();
        let target = group.map(|group| VmIdentity { group, name: request.name.clone() });
        target.is_none_or(|target| self.platform.vm(&target).is_some())
    }
}
