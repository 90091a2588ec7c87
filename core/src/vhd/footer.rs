//! Footer: what kind of disk an image holds, how large, made by whom.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 8 | cookie `conectix` |
//! | 8 | 4 | features; bit 1 is always set |
//! | 12 | 4 | format version, 1.0 |
//! | 16 | 8 | offset of the dynamic header; all ones in a fixed image |
//! | 24 | 4 | creation time, seconds since 2000-01-01T00:00:00Z |
//! | 28 | 4 | creator application, four characters |
//! | 32 | 4 | creator version, major and minor |
//! | 36 | 4 | creator host system |
//! | 40 | 8 | original size in bytes; information only |
//! | 48 | 8 | current size in bytes: the size of the disk |
//! | 56 | 4 | geometry |
//! | 60 | 4 | disk type |
//! | 64 | 4 | checksum |
//! | 68 | 16 | unique id, compared as raw bytes |
//! | 84 | 1 | saved state |
//! | 85 | 427 | reserved |
//!
//! It is the last sector of the file; dynamic and differencing images keep a
//! copy in the first. All numbers are big-endian.
//! Format: `docs/vhd.md`, "Footer".

use super::be;
use super::checksum::{self, Checksum};
use super::geometry::Geometry;
use crate::units::{ByteCount, FileOffset};

/// Bytes of a footer.
pub const FOOTER_BYTES: usize = 512;

/// Bytes of a footer written before 2004: its last reserved byte is missing.
pub const SHORT_FOOTER_BYTES: usize = 511;

/// What every footer begins with.
pub const FOOTER_COOKIE: [u8; 8] = *b"conectix";

/// The only format version there is, 1.0.
pub const FORMAT_VERSION: u32 = 0x0001_0000;

/// The reserved feature bit, which writers must set.
pub const FEATURE_RESERVED: u32 = 0x0000_0002;

/// The header offset of an image that has no dynamic header.
pub const NO_HEADER: u64 = u64::MAX;

const CHECKSUM_AT: usize = 64;

/// The number in a footer that tells fixed, dynamic and differencing apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskType(pub u32);

impl DiskType {
    /// All sectors in order, then the footer.
    pub const FIXED: DiskType = DiskType(2);
    /// Blocks, stored once written.
    pub const DYNAMIC: DiskType = DiskType(3);
    /// Blocks that differ from a parent.
    pub const DIFFERENCING: DiskType = DiskType(4);
}

/// A decoded footer. Decoding judges nothing but the cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Feature bits.
    pub features: u32,
    /// Format version, major in the upper half.
    pub version: u32,
    /// Where the dynamic header lies; [`NO_HEADER`] in a fixed image.
    pub header_offset: u64,
    /// Creation time, seconds since 2000-01-01T00:00:00Z.
    pub created: u32,
    /// Who made the image, four characters.
    pub creator_app: [u8; 4],
    /// The maker's version, major in the upper half.
    pub creator_version: u32,
    /// The maker's host system, four characters or zero.
    pub creator_host: [u8; 4],
    /// The size at creation. Never the size of the disk.
    pub original_size: ByteCount,
    /// The size of the disk.
    pub current_size: ByteCount,
    /// Cylinders, heads and sectors; information.
    pub geometry: Geometry,
    /// Fixed, dynamic, differencing, or something else.
    pub disk_type: DiskType,
    /// Stored and computed checksum.
    pub checksum: Checksum,
    /// Who this image is, as raw bytes.
    pub unique_id: [u8; 16],
    /// 1 when a saved machine state depends on this image.
    pub saved_state: u8,
    /// The first reserved byte; one hypervisor keeps a "hidden" flag there.
    pub hidden: u8,
}

impl Footer {
    /// Decodes a footer; `None` when it does not begin with the cookie.
    pub fn decode(bytes: &[u8; FOOTER_BYTES]) -> Option<Footer> {
        if be::bytes_at(bytes, 0) != FOOTER_COOKIE {
            return None;
        }
        Some(Footer {
            features: be::u32_at(bytes, 8),
            version: be::u32_at(bytes, 12),
            header_offset: be::u64_at(bytes, 16),
            created: be::u32_at(bytes, 24),
            creator_app: be::bytes_at(bytes, 28),
            creator_version: be::u32_at(bytes, 32),
            creator_host: be::bytes_at(bytes, 36),
            original_size: ByteCount::new(be::u64_at(bytes, 40)),
            current_size: ByteCount::new(be::u64_at(bytes, 48)),
            geometry: Geometry {
                cylinders: be::u16_at(bytes, 56),
                heads: bytes[58],
                sectors_per_track: bytes[59],
            },
            disk_type: DiskType(be::u32_at(bytes, 60)),
            checksum: Checksum::of(bytes, CHECKSUM_AT),
            unique_id: be::bytes_at(bytes, 68),
            saved_state: bytes[84],
            hidden: bytes[85],
        })
    }

