//! What is read, and in which order.
//!
//! Disk by disk in the order given, each from its start, its container first:
//! a copy that ends early leaves whole disks and the beginning of one, not a
//! bit of each. Many threads may take steps; each step is taken once.

use alloc::vec::Vec;

use crate::units::ByteCount;
use crate::vault::stream::Grid;

/// Chunks of one stripe, the unit that a worker takes: 4 MiB of 256 KiB chunks.
pub const CHUNKS_PER_STRIPE: u64 = 16;

/// Some chunks of one disk in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stripe {
    /// Which disk, counted from zero.
    pub disk: usize,
    /// Its first chunk on the disk's grid.
    pub first_chunk: u64,
    /// How many chunks; never zero.
    pub chunk_count: u64,
}

/// A piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What the disk's file has besides guest data.
    Container {
        /// Which disk.
        disk: usize,
    },
    /// Guest data.
    Stripe(Stripe),
}

/// All steps of a copy, by number.
///
/// Invariant: the stripes of a disk cover each of its chunks once.
#[derive(Clone, Debug)]
pub struct CopyOrder {
    chunks: Vec<u64>,
    /// The number of each disk's first step, and the number after the last step.
    first_steps: Vec<u64>,
}

impl CopyOrder {
    /// The order for disks of these sizes.
    pub fn new(grid: Grid, sizes: impl IntoIterator<Item = ByteCount>) -> CopyOrder {
        let chunks: Vec<u64> = sizes.into_iter().map(|size| grid.chunks(size)).collect();
        let mut first_steps = alloc::vec![0];
        let mut next = 0_u64;
        for count in &chunks {
            next += 1 + count.div_ceil(CHUNKS_PER_STRIPE);
            first_steps.push(next);
        }
        CopyOrder { chunks, first_steps }
    }

    /// Step `number`, counted from zero; `None` past the last.
    pub fn step(&self, number: u64) -> Option<Step> {
        let disk = self.first_steps.partition_point(|&first| first <= number) - 1;
        let chunks = *self.chunks.get(disk)?;
        let Some(stripe) = (number - self.first_steps[disk]).checked_sub(1) else {
            return Some(Step::Container { disk });
        };
        let first_chunk = stripe * CHUNKS_PER_STRIPE;
        let chunk_count = CHUNKS_PER_STRIPE.min(chunks - first_chunk);
        Some(Step::Stripe(Stripe { disk, first_chunk, chunk_count }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRID: Grid = Grid { chunk_log2: 16, fan_out_log2: 8 };

    proptest! {
        #[test]
        fn every_chunk_of_every_disk_is_taken_once_and_in_order(
            sizes in proptest::collection::vec(0_u64..10_000_000, 0..6),
        ) {
            let order = CopyOrder::new(GRID, sizes.iter().copied().map(ByteCount::new));
            let mut reached: Vec<u64> = Vec::new();
            let mut number = 0;
            while let Some(step) = order.step(number) {
                match step {
                    Step::Container { disk } => {
                        prop_assert_eq!(disk, reached.len(), "a disk begins with its container");
                        reached.push(0);
                    }
                    Step::Stripe(stripe) => {
                        prop_assert_eq!(stripe.disk + 1, reached.len());
                        prop_assert_eq!(stripe.first_chunk, reached[stripe.disk]);
                        prop_assert!((1..=CHUNKS_PER_STRIPE).contains(&stripe.chunk_count));
                        reached[stripe.disk] += stripe.chunk_count;
                    }
                }
                number += 1;
            }
            let chunks: Vec<u64> = sizes.iter().map(|size| size.div_ceil(1 << 16)).collect();
            prop_assert_eq!(reached, chunks);
            prop_assert_eq!(order.step(number + 1), None);
        }
    }
}
