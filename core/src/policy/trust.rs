//! Which points carry a time that can be believed.
//!
//! Times rise in order of receipt. A point that goes back, or leaps further
//! ahead than anyone leaves a vault alone, is in doubt until a person confirms
//! it: it fills no bucket, and nothing expires because of it.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::time::{Instant, Span};

/// When a clock is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockTrust {
    /// The longest step forward, from one believed time to the next, that raises no doubt.
    pub step_max: Span,
    /// Points received up to and including this place were confirmed by a person.
    pub confirmed_through: Option<u64>,
    /// Whether the present moment was confirmed by a person.
    pub now_confirmed: bool,
}

impl ClockTrust {
    /// Doubts a step of more than `days` days.
    pub const fn step_days(days: i64) -> ClockTrust {
        ClockTrust {
            step_max: Span::from_milliseconds(days * super::calendar::DAY_MILLISECONDS),
            confirmed_through: None,
            now_confirmed: false,
        }
    }
}

/// What is in doubt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Places in the order of receipt whose time is not believed.
    pub points: BTreeSet<u64>,
    /// Whether the present moment is not believed.
    pub now: bool,
}

impl Doubt {
    /// Looks at `times` (place in the order of receipt, time) and at `now`.
    pub fn find(times: impl IntoIterator<Item = (u64, Instant)>, now: Instant, trust: &ClockTrust) -> Doubt {
        let times: alloc::collections::BTreeMap<u64, Instant> = times.into_iter().collect();
        let mut doubt = Doubt::default();
        let mut believed: Option<Instant> = None;
        for (received, time) in times {
            let confirmed = trust.confirmed_through.is_some_and(|last| received <= last);
            let plausible = match believed {
                Some(last) => time >= last && time.since(last) <= trust.step_max,
                None => time <= now,
            };
            if confirmed || plausible {
                believed = Some(time);
            } else {
                doubt.points.insert(received);
            }
        }
        doubt.now = !trust.now_confirmed
            && (!doubt.points.is_empty() && believed.is_none()
                || believed.is_some_and(|last| now < last || now.since(last) > trust.step_max));
        doubt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(day: i64) -> Instant {
        Instant::from_unix_milliseconds(day * 86_400_000)
    }

    fn find(times: &[i64], now: i64, trust: ClockTrust) -> Doubt {
        Doubt::find((0..).zip(times.iter().map(|day| days(*day))), days(now), &trust)
    }

    #[test]
    fn steady_times_raise_no_doubt() {
        assert_eq!(find(&[1, 2, 2, 3], 4, ClockTrust::step_days(30)), Doubt::default());
    }

    #[test]
    fn a_leap_is_doubted_and_what_follows_it_is_not() {
        let doubt = find(&[1, 2, 9_000, 3], 4, ClockTrust::step_days(30));
        assert_eq!(doubt.points, [2].into());
        assert!(!doubt.now);
    }

    #[test]
    fn a_step_back_is_doubted() {
        assert_eq!(find(&[10, 9, 11], 12, ClockTrust::step_days(30)).points, [1].into());
    }

    #[test]
    fn the_present_is_doubted_when_it_leaps_too() {
        assert!(!find(&[1], 31, ClockTrust::step_days(30)).now);
        assert!(find(&[1], 32, ClockTrust::step_days(30)).now);
        assert!(find(&[5], 4, ClockTrust::step_days(30)).now);
        let confirmed = ClockTrust { now_confirmed: true, ..ClockTrust::step_days(30) };
        assert!(!find(&[1], 32, confirmed).now);
    }

    #[test]
    fn the_present_is_doubted_when_it_lies_before_a_point() {
        assert!(find(&[1, 5], 4, ClockTrust::step_days(30)).now);
        assert!(!find(&[1, 5], 5, ClockTrust::step_days(30)).now);
    }

    #[test]
    fn a_confirmed_leap_is_believed() {
        let trust = ClockTrust { confirmed_through: Some(1), ..ClockTrust::step_days(30) };
        assert_eq!(find(&[1, 400, 401], 402, trust), Doubt::default());
    }
}
