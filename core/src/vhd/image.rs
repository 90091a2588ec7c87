//! Image: one opened file, and where it holds a byte of the disk.

use core::fmt;

use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use super::bitmap::SectorBitmap;
use super::error::{OpenError, ReadError};
use super::finding::Finding;
use super::footer::Footer;
use super::header::Header;
use super::open::{self, Leniency};
use super::parent::ParentLink;
use super::table::{BlockShape, BlockTable};
use crate::read::ReadAt;
use crate::units::{BlockIndex, ByteCount, FileOffset, SECTOR_BYTES};

/// The four ways a file can hold a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// No container: the bytes of the file are the bytes of the disk.
    Raw,
    /// All sectors in order, then a footer.
    Fixed,
    /// Blocks, stored once written.
    Dynamic,
    /// Blocks that differ from a parent.
    Differencing,
}

/// One opened image. Holds its block allocation table, never its content.
#[derive(Debug)]
pub struct Image<S> {
    source: S,
    kind: ImageKind,
    size: ByteCount,
    footer: Option<Footer>,
    blocks: Option<(Header, BlockTable)>,
    parent: Option<ParentLink>,
    findings: Vec<Finding>,
}

/// Where an image holds a stretch of the disk; lengths in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// In the file, from this offset on.
    Here { offset: FileOffset, length: u64 },
    /// Not in this image.
    Absent { length: u64 },
}

/// How many absent blocks one look joins; keeps a look's cost bounded.
const ABSENT_BLOCKS_MAX: u64 = 256;

impl<S: ReadAt> Image<S> {
    /// Opens a VHD. Reads footers, header, locators and the block allocation
    /// table; allocates four bytes for each block of the disk.
    ///
    /// # Errors
    ///
    /// [`OpenError::Format`] says what the file is instead or what is wrong
    /// with it, [`OpenError::Read`] where it could not be read.
    pub fn open(source: S, leniency: Leniency) -> Result<Image<S>, OpenError<S::Error>> {
        let opened = open::open(&source, leniency)?;
        Ok(Image {
            source,
            kind: opened.kind,
            size: opened.footer.current_size,
            footer: Some(opened.footer),
            blocks: opened.blocks,
            parent: opened.parent,
            findings: opened.findings,
        })
    }

    /// What is sound of an image that is refused; never joined to a chain.
    pub(super) fn with_table(
        source: S,
        kind: ImageKind,
        footer: Footer,
        blocks: (Header, BlockTable),
    ) -> Image<S> {
        let (size, findings) = (footer.current_size, Vec::new());
        Image { source, kind, size, footer: Some(footer), blocks: Some(blocks), parent: None, findings }
    }

    /// Takes a file as a disk without container, because the caller said so.
    /// The last sector may be there in part.
    pub fn raw(source: S) -> Image<S> {
        let size = source.size();
        let mut findings = Vec::new();
        if !size.get().is_multiple_of(SECTOR_BYTES) {
            findings.push(Finding::PartialSector { size });
        }
        Image { source, kind: ImageKind::Raw, size, footer: None, blocks: None, parent: None, findings }
    }

    /// How the file holds its disk.
    pub fn kind(&self) -> ImageKind {
        self.kind
    }

    /// The size of the disk: the footer's current size, or all of a raw file.
    pub fn size(&self) -> ByteCount {
        self.size
    }

    /// Who the image is, as raw bytes; a raw file is nobody.
    pub fn unique_id(&self) -> Option<[u8; 16]> {
        self.footer.as_ref().map(|footer| footer.unique_id)
    }

    /// What a differencing image says about its parent.
    pub fn parent(&self) -> Option<&ParentLink> {
        self.parent.as_ref()
    }

    /// The footer that counts; none in a raw file.
    pub fn footer(&self) -> Option<&Footer> {
        self.footer.as_ref()
    }

    /// The dynamic header of a dynamic or differencing image.
    pub fn header(&self) -> Option<&Header> {
        self.blocks.as_ref().map(|(header, _)| header)
    }

