//! Key slots: each holds the keyring once, behind one passphrase or key file.
//!
//! Format: `docs/vault-format.md`, "Keys and slots".

use alloc::string::String;
use alloc::vec::Vec;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::envelope::{Envelope, FileKind};
use super::error::FormatError;
use super::key::{Keyring, expand};
use super::recovery::RecoveryKey;
use super::seal::{BoxKey, KeyDescriptor, Suite};
use crate::digest::{SessionId, SlotId, VaultId};
use crate::time::Instant;

/// Longest label of a slot, in bytes.
pub const LABEL_BYTES_MAX: usize = 256;
/// Largest slot file we read: a keyring of all its epochs and some room.
pub const SLOT_BYTES_MAX: usize = 1 << 20;

const MEMORY_KIB_MAX: u32 = 1 << 20;
const PASSES_MAX: u32 = 64;
const LANES_MAX: u32 = 16;

/// How hard a passphrase is to try, as Argon2id takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hardness {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Hardness {
    /// 64 MiB, 3 passes, 1 lane.
    fn default() -> Hardness {
        Hardness { memory_kib: 64 << 10, passes: 3, lanes: 1 }
    }
}

/// What opens a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lock {
    /// A passphrase, through Argon2id.
    Passphrase {
        /// How hard it is to try one.
        hardness: Hardness,
        /// Random.
        salt: [u8; 32],
    },
    /// The bytes of a key file.
    KeyFile {
        /// Random.
        salt: [u8; 32],
    },
    /// A recovery key on paper.
    Recovery {
        /// Random.
        salt: [u8; 32],
    },
}

/// What a person holds to unlock a vault.
#[derive(Clone)]
pub enum Secret {
    /// A passphrase, as UTF-8 bytes without line end.
    Passphrase(Zeroizing<Vec<u8>>),
    /// All bytes of a key file.
    KeyFile(Zeroizing<Vec<u8>>),
    /// A recovery key, typed from paper.
    Recovery(RecoveryKey),
}

impl Secret {
    /// What it is, in words.
    pub fn word(&self) -> &'static str {
        match self {
            Secret::Passphrase(_) => "passphrase",
            Secret::KeyFile(_) => "key file",
            Secret::Recovery(_) => "recovery key",
        }
    }
}

impl Lock {
    /// What it takes, in words.
    pub fn word(&self) -> &'static str {
        match self {
            Lock::Passphrase { .. } => "passphrase",
            Lock::KeyFile { .. } => "key file",
            Lock::Recovery { .. } => "recovery key",
        }
    }
}

/// The clear part of a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotHead {
    /// Its id; also the file's name.
    pub slot: SlotId,
    /// What opens it.
    pub lock: Lock,
    /// For people.
    pub label: String,
    /// When it was made, by its host's clock.
    pub created: Instant,
}

/// A slot as stored: what it says in clear, and the sealed keyring.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its clear part.
    pub head: SlotHead,
    vault: VaultId,
    associated: Vec<u8>,
    sealed: Vec<u8>,
}

impl Slot {
    /// The file of a new slot that gives `keyring` to whoever holds `secret`.
    ///
    /// # Errors
    ///
    /// [`FormatError::Field`] when hardness or label are out of bounds, or the secret is of the other kind.
    pub fn encode(
        head: &SlotHead,
        vault: VaultId,
        keyring: &Keyring,
        secret: &Secret,
    ) -> Result<Vec<u8>, FormatError> {
        check(head)?;
        let clear = postcard::to_allocvec(head).expect("a slot's clear part is plain data");
        let envelope = Envelope {
            kind: FileKind::Slot,
            vault,
            key: KeyDescriptor { suite: Suite::Aes256Gcm, epoch: 0, salt: [0; 32] },
            session: SessionId::from_bytes([0; 16]),
            number: 0,
            clear_bytes: u32::try_from(clear.len()).expect("checked to be short"),
        };
        let mut file = Vec::from(envelope.encode());
        file.extend(clear);
        let mut held = Zeroizing::new(postcard::to_allocvec(keyring).expect("a keyring is plain data"));
        let key = lock_key(&head.lock, vault, secret)?;
        let tag = key.seal(0, &file, &mut held);
        file.extend_from_slice(&held);
        file.extend(tag);
        Ok(file)
    }

