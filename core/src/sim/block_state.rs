//! Block state: what a backup does with each block of a snapshot.

use alloc::vec::Vec;

use super::blocks::{BlockMap, Run};
use super::store::BlockStore;
use crate::lifecycle::{JobId, Lun, PointNumber, VmIdentity};

/// What a backup does with a block that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockState {
    /// The same as in the point before: nothing.
    Unchanged,
    /// It is new on this disk, and some point of the vault holds the same
    /// already: sent, and stored no second time.
    Known,
    /// It is new: sent and stored.
    New,
}

/// Adjacent blocks in one state. Blocks in none read as zeroes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateRun {
    /// The first block.
    pub start: u32,
    /// How many; never zero.
    pub count: u32,
    /// Their state.
    pub state: BlockState,
}

/// A disk of a backup: what becomes of its blocks, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskStates {
    /// Which disk.
    pub lun: Lun,
    /// What becomes of the blocks that hold something.
    pub runs: Vec<StateRun>,
}

impl DiskStates {
    /// How many blocks are in `state`.
    pub fn count(&self, state: BlockState) -> u64 {
        self.runs.iter().filter(|run| run.state == state).map(|run| u64::from(run.count)).sum()
    }
}

impl BlockStore {
    /// What the backup `job` of `item` does with the blocks of its snapshot,
    /// given the item's newest point. Nothing once the job has ended.
    pub fn states_of_job(
        &self,
        job: JobId,
        item: &VmIdentity,
        newest: Option<PointNumber>,
    ) -> Vec<DiskStates> {
        let base = self.bases.get(item);
        let last = newest.and_then(|point| self.points.get(&point));
        let disks = self.pending.get(&job).into_iter().flatten();
        disks
            .map(|(lun, map)| {
                // As `work` compares: with the base where there is one, else with the newest point.
                let before = match (base.and_then(|maps| maps.get(lun)), last.and_then(|maps| maps.get(lun)))
                {
                    (_, None) => None,
                    (Some(base), Some(_)) => Some(base),
                    (None, last) => last,
                };
                DiskStates { lun: *lun, runs: self.states(map, before, true) }
            })
            .collect()
    }

    /// What making `point` did with its blocks, given the point `before` it.
    ///
    /// Which blocks others held at that time is not remembered, so none is
    /// [`BlockState::Known`]. Nothing where the point is gone.
    pub fn states_of_point(&self, point: PointNumber, before: Option<PointNumber>) -> Vec<DiskStates> {
        let last = before.and_then(|before| self.points.get(&before));
        let disks = self.points.get(&point).into_iter().flatten();
        disks
            .map(|(lun, map)| DiskStates {
                lun: *lun,
                runs: self.states(map, last.and_then(|maps| maps.get(lun)), false),
            })
            .collect()
    }

    fn states(&self, map: &BlockMap, before: Option<&BlockMap>, asks_vault: bool) -> Vec<StateRun> {
        let mut states: Vec<StateRun> = Vec::new();
        let mut push = |start: u32, count: u32, state: BlockState| match states.last_mut() {
            Some(last) if last.state == state && last.start + last.count == start => last.count += count,
            _ if count > 0 => states.push(StateRun { start, count, state }),
            _ => {}
        };
        for run in map.runs() {
            for part in parts(*run, before) {
                let is_same = before.is_some_and(|before| before.content(part.start) == Some(part.content));
                if is_same {
                    push(part.start, part.count, BlockState::Unchanged);
                } else if asks_vault {
                    for (start, count, is_stored) in self.references.within(part) {
                        push(start, count, if is_stored { BlockState::Known } else { BlockState::New });
                    }
                } else {
                    push(part.start, part.count, BlockState::New);
                }
            }
        }
        states
    }
}

