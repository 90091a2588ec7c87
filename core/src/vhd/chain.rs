//! Chain: a child and its parents, child first, read as one disk.
//!
//! Each sector comes from the first image that holds it. An image ends the
//! search at its own end: what a larger child has beyond its parent reads as
//! zeroes, even where a grandparent is larger again. Images are joined by
//! unique id and compared by byte position, so their block sizes may differ.

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::error::{ChainError, ReadError};
use super::finding::Finding;
use super::image::{Held, Image, ImageKind};
use crate::extent::{Extent, ExtentSet};
use crate::read::ReadAt;
use crate::units::{ByteCount, FileOffset, SECTOR_BYTES};

/// The most images in a chain. Hypervisors stop far below.
pub const CHAIN_IMAGES_MAX: usize = 256;

/// A differencing image and its parents, or one complete image.
///
/// Invariant: every image but the last is differencing and names the next one
/// by its unique id; the last one is complete; no id occurs twice.
#[derive(Debug)]
pub struct Chain<S> {
    images: Vec<Image<S>>,
    findings: Vec<Finding>,
}

/// Whether a read touched any stored byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// No image holds any of it; the buffer is zeroes and no data was read.
    Unallocated,
    /// At least one sector was read from a file.
    Read,
}

/// Whether and where a chain holds sectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// In this image, the child being 0.
    Stored {
        /// Which image.
        depth: usize,
    },
    /// In none; reads as zeroes.
    Unallocated,
}

/// A stretch of the disk that comes from one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// From image `depth`, `length` bytes from `offset` of its file on.
    Stored {
        /// Which image, the child being 0.
        depth: usize,
        /// Where in its file.
        offset: FileOffset,
        /// How many bytes.
        length: u64,
    },
    /// From no image: `length` zero bytes.
    Unallocated {
        /// How many bytes.
        length: u64,
    },
}

impl Piece {
    /// How many bytes of the disk it covers; never zero.
    pub fn length(self) -> u64 {
        match self {
            Piece::Stored { length, .. } | Piece::Unallocated { length } => length,
        }
    }

    fn allocation(self) -> Allocation {
        match self {
            Piece::Stored { depth, .. } => Allocation::Stored { depth },
            Piece::Unallocated { .. } => Allocation::Unallocated,
        }
    }
}

/// Where a search through the first images of a chain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    Found {
        depth: usize,
        offset: FileOffset,
        length: u64,
    },
    /// An image ended the search: it is complete, or the disk ends there.
    Ended {
        length: u64,
    },
    /// All images that were asked pass the question on.
    Passed {
        length: u64,
    },
}

impl<S: ReadAt> Chain<S> {
    /// Joins images, child first.
    ///
    /// # Errors
    ///
    /// [`ChainError`] names the image that has no parent, a wrong one, or is
    /// its own. A parent whose time is another than the child remembers is
    /// only a finding, since many programs store no time.
    pub fn join(images: Vec<Image<S>>) -> Result<Chain<S>, ChainError> {
        if images.is_empty() {
            return Err(ChainError::Empty);
        }
        if images.len() > CHAIN_IMAGES_MAX {
            return Err(ChainError::TooDeep { images: images.len(), limit: CHAIN_IMAGES_MAX });
        }
        refuse_loops(&images)?;
        let mut findings = Vec::new();
        for (depth, image) in images.iter().enumerate() {
            findings.extend(judge_link(depth, image, images.get(depth + 1))?);
        }
        Ok(Chain { images, findings })
    }

    /// The size of the disk: the child's.
    pub fn size(&self) -> ByteCount {
        self.images.first().map_or(ByteCount::ZERO, Image::size)
    }

    /// Its images, child first.
    pub fn images(&self) -> &[Image<S>] {
        &self.images
    }

    /// What is unusual about how the images fit together; each image has
    /// findings of its own.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// A cursor for one reader.
    pub fn cursor(&self) -> Cursor {
        Cursor::default()
    }

