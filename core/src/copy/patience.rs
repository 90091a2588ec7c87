//! How long a vault may take for one operation: begin, list, commit, and all
//! else that is asked of it.
//!
//! Time in which nobody looked, because the process or its machine was stopped,
//! does not count. It holds:
//!
//! - an operation that is in flight for the stall limit is found at the first look after that;
//! - once the deadline of the command has passed, one that is in flight for [`AFTER_DEADLINE`], or for the stall limit
//!   where that is shorter, is found;
//! - operations that come back, however many and slow, are never found.

use alloc::collections::BTreeMap;

use super::watch::{Limits, TICK_MAX};
use crate::time::Span;

/// What an operation gets once the deadline has passed. Linux gives a SCSI command 30 seconds before it tries again.
pub const AFTER_DEADLINE: Span = Span::from_milliseconds(60_000);

/// Of the time between two looks, no more than this counts.
const GAP_MAX: Span = Span::from_milliseconds(4 * TICK_MAX.milliseconds());

/// An operation that hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hung {
    /// Which.
    pub operation: u64,
    /// How long it was seen in flight.
    pub after: Span,
    /// Whether only the passed deadline makes it too long.
    pub past_deadline: bool,
}

/// Looks at operations in flight.
#[derive(Clone, Debug)]
pub struct Patience {
    limits: Limits,
    looked_at: Span,
    /// Runs only while somebody looks.
    watched: Span,
    /// When the deadline was seen to have passed, as watched.
    late_since: Option<Span>,
    /// When each operation was first seen, as watched.
    seen: BTreeMap<u64, Span>,
}

impl Patience {
    /// Patience of a command that begins now; of its limits, stall and that of the set count.
    pub fn new(limits: Limits) -> Patience {
        let seen = BTreeMap::new();
        Patience { limits, looked_at: Span::ZERO, watched: Span::ZERO, late_since: None, seen }
    }

    /// Looks once: at `now` since the command began, these operations are in flight. Numbers are never used twice.
    pub fn look(&mut self, now: Span, in_flight: &[u64]) -> Option<Hung> {
        let gap = between(self.looked_at, now).clamp(Span::ZERO, GAP_MAX);
        self.looked_at = now;
        self.watched =
            Span::from_milliseconds(self.watched.milliseconds().saturating_add(gap.milliseconds()));
        let watched = self.watched;
        self.seen.retain(|operation, _| in_flight.contains(operation));
        for operation in in_flight {
            self.seen.entry(*operation).or_insert(watched);
        }
        if self.limits.set.is_some_and(|set| now >= set) {
            self.late_since.get_or_insert(watched);
        }
        let (operation, since) = self.seen.iter().min_by_key(|(_, since)| **since)?;
        let after = between(*since, watched);
        let stalled = self.limits.stall.is_some_and(|stall| after >= stall);
        let grace = self.limits.stall.map_or(AFTER_DEADLINE, |stall| stall.min(AFTER_DEADLINE));
        let late = self.late_since.is_some_and(|late| between(late.max(*since), watched) >= grace);
        (stalled || late).then_some(Hung { operation: *operation, after, past_deadline: !stalled })
    }
}

fn between(earlier: Span, later: Span) -> Span {
    Span::from_milliseconds(later.milliseconds().saturating_sub(earlier.milliseconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(i64) -> Span = Span::from_milliseconds;

    fn limits(stall: i64, set: Option<i64>) -> Limits {
        Limits { set: set.map(MS), disk: None, stall: Some(MS(stall)) }
    }

    #[test]
    fn an_operation_that_never_returns_is_found_and_others_are_not() {
        let mut patience = Patience::new(limits(1_000, None));
        for turn in 0..100 {
            let number = u64::try_from(turn / 9).unwrap();
            assert_eq!(patience.look(MS(turn * 100), &[number]), None, "each comes back after 900 ms");
        }
        let mut patience = Patience::new(limits(1_000, None));
        assert_eq!(patience.look(MS(0), &[7]), None);
        for turn in 1..10 {
            assert_eq!(patience.look(MS(turn * 100), &[7, 100 + u64::try_from(turn).unwrap()]), None);
        }
        let hung = Hung { operation: 7, after: MS(1_000), past_deadline: false };
        assert_eq!(patience.look(MS(1_000), &[7, 8]), Some(hung));
    }

    #[test]
    fn time_in_which_nobody_looked_does_not_count() {
        let mut patience = Patience::new(limits(10_000, None));
        assert_eq!(patience.look(MS(0), &[1]), None);
        assert_eq!(patience.look(MS(3_600_000), &[1]), None, "the machine slept for an hour");
        for second in 1..9 {
            assert_eq!(patience.look(MS(3_600_000 + second * 1_000), &[1]), None);
        }
        assert!(patience.look(MS(3_609_000), &[1]).is_some(), "a second of the hour counts");
    }

    #[test]
    fn past_the_deadline_patience_is_shorter() {
        let mut patience = Patience::new(limits(600_000, Some(5_000)));
        let mut found = None;
        for turn in 0..1_000 {
            found = patience.look(MS(turn * 250), &[1]);
            if found.is_some() {
                break;
            }
        }
        let after = MS(5_000 + AFTER_DEADLINE.milliseconds());
        assert_eq!(found, Some(Hung { operation: 1, after, past_deadline: true }));
        // One that began after the deadline has the whole grace.
        let mut patience = Patience::new(limits(600_000, Some(0)));
        for turn in 0..400 {
            assert_eq!(patience.look(MS(turn * 250), &[]), None);
        }
        assert_eq!(patience.look(MS(100_000), &[2]), None);
    }

    #[test]
    fn without_limits_nothing_is_found() {
        let mut patience = Patience::new(Limits::default());
        assert!((0..10_000).all(|turn| patience.look(MS(turn * 1_000), &[1]).is_none()));
    }
}
