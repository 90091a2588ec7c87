//! What a person sees at a glance: counts of jobs, lists to choose from, crowds.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::Serialize;

use super::catalogue::Catalogue;
use super::item::{Item, Protection, Registration};
use super::job::{Job, JobKind, JobStatus};
use super::names::{GroupName, JobId, RegionName, VmIdentity, VmName};
use super::platform::Platform;
use super::vm::{DeploymentModel, Vm};
use crate::advice::AdviceId;
use crate::time::{Instant, Span};

/// Jobs of the last hours in three groups, and the protected machines (UI-06, JOB-03).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dashboard {
    /// Machines with a policy.
    pub protected: u32,
    /// Jobs that ended well.
    pub succeeded: Vec<JobId>,
    /// Jobs that failed.
    pub failed: Vec<JobId>,
    /// Jobs at work or waiting.
    pub in_progress: Vec<JobId>,
}

/// The dashboard of a vault at `now`. Cancelled jobs belong to none of its groups.
pub fn dashboard(catalogue: &Catalogue, now: Instant) -> Dashboard {
    let hours = i64::from(catalogue.profile.dashboard_hours);
    let window = Span::from_milliseconds(hours * 3_600_000);
    let recent = |job: &&Job| job.ended.is_none_or(|ended| now.since(ended) <= window);
    let mut dashboard = Dashboard::default();
    for job in catalogue.jobs.values().filter(recent) {
        match job.status {
            JobStatus::Completed | JobStatus::CompletedWithWarnings => dashboard.succeeded.push(job.id),
            JobStatus::Failed => dashboard.failed.push(job.id),
            JobStatus::Queued | JobStatus::InProgress | JobStatus::Cancelling => {
                dashboard.in_progress.push(job.id);
            }
            JobStatus::Cancelled => {}
        }
    }
    let protected = catalogue.items.values().filter(|item| item.is_scheduled()).count();
    dashboard.protected = u32::try_from(protected).unwrap_or(u32::MAX);
    dashboard
}

/// Who can be registered: listed, unregistered, in the vault's region (REG-08).
pub fn register_list<'a>(catalogue: &'a Catalogue, platform: &'a dyn Platform) -> Vec<&'a Item> {
    let open =
        |item: &&Item| matches!(item.registration, Registration::Unregistered | Registration::Failed(_));
    let here = |item: &&Item| item.region == catalogue.region && platform.vm(&item.identity).is_some();
    catalogue.items.values().filter(open).filter(here).collect()
}

/// Who can be protected: registered, in the vault's region, not yet protected (PROT-05).
///
/// Where registration is implicit, every machine of the region that is not protected.
pub fn protect_list(catalogue: &Catalogue, platform: &dyn Platform) -> Vec<VmIdentity> {
    let free = |identity: &VmIdentity| {
        let item = catalogue.items.get(identity);
        let registered = item.is_some_and(|item| item.registration == Registration::Registered);
        item.is_none_or(|item| item.protection == Protection::NotProtected)
            && (registered || !catalogue.profile.explicit_phases)
    };
    let here = platform.vms().filter(|vm| vm.region == catalogue.region);
    here.map(|vm| vm.identity.clone()).filter(free).collect()
}

/// Cloud services of which more machines start together than should (POL-08), with those machines.
pub fn crowds(catalogue: &Catalogue, platform: &dyn Platform) -> BTreeMap<GroupName, Vec<VmIdentity>> {
    let Some(max) = catalogue.profile.starts_per_cloud_service_max else { return BTreeMap::new() };
    let mut starts: BTreeMap<(GroupName, Option<Instant>), Vec<VmIdentity>> = BTreeMap::new();
    for item in catalogue.items.values().filter(|item| item.is_scheduled()) {
        let classic = platform.vm(&item.identity).is_some_and(|vm| vm.model == DeploymentModel::Classic);
        let state = item.policy.as_ref().and_then(|name| catalogue.policies.get(name));
        if let Some(state) = state.filter(|_| classic) {
            let key = (item.identity.group.clone(), state.next_run);
            starts.entry(key).or_default().push(item.identity.clone());
        }
    }
    let crowded =
        starts.into_iter().filter(|(_, vms)| vms.len() > usize::try_from(max).unwrap_or(usize::MAX));
    crowded.map(|((group, _), vms)| (group, vms)).collect()
}

/// What a list of jobs is narrowed to (JOB-02); `None` narrows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only jobs that do this.
    pub kind: Option<JobKind>,
    /// Only jobs in this status.
    pub status: Option<JobStatus>,
    /// Only jobs created at or after this moment.
    pub since: Option<Instant>,
}

/// The jobs a filter lets through, newest first.
pub fn jobs(catalogue: &Catalogue, filter: JobFilter) -> Vec<&Job> {
    let wanted = |job: &&Job| {
        filter.kind.is_none_or(|kind| job.kind == kind)
            && filter.status.is_none_or(|status| job.status == status)
            && filter.since.is_none_or(|since| job.created >= since)
    };
    catalogue.jobs.values().rev().filter(wanted).collect()
}

/// Names that several of `machines` share, so that their groups must be shown (REG-06, PROT-03).
pub fn shared_names<'a>(machines: impl IntoIterator<Item = &'a VmIdentity>) -> BTreeSet<&'a VmName> {
    let (mut seen, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for machine in machines {
        if !seen.insert(&machine.name) {
            shared.insert(&machine.name);
        }
    }
    shared
}

/// Whether the progress of a job can be shown: not while its machine is cut off (NET-04).
///
/// The job runs on either way.
pub fn progress_visible(platform: &dyn Platform, job: &Job) -> bool {
    let vm = platform.vm(&job.item);
    job.snapshot_finished.is_none() || vm.is_none_or(|vm| !vm.is_running() || platform.egress_open(vm))
}

/// What is missing before `vm` can be backed up into a vault of `vault_regions` (PRE-01).
pub fn prerequisites_missing(
    platform: &dyn Platform,
    vault_regions: &BTreeSet<RegionName>,
    vm: &Vm,
) -> Vec<AdviceId> {
    let mut missing = Vec::new();
    if !vault_regions.contains(&vm.region) {
        missing.push(AdviceId::Limit05);
    }
    if !platform.egress_open(vm) {
        missing.push(AdviceId::Net01);
    }
    if !vm.agent.installed() {
        missing.push(AdviceId::Agent02);
    }
    missing
}
