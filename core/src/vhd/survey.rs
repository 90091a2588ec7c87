//! Survey: which blocks of a refused image are damaged, for people to look at.
//!
//! [`Image::open`] refuses a table with one entry that cannot be right, and
//! names that entry. A survey goes on to the end: it judges every entry, and
//! says of each block how much of it is here or that it is damaged. Nothing
//! is read as a disk through it.
//!
//! | damaged | because |
//! | --- | --- |
//! | a block that does not lie in the file | the file was cut, or the entry is wrong |
//! | a block on a footer, the header or the table | one of both is wrong |
//! | two blocks that share a byte, both | nobody knows which is right |
//! | a block without an entry | the table was cut, or is too short for its disk |
//! | what a cut fixed image lacks | in steps of 2 MiB |

use alloc::vec;
use alloc::vec::Vec;

use super::block_map::BlockState;
use super::error::{OpenError, ReadError, VhdError};
use super::footer::{DiskType, Footer};
use super::header::Header;
use super::image::{Image, ImageKind};
use super::open::{Leniency, Opening};
use super::table::{BlockShape, BlockTable, ENTRY_BYTES, NEVER_WRITTEN, Reserved, TABLE_ENTRIES_MAX};
use crate::read::ReadAt;
use crate::units::{BlockIndex, ByteCount, FileSector, SECTOR_BYTES};

/// Damaged blocks that are told about one by one; all are counted and shown.
pub const FAULTS_TOLD_MAX: usize = 200;

/// Bytes of one step of a fixed image, which has no blocks of its own.
const FIXED_STEP: u32 = 2 << 20;

/// How a surveyed block looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surveyed {
    /// Nothing speaks against it.
    Sound(BlockState),
    /// It cannot be where the image says, or nothing says where.
    Damaged,
}

/// A block that cannot be right, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which block.
    pub block: BlockIndex,
    /// Why.
    pub why: VhdError,
}

/// What is left of an image that is refused for its blocks.
#[derive(Debug)]
pub struct Survey<S> {
    size: ByteCount,
    shape: BlockShape,
    /// The image with its sound blocks only; none where it has no blocks.
    sound: Option<Image<S>>,
    damaged: Marks,
    faults: Vec<Fault>,
}

