//! Small images in memory, for the tests of this room.

use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;

use super::{Footer, Header, NewDisk, NewKind, NewParent};
use crate::read::{Bytes, ReadAt};
use crate::units::{BlockIndex, ByteCount, FileOffset};

/// Bytes in a block of these images.
pub(super) const BLOCK_BYTES: u64 = 4096;

/// A new disk of `size` bytes with id `id`, over the parent with the id
/// `parent`.
pub(super) fn disk(kind: NewKind, size: u64, id: u8, parent: Option<u8>) -> NewDisk {
    NewDisk {
        kind,
        size: ByteCount::new(size),
        block_bytes: 4096,
        unique_id: [id; 16],
        created_seconds_since_2000: 77,
        parent: parent.map(|id| NewParent { unique_id: [id; 16], created: 77, relative: "base.vhd".into() }),
        azure: false,
    }
}

/// The file of a disk that stores `blocks`, each byte of them being `fill`.
pub(super) fn file(disk: &NewDisk, blocks: &[u64], fill: u8) -> Vec<u8> {
    let plan = disk.lay_out(blocks.iter().copied().map(BlockIndex::new)).unwrap();
    let mut file = vec![0; usize::try_from(plan.file_size().get()).unwrap()];
    let mut put = |at: u64, bytes: &[u8]| {
        let at = usize::try_from(at).unwrap();
        file[at..at + bytes.len()].copy_from_slice(bytes);
    };
    for block in plan.stored() {
        put(plan.bitmap_place(block).unwrap().get(), plan.shape().unwrap().bitmap(true).bytes());
        put(
            plan.block_data(block).unwrap().get(),
            &vec![fill; plan.shape().unwrap().sectors() as usize * 512],
        );
    }
    plan.pieces().iter().for_each(|(offset, bytes)| put(offset.get(), bytes));
    file
}

/// Changes the footer at byte `at` and makes its checksum hold again.
pub(super) fn change_footer(file: &mut [u8], at: usize, change: impl FnOnce(&mut Footer)) {
    let mut footer = Footer::decode(file[at..].first_chunk().unwrap()).unwrap();
    change(&mut footer);
    file[at..at + 512].copy_from_slice(&footer.encode());
}

/// Changes the header where these images have it and makes its checksum hold again.
pub(super) fn change_header(file: &mut [u8], change: impl FnOnce(&mut Header)) {
    let mut header = Header::decode(file[512..].first_chunk().unwrap()).unwrap();
    change(&mut header);
    file[512..1_536].copy_from_slice(&header.encode());
}

/// Bytes in memory that, as a file does, fail a read past their end, or past a place that is set later.
#[derive(Debug)]
pub(super) struct Failing<'a> {
    bytes: &'a [u8],
    pub(super) sound_bytes: Cell<u64>,
}

impl<'a> Failing<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Failing<'a> {
        Failing { bytes, sound_bytes: Cell::new(bytes.len() as u64) }
    }
}

impl ReadAt for Failing<'_> {
    type Error = &'static str;

    fn size(&self) -> ByteCount {
        Bytes(self.bytes).size()
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), &'static str> {
        if offset.get().saturating_add(buffer.len() as u64) > self.sound_bytes.get() {
            return Err("a bad sector");
        }
        Bytes(self.bytes).read_exact_at(offset, buffer).map_err(|never| match never {})
    }
}
