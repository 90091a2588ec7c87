//! Local times of day, and how far they are from UTC.
//!
//! A schedule keeps the offset it was saved with, whatever daylight saving
//! does (invariant I-41).

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::calendar::{CalendarError, DAY_MILLISECONDS, Date, MINUTE_MILLISECONDS};
use crate::time::Instant;

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
    fn times_and_offsets_read_back_and_nonsense_is_refused() {
        for text in ["00:00", "22:00", "23:59"] {
            assert_eq!(text.parse::<LocalTime>().unwrap().to_string(), text);
        }
        for text in ["24:00", "1:00", "12:60", "noon", "+1:00", ""] {
            assert!(text.parse::<LocalTime>().is_err(), "{text}");
        }
        for text in ["+00:00", "+09:00", "-03:30", "+05:59", "+14:00", "-14:00"] {
            assert_eq!(text.parse::<FixedOffset>().unwrap().to_string(), text);
        }
        for text in ["09:00", "+14:01", "+09:60", "", "é9:00"] {
            assert!(text.parse::<FixedOffset>().is_err(), "{text}");
        }
    }

    #[test]
    fn they_are_stored_as_they_are_written() {
        let offset: FixedOffset = "-03:30".parse().unwrap();
        let time: LocalTime = "22:05".parse().unwrap();
        assert_eq!(serde_json::to_string(&(offset, time)).unwrap(), r#"["-03:30","22:05"]"#);
        assert_eq!(serde_json::from_str::<FixedOffset>("\"-03:30\"").unwrap().to_string(), "-03:30");
        assert_eq!(serde_json::from_str::<LocalTime>("\"22:05\"").unwrap().to_string(), "22:05");
        assert!(serde_json::from_str::<FixedOffset>("\"+15:00\"").is_err());
        assert!(serde_json::from_str::<LocalTime>("\"24:00\"").is_err());
    }
}
