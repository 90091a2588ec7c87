//! Chunks to hashed chunks: zeroes, or an id.

use vhault_core::digest::ChunkId;
use vhault_core::vault::id::IdMaker;

use crate::zeroes::is_zero;

/// What a chunk is, by its bytes alone; `None` is all zeroes.
pub fn identify(ids: &IdMaker, chunk: &[u8]) -> Option<ChunkId> {
    if is_zero(chunk) { None } else { Some(ids.chunk(chunk)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_anywhere_is_not_zero() {
        for length in [1, 63, 64, 65, 4096, 10_000] {
            let mut bytes = vec![0; length];
            assert!(is_zero(&bytes));
            for place in [0, length / 2, length - 1] {
                bytes[place] = 1;
                assert!(!is_zero(&bytes), "byte {place} of {length}");
                bytes[place] = 0;
            }
        }
        assert!(is_zero(&[]));
    }
}
