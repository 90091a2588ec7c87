//! Block allocation table: where each block lies in the image.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 4 × block | 4 | place of its sector bitmap, in 512-byte sectors from the start of the file |
//!
//! A place of `0xFFFF_FFFF` means the block was never written here. The data
//! of a block follows its sector bitmap.
//!
//! Invariant: every stored block of a [`BlockTable`] lies inside the image
//! (the last one at least as far as the disk reaches), and no two overlap.
//! Format: `docs/vhd.md`, "Block allocation table".

use alloc::vec::Vec;
use core::ops::Range;

use super::bitmap::SectorBitmap;
use super::error::VhdError;
use crate::units::{BlockIndex, ByteCount, FileOffset, FileSector, SECTOR_BYTES};

/// Bytes of one table entry.
pub const ENTRY_BYTES: u64 = 4;

/// The entry of a block that was never written.
pub const NEVER_WRITTEN: u32 = u32::MAX;

/// The most entries we keep in memory: 256 MiB of them. Blocks of 32 KiB
/// reach the format's largest disk with it, the usual 2 MiB need a 64th.
pub const TABLE_ENTRIES_MAX: u64 = 1 << 26;

/// How blocks of one image look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockShape {
    block_bytes: u32,
}

impl BlockShape {
    /// Blocks of `block_bytes` each; `None` unless that is a power of two
    /// that holds a sector.
    pub fn new(block_bytes: u32) -> Option<BlockShape> {
        let fits = block_bytes.is_power_of_two() && u64::from(block_bytes) >= SECTOR_BYTES;
        fits.then_some(BlockShape { block_bytes })
    }

    /// Bytes of disk in a block.
    pub fn block_bytes(self) -> u64 {
        u64::from(self.block_bytes)
    }

    /// Sectors of disk in a block.
    pub fn sectors(self) -> u32 {
        self.block_bytes / 512
    }

    /// Bytes of the sector bitmap before the data, padding included.
    pub fn bitmap_bytes(self) -> u64 {
        u64::from(self.sectors()).div_ceil(8).next_multiple_of(SECTOR_BYTES)
    }

    /// Bytes a stored block takes in the file: bitmap and data.
    pub fn stored_bytes(self) -> u64 {
        self.bitmap_bytes() + self.block_bytes()
    }

    /// How many blocks a disk of `size` has.
    pub fn blocks(self, size: ByteCount) -> u64 {
        size.get().div_ceil(self.block_bytes())
    }

    /// A bitmap of this shape with all bits `is_set`.
    pub fn bitmap(self, is_set: bool) -> SectorBitmap {
        let length = usize::try_from(self.bitmap_bytes()).unwrap_or(0);
        SectorBitmap::new(alloc::vec![if is_set { 0xff } else { 0 }; length], self.sectors())
    }
}

/// A part of the file that no block may lie on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reserved {
    /// What is there, for the message.
    pub(crate) name: &'static str,
    /// Which bytes of the file.
    pub(crate) bytes: Range<u64>,
}

/// Where each block of a disk lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockTable {
    shape: BlockShape,
    size: ByteCount,
    places: Vec<u32>,
    last_is_cut: bool,
}

impl BlockTable {
    /// Judges the entries of a disk of `size` bytes, one for each block, in a
    /// file whose blocks must end at `end` and stay off `reserved`.
    ///
    /// # Errors
    ///
    /// [`VhdError::BlockPastEnd`], [`VhdError::BlockOnStructure`] and
    /// [`VhdError::BlocksOverlap`] name the first block that cannot be right.
    pub(crate) fn new(
        shape: BlockShape,
        size: ByteCount,
        places: Vec<u32>,
        end: FileOffset,
        reserved: &[Reserved],
    ) -> Result<BlockTable, VhdError> {
        let mut last_is_cut = false;
        let table = BlockTable { shape, size, places, last_is_cut };
        for (block, place) in table.stored() {
            let start = place.get() * SECTOR_BYTES;
            let needed = shape.bitmap_bytes() + table.disk_bytes(block);
            if start + needed > end.get() {
                return Err(VhdError::BlockPastEnd { block, place, needed: ByteCount::new(needed), end });
            }
            last_is_cut |= start + shape.stored_bytes() > end.get();
            let past = (start + shape.stored_bytes()).min(end.get());
            let struck = reserved.iter().find(|part| start < part.bytes.end && part.bytes.start < past);
            if let Some(part) = struck {
                return Err(VhdError::BlockOnStructure { block, place, name: part.name });
            }
        }
        table.refuse_overlaps()?;
        Ok(BlockTable { last_is_cut, ..table })
    }

    /// A table of entries that were judged one by one.
    pub(super) fn of_sound(shape: BlockShape, size: ByteCount, places: Vec<u32>) -> BlockTable {
        BlockTable { shape, size, places, last_is_cut: false }
    }

    /// How blocks look.
    pub fn shape(&self) -> BlockShape {
        self.shape
    }

