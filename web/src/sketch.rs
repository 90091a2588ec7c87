//! Sketch: how many different chunks there are, in bounded memory.
//!
//! Up to a bound every chunk is remembered by eight bytes of its hash. Beyond
//! it only those whose hash ends in so many zero bits, one more bit each time
//! the bound is reached again: what is counted then stands for all. With
//! sixty thousand samples the error of that is below one in a hundred.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Chunks that are remembered at most.
const KEPT_MAX: usize = 1 << 16;

/// The chunks of one size that were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    chunk_bytes: u64,
    with_data: u64,
    zero_bits: u32,
    kept: BTreeMap<u64, Kept>,
}

/// What is remembered of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    bytes: u32,
    stored_bytes: u32,
}

/// What a backup would find at one chunk size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkCount {
    /// Bytes in a chunk.
    pub chunk_bytes: u64,
    /// Chunks that are not all zeroes.
    pub with_data: u64,
    /// Of these, how many are different from each other.
    pub unique: u64,
    /// Bytes of the different ones.
    pub unique_bytes: u64,
    /// Bytes of the different ones as a vault stores them, where that was asked.
    pub stored_bytes: Option<u64>,
    /// Whether all were counted, and none stands for others.
    pub is_exact: bool,
}

impl Sketch {
    /// Nothing seen yet.
    pub fn new(chunk_bytes: u64) -> Sketch {
        Sketch { chunk_bytes, with_data: 0, zero_bits: 0, kept: BTreeMap::new() }
    }

    /// Bytes in a chunk.
    pub fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// Takes a chunk of `bytes` bytes; `store` tells how many bytes of a vault
    /// it takes and is asked only for chunks that are remembered.
    pub fn take(&mut self, hash: u64, bytes: u32, store: impl FnOnce() -> u32) {
        self.with_data += 1;
        if self.stands(hash) && !self.kept.contains_key(&hash) {
            self.kept.insert(hash, Kept { bytes, stored_bytes: store() });
            self.shrink();
        }
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: Sketch) {
        self.with_data += other.with_data;
        self.zero_bits = self.zero_bits.max(other.zero_bits);
        self.kept.extend(other.kept);
        let zero_bits = self.zero_bits;
        self.kept.retain(|hash, _| hash.trailing_zeros() >= zero_bits);
        self.shrink();
    }

    /// What it comes to.
    pub fn count(&self, was_stored: bool) -> ChunkCount {
        let whole = |part: u64| part.saturating_mul(1 << self.zero_bits);
        let sum = |of: fn(&Kept) -> u32| whole(self.kept.values().map(|kept| u64::from(of(kept))).sum());
        ChunkCount {
            chunk_bytes: self.chunk_bytes,
            with_data: self.with_data,
            unique: whole(self.kept.len() as u64).min(self.with_data),
            unique_bytes: sum(|kept| kept.bytes).min(self.with_data.saturating_mul(self.chunk_bytes)),
            stored_bytes: was_stored.then(|| sum(|kept| kept.stored_bytes)),
            is_exact: self.zero_bits == 0,
        }
    }

    fn stands(&self, hash: u64) -> bool {
        hash.trailing_zeros() >= self.zero_bits
    }

    fn shrink(&mut self) {
        while self.kept.len() > KEPT_MAX && self.zero_bits < 40 {
            self.zero_bits += 1;
            let zero_bits = self.zero_bits;
            self.kept.retain(|hash, _| hash.trailing_zeros() >= zero_bits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that looks like a hash.
    fn hash(number: u64) -> u64 {
        let bytes = blake3::hash(&number.to_le_bytes());
        u64::from_le_bytes(bytes.as_bytes()[..8].try_into().unwrap())
    }

    #[test]
    fn repeats_are_counted_once_and_stored_once() {
        let mut sketch = Sketch::new(64);
        let mut asked = 0;
        for number in [1, 2, 1, 3, 2, 1] {
            sketch.take(hash(number), 64, || {
                asked += 1;
                10
            });
        }
        let count = sketch.count(true);
        assert_eq!((count.with_data, count.unique, count.unique_bytes), (6, 3, 192));
        assert_eq!((count.stored_bytes, asked, count.is_exact), (Some(30), 3, true));
        assert_eq!(sketch.count(false).stored_bytes, None);
    }

    #[test]
    fn beyond_the_bound_memory_stays_and_the_estimate_is_close() {
        let mut sketch = Sketch::new(64);
        let all = 1_000_000;
        for number in 0..all {
            sketch.take(hash(number), 64, || 32);
        }
        assert!(sketch.kept.len() <= KEPT_MAX);
        let count = sketch.count(true);
        assert!(!count.is_exact && count.with_data == all);
        let close = |found: u64, wanted: u64| found.abs_diff(wanted) * 50 < wanted;
        assert!(close(count.unique, all), "{count:?}");
        assert!(
            close(count.unique_bytes, all * 64) && close(count.stored_bytes.unwrap(), all * 32),
            "{count:?}"
        );
    }

    #[test]
    fn two_that_saw_a_part_each_come_to_what_one_would() {
        let (mut one, mut left, mut right) = (Sketch::new(64), Sketch::new(64), Sketch::new(64));
        for number in 0..200_000_u64 {
            let hash = hash(number % 150_000);
            one.take(hash, 64, || 9);
            if number % 3 == 0 { left.take(hash, 64, || 9) } else { right.take(hash, 64, || 9) }
        }
        left.merge(right);
        assert_eq!(left.count(true), one.count(true));
    }
}
