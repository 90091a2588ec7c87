//! A limit of bytes a second, as arithmetic: when may the next piece go?

/// Hands out a number of bytes a second, with a burst at most.
///
/// Holds over any stretch of time: what was let through is at most the rate
/// times the stretch, the burst, and the piece that was in hand.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    bytes_per_second: u64,
    /// When all that was let through so far is paid for.
    paid_at_nanoseconds: u128,
}

/// What may be let through at once after a rest, as time at the full rate.
const BURST_NANOSECONDS: u128 = 100_000_000;

const NANOSECONDS: u128 = 1_000_000_000;

impl Pace {
    /// A limit; less than one byte a second is one.
    pub const fn new(bytes_per_second: u64) -> Pace {
        let bytes_per_second = if bytes_per_second == 0 { 1 } else { bytes_per_second };
        Pace { bytes_per_second, paid_at_nanoseconds: 0 }
    }

    /// Books a piece of `bytes` at `now` and returns how long to wait before it goes, both in nanoseconds.
    pub fn book(&mut self, now_nanoseconds: u64, bytes: u64) -> u64 {
        let now = u128::from(now_nanoseconds);
        let from = self.paid_at_nanoseconds.max(now.saturating_sub(BURST_NANOSECONDS));
        self.paid_at_nanoseconds = from + u128::from(bytes) * NANOSECONDS / u128::from(self.bytes_per_second);
        u64::try_from(self.paid_at_nanoseconds.saturating_sub(now)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// One thread that waits as told, with rests of its own in between.
        #[test]
        fn no_stretch_of_time_lets_through_more_than_the_limit(
            rate in prop_oneof![1_000_u64..1_000_000, 1_000_000_u64..1_000_000_000],
            pieces in proptest::collection::vec(
                (1_u64..5_000_000, prop_oneof![Just(0), 0_u64..2_000_000_000]),
                1..40,
            ),
        ) {
            let mut pace = Pace::new(rate);
            let mut now = 5 * 1_000_000_000_u64;
            let mut gone: Vec<(u64, u64)> = Vec::new();
            for (bytes, rest) in pieces {
                now += pace.book(now, bytes);
                gone.push((now, bytes));
                now += rest;
            }
            for (first, &(start, _)) in gone.iter().enumerate() {
                let mut sum = 0_u128;
                for &(at, bytes) in &gone[first..] {
                    sum += u128::from(bytes);
                    let stretch = u128::from(at - start) + BURST_NANOSECONDS;
                    let allowed = stretch * u128::from(rate) / NANOSECONDS;
                    let in_hand = u128::from(gone[first].1.max(bytes));
                    prop_assert!(sum <= allowed + in_hand + 64, "{} of {} in {} ns", sum, allowed, stretch);
                }
            }
        }
    }

    #[test]
    fn a_piece_takes_as_long_as_the_rate_says() {
        let mut pace = Pace::new(1_000_000);
        let start = 10 * 1_000_000_000;
        assert_eq!(pace.book(start, 100_000), 0, "the burst is a tenth of a second");
        assert_eq!(pace.book(start, 1_000_000), 1_000_000_000);
        assert_eq!(pace.book(start, 500_000), 1_500_000_000, "a second thread queues behind the first");
        assert!(Pace::new(0).book(0, 1) > 0);
    }
}
