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
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
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
        self as u8 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_numbered_from_one() {
        let numbers = Month::ALL.map(Month::number);
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn a_set_of_days_has_at_least_one_and_is_stored_as_their_names() {
        assert_eq!(WeekdaySet::new([]), Err(CalendarError::NoWeekday));
        let ends = WeekdaySet::new([Weekday::Sunday, Weekday::Saturday, Weekday::Sunday]).unwrap();
        assert_eq!(ends.count(), 2);
        assert!(ends.is_subset(&WeekdaySet::new(Weekday::ALL).unwrap()));
        assert!(!WeekdaySet::new(Weekday::ALL).unwrap().is_subset(&ends));
        let stored = serde_json::to_string(&ends).unwrap();
        assert_eq!(stored, r#"["saturday","sunday"]"#);
        assert_eq!(serde_json::from_str::<WeekdaySet>(&stored).unwrap(), ends);
        assert!(serde_json::from_str::<WeekdaySet>("[]").is_err());
    }
}
