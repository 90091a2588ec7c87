//! An imitated copy: how far each disk is at a moment, and what a [`Watch`] over it says.
//!
//! A service copies the disks of a machine side by side: all begin at once, in the order given, and the slowest of
//! them, or what holds back all, sets the pace. So each disk's bytes come in a straight line, and the sum's too. A real
//! copy takes one disk after the other (see [`order`](super::order)); both are stopped by the same watch.

use alloc::vec::Vec;

use super::estimate::Estimate;
use super::watch::{DiskProgress, Limits, Sample, StopReason, Verdict, Watch};
use crate::time::Span;

/// How a copy goes on if nothing stops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    new_bytes: Vec<u64>,
    whole: Span,
    ends: bool,
}

/// Why and when a watched copy stopped short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Since it began.
    pub at: Span,
    /// Why.
    pub reason: StopReason,
    /// Bytes that had arrived.
    pub done_bytes: u64,
}

impl Course {
    /// The course of a copy that takes as long as `estimate` says.
    pub fn of(estimate: &Estimate) -> Course {
        let new_bytes = estimate.disks.iter().map(|disk| disk.work.new_bytes).collect();
        Course { new_bytes, whole: estimate.whole, ends: true }
    }

    /// The same copy, of which no disk is ever done: its bytes come, its end does not.
    pub fn without_end(self) -> Course {
        Course { ends: false, ..self }
    }

    /// How far each disk is.
    pub fn at(&self, passed: Span) -> Vec<DiskProgress> {
        let ended = self.ends && passed >= self.whole;
        let disk = |bytes: &u64| {
            let done_bytes = on_the_way(*bytes, passed, self.whole);
            DiskProgress { begun: true, ended, reading: !ended && passed < self.whole, done_bytes }
        };
        self.new_bytes.iter().map(disk).collect()
    }

    /// Watches the copy to its end; `None` where nothing stops it.
    ///
    /// A limit is kept to the millisecond: whoever looks does so when each begins to count. A stall limit speaks only of
    /// disks that stand still, which these never do.
    pub fn watched(&self, limits: Limits) -> Option<Stop> {
        let mut watch = Watch::new(limits, self.new_bytes.len());
        let mut moments: Vec<Span> =
            [Some(Span::ZERO), limits.set, limits.disk].into_iter().flatten().collect();
        moments.sort_unstable();
        moments.retain(|moment| !self.ends || *moment < self.whole);
        for moment in moments {
            // A limit that was over before the beginning is noticed at the beginning.
            let at = moment.max(Span::ZERO);
            let disks = self.at(at);
            let stored = disks.iter().map(|disk| disk.done_bytes).fold(0, u64::saturating_add);
            let verdicts = watch.look(&Sample { now: at, disks: &disks, stored, held_back: false });
            let reason = verdicts.into_iter().find_map(|verdict| match verdict {
                Verdict::StopAll { reason } | Verdict::StopDisk { reason, .. } => Some(reason),
                Verdict::VaultStuck => None,
            });
            if let Some(reason) = reason {
                return Some(Stop { at, reason, done_bytes: stored });
            }
        }
        None
    }
}

/// How much of `bytes` is done after `passed` of `whole`, in a straight line.
pub fn on_the_way(bytes: u64, passed: Span, whole: Span) -> u64 {
    let positive = |span: Span| u128::try_from(span.milliseconds()).unwrap_or(0);
    let whole = positive(whole).max(1);
    u64::try_from(u128::from(bytes) * positive(passed).min(whole) / whole).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: fn(i64) -> Span = Span::from_milliseconds;

    fn course(whole: i64) -> Course {
        Course { new_bytes: alloc::vec![1_000, 10], whole: MS(whole), ends: true }
    }

    #[test]
    fn a_copy_that_ends_with_its_deadline_is_in_time_and_a_millisecond_later_is_not() {
        let set = |set| Limits { set: Some(MS(set)), ..Limits::default() };
        assert_eq!(course(100).watched(set(100)), None);
        let stop = Stop { at: MS(99), reason: StopReason::Deadline, done_bytes: 999 };
        assert_eq!(course(100).watched(set(99)), Some(stop));
        assert_eq!(course(100).watched(Limits::default()), None);
    }

    #[test]
    fn disks_side_by_side_all_count_from_the_beginning() {
        let limits = Limits { disk: Some(MS(40)), set: Some(MS(90)), stall: None };
        let stop = Stop { at: MS(40), reason: StopReason::DiskDeadline, done_bytes: 404 };
        assert_eq!(course(100).watched(limits), Some(stop));
        assert_eq!(course(40).watched(limits), None);
    }

    #[test]
    fn a_copy_without_end_is_stopped_however_long_it_may_take() {
        let endless = course(100).without_end();
        let limits = Limits { set: Some(MS(5_000)), ..Limits::default() };
        let stop = Stop { at: MS(5_000), reason: StopReason::Deadline, done_bytes: 1_010 };
        assert_eq!(endless.watched(limits), Some(stop));
        assert!(endless.at(MS(5_000)).iter().all(|disk| !disk.ended));
    }

    #[test]
    fn a_deadline_that_has_passed_lets_nothing_through() {
        let limits = Limits { set: Some(Span::ZERO), ..Limits::default() };
        let stop = Stop { at: Span::ZERO, reason: StopReason::Deadline, done_bytes: 0 };
        assert_eq!(course(100).watched(limits), Some(stop));
        assert_eq!(course(0).watched(limits), None, "nothing to do is done at once");
    }

    proptest! {
        #[test]
        fn bytes_come_in_order_and_all_of_them(
            bytes in 0..u64::MAX, whole in 0..i64::MAX, passed in 0..i64::MAX, more in 0..i64::MAX,
        ) {
            let done = |passed| on_the_way(bytes, MS(passed), MS(whole));
            prop_assert!(done(passed) <= done(passed.saturating_add(more)));
            prop_assert!(done(passed) <= bytes);
            prop_assert_eq!(done(whole.max(1)), bytes);
        }
    }
}
