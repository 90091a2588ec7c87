//! All printing: what happens, how long it took, what went wrong.
//!
//! On a terminal a running step shows itself and is replaced by its result.
//! Piped, only results are printed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this file is for")]

use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How a word is set off from the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// A heading.
    Strong,
    /// Something that held.
    Good,
    /// Something that did not.
    Bad,
    /// Something a person should know.
    Warn,
    /// Something that can be passed over.
    Faint,
}

/// Prints one line.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints a heading.
pub(crate) fn heading(text: &str) {
    println!("\n{}", toned(Tone::Strong, text));
}

/// Prints a paragraph set in from the margin.
pub(crate) fn note(text: &str) {
    for line in text.lines() {
        println!("  {}", toned(Tone::Faint, line));
    }
}

/// Prints something a person should know, whatever else scrolls by.
pub(crate) fn warn(text: &str) {
    let _ = stdout().flush();
    for (at, line) in text.lines().enumerate() {
        let mark = if at == 0 { "! " } else { "  " };
        eprintln!("{}", toned(Tone::Warn, &format!("{mark}{line}")));
    }
}

/// Prints why a verb failed.
pub(crate) fn error(text: &str) {
    let _ = stdout().flush();
    eprintln!("{} {text}", toned(Tone::Bad, "error:"));
}

/// Puts a tone on a text where the terminal can show it.
pub(crate) fn toned(tone: Tone, text: &str) -> String {
    if !coloured() {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Strong => "1",
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Warn => "33",
        Tone::Faint => "2",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn coloured() -> bool {
    static COLOURED: OnceLock<bool> = OnceLock::new();
    *COLOURED.get_or_init(|| {
        let quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        !quiet && terminal() && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
    })
}

fn terminal() -> bool {
    stdout().is_terminal() && stderr().is_terminal()
}

/// Something under way. Say how it ended with [`Step::done`].
pub(crate) struct Step {
    doing: String,
    since: Instant,
}

impl Step {
    /// Begins something that takes a while.
    pub(crate) fn begin(doing: &str) -> Step {
        if terminal() {
            print!("  {} {doing} …", toned(Tone::Faint, "·"));
            let _ = stdout().flush();
        }
        Step { doing: doing.to_owned(), since: Instant::now() }
    }

    /// Ends it well, with what came of it.
    pub(crate) fn done(self, result: &str) -> Duration {
        let took = self.since.elapsed();
        clear();
        let elapsed = toned(Tone::Faint, &format!("{:>8}", seconds(took)));
        println!("  {} {elapsed}  {}{}", toned(Tone::Good, "✓"), self.doing, after(result));
        took
    }

    /// Ends it badly.
    pub(crate) fn failed(self, why: &str) {
        let elapsed = toned(Tone::Faint, &format!("{:>8}", seconds(self.since.elapsed())));
        clear();
        println!("  {} {elapsed}  {}{}", toned(Tone::Bad, "✗"), self.doing, after(why));
    }
}

fn clear() {
    if terminal() {
        print!("\r\u{1b}[K");
    }
}

fn after(result: &str) -> String {
    if result.is_empty() { String::new() } else { format!(": {result}") }
}

/// A span for people: `0.42 s`, `17.3 s`, `3 min 05 s`.
pub(crate) fn seconds(span: Duration) -> String {
    let whole = span.as_secs();
    match whole {
        0..10 => format!("{:.2} s", span.as_secs_f64()),
        10..120 => format!("{:.1} s", span.as_secs_f64()),
        _ => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

/// A size for people, in powers of 1024.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    for (unit, each) in UNITS {
        if bytes >= each {
            let tenths = bytes.saturating_mul(10) / each;
            return if tenths >= 1_000 && unit != "GiB" {
                format!("{} {unit}", bytes / each)
            } else {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            };
        }
    }
    format!("{bytes} B")
}

/// A count for people: `12,408`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes a second for people.
pub(crate) fn rate(bytes: u64, span: Duration) -> String {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
    format!("{}/s", size(bytes.saturating_mul(1_000) / millis))
}

/// A share of a whole for people: `2.4 %`.
pub(crate) fn share(part: u64, whole: u64) -> String {
    match part.saturating_mul(1_000).checked_div(whole).unwrap_or(0) {
        0 if part > 0 && whole > 0 => "under 0.1 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::{count, rate, seconds, share, size};
    use std::time::Duration;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(size(512), "512 B");
        assert_eq!(size(1 << 20), "1.0 MiB");
        assert_eq!(size((1 << 30) - 1), "1023 MiB");
        assert_eq!(size(3 << 29), "1.5 GiB");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!(share(24, 1_000), "2.4 %");
        assert_eq!(share(0, 7), "0.0 %");
        assert_eq!(share(1, 7_000), "under 0.1 %");
        assert_eq!(share(1, 0), "0.0 %");
        assert_eq!(rate(10 << 20, Duration::from_secs(2)), "5.0 MiB/s");
        assert_eq!(seconds(Duration::from_millis(420)), "0.42 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
