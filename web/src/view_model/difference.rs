//! Difference: what changed between two disks, and what a backup of that
//! would send.

use serde::{Deserialize, Serialize};
use vhault_core::extent::Extent;
use vhault_core::units::SECTOR_BYTES;
use vhault_core::vhd::Changes;

use super::map::{Map, State};

/// Chunk sizes that are told about, in bytes.
pub const CHUNK_BYTES: [u64; 4] = [64 << 10, 256 << 10, 1 << 20, 4 << 20];

/// How many extents are listed.
const EXTENTS_SHOWN: usize = 100;

/// What the page shows of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The name of the disk before.
    pub before: String,
    /// The name of the disk after.
    pub after: String,
    /// Size of the larger disk.
    pub whole_bytes: u64,
    /// Bytes of the sectors that differ.
    pub changed_bytes: u64,
    /// How many extents differ.
    pub extent_count: u64,
    /// The first of them: start and count in sectors.
    pub extents: Vec<(u64, u64)>,
    /// Equal, being the same bytes of one file.
    pub shared_bytes: u64,
    /// Equal, being held by neither.
    pub unallocated_bytes: u64,
    /// Compared byte by byte.
    pub compared_bytes: u64,
    /// Data read from both sides.
    pub read_bytes: u64,
    /// For each chunk size, what an incremental backup would send.
    pub sends: Vec<(u64, u64)>,
    /// Where the changes are.
    pub map: Map,
    /// What `vhault diff --json` prints, without the line's end.
    pub export: String,
}

impl Compared {
    /// What the page shows of `changes`.
    pub fn of(before: &str, after: &str, changes: &Changes, export: String) -> Compared {
        let whole_bytes = changes.before_bytes.max(changes.after_bytes).get();
        let extents = changes.extents.extents();
        Compared {
            before: before.to_owned(),
            after: after.to_owned(),
            whole_bytes,
            changed_bytes: changes.changed_sectors * SECTOR_BYTES,
            extent_count: extents.len() as u64,
            extents: extents
                .iter()
                .take(EXTENTS_SHOWN)
                .map(|extent| (extent.start.get(), extent.count.get()))
                .collect(),
            shared_bytes: changes.proofs.shared_bytes,
            unallocated_bytes: changes.proofs.unallocated_bytes,
            compared_bytes: changes.proofs.compared_bytes,
            read_bytes: changes.data_bytes_read,
            sends: CHUNK_BYTES.map(|chunk| (chunk, sent(extents, chunk, whole_bytes))).to_vec(),
            map: changed_map(extents, whole_bytes),
            export,
        }
    }

    /// What an incremental backup would send at a vault's own chunk size,
    /// before compression.
    pub fn sent_bytes(&self) -> u64 {
        let own = self.sends.iter().find(|(chunk, _)| *chunk == crate::measure::VAULT_CHUNK_BYTES);
        own.map_or(self.changed_bytes, |(_, sent)| *sent)
    }

    /// The command that prints the same.
    pub fn command(&self) -> String {
        format!("vhault diff {} {} --json", self.before, self.after)
    }
}

/// Bytes of all chunks of `chunk` bytes that an extent touches.
fn sent(extents: &[Extent], chunk: u64, whole: u64) -> u64 {
    touched(extents, chunk).map(|(first, past)| (past * chunk).min(whole) - first * chunk).sum()
}

/// The runs of steps of `step` bytes that the extents touch, each once.
fn touched(extents: &[Extent], step: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
    let sectors = step / SECTOR_BYTES;
    let mut done = 0;
    extents.iter().filter_map(move |extent| {
        let first = (extent.start.get() / sectors).max(done);
        let past = extent.end().get().div_ceil(sectors);
        done = done.max(past);
        (first < past).then_some((first, past))
    })
}

/// Bytes of disk in one block of the map of changes.
const MAP_BLOCK_BYTES: u64 = 256 << 10;

fn changed_map(extents: &[Extent], whole: u64) -> Map {
    let mut map = Map::new(MAP_BLOCK_BYTES);
    let mut at = 0;
    for (first, past) in touched(extents, MAP_BLOCK_BYTES) {
        map.push(State::Same, first - at);
        map.push(State::Changed, past - first);
        at = past;
    }
    map.push(State::Same, whole.div_ceil(MAP_BLOCK_BYTES).saturating_sub(at));
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_touched_twice_is_sent_once() {
        let extents = [Extent::new(0, 1), Extent::new(100, 1), Extent::new(127, 2)];
        let whole = 1 << 20;
        assert_eq!(sent(&extents, 64 << 10, whole), 2 * (64 << 10));
        assert_eq!(sent(&extents, 256 << 10, whole), 256 << 10);
        assert_eq!(sent(&[], 64 << 10, whole), 0);
    }

    #[test]
    fn the_last_chunk_ends_with_the_disk() {
        let extents = [Extent::new(130, 1)];
        assert_eq!(sent(&extents, 64 << 10, 131 * 512), 131 * 512 - (64 << 10));
    }

    #[test]
    fn the_map_covers_the_whole_disk() {
        let map = changed_map(&[Extent::new(512, 1)], 1 << 20);
        assert_eq!(map.blocks(), 4);
        assert_eq!(map.tally(), [(State::Same, 3), (State::Changed, 1)]);
        assert_eq!(changed_map(&[], 0).blocks(), 0);
    }
}
