//! Packs: sealed blobs back to back, a sealed index, a clear tail.
//!
//! | part | bytes |
//! | --- | --- |
//! | envelope | 96 |
//! | contents | 1: 0 chunks, 1 pages |
//! | blobs | boxes back to back |
//! | index | a box of 52-byte entries |
//! | tail | 32 |
//!
//! Format: `docs/vault-format.md`, "Packs".

use alloc::vec::Vec;

use super::blob::{BlobKind, ENTRY_BYTES, Place};
use super::envelope::{ENVELOPE_BYTES, Envelope, FileKind};
use super::error::FormatError;
use super::seal::{BoxKey, Sealer};
use super::tail::{PACK_TAIL, TAIL_BYTES, Tail};
use crate::digest::{SessionId, VaultId};

/// Bytes before the first blob.
pub const PACK_HEAD_BYTES: usize = ENVELOPE_BYTES + 1;
/// A pack is sealed when it has grown to this.
pub const PACK_BYTES_TARGET: u32 = 64 << 20;
/// No pack is larger; offsets are 32 bits, and readers bound what they take.
pub const PACK_BYTES_MAX: u64 = 1 << 30;
/// No index has more entries: 64 MiB of the smallest blobs are fewer.
pub const PACK_ENTRIES_MAX: usize = 1 << 20;

/// The first bytes of a pack of `contents`.
pub fn pack_head(
    vault: VaultId,
    sealer: &Sealer,
    session: SessionId,
    sequence: u64,
    contents: BlobKind,
) -> [u8; PACK_HEAD_BYTES] {
    let envelope = Envelope {
        kind: FileKind::Pack,
        vault,
        key: sealer.descriptor(),
        session,
        number: sequence,
        clear_bytes: 1,
    };
    let mut head = [0; PACK_HEAD_BYTES];
    head[..ENVELOPE_BYTES].copy_from_slice(&envelope.encode());
    head[ENVELOPE_BYTES] = match contents {
        BlobKind::Chunk => 0,
        BlobKind::Page => 1,
    };
    head
}

/// The last bytes of a pack whose blobs end at `blobs_end`: index box and tail.
pub fn pack_foot(sealer: &Sealer, head: &[u8; PACK_HEAD_BYTES], blobs_end: u64, places: &[Place]) -> Vec<u8> {
    let mut foot = Vec::with_capacity(places.len() * ENTRY_BYTES + 16 + TAIL_BYTES);
    for place in places {
        foot.extend(place.encode());
    }
    let nonce = sealer.take(1);
    let tag = sealer.seal(nonce, head, &mut foot);
    foot.extend(tag);
    let tail = Tail {
        box_offset: blobs_end,
        box_bytes: u32::try_from(foot.len()).expect("an index is far below 4 GiB"),
        nonce,
    };
    foot.extend(tail.encode(PACK_TAIL));
    foot
}

/// Decodes the first bytes of a pack.
///
/// # Errors
///
/// [`FormatError`] of the envelope.
pub fn decode_pack_head(bytes: &[u8], vault: VaultId) -> Result<Envelope, FormatError> {
    let envelope = Envelope::decode_of(bytes, FileKind::Pack, vault)?;
    if envelope.clear_bytes != 1 {
        return Err(FormatError::Field {
            field: "length of a pack's clear part",
            value: u64::from(envelope.clear_bytes),
            allowed: "1",
        });
    }
    Ok(envelope)
}

/// Opens the index box of a pack: where its blobs lie, in the order of their offsets.
///
/// # Errors
///
/// [`FormatError`] when the box does not open or an entry lies outside `blobs_end`.
pub fn open_index(
    key: &BoxKey,
    head: &[u8; PACK_HEAD_BYTES],
    tail: &Tail,
    sealed: &mut [u8],
) -> Result<Vec<Place>, FormatError> {
    let bytes = key.open("pack index", tail.nonce, head, sealed)?;
    let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
    if !rest.is_empty() || entries.len() > PACK_ENTRIES_MAX {
        return Err(FormatError::malformed("pack index", "its length is no whole number of entries"));
    }
    let mut places = Vec::with_capacity(entries.len());
    let mut end = PACK_HEAD_BYTES as u64;
    for entry in entries {
        let place = Place::decode(entry)?;
        if u64::from(place.offset) < end || place.end() > tail.box_offset {
            return Err(FormatError::malformed("pack index", "blobs overlap or lie outside"));
        }
        end = place.end();
        places.push(place);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::super::blob::{BlobId, Codec};
    use super::super::envelope::with_envelope;
    use super::super::key::Keyring;
    use super::super::seal::Suite;
    use super::*;
    use crate::digest::ChunkId;

    const VAULT: VaultId = VaultId::from_bytes([1; 16]);
    /// Where an envelope has session and sequence.
    const SESSION_AT: usize = 64;
    const SEQUENCE_AT: usize = 80;

    /// Two packs of one process have one key: only what they are bound to tells their indexes apart.
    #[test]
    fn an_index_opens_only_under_its_own_session_and_sequence() {
        for (suite, keyring) in [
            (Suite::Aes256Gcm, Keyring::from_random([2; 32], [3; 32])),
            (Suite::None, Keyring::public(VAULT)),
        ] {
            let sealer = keyring.sealer(VAULT, suite, [4; 32]);
            let head = pack_head(VAULT, &sealer, SessionId::from_bytes([5; 16]), 6, BlobKind::Chunk);
            let place = Place {
                id: BlobId::from(ChunkId::from_bytes([7; 32])),
                nonce: 0,
                offset: u32::try_from(PACK_HEAD_BYTES).unwrap(),
                boxed_bytes: 16,
                codec: Codec::Plain,
                pack: 0,
            };
            let blobs_end = place.end();
            let foot = pack_foot(&sealer, &head, blobs_end, &[place]);
            let (sealed, tail) = foot.split_last_chunk::<TAIL_BYTES>().unwrap();
            let tail = Tail::decode(tail, PACK_TAIL, blobs_end + foot.len() as u64).unwrap();
            let key = keyring.box_key(VAULT, &sealer.descriptor()).unwrap();
            let opens = |head: &[u8]| {
                let head: &[u8; PACK_HEAD_BYTES] = head.try_into().unwrap();
                assert!(decode_pack_head(head, VAULT).is_ok(), "nothing but the box can tell");
                open_index(&key, head, &tail, &mut sealed.to_vec())
            };
            assert_eq!(opens(&head), Ok(alloc::vec![place]));
            for (at, bytes) in [(SESSION_AT, &[8; 16][..]), (SEQUENCE_AT, &7_u64.to_le_bytes())] {
                let other = with_envelope(&head, at, bytes);
                assert_eq!(opens(&other), Err(FormatError::Sealed { part: "pack index" }), "byte {at}");
            }
        }
    }
}
