//! The remedy of an entry as commands: what a person would do about it, here and now.

mod backup;
mod policy;
mod restore;

use alloc::vec::Vec;

use super::change::VmChange;
use super::command::Command;
use super::world::{VaultState, World};
use crate::advice::AdviceId;
use crate::lifecycle::{
    DiskRole, Item, Job, JobId, JobKind, JobStatus, Phase, StorageType, VaultCommand, VaultName, Vm,
    VmIdentity,
};

/// What failed or was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// In which vault.
    pub vault: VaultName,
    /// About which machine.
    pub item: Option<VmIdentity>,
    /// About which job.
    pub job: Option<JobId>,
    /// The command that was refused, if one was.
    pub command: Option<VaultCommand>,
}

/// What to do, and how to try again after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cure {
    /// What to do.
    pub fix: Vec<Command>,
    /// The same operation again, changed where the remedy is to ask differently.
    pub retry: Vec<Command>,
}

/// The cure for `id` about `subject`; none where the guides list no remedy.
///
/// It looks at the world as it is, so a failure with several possible causes
/// gets the cure of the causes that stand.
pub fn cure(world: &World, id: AdviceId, subject: &Subject) -> Option<Cure> {
    let vault = world.vaults.get(&subject.vault)?;
    let case = Case { world, vault, subject };
    let cure = match id {
        AdviceId::Disc06 | AdviceId::Disc07 => {
            Cure { fix: case.wait_for_discovery(), retry: [case.ask(VaultCommand::RunDiscovery)].into() }
        }
        AdviceId::Reg12
        | AdviceId::Reg13
        | AdviceId::Reg14
        | AdviceId::Reg15
        | AdviceId::Reg16
        | AdviceId::Reg17 => Cure { fix: case.fix_registration(id), retry: case.register_again() },
        AdviceId::Pol07 | AdviceId::Pol01 | AdviceId::Pol02 => {
            Cure { fix: Vec::new(), retry: case.smaller_policy(id)? }
        }
        AdviceId::Cancel02 => Cure { fix: case.wait_for_job(), retry: Vec::new() },
        AdviceId::Cancel03 => Cure { fix: case.wait_a_moment(), retry: case.again() },
        AdviceId::Bkp08 => Cure { fix: case.free_the_item(), retry: case.back_up_again() },
        AdviceId::Bkp04
        | AdviceId::Bkp05
        | AdviceId::Bkp06
        | AdviceId::Bkp07
        | AdviceId::Bkp09
        | AdviceId::Bkp10
        | AdviceId::Bkp11
        | AdviceId::Bkp12
        | AdviceId::Bkp13
        | AdviceId::Bkp14
        | AdviceId::Bkp15
        | AdviceId::Bkp16
        | AdviceId::Bkp18
        | AdviceId::Bkp19 => case.cure_backup(id)?,
        AdviceId::Rst01
        | AdviceId::Rst02
        | AdviceId::Rst03
        | AdviceId::Rst04
        | AdviceId::Rst06
        | AdviceId::Rst07
        | AdviceId::Rst08
        | AdviceId::Rst09
        | AdviceId::Rst10
        | AdviceId::Rst11
        | AdviceId::Rst12
        | AdviceId::Rst13 => case.cure_restore(id)?,
        AdviceId::Pol08 | AdviceId::Snap05 | AdviceId::Limit03 => {
            Cure { fix: case.spread_policies(), retry: Vec::new() }
        }
        _ => return None,
    };
    Some(cure)
}

/// The longest wait of transfers at peak, in minutes.
const QUEUE_MINUTES_MAX: u32 = 8 * 60;

struct Case<'a> {
    world: &'a World,
    vault: &'a VaultState,
    subject: &'a Subject,
}

