//! Ids of chunks and pages: keyed hashes of their content.
//!
//! Format: `docs/vault-format.md`, "Ids".

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::FormatError;
use super::key::Keyring;
use crate::digest::{ChunkId, PageId};

/// Which keyed hash makes ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdHash {
    /// Keyed BLAKE3: the default, several times faster.
    Blake3,
    /// HMAC-SHA-256.
    HmacSha256,
}

impl IdHash {
    pub(super) fn code(self) -> u8 {
        match self {
            IdHash::Blake3 => 0,
            IdHash::HmacSha256 => 1,
        }
    }

    pub(super) fn from_code(code: u8) -> Result<IdHash, FormatError> {
        match code {
            0 => Ok(IdHash::Blake3),
            1 => Ok(IdHash::HmacSha256),
            value => Err(FormatError::Field {
                field: "id hash",
                value: u64::from(value),
                allowed: "0 (BLAKE3) or 1 (HMAC-SHA-256)",
            }),
        }
    }
}

/// Makes the ids of one vault. Its keys are wiped when it is dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct IdMaker {
    #[zeroize(skip)]
    hash: IdHash,
    chunk_key: [u8; 32],
    page_key: [u8; 32],
}

impl IdMaker {
    /// The id maker of the vault whose secrets are `keyring`.
    pub fn new(hash: IdHash, keyring: &Keyring) -> IdMaker {
        IdMaker {
            hash,
            chunk_key: blake3::derive_key("vhault chunk id 1", keyring.id_key()),
            page_key: blake3::derive_key("vhault page id 1", keyring.id_key()),
        }
    }

    /// The id of a whole grid chunk.
    pub fn chunk(&self, bytes: &[u8]) -> ChunkId {
        ChunkId::from_bytes(self.keyed(&self.chunk_key, bytes))
    }

    /// The id of a decoded page.
    pub fn page(&self, bytes: &[u8]) -> PageId {
        PageId::from_bytes(self.keyed(&self.page_key, bytes))
    }

    fn keyed(&self, key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
        match self.hash {
            IdHash::Blake3 => *blake3::keyed_hash(key, bytes).as_bytes(),
            IdHash::HmacSha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
                mac.update(bytes);
                mac.finalize().into_bytes().into()
            }
        }
    }
}