/// A run cut where the runs of `before` begin and end.
fn parts(run: Run, before: Option<&BlockMap>) -> Vec<Run> {
    let runs = before.map_or(&[][..], BlockMap::runs);
    let first = runs.partition_point(|other| other.end() <= run.start);
    let mut cuts = Vec::from([run.start]);
    for other in runs[first..].iter().take_while(|other| other.start < run.end()) {
        cuts.extend(
            [other.start, other.end()].into_iter().filter(|cut| *cut > run.start && *cut < run.end()),
        );
    }
    cuts.push(run.end());
    let part = |pair: &[u32]| Run {
        start: pair[0],
        count: pair[1] - pair[0],
        content: run.content + u64::from(pair[0] - run.start),
    };
    cuts.dedup();
    cuts.windows(2).map(part).collect()
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::sim::store::DiskMaps;

    fn map(runs: &[(u32, u32, u64)]) -> BlockMap {
        let mut map = BlockMap::default();
        for (start, count, content) in runs {
            map.write(*start, *count, *content);
        }
        map
    }

    fn maps(runs: &[(u32, u32, u64)]) -> DiskMaps {
        [(Lun(0), map(runs))].into()
    }

    fn item(text: &str) -> VmIdentity {
        text.parse().unwrap()
    }

    #[test]
    fn a_first_backup_of_a_copied_image_is_known_where_another_machine_was_stored() {
        let mut store = BlockStore::default();
        store.pending.insert(JobId(1), maps(&[(0, 6, 100)]));
        store.publish(JobId(1), PointNumber(1), &item("a/one"));
        store.pending.insert(JobId(2), maps(&[(0, 4, 100), (10, 5, 900)]));
        let states = store.states_of_job(JobId(2), &item("a/two"), None);
        let run = |start, count, state| StateRun { start, count, state };
        assert_eq!(states[0].runs, [run(0, 4, BlockState::Known), run(10, 5, BlockState::New)]);
    }

    #[test]
    fn a_point_shows_what_was_new_against_the_one_before() {
        let mut store = BlockStore::default();
        store.pending.insert(JobId(1), maps(&[(0, 10, 100)]));
        store.publish(JobId(1), PointNumber(1), &item("a/one"));
        store.pending.insert(JobId(2), maps(&[(0, 4, 100), (4, 2, 500), (6, 4, 106)]));
        store.publish(JobId(2), PointNumber(2), &item("a/one"));
        let states = store.states_of_point(PointNumber(2), Some(PointNumber(1)));
        assert_eq!((states[0].count(BlockState::New), states[0].count(BlockState::Unchanged)), (2, 8));
        assert_eq!(store.states_of_point(PointNumber(3), None), []);
    }

    proptest! {
        /// Block by block, the states say what a table would, and what is sent
        /// is what the work of the copy counts.
        #[test]
        fn states_agree_with_the_work_block_by_block(
            stored in prop::collection::vec((0_u32..40, 1_u32..20, 0_u64..60), 0..4),
            last in prop::collection::vec((0_u32..40, 1_u32..20, 0_u64..60), 0..4),
            now in prop::collection::vec((0_u32..40, 1_u32..20, 0_u64..60), 0..5),
            is_first in any::<bool>(),
        ) {
            let mut store = BlockStore::default();
            store.pending.insert(JobId(1), maps(&stored));
            store.publish(JobId(1), PointNumber(1), &item("a/other"));
            let mut newest = None;
            if !is_first {
                store.pending.insert(JobId(2), maps(&last));
                store.publish(JobId(2), PointNumber(2), &item("a/one"));
                newest = Some(PointNumber(2));
            }
            store.pending.insert(JobId(3), maps(&now));
            let states = store.states_of_job(JobId(3), &item("a/one"), newest);
            let work = store.work(&maps(&now), &item("a/one"), newest)[&Lun(0)];
            let held = map(&now);
            let before = map(&last);
            let known: Vec<&BlockMap> = store.points.values().flat_map(BTreeMap::values).collect();
            let mut seen = 0_u64;
            for run in &states[0].runs {
                for block in run.start..run.start + run.count {
                    let content = held.content(block).unwrap();
                    let is_same = !is_first && before.content(block) == Some(content);
                    let is_known = known.iter().any(|map| {
                        map.runs().iter().any(|run| (run.content..run.content + u64::from(run.count)).contains(&content))
                    });
                    let expected = if is_same { BlockState::Unchanged } else if is_known { BlockState::Known } else { BlockState::New };
                    prop_assert_eq!(run.state, expected);
                    seen += 1;
                }
            }
            prop_assert_eq!(seen, held.allocated());
            prop_assert_eq!(states[0].count(BlockState::New) + states[0].count(BlockState::Known), work.send);
        }
    }
}
