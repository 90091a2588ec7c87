//! Samples: images for those who have none at hand, laid out by core.
//!
//! They are made where they are looked at, so the page ships no image.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use vhault_core::read::{Bytes, ReadAt};
use vhault_core::units::{BlockIndex, ByteCount, FileOffset};
use vhault_core::vhd::{NewDisk, NewKind, NewParent, SectorBitmap};

use crate::given::Named;
use crate::text::Text;

/// Which sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sample {
    /// A fixed disk.
    Fixed,
    /// A dynamic disk.
    Dynamic,
    /// A child, its parent and the grandparent.
    Chain,
    /// A child without its parent.
    Orphan,
    /// A dynamic disk with a wrong footer.
    Damaged,
    /// A file of another kind.
    Foreign,
    /// A dynamic disk with blocks that cannot be right.
    Torn,
}

impl Sample {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Sample; 7] = [
        Sample::Fixed,
        Sample::Dynamic,
        Sample::Chain,
        Sample::Orphan,
        Sample::Damaged,
        Sample::Foreign,
        Sample::Torn,
    ];

    /// What to call it.
    pub fn text(self) -> Text {
        match self {
            Sample::Fixed => Text::SampleFixed,
            Sample::Dynamic => Text::SampleDynamic,
            Sample::Chain => Text::SampleChain,
            Sample::Orphan => Text::SampleOrphan,
            Sample::Damaged => Text::SampleDamaged,
            Sample::Foreign => Text::SampleNone,
            Sample::Torn => Text::SampleTorn,
        }
    }

    /// Its files.
    pub fn files(self) -> Vec<Named<Memory>> {
        let mut files = match self {
            Sample::Fixed => vec![("sample-fixed.vhd", fixed())],
            Sample::Dynamic => vec![("sample-dynamic.vhd", base())],
            Sample::Chain => {
                vec![("wednesday.avhd", wednesday()), ("monday.vhd", base()), ("tuesday.avhd", tuesday())]
            }
            Sample::Orphan => vec![("wednesday.avhd", wednesday())],
            Sample::Damaged => vec![("sample-damaged.vhd", base())],
            Sample::Torn => vec![("sample-torn.vhd", torn())],
            Sample::Foreign => vec![("notes.txt", b"This is not a disk, only a note.\n".to_vec())],
        };
        if self == Sample::Damaged
            && let Some((_, file)) = files.first_mut()
            && let Some(byte) = file.len().checked_sub(100).and_then(|at| file.get_mut(at))
        {
            *byte ^= 0xff;
        }
        files
            .into_iter()
            .map(|(name, bytes)| Named { name: name.to_owned(), source: Memory(Rc::from(bytes)) })
            .collect()
    }
}

/// A file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory(pub Rc<[u8]>);

impl ReadAt for Memory {
    type Error = core::convert::Infallible;

