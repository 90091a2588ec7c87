//! Which pack of an imitated vault holds which contents.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::blocks::BLOCK_BYTES;
use super::store::{DiskMaps, References};
use crate::digest::PackName;
use crate::lifecycle::JobId;
use crate::protocol::PackUse;

/// An imitated pack. A job fills one, and a second when part of what it relied on went before its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct PackNumber(u64);

impl PackNumber {
    pub(super) fn of(job: JobId) -> PackNumber {
        PackNumber(job.0.saturating_mul(2))
    }

    pub(super) fn of_second_copy(job: JobId) -> PackNumber {
        PackNumber(job.0.saturating_mul(2).saturating_add(1))
    }

    /// Its name in the log. Imitated packs have no bytes to hash: the number is the name.
    pub(super) fn name(self) -> PackName {
        let mut name = [0; PackName::BYTES];
        name[PackName::BYTES - 8..].copy_from_slice(&self.0.to_be_bytes());
        PackName::from_bytes(name)
    }
}

/// Contents in a row that lie in one pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    count: u64,
    pack: PackNumber,
}

/// Which pack holds which contents, by the first content of each row. Rows do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Places(BTreeMap<u64, Place>);

impl Places {
    fn rows(&self, first: u64, count: u64) -> impl Iterator<Item = (u64, Place)> {
        let before = self.0.range(..first).next_back().filter(|(start, row)| *start + row.count > first);
        before.into_iter().chain(self.0.range(first..first + count)).map(|(start, row)| (*start, *row))
    }

    /// The packs that hold some of these contents, and the rows of contents that none holds.
    fn look_up(&self, first: u64, count: u64) -> (BTreeSet<PackNumber>, Vec<(u64, u64)>) {
        let (mut packs, mut missing) = (BTreeSet::new(), Vec::new());
        let mut next = first;
        for (start, row) in self.rows(first, count) {
            packs.insert(row.pack);
            if start > next {
                missing.push((next, start - next));
            }
            next = start + row.count;
        }
        let end = first + count;
        if next < end {
            missing.push((next, end - next));
        }
        (packs, missing)
    }

    /// Lays these contents into `pack` where no pack holds them yet: the oldest copy is the one that counts.
    fn fill(&mut self, first: u64, count: u64, pack: PackNumber) {
        for (first, count) in self.look_up(first, count).1 {
            self.0.insert(first, Place { count, pack });
        }
    }

    pub(super) fn fill_from(&mut self, other: &Places) {
        other.0.iter().for_each(|(first, row)| self.fill(*first, row.count, row.pack));
    }

    /// What a copy of these disks takes from other packs, and what it lays into `pack` itself.
    pub(super) fn claim(&self, disks: &DiskMaps, pack: PackNumber) -> Claims {
        let mut claims = Claims::default();
        for run in disks.values().flat_map(|map| map.runs()) {
            let (relied, missing) = self.look_up(run.content, u64::from(run.count));
            claims.relied.extend(relied);
            missing.into_iter().for_each(|(first, count)| claims.brings.fill(first, count, pack));
        }
        claims
    }

    /// The first `blocks` of these contents, as a copy that was stopped leaves them.
    pub(super) fn beginning(&self, blocks: u64) -> Places {
        let mut left = blocks;
        let mut beginning = BTreeMap::new();
        for (first, row) in &self.0 {
            let count = row.count.min(left);
            if count == 0 {
                break;
            }
            left -= count;
            beginning.insert(*first, Place { count, ..*row });
        }
        Places(beginning)
    }

    pub(super) fn blocks(&self) -> u64 {
        self.0.values().map(|row| row.count).sum()
    }

    pub(super) fn forget_packs(&mut self, gone: &BTreeSet<PackName>) {
        self.0.retain(|_, row| !gone.contains(&row.pack.name()));
    }

    /// What points need of each pack.
    pub(super) fn usage(&self, references: &References) -> BTreeMap<PackName, PackUse> {
        let mut usage: BTreeMap<PackName, PackUse> = BTreeMap::new();
        for (first, row) in &self.0 {
            let live = references.stored_within(*first, row.count);
            if live > 0 {
                let used = usage.entry(row.pack.name()).or_default();
                used.live_blobs += live;
                used.live_bytes = used.live_bytes.saturating_add(live.saturating_mul(BLOCK_BYTES));
            }
        }
        usage
    }

    /// How many blocks of these disks lie in no pack that `is_live`.
    pub(super) fn lost_blocks(&self, disks: &DiskMaps, is_live: impl Fn(&PackName) -> bool) -> u64 {
        let runs = disks.values().flat_map(|map| map.runs());
        let lost = runs.map(|run| {
            let (first, count) = (run.content, u64::from(run.count));
            let missing: u64 = self.look_up(first, count).1.iter().map(|(_, count)| count).sum();
            let dead = self.rows(first, count).filter(|(_, row)| !is_live(&row.pack.name()));
            let dead = dead.map(|(start, row)| (start + row.count).min(first + count) - start.max(first));
            missing + dead.sum::<u64>()
        });
        lost.sum()
    }
}

/// What the session of a copy counts on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// Packs of others that hold what it does not store itself.
    pub(super) relied: BTreeSet<PackNumber>,
    /// What it stores itself.
    pub(super) brings: Places,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Rows say what a table of contents would say, and every content lies in the first pack that brought it.
        #[test]
        fn places_say_what_a_table_of_contents_would_say(
            fills in prop::collection::vec((0_u64..60, 1_u64..20), 1..12),
            gone in 0_u64..12,
            asked in (0_u64..60, 1_u64..30),
        ) {
            let (mut places, mut table) = (Places::default(), BTreeMap::new());
            for (number, (first, count)) in (0..).zip(&fills) {
                let pack = PackNumber::of(JobId(number));
                places.fill(*first, *count, pack);
                (*first..first + count).for_each(|content| { table.entry(content).or_insert(pack); });
            }
            let gone = PackNumber::of(JobId(gone));
            places.forget_packs(&[gone.name()].into());
            table.retain(|_, pack| *pack != gone);
            let (first, count) = asked;
            let (packs, missing) = places.look_up(first, count);
            let expected: BTreeSet<PackNumber> = table.range(first..first + count).map(|(_, pack)| *pack).collect();
            prop_assert_eq!(packs, expected);
            let missing: Vec<u64> = missing.into_iter().flat_map(|(first, count)| first..first + count).collect();
            let expected: Vec<u64> =
                (first..first + count).filter(|content| !table.contains_key(content)).collect();
            prop_assert_eq!(missing, expected);
            prop_assert_eq!(places.blocks(), table.len() as u64);
            prop_assert_eq!(places.beginning(7).blocks(), places.blocks().min(7));
        }
    }
}