impl<S: ReadAt> Survey<S> {
    /// Surveys `source`. `None` where its footer or header already say too
    /// little, or where its blocks are sound. Allocates four bytes for each
    /// entry that lies in the file and a bit for each block of the disk.
    ///
    /// # Errors
    ///
    /// [`OpenError::Read`] where the file fails.
    pub fn of(source: S) -> Result<Option<Survey<S>>, OpenError<S::Error>> {
        match surveyed(&source) {
            Ok(Some(found)) if found.damaged.count > 0 => {
                let Found { size, shape, blocks, damaged, faults } = found;
                let sound = blocks.map(|(kind, footer, header, places)| {
                    let table = BlockTable::of_sound(shape, size, places);
                    Image::with_table(source, kind, footer, (header, table))
                });
                Ok(Some(Survey { size, shape, sound, damaged, faults }))
            }
            Ok(_) | Err(OpenError::Format(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Size of the disk, as the footer says.
    pub fn size(&self) -> ByteCount {
        self.size
    }

    /// Bytes of disk in a block.
    pub fn block_bytes(&self) -> u64 {
        self.shape.block_bytes()
    }

    /// How many blocks are damaged.
    pub fn damaged_count(&self) -> u64 {
        self.damaged.count
    }

    /// The first of them in the order of the disk, at most [`FAULTS_TOLD_MAX`].
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Tells of every block, in the order of the disk. Reads the sector
    /// bitmaps of sound blocks, no data.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a sector bitmap cannot be read.
    pub fn visit(&self, visit: &mut dyn FnMut(Surveyed)) -> Result<(), ReadError<S::Error>> {
        let mut block = 0;
        let mut tell = |state| {
            visit(if self.damaged.has(block) { Surveyed::Damaged } else { Surveyed::Sound(state) });
            block += 1;
        };
        match &self.sound {
            Some(image) => image.block_states(&mut |state, _| tell(state))?,
            None => (0..self.shape.blocks(self.size)).for_each(|_| tell(BlockState::Whole)),
        }
        Ok(())
    }
}

type Blocks = (ImageKind, Footer, Header, Vec<u32>);

struct Found {
    size: ByteCount,
    shape: BlockShape,
    blocks: Option<Blocks>,
    damaged: Marks,
    faults: Vec<Fault>,
}

fn surveyed<S: ReadAt>(source: &S) -> Result<Option<Found>, OpenError<S::Error>> {
    let mut opening = Opening { source, leniency: Leniency::Strict, findings: Vec::new() };
    let believed = opening.believe()?;
    let size = believed.footer.current_size;
    let kind = match believed.footer.disk_type {
        DiskType::FIXED => return Ok(cut(size, ByteCount::new(believed.end.get()))),
        DiskType::DYNAMIC => ImageKind::Dynamic,
        DiskType::DIFFERENCING => ImageKind::Differencing,
        DiskType(_) => return Ok(None),
    };
    let header = opening.header(&believed)?;
    let Some(shape) = BlockShape::new(header.block_bytes) else { return Ok(None) };
    let needed = shape.blocks(size);
    let at = header.table_offset.get();
    if needed > TABLE_ENTRIES_MAX || at >= believed.end.get() {
        return Ok(None);
    }
    let in_file = (believed.end.get() - at) / ENTRY_BYTES;
    let listed = needed.min(in_file).min(u64::from(header.table_entries));
    let table = at..at + listed * ENTRY_BYTES;
    if believed.structures().iter().any(|part| part.bytes.start < table.end && table.start < part.bytes.end) {
        return Ok(None);
    }
    let mut places = opening.table_entries(at, listed)?;
    let mut judge = Judge {
        shape,
        size,
        end: believed.end.get(),
        reserved: believed.reserved(table),
        damaged: Marks::new(needed),
        faults: Vec::new(),
    };
    judge.places(&places);
    judge.overlaps(&places);
    if listed < needed {
        let why = if in_file < u64::from(header.table_entries).min(needed) {
            VhdError::TablePastEnd { at: header.table_offset, needed, end: believed.end }
        } else {
            VhdError::TableTooShort { size, needed, entries: listed }
        };
        judge.fault(listed, why);
        (listed..needed).for_each(|block| judge.damaged.set(block));
    }
    let Judge { damaged, mut faults, .. } = judge;
    faults.sort_by_key(|fault| fault.block);
    places.resize(usize::try_from(needed).unwrap_or(places.len()), NEVER_WRITTEN);
    for (block, place) in (0..).zip(&mut places) {
        if damaged.has(block) {
            *place = NEVER_WRITTEN;
        }
    }
    Ok(Some(Found { size, shape, blocks: Some((kind, believed.footer, header, places)), damaged, faults }))
}

/// A fixed image of which only `held` bytes are here.
fn cut(size: ByteCount, held: ByteCount) -> Option<Found> {
    let shape = BlockShape::new(FIXED_STEP)?;
    let blocks = shape.blocks(size);
    if size <= held || blocks > TABLE_ENTRIES_MAX {
        return None;
    }
    let first = held.get() / shape.block_bytes();
    let mut damaged = Marks::new(blocks);
    (first..blocks).for_each(|block| damaged.set(block));
    let faults = vec![Fault { block: BlockIndex::new(first), why: VhdError::FixedCut { size, held } }];
    Some(Found { size, shape, blocks: None, damaged, faults })
}

struct Judge {
    shape: BlockShape,
    size: ByteCount,
    end: u64,
    reserved: Vec<Reserved>,
    damaged: Marks,
    faults: Vec<Fault>,
}

impl Judge {
    fn fault(&mut self, block: u64, why: VhdError) {
        self.damaged.set(block);
        if self.faults.len() < FAULTS_TOLD_MAX {
            self.faults.push(Fault { block: BlockIndex::new(block), why });
        }
    }

    /// The entries one by one.
    fn places(&mut self, places: &[u32]) {
        for (block, place) in stored(places) {
            let start = u64::from(place) * SECTOR_BYTES;
            let at = block.saturating_mul(self.shape.block_bytes());
            let on_disk = self.size.get().saturating_sub(at).min(self.shape.block_bytes());
            let needed = self.shape.bitmap_bytes() + on_disk;
            let past = (start + self.shape.stored_bytes()).min(self.end);
            let (index, place) = (BlockIndex::new(block), FileSector::new(u64::from(place)));
            let struck = self.reserved.iter().find(|part| start < part.bytes.end && part.bytes.start < past);
            if start + needed > self.end {
                let (needed, end) = (ByteCount::new(needed), crate::units::FileOffset::new(self.end));
                self.fault(block, VhdError::BlockPastEnd { block: index, place, needed, end });
            } else if let Some(part) = struck {
                let name = part.name;
                self.fault(block, VhdError::BlockOnStructure { block: index, place, name });
            }
        }
    }

    /// Those that lie in the file, beside each other. All take the same
    /// length, so whoever shares a byte with any shares one with its
    /// neighbour.
    fn overlaps(&mut self, places: &[u32]) {
        let mut order: Vec<(u32, u32)> = stored(places)
            .filter(|(block, _)| !self.damaged.has(*block))
            // A table has at most 2^26 entries.
            .map(|(block, place)| (place, u32::try_from(block).unwrap_or(u32::MAX)))
            .collect();
        order.sort_unstable();
        for pair in order.windows(2) {
            let [(place, block), (next, other)] = *pair else { continue };
            if u64::from(next - place) * SECTOR_BYTES >= self.shape.stored_bytes() {
                continue;
            }
            let (block, other) = (u64::from(block), u64::from(other));
            self.damaged.set(block);
            let why = VhdError::BlocksOverlap {
                block: BlockIndex::new(block),
                other: BlockIndex::new(other),
                place: FileSector::new(u64::from(next)),
            };
            self.fault(other, why);
        }
    }
}

fn stored(places: &[u32]) -> impl Iterator<Item = (u64, u32)> + '_ {
    (0..).zip(places.iter().copied()).filter(|(_, place)| *place != NEVER_WRITTEN)
}

/// A bit for each block.
#[derive(Debug)]
struct Marks {
    words: Vec<u64>,
    count: u64,
}

impl Marks {
    /// None of `blocks` marked; at most 8 MiB, as [`TABLE_ENTRIES_MAX`] says.
    fn new(blocks: u64) -> Marks {
        Marks { words: vec![0; usize::try_from(blocks.div_ceil(64)).unwrap_or(0)], count: 0 }
    }

    fn has(&self, block: u64) -> bool {
        let word = usize::try_from(block / 64).ok().and_then(|at| self.words.get(at));
        word.is_some_and(|word| word & 1 << (block % 64) != 0)
    }

    fn set(&mut self, block: u64) {
        if let Some(word) = usize::try_from(block / 64).ok().and_then(|at| self.words.get_mut(at)) {
            let bit = 1 << (block % 64);
            self.count += u64::from(*word & bit == 0);
            *word |= bit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change_footer, change_header, disk, file};
    use super::super::{Image, NewKind};
    use super::*;
    use crate::read::Bytes;
    use crate::units::FileOffset;

    const TABLE_AT: usize = 1_536;
    /// Sectors of a stored block of these images: a bitmap of one, and data.
    const SPAN: u32 = 9;

    /// Eight blocks, of which 1, 2 and 5 are stored.
    fn dynamic() -> Vec<u8> {
        file(&disk(NewKind::Dynamic, 8 * 4_096, 1, None), &[1, 2, 5], 7)
    }

    fn place(file: &[u8], block: usize) -> u32 {
        super::super::be::u32_at(&file[TABLE_AT + 4 * block..], 0)
    }

    fn put(file: &mut [u8], block: usize, place: u32) {
        file[TABLE_AT + 4 * block..][..4].copy_from_slice(&place.to_be_bytes());
    }

    /// One letter for each block, and why the damaged ones are.
    fn look(file: &[u8]) -> Option<(alloc::string::String, Vec<(u64, VhdError)>)> {
        let survey = Survey::of(Bytes(file)).unwrap()?;
        let mut states = alloc::string::String::new();
        survey
            .visit(&mut |state| {
                states.push(match state {
                    Surveyed::Damaged => '!',
                    Surveyed::Sound(BlockState::Absent) => '.',
                    Surveyed::Sound(_) => 'o',
                });
            })
            .unwrap();
        assert_eq!(survey.damaged_count(), states.matches('!').count() as u64);
        let faults = survey.faults().iter().map(|fault| (fault.block.get(), fault.why.clone()));
        Some((states, faults.collect()))
    }

    #[test]
    fn a_sound_image_and_one_that_is_none_have_no_survey() {
        assert_eq!(look(&dynamic()), None);
        assert_eq!(look(b"a note"), None);
        assert!(Image::open(Bytes(&dynamic()), Leniency::Strict).is_ok());
    }

    #[test]
    fn every_entry_that_cannot_be_right_is_found_and_the_rest_is_shown() {
        let mut file = dynamic();
        put(&mut file, 0, 0x00ff_0000);
        put(&mut file, 3, 2);
        // Seven sectors into block 5, and its end still in the file.
        let five = place(&file, 5);
        put(&mut file, 6, five - 2);
        let (states, faults) = look(&file).unwrap();
        assert_eq!(states, "!oo!.!!.");
        assert!(matches!(faults[0], (0, VhdError::BlockPastEnd { .. })), "{faults:?}");
        assert!(matches!(faults[1], (3, VhdError::BlockOnStructure { .. })), "{faults:?}");
        assert!(faults.iter().any(|(_, why)| matches!(why, VhdError::BlocksOverlap { .. })), "{faults:?}");
        assert!(Image::open(Bytes(&file), Leniency::Strict).is_err());
    }

    #[test]
    fn neighbours_are_sound_and_one_sector_less_is_damage_to_both() {
        let mut file = dynamic();
        let (one, two) = (place(&file, 1), place(&file, 2));
        assert!(two - one >= SPAN);
        put(&mut file, 2, one + SPAN);
        assert_eq!(look(&file).map(|(states, _)| states), None);
        put(&mut file, 2, one + SPAN - 1);
        assert_eq!(look(&file).unwrap().0, ".!!..o..");
    }

    #[test]
    fn a_file_that_was_cut_lacks_the_blocks_behind_the_cut() {
        let mut file = dynamic();
        let five = place(&file, 5) as usize * 512;
        file.truncate(five + 512);
        assert_eq!(look(&file).unwrap().0, ".oo..!..");
        let (states, faults) = look(&file[..1_536 + 8]).unwrap();
        assert_eq!(states, ".!!!!!!!");
        assert!(matches!(faults.last(), Some((2, VhdError::TablePastEnd { .. }))), "{faults:?}");
    }

    #[test]
    fn a_fixed_image_that_was_cut_lacks_its_end() {
        let mut image = file(&disk(NewKind::Fixed, 5 << 20, 1, None), &[], 0);
        let footer = image.split_off(5 << 20);
        image.truncate(3 << 20);
        image.extend(footer);
        let (states, faults) = look(&image).unwrap();
        assert_eq!(states, "o!!");
        assert!(matches!(faults[..], [(1, VhdError::FixedCut { .. })]), "{faults:?}");
    }

    #[test]
    fn a_table_on_the_header_says_nothing_about_blocks() {
        let mut file = dynamic();
        let mut header = Header::decode(file[512..].first_chunk().unwrap()).unwrap();
        header.table_offset = FileOffset::new(1_024);
        file[512..1_536].copy_from_slice(&header.encode());
        assert!(Image::open(Bytes(&file), Leniency::Strict).is_err());
        assert_eq!(look(&file), None);
    }

    /// 128 blocks whose table, of one sector, lies behind blocks 1, 2 and 5 and right before block 6; the first entry is
    /// wrong.
    fn table_between_blocks() -> Vec<u8> {
        let sound = file(&disk(NewKind::Dynamic, 128 * 4_096, 1, None), &[1, 2, 5], 7);
        let (data, footer) = sound.split_at(sound.len() - 512);
        let table = data[TABLE_AT..TABLE_AT + 512].to_vec();
        let table_at = data.len();
        let mut file = [data, &table, &[0xff; SPAN as usize * 512], footer].concat();
        let entry = |block: usize| table_at + 4 * block;
        file[entry(0)..][..4].copy_from_slice(&0x00ff_0000_u32.to_be_bytes());
        let six = u32::try_from(table_at / 512 + 1).unwrap();
        file[entry(6)..][..4].copy_from_slice(&six.to_be_bytes());
        move_table(&mut file, table_at);
        file
    }

    fn move_table(file: &mut [u8], table_at: usize) {
        change_header(file, |header| header.table_offset = FileOffset::new(table_at as u64));
    }

    #[test]
    fn blocks_that_touch_the_table_are_sound() {
        let survey_file = table_between_blocks();
        let (states, faults) = look(&survey_file).unwrap();
        assert_eq!(states[..8], *"!oo..oo.");
        assert!(matches!(faults[..], [(0, VhdError::BlockPastEnd { .. })]), "{faults:?}");
        let survey = Survey::of(Bytes(&survey_file)).unwrap().unwrap();
        assert_eq!((survey.size().get(), survey.block_bytes()), (128 * 4_096, 4_096));
    }

    #[test]
    fn a_block_on_the_last_entries_of_the_table_is_damaged() {
        let mut file = file(&disk(NewKind::Dynamic, 1_000 * 4_096, 1, None), &[1], 7);
        // The table reaches from sector 3 into sector 10.
        put(&mut file, 5, 10);
        let (states, faults) = look(&file).unwrap();
        assert_eq!(states[..8], *".o...!..");
        assert!(matches!(faults[..], [(5, VhdError::BlockOnStructure { .. })]), "{faults:?}");
    }

    #[test]
    fn a_table_that_ends_where_the_header_begins_is_surveyed() {
        let sound = dynamic();
        let mut header = Header::decode(sound[512..].first_chunk().unwrap()).unwrap();
        let table_at = 1_024 - 32;
        header.table_offset = FileOffset::new(table_at as u64);
        let mut file = sound.clone();
        file[512..2_048].fill(0);
        file[table_at..1_024].copy_from_slice(&sound[TABLE_AT..TABLE_AT + 32]);
        file[table_at..table_at + 4].copy_from_slice(&0x00ff_0000_u32.to_be_bytes());
        file[1_024..2_048].copy_from_slice(&header.encode());
        let last = file.len() - 512;
        change_footer(&mut file, 0, |footer| footer.header_offset = 1_024);
        change_footer(&mut file, last, |footer| footer.header_offset = 1_024);
        assert_eq!(look(&file).unwrap().0, "!oo..o..");
    }

    #[test]
    fn a_table_that_is_too_short_for_its_disk_is_told_from_one_that_was_cut() {
        let mut file = dynamic();
        change_header(&mut file, |header| header.table_entries = 2);
        let why = |file: &[u8]| look(file).unwrap().1.pop().unwrap();
        assert!(matches!(why(&file), (2, VhdError::TableTooShort { entries: 2, .. })));
        // The two entries are the end of the file: what there should be is there.
        let end = &file[..TABLE_AT + 8];
        assert!(matches!(why(end), (2, VhdError::TableTooShort { entries: 2, .. })));
        assert!(matches!(why(&file[..TABLE_AT + 4]), (1, VhdError::TablePastEnd { .. })));
    }

    #[test]
    fn a_table_past_the_end_of_the_file_leaves_nothing_to_survey() {
        let mut file = dynamic();
        let end = file.len() - 512;
        move_table(&mut file, end);
        assert_eq!(look(&file), None);
        move_table(&mut file, end + 512);
        assert_eq!(look(&file), None);
    }

    #[test]
    fn disks_of_more_blocks_than_a_table_may_have_are_not_surveyed() {
        let mut sparse = dynamic();
        let last = sparse.len() - 512;
        let over = ByteCount::new((TABLE_ENTRIES_MAX + 1) * 4_096);
        change_footer(&mut sparse, 0, |footer| footer.current_size = over);
        change_footer(&mut sparse, last, |footer| footer.current_size = over);
        assert_eq!(look(&sparse), None);
        let mut fixed = file(&disk(NewKind::Fixed, 3 << 20, 1, None), &[], 0);
        assert_eq!(look(&fixed), None);
        let mut survey = |blocks: u64| {
            let size = ByteCount::new(blocks * u64::from(FIXED_STEP));
            change_footer(&mut fixed, 3 << 20, |footer| footer.current_size = size);
            Survey::of(Bytes(&fixed)).unwrap().map(|survey| survey.damaged_count())
        };
        assert_eq!(survey(TABLE_ENTRIES_MAX), Some(TABLE_ENTRIES_MAX - 1));
        assert_eq!(survey(TABLE_ENTRIES_MAX + 1), None);
    }

    #[test]
    fn many_faults_are_counted_and_few_are_told() {
        let blocks: Vec<u64> = (0..1_000).collect();
        let mut file = file(&disk(NewKind::Dynamic, 1_000 * 4_096, 1, None), &blocks, 7);
        (0..1_000).for_each(|block| put(&mut file, block, 0x7fff_ffff));
        let survey = Survey::of(Bytes(&file[..])).unwrap().unwrap();
        assert_eq!((survey.damaged_count(), survey.faults().len()), (1_000, FAULTS_TOLD_MAX));
    }
}
