//! Packs and table fragments as the catalogue sees them.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::digest::{ChunkId, PageId, SessionId};
use crate::vault::blob::{BlobId, BlobKind};
use crate::vault::record::{DamagedCopies, FragmentEntry, PackEntry};

/// What may be done with a file that the log names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileStanding {
    /// Its session has not committed: nobody else may use it.
    Uploaded,
    /// It must exist.
    Live,
    /// A record condemned it; it may be missing.
    Condemned,
}

/// Order of receipt: the number of the record that brought a file, and its place in it.
pub type Received = (u64, u32);

/// A pack the log knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPack {
    /// Length, contents and blob count, as reported; zero for an orphan that was condemned by its name alone.
    pub entry: PackEntry,
    /// The session that uploaded it, or adopted it since.
    pub session: SessionId,
    /// When the log first named it.
    pub received: Received,
    /// What may be done with it.
    pub standing: FileStanding,
}

/// A table fragment the log knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFragment {
    /// Length and entry count, as reported; zero for an orphan that was condemned by its name alone.
    pub entry: FragmentEntry,
    /// The session that uploaded it.
    pub session: SessionId,
    /// When the log first named it: of two copies of a blob, that of the newer fragment counts.
    pub received: Received,
    /// What may be done with it.
    pub standing: FileStanding,
}

/// Blobs of one pack whose copy there is damaged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedBlobs {
    /// Chunks.
    pub chunks: BTreeSet<ChunkId>,
    /// Manifest pages.
    pub pages: BTreeSet<PageId>,
}

impl DamagedBlobs {
    /// Whether the copy of `id` is one of them.
    pub fn contains(&self, id: &BlobId) -> bool {
        match id.kind {
            BlobKind::Chunk => self.chunks.contains(&ChunkId::from_bytes(*id.as_bytes())),
            BlobKind::Page => self.pages.contains(&PageId::from_bytes(*id.as_bytes())),
        }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.chunks.len() + self.pages.len()
    }

    /// Adds the copy of `id`.
    pub fn insert(&mut self, id: &BlobId) {
        match id.kind {
            BlobKind::Chunk => self.chunks.insert(ChunkId::from_bytes(*id.as_bytes())),
            BlobKind::Page => self.pages.insert(PageId::from_bytes(*id.as_bytes())),
        };
    }

    pub(super) fn extend(&mut self, copies: &DamagedCopies) {
        self.chunks.extend(&copies.chunks);
        self.pages.extend(&copies.pages);
    }
}
