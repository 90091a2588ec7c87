//! An item: a virtual machine as its vault knows it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::job::JobStatus;
use super::names::{JobId, PointNumber, PolicyName, RegionName, VmIdentity};
use crate::advice::AdviceId;
use crate::policy::{Retention, Schedule};
use crate::time::{Instant, Span};
use crate::units::ByteCount;

/// How far registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// Listed by discovery.
    Unregistered,
    /// A job is at it.
    Registering,
    /// Done.
    Registered,
    /// The last try ended with this.
    Failed(AdviceId),
}

/// How far protection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// No policy, no points.
    NotProtected,
    /// A job is linking the policy.
    Configuring,
    /// A policy, and no point yet (PROT-08).
    PendingInitial,
    /// A policy and at least one point (BKP-03).
    Protected,
    /// Points, and no schedule (STOP-01).
    StoppedRetained,
}

/// How the last backup ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// How.
    pub status: JobStatus,
    /// When.
    pub at: Instant,
    /// With which error.
    pub error: Option<AdviceId>,
}

/// A failure after which the same is not tried at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBefore {
    /// What is answered until then.
    pub id: AdviceId,
    /// The first moment at which it may be tried.
    pub at: Instant,
}

/// An item of a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which machine. A machine made again under this identity is this item.
    pub identity: VmIdentity,
    /// Where the machine was when it was listed.
    pub region: RegionName,
    /// How far registration is.
    pub registration: Registration,
    /// How far protection is.
    pub protection: Protection,
    /// Its policy.
    pub policy: Option<PolicyName>,
    /// Its points, oldest first.
    pub points: Vec<PointNumber>,
    /// The job that holds it.
    pub active_job: Option<JobId>,
    /// How the last backup ended.
    pub last_backup: Option<LastBackup>,
    /// The last moment a scheduled run took it.
    pub last_scheduled: Option<Instant>,
    /// Registering again before this is refused.
    pub register_not_before: Option<NotBefore>,
    /// Backing up again by hand before this is refused.
    pub backup_not_before: Option<NotBefore>,
    /// What the rules of a profile switched to hold against it.
    pub flags: BTreeSet<AdviceId>,
    /// Bytes an unfinished copy left behind for the next run.
    pub carried: ByteCount,
}

impl Item {
    /// An item just listed.
    pub fn listed(identity: VmIdentity, region: RegionName) -> Item {
        Item {
            identity,
            region,
            registration: Registration::Unregistered,
            protection: Protection::NotProtected,
            policy: None,
            points: Vec::new(),
            active_job: None,
            last_backup: None,
            last_scheduled: None,
            register_not_before: None,
            backup_not_before: None,
            flags: BTreeSet::new(),
            carried: ByteCount::ZERO,
        }
    }

    /// Whether it is neither registered nor protected, nor about to be.
    pub fn is_free(&self) -> bool {
        matches!(self.registration, Registration::Unregistered | Registration::Failed(_))
            && self.protection == Protection::NotProtected
    }

    /// Whether scheduled runs take it.
    pub fn is_scheduled(&self) -> bool {
        matches!(self.protection, Protection::PendingInitial | Protection::Protected)
    }

    /// The entry that names its protection status, where the guides give one.
    pub fn status_advice(&self) -> Option<AdviceId> {
        match self.protection {
            Protection::PendingInitial => Some(AdviceId::Prot08),
            Protection::Protected => Some(AdviceId::Bkp03),
            Protection::StoppedRetained => Some(AdviceId::Stop01),
            Protection::NotProtected | Protection::Configuring => None,
        }
    }

    /// The entry that names its registration status, where the guides give one.
    pub fn registration_advice(&self) -> Option<AdviceId> {
        match self.registration {
            Registration::Unregistered => None,
            Registration::Registering => Some(AdviceId::Reg10),
            Registration::Registered => Some(AdviceId::Reg11),
            Registration::Failed(id) => Some(id),
        }
    }

    /// Whether something should be done about it.
    pub fn action_required(&self) -> bool {
        self.last_backup.is_some_and(|last| last.status == JobStatus::Failed) || !self.flags.is_empty()
    }
}

/// A policy of a vault: schedule and retention (POL-04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupPolicy {
    /// When runs are due.
    pub schedule: Schedule,
    /// How long points stay.
    pub retention: Retention,
    /// A shorter end for each transfer than the profile's.
    #[serde(default)]
    pub copy_window: Option<Span>,
}
