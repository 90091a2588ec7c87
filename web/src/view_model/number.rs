//! Sizes, counts and times for people; the same in every language.

/// A count with its thousands set apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A size in the largest unit that leaves a whole number before the point;
/// one decimal, cut and not rounded, so that nothing looks complete early.
pub fn bytes(size: u64) -> String {
    let mut unit = None;
    let mut scale = 1_u64;
    for name in UNITS {
        let Some(next) = scale.checked_mul(1024).filter(|next| size >= *next) else { break };
        (unit, scale) = (Some(name), next);
    }
    let Some(unit) = unit else { return format!("{size} B") };
    let (whole, tenth) = (size / scale, size % scale * 10 / scale);
    if tenth == 0 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") }
}

/// A size for people, and for those who must be exact.
pub fn exact(size: u64) -> String {
    if size < 1024 { format!("{size} B") } else { format!("{} ({} B)", bytes(size), grouped(size)) }
}

/// A share with one decimal, cut; what is there never reads as nothing, and
/// what is not whole never as everything.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    let thousandths = u128::from(part) * 1000 / u128::from(whole);
    match (part, thousandths) {
        (0, _) => "0%".to_owned(),
        (_, 0) => "<0.1%".to_owned(),
        (_, all) if all.is_multiple_of(10) => format!("{}%", all / 10),
        (_, all) => format!("{}.{}%", all / 10, all % 10),
    }
}

/// A span of seconds as clocks show it: the same in every language.
pub fn span(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    if hours == 0 { format!("{minutes}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_cut_and_not_rounded() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1 KiB");
        assert_eq!(bytes((1 << 20) - 1), "1023.9 KiB");
        assert_eq!(bytes(u64::MAX), "15.9 EiB");
    }

    #[test]
    fn a_trace_is_not_nothing_and_nearly_all_is_not_all() {
        assert_eq!(percent(0, 10), "0%");
        assert_eq!(percent(1, 1_000_000), "<0.1%");
        assert_eq!(percent(999_999, 1_000_000), "99.9%");
        assert_eq!(percent(10, 10), "100%");
        assert_eq!(percent(0, 0), "0%");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn spans_read_like_a_clock() {
        assert_eq!(span(0), "0:00");
        assert_eq!(span(59), "0:59");
        assert_eq!(span(3_599), "59:59");
        assert_eq!(span(3_660), "1:01:00");
    }
}
