//! Blueprint: where each byte of a new image goes.
//!
//! ```text
//! fixed    [disk][footer]
//! sparse   [footer copy][header][table][locators][gap][bitmap][block][gap][bitmap][block]…[footer]
//! ```
//!
//! Gaps put the *data* of every block on a 4 KiB boundary of the file, as
//! Windows does since version 8: its bitmap lies right before.
//! Format: `docs/vhd.md`, "What we write".

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::footer::{FOOTER_BYTES, FORMAT_VERSION, Footer};
use super::header::{HEADER_BYTES, Header, LOCATOR_COUNT};
use super::locator::Locator;
use super::new_disk::{LayoutError, NewParent};
use super::table::{BlockShape, ENTRY_BYTES, NEVER_WRITTEN};
use super::{Checksum, SectorBitmap};
use crate::units::{BlockIndex, ByteCount, FileOffset, SECTOR_BYTES};

/// Where we put the dynamic header: right after the footer's copy.
pub(crate) const HEADER_AT: u64 = FOOTER_BYTES as u64;

/// Where we put the table: right after the header.
const TABLE_AT: u64 = HEADER_AT + HEADER_BYTES as u64;

/// What the data of each block is aligned to in the file.
const DATA_ALIGN_BYTES: u64 = 4096;

/// The layout of a new image. The caller writes the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blueprint {
    size: ByteCount,
    file_size: ByteCount,
    pieces: Vec<(FileOffset, Vec<u8>)>,
    blocks: Option<Blocks>,
}

/// Where the blocks of a sparse image go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Blocks {
    shape: BlockShape,
    places: Vec<u32>,
    are_differencing: bool,
}

impl Blueprint {
    /// Size of the disk in bytes.
    pub fn size(&self) -> ByteCount {
        self.size
    }

    /// Size of the whole file in bytes.
    pub fn file_size(&self) -> ByteCount {
        self.file_size
    }

    /// What to write besides blocks and bitmaps, in file order: footers,
    /// header, table, locators.
    pub fn pieces(&self) -> &[(FileOffset, Vec<u8>)] {
        &self.pieces
    }

    /// The shape of the blocks; none in a fixed image.
    pub fn shape(&self) -> Option<BlockShape> {
        self.blocks.as_ref().map(|blocks| blocks.shape)
    }

    /// Where the data of `block` goes; `None` where it is not stored, and for
    /// a fixed image.
    pub fn block_data(&self, block: BlockIndex) -> Option<FileOffset> {
        let bitmap_bytes = self.blocks.as_ref()?.shape.bitmap_bytes();
        self.bitmap_place(block)?.checked_add(ByteCount::new(bitmap_bytes))
    }

    /// Where the sector bitmap of `block` goes.
    pub fn bitmap_place(&self, block: BlockIndex) -> Option<FileOffset> {
        let place = self.blocks.as_ref()?.places.get(usize::try_from(block.get()).ok()?)?;
        (*place != NEVER_WRITTEN).then(|| FileOffset::new(u64::from(*place) * SECTOR_BYTES))
    }

    /// The bitmap to begin with: all set in a dynamic image, all clear in a
    /// differencing one, whose caller knows which sectors it holds.
    pub fn empty_bitmap(&self) -> Option<SectorBitmap> {
        self.blocks.as_ref().map(|blocks| blocks.shape.bitmap(!blocks.are_differencing))
    }

