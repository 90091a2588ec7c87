//! A recovery point: what a person can restore.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::consistency::Consistency;
use super::names::{JobId, PointNumber, VmIdentity};
use super::shared::Shared;
use super::vm::Vm;
use crate::policy::{Candidate, PointState, Retention, Schedule, Tag};
use crate::time::{Instant, Span};
use crate::units::ByteCount;

/// A recovery point. Everything but its expiry stays as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPoint {
    /// Its place in the order of receipt.
    pub number: PointNumber,
    /// What it is a point of.
    pub item: VmIdentity,
    /// The job that made it.
    pub job: JobId,
    /// When its snapshot finished; this dates it.
    pub finished: Instant,
    /// When it became a point.
    pub received: Instant,
    /// How good it is.
    pub consistency: Consistency,
    /// Which rules apply; given once.
    pub tags: BTreeSet<Tag>,
    /// Until when it was asked for on demand.
    pub on_demand_until: Option<Instant>,
    /// The last moment any rule keeps it.
    pub expiry: Instant,
    /// The machine as it was.
    pub config: Shared<Vm>,
    /// Bytes its disks hold.
    pub logical: ByteCount,
    /// Bytes sent to make it.
    pub sent: ByteCount,
}

/// The last moment the rules keep a point.
///
/// `span_max_days` caps it where the profile has one span only.
pub(crate) fn expiry(
    retention: &Retention,
    schedule: &Schedule,
    tags: &BTreeSet<Tag>,
    on_demand_until: Option<Instant>,
    finished: Instant,
    span_max_days: Option<u32>,
) -> Instant {
    let by_rule = retention.expiry(tags, finished, schedule.offset);
    let cap = span_max_days.and_then(|days| {
        finished.checked_add(Span::from_milliseconds(i64::from(days).saturating_mul(86_400_000)))
    });
    let capped = cap.map_or(by_rule, |cap| by_rule.min(cap));
    on_demand_until.map_or(capped, |until| until.max(capped))
}

impl RecoveryPoint {
    /// The point as retention sees it. All its rules end together, at its expiry.
    pub fn candidate(&self) -> Candidate<PointNumber, VmIdentity> {
        let tags = if self.tags.is_empty() { BTreeSet::from([Tag::Simple]) } else { self.tags.clone() };
        Candidate {
            id: self.number,
            vm: self.item.clone(),
            received: self.number.0,
            time: self.received,
            state: PointState::Whole,
            pinned: false,
            until: tags.into_iter().map(|tag| (tag, self.expiry)).collect(),
            on_demand_until: self.on_demand_until,
        }
    }
}