    /// The block allocation table of a dynamic or differencing image.
    pub fn table(&self) -> Option<&BlockTable> {
        self.blocks.as_ref().map(|(_, table)| table)
    }

    /// What is unusual or wrong, and was read around.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The file.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Reads the sector bitmap that lies at `place`.
    ///
    /// # Errors
    ///
    /// [`ReadError`], with depth 0: the caller knows the chain.
    pub(crate) fn read_bitmap(
        &self,
        place: FileOffset,
        shape: BlockShape,
    ) -> Result<SectorBitmap, ReadError<S::Error>> {
        // A block is at most 2 GiB, so its bitmap at most 512 KiB.
        let mut bytes = vec![0; usize::try_from(shape.bitmap_bytes()).unwrap_or(0)];
        self.read(place, &mut bytes)?;
        Ok(SectorBitmap::new(bytes, shape.sectors()))
    }

    /// Fills `buffer` from byte `offset` of the file.
    pub(crate) fn read(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), ReadError<S::Error>> {
        self.source.read_exact_at(offset, buffer).map_err(|source| ReadError {
            depth: 0,
            offset,
            length: ByteCount::new(buffer.len() as u64),
            source,
        })
    }

    /// Where the image holds the disk from byte `at` on, for at most `length`
    /// bytes; both lie in the disk and `length` is not zero.
    pub(crate) fn look(
        &self,
        at: u64,
        length: u64,
        scratch: &mut Scratch,
    ) -> Result<Held, ReadError<S::Error>> {
        let Some((_, table)) = &self.blocks else {
            return Ok(Held::Here { offset: FileOffset::new(at), length });
        };
        let shape = table.shape();
        let block = at / shape.block_bytes();
        let within = at % shape.block_bytes();
        let Some(place) = table.place(BlockIndex::new(block)) else {
            return Ok(Held::Absent { length: absent_bytes(table, block, within, length) });
        };
        let bitmap = scratch.bitmap(BlockIndex::new(block), || self.read_bitmap(place, shape))?;
        // A block has at most 2^22 sectors.
        let sector = u32::try_from(within / SECTOR_BYTES).unwrap_or(u32::MAX);
        let run = bitmap.run_at(sector);
        let past = (u64::from(sector) + u64::from(run.sectors)) * SECTOR_BYTES;
        let length = length.min(past.saturating_sub(within));
        if !run.is_set {
            return Ok(Held::Absent { length });
        }
        Ok(Held::Here { offset: FileOffset::new(place.get() + shape.bitmap_bytes() + within), length })
    }
}

/// How many bytes from `within` the absent `block` on, at most `length`, lie
/// in blocks that are not stored.
fn absent_bytes(table: &BlockTable, block: u64, within: u64, length: u64) -> u64 {
    let block_bytes = table.shape().block_bytes();
    let mut bytes = block_bytes - within;
    for next in block + 1..block + ABSENT_BLOCKS_MAX {
        if bytes >= length || table.place(BlockIndex::new(next)).is_some() {
            break;
        }
        bytes += block_bytes;
    }
    bytes.min(length)
}

/// The last sector bitmap that was read from one image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    last: Option<(BlockIndex, SectorBitmap)>,
}

impl Scratch {
    /// The bitmap of `block`: the kept one, or what `read` brings.
    fn bitmap<E>(
        &mut self,
        block: BlockIndex,
        read: impl FnOnce() -> Result<SectorBitmap, E>,
    ) -> Result<&SectorBitmap, E> {
        let kept = match self.last.take() {
            Some(kept) if kept.0 == block => kept,
            _ => (block, read()?),
        };
        Ok(&self.last.insert(kept).1)
    }
}

impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImageKind::Raw => "raw",
            ImageKind::Fixed => "fixed",
            ImageKind::Dynamic => "dynamic",
            ImageKind::Differencing => "differencing",
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use core::cell::Cell;
    use core::convert::Infallible;

    use super::super::testing::{BLOCK_BYTES, disk, file};
    use super::super::{Chain, NewKind, Piece};
    use super::*;
    use crate::read::Bytes;

    #[test]
    fn a_raw_file_is_its_disk_and_may_end_inside_a_sector() {
        assert_eq!(Image::raw(Bytes(&[1; 1_024])).findings(), []);
        let image = Image::raw(Bytes(&[1; 1_000]));
        assert_eq!(image.findings(), [Finding::PartialSector { size: ByteCount::new(1_000) }]);
        assert_eq!((image.kind().to_string(), image.size().get()), ("raw".to_string(), 1_000));
        assert!(image.header().is_none() && image.footer().is_none() && image.unique_id().is_none());
    }

    #[test]
    fn a_sparse_image_has_a_header_and_says_what_it_is() {
        let file = file(&disk(NewKind::Dynamic, 2 * BLOCK_BYTES, 1, None), &[1], 7);
        let image = Image::open(Bytes(&file), Leniency::Strict).unwrap();
        assert_eq!(image.kind().to_string(), "dynamic");
        assert_eq!(image.header().map(|header| header.table_entries), Some(2));
        assert_eq!(image.unique_id(), Some([1; 16]));
    }

    #[test]
    fn one_look_joins_256_absent_blocks_and_no_more() {
        let blocks = 600;
        let file = file(&disk(NewKind::Dynamic, blocks * BLOCK_BYTES, 1, None), &[300], 7);
        let chain = Chain::join(vec![Image::open(Bytes(&file), Leniency::Strict).unwrap()]).unwrap();
        let absent = |at: u64, length: u64| match chain.piece(&mut chain.cursor(), at, length).unwrap() {
            Piece::Unallocated { length } => length,
            stored => panic!("{stored:?}"),
        };
        let all = blocks * BLOCK_BYTES;
        assert_eq!(absent(0, all), 256 * BLOCK_BYTES);
        assert_eq!(absent(100, all - 100), 256 * BLOCK_BYTES - 100);
        assert_eq!(absent(0, 3 * BLOCK_BYTES), 3 * BLOCK_BYTES);
        assert_eq!(absent(0, 3 * BLOCK_BYTES + 1), 3 * BLOCK_BYTES + 1);
        assert_eq!(absent(5, 1), 1);
        // Up to the stored block, and from behind it to the last one.
        assert_eq!(absent(100 * BLOCK_BYTES, all - 100 * BLOCK_BYTES), 200 * BLOCK_BYTES);
        assert_eq!(absent(590 * BLOCK_BYTES + 7, 10 * BLOCK_BYTES - 7), 10 * BLOCK_BYTES - 7);
    }

    /// Bytes, and how often they were read.
    struct Counted<'a>(&'a [u8], Cell<u32>);

    impl ReadAt for Counted<'_> {
        type Error = Infallible;

        fn size(&self) -> ByteCount {
            Bytes(self.0).size()
        }

        fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Infallible> {
            self.1.set(self.1.get() + 1);
            Bytes(self.0).read_exact_at(offset, buffer)
        }
    }

    #[test]
    fn a_bitmap_is_read_once_while_its_block_is_read() {
        let file = file(&disk(NewKind::Dynamic, 2 * BLOCK_BYTES, 1, None), &[0, 1], 7);
        let image = Image::open(Counted(&file, Cell::new(0)), Leniency::Strict).unwrap();
        let chain = Chain::join(vec![image]).unwrap();
        let mut cursor = chain.cursor();
        let reads = || chain.images()[0].source().1.replace(0);
        reads();
        for (block, expected) in [(0, 1), (0, 0), (1, 1), (1, 0), (0, 1)] {
            chain.piece(&mut cursor, block * BLOCK_BYTES + 512, 512).unwrap();
            assert_eq!(reads(), expected, "block {block}");
        }
    }
}
