//! What a person does in the imitated world. It may be refused.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::change::VmChange;
use super::throughput::Throughput;
use crate::lifecycle::{
    AccountName, AccountTier, DeploymentModel, DiskRole, FaultPoint, GroupName, Health, Lun, NetworkName,
    Origin, OsFamily, Profile, ProfileId, RegionName, Replication, ReservedIp, StorageType, SubnetName,
    VaultCommand, VaultName, VmIdentity,
};
use crate::time::Instant;

/// A disk to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskSpec {
    /// Its number; -1 is the system disk.
    pub lun: Lun,
    /// Its size, in GB of 10^9 bytes.
    pub capacity_gb: u32,
    /// How much of it holds data, in GB.
    pub used_gb: u32,
    /// The image it was copied from: disks of one image hold the same.
    #[serde(default)]
    pub image: Option<u16>,
    /// Where it lies.
    #[serde(default)]
    pub storage: StorageType,
    /// What it is for; by its number when left out.
    #[serde(default)]
    pub role: Option<DiskRole>,
    /// How much of it changes a day while the machine runs, in MB.
    #[serde(default)]
    pub churn_mb_per_day: u32,
}

/// A machine to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VmSpec {
    /// Its group and name; the group is made if it does not exist.
    pub vm: VmIdentity,
    /// Where.
    pub region: RegionName,
    /// In which account its disks lie.
    pub account: AccountName,
    /// Classic or Resource Manager.
    #[serde(default)]
    pub model: DeploymentModel,
    /// Where it comes from; decides whether the agent is there.
    #[serde(default)]
    pub origin: Origin,
    /// Its family.
    #[serde(default)]
    pub os: OsFamily,
    /// Its disks; one system disk of 127 GB, 20 GB of it used, when left out.
    #[serde(default)]
    pub disks: Vec<DiskSpec>,
    /// What is done to it right away.
    #[serde(default)]
    pub with: Vec<VmChange>,
}

/// What a person does in the imitated world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Let time pass up to a moment.
    AdvanceTo(Instant),
    /// Let so many minutes pass.
    Wait {
        /// How many.
        minutes: u32,
    },
    /// Build a region.
    AddRegion(RegionName),
    /// Set how a region is.
    SetHealth {
        /// Which.
        region: RegionName,
        /// Computing.
        #[serde(default)]
        compute: Health,
        /// Storage.
        #[serde(default)]
        storage: Health,
        /// Networking.
        #[serde(default)]
        network: Health,
    },
    /// Make a cloud service or resource group.
    AddGroup {
        /// Its name.
        name: GroupName,
        /// Where.
        region: RegionName,
        /// Which of the two.
        #[serde(default)]
        model: DeploymentModel,
    },
    /// Delete an empty group.
    DeleteGroup(GroupName),
    /// Set up a group.
    SetGroup {
        /// Which.
        name: GroupName,
        /// Whether it carries DNS settings.
        #[serde(default)]
        dns_settings: bool,
        /// Its reserved address.
        #[serde(default)]
        reserved_ip: Option<ReservedIp>,
        /// Input endpoints in use.
        #[serde(default)]
        endpoints_used: u32,
        /// The network it is bound to.
        #[serde(default)]
        network: Option<NetworkName>,
    },
    /// Someone else takes the name of a cloud service.
    TakeName(GroupName),
    /// Build a virtual network, or set one up anew.
    SetNetwork {
        /// Its name.
        name: NetworkName,
        /// Where.
        region: RegionName,
        /// Whether names of the platform resolve in it.
        resolves_platform: bool,
        /// Its subnets.
        #[serde(default)]
        subnets: Vec<SubnetName>,
    },
    /// Make a storage account, or set one up anew.
    SetAccount {
        /// Its name.
        name: AccountName,
        /// Where.
        region: RegionName,
        /// Its tier.
        #[serde(default)]
        tier: AccountTier,
        /// Its replication.
        #[serde(default)]
        replication: Replication,
        /// Whether it answers.
        online: bool,
    },
    /// Make a machine.
    CreateVm(Box<VmSpec>),
    /// Delete a machine; its item and points stay.
    DeleteVm(VmIdentity),
    /// Do something to a machine.
    Vm {
        /// Which.
        vm: VmIdentity,
        /// What.
        change: VmChange,
    },
    /// Attach a disk to a machine.
    AttachDisk {
        /// To which.
        vm: VmIdentity,
        /// The disk.
        disk: DiskSpec,
    },
    /// Write to a disk.
    WriteBlocks {
        /// Of which machine.
        vm: VmIdentity,
        /// Which disk.
        lun: Lun,
        /// From which block on.
        start: u32,
        /// How many blocks.
        count: u32,
    },
    /// Make a part of a disk read as zeroes.
    ClearBlocks {
        /// Of which machine.
        vm: VmIdentity,
        /// Which disk.
        lun: Lun,
        /// From which block on.
        start: u32,
        /// How many blocks.
        count: u32,
    },
    /// Make a vault.
    CreateVault {
        /// Its name.
        name: VaultName,
        /// Where.
        region: RegionName,
        /// Its rules.
        profile: ProfileId,
        /// Rules of one's own instead.
        #[serde(default)]
        custom: Option<Box<Profile>>,
    },
    /// Ask something of a vault.
    Vault {
        /// Which.
        vault: VaultName,
        /// What.
        command: VaultCommand,
    },
    /// Delete the snapshot kept for finding changes.
    DropBaseSnapshot {
        /// Of which vault.
        vault: VaultName,
        /// Of which item.
        item: VmIdentity,
    },
    /// Let a part of the service fail: once, or for cancels until it is mended.
    InjectFault(FaultPoint),
    /// Mend it.
    ClearFault(FaultPoint),
    /// Set how long transfers wait.
    SetQueueWait {
        /// How long, in minutes; at most 8 hours.
        minutes: u32,
    },
    /// Set how many resource groups the subscription may have.
    SetGroupQuota(u32),
    /// The service brings out a new extension.
    PublishExtension,
    /// Use other rates, for example measured ones.
    SetThroughput(Throughput),
    /// Copy a part of a disk to another place of it, as copies of files do.
    CopyBlocks {
        /// Of which machine.
        vm: VmIdentity,
        /// Which disk.
        lun: Lun,
        /// The first block that is copied.
        from: u32,
        /// Where the first copy goes.
        start: u32,
        /// How many blocks.
        count: u32,
    },
}
