//! Choices as a row of numbers.

use std::vec::Vec;

/// A row of numbers that is read once from its start.
#[derive(Clone, Debug)]
pub(super) struct Tape {
    words: Vec<u32>,
    at: usize,
}

impl Tape {
    pub(super) fn new(words: Vec<u32>) -> Tape {
        Tape { words, at: 0 }
    }

    /// The tape of a seed (SplitMix64).
    pub(super) fn from_seed(seed: u64, length: usize) -> Tape {
        let mut state = seed;
        let words = (0..length).map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("32 bits are left")
        });
        Tape::new(words.collect())
    }

    /// The same tape from its start.
    pub(super) fn again(&self) -> Tape {
        Tape::new(self.words.clone())
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.words.len()
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn words(&self) -> &[u32] {
        &self.words
    }

    /// A number below `bound`; 0 once the tape is over. What was chosen stays on the tape, so that one that was read
    /// is a row of small numbers.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let Some(word) = self.words.get_mut(self.at) else { return 0 };
        self.at += 1;
        *word %= bound.max(1);
        *word
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).expect("few things to choose from")) as usize
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == times - 1
    }
}

/// Leaves out blocks of a failing tape, ever smaller ones, as long as it fails.
pub(super) fn shrink(tape: Tape, fails: &mut dyn FnMut(&Tape) -> bool) -> Tape {
    let mut best = tape;
    // What comes after the failure is cut off first.
    let (mut low, mut high) = (0, best.len());
    while low < high {
        let middle = low.midpoint(high);
        let shorter = Tape::new(best.words[..middle].to_vec());
        if fails(&shorter) { high = middle } else { low = middle + 1 }
    }
    let cut = Tape::new(best.words[..high].to_vec());
    if fails(&cut) {
        best = cut;
    }
    let mut block = best.len() / 2;
    while block > 0 {
        let mut start = 0;
        while start < best.len() {
            let mut words = best.words.clone();
            words.drain(start..(start + block).min(words.len()));
            let shorter = Tape::new(words);
            if fails(&shorter) {
                best = shorter;
            } else {
                start += block;
            }
        }
        block /= 2;
        // Single words are left out only where that is cheap.
        if block < 8 && best.len() > 300 {
            break;
        }
    }
    best
}
