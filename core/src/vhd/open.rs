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
    use super::super::testing::{change_footer, disk, file};
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

    fn change_header(file: &mut [u8], change: impl FnOnce(&mut Header)) {
        let mut header = Header::decode(file[512..].first_chunk().unwrap()).unwrap();
        change(&mut header);
        file[512..1_536].copy_from_slice(&header.encode());
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
