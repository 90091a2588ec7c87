//! What a disk holds: runs of blocks with the identity of their content.
//!
//! A block's content is a number; two blocks with one number hold the same
//! bytes. A run's blocks count upwards from its content, so a freshly written
//! region is one run however large. Blocks in no run read as zeroes.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::lifecycle::Shared;

/// Bytes in a block of an imitated disk: the usual block of a VHD.
pub const BLOCK_BYTES: u64 = 2 * 1_024 * 1_024;

/// Adjacent blocks whose contents count upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its first block.
    pub start: u32,
    /// How many blocks; never zero.
    pub count: u32,
    /// The content of its first block.
    pub content: u64,
}

impl Run {
    /// The first block after it.
    pub const fn end(self) -> u32 {
        self.start.saturating_add(self.count)
    }

    /// The part of it from block `from` up to `to`, if any.
    fn within(self, from: u32, to: u32) -> Option<Run> {
        let (start, end) = (self.start.max(from), self.end().min(to));
        let skipped = u64::from(start.saturating_sub(self.start));
        (start < end).then(|| Run { start, count: end - start, content: self.content + skipped })
    }
}

/// What a disk holds. Cheap to copy; a write copies the runs, not the blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlockMap(Shared<Vec<Run>>);

impl Default for BlockMap {
    fn default() -> BlockMap {
        BlockMap(Shared::new(Vec::new()))
    }
}

/// What differs between two maps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MapDelta {
    /// Blocks that hold something else now.
    pub changed: u64,
    /// Blocks that held something and read as zeroes now.
    pub cleared: u64,
}

impl BlockMap {
    /// Its runs, in order, none touching the next with counting contents.
    pub fn runs(&self) -> &[Run] {
        &self.0
    }

    /// How many blocks hold something.
    pub fn allocated(&self) -> u64 {
        self.runs().iter().map(|run| u64::from(run.count)).sum()
    }

    /// What a block holds; none where it reads as zeroes.
    pub fn content(&self, block: u32) -> Option<u64> {
        let after = self.runs().partition_point(|run| run.start <= block);
        let run = self.runs().get(after.checked_sub(1)?)?;
        run.within(block, block.checked_add(1)?).map(|run| run.content)
    }

    /// Writes `count` blocks from `start` on, their contents counting from `content`.
    pub fn write(&mut self, start: u32, count: u32, content: u64) {
        self.replace(start, count, Some(content));
    }

    /// Makes `count` blocks from `start` on read as zeroes.
    pub fn clear(&mut self, start: u32, count: u32) {
        self.replace(start, count, None);
    }

    /// Makes `count` blocks from `to` on hold what those from `from` on hold now.
    pub fn copy_within(&mut self, from: u32, to: u32, count: u32) {
        let end = from.saturating_add(count);
        let held: Vec<Run> = self.runs().iter().filter_map(|run| run.within(from, end)).collect();
        self.clear(to, count);
        for run in held {
            self.write(to.saturating_add(run.start - from), run.count, run.content);
        }
    }

    /// Where the blocks lie that hold something: `count` of them, after the first `skip`; as first blocks and counts.
    pub fn held(&self, skip: u32, count: u32) -> Vec<(u32, u32)> {
        let (mut skip, mut wanted) = (skip, count);
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for run in self.runs() {
            let passed = skip.min(run.count);
            let here = (run.count - passed).min(wanted);
            (skip, wanted) = (skip - passed, wanted - here);
            match ranges.last_mut() {
                Some((start, held)) if *start + *held == run.start + passed => *held += here,
                _ if here > 0 => ranges.push((run.start + passed, here)),
                _ => {}
            }
        }
        ranges
    }

    fn replace(&mut self, start: u32, count: u32, content: Option<u64>) {
        let end = start.saturating_add(count);
        if start >= end {
            return;
        }
        let old = self.runs();
        let first = old.partition_point(|run| run.end() <= start);
        let past = old.partition_point(|run| run.start < end);
        let mut between = Vec::with_capacity(3);
        if let Some(left) = old.get(first).and_then(|run| run.within(0, start)) {
            between.push(left);
        }
        between.extend(content.map(|content| Run { start, count: end - start, content }));
        let right = past.checked_sub(1).filter(|last| *last >= first).and_then(|last| old.get(last));
        if let Some(right) = right.and_then(|run| run.within(end, u32::MAX)) {
            between.push(right);
        }
        // Neighbours that count on from each other become one run.
        let low = first.saturating_sub(1);
        let high = (past + 1).min(old.len());
        let mut joined: Vec<Run> = Vec::with_capacity(between.len() + 2);
        let before = old[low..first].iter().copied();
        let after = old[past.max(first)..high.max(past.max(first))].iter().copied();
        for run in before.chain(between).chain(after) {
            match joined.last_mut() {
                Some(last)
                    if last.end() == run.start && last.content + u64::from(last.count) == run.content =>
                {
                    last.count += run.count;
                }
                _ => joined.push(run),
            }
        }
        let range = low..high.max(past.max(first));
        self.0.change().splice(range, joined);
    }

