//! Builders for VHD images: any image the format allows, and a model of what
//! it holds, made without the writers under test.

use std::cell::RefCell;
use std::convert::Infallible;

use proptest::prelude::*;
use vhault_benches::draw::Draw;
use vhault_core::read::{Bytes, ReadAt};
use vhault_core::units::{ByteCount, FileOffset};
use vhault_core::vhd::{
    Checksum, DiskType, FEATURE_RESERVED, FORMAT_VERSION, Footer, Geometry, Header, LOCATOR_COUNT, Locator,
    NEVER_WRITTEN, NO_HEADER,
};

/// Bytes in a sector.
pub const SECTOR: usize = 512;

/// What kind of image to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All sectors in order.
    Fixed,
    /// Blocks in any order, bitmaps whole or partial.
    Dynamic,
    /// The same, over a parent.
    Differencing,
}

/// What image to build.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Which kind.
    pub kind: Kind,
    /// Size of the disk in bytes.
    pub size: usize,
    /// Bytes in a block.
    pub block_bytes: usize,
    /// Where all else comes from: order, gaps, bitmaps, data.
    pub seed: u64,
}

/// A built image and what it holds.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file.
    pub file: Vec<u8>,
    /// Its disk, its parents' sectors included.
    pub disk: Vec<u8>,
    /// For each sector, whether this very image holds it.
    pub held: Vec<bool>,
    /// Who it is.
    pub id: [u8; 16],
    /// Where its data lies: file ranges that are the guest's.
    pub block_bytes: usize,
}

impl Sketch {
    /// Builds the image, over `parent` when it is differencing.
    ///
    /// # Panics
    ///
    /// When the sketch is no image: no parent, or a block size of no power of
    /// two.
    pub fn build(&self, parent: Option<&Built>) -> Built {
        let mut draw = Draw::new(self.seed);
        let id: [u8; 16] = draw.bytes(16).try_into().expect("it has 16 bytes");
        match self.kind {
            Kind::Fixed => self.build_fixed(&mut draw, id),
            Kind::Dynamic => self.build_blocks(&mut draw, id, None),
            Kind::Differencing => self.build_blocks(&mut draw, id, parent),
        }
    }

    fn footer(&self, id: [u8; 16], header_offset: u64) -> Footer {
        let size = ByteCount::new(self.size as u64);
        Footer {
            features: FEATURE_RESERVED,
            version: FORMAT_VERSION,
            header_offset,
            created: 0,
            creator_app: *b"test",
            creator_version: 0,
            creator_host: [0; 4],
            original_size: size,
            current_size: size,
            geometry: Geometry::of(size),
            disk_type: match self.kind {
                Kind::Fixed => DiskType::FIXED,
                Kind::Dynamic => DiskType::DYNAMIC,
                Kind::Differencing => DiskType::DIFFERENCING,
            },
            checksum: Checksum { stored: 0, computed: 0 },
            unique_id: id,
            saved_state: 0,
            hidden: 0,
        }
    }

    fn build_fixed(&self, draw: &mut Draw, id: [u8; 16]) -> Built {
        let mut disk = vec![0; self.size];
        let mut held = Vec::new();
        for sector in disk.chunks_mut(SECTOR) {
            if !draw.once_in(3) {
                sector.copy_from_slice(&draw.bytes(sector.len()));
            }
            held.push(true);
        }
        let mut file = disk.clone();
        if draw.once_in(4) {
            // Bytes that no disk owns; the file stays a row of sectors.
            file.resize(self.size.next_multiple_of(SECTOR), 0xee);
        }
        let footer = self.footer(id, NO_HEADER).encode();
        let is_short = file.len().is_multiple_of(SECTOR) && draw.once_in(4);
        file.extend(&footer[..if is_short { 511 } else { 512 }]);
        Built { file, disk, held, id, block_bytes: 0 }
    }

    fn build_blocks(&self, draw: &mut Draw, id: [u8; 16], parent: Option<&Built>) -> Built {
        let blocks = self.size.div_ceil(self.block_bytes);
        let in_block = self.block_bytes / SECTOR;
        let bitmap_bytes = in_block.div_ceil(8).next_multiple_of(SECTOR);
        let surplus = draw.index(3) * draw.index(200);
        let header_at = SECTOR * (1 + draw.index(3));
        let table_at = header_at + 1024 + SECTOR * draw.index(3);
        let table_bytes = ((blocks + surplus) * 4).next_multiple_of(SECTOR);

        // What lies in gaps is anybody's, and never zero.
        let mut file = vec![0xdd; table_at + table_bytes];
        let mut places = vec![NEVER_WRITTEN; blocks + surplus];
        let mut disk = vec![0; self.size];
        if let (Kind::Differencing, Some(parent)) = (self.kind, parent) {
            let shared = parent.disk.len().min(self.size);
            disk[..shared].copy_from_slice(&parent.disk[..shared]);
        }
        let mut held = vec![false; self.size.div_ceil(SECTOR)];
        for block in shuffled(draw, blocks) {
            if draw.once_in(3) {
                continue;
            }
            file.resize(file.len() + SECTOR * draw.index(9) * draw.index(2), 0xdd);
            places[block] = u32::try_from(file.len() / SECTOR).expect("test images are small");
            let (bitmap, data) = (self.bitmap(draw, bitmap_bytes, in_block), draw.bytes(self.block_bytes));
            for sector in (0..in_block).filter(|sector| bitmap[sector / 8] & (0x80 >> (sector % 8)) != 0) {
                let from = block * self.block_bytes + sector * SECTOR;
                let past = (from + SECTOR).min(self.size);
                if from < past {
                    disk[from..past].copy_from_slice(&data[sector * SECTOR..][..past - from]);
                    held[from / SECTOR] = true;
                }
            }
            file.extend(bitmap);
            file.extend(data);
        }
        file.resize(file.len() + SECTOR * draw.index(4), 0xdd);
        self.finish(&mut file, (header_at, table_at), &places, id, parent);
        Built { file, disk, held, id, block_bytes: self.block_bytes }
    }

