//! Why bytes are not a VHD we can read, and what to do about it.

use crate::units::{BlockIndex, ByteCount, FileOffset, FileSector};

use super::foreign::Foreign;

/// Why bytes are not a VHD we can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VhdError {
    /// A file of no bytes.
    #[error("the file is empty; a VHD has at least a footer of 512 bytes")]
    Empty,

    /// Too short for a footer.
    #[error("the file has {size} bytes; a VHD has at least a footer of 511 or 512")]
    TooShort {
        /// Bytes in the file.
        size: ByteCount,
    },

    /// Another format, by its own signature.
    #[error("it is {found}, not a VHD; {}", found.advice())]
    Foreign {
        /// What it is.
        found: Foreign,
    },

    /// No footer where one could be.
    #[error(
        "no VHD footer in the last 512 bytes (at byte {at}), in the last 511, or at the start; the file may be cut short, or a \
         raw disk: say so with --raw"
    )]
    NoFooter {
        /// Where the last sector begins.
        at: FileOffset,
    },

    /// A footer whose checksum does not hold, and no other copy that does.
    #[error(
        "the footer at byte {at} says its checksum is {stored:#010x}, its bytes give {computed:#010x}, and no \
         other copy holds; to read it as it is, accept wrong checksums (--accept-checksums)"
    )]
    FooterChecksum {
        /// Where the footer lies.
        at: FileOffset,
        /// The stored checksum.
        stored: u32,
        /// The checksum of its bytes.
        computed: u32,
    },

    /// A dynamic header whose checksum does not hold.
    #[error(
        "the dynamic header at byte {at} says its checksum is {stored:#010x}, its bytes give {computed:#010x}; \
         to read it as it is, accept wrong checksums (--accept-checksums)"
    )]
    HeaderChecksum {
        /// Where the header lies.
        at: FileOffset,
        /// The stored checksum.
        stored: u32,
        /// The checksum of its bytes.
        computed: u32,
    },

    /// A format version we do not know.
    #[error("{part} has format version {}.{}; this program reads 1.x", version >> 16, version & 0xffff)]
    Version {
        /// The footer or the dynamic header.
        part: &'static str,
        /// The stored version, major in the upper half.
        version: u32,
    },

    /// A disk type that is none of the three.
    #[error("the footer says disk type {found}; it is 2 (fixed), 3 (dynamic) or 4 (differencing) in a disk")]
    DiskType {
        /// The stored number.
        found: u32,
    },

    /// A fixed image with fewer bytes than its disk has.
    #[error(
        "the disk has {size} bytes, but only {held} lie before the footer; the file is cut short, or the last \
         part of a split image (.v01, .v02, …): join the parts first"
    )]
    FixedCut {
        /// Bytes of the disk.
        size: ByteCount,
        /// Bytes before the footer.
        held: ByteCount,
    },

    /// A header that does not lie in the file.
    #[error("the dynamic header should be 1024 bytes at byte {at}, but the image ends at byte {end}")]
    HeaderPastEnd {
        /// Where the footer says it lies.
        at: FileOffset,
        /// Where the image ends.
        end: FileOffset,
    },

    /// Something else where the header should be.
    #[error("no dynamic header at byte {at}, where the footer says it lies")]
    NoHeader {
        /// Where the footer says it lies.
        at: FileOffset,
    },

    /// A block size that cannot be.
    #[error("the block size is {bytes} bytes; it must be a power of two, 512 at least")]
    BlockSize {
        /// The stored block size in bytes.
        bytes: u32,
    },

    /// A table too short for its disk.
    #[error("a disk of {size} bytes needs {needed} blocks, but the block allocation table has {entries}")]
    TableTooShort {
        /// Bytes of the disk.
        size: ByteCount,
        /// Blocks the disk has.
        needed: u64,
        /// Entries the table has.
        entries: u64,
    },

    /// A table of more entries than we keep.
    #[error("the block allocation table needs {needed} entries; the limit is {limit}")]
    TableTooLong {
        /// Entries the disk needs.
        needed: u64,
        /// The most we keep.
        limit: u64,
    },

    /// A table that does not lie in the file.
    #[error(
        "the block allocation table needs {needed} entries from byte {at} on, but the image ends at byte {end}"
    )]
    TablePastEnd {
        /// Where the table begins.
        at: FileOffset,
        /// Entries the disk needs.
        needed: u64,
        /// Where the image ends.
        end: FileOffset,
    },

    /// A table that lies on the header or a footer.
    #[error("the block allocation table at byte {at} lies on {name}")]
    TableOnStructure {
        /// Where the table begins.
        at: FileOffset,
        /// What is there already.
        name: &'static str,
    },

    /// Memory for the table could not be had.
    #[error("no memory for the {needed} entries of the block allocation table")]
    NoMemory {
        /// Entries the disk needs.
        needed: u64,
    },

    /// A block that does not lie in the file.
    #[error(
        "block {block} is placed at file sector {place} and needs {needed} bytes, but the image ends at byte {end}"
    )]
    BlockPastEnd {
        /// Which block.
        block: BlockIndex,
        /// Where the table puts it.
        place: FileSector,
        /// Bytes it needs there.
        needed: ByteCount,
        /// Where blocks must end.
        end: FileOffset,
    },

    /// A block on a structure of the image.
    #[error("block {block} is placed at file sector {place}, on {name}")]
    BlockOnStructure {
        /// Which block.
        block: BlockIndex,
        /// Where the table puts it.
        place: FileSector,
        /// What is there already.
        name: &'static str,
    },

    /// Two blocks in one place.
    #[error("block {other} is placed at file sector {place}, inside block {block}")]
    BlocksOverlap {
        /// The block that lies there first.
        block: BlockIndex,
        /// The block that lies on it.
        other: BlockIndex,
        /// Where the second one begins.
        place: FileSector,
    },
}

