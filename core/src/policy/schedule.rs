//! When runs are due.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::calendar::Date;
use super::clock::{FixedOffset, LocalTime};
use super::week::WeekdaySet;
use crate::time::Instant;

/// On which days runs are due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunDays {
    /// Every day.
    Daily,
    /// On these weekdays.
    Weekly(WeekdaySet),
}

/// When runs are due: days and times at a fixed offset from UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// On which days.
    pub days: RunDays,
    /// At which local times; each gives one run a day.
    pub times: Vec<LocalTime>,
    /// The offset captured when the schedule was saved.
    #[serde(default)]
    pub offset: FixedOffset,
}

/// Why a schedule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleFault {
    /// No run would ever be due.
    #[error("a schedule needs a time of day")]
    NoTime,
    /// More runs a day than the profile allows.
    #[error("{given} runs a day where {max} is the most")]
    TooManyRuns {
        /// How many were asked for.
        given: u32,
        /// How many are allowed.
        max: u32,
    },
}

impl Schedule {
    /// A run every day at `time`.
    pub fn daily(time: LocalTime, offset: FixedOffset) -> Schedule {
        Schedule { days: RunDays::Daily, times: [time].into(), offset }
    }

    /// A run on each of `days` at `time`.
    pub fn weekly(days: WeekdaySet, time: LocalTime, offset: FixedOffset) -> Schedule {
        Schedule { days: RunDays::Weekly(days), times: [time].into(), offset }
    }

    /// Checks the number of runs a day against `runs_per_day_max`.
    ///
    /// # Errors
    ///
    /// [`ScheduleFault::NoTime`] without a time, [`ScheduleFault::TooManyRuns`]
    /// above the limit.
    pub fn check(&self, runs_per_day_max: u32) -> Result<(), ScheduleFault> {
        if self.times.is_empty() {
            return Err(ScheduleFault::NoTime);
        }
        let given = u32::try_from(self.times.len()).unwrap_or(u32::MAX);
        if given > runs_per_day_max {
            return Err(ScheduleFault::TooManyRuns { given, max: runs_per_day_max });
        }
        Ok(())
    }

    /// Whether a run is due on this local day.
    pub fn runs_on(&self, date: Date) -> bool {
        match &self.days {
            RunDays::Daily => true,
            RunDays::Weekly(days) => days.contains(date.weekday()),
        }
    }

    /// The first due moment strictly after `moment`; `None` only without a time.
    pub fn next_after(&self, moment: Instant) -> Option<Instant> {
        let today = Date::of(moment, self.offset).unix_days();
        (today..today.saturating_add(8))
            .map(Date::from_unix_days)
            .filter(|date| self.runs_on(*date))
            .find_map(|date| {
                let due = self.times.iter().map(|time| self.offset.moment(date, *time));
                due.filter(|due| *due > moment).min()
            })
    }

    /// The next `count` due moments after `moment`, in order.
    pub fn next_runs(&self, moment: Instant, count: usize) -> Vec<Instant> {
        let first = self.next_after(moment);
        core::iter::successors(first, |run| self.next_after(*run)).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Weekday;
    use super::*;

    fn at(hour: u16) -> LocalTime {
        LocalTime::new(hour, 0).unwrap()
    }

    #[test]
    fn a_run_due_exactly_now_is_not_next() {
        let schedule = Schedule::daily(at(22), FixedOffset::UTC);
        let due = FixedOffset::UTC.moment(Date::from_unix_days(10), at(22));
        let before = Instant::from_unix_milliseconds(due.unix_milliseconds() - 1);
        assert_eq!(schedule.next_after(before), Some(due));
        let tomorrow = FixedOffset::UTC.moment(Date::from_unix_days(11), at(22));
        assert_eq!(schedule.next_after(due), Some(tomorrow));
    }

    #[test]
    fn a_weekly_schedule_waits_for_its_day() {
        let days = WeekdaySet::new([Weekday::Sunday]).unwrap();
        let schedule = Schedule::weekly(days, at(6), "+09:00".parse().unwrap());
        let runs = schedule.next_runs(Instant::from_unix_milliseconds(0), 3);
        for run in &runs {
            assert_eq!(Date::of(*run, schedule.offset).weekday(), Weekday::Sunday);
        }
        let week = 7 * 86_400_000;
        assert_eq!(runs[1].since(runs[0]).milliseconds(), week);
        assert_eq!(runs[2].since(runs[1]).milliseconds(), week);
    }

    #[test]
    fn a_second_run_a_day_is_refused_where_one_is_the_most() {
        let mut schedule = Schedule::daily(at(22), FixedOffset::UTC);
        assert_eq!(schedule.check(1), Ok(()));
        schedule.times.push(at(6));
        assert_eq!(schedule.check(1), Err(ScheduleFault::TooManyRuns { given: 2, max: 1 }));
        schedule.times.clear();
        assert_eq!(schedule.check(1), Err(ScheduleFault::NoTime));
        assert_eq!(schedule.next_after(Instant::default()), None);
    }
}
