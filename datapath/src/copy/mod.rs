//! The copy of some disks: what is asked, how it is shared out, what a worker
//! does.
//!
//! | room | what it does |
//! | --- | --- |
//! | here | what is asked, what comes of it, why it may fail |
//! | `job` | one disk in hand: its leaves, its base, the queue of all stripes |
//! | `worker` | one thread's work: read, identify, seal, finish leaves |
//! | `stream_writer` | streams whose bytes come in order: a container's two |
//!
//! `pipeline.rs` runs it; nothing here starts a thread.

mod job;
mod stream_writer;
mod worker;

pub(crate) use job::{Job, Queue};
pub(crate) use worker::Worker;

use vhault_core::extent::ExtentSet;
use vhault_core::vault::point::Copied;
use vhault_core::vault::stream::Stream;

use crate::chunk_writer::CompareError;
use crate::codec::Effort;
use crate::disk::Disk;
use crate::image::ImageError;
use crate::vault::VaultError;

/// How to copy.
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions {
    /// Threads that read, hash and compress.
    pub threads: usize,
    /// How hard to compress.
    pub effort: Effort,
    /// Decode and compare every blob before it is sealed.
    pub compare: bool,
}

/// A disk to copy.
pub struct DiskPlan<'a> {
    /// The source.
    pub disk: &'a Disk,
    /// The content of the point it is compared with.
    pub base: Option<Stream>,
    /// What may differ from the base; `None` is everything.
    pub hint: Option<Hint>,
}

/// What a source's own tables say of its difference from the base. It can lie, so a part of what it calls unchanged
/// is read all the same.
pub struct Hint {
    /// Sectors that may differ.
    pub changed: ExtentSet,
    /// Which of the [`AUDIT_RUNS`] parts is read this time.
    pub audit_part: u64,
}

/// In so many runs, everything that hints called unchanged is read once.
pub const AUDIT_RUNS: u64 = 8;

/// A disk, copied.
#[derive(Clone, Copy, Debug)]
pub struct CopiedDisk {
    /// Its content.
    pub content: Stream,
    /// The layout of its container.
    pub layout: Stream,
    /// The literals of its container.
    pub literals: Stream,
    /// What it took.
    pub copied: Copied,
}

/// Why a copy ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// A source failed.
    #[error(transparent)]
    Source(#[from] ImageError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// This machine cannot be trusted.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A hint called something unchanged that is not. Nothing of this copy was published.
    #[error("chunk {chunk} of a disk differs from its base, though the image's own tables call it unchanged")]
    HintLied {
        /// Which plan.
        plan: usize,
        /// Which chunk of its grid.
        chunk: u64,
    },
    /// The caller asked for it.
    #[error("stopped")]
    Stopped,
}
