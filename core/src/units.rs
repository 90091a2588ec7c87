//! Sectors, blocks, bytes: positions and lengths, each its own type.
//!
//! An *index* and an *offset* are positions, a *count* is a length. Crossing
//! from one to another has a name, and every crossing that can overflow says
//! so by returning an `Option`.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Bytes in a sector of a VHD, always.
pub const SECTOR_BYTES: u64 = 512;

macro_rules! number {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Zero of this unit.
            pub const ZERO: $name = $name(0);

            /// Wraps a plain number of this unit.
            pub const fn new(number: u64) -> $name {
                $name(number)
            }

            /// The plain number.
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number! {
    /// A position on a disk, in sectors from its start.
    SectorIndex
}
number! {
    /// How many sectors.
    SectorCount
}
number! {
    /// A position in a file, in 512-byte sectors from its start.
    FileSector
}
number! {
    /// A position in a file, in bytes from its start.
    FileOffset
}
number! {
    /// A length in bytes.
    ByteCount
}
number! {
    /// Which block of a VHD, counted from zero.
    BlockIndex
}
number! {
    /// Which chunk of a disk's grid, counted from zero.
    ChunkIndex
}
number! {
    /// How many chunks.
    ChunkCount
}

impl SectorIndex {
    /// The sector `count` places further on, or `None` if it has no number.
    pub fn checked_add(self, count: SectorCount) -> Option<SectorIndex> {
        self.0.checked_add(count.0).map(SectorIndex)
    }

    /// How many sectors lie from `earlier` up to here; `None` if `earlier` is later.
    pub fn checked_since(self, earlier: SectorIndex) -> Option<SectorCount> {
        self.0.checked_sub(earlier.0).map(SectorCount)
    }

    /// The same position in bytes, or `None` past 2^64.
    pub fn checked_bytes(self) -> Option<u64> {
        self.0.checked_mul(SECTOR_BYTES)
    }
}

impl SectorCount {
    /// The same length in bytes, or `None` past 2^64.
    pub fn checked_bytes(self) -> Option<ByteCount> {
        self.0.checked_mul(SECTOR_BYTES).map(ByteCount)
    }

    /// Both lengths together, or `None` past 2^64.
    pub fn checked_add(self, other: SectorCount) -> Option<SectorCount> {
        self.0.checked_add(other.0).map(SectorCount)
    }
}

impl FileSector {
    /// The sector `count` places further on, or `None` if it has no number.
    pub fn checked_add(self, count: SectorCount) -> Option<FileSector> {
        self.0.checked_add(count.0).map(FileSector)
    }

    /// The same position in bytes, or `None` past 2^64.
    pub fn checked_offset(self) -> Option<FileOffset> {
        self.0.checked_mul(SECTOR_BYTES).map(FileOffset)
    }
}

impl FileOffset {
    /// The offset `count` bytes further on, or `None` past 2^64.
    pub fn checked_add(self, count: ByteCount) -> Option<FileOffset> {
        self.0.checked_add(count.0).map(FileOffset)
    }
}

impl ByteCount {
    /// How many sectors hold this many bytes, the last one perhaps in part.
    pub fn sectors_rounded_up(self) -> SectorCount {
        SectorCount(self.0.div_ceil(SECTOR_BYTES))
    }

    /// Both lengths together, or `None` past 2^64.
    pub fn checked_add(self, other: ByteCount) -> Option<ByteCount> {
        self.0.checked_add(other.0).map(ByteCount)
    }

    /// How many whole sectors fit.
    pub fn sectors_rounded_down(self) -> SectorCount {
        SectorCount(self.0 / SECTOR_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_sector_counts_only_when_rounded_up() {
        assert_eq!(ByteCount::new(513).sectors_rounded_up(), SectorCount::new(2));
        assert_eq!(ByteCount::new(513).sectors_rounded_down(), SectorCount::new(1));
        assert_eq!(ByteCount::new(512).sectors_rounded_up(), SectorCount::new(1));
        assert_eq!(ByteCount::ZERO.sectors_rounded_up(), SectorCount::ZERO);
    }

    #[test]
    fn a_position_past_the_last_number_is_refused() {
        let last = SectorIndex::new(u64::MAX);
        assert_eq!(last.checked_add(SectorCount::new(0)), Some(last));
        assert_eq!(last.checked_add(SectorCount::new(1)), None);
        assert_eq!(last.checked_bytes(), None);
    }
}
