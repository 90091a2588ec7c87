//! Blobs: what packs hold, and the 52 bytes that say where one lies.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 32 | chunk id or page id |
//! | 32 | 8 | nonce counter |
//! | 40 | 4 | offset of the box in the pack |
//! | 44 | 3 | length of the box, tag included |
//! | 47 | 1 | bit 0: kind; bits 4..8: codec |
//! | 48 | 4 | pack, an index into a list of names |
//!
//! Format: `docs/vault-format.md`, "Packs".

use super::envelope::{FORMAT_VERSION, field};
use super::error::FormatError;
use super::seal::TAG_BYTES;
use crate::digest::{ChunkId, PageId};

/// Bytes of an entry in a pack index or a table fragment.
pub const ENTRY_BYTES: usize = 52;
/// Longest box: 24 bits.
pub const BOX_BYTES_MAX: u32 = (1 << 24) - 1;

/// What a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlobKind {
    /// A chunk of a stream.
    Chunk,
    /// A manifest page.
    Page,
}

/// How a blob is stored inside its box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// As it is.
    Plain,
    /// One zstd frame that states its content size.
    Zstd,
}

/// A chunk id or a page id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobId {
    /// Which of the two.
    pub kind: BlobKind,
    bytes: [u8; 32],
}

impl BlobId {
    /// The bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The associated data of the blob's box: format version, kind, id.
    pub fn associated(&self) -> [u8; 34] {
        let mut bytes = [0; 34];
        bytes[0] = FORMAT_VERSION;
        bytes[1] = kind_bit(self.kind);
        bytes[2..].copy_from_slice(&self.bytes);
        bytes
    }

    /// The chunk it names, if it names one.
    pub fn chunk(&self) -> Option<ChunkId> {
        (self.kind == BlobKind::Chunk).then(|| ChunkId::from_bytes(self.bytes))
    }
}

impl From<ChunkId> for BlobId {
    fn from(id: ChunkId) -> BlobId {
        BlobId { kind: BlobKind::Chunk, bytes: *id.as_bytes() }
    }
}

impl From<PageId> for BlobId {
    fn from(id: PageId) -> BlobId {
        BlobId { kind: BlobKind::Page, bytes: *id.as_bytes() }
    }
}

impl core::fmt::Display for BlobId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let kind = match self.kind {
            BlobKind::Chunk => "chunk",
            BlobKind::Page => "page",
        };
        write!(f, "{kind} {}", crate::digest::hex(&self.bytes))
    }
}

/// Where a blob's box lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which blob.
    pub id: BlobId,
    /// Nonce counter of its box.
    pub nonce: u64,
    /// Bytes from the start of the pack to its box.
    pub offset: u32,
    /// Bytes of its box, tag included.
    pub boxed_bytes: u32,
    /// How it is stored inside.
    pub codec: Codec,
    /// Which pack, as an index into a list kept beside.
    pub pack: u32,
}

impl Place {
    /// The stored form.
    pub fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..32].copy_from_slice(self.id.as_bytes());
        bytes[32..40].copy_from_slice(&self.nonce.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.offset.to_le_bytes());
        bytes[44..47].copy_from_slice(&self.boxed_bytes.to_le_bytes()[..3]);
        let codec: u8 = match self.codec {
            Codec::Plain => 0,
            Codec::Zstd => 1,
        };
        bytes[47] = kind_bit(self.id.kind) | codec << 4;
        bytes[48..].copy_from_slice(&self.pack.to_le_bytes());
        bytes
    }

    /// Decodes the stored form.
    ///
    /// # Errors
    ///
    /// [`FormatError::Field`] for flags this version does not know, or a box without room for its tag.
    pub fn decode(bytes: &[u8; ENTRY_BYTES]) -> Result<Place, FormatError> {
        let flags = bytes[47];
        let kind = if flags & 1 == 0 { BlobKind::Chunk } else { BlobKind::Page };
        let codec = match flags & !1 {
            0 => Codec::Plain,
            0x10 => Codec::Zstd,
            value => {
                return Err(FormatError::Field {
                    field: "blob flags",
                    value: u64::from(value),
                    allowed: "codec 0 (plain) or 1 (zstd)",
                });
            }
        };
        let boxed_bytes = u32::from_le_bytes([bytes[44], bytes[45], bytes[46], 0]);
        if (boxed_bytes as usize) < TAG_BYTES {
            return Err(FormatError::Field {
                field: "length of a blob's box",
                value: u64::from(boxed_bytes),
                allowed: "at least 16, the length of its tag",
            });
        }
        Ok(Place {
            id: BlobId { kind, bytes: field(bytes, 0) },
            nonce: u64::from_le_bytes(field(bytes, 32)),
            offset: u32::from_le_bytes(field(bytes, 40)),
            boxed_bytes,
            codec,
            pack: u32::from_le_bytes(field(bytes, 48)),
        })
    }

    /// The first byte after the box.
    pub fn end(&self) -> u64 {
        u64::from(self.offset) + u64::from(self.boxed_bytes)
    }
}

fn kind_bit(kind: BlobKind) -> u8 {
    match kind {
        BlobKind::Chunk => 0,
        BlobKind::Page => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_at_its_limits() {
        for boxed_bytes in [16, BOX_BYTES_MAX] {
            let place = Place {
                id: PageId::from_bytes([9; 32]).into(),
                nonce: u64::MAX,
                offset: u32::MAX,
                boxed_bytes,
                codec: Codec::Zstd,
                pack: 7,
            };
            assert_eq!(Place::decode(&place.encode()), Ok(place));
        }
    }

    #[test]
    fn an_unknown_codec_and_a_box_too_short_for_its_tag_are_refused() {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[44] = 16;
        assert!(Place::decode(&bytes).is_ok());
        bytes[47] = 0x20;
        assert!(Place::decode(&bytes).is_err());
        bytes[47] = 0;
        bytes[44] = 15;
        assert!(Place::decode(&bytes).is_err());
    }
}
