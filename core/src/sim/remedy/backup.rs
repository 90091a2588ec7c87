//! The remedy of a backup that failed: the guest, its path and its platform mended.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::change::{ShutdownFrom, VmChange};
use super::super::command::{Command, DiskSpec, VmSpec};
use super::{Case, Cure};
use crate::advice::AdviceId;
use crate::lifecycle::{Access, AgentState, Lun, Power, VaultCommand, Vm};

impl Case<'_> {
    pub(super) fn back_up_again(&self) -> Vec<Command> {
        let Some(item) = &self.subject.item else { return Vec::new() };
        if let Some(command) = &self.subject.command {
            return [self.ask(command.clone()), Command::Wait { minutes: 24 * 60 }].into();
        }
        if self.vault.catalogue.profile.on_demand_backup {
            let now = VaultCommand::BackupNow { item: item.clone(), retain_until: None };
            [self.ask(now), Command::Wait { minutes: 24 * 60 }].into()
        } else {
            [Command::Wait { minutes: 24 * 60 }].into()
        }
    }

    pub(super) fn cure_backup(&self, id: AdviceId) -> Option<Cure> {
        let Some(vm) = self.vm() else { return self.cure_vanished(id) };
        let profile = &self.vault.catalogue.profile;
        let below_risk = profile.copy_risk_data_disks.saturating_sub(1);
        let mut fix = match id {
            AdviceId::Bkp04 | AdviceId::Bkp13 => self.detach_above(vm, below_risk),
            AdviceId::Bkp05 | AdviceId::Bkp10 => self.heal_snapshot(vm),
            AdviceId::Bkp06 => {
                let mut fix = self.changes(self.off_premium(vm));
                fix.extend(self.detach_above(vm, below_risk));
                fix.extend(self.heal_region());
                fix
            }
            AdviceId::Bkp07 | AdviceId::Bkp19 => self.changes(agent_present(vm)),
            AdviceId::Bkp11 => self.fresh_agent(vm),
            AdviceId::Bkp14 => self.heal_region(),
            AdviceId::Bkp15 => {
                self.changes([VmChange::Services { complus: true, msdtc: true }, VmChange::VssService(true)])
            }
            AdviceId::Bkp16 => self.changes(unlocked(vm)),
            // The machine is there again.
            AdviceId::Bkp09 | AdviceId::Bkp12 | AdviceId::Bkp18 => Vec::new(),
            _ => return None,
        };
        fix.extend(self.wait_as_advised(id));
        Some(Cure { fix, retry: self.back_up_again() })
    }

    /// Makes the machine again under its identity, or stops and keeps the data in 2015.
    pub(super) fn cure_vanished(&self, id: AdviceId) -> Option<Cure> {
        let identity = self.subject.item.clone()?;
        let point = self.item().and_then(|item| self.vault.catalogue.newest_point(item));
        let recreate = matches!(id, AdviceId::Bkp09 | AdviceId::Bkp12 | AdviceId::Bkp18);
        match point.filter(|_| recreate) {
            Some(point) => {
                let spec = again(&point.config)?;
                let fix = Vec::from([Command::CreateVm(Box::new(spec))]);
                Some(Cure { fix, retry: self.back_up_again() })
            }
            None => {
                let stop = VaultCommand::StopProtection { item: identity, retain: true };
                let retry = [Command::Wait { minutes: 2 * 24 * 60 }].into();
                Some(Cure { fix: [self.ask(stop), Command::Wait { minutes: 5 }].into(), retry })
            }
        }
    }

    /// The region recovers; a person can only wait for it.
    pub(super) fn heal_region(&self) -> Vec<Command> {
        let region = self.vault.catalogue.region.clone();
        let well = self.world.regions.get(&region).is_none_or(crate::lifecycle::Region::is_healthy);
        let health = crate::lifecycle::Health::Healthy;
        let heal = Command::SetHealth { region, compute: health, storage: health, network: health };
        (!well).then_some(heal).into_iter().collect()
    }

    /// Every cause of a late or failed snapshot that stands, cured.
    pub(super) fn heal_snapshot(&self, vm: &Vm) -> Vec<Command> {
        let mut fix = Vec::new();
        if vm.power != Power::Running && vm.reported == Power::Running {
            fix.extend(self.change(VmChange::Stop { from: ShutdownFrom::Portal }));
            return fix;
        }
        fix.extend(self.changes(agent_present(vm)));
        if vm.agent.installed() {
            fix.extend(self.fresh_agent(vm));
        }
        fix.extend(self.open_path(vm));
        if vm.bad_state || !vm.agent.responsive {
            fix.extend(self.change(VmChange::Restart));
        }
        if vm.cpu_percent > 90 || vm.memory_percent > 90 {
            fix.extend(self.change(VmChange::Load { cpu: 50, memory: 50 }));
        }
        if vm.sql_backup && !vm.vss_copy_backup {
            fix.extend(self.change(VmChange::CopyBackup(true)));
        }
        if self.vault.catalogue.profile.is_classic() {
            // 2015 has one message for everything that keeps a snapshot from being taken.
            fix.extend(self.changes(unlocked(vm)));
            fix.extend(
                self.changes([VmChange::Services { complus: true, msdtc: true }, VmChange::VssService(true)]),
            );
        }
        fix.extend(self.spread_policies());
        fix
    }

    /// NET-05 to NET-12, each where it applies.
    pub(super) fn open_path(&self, vm: &Vm) -> Vec<Command> {
        let mut fix = Vec::new();
        let path = &vm.path;
        if !path.dhcp {
            fix.extend(self.change(VmChange::Dhcp(true)));
        }
        let network = path.network.as_ref().and_then(|name| Some((name, self.world.networks.get(name)?)));
        if let Some((name, network)) = network.filter(|(_, network)| !network.resolves_platform) {
            fix.push(Command::SetNetwork {
                name: name.clone(),
                region: network.region.clone(),
                resolves_platform: true,
                subnets: network.subnets.iter().cloned().collect(),
            });
        }
        if path.direct_allowed() || path.proxy_allowed() {
            return fix;
        }
        if path.proxy.configured && path.proxy.reachable {
            fix.extend(self.change(VmChange::AddProxyRule));
            return fix;
        }
        if path.routes == Access::Deny {
            fix.extend(self.change(VmChange::AllowDatacenterRanges));
        }
        if path.nsg == Access::Deny {
            fix.extend(self.change(VmChange::AddNsgRule));
        }
        fix
    }

    pub(super) fn fresh_agent(&self, vm: &Vm) -> Vec<Command> {
        let outdated = vm.agent_outdated(self.vault.catalogue.profile.agent_version_min);
        let mut fix = Vec::new();
        match vm.agent.state {
            AgentState::Stopped if !outdated => fix.extend(self.change(VmChange::AgentService(true))),
            AgentState::Ready if !outdated => {}
            AgentState::Corrupt => fix.extend(self.change(VmChange::InstallAgent { admin: true })),
            _ => {
                fix.extend(self.change(VmChange::UpdateAgent));
                fix.push(Command::Wait { minutes: 6 });
            }
        }
        fix
    }
}

