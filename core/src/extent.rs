//! Runs of adjacent sectors, and ordered sets of them that never touch.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::units::{SectorCount, SectorIndex};

/// A run of adjacent sectors on a disk. Never empty inside an [`ExtentSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Extent {
    /// Its first sector.
    pub start: SectorIndex,
    /// How many sectors it has.
    pub count: SectorCount,
}

impl Extent {
    /// The run of `count` sectors from `start` on, both in sectors.
    pub const fn new(start: u64, count: u64) -> Extent {
        Extent { start: SectorIndex::new(start), count: SectorCount::new(count) }
    }

    /// The first sector after it; saturates at 2^64 - 1.
    pub const fn end(self) -> SectorIndex {
        SectorIndex::new(self.start.get().saturating_add(self.count.get()))
    }
}

/// Extents in order that neither overlap nor touch.
///
/// Invariant: each extent is non-empty and ends before the next one starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtentSet {
    extents: Vec<Extent>,
}

impl ExtentSet {
    /// A set of nothing.
    pub const fn new() -> ExtentSet {
        ExtentSet { extents: Vec::new() }
    }

    /// Its extents, in order.
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// Whether it holds no sector.
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// How many sectors it holds.
    pub fn sectors(&self) -> SectorCount {
        SectorCount::new(self.extents.iter().map(|extent| extent.count.get()).sum())
    }

    /// Adds `extent`, joining whatever it overlaps or touches.
    ///
    /// Cheap at the end of the set, linear in what follows elsewhere.
    pub fn insert(&mut self, extent: Extent) {
        if extent.count == SectorCount::ZERO {
            return;
        }
        let first = self.extents.partition_point(|held| held.end() < extent.start);
        let mut joined = extent;
        let mut past = first;
        while let Some(held) = self.extents.get(past).filter(|held| held.start <= joined.end()) {
            let start = joined.start.min(held.start);
            let end = joined.end().max(held.end());
            joined = Extent::new(start.get(), end.get() - start.get());
            past += 1;
        }
        self.extents.splice(first..past, [joined]);
    }

    /// Whether any sector of `extent` is in the set.
    pub fn overlaps(&self, extent: Extent) -> bool {
        if extent.count == SectorCount::ZERO {
            return false;
        }
        let next = self.extents.partition_point(|held| held.end() <= extent.start);
        self.extents.get(next).is_some_and(|held| held.start < extent.end())
    }
}

impl FromIterator<Extent> for ExtentSet {
    fn from_iter<I: IntoIterator<Item = Extent>>(extents: I) -> ExtentSet {
        let mut set = ExtentSet::new();
        for extent in extents {
            set.insert(extent);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_that_touch_become_one() {
        let set: ExtentSet = [Extent::new(8, 4), Extent::new(0, 4), Extent::new(4, 4)].into_iter().collect();
        assert_eq!(set.extents(), [Extent::new(0, 12)]);
    }

    #[test]
    fn a_gap_of_one_sector_keeps_extents_apart() {
        let set: ExtentSet = [Extent::new(5, 4), Extent::new(0, 4)].into_iter().collect();
        assert_eq!(set.extents(), [Extent::new(0, 4), Extent::new(5, 4)]);
        assert!(!set.overlaps(Extent::new(4, 1)));
        assert!(set.overlaps(Extent::new(4, 2)));
    }

    #[test]
    fn an_extent_over_several_swallows_them() {
        let set: ExtentSet = [Extent::new(0, 1), Extent::new(4, 1), Extent::new(8, 1), Extent::new(2, 7)]
            .into_iter()
            .collect();
        assert_eq!(set.extents(), [Extent::new(0, 1), Extent::new(2, 7)]);
        assert_eq!(set.sectors(), SectorCount::new(8));
    }
}
