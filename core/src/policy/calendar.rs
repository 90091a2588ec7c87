//! Dates, weekdays and local times at a fixed offset from UTC.
//!
//! The proleptic Gregorian calendar, and no time zones: a schedule keeps the
//! offset it was saved with, whatever daylight saving does (invariant I-41).

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the days say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
}

/// Weekdays, at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Weekday>", into = "BTreeSet<Weekday>")]
pub struct WeekdaySet(BTreeSet<Weekday>);

impl WeekdaySet {
    /// The set of these days.
    ///
    /// # Errors
    ///
    /// [`CalendarError::NoWeekday`] when there are none.
    pub fn new(days: impl IntoIterator<Item = Weekday>) -> Result<WeekdaySet, CalendarError> {
        WeekdaySet::try_from(days.into_iter().collect::<BTreeSet<_>>())
    }

    /// Whether `day` is one of them.
    pub fn contains(&self, day: Weekday) -> bool {
        self.0.contains(&day)
    }

    /// Whether each of them is also one of `others`.
    pub fn is_subset(&self, others: &WeekdaySet) -> bool {
        self.0.is_subset(&others.0)
    }

    /// How many there are, 1 to 7.
    pub fn count(&self) -> u32 {
        Weekday::ALL.into_iter().map(|day| u32::from(self.contains(day))).sum()
    }
}

impl TryFrom<BTreeSet<Weekday>> for WeekdaySet {
    type Error = CalendarError;

    fn try_from(days: BTreeSet<Weekday>) -> Result<WeekdaySet, CalendarError> {
        if days.is_empty() { Err(CalendarError::NoWeekday) } else { Ok(WeekdaySet(days)) }
    }
}

impl From<WeekdaySet> for BTreeSet<Weekday> {
    fn from(days: WeekdaySet) -> BTreeSet<Weekday> {
        days.0
    }
}

/// A month of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the months say it")]
pub enum Month {
    January,
    February,
    March,
    April,
    May,
    June,
    July,
    August,
    September,
    October,
    November,
    December,
}

impl Month {
    /// January to December.
    pub const ALL: [Month; 12] = [
        Month::January,
        Month::February,
        Month::March,
        Month::April,
        Month::May,
        Month::June,
        Month::July,
        Month::August,
        Month::September,
        Month::October,
        Month::November,
        Month::December,
    ];

    /// 1 for January.
    pub fn number(self) -> u8 {
        (1..).zip(Month::ALL).find(|(_, month)| *month == self).map_or(1, |(number, _)| number)
    }
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

/// Minutes east of UTC, at most 14 hours either way; written `+09:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FixedOffset(i16);

impl FixedOffset {
    /// UTC itself.
    pub const UTC: FixedOffset = FixedOffset(0);

    /// So many minutes east of UTC.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Offset`] past 14 hours.
    pub fn from_minutes(minutes: i16) -> Result<FixedOffset, CalendarError> {
        if (-840..=840).contains(&minutes) {
            Ok(FixedOffset(minutes))
        } else {
            Err(CalendarError::Offset(minutes.to_string()))
        }
    }

    /// Milliseconds of local time since 1970-01-01T00:00 local time.
    pub fn local_milliseconds(self, moment: Instant) -> i64 {
        moment.unix_milliseconds().saturating_add(i64::from(self.0) * MINUTE_MILLISECONDS)
    }

    /// The moment at which it is `time` on `date` here.
    pub fn moment(self, date: Date, time: LocalTime) -> Instant {
        let local = date
            .unix_days()
            .saturating_mul(DAY_MILLISECONDS)
            .saturating_add(i64::from(time.minute_of_day()) * MINUTE_MILLISECONDS);
        Instant::from_unix_milliseconds(local.saturating_sub(i64::from(self.0) * MINUTE_MILLISECONDS))
    }
}

impl fmt::Display for FixedOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", self.0.abs() / 60, self.0.abs() % 60)
    }
}

impl FromStr for FixedOffset {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<FixedOffset, CalendarError> {
        let bad = || CalendarError::Offset(text.to_string());
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(bad()),
        };
        let (hours, minutes) = hours_and_minutes(rest).ok_or_else(bad)?;
        if minutes > 59 {
            return Err(bad());
        }
        let minutes = i16::try_from(hours * 60 + minutes).map_err(|_| bad())?;
        FixedOffset::from_minutes(sign * minutes).map_err(|_| bad())
    }
}

impl TryFrom<String> for FixedOffset {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<FixedOffset, CalendarError> {
        text.parse()
    }
}

impl From<FixedOffset> for String {
    fn from(offset: FixedOffset) -> String {
        offset.to_string()
    }
}

/// A time of day to the minute; written `22:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(u16);

impl LocalTime {
    /// The time `hour`:`minute`.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Time`] past 23:59.
    pub fn new(hour: u16, minute: u16) -> Result<LocalTime, CalendarError> {
        if hour < 24 && minute < 60 {
            Ok(LocalTime(hour * 60 + minute))
        } else {
            Err(CalendarError::Time(alloc::format!("{hour:02}:{minute:02}")))
        }
    }

    /// Minutes since midnight.
    pub const fn minute_of_day(self) -> u16 {
        self.0
    }

    /// The time so many minutes later, or `None` past midnight.
    pub fn checked_add_minutes(self, minutes: u32) -> Option<LocalTime> {
        let sum = u32::from(self.0).checked_add(minutes).filter(|sum| *sum < 1_440)?;
        u16::try_from(sum).ok().map(LocalTime)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for LocalTime {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<LocalTime, CalendarError> {
        let bad = || CalendarError::Time(text.to_string());
        let (hours, minutes) = hours_and_minutes(text).ok_or_else(bad)?;
        LocalTime::new(hours, minutes).map_err(|_| bad())
    }
}

impl TryFrom<String> for LocalTime {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<LocalTime, CalendarError> {
        text.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> String {
        time.to_string()
    }
}

fn hours_and_minutes(text: &str) -> Option<(u16, u16)> {
    let (hours, minutes) = text.split_once(':')?;
    let parts: Vec<u16> = [hours, minutes]
        .into_iter()
        .filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|part| part.parse().ok())
        .collect();
    match parts.as_slice() {
        [hours, minutes] => Some((*hours, *minutes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_its_day_number_agree_over_four_centuries() {
        for days in -200_000..200_000 {
            let date = Date::from_unix_days(days);
            assert_eq!(date.unix_days(), days);
            assert!(date.day() >= 1 && date.day() <= days_in(date.year, date.month));
        }
        assert_eq!(Date::from_unix_days(0).to_string(), "1970-01-01");
        assert_eq!(Date::from_unix_days(16_860).to_string(), "2016-02-29");
        assert_eq!(Date::from_unix_days(16_860).weekday(), Weekday::Monday);
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

    #[test]
    fn times_and_offsets_read_back_and_nonsense_is_refused() {
        for text in ["00:00", "22:00", "23:59"] {
            assert_eq!(text.parse::<LocalTime>().unwrap().to_string(), text);
        }
        for text in ["24:00", "1:00", "12:60", "noon", "+1:00", ""] {
            assert!(text.parse::<LocalTime>().is_err(), "{text}");
        }
        for text in ["+09:00", "-03:30", "+14:00"] {
            assert_eq!(text.parse::<FixedOffset>().unwrap().to_string(), text);
        }
        for text in ["09:00", "+14:01", "+09:60", "", "é9:00"] {
            assert!(text.parse::<FixedOffset>().is_err(), "{text}");
        }
    }
}
