//! What a vault knows: items, policies, jobs, recovery points.
//!
//! The state is the fold of its events: [`Catalogue::apply`] is the only
//! writer, and `decide` and `due` only read.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::event::AlertKind;
use super::item::{BackupPolicy, Item};
use super::job::Job;
use super::names::{JobId, PointNumber, PolicyName, RegionName, VaultName, VmIdentity};
use super::point::RecoveryPoint;
use super::profile::Profile;
use super::refusal::{Missing, Refusal};
use crate::advice::AdviceId;
use crate::policy::DAY_MILLISECONDS;
use crate::time::{Instant, Span};

/// What happens by itself at a moment. In this order where moments are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Due {
    /// Discovery ends.
    Discovery,
    /// The present step of a job ends.
    Step(JobId),
    /// A cancel takes effect.
    Cancel(JobId),
    /// Expired points go.
    CleanUp,
    /// A run of a policy is due.
    Run(PolicyName),
}

/// How discovery is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// When the running search ends; none while idle.
    pub running_until: Option<Instant>,
    /// A new search before this is refused.
    pub not_before: Option<Instant>,
    /// When the last search ended well.
    pub last: Option<Instant>,
}

/// A policy and when it runs next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyState {
    /// What it says.
    pub policy: BackupPolicy,
    /// When its next run is due.
    pub next_run: Option<Instant>,
}

/// A call for attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// When it was raised.
    pub at: Instant,
    /// About which item.
    pub item: VmIdentity,
    /// About what.
    pub kind: AlertKind,
    /// The error, if there was one.
    pub id: Option<AdviceId>,
}

/// Everything one vault knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Its name.
    pub name: VaultName,
    /// Where it is.
    pub region: RegionName,
    /// Its rules.
    pub profile: Profile,
    /// How discovery is.
    pub discovery: Discovery,
    /// Its policies.
    pub policies: BTreeMap<PolicyName, PolicyState>,
    /// Its items.
    pub items: BTreeMap<VmIdentity, Item>,
    /// Its jobs, as long as they are remembered.
    pub jobs: BTreeMap<JobId, Job>,
    /// Its recovery points.
    pub points: BTreeMap<PointNumber, RecoveryPoint>,
    /// Its alerts, as long as jobs are remembered.
    pub alerts: Vec<Alert>,
    /// How many jobs there ever were.
    pub jobs_created: u64,
    /// How many points there ever were.
    pub points_created: u64,
    /// What happens by itself, and when.
    pub(super) agenda: BTreeSet<(Instant, Due)>,
}

impl Catalogue {
    /// A vault without anything, made at `now`; its first clean-up is a day later.
    pub fn new(name: VaultName, region: RegionName, profile: Profile, now: Instant) -> Catalogue {
        let mut catalogue = Catalogue {
            name,
            region,
            profile,
            discovery: Discovery::default(),
            policies: BTreeMap::new(),
            items: BTreeMap::new(),
            jobs: BTreeMap::new(),
            points: BTreeMap::new(),
            alerts: Vec::new(),
            jobs_created: 0,
            points_created: 0,
            agenda: BTreeSet::new(),
        };
        catalogue.plan_clean_up(now);
        catalogue
    }

    pub(super) fn plan_clean_up(&mut self, now: Instant) {
        if let Some(next) = now.checked_add(Span::from_milliseconds(DAY_MILLISECONDS)) {
            self.agenda.insert((next, Due::CleanUp));
        }
    }

    /// The next thing that happens by itself.
    pub fn next_due(&self) -> Option<&(Instant, Due)> {
        self.agenda.first()
    }

    /// Everything that happens by itself, soonest first.
    pub fn agenda(&self) -> impl Iterator<Item = &(Instant, Due)> {
        self.agenda.iter()
    }

    /// A job.
    ///
    /// # Errors
    ///
    /// [`Refusal::Missing`] when there is none of this number.
    pub fn job(&self, id: JobId) -> Result<&Job, Refusal> {
        self.jobs.get(&id).ok_or_else(|| Refusal::Missing(Missing::Job, id.to_string()))
    }

    /// An item.
    ///
    /// # Errors
    ///
    /// [`Refusal::Missing`] when there is none of this identity.
    pub fn item(&self, identity: &VmIdentity) -> Result<&Item, Refusal> {
        self.items.get(identity).ok_or_else(|| Refusal::Missing(Missing::Item, identity.to_string()))
    }

    /// A policy.
    ///
    /// # Errors
    ///
    /// [`Refusal::Missing`] when there is none of this name.
    pub fn policy(&self, name: &PolicyName) -> Result<&PolicyState, Refusal> {
        self.policies.get(name).ok_or_else(|| Refusal::Missing(Missing::Policy, name.to_string()))
    }

    /// The job that holds an item.
    pub fn active_job(&self, item: &Item) -> Option<&Job> {
        item.active_job.and_then(|id| self.jobs.get(&id))
    }

    /// The newest point of an item.
    pub fn newest_point(&self, item: &Item) -> Option<&RecoveryPoint> {
        item.points.last().and_then(|number| self.points.get(number))
    }

    /// The items that use a policy.
    pub fn items_of(&self, policy: &PolicyName) -> impl Iterator<Item = &Item> {
        self.items.values().filter(move |item| item.policy.as_ref() == Some(policy))
    }

    /// Whether any job is at work or waiting.
    pub fn has_active_jobs(&self) -> bool {
        self.items.values().any(|item| item.active_job.is_some())
    }
}