    /// The stored blocks in the order of the disk.
    pub fn stored(&self) -> impl Iterator<Item = BlockIndex> + '_ {
        let places = self.blocks.as_ref().map_or(&[][..], |blocks| &blocks.places);
        (0..)
            .map(BlockIndex::new)
            .zip(places)
            .filter(|(_, place)| **place != NEVER_WRITTEN)
            .map(|(block, _)| block)
    }

    /// Where the disk's byte `disk_offset` goes, and how many bytes from there
    /// on lie together; no offset where it is not stored. `None` past the end
    /// of the disk.
    pub fn place_of(&self, disk_offset: u64) -> Option<(Option<FileOffset>, u64)> {
        let rest = self.size.get().checked_sub(disk_offset).filter(|rest| *rest > 0)?;
        let Some(blocks) = &self.blocks else { return Some((Some(FileOffset::new(disk_offset)), rest)) };
        let block_bytes = blocks.shape.block_bytes();
        let within = disk_offset % block_bytes;
        let data = self.block_data(BlockIndex::new(disk_offset / block_bytes));
        let place = data.and_then(|data| data.checked_add(ByteCount::new(within)));
        Some((place, rest.min(block_bytes - within)))
    }

    pub(crate) fn fixed(size: ByteCount, footer: &Footer) -> Blueprint {
        let end = FileOffset::new(size.get());
        Blueprint {
            size,
            file_size: ByteCount::new(size.get().saturating_add(FOOTER_BYTES as u64)),
            pieces: vec![(end, footer.encode().to_vec())],
            blocks: None,
        }
    }

    pub(crate) fn sparse(
        size: ByteCount,
        footer: &Footer,
        shape: BlockShape,
        parent: Option<&NewParent>,
        parent_name: Vec<u16>,
        stored: impl IntoIterator<Item = BlockIndex>,
    ) -> Result<Blueprint, LayoutError> {
        let entries = u32::try_from(shape.blocks(size)).unwrap_or(u32::MAX);
        let table_bytes = (u64::from(entries) * ENTRY_BYTES).next_multiple_of(SECTOR_BYTES);
        let (locators, texts, past) = place_locators(parent, TABLE_AT + table_bytes);
        let header = Header {
            table_offset: FileOffset::new(TABLE_AT),
            version: FORMAT_VERSION,
            table_entries: entries,
            block_bytes: u32::try_from(shape.block_bytes()).unwrap_or(u32::MAX),
            checksum: Checksum { stored: 0, computed: 0 },
            parent_id: parent.map_or([0; 16], |parent| parent.unique_id),
            parent_created: parent.map_or(0, |parent| parent.created),
            parent_name,
            locators,
        };
        let (places, end) = place_blocks(shape, entries, past, stored)?;
        let footer = footer.encode().to_vec();
        let mut pieces = vec![
            (FileOffset::ZERO, footer.clone()),
            (FileOffset::new(HEADER_AT), header.encode().to_vec()),
            (FileOffset::new(TABLE_AT), encode_table(&places, table_bytes)),
        ];
        pieces.extend(texts);
        pieces.push((FileOffset::new(end), footer));
        Ok(Blueprint {
            size,
            file_size: ByteCount::new(end + FOOTER_BYTES as u64),
            pieces,
            blocks: Some(Blocks { shape, places, are_differencing: parent.is_some() }),
        })
    }
}

/// Gives each stored block its place, in the order given; returns the table
/// and where the footer goes.
fn place_blocks(
    shape: BlockShape,
    entries: u32,
    from: u64,
    stored: impl IntoIterator<Item = BlockIndex>,
) -> Result<(Vec<u32>, u64), LayoutError> {
    let blocks = u64::from(entries);
    let align = DATA_ALIGN_BYTES.min(shape.block_bytes());
    let mut places = vec![NEVER_WRITTEN; usize::try_from(entries).unwrap_or(0)];
    let mut end = from;
    for block in stored {
        let index = usize::try_from(block.get()).unwrap_or(usize::MAX);
        let place = places
            .get_mut(index)
            .filter(|place| **place == NEVER_WRITTEN)
            .ok_or(LayoutError::Block { block, blocks })?;
        let data = (end + shape.bitmap_bytes()).next_multiple_of(align);
        let sector = u32::try_from((data - shape.bitmap_bytes()) / SECTOR_BYTES).ok();
        *place = sector.filter(|sector| *sector != NEVER_WRITTEN).ok_or(LayoutError::FileTooLarge)?;
        end = data + shape.block_bytes();
    }
    Ok((places, end))
}

