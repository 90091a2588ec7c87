//! `vhault diff`: what changed from one disk to another.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use vhault_core::extent::Extent;
use vhault_core::units::SECTOR_BYTES;
use vhault_core::vhd::Changes;
use vhault_datapath::diff::diff;

use super::images::{self, OpenArgs};
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault diff`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault diff monday.vhd tuesday.avhd")]
pub(crate) struct DiffArgs {
    /// The disk as it was
    before: Operand,

    /// The disk as it is
    after: Operand,

    #[command(flatten)]
    open: OpenArgs,

    /// Take files that are no VHD as disks without container
    #[arg(long)]
    raw: bool,

    /// Print all extents, not only the first ones
    #[arg(long)]
    all: bool,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
enum Operand {
    /// An image file.
    Image(PathBuf),
}

impl From<std::ffi::OsString> for Operand {
    fn from(text: std::ffi::OsString) -> Operand {
        Operand::Image(text.into())
    }
}

/// What changed, and between which files.
#[derive(Serialize)]
struct Difference {
    before: String,
    after: String,
    #[serde(flatten)]
    changes: Changes,
    #[serde(skip)]
    show_all: bool,
}

/// Compares.
///
/// # Errors
///
/// A [`Failure`] naming the image that cannot be read.
pub(crate) fn run(args: &DiffArgs) -> Result<Box<dyn Report>, Failure> {
    let Operand::Image(before) = &args.before;
    let Operand::Image(after) = &args.after;
    let left = images::open(before, &args.open, args.raw)?;
    let right = images::open(after, &args.open, args.raw)?;
    let changes = diff(&left, &right, &mut |_| ())?;
    Ok(Box::new(Difference {
        before: before.display().to_string(),
        after: after.display().to_string(),
        changes,
        show_all: args.all,
    }))
}

/// How many extents are printed unless all are asked for.
const EXTENTS_SHOWN: usize = 20;

impl Report for Difference {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let changes = &self.changes;
        writeln!(page, "{} {} {}", self.before, page.tone(Tone::Quiet, "→"), self.after)?;
        let whole = changes.before_bytes.max(changes.after_bytes).get();
        let changed = changes.changed_sectors * SECTOR_BYTES;
        let extents = changes.extents.extents();
        let summary = if extents.is_empty() {
            page.tone(Tone::Good, "nothing")
        } else {
            format!(
                "{} in {} ({}), {} of the disk",
                words::bytes(changed),
                words::count(extents.len() as u64, "extent"),
                words::count(changes.changed_sectors, "sector"),
                words::percent(changed, whole)
            )
        };
        line(page, "changed", summary)?;
        if changes.before_bytes != changes.after_bytes {
            let (before, after) = (changes.before_bytes.get(), changes.after_bytes.get());
            line(page, "size", format!("{} → {}", words::bytes(before), words::bytes(after)))?;
        }
        let proofs = changes.proofs;
        line(
            page,
            "proven equal",
            format!("{} because both read the same bytes of one file", words::bytes(proofs.shared_bytes)),
        )?;
        line(
            page,
            "",
            format!("{} because neither holds anything there", words::bytes(proofs.unallocated_bytes)),
        )?;
        line(
            page,
            "compared",
            format!(
                "{} byte by byte, {} read",
                words::bytes(proofs.compared_bytes),
                words::bytes(changes.data_bytes_read)
            ),
        )?;
        self.extents_text(page)
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("a difference has only names and numbers")
    }
}

impl Difference {
    fn extents_text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let extents = self.changes.extents.extents();
        if extents.is_empty() {
            return Ok(());
        }
        let shown = if self.show_all { extents.len() } else { extents.len().min(EXTENTS_SHOWN) };
        writeln!(page)?;
        writeln!(
            page,
            "  {}",
            page.tone(Tone::Quiet, format!("{:>14}  {:>12}  {:>10}", "from sector", "sectors", "size"))
        )?;
        for Extent { start, count } in &extents[..shown] {
            let size = words::bytes(count.get().saturating_mul(SECTOR_BYTES));
            writeln!(
                page,
                "  {:>14}  {:>12}  {size:>10}",
                words::grouped(start.get()),
                words::grouped(count.get())
            )?;
        }
        if shown < extents.len() {
            let rest = words::count((extents.len() - shown) as u64, "more extent");
            writeln!(
                page,
                "  {}",
                page.tone(Tone::Quiet, format!("and {rest}; --all shows them, --json too"))
            )?;
        }
        Ok(())
    }
}

fn line(page: &mut Page<'_>, name: &str, value: String) -> io::Result<()> {
    writeln!(page, "  {name:<12}  {value}")
}
