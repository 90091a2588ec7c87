//! The copy of a backup: what it has to do, when it must end, and what is expected of it.
//!
//! The rules bring the numbers; estimate, course and watch are those of [`copy`](crate::copy).

use super::catalogue::Catalogue;
use super::checks;
use super::item::Item;
use super::job::{Job, TaskKind};
use super::platform::{CopyWork, DeltaMethod};
use super::profile::Profile;
use crate::advice::AdviceId;
use crate::copy::course::{Course, Stop};
use crate::copy::estimate::{Circumstances, DiskEstimate, Estimate, Reckoning, Timing, Work};
use crate::copy::watch::Limits;
use crate::time::{Instant, Span};
use crate::units::ByteCount;

/// What a copy has to do, disk by disk, and how long that takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyPlan {
    /// How changes were found.
    pub method: DeltaMethod,
    /// Bytes the disks hold.
    pub logical: ByteCount,
    /// What takes how long; a disk's new bytes are what is sent of it.
    pub timing: Timing,
}

impl CopyPlan {
    /// The plan of a copy that has nothing to do.
    pub const NOTHING: CopyPlan = CopyPlan {
        method: DeltaMethod::Full,
        logical: ByteCount::ZERO,
        timing: Timing { disks: alloc::vec::Vec::new(), whole: Span::ZERO, reckoning: Reckoning::ASSUMED },
    };

    /// The plan in sums.
    pub fn work(&self) -> CopyWork {
        let sum = |part: fn(&Work) -> u64| {
            let parts = self.timing.disks.iter().map(|disk| part(&disk.work));
            ByteCount::new(parts.fold(0, u64::saturating_add))
        };
        CopyWork {
            method: self.method,
            logical: self.logical,
            read: sum(|work| work.read_bytes),
            send: sum(|work| work.new_bytes),
            takes: self.timing.whole,
        }
    }

    /// What an earlier copy that ran out of time left behind is not sent again.
    pub fn without_carried(mut self, carried: ByteCount) -> CopyPlan {
        let total = self.work().send.get();
        let left = total.saturating_sub(carried.get());
        if left == total {
            return self;
        }
        let part = |of: u64| {
            let part = u128::from(of) * u128::from(left) / u128::from(total.max(1));
            u64::try_from(part).unwrap_or(of)
        };
        let shorter = |span: Span| {
            let part = part(span.milliseconds().max(0).unsigned_abs());
            Span::from_milliseconds(i64::try_from(part).unwrap_or(i64::MAX))
        };
        let mut rest = left;
        let last = self.timing.disks.len().saturating_sub(1);
        for (number, disk) in self.timing.disks.iter_mut().enumerate() {
            // What rounding leaves over is the last disk's, so that the sum is exact.
            let sends = if number == last { rest } else { part(disk.work.new_bytes) };
            rest = rest.saturating_sub(sends);
            let work = Work { new_bytes: sends, ..disk.work };
            *disk = DiskEstimate { work, takes: shorter(disk.takes) };
        }
        self.timing.whole = shorter(self.timing.whole);
        self
    }
}

/// What the rules expect of a copy, and how it will end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyOutlook {
    /// What it has to do.
    pub work: CopyWork,
    /// How long it takes and what may go wrong.
    pub estimate: Estimate,
    /// When it must end, counted from its beginning.
    pub limits: Limits,
    /// Whether it has as many data disks as are known to time out: such a copy never ends.
    pub is_crowded: bool,
    /// Where its limits stop it; none if it ends by itself.
    pub stop: Option<Stop>,
}

impl CopyOutlook {
    /// What becomes of a copy with this plan under these limits.
    pub fn new(profile: &Profile, limits: Limits, plan: CopyPlan) -> CopyOutlook {
        let circumstances = Circumstances {
            deadline: limits.set.map(|set| set.max(Span::ZERO)),
            disk_deadline: limits.disk,
            risky_data_disks: usize::try_from(profile.copy_risk_data_disks).unwrap_or(usize::MAX),
            read_limit: None,
            time_out: checks::by_era(profile, AdviceId::Bkp04, AdviceId::Bkp13),
        };
        let work = plan.work();
        let is_crowded = circumstances.is_crowded(plan.timing.disks.len());
        let estimate = plan.timing.estimate(&circumstances);
        let course = Course::of(&estimate);
        let course = if is_crowded { course.without_end() } else { course };
        let stop = course.watched(limits);
        CopyOutlook { work, estimate, limits, is_crowded, stop }
    }
}