    /// All, nothing, single sectors, or runs; bits past the block are noise.
    fn bitmap(&self, draw: &mut Draw, bytes: usize, sectors: usize) -> Vec<u8> {
        let mut bitmap = match draw.index(4) {
            0 => vec![0xff; bytes],
            1 => vec![0; bytes],
            2 => draw.bytes(bytes),
            _ => {
                let mut runs = vec![0; bytes];
                let mut bit = false;
                for sector in 0..sectors {
                    bit ^= draw.once_in(13);
                    runs[sector / 8] |= if bit { 0x80 >> (sector % 8) } else { 0 };
                }
                runs
            }
        };
        for byte in bitmap.iter_mut().skip(sectors.div_ceil(8)) {
            *byte = 0xa5;
        }
        bitmap
    }

    fn finish(
        &self,
        file: &mut Vec<u8>,
        (header_at, table_at): (usize, usize),
        places: &[u32],
        id: [u8; 16],
        parent: Option<&Built>,
    ) {
        let header = Header {
            table_offset: FileOffset::new(table_at as u64),
            version: FORMAT_VERSION,
            table_entries: u32::try_from(places.len()).expect("test images are small"),
            block_bytes: u32::try_from(self.block_bytes).expect("a block has at most 2 GiB"),
            checksum: Checksum { stored: 0, computed: 0 },
            parent_id: parent.map_or([0; 16], |parent| parent.id),
            parent_created: 0,
            parent_name: "parent.vhd".encode_utf16().collect(),
            locators: [Locator::UNUSED; LOCATOR_COUNT],
        };
        file[header_at..header_at + 1024].copy_from_slice(&header.encode());
        for (entry, place) in places.iter().enumerate() {
            file[table_at + 4 * entry..][..4].copy_from_slice(&place.to_be_bytes());
        }
        let footer = self.footer(id, header_at as u64).encode();
        file[..SECTOR].copy_from_slice(&footer);
        file.extend(footer);
    }
}

fn shuffled(draw: &mut Draw, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for place in (1..count).rev() {
        order.swap(place, draw.index(place + 1));
    }
    order
}

/// Chains base first: a fixed or dynamic image and up to five children, sizes
/// of all alike, or each its own.
///
/// # Panics
///
/// Never: the numbers it draws are small.
pub fn any_chain() -> impl Strategy<Value = Vec<Sketch>> {
    let block = prop_oneof![8 => 9_u32..14, 2 => 14_u32..19, 1 => 19_u32..23];
    (block, 0..6_usize, any::<u64>(), any::<bool>()).prop_map(|(block, children, seed, equal)| {
        let mut draw = Draw::new(seed);
        let first = sketch(&mut draw, block, None);
        let size = first.size;
        let mut sketches = vec![first];
        for _ in 0..children {
            // A child's blocks may be of another size, near its parent's.
            let block = (block + u32::try_from(draw.index(3)).expect("it is below 3")).clamp(10, 23) - 1;
            sketches.push(sketch(&mut draw, block, Some(if equal { size } else { 0 })));
        }
        sketches
    })
}

fn sketch(draw: &mut Draw, block: u32, child_of: Option<usize>) -> Sketch {
    let block_bytes = 1_usize << block;
    let mut size = match child_of {
        Some(size) if size > 0 => size,
        _ => 1 + draw.index(block_bytes.min(1 << 21) * 3 + 20_000),
    };
    if child_of.is_none_or(|size| size == 0) && !draw.once_in(4) {
        size = size.next_multiple_of(SECTOR);
    }
    let kind = match child_of {
        Some(_) => Kind::Differencing,
        None if draw.once_in(3) => Kind::Fixed,
        None => Kind::Dynamic,
    };
    Sketch { kind, size, block_bytes, seed: draw.number() }
}

/// Builds a chain from its base up and returns it child first. Only the base
/// may be of another kind than differencing.
pub fn build_chain(sketches: &[Sketch]) -> Vec<Built> {
    let mut chain: Vec<Built> = Vec::new();
    for sketch in sketches {
        let built = sketch.build(chain.first());
        chain.insert(0, built);
    }
    chain
}

/// Bytes in memory that remember what was read of them.
#[derive(Debug)]
pub struct Counted<'a> {
    bytes: &'a [u8],
    reads: RefCell<Vec<(u64, u64)>>,
}

impl<'a> Counted<'a> {
    /// Nothing read yet.
    pub fn new(bytes: &'a [u8]) -> Counted<'a> {
        Counted { bytes, reads: RefCell::default() }
    }

    /// Offset and length of every read since the last time this was asked.
    pub fn take_reads(&self) -> Vec<(u64, u64)> {
        self.reads.take()
    }
}

impl ReadAt for Counted<'_> {
    type Error = Infallible;

    fn size(&self) -> ByteCount {
        ByteCount::new(self.bytes.len() as u64)
    }

    /// # Panics
    ///
    /// When a read leaves the file: nobody may do that.
    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Infallible> {
        let (from, length) = (offset.get(), buffer.len() as u64);
        assert!(
            from.checked_add(length).is_some_and(|past| past <= self.size().get()),
            "{length} bytes at {from} of a file of {}",
            self.bytes.len()
        );
        self.reads.borrow_mut().push((from, length));
        Bytes(self.bytes).read_exact_at(offset, buffer)
    }
}