    /// Fills `buffer` with the disk from byte `disk_offset` on: one read for
    /// each run of adjacent file bytes, straight into the buffer. What no
    /// image holds, and what lies beyond the disk, is zeroes.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a file fails or has become shorter.
    pub fn read(
        &self,
        cursor: &mut Cursor,
        disk_offset: u64,
        buffer: &mut [u8],
    ) -> Result<Content, ReadError<S::Error>> {
        let mut content = Content::Unallocated;
        let mut at = disk_offset;
        let mut rest = buffer;
        while !rest.is_empty() {
            let piece = self.piece(cursor, at, rest.len() as u64)?;
            let length = usize::try_from(piece.length()).unwrap_or(rest.len()).min(rest.len());
            let (now, later) = rest.split_at_mut(length);
            match piece {
                Piece::Unallocated { .. } => now.fill(0),
                Piece::Stored { depth, offset, .. } => {
                    self.read_stored(depth, offset, now)?;
                    content = Content::Read;
                }
            }
            at = at.saturating_add(length as u64);
            rest = later;
        }
        Ok(content)
    }

    /// Where the disk comes from at byte `disk_offset`, for at most `length`
    /// bytes, of which there must be one. Reads sector bitmaps, never data.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a sector bitmap cannot be read.
    pub fn piece(
        &self,
        cursor: &mut Cursor,
        disk_offset: u64,
        length: u64,
    ) -> Result<Piece, ReadError<S::Error>> {
        Ok(match self.search(cursor, disk_offset, length, self.images.len())? {
            Search::Found { depth, offset, length } => Piece::Stored { depth, offset, length },
            Search::Ended { length } | Search::Passed { length } => Piece::Unallocated { length },
        })
    }

    /// Tells for all sectors of `extent`, in order and as long runs, which
    /// image stores them. Reads sector bitmaps, never data.
    ///
    /// # Errors
    ///
    /// Whatever `visit` returns, and [`ReadError`] when a sector bitmap cannot
    /// be read.
    pub fn extents<E: From<ReadError<S::Error>>>(
        &self,
        cursor: &mut Cursor,
        extent: Extent,
        visit: &mut dyn FnMut(Extent, Allocation) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut pending: Option<(Extent, Allocation)> = None;
        let mut at = extent.start.get();
        let end = extent.end().get();
        while at < end {
            let (sectors, allocation) = {
                let piece = self.piece(cursor, bytes(at), bytes(end - at))?;
                (piece.length().div_ceil(SECTOR_BYTES), piece.allocation())
            };
            match &mut pending {
                Some((run, same)) if *same == allocation => {
                    *run = Extent::new(run.start.get(), run.count.get() + sectors);
                }
                _ => {
                    if let Some((run, allocation)) = pending.replace((Extent::new(at, sectors), allocation)) {
                        visit(run, allocation)?;
                    }
                }
            }
            at += sectors;
        }
        if let Some((run, allocation)) = pending {
            visit(run, allocation)?;
        }
        Ok(())
    }

    /// The sectors that may differ from the disk which image `depth` was when
    /// it was the newest: all that images `0..depth` hold, and all that the
    /// end of one of them cuts off. More than changed, never less. Reads
    /// sector bitmaps, never data.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a sector bitmap cannot be read.
    pub fn written_above(&self, depth: usize, cursor: &mut Cursor) -> Result<ExtentSet, ReadError<S::Error>> {
        let mut written = ExtentSet::new();
        let end = self.size().sectors_rounded_up().get();
        let mut at = 0;
        while at < end {
            let found = self.search(cursor, bytes(at), bytes(end - at), depth.min(self.images.len()))?;
            let (sectors, is_written) = match found {
                Search::Found { length, .. } | Search::Ended { length } => {
                    (length.div_ceil(SECTOR_BYTES), true)
                }
                // Another image ends inside this sector: its rest may be new.
                Search::Passed { length } if length < SECTOR_BYTES => (1, true),
                Search::Passed { length } => (length / SECTOR_BYTES, false),
            };
            if is_written {
                written.insert(Extent::new(at, sectors));
            }
            at += sectors;
        }
        Ok(written)
    }

    /// Asks the first `images` images, child first, who holds the disk at
    /// byte `at`; at most `length` bytes, of which there must be one.
    fn search(
        &self,
        cursor: &mut Cursor,
        at: u64,
        length: u64,
        images: usize,
    ) -> Result<Search, ReadError<S::Error>> {
        let mut length = length;
        for (depth, image) in self.images.iter().enumerate().take(images) {
            let beyond = image.size().get().saturating_sub(at);
            if beyond == 0 {
                return Ok(Search::Ended { length });
            }
            length = length.min(beyond);
            let held =
                image.look(at, length, cursor.of(depth)).map_err(|error| ReadError { depth, ..error })?;
            match held {
                Held::Here { offset, length } => return Ok(Search::Found { depth, offset, length }),
                Held::Absent { length: absent } => length = absent,
            }
            if image.kind() != ImageKind::Differencing {
                return Ok(Search::Ended { length });
            }
        }
        Ok(Search::Passed { length })
    }