fn encode_table(places: &[u32], bytes: u64) -> Vec<u8> {
    let length = usize::try_from(bytes).unwrap_or(0);
    let mut table = Vec::with_capacity(length);
    table.extend(places.iter().flat_map(|place| place.to_be_bytes()));
    table.resize(length, 0xff);
    table
}

type Texts = Vec<(FileOffset, Vec<u8>)>;

/// The parent's locators, their texts, and where the file goes on after them:
/// first the absolute one, as Windows orders them, though ours is relative in
/// both, since no path of this machine means anything to the next one.
fn place_locators(parent: Option<&NewParent>, from: u64) -> ([Locator; LOCATOR_COUNT], Texts, u64) {
    let mut locators = [Locator::UNUSED; LOCATOR_COUNT];
    let mut texts = Vec::new();
    let Some(parent) = parent else { return (locators, texts, from) };
    let mut path = String::from(".\\");
    path.push_str(&parent.relative.replace('/', "\\"));
    let text: Vec<u8> = path.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut at = from;
    for (locator, code) in locators.iter_mut().zip([*b"W2ku", *b"W2ru"]) {
        let space = length.next_multiple_of(512);
        *locator = Locator { code, space, bytes: length, offset: FileOffset::new(at) };
        texts.push((FileOffset::new(at), text.clone()));
        at += u64::from(space);
    }
    (locators, texts, at)
}

#[cfg(test)]
mod tests {
    use super::super::{NewDisk, NewKind};
    use super::*;
    use alloc::string::ToString;

    fn disk(kind: NewKind, size: u64) -> NewDisk {
        NewDisk {
            kind,
            size: ByteCount::new(size),
            block_bytes: 0x0020_0000,
            unique_id: [1; 16],
            created_seconds_since_2000: 0,
            parent: None,
            azure: false,
        }
    }

    #[test]
    fn block_data_lies_on_4_kib_and_its_bitmap_right_before() {
        let order = [2, 0].map(BlockIndex::new);
        let plan = disk(NewKind::Dynamic, 7 << 20).lay_out(order).unwrap();
        assert_eq!(plan.bitmap_place(BlockIndex::new(2)), Some(FileOffset::new(7 * 512)));
        assert_eq!(plan.block_data(BlockIndex::new(2)), Some(FileOffset::new(4096)));
        assert_eq!(plan.block_data(BlockIndex::new(0)), Some(FileOffset::new(4096 + (2 << 20) + 4096)));
        assert_eq!(plan.block_data(BlockIndex::new(1)), None);
        assert_eq!(plan.file_size().get(), 4096 + (2 << 20) + 4096 + (2 << 20) + 512);
        assert_eq!(plan.place_of(1 << 20), Some((Some(FileOffset::new(4096 * 2 + (3 << 20))), 1 << 20)));
        assert_eq!(plan.place_of(7 << 20), None);
    }

    #[test]
    fn a_new_bitmap_is_full_in_a_dynamic_image_and_empty_in_a_differencing_one() {
        let parent = NewParent { unique_id: [2; 16], created: 0, relative: "base.vhd".to_string() };
        let child = NewDisk { parent: Some(parent), ..disk(NewKind::Differencing, 4 << 20) };
        let held = |disk: &NewDisk| disk.lay_out([]).unwrap().empty_bitmap().map(|bitmap| bitmap.held());
        assert_eq!(held(&disk(NewKind::Fixed, 4 << 20)), None);
        assert_eq!(held(&disk(NewKind::Dynamic, 4 << 20)), Some(4_096));
        assert_eq!(held(&child), Some(0));
        let bitmap = child.lay_out([]).unwrap().empty_bitmap().unwrap();
        assert_eq!((bitmap.sectors(), bitmap.bytes().len()), (4_096, 512));
    }

