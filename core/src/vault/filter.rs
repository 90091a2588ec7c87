//! A filter in front of sorted ids: "certainly not here" for 32 bytes of
//! memory traffic.
//!
//! Blocks of 256 bits, eight bits of one block per id. The ids are keyed
//! hashes already, so their own bits choose block and bits; blocks follow the
//! order of the ids, so a part of the ids has a part of the filter.

use alloc::vec::Vec;

/// Bytes of one block.
pub const FILTER_BLOCK_BYTES: usize = 32;
const ENTRIES_PER_BLOCK: u64 = 20;

/// Bytes of the filter for so many ids.
pub fn filter_bytes(entries: u64) -> u64 {
    entries.div_ceil(ENTRIES_PER_BLOCK).next_power_of_two() * FILTER_BLOCK_BYTES as u64
}

/// Makes the filter of `ids`.
pub fn build_filter<'a>(count: u64, ids: impl Iterator<Item = &'a [u8; 32]>) -> Vec<u8> {
    let length = usize::try_from(filter_bytes(count)).expect("a filter fits in memory");
    let mut filter = alloc::vec![0_u8; length];
    for id in ids {
        let block = block_of(&filter, id);
        for (word, bit) in bits_of(id) {
            filter[block + word] |= bit;
        }
    }
    filter
}

/// Whether `id` may be among the ids; `false` is certain. `filter` is a power of two of blocks.
pub fn may_hold(filter: &[u8], id: &[u8; 32]) -> bool {
    let block = block_of(filter, id);
    bits_of(id).all(|(byte, bit)| filter.get(block + byte).is_some_and(|held| held & bit != 0))
}

fn block_of(filter: &[u8], id: &[u8; 32]) -> usize {
    let blocks = (filter.len() / FILTER_BLOCK_BYTES).max(1) as u64;
    let high = u64::from_be_bytes(super::envelope::field(id, 0));
    let block = (u128::from(high) * u128::from(blocks)) >> 64;
    usize::try_from(block).expect("a block number is below the number of blocks") * FILTER_BLOCK_BYTES
}

/// One bit in each 32-bit lane of the block: byte in the block, and its bit.
fn bits_of(id: &[u8; 32]) -> impl Iterator<Item = (usize, u8)> + '_ {
    (0..8).map(|lane| {
        let chosen = id[24 + lane];
        (lane * 4 + usize::from(chosen >> 3 & 3), 1 << (chosen & 7))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(from: u64, count: u64) -> impl Iterator<Item = [u8; 32]> {
        (from..from + count).map(|number| *blake3::hash(&number.to_le_bytes()).as_bytes())
    }

    #[test]
    fn every_held_id_passes_and_few_others_do() {
        let held: Vec<_> = ids(0, 10_000).collect();
        let filter = build_filter(10_000, held.iter());
        assert_eq!(filter.len() as u64, filter_bytes(10_000));
        assert!(held.iter().all(|id| may_hold(&filter, id)));
        let strangers = ids(1_000_000, 10_000).filter(|id| may_hold(&filter, id)).count();
        assert!(strangers < 100, "{strangers} of 10000 strangers passed");
    }

    #[test]
    fn an_empty_filter_holds_nothing() {
        let filter = build_filter(0, core::iter::empty());
        assert!(!may_hold(&filter, &[7; 32]));
    }
}
