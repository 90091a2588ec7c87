//! Answering a person in the imitated world: a command becomes events, or a refusal.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::apply::group_of;
use super::blocks::{BLOCK_BYTES, BlockMap};
use super::change::{VmChange, detachable};
use super::command::{Command, DiskSpec, VmSpec};
use super::event::Event;
use super::world::{IMAGE_CONTENTS, VmState, World, WorldDue};
use crate::advice::AdviceId;
use crate::lifecycle::{
    self, Account, AccountName, Agent, Disk, DiskRole, Due, Extension, Group, GroupName, JobKind, Lun,
    Missing, Network, Origin, OsFamily, Path, Phase, Power, Profile, Refusal, Region, RegionName, Senseless,
    StorageType, VaultName, Vm, VmIdentity, Vss,
};
use crate::time::{Instant, Span};

type Answer = Result<Vec<Event>, Refusal>;

/// How long an update of the agent takes; modelled.
const AGENT_UPDATE_TAKES: Span = Span::from_milliseconds(5 * 60_000);
/// The longest wait of transfers at peak, in minutes.
const QUEUE_MINUTES_MAX: u32 = 8 * 60;
/// Bytes a second a standard account gives out.
const ACCOUNT_EGRESS: u64 = 1_875_000_000;
/// Most disks of a machine.
const DISKS_MAX: usize = 65;
/// Largest disk anyone can make, in GB.
const DISK_GB_MAX: u32 = 65_536;
/// How many regions of a disk change by turns.
const CHURN_REGIONS: u32 = 8;

/// What `command` makes happen in `world`. Passing of time is not decided here.
///
/// # Errors
///
/// A [`Refusal`] says why not.
pub fn decide(world: &World, command: &Command) -> Answer {
    match command {
        // Time is let pass by the simulation, one due moment after the other.
        Command::AdvanceTo(_) | Command::Wait { .. } => Ok(Vec::new()),
        Command::AddRegion(name) => match world.regions.contains_key(name) {
            true => Err(Senseless::Exists.into()),
            false => Ok([Event::RegionSet(name.clone(), Region::default())].into()),
        },
        Command::SetHealth { region, compute, storage, network } => {
            known_region(world, region)?;
            let health = Region { compute: *compute, storage: *storage, network: *network };
            Ok([Event::RegionSet(region.clone(), health)].into())
        }
        Command::AddGroup { name, region, model } => {
            known_region(world, region)?;
            if world.foreign_names.contains(name) {
                return Err(Refusal::plain(AdviceId::Rst04));
            }
            if world.groups.contains_key(name) {
                return Err(Senseless::Exists.into());
            }
            room_for_group(world)?;
            Ok([Event::GroupSet(name.clone(), group_of(region, *model))].into())
        }
        Command::DeleteGroup(name) => {
            known_group(world, name)?;
            if world.vms.keys().any(|vm| vm.group == *name) {
                return Err(Senseless::WrongState.into());
            }
            Ok([Event::GroupDeleted(name.clone())].into())
        }
        Command::SetGroup { name, dns_settings, reserved_ip, endpoints_used, network } => {
            let group = known_group(world, name)?;
            let group = Group {
                dns_settings: *dns_settings,
                reserved_ip: reserved_ip.clone(),
                endpoints_used: *endpoints_used,
                network: network.clone(),
                ..group.clone()
            };
            Ok([Event::GroupSet(name.clone(), group)].into())
        }
        Command::TakeName(name) if world.groups.contains_key(name) => Err(Senseless::Exists.into()),
        Command::TakeName(name) => Ok([Event::NameTaken(name.clone())].into()),
        Command::SetNetwork { name, region, resolves_platform, subnets } => {
            known_region(world, region)?;
            let subnets = subnets.iter().cloned().collect();
            let network = Network { region: region.clone(), resolves_platform: *resolves_platform, subnets };
            Ok([Event::NetworkSet(name.clone(), network)].into())
        }
        Command::SetAccount { name, region, tier, replication, online } => {
            known_region(world, region)?;
            let account = Account {
                region: region.clone(),
                tier: *tier,
                replication: *replication,
                online: *online,
                egress_bytes_per_second: ACCOUNT_EGRESS,
            };
            Ok([Event::AccountSet(name.clone(), account)].into())
        }
        Command::CreateVm(spec) => create_vm(world, spec),
        Command::DeleteVm(vm) => {
            known_vm(world, vm)?;
            Ok([Event::VmDeleted(vm.clone())].into())
        }
        Command::Vm { vm, change } => change_vm(world, vm, change),
        Command::AttachDisk { vm, disk } => attach_disk(world, vm, disk),
        Command::WriteBlocks { vm, lun, start, count } => {
            let (start, count) = blocks_within(known_vm(world, vm)?, *lun, *start, *count)?;
            Ok([Event::BlocksWritten { vm: vm.clone(), lun: *lun, start, count }].into())
        }
        Command::ClearBlocks { vm, lun, start, count } => {
            let (start, count) = blocks_within(known_vm(world, vm)?, *lun, *start, *count)?;
            Ok([Event::BlocksCleared { vm: vm.clone(), lun: *lun, start, count }].into())
        }
        Command::CreateVault { name, region, profile, custom } => {
            known_region(world, region)?;
            let profile = custom.as_deref().cloned().unwrap_or_else(|| Profile::of(*profile));
            if world.vaults.contains_key(name) {
                return Err(Senseless::Exists.into());
            }
            let most = usize::try_from(profile.vaults_max).unwrap_or(usize::MAX);
            if world.vaults.len() >= most {
                return Err(Senseless::Full.into());
            }
            Ok([Event::VaultCreated(name.clone(), region.clone(), Box::new(profile))].into())
        }
        Command::Vault { vault, command } => {
            let state = known_vault(world, vault)?;
            let events = lifecycle::decide(&state.catalogue, &world.around(state), world.clock, command)?;
            Ok(events.into_iter().map(|event| Event::Vault(vault.clone(), event)).collect())
        }
        Command::DropBaseSnapshot { vault, item } => {
            let state = known_vault(world, vault)?;
            if !state.store.bases.contains_key(item) {
                return Err(Refusal::Missing(Missing::Item, item.to_string()));
            }
            Ok([Event::BaseSnapshotDropped(vault.clone(), item.clone())].into())
        }
        Command::InjectFault(point) => Ok([Event::FaultInjected(*point)].into()),
        Command::ClearFault(point) => Ok([Event::FaultCleared(*point)].into()),
        Command::SetQueueWait { minutes } if *minutes > QUEUE_MINUTES_MAX => Err(Senseless::Number.into()),
        Command::SetQueueWait { minutes } => {
            Ok([Event::QueueWaitSet(Span::from_milliseconds(i64::from(*minutes) * 60_000))].into())
        }
        Command::SetGroupQuota(quota) => Ok([Event::GroupQuotaSet(*quota)].into()),
        Command::PublishExtension => Ok([Event::ExtensionPublished].into()),
        Command::SetThroughput(throughput) if !throughput.is_possible() => Err(Senseless::Number.into()),
        Command::SetThroughput(throughput) => Ok([Event::ThroughputSet(*throughput)].into()),
    }
}

