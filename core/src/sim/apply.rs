//! Folding events into the [`World`]: the only writer.

use alloc::collections::BTreeMap;

use super::event::Event;
use super::store::DiskMaps;
use super::vault_log::VaultLog;
use super::world::{VaultState, VmState, World};
use crate::advice::AdviceId;
use crate::lifecycle::{
    Agent, AgentState, AgentVersion, Catalogue, DeploymentModel, DiskRole, Extension, FaultPoint, Group,
    Power, Shared, VaultEvent, VaultName, Vm, VmIdentity,
};
use crate::time::Instant;

impl World {
    /// Takes note of what happened at `at`. An event that names what is not here changes nothing.
    pub fn apply(&mut self, at: Instant, event: &Event) {
        self.clock = at;
        if *event != Event::TimePassed {
            self.events += 1;
        }
        match event {
            Event::TimePassed => {}
            Event::RegionSet(name, region) => {
                self.regions.insert(name.clone(), region.clone());
            }
            Event::GroupSet(name, group) => {
                self.groups.insert(name.clone(), group.clone());
            }
            Event::GroupDeleted(name) => {
                self.groups.remove(name);
            }
            Event::NameTaken(name) => {
                self.foreign_names.insert(name.clone());
            }
            Event::NetworkSet(name, network) => {
                self.networks.insert(name.clone(), network.clone());
            }
            Event::AccountSet(name, account) => {
                self.accounts.insert(name.clone(), account.clone());
            }
            Event::VmDeleted(vm) => {
                self.vms.remove(vm);
                self.agents.retain(|(_, updating)| updating != vm);
            }
            Event::FaultInjected(point) => {
                self.faults.insert(*point);
            }
            Event::FaultCleared(point) => {
                self.faults.remove(point);
            }
            Event::QueueWaitSet(wait) => self.queue_wait = *wait,
            Event::GroupQuotaSet(quota) => self.group_quota = *quota,
            Event::ExtensionPublished => self.extension_latest += 1,
            Event::ThroughputSet(throughput) => self.throughput = *throughput,
            Event::VaultCreated(name, region, profile) => {
                let catalogue = Catalogue::new(name.clone(), region.clone(), (**profile).clone(), at);
                let (store, log) = (super::store::BlockStore::default(), VaultLog::new(at));
                self.vaults.insert(name.clone(), VaultState { catalogue, store, log });
            }
            Event::BaseSnapshotDropped(vault, item) => {
                if let Some(vault) = self.vaults.get_mut(vault) {
                    vault.store.bases.remove(item);
                }
            }
            Event::Vault(vault, event) => self.apply_to_vault(at, vault, event),
            of_vm => self.apply_to_vm(at, of_vm),
        }
    }

    fn apply_to_vm(&mut self, at: Instant, event: &Event) {
        match event {
            Event::VmCreated(vm, disks) => {
                let mut churn = BTreeMap::new();
                let mut content = BTreeMap::new();
                for (lun, map, blocks_a_day) in disks {
                    self.next_content = self.next_content.max(end_of_contents(map));
                    content.insert(*lun, map.clone());
                    if *blocks_a_day > 0 {
                        churn.insert(*lun, *blocks_a_day);
                    }
                }
                let state = VmState { vm: Shared::new((**vm).clone()), content, churn, churned: at };
                self.vms.insert(vm.identity.clone(), state);
            }
            Event::VmChanged(vm, change) => self.with_vm(vm, |state| {
                change.apply(state.vm.change());
                if let super::change::VmChange::DetachDisk(lun) = change {
                    state.content.remove(lun);
                    state.churn.remove(lun);
                }
            }),
            Event::AgentUpdateStarted(vm, ends) => {
                self.with_vm(vm, |state| state.vm.change().agent.state = AgentState::Updating);
                self.agents.insert((*ends, vm.clone()));
            }
            Event::AgentUpdated(vm) => {
                self.agents.retain(|(_, updating)| updating != vm);
                self.with_vm(vm, |state| {
                    let flag_set = state.vm.agent.flag_set;
                    state.vm.change().agent =
                        Agent { flag_set, version: AgentVersion::LATEST, ..Agent::GALLERY };
                });
            }
            Event::DiskAttached(vm, lun, disk, map, blocks_a_day) => {
                self.next_content = self.next_content.max(end_of_contents(map));
                self.with_vm(vm, |state| {
                    state.vm.change().disks.insert(*lun, (**disk).clone());
                    state.content.insert(*lun, map.clone());
                    if *blocks_a_day > 0 {
                        state.churn.insert(*lun, *blocks_a_day);
                    }
                });
            }
            Event::BlocksWritten { vm, lun, start, count } => {
                let content = self.next_content;
                self.next_content += u64::from(*count);
                self.with_vm(vm, |state| {
                    state.churned = at;
                    if let Some(map) = state.content.get_mut(lun) {
                        map.write(*start, *count, content);
                    }
                });
            }
            Event::BlocksCopied { vm, lun, from, start, count } => self.with_vm(vm, |state| {
                if let Some(map) = state.content.get_mut(lun) {
                    map.copy_within(*from, *start, *count);
                }
            }),
            Event::BlocksCleared { vm, lun, start, count } => self.with_vm(vm, |state| {
                if let Some(map) = state.content.get_mut(lun) {
                    map.clear(*start, *count);
                }
            }),
            _ => {}
        }
    }

