//! An error with everything behind it, in one line.

use std::error::Error;

/// What went wrong, and why, and why that: `cannot open a.vhd: permission denied`.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut deeper = error.source();
    while let Some(cause) = deeper {
        text = format!("{text}: {cause}");
        deeper = cause.source();
    }
    text
}
