//! Answering a person in the imitated world: a command becomes events, or a refusal.

mod machine;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use self::machine::{attach_disk, blocks, change_vm, create_vm};
use super::apply::group_of;
use super::blocks::BlockMap;
use super::command::Command;
use super::event::Event;
use super::world::{VmState, World, WorldDue};
use crate::advice::AdviceId;
use crate::lifecycle;
use crate::lifecycle::{
    Account, Due, Group, GroupName, Lun, Missing, Network, Phase, Profile, Refusal, Region, RegionName,
    Senseless, VaultName, VmIdentity,
};
use crate::time::{Instant, Span};

type Answer = Result<Vec<Event>, Refusal>;

/// The longest wait of transfers at peak, in minutes.
const QUEUE_MINUTES_MAX: u32 = 8 * 60;
/// Bytes a second a standard account gives out.
const ACCOUNT_EGRESS: u64 = 1_875_000_000;
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
        Command::CopyBlocks { vm, lun, from, start, count } => {
            let state = known_vm(world, vm)?;
            let (from, count) = blocks_within(state, *lun, *from, *count)?;
            let (start, count) = blocks_within(state, *lun, *start, count)?;
            Ok([Event::BlocksCopied { vm: vm.clone(), lun: *lun, from, start, count }].into())
        }
        Command::CreateVault { name, region, profile, custom } => {
            known_region(world, region)?;
            let profile = custom.as_deref().cloned().unwrap_or_else(|| Profile::of(*profile));
            if world.vaults.contains_key(name) {
                return Err(Senseless::Exists.into());
            }
            if !profile.is_possible() {
                return Err(Senseless::Number.into());
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
    let mut events = Vec::new();
    for (lun, region, count) in churned(state, at) {
        let key = [world.events, u64::from(lun.0.unsigned_abs())];
        let turn = super::draw::draw(world.seed, &key, u64::from(CHURN_REGIONS));
        let skip = u32::try_from(turn).unwrap_or(0) * region;
        let ranges = state.content.get(&lun).map(|map| map.held(skip, count)).unwrap_or_default();
        let vm = &state.vm.identity;
        let written = |(start, count)| Event::BlocksWritten { vm: vm.clone(), lun, start, count };
        events.extend(ranges.into_iter().map(written));
    }
    events
}

/// What `state` will have written by `at`, on each disk that changes: the blocks of one of its regions, and how many of
/// them.
pub(super) fn churned(state: &VmState, at: Instant) -> Vec<(Lun, u32, u32)> {
    let elapsed = u64::try_from(at.since(state.churned).milliseconds()).unwrap_or(0);
    if !state.vm.is_running() {
        return Vec::new();
    }
    let of_disk = |(lun, blocks_a_day): (&Lun, &u32)| {
        let used = state.content.get(lun).map_or(0, BlockMap::allocated);
        let region = u32::try_from(used).unwrap_or(u32::MAX) / CHURN_REGIONS;
        let wanted = u64::from(*blocks_a_day).saturating_mul(elapsed) / 86_400_000;
        let count = u32::try_from(wanted).unwrap_or(u32::MAX).min(region);
        (count > 0).then_some((*lun, region, count))
    };
    state.churn.iter().filter_map(of_disk).collect()
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