impl Catalogue {
    /// The limits of the copy of `job`, if it begins at `now`.
    pub fn copy_limits(&self, job: &Job, now: Instant) -> Limits {
        let task = job.tasks.iter().find(|task| task.kind == TaskKind::TransferData);
        let transfer = task.and_then(|task| task.started).unwrap_or(now);
        self.limits_of(self.items.get(&job.item), job.started.unwrap_or(job.created), transfer, now)
    }

    /// The limits of a copy of `item` whose job starts, and which begins, at `now`.
    pub fn next_copy_limits(&self, item: &Item, now: Instant) -> Limits {
        self.limits_of(Some(item), now, now, now)
    }

    /// A policy may set a shorter window for the transfer; all but the first backup of a machine also end within the
    /// deadline for the whole.
    fn limits_of(&self, item: Option<&Item>, started: Instant, transfer: Instant, now: Instant) -> Limits {
        let policy = item.and_then(|item| item.policy.as_ref()).and_then(|name| self.policies.get(name));
        let longest = self.profile.copy_deadline;
        let window = policy.and_then(|state| state.policy.copy_window);
        let window = window.map_or(longest, |window| window.min(longest));
        let transfer_ends = transfer.checked_add(window).unwrap_or(now);
        let whole_ends = started.checked_add(self.profile.backup_deadline).unwrap_or(transfer_ends);
        let is_first = item.is_none_or(|item| item.points.is_empty());
        let ends = if is_first { transfer_ends } else { transfer_ends.min(whole_ends) };
        Limits { set: Some(ends.since(now)), ..Limits::default() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::advice::ProfileId;
    use crate::copy::estimate::Risk;
    use crate::copy::watch::StopReason;

    fn plan(send: &[u64], whole: i64) -> CopyPlan {
        let disk = |new_bytes: &u64| DiskEstimate {
            work: Work { read_bytes: *new_bytes, new_bytes: *new_bytes },
            takes: Span::from_milliseconds(whole),
        };
        let timing = Timing {
            disks: send.iter().map(disk).collect(),
            whole: Span::from_milliseconds(whole),
            ..CopyPlan::NOTHING.timing
        };
        CopyPlan { timing, ..CopyPlan::NOTHING }
    }

    fn within(set: i64) -> Limits {
        Limits { set: Some(Span::from_milliseconds(set)), ..Limits::default() }
    }

    #[test]
    fn the_disks_known_to_time_out_are_those_of_the_profile_and_named_as_its_guide_does() {
        for (rules, risky, id) in
            [(ProfileId::Classic2015, 6, AdviceId::Bkp04), (ProfileId::Recovery2016, 16, AdviceId::Bkp13)]
        {
            let profile = Profile::of(rules);
            let outlook = |data_disks: usize| {
                CopyOutlook::new(&profile, within(1_000), plan(&alloc::vec![5; data_disks + 1], 10))
            };
            let one_less = outlook(risky - 1);
            assert_eq!(
                (one_less.estimate.risk, one_less.estimate.advice, one_less.stop),
                (Risk::Low, None, None)
            );
            let many = outlook(risky);
            assert_eq!((many.estimate.risk, many.estimate.advice), (Risk::Elevated, Some(id)));
            assert_eq!(many.stop.map(|stop| stop.reason), Some(StopReason::Deadline));
        }
    }

    proptest! {
        #[test]
        fn a_copy_is_stopped_exactly_where_its_estimate_says_it_takes_too_long(
            send in proptest::collection::vec(0_u64..1 << 40, 1..6), whole in 1_i64..1 << 40, set in 0_i64..1 << 40,
        ) {
            let outlook = CopyOutlook::new(&Profile::of(ProfileId::Recovery2016), within(set), plan(&send, whole));
            prop_assert_eq!(outlook.stop.is_some(), outlook.estimate.risk == Risk::High);
            prop_assert_eq!(outlook.stop.is_some(), whole > set);
            if let Some(stop) = outlook.stop {
                prop_assert_eq!(stop.at.milliseconds(), set);
                prop_assert!(stop.done_bytes <= outlook.work.send.get());
                prop_assert_eq!(outlook.estimate.advice, Some(AdviceId::Bkp13));
            }
        }

        #[test]
        fn what_was_carried_is_sent_no_more_and_nothing_else_is_left_out(
            send in proptest::collection::vec(0_u64..1 << 40, 1..6), whole in 0_i64..1 << 40, carried in 0_u64..1 << 41,
        ) {
            let before = plan(&send, whole);
            let total = before.work().send.get();
            let after = before.clone().without_carried(ByteCount::new(carried));
            prop_assert_eq!(after.work().send.get(), total.saturating_sub(carried));
            prop_assert!(after.timing.whole <= before.timing.whole);
            prop_assert_eq!(after.work().read, before.work().read);
        }
    }
}
