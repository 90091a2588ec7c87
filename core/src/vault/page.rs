//! Manifest pages: which chunk, or which page below, stands at each place.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 1 | level |
//! | 1 | 1 | log2 of the fan-out F |
//! | 2 | 2 | zero |
//! | 4 | F/8 | one bit a place, least significant first: 1 = an id follows |
//! | 4 + F/8 | 32 × ones | ids in order |
//!
//! Format: `docs/vault-format.md`, "Streams and manifest pages".

use alloc::vec::Vec;

use super::envelope::field;
use super::error::FormatError;
use crate::digest::{ChunkId, PageId};

/// Bytes of the largest page: fan-out 4096, every place taken.
pub const PAGE_BYTES_MAX: usize = HEAD_BYTES + 4096 / 8 + 4096 * 32;
/// No tree is higher: 2^63 bytes of 64 KiB chunks at fan-out 256 need six levels.
pub const LEVEL_MAX: u8 = 7;

const HEAD_BYTES: usize = 4;

/// One page of a manifest. `None` at a place means zeroes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Level 0: chunks.
    Leaf(Vec<Option<ChunkId>>),
    /// Higher levels: pages.
    Inner {
        /// 1 or more.
        level: u8,
        /// The pages below.
        pages: Vec<Option<PageId>>,
    },
}

impl Page {
    /// Its level; leaves have 0.
    pub fn level(&self) -> u8 {
        match self {
            Page::Leaf(_) => 0,
            Page::Inner { level, .. } => *level,
        }
    }

    /// Whether its whole range is zeroes; such a page is not stored.
    pub fn is_zero(&self) -> bool {
        match self {
            Page::Leaf(chunks) => chunks.iter().all(Option::is_none),
            Page::Inner { pages, .. } => pages.iter().all(Option::is_none),
        }
    }

    /// The decoded page as bytes; its id is made over these. It has a power of two places, at least 8.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Page::Leaf(chunks) => encode(0, chunks.iter().map(|id| id.as_ref().map(ChunkId::as_bytes))),
            Page::Inner { level, pages } => {
                encode(*level, pages.iter().map(|id| id.as_ref().map(PageId::as_bytes)))
            }
        }
    }

    /// Decodes a page of the fan-out this vault has.
    ///
    /// # Errors
    ///
    /// [`FormatError`] when length, fan-out, level or bits do not fit each other.
    pub fn decode(bytes: &[u8], fan_out_log2: u8) -> Result<Page, FormatError> {
        let fan_out = 1_usize << fan_out_log2;
        let ids_start = HEAD_BYTES + fan_out / 8;
        if bytes.len() < ids_start {
            return Err(FormatError::short("manifest page", ids_start, bytes.len()));
        }
        if bytes[1] != fan_out_log2 {
            return Err(FormatError::Field {
                field: "log2 of a page's fan-out",
                value: u64::from(bytes[1]),
                allowed: "that of the vault's settings",
            });
        }
        let level = bytes[0];
        if level > LEVEL_MAX || bytes[2..4] != [0, 0] {
            return Err(FormatError::Field {
                field: "level of a page",
                value: u64::from(level),
                allowed: "0 to 7",
            });
        }
        let bits = &bytes[HEAD_BYTES..ids_start];
        let taken: usize = bits.iter().map(|byte| byte.count_ones() as usize).sum();
        let needed = ids_start + taken * 32;
        if bytes.len() != needed {
            return Err(FormatError::short("manifest page", needed, bytes.len()));
        }
        let mut next = ids_start;
        let mut id_at = |place: usize| -> Option<[u8; 32]> {
            if bits[place / 8] >> (place % 8) & 1 == 0 {
                return None;
            }
            next += 32;
            Some(field(bytes, next - 32))
        };
        Ok(if level == 0 {
            Page::Leaf((0..fan_out).map(|place| id_at(place).map(ChunkId::from_bytes)).collect())
        } else {
            Page::Inner {
                level,
                pages: (0..fan_out).map(|place| id_at(place).map(PageId::from_bytes)).collect(),
            }
        })
    }
}

fn encode<'a>(level: u8, ids: impl ExactSizeIterator<Item = Option<&'a [u8; 32]>>) -> Vec<u8> {
    let fan_out = ids.len();
    let fan_out_log2 = u8::try_from(fan_out.trailing_zeros()).expect("a usize has fewer than 256 bits");
    let mut bytes = alloc::vec![0; HEAD_BYTES + fan_out / 8];
    bytes[0] = level;
    bytes[1] = fan_out_log2;
    for (place, id) in ids.enumerate() {
        if let Some(id) = id {
            bytes[HEAD_BYTES + place / 8] |= 1 << (place % 8);
            bytes.extend_from_slice(id);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf() -> Page {
        let mut chunks = alloc::vec![None; 256];
        chunks[0] = Some(ChunkId::from_bytes([1; 32]));
        chunks[9] = Some(ChunkId::from_bytes([2; 32]));
        chunks[255] = Some(ChunkId::from_bytes([3; 32]));
        Page::Leaf(chunks)
    }

    #[test]
    fn a_page_is_these_bytes_and_reads_back() {
        let bytes = leaf().encode();
        assert_eq!(bytes.len(), 4 + 32 + 3 * 32);
        assert_eq!(bytes[..6], [0, 8, 0, 0, 1, 2]);
        assert_eq!(bytes[35], 0x80);
        assert_eq!(Page::decode(&bytes, 8), Ok(leaf()));
    }

    #[test]
    fn a_page_of_another_fan_out_or_length_is_refused() {
        let bytes = leaf().encode();
        assert!(Page::decode(&bytes, 10).is_err());
        assert!(Page::decode(&bytes[..bytes.len() - 1], 8).is_err());
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Page::decode(&longer, 8).is_err());
        let mut higher = bytes;
        higher[0] = LEVEL_MAX + 1;
        assert!(Page::decode(&higher, 8).is_err());
    }
}
