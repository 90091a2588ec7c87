//! `vhault diff`: what changed from one disk to another.

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use vhault_core::digest::PointId;
use vhault_core::extent::Extent;
use vhault_core::units::SECTOR_BYTES;
use vhault_core::vault::stream::Stream;
use vhault_core::vhd::Difference;
use vhault_datapath::diff::diff;
use vhault_datapath::disk::Disk;
use vhault_datapath::point_diff::{self, PointDiffError, Side};
use vhault_datapath::vault::{Hold, Vault};

use super::Setting;
use super::images::{self, OpenArgs};
use super::point;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault diff monday.vhd tuesday.avhd
  vhault diff /backup/vault::3f9a/system /backup/vault::latest:web01/system
  vhault diff web01.vhd /backup/vault::latest:web01/0")]
pub(crate) struct DiffArgs {
    /// The disk as it was: an image, or VAULT::POINT/DISK
    before: Operand,

    /// The disk as it is: an image, or VAULT::POINT/DISK
    after: Operand,

    #[command(flatten)]
    open: OpenArgs,

    #[command(flatten)]
    keys: KeyArgs,

    /// Take files that are no VHD as disks without container
    #[arg(long)]
    raw: bool,

    /// Print all extents, not only the first ones
    #[arg(long)]
    all: bool,
}

/// One side of a comparison: an image, or `VAULT::POINT/DISK`.
#[derive(Clone, Debug)]
enum Operand {
    /// An image file.
    Image(PathBuf),
    /// A disk of a point.
    Point { vault: PathBuf, point: String, disk: String },
}

impl From<std::ffi::OsString> for Operand {
    fn from(text: std::ffi::OsString) -> Operand {
        // A file of that very name wins over the form.
        let form = text.to_str().filter(|text| !PathBuf::from(text).exists());
        match form.and_then(|text| text.split_once("::")) {
            Some((vault, rest)) => {
                let (point, disk) = rest.split_once('/').unwrap_or((rest, "0"));
                Operand::Point { vault: vault.into(), point: point.into(), disk: disk.into() }
            }
            None => Operand::Image(text.into()),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Image(path) => write!(f, "{}", path.display()),
            Operand::Point { vault, point, disk } => write!(f, "{}::{point}/{disk}", vault.display()),
        }
    }
}

/// What changed, and how much of it to print.
#[derive(Serialize)]
#[serde(transparent)]
struct Shown {
    difference: Difference,
    #[serde(skip)]
    show_all: bool,
}

/// Compares.
///
/// # Errors
///
/// A [`Failure`] naming the image that cannot be read.
pub(crate) fn run(args: &DiffArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let changes = match (&args.before, &args.after) {
        (Operand::Image(before), Operand::Image(after)) => {
            let before = images::open(before, &args.open, args.raw)?;
            let after = images::open(after, &args.open, args.raw)?;
            diff(&before, &after, &mut |_| ())?
        }
        (before, after) => {
            let before = Opened::open(before, args, setting)?;
            let after = Opened::open(after, args, setting)?;
            let progress = Progress::new(setting);
            let holds = [before.hold(&progress)?, after.hold(&progress)?];
            let mut heard = |_| holds.iter().flatten().for_each(Hold::show_life);
            point_diff::diff(&before.side(), &after.side(), &mut heard).map_err(|error| match error {
                PointDiffError::Image(source) => Failure::from(source),
                PointDiffError::Vault(source) => Failure::from(source),
                other => Failure::new(Exit::Unexpected, other),
            })?
        }
    };
    let difference = Difference { before: args.before.to_string(), after: args.after.to_string(), changes };
    Ok(Box::new(Shown { difference, show_all: args.all }))
}

/// One side, opened.
enum Opened {
    Image(Disk),
    Point { vault: Box<Vault>, point: PointId, content: Stream },
}

impl Opened {
    fn open(operand: &Operand, args: &DiffArgs, setting: Setting) -> Result<Opened, Failure> {
        match operand {
            Operand::Image(path) => Ok(Opened::Image(images::open(path, &args.open, args.raw)?)),
            Operand::Point { vault, point, disk } => {
                let vault = unlock::open(vault, &args.keys, setting)?;
                let kept = point::find(&vault.head().catalogue, point)?.clone();
                let content = point::find_disk(&kept.point, disk)?.content;
                vault.load_table(&mut |_| Ok(()))?;
                Ok(Opened::Point { vault: Box::new(vault), point: kept.point.id, content })
            }
        }
    }

    fn side(&self) -> Side<'_> {
        match self {
            Opened::Image(disk) => Side::Image(disk),
            Opened::Point { vault, content, .. } => Side::Point(vault, *content),
        }
    }

    /// Holds the point while it is read.
    fn hold<'a>(&'a self, progress: &'a Progress) -> Result<Option<Hold<'a>>, Failure> {
        match self {
            Opened::Image(_) => Ok(None),
            Opened::Point { vault, point, .. } => {
                Ok(Some(Hold::on(vault, &[*point], "comparison", unlock::now(), progress)?))
            }
        }
    }
}

/// How many extents are printed unless all are asked for.
const EXTENTS_SHOWN: usize = 20;

impl Report for Shown {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let Difference { before, after, changes } = &self.difference;
        writeln!(page, "{before} {} {after}", page.tone(Tone::Quiet, "→"))?;
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
        if proofs.manifest_bytes > 0 {
            line(
                page,
                "",
                format!(
                    "{} because both manifests name the same pages or chunks",
                    words::bytes(proofs.manifest_bytes)
                ),
            )?;
        }
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

impl Shown {
    fn extents_text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let extents = self.difference.changes.extents.extents();
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
