//! Opening: whether an image can be what its footer says.
//!
//! Every length and place is compared with the length of the file before
//! memory is asked for or a byte is read.

use alloc::vec;
use alloc::vec::Vec;

use super::believe::Believed;
use super::error::{OpenError, VhdError};
use super::finding::Finding;
use super::footer::{DiskType, FEATURE_RESERVED, FOOTER_BYTES, FORMAT_VERSION, Footer};
use super::header::{HEADER_BYTES, Header};
use super::image::ImageKind;
use super::locator::{LOCATOR_TEXT_BYTES_MAX, Locator, LocatorKind, text, utf16_text};
use super::parent::{ParentLink, ParentPath};
use super::table::{BlockShape, BlockTable, ENTRY_BYTES, Reserved, TABLE_ENTRIES_MAX};
use crate::read::ReadAt;
use crate::units::{ByteCount, FileOffset, SECTOR_BYTES};

/// What to do about checksums that do not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leniency {
    /// Refuse the image, unless the other footer holds.
    #[default]
    Strict,
    /// Go on with what is there, and say so as a finding.
    AcceptChecksums,
}

/// Bytes of the table read at a time.
const TABLE_PIECE_BYTES: usize = 64 * 1024;

/// What opening finds out about a file.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) kind: ImageKind,
    pub(crate) footer: Footer,
    pub(crate) blocks: Option<(Header, BlockTable)>,
    pub(crate) parent: Option<ParentLink>,
    pub(crate) findings: Vec<Finding>,
}

/// A file on its way to become an image.
pub(super) struct Opening<'a, S> {
    pub(super) source: &'a S,
    pub(super) leniency: Leniency,
    pub(super) findings: Vec<Finding>,
}

pub(crate) fn open<S: ReadAt>(source: &S, leniency: Leniency) -> Result<Opened, OpenError<S::Error>> {
    let mut opening = Opening { source, leniency, findings: Vec::new() };
    let believed = opening.believe()?;
    opening.judge_footer(&believed.footer)?;
    let kind = match believed.footer.disk_type {
        DiskType::FIXED => ImageKind::Fixed,
        DiskType::DYNAMIC => ImageKind::Dynamic,
        DiskType::DIFFERENCING => ImageKind::Differencing,
        DiskType(found) => return Err(VhdError::DiskType { found }.into()),
    };
    let mut parent = None;
    let mut blocks = None;
    if kind == ImageKind::Fixed {
        opening.judge_fixed(&believed)?;
    } else {
        let header = opening.header(&believed)?;
        if kind == ImageKind::Differencing {
            parent = Some(opening.parent(&header)?);
        }
        let table = opening.table(&believed, &header)?;
        blocks = Some((header, table));
    }
    Ok(Opened { kind, footer: believed.footer, blocks, parent, findings: opening.findings })
}

