//! What changed between two recovery points, or between an image and one.
//!
//! Two points of one vault: pages that are the same are not even opened, and
//! only chunks that differ are read, to say which of their sectors do. An
//! image and a point: the image is read and hashed, and chunks are fetched
//! where the hash is another.

use vhault_core::extent::{Extent, ExtentSet};
use vhault_core::units::SECTOR_BYTES;
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::{Differing, visit_differences};
use vhault_core::vhd::{Changes, Content, Proofs};

use crate::disk::Disk;
use crate::hasher::identify;
use crate::image::ImageError;
use crate::stream_reader::StreamReader;
use crate::vault::blobs::BlobReader;
use crate::vault::{Vault, VaultError};

/// One side of a comparison that has a point in it.
pub enum Side<'a> {
    /// An image.
    Image(&'a Disk),
    /// A disk of a point, in a vault whose table is loaded.
    Point(&'a Vault, Stream),
}

impl Side<'_> {
    fn size(&self) -> u64 {
        match self {
            Side::Image(disk) => disk.size().get(),
            Side::Point(_, stream) => stream.length.get(),
        }
    }
}

/// Why two sides could not be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PointDiffError {
    /// An image could not be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A point could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Compares; `heard` is told how many bytes are done, now and then.
///
/// # Errors
///
/// [`PointDiffError`] naming what could not be read.
pub fn diff(
    before: &Side<'_>,
    after: &Side<'_>,
    heard: &mut dyn FnMut(u64),
) -> Result<Changes, PointDiffError> {
    let mut changes = Changes {
        before_bytes: vhault_core::units::ByteCount::new(before.size()),
        after_bytes: vhault_core::units::ByteCount::new(after.size()),
        changed_sectors: 0,
        extents: ExtentSet::new(),
        proofs: Proofs::default(),
        data_bytes_read: 0,
    };
    match (before, after) {
        (Side::Point(vault, was), Side::Point(other, is))
            if vault.settings().vault == other.settings().vault =>
        {
            by_pages(vault, *was, *is, &mut changes, heard)?;
        }
        _ => by_chunks(before, after, &mut changes, heard)?,
    }
    changes.changed_sectors = changes.extents.sectors().get();
    Ok(changes)
}

fn by_pages(
    vault: &Vault,
    was: Stream,
    is: Stream,
    changes: &mut Changes,
    heard: &mut dyn FnMut(u64),
) -> Result<(), PointDiffError> {
    let grid = vault.grid();
    let mut differing: Vec<Differing> = Vec::new();
    visit_differences(&mut BlobReader::new(vault), grid, was, is, &mut |chunk| differing.push(chunk))?;
    let whole = was.length.max(is.length).get();
    let mut blobs = BlobReader::new(vault);
    let (mut before, mut after) = (vec![0; grid.chunk_bytes()], vec![0; grid.chunk_bytes()]);
    for Differing { chunk, before: old, after: new } in differing {
        let offset = chunk << grid.chunk_log2;
        let length = whole.saturating_sub(offset).min(grid.chunk_bytes() as u64);
        for (id, bytes) in [(old, &mut before), (new, &mut after)] {
            match id {
                Some(id) => {
                    bytes.copy_from_slice(blobs.chunk(id)?);
                    changes.data_bytes_read += length;
                }
                None => bytes.fill(0),
            }
        }
        changes.proofs.compared_bytes += length;
        mark(offset, length, &before, &after, &mut changes.extents);
        heard(offset + length);
    }
    changes.proofs.manifest_bytes = whole - changes.proofs.compared_bytes;
    Ok(())
}