/// What `due` makes happen in `world` at `at`.
pub(super) fn due(world: &World, at: Instant, due: &WorldDue) -> Vec<Event> {
    match due {
        WorldDue::Agent(vm) => [Event::AgentUpdated(vm.clone())].into(),
        WorldDue::Vault(name, due) => {
            let Some(vault) = world.vaults.get(name) else { return Vec::new() };
            let mut events = churn_before(world, vault, at, due);
            let more = lifecycle::due(&vault.catalogue, &world.around(vault), at, due);
            events.extend(more.into_iter().map(|event| Event::Vault(name.clone(), event)));
            events
        }
    }
}

/// What a machine wrote since its last snapshot, told just before the next one.
///
/// Of each disk that changes, one of its regions does: which, is drawn from
/// the number of events so far.
fn churn_before(world: &World, vault: &super::world::VaultState, at: Instant, due: &Due) -> Vec<Event> {
    let Due::Step(id) = due else { return Vec::new() };
    let job = vault.catalogue.jobs.get(id).filter(|job| job.phase == Some(Phase::Snapshot));
    let Some(state) = job.and_then(|job| world.vms.get(&job.item)) else { return Vec::new() };
    let elapsed = u64::try_from(at.since(state.churned).milliseconds()).unwrap_or(0);
    if state.churn.is_empty() || !state.vm.is_running() || elapsed == 0 {
        return Vec::new();
    }
    let mut events = Vec::new();
    for (lun, blocks_a_day) in &state.churn {
        let used = state.content.get(lun).map_or(0, BlockMap::allocated);
        let region = u32::try_from(used).unwrap_or(u32::MAX) / CHURN_REGIONS;
        let wanted = u64::from(*blocks_a_day).saturating_mul(elapsed) / 86_400_000;
        let count = u32::try_from(wanted).unwrap_or(u32::MAX).min(region);
        if count == 0 {
            continue;
        }
        let key = [world.events, u64::from(lun.0.unsigned_abs())];
        let turn = super::draw::draw(world.seed, &key, u64::from(CHURN_REGIONS));
        let start = u32::try_from(turn).unwrap_or(0) * region;
        events.push(Event::BlocksWritten { vm: state.vm.identity.clone(), lun: *lun, start, count });
    }
    events
}

