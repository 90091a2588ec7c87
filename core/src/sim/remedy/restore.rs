//! The remedy of a restore that was refused: asked differently, or its target mended.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::change::VmChange;
use super::super::command::Command;
use super::{Case, Cure};
use crate::advice::AdviceId;
use crate::lifecycle::{AccountTier, Client, Replication, RestoreRequest, TargetGroup, VaultCommand};

impl Case<'_> {
    /// The refused restore, asked differently, or its target mended.
    pub(super) fn cure_restore(&self, id: AdviceId) -> Option<Cure> {
        let request = match &self.subject.command {
            Some(VaultCommand::Restore(request)) => (**request).clone(),
            _ => self.job()?.order.restore.clone()?,
        };
        let mut fix = Vec::new();
        let mut changed = request.clone();
        match id {
            AdviceId::Rst13 => changed.subnet = None,
            AdviceId::Rst06 => (changed.network, changed.subnet) = (None, None),
            AdviceId::Rst09 | AdviceId::Rst10 | AdviceId::Rst11 => changed.account = self.fit_account()?,
            AdviceId::Rst12 => fix.extend(self.empty_group().map(Command::DeleteGroup)),
            AdviceId::Rst04 => {
                changed.name = crate::lifecycle::VmName::new(&alloc::format!("{}-2", request.name)).ok()?
            }
            AdviceId::Rst02 => {
                let TargetGroup::Existing(group) = &request.group else { return None };
                let stopped = self.world.vms.keys().find(|vm| vm.group == *group)?;
                fix.push(Command::Vm { vm: stopped.clone(), change: VmChange::Start });
            }
            // A new cloud service has no settings, addresses or endpoints of its own.
            _ => changed.group = TargetGroup::New,
        }
        let retry = VaultCommand::Restore(Box::new(RestoreRequest { client: Client::Portal, ..changed }));
        Some(Cure { fix, retry: [self.ask(retry), Command::Wait { minutes: 24 * 60 }].into() })
    }

    /// An account of the vault's region that restores accept.
    pub(super) fn fit_account(&self) -> Option<crate::lifecycle::AccountName> {
        let fit = self.world.accounts.iter().find(|(_, account)| {
            account.region == self.vault.catalogue.region
                && account.tier != AccountTier::Premium
                && matches!(account.replication, Replication::Lrs | Replication::Grs)
                && account.online
        });
        fit.map(|(name, _)| name.clone())
    }

    pub(super) fn empty_group(&self) -> Option<crate::lifecycle::GroupName> {
        let empty =
            self.world.groups.keys().find(|group| !self.world.vms.keys().any(|vm| vm.group == **group));
        empty.cloned()
    }
}
