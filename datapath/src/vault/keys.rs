//! Secrets as people hold them: passphrases and key files.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use vhault_core::digest::{SlotId, VaultId, hex};
use vhault_core::time::Instant;
use vhault_core::vault::key::Keyring;
use vhault_core::vault::recovery::{GROUP_DIGITS, GROUPS, RecoveryKey, RecoveryKeyError};
use vhault_core::vault::slot::{Hardness, Lock, Secret, Slot, SlotHead};
use zeroize::Zeroizing;

use super::random;

/// A key file has at least so many bytes: 128 bits if they are random.
pub const KEY_FILE_BYTES_MIN: usize = 16;
/// No more of a key file is taken.
pub const KEY_FILE_BYTES_MAX: usize = 64 << 10;

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("cannot {operation} {path}")]
    File {
        /// What was tried.
        operation: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// Too short to be a secret, or too long to be meant.
    #[error("{path} is {bytes} bytes long, a key file has {KEY_FILE_BYTES_MIN} to {KEY_FILE_BYTES_MAX}")]
    KeyFileSize {
        /// Which file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },

    /// Nothing was given.
    #[error("the passphrase is empty")]
    EmptyPassphrase,

    /// No line of the file is a recovery key.
    #[error("{path} holds no recovery key: a line of {GROUPS} groups of {GROUP_DIGITS} digits")]
    NoRecoveryKey {
        /// Which file.
        path: PathBuf,
    },

    /// A recovery key was mistyped.
    #[error("that is not the recovery key as it was printed")]
    Recovery(#[from] RecoveryKeyError),
}

/// Reads a key file.
///
/// # Errors
///
/// [`KeyError::File`], [`KeyError::KeyFileSize`].
pub fn read_key_file(path: &Path) -> Result<Secret, KeyError> {
    let bytes = read_bounded(path)?;
    if !(KEY_FILE_BYTES_MIN..=KEY_FILE_BYTES_MAX).contains(&bytes.len()) {
        return Err(KeyError::KeyFileSize { path: path.into(), bytes: bytes.len() });
    }
    Ok(Secret::KeyFile(bytes))
}

/// Makes a key file of fresh random bytes, mode 0600, and returns what it holds. An existing file is left alone.
///
/// # Errors
///
/// [`KeyError::File`], also when the file exists.
pub fn create_key_file(path: &Path) -> Result<Secret, KeyError> {
    let failed = |source| KeyError::File { operation: "create", path: path.into(), source };
    let random = Zeroizing::new(random::bytes::<32>());
    let line = {
        let digits = Zeroizing::new(hex(&*random));
        Zeroizing::new([digits.as_bytes(), b"\n"].concat())
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(&line).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Secret::KeyFile(line))
}

/// Reads a recovery key: the line of a sheet, or of a file of its own, that can be nothing else.
///
/// # Errors
///
/// [`KeyError::File`], [`KeyError::NoRecoveryKey`], [`KeyError::Recovery`] naming the group.
pub fn read_recovery_file(path: &Path) -> Result<Secret, KeyError> {
    let bytes = read_bounded(path)?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let line = text.lines().find(|line| RecoveryKey::looks_like(line));
    let line = line.ok_or_else(|| KeyError::NoRecoveryKey { path: path.into() })?;
    Ok(Secret::Recovery(RecoveryKey::parse(line)?))
}

/// What a person typed: a recovery key where it can be nothing else, else a passphrase.
///
/// # Errors
///
/// [`KeyError::EmptyPassphrase`], [`KeyError::Recovery`] naming the group.
pub fn typed(text: &str) -> Result<Secret, KeyError> {
    if RecoveryKey::looks_like(text) {
        return Ok(Secret::Recovery(RecoveryKey::parse(text)?));
    }
    passphrase(text.as_bytes())
}

/// A fresh recovery key.
pub fn new_recovery_key() -> RecoveryKey {
    RecoveryKey::from_random(random::bytes())
}

/// Writes text that holds a secret to a new file, mode 0600. An existing file is left alone.
///
/// # Errors
///
/// [`KeyError::File`], also when the file exists.
pub fn write_secret_file(path: &Path, text: &str) -> Result<(), KeyError> {
    let failed = |source| KeyError::File { operation: "create", path: path.into(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Reads a passphrase: the first line of a file.
///
/// # Errors
///
/// [`KeyError::File`], [`KeyError::EmptyPassphrase`].
pub fn read_passphrase_file(path: &Path) -> Result<Secret, KeyError> {
    let bytes = read_bounded(path)?;
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    passphrase(line.strip_suffix(b"\r").unwrap_or(line))
}

/// A passphrase as typed.
///
/// # Errors
///
/// [`KeyError::EmptyPassphrase`].
pub fn passphrase(bytes: &[u8]) -> Result<Secret, KeyError> {
    if bytes.is_empty() {
        return Err(KeyError::EmptyPassphrase);
    }
    Ok(Secret::Passphrase(Zeroizing::new(bytes.to_vec())))
}

/// A new slot's id and file, giving `keyring` to whoever holds `secret`.
pub fn new_slot(
    vault: VaultId,
    keyring: &Keyring,
    secret: &Secret,
    label: &str,
    now: Instant,
) -> (SlotId, Vec<u8>) {
    let slot = SlotId::from_bytes(random::bytes());
    let salt = random::bytes();
    let lock = match secret {
        Secret::Passphrase(_) => Lock::Passphrase { hardness: Hardness::default(), salt },
        Secret::KeyFile(_) => Lock::KeyFile { salt },
        Secret::Recovery(_) => Lock::Recovery { salt },
    };
    let label = label.chars().take(64).collect();
    let head = SlotHead { slot, lock, label, created: now };
    let file = Slot::encode(&head, vault, keyring, secret)
        .expect("default hardness, a short label and a lock of the secret's own kind are within bounds");
    (slot, file)
}

fn read_bounded(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES_MAX + 1));
    File::open(path)
        .and_then(|file| file.take(KEY_FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(|source| KeyError::File { operation: "read", path: path.into(), source })?;
    Ok(bytes)
}
