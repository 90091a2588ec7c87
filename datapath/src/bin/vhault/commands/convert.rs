//! `vhault convert`: the same disk in another container.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vhault_core::vhd::Leniency;
use vhault_datapath::convert::{ConvertError, ConvertOptions, Converted, Format, convert};
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::sink::SinkError;

use super::Setting;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault convert`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault convert web01.vhd --format fixed --azure --out web01-upload.vhd
  vhault convert tuesday.vhd --format differencing --parent monday.vhd --out tuesday.avhd")]
pub(crate) struct ConvertArgs {
    /// The image to convert
    image: PathBuf,

    /// What the new file is to be
    #[arg(long, value_enum)]
    format: FormatArg,

    /// The new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// The parent of a new differencing image; for the other formats, a file
    /// that may be a parent of the image
    #[arg(long = "parent", value_name = "FILE")]
    parents: Vec<PathBuf>,

    /// Follow Azure's rule for uploads: fixed, whole MiB, 20 MiB at least
    #[arg(long)]
    azure: bool,

    /// Replace the new file when it exists already
    #[arg(long)]
    force: bool,

    /// Take the image as a disk without container
    #[arg(long)]
    raw: bool,

    /// Read images whose checksums are wrong
    #[arg(long)]
    accept_checksums: bool,
}

/// The formats, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    Fixed,
    Dynamic,
    Raw,
    Differencing,
}

/// Converts.
///
/// # Errors
///
/// A [`Failure`] with the file, the limit and the way out.
pub(crate) fn run(args: &ConvertArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let leniency = if args.accept_checksums { Leniency::AcceptChecksums } else { Leniency::Strict };
    let options = OpenOptions { parents: args.parents.clone(), raw: args.raw, leniency, medium: None };
    let format = match args.format {
        FormatArg::Fixed => Format::Fixed,
        FormatArg::Dynamic => Format::Dynamic,
        FormatArg::Raw => Format::Raw,
        FormatArg::Differencing => Format::Differencing,
    };
    let source = Disk::open(&args.image, &options)?;
    let parent = match (format, args.parents.as_slice()) {
        (Format::Differencing, []) => {
            return Err(Failure::new(Exit::Usage, "a differencing image needs a parent")
                .with_way_out("name it with --parent FILE"));
        }
        // The first one is the parent; the others may be its own parents.
        (Format::Differencing, [parent, others @ ..]) => {
            let options = OpenOptions { parents: others.to_vec(), raw: false, leniency, medium: None };
            Some(Disk::open(parent, &options)?)
        }
        _ => None,
    };
    let options = ConvertOptions { format, parent: parent.as_ref(), azure: args.azure, replace: args.force };
    Ok(Box::new(convert(&source, &args.out, &options, &Progress::new(setting))?))
}

impl From<ConvertError> for Failure {
    fn from(error: ConvertError) -> Failure {
        match error {
            ConvertError::Image(error) => error.into(),
            ConvertError::Sink(error @ SinkError::Exists { .. }) => Failure::new(Exit::Refused, error)
                .with_way_out("choose another --out, or replace it with --force"),
            ConvertError::Sink(error @ SinkError::NoName { .. }) => Failure::new(Exit::Usage, error),
            ConvertError::Sink(_) | ConvertError::SourceChanged { .. } | ConvertError::Random(_) => {
                Failure::new(Exit::Unexpected, error)
            }
            _ => Failure::new(Exit::Refused, error),
        }
    }
}

impl Report for Converted {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let done = page.tone(Tone::Good, "written");
        writeln!(page, "{done}  {}", self.path.display())?;
        writeln!(
            page,
            "         disk of {}, {} of it stored; the file has {}",
            words::bytes(self.disk_bytes),
            words::bytes(self.stored_bytes),
            words::bytes(self.file_bytes)
        )
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("what was written has only names and numbers")
    }
}
