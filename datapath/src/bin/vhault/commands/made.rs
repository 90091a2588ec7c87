//! What a backup made, and what is to be said of it.

use std::io::{self, Write as _};
use std::time::Duration;

use vhault_core::advice::AdviceId;
use vhault_core::copy::watch::StopReason;
use vhault_core::digest::PointId;
use vhault_core::lifecycle::JobId;
use vhault_core::vault::point::{Copied, Disk, PointState, RecoveryPoint};
use vhault_datapath::backup::BackedUp;
use vhault_datapath::timings::TimingsTold;

use super::point::{PointView, audit_words};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Ranges that a message names before it only counts them.
const RANGES_SHOWN: usize = 4;

/// What leads on from a copy that ended early.
const RESUMES: &str =
    "the same command again: it goes on where this one ended, and reads nothing twice that did not move";

/// Why a copy ended early.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    /// A limit of its own, or a signal.
    Limit(StopReason),
    /// The copy window of its job closed.
    Window(JobId),
    /// Its job was cancelled.
    Cancelled(JobId),
}

/// A backup that made a point.
pub(crate) struct Made {
    pub(crate) backed: BackedUp,
    /// What went wrong all the same.
    pub(crate) remark: Option<Failure>,
    took: Duration,
}

impl Made {
    pub(crate) fn new(backed: BackedUp, remark: Option<Failure>) -> Made {
        Made { backed, remark, took: Duration::ZERO }
    }

    /// The same, with the time it took from the first to the last.
    pub(crate) fn taking(mut self, took: Duration) -> Made {
        self.took = took;
        self
    }
}

/// What went wrong with a backup that made a point: it is partial, or what its sources gave has holes.
pub(crate) fn remark(backed: &BackedUp, why: Option<Why>) -> Option<Failure> {
    let point = &backed.point;
    if let Some(why) = why {
        let (size, left_out) = point.disks.iter().fold((0, 0), |(size, left_out), disk| {
            (size + disk.content.length.get(), left_out + missing(disk))
        });
        let holds =
            format!("point {} holds {} of {}", point.id, words::bytes(size - left_out), words::bytes(size));
        return Some(ended(why, &format!("; partial {holds}")).with_way_out(RESUMES));
    }
    if point.state != PointState::Damaged {
        return None;
    }
    let text = format!("the sources could not be read everywhere: {}", damage_words(point));
    Some(
        Failure::new(Exit::Damage, text).with_way_out(
            "replace the medium under these images; the next backup reads everything there again",
        ),
    )
}

/// A copy that ended before there was anything new to keep.
pub(crate) fn nothing_new(why: Why) -> Failure {
    let mut failure = ended(why, " before anything new was copied, so there is no new point");
    if failure.exit == Exit::Partial {
        failure.exit = Exit::Refused;
    }
    failure.with_way_out(match why {
        Why::Window(_) => "a longer --copy-window in the policy",
        Why::Limit(StopReason::Deadline | StopReason::DiskDeadline) => "a longer deadline",
        Why::Limit(StopReason::Stalled | StopReason::Unreadable) => {
            "see whether the disks under the images answer"
        }
        _ => RESUMES,
    })
}

fn ended(why: Why, rest: &str) -> Failure {
    match why {
        Why::Cancelled(job) => Failure::new(Exit::Stopped, format!("job {job} was cancelled{rest}")),
        Why::Limit(StopReason::Asked) => Failure::new(Exit::Stopped, format!("stopped by a signal{rest}")),
        Why::Window(job) => {
            Failure::new(Exit::Partial, format!("job {job} ran out of its copy window{rest}"))
                .with_advice(AdviceId::Bkp13)
        }
        Why::Limit(reason) => Failure::new(Exit::Partial, format!("{}{rest}", reason_words(reason)))
            .with_advice(AdviceId::Bkp13),
    }
}

