//! What the image commands share: how images are named, and what it means
//! when one cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use vhault_core::vhd::{Foreign, Leniency, VhdError};
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::image::ImageError;

use crate::exit::Exit;
use crate::failure::Failure;

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
