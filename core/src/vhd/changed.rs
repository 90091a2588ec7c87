//! What changed between two disks, cheapest proof first.
//!
//! | proof | says | data read |
//! | --- | --- | --- |
//! | shared | both come from the same bytes of the same file | none |
//! | unallocated | neither holds anything there | none |
//! | manifest | recovery points: the same page, or the same chunk | none |
//! | compared | the bytes themselves | all of it, on the sides that hold some |
//!
//! Ids of images prove nothing here: an image keeps its id when it is written
//! to. Only the caller can know that two sources are one file. Disks of
//! different sizes are compared up to the larger; beyond its end a disk is
//! zeroes.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use super::chain::{Chain, Piece};
use super::cursor::Cursor;
use super::error::ReadError;
use crate::extent::{Extent, ExtentSet};
use crate::read::ReadAt;
use crate::units::{ByteCount, SECTOR_BYTES};

/// Bytes of each side compared at a time.
const COMPARE_BYTES: usize = 1 << 20;

/// Inside a piece that differs, equal steps of this size are skipped whole.
const STEP_BYTES: usize = 4096;

/// What changed from one disk to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Size of the disk before.
    pub before_bytes: ByteCount,
    /// Size of the disk after.
    pub after_bytes: ByteCount,
    /// How many sectors differ.
    pub changed_sectors: u64,
    /// Which sectors differ.
    pub extents: ExtentSet,
    /// How many bytes were proven by what; they add up to the larger disk.
    pub proofs: Proofs,
    /// Bytes of data read, both sides together; sector bitmaps not counted.
    pub data_bytes_read: u64,
}

/// What changed between two named disks: what the program prints as JSON and
/// the page exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The disk as it was, as it was named.
    pub before: String,
    /// The disk as it is, as it was named.
    pub after: String,
    /// What changed.
    #[serde(flatten)]
    pub changes: Changes,
}

/// How many bytes of the disk were proven equal or different by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proofs {
    /// Equal: the same bytes of the same file.
    pub shared_bytes: u64,
    /// Equal: held by neither.
    pub unallocated_bytes: u64,
    /// Equal: both manifests name the same page or chunk.
    pub manifest_bytes: u64,
    /// Equal or different: compared.
    pub compared_bytes: u64,
}

/// Which of the two disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The first one.
    Before,
    /// The second one.
    After,
}

/// Why two disks could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot compare the disks")]
pub struct CompareError<E> {
    /// Which disk could not be read.
    pub side: Side,
    /// Where and why.
    pub source: ReadError<E>,
}

/// Two disks, compared from the start on.
#[derive(Debug)]
pub struct Comparison<'a, S> {
    before: &'a Chain<S>,
    after: &'a Chain<S>,
    cursors: (Cursor, Cursor),
    /// For each image of `before`, the depth of the same file in `after`.
    same: Vec<Option<usize>>,
    buffers: (Vec<u8>, Vec<u8>),
    changes: Changes,
}

impl<'a, S: ReadAt> Comparison<'a, S> {
    /// Prepares to compare. `is_same` tells whether two sources are one file,
    /// unchanged between the two.
    pub fn new(
        before: &'a Chain<S>,
        after: &'a Chain<S>,
        is_same: &dyn Fn(&S, &S) -> bool,
    ) -> Comparison<'a, S> {
        let twin = |source: &S| after.images().iter().position(|image| is_same(source, image.source()));
        Comparison {
            before,
            after,
            cursors: (before.cursor(), after.cursor()),
            same: before.images().iter().map(|image| twin(image.source())).collect(),
            buffers: (vec![0; COMPARE_BYTES], vec![0; COMPARE_BYTES]),
            changes: Changes {
                before_bytes: before.size(),
                after_bytes: after.size(),
                changed_sectors: 0,
                extents: ExtentSet::new(),
                proofs: Proofs::default(),
                data_bytes_read: 0,
            },
        }
    }

    /// Compares everything; `heard` is told how many bytes of the disk are
    /// done, now and then.
    ///
    /// # Errors
    ///
    /// [`CompareError`] names the side that could not be read.
    pub fn run(mut self, heard: &mut dyn FnMut(u64)) -> Result<Changes, CompareError<S::Error>> {
        let end = self.before.size().max(self.after.size()).get();
        let mut at = 0;
        while at < end {
            at += self.step(at, end - at)?;
            heard(at);
        }
        self.changes.changed_sectors = self.changes.extents.sectors().get();
        Ok(self.changes)
    }

    /// Settles some bytes from `at` on, `rest` at most; returns how many.
    fn step(&mut self, at: u64, rest: u64) -> Result<u64, CompareError<S::Error>> {
        let before = self.before.piece(&mut self.cursors.0, at, rest).map_err(on(Side::Before))?;
        let after = self.after.piece(&mut self.cursors.1, at, before.length()).map_err(on(Side::After))?;
        let length = before.length().min(after.length());
        let proofs = &mut self.changes.proofs;
        if is_same_place(&self.same, before, after) {
            proofs.shared_bytes += length;
            return Ok(length);
        }
        if let (Piece::Unallocated { .. }, Piece::Unallocated { .. }) = (before, after) {
            proofs.unallocated_bytes += length;
            return Ok(length);
        }
        let step = usize::try_from(length).unwrap_or(COMPARE_BYTES).min(COMPARE_BYTES);
        proofs.compared_bytes += step as u64;
        let (left, right) = (&mut self.buffers.0[..step], &mut self.buffers.1[..step]);
        let read = &mut self.changes.data_bytes_read;
        fill(self.before, before, left, read).map_err(on(Side::Before))?;
        fill(self.after, after, right, read).map_err(on(Side::After))?;
        mark_differing(at, left, right, &mut self.changes.extents);
        Ok(step as u64)
    }
}