    /// How many blocks the disk has.
    pub fn blocks(&self) -> u64 {
        self.places.len() as u64
    }

    /// Whether the file ends inside the last block, past the end of the disk.
    pub fn last_is_cut(&self) -> bool {
        self.last_is_cut
    }

    /// Where the sector bitmap of `block` begins; `None` where this image
    /// does not store the block or the disk does not have it.
    pub fn place(&self, block: BlockIndex) -> Option<FileOffset> {
        let place = self.places.get(usize::try_from(block.get()).ok()?)?;
        (*place != NEVER_WRITTEN).then(|| FileOffset::new(u64::from(*place) * SECTOR_BYTES))
    }

    /// The stored blocks and their places, in the order of the disk.
    pub fn stored(&self) -> impl Iterator<Item = (BlockIndex, FileSector)> + '_ {
        (0..)
            .map(BlockIndex::new)
            .zip(&self.places)
            .filter(|(_, place)| **place != NEVER_WRITTEN)
            .map(|(block, place)| (block, FileSector::new(u64::from(*place))))
    }

    /// The stored blocks in the order of the file.
    pub fn stored_in_file_order(&self) -> Vec<(FileSector, BlockIndex)> {
        let mut stored: Vec<_> = self.stored().map(|(block, place)| (place, block)).collect();
        stored.sort_unstable();
        stored
    }

    /// How many bytes of `block` the disk has: all, but in a last block that
    /// reaches past the end of the disk.
    pub fn disk_bytes(&self, block: BlockIndex) -> u64 {
        let start = block.get().saturating_mul(self.shape.block_bytes());
        self.size.get().saturating_sub(start).min(self.shape.block_bytes())
    }

    fn refuse_overlaps(&self) -> Result<(), VhdError> {
        let stored = self.stored_in_file_order();
        let pairs = stored.iter().zip(stored.iter().skip(1));
        for ((place, block), (next_place, next_block)) in pairs {
            let past = place.get() * SECTOR_BYTES + self.shape.stored_bytes();
            if next_place.get() * SECTOR_BYTES < past {
                return Err(VhdError::BlocksOverlap {
                    block: *block,
                    other: *next_block,
                    place: *next_place,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const FOUR_KIB: BlockShape = BlockShape { block_bytes: 4_096 };

    fn table(places: Vec<u32>, end_sectors: u64) -> Result<BlockTable, VhdError> {
        let size = ByteCount::new(places.len() as u64 * 4_096);
        let reserved = [Reserved { name: "the header", bytes: 512..1_536 }];
        BlockTable::new(FOUR_KIB, size, places, FileOffset::new(end_sectors * 512), &reserved)
    }

    #[test]
    fn a_block_that_ends_past_the_file_is_refused() {
        assert!(table(vec![3, NEVER_WRITTEN], 12).is_ok());
        assert_eq!(
            table(vec![3, NEVER_WRITTEN], 11),
            Err(VhdError::BlockPastEnd {
                block: BlockIndex::new(0),
                place: FileSector::new(3),
                needed: ByteCount::new(9 * 512),
                end: FileOffset::new(11 * 512),
            })
        );
    }

    #[test]
    fn the_last_block_may_be_cut_where_the_disk_has_ended() {
        let cut = |end_sectors: u64| {
            let size = ByteCount::new(4_096 + 512);
            BlockTable::new(FOUR_KIB, size, vec![NEVER_WRITTEN, 3], FileOffset::new(end_sectors * 512), &[])
        };
        assert!(!cut(12).unwrap().last_is_cut());
        assert!(cut(5).unwrap().last_is_cut());
        assert!(matches!(cut(4), Err(VhdError::BlockPastEnd { .. })));
    }

    #[test]
    fn blocks_that_share_a_sector_are_refused_and_neighbours_are_not() {
        assert!(table(vec![12, 3], 30).is_ok());
        assert_eq!(
            table(vec![11, 3], 30),
            Err(VhdError::BlocksOverlap {
                block: BlockIndex::new(1),
                other: BlockIndex::new(0),
                place: FileSector::new(11),
            })
        );
        assert!(matches!(table(vec![3, 3], 30), Err(VhdError::BlocksOverlap { .. })));
    }

    #[test]
    fn a_block_on_the_header_is_refused() {
        assert!(matches!(table(vec![2], 30), Err(VhdError::BlockOnStructure { name: "the header", .. })));
        assert!(table(vec![3], 30).is_ok());
    }

    #[test]
    fn bitmaps_take_whole_sectors() {
        assert_eq!(FOUR_KIB.bitmap_bytes(), 512);
        assert_eq!(BlockShape::new(0x0020_0000).unwrap().bitmap_bytes(), 512);
        assert_eq!(BlockShape::new(0x0040_0000).unwrap().bitmap_bytes(), 1_024);
        assert_eq!(BlockShape::new(256), None);
        assert_eq!(BlockShape::new(4_097), None);
    }
}