impl<S: ReadAt> Opening<'_, S> {
    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), OpenError<S::Error>> {
        let offset = FileOffset::new(offset);
        self.source.read_exact_at(offset, buffer).map_err(|source| OpenError::Read {
            offset,
            length: ByteCount::new(buffer.len() as u64),
            source,
        })
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.source.size().get()
    }

    fn judge_footer(&mut self, footer: &Footer) -> Result<(), VhdError> {
        if footer.version >> 16 != FORMAT_VERSION >> 16 {
            return Err(VhdError::Version { part: "the footer", version: footer.version });
        }
        let size = footer.current_size;
        if footer.features & FEATURE_RESERVED == 0 {
            self.findings.push(Finding::FeatureBit { features: footer.features });
        }
        if footer.saved_state != 0 {
            self.findings.push(Finding::SavedState);
        }
        if footer.hidden != 0 {
            self.findings.push(Finding::Hidden);
        }
        if footer.original_size != size {
            self.findings.push(Finding::Resized { original: footer.original_size, current: size });
        }
        let geometry = footer.geometry.bytes();
        if footer.is_sized_by_geometry_elsewhere() && geometry != size {
            self.findings.push(Finding::SizedByGeometry { geometry, current: size });
        }
        if !size.get().is_multiple_of(SECTOR_BYTES) {
            self.findings.push(Finding::PartialSector { size });
        }
        if size.get() / SECTOR_BYTES > super::DYNAMIC_SECTORS_MAX {
            self.findings.push(Finding::Large { size });
        }
        Ok(())
    }

    fn judge_fixed(&mut self, believed: &Believed) -> Result<(), VhdError> {
        let size = believed.footer.current_size;
        let held = ByteCount::new(believed.end.get());
        if size > held {
            return Err(VhdError::FixedCut { size, held });
        }
        if size < held {
            self.findings.push(Finding::BytesAfterDisk { count: ByteCount::new(held.get() - size.get()) });
        }
        Ok(())
    }

    pub(super) fn header(&mut self, believed: &Believed) -> Result<Header, OpenError<S::Error>> {
        let at = believed.footer.header_place();
        let end = believed.end;
        let past = at.checked_add(ByteCount::new(HEADER_BYTES as u64));
        if past.is_none_or(|past| past > end) {
            return Err(VhdError::HeaderPastEnd { at, end }.into());
        }
        let mut bytes = [0; HEADER_BYTES];
        self.read(at.get(), &mut bytes)?;
        let header = Header::decode(&bytes).ok_or(VhdError::NoHeader { at })?;
        if !header.checksum.holds() {
            let (stored, computed) = (header.checksum.stored, header.checksum.computed);
            match self.leniency {
                Leniency::Strict => return Err(VhdError::HeaderChecksum { at, stored, computed }.into()),
                Leniency::AcceptChecksums => {
                    self.findings.push(Finding::HeaderChecksum { stored, computed });
                }
            }
        }
        if !header.is_known_version() {
            return Err(VhdError::Version { part: "the dynamic header", version: header.version }.into());
        }
        Ok(header)
    }

    fn parent(&mut self, header: &Header) -> Result<ParentLink, OpenError<S::Error>> {
        let mut paths = Vec::new();
        for locator in header.locators.iter().filter(|locator| locator.is_used()) {
            paths.push(ParentPath { locator: *locator, text: self.locator_text(locator)? });
        }
        Ok(ParentLink {
            unique_id: header.parent_id,
            created: header.parent_created,
            name: utf16_text(header.parent_name.iter().copied()),
            paths,
        })
    }

    fn locator_text(
        &mut self,
        locator: &Locator,
    ) -> Result<Option<alloc::string::String>, OpenError<S::Error>> {
        if locator.kind() == LocatorKind::Other {
            return Ok(None);
        }
        let past = locator.offset.checked_add(ByteCount::new(u64::from(locator.bytes)));
        let lies_in_file = past.is_some_and(|past| past.get() <= self.file_bytes());
        if !lies_in_file || locator.bytes > LOCATOR_TEXT_BYTES_MAX {
            let Locator { code, offset, bytes, .. } = *locator;
            self.findings.push(Finding::Locator { code, offset, bytes });
            return Ok(None);
        }
        let mut data = vec![0; usize::try_from(locator.bytes).unwrap_or(0)];
        self.read(locator.offset.get(), &mut data)?;
        Ok(text(locator.kind(), &data))
    }

    fn table(&mut self, believed: &Believed, header: &Header) -> Result<BlockTable, OpenError<S::Error>> {
        let bytes = header.block_bytes;
        let shape = BlockShape::new(bytes).ok_or(VhdError::BlockSize { bytes })?;
        if !matches!(bytes, 0x0008_0000 | 0x0020_0000) {
            self.findings.push(Finding::BlockSize { bytes: shape.block_bytes() });
        }
        let size = believed.footer.current_size;
        let (needed, entries) = (shape.blocks(size), u64::from(header.table_entries));
        if entries < needed {
            return Err(VhdError::TableTooShort { size, needed, entries }.into());
        }
        if entries > needed {
            self.findings.push(Finding::SurplusEntries { entries, blocks: needed });
        }
        let reserved = place_table(believed, header, needed)?;
        let places = self.table_entries(header.table_offset.get(), needed)?;
        let table = BlockTable::new(shape, size, places, believed.end, &reserved)?;
        if table.last_is_cut() {
            self.findings.push(Finding::LastBlockCut);
        }
        Ok(table)
    }

    /// Reads `needed` entries from `at` on, which [`place_table`] has found to
    /// lie in the file.
    pub(super) fn table_entries(&self, at: u64, needed: u64) -> Result<Vec<u32>, OpenError<S::Error>> {
        let mut places = Vec::new();
        let count = usize::try_from(needed).map_err(|_| VhdError::NoMemory { needed })?;
        places.try_reserve_exact(count).map_err(|_| VhdError::NoMemory { needed })?;
        let mut piece = vec![0; TABLE_PIECE_BYTES.min(count.saturating_mul(4))];
        let mut offset = at;
        while places.len() < count {
            let length = piece.len().min((count - places.len()).saturating_mul(4));
            let piece = &mut piece[..length];
            self.read(offset, piece)?;
            places.extend(piece.chunks_exact(4).map(|entry| super::be::u32_at(entry, 0)));
            offset += length as u64;
        }
        Ok(places)
    }
}

