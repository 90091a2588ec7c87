//! Sector bitmap: which sectors of a block this image holds.
//!
//! One bit a sector, the first sector in the highest bit of the first byte,
//! padded to whole sectors. Set means "here"; clear means the parent's, or
//! zeroes in a dynamic image. Format: `docs/vhd.md`, "Sector bitmap".

use alloc::vec::Vec;

/// The bitmap of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectorBitmap {
    bytes: Vec<u8>,
    sectors: u32,
}

/// Adjacent sectors with the same bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRun {
    /// Whether the image holds them.
    pub is_set: bool,
    /// How many there are, at least one.
    pub sectors: u32,
}

impl SectorBitmap {
    /// A bitmap over `sectors` sectors whose bytes are `bytes`; bits that
    /// `bytes` has no room for are clear.
    pub fn new(bytes: Vec<u8>, sectors: u32) -> SectorBitmap {
        SectorBitmap { bytes, sectors }
    }

    /// How many sectors it tells about.
    pub fn sectors(&self) -> u32 {
        self.sectors
    }

    /// Whether the image holds `sector`, counted from the start of the block.
    pub fn is_set(&self, sector: u32) -> bool {
        let byte = self.bytes.get(place(sector)).copied().unwrap_or(0);
        byte & (0x80 >> (sector % 8)) != 0
    }

    /// Marks `sector` as held; one the bitmap has no room for stays clear.
    pub fn set(&mut self, sector: u32) {
        if let Some(byte) = self.bytes.get_mut(place(sector)) {
            *byte |= 0x80 >> (sector % 8);
        }
    }

    /// Its bytes as they are stored, padding included.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The run that starts with `sector`. Past the last sector it is clear
    /// and one sector long.
    pub fn run_at(&self, sector: u32) -> BitRun {
        let is_set = self.is_set(sector);
        let sectors = self.next_other(sector, is_set).saturating_sub(sector).max(1);
        BitRun { is_set, sectors }
    }

    /// All runs, in order.
    pub fn runs(&self) -> impl Iterator<Item = (u32, BitRun)> + '_ {
        let mut next = 0;
        core::iter::from_fn(move || {
            let start = next;
            let run = (start < self.sectors).then(|| self.run_at(start))?;
            next = start.saturating_add(run.sectors);
            Some((start, run))
        })
    }

    /// How many sectors are held.
    pub fn held(&self) -> u64 {
        self.runs().filter(|(_, run)| run.is_set).map(|(_, run)| u64::from(run.sectors)).sum()
    }

    /// The first sector from `from` on whose bit is not `is_set`, or the end.
    fn next_other(&self, from: u32, is_set: bool) -> u32 {
        let same = if is_set { 0xff } else { 0 };
        let start = place(from);
        let Some(tail) = self.bytes.get(start..) else { return self.sectors };
        let Some((first, rest)) = tail.split_first() else { return self.sectors };
        let differing = (first ^ same) & (0xff >> (from % 8));
        let (byte, bits) = if differing != 0 {
            (start, differing)
        } else {
            match rest.iter().position(|byte| *byte != same) {
                Some(skipped) => (start + 1 + skipped, rest[skipped] ^ same),
                None => return self.sectors,
            }
        };
        let bit = (byte as u64) * 8 + u64::from(bits.leading_zeros());
        u32::try_from(bit).unwrap_or(u32::MAX).min(self.sectors)
    }
}

/// Which byte tells about `sector`.
fn place(sector: u32) -> usize {
    usize::try_from(sector / 8).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn the_first_sector_is_the_highest_bit() {
        let bitmap = SectorBitmap::new(vec![0x80, 0x01], 16);
        assert!(bitmap.is_set(0) && !bitmap.is_set(1));
        assert!(bitmap.is_set(15) && !bitmap.is_set(14));
    }

    #[test]
    fn runs_are_as_long_as_the_bits_are_equal() {
        let bitmap = SectorBitmap::new(vec![0xff, 0xe0, 0, 0x01], 30);
        let runs: Vec<_> = bitmap.runs().map(|(start, run)| (start, run.is_set, run.sectors)).collect();
        assert_eq!(runs, [(0, true, 11), (11, false, 19)]);
        assert_eq!(bitmap.run_at(3), BitRun { is_set: true, sectors: 8 });
        assert_eq!(bitmap.held(), 11);
    }

    #[test]
    fn every_run_agrees_with_its_bits() {
        let bytes: Vec<u8> =
            (0..64_u8).map(|byte| byte.wrapping_mul(37) | (byte & 1).wrapping_neg()).collect();
        let bitmap = SectorBitmap::new(bytes, 509);
        let mut covered = 0;
        for (start, run) in bitmap.runs() {
            assert_eq!(start, covered);
            assert!((start..start + run.sectors).all(|sector| bitmap.is_set(sector) == run.is_set));
            covered += run.sectors;
        }
        assert_eq!(covered, 509);
    }

    #[test]
    fn setting_a_sector_sets_its_bit_and_no_other() {
        for sector in [0, 7, 8, 13] {
            let mut bitmap = SectorBitmap::new(vec![0, 0], 14);
            bitmap.set(sector);
            bitmap.set(sector);
            assert_eq!((0..14).filter(|other| bitmap.is_set(*other)).collect::<Vec<_>>(), [sector]);
            assert_eq!((bitmap.sectors(), bitmap.held()), (14, 1));
        }
        let mut bitmap = SectorBitmap::new(vec![0], 14);
        bitmap.set(9);
        assert_eq!(bitmap.held(), 0);
    }

    #[test]
    fn bits_past_the_bytes_are_clear() {
        let bitmap = SectorBitmap::new(vec![0xff], 12);
        assert_eq!(bitmap.run_at(8), BitRun { is_set: false, sectors: 4 });
        assert_eq!(bitmap.run_at(99), BitRun { is_set: false, sectors: 1 });
    }
}
