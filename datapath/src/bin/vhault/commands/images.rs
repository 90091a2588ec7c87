//! What the image commands share: how images are named, and what it means
//! when one cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use vhault_core::vhd::{Foreign, Leniency, VhdError};
use vhault_datapath::backup::Source;
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::image::ImageError;

use crate::exit::Exit;
use crate::failure::Failure;

/// Bytes of a VM's name.
const VM_NAME_BYTES_MAX: usize = 256;
/// Bytes of a disk's label.
const LABEL_BYTES_MAX: usize = 128;

/// How images are to be opened.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// A file that may be a parent; may be given several times
    #[arg(long = "parent", value_name = "FILE")]
    pub(crate) parents: Vec<PathBuf>,

    /// Read images whose checksums are wrong, and say so
    #[arg(long)]
    pub(crate) accept_checksums: bool,
}

impl OpenArgs {
    /// The same for the library.
    pub(crate) fn options(&self, raw: bool) -> OpenOptions {
        let leniency = if self.accept_checksums { Leniency::AcceptChecksums } else { Leniency::Strict };
        OpenOptions { parents: self.parents.clone(), raw, leniency, medium: None }
    }
}

/// The disks of a VM, as `backup` and `estimate` take them.
#[derive(Debug, Args)]
pub(crate) struct DiskArgs {
    /// The VM that the disks belong to
    #[arg(long, value_name = "NAME", value_parser = vm_name)]
    pub(crate) vm: String,

    /// The disks: [LABEL=]IMAGE, each a VHD (fixed, dynamic, differencing), or raw with --raw
    #[arg(required = true, value_name = "[LABEL=]IMAGE", value_parser = source)]
    pub(crate) images: Vec<Source>,

    #[command(flatten)]
    pub(crate) open: OpenArgs,

    /// The images are disks without container
    #[arg(long)]
    pub(crate) raw: bool,
}

fn vm_name(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.len() > VM_NAME_BYTES_MAX {
        return Err(format!("the name of a VM has 1 to {VM_NAME_BYTES_MAX} bytes"));
    }
    Ok(text.into())
}

/// An image as it is typed: its file, after a label where it has one.
pub(crate) fn source(text: &str) -> Result<Source, String> {
    // A file of that very name wins over a label.
    let labelled = text.split_once('=').filter(|_| !Path::new(text).exists());
    let Some((label, path)) = labelled.filter(|(label, _)| !label.contains('/')) else {
        return Ok(Source { label: None, path: text.into() });
    };
    if label.is_empty() || label.len() > LABEL_BYTES_MAX || path.is_empty() {
        return Err(format!("write LABEL=IMAGE with a label of 1 to {LABEL_BYTES_MAX} bytes"));
    }
    Ok(Source { label: Some(label.into()), path: path.into() })
}

/// Opens a disk that may be without container when `raw_allowed`: then a file
/// that shows no sign of a VHD is taken as it is.
///
/// # Errors
///
/// A [`Failure`] as [`From<ImageError>`] makes it.
pub(crate) fn open(path: &Path, args: &OpenArgs, raw_allowed: bool) -> Result<Disk, Failure> {
    match Disk::open(path, &args.options(false)) {
        Err(ImageError::Format { source, .. }) if raw_allowed && may_be_raw(&source) => {
            Ok(Disk::open(path, &args.options(true))?)
        }
        outcome => Ok(outcome?),
    }
}

fn may_be_raw(error: &VhdError) -> bool {
    matches!(
        error,
        VhdError::NoFooter { .. }
            | VhdError::TooShort { .. }
            | VhdError::Foreign { found: Foreign::RawDisk | Foreign::Text }
    )
}

impl From<ImageError> for Failure {
    fn from(error: ImageError) -> Failure {
        Failure::new(exit_of(&error), error)
    }
}

fn exit_of(error: &ImageError) -> Exit {
    match error {
        ImageError::Open { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Usage,
        ImageError::Open { .. } | ImageError::Read { .. } => Exit::Unexpected,
        // It is a VHD, and not a whole one.
        ImageError::Format { source, .. } if !is_no_vhd(source) => Exit::Damage,
        _ => Exit::Usage,
    }
}

fn is_no_vhd(error: &VhdError) -> bool {
    matches!(
        error,
        VhdError::Empty
            | VhdError::TooShort { .. }
            | VhdError::Foreign { .. }
            | VhdError::NoFooter { .. }
            | VhdError::Version { .. }
            | VhdError::DiskType { .. }
    )
}