    fn size(&self) -> ByteCount {
        Bytes(&self.0).size()
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Self::Error> {
        Bytes(&self.0).read_exact_at(offset, buffer)
    }
}

/// Blocks of the sparse samples: small, so that there are many.
const BLOCK_BYTES: u32 = 32 << 10;

/// Their disks.
const DISK_BYTES: u64 = 16 << 20;

/// 2026-01-05, 12:00, seconds since 2000: a Monday.
const MONDAY: u32 = 820_929_600;

const DAY: u32 = 86_400;

fn disk(kind: NewKind, day: u8) -> NewDisk {
    NewDisk {
        kind,
        size: ByteCount::new(DISK_BYTES),
        block_bytes: BLOCK_BYTES,
        unique_id: [0xa0 + day; 16],
        created_seconds_since_2000: MONDAY + DAY * u32::from(day),
        parent: None,
        azure: false,
    }
}

fn fixed() -> Vec<u8> {
    let new = NewDisk { size: ByteCount::new(20 << 20), azure: true, ..disk(NewKind::Fixed, 3) };
    let plan = new.lay_out([]).expect("20 MiB suit every rule");
    let mut file = container(&plan);
    for (place, byte) in file.iter_mut().take(6 << 20).enumerate() {
        *byte = noise(1, place);
    }
    file
}

/// Monday: a dynamic disk, a third of it written, some of that out of order.
fn base() -> Vec<u8> {
    let mut blocks: Vec<u64> = (0..96).chain(200..240).chain((300..380).step_by(3)).collect();
    blocks.swap(3, 70);
    sparse(&disk(NewKind::Dynamic, 0), &blocks, 1)
}

/// Where our dynamic images have their table: behind the footer's copy and the
/// header.
const TABLE_AT: u64 = 1_536;

/// Monday's disk, cut within its last block, with entries that cannot be right:
/// one points past the end, one to the header, one into another block.
fn torn() -> Vec<u8> {
    let mut file = base();
    let entry = |block: u64| FileOffset::new(TABLE_AT + 4 * block);
    let mut place = [0; 4];
    let at = usize::try_from(entry(60).get()).unwrap_or(0);
    place.copy_from_slice(&file[at..at + 4]);
    let inside = u32::from_be_bytes(place);
    put(&mut file, entry(12), &0x7000_0000_u32.to_be_bytes());
    put(&mut file, entry(130), &1_u32.to_be_bytes());
    put(&mut file, entry(131), &inside.saturating_add(5).to_be_bytes());
    file.truncate(file.len().saturating_sub(6 * 512));
    file
}

fn tuesday() -> Vec<u8> {
    let parent = NewParent { unique_id: [0xa0; 16], created: MONDAY, relative: "monday.vhd".to_owned() };
    let new = NewDisk { parent: Some(parent), ..disk(NewKind::Differencing, 1) };
    let blocks: Vec<u64> = (40..60).chain(400..410).collect();
    sparse(&new, &blocks, 2)
}

fn wednesday() -> Vec<u8> {
    let parent =
        NewParent { unique_id: [0xa1; 16], created: MONDAY + DAY, relative: "tuesday.avhd".to_owned() };
    let new = NewDisk { parent: Some(parent), ..disk(NewKind::Differencing, 2) };
    sparse(&new, &[5, 41, 42, 205, 409, 500], 3)
}

/// A sparse image; in a differencing one every third block is held in part.
fn sparse(new: &NewDisk, blocks: &[u64], seed: u8) -> Vec<u8> {
    let plan = new.lay_out(blocks.iter().copied().map(BlockIndex::new)).expect("the samples obey every rule");
    let mut file = container(&plan);
    let Some((shape, empty)) = plan.shape().zip(plan.empty_bitmap()) else { return file };
    for block in blocks.iter().copied().map(BlockIndex::new) {
        let mut bitmap: SectorBitmap = empty.clone();
        let held = if block.get() % 3 == 1 { shape.sectors() / 4 } else { shape.sectors() };
        if new.kind == NewKind::Differencing {
            (0..held).for_each(|sector| bitmap.set(sector));
        }
        if let Some((at, data)) = plan.bitmap_place(block).zip(plan.block_data(block)) {
            put(&mut file, at, bitmap.bytes());
            let start = usize::try_from(data.get()).unwrap_or(usize::MAX);
            let length = usize::try_from(held).unwrap_or(0) * 512;
            for (place, byte) in file.iter_mut().skip(start).take(length).enumerate() {
                // Every fifth block repeats what others hold.
                let block = usize::try_from(block.get() % 256).unwrap_or(0);
                let salt = if block.is_multiple_of(5) { 7 } else { block };
                *byte = noise(seed, place.wrapping_mul(salt + 1) ^ salt);
            }
        }
    }
    file
}

fn container(plan: &vhault_core::vhd::Blueprint) -> Vec<u8> {
    let mut file = vec![0; usize::try_from(plan.file_size().get()).unwrap_or(0)];
    for (at, bytes) in plan.pieces() {
        put(&mut file, *at, bytes);
    }
    file
}

fn put(file: &mut [u8], at: FileOffset, bytes: &[u8]) {
    let at = usize::try_from(at.get()).unwrap_or(usize::MAX);
    if let Some(room) = at.checked_add(bytes.len()).and_then(|past| file.get_mut(at..past)) {
        room.copy_from_slice(bytes);
    }
}

/// A byte that looks like data.
fn noise(seed: u8, place: usize) -> u8 {
    let mixed = (place as u64 ^ u64::from(seed) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed.to_le_bytes()[5]
}
