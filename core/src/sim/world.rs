//! The imitated world: the platform, its machines and the vaults.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::blocks::{BLOCK_BYTES, BlockMap};
use super::draw;
use super::store::{BlockStore, DiskWork};
use super::throughput::Throughput;
use super::vault_log::VaultLog;
use crate::lifecycle::{
    Account, AccountName, Catalogue, CopyPlan, DeltaMethod, Due, FaultPoint, Group, GroupName, Job, Lun,
    Network, NetworkName, Phase, Platform, PointNumber, Region, RegionName, Shared, VaultName, Vm,
    VmIdentity,
};
use crate::time::{Instant, Span};

/// A machine with what its disks hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmState {
    /// The machine as the rules see it.
    pub vm: Shared<Vm>,
    /// What its disks hold.
    pub content: BTreeMap<Lun, BlockMap>,
    /// Blocks that change a day on each disk, where any do.
    pub churn: BTreeMap<Lun, u32>,
    /// Up to when that change has been written.
    pub churned: Instant,
}

/// A vault: what it knows and what it stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultState {
    /// What it knows.
    pub catalogue: Catalogue,
    /// What it stores.
    pub store: BlockStore,
    /// What its log says.
    pub log: VaultLog,
}

/// What happens by itself, anywhere. In this order where moments are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorldDue {
    /// An agent is up to date.
    Agent(VmIdentity),
    /// Something in a vault.
    Vault(VaultName, Due),
}

/// The state of the imitated world. The fold of its events, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The present moment.
    pub clock: Instant,
    /// The seed of every chance.
    pub seed: u64,
    /// How many events there were, passing of time not counted.
    pub events: u64,
    /// The regions.
    pub regions: BTreeMap<RegionName, Region>,
    /// Cloud services and resource groups.
    pub groups: BTreeMap<GroupName, Group>,
    /// Names of cloud services other subscriptions hold.
    pub foreign_names: BTreeSet<GroupName>,
    /// Virtual networks.
    pub networks: BTreeMap<NetworkName, Network>,
    /// Storage accounts.
    pub accounts: BTreeMap<AccountName, Account>,
    /// Machines.
    pub vms: BTreeMap<VmIdentity, VmState>,
    /// Vaults.
    pub vaults: BTreeMap<VaultName, VaultState>,
    /// Parts of the service that fail.
    pub faults: BTreeSet<FaultPoint>,
    /// How long transfers wait.
    pub queue_wait: Span,
    /// How many resource groups the subscription may have.
    pub group_quota: u32,
    /// The newest version of the extension.
    pub extension_latest: u32,
    /// Rates of copies.
    pub throughput: Throughput,
    /// The first content no block has held yet.
    pub(super) next_content: u64,
    /// When agents being updated are done.
    pub(super) agents: BTreeSet<(Instant, VmIdentity)>,
}

/// The contents of image number `n` begin at `(n + 1)` times this.
pub(super) const IMAGE_CONTENTS: u64 = 1 << 32;
/// The first content that belongs to no image.
pub(super) const OWN_CONTENTS: u64 = 1 << 49;