fn known_region<'a>(world: &'a World, name: &RegionName) -> Result<&'a Region, Refusal> {
    world.regions.get(name).ok_or_else(|| Refusal::Missing(Missing::Region, name.to_string()))
}

fn known_group<'a>(world: &'a World, name: &GroupName) -> Result<&'a Group, Refusal> {
    world.groups.get(name).ok_or_else(|| Refusal::Missing(Missing::Group, name.to_string()))
}

fn known_vm<'a>(world: &'a World, vm: &VmIdentity) -> Result<&'a VmState, Refusal> {
    world.vms.get(vm).ok_or_else(|| Refusal::Missing(Missing::Vm, vm.to_string()))
}

fn known_vault<'a>(world: &'a World, name: &VaultName) -> Result<&'a super::world::VaultState, Refusal> {
    world.vaults.get(name).ok_or_else(|| Refusal::Missing(Missing::Vault, name.to_string()))
}

fn room_for_group(world: &World) -> Result<(), Refusal> {
    let groups = u32::try_from(world.groups.len()).unwrap_or(u32::MAX);
    if groups < world.group_quota { Ok(()) } else { Err(Refusal::plain(AdviceId::Rst12)) }
}

fn blocks_within(vm: &VmState, lun: Lun, start: u32, count: u32) -> Result<(u32, u32), Refusal> {
    let disk = vm.vm.disks.get(&lun).ok_or_else(|| Refusal::Missing(Missing::Disk, lun.0.to_string()))?;
    let blocks = blocks(disk.capacity_gb);
    let end = start.checked_add(count).filter(|end| count > 0 && *end <= blocks);
    end.map(|_| (start, count)).ok_or_else(|| Senseless::Number.into())
}

fn blocks(gigabytes: u32) -> u32 {
    u32::try_from(u64::from(gigabytes) * 1_000_000_000 / BLOCK_BYTES).unwrap_or(u32::MAX)
}

/// A disk to attach, what it holds, and how many of its blocks change a day.
fn disk(spec: &DiskSpec, account: &AccountName, fresh: &mut u64) -> Result<(Disk, BlockMap, u32), Refusal> {
    if spec.capacity_gb == 0 || spec.capacity_gb > DISK_GB_MAX || spec.used_gb > spec.capacity_gb {
        return Err(Senseless::Number.into());
    }
    let role = spec.role.unwrap_or(if spec.lun.0 < 0 { DiskRole::Os } else { DiskRole::Data });
    let mut map = BlockMap::default();
    let used = blocks(spec.used_gb);
    let content = match spec.image {
        Some(image) => (u64::from(image) + 1) * IMAGE_CONTENTS,
        None => *fresh,
    };
    if spec.image.is_none() {
        *fresh += u64::from(used);
    }
    map.write(0, used, content);
    let disk = Disk {
        role,
        capacity_gb: spec.capacity_gb,
        storage: spec.storage,
        account: account.clone(),
        fragmentation_percent: 0,
        bitlocker_locked: false,
        spans_others: false,
    };
    let churn = u64::from(spec.churn_mb_per_day) * 1_000_000 / BLOCK_BYTES;
    Ok((disk, map, u32::try_from(churn).unwrap_or(u32::MAX)))
}

fn create_vm(world: &World, spec: &VmSpec) -> Answer {
    known_region(world, &spec.region)?;
    if world.vms.contains_key(&spec.vm) {
        return Err(Senseless::Exists.into());
    }
    if !world.accounts.contains_key(&spec.account) {
        return Err(Refusal::Missing(Missing::Account, spec.account.to_string()));
    }
    let mut events = Vec::new();
    if !world.groups.contains_key(&spec.vm.group) {
        if world.foreign_names.contains(&spec.vm.group) {
            return Err(Refusal::plain(AdviceId::Rst04));
        }
        room_for_group(world)?;
        events.push(Event::GroupSet(spec.vm.group.clone(), group_of(&spec.region, spec.model)));
    }
    let system = [DiskSpec {
        lun: Lun(-1),
        capacity_gb: 127,
        used_gb: 20,
        image: Some(0),
        storage: StorageType::StandardLrs,
        role: None,
        churn_mb_per_day: 0,
    }];
    let specs: &[DiskSpec] = if spec.disks.is_empty() { &system } else { &spec.disks };
    if specs.len() > DISKS_MAX {
        return Err(Senseless::Number.into());
    }
    let mut fresh = world.next_content;
    let mut disks = BTreeMap::new();
    let mut contents = Vec::new();
    for spec_of_disk in specs {
        let (made, map, churn) = disk(spec_of_disk, &spec.account, &mut fresh)?;
        if disks.insert(spec_of_disk.lun, made).is_some() {
            return Err(Senseless::Exists.into());
        }
        contents.push((spec_of_disk.lun, map, churn));
    }
    if !disks.values().any(|disk| disk.role == DiskRole::Os) {
        return Err(Refusal::Missing(Missing::Disk, "-1".to_string()));
    }
    let mut vm = new_vm(spec, disks);
    for change in &spec.with {
        check_change(&vm, change)?;
        change.apply(&mut vm);
    }
    events.push(Event::VmCreated(Box::new(vm), contents));
    Ok(events)
}

