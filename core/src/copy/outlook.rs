//! When a copy will be done: for each disk, for all, and against its deadline.
//!
//! The rate is what the last [`WINDOW`] of the copy did. Before that is
//! [`SETTLED_AFTER`] long, and while nothing moves, the answer is that nobody
//! knows: a copy begins with what costs nothing, and would promise too much.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::Serialize;

use super::watch::DiskProgress;
use crate::time::Span;

/// What lies further back says nothing about now.
pub const WINDOW: Span = Span::from_milliseconds(60_000);

/// A rate is told from so long a look on.
pub const SETTLED_AFTER: Span = Span::from_milliseconds(10_000);

/// Looks that are closer than this add nothing.
const LOOK_MIN: Span = Span::from_milliseconds(500);

/// What is expected of one disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DiskOutlook {
    /// Which, counted from zero.
    pub disk: usize,
    /// Bytes of it that are done.
    pub done_bytes: u64,
    /// Bytes of it.
    pub total_bytes: u64,
    /// Until it is done; `None` while nobody knows.
    pub left_milliseconds: Option<Span>,
}

/// What is expected of a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// Bytes a second that are done, read or proven; `None` while nobody knows.
    pub bytes_per_second: Option<u64>,
    /// Until all is done; `None` while nobody knows.
    pub left_milliseconds: Option<Span>,
    /// Until the deadline; `None` without one.
    pub deadline_left_milliseconds: Option<Span>,
    /// Whether the deadline will be met; `None` without one, and while nobody knows.
    pub meets_deadline: Option<bool>,
    /// The disks that are not done, in the order of the copy.
    pub disks: Vec<DiskOutlook>,
}

/// Looks at a copy and says when it will be done.
#[derive(Clone, Debug)]
pub struct Forecaster {
    sizes: Vec<u64>,
    deadline: Option<Span>,
    /// When how much was done, oldest first.
    looks: VecDeque<(Span, u64)>,
}

impl Forecaster {
    /// For a copy of disks of these sizes.
    pub fn new(sizes: Vec<u64>, deadline: Option<Span>) -> Forecaster {
        Forecaster { sizes, deadline, looks: VecDeque::new() }
    }