impl Case<'_> {
    fn ask(&self, command: VaultCommand) -> Command {
        Command::Vault { vault: self.subject.vault.clone(), command }
    }

    fn again(&self) -> Vec<Command> {
        self.subject.command.clone().map(|command| self.ask(command)).into_iter().collect()
    }

    fn item(&self) -> Option<&Item> {
        self.vault.catalogue.items.get(self.subject.item.as_ref()?)
    }

    fn vm(&self) -> Option<&Vm> {
        self.world.vms.get(self.subject.item.as_ref()?).map(|state| &*state.vm)
    }

    fn job(&self) -> Option<&Job> {
        self.vault.catalogue.jobs.get(&self.subject.job?)
    }

    fn change(&self, change: VmChange) -> Option<Command> {
        Some(Command::Vm { vm: self.subject.item.clone()?, change })
    }

    fn changes(&self, changes: impl IntoIterator<Item = VmChange>) -> Vec<Command> {
        changes.into_iter().filter_map(|change| self.change(change)).collect()
    }

    fn wait_a_moment(&self) -> Vec<Command> {
        let wait = self.vault.catalogue.profile.cancel_retry.milliseconds().div_euclid(60_000);
        [Command::Wait { minutes: u32::try_from(wait).unwrap_or(1) }].into()
    }

    fn wait_for_discovery(&self) -> Vec<Command> {
        let discovery = &self.vault.catalogue.discovery;
        let until = discovery.running_until.or(discovery.not_before);
        until.map(Command::AdvanceTo).into_iter().collect()
    }

    /// Until the job is over, as far as can be seen; the longest queue where it cannot.
    fn wait_for_job(&self) -> Vec<Command> {
        let held = self.job().or_else(|| self.vault.catalogue.active_job(self.item()?));
        let Some(job) = held.filter(|job| job.is_active()) else { return Vec::new() };
        let nearly_done = matches!(
            job.phase,
            Some(
                Phase::Commit
                    | Phase::CreateVm
                    | Phase::Apply
                    | Phase::Associate
                    | Phase::Stop
                    | Phase::Delete
            )
        );
        if nearly_done {
            [Command::AdvanceTo(job.phase_ends)].into()
        } else if job.phase == Some(Phase::Copy) {
            // The copy's end is known; the last step follows it.
            [Command::AdvanceTo(job.phase_ends), Command::Wait { minutes: 2 }].into()
        } else {
            [Command::Wait { minutes: QUEUE_MINUTES_MAX }].into()
        }
    }

    /// Cancel where that is offered, else wait.
    fn free_the_item(&self) -> Vec<Command> {
        let catalogue = &self.vault.catalogue;
        let Some(job) = self.item().and_then(|item| catalogue.active_job(item)) else { return Vec::new() };
        let profile = &catalogue.profile;
        let in_window = !matches!(job.phase, Some(Phase::Commit | Phase::CreateVm));
        let can = profile.cancel_supported && profile.cancellable.contains(&job.kind);
        if can && job.status == JobStatus::InProgress && in_window {
            [self.ask(VaultCommand::Cancel { job: job.id }), Command::Wait { minutes: 2 }].into()
        } else {
            Case { subject: &Subject { job: Some(job.id), ..self.subject.clone() }, ..*self }.wait_for_job()
        }
    }

    fn wait_as_advised(&self, id: AdviceId) -> Vec<Command> {
        let minutes = id.entry().retry.wait().map_or(0, |wait| wait.milliseconds().div_euclid(60_000));
        let wait = u32::try_from(minutes).ok().filter(|minutes| *minutes > 0);
        wait.map(|minutes| Command::Wait { minutes }).into_iter().collect()
    }

    fn register_again(&self) -> Vec<Command> {
        let running = self.item().and_then(|item| self.vault.catalogue.active_job(item));
        if running.is_some_and(|job| job.kind == JobKind::Register) {
            // What runs is the registration itself: waiting for it is enough.
            return Vec::new();
        }
        let items: Vec<VmIdentity> = self.subject.item.iter().cloned().collect();
        [self.ask(VaultCommand::Register { items }), Command::Wait { minutes: 25 }].into()
    }

    fn fix_registration(&self, id: AdviceId) -> Vec<Command> {
        let Some(vm) = self.vm() else { return Vec::new() };
        let mut fix = match id {
            AdviceId::Reg12 => self.changes([VmChange::Start]),
            AdviceId::Reg13 => self.detach_above(vm, self.vault.catalogue.profile.data_disks_max),
            AdviceId::Reg14 => {
                let mut changes = self.off_premium(vm);
                changes.extend((vm.nics > 1).then_some(VmChange::Nics(1)));
                changes.extend(vm.load_balanced.then_some(VmChange::LoadBalanced(false)));
                self.changes(changes)
            }
            AdviceId::Reg15 => {
                self.changes([VmChange::InstallAgent { admin: true }, VmChange::SetAgentFlag(true)])
            }
            AdviceId::Reg16 => self.changes([VmChange::OsSupported(true)]),
            _ => self.wait_for_job(),
        };
        fix.extend(self.wait_as_advised(id));
        fix
    }

    /// Detaches data disks until at most `most` are left.
    fn detach_above(&self, vm: &Vm, most: u32) -> Vec<Command> {
        let keep = usize::try_from(most).unwrap_or(usize::MAX);
        let data = vm.disks.iter().filter(|(_, disk)| disk.role == DiskRole::Data).map(|(lun, _)| *lun);
        self.changes(data.skip(keep).map(VmChange::DetachDisk))
    }

    fn off_premium(&self, vm: &Vm) -> Vec<VmChange> {
        let premium = vm.disks.iter().filter(|(_, disk)| disk.storage == StorageType::PremiumLrs);
        premium.map(|(lun, _)| VmChange::MoveDisk { lun: *lun, storage: StorageType::StandardLrs }).collect()
    }
}