    /// Encodes the footer with a checksum that holds; [`Footer::checksum`]
    /// is not looked at.
    pub fn encode(&self) -> [u8; FOOTER_BYTES] {
        let mut bytes = [0; FOOTER_BYTES];
        be::put(&mut bytes, 0, &FOOTER_COOKIE);
        be::put(&mut bytes, 8, &self.features.to_be_bytes());
        be::put(&mut bytes, 12, &self.version.to_be_bytes());
        be::put(&mut bytes, 16, &self.header_offset.to_be_bytes());
        be::put(&mut bytes, 24, &self.created.to_be_bytes());
        be::put(&mut bytes, 28, &self.creator_app);
        be::put(&mut bytes, 32, &self.creator_version.to_be_bytes());
        be::put(&mut bytes, 36, &self.creator_host);
        be::put(&mut bytes, 40, &self.original_size.get().to_be_bytes());
        be::put(&mut bytes, 48, &self.current_size.get().to_be_bytes());
        be::put(&mut bytes, 56, &self.geometry.cylinders.to_be_bytes());
        bytes[58] = self.geometry.heads;
        bytes[59] = self.geometry.sectors_per_track;
        be::put(&mut bytes, 60, &self.disk_type.0.to_be_bytes());
        be::put(&mut bytes, 68, &self.unique_id);
        bytes[84] = self.saved_state;
        bytes[85] = self.hidden;
        let checksum = checksum::compute(&bytes, CHECKSUM_AT);
        be::put(&mut bytes, CHECKSUM_AT, &checksum.to_be_bytes());
        bytes
    }

    /// Whether the creator is one whose disks qemu sizes by geometry.
    pub fn is_sized_by_geometry_elsewhere(&self) -> bool {
        let by_geometry = self.creator_app == *b"vpc " || self.creator_app == *b"qemu";
        by_geometry && self.geometry != Geometry::LARGEST
    }

    /// Where the dynamic header should be, where there should be one.
    pub fn header_place(&self) -> FileOffset {
        FileOffset::new(self.header_offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footer() -> Footer {
        Footer {
            features: FEATURE_RESERVED,
            version: FORMAT_VERSION,
            header_offset: 512,
            created: 7,
            creator_app: *b"win ",
            creator_version: 0x000a_0000,
            creator_host: *b"Wi2k",
            original_size: ByteCount::new(1),
            current_size: ByteCount::new(4_194_304),
            geometry: Geometry { cylinders: 120, heads: 4, sectors_per_track: 17 },
            disk_type: DiskType::DYNAMIC,
            checksum: Checksum { stored: 0, computed: 0 },
            unique_id: [9; 16],
            saved_state: 0,
            hidden: 0,
        }
    }

    #[test]
    fn a_footer_reads_back_as_it_was_written() {
        let bytes = footer().encode();
        let back = Footer::decode(&bytes).unwrap();
        assert!(back.checksum.holds());
        assert_eq!(back, Footer { checksum: back.checksum, ..footer() });
    }

    #[test]
    fn two_creators_are_sized_by_geometry_below_the_largest() {
        let by = |app: &[u8; 4], geometry| {
            Footer { creator_app: *app, geometry, ..footer() }.is_sized_by_geometry_elsewhere()
        };
        let small = footer().geometry;
        assert!(by(b"vpc ", small) && by(b"qemu", small));
        assert!(!by(b"win ", small) && !by(b"vpc ", Geometry::LARGEST) && !by(b"qemu", Geometry::LARGEST));
    }

    #[test]
    fn fields_lie_where_the_format_says() {
        let bytes = footer().encode();
        assert_eq!(bytes[..16], *b"conectix\0\0\0\x02\0\x01\0\0");
        assert_eq!(bytes[24..40], *b"\0\0\0\x07win \0\x0a\0\0Wi2k");
        assert_eq!(bytes[48..64], *b"\0\0\0\0\0\x40\0\0\0\x78\x04\x11\0\0\0\x03");
        assert_eq!(bytes[68..84], [9; 16]);
    }

    #[test]
    fn one_changed_byte_breaks_the_checksum_and_nothing_else() {
        let mut bytes = footer().encode();
        bytes[511] = 1;
        let back = Footer::decode(&bytes).unwrap();
        assert!(!back.checksum.holds());
        bytes[0] = b'k';
        assert_eq!(Footer::decode(&bytes), None);
    }
}
