//! What a backup of a machine would meet, looked at before anything is asked.
//!
//! The same checks in the same order as a job makes them, so what is found
//! here is the error that the job would end with.

use alloc::vec::Vec;

use serde::Serialize;

use super::catalogue::Catalogue;
use super::checks::{self, Fault, Guest};
use super::consistency::{Consistency, reached, remarks, requested};
use super::item::{BackupPolicy, Registration};
use super::platform::{CopyWork, Platform};
use super::vm::{DeploymentModel, Vm};
use crate::advice::AdviceId;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// Machine and vault lie in one region.
    Region,
    /// The machine is registered, where that is a step.
    Registration,
    /// How many data disks it has.
    DataDisks,
    /// On which storage its disks lie.
    Storage,
    /// Whether the service itself is well.
    Service,
    /// Agent, extension and the way to the platform.
    Guest,
    /// The shadow copy service and locked disks.
    ShadowCopy,
    /// How good the point will be.
    Consistency,
    /// What makes the snapshot late.
    Delays,
    /// Whether the copy ends in time.
    CopyTime,
    /// Whether too many machines start together.
    Crowd,
}

/// What a look comes to, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing stands against it.
    Passes,
    /// The backup works, with something to know.
    Warns,
    /// The backup fails, or is refused.
    Fails,
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub concern: Concern,
    /// What it came to.
    pub verdict: Verdict,
    /// The rule, or what was found against it.
    pub id: AdviceId,
    /// What is behind it.
    pub causes: Vec<AdviceId>,
}

/// Every rule that applies to backing up `vm` by `policy`, in the order of checks.
///
/// `copy` is what copying all of the machine has to do; without it the time of
/// the copy is judged by the number of disks alone.
pub fn preflight(
    catalogue: &Catalogue,
    platform: &dyn Platform,
    vm: &Vm,
    policy: Option<&BackupPolicy>,
    copy: Option<CopyWork>,
) -> Vec<Check> {
    let look = Look { catalogue, platform, vm };
    let mut checks = Vec::from([look.region()]);
    checks.extend(look.registration());
    checks.extend([look.data_disks(), look.storage(), look.service(), look.guest(), look.shadow_copy()]);
    checks.push(look.consistency());
    checks.push(look.delays());
    checks.push(look.copy_time(policy, copy));
    checks.extend(look.crowd(policy));
    checks
}

struct Look<'a> {
    catalogue: &'a Catalogue,
    platform: &'a dyn Platform,
    vm: &'a Vm,
}

fn check(concern: Concern, rule: AdviceId, fault: Option<Fault>) -> Check {
    match fault {
        None => Check { concern, verdict: Verdict::Passes, id: rule, causes: Vec::new() },
        Some(fault) => Check { concern, verdict: Verdict::Fails, id: fault.id, causes: fault.causes },
    }
}