/// Checks that the table lies in the file and on nothing else; returns what
/// blocks must stay off.
fn place_table(believed: &Believed, header: &Header, needed: u64) -> Result<Vec<Reserved>, VhdError> {
    if needed > TABLE_ENTRIES_MAX {
        return Err(VhdError::TableTooLong { needed, limit: TABLE_ENTRIES_MAX });
    }
    let (at, end) = (header.table_offset, believed.end);
    let past = at
        .checked_add(ByteCount::new(needed * ENTRY_BYTES))
        .filter(|past| *past <= end)
        .ok_or(VhdError::TablePastEnd { at, needed, end })?;
    let mut reserved = believed.structures();
    let table = at.get()..past.get();
    let struck = reserved.iter().find(|part| table.start < part.bytes.end && part.bytes.start < table.end);
    if let Some(part) = struck {
        return Err(VhdError::TableOnStructure { at, name: part.name });
    }
    reserved.push(Reserved { name: TABLE_NAME, bytes: table });
    Ok(reserved)
}

/// The table, for messages.
const TABLE_NAME: &str = "the block allocation table";

impl Believed {
    /// Header and footer copy, which nothing else may lie on.
    pub(super) fn structures(&self) -> Vec<Reserved> {
        let header_at = self.footer.header_offset;
        let mut reserved =
            vec![Reserved { name: "the dynamic header", bytes: header_at..header_at + HEADER_BYTES as u64 }];
        if self.head_is_footer && header_at >= FOOTER_BYTES as u64 {
            reserved.push(Reserved { name: "the footer at the start", bytes: 0..FOOTER_BYTES as u64 });
        }
        reserved
    }

