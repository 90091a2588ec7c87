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
fn each_range_is_measured_by_itself() {
    let weekly = |weeks| LongTerm {
        weekly: Some(Weekly { on: Weekday::Sunday.into(), weeks }),
        daily_days: Some(1),
        ..LongTerm::default()
    };
    let monthly = |months| LongTerm {
        monthly: Some(Monthly { on: DayChoice::Dates([DayOfMonth::Day(1)].into()), months }),
        daily_days: Some(1),
        ..LongTerm::default()
    };
    let yearly = |years| LongTerm {
        yearly: Some(Yearly {
            months: [Month::June].into(),
            on: DayChoice::Dates([DayOfMonth::Day(1)].into()),
            years,
        }),
        daily_days: Some(1),
        ..LongTerm::default()
    };
    let longest = |ranges| Retention::Ranges(ranges).longest_days();
    assert_eq!((longest(weekly(5)), longest(monthly(5)), longest(yearly(5))), (35, 155, 1_830));

    // Weeks of days past the longest span; months past those of the most years.
    let limits = RetentionLimits { span_days_max: 70, years_max: 2, ..LIMITS_2016 };
    let check = |ranges| Retention::Ranges(ranges).check(&nightly(), &limits);
    for (just, over) in [(weekly(10), weekly(11)), (monthly(24), monthly(25)), (yearly(2), yearly(3))] {
        assert_eq!(check(just), Ok(()));
        assert!(matches!(check(over.clone()), Err(RetentionFault::TooMuch { .. })), "{over:?}");
    }
}

#[test]
fn points_are_counted_by_every_day_a_rule_takes() {
    let both = WeekdaySet::new([Weekday::Saturday, Weekday::Sunday]).unwrap();
    let halves = BTreeSet::from([WeekOfMonth::First, WeekOfMonth::Third, WeekOfMonth::Last]);
    let projected = |ranges| Retention::Ranges(ranges).points_projected(&nightly());
    let weekly = Weekly { on: both.clone(), weeks: 5 };
    assert_eq!(projected(LongTerm { weekly: Some(weekly), ..LongTerm::default() }), 10);
    let monthly = Monthly { on: DayChoice::Weekdays { weeks: halves, days: both }, months: 12 };
    assert_eq!(projected(LongTerm { monthly: Some(monthly), ..LongTerm::default() }), 12 * 6);
    let dates = DayChoice::Dates([DayOfMonth::Day(1), DayOfMonth::Day(15), DayOfMonth::Last].into());
    let yearly = Yearly { months: [Month::March, Month::June].into(), on: dates, years: 7 };
    assert_eq!(projected(LongTerm { yearly: Some(yearly), ..LongTerm::default() }), 7 * 2 * 3);
}

#[test]
fn a_choice_of_no_day_is_refused() {
    let monthly = |on| {
        let ranges = LongTerm { monthly: Some(Monthly { on, months: 1 }), ..ranges() };
        Retention::Ranges(ranges).check(&nightly(), &LIMITS_2016)
    };
    let sunday: WeekdaySet = Weekday::Sunday.into();
    assert_eq!(monthly(DayChoice::Dates([].into())), Err(RetentionFault::Empty));
    assert_eq!(
        monthly(DayChoice::Weekdays { weeks: [].into(), days: sunday.clone() }),
        Err(RetentionFault::Empty)
    );
    assert_eq!(monthly(DayChoice::Weekdays { weeks: [WeekOfMonth::First].into(), days: sunday }), Ok(()));
    assert_eq!(monthly(DayChoice::Dates([DayOfMonth::Day(0)].into())), Err(RetentionFault::NoSuchDay));
}

#[test]
fn weeks_of_a_month_are_sevens_of_its_days_and_the_last_is_the_last() {
    // August 2016 has five Mondays and four Sundays.
    let taken = |week, weekday: Weekday| {
        let choice = DayChoice::Weekdays { weeks: [week].into(), days: weekday.into() };
        let days = (1..=31).filter(|number| choice.holds(day(&alloc::format!("2016-08-{number:02}"))));
        days.collect::<Vec<u8>>()
    };
    use WeekOfMonth::{First, Fourth, Last, Second, Third};
    let mondays = [First, Second, Third, Fourth, Last].map(|week| taken(week, Weekday::Monday));
    assert_eq!(mondays, [[1], [8], [15], [22], [29]]);
    let sundays = [First, Second, Third, Fourth, Last].map(|week| taken(week, Weekday::Sunday));
    assert_eq!(sundays, [[7], [14], [21], [28], [28]]);
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
    // The last day of a month that the yearly rule does not name, and a day of December that is not its last.
    assert_eq!(retention.tags(day("2016-11-30")), [Tag::Daily].into());
    assert_eq!(retention.tags(day("2016-12-30")), [Tag::Daily].into());
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
