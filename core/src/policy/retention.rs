//! Spans after which a recovery point may go, and the tags they give.
//!
//! A point is tagged once, from the local day on which its snapshot finished.
//! Each tag has a rule; the point may go when the last of its rules lets it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::calendar::{CalendarError, DAY_MILLISECONDS, Date};
use super::clock::FixedOffset;
use super::schedule::{RunDays, Schedule};
use super::week::{Month, Weekday, WeekdaySet};
use crate::time::{Instant, Span};

/// Why a rule applies to a point. Never changes after the point was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tag {
    /// The one span of 2015.
    Simple,
    /// Every scheduled point of a daily rule.
    Daily,
    /// A day of the weekly rule.
    Weekly,
    /// A day of the monthly rule.
    Monthly,
    /// A day of the yearly rule.
    Yearly,
}

/// A day within a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayOfMonth {
    /// The day with this number, 1 to 31; months without it have none.
    Day(u8),
    /// The last day, whatever its number.
    Last,
}

/// A week within a month, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the places say it")]
pub enum WeekOfMonth {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

/// Which days of a month a rule takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayChoice {
    /// By number.
    Dates(BTreeSet<DayOfMonth>),
    /// By weekday and week: the last Sunday.
    Weekdays {
        /// Which weeks.
        weeks: BTreeSet<WeekOfMonth>,
        /// Which days of those weeks.
        days: WeekdaySet,
    },
}

/// Weekly range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    /// On which days.
    pub on: WeekdaySet,
    /// For how many weeks.
    pub weeks: u32,
}

/// Monthly range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monthly {
    /// On which days of the month.
    pub on: DayChoice,
    /// For how many months.
    pub months: u32,
}

/// Yearly range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Yearly {
    /// In which months.
    pub months: BTreeSet<Month>,
    /// On which days of those months.
    pub on: DayChoice,
    /// For how many years.
    pub years: u32,
}

/// Ranges from daily to yearly; each may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LongTerm {
    /// Every point, for so many days.
    pub daily_days: Option<u32>,
    /// Chosen weekdays.
    pub weekly: Option<Weekly>,
    /// Chosen days of each month.
    pub monthly: Option<Monthly>,
    /// Chosen days of chosen months.
    pub yearly: Option<Yearly>,
}

/// How long points stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retention {
    /// Every point for so many days (2015).
    Days(u32),
    /// Four ranges (2016).
    Ranges(LongTerm),
}

/// The limits a profile sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionLimits {
    /// Most days of the one span; `None` where ranges are used instead.
    pub simple_days_max: Option<u32>,
    /// Most points that may be kept at once.
    pub points_max: u32,
    /// Longest span of any range, in days.
    pub span_days_max: u32,
    /// Longest yearly range.
    pub years_max: u32,
}

/// Why a retention is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetentionFault {
    /// The one span is longer than allowed.
    #[error("{days} days where {max} is the most")]
    TooLong {
        /// The span asked for, in days.
        days: u32,
        /// The longest, in days.
        max: u32,
    },
    /// Too many points, or a range too long.
    #[error("{points} points or a range of {longest_days} days is too much retention")]
    TooMuch {
        /// How many points would be kept.
        points: u64,
        /// The longest range, in days.
        longest_days: u64,
    },
    /// The profile knows only the one span, or only ranges.
    #[error("this kind of retention is not offered by the profile")]
    Kind,
    /// A span or count of nothing.
    #[error("a retention range of nothing keeps nothing")]
    Empty,
    /// A day that is in no month.
    #[error("a month has no such day")]
    NoSuchDay,
    /// The schedule's own range is missing, or asks for days without runs.
    #[error("the ranges do not fit the days on which backups run")]
    Unscheduled,
}

impl WeekOfMonth {
    fn holds(self, date: Date) -> bool {
        let week = (date.day() - 1) / 7;
        match self {
            WeekOfMonth::First => week == 0,
            WeekOfMonth::Second => week == 1,
            WeekOfMonth::Third => week == 2,
            WeekOfMonth::Fourth => week == 3,
            WeekOfMonth::Last => Date::from_unix_days(date.unix_days() + 7).month() != date.month(),
        }
    }
}

impl DayChoice {
    /// Whether `date` is chosen.
    pub fn holds(&self, date: Date) -> bool {
        match self {
            DayChoice::Dates(dates) => {
                dates.contains(&DayOfMonth::Day(date.day()))
                    || (dates.contains(&DayOfMonth::Last) && date.is_last_of_month())
            }
            DayChoice::Weekdays { weeks, days } => {
                days.contains(date.weekday()) && weeks.iter().any(|week| week.holds(date))
            }
        }
    }