    /// Compares with an earlier map of the same disk.
    pub fn delta_from(&self, base: &BlockMap) -> MapDelta {
        let mut delta = MapDelta::default();
        let mut edges: Vec<u32> =
            self.runs().iter().chain(base.runs()).flat_map(|run| [run.start, run.end()]).collect();
        edges.sort_unstable();
        edges.dedup();
        for pair in edges.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            match (self.content(from), base.content(from)) {
                (Some(new), old) if old != Some(new) => delta.changed += u64::from(to - from),
                (None, Some(_)) => delta.cleared += u64::from(to - from),
                _ => {}
            }
        }
        delta
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_write_into_a_run_splits_it() {
        let mut map = BlockMap::default();
        map.write(0, 10, 100);
        map.write(4, 2, 500);
        let runs: Vec<(u32, u32, u64)> =
            map.runs().iter().map(|run| (run.start, run.count, run.content)).collect();
        assert_eq!(runs, [(0, 4, 100), (4, 2, 500), (6, 4, 106)]);
        map.write(4, 2, 104);
        assert_eq!(map.runs().len(), 1);
    }

    proptest! {
        /// The map is a table of blocks, and its difference counts blocks.
        #[test]
        fn runs_say_what_a_table_of_blocks_would_say(
            writes in prop::collection::vec((0_u32..60, 0_u32..20, prop::option::of(0_u64..50)), 1..40),
            cut in 0_usize..40,
        ) {
            let mut map = BlockMap::default();
            let mut table: BTreeMap<u32, u64> = BTreeMap::new();
            let (mut base, mut base_table) = (map.clone(), table.clone());
            for (index, (start, count, content)) in writes.into_iter().enumerate() {
                if index == cut {
                    (base, base_table) = (map.clone(), table.clone());
                }
                match content {
                    Some(content) => map.write(start, count, content),
                    None => map.clear(start, count),
                }
                for block in start..start + count {
                    match content {
                        Some(content) => table.insert(block, content + u64::from(block - start)),
                        None => table.remove(&block),
                    };
                }
            }
            for block in 0..90 {
                prop_assert_eq!(map.content(block), table.get(&block).copied());
            }
            prop_assert_eq!(map.allocated(), u64::try_from(table.len()).unwrap());
            let changed = table.iter().filter(|(block, content)| base_table.get(block) != Some(content)).count();
            let cleared = base_table.keys().filter(|block| !table.contains_key(block)).count();
            let delta = map.delta_from(&base);
            prop_assert_eq!(delta.changed, u64::try_from(changed).unwrap());
            prop_assert_eq!(delta.cleared, u64::try_from(cleared).unwrap());
            for pair in map.runs().windows(2) {
                prop_assert!(pair[0].end() <= pair[1].start);
            }
        }
    }

    #[test]
    fn what_is_copied_within_a_disk_is_the_same_content_holes_included() {
        let mut map = BlockMap::default();
        map.write(0, 4, 100);
        map.write(6, 2, 200);
        map.write(10, 8, 300);
        map.copy_within(2, 11, 6);
        let contents: Vec<Option<u64>> = (11..17).map(|block| map.content(block)).collect();
        assert_eq!(contents, [Some(102), Some(103), None, None, Some(200), Some(201)]);
        // Over itself: what was there before is what is copied.
        let mut map = BlockMap::default();
        map.write(0, 4, 100);
        map.copy_within(0, 2, 4);
        let contents: Vec<Option<u64>> = (0..6).map(|block| map.content(block)).collect();
        assert_eq!(contents, [100, 101, 100, 101, 102, 103].map(Some));
    }

    #[test]
    fn blocks_that_hold_something_are_found_by_their_rank() {
        let mut map = BlockMap::default();
        map.write(2, 4, 100);
        map.write(6, 2, 500);
        map.write(20, 10, 900);
        assert_eq!(map.held(0, 16), [(2, 6), (20, 10)]);
        assert_eq!(map.held(5, 3), [(7, 1), (20, 2)]);
        assert_eq!(map.held(16, 3), []);
        assert_eq!(map.held(15, 9), [(29, 1)]);
        assert_eq!(map.held(3, 0), []);
    }
}