fn by_chunks(
    before: &Side<'_>,
    after: &Side<'_>,
    changes: &mut Changes,
    heard: &mut dyn FnMut(u64),
) -> Result<(), PointDiffError> {
    let whole = before.size().max(after.size());
    let log2 = [before, after].into_iter().filter_map(chunk_log2).max().unwrap_or(18);
    let (mut left, mut right) = (Reader::new(before), Reader::new(after));
    let mut offset = 0;
    while offset < whole {
        let length = (whole - offset).min(1 << log2);
        let bytes = usize::try_from(length).expect("at most 4 MiB");
        // Images first: their hash can spare fetching a chunk.
        if left.is_image() {
            left.fill(offset, bytes, None)?;
            right.fill(offset, bytes, Some(&left))?;
        } else {
            right.fill(offset, bytes, None)?;
            left.fill(offset, bytes, Some(&right))?;
        }
        match (left.held, right.held) {
            (Held::Nothing, Held::Nothing) => changes.proofs.unallocated_bytes += length,
            (Held::SameChunk, _) | (_, Held::SameChunk) => {
                changes.proofs.compared_bytes += length;
                changes.data_bytes_read += length;
            }
            (old, new) => {
                changes.proofs.compared_bytes += length;
                changes.data_bytes_read +=
                    length * [old, new].iter().filter(|held| **held == Held::Bytes).count() as u64;
                mark(offset, length, &left.buffer, &right.buffer, &mut changes.extents);
            }
        }
        offset += length;
        heard(offset);
    }
    Ok(())
}

fn chunk_log2(side: &Side<'_>) -> Option<u8> {
    match side {
        Side::Image(_) => None,
        Side::Point(vault, _) => Some(vault.settings().chunk_log2),
    }
}

/// What a side has at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Zeroes, known without reading data.
    Nothing,
    /// Bytes, in the buffer.
    Bytes,
    /// The chunk that the other side's bytes hash to; nothing was fetched.
    SameChunk,
}

struct Reader<'a> {
    source: Source<'a>,
    buffer: Vec<u8>,
    held: Held,
}

enum Source<'a> {
    Image(&'a Disk, vhault_core::vhd::Cursor),
    Point(&'a Vault, Box<StreamReader<'a>>),
}

impl<'a> Reader<'a> {
    fn new(side: &Side<'a>) -> Reader<'a> {
        let source = match *side {
            Side::Image(disk) => Source::Image(disk, disk.chain().cursor()),
            Side::Point(vault, stream) => Source::Point(vault, Box::new(StreamReader::new(vault, stream))),
        };
        Reader { source, buffer: Vec::new(), held: Held::Nothing }
    }

    fn fill(&mut self, offset: u64, bytes: usize, other: Option<&Reader<'_>>) -> Result<(), PointDiffError> {
        self.buffer.resize(bytes, 0);
        self.held = match &mut self.source {
            Source::Image(disk, cursor) => {
                let content = disk
                    .chain()
                    .read(cursor, offset, &mut self.buffer)
                    .map_err(|error| disk.explain(error))?;
                if content == Content::Unallocated { Held::Nothing } else { Held::Bytes }
            }
            Source::Point(vault, stream) => {
                let whole_chunk = bytes == vault.grid().chunk_bytes();
                let place = offset >> vault.grid().chunk_log2;
                let id = if whole_chunk { stream.id_at(place)? } else { None };
                let hashed = other.filter(|other| other.is_image() && other.held == Held::Bytes);
                let same =
                    id.is_some() && hashed.is_some_and(|other| identify(vault.ids(), &other.buffer) == id);
                if same {
                    Held::SameChunk
                } else {
                    stream.read(offset, &mut self.buffer)?;
                    if whole_chunk && id.is_none() { Held::Nothing } else { Held::Bytes }
                }
            }
        };
        Ok(())
    }

    fn is_image(&self) -> bool {
        matches!(self.source, Source::Image(..))
    }
}

/// Adds the sectors of a chunk that differ.
fn mark(offset: u64, length: u64, before: &[u8], after: &[u8], extents: &mut ExtentSet) {
    let sector = usize::try_from(SECTOR_BYTES).expect("512 is small");
    let length = usize::try_from(length).expect("at most 4 MiB");
    let pairs = before[..length].chunks(sector).zip(after[..length].chunks(sector));
    for (place, (old, new)) in (0_u64..).zip(pairs) {
        if old != new {
            extents.insert(Extent::new(offset / SECTOR_BYTES + place, 1));
        }
    }
}
