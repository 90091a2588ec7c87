//! What changed between two disks on this machine.
//!
//! Two sources are one file when they have the same device and inode, and the
//! same length and time of writing: then whatever both disks take from it is
//! equal without reading.

use vhault_core::vhd::{Changes, CompareError, Comparison, Side};

use crate::disk::Disk;
use crate::image::{FileError, ImageError, ImageFile};

/// Compares two disks; `heard` is told how many bytes are done, now and then.
///
/// # Errors
///
/// [`ImageError::Read`] with the file that failed.
pub fn diff(before: &Disk, after: &Disk, heard: &mut dyn FnMut(u64)) -> Result<Changes, ImageError> {
    let is_same = |left: &ImageFile, right: &ImageFile| left.identity() == right.identity();
    Comparison::new(before.chain(), after.chain(), &is_same)
        .run(heard)
        .map_err(|error| explain(before, after, error))
}

fn explain(before: &Disk, after: &Disk, error: CompareError<FileError>) -> ImageError {
    match error.side {
        Side::Before => before.explain(error.source),
        Side::After => after.explain(error.source),
    }
}