impl Look<'_> {
    fn by_era(&self, classic: AdviceId, recovery: AdviceId) -> AdviceId {
        checks::by_era(&self.catalogue.profile, classic, recovery)
    }

    fn region(&self) -> Check {
        let away = self.vm.region != self.catalogue.region;
        check(Concern::Region, AdviceId::Limit05, away.then(|| Fault::new(AdviceId::Limit05, [])))
    }

    fn registration(&self) -> Option<Check> {
        if !self.catalogue.profile.explicit_phases {
            return None;
        }
        let item = self.catalogue.items.get(&self.vm.identity);
        let fault = match item.map(|item| item.registration) {
            Some(Registration::Registered) => None,
            Some(Registration::Failed(id)) => Some(Fault::new(AdviceId::Reg01, [id])),
            Some(_) => Some(Fault::new(AdviceId::Reg01, [])),
            None => Some(Fault::new(AdviceId::Pre02, [AdviceId::Disc02])),
        };
        Some(check(Concern::Registration, AdviceId::Reg01, fault))
    }

    /// Too many to begin with; too many to be copied is told by the copy's time.
    fn data_disks(&self) -> Check {
        let rule = self.by_era(AdviceId::Limit01, AdviceId::Limit02);
        let many = self.vm.data_disks() > self.catalogue.profile.data_disks_max;
        check(Concern::DataDisks, rule, many.then(|| Fault::new(rule, [])))
    }

    fn storage(&self) -> Check {
        let rule = self.by_era(AdviceId::Limit06, AdviceId::Bkp17);
        check(Concern::Storage, rule, checks::premium(&self.catalogue.profile, self.vm))
    }

    fn service(&self) -> Check {
        let rule = self.by_era(AdviceId::Bkp06, AdviceId::Bkp14);
        check(Concern::Service, rule, checks::internal_fault(self.catalogue, self.platform))
    }

    fn guest(&self) -> Check {
        let fault = match checks::guest(&self.catalogue.profile, self.platform, self.vm) {
            Guest::Off | Guest::Ready { .. } => None,
            Guest::Fails(fault) | Guest::Stalls(fault) => Some(fault),
        };
        check(Concern::Guest, AdviceId::Pre01, fault)
    }

    fn shadow_copy(&self) -> Check {
        let rule = self.by_era(AdviceId::Bkp05, AdviceId::Bkp15);
        check(Concern::ShadowCopy, rule, checks::shadow_copy(&self.catalogue.profile, self.vm))
    }

    fn consistency(&self) -> Check {
        let level = reached(self.vm);
        let is_less = level < requested(self.vm) || level == Consistency::Crash;
        let verdict = if is_less { Verdict::Warns } else { Verdict::Passes };
        let causes = remarks(self.vm, level);
        Check { concern: Concern::Consistency, verdict, id: level.advice(), causes }
    }

    fn delays(&self) -> Check {
        let profile = &self.catalogue.profile;
        let rule = self.by_era(AdviceId::Bkp05, AdviceId::Bkp10);
        // A guest that is off is not asked to hold still.
        if !self.vm.is_running() {
            return check(Concern::Delays, rule, None);
        }
        let delays = checks::delays(profile, self.platform, self.vm);
        let late: i64 = delays.iter().map(|(_, by)| by.milliseconds()).sum();
        let causes: Vec<AdviceId> = delays.iter().map(|(cause, _)| *cause).collect();
        let ready = super::backup::snapshot_ready_after(self.vm).milliseconds().saturating_add(late);
        if ready > profile.snapshot_deadline.milliseconds() {
            return check(Concern::Delays, rule, Some(Fault { id: rule, causes }));
        }
        match causes.split_first() {
            Some((first, rest)) => {
                Check { concern: Concern::Delays, verdict: Verdict::Warns, id: *first, causes: rest.to_vec() }
            }
            None => check(Concern::Delays, rule, None),
        }
    }

    fn copy_time(&self, policy: Option<&BackupPolicy>, copy: Option<CopyWork>) -> Check {
        let profile = &self.catalogue.profile;
        let id = self.by_era(AdviceId::Bkp04, AdviceId::Bkp13);
        if self.vm.data_disks() >= profile.copy_risk_data_disks {
            let limit = self.by_era(AdviceId::Limit01, AdviceId::Limit02);
            return check(Concern::CopyTime, id, Some(Fault::new(id, [limit])));
        }
        let Some(copy) = copy else { return check(Concern::CopyTime, id, None) };
        if profile.data_ceiling_bytes.is_some_and(|ceiling| copy.send.get() > ceiling) {
            return check(Concern::CopyTime, id, Some(Fault::new(AdviceId::Bkp06, [])));
        }
        let window = policy.and_then(|policy| policy.copy_window);
        let window = window.map_or(profile.copy_deadline, |window| window.min(profile.copy_deadline));
        check(Concern::CopyTime, id, (copy.takes > window).then(|| Fault::new(id, [])))
    }

    fn crowd(&self, policy: Option<&BackupPolicy>) -> Option<Check> {
        let max = self.catalogue.profile.starts_per_cloud_service_max?;
        let policy = policy.filter(|_| self.vm.model == DeploymentModel::Classic)?;
        let together = self.catalogue.items.values().filter(|item| {
            let state = item.policy.as_ref().and_then(|name| self.catalogue.policies.get(name));
            item.identity.group == self.vm.identity.group
                && item.identity != self.vm.identity
                && item.is_scheduled()
                && state.is_some_and(|state| state.policy.schedule == policy.schedule)
        });
        let is_crowd = together.count() >= usize::try_from(max).unwrap_or(usize::MAX);
        let verdict = if is_crowd { Verdict::Warns } else { Verdict::Passes };
        Some(Check { concern: Concern::Crowd, verdict, id: AdviceId::Pol08, causes: Vec::new() })
    }
}
