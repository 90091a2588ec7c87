//! The 96 clear bytes that begin every file of a vault.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 6 | `VHAULT` |
//! | 6 | 1 | kind |
//! | 7 | 1 | format version |
//! | 8 | 16 | vault id |
//! | 24 | 1 | cipher suite |
//! | 25 | 3 | zero |
//! | 28 | 4 | key epoch |
//! | 32 | 32 | key salt |
//! | 64 | 16 | session id |
//! | 80 | 8 | number |
//! | 88 | 4 | length of the clear part |
//! | 92 | 4 | checksum of bytes 0..92 |
//!
//! Format: `docs/vault-format.md`, "Envelope".

use super::error::FormatError;
use super::seal::{KeyDescriptor, Suite};
use crate::digest::{SessionId, VaultId};

/// Bytes of an envelope.
pub const ENVELOPE_BYTES: usize = 96;
/// The one format version there is.
pub const FORMAT_VERSION: u8 = 1;
/// No clear part is longer; a record's pack names are its largest use.
pub const CLEAR_PART_BYTES_MAX: u32 = 64 << 20;

const MAGIC: &[u8; 6] = b"VHAULT";
const CHECKED: usize = 92;

/// What kind of file an envelope begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Settings of the vault.
    Settings,
    /// A key slot.
    Slot,
    /// A log record.
    Record,
    /// A pack.
    Pack,
    /// A chunk-table fragment.
    Fragment,
    /// A checkpoint of the catalogue.
    Checkpoint,
}

impl FileKind {
    const ALL: [FileKind; 6] = [
        FileKind::Settings,
        FileKind::Slot,
        FileKind::Record,
        FileKind::Pack,
        FileKind::Fragment,
        FileKind::Checkpoint,
    ];

    fn code(self) -> u8 {
        match self {
            FileKind::Settings => 1,
            FileKind::Slot => 2,
            FileKind::Record => 3,
            FileKind::Pack => 4,
            FileKind::Fragment => 5,
            FileKind::Checkpoint => 6,
        }
    }

    /// The word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            FileKind::Settings => "settings file",
            FileKind::Slot => "key slot",
            FileKind::Record => "log record",
            FileKind::Pack => "pack",
            FileKind::Fragment => "table fragment",
            FileKind::Checkpoint => "checkpoint",
        }
    }
}

/// The first bytes of a vault file, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What kind of file.
    pub kind: FileKind,
    /// The vault it belongs to.
    pub vault: VaultId,
    /// With which key its boxes open.
    pub key: KeyDescriptor,
    /// The session that wrote it; zero where none did.
    pub session: SessionId,
    /// Record number, or sequence within the session.
    pub number: u64,
    /// Bytes of the clear part that follows.
    pub clear_bytes: u32,
}

impl Envelope {
    /// The stored form.
    pub fn encode(&self) -> [u8; ENVELOPE_BYTES] {
        let mut bytes = [0; ENVELOPE_BYTES];
        bytes[..6].copy_from_slice(MAGIC);
        bytes[6] = self.kind.code();
        bytes[7] = FORMAT_VERSION;
        bytes[8..24].copy_from_slice(self.vault.as_bytes());
        bytes[24] = self.key.suite.code();
        bytes[28..32].copy_from_slice(&self.key.epoch.to_le_bytes());
        bytes[32..64].copy_from_slice(&self.key.salt);
        bytes[64..80].copy_from_slice(self.session.as_bytes());
        bytes[80..88].copy_from_slice(&self.number.to_le_bytes());
        bytes[88..92].copy_from_slice(&self.clear_bytes.to_le_bytes());
        let sum = checksum(&bytes);
        bytes[CHECKED..].copy_from_slice(&sum);
        bytes
    }

