//! Instants and spans. There is no clock here: time arrives as a value.

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

impl Instant {
    /// The moment `milliseconds` after 1970-01-01T00:00:00Z.
    pub const fn from_unix_milliseconds(milliseconds: i64) -> Instant {
        Instant(milliseconds)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_milliseconds(self) -> i64 {
        self.0
    }

    /// The moment `span` later, or `None` where it has no number.
    pub fn checked_add(self, span: Span) -> Option<Instant> {
        self.0.checked_add(span.0).map(Instant)
    }

    /// How long after `earlier` this is; negative when it is before.
    pub fn since(self, earlier: Instant) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// So many milliseconds.
    pub const fn from_milliseconds(milliseconds: i64) -> Span {
        Span(milliseconds)
    }

    /// Its length in milliseconds.
    pub const fn milliseconds(self) -> i64 {
        self.0
    }
}
