//! Speed: how much simulated time a frame brings.

use vhault_core::time::Span;

/// No frame brings more than this of real time: a page that slept does not leap.
pub const FRAME_MS_MAX: u32 = 250;

/// How fast simulated time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// A second a second.
    RealTime,
    /// A minute a second.
    MinuteASecond,
    /// Ten minutes a second.
    #[default]
    TenMinutesASecond,
    /// An hour a second.
    HourASecond,
    /// Six hours a second.
    SixHoursASecond,
    /// A day a second.
    DayASecond,
    /// A year of 365 days a minute.
    YearAMinute,
}

impl Speed {
    /// All of them, slowest first.
    pub const ALL: [Speed; 7] = [
        Speed::RealTime,
        Speed::MinuteASecond,
        Speed::TenMinutesASecond,
        Speed::HourASecond,
        Speed::SixHoursASecond,
        Speed::DayASecond,
        Speed::YearAMinute,
    ];

    /// Simulated seconds in a real second.
    pub fn factor(self) -> i64 {
        match self {
            Speed::RealTime => 1,
            Speed::MinuteASecond => 60,
            Speed::TenMinutesASecond => 600,
            Speed::HourASecond => 3_600,
            Speed::SixHoursASecond => 21_600,
            Speed::DayASecond => 86_400,
            Speed::YearAMinute => 365 * 86_400 / 60,
        }
    }

    /// What a frame of `frame_ms` of real time brings.
    pub fn span(self, frame_ms: u32) -> Span {
        Span::from_milliseconds(i64::from(frame_ms.min(FRAME_MS_MAX)) * self.factor())
    }

    /// The next faster one, or the same.
    #[must_use]
    pub fn faster(self) -> Speed {
        let next = Speed::ALL.into_iter().find(|speed| speed.factor() > self.factor());
        next.unwrap_or(self)
    }

    /// The next slower one, or the same.
    #[must_use]
    pub fn slower(self) -> Speed {
        let next = Speed::ALL.into_iter().rev().find(|speed| speed.factor() < self.factor());
        next.unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_takes_a_minute_of_frames() {
        let frames: i64 = (0..3_600).map(|_| Speed::YearAMinute.span(16).milliseconds()).sum();
        let year = 365 * 86_400_000;
        assert!((year * 95 / 100..=year).contains(&frames), "{frames}");
    }

    #[test]
    fn a_page_that_slept_an_hour_does_not_leap() {
        let slept = Speed::DayASecond.span(3_600_000);
        assert_eq!(slept, Speed::DayASecond.span(FRAME_MS_MAX));
        assert_eq!(slept.milliseconds(), 6 * 3_600_000);
    }

    #[test]
    fn faster_and_slower_walk_all_speeds_and_stop_at_the_ends() {
        for pair in Speed::ALL.windows(2) {
            assert_eq!((pair[0].faster(), pair[1].slower()), (pair[1], pair[0]));
        }
        assert_eq!(Speed::RealTime.slower(), Speed::RealTime);
        assert_eq!(Speed::YearAMinute.faster(), Speed::YearAMinute);
    }
}
