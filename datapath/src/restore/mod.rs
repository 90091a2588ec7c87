//! A restore: the river upstream, from a point's disk to a new image.
//!
//! | room | what it does |
//! | --- | --- |
//! | `disk` | the disk's bytes into a fixed, dynamic or raw image, by many threads |
//! | `exact` | the very file that was backed up, span by span, by many threads |
//! | `losses` | what could not be brought back |

mod disk;
mod exact;
mod losses;

use std::path::PathBuf;

use vhault_core::time::Instant;
use vhault_core::vault::error::FormatError;
use vhault_core::vault::point::{ByteRange, Disk};
use vhault_core::vhd::LayoutError;

use crate::monitor::Monitor;
use crate::sink::SinkError;
use crate::vault::{Vault, VaultError};

/// What kind of file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreFormat {
    /// A fixed VHD.
    Fixed,
    /// A dynamic VHD.
    Dynamic,
    /// The disk's bytes and nothing else.
    Raw,
    /// The very file that was backed up.
    Exact,
}

/// Where and how to restore a disk.
#[derive(Clone, Debug)]
pub struct RestoreRequest {
    /// The new file.
    pub target: PathBuf,
    /// What kind of file.
    pub format: RestoreFormat,
    /// Follow Azure's rule for uploads.
    pub azure: bool,
    /// The target may be there already.
    pub replace: bool,
    /// Go on past damage; zeroes stand in the holes.
    pub allow_holes: bool,
    /// Threads that read and decode.
    pub threads: usize,
}

/// A restored disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Length of the new file.
    pub file_bytes: u64,
    /// Size of the disk.
    pub disk_bytes: u64,
    /// Bytes of data written.
    pub data_bytes: u64,
    /// What could not be brought back, in bytes of the disk (of the file, for an exact restore).
    pub holes: Vec<ByteRange>,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The new file cannot be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The disk does not fit the format.
    #[error("the disk cannot be written like that")]
    Layout(#[from] LayoutError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What the file had besides guest data was never read.
    #[error("the point has only the disk of this file: the rest of the file was not read when it was made")]
    NoContainer,
    /// The stored layout of the file makes no sense.
    #[error("the stored layout of the file is damaged")]
    Container(#[source] FormatError),
    /// Parts are damaged or missing; the new file was not made.
    #[error("{} in {} ranges cannot be brought back, the first at byte {}", bytes_word(.holes), .holes.len(), .holes.first().map_or(0, |hole| hole.offset))]
    Holes {
        /// All of them, in bytes of the disk.
        holes: Vec<ByteRange>,
        /// What is wrong with the first that is damaged; none where the point never had them.
        #[source]
        first: Option<Box<VaultError>>,
    },
}

fn bytes_word(holes: &[ByteRange]) -> String {
    format!("{} bytes", holes.iter().map(|hole| hole.length).sum::<u64>())
}

/// Restores one disk of a point into a new file, which appears only when it is whole and durable.
///
/// # Errors
///
/// [`RestoreError`]; no file is left then.
pub fn restore(
    vault: &Vault,
    disk: &Disk,
    made: Instant,
    request: &RestoreRequest,
    monitor: &dyn Monitor,
) -> Result<Restored, RestoreError> {
    match request.format {
        RestoreFormat::Exact => exact::restore(vault, disk, request, monitor),
        _ => disk::restore(vault, disk, made, request, monitor),
    }
}
