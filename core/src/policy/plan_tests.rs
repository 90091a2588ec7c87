//! The promises of the plan, each with the history that would break it.

use alloc::vec;

use proptest::prelude::*;

use super::*;

type Point = Candidate<u64, &'static str>;

fn days(day: i64) -> Instant {
    Instant::from_unix_milliseconds(day * 86_400_000)
}

fn point(received: u64, day: i64) -> Point {
    Candidate {
        id: received,
        vm: "web",
        received,
        time: days(day),
        state: PointState::Whole,
        pinned: false,
        until: BTreeMap::new(),
        on_demand_until: None,
    }
}

fn on(day: i64) -> Circumstances {
    Circumstances { now: days(day), lock: None, trust: ClockTrust::step_days(30) }
}

fn forgotten(points: &[Point], rules: &KeepRules, circumstances: &Circumstances) -> Vec<u64> {
    plan(points, rules, circumstances).forgotten().copied().collect()
}

const LAST_TWO: KeepRules = KeepRules {
    last: Some(2),
    daily: None,
    weekly: None,
    monthly: None,
    yearly: None,
    within: None,
    offset: super::super::FixedOffset::UTC,
};

#[test]
fn failed_nights_push_no_whole_point_out_of_keep_last() {
    let mut points: Vec<Point> = (1_i64..).zip(1..=6).map(|(day, received)| point(received, day)).collect();
    for failed in [3, 4, 5] {
        points[failed].state = if failed == 4 { PointState::Damaged } else { PointState::Partial };
    }
    assert_eq!(forgotten(&points, &LAST_TWO, &on(7)), [1]);
}

#[test]
fn a_damaged_point_older_than_the_newest_whole_one_goes() {
    let mut points = vec![point(1, 1), point(2, 2), point(3, 3)];
    points[1].state = PointState::Damaged;
    assert_eq!(forgotten(&points, &LAST_TWO, &on(4)), [2]);
}

#[test]
fn a_wrong_clock_pushes_nothing_out_of_its_day() {
    let rules = KeepRules { daily: Some(3), ..KeepRules::default() };
    let points = [point(1, 1), point(2, 2), point(3, 3), point(4, 9_000)];
    let made = plan(&points, &rules, &on(4));
    assert_eq!(made.doubt.points, [4].into());
    assert_eq!(made.forgotten().count(), 0);
}

#[test]
fn a_wrong_present_expires_no_lock_and_no_span() {
    let mut tagged = point(1, 1);
    tagged.until.insert(Tag::Daily, days(31));
    let points = [tagged, point(2, 2)];
    let rules = KeepRules { within: Some(Span::from_milliseconds(1)), ..KeepRules::default() };
    assert_eq!(forgotten(&points, &rules, &on(9_000)), Vec::<u64>::new());
    let confirmed = Circumstances { trust: ClockTrust { now_confirmed: true, ..on(0).trust }, ..on(9_000) };
    assert_eq!(forgotten(&points, &rules, &confirmed), [1]);
}

#[test]
fn a_present_in_doubt_keeps_what_only_its_passing_lets_go() {
    let tagged = {
        let mut point = point(1, 1);
        point.until.insert(Tag::Simple, days(2));
        point
    };
    let on_demand = Candidate { on_demand_until: Some(days(2)), ..point(1, 1) };
    let last = KeepRules { last: Some(1), ..KeepRules::default() };
    let within = KeepRules { within: Some(Span::from_milliseconds(1)), ..KeepRules::default() };
    let lock = Some(Span::from_milliseconds(86_400_000));
    let none = KeepRules::default();
    // The present leaps by years. Each of the first four points may go only because time has passed; the last because
    // newer ones came.
    for (what, old, rules, lock, stays) in [
        ("its lock", point(1, 1), &last, lock, true),
        ("the span of the rules", point(1, 1), &within, None, true),
        ("its tag", tagged, &none, None, true),
        ("what was asked on demand", on_demand, &none, None, true),
        ("its rank", point(1, 1), &last, None, false),
    ] {
        let points = [old, point(2, 2)];
        let doubted = Circumstances { lock, ..on(9_000) };
        assert_eq!(plan(&points, rules, &doubted).decisions[0].stays(), stays, "{what}, in doubt");
        let confirmed =
            Circumstances { trust: ClockTrust { now_confirmed: true, ..doubted.trust }, ..doubted };
        assert_eq!(forgotten(&points, rules, &confirmed), [1], "{what}, confirmed");
    }
}

