//! A writing session as the catalogue sees it.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::digest::PointId;
use crate::time::Instant;

/// Whether a session may still commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionStanding {
    /// It may.
    Open,
    /// It ended itself.
    Aborted,
    /// A sweep took its right away.
    Fenced,
}

impl SessionStanding {
    /// Whether it can never commit any more.
    pub fn has_ended(self) -> bool {
        self != SessionStanding::Open
    }
}

/// A session that has not committed.
///
/// Those that ended without a commit are remembered for good: what a stalled one uploads later is known by its
/// session, and only by that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The record that opened it.
    pub begun_record: u64,
    /// Its newest record.
    pub last_record: u64,
    /// The host that runs it.
    pub host: String,
    /// When it opened, by the host's clock.
    pub host_time: Instant,
    /// What it is about, for people.
    pub purpose: String,
    /// Points it builds on: roots while it is open.
    pub parents: Vec<PointId>,
    /// Whether it may still commit.
    pub standing: SessionStanding,
}

impl Session {
    pub(super) fn open(
        record: u64,
        host: &str,
        host_time: Instant,
        purpose: &str,
        parents: &[PointId],
    ) -> Session {
        Session {
            begun_record: record,
            last_record: record,
            host: host.into(),
            host_time,
            purpose: purpose.into(),
            parents: parents.to_vec(),
            standing: SessionStanding::Open,
        }
    }
}
