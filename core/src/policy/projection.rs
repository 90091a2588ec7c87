//! What a policy keeps over the years.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::Serialize;

use super::calendar::Date;
use super::retention::{Retention, Tag};
use super::schedule::Schedule;
use crate::time::{Instant, Span};

/// How many points stand at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectionStep {
    /// The last day of a month.
    pub date: Date,
    /// How many points stand.
    pub points: u32,
    /// How many of them carry each tag.
    pub tagged: BTreeMap<Tag, u32>,
}

/// What a policy keeps, month by month, if every run makes a point at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Projection {
    /// One step a month.
    pub steps: Vec<ProjectionStep>,
    /// The most points that ever stand.
    pub points_max: u32,
    /// How many runs there were.
    pub runs: u32,
}

/// The next `years` years (at most 100) of `schedule` and `retention`, from `from` on.
///
/// A point whose last moment is that of a run gives way to it.
/// Costs one step a run: some tens of thousands for a century of nights.
pub fn project(schedule: &Schedule, retention: &Retention, from: Instant, years: u32) -> Projection {
    let offset = schedule.offset;
    let end = Date::of(from, offset).plus_months(years.min(100).saturating_mul(12));
    let mut standing: BTreeMap<Instant, Vec<BTreeSet<Tag>>> = BTreeMap::new();
    let (mut points, mut tagged) = (0_u32, BTreeMap::<Tag, u32>::new());
    let mut projection = Projection { steps: Vec::new(), points_max: 0, runs: 0 };
    let runs = core::iter::successors(schedule.next_after(from), |run| schedule.next_after(*run));
    let mut previous: Option<Date> = None;
    for run in runs {
        let date = Date::of(run, offset);
        if let Some(last) = previous.filter(|last| (last.year(), last.month()) != (date.year(), date.month()))
        {
            projection.steps.push(ProjectionStep { date: last, points, tagged: tagged.clone() });
        }
        if date >= end {
            break;
        }
        previous = Some(date);
        let past = run.checked_add(Span::from_milliseconds(1)).unwrap_or(run);
        let later = standing.split_off(&past);
        for tags in core::mem::replace(&mut standing, later).into_values().flatten() {
            points -= 1;
            for tag in tags {
                tagged.entry(tag).and_modify(|count| *count -= 1);
            }
        }
        let tags = retention.tags(date);
        points += 1;
        for tag in &tags {
            *tagged.entry(*tag).or_default() += 1;
        }
        standing.entry(retention.expiry(&tags, run, offset)).or_default().push(tags);
        projection.runs += 1;
        projection.points_max = projection.points_max.max(points);
    }
    projection
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString as _};

    use super::super::retention::{LongTerm, Weekly};
    use super::super::{FixedOffset, LocalTime, Weekday};
    use super::*;

    fn nightly() -> Schedule {
        Schedule::daily(LocalTime::new(22, 0).unwrap(), FixedOffset::UTC)
    }

    #[test]
    fn thirty_days_of_nights_settle_at_thirty_points() {
        let projection = project(&nightly(), &Retention::Days(30), Instant::default(), 2);
        assert_eq!(projection.points_max, 30);
        assert_eq!(projection.steps.last().unwrap().points, 30);
        assert_eq!(projection.runs, 730);
        let ends: Vec<String> = projection.steps.iter().take(3).map(|step| step.date.to_string()).collect();
        assert_eq!(ends, ["1970-01-31", "1970-02-28", "1970-03-31"]);
        assert_eq!(projection.steps.len(), 24);
    }

    #[test]
    fn longer_ranges_keep_what_the_daily_range_lets_go() {
        let ranges = LongTerm {
            daily_days: Some(7),
            weekly: Some(Weekly { on: Weekday::Sunday.into(), weeks: 4 }),
            ..LongTerm::default()
        };
        let projection = project(&nightly(), &Retention::Ranges(ranges), Instant::default(), 1);
        let last = projection.steps.last().unwrap();
        assert_eq!(last.tagged[&Tag::Weekly], 4);
        assert_eq!(last.points, 7 + 3);
    }
}