/// Whether two pieces are the same bytes of the same file.
fn is_same_place(same: &[Option<usize>], before: Piece, after: Piece) -> bool {
    match (before, after) {
        (
            Piece::Stored { depth: left, offset: from, .. },
            Piece::Stored { depth: right, offset: other, .. },
        ) => from == other && same.get(left).copied().flatten() == Some(right),
        _ => false,
    }
}

fn on<E>(side: Side) -> impl Fn(ReadError<E>) -> CompareError<E> {
    move |source| CompareError { side, source }
}

fn fill<S: ReadAt>(
    chain: &Chain<S>,
    piece: Piece,
    buffer: &mut [u8],
    read: &mut u64,
) -> Result<(), ReadError<S::Error>> {
    match piece {
        Piece::Unallocated { .. } => buffer.fill(0),
        Piece::Stored { depth, offset, .. } => {
            chain.read_stored(depth, offset, buffer)?;
            *read += buffer.len() as u64;
        }
    }
    Ok(())
}

/// Adds the sectors in which `left` and `right`, both from byte `at` of the
/// disk on, differ.
fn mark_differing(at: u64, left: &[u8], right: &[u8], extents: &mut ExtentSet) {
    if left == right {
        return;
    }
    let mut from = 0;
    while from < left.len() {
        // Up to the next border of the disk's own sectors or steps.
        let to_border = |border: usize| {
            let past = (at + from as u64) % border as u64;
            // Less than `border`, so it fits.
            from + border - usize::try_from(past).unwrap_or(0)
        };
        let step = to_border(STEP_BYTES).min(left.len());
        if left[from..step] == right[from..step] {
            from = step;
            continue;
        }
        let past = to_border(SECTOR_USIZE).min(left.len());
        if left[from..past] != right[from..past] {
            extents.insert(Extent::new((at + from as u64) / SECTOR_BYTES, 1));
        }
        from = past;
    }
}

/// A sector, as the length of a slice.
const SECTOR_USIZE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_marks_its_sector_and_no_other() {
        let left = vec![0; 16_384];
        for (byte, sector) in [(0, 0), (511, 0), (512, 1), (8_191, 15), (16_383, 31)] {
            let mut right = left.clone();
            right[byte] = 1;
            let mut extents = ExtentSet::new();
            mark_differing(0, &left, &right, &mut extents);
            assert_eq!(extents.extents(), [Extent::new(sector, 1)], "byte {byte}");
        }
    }

    #[test]
    fn sectors_are_those_of_the_disk_even_between_borders() {
        let (left, mut right) = (vec![0; 700], vec![0; 700]);
        right[100] = 1;
        let mut extents = ExtentSet::new();
        mark_differing(1_000, &left, &right, &mut extents);
        assert_eq!(extents.extents(), [Extent::new(2, 1)]);
        right[0] = 1;
        mark_differing(1_000, &left, &right, &mut extents);
        assert_eq!(extents.extents(), [Extent::new(1, 2)]);
    }
}
