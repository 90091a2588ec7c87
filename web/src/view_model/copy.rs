//! Copy: how long it would take, and whether a window is long enough.

use super::tone::Tone;
use crate::text::Text;

/// Speeds to choose from: a name, and bytes in a second.
pub const SPEEDS: [(&str, u64); 5] = [
    ("10 Mbit/s", 1_250_000),
    ("50 Mbit/s", 6_250_000),
    ("200 Mbit/s", 25_000_000),
    ("1 Gbit/s", 125_000_000),
    ("10 Gbit/s", 1_250_000_000),
];

/// Windows to choose from, in hours.
pub const WINDOW_HOURS: [u64; 5] = [1, 4, 8, 12, 24];

/// How likely it is that a copy ends in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// With room to spare.
    Low,
    /// Any hitch may be too much.
    High,
    /// It does not fit.
    Certain,
}

/// What a copy would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyEstimate {
    /// How long it takes, in seconds.
    pub seconds: u64,
    /// Whether it ends within the window.
    pub risk: Risk,
}

/// Half of a window is left for hitches before the risk is called high.
const ROOM: u64 = 2;

/// How long `bytes` take at `bytes_per_second`, and whether that suits a
/// window of `window_seconds`.
pub fn estimate(bytes: u64, bytes_per_second: u64, window_seconds: u64) -> CopyEstimate {
    let seconds = bytes.div_ceil(bytes_per_second.max(1));
    let risk = if seconds > window_seconds {
        Risk::Certain
    } else if seconds.saturating_mul(ROOM) > window_seconds {
        Risk::High
    } else {
        Risk::Low
    };
    CopyEstimate { seconds, risk }
}

impl Risk {
    /// What it means.
    pub fn tone(self) -> Tone {
        match self {
            Risk::Low => Tone::Good,
            Risk::High => Tone::Warn,
            Risk::Certain => Tone::Bad,
        }
    }

    /// What to call it.
    pub fn text(self) -> Text {
        match self {
            Risk::Low => Text::RiskLow,
            Risk::High => Text::RiskHigh,
            Risk::Certain => Text::RiskCertain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_risk_grows_at_half_the_window_and_at_its_end() {
        let risk = |bytes| estimate(bytes, 1_000, 10).risk;
        assert_eq!((risk(0), risk(5_000)), (Risk::Low, Risk::Low));
        assert_eq!((risk(5_001), risk(10_000)), (Risk::High, Risk::High));
        assert_eq!(risk(10_001), Risk::Certain);
        assert_eq!(estimate(u64::MAX, 0, 1).seconds, u64::MAX);
    }
}
