//! Content hashes and names, and their written form: lower-case hex.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$meta:meta])* $name:ident, $bytes:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Its length in bytes.
            pub const BYTES: usize = $bytes;

            /// Takes the bytes as they are stored.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> $name {
                $name(bytes)
            }

            /// The bytes as they are stored.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<$name, HexError> {
                let mut bytes = [0; $bytes];
                decode_hex(text, &mut bytes)?;
                Ok($name(bytes))
            }
        }
    };
}

name! {
    /// Names a chunk by its content: a keyed hash of its whole grid chunk.
    ChunkId, 32
}
name! {
    /// Names a manifest page by its content: a keyed hash of the decoded page.
    PageId, 32
}
name! {
    /// Names a pack: the BLAKE3 hash of the file's bytes, as `b3sum` prints it.
    PackName, 32
}
name! {
    /// Names a chunk-table fragment: the BLAKE3 hash of the file's bytes.
    FragmentName, 32
}
name! {
    /// The BLAKE3 hash of a log record's bytes; the next record repeats it.
    RecordHash, 32
}
name! {
    /// A vault, from its birth on; random.
    VaultId, 16
}
name! {
    /// A writing session of the log; random.
    SessionId, 16
}
name! {
    /// One try to create a log record; random, so a writer knows its own.
    CommitId, 16
}
name! {
    /// A recovery point; random.
    PointId, 16
}
name! {
    /// A key slot; random.
    SlotId, 16
}

/// Why text is not the hex form of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Too few or too many digits.
    #[error("it has {given} characters where {needed} hex digits are needed")]
    Length {
        /// How many characters there are.
        given: usize,
        /// How many digits the name has.
        needed: usize,
    },
    /// Something that is no hex digit.
    #[error("character {position} is not a hex digit")]
    Digit {
        /// Which character, counted from zero.
        position: usize,
    },
}

fn decode_hex(text: &str, bytes: &mut [u8]) -> Result<(), HexError> {
    let digits = text.as_bytes();
    if digits.len() != bytes.len() * 2 {
        return Err(HexError::Length { given: digits.len(), needed: bytes.len() * 2 });
    }
    for (place, pair) in digits.chunks_exact(2).enumerate() {
        let high = hex_digit(pair[0]).ok_or(HexError::Digit { position: place * 2 })?;
        let low = hex_digit(pair[1]).ok_or(HexError::Digit { position: place * 2 + 1 })?;
        bytes[place] = high << 4 | low;
    }
    Ok(())
}

fn hex_digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

/// Lower-case hex of any bytes.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String takes any text");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_name_reads_back_from_its_written_form() {
        let name = VaultId::from_bytes([0xa5; 16]);
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_eq!(name.to_string().to_uppercase().parse(), Ok(name));
    }

    #[test]
    fn text_that_is_no_name_says_where() {
        assert_eq!("0g".repeat(16).parse::<VaultId>(), Err(HexError::Digit { position: 1 }));
        assert_eq!("00".parse::<VaultId>(), Err(HexError::Length { given: 2, needed: 32 }));
    }
}
