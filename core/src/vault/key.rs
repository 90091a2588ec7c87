//! The keyring, and the keys that are derived from it.
//!
//! Format: `docs/vault-format.md`, "Sealed boxes", "Keys and slots", "Ids".

use alloc::vec::Vec;
use core::fmt;

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

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

    /// The same secrets and one epoch more, from fresh random bytes; `None` when there are too many already.
    pub fn rotated(&self, epoch_key: [u8; 32]) -> Option<Keyring> {
        let mut rotated = self.clone();
        rotated.epoch_keys.push(epoch_key);
        rotated.is_sound().then_some(rotated)
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
    /// [`FormatError::Epoch`] when this keyring has no such epoch; [`FormatError::Field`] when a file of an
    /// encrypted vault says that it is not encrypted: anybody could have written it.
    pub fn box_key(&self, vault: VaultId, descriptor: &KeyDescriptor) -> Result<BoxKey, FormatError> {
        if descriptor.suite == Suite::None {
            if self.id_key != Keyring::public(vault).id_key {
                let allowed = "1 (AES-256-GCM), as this vault is encrypted";
                return Err(FormatError::Field { field: "cipher suite", value: 0, allowed });
            }
            return Ok(BoxKey::keyless());
        }
        let epoch = usize::try_from(descriptor.epoch).unwrap_or(usize::MAX);
        let Some(epoch_key) = self.epoch_keys.get(epoch) else {
            return Err(FormatError::Epoch { epoch: descriptor.epoch, newest: self.epoch() });
        };
        let mut key = Zeroizing::new([0; 32]);
        expand(epoch_key, &descriptor.salt, &[b"vhault process key 1", vault.as_bytes()], &mut key);
        Ok(BoxKey::aes(&key))
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

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: VaultId = VaultId::from_bytes([3; 16]);

    /// Or somebody with the storage alone could write whatever he likes and call it not encrypted.
    #[test]
    fn an_encrypted_vault_opens_nothing_that_calls_itself_unencrypted() {
        let descriptor = KeyDescriptor { suite: Suite::None, epoch: 0, salt: [0; 32] };
        let refused = Keyring::from_random([4; 32], [5; 32]).box_key(VAULT, &descriptor);
        assert!(matches!(refused, Err(FormatError::Field { field: "cipher suite", .. })));
        assert!(Keyring::public(VAULT).box_key(VAULT, &descriptor).is_ok());
        // The keys of an open vault are another vault's secret.
        assert!(Keyring::public(VaultId::from_bytes([4; 16])).box_key(VAULT, &descriptor).is_err());
    }

    #[test]
    fn a_rotated_keyring_opens_what_came_before_and_the_old_one_not_what_comes_after() {
        let old = Keyring::from_random([4; 32], [5; 32]);
        let new = old.rotated([6; 32]).unwrap();
        assert_eq!((old.epoch(), new.epoch()), (0, 1));
        let (before, after) =
            (old.sealer(VAULT, Suite::Aes256Gcm, [7; 32]), new.sealer(VAULT, Suite::Aes256Gcm, [7; 32]));
        let mut bytes = *b"guest";
        let tag = before.seal(0, b"", &mut bytes);
        let mut sealed = [&bytes[..], &tag].concat();
        let key = new.box_key(VAULT, &before.descriptor()).unwrap();
        assert_eq!(key.open("box", 0, b"", &mut sealed).unwrap(), b"guest");
        let refused = old.box_key(VAULT, &after.descriptor()).err();
        assert_eq!(refused, Some(FormatError::Epoch { epoch: 1, newest: 0 }));
        // Nor does the old key open it where the envelope lies about the epoch.
        let mut bytes = *b"guest";
        let tag = after.seal(0, b"", &mut bytes);
        let mut sealed = [&bytes[..], &tag].concat();
        let lied = KeyDescriptor { epoch: 0, ..after.descriptor() };
        assert!(old.box_key(VAULT, &lied).unwrap().open("box", 0, b"", &mut sealed).is_err());
    }

    #[test]
    fn epochs_are_bounded() {
        let mut keyring = Keyring::from_random([4; 32], [5; 32]);
        for _ in 1..EPOCHS_MAX {
            keyring = keyring.rotated([6; 32]).unwrap();
        }
        assert!(keyring.rotated([6; 32]).is_none());
    }
}
