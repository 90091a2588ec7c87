//! What a disk is compared with: the newest complete copy of it, what its own
//! tables say of the difference, and what a stopped copy has already.

use std::sync::Arc;

use vhault_core::catalogue::{Catalogue, KeptPoint};
use vhault_core::copy::audit::Turn;
use vhault_core::copy::ranges::ByteRanges;
use vhault_core::digest::PointId;
use vhault_core::time::Span;
use vhault_core::vault::point::{Disk as PointDisk, PointState, SourceIdentity};

use super::BackupError;
use super::source::{Opened, within};
use crate::copy::{Hint, Resume};

/// A disk of an earlier point.
pub(super) struct Base {
    pub(super) point: PointId,
    record: u64,
    pub(super) disk: PointDisk,
}

impl Base {
    /// The newest disk of this label that was read to its end. A disk with holes hides what lies in them, so it is
    /// none.
    pub(super) fn newest(catalogue: &Catalogue, vm: &str, label: &str) -> Option<Base> {
        find(catalogue, vm, label, |_, disk| disk.is_complete())
    }

    /// The disk of a stopped copy newer than `base`, of a source that is the same file and did not move since.
    pub(super) fn stopped(
        catalogue: &Catalogue,
        vm: &str,
        label: &str,
        base: Option<&Base>,
        opened: &Opened,
    ) -> Option<Base> {
        let is_same = |disk: &PointDisk| {
            opened.are_files
                && disk.content.length == opened.disk.size()
                && disk.sources.len() == opened.identities.len()
                && opened.identities.iter().zip(&disk.sources).all(|(now, then)| is_untouched(now, then))
        };
        let stopped = find(catalogue, vm, label, |kept, disk| {
            kept.point.state == PointState::Partial && is_same(disk)
        })?;
        let is_newer = base.is_none_or(|base| stopped.record >= base.record);
        let holds_something = stopped.missing().bytes() < stopped.disk.content.length.get();
        (is_newer && holds_something).then_some(stopped)
    }

    /// What it lacks. What could not be read then may be readable now.
    fn missing(&self) -> ByteRanges {
        self.disk.not_copied.iter().chain(&self.disk.unreadable).copied().collect()
    }

    /// What a copy that resumes it need not read.
    pub(super) fn resume(&self) -> Resume {
        Resume { content: self.disk.content, missing: self.missing() }
    }

    /// What the tables of a disk say of its difference from this one, when the files under this one's own chain are
    /// untouched since. `None` is doubt: everything is read.
    pub(super) fn hint(&self, opened: &Opened, stall: Option<Span>) -> Result<Option<Hint>, BackupError> {
        let (disk, now) = (&opened.disk, &opened.identities);
        let Some(depth) = now.len().checked_sub(self.disk.sources.len()) else { return Ok(None) };
        let same = now[depth..].iter().zip(&self.disk.sources).all(|(now, then)| is_untouched(now, then));
        // What lies past the end of a shorter image reads as zeroes above it, and no table says so.
        let resized =
            disk.chain().images()[..=depth].iter().any(|image| image.size() != self.disk.content.length);
        if !same || !opened.are_files || resized {
            return Ok(None);
        }
        let chain = Arc::clone(disk);
        let written = within(stall, move || {
            let mut cursor = chain.chain().cursor();
            chain.chain().written_above(depth, &mut cursor)
        })?;
        match written {
            Some(Ok(changed)) => {
                let turn = Turn::after(&self.disk.copied.audit, depth == 0);
                Ok(Some(Hint { changed, audit_part: turn.part() }))
            }
            // The copy meets the same place, and knows how to read around it, or to give up.
            None => Ok(None),
            Some(Err(error)) if error.source.is_of_medium() => Ok(None),
            Some(Err(error)) => Err(disk.explain(error).into()),
        }
    }
}

/// The newest disk of this label that `fits`.
fn find(
    catalogue: &Catalogue,
    vm: &str,
    label: &str,
    fits: impl Fn(&KeptPoint, &PointDisk) -> bool,
) -> Option<Base> {
    catalogue.live_points().rev().filter(|kept| kept.point.vm == vm).find_map(|kept| {
        let disk = kept.point.disks.iter().find(|disk| disk.label == label && fits(kept, disk))?;
        Some(Base { point: kept.point.id, record: kept.record, disk: disk.clone() })
    })
}

/// The same file, not written to: whatever its path is now.
pub(super) fn is_untouched(now: &SourceIdentity, then: &SourceIdentity) -> bool {
    SourceIdentity { path: String::new(), ..now.clone() }
        == SourceIdentity { path: String::new(), ..then.clone() }
}