    /// At most how many days of one month are chosen.
    fn per_month(&self) -> u64 {
        match self {
            DayChoice::Dates(dates) => u64::try_from(dates.len()).unwrap_or(u64::MAX),
            DayChoice::Weekdays { weeks, days } => {
                u64::try_from(weeks.len()).unwrap_or(u64::MAX).saturating_mul(u64::from(days.count()))
            }
        }
    }

    fn check(&self) -> Result<(), RetentionFault> {
        match self {
            DayChoice::Dates(dates) if dates.is_empty() => Err(RetentionFault::Empty),
            DayChoice::Dates(dates) => {
                let known = |day: &DayOfMonth| match day {
                    DayOfMonth::Day(number) => (1..=31).contains(number),
                    DayOfMonth::Last => true,
                };
                if dates.iter().all(known) { Ok(()) } else { Err(RetentionFault::NoSuchDay) }
            }
            DayChoice::Weekdays { weeks, .. } if weeks.is_empty() => Err(RetentionFault::Empty),
            DayChoice::Weekdays { .. } => Ok(()),
        }
    }
}

impl Retention {
    /// The tags of a scheduled point whose snapshot finished on `date`.
    pub fn tags(&self, date: Date) -> BTreeSet<Tag> {
        let ranges = match self {
            Retention::Days(_) => return [Tag::Simple].into(),
            Retention::Ranges(ranges) => ranges,
        };
        let mut tags = BTreeSet::new();
        if ranges.daily_days.is_some() {
            tags.insert(Tag::Daily);
        }
        if ranges.weekly.as_ref().is_some_and(|rule| rule.on.contains(date.weekday())) {
            tags.insert(Tag::Weekly);
        }
        if ranges.monthly.as_ref().is_some_and(|rule| rule.on.holds(date)) {
            tags.insert(Tag::Monthly);
        }
        let yearly = ranges.yearly.as_ref();
        if yearly.is_some_and(|rule| rule.months.contains(&date.month()) && rule.on.holds(date)) {
            tags.insert(Tag::Yearly);
        }
        tags
    }

    /// Until when the rule behind `tag` keeps a point finished at `finished`.
    ///
    /// `None` when this retention has no such rule any more.
    pub fn keeps_until(&self, tag: Tag, finished: Instant, offset: FixedOffset) -> Option<Instant> {
        let days =
            |days: u32| finished.checked_add(Span::from_milliseconds(i64::from(days) * DAY_MILLISECONDS));
        let months = |months: u32| {
            let day = Date::of(finished, offset);
            let added = day.plus_months(months).unix_days() - day.unix_days();
            finished.checked_add(Span::from_milliseconds(added.saturating_mul(DAY_MILLISECONDS)))
        };
        match (self, tag) {
            (Retention::Days(span), _) => days(*span),
            (Retention::Ranges(_), Tag::Simple) => None,
            (Retention::Ranges(ranges), Tag::Daily) => ranges.daily_days.and_then(days),
            (Retention::Ranges(ranges), Tag::Weekly) => {
                ranges.weekly.as_ref().and_then(|rule| days(rule.weeks.saturating_mul(7)))
            }
            (Retention::Ranges(ranges), Tag::Monthly) => {
                ranges.monthly.as_ref().and_then(|rule| months(rule.months))
            }
            (Retention::Ranges(ranges), Tag::Yearly) => {
                ranges.yearly.as_ref().and_then(|rule| months(rule.years.saturating_mul(12)))
            }
        }
    }

    /// The latest moment any rule of `tags` keeps a point finished at `finished`.
    ///
    /// `finished` itself when no rule is left: the next clean-up may take it.
    pub fn expiry(&self, tags: &BTreeSet<Tag>, finished: Instant, offset: FixedOffset) -> Instant {
        let latest = tags.iter().filter_map(|tag| self.keeps_until(*tag, finished, offset)).max();
        latest.unwrap_or(finished)
    }