fn new_vm(spec: &VmSpec, disks: BTreeMap<Lun, Disk>) -> Vm {
    Vm {
        identity: spec.vm.clone(),
        region: spec.region.clone(),
        model: spec.model,
        origin: spec.origin,
        power: Power::Running,
        reported: Power::Running,
        bad_state: false,
        os: spec.os,
        os_supported: true,
        cpu_percent: 10,
        memory_percent: 40,
        nics: 1,
        load_balanced: false,
        reserved_ips: alloc::collections::BTreeSet::new(),
        endpoints: if spec.os == OsFamily::Windows { 2 } else { 1 },
        path: Path::default(),
        complus_running: true,
        msdtc_running: true,
        sql_backup: false,
        vss_copy_backup: false,
        database: false,
        agent: if spec.origin == Origin::Migrated { Agent::ABSENT } else { Agent::GALLERY },
        extension: Extension::Absent,
        vss: Vss::default(),
        disks,
    }
}

/// What keeps a change from being made to a machine as it is.
fn check_change(vm: &Vm, change: &VmChange) -> Result<(), Refusal> {
    if change.needs_running_guest() && !vm.is_running() {
        return Err(Senseless::NotRunning.into());
    }
    if let Some(lun) = change.disk() {
        let disk = vm.disks.get(&lun).ok_or_else(|| Refusal::Missing(Missing::Disk, lun.0.to_string()))?;
        if matches!(change, VmChange::DetachDisk(_)) && !detachable(disk.role) {
            return Err(Senseless::WrongState.into());
        }
    }
    match change {
        VmChange::InstallAgent { admin: false } => Err(Refusal::plain(AdviceId::Agent03)),
        VmChange::NewNetRoute { elevated: false } => Err(Refusal::plain(AdviceId::Net08)),
        VmChange::UpdateAgent if !vm.agent.installed() => Err(Refusal::plain(AdviceId::Agent02)),
        VmChange::Load { cpu, memory } if *cpu > 100 || *memory > 100 => Err(Senseless::Number.into()),
        VmChange::Fragment { percent, .. } if *percent > 100 => Err(Senseless::Number.into()),
        VmChange::Start if vm.is_running() => Err(Senseless::WrongState.into()),
        _ => Ok(()),
    }
}

fn change_vm(world: &World, identity: &VmIdentity, change: &VmChange) -> Answer {
    let state = known_vm(world, identity)?;
    check_change(&state.vm, change)?;
    if let VmChange::JoinNetwork(Some(name)) = change
        && !world.networks.contains_key(name)
    {
        return Err(Refusal::Missing(Missing::Network, name.to_string()));
    }
    let agent = matches!(
        change,
        VmChange::InstallAgent { .. } | VmChange::RemoveAgent | VmChange::UpdateAgent | VmChange::BreakAgent
    );
    if agent {
        // No backup while the agent is changed, and no second change of it.
        if state.vm.agent.state == lifecycle::AgentState::Updating || has_active_backup(world, identity) {
            return Err(Refusal::plain(AdviceId::Agent07));
        }
    }
    if *change == VmChange::UpdateAgent {
        let ends = world.clock.checked_add(AGENT_UPDATE_TAKES).ok_or(Senseless::Time)?;
        return Ok([Event::AgentUpdateStarted(identity.clone(), ends)].into());
    }
    Ok([Event::VmChanged(identity.clone(), change.clone())].into())
}

fn has_active_backup(world: &World, identity: &VmIdentity) -> bool {
    world.vaults.values().any(|vault| {
        let item = vault.catalogue.items.get(identity);
        item.and_then(|item| vault.catalogue.active_job(item)).is_some_and(|job| job.kind == JobKind::Backup)
    })
}

fn attach_disk(world: &World, identity: &VmIdentity, spec: &DiskSpec) -> Answer {
    let state = known_vm(world, identity)?;
    if state.vm.disks.contains_key(&spec.lun) {
        return Err(Senseless::Exists.into());
    }
    if state.vm.disks.len() >= DISKS_MAX {
        return Err(Senseless::Full.into());
    }
    let account = state.vm.disks.values().next().map(|disk| disk.account.clone());
    let account = account.ok_or_else(|| Refusal::Missing(Missing::Disk, "-1".to_string()))?;
    let mut fresh = world.next_content;
    let (disk, map, churn) = disk(spec, &account, &mut fresh)?;
    Ok([Event::DiskAttached(identity.clone(), spec.lun, Box::new(disk), map, churn)].into())
}