fn agent_present(vm: &Vm) -> Vec<VmChange> {
    let mut changes = Vec::new();
    if !vm.agent.installed() {
        changes.push(VmChange::InstallAgent { admin: true });
    }
    if !vm.agent.flag_set {
        changes.push(VmChange::SetAgentFlag(true));
    }
    changes
}

fn unlocked(vm: &Vm) -> Vec<VmChange> {
    let locked = vm.disks.iter().filter(|(_, disk)| disk.bitlocker_locked);
    locked.map(|(lun, _)| VmChange::Bitlocker { lun: *lun, locked: false }).collect()
}

/// A machine like `config`, with empty disks.
fn again(config: &Vm) -> Option<VmSpec> {
    let account = config.disks.get(&Lun(-1)).or_else(|| config.disks.values().next())?.account.clone();
    let disk = |(lun, disk): (&Lun, &crate::lifecycle::Disk)| DiskSpec {
        lun: *lun,
        capacity_gb: disk.capacity_gb,
        used_gb: disk.capacity_gb.min(1),
        image: None,
        storage: disk.storage,
        role: Some(disk.role),
        churn_mb_per_day: 0,
    };
    Some(VmSpec {
        vm: config.identity.clone(),
        region: config.region.clone(),
        account,
        model: config.model,
        origin: config.origin,
        os: config.os,
        disks: config.disks.iter().map(disk).collect(),
        with: Vec::new(),
    })
}
