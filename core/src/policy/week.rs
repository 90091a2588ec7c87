//! Weekdays and months, and sets of weekdays.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::calendar::CalendarError;

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
