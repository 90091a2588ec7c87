//! Both sides of every edge of the retention rules.

use super::super::LocalTime;
use super::*;

const LIMITS_2015: RetentionLimits =
    RetentionLimits { simple_days_max: Some(30), points_max: 9_999, span_days_max: 9_999, years_max: 99 };
const LIMITS_2016: RetentionLimits = RetentionLimits { simple_days_max: None, ..LIMITS_2015 };

fn nightly() -> Schedule {
    Schedule::daily(LocalTime::new(22, 0).unwrap(), FixedOffset::UTC)
}

fn day(text: &str) -> Date {
    (0..40_000).map(Date::from_unix_days).find(|date| alloc::format!("{date}") == text).unwrap()
}

fn ranges() -> LongTerm {
    LongTerm {
        daily_days: Some(30),
        weekly: Some(Weekly { on: Weekday::Sunday.into(), weeks: 12 }),
        monthly: Some(Monthly {
            on: DayChoice::Weekdays { weeks: [WeekOfMonth::Last].into(), days: Weekday::Sunday.into() },
            months: 12,
        }),
        yearly: Some(Yearly {
            months: [Month::December].into(),
            on: DayChoice::Dates([DayOfMonth::Last].into()),
            years: 10,
        }),
    }
}

#[test]
fn thirty_days_pass_and_thirty_one_do_not() {
    assert_eq!(Retention::Days(30).check(&nightly(), &LIMITS_2015), Ok(()));
    assert_eq!(
        Retention::Days(31).check(&nightly(), &LIMITS_2015),
        Err(RetentionFault::TooLong { days: 31, max: 30 })
    );
    assert_eq!(Retention::Days(0).check(&nightly(), &LIMITS_2015), Err(RetentionFault::Empty));
}

#[test]
fn each_profile_takes_only_its_own_kind() {
    assert_eq!(Retention::Days(7).check(&nightly(), &LIMITS_2016), Err(RetentionFault::Kind));
    assert_eq!(Retention::Ranges(ranges()).check(&nightly(), &LIMITS_2015), Err(RetentionFault::Kind));
    assert_eq!(Retention::Ranges(ranges()).check(&nightly(), &LIMITS_2016), Ok(()));
}

#[test]
fn the_number_of_points_decides_at_its_edge() {
    let just = LongTerm { daily_days: Some(9_999), ..LongTerm::default() };
    let over = LongTerm {
        daily_days: Some(9_999),
        weekly: Some(Weekly { on: Weekday::Sunday.into(), weeks: 1 }),
        ..LongTerm::default()
    };
    assert_eq!(Retention::Ranges(just).check(&nightly(), &LIMITS_2016), Ok(()));
    assert_eq!(
        Retention::Ranges(over).check(&nightly(), &LIMITS_2016),
        Err(RetentionFault::TooMuch { points: 10_000, longest_days: 9_999 })
    );
}

#[test]
fn the_length_of_a_range_decides_at_its_edge() {
    let years = |years| {
        let mut ranges = ranges();
        ranges.yearly.as_mut().unwrap().years = years;
        Retention::Ranges(ranges).check(&nightly(), &LIMITS_2016)
    };
    assert_eq!(years(99), Ok(()));
    assert!(matches!(years(100), Err(RetentionFault::TooMuch { .. })));
    let days = |days| {
        let ranges = LongTerm { daily_days: Some(days), ..LongTerm::default() };
        Retention::Ranges(ranges).check(&nightly(), &LIMITS_2016)
    };
    assert_eq!(days(9_999), Ok(()));
    assert!(matches!(days(10_000), Err(RetentionFault::TooMuch { .. })));
}

#[test]
fn ranges_must_fit_the_days_on_which_backups_run() {
    let weekly = Schedule::weekly(Weekday::Sunday.into(), LocalTime::new(6, 0).unwrap(), FixedOffset::UTC);
    let other =
        LongTerm { weekly: Some(Weekly { on: Weekday::Monday.into(), weeks: 4 }), ..LongTerm::default() };
    assert_eq!(Retention::Ranges(other).check(&weekly, &LIMITS_2016), Err(RetentionFault::Unscheduled));
    let none = Retention::Ranges(LongTerm::default());
    assert_eq!(none.check(&nightly(), &LIMITS_2016), Err(RetentionFault::Unscheduled));
    let no_day = LongTerm {
        monthly: Some(Monthly { on: DayChoice::Dates([DayOfMonth::Day(32)].into()), months: 1 }),
        ..ranges()
    };
    assert_eq!(Retention::Ranges(no_day).check(&nightly(), &LIMITS_2016), Err(RetentionFault::NoSuchDay));
}

#[test]
fn tags_come_from_the_local_day() {
    let retention = Retention::Ranges(ranges());
    assert_eq!(retention.tags(day("2016-08-26")), [Tag::Daily].into());
    assert_eq!(retention.tags(day("2016-08-21")), [Tag::Daily, Tag::Weekly].into());
    assert_eq!(retention.tags(day("2016-08-28")), [Tag::Daily, Tag::Weekly, Tag::Monthly].into());
    assert_eq!(retention.tags(day("2016-12-31")), [Tag::Daily, Tag::Yearly].into());
    assert_eq!(Retention::Days(7).tags(day("2016-12-31")), [Tag::Simple].into());
}

#[test]
fn the_longest_rule_of_a_point_decides() {
    let retention = Retention::Ranges(ranges());
    let finished = FixedOffset::UTC.moment(day("2016-08-28"), LocalTime::new(23, 0).unwrap());
    let expiry = |tags: &[Tag]| {
        let tags = tags.iter().copied().collect();
        alloc::format!("{}", Date::of(retention.expiry(&tags, finished, FixedOffset::UTC), FixedOffset::UTC))
    };
    assert_eq!(expiry(&[Tag::Daily]), "2016-09-27");
    assert_eq!(expiry(&[Tag::Daily, Tag::Weekly]), "2016-11-20");
    assert_eq!(expiry(&[Tag::Daily, Tag::Weekly, Tag::Monthly]), "2017-08-28");
    assert_eq!(expiry(&[Tag::Yearly]), "2026-08-28");
    assert_eq!(expiry(&[]), "2016-08-28");
}
