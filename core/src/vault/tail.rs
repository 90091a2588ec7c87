//! Tails: the last 32 bytes of packs and table fragments, in clear.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 8 | offset of the last box |
//! | 8 | 4 | its length |
//! | 12 | 4 | zero |
//! | 16 | 8 | its nonce counter |
//! | 24 | 8 | `VHPCKEND` or `VHTBLEND` |

use super::envelope::field;
use super::error::FormatError;

/// Bytes of a tail.
pub const TAIL_BYTES: usize = 32;
/// How a pack ends.
pub const PACK_TAIL: &[u8; 8] = b"VHPCKEND";
/// How a table fragment ends.
pub const FRAGMENT_TAIL: &[u8; 8] = b"VHTBLEND";

/// Where the last box of a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Bytes from the start of the file.
    pub box_offset: u64,
    /// Its length, tag included.
    pub box_bytes: u32,
    /// Its nonce counter.
    pub nonce: u64,
}

impl Tail {
    /// The stored form, ending in `magic`.
    pub fn encode(&self, magic: &[u8; 8]) -> [u8; TAIL_BYTES] {
        let mut bytes = [0; TAIL_BYTES];
        bytes[..8].copy_from_slice(&self.box_offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.box_bytes.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.nonce.to_le_bytes());
        bytes[24..].copy_from_slice(magic);
        bytes
    }

    /// Decodes the last bytes of a file `file_bytes` long and checks that the box ends where the tail begins.
    ///
    /// # Errors
    ///
    /// [`FormatError::Malformed`] when the file does not end like that.
    pub fn decode(bytes: &[u8; TAIL_BYTES], magic: &[u8; 8], file_bytes: u64) -> Result<Tail, FormatError> {
        if &bytes[24..] != magic {
            return Err(FormatError::malformed("tail", "the file does not end as it should: it was cut off"));
        }
        let tail = Tail {
            box_offset: u64::from_le_bytes(field(bytes, 0)),
            box_bytes: u32::from_le_bytes(field(bytes, 8)),
            nonce: u64::from_le_bytes(field(bytes, 16)),
        };
        let end = tail.box_offset.checked_add(u64::from(tail.box_bytes));
        if end != file_bytes.checked_sub(TAIL_BYTES as u64) || bytes[12..16] != [0; 4] {
            return Err(FormatError::malformed("tail", "it points outside the file"));
        }
        Ok(tail)
    }
}
