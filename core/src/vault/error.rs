//! Why stored bytes are not what a vault file must be.

use alloc::string::String;

use crate::digest::VaultId;

/// Why the bytes of a vault file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Fewer bytes than the part needs.
    #[error("{part} needs {needed} bytes but {given} are there")]
    Short {
        /// Which part of the file.
        part: &'static str,
        /// Bytes it needs.
        needed: u64,
        /// Bytes there are.
        given: u64,
    },

    /// The first bytes are not ours.
    #[error("it does not begin with VHAULT, so it is no file of a vault")]
    Magic,

    /// A newer program wrote it.
    #[error("it has format version {version}; this program reads version 1")]
    Version {
        /// The version it states.
        version: u8,
    },

    /// Another program wrote it for itself.
    #[error("it has layout {found}; this program reads layout {wanted}, and does without")]
    Layout {
        /// The layout it states.
        found: u8,
        /// The one this program writes.
        wanted: u8,
    },

    /// It is a vault file of another kind.
    #[error("it is a {found} where a {wanted} was expected")]
    Kind {
        /// What it says it is.
        found: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },

    /// Its own checksum does not fit.
    #[error("the checksum of its {part} does not fit its bytes")]
    Checksum {
        /// Which part of the file.
        part: &'static str,
    },

    /// It belongs elsewhere.
    #[error("it belongs to vault {found}, this is vault {wanted}")]
    OtherVault {
        /// The vault it names.
        found: VaultId,
        /// The vault that was opened.
        wanted: VaultId,
    },

    /// A field has a value that the format does not allow.
    #[error("{field} is {value}, allowed is {allowed}")]
    Field {
        /// Which field.
        field: &'static str,
        /// The value it has.
        value: u64,
        /// What would be allowed, in words.
        allowed: &'static str,
    },

    /// It is sealed under an epoch of the keys that is not to be had here.
    #[error("it is sealed under key epoch {epoch}, and the key that was given holds epochs 0 to {newest}")]
    Epoch {
        /// Which it is sealed under.
        epoch: u32,
        /// The newest that is held.
        newest: u32,
    },

    /// A box that does not open: another key, another place, or changed bytes.
    #[error("the sealed {part} does not open: its bytes were changed, moved, or sealed with another key")]
    Sealed {
        /// Which box.
        part: &'static str,
    },

    /// Decoded bytes that make no sense.
    #[error("the {part} cannot be decoded: {why}")]
    Malformed {
        /// Which part of the file.
        part: &'static str,
        /// What is wrong, where the decoder knows.
        why: String,
    },
}

impl FormatError {
    /// A part of `given` bytes that needs `needed`.
    pub(crate) fn short(part: &'static str, needed: usize, given: usize) -> FormatError {
        FormatError::Short { part, needed: needed as u64, given: given as u64 }
    }

    /// A part that makes no sense, with the reason.
    pub(crate) fn malformed(part: &'static str, why: &str) -> FormatError {
        FormatError::Malformed { part, why: String::from(why) }
    }
}