    /// How many points the rules together may keep at once, each rule counted by itself.
    pub fn points_projected(&self, schedule: &Schedule) -> u64 {
        let runs = u64::try_from(schedule.times.len()).unwrap_or(u64::MAX);
        let ranges = match self {
            Retention::Days(days) => return u64::from(*days).saturating_mul(runs),
            Retention::Ranges(ranges) => ranges,
        };
        let days = ranges.daily_days.map_or(0, u64::from);
        let daily = match &schedule.days {
            RunDays::Daily => days,
            RunDays::Weekly(on) => days.div_ceil(7).saturating_mul(u64::from(on.count())),
        };
        let weekly =
            ranges.weekly.as_ref().map_or(0, |rule| u64::from(rule.weeks) * u64::from(rule.on.count()));
        let monthly = ranges
            .monthly
            .as_ref()
            .map_or(0, |rule| u64::from(rule.months).saturating_mul(rule.on.per_month()));
        let yearly = ranges.yearly.as_ref().map_or(0, |rule| {
            let months = u64::try_from(rule.months.len()).unwrap_or(u64::MAX);
            u64::from(rule.years).saturating_mul(months).saturating_mul(rule.on.per_month())
        });
        [daily, weekly, monthly, yearly].into_iter().fold(0, u64::saturating_add).saturating_mul(runs)
    }

    /// The longest range, in days; months count 31 and years 366.
    pub fn longest_days(&self) -> u64 {
        match self {
            Retention::Days(days) => u64::from(*days),
            Retention::Ranges(ranges) => [
                ranges.daily_days.map_or(0, u64::from),
                ranges.weekly.as_ref().map_or(0, |rule| u64::from(rule.weeks) * 7),
                ranges.monthly.as_ref().map_or(0, |rule| u64::from(rule.months) * 31),
                ranges.yearly.as_ref().map_or(0, |rule| u64::from(rule.years) * 366),
            ]
            .into_iter()
            .max()
            .unwrap_or(0),
        }
    }

    /// Checks this retention for backups that run by `schedule`.
    ///
    /// # Errors
    ///
    /// The first [`RetentionFault`] found: kind, emptiness, days, size.
    pub fn check(&self, schedule: &Schedule, limits: &RetentionLimits) -> Result<(), RetentionFault> {
        match (self, limits.simple_days_max) {
            (Retention::Days(0), _) => Err(RetentionFault::Empty),
            (Retention::Days(days), Some(max)) if *days > max => {
                Err(RetentionFault::TooLong { days: *days, max })
            }
            (Retention::Days(_), Some(_)) => Ok(()),
            (Retention::Days(_), None) | (Retention::Ranges(_), Some(_)) => Err(RetentionFault::Kind),
            (Retention::Ranges(ranges), None) => {
                ranges.check(schedule)?;
                let points = self.points_projected(schedule);
                let longest_days = self.longest_days();
                if points > u64::from(limits.points_max) || ranges.spans_exceed(limits) {
                    return Err(RetentionFault::TooMuch { points, longest_days });
                }
                Ok(())
            }
        }
    }
}

impl LongTerm {
    fn spans_exceed(&self, limits: &RetentionLimits) -> bool {
        let span = u64::from(limits.span_days_max);
        let years = limits.years_max;
        self.daily_days.is_some_and(|days| u64::from(days) > span)
            || self.weekly.as_ref().is_some_and(|rule| u64::from(rule.weeks) * 7 > span)
            || self.monthly.as_ref().is_some_and(|rule| rule.months > years.saturating_mul(12))
            || self.yearly.as_ref().is_some_and(|rule| rule.years > years)
    }

    fn check(&self, schedule: &Schedule) -> Result<(), RetentionFault> {
        let counts = [
            self.daily_days,
            self.weekly.as_ref().map(|rule| rule.weeks),
            self.monthly.as_ref().map(|rule| rule.months),
            self.yearly.as_ref().map(|rule| rule.years),
        ];
        if counts.contains(&Some(0)) {
            return Err(RetentionFault::Empty);
        }
        let choices: Vec<&DayChoice> =
            [self.monthly.as_ref().map(|rule| &rule.on), self.yearly.as_ref().map(|rule| &rule.on)]
                .into_iter()
                .flatten()
                .collect();
        choices.into_iter().try_for_each(DayChoice::check)?;
        if self.yearly.as_ref().is_some_and(|rule| rule.months.is_empty()) {
            return Err(RetentionFault::Empty);
        }
        let fits = match &schedule.days {
            RunDays::Daily => self.daily_days.is_some(),
            RunDays::Weekly(days) => self.weekly.as_ref().is_some_and(|rule| rule.on.is_subset(days)),
        };
        if fits { Ok(()) } else { Err(RetentionFault::Unscheduled) }
    }
}

/// Every Sunday, for rules that name one day of the week.
impl From<Weekday> for WeekdaySet {
    fn from(day: Weekday) -> WeekdaySet {
        WeekdaySet::new([day]).expect("one day is not none")
    }
}

impl From<CalendarError> for RetentionFault {
    fn from(_: CalendarError) -> RetentionFault {
        RetentionFault::NoSuchDay
    }
}

#[cfg(test)]
#[path = "retention_tests.rs"]
mod tests;
