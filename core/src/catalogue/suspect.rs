//! Points that a lying hint may have harmed.

use alloc::collections::BTreeSet;

use super::Catalogue;
use crate::digest::PointId;
use crate::vault::point::Disk;

impl Catalogue {
    /// The points that may be stale: a later copy of one of their disks found a hint to lie, and they, too, took bytes
    /// over by hints that nobody has read since. A copy that read everything ends the chain.
    pub fn suspects(&self) -> BTreeSet<PointId> {
        let disk_of = |point: PointId, label: &str| -> Option<&Disk> {
            let kept = self.points.iter().find(|kept| kept.point.id == point)?;
            kept.point.disks.iter().find(|disk| disk.label == label)
        };
        let mut found = BTreeSet::new();
        for disk in
            self.points.iter().flat_map(|kept| &kept.point.disks).filter(|disk| disk.copied.audit.hint_lied)
        {
            let mut base = disk.base;
            // A base is older than what builds on it, so this ends.
            while let Some(point) = base {
                let Some(earlier) = disk_of(point, &disk.label) else { break };
                if earlier.copied.kept_bytes == 0 || !found.insert(point) {
                    break;
                }
                base = earlier.base;
            }
        }
        found
    }
}
