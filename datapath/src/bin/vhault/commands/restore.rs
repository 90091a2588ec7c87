//! `vhault restore`: a disk of a point as a new file.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use vhault_core::vault::point::ContainerKind;
use vhault_datapath::restore::{RestoreError, RestoreFormat, RestoreRequest, Restored, restore};
use vhault_datapath::sink::SinkError;
use vhault_datapath::vault::Hold;

use super::Setting;
use super::backup::processors;
use super::point;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault restore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault restore /backup/vault latest:web01 --disk system --format dynamic --out system.vhd
  vhault restore /backup/vault 3f9a --disk 0 --format raw --out disk0.img

`exact` gives back the named file only, byte for byte, stale and unowned bytes included. A differencing
file's parents come from their own points.

The point is held by a record while it is restored, so that no purge and no sweep takes what it needs. A vault
that cannot be written to is restored from all the same, and says so. What a restore that was killed holds,
`vhault sweep --fence-after` lets go.

A disk of a partial or damaged point has holes where nothing was copied or nothing could be read: it is
restored with --allow-holes, its holes are listed, and the exit code is 3.")]
pub(crate) struct RestoreArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The point: an id, a unique prefix of one, latest, or latest:VM
    point: String,

    /// The disk: its place from 0, or its label
    #[arg(long, value_name = "N|LABEL", default_value = "0")]
    disk: String,

    /// What kind of file to write
    #[arg(long, value_enum)]
    format: FormatArg,

    /// The new file; it appears only when it is whole
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,

    /// Follow the platform's rule for uploads: fixed, whole MiB
    #[arg(long)]
    azure: bool,

    /// Restore what can be restored, with zeroes in the holes; they are listed, and the exit code is 3
    #[arg(long)]
    allow_holes: bool,

    /// Threads that read and decode (default: one for each processor)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    #[command(flatten)]
    keys: KeyArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// A fixed VHD
    Fixed,
    /// A dynamic VHD
    Dynamic,
    /// The disk's bytes and nothing else
    Raw,
    /// The very file that was backed up
    Exact,
}

struct Done {
    out: PathBuf,
    label: String,
    point: String,
    needs_parent: Option<String>,
    /// No purge could take the point meanwhile.
    is_held: bool,
    restored: Restored,
    took: Duration,
}

/// Restores.
///
/// # Errors
///
/// A [`Failure`]; no file is left then.
pub(crate) fn run(args: &RestoreArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let begun = Instant::now();
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let kept = point::find(&vault.head().catalogue, &args.point)?.clone();
    let disk = point::find_disk(&kept.point, &args.disk)?;
    if args.azure && args.format != FormatArg::Fixed {
        return Err(
            Failure::new(Exit::Usage, "an upload must be a fixed VHD").with_way_out("--format fixed --azure")
        );
    }
    vault.load_table(&mut |_| Ok(()))?;
    let request = RestoreRequest {
        target: args.out.clone(),
        format: match args.format {
            FormatArg::Fixed => RestoreFormat::Fixed,
            FormatArg::Dynamic => RestoreFormat::Dynamic,
            FormatArg::Raw => RestoreFormat::Raw,
            FormatArg::Exact => RestoreFormat::Exact,
        },
        azure: args.azure,
        replace: args.force,
        allow_holes: args.allow_holes,
        threads: args.threads.unwrap_or_else(processors).clamp(1, 256),
    };
    let progress = Progress::new(setting);
    let purpose = format!("restore of {}", kept.point.vm);
    let hold = Hold::on(&vault, &[kept.point.id], &purpose, unlock::now(), &progress)?;
    let is_held = hold.is_held();
    let restored = restore(&vault, disk, kept.point.host_time, &request, &hold)?;
    drop(hold);
    let is_child = args.format == FormatArg::Exact && disk.container.kind == ContainerKind::Differencing;
    let parent = || disk.sources.get(1).map_or("its parent".into(), |source| source.path.clone());
    Ok(Box::new(Done {
        out: args.out.clone(),
        label: disk.label.clone(),
        point: kept.point.id.to_string(),
        needs_parent: is_child.then(parent),
        is_held,
        restored,
        took: begun.elapsed(),
    }))
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Failure {
        match error {
            RestoreError::Vault(source) => Failure::from(source),
            RestoreError::Sink(SinkError::Exists { .. }) => Failure::new(Exit::Refused, error)
                .with_way_out("another --out, or --force to replace it"),
            RestoreError::Sink(SinkError::NoName { .. }) | RestoreError::Layout(_) => Failure::new(Exit::Usage, error),
            RestoreError::Holes { .. } => Failure::new(Exit::Damage, error).with_way_out(
                "--allow-holes restores the rest; `vhault verify --level images` says what other points are affected",
            ),
            RestoreError::Container(_) | RestoreError::NoContainer => Failure::new(Exit::Damage, error)
                .with_way_out("another --format needs only the disk's content"),
            other => Failure::new(Exit::Unexpected, other),
        }
    }
}

impl Report for Done {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let label = match self.restored.holes.len() {
            0 => page.tone(Tone::Good, "restored"),
            _ => page.tone(Tone::Bad, "restored with holes"),
        };
        writeln!(
            page,
            "{label} {} to {}: {} disk, {} of data, {} file, in {}",
            self.label,
            self.out.display(),
            words::bytes(self.restored.disk_bytes),
            words::bytes(self.restored.data_bytes),
            words::bytes(self.restored.file_bytes),
            words::duration(self.took)
        )?;
        for hole in &self.restored.holes {
            writeln!(page, "  hole: {} bytes from byte {}", hole.length, hole.offset)?;
        }
        if let Some(parent) = &self.needs_parent {
            writeln!(page, "  it is a differencing image: it needs {parent}, which its own points hold")?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        serde_json::json!({
            "point": self.point,
            "disk": self.label,
            "out": self.out,
            "file_bytes": self.restored.file_bytes,
            "disk_bytes": self.restored.disk_bytes,
            "data_bytes": self.restored.data_bytes,
            "holes": self.restored.holes,
            "needs_parent": self.needs_parent,
            "held": self.is_held,
            "took_milliseconds": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        })
        .to_string()
    }

    fn exit(&self) -> Exit {
        if self.restored.holes.is_empty() { Exit::Done } else { Exit::Damage }
    }
}
