//! Why a backup made no point.

use std::path::PathBuf;

use vhault_core::copy::watch::StopReason;

use crate::copy::CopyError;
use crate::image::ImageError;
use crate::vault::VaultError;

/// Why a backup made no point.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A source cannot be opened or read.
    #[error(transparent)]
    Source(#[from] ImageError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The copy failed.
    #[error(transparent)]
    Copy(CopyError),
    /// Two disks would have one label.
    #[error("two disks are both called {label:?}: {first} and {second}")]
    SameLabel {
        /// The label.
        label: String,
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A source was written to while it was copied.
    #[error("{path} was written to while it was copied, so what was copied is no moment of the disk")]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// It was stopped before anything was copied.
    #[error("{}", nothing_words(*.reason))]
    Nothing {
        /// Why.
        reason: StopReason,
    },
    /// No disks were named.
    #[error("a backup needs at least one disk")]
    NoDisks,
}

fn nothing_words(reason: StopReason) -> String {
    let why = match reason {
        StopReason::Deadline => "the deadline passed",
        StopReason::DiskDeadline => "the deadline of a disk passed",
        StopReason::Stalled => "no disk gave a byte for as long as the stall limit allows",
        StopReason::Unreadable => "the disks cannot be read",
        StopReason::Asked => "stopped",
    };
    format!("{why} before anything new was copied, so there is no new point")
}

impl From<CopyError> for BackupError {
    fn from(error: CopyError) -> BackupError {
        match error {
            CopyError::Source(source) => BackupError::Source(source),
            CopyError::Vault(source) => BackupError::Vault(source),
            other => BackupError::Copy(other),
        }
    }
}
