//! How far a run got.

use alloc::collections::BTreeMap;

use serde::Serialize;

use crate::advice::AdviceId;
use crate::lifecycle::VaultEvent;

/// How often the things that matter happened, so that a run can be seen to have reached them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Recovery points made.
    pub points: u32,
    /// Recovery points pruned.
    pub pruned: u32,
    /// Restores done.
    pub restored: u32,
    /// Jobs cancelled.
    pub cancelled: u32,
    /// Copies that ran out of time and were carried on.
    pub carried: u32,
    /// Switches of rules.
    pub switched: u32,
    /// Items whose points were deleted.
    pub deleted: u32,
    /// Errors and refusals, by entry.
    pub entries: BTreeMap<AdviceId, u32>,
}

impl Reached {
    /// Both together.
    pub fn add(&mut self, other: &Reached) {
        self.points += other.points;
        self.pruned += other.pruned;
        self.restored += other.restored;
        self.cancelled += other.cancelled;
        self.carried += other.carried;
        self.switched += other.switched;
        self.deleted += other.deleted;
        for (id, count) in &other.entries {
            *self.entries.entry(*id).or_default() += count;
        }
    }

    pub(super) fn count(&mut self, event: &VaultEvent) {
        match event {
            VaultEvent::PointCreated { .. } => self.points += 1,
            VaultEvent::PointPruned { .. } => self.pruned += 1,
            VaultEvent::RestoreCompleted { .. } => self.restored += 1,
            VaultEvent::JobCancelled { .. } => self.cancelled += 1,
            VaultEvent::CopyCarried { .. } => self.carried += 1,
            VaultEvent::ProfileSwitched { .. } => self.switched += 1,
            VaultEvent::DataDeleted { .. } => self.deleted += 1,
            VaultEvent::JobFailed { id, .. } => *self.entries.entry(*id).or_default() += 1,
            _ => {}
        }
    }
}
