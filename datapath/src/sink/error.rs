//! Why an image could not be written.

use std::io;
use std::path::PathBuf;

use vhault_core::units::{ByteCount, FileOffset};

/// What went wrong while writing an image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The target is there already.
    #[error("{path} exists already and is not replaced unless told to")]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// The target has no file name.
    #[error("{path} is not the name of a file")]
    NoName {
        /// The target.
        path: PathBuf,
    },
    /// The temporary file cannot be made.
    #[error("cannot create {path}")]
    Create {
        /// The temporary file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A write failed.
    #[error("cannot write {length} bytes of {path} at byte {offset}")]
    Write {
        /// The temporary file.
        path: PathBuf,
        /// Where.
        offset: FileOffset,
        /// How much.
        length: ByteCount,
        /// Why.
        source: io::Error,
    },
    /// Data for a block that the layout does not store.
    #[error("data at byte {disk_offset} of the disk belongs to a block that the new image does not store")]
    NotStored {
        /// Where on the disk.
        disk_offset: u64,
    },
    /// Data past the end of the disk.
    #[error("data at byte {disk_offset} lies past the end of the disk, which has {size} bytes")]
    PastEnd {
        /// Where on the disk.
        disk_offset: u64,
        /// Size of the disk.
        size: ByteCount,
    },
    /// The whole file cannot be made durable or be given its name.
    #[error("cannot finish {path}")]
    Finish {
        /// The target.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
