//! The lifecycle of virtual machine backups, as rules: discover, register,
//! protect, back up, cancel, stop, restore.
//!
//! ```text
//! command ─► decide ─┐
//!                    ├─► events ─► Catalogue::apply ─► state
//! moment  ─► due ────┘
//! ```
//!
//! `decide` answers a person, `due` answers the clock; both read the
//! [`Catalogue`] and the [`Platform`] around it and write neither. Every number
//! is a field of the [`Profile`], every refusal carries an advice id where the
//! guides have one, and checks stand in a fixed order, so one state gives one
//! answer.

mod apply;
mod backup;
mod cancel;
mod catalogue;
mod checks;
mod command;
mod configure;
mod consistency;
mod copying;
mod decide;
mod due;
mod event;
mod item;
mod job;
mod names;
mod notice;
mod platform;
mod point;
mod preflight;
mod profile;
mod refusal;
mod restore;
mod restoring;
mod screen;
mod shared;
mod summary;
mod vm;

pub use catalogue::{Alert, Catalogue, Discovery, Due, PolicyState};
pub use command::VaultCommand;
pub use consistency::{Consistency, Guarantees, reached, remarks, requested};
pub use copying::{CopyOutlook, CopyPlan};
pub use decide::decide;
pub use due::due;
pub use event::{AlertKind, VaultEvent};
pub use item::{BackupPolicy, Item, LastBackup, NotBefore, Protection, Registration};
pub use job::{Doom, Job, JobKind, JobStatus, Order, Phase, Task, TaskKind, TaskStatus, Trigger};
pub use names::{
    AccountName, GroupName, JobId, NameError, NetworkName, PointNumber, PolicyName, RegionName, ReservedIp,
    SubnetName, VaultName, VmIdentity, VmName, WriterName,
};
pub use notice::{Notice, notice};
pub use platform::{
    Account, AccountTier, CopyWork, DeltaMethod, FaultPoint, Group, Health, Network, Platform, Region,
    Replication,
};
pub use point::RecoveryPoint;
pub use preflight::{Check, Concern, Verdict, preflight};
pub use profile::{Difference, Parameter, Profile, ProfileId, RestoreOffer};
pub use refusal::{Advised, Missing, Refusal, Senseless};
pub use restore::{Client, RestoreRequest, TargetGroup, objections};
pub use screen::{Offer, Screen};
pub use shared::Shared;
pub use summary::{
    Dashboard, JobFilter, crowds, dashboard, jobs, prerequisites_missing, progress_visible, protect_list,
    register_list, shared_names,
};
pub use vm::{
    Access, Agent, AgentState, AgentVersion, DeploymentModel, Disk, DiskRole, Extension, FREEZE_SECONDS_MAX,
    Lun, Origin, OsFamily, Path, Power, Proxy, StorageType, Vm, Vss, WriterState,
};
