//! Opening: which footer to believe, and whether the rest can be what it says.
//!
//! The footer at the end counts. Where it is gone or its checksum is wrong,
//! the copy at the start counts, and that is a finding. Where neither holds,
//! the caller must have said that wrong checksums are acceptable.

use alloc::vec;
use alloc::vec::Vec;

use super::error::{OpenError, VhdError};
use super::finding::{Finding, FooterPlace};
use super::footer::{DiskType, FEATURE_RESERVED, FOOTER_BYTES, FORMAT_VERSION, Footer, SHORT_FOOTER_BYTES};
use super::foreign::{FOREIGN_HEAD_BYTES, Foreign, ISO_MARK_AT};
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
struct Opening<'a, S> {
    source: &'a S,
    leniency: Leniency,
    findings: Vec<Finding>,
}

/// The footer to believe, and where disk data must end.
struct Believed {
    footer: Footer,
    end: FileOffset,
    head_is_footer: bool,
}

/// The copy at the start, decoded and as it is stored.
type HeadFooter = (Footer, [u8; FOOTER_BYTES]);

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
    fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), OpenError<S::Error>> {
        let offset = FileOffset::new(offset);
        self.source.read_exact_at(offset, buffer).map_err(|source| OpenError::Read {
            offset,
            length: ByteCount::new(buffer.len() as u64),
            source,
        })
    }

    fn file_bytes(&self) -> u64 {
        self.source.size().get()
    }

    fn believe(&mut self) -> Result<Believed, OpenError<S::Error>> {
        let size = self.file_bytes();
        if size == 0 {
            return Err(VhdError::Empty.into());
        }
        let tail = self.tail_footer()?;
        let head = self.head_footer()?;
        let head_is_footer = head.is_some();
        let Some((footer, at)) = tail else {
            let Some((head, _)) = head else { return Err(self.name_what_it_is()?.into()) };
            if !head.checksum.holds() {
                self.accept_footer(FooterPlace::Start, &head, 0)?;
            }
            self.findings.push(Finding::FooterMissing { place: FooterPlace::End });
            return Ok(Believed { footer: head, end: FileOffset::new(size), head_is_footer });
        };
        let end = FileOffset::new(at);
        if size - at == SHORT_FOOTER_BYTES as u64 {
            self.findings.push(Finding::ShortFooter);
        }
        if footer.checksum.holds() {
            self.compare_head(&footer, at, head.as_ref())?;
            return Ok(Believed { footer, end, head_is_footer });
        }
        // A fixed disk may begin with a whole VHD of its guest's; its own
        // footer, where the sizes agree, is the better witness.
        let is_fixed = footer.disk_type == DiskType::FIXED && footer.current_size.get() == at;
        match head {
            Some((head, _)) if head.checksum.holds() && !is_fixed => {
                self.findings.push(Finding::bad_footer(FooterPlace::End, &footer));
                Ok(Believed { footer: head, end, head_is_footer })
            }
            _ => {
                self.accept_footer(FooterPlace::End, &footer, at)?;
                Ok(Believed { footer, end, head_is_footer })
            }
        }
    }

    /// The footer at the end and where it begins.
    fn tail_footer(&self) -> Result<Option<(Footer, u64)>, OpenError<S::Error>> {
        let size = self.file_bytes();
        for length in [FOOTER_BYTES, SHORT_FOOTER_BYTES] {
            let is_short = length == SHORT_FOOTER_BYTES;
            let Some(at) = size.checked_sub(length as u64) else { continue };
            if is_short && !at.is_multiple_of(SECTOR_BYTES) {
                continue;
            }
            let mut bytes = [0; FOOTER_BYTES];
            self.read(at, &mut bytes[..length])?;
            if let Some(footer) = Footer::decode(&bytes) {
                return Ok(Some((footer, at)));
            }
        }
        Ok(None)
    }

    /// The copy at the start, where the file can have one: a fixed image has
    /// its disk there.
    fn head_footer(&self) -> Result<Option<HeadFooter>, OpenError<S::Error>> {
        if self.file_bytes() < (FOOTER_BYTES + HEADER_BYTES) as u64 {
            return Ok(None);
        }
        let mut bytes = [0; FOOTER_BYTES];
        self.read(0, &mut bytes)?;
        let is_sparse =
            |footer: &Footer| matches!(footer.disk_type, DiskType::DYNAMIC | DiskType::DIFFERENCING);
        Ok(Footer::decode(&bytes).filter(is_sparse).map(|footer| (footer, bytes)))
    }

    /// Notes what is wrong with the copy at the start of a sound image.
    fn compare_head(
        &mut self,
        footer: &Footer,
        at: u64,
        head: Option<&HeadFooter>,
    ) -> Result<(), OpenError<S::Error>> {
        if footer.disk_type == DiskType::FIXED {
            return Ok(());
        }
        let Some((head, head_bytes)) = head else {
            self.findings.push(Finding::FooterMissing { place: FooterPlace::Start });
            return Ok(());
        };
        if !head.checksum.holds() {
            self.findings.push(Finding::bad_footer(FooterPlace::Start, head));
            return Ok(());
        }
        let length = usize::try_from(self.file_bytes() - at).unwrap_or(FOOTER_BYTES).min(FOOTER_BYTES);
        let mut bytes = [0; FOOTER_BYTES];
        self.read(at, &mut bytes[..length])?;
        if bytes != *head_bytes {
            self.findings.push(Finding::FootersDiffer);
        }
        Ok(())
    }

    fn accept_footer(&mut self, place: FooterPlace, footer: &Footer, at: u64) -> Result<(), VhdError> {
        match self.leniency {
            Leniency::Strict => Err(VhdError::FooterChecksum {
                at: FileOffset::new(at),
                stored: footer.checksum.stored,
                computed: footer.checksum.computed,
            }),
            Leniency::AcceptChecksums => {
                self.findings.push(Finding::bad_footer(place, footer));
                Ok(())
            }
        }
    }

    fn name_what_it_is(&self) -> Result<VhdError, OpenError<S::Error>> {
        let size = self.file_bytes();
        let length = usize::try_from(size).unwrap_or(usize::MAX).min(FOREIGN_HEAD_BYTES);
        let mut head = vec![0; length];
        self.read(0, &mut head)?;
        let mut mark = [0; 5];
        if size >= ISO_MARK_AT + 5 {
            self.read(ISO_MARK_AT, &mut mark)?;
        }
        let found = if mark == *b"CD001" { Some(Foreign::Iso) } else { Foreign::recognise(&head) };
        Ok(match found {
            Some(found) => VhdError::Foreign { found },
            None if size < SHORT_FOOTER_BYTES as u64 => VhdError::TooShort { size: self.source.size() },
            None => VhdError::NoFooter { at: FileOffset::new(size.saturating_sub(SECTOR_BYTES)) },
        })
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

    fn header(&mut self, believed: &Believed) -> Result<Header, OpenError<S::Error>> {
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
    fn table_entries(&self, at: u64, needed: u64) -> Result<Vec<u32>, OpenError<S::Error>> {
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
    let header_at = believed.footer.header_offset;
    let mut reserved =
        vec![Reserved { name: "the dynamic header", bytes: header_at..header_at + HEADER_BYTES as u64 }];
    if believed.head_is_footer && header_at >= FOOTER_BYTES as u64 {
        reserved.push(Reserved { name: "the footer at the start", bytes: 0..FOOTER_BYTES as u64 });
    }
    let table = at.get()..past.get();
    let struck = reserved.iter().find(|part| table.start < part.bytes.end && part.bytes.start < table.end);
    if let Some(part) = struck {
        return Err(VhdError::TableOnStructure { at, name: part.name });
    }
    reserved.push(Reserved { name: "the block allocation table", bytes: table });
    Ok(reserved)
}
