//! Policies made, changed and deleted; the rules themselves exchanged.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::checks;
use super::super::event::VaultEvent;
use super::super::item::{BackupPolicy, Item, Protection};
use super::super::names::{PolicyName, VmIdentity};
use super::super::profile::Profile;
use super::super::refusal::{Refusal, Senseless};
use super::{Answer, Desk};
use crate::advice::AdviceId;
use crate::policy::{RetentionFault, ScheduleFault};
use crate::time::Span;

impl Desk<'_> {
    pub(super) fn check_policy(&self, policy: &BackupPolicy) -> Result<(), Refusal> {
        let profile = self.profile();
        policy_fault(profile, policy).map_or(Ok(()), Err)?;
        let window = policy.copy_window.map_or(1, Span::milliseconds);
        if window <= 0 || policy.copy_window.is_some_and(|window| window > profile.copy_deadline) {
            return Err(Senseless::Number.into());
        }
        Ok(())
    }

    pub(super) fn create_policy(&self, name: &PolicyName, policy: &BackupPolicy) -> Answer {
        if self.catalogue.policies.contains_key(name) {
            return Err(Senseless::Exists.into());
        }
        self.check_policy(policy)?;
        Ok([VaultEvent::PolicyCreated { name: name.clone(), policy: Box::new(policy.clone()) }].into())
    }

    pub(super) fn update_policy(&self, name: &PolicyName, policy: &BackupPolicy) -> Answer {
        self.catalogue.policy(name)?;
        self.check_policy(policy)?;
        Ok([VaultEvent::PolicyUpdated { name: name.clone(), policy: Box::new(policy.clone()) }].into())
    }

    pub(super) fn delete_policy(&self, name: &PolicyName) -> Answer {
        self.catalogue.policy(name)?;
        let linking = self.catalogue.jobs.values();
        let mut linking = linking.filter(|job| job.is_active() && job.order.policy.as_ref() == Some(name));
        if self.catalogue.items_of(name).next().is_some() || linking.next().is_some() {
            return Err(Senseless::PolicyInUse.into());
        }
        Ok([VaultEvent::PolicyDeleted { name: name.clone() }].into())
    }

    pub(super) fn switch_profile(&self, profile: &Profile) -> Answer {
        if self.catalogue.has_active_jobs() || self.catalogue.discovery.running_until.is_some() {
            return Err(Senseless::JobsRunning.into());
        }
        if !profile.is_possible() {
            return Err(Senseless::Number.into());
        }
        let flags = self.catalogue.items.values().flat_map(|item| self.violations(profile, item)).collect();
        Ok([VaultEvent::ProfileSwitched { profile: Box::new(profile.clone()), flags }].into())
    }

    /// What the rules of `profile` hold against a protected item (I-47).
    pub(super) fn violations(&self, profile: &Profile, item: &Item) -> Vec<(VmIdentity, AdviceId)> {
        let mut ids = Vec::new();
        if item.protection != Protection::NotProtected {
            if let Some(vm) = self.platform.vm(&item.identity) {
                if vm.data_disks() > profile.data_disks_max {
                    ids.push(checks::by_era(profile, AdviceId::Limit01, AdviceId::Limit02));
                }
                if checks::unsupported_hardware(profile, vm) {
                    ids.push(checks::by_era(profile, AdviceId::Limit06, AdviceId::Bkp17));
                }
            }
            let policy = item.policy.as_ref().and_then(|name| self.catalogue.policies.get(name));
            let fault = policy.and_then(|state| policy_fault(profile, &state.policy));
            if fault.is_some() {
                let id = fault.and_then(|fault| fault.advice());
                ids.push(id.unwrap_or(checks::by_era(profile, AdviceId::Pol01, AdviceId::Pol07)));
            }
        }
        ids.into_iter().map(|id| (item.identity.clone(), id)).collect()
    }
}

/// What stands against a policy under `profile`.
fn policy_fault(profile: &Profile, policy: &BackupPolicy) -> Option<Refusal> {
    match policy.schedule.check(profile.runs_per_day_max) {
        Err(ScheduleFault::TooManyRuns { .. }) => return Some(Refusal::plain(AdviceId::Pol02)),
        Err(ScheduleFault::NoTime) => return Some(Senseless::PolicyMalformed.into()),
        Ok(()) => {}
    }
    match policy.retention.check(&policy.schedule, &profile.retention_limits()) {
        Ok(()) => None,
        Err(RetentionFault::TooLong { .. }) => Some(Refusal::plain(AdviceId::Pol01)),
        Err(RetentionFault::TooMuch { .. }) => Some(Refusal::plain(AdviceId::Pol07)),
        Err(_) => Some(Senseless::PolicyMalformed.into()),
    }
}
