//! The minimum age of points that are forgotten.

use serde::{Deserialize, Serialize};

use super::{Catalogue, KeptPoint};
use crate::time::Span;
use crate::vault::point::PointState;

/// A record that set the minimum age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockChange {
    /// Its number.
    pub record: u64,
    /// The age from which points may be forgotten.
    pub age: Span,
}

impl Catalogue {
    /// The minimum age of points that come now.
    pub fn lock(&self) -> Span {
        self.locks.last().map_or(Span::ZERO, |change| change.age)
    }

    /// The minimum age of one point: the highest that held since it was received, so that a lower one concerns only
    /// what comes after it. What a stopped copy left is no whole point, and the next copy takes its place: it has none.
    pub fn lock_of(&self, kept: &KeptPoint) -> Span {
        if kept.point.state == PointState::Partial {
            return Span::ZERO;
        }
        let before = self.locks.iter().rfind(|change| change.record < kept.record);
        let since = self.locks.iter().filter(|change| change.record > kept.record);
        before.into_iter().chain(since).map(|change| change.age).max().unwrap_or(Span::ZERO)
    }
}
