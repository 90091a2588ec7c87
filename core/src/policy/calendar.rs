//! Dates of the proleptic Gregorian calendar.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::clock::FixedOffset;
use super::week::{Month, Weekday};
use crate::time::Instant;

/// Milliseconds in a day.
pub(crate) const DAY_MILLISECONDS: i64 = 86_400_000;
/// Milliseconds in a minute.
pub(crate) const MINUTE_MILLISECONDS: i64 = 60_000;

/// Why text or a number is no date, time or offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No such time of day.
    #[error("{0:?} is no time of day; write 22:00")]
    Time(String),
    /// No such offset from UTC.
    #[error("{0:?} is no offset from UTC; write +09:00, at most 14 hours")]
    Offset(String),
    /// A set of weekdays without any.
    #[error("at least one weekday is needed")]
    NoWeekday,
    /// No such day of a month.
    #[error("{0} is no day of a month")]
    Day(u8),
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day so many days after 1970-01-01.
    ///
    /// Years are counted from March, so that the leap day comes last and a
    /// month's start is a line with slope 153/5.
    pub fn from_unix_days(days: i64) -> Date {
        let from_march_0000 = days + 719_468;
        let era = from_march_0000.div_euclid(146_097);
        let day_of_era = from_march_0000.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date {
            year: i32::try_from(year).unwrap_or(i32::MAX),
            month: u8::try_from(month).unwrap_or(12),
            day: u8::try_from(day).unwrap_or(31),
        }
    }

    /// Days since 1970-01-01.
    pub fn unix_days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = i64::from(self.month);
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The local day of a moment.
    pub fn of(moment: Instant, offset: FixedOffset) -> Date {
        Date::from_unix_days(offset.local_milliseconds(moment).div_euclid(DAY_MILLISECONDS))
    }

    /// Its year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// Its month.
    pub fn month(self) -> Month {
        Month::ALL[usize::from(self.month.clamp(1, 12)) - 1]
    }

    /// Its day of the month, from 1.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Its day of the week. 1970-01-01 was a Thursday.
    pub fn weekday(self) -> Weekday {
        let index = (self.unix_days() + 3).rem_euclid(7);
        Weekday::ALL[usize::try_from(index).unwrap_or(0)]
    }

    /// Whether the next day belongs to another month.
    pub fn is_last_of_month(self) -> bool {
        self.day == days_in(self.year, self.month)
    }

    /// The Monday of its week.
    pub fn monday(self) -> Date {
        let days = self.unix_days();
        Date::from_unix_days(days - (days + 3).rem_euclid(7))
    }

    /// The same day so many months later, or the last of that month where it has no such day.
    pub fn plus_months(self, months: u32) -> Date {
        let months = i64::from(self.month) - 1 + i64::from(months);
        let year = i32::try_from(i64::from(self.year) + months.div_euclid(12)).unwrap_or(i32::MAX);
        let month = u8::try_from(months.rem_euclid(12) + 1).unwrap_or(12);
        Date { year, month, day: self.day.min(days_in(year, month)) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_in(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::super::clock::LocalTime;
    use super::*;

    #[test]
    fn a_date_and_its_day_number_agree_over_four_centuries() {
        for days in -200_000..200_000 {
            let date = Date::from_unix_days(days);
            assert_eq!(date.unix_days(), days);
            assert!(date.day() >= 1 && date.day() <= days_in(date.year, date.month));
            let next = Date::from_unix_days(days + 1);
            assert_eq!(date.is_last_of_month(), next.month() != date.month(), "{date}");
        }
        assert_eq!(Date::from_unix_days(0).to_string(), "1970-01-01");
        assert_eq!(Date::from_unix_days(16_860).to_string(), "2016-02-29");
        let leap = Date::from_unix_days(16_860);
        assert_eq!((leap.year(), leap.month(), leap.day()), (2016, Month::February, 29));
        assert_eq!(leap.weekday(), Weekday::Monday);
    }

    #[test]
    fn months_later_is_clamped_to_the_end_of_the_month() {
        let date = Date::from_unix_days(16_831);
        assert_eq!(date.to_string(), "2016-01-31");
        assert_eq!(date.plus_months(1).to_string(), "2016-02-29");
        assert_eq!(date.plus_months(13).to_string(), "2017-02-28");
        assert_eq!(date.plus_months(12).to_string(), "2017-01-31");
    }

    #[test]
    fn a_moment_belongs_to_the_local_day() {
        let seoul: FixedOffset = "+09:00".parse().unwrap();
        let late = FixedOffset::UTC.moment(Date::from_unix_days(100), LocalTime::new(15, 0).unwrap());
        assert_eq!(Date::of(late, FixedOffset::UTC).unix_days(), 100);
        assert_eq!(Date::of(late, seoul).unix_days(), 101);
        assert_eq!(seoul.moment(Date::from_unix_days(101), LocalTime::new(0, 0).unwrap()), late);
    }
}
