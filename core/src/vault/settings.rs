//! Settings: what is fixed for the life of a vault.
//!
//! | offset | size | field of the clear part |
//! | --- | --- | --- |
//! | 0 | 1 | log2 of the chunk size |
//! | 1 | 1 | log2 of the page fan-out |
//! | 2 | 1 | id hash |
//! | 3 | 1 | zero |
//! | 4 | 8 | created, milliseconds since 1970 |
//!
//! Format: `docs/vault-format.md`, "Settings".

use alloc::vec::Vec;

use super::envelope::{ENVELOPE_BYTES, Envelope, FileKind, field};
use super::error::FormatError;
use super::id::IdHash;
use super::seal::{KeyDescriptor, Suite};
use crate::digest::{SessionId, VaultId};
use crate::time::Instant;

const CLEAR_BYTES: usize = 12;
const HASH_BYTES: usize = 32;

/// What is fixed for the life of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The vault's id.
    pub vault: VaultId,
    /// How boxes are sealed.
    pub suite: Suite,
    /// log2 of the chunk size in bytes, 16 to 22.
    pub chunk_log2: u8,
    /// log2 of the entries in a manifest page: 8, 10 or 12.
    pub fan_out_log2: u8,
    /// Which keyed hash makes ids.
    pub id_hash: IdHash,
    /// When `init` ran, by its host's clock.
    pub created: Instant,
}

impl Settings {
    /// Bytes in a chunk.
    pub fn chunk_bytes(&self) -> usize {
        1 << self.chunk_log2
    }

    /// The stored file.
    pub fn encode(&self) -> Vec<u8> {
        let envelope = Envelope {
            kind: FileKind::Settings,
            vault: self.vault,
            key: KeyDescriptor { suite: self.suite, epoch: 0, salt: [0; 32] },
            session: SessionId::from_bytes([0; 16]),
            number: 0,
            clear_bytes: 12,
        };
        let mut file = Vec::from(envelope.encode());
        file.extend([self.chunk_log2, self.fan_out_log2, self.id_hash.code(), 0]);
        file.extend(self.created.unix_milliseconds().to_le_bytes());
        let hash = blake3::hash(&file);
        file.extend(hash.as_bytes());
        file
    }

    /// Decodes the stored file.
    ///
    /// # Errors
    ///
    /// [`FormatError`] naming what is wrong, version first.
    pub fn decode(file: &[u8]) -> Result<Settings, FormatError> {
        let envelope = Envelope::decode(file, FileKind::Settings)?;
        let (checked, hash) = envelope.split(file)?;
        let clear = &checked[ENVELOPE_BYTES..];
        if clear.len() != CLEAR_BYTES {
            return Err(FormatError::short("its clear part", CLEAR_BYTES, clear.len()));
        }
        if hash.len() != HASH_BYTES || blake3::hash(checked).as_bytes() != hash {
            return Err(FormatError::Checksum { part: "settings" });
        }
        let (chunk_log2, fan_out_log2) = (clear[0], clear[1]);
        if !(16..=22).contains(&chunk_log2) {
            return Err(FormatError::Field {
                field: "log2 of the chunk size",
                value: u64::from(chunk_log2),
                allowed: "16 to 22",
            });
        }
        if ![8, 10, 12].contains(&fan_out_log2) {
            return Err(FormatError::Field {
                field: "log2 of the page fan-out",
                value: u64::from(fan_out_log2),
                allowed: "8, 10 or 12",
            });
        }
        Ok(Settings {
            vault: envelope.vault,
            suite: envelope.key.suite,
            chunk_log2,
            fan_out_log2,
            id_hash: IdHash::from_code(clear[2])?,
            created: Instant::from_unix_milliseconds(i64::from_le_bytes(field(clear, 4))),
        })
    }

    /// The hash that record 1 repeats under seal.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.encode()).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_and_any_flipped_bit_is_noticed() {
        let settings = Settings {
            vault: VaultId::from_bytes([7; 16]),
            suite: Suite::Aes256Gcm,
            chunk_log2: 18,
            fan_out_log2: 8,
            id_hash: IdHash::HmacSha256,
            created: Instant::from_unix_milliseconds(1_700_000_000_000),
        };
        let file = settings.encode();
        assert_eq!(Settings::decode(&file), Ok(settings));
        for bit in 0..file.len() * 8 {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Settings::decode(&damaged).is_err(), "bit {bit}");
        }
        assert!(Settings::decode(&file[..file.len() - 1]).is_err());
    }
}