/// A reason, for people.
pub(crate) fn reason_words(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Deadline => "the deadline of the copy passed",
        StopReason::DiskDeadline => "the deadline of a disk passed",
        StopReason::Stalled => "no byte came from a disk for as long as --stall allows",
        StopReason::Unreadable => "a disk has more unreadable ranges than a point can list",
        StopReason::Asked => "stopped by a person",
    }
}

fn damage_words(point: &RecoveryPoint) -> String {
    let mut words = Vec::new();
    for disk in point.disks.iter().filter(|disk| !disk.is_complete()) {
        if !disk.container.is_there() {
            words.push(format!("{} lacks what its file has besides guest data", disk.label));
        }
        let ranges = &disk.unreadable;
        if ranges.is_empty() {
            continue;
        }
        let bytes: u64 = ranges.iter().map(|range| range.length).sum();
        let shown: Vec<String> = ranges
            .iter()
            .take(RANGES_SHOWN)
            .map(|range| format!("{} at {}", range.length, range.offset))
            .collect();
        let more = if ranges.len() > RANGES_SHOWN { ", …" } else { "" };
        let count = words::count(ranges.len() as u64, "range");
        words.push(format!("{} lacks {bytes} bytes in {count} ({}{more})", disk.label, shown.join(", ")));
    }
    words.join("; ")
}

impl Report for Made {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let point = &self.backed.point;
        let made = match point.state {
            PointState::Whole => page.tone(Tone::Good, "recovery point"),
            PointState::Partial => page.tone(Tone::Warn, "partial recovery point"),
            PointState::Damaged => page.tone(Tone::Bad, "damaged recovery point"),
        };
        writeln!(page, "{made} {} of {}", point.id, point.vm)?;
        let mut whole = Copied::default();
        for disk in &point.disks {
            let copied = &disk.copied;
            writeln!(
                page,
                "  {:<16} {:>9}  read {:>9}  new {:>9}  stored {:>9}{}{}{}",
                disk.label,
                words::bytes(disk.content.length.get()),
                words::bytes(copied.read_bytes),
                words::bytes(copied.new_bytes),
                words::bytes(copied.stored_bytes),
                part("  kept", copied.kept_bytes, " unread"),
                part("  resumed", copied.resumed_bytes, " unread"),
                part("  not copied", missing(disk), ""),
            )?;
            if copied.kept_bytes > 0 {
                writeln!(page, "    audit: {}", audit_words(&copied.audit))?;
            }
            whole.read_bytes += copied.read_bytes;
            whole.stored_bytes += copied.stored_bytes;
        }
        let rate = words::rate(whole.read_bytes, self.took);
        writeln!(
            page,
            "  {} in {}, {rate} read",
            words::bytes(whole.stored_bytes),
            words::duration(self.took)
        )?;
        for point in &self.backed.superseded {
            writeln!(page, "  partial point {point} is complete with it and was forgotten")?;
        }
        match &self.backed.timings {
            Some(timings) => write_timings(page, timings),
            None => Ok(()),
        }
    }

    fn json(&self) -> String {
        let view = PointView::new(&self.backed.point, None);
        let mut value = serde_json::to_value(&view).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
            fields.insert("took_milliseconds".into(), milliseconds.into());
            let superseded: Vec<String> = self.backed.superseded.iter().map(PointId::to_string).collect();
            fields.insert("superseded".into(), superseded.into());
            if let Some(timings) = &self.backed.timings {
                fields.insert("timings".into(), serde_json::to_value(timings).unwrap_or_default());
            }
        }
        value.to_string()
    }

    fn remark(&self) -> Option<&Failure> {
        self.remark.as_ref()
    }
}

fn part(before: &str, bytes: u64, after: &str) -> String {
    if bytes == 0 { String::new() } else { format!("{before} {}{after}", words::bytes(bytes)) }
}

fn missing(disk: &Disk) -> u64 {
    disk.not_copied.iter().map(|range| range.length).sum()
}

