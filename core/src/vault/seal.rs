//! Sealed boxes: ciphertext and a 16-byte tag, bound to what they are.
//!
//! A nonce is an 8-byte counter within the process that drew the salt; a
//! [`Sealer`] counts, and cannot be made twice from one salt because it is
//! made from fresh random bytes.
//!
//! Format: `docs/vault-format.md`, "Sealed boxes".

use core::sync::atomic::{AtomicU64, Ordering};

use super::aead::Aes;
use super::error::FormatError;

/// Bytes a box is longer than what it holds.
pub const TAG_BYTES: usize = 16;

/// How boxes are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Not at all: the tag only finds accidents.
    None,
    /// AES-256-GCM.
    Aes256Gcm,
}

impl Suite {
    pub(super) fn code(self) -> u8 {
        match self {
            Suite::None => 0,
            Suite::Aes256Gcm => 1,
        }
    }

    pub(super) fn from_code(code: u8) -> Result<Suite, FormatError> {
        match code {
            0 => Ok(Suite::None),
            1 => Ok(Suite::Aes256Gcm),
            value => Err(FormatError::Field {
                field: "cipher suite",
                value: u64::from(value),
                allowed: "0 (none) or 1 (AES-256-GCM)",
            }),
        }
    }
}

/// Which key opens the boxes of a file; stands in clear in its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyDescriptor {
    /// How boxes are sealed.
    pub suite: Suite,
    /// Which epoch key of the keyring.
    pub epoch: u32,
    /// Drawn once per process start that writes.
    pub salt: [u8; 32],
}

impl PartialOrd for Suite {
    fn partial_cmp(&self, other: &Suite) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Suite {
    fn cmp(&self, other: &Suite) -> core::cmp::Ordering {
        self.code().cmp(&other.code())
    }
}

/// A key that opens, and for its maker seals, boxes.
#[derive(Clone)]
pub struct BoxKey(Cipher);

#[derive(Clone)]
enum Cipher {
    Keyless,
    Aes(Aes),
}

impl BoxKey {
    pub(super) fn keyless() -> BoxKey {
        BoxKey(Cipher::Keyless)
    }

    pub(super) fn aes(key: &[u8; 32]) -> BoxKey {
        BoxKey(Cipher::Aes(Aes::new(key)))
    }

    /// Seals `bytes` in place and returns the tag to store after them.
    pub(super) fn seal(&self, counter: u64, associated: &[u8], bytes: &mut [u8]) -> [u8; TAG_BYTES] {
        match &self.0 {
            Cipher::Keyless => keyless_tag(associated, bytes),
            Cipher::Aes(cipher) => cipher.seal(counter, associated, bytes),
        }
    }

    /// Opens a box in place and returns the bytes it held.
    ///
    /// # Errors
    ///
    /// [`FormatError::Sealed`] naming `part`: wrong key, place or bytes.
    pub fn open<'a>(
        &self,
        part: &'static str,
        counter: u64,
        associated: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], FormatError> {
        let Some(length) = sealed.len().checked_sub(TAG_BYTES) else {
            return Err(FormatError::short(part, TAG_BYTES, sealed.len()));
        };
        let opened = match &self.0 {
            Cipher::Keyless => keyless_tag(associated, &sealed[..length]) == sealed[length..],
            Cipher::Aes(cipher) => cipher.open(counter, associated, sealed),
        };
        if opened { Ok(&mut sealed[..length]) } else { Err(FormatError::Sealed { part }) }
    }
}

/// Seals with nonces that never repeat while it lives.
pub struct Sealer {
    key: BoxKey,
    descriptor: KeyDescriptor,
    next: AtomicU64,
}

impl Sealer {
    pub(super) fn new(key: BoxKey, descriptor: KeyDescriptor) -> Sealer {
        Sealer { key, descriptor, next: AtomicU64::new(0) }
    }

    /// What the envelope of a file sealed here must say.
    pub fn descriptor(&self) -> KeyDescriptor {
        self.descriptor
    }

    /// Takes `count` nonce counters in a row and returns the first.
    pub fn take(&self, count: u64) -> u64 {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        // 2^63 boxes are out of reach of any process; wrapping would repeat a nonce.
        assert!(first < 1 << 63, "nonce counter of this process is spent");
        first
    }

    /// Seals `bytes` in place under `counter`, which must come from [`Sealer::take`] and be used once.
    pub fn seal(&self, counter: u64, associated: &[u8], bytes: &mut [u8]) -> [u8; TAG_BYTES] {
        self.key.seal(counter, associated, bytes)
    }
}

fn keyless_tag(associated: &[u8], bytes: &[u8]) -> [u8; TAG_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("vhault keyless tag 1");
    hasher.update(&(associated.len() as u64).to_le_bytes());
    hasher.update(associated);
    hasher.update(bytes);
    super::envelope::field(hasher.finalize().as_bytes(), 0)
}
