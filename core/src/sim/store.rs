//! What an imitated vault stores: maps of every point, and each content once.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::blocks::{BLOCK_BYTES, BlockMap, MapDelta, Run};
use crate::lifecycle::{DeltaMethod, JobId, Lun, PointNumber, VmIdentity};

/// The disks of one snapshot or point.
pub type DiskMaps = BTreeMap<Lun, BlockMap>;

/// How often each content is referenced, as steps over the line of contents.
///
/// A key says from which content on how many references there are, up to the
/// next key. Neighbouring steps differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    steps: BTreeMap<u64, u32>,
    stored: u64,
}

impl References {
    /// How many contents are referenced at all.
    pub fn stored_blocks(&self) -> u64 {
        self.stored
    }

    fn level(&self, content: u64) -> u32 {
        self.steps.range(..=content).next_back().map_or(0, |(_, count)| *count)
    }

    /// How many of `count` contents from `first` on are referenced.
    pub(super) fn stored_within(&self, first: u64, count: u64) -> u64 {
        let end = first + count;
        let (mut stored, mut began, mut level) = (0, first, self.level(first));
        for (at, next) in self.steps.range(first + 1..end).map(|(at, next)| (*at, *next)).chain([(end, 0)]) {
            if level > 0 {
                stored += at - began;
            }
            (began, level) = (at, next);
        }
        stored
    }

    /// The blocks of `run` as rows of first block, count, and whether some
    /// point references what they hold.
    pub(super) fn within(&self, run: Run) -> Vec<(u32, u32, bool)> {
        let end = run.content + u64::from(run.count);
        let (mut rows, mut began, mut level) = (Vec::new(), run.content, self.level(run.content));
        let steps = self.steps.range(run.content + 1..end).map(|(at, next)| (*at, *next));
        for (at, next) in steps.chain([(end, 0)]) {
            let from = |content: u64| u32::try_from(content - run.content).unwrap_or(run.count);
            rows.push((run.start + from(began), from(at) - from(began), level > 0));
            (began, level) = (at, next);
        }
        rows
    }

    fn split(&mut self, at: u64) {
        let level = self.level(at);
        self.steps.entry(at).or_insert(level);
    }

    fn change(&mut self, from: u64, count: u64, change: impl Fn(u32) -> u32) {
        let to = from + count;
        self.split(from);
        self.split(to);
        let mut level_before = self.steps.range(..from).next_back().map_or(0, |(_, level)| *level);
        let mut step_before: Option<(u64, u32, u32)> = None;
        let mut joined = Vec::new();
        for (at, level) in self.steps.range_mut(from..=to) {
            if let Some((began, old, new)) = step_before {
                match (old, new) {
                    (0, 1..) => self.stored += at - began,
                    (1.., 0) => self.stored -= at - began,
                    _ => {}
                }
            }
            if *at < to {
                let old = *level;
                *level = change(old);
                step_before = Some((*at, old, *level));
            }
            if *level == level_before {
                joined.push(*at);
            }
            level_before = *level;
        }
        for at in joined {
            self.steps.remove(&at);
        }
    }

    fn add(&mut self, map: &BlockMap) {
        for run in map.runs() {
            self.change(run.content, u64::from(run.count), |level| level + 1);
        }
    }

    fn remove(&mut self, map: &BlockMap) {
        for run in map.runs() {
            self.change(run.content, u64::from(run.count), |level| level.saturating_sub(1));
        }
    }
}

/// What an imitated vault stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockStore {
    /// The disks of each point.
    pub points: BTreeMap<PointNumber, DiskMaps>,
    /// Snapshots of jobs at work.
    pub pending: BTreeMap<JobId, DiskMaps>,
    /// The snapshot kept for finding changes, of each item.
    pub bases: BTreeMap<VmIdentity, DiskMaps>,
    /// The references of all points.
    pub references: References,
}

/// What a copy of a snapshot has to do, in bytes, and with which method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskWork {
    /// How changes are found.
    pub method: DeltaMethod,
    /// Blocks the disk holds.
    pub allocated: u64,
    /// Blocks read.
    pub read: u64,
    /// Blocks to send.
    pub send: u64,
}

impl BlockStore {
    /// Bytes of all contents some point references.
    pub fn stored_bytes(&self) -> u64 {
        self.references.stored_blocks().saturating_mul(BLOCK_BYTES)
    }