    fn with_vm(&mut self, vm: &VmIdentity, change: impl FnOnce(&mut VmState)) {
        if let Some(state) = self.vms.get_mut(vm) {
            change(state);
        }
    }

    fn apply_to_vault(&mut self, at: Instant, name: &VaultName, event: &VaultEvent) {
        let Some(vault) = self.vaults.get_mut(name) else { return };
        vault.log.follow(at, event, &vault.catalogue, &vault.store);
        match event {
            VaultEvent::SnapshotTaken { job, .. } => {
                let item = vault.catalogue.jobs.get(job).map(|job| &job.item);
                if let Some(state) = item.and_then(|item| self.vms.get(item)) {
                    vault.store.pending.insert(*job, backed_up(state));
                }
            }
            VaultEvent::PointCreated { point } => vault.store.publish(point.job, point.number, &point.item),
            VaultEvent::PointPruned { point, .. } => vault.store.remove(*point),
            VaultEvent::JobFailed { job, id, .. } => {
                vault.store.pending.remove(job);
                // An injected fault is a passing one: the failure it causes uses it up.
                match id {
                    AdviceId::Reg14 => self.faults.remove(&FaultPoint::Register),
                    AdviceId::Bkp06 | AdviceId::Bkp14 => self.faults.remove(&FaultPoint::Backup),
                    _ => false,
                };
            }
            VaultEvent::JobCancelled { job } => {
                vault.store.pending.remove(job);
            }
            VaultEvent::DiscoveryFailed { .. } => {
                self.faults.remove(&FaultPoint::Discovery);
            }
            VaultEvent::DataDeleted { item } => {
                let points = vault.catalogue.items.get(item).map(|item| item.points.clone());
                points.unwrap_or_default().into_iter().for_each(|point| vault.store.remove(point));
                vault.store.bases.remove(item);
            }
            VaultEvent::ExtensionInstalled { item, version } => {
                if let Some(state) = self.vms.get_mut(item) {
                    state.vm.change().extension = Extension::Installed(*version);
                }
            }
            VaultEvent::RestoreCompleted { job, point, vm: Some(identity) } => {
                let config = vault.catalogue.points.get(point).map(|point| (*point.config).clone());
                let request = vault.catalogue.jobs.get(job).and_then(|job| job.order.restore.clone());
                let maps = vault.store.points.get(point).cloned();
                if let (Some(config), Some(request), Some(maps)) = (config, request, maps) {
                    let account = request.account;
                    let vm = restored(config, identity, account, request.network);
                    let region = vm.region.clone();
                    let group = group_of(&region, vm.model);
                    self.groups.entry(identity.group.clone()).or_insert(group);
                    let state =
                        VmState { vm: Shared::new(vm), content: maps, churn: BTreeMap::new(), churned: at };
                    self.vms.insert(identity.clone(), state);
                }
            }
            _ => {}
        }
        vault.catalogue.apply(at, event);
    }
}

/// A group as it is made.
pub(super) fn group_of(region: &crate::lifecycle::RegionName, model: DeploymentModel) -> Group {
    Group {
        region: region.clone(),
        model,
        dns_settings: false,
        reserved_ip: None,
        endpoints_used: 0,
        endpoints_max: 150,
        network: None,
    }
}

/// The disks a snapshot takes: all but scratch space.
pub(super) fn backed_up(state: &VmState) -> DiskMaps {
    let disks = state
        .content
        .iter()
        .filter(|(lun, _)| state.vm.disks.get(lun).is_some_and(|disk| disk.role != DiskRole::Temp));
    disks.map(|(lun, map)| (*lun, map.clone())).collect()
}

/// The first content after every one of `map` that belongs to no image.
fn end_of_contents(map: &super::blocks::BlockMap) -> u64 {
    map.runs().iter().map(|run| run.content + u64::from(run.count)).max().unwrap_or(0)
}

/// A machine made of a point: the old one under a new identity, running.
fn restored(
    config: Vm,
    identity: &VmIdentity,
    account: crate::lifecycle::AccountName,
    network: Option<crate::lifecycle::NetworkName>,
) -> Vm {
    let mut vm = Vm { identity: identity.clone(), power: Power::Running, reported: Power::Running, ..config };
    vm.extension = Extension::Absent;
    vm.path.network = network;
    vm.disks.retain(|_, disk| disk.role != DiskRole::Temp);
    vm.disks.values_mut().for_each(|disk| disk.account = account.clone());
    vm
}