    /// Fills `buffer` from the file of image `depth`.
    pub(crate) fn read_stored(
        &self,
        depth: usize,
        offset: FileOffset,
        buffer: &mut [u8],
    ) -> Result<(), ReadError<S::Error>> {
        match self.images.get(depth) {
            Some(image) => image.read(offset, buffer).map_err(|error| ReadError { depth, ..error }),
            None => {
                buffer.fill(0);
                Ok(())
            }
        }
    }
}

/// Sectors as bytes; disks end long before 2^64.
fn bytes(sectors: u64) -> u64 {
    sectors.saturating_mul(SECTOR_BYTES)
}

fn refuse_loops<S: ReadAt>(images: &[Image<S>]) -> Result<(), ChainError> {
    for (second, image) in images.iter().enumerate() {
        let Some(id) = image.unique_id() else { continue };
        let same = images.iter().take(second).position(|earlier| earlier.unique_id() == Some(id));
        if let Some(first) = same {
            return Err(ChainError::Loop { first, second, id });
        }
    }
    Ok(())
}

/// Whether `parent` is the parent that image `depth` asks for, and what is
/// unusual about the two.
pub(crate) fn judge_link<S: ReadAt>(
    depth: usize,
    image: &Image<S>,
    parent: Option<&Image<S>>,
) -> Result<Vec<Finding>, ChainError> {
    let Some(link) = image.parent() else {
        return match parent {
            Some(_) => Err(ChainError::NeedlessParent { depth }),
            None => Ok(Vec::new()),
        };
    };
    let wanted = link.unique_id;
    let Some(parent) = parent else { return Err(ChainError::MissingParent { depth, wanted }) };
    let found = parent.unique_id();
    if found != Some(wanted) {
        return Err(ChainError::WrongParent { depth, wanted, found });
    }
    let mut findings = Vec::new();
    let parent_time = parent.footer().map_or(0, |footer| footer.created);
    if link.created != 0 && link.created != parent_time {
        findings.push(Finding::ParentTime { depth, remembered: link.created, found: parent_time });
    }
    if image.size() > parent.size() {
        findings.push(Finding::ParentSmaller { depth, child: image.size(), parent: parent.size() });
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{BLOCK_BYTES, Failing, disk, file};
    use super::super::{Leniency, NewKind};
    use super::*;
    use crate::read::Bytes;
    use alloc::string::ToString as _;
    use alloc::vec;

    fn base(size: u64) -> Vec<u8> {
        file(&disk(NewKind::Dynamic, size, 1, None), &[0, 1], 1)
    }

    fn child(size: u64, id: u8, parent: u8) -> Vec<u8> {
        file(&disk(NewKind::Differencing, size, id, Some(parent)), &[1], id)
    }

    fn join<'a>(files: &[&'a [u8]]) -> Result<Chain<Bytes<'a>>, ChainError> {
        Chain::join(files.iter().map(|file| Image::open(Bytes(file), Leniency::Strict).unwrap()).collect())
    }

    #[test]
    fn a_child_hides_its_parent_where_it_holds_something() {
        let (base, child) = (base(3 * BLOCK_BYTES), child(3 * BLOCK_BYTES, 2, 1));
        let chain = join(&[&child, &base]).unwrap();
        let mut cursor = chain.cursor();
        let mut around = [9; 2];
        for (border, expected) in
            [(BLOCK_BYTES, [1, 2]), (2 * BLOCK_BYTES, [2, 0]), (3 * BLOCK_BYTES, [0, 0])]
        {
            assert!(chain.read(&mut cursor, border - 1, &mut around).is_ok());
            assert_eq!(around, expected);
        }
        assert_eq!(chain.read(&mut cursor, 2 * BLOCK_BYTES, &mut around), Ok(Content::Unallocated));
        let above = chain.written_above(1, &mut cursor).unwrap();
        assert_eq!(above.extents(), [Extent::new(8, 8)]);
    }

    #[test]
    fn beyond_a_smaller_parent_lie_zeroes_even_when_a_grandparent_is_larger() {
        let (base, middle, child) =
            (base(2 * BLOCK_BYTES), child(BLOCK_BYTES + 512, 2, 1), child(4 * BLOCK_BYTES, 3, 2));
        let middle_only = file(&disk(NewKind::Differencing, BLOCK_BYTES, 2, Some(1)), &[], 0);
        let chain = join(&[&child, &middle, &base]).unwrap();
        assert!(
            matches!(chain.findings(), [Finding::ParentSmaller { depth: 0, .. }]),
            "{:?}",
            chain.findings()
        );
        let small = file(&disk(NewKind::Differencing, 2 * BLOCK_BYTES, 3, Some(2)), &[], 0);
        let chain = join(&[&small, &middle_only, &base]).unwrap();
        let mut buffer = [9; 2];
        chain.read(&mut chain.cursor(), BLOCK_BYTES - 1, &mut buffer).unwrap();
        assert_eq!(buffer, [1, 0]);
    }

    #[test]
    fn a_read_that_fails_names_the_image_and_the_place() {
        let (base, child) = (base(3 * BLOCK_BYTES), child(3 * BLOCK_BYTES, 2, 1));
        let open = |file, sound| {
            let image = Image::open(Failing::new(file), Leniency::Strict).unwrap();
            image.source().sound_bytes.set(sound);
            image
        };
        // The base's first block: a bitmap of one sector, then the data, on 4 KiB.
        let chain = |sound| Chain::join(vec![open(&child, u64::MAX), open(&base, sound)]).unwrap();
        let of_data = chain(4_096).read(&mut Cursor::default(), 0, &mut [0; 1_024]).unwrap_err();
        assert_eq!((of_data.depth, of_data.offset.get(), of_data.length.get()), (1, 4_096, 1_024));
        let of_bitmap = chain(4_095).read(&mut Cursor::default(), 0, &mut [0; 1_024]).unwrap_err();
        assert_eq!((of_bitmap.depth, of_bitmap.offset.get(), of_bitmap.length.get()), (1, 3_584, 512));
        assert_eq!(of_bitmap.source, "a bad sector");
    }

    #[test]
    fn images_that_do_not_belong_together_are_named() {
        let (base, one, two) =
            (base(BLOCK_BYTES * 2), child(BLOCK_BYTES * 2, 2, 1), child(BLOCK_BYTES * 2, 3, 9));
        assert_eq!(join(&[]).unwrap_err(), ChainError::Empty);
        assert_eq!(join(&[&one]).unwrap_err(), ChainError::MissingParent { depth: 0, wanted: [1; 16] });
        assert_eq!(
            join(&[&two, &one, &base]).unwrap_err(),
            ChainError::WrongParent { depth: 0, wanted: [9; 16], found: Some([2; 16]) }
        );
        assert_eq!(join(&[&base, &one]).unwrap_err(), ChainError::NeedlessParent { depth: 0 });
    }

    #[test]
    fn a_parent_of_another_time_is_a_finding_and_no_time_is_none() {
        let base = base(BLOCK_BYTES * 2);
        let found = |remembered| {
            let mut plan = disk(NewKind::Differencing, BLOCK_BYTES * 2, 2, Some(1));
            plan.parent.as_mut().unwrap().created = remembered;
            join(&[&file(&plan, &[], 0), &base]).unwrap().findings().to_vec()
        };
        assert_eq!(found(77), []);
        assert_eq!(found(0), []);
        assert_eq!(found(76), [Finding::ParentTime { depth: 0, remembered: 76, found: 77 }]);
    }

    #[test]
    fn an_image_that_is_its_own_parent_is_a_loop() {
        let own = child(BLOCK_BYTES * 2, 2, 2);
        let refused = join(&[&own, &own]).unwrap_err();
        assert_eq!(refused, ChainError::Loop { first: 0, second: 1, id: [2; 16] });
        assert!(refused.to_string().contains("the same id, 02020202020202020202020202020202:"), "{refused}");
    }

    #[test]
    fn a_chain_ends_at_256_images() {
        let base = base(BLOCK_BYTES * 2);
        let too_many = vec![&base[..]; CHAIN_IMAGES_MAX + 1];
        assert_eq!(join(&too_many).unwrap_err(), ChainError::TooDeep { images: 257, limit: 256 });
        assert!(matches!(join(&too_many[1..]).unwrap_err(), ChainError::Loop { .. }));
    }
}
