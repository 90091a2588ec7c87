//! Copy: how long it would take and what may go wrong, reckoned by core as
//! `vhault estimate` does.

use vhault_core::advice::{self, AdviceId, Entry};
use vhault_core::copy::estimate::{self, Circumstances, Estimate, NEW_COST, Risk, Work};
use vhault_core::lifecycle::{Profile, ProfileId};
use vhault_core::time::Span;

use super::tone::Tone;
use crate::text::{Both, Text};

/// How fast earlier copies were: a name, and bytes of new data in a second.
/// The first is a vault without any.
pub const SPEEDS: [Option<(&str, u64)>; 6] = [
    None,
    Some(("10 Mbit/s", 1_250_000)),
    Some(("50 Mbit/s", 6_250_000)),
    Some(("200 Mbit/s", 25_000_000)),
    Some(("1 Gbit/s", 125_000_000)),
    Some(("10 Gbit/s", 1_250_000_000)),
];

/// Windows to choose from, in hours.
pub const WINDOW_HOURS: [u64; 5] = [1, 4, 8, 12, 24];

/// What core says of a copy that may run out of time. A constant, so that the
/// page carries no other entry.
const ADVICE: &Entry = AdviceId::Bkp13.entry();

/// What a file system gives a file at least, and a multiple of it.
const CLUSTER_BYTES: u64 = 4_096;

/// What a first copy of one disk would read, at most: what its files hold.
/// All of it may be new. The program asks the file system how much that is;
/// a page knows no holes and reckons with whole clusters.
pub fn first(disk_bytes: u64, files: impl IntoIterator<Item = u64>) -> Work {
    let whole = |bytes: u64| bytes.checked_next_multiple_of(CLUSTER_BYTES).unwrap_or(u64::MAX);
    let stored = disk_bytes.min(files.into_iter().map(whole).fold(0, u64::saturating_add));
    Work { read_bytes: stored, new_bytes: stored }
}

/// What to expect of the copy of one disk at one of [`SPEEDS`], in a window.
pub fn expect(work: Work, speed: usize, window_hours: u64) -> Estimate {
    let measured = SPEEDS.get(speed).copied().flatten().map(|(_, new_bytes)| new_bytes * (1 + NEW_COST));
    let milliseconds = i64::try_from(window_hours.saturating_mul(3_600_000)).unwrap_or(i64::MAX);
    let risky = Profile::of(ProfileId::Recovery2016).copy_risk_data_disks;
    let circumstances = Circumstances {
        deadline: Some(Span::from_milliseconds(milliseconds)),
        disk_deadline: None,
        risky_data_disks: usize::try_from(risky).unwrap_or(usize::MAX),
        read_limit: None,
        time_out: AdviceId::Bkp13,
    };
    estimate::estimate(&[work], measured, &circumstances)
}

/// Whole seconds of a span, rounded up.
pub fn seconds(span: Span) -> u64 {
    span.milliseconds().unsigned_abs().div_ceil(1_000)
}

/// What a risk means.
pub fn tone(risk: Risk) -> Tone {
    match risk {
        Risk::Low => Tone::Good,
        Risk::Elevated => Tone::Warn,
        Risk::High => Tone::Bad,
    }
}

/// What to call a risk.
pub fn text(risk: Risk) -> Text {
    match risk {
        Risk::Low => Text::RiskLow,
        Risk::Elevated => Text::RiskHigh,
        Risk::High => Text::RiskCertain,
    }
}

/// The id, the title and the remedy of what the guides say of such a copy.
pub fn advice(estimate: &Estimate) -> Option<(AdviceId, Both, Option<Both>)> {
    let both =
        |text: &advice::Text| Both::new(text.in_lang(advice::Lang::En), text.in_lang(advice::Lang::Ko));
    let entry = Some(ADVICE).filter(|entry| estimate.advice == Some(entry.id))?;
    Some((entry.id, both(&entry.title), entry.remedy.as_ref().map(both)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_risk_grows_with_the_work_and_brings_its_advice() {
        // 50 MB of new data a second where nothing was measured.
        let found = |seconds: u64| {
            let bytes = seconds * 50_000_000;
            expect(Work { read_bytes: bytes, new_bytes: bytes }, 0, 1)
        };
        for (seconds, risk) in
            [(0, Risk::Low), (2_376, Risk::Low), (2_377, Risk::Elevated), (3_601, Risk::High)]
        {
            let found = found(seconds);
            assert_eq!((found.risk, self::seconds(found.whole)), (risk, seconds));
            assert_eq!(advice(&found).is_some(), found.advice.is_some(), "core has another advice now");
        }
        let (id, title, remedy) = advice(&found(9_999)).unwrap();
        assert_eq!(id.to_string(), "BKP-13");
        assert!(title.en.contains("timed out") && title.ko.contains("시간 초과"));
        assert!(remedy.unwrap().ko.contains("16개"));
    }

    #[test]
    fn a_first_copy_reads_what_the_files_hold_and_no_more_than_the_disk() {
        let read = |disk, files: &[u64]| first(disk, files.iter().copied()).read_bytes;
        assert_eq!(read(1 << 20, &[1, 4_096, 4_097]), 4 * 4_096);
        assert_eq!(read(512, &[4_096]), 512);
        assert_eq!(read(u64::MAX, &[u64::MAX, 1]), u64::MAX);
    }

    #[test]
    fn a_speed_counts_new_bytes() {
        let [_, rest @ ..] = SPEEDS;
        for (place, speed) in (1..).zip(rest) {
            let (name, bytes) = speed.unwrap();
            let told = expect(Work { read_bytes: bytes, new_bytes: bytes }, place, 1);
            assert_eq!((seconds(told.whole), told.is_measured), (1, true), "{name}");
        }
    }
}
