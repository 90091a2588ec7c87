//! The keyring, and the keys that are derived from it.
//!
//! Format: `docs/vault-format.md`, "Sealed boxes", "Keys and slots", "Ids".

use alloc::vec::Vec;
use core::fmt;

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::FormatError;
use super::seal::{BoxKey, KeyDescriptor, Sealer, Suite};
use crate::digest::VaultId;

/// More epochs than a daily rotation makes in ten years.
pub const EPOCHS_MAX: usize = 4096;

/// The secrets of a vault. Wiped when dropped; never printed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Keyring {
    id_key: [u8; 32],
    epoch_keys: Vec<[u8; 32]>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} epochs)", self.epoch_keys.len())
    }
}

impl Keyring {
    /// The keyring of a new vault, from fresh random bytes.
    pub fn from_random(id_key: [u8; 32], epoch_key: [u8; 32]) -> Keyring {
        Keyring { id_key, epoch_keys: alloc::vec![epoch_key] }
    }

    /// The keyring of a vault without encryption: known to everybody.
    pub fn public(vault: VaultId) -> Keyring {
        Keyring {
            id_key: blake3::derive_key("vhault public id key 1", vault.as_bytes()),
            epoch_keys: alloc::vec![blake3::derive_key("vhault public epoch key 1", vault.as_bytes())],
        }
    }

    /// The newest epoch; new data is sealed under it.
    pub fn epoch(&self) -> u32 {
        u32::try_from(self.epoch_keys.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The key that ids are made with.
    pub(super) fn id_key(&self) -> &[u8; 32] {
        &self.id_key
    }

    pub(super) fn is_sound(&self) -> bool {
        !self.epoch_keys.is_empty() && self.epoch_keys.len() <= EPOCHS_MAX
    }

    /// The key of the boxes in a file whose envelope says `descriptor`.
    ///
    /// # Errors
    ///
    /// [`FormatError::Field`] when this keyring has no such epoch.
    pub fn box_key(&self, vault: VaultId, descriptor: &KeyDescriptor) -> Result<BoxKey, FormatError> {
        if descriptor.suite == Suite::None {
            return Ok(BoxKey::keyless());
        }
        let epoch = usize::try_from(descriptor.epoch).unwrap_or(usize::MAX);
        let Some(epoch_key) = self.epoch_keys.get(epoch) else {
            return Err(FormatError::Field {
                field: "key epoch",
                value: u64::from(descriptor.epoch),
                allowed: "an epoch of the keyring this slot holds",
            });
        };
        let mut key = [0; 32];
        expand(epoch_key, &descriptor.salt, &[b"vhault process key 1", vault.as_bytes()], &mut key);
        let box_key = BoxKey::aes(&key);
        key.zeroize();
        Ok(box_key)
    }

    /// A sealer for this process start. `salt` must be fresh random bytes, used for nothing else.
    pub fn sealer(&self, vault: VaultId, suite: Suite, salt: [u8; 32]) -> Sealer {
        let descriptor = KeyDescriptor { suite, epoch: self.epoch(), salt };
        let key = self.box_key(vault, &descriptor).expect("the newest epoch is in its own keyring");
        Sealer::new(key, descriptor)
    }
}

/// HKDF-SHA-256.
pub(super) fn expand(input: &[u8], salt: &[u8], info: &[&[u8]], key: &mut [u8; 32]) {
    Hkdf::<Sha256>::new(Some(salt), input)
        .expand_multi_info(info, key)
        .expect("32 bytes are within what HKDF gives");
}