    /// Makes a point of the snapshot of `job`.
    pub fn publish(&mut self, job: JobId, point: PointNumber, item: &VmIdentity) {
        let Some(maps) = self.pending.remove(&job) else { return };
        maps.values().for_each(|map| self.references.add(map));
        self.bases.insert(item.clone(), maps.clone());
        self.points.insert(point, maps);
    }

    /// Lets a point go, and what only it referenced.
    pub fn remove(&mut self, point: PointNumber) {
        if let Some(maps) = self.points.remove(&point) {
            maps.values().for_each(|map| self.references.remove(map));
        }
    }

    /// Bytes that no other point references: what its deletion frees.
    pub fn only_in(&self, point: PointNumber) -> u64 {
        let Some(maps) = self.points.get(&point) else { return 0 };
        let mut rest = self.references.clone();
        maps.values().for_each(|map| rest.remove(map));
        let freed = self.references.stored_blocks().saturating_sub(rest.stored_blocks());
        freed.saturating_mul(BLOCK_BYTES)
    }

    /// What each of `maps`, the disks of a snapshot, needs, given the item's newest point.
    ///
    /// With the base snapshot the platform compares; without it every block is
    /// read and compared by checksum with the newest point. Both find the same
    /// changes (I-33).
    pub fn work(
        &self,
        maps: &DiskMaps,
        item: &VmIdentity,
        newest: Option<PointNumber>,
    ) -> BTreeMap<Lun, DiskWork> {
        let base = self.bases.get(item);
        let last = newest.and_then(|point| self.points.get(&point));
        let work = |(lun, map): (&Lun, &BlockMap)| {
            (*lun, disk_work(map, base.map(|maps| maps.get(lun)), last.and_then(|maps| maps.get(lun))))
        };
        maps.iter().map(work).collect()
    }
}

fn disk_work(map: &BlockMap, base: Option<Option<&BlockMap>>, last: Option<&BlockMap>) -> DiskWork {
    let allocated = map.allocated();
    let changed = |from: &BlockMap| -> MapDelta { map.delta_from(from) };
    match (base, last) {
        (_, None) => DiskWork { method: DeltaMethod::Full, allocated, read: allocated, send: allocated },
        (Some(Some(base)), Some(_)) => {
            let send = changed(base).changed;
            DiskWork { method: DeltaMethod::SnapshotDifference, allocated, read: send, send }
        }
        (_, Some(last)) => DiskWork {
            method: DeltaMethod::Checksum,
            allocated,
            read: allocated,
            send: changed(last).changed,
        },
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn maps(runs: &[(u32, u32, u64)]) -> DiskMaps {
        let mut map = BlockMap::default();
        for (start, count, content) in runs {
            map.write(*start, *count, *content);
        }
        [(Lun(0), map)].into()
    }

    proptest! {
        /// Invariant I-36.
        #[test]
        fn stored_bytes_are_the_contents_some_point_references(
            points in prop::collection::vec(prop::collection::vec((0_u32..40, 1_u32..20, 0_u64..60), 0..4), 1..12),
            removed in prop::collection::vec(0_usize..12, 0..8),
        ) {
            let item: VmIdentity = "g/v".parse().unwrap();
            let mut store = BlockStore::default();
            for (number, runs) in (1_u64..).zip(&points) {
                store.pending.insert(JobId(number), maps(runs));
                store.publish(JobId(number), PointNumber(number), &item);
            }
            for index in removed {
                let point = PointNumber(u64::try_from(index).unwrap() + 1);
                let (before, alone) = (store.stored_bytes(), store.only_in(point));
                store.remove(point);
                prop_assert_eq!(before - store.stored_bytes(), alone);
            }
            let contents: BTreeSet<u64> = store
                .points
                .values()
                .flat_map(|maps| maps.values())
                .flat_map(|map| map.runs().iter().flat_map(|run| run.content..run.content + u64::from(run.count)))
                .collect();
            prop_assert_eq!(store.references.stored_blocks(), u64::try_from(contents.len()).unwrap());
            for point in store.points.keys().copied().collect::<Vec<_>>() {
                store.remove(point);
            }
            prop_assert_eq!(&store.references, &References::default());
        }
    }
}
