//! Cylinders, heads and sectors: what the footer tells old firmware.
//!
//! Information only: their product is usually smaller than the disk. The size
//! of a disk is `CurrentSize`, always. Format: `docs/vhd.md`, "Geometry".

use core::fmt;

use serde::Serialize;

use crate::units::{ByteCount, SECTOR_BYTES};

/// The shape of a disk as a BIOS of the nineties saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Geometry {
    /// Cylinders, at most 65,535.
    pub cylinders: u16,
    /// Heads, at most 16 in what writers make.
    pub heads: u8,
    /// Sectors in a track.
    pub sectors_per_track: u8,
}

/// The largest geometry: 65,535 x 16 x 255 sectors, about 127 GiB.
const SECTORS_MAX: u64 = 65_535 * 16 * 255;

/// From here on the largest track is used: 65,535 x 16 x 63 sectors.
const LARGE_FROM: u64 = 65_535 * 16 * 63;

impl Geometry {
    /// The largest geometry a footer can tell; larger disks use it too.
    pub const LARGEST: Geometry = Geometry { cylinders: 65_535, heads: 16, sectors_per_track: 255 };

    /// The geometry that every writer computes for a disk of `size` bytes
    /// (the specification's appendix).
    pub fn of(size: ByteCount) -> Geometry {
        let sectors = size.sectors_rounded_down().get().min(SECTORS_MAX);
        let (track, heads, tracks) = shape(sectors);
        Geometry {
            cylinders: narrow(tracks / heads),
            heads: u8::try_from(heads).unwrap_or(u8::MAX),
            sectors_per_track: track,
        }
    }

    /// How many bytes the three numbers multiply to.
    pub fn bytes(self) -> ByteCount {
        let sectors = u64::from(self.cylinders) * u64::from(self.heads) * u64::from(self.sectors_per_track);
        ByteCount::new(sectors * SECTOR_BYTES)
    }
}

/// Sectors in a track, heads, and tracks on all heads together.
fn shape(sectors: u64) -> (u8, u64, u64) {
    if sectors >= LARGE_FROM {
        return (255, 16, sectors / 255);
    }
    let tracks = sectors / 17;
    let heads = tracks.div_ceil(1024).max(4);
    if heads <= 16 && tracks < heads * 1024 {
        return (17, heads, tracks);
    }
    let tracks = sectors / 31;
    if tracks < 16 * 1024 {
        return (31, 16, tracks);
    }
    (63, 16, sectors / 63)
}

fn narrow(cylinders: u64) -> u16 {
    u16::try_from(cylinders).unwrap_or(u16::MAX)
}

impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.cylinders, self.heads, self.sectors_per_track)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn of(size: u64) -> std::string::String {
        Geometry::of(ByteCount::new(size)).to_string()
    }

    #[test]
    fn geometry_is_what_windows_wrote_for_the_same_size() {
        assert_eq!(of(4_194_304), "120/4/17");
        assert_eq!(of(10_485_760), "301/4/17");
        assert_eq!(of(41_943_040), "963/5/17");
        assert_eq!(of(1 << 30), "2080/16/63");
        assert_eq!(of(136_365_211_648), "65278/16/255");
    }

    #[test]
    fn heads_that_are_full_give_way_to_longer_tracks() {
        assert_eq!(of(17 * 5_120 * 512 - 512), "1023/5/17");
        assert_eq!(of(17 * 5_120 * 512), "175/16/31");
    }

    #[test]
    fn tracks_of_31_sectors_end_before_1024_cylinders_of_16_heads() {
        assert_eq!(of(31 * 16_384 * 512 - 512), "1023/16/31");
        assert_eq!(of(31 * 16_384 * 512), "503/16/63");
    }

    #[test]
    fn a_disk_past_the_largest_geometry_keeps_the_largest() {
        let largest = Geometry::LARGEST.bytes().get();
        assert_eq!(of(largest), "65535/16/255");
        assert_eq!(of(largest - 255 * 16 * 512), "65534/16/255");
        assert_eq!(of(u64::MAX), "65535/16/255");
        assert_eq!(of(0), "0/4/17");
    }
}
