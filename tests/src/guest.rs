//! What a guest may have written on its disk.

use proptest::prelude::*;
use vhault_benches::draw::Draw;

/// Bytes of one sector.
pub const SECTOR_BYTES: usize = 512;

/// One thing a guest did to its disk. Places and lengths are in sectors and
/// wrap at the disk's end.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Wrote bytes that no codec makes smaller.
    Noise {
        /// First sector.
        at: usize,
        /// How many.
        count: usize,
        /// Which bytes.
        seed: u64,
    },
    /// Wrote one byte over and over.
    Same {
        /// First sector.
        at: usize,
        /// How many.
        count: usize,
        /// Which byte; zero wipes.
        byte: u8,
    },
    /// Copied sectors from one place to another.
    Copied {
        /// First sector read.
        from: usize,
        /// First sector written.
        to: usize,
        /// How many.
        count: usize,
    },
}

/// Any one deed on a disk of some size.
pub fn any_deed() -> impl Strategy<Value = Deed> {
    // Lengths around the edges of sectors, VHD blocks and chunks.
    let count = prop_oneof![Just(1_usize), 1..16_usize, 500..530_usize, 4_090..4_100_usize];
    let place = prop_oneof![0..8_usize, 0..40_000_usize, Just(511_usize), Just(512_usize), Just(4_095_usize)];
    prop_oneof![
        (place.clone(), count.clone(), any::<u64>()).prop_map(|(at, count, seed)| Deed::Noise {
            at,
            count,
            seed
        }),
        (place.clone(), count.clone(), prop_oneof![Just(0_u8), any::<u8>()])
            .prop_map(|(at, count, byte)| Deed::Same { at, count, byte }),
        (place.clone(), place, count).prop_map(|(from, to, count)| Deed::Copied { from, to, count }),
    ]
}

/// What a guest did, in order.
pub fn any_deeds() -> impl Strategy<Value = Vec<Deed>> {
    prop::collection::vec(any_deed(), 0..10)
}

/// Does the deeds on a disk.
pub fn act(disk: &mut [u8], deeds: &[Deed]) {
    let sectors = disk.len() / SECTOR_BYTES;
    let bytes = |at: usize, count: usize| {
        let start = at % sectors;
        start * SECTOR_BYTES..(start + count).min(sectors) * SECTOR_BYTES
    };
    for deed in deeds {
        match *deed {
            Deed::Noise { at, count, seed } => Draw::new(seed).fill(&mut disk[bytes(at, count)]),
            Deed::Same { at, count, byte } => disk[bytes(at, count)].fill(byte),
            Deed::Copied { from, to, count } => {
                let target = bytes(to, count);
                let mut source = bytes(from, count);
                source.end = source.end.min(source.start + target.len());
                disk.copy_within(source, target.start);
            }
        }
    }
}

/// A disk of some sectors on which something of everything happened: noise,
/// text, repeats, and long stretches of nothing.
#[must_use]
pub fn lived_in(sectors: usize, seed: u64) -> Vec<u8> {
    let mut disk = vec![0; sectors * SECTOR_BYTES];
    let mut draw = Draw::new(seed);
    for _ in 0..40 {
        let (at, count) = (draw.index(sectors), 1 + draw.index(600));
        let deed = match draw.index(3) {
            0 => Deed::Noise { at, count, seed: draw.number() },
            1 => Deed::Same { at, count, byte: b'x' },
            _ => Deed::Copied { from: draw.index(sectors), to: at, count },
        };
        act(&mut disk, &[deed]);
    }
    disk
}