#[test]
fn a_doubted_time_keeps_no_partial_point_older_than_the_newest_whole_one() {
    let mut points = [point(1, 1), point(2, 9_000), point(3, 3)];
    points[1].state = PointState::Partial;
    assert_eq!(forgotten(&points, &LAST_TWO, &on(4)), [2]);
}

#[test]
fn the_span_of_the_rules_ends_with_its_last_moment() {
    let rules = KeepRules { within: Some(Span::from_milliseconds(86_400_000)), ..KeepRules::default() };
    let points = [point(1, 1), point(2, 2)];
    assert_eq!(plan(&points, &rules, &on(2)).decisions[0].reasons, [Reason::Within]);
    assert_eq!(forgotten(&points, &rules, &on(3)), [1]);
}

#[test]
fn a_lock_holds_until_its_last_moment() {
    let points = [point(1, 1), point(2, 2), point(3, 3)];
    let rules = KeepRules { last: Some(1), ..KeepRules::default() };
    let locked = |day| Circumstances { lock: Some(Span::from_milliseconds(10 * 86_400_000)), ..on(day) };
    assert_eq!(forgotten(&points, &rules, &locked(10)), Vec::<u64>::new());
    assert_eq!(forgotten(&points, &rules, &locked(11)), [1]);
    assert_eq!(forgotten(&points, &rules, &locked(12)), [1, 2]);
}

#[test]
fn order_of_receipt_decides_and_not_the_time() {
    let points = [point(1, 5), point(2, 4), point(3, 3)];
    let rules = KeepRules { last: Some(1), ..KeepRules::default() };
    let made = plan(&points, &rules, &on(6));
    let newest = made.decisions.iter().find(|decision| decision.id == 3).unwrap();
    assert!(newest.reasons.contains(&Reason::NewestWhole));
}

#[test]
fn a_point_stays_up_to_and_including_its_last_moment() {
    let mut old = point(1, 1);
    old.until.insert(Tag::Simple, days(8));
    let points = [old, point(2, 5)];
    let made = plan(&points, &KeepRules::default(), &on(8));
    assert_eq!(made.decisions[0].reasons, [Reason::Tagged { tag: Tag::Simple, until: days(8) }]);
    let past = Circumstances { now: Instant::from_unix_milliseconds(8 * 86_400_000 + 1), ..on(8) };
    assert_eq!(forgotten(&points, &KeepRules::default(), &past), [1]);
}

#[test]
fn without_any_rule_nothing_goes() {
    let points = [point(1, 1), point(2, 2)];
    assert_eq!(forgotten(&points, &KeepRules::default(), &on(3)), Vec::<u64>::new());
}

#[test]
fn each_range_keeps_the_newest_of_its_days() {
    let rules = KeepRules { daily: Some(2), weekly: Some(2), monthly: Some(2), ..KeepRules::default() };
    let points: Vec<Point> = (0..60).map(|day| point(u64::try_from(day).unwrap(), 16_800 + day)).collect();
    let made = plan(&points, &rules, &on(16_860));
    let kept: Vec<u64> = made.kept().copied().collect();
    // 2016-02-28 is a Sunday; the months end on 2016-01-31 and 2016-02-28 here.
    assert_eq!(kept, [31, 52, 58, 59]);
}

proptest! {
    #[test]
    fn the_newest_whole_point_stays_under_any_rules(
        states in prop::collection::vec(0_u8..3, 1..40),
        times in prop::collection::vec(0_i64..400, 40),
        counts in prop::array::uniform5(prop::option::of(0_u32..4)),
        now in 0_i64..2_000,
    ) {
        let points: Vec<Point> = (0..).zip(&states).zip(&times).map(|((received, state), time)| {
            let state = [PointState::Whole, PointState::Partial, PointState::Damaged][usize::from(*state)];
            Candidate { state, vm: if received % 2 == 0 { "a" } else { "b" }, ..point(received, *time) }
        }).collect();
        let [last, daily, weekly, monthly, yearly] = counts;
        let rules = KeepRules { last, daily, weekly, monthly, yearly, ..KeepRules::default() };
        let made = plan(&points, &rules, &on(now));
        prop_assert_eq!(made.decisions.len(), points.len());
        for vm in ["a", "b"] {
            let newest = points.iter().rfind(|point| point.vm == vm && point.state == PointState::Whole);
            if let Some(newest) = newest {
                prop_assert!(made.kept().any(|kept| *kept == newest.id));
            }
        }
        let mut shuffled = points.clone();
        shuffled.reverse();
        prop_assert_eq!(plan(&shuffled, &rules, &on(now)), made);
    }
}
