//! A recovery point as retention sees it.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::retention::Tag;
use crate::time::Instant;

/// Whether all of a point is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PointState {
    /// All of it, and nothing known to be damaged.
    Whole,
    /// A copy that ended early and may be resumed.
    Partial,
    /// Verification found holes.
    Damaged,
}

/// One recovery point: `Id` names it, `Vm` names what it is a point of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate<Id, Vm> {
    /// Its name.
    pub id: Id,
    /// What it is a point of; each has its own newest point and its own counts.
    pub vm: Vm,
    /// Its place in the order of receipt. This, not the time, decides what is newer.
    pub received: u64,
    /// When it was made, by the vault's own time.
    pub time: Instant,
    /// Whether all of it is there.
    pub state: PointState,
    /// Whether someone asked to keep it whatever the rules say.
    pub pinned: bool,
    /// Until when each of its tags keeps it; empty where only counts are used.
    pub until: BTreeMap<Tag, Instant>,
    /// Until when it was asked for on demand.
    pub on_demand_until: Option<Instant>,
}

impl<Id, Vm> Candidate<Id, Vm> {
    /// Whether a span of its own keeps it, whatever the rules say.
    pub(super) fn has_span(&self) -> bool {
        !self.until.is_empty() || self.on_demand_until.is_some()
    }
}