    #[test]
    fn a_child_names_its_parent_in_both_locators_one_behind_the_other() {
        let relative = "disks/base.vhd".to_string();
        let parent = NewParent { unique_id: [2; 16], created: 5, relative };
        // 129 blocks: a table of two sectors.
        let child = NewDisk { parent: Some(parent), ..disk(NewKind::Differencing, 129 * (2 << 20)) };
        let plan = child.lay_out([]).unwrap();
        let text: Vec<u8> = ".\\disks\\base.vhd".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let places: Vec<u64> = plan.pieces().iter().map(|(offset, _)| offset.get()).collect();
        assert_eq!(places, [0, 512, 1_536, 2_560, 3_072, 3_584]);
        assert_eq!(plan.pieces()[2].1.len(), 1_024);
        assert!(plan.pieces()[3].1 == text && plan.pieces()[4].1 == text);
        let header = Header::decode(plan.pieces()[1].1.first_chunk().unwrap()).unwrap();
        let of = |code: &[u8; 4], offset| Locator {
            code: *code,
            space: 512,
            bytes: u32::try_from(text.len()).unwrap(),
            offset: FileOffset::new(offset),
        };
        assert_eq!(header.locators[..3], [of(b"W2ku", 2_560), of(b"W2ru", 3_072), Locator::UNUSED]);
        assert_eq!((header.parent_id, header.parent_created), ([2; 16], 5));
        assert_eq!(String::from_utf16_lossy(&header.parent_name), "base.vhd");
    }

    #[test]
    fn both_footers_are_the_same_bytes() {
        let plan = disk(NewKind::Dynamic, 4 << 20).lay_out([BlockIndex::ZERO]).unwrap();
        let (first, last) = (plan.pieces().first().unwrap(), plan.pieces().last().unwrap());
        assert_eq!(first.1, last.1);
        assert_eq!(last.0.get() + 512, plan.file_size().get());
    }

    #[test]
    fn a_dynamic_disk_ends_at_2040_gib() {
        let limit = super::super::DYNAMIC_SECTORS_MAX * 512;
        assert!(disk(NewKind::Dynamic, limit).lay_out([]).is_ok());
        let over = disk(NewKind::Dynamic, limit + 512).lay_out([]);
        assert!(over.unwrap_err().to_string().contains("2040 GiB"));
        assert!(disk(NewKind::Fixed, limit + 512).lay_out([]).is_ok());
    }

    #[test]
    fn azure_takes_whole_mebibytes_from_20_on() {
        let azure = |size| NewDisk { azure: true, ..disk(NewKind::Fixed, size) };
        assert_eq!(azure((20 << 20) + 1).lay_out([]).unwrap().size().get(), 21 << 20);
        assert_eq!(azure(20 << 20).lay_out([]).unwrap().file_size().get(), (20 << 20) + 512);
        assert_eq!(azure((19 << 20) + 512).lay_out([]).unwrap().size().get(), 20 << 20);
        assert!(matches!(azure(19 << 20).lay_out([]), Err(LayoutError::AzureTooSmall { .. })));
    }

    #[test]
    fn a_part_of_a_sector_becomes_a_whole_one() {
        assert_eq!(disk(NewKind::Fixed, 513).lay_out([]).unwrap().size().get(), 1_024);
        assert_eq!(disk(NewKind::Dynamic, 512).lay_out([]).unwrap().size().get(), 512);
    }

    #[test]
    fn a_block_stored_twice_or_past_the_last_is_refused() {
        let two = disk(NewKind::Dynamic, 4 << 20);
        assert!(matches!(two.lay_out([BlockIndex::new(2)]), Err(LayoutError::Block { blocks: 2, .. })));
        assert!(matches!(two.lay_out([BlockIndex::ZERO; 2]), Err(LayoutError::Block { .. })));
    }
}
