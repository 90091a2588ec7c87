//! What a person asks of a vault. It may be refused.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::item::BackupPolicy;
use super::names::{JobId, PolicyName, VmIdentity};
use super::profile::Profile;
use super::restore::RestoreRequest;
use crate::time::Instant;

/// What a person asks of a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum VaultCommand {
    /// Look for machines (2015 only).
    RunDiscovery,
    /// Attach the extension to machines and associate them (2015 only).
    Register {
        /// Which, one job each.
        items: Vec<VmIdentity>,
    },
    /// Undo that.
    Unregister {
        /// Which.
        item: VmIdentity,
    },
    /// Make a policy.
    CreatePolicy {
        /// Its name.
        name: PolicyName,
        /// What it says.
        policy: Box<BackupPolicy>,
    },
    /// Make a policy say something else.
    UpdatePolicy {
        /// Its name.
        name: PolicyName,
        /// What it says now.
        policy: Box<BackupPolicy>,
    },
    /// Delete a policy nobody uses.
    DeletePolicy {
        /// Its name.
        name: PolicyName,
    },
    /// Link machines to a policy, one job each; replaces any other policy.
    Protect {
        /// Which.
        items: Vec<VmIdentity>,
        /// To which policy.
        policy: PolicyName,
    },
    /// Link a protected item to another policy.
    ChangePolicy {
        /// Which.
        item: VmIdentity,
        /// To which policy.
        policy: PolicyName,
    },
    /// Link a stopped item to a policy again.
    ResumeProtection {
        /// Which.
        item: VmIdentity,
        /// To which policy.
        policy: PolicyName,
    },
    /// Make a recovery point now (2016 only).
    BackupNow {
        /// Of what.
        item: VmIdentity,
        /// Until when it stays; the profile's default when left out.
        #[serde(default)]
        retain_until: Option<Instant>,
    },
    /// Stop a job.
    Cancel {
        /// Which.
        job: JobId,
    },
    /// Bring a recovery point back.
    Restore(Box<RestoreRequest>),
    /// End the schedule of an item.
    StopProtection {
        /// Which.
        item: VmIdentity,
        /// Whether its points stay.
        retain: bool,
    },
    /// Delete the points of an item.
    DeleteBackupData {
        /// Which.
        item: VmIdentity,
    },
    /// Let other rules apply.
    SwitchProfile(Box<Profile>),
}