    /// The same and a table, wherever it lies.
    pub(super) fn reserved(&self, table: core::ops::Range<u64>) -> Vec<Reserved> {
        let mut reserved = self.structures();
        reserved.push(Reserved { name: TABLE_NAME, bytes: table });
        reserved
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{change_footer, change_header, disk, file};
    use super::super::{Image, NewKind};
    use super::*;
    use crate::read::Bytes;

    fn dynamic() -> Vec<u8> {
        file(&disk(NewKind::Dynamic, 8_192, 1, None), &[1], 7)
    }

    fn change_both(file: &mut [u8], mut change: impl FnMut(&mut Footer)) {
        change_footer(file, 0, &mut change);
        change_footer(file, file.len() - 512, &mut change);
    }

    fn refusal(file: &[u8]) -> VhdError {
        match Image::open(Bytes(file), Leniency::Strict) {
            Err(OpenError::Format(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_table_that_cannot_lie_in_the_file_is_refused_before_memory_is_asked_for() {
        let mut file = dynamic();
        // 2^26 blocks: 256 MiB of table.
        change_both(&mut file, |footer| footer.current_size = ByteCount::new(4_096 << 26));
        change_header(&mut file, |header| header.table_entries = u32::MAX);
        assert!(matches!(refusal(&file), VhdError::TablePastEnd { needed: 0x0400_0000, .. }));
        change_both(&mut file, |footer| footer.current_size = ByteCount::new((4_096 << 26) + 1));
        assert!(matches!(refusal(&file), VhdError::TableTooLong { needed: 0x0400_0001, .. }));
    }

    #[test]
    fn a_table_shorter_than_its_disk_is_refused_and_a_longer_one_is_not() {
        let mut file = dynamic();
        change_header(&mut file, |header| header.table_entries = 1);
        assert!(matches!(refusal(&file), VhdError::TableTooShort { needed: 2, entries: 1, .. }));
        change_header(&mut file, |header| header.table_entries = u32::MAX);
        let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
        let surplus = Finding::SurplusEntries { entries: u64::from(u32::MAX), blocks: 2 };
        assert!(image.findings().contains(&surplus));
    }

    #[test]
    fn a_table_on_the_header_is_refused() {
        let mut file = dynamic();
        change_header(&mut file, |header| header.table_offset = FileOffset::new(1_532));
        assert!(matches!(refusal(&file), VhdError::TableOnStructure { name: "the dynamic header", .. }));
        change_header(&mut file, |header| header.table_offset = FileOffset::new(508));
        assert!(matches!(refusal(&file), VhdError::TableOnStructure { .. }));
    }

    #[test]
    fn a_header_that_is_not_there_is_refused_where_it_should_be() {
        let mut file = dynamic();
        change_both(&mut file, |footer| footer.header_offset = 1_024);
        assert_eq!(refusal(&file), VhdError::NoHeader { at: FileOffset::new(1_024) });
        change_both(&mut file, |footer| footer.header_offset = u64::MAX);
        assert!(matches!(refusal(&file), VhdError::HeaderPastEnd { .. }));
    }

    #[test]
    fn a_header_may_end_where_the_footer_begins_and_no_later() {
        // Footer, header, footer: the table, which should come, does not lie in the file.
        let sound = dynamic();
        let end = sound.len();
        let mut file = [&sound[..1_536], &sound[end - 512..]].concat();
        assert!(matches!(refusal(&file), VhdError::TablePastEnd { .. }));
        file.remove(1_535);
        let found = refusal(&file);
        let (at, end) = (FileOffset::new(512), FileOffset::new(1_535));
        assert_eq!(found, VhdError::HeaderPastEnd { at, end });
    }

    #[test]
    fn a_table_of_many_pieces_is_read_to_its_last_entry() {
        // 40,000 entries are read in three pieces.
        let last = 39_999;
        let file = file(&disk(NewKind::Dynamic, 40_000 * 4_096, 1, None), &[0, 16_384, last], 7);
        let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
        let stored: Vec<u64> = image.table().unwrap().stored().map(|(block, _)| block.get()).collect();
        assert_eq!(stored, [0, 16_384, last]);
    }

    #[test]
    fn a_table_may_touch_the_header_the_first_footer_and_the_last_one() {
        // The header is moved behind its table, which then lies between two structures: 512..520, 1,024..2,048.
        let sound = dynamic();
        let moved = |header_at: usize, table_at: u64| {
            let mut header = Header::decode(sound[512..].first_chunk().unwrap()).unwrap();
            header.table_offset = FileOffset::new(table_at);
            let mut file = sound.clone();
            let table = sound[1_536..1_544].to_vec();
            file[512..2_048].fill(0);
            // Where it would hurt a footer, it is not written: nobody looks at it there.
            if (512..sound.len() as u64 - 519).contains(&table_at) {
                let at = usize::try_from(table_at).unwrap();
                file[at..at + 8].copy_from_slice(&table);
            }
            file[header_at..header_at + 1_024].copy_from_slice(&header.encode());
            change_both(&mut file, |footer| footer.header_offset = header_at as u64);
            file
        };
        for table_at in [512, 1_016] {
            let file = moved(1_024, table_at);
            assert!(Image::open(Bytes(&file), Leniency::Strict).is_ok(), "{:?}", refusal(&file));
        }
        assert!(matches!(
            refusal(&moved(1_024, 511)),
            VhdError::TableOnStructure { name: "the footer at the start", .. }
        ));
        assert!(matches!(
            refusal(&moved(1_024, 1_017)),
            VhdError::TableOnStructure { name: "the dynamic header", .. }
        ));
        let end = sound.len() as u64 - 512;
        assert!(matches!(refusal(&moved(512, end - 7)), VhdError::TablePastEnd { needed: 2, .. }));
        // Up to the last footer there is room, and a block of this image: it is refused for lying there.
        assert!(matches!(refusal(&moved(512, end - 8)), VhdError::BlockOnStructure { .. }));
    }

    #[test]
    fn a_file_without_its_first_footer_may_have_its_table_there() {
        let mut file = dynamic();
        let table = file[1_536..1_544].to_vec();
        file[..8].copy_from_slice(&table);
        change_header(&mut file, |header| header.table_offset = FileOffset::ZERO);
        let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
        assert!(
            image.findings().contains(&Finding::FooterMissing { place: super::super::FooterPlace::Start })
        );
    }

    #[test]
    fn what_is_unusual_about_a_footer_is_found_and_nothing_else() {
        let of = |change: &mut dyn FnMut(&mut Footer)| {
            let mut file = dynamic();
            change_both(&mut file, change);
            let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
            image.findings().iter().map(Finding::code).collect::<Vec<_>>()
        };
        assert_eq!(of(&mut |_| {}), ["block-size"]);
        assert_eq!(of(&mut |footer| footer.features = 0), ["feature-bit", "block-size"]);
        assert_eq!(of(&mut |footer| footer.features = 1), ["feature-bit", "block-size"]);
        assert_eq!(of(&mut |footer| footer.features = 3), ["block-size"]);
        assert_eq!(of(&mut |footer| footer.saved_state = 1), ["saved-state", "block-size"]);
        assert_eq!(of(&mut |footer| footer.hidden = 1), ["hidden", "block-size"]);
        let qemu = |footer: &mut Footer| footer.creator_app = *b"qemu";
        assert_eq!(of(&mut |footer| qemu(footer)), ["sized-by-geometry", "block-size"]);
        // 16 sectors: the disk has as many as its geometry.
        let exact = super::super::Geometry { cylinders: 1, heads: 4, sectors_per_track: 4 };
        assert_eq!(
            of(&mut |footer| {
                qemu(footer);
                footer.geometry = exact;
            }),
            ["block-size"]
        );
    }

    #[test]
    fn a_disk_above_2040_gib_is_noted_from_its_first_sector_on() {
        // A fixed image that is not all there is refused, so the disk is one that fails nowhere.
        struct Zeroes<'a>(u64, &'a [u8]);
        impl ReadAt for Zeroes<'_> {
            type Error = core::convert::Infallible;
            fn size(&self) -> ByteCount {
                ByteCount::new(self.0 + 512)
            }
            fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Self::Error> {
                buffer.fill(0);
                let footer = if offset.get() == self.0 { self.1 } else { &[] };
                buffer.iter_mut().zip(footer).for_each(|(byte, stored)| *byte = *stored);
                Ok(())
            }
        }
        let codes = |sectors: u64| {
            let disk = disk(NewKind::Fixed, sectors * 512, 1, None);
            let plan = disk.lay_out([]).unwrap();
            let footer = plan.pieces()[0].1.clone();
            let image = Image::open(Zeroes(sectors * 512, &footer), Leniency::Strict).unwrap();
            image.findings().iter().map(Finding::code).collect::<Vec<_>>()
        };
        let most = 2040_u64 << 21;
        assert_eq!(codes(most), Vec::<&str>::new());
        assert_eq!(codes(most + 1), ["large"]);
        assert_eq!(codes(8), Vec::<&str>::new());
    }

    #[test]
    fn bytes_after_a_fixed_disk_are_counted() {
        let mut file = file(&disk(NewKind::Fixed, 1_024, 1, None), &[], 0);
        file.splice(1_024..1_024, [0; 100]);
        let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
        assert_eq!(image.findings(), [Finding::BytesAfterDisk { count: ByteCount::new(100) }]);
    }

    #[test]
    fn usual_blocks_are_no_finding() {
        let codes = |block_bytes| {
            let disk = super::super::NewDisk { block_bytes, ..disk(NewKind::Dynamic, 4 << 20, 1, None) };
            let file = file(&disk, &[0], 7);
            let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
            image.findings().iter().map(Finding::code).collect::<Vec<_>>()
        };
        assert_eq!(codes(2 << 20), Vec::<&str>::new());
        assert_eq!(codes(512 << 10), Vec::<&str>::new());
        assert_eq!(codes(1 << 20), ["block-size"]);
    }

    #[test]
    fn a_locators_text_is_read_where_it_lies_in_the_file_and_is_no_longer_than_a_path() {
        let child = file(&disk(NewKind::Differencing, 8_192, 2, Some(1)), &[1], 7);
        let look = |change: &dyn Fn(&mut Locator)| {
            let mut file = child.clone();
            change_header(&mut file, |header| change(&mut header.locators[1]));
            let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
            let text = image.parent().unwrap().paths[1].text.clone();
            (text, image.findings().iter().any(|finding| finding.code() == "locator"))
        };
        let size = child.len() as u64;
        let path = || Some(alloc::string::String::from(".\\base.vhd"));
        assert_eq!(look(&|_| {}), (path(), false));
        assert_eq!(look(&|locator| locator.code = *b"Wi2r"), (None, false));
        assert_eq!(look(&|locator| locator.offset = FileOffset::new(u64::MAX)), (None, true));
        // Two bytes at the very end of the file, and two of which one is not there.
        let two_at = |at: u64| {
            move |locator: &mut Locator| {
                locator.bytes = 2;
                locator.offset = FileOffset::new(at);
            }
        };
        assert!(!look(&two_at(size - 2)).1);
        assert_eq!(look(&two_at(size - 1)), (None, true));
        // Longer than a path, though all of it is there.
        let long = |bytes: u32| {
            let mut file = child.clone();
            let at = file.len() as u64 - 512;
            let place = usize::try_from(at).unwrap();
            file.splice(place..place, vec![b'a'; LOCATOR_TEXT_BYTES_MAX as usize + 2]);
            change_header(&mut file, |header| {
                header.locators[1].offset = FileOffset::new(at);
                header.locators[1].bytes = bytes;
            });
            let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
            image.parent().unwrap().paths[1].text.as_ref().map(|text| text.chars().count())
        };
        let most = LOCATOR_TEXT_BYTES_MAX;
        assert_eq!(long(most), Some(most as usize / 2));
        assert_eq!(long(most + 1), None);
    }

    #[test]
    fn a_wrong_header_checksum_is_refused_until_it_is_accepted() {
        let mut file = dynamic();
        file[1_000] ^= 1;
        assert!(matches!(refusal(&file), VhdError::HeaderChecksum { .. }));
        let image = Image::open(Bytes(&file), Leniency::AcceptChecksums).unwrap();
        assert!(image.findings().iter().any(|finding| finding.code() == "header-checksum"));
    }

    #[test]
    fn the_current_size_is_the_size_and_the_original_one_is_a_note() {
        let mut file = dynamic();
        change_both(&mut file, |footer| footer.original_size = ByteCount::new(1));
        let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
        assert_eq!(image.size(), ByteCount::new(8_192));
        assert!(image.findings().iter().any(|finding| finding.code() == "resized"));
    }

    #[test]
    fn a_fixed_image_that_lacks_a_byte_is_refused() {
        let mut file = file(&disk(NewKind::Fixed, 1_024, 1, None), &[], 0);
        change_footer(&mut file, 1_024, |footer| footer.current_size = ByteCount::new(1_025));
        assert_eq!(
            refusal(&file),
            VhdError::FixedCut { size: ByteCount::new(1_025), held: ByteCount::new(1_024) }
        );
        change_footer(&mut file, 1_024, |footer| footer.current_size = ByteCount::new(1_024));
        assert!(Image::open(Bytes(&file), Leniency::Strict).is_ok());
    }

    #[test]
    fn an_unknown_version_of_the_header_is_refused() {
        let mut file = dynamic();
        change_header(&mut file, |header| header.version = 0x0001_0007);
        assert!(Image::open(Bytes(&file), Leniency::Strict).is_ok());
        change_header(&mut file, |header| header.version = 0x0002_0000);
        assert_eq!(refusal(&file), VhdError::Version { part: "the dynamic header", version: 0x0002_0000 });
    }

    #[test]
    fn an_unknown_version_or_type_is_refused_by_its_number() {
        let mut file = dynamic();
        change_both(&mut file, |footer| footer.version = 0x0002_0000);
        assert!(matches!(refusal(&file), VhdError::Version { part: "the footer", version: 0x0002_0000 }));
        change_both(&mut file, |footer| {
            footer.version = 0x0001_0003;
            footer.disk_type = DiskType(5);
        });
        assert_eq!(refusal(&file), VhdError::DiskType { found: 5 });
    }
}
