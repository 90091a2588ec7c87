//! Numbers from a seed: the same on every machine, forever.

/// A source of numbers. Not for secrets.
#[derive(Clone, Debug)]
pub struct Draw {
    state: u64,
}

impl Draw {
    /// Starts a source whose numbers depend on `seed` alone.
    #[must_use]
    pub fn new(seed: u64) -> Draw {
        Draw { state: seed }
    }

    /// The next number, all 64 bits of it.
    pub fn number(&mut self) -> u64 {
        // SplitMix64: a Weyl sequence through a mixer, no state to warm up.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; zero where `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number().checked_rem(bound).unwrap_or(0)
    }

    /// An index below `len`; zero where `len` is zero.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// One of `choices`.
    ///
    /// # Panics
    ///
    /// Where there is nothing to choose from.
    pub fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    /// Whether something that happens `percent` times in a hundred happens now.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Whether something that happens once in `times` happens now.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.index(times) == 0
    }

    /// Bytes that no codec makes smaller.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills `bytes` with bytes that no codec makes smaller.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for eight in bytes.chunks_mut(8) {
            let number = self.number().to_le_bytes();
            eight.copy_from_slice(&number[..eight.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    #[test]
    fn the_same_seed_draws_the_same_numbers() {
        let (mut one, mut two) = (Draw::new(7), Draw::new(7));
        assert!((0..100).all(|_| one.number() == two.number()));
        assert_ne!(Draw::new(7).number(), Draw::new(8).number());
    }

    #[test]
    fn a_bound_is_never_reached_and_nothing_below_it_is_missed() {
        let mut draw = Draw::new(1);
        let mut seen = [false; 6];
        for _ in 0..1_000 {
            seen[draw.index(6)] = true;
        }
        assert_eq!(seen, [true; 6]);
        assert_eq!(draw.below(0), 0);
    }
}