/// Why an image could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError<E> {
    /// The file could not be read.
    #[error("cannot read {length} bytes at byte {offset}")]
    Read {
        /// Where the read began.
        offset: FileOffset,
        /// How much was asked for.
        length: ByteCount,
        /// Why it failed.
        source: E,
    },
    /// The file is not a VHD we can read.
    #[error(transparent)]
    Format(#[from] VhdError),
}

/// Why disk content could not be read from a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {length} bytes at byte {offset} of image {depth} of the chain")]
pub struct ReadError<E> {
    /// Which image, the child being 0.
    pub depth: usize,
    /// Where the read began in that file.
    pub offset: FileOffset,
    /// How much was asked for.
    pub length: ByteCount,
    /// Why it failed.
    pub source: E,
}

/// Why images do not make a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No image at all.
    #[error("a chain needs at least one image")]
    Empty,

    /// More images than any real chain has.
    #[error("the chain has {images} images; the limit is {limit}")]
    TooDeep {
        /// How many there are.
        images: usize,
        /// The most we read.
        limit: usize,
    },

    /// The last image is a child.
    #[error("image {depth} of the chain is a differencing image and its parent, {}, is missing", Id(wanted))]
    MissingParent {
        /// Which image asks for it, the first child being 0.
        depth: usize,
        /// The parent's unique id.
        wanted: [u8; 16],
    },

    /// An image that has no parent is followed by one.
    #[error("image {depth} of the chain is complete in itself, but another image follows as its parent")]
    NeedlessParent {
        /// Which image is complete.
        depth: usize,
    },

    /// Another image than the one asked for.
    #[error(
        "image {depth} of the chain asks for parent {}, but the image given has id {}",
        Id(wanted),
        found.as_ref().map_or(Id(&NO_ID), Id)
    )]
    WrongParent {
        /// Which image asks.
        depth: usize,
        /// The unique id it asks for.
        wanted: [u8; 16],
        /// The unique id it was given; none in a raw image.
        found: Option<[u8; 16]>,
    },

    /// One image twice.
    #[error(
        "images {first} and {second} of the chain have the same id, {}: a disk cannot be its own parent",
        Id(id)
    )]
    Loop {
        /// The first place of it.
        first: usize,
        /// The second place of it.
        second: usize,
        /// The unique id.
        id: [u8; 16],
    },
}

const NO_ID: [u8; 16] = [0; 16];

/// An id as 32 hex digits.
struct Id<'a>(&'a [u8; 16]);

impl core::fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
