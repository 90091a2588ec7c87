//! Pace: how fast, and how long still.

/// Work under way, in bytes and milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Done so far.
    pub done: u64,
    /// All there is; zero where nobody knows.
    pub total: u64,
    /// Time since it began.
    pub elapsed_ms: u64,
}

/// Nothing is said about pace before this: the first numbers only mislead.
const SETTLE_MS: u64 = 500;

impl Pace {
    /// Bytes in a second, once that can be told.
    pub fn rate(self) -> Option<u64> {
        let settled = self.elapsed_ms >= SETTLE_MS && self.done > 0;
        let rate = u128::from(self.done) * 1000 / u128::from(self.elapsed_ms.max(1));
        settled.then(|| u64::try_from(rate).unwrap_or(u64::MAX))
    }

    /// Seconds left at this pace, rounded up.
    pub fn seconds_left(self) -> Option<u64> {
        let rate = self.rate().filter(|rate| *rate > 0)?;
        (self.total > 0).then(|| self.total.saturating_sub(self.done).div_ceil(rate))
    }

    /// Per mille of the whole, for a bar.
    pub fn per_mille(self) -> Option<u64> {
        let part = u128::from(self.done.min(self.total)) * 1000;
        part.checked_div(u128::from(self.total)).and_then(|part| u64::try_from(part).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_only_once_it_has_settled() {
        let pace = |elapsed_ms| Pace { done: 1000, total: 3000, elapsed_ms };
        assert_eq!(pace(499).rate(), None);
        assert_eq!(pace(500).rate(), Some(2000));
        assert_eq!(pace(500).seconds_left(), Some(1));
        assert_eq!(pace(2000).seconds_left(), Some(4));
        assert_eq!(pace(0).per_mille(), Some(333));
    }

    #[test]
    fn work_of_unknown_length_has_a_rate_and_no_end() {
        let pace = Pace { done: 1000, total: 0, elapsed_ms: 1000 };
        assert_eq!(pace.rate(), Some(1000));
        assert_eq!(pace.seconds_left(), None);
        assert_eq!(pace.per_mille(), None);
    }
}
