//! Chance without a generator: a number is a function of seed and key.

/// A number below `bound` (0 for 0) that depends on `seed` and `key` alone.
///
/// The bias of the final remainder is below `bound` / 2^64.
pub(super) fn draw(seed: u64, key: &[u64], bound: u64) -> u64 {
    if bound == 0 {
        return 0;
    }
    let mixed = key.iter().fold(mix(seed), |state, part| mix(state ^ mix(*part)));
    mixed % bound
}

/// One round of SplitMix64.
fn mix(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_draws_the_same_and_neighbours_differ() {
        assert_eq!(draw(1, &[2, 3], 1_000), draw(1, &[2, 3], 1_000));
        let drawn: alloc::collections::BTreeSet<u64> = (0..100).map(|key| draw(1, &[key], 1 << 40)).collect();
        assert_eq!(drawn.len(), 100);
        assert_eq!(draw(1, &[2], 0), 0);
    }
}