fn write_timings(page: &mut Page<'_>, timings: &TimingsTold) -> io::Result<()> {
    let stages: Vec<String> = timings
        .stages
        .iter()
        .map(|time| {
            format!("{} {}", time.stage.word(), words::duration(Duration::from_millis(time.milliseconds)))
        })
        .collect();
    writeln!(page, "  {} (summed over threads)", stages.join(", "))?;
    writeln!(
        page,
        "  bottleneck: {}; its threads were at work for {} % of the time",
        timings.bottleneck.word(),
        timings.busy_percent
    )
}

#[cfg(test)]
mod tests {
    use vhault_core::time::{Instant, Span};
    use vhault_core::units::ByteCount;
    use vhault_core::vault::point::{ByteRange, Consistency, Container, ContainerKind};
    use vhault_core::vault::stream::Stream;

    use super::*;

    fn backed(state: PointState, unreadable: Vec<ByteRange>, not_copied: Vec<ByteRange>) -> BackedUp {
        let stream = |length| Stream { root: None, length: ByteCount::new(length) };
        let disk = Disk {
            label: "system".into(),
            content: stream(1 << 20),
            container: Container {
                kind: ContainerKind::Raw,
                file_name: "system.raw".into(),
                file_bytes: ByteCount::new(1 << 20),
                unique_id: None,
                parent_id: None,
                layout: stream(6),
                literals: Stream::EMPTY,
            },
            sources: Vec::new(),
            base: None,
            unreadable,
            not_copied,
            copied: Copied::default(),
        };
        let point = RecoveryPoint {
            id: PointId::from_bytes([7; 16]),
            vm: "web01".into(),
            host_time: Instant::from_unix_milliseconds(0),
            took: Span::ZERO,
            host: "host".into(),
            consistency: Consistency::Crash,
            state,
            disks: vec![disk],
        };
        BackedUp { point, stopped: None, superseded: Vec::new(), timings: None }
    }

    #[test]
    fn a_whole_point_needs_no_remark() {
        assert!(remark(&backed(PointState::Whole, Vec::new(), Vec::new()), None).is_none());
    }

    #[test]
    fn a_damaged_point_names_its_disk_and_the_first_ranges_and_counts_the_rest() {
        let bad: Vec<ByteRange> =
            (1..=5).map(|place| ByteRange { offset: place * 4096, length: 512 }).collect();
        let told = remark(&backed(PointState::Damaged, bad, Vec::new()), None).expect("it is damaged");
        assert_eq!(told.exit, Exit::Damage);
        let text = told.chain();
        for words in ["system lacks 2560 bytes in 5 ranges", "512 at 4096", "512 at 16384, …"] {
            assert!(text.contains(words), "{words} is missing from {text}");
        }
        assert!(!text.contains("20480"), "{text}");
    }

    #[test]
    fn every_reason_has_its_code_and_a_way_on() {
        let half = vec![ByteRange { offset: 1 << 19, length: 1 << 19 }];
        let partial = backed(PointState::Partial, Vec::new(), half);
        for (why, exit, advice) in [
            (Why::Limit(StopReason::Deadline), Exit::Partial, true),
            (Why::Limit(StopReason::Stalled), Exit::Partial, true),
            (Why::Window(JobId(3)), Exit::Partial, true),
            (Why::Limit(StopReason::Asked), Exit::Stopped, false),
            (Why::Cancelled(JobId(3)), Exit::Stopped, false),
        ] {
            let told = remark(&partial, Some(why)).expect("it is partial");
            assert_eq!((told.exit, told.advice.is_some()), (exit, advice), "{why:?}");
            assert!(told.chain().contains("holds 512 KiB of 1.0 MiB"), "{}", told.chain());
            assert!(told.way_out.is_some());
            // Without anything new there is nothing to resume, so the code does not promise it.
            assert_ne!(nothing_new(why).exit, Exit::Partial);
        }
    }
}
