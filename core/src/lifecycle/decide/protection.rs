//! Machines registered, protected, and let go.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::checks;
use super::super::event::VaultEvent;
use super::super::item::{Item, Protection, Registration};
use super::super::job::{JobKind, Order, Trigger};
use super::super::names::{JobId, PolicyName, VmIdentity};
use super::super::refusal::{Missing, Refusal, Senseless};
use super::super::vm::{DeploymentModel, OsFamily};
use super::{Answer, Desk};
use crate::advice::AdviceId;

impl Desk<'_> {
    pub(super) fn register(&self, identity: &VmIdentity, job: JobId) -> Answer {
        if !self.profile().explicit_phases {
            return Err(Senseless::NotOffered.into());
        }
        let vm = self.platform.vm(identity);
        let Some(item) = self.catalogue.items.get(identity) else {
            return Err(match vm {
                Some(_) => Refusal::plain(AdviceId::Pre02).because(AdviceId::Disc02),
                None => Refusal::Missing(Missing::Vm, identity.to_string()),
            });
        };
        let vm = vm.ok_or_else(|| Refusal::Missing(Missing::Vm, identity.to_string()))?;
        self.same_region(vm)?;
        if item.region != vm.region {
            // Made again elsewhere since it was listed.
            return Err(Refusal::plain(AdviceId::Pre02).because(AdviceId::Disc02));
        }
        self.not_busy(item, AdviceId::Reg17)?;
        if item.registration == Registration::Registered {
            return Err(Senseless::Exists.into());
        }
        if vm.model != DeploymentModel::Classic {
            return Err(Senseless::GuestUnsupported.into());
        }
        self.waited(item.register_not_before)?;
        self.room_for_another()?;
        Ok([
            self.job(job, JobKind::Register, Trigger::User, identity, Order::default()),
            VaultEvent::ItemRegistering { item: identity.clone() },
        ]
        .into())
    }

    pub(super) fn unregister(&self, identity: &VmIdentity) -> Answer {
        let item = self.catalogue.item(identity)?;
        self.not_busy(item, AdviceId::Job01)?;
        let free = item.protection == Protection::NotProtected && item.points.is_empty();
        if item.registration != Registration::Registered || !free {
            return Err(Senseless::WrongState.into());
        }
        Ok([VaultEvent::ItemUnregistered { item: identity.clone() }].into())
    }

    pub(super) fn protect(&self, identity: &VmIdentity, policy: &PolicyName, job: JobId) -> Answer {
        self.catalogue.policy(policy)?;
        let item = self.catalogue.items.get(identity);
        let mut events = Vec::new();
        if self.profile().explicit_phases {
            self.protect_registered(identity, item)?;
        } else {
            events.extend(self.enable(identity, item)?);
        }
        if let Some(item) = item {
            self.not_busy(item, AdviceId::Job01)?;
        }
        let order = Order { policy: Some(policy.clone()), ..Order::default() };
        events.push(self.job(job, JobKind::ConfigureProtection, Trigger::User, identity, order));
        if !item.is_some_and(Item::is_scheduled) {
            events.push(VaultEvent::ProtectionConfiguring { item: identity.clone() });
        }
        Ok(events)
    }

    pub(super) fn protect_registered(
        &self,
        identity: &VmIdentity,
        item: Option<&Item>,
    ) -> Result<(), Refusal> {
        let item = match (item, self.platform.vm(identity)) {
            (Some(item), _) => item,
            (None, Some(_)) => return Err(Refusal::plain(AdviceId::Pre02).because(AdviceId::Disc02)),
            (None, None) => return Err(Refusal::Missing(Missing::Vm, identity.to_string())),
        };
        if item.registration != Registration::Registered {
            return Err(Refusal::plain(AdviceId::Reg01));
        }
        self.platform.vm(identity).map_or(Ok(()), |vm| self.same_region(vm))
    }

    /// The checks of Enable Backup; a machine never seen before is listed by it.
    pub(super) fn enable(
        &self,
        identity: &VmIdentity,
        item: Option<&Item>,
    ) -> Result<Option<VaultEvent>, Refusal> {
        let vm = self.platform.vm(identity).ok_or_else(|| Refusal::plain(AdviceId::Bkp12))?;
        self.same_region(vm)?;
        if let Some(fault) = checks::premium(self.profile(), vm) {
            return Err(Refusal::plain(fault.id));
        }
        if vm.data_disks() > self.profile().data_disks_max {
            return Err(Refusal::plain(AdviceId::Limit02));
        }
        if vm.os == OsFamily::CoreOs && self.profile().refuses_coreos {
            return Err(Senseless::GuestUnsupported.into());
        }
        if item.is_none_or(|item| item.registration != Registration::Registered) {
            self.room_for_another()?;
        }
        let listed = VaultEvent::VmListed { item: identity.clone(), region: vm.region.clone() };
        Ok(item.is_none().then_some(listed))
    }

    pub(super) fn stop(&self, identity: &VmIdentity, retain: bool) -> Answer {
        let item = self.catalogue.item(identity)?;
        let stoppable = item.is_scheduled() || (!retain && item.protection == Protection::StoppedRetained);
        if item.protection == Protection::NotProtected || (!stoppable && item.active_job.is_none()) {
            return Err(Senseless::WrongState.into());
        }
        self.not_busy(item, AdviceId::Job01)?;
        let kind = if retain { JobKind::StopProtection } else { JobKind::DeleteBackupData };
        Ok([self.job(self.next_job(), kind, Trigger::User, identity, Order::default())].into())
    }
}
