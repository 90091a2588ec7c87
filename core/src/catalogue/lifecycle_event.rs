//! What a `Lifecycle` record carries: a moment, and events in order.
//!
//! One byte of version, then JSON: an event that this program does not know is
//! read around, alone, and counted.
//!
//! Format: `docs/vault-format.md`, "Lifecycle events".

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::lifecycle::Hosted;
use crate::digest::PointId;
use crate::lifecycle::{Consistency, JobId, PointNumber, VaultEvent, VmIdentity};
use crate::time::Instant;

/// The version of the encoding below.
const VERSION: u8 = 1;

/// One disk of a protected machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceImage {
    /// What the disk is called, if its owner says so.
    pub label: Option<String>,
    /// Where its image lies, from the root of the file system.
    pub path: String,
}

/// How a protected machine is backed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Its disks.
    pub images: Vec<SourceImage>,
    /// Files that may be parents of any of them.
    pub parents: Vec<String>,
    /// Whether the images are disks without container.
    pub raw: bool,
    /// What its owner vouches for.
    pub consistency: Consistency,
}

/// What a real vault takes note of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LifecycleEvent {
    /// An event of the rules.
    Rule(VaultEvent),
    /// A machine is backed up like this from now on.
    SourcesSet {
        /// Which.
        item: VmIdentity,
        /// How.
        sources: Sources,
    },
    /// A process does the work of a job.
    JobHosted {
        /// The job.
        job: JobId,
        /// The process.
        hosted: Hosted,
    },
    /// A point of the rules is this recovery point of the vault.
    PointLinked {
        /// Its number in the rules.
        number: PointNumber,
        /// Its id in the vault.
        point: PointId,
    },
}

impl From<VaultEvent> for LifecycleEvent {
    fn from(event: VaultEvent) -> LifecycleEvent {
        LifecycleEvent::Rule(event)
    }
}

#[derive(Serialize)]
struct Written<'a> {
    at: Instant,
    events: &'a [LifecycleEvent],
}

#[derive(Deserialize)]
struct Read {
    at: Instant,
    events: Vec<serde_json::Value>,
}

/// The bytes of a `Lifecycle` record: what happened at `at`, in order.
pub fn encode_events(at: Instant, events: &[LifecycleEvent]) -> Vec<u8> {
    let mut bytes = Vec::from([VERSION]);
    bytes.extend(serde_json::to_vec(&Written { at, events }).expect("events are plain data"));
    bytes
}

/// What the bytes say; `None` in place of each event this program does not
/// know, and of everything when the version is newer.
pub(super) fn decode_events(bytes: &[u8]) -> Option<(Instant, Vec<Option<LifecycleEvent>>)> {
    let (version, json) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let read: Read = serde_json::from_slice(json).ok()?;
    Some((read.at, read.events.into_iter().map(|event| serde_json::from_value(event).ok()).collect()))
}
