//! Recovery points: what a person can restore.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::stream::Stream;
use crate::digest::PointId;
use crate::time::{Instant, Span};
use crate::units::ByteCount;

/// How much the guest knew of the moment its disks were held still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consistency {
    /// As after a power cut.
    Crash,
    /// Its file systems were flushed.
    FileSystem,
    /// Its applications were told.
    Application,
}

/// Whether a point holds all of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointState {
    /// Every disk, every byte.
    Whole,
    /// Stopped early; resumable.
    Partial,
    /// Some ranges of its sources could not be read.
    Damaged,
}

/// What container a disk came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerKind {
    /// Sectors only.
    Raw,
    /// A fixed VHD.
    Fixed,
    /// A dynamic VHD.
    Dynamic,
    /// A differencing VHD; its parents are not part of it.
    Differencing,
}

/// The file a disk came in: everything that is not guest data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its kind.
    pub kind: ContainerKind,
    /// Its file name, without folder.
    pub file_name: String,
    /// Its length.
    pub file_bytes: ByteCount,
    /// The VHD's unique id.
    pub unique_id: Option<[u8; 16]>,
    /// The unique id of the parent a differencing VHD names.
    pub parent_id: Option<[u8; 16]>,
    /// How to put the file together again.
    pub layout: Stream,
    /// The bytes that no sector owns.
    pub literals: Stream,
}

impl Container {
    /// Whether it could be read: an empty layout makes no file.
    pub fn is_there(&self) -> bool {
        self.layout.length > ByteCount::ZERO || self.file_bytes == ByteCount::ZERO
    }
}

/// What identified a source file when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceIdentity {
    /// Its path, as given, for people.
    pub path: String,
    /// Its length.
    pub file_bytes: ByteCount,
    /// Its modification time, nanoseconds since 1970.
    pub modified_nanoseconds: i64,
    /// Its change time, nanoseconds since 1970.
    pub changed_nanoseconds: i64,
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// The VHD's unique id.
    pub unique_id: Option<[u8; 16]>,
}

/// A run of bytes on a disk that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    /// Bytes from the start of the disk.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
}

/// One disk of a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// What the disk is called across points.
    pub label: String,
    /// Its content over virtual sectors; the length is the disk's size.
    pub content: Stream,
    /// The file it came in.
    pub container: Container,
    /// The image and its parents, child first, as they were.
    pub sources: Vec<SourceIdentity>,
    /// The point whose disk of this label was its base.
    pub base: Option<PointId>,
    /// What could not be read; zeroes stand there.
    pub unreadable: Vec<ByteRange>,
    /// What a copy that was stopped left out; zeroes stand there.
    pub not_copied: Vec<ByteRange>,
    /// How it was copied.
    pub copied: Copied,
}

impl Disk {
    /// Whether every byte of it was read.
    pub fn is_complete(&self) -> bool {
        self.unreadable.is_empty() && self.not_copied.is_empty() && self.container.is_there()
    }
}

/// What one disk's copy did, in bytes of guest data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Read from the source.
    pub read_bytes: u64,
    /// Proven zero or unallocated.
    pub zero_bytes: u64,
    /// Taken over from the base without reading.
    pub kept_bytes: u64,
    /// Taken over, without reading, from an earlier copy of the very same source that was stopped.
    pub resumed_bytes: u64,
    /// Called unchanged by a hint, and read all the same to prove it.
    pub audited_bytes: u64,
    /// Read, and found in the vault already.
    pub known_bytes: u64,
    /// New chunks, before compression.
    pub new_bytes: u64,
    /// New chunks and pages, as stored.
    pub stored_bytes: u64,
    /// How far the audit of hints has come with it.
    pub audit: Audit,
}

/// How far a round of audits has come: of eight parts of what hints call unchanged, each copy reads one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Parts that were read in this round; eight after a copy that read everything.
    pub parts_read: u8,
    /// Copies in a row, this one included, that read no part, because the file was the very same.
    pub skipped_runs: u8,
    /// A hint was found to lie, and everything was read: what earlier copies took over by hints may be stale.
    pub hint_lied: bool,
}

/// A published moment of a VM's disks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPoint {
    /// Its id.
    pub id: PointId,
    /// The VM.
    pub vm: String,
    /// When its copy began, by the host's clock: a label, never a reason to delete.
    pub host_time: Instant,
    /// How long its copy took.
    pub took: Span,
    /// The host that made it.
    pub host: String,
    /// What the caller vouches for.
    pub consistency: Consistency,
    /// Whether it is whole.
    pub state: PointState,
    /// Its disks, in the order given.
    pub disks: Vec<Disk>,
}
