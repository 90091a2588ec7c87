//! What happened in the imitated world. Past tense, whole, never taken back.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::blocks::BlockMap;
use super::change::VmChange;
use super::throughput::Throughput;
use crate::lifecycle::{
    Account, AccountName, Disk, FaultPoint, Group, GroupName, Lun, Network, NetworkName, Profile, Region,
    RegionName, VaultEvent, VaultName, Vm, VmIdentity,
};
use crate::time::{Instant, Span};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Time passed, and nothing more happened up to this moment.
    TimePassed,
    /// A region is like this now.
    RegionSet(RegionName, Region),
    /// A group is like this now.
    GroupSet(GroupName, Group),
    /// A group is gone.
    GroupDeleted(GroupName),
    /// A name was taken by someone else.
    NameTaken(GroupName),
    /// A network is like this now.
    NetworkSet(NetworkName, Network),
    /// An account is like this now.
    AccountSet(AccountName, Account),
    /// A machine exists.
    VmCreated(Box<Vm>, Vec<(Lun, BlockMap, u32)>),
    /// A machine is gone.
    VmDeleted(VmIdentity),
    /// Something was done to a machine.
    VmChanged(VmIdentity, VmChange),
    /// The agent is being updated until then.
    AgentUpdateStarted(VmIdentity, Instant),
    /// The agent is up to date.
    AgentUpdated(VmIdentity),
    /// A disk was attached.
    DiskAttached(VmIdentity, Lun, Box<Disk>, BlockMap, u32),
    /// Blocks were written.
    BlocksWritten {
        /// Of which machine.
        vm: VmIdentity,
        /// On which disk.
        lun: Lun,
        /// From which block on.
        start: u32,
        /// How many blocks.
        count: u32,
    },
    /// Blocks were cleared.
    BlocksCleared {
        /// Of which machine.
        vm: VmIdentity,
        /// On which disk.
        lun: Lun,
        /// From which block on.
        start: u32,
        /// How many blocks.
        count: u32,
    },
    /// A vault exists.
    VaultCreated(VaultName, RegionName, Box<Profile>),
    /// Something happened in a vault.
    Vault(VaultName, VaultEvent),
    /// The snapshot kept for finding changes is gone.
    BaseSnapshotDropped(VaultName, VmIdentity),
    /// A part of the service fails.
    FaultInjected(FaultPoint),
    /// It works again.
    FaultCleared(FaultPoint),
    /// Transfers wait so long now.
    QueueWaitSet(Span),
    /// The subscription may have so many groups.
    GroupQuotaSet(u32),
    /// A new extension is out.
    ExtensionPublished,
    /// Copies run at these rates.
    ThroughputSet(Throughput),
    /// Blocks were copied within a disk.
    BlocksCopied {
        /// Of which machine.
        vm: VmIdentity,
        /// On which disk.
        lun: Lun,
        /// The first block that was copied.
        from: u32,
        /// Where the first copy went.
        start: u32,
        /// How many blocks.
        count: u32,
    },
}

/// An event, when it happened and the how-manieth it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When.
    pub at: Instant,
    /// Its number, from 1; passing of time has none of its own.
    pub number: u64,
    /// What.
    pub event: Event,
}