    /// Looks once, at `now` since the copy began. Disks are copied in their order.
    pub fn look(&mut self, now: Span, disks: &[DiskProgress]) -> Outlook {
        let done = |disk: &DiskProgress, size: u64| if disk.ended { size } else { disk.done_bytes.min(size) };
        let all_done = disks.iter().zip(&self.sizes).map(|(disk, size)| done(disk, *size)).sum();
        self.remember(now, all_done);
        let rate = self.rate(now, all_done);
        let takes = |bytes: u64| -> Option<Span> {
            let milliseconds = (u128::from(bytes) * 1_000).div_ceil(u128::from(rate?));
            Some(Span::from_milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX)))
        };
        let mut before = 0_u64;
        let mut left = Vec::new();
        for (number, (disk, size)) in
            disks.iter().zip(&self.sizes).enumerate().filter(|(_, (disk, _))| !disk.ended)
        {
            let done_bytes = done(disk, *size);
            before = before.saturating_add(size - done_bytes);
            let left_milliseconds = takes(before);
            left.push(DiskOutlook { disk: number, done_bytes, total_bytes: *size, left_milliseconds });
        }
        let left_milliseconds = takes(before);
        let deadline_left = self.deadline.map(|deadline| {
            Span::from_milliseconds(deadline.milliseconds().saturating_sub(now.milliseconds()).max(0))
        });
        Outlook {
            bytes_per_second: rate,
            left_milliseconds,
            deadline_left_milliseconds: deadline_left,
            meets_deadline: left_milliseconds.zip(deadline_left).map(|(left, deadline)| left <= deadline),
            disks: left,
        }
    }

    fn remember(&mut self, now: Span, done: u64) {
        let apart = |at: Span, least: Span| {
            now.milliseconds().saturating_sub(at.milliseconds()) >= least.milliseconds()
        };
        if self.looks.back().is_none_or(|(at, _)| apart(*at, LOOK_MIN)) {
            self.looks.push_back((now, done));
        }
        // The one before the window stays, so that it is whole.
        while self.looks.get(1).is_some_and(|(at, _)| apart(*at, WINDOW)) {
            self.looks.pop_front();
        }
    }

    fn rate(&self, now: Span, done: u64) -> Option<u64> {
        let (since, then) = *self.looks.front()?;
        let milliseconds = now.milliseconds().saturating_sub(since.milliseconds());
        if milliseconds < SETTLED_AFTER.milliseconds() {
            return None;
        }
        let moved = u128::from(done.checked_sub(then)?) * 1_000 / u128::from(milliseconds.unsigned_abs());
        u64::try_from(moved).ok().filter(|rate| *rate > 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: fn(i64) -> Span = |seconds| Span::from_milliseconds(seconds * 1_000);

    fn at(done_bytes: u64) -> DiskProgress {
        DiskProgress { begun: true, ended: false, reading: true, done_bytes }
    }

    #[test]
    fn nobody_knows_before_the_rate_has_settled_and_then_each_disk_waits_for_those_before_it() {
        let mut forecaster = Forecaster::new(Vec::from([2_000, 1_000]), Some(S(31)));
        for second in 0..10 {
            let outlook = forecaster.look(S(second), &[at(u64::try_from(second).unwrap() * 100), at(0)]);
            assert_eq!(
                (outlook.bytes_per_second, outlook.left_milliseconds),
                (None, None),
                "second {second}"
            );
            assert_eq!(outlook.meets_deadline, None);
            assert_eq!(outlook.deadline_left_milliseconds, Some(S(31 - second)));
        }
        let outlook = forecaster.look(S(10), &[at(1_000), at(0)]);
        assert_eq!(outlook.bytes_per_second, Some(100));
        assert_eq!(outlook.left_milliseconds, Some(S(20)));
        assert_eq!(outlook.meets_deadline, Some(true));
        let left: Vec<_> = outlook.disks.iter().map(|disk| disk.left_milliseconds).collect();
        assert_eq!(left, [Some(S(10)), Some(S(20))]);
        // The first disk ends, the second does not move: it will be late.
        let ended = DiskProgress { ended: true, ..at(1_000) };
        let outlook = forecaster.look(S(20), &[ended, at(0)]);
        assert_eq!(outlook.disks.len(), 1);
        assert_eq!(outlook.left_milliseconds, Some(S(10)));
        assert_eq!(outlook.meets_deadline, Some(true));
        let outlook = forecaster.look(S(24), &[ended, at(0)]);
        assert_eq!(outlook.meets_deadline, Some(false), "{outlook:?}");
    }

    #[test]
    fn what_was_fast_long_ago_promises_nothing() {
        let mut forecaster = Forecaster::new(Vec::from([1_000_000]), None);
        for second in 0..=20 {
            forecaster.look(S(second), &[at(u64::try_from(second).unwrap() * 10_000)]);
        }
        // A hundred times slower from there on.
        let mut last = Outlook::default();
        for second in 21..=120_u64 {
            last = forecaster.look(S(i64::try_from(second).unwrap()), &[at(200_000 + (second - 20) * 100)]);
        }
        assert_eq!(last.bytes_per_second, Some(100));
        let stands = forecaster.look(S(400), &[at(210_000)]);
        assert!(stands.bytes_per_second < Some(100));
        let mut outlook = stands;
        for second in 401..500 {
            outlook = forecaster.look(S(second), &[at(210_000)]);
        }
        assert_eq!(outlook.left_milliseconds, None, "what stands still has no end");
    }

    proptest! {
        #[test]
        fn less_left_never_takes_longer(
            sizes in proptest::collection::vec(1_u64..1 << 40, 1..5),
            done in 1_u64..1 << 40,
            more in 0_u64..1 << 40,
        ) {
            let look = |done: u64| {
                let mut forecaster = Forecaster::new(sizes.clone(), None);
                let none = sizes.iter().map(|_| at(0)).collect::<Vec<_>>();
                forecaster.look(Span::ZERO, &none);
                let disks = sizes.iter().map(|size| at(done.min(*size))).collect::<Vec<_>>();
                forecaster.look(S(10), &disks)
            };
            let (less, further) = (look(done), look(done.saturating_add(more)));
            if let (Some(less), Some(further)) = (less.left_milliseconds, further.left_milliseconds) {
                prop_assert!(further <= less);
            }
            prop_assert!(less.disks.windows(2).all(|pair| pair[0].left_milliseconds <= pair[1].left_milliseconds));
        }
    }
}
