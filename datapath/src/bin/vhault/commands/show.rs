//! `vhault show`: one recovery point, whole.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use vhault_core::catalogue::KeptPoint;
use vhault_core::vault::point::ByteRange;

use super::Setting;
use super::point::{self, PointView, audit_words, kind_word, rfc3339};
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault show`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault show /backup/vault latest:web01")]
pub(crate) struct ShowArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The point: an id, a unique prefix of one, latest, or latest:VM
    point: String,

    #[command(flatten)]
    keys: KeyArgs,
}

struct Shown {
    kept: KeptPoint,
}

/// Shows.
///
/// # Errors
///
/// A [`Failure`] saying why there is nothing to show.
pub(crate) fn run(args: &ShowArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let head = vault.head();
    let kept = point::find(&head.catalogue, &args.point)?.clone();
    Ok(Box::new(Shown { kept }))
}

impl Report for Shown {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let point = &self.kept.point;
        let title = page.tone(Tone::Strong, format!("recovery point {}", point.id));
        writeln!(page, "{title}")?;
        writeln!(page, "  vm           {}", point.vm)?;
        writeln!(page, "  time         {} by the clock of {}", rfc3339(point.host_time), point.host)?;
        writeln!(page, "  state        {:?}", point.state)?;
        writeln!(page, "  consistency  {}", consistency_words(point.consistency))?;
        writeln!(page, "  record       {}", self.kept.record)?;
        for (place, disk) in point.disks.iter().enumerate() {
            let head = page.tone(Tone::Strong, format!("disk {place}: {}", disk.label));
            writeln!(page, "\n{head}")?;
            let container = &disk.container;
            writeln!(page, "  size         {}", words::bytes(disk.content.length.get()))?;
            writeln!(
                page,
                "  came as      {} ({}, {})",
                container.file_name,
                kind_word(container.kind),
                words::bytes(container.file_bytes.get())
            )?;
            let root = disk.content.root.map_or_else(|| "all zeroes".to_string(), |root| root.to_string());
            writeln!(page, "  root         {root}")?;
            if let Some(base) = disk.base {
                writeln!(page, "  base         {base}")?;
            }
            let copied = &disk.copied;
            let part =
                |what: &str, bytes: u64| (bytes > 0).then(|| format!("{} {what}", words::bytes(bytes)));
            let parts: Vec<String> = [
                part("read", copied.read_bytes),
                part("zero or unallocated", copied.zero_bytes),
                part("kept unread", copied.kept_bytes),
                part("resumed unread", copied.resumed_bytes),
                part("of them audited", copied.audited_bytes),
                part("known already", copied.known_bytes),
                part("new", copied.new_bytes),
                part("stored", copied.stored_bytes),
            ]
            .into_iter()
            .flatten()
            .collect();
            writeln!(page, "  copied       {}", parts.join(", "))?;
            writeln!(page, "  audit        {}", audit_words(&copied.audit))?;
            write_ranges(page, "unreadable  ", &disk.unreadable)?;
            write_ranges(page, "not copied  ", &disk.not_copied)?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        serde_json::to_string(&PointView::kept(&self.kept)).unwrap_or_default()
    }
}

/// So many ranges are listed; `--json` has all.
const RANGES_SHOWN: usize = 8;

fn write_ranges(page: &mut Page<'_>, what: &str, ranges: &[ByteRange]) -> io::Result<()> {
    for range in ranges.iter().take(RANGES_SHOWN) {
        writeln!(page, "  {what} {} bytes from byte {}", range.length, range.offset)?;
    }
    match ranges.len().checked_sub(RANGES_SHOWN + 1) {
        Some(more) => writeln!(page, "  {what} {} more ranges", more + 1),
        None => Ok(()),
    }
}

fn consistency_words(consistency: vhault_core::vault::point::Consistency) -> &'static str {
    use vhault_core::vault::point::Consistency;
    match consistency {
        Consistency::Crash => "crash: as after a power cut",
        Consistency::FileSystem => "file system: flushed and frozen",
        Consistency::Application => "application: told to be ready",
    }
}