    /// Decodes the clear part of a slot's file.
    ///
    /// # Errors
    ///
    /// [`FormatError`] naming what is wrong; hardness is bounded here, before any memory is taken.
    pub fn decode(file: &[u8], vault: VaultId) -> Result<Slot, FormatError> {
        let envelope = Envelope::decode_of(file, FileKind::Slot, vault)?;
        let (associated, sealed) = envelope.split(file)?;
        let clear = &associated[super::envelope::ENVELOPE_BYTES..];
        let head: SlotHead = postcard::from_bytes(clear)
            .map_err(|_| FormatError::malformed("clear part", "it is no slot description"))?;
        check(&head)?;
        Ok(Slot { head, vault, associated: associated.into(), sealed: sealed.into() })
    }

    /// Unlocks the keyring.
    ///
    /// # Errors
    ///
    /// [`FormatError::Sealed`] when `secret` is not the one, [`FormatError::Field`] when it is of the other kind.
    pub fn unlock(&self, secret: &Secret) -> Result<Keyring, FormatError> {
        let key = lock_key(&self.head.lock, self.vault, secret)?;
        let mut held = Zeroizing::new(self.sealed.clone());
        let bytes = key.open("keyring", 0, &self.associated, &mut held)?;
        let keyring: Keyring =
            postcard::from_bytes(bytes).map_err(|_| FormatError::malformed("keyring", "not a keyring"))?;
        if !keyring.is_sound() {
            return Err(FormatError::malformed("keyring", "it has no epoch, or too many"));
        }
        Ok(keyring)
    }

    /// Whether `secret` is of the kind that this slot takes.
    pub fn takes(&self, secret: &Secret) -> bool {
        matches!(
            (&self.head.lock, secret),
            (Lock::Passphrase { .. }, Secret::Passphrase(_))
                | (Lock::KeyFile { .. }, Secret::KeyFile(_))
                | (Lock::Recovery { .. }, Secret::Recovery(_))
        )
    }
}

fn check(head: &SlotHead) -> Result<(), FormatError> {
    let bounded = |field, value: u32, max: u32, allowed| {
        if value == 0 || value > max {
            return Err(FormatError::Field { field, value: u64::from(value), allowed });
        }
        Ok(())
    };
    if head.label.len() > LABEL_BYTES_MAX {
        let value = head.label.len() as u64;
        return Err(FormatError::Field { field: "label length", value, allowed: "at most 256 bytes" });
    }
    if let Lock::Passphrase { hardness, .. } = &head.lock {
        bounded("Argon2id memory in KiB", hardness.memory_kib, MEMORY_KIB_MAX, "1 to 1048576")?;
        bounded("Argon2id passes", hardness.passes, PASSES_MAX, "1 to 64")?;
        bounded("Argon2id lanes", hardness.lanes, LANES_MAX, "1 to 16")?;
    }
    Ok(())
}