    /// Decodes the beginning of a file that should be of kind `wanted`.
    ///
    /// # Errors
    ///
    /// Any [`FormatError`] but `Sealed` and `OtherVault`: version comes before checksum, so that a newer
    /// file is told from a damaged one.
    pub fn decode(file: &[u8], wanted: FileKind) -> Result<Envelope, FormatError> {
        let Some(bytes) = file.first_chunk::<ENVELOPE_BYTES>() else {
            return Err(FormatError::short("its envelope", ENVELOPE_BYTES, file.len()));
        };
        if &bytes[..6] != MAGIC {
            return Err(FormatError::Magic);
        }
        if bytes[7] != FORMAT_VERSION {
            return Err(FormatError::Version { version: bytes[7] });
        }
        if checksum(bytes) != bytes[CHECKED..] {
            return Err(FormatError::Checksum { part: "envelope" });
        }
        if bytes[25..28] != [0; 3] {
            let value = u64::from(u32::from_le_bytes(field(bytes, 24)) >> 8);
            return Err(FormatError::Field { field: "reserved part of the envelope", value, allowed: "0" });
        }
        let kind = FileKind::ALL.into_iter().find(|kind| kind.code() == bytes[6]).ok_or({
            FormatError::Field { field: "file kind", value: u64::from(bytes[6]), allowed: "1 to 6" }
        })?;
        if kind != wanted {
            return Err(FormatError::Kind { found: kind.word(), wanted: wanted.word() });
        }
        let suite = Suite::from_code(bytes[24])?;
        let clear_bytes = u32::from_le_bytes(field(bytes, 88));
        if clear_bytes > CLEAR_PART_BYTES_MAX {
            return Err(FormatError::Field {
                field: "length of the clear part",
                value: u64::from(clear_bytes),
                allowed: "at most 64 MiB",
            });
        }
        Ok(Envelope {
            kind,
            vault: VaultId::from_bytes(field(bytes, 8)),
            key: KeyDescriptor { suite, epoch: u32::from_le_bytes(field(bytes, 28)), salt: field(bytes, 32) },
            session: SessionId::from_bytes(field(bytes, 64)),
            number: u64::from_le_bytes(field(bytes, 80)),
            clear_bytes,
        })
    }

    /// Decodes like [`Envelope::decode`] and checks whose file it is.
    ///
    /// # Errors
    ///
    /// Those of `decode`, and [`FormatError::OtherVault`].
    pub fn decode_of(file: &[u8], wanted: FileKind, vault: VaultId) -> Result<Envelope, FormatError> {
        let envelope = Envelope::decode(file, wanted)?;
        if envelope.vault != vault {
            return Err(FormatError::OtherVault { found: envelope.vault, wanted: vault });
        }
        Ok(envelope)
    }

    /// Splits a file into envelope and clear part (its associated data) and what follows them.
    ///
    /// # Errors
    ///
    /// [`FormatError::Short`] when the clear part is cut off.
    pub fn split<'a>(&self, file: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), FormatError> {
        let clear = usize::try_from(self.clear_bytes).unwrap_or(usize::MAX);
        let end = ENVELOPE_BYTES.saturating_add(clear);
        if file.len() < end {
            return Err(FormatError::short("its clear part", end, file.len()));
        }
        Ok(file.split_at(end))
    }
}

fn checksum(bytes: &[u8; ENVELOPE_BYTES]) -> [u8; 4] {
    let hash = blake3::hash(&bytes[..CHECKED]);
    field(hash.as_bytes(), 0)
}

/// The `N` bytes at `start`; the caller knows that they are there.
pub(super) fn field<const N: usize>(bytes: &[u8], start: usize) -> [u8; N] {
    bytes[start..start + N].try_into().expect("the slice has N bytes by its own range")
}

/// A file with other bytes at a place of its envelope, whose checksum is made right again: what one who cannot open its
/// boxes may do to it.
#[cfg(test)]
pub(super) fn with_envelope(file: &[u8], at: usize, bytes: &[u8]) -> alloc::vec::Vec<u8> {
    let mut file = alloc::vec::Vec::from(file);
    file[at..at + bytes.len()].copy_from_slice(bytes);
    let head = file.first_chunk_mut::<ENVELOPE_BYTES>().expect("a file begins with its envelope");
    let sum = checksum(head);
    head[CHECKED..].copy_from_slice(&sum);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Envelope {
        Envelope {
            kind: FileKind::Pack,
            vault: VaultId::from_bytes([1; 16]),
            key: KeyDescriptor { suite: Suite::Aes256Gcm, epoch: 2, salt: [3; 32] },
            session: SessionId::from_bytes([4; 16]),
            number: 5,
            clear_bytes: 6,
        }
    }

    #[test]
    fn an_envelope_reads_back() {
        assert_eq!(Envelope::decode(&sample().encode(), FileKind::Pack), Ok(sample()));
    }

    #[test]
    fn every_flipped_bit_of_an_envelope_is_noticed() {
        let bytes = sample().encode();
        for bit in 0..ENVELOPE_BYTES * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Envelope::decode(&damaged, FileKind::Pack).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_newer_file_is_refused_by_its_version() {
        let mut bytes = sample().encode();
        bytes[7] = 2;
        assert_eq!(Envelope::decode(&bytes, FileKind::Pack), Err(FormatError::Version { version: 2 }));
    }

    #[test]
    fn a_file_of_another_kind_or_vault_is_named() {
        let bytes = sample().encode();
        assert_eq!(
            Envelope::decode(&bytes, FileKind::Slot),
            Err(FormatError::Kind { found: "pack", wanted: "key slot" })
        );
        let other = VaultId::from_bytes([9; 16]);
        assert_eq!(
            Envelope::decode_of(&bytes, FileKind::Pack, other),
            Err(FormatError::OtherVault { found: sample().vault, wanted: other })
        );
    }
}
