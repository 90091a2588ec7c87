//! What surrounds a vault: regions, groups, networks, accounts, and the
//! questions the rules ask of them.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::copying::CopyPlan;
use super::job::Job;
use super::names::{
    AccountName, GroupName, NetworkName, PointNumber, RegionName, ReservedIp, SubnetName, VmIdentity,
};
use super::shared::Shared;
use super::vm::{DeploymentModel, Vm};
use crate::time::Span;
use crate::units::ByteCount;

/// How a part of a region is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    #[default]
    Healthy,
    /// Slow or unreliable.
    Degraded,
    /// Not there.
    Down,
}

/// A region of the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Computing.
    pub compute: Health,
    /// Storage.
    pub storage: Health,
    /// Networking.
    pub network: Health,
}

impl Region {
    /// Whether every part is healthy.
    pub fn is_healthy(&self) -> bool {
        [self.compute, self.storage, self.network] == [Health::Healthy; 3]
    }
}

/// A cloud service, or a resource group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Where it is.
    pub region: RegionName,
    /// Which of the two.
    pub model: DeploymentModel,
    /// Whether it carries DNS settings of its own.
    pub dns_settings: bool,
    /// Its reserved address, if any.
    pub reserved_ip: Option<ReservedIp>,
    /// Input endpoints in use.
    pub endpoints_used: u32,
    /// Input endpoints it may have.
    pub endpoints_max: u32,
    /// The network it is bound to, if any.
    pub network: Option<NetworkName>,
}

/// A virtual network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Where it is.
    pub region: RegionName,
    /// Whether names of the platform resolve in it.
    pub resolves_platform: bool,
    /// Its subnets.
    pub subnets: BTreeSet<SubnetName>,
}

/// What an account costs and can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountTier {
    /// Basic.
    Basic,
    /// Standard.
    #[default]
    Standard,
    /// Premium.
    Premium,
}

/// How often an account keeps its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replication {
    /// Locally redundant.
    #[default]
    Lrs,
    /// Geo-redundant.
    Grs,
    /// Geo-redundant, readable there.
    Ragrs,
    /// Zone-redundant.
    Zrs,
}

/// A storage account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Where it is.
    pub region: RegionName,
    /// Its tier.
    pub tier: AccountTier,
    /// Its replication.
    pub replication: Replication,
    /// Whether it answers.
    pub online: bool,
    /// Bytes a second it gives out, over all its disks.
    pub egress_bytes_per_second: u64,
}

/// What a fault is injected into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultPoint {
    /// Discovery ends with an internal error.
    Discovery,
    /// Registration ends with an internal error.
    Register,
    /// Backups end with an internal error.
    Backup,
    /// Cancelling fails.
    Cancel,
}

/// How changes were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeltaMethod {
    /// There was nothing to compare with.
    Full,
    /// Two snapshots were compared by the platform.
    SnapshotDifference,
    /// Every block was read and compared by checksum.
    Checksum,
}

/// What a copy has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyWork {
    /// How changes were found.
    pub method: DeltaMethod,
    /// Bytes the disks hold.
    pub logical: ByteCount,
    /// Bytes read from the snapshots.
    pub read: ByteCount,
    /// Bytes to send to the vault.
    pub send: ByteCount,
    /// How long that takes.
    pub takes: Span,
}

/// What the rules may ask of the world around a vault.
pub trait Platform {
    /// The machine of this identity, if it exists.
    fn vm(&self, identity: &VmIdentity) -> Option<&Shared<Vm>>;
    /// Every machine of the subscription, in order of identity.
    fn vms(&self) -> Box<dyn Iterator<Item = &Vm> + '_>;
    /// A region.
    fn region(&self, name: &RegionName) -> Option<&Region>;
    /// A cloud service or resource group.
    fn group(&self, name: &GroupName) -> Option<&Group>;
    /// A network.
    fn network(&self, name: &NetworkName) -> Option<&Network>;
    /// A storage account.
    fn account(&self, name: &AccountName) -> Option<&Account>;
    /// Whether a cloud service of this name exists anywhere.
    fn name_taken(&self, name: &GroupName) -> bool;
    /// How many more resource groups the subscription may have.
    fn groups_left(&self) -> u32;
    /// Whether a fault is injected here.
    fn fault(&self, point: FaultPoint) -> bool;
    /// How long transfers wait before they start.
    fn queue_wait(&self) -> Span;
    /// The newest version of the extension.
    fn extension_latest(&self) -> u32;
    /// How many other snapshots of this cloud service are being taken right now.
    fn snapshots_running(&self, group: &GroupName) -> u32;
    /// What copying the snapshots that `job` holds has to do.
    fn copy_plan(&self, job: &Job) -> CopyPlan;
    /// Whether the vault lets a rule of retention take this point.
    fn lets_go(&self, _point: PointNumber) -> bool {
        true
    }
    /// How long bringing a point back takes.
    fn restore_takes(&self, item: &VmIdentity, point: PointNumber) -> Span;
    /// A number below `bound` (0 for 0), always the same for the same seed and key.
    fn draw(&self, key: &[u64], bound: u64) -> u64;

    /// Whether names of the platform resolve for `vm`; without a network they do.
    fn names_resolve(&self, vm: &Vm) -> bool {
        let network = vm.path.network.as_ref();
        network.and_then(|name| self.network(name)).is_none_or(|network| network.resolves_platform)
    }

    /// Whether `vm` reaches the platform.
    fn egress_open(&self, vm: &Vm) -> bool {
        vm.path.egress_open(self.names_resolve(vm))
    }

    /// The machines of a group, in order.
    fn group_members(&self, name: &GroupName) -> Vec<&Vm> {
        self.vms().filter(|vm| vm.identity.group == *name).collect()
    }
}
