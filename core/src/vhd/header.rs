//! Dynamic header: where the block allocation table is, how large a block is,
//! and who the parent is.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 8 | cookie `cxsparse` |
//! | 8 | 8 | unused, all ones |
//! | 16 | 8 | offset of the block allocation table |
//! | 24 | 4 | version, 1.0 |
//! | 28 | 4 | entries in the table |
//! | 32 | 4 | block size in bytes, a power of two |
//! | 36 | 4 | checksum over all 1,024 bytes |
//! | 40 | 16 | unique id of the parent |
//! | 56 | 4 | parent's time, seconds since 2000-01-01T00:00:00Z |
//! | 60 | 4 | reserved |
//! | 64 | 512 | parent's name, UTF-16 big-endian |
//! | 576 | 192 | eight parent locators of 24 bytes |
//! | 768 | 256 | reserved |
//!
//! Format: `docs/vhd.md`, "Dynamic header".

use alloc::vec::Vec;

use super::be;
use super::checksum::{self, Checksum};
use super::footer::FORMAT_VERSION;
use super::locator::{LOCATOR_BYTES, Locator};
use crate::units::FileOffset;

/// Bytes of a dynamic header.
pub const HEADER_BYTES: usize = 1024;

/// What every dynamic header begins with.
pub const HEADER_COOKIE: [u8; 8] = *b"cxsparse";

/// Parent locators in a header, used or not.
pub const LOCATOR_COUNT: usize = 8;

/// UTF-16 units that the parent's name has room for.
pub const PARENT_NAME_UNITS: usize = 256;

const CHECKSUM_AT: usize = 36;
const NAME_AT: usize = 64;
const LOCATORS_AT: usize = 576;

/// A decoded dynamic header. Decoding judges nothing but the cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where the block allocation table begins.
    pub table_offset: FileOffset,
    /// Header version, major in the upper half.
    pub version: u32,
    /// How many entries the table says it has.
    pub table_entries: u32,
    /// Bytes in a block, its sector bitmap not counted.
    pub block_bytes: u32,
    /// Stored and computed checksum.
    pub checksum: Checksum,
    /// Unique id of the parent; zero where there is none.
    pub parent_id: [u8; 16],
    /// The parent's time, seconds since 2000-01-01T00:00:00Z.
    pub parent_created: u32,
    /// The parent's name up to its first zero, as UTF-16 units.
    pub parent_name: Vec<u16>,
    /// All eight locators, used or not.
    pub locators: [Locator; LOCATOR_COUNT],
}

impl Header {
    /// Decodes a header; `None` when it does not begin with the cookie.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
        if be::bytes_at(bytes, 0) != HEADER_COOKIE {
            return None;
        }
        let name = (0..PARENT_NAME_UNITS).map(|unit| be::u16_at(bytes, NAME_AT + 2 * unit));
        let mut locators = [Locator::UNUSED; LOCATOR_COUNT];
        for (index, locator) in locators.iter_mut().enumerate() {
            *locator = Locator::decode(&be::bytes_at(bytes, LOCATORS_AT + LOCATOR_BYTES * index));
        }
        Some(Header {
            table_offset: FileOffset::new(be::u64_at(bytes, 16)),
            version: be::u32_at(bytes, 24),
            table_entries: be::u32_at(bytes, 28),
            block_bytes: be::u32_at(bytes, 32),
            checksum: Checksum::of(bytes, CHECKSUM_AT),
            parent_id: be::bytes_at(bytes, 40),
            parent_created: be::u32_at(bytes, 56),
            parent_name: name.take_while(|unit| *unit != 0).collect(),
            locators,
        })
    }

    /// Encodes the header with a checksum that holds. A name longer than
    /// [`PARENT_NAME_UNITS`] is cut.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        be::put(&mut bytes, 0, &HEADER_COOKIE);
        be::put(&mut bytes, 8, &[0xff; 8]);
        be::put(&mut bytes, 16, &self.table_offset.get().to_be_bytes());
        be::put(&mut bytes, 24, &self.version.to_be_bytes());
        be::put(&mut bytes, 28, &self.table_entries.to_be_bytes());
        be::put(&mut bytes, 32, &self.block_bytes.to_be_bytes());
        be::put(&mut bytes, 40, &self.parent_id);
        be::put(&mut bytes, 56, &self.parent_created.to_be_bytes());
        for (index, unit) in self.parent_name.iter().take(PARENT_NAME_UNITS).enumerate() {
            be::put(&mut bytes, NAME_AT + 2 * index, &unit.to_be_bytes());
        }
        for (index, locator) in self.locators.iter().enumerate() {
            be::put(&mut bytes, LOCATORS_AT + LOCATOR_BYTES * index, &locator.encode());
        }
        let checksum = checksum::compute(&bytes, CHECKSUM_AT);
        be::put(&mut bytes, CHECKSUM_AT, &checksum.to_be_bytes());
        bytes
    }

    /// Whether the major version is the one we know.
    pub(crate) fn is_known_version(&self) -> bool {
        self.version >> 16 == FORMAT_VERSION >> 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let mut locators = [Locator::UNUSED; LOCATOR_COUNT];
        locators[7] = Locator { code: *b"W2ru", space: 512, bytes: 6, offset: FileOffset::new(4_096) };
        Header {
            table_offset: FileOffset::new(1_536),
            version: FORMAT_VERSION,
            table_entries: 3,
            block_bytes: 0x0020_0000,
            checksum: Checksum { stored: 0, computed: 0 },
            parent_id: [7; 16],
            parent_created: 5,
            parent_name: "ü.vhd".encode_utf16().collect(),
            locators,
        }
    }

    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let back = Header::decode(&header().encode()).unwrap();
        assert!(back.checksum.holds());
        assert_eq!(back, Header { checksum: back.checksum, ..header() });
    }

    #[test]
    fn fields_lie_where_the_format_says() {
        let bytes = header().encode();
        assert_eq!(bytes[8..16], [0xff; 8]);
        assert_eq!(bytes[16..36], *b"\0\0\0\0\0\0\x06\0\0\x01\0\0\0\0\0\x03\0\x20\0\0");
        assert_eq!(bytes[64..68], *b"\0\xfc\0.");
        assert_eq!(bytes[744..768], *b"W2ru\0\0\x02\0\0\0\0\x06\0\0\0\0\0\0\0\0\0\0\x10\0");
    }

    #[test]
    fn a_name_that_fills_its_room_needs_no_end_mark() {
        let full = Header { parent_name: [0x41; PARENT_NAME_UNITS].to_vec(), ..header() };
        assert_eq!(Header::decode(&full.encode()).unwrap().parent_name.len(), PARENT_NAME_UNITS);
    }
}
