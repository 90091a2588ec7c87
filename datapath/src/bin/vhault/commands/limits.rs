//! What a copy may take: time, and bytes a second.

use clap::Args;
use vhault_core::copy::watch::Limits;
use vhault_core::time::Span;

use super::policy::span;

/// Limits of a copy.
#[derive(Clone, Debug, Args)]
pub(crate) struct LimitArgs {
    /// Stop after this long, such as 90s, 30m or 4h. What was copied becomes a partial point (exit code 5), and
    /// the next backup resumes there
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    deadline: Option<Span>,

    /// Give up a disk that takes longer than this, and go on with the others
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    disk_deadline: Option<Span>,

    /// Give up a disk of which no byte comes for this long, and go on with the others
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "10m")]
    stall: Span,

    /// Read no more than this a second from all images together, such as 50MiB
    #[arg(long, value_name = "BYTES", value_parser = some_bytes)]
    limit_read: Option<u64>,

    /// Write no more than this a second into the vault
    #[arg(long, value_name = "BYTES", value_parser = some_bytes)]
    limit_write: Option<u64>,
}

impl LimitArgs {
    /// Deadlines and the stall limit.
    pub(crate) fn limits(&self) -> Limits {
        Limits { set: self.deadline, disk: self.disk_deadline, stall: Some(self.stall) }
    }

    /// Bytes a second read.
    pub(crate) fn read(&self) -> Option<u64> {
        self.limit_read
    }

    /// Bytes a second written.
    pub(crate) fn write(&self) -> Option<u64> {
        self.limit_write
    }
}

/// A length of time that is more than none.
///
/// # Errors
///
/// A text that says what is.
pub(super) fn some_time(text: &str) -> Result<Span, String> {
    match span(text)? {
        span if span > Span::ZERO => Ok(span),
        _ => Err(format!("{text:?} leaves no time; write 90s, 30m or 4h")),
    }
}

fn some_bytes(text: &str) -> Result<u64, String> {
    let bad = || format!("{text:?} is no number of bytes; write 4096, 500KiB, 50MiB or 1GiB");
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return Err(bad()),
    };
    let number: u64 = digits.parse().map_err(|_| bad())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_a_unit_and_are_more_than_nothing() {
        assert_eq!(some_bytes("4096"), Ok(4096));
        assert_eq!(some_bytes("500KiB"), Ok(500 << 10));
        assert_eq!(some_bytes("50m"), Ok(50 << 20));
        assert_eq!(some_bytes("1GiB"), Ok(1 << 30));
        for bad in ["", "0", "0MiB", "-1", "MiB", "1.5GiB", "7TB", "99999999999GiB"] {
            assert!(some_bytes(bad).is_err(), "{bad}");
        }
        assert_eq!(some_time("2h"), Ok(Span::from_milliseconds(7_200_000)));
        for bad in ["0s", "-5m", "2", "h", "2d"] {
            assert!(some_time(bad).is_err(), "{bad}");
        }
    }
}
