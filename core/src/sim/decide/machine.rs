//! Machines made and changed by their owner.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::apply::group_of;
use super::super::blocks::{BLOCK_BYTES, BlockMap};
use super::super::change::{VmChange, detachable};
use super::super::command::{DiskSpec, VmSpec};
use super::super::event::Event;
use super::super::world::{IMAGE_CONTENTS, World};
use super::{Answer, known_region, known_vm, room_for_group};
use crate::advice::AdviceId;
use crate::lifecycle;
use crate::lifecycle::{
    AccountName, Agent, Disk, DiskRole, Extension, JobKind, Lun, Missing, Origin, OsFamily, Path, Power,
    Refusal, Senseless, StorageType, Vm, VmIdentity, Vss,
};
use crate::time::Span;

/// How long an update of the agent takes; modelled.
const AGENT_UPDATE_TAKES: Span = Span::from_milliseconds(5 * 60_000);
/// Most disks of a machine.
const DISKS_MAX: usize = 65;
/// Largest disk anyone can make, in GB.
const DISK_GB_MAX: u32 = 65_536;

pub(super) fn blocks(gigabytes: u32) -> u32 {
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

pub(super) fn create_vm(world: &World, spec: &VmSpec) -> Answer {
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

pub(super) fn change_vm(world: &World, identity: &VmIdentity, change: &VmChange) -> Answer {
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

pub(super) fn attach_disk(world: &World, identity: &VmIdentity, spec: &DiskSpec) -> Answer {
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
