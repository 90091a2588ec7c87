//! The remedy of an entry as commands: what a person would do about it, here and now.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::change::{ShutdownFrom, VmChange};
use super::command::{Command, DiskSpec, VmSpec};
use super::world::{VaultState, World};
use crate::advice::AdviceId;
use crate::lifecycle::{
    Access, AccountTier, AgentState, BackupPolicy, Client, DiskRole, Item, Job, JobId, JobKind, JobStatus,
    Lun, Phase, PolicyName, Power, Replication, RestoreRequest, StorageType, TargetGroup, VaultCommand,
    VaultName, Vm, VmIdentity, crowds,
};
use crate::policy::{LongTerm, Retention, stagger};

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

    fn back_up_again(&self) -> Vec<Command> {
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

    fn cure_backup(&self, id: AdviceId) -> Option<Cure> {
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
    fn cure_vanished(&self, id: AdviceId) -> Option<Cure> {
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
    fn heal_region(&self) -> Vec<Command> {
        let region = self.vault.catalogue.region.clone();
        let well = self.world.regions.get(&region).is_none_or(crate::lifecycle::Region::is_healthy);
        let health = crate::lifecycle::Health::Healthy;
        let heal = Command::SetHealth { region, compute: health, storage: health, network: health };
        (!well).then_some(heal).into_iter().collect()
    }

    /// Every cause of a late or failed snapshot that stands, cured.
    fn heal_snapshot(&self, vm: &Vm) -> Vec<Command> {
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
    fn open_path(&self, vm: &Vm) -> Vec<Command> {
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

    fn fresh_agent(&self, vm: &Vm) -> Vec<Command> {
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

    /// More policies, an hour apart, for every cloud service that is crowded (POL-08).
    fn spread_policies(&self) -> Vec<Command> {
        let catalogue = &self.vault.catalogue;
        let profile = &catalogue.profile;
        let Some(max) = profile.starts_per_cloud_service_max.and_then(core::num::NonZeroU32::new) else {
            return Vec::new();
        };
        let mut commands = Vec::new();
        for (group, vms) in crowds(catalogue, &self.world.around(self.vault)) {
            let first =
                vms.first().and_then(|vm| catalogue.items.get(vm)).and_then(|item| item.policy.as_ref());
            let Some((old, state)) = first.and_then(|name| Some((name, catalogue.policies.get(name)?)))
            else {
                continue;
            };
            let Some(start) = state.policy.schedule.times.first() else { continue };
            let Ok(slots) = stagger(&vms, *start, max, profile.stagger_minutes) else { continue };
            for slot in slots.into_iter().skip(1) {
                let Ok(name) = PolicyName::new(&alloc::format!("{old} {group} {}", slot.start)) else {
                    continue;
                };
                let mut policy: BackupPolicy = state.policy.clone();
                policy.schedule.times = [slot.start].into();
                if !catalogue.policies.contains_key(&name) {
                    commands.push(
                        self.ask(VaultCommand::CreatePolicy { name: name.clone(), policy: Box::new(policy) }),
                    );
                }
                let moves = slot
                    .vms
                    .into_iter()
                    .map(|item| VaultCommand::ChangePolicy { item, policy: name.clone() });
                commands.extend(moves.map(|command| self.ask(command)));
            }
        }
        if !commands.is_empty() {
            commands.push(Command::Wait { minutes: 5 });
        }
        commands
    }

    /// The refused policy with less in it.
    fn smaller_policy(&self, id: AdviceId) -> Option<Vec<Command>> {
        let mut command = self.subject.command.clone()?;
        let (VaultCommand::CreatePolicy { policy, .. } | VaultCommand::UpdatePolicy { policy, .. }) =
            &mut command
        else {
            return None;
        };
        match id {
            AdviceId::Pol02 => policy.schedule.times.truncate(1),
            AdviceId::Pol01 => {
                policy.retention = Retention::Days(self.vault.catalogue.profile.simple_days_max?)
            }
            _ => {
                let Retention::Ranges(ranges) = &policy.retention else { return None };
                let daily_days = ranges.daily_days.map(|days| days.min(180));
                let weekly = ranges
                    .weekly
                    .clone()
                    .map(|rule| crate::policy::Weekly { weeks: rule.weeks.min(52), ..rule });
                let ranges = LongTerm { daily_days, weekly, monthly: None, yearly: None };
                policy.retention = Retention::Ranges(ranges);
            }
        }
        Some([self.ask(command)].into())
    }

    /// The refused restore, asked differently, or its target mended.
    fn cure_restore(&self, id: AdviceId) -> Option<Cure> {
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
    fn fit_account(&self) -> Option<crate::lifecycle::AccountName> {
        let fit = self.world.accounts.iter().find(|(_, account)| {
            account.region == self.vault.catalogue.region
                && account.tier != AccountTier::Premium
                && matches!(account.replication, Replication::Lrs | Replication::Grs)
                && account.online
        });
        fit.map(|(name, _)| name.clone())
    }

    fn empty_group(&self) -> Option<crate::lifecycle::GroupName> {
        let empty =
            self.world.groups.keys().find(|group| !self.world.vms.keys().any(|vm| vm.group == **group));
        empty.cloned()
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
