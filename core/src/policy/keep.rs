//! Keep rules by count, for vaults without a fixed schedule.

use serde::{Deserialize, Serialize};

use super::clock::FixedOffset;
use crate::time::Span;

/// How many points stay. Only whole points count; a missing rule keeps none.
///
/// `daily: Some(7)` keeps the newest point of each of the last seven days *that
/// have one*, and so on for weeks (from Monday), months and years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeepRules {
    /// The last points in order of receipt.
    pub last: Option<u32>,
    /// The newest of each day.
    pub daily: Option<u32>,
    /// The newest of each week.
    pub weekly: Option<u32>,
    /// The newest of each month.
    pub monthly: Option<u32>,
    /// The newest of each year.
    pub yearly: Option<u32>,
    /// Everything younger than this.
    pub within: Option<Span>,
    /// Where days begin.
    pub offset: FixedOffset,
}

impl KeepRules {
    /// Whether no rule is given, so that nothing would stay by rule.
    pub fn is_empty(&self) -> bool {
        let counts = [self.last, self.daily, self.weekly, self.monthly, self.yearly];
        counts.iter().all(Option::is_none) && self.within.is_none()
    }
}
