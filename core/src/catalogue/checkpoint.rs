//! Checkpoints: the catalogue as folded up to one record, sealed.
//!
//! Format: `docs/vault-format.md`, "Checkpoints".

use alloc::vec::Vec;

use super::Catalogue;
use crate::digest::{SessionId, VaultId};
use crate::vault::envelope::{ENVELOPE_BYTES, Envelope, FileKind};
use crate::vault::error::FormatError;
use crate::vault::key::Keyring;
use crate::vault::seal::Sealer;

const CLEAR_BYTES: usize = 32 + 8 + 1;
/// Counts up whenever [`Catalogue`] gains or changes a field: another layout is passed over, and the log is read.
const LAYOUT: u8 = 3;

/// The stored checkpoint of `catalogue`.
pub fn encode_checkpoint(vault: VaultId, sealer: &Sealer, catalogue: &Catalogue) -> Vec<u8> {
    let envelope = Envelope {
        kind: FileKind::Checkpoint,
        vault,
        key: sealer.descriptor(),
        session: SessionId::from_bytes([0; 16]),
        number: catalogue.head_number,
        clear_bytes: 41,
    };
    let nonce = sealer.take(1);
    let mut file = Vec::from(envelope.encode());
    file.extend(catalogue.head_hash);
    file.extend(nonce.to_le_bytes());
    file.push(LAYOUT);
    let mut body = postcard::to_allocvec(catalogue).expect("a catalogue is plain data");
    let tag = sealer.seal(nonce, &file, &mut body);
    file.append(&mut body);
    file.extend(tag);
    file
}

/// Decodes a stored checkpoint.
///
/// # Errors
///
/// [`FormatError`] when it does not open, or says another record than its own envelope. The caller then reads
/// the log from an older checkpoint, or from its beginning.
pub fn decode_checkpoint(file: &[u8], vault: VaultId, keyring: &Keyring) -> Result<Catalogue, FormatError> {
    let envelope = Envelope::decode_of(file, FileKind::Checkpoint, vault)?;
    let (associated, sealed) = envelope.split(file)?;
    let clear = &associated[ENVELOPE_BYTES..];
    let Some((hash, nonce)) = clear.split_first_chunk::<32>().filter(|_| clear.len() == CLEAR_BYTES) else {
        return Err(FormatError::Short {
            part: "clear part of a checkpoint",
            needed: CLEAR_BYTES as u64,
            given: clear.len() as u64,
        });
    };
    let Some((nonce, &[found])) = nonce.split_first_chunk::<8>() else {
        return Err(FormatError::Malformed { part: "checkpoint", why: "its clear part is cut short".into() });
    };
    if found != LAYOUT {
        return Err(FormatError::Layout { found, wanted: LAYOUT });
    }
    let nonce = u64::from_le_bytes(*nonce);
    // Whoever only holds older keys can write one too, and must not be believed.
    if envelope.key.epoch != keyring.epoch() {
        return Err(FormatError::Epoch { epoch: envelope.key.epoch, newest: keyring.epoch() });
    }
    let key = keyring.box_key(vault, &envelope.key)?;
    let mut body = Vec::from(sealed);
    let body = key.open("checkpoint", nonce, associated, &mut body)?;
    let catalogue: Catalogue = postcard::from_bytes(body)
        .map_err(|_| FormatError::Malformed { part: "checkpoint", why: "not a catalogue".into() })?;
    if catalogue.head_number != envelope.number || &catalogue.head_hash != hash {
        return Err(FormatError::Malformed { part: "checkpoint", why: "it is of another record".into() });
    }
    Ok(catalogue)
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
