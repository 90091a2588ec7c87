//! A recovery point as the catalogue keeps it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::time::Instant;
use crate::vault::point::{PointState, RecoveryPoint};

/// Whether a point can be seen and restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointStanding {
    /// It can.
    Live,
    /// Hidden, still whole; can be undeleted until it is purged.
    Forgotten {
        /// By the clock of the host that forgot it.
        since: Instant,
        /// The record that says so.
        record: u64,
    },
}

/// A recovery point and what happened to it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPoint {
    /// The record that published it: order of receipt.
    pub record: u64,
    /// As it was published.
    pub point: RecoveryPoint,
    /// Whether it can be seen.
    pub standing: PointStanding,
    /// Why it is kept whatever the rules say, if it is.
    pub pinned: Option<String>,
}

impl KeptPoint {
    pub(super) fn received(record: u64, point: &RecoveryPoint) -> KeptPoint {
        KeptPoint { record, point: point.clone(), standing: PointStanding::Live, pinned: None }
    }

    /// Whether it holds every byte of every disk.
    pub fn is_whole(&self) -> bool {
        self.point.state == PointState::Whole
    }
}