impl World {
    /// A world with nothing in it, at `clock`.
    pub fn empty(seed: u64, clock: Instant) -> World {
        World {
            clock,
            seed,
            events: 0,
            regions: BTreeMap::new(),
            groups: BTreeMap::new(),
            foreign_names: BTreeSet::new(),
            networks: BTreeMap::new(),
            accounts: BTreeMap::new(),
            vms: BTreeMap::new(),
            vaults: BTreeMap::new(),
            faults: BTreeSet::new(),
            queue_wait: Span::ZERO,
            group_quota: 100,
            extension_latest: 1,
            throughput: Throughput::PUBLISHED,
            next_content: OWN_CONTENTS,
            agents: BTreeSet::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn take_out(&mut self, guard: crate::protocol::Guard) {
        self.vaults.values_mut().for_each(|vault| vault.log.guards = crate::protocol::Guards::without(guard));
    }

    /// The next thing that happens by itself.
    pub fn next_due(&self) -> Option<(Instant, WorldDue)> {
        let agent = self.agents.first().map(|(at, vm)| (*at, WorldDue::Agent(vm.clone())));
        let vaults = self.vaults.iter().filter_map(|(name, vault)| Some((name, vault.catalogue.next_due()?)));
        // Only the earliest is cloned; among equals the first vault by name.
        let vault = vaults.min_by(|(_, left), (_, right)| left.0.cmp(&right.0));
        let vault = vault.map(|(name, (at, due))| (*at, WorldDue::Vault(name.clone(), due.clone())));
        match (agent, vault) {
            (Some(agent), Some(vault)) => Some(if agent.0 <= vault.0 { agent } else { vault }),
            (agent, vault) => agent.or(vault),
        }
    }

    /// This world as the vault `name` sees it.
    pub fn around<'a>(&'a self, vault: &'a VaultState) -> Surroundings<'a> {
        Surroundings { world: self, vault }
    }

    /// What a first backup of a machine has to copy, as it is now.
    pub fn first_copy(&self, vm: &VmIdentity) -> Option<CopyPlan> {
        let state = self.vms.get(vm)?;
        let whole = |lun: &Lun| {
            let allocated = state.content.get(lun).map_or(0, BlockMap::allocated);
            DiskWork { method: DeltaMethod::Full, allocated, read: allocated, send: allocated }
        };
        let disks = state.vm.backed_up_disks().map(|(lun, _)| (lun, whole(&lun))).collect();
        Some(self.planned(&disks, Some(&state.vm)))
    }

    /// The BLAKE3 hash of the whole state in its canonical form, as hex.
    ///
    /// The same natively and in a browser: ordered maps, integers only.
    pub fn hash(&self) -> blake3::Hash {
        blake3::hash(&self.canonical())
    }

    /// The whole state in its canonical form.
    pub(super) fn canonical(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a state has no value postcard refuses")
    }
}

/// The world as one vault sees it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    world: &'a World,
    vault: &'a VaultState,
}

impl Platform for Surroundings<'_> {
    fn vm(&self, identity: &VmIdentity) -> Option<&Shared<Vm>> {
        self.world.vms.get(identity).map(|state| &state.vm)
    }

    fn vms(&self) -> Box<dyn Iterator<Item = &Vm> + '_> {
        Box::new(self.world.vms.values().map(|state| &*state.vm))
    }

    fn region(&self, name: &RegionName) -> Option<&Region> {
        self.world.regions.get(name)
    }

    fn group(&self, name: &GroupName) -> Option<&Group> {
        self.world.groups.get(name)
    }

    fn network(&self, name: &NetworkName) -> Option<&Network> {
        self.world.networks.get(name)
    }

    fn account(&self, name: &AccountName) -> Option<&Account> {
        self.world.accounts.get(name)
    }

    fn name_taken(&self, name: &GroupName) -> bool {
        self.world.foreign_names.contains(name) || self.world.groups.contains_key(name)
    }

    fn groups_left(&self) -> u32 {
        let groups = u32::try_from(self.world.groups.len()).unwrap_or(u32::MAX);
        self.world.group_quota.saturating_sub(groups)
    }

    fn fault(&self, point: FaultPoint) -> bool {
        self.world.faults.contains(&point)
    }

    fn queue_wait(&self) -> Span {
        self.world.queue_wait
    }

    fn extension_latest(&self) -> u32 {
        self.world.extension_latest
    }

    fn snapshots_running(&self, group: &GroupName) -> u32 {
        let first = VmIdentity::first_of(group);
        let snapshots = self.world.vaults.values().flat_map(|vault| {
            let items = vault.catalogue.items.range(first.clone()..).take_while(|(id, _)| id.group == *group);
            items.filter_map(|(_, item)| vault.catalogue.active_job(item))
        });
        let taking = snapshots.filter(|job| matches!(job.phase, Some(Phase::Quiesce | Phase::Snapshot)));
        u32::try_from(taking.count()).unwrap_or(u32::MAX)
    }

    fn copy_plan(&self, job: &Job) -> CopyPlan {
        let item = self.vault.catalogue.items.get(&job.item);
        let newest = item.and_then(|item| item.points.last().copied());
        let Some(maps) = self.vault.store.pending.get(&job.id) else { return CopyPlan::NOTHING };
        let disks = self.vault.store.work(maps, &job.item, newest);
        self.world.planned(&disks, job.config.as_deref())
    }

    fn lets_go(&self, point: PointNumber) -> bool {
        self.vault.log.lets_go(point)
    }

    fn restore_takes(&self, _item: &VmIdentity, point: PointNumber) -> Span {
        let disks = self.vault.store.points.get(&point);
        let largest =
            disks.into_iter().flat_map(BTreeMap::values).map(BlockMap::allocated).max().unwrap_or(0);
        Throughput::at_rate(largest.saturating_mul(BLOCK_BYTES), self.world.throughput.disk_bytes_per_second)
    }

    fn draw(&self, key: &[u64], bound: u64) -> u64 {
        draw::draw(self.world.seed, key, bound)
    }
}