fn lock_key(lock: &Lock, vault: VaultId, secret: &Secret) -> Result<BoxKey, FormatError> {
    let mut key = Zeroizing::new([0; 32]);
    match (lock, secret) {
        (Lock::Passphrase { hardness, salt }, Secret::Passphrase(passphrase)) => {
            let params = Params::new(hardness.memory_kib, hardness.passes, hardness.lanes, Some(32))
                .map_err(|_| FormatError::malformed("lock", "Argon2id does not take these numbers"))?;
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(passphrase, salt, &mut *key)
                .map_err(|_| FormatError::malformed("lock", "Argon2id refused the passphrase"))?;
        }
        (Lock::KeyFile { salt }, Secret::KeyFile(bytes)) => {
            expand(bytes, salt, &[b"vhault key file 1", vault.as_bytes()], &mut key);
        }
        (Lock::Recovery { salt }, Secret::Recovery(recovery)) => {
            expand(recovery.as_bytes(), salt, &[b"vhault recovery key 1", vault.as_bytes()], &mut key);
        }
        _ => {
            return Err(FormatError::malformed("lock", "it takes another kind of secret"));
        }
    }
    Ok(BoxKey::aes(&key))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::envelope::{ENVELOPE_BYTES, with_envelope};
    use super::*;

    const VAULT: VaultId = VaultId::from_bytes([3; 16]);
    /// Where an envelope has the id of its vault.
    const VAULT_AT: usize = 8;

    fn head(lock: Lock) -> SlotHead {
        SlotHead {
            slot: SlotId::from_bytes([1; 16]),
            lock,
            label: "test".into(),
            created: Instant::from_unix_milliseconds(0),
        }
    }

    fn easy() -> Lock {
        Lock::Passphrase { hardness: Hardness { memory_kib: 8, passes: 1, lanes: 1 }, salt: [2; 32] }
    }

    #[test]
    fn a_slot_opens_to_its_secret_and_to_no_other() {
        let keyring = Keyring::from_random([4; 32], [5; 32]);
        let phrase = |text: &str| Secret::Passphrase(Zeroizing::new(text.as_bytes().to_vec()));
        let file = Slot::encode(&head(easy()), VAULT, &keyring, &phrase("right")).unwrap();
        let slot = Slot::decode(&file, VAULT).unwrap();

        assert!(slot.unlock(&phrase("right")).is_ok());
        assert_eq!(slot.unlock(&phrase("wrong")).err(), Some(FormatError::Sealed { part: "keyring" }));
        assert!(slot.unlock(&Secret::KeyFile(Zeroizing::new(b"right".to_vec()))).is_err());
    }

    #[test]
    fn a_recovery_slot_opens_to_the_key_that_was_typed() {
        let keyring = Keyring::from_random([4; 32], [5; 32]);
        let key = RecoveryKey::from_random([6; 16]);
        let typed = RecoveryKey::parse(&key.groups()).unwrap();
        let lock = Lock::Recovery { salt: [2; 32] };
        let file = Slot::encode(&head(lock), VAULT, &keyring, &Secret::Recovery(key)).unwrap();
        let slot = Slot::decode(&file, VAULT).unwrap();
        assert!(slot.unlock(&Secret::Recovery(typed)).is_ok());
        let other = RecoveryKey::from_random([7; 16]);
        assert!(slot.unlock(&Secret::Recovery(other)).is_err());
        assert!(slot.unlock(&Secret::KeyFile(Zeroizing::new(vec![6; 16]))).is_err());
    }

    /// Whoever can write to the storage can change what stands in clear, and make the checksum right again.
    #[test]
    fn a_slot_is_bound_to_its_vault_and_to_what_it_says_in_clear() {
        let secret = Secret::KeyFile(Zeroizing::new(vec![7; 32]));
        let keyring = Keyring::from_random([4; 32], [5; 32]);
        let file = Slot::encode(&head(Lock::KeyFile { salt: [2; 32] }), VAULT, &keyring, &secret).unwrap();
        assert!(Slot::decode(&file, VAULT).unwrap().unlock(&secret).is_ok());

        let mut relabelled = file.clone();
        let label = relabelled.windows(4).position(|window| window == b"test").unwrap();
        assert!(label > ENVELOPE_BYTES);
        relabelled[label] = b'b';
        let slot = Slot::decode(&relabelled, VAULT).unwrap();
        assert_eq!(slot.head.label, "best");
        assert_eq!(slot.unlock(&secret).err(), Some(FormatError::Sealed { part: "keyring" }));

        let other = VaultId::from_bytes([9; 16]);
        let moved = with_envelope(&file, VAULT_AT, other.as_bytes());
        let slot = Slot::decode(&moved, other).unwrap();
        assert_eq!(slot.unlock(&secret).err(), Some(FormatError::Sealed { part: "keyring" }));
    }

    #[test]
    fn hardness_out_of_bounds_is_refused_before_memory_is_taken() {
        let hardest = Hardness { memory_kib: MEMORY_KIB_MAX, passes: PASSES_MAX, lanes: LANES_MAX };
        let secret = Secret::Passphrase(Zeroizing::new(b"x".to_vec()));
        let keyring = Keyring::from_random([4; 32], [5; 32]);
        for (hardness, refused) in [
            (Hardness { memory_kib: MEMORY_KIB_MAX + 1, ..hardest }, Some("Argon2id memory in KiB")),
            (Hardness { memory_kib: 0, ..hardest }, Some("Argon2id memory in KiB")),
            (Hardness { passes: PASSES_MAX + 1, ..hardest }, Some("Argon2id passes")),
            (Hardness { lanes: LANES_MAX + 1, ..hardest }, Some("Argon2id lanes")),
            (hardest, None),
        ] {
            let head = head(Lock::Passphrase { hardness, salt: [2; 32] });
            // As somebody else may have written it: a slot is judged when it is read.
            let clear = postcard::to_allocvec(&head).unwrap();
            let envelope = Envelope {
                kind: FileKind::Slot,
                vault: VAULT,
                key: KeyDescriptor { suite: Suite::Aes256Gcm, epoch: 0, salt: [0; 32] },
                session: SessionId::from_bytes([0; 16]),
                number: 0,
                clear_bytes: u32::try_from(clear.len()).unwrap(),
            };
            let file = [&envelope.encode()[..], &clear, &[0; 64]].concat();
            let field = |error| match error {
                FormatError::Field { field, .. } => field,
                other => panic!("{other}"),
            };
            assert_eq!(Slot::decode(&file, VAULT).err().map(field), refused);
            if refused.is_some() {
                assert_eq!(Slot::encode(&head, VAULT, &keyring, &secret).err().map(field), refused);
            }
        }
    }
}
