//! Parent locator: where a differencing image hopes to find its parent.
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | platform code |
//! | 4 | 4 | room for the data: sectors by the text, bytes in practice |
//! | 8 | 4 | length of the data in bytes |
//! | 12 | 4 | reserved |
//! | 16 | 8 | offset of the data in the file |
//!
//! Only the length is used when reading, since writers disagree about the
//! room. Format: `docs/vhd.md`, "Parent locators".

use alloc::string::String;

use serde::Serialize;

use super::be;
use crate::units::FileOffset;

/// Bytes of one locator in the header.
pub const LOCATOR_BYTES: usize = 24;

/// The longest locator text we read: a Windows path has at most 32,767
/// UTF-16 units.
pub const LOCATOR_TEXT_BYTES_MAX: u32 = 65_536;

/// One entry of the header's locator table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locator {
    /// Whose kind of path it is, four characters; zero when unused.
    pub code: [u8; 4],
    /// Room for the data, in whatever unit the writer took.
    pub space: u32,
    /// Length of the data in bytes.
    pub bytes: u32,
    /// Where the data begins.
    pub offset: FileOffset,
}

/// How the data of a locator is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocatorKind {
    /// `W2ru`: relative to the child, UTF-16 little-endian.
    Relative,
    /// `W2ku`: absolute, UTF-16 little-endian.
    Absolute,
    /// `MacX`: a file URL, UTF-8.
    FileUrl,
    /// `Wi2r`, `Wi2k`, `Mac `, or a code we do not know.
    Other,
}

impl Locator {
    /// A locator that is not there.
    pub const UNUSED: Locator = Locator { code: [0; 4], space: 0, bytes: 0, offset: FileOffset::ZERO };

    /// Decodes one entry.
    pub fn decode(bytes: &[u8; LOCATOR_BYTES]) -> Locator {
        Locator {
            code: be::bytes_at(bytes, 0),
            space: be::u32_at(bytes, 4),
            bytes: be::u32_at(bytes, 8),
            offset: FileOffset::new(be::u64_at(bytes, 16)),
        }
    }

    /// Encodes the entry.
    pub fn encode(&self) -> [u8; LOCATOR_BYTES] {
        let mut bytes = [0; LOCATOR_BYTES];
        be::put(&mut bytes, 0, &self.code);
        be::put(&mut bytes, 4, &self.space.to_be_bytes());
        be::put(&mut bytes, 8, &self.bytes.to_be_bytes());
        be::put(&mut bytes, 16, &self.offset.get().to_be_bytes());
        bytes
    }

    /// Whether the entry says anything.
    pub fn is_used(&self) -> bool {
        self.code != [0; 4]
    }

    /// How its data is to be read.
    pub fn kind(&self) -> LocatorKind {
        match &self.code {
            b"W2ru" => LocatorKind::Relative,
            b"W2ku" => LocatorKind::Absolute,
            b"MacX" => LocatorKind::FileUrl,
            _ => LocatorKind::Other,
        }
    }
}

/// Text of a path, up to its first zero. What is no character becomes U+FFFD:
/// such a name finds no file, and still can be shown.
pub(crate) fn text(kind: LocatorKind, data: &[u8]) -> Option<String> {
    match kind {
        LocatorKind::Relative | LocatorKind::Absolute => {
            let units = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            Some(utf16_text(units))
        }
        LocatorKind::FileUrl => {
            let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
            Some(String::from_utf8_lossy(&data[..end]).into_owned())
        }
        LocatorKind::Other => None,
    }
}

/// Text of UTF-16 units up to the first zero; see [`text`] for surrogates.
pub(crate) fn utf16_text(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paths_are_little_endian_and_end_at_a_zero() {
        let data = b".\0\\\0a\0\0\0b\0";
        assert_eq!(text(LocatorKind::Relative, data).unwrap(), ".\\a");
        assert_eq!(text(LocatorKind::Other, data), None);
    }

    #[test]
    fn a_surrogate_without_its_pair_still_gives_text() {
        assert_eq!(text(LocatorKind::Absolute, b"a\0\x00\xd8b\0").unwrap(), "a\u{fffd}b");
        assert_eq!(text(LocatorKind::Absolute, b"a\0\x3d\xd8\x00\xde").unwrap(), "a\u{1f600}");
    }

    #[test]
    fn an_entry_is_known_by_its_code() {
        let of = |code: &[u8; 4]| Locator { code: *code, ..Locator::UNUSED };
        assert!(!Locator::UNUSED.is_used() && of(b"W2ru").is_used());
        assert_eq!(of(b"W2ru").kind(), LocatorKind::Relative);
        assert_eq!(of(b"W2ku").kind(), LocatorKind::Absolute);
        assert_eq!(of(b"MacX").kind(), LocatorKind::FileUrl);
        assert_eq!(of(b"Wi2r").kind(), LocatorKind::Other);
    }

    #[test]
    fn a_file_url_ends_at_a_zero_or_with_its_data() {
        assert_eq!(text(LocatorKind::FileUrl, b"file:///a\0b").unwrap(), "file:///a");
        assert_eq!(text(LocatorKind::FileUrl, b"file:///a").unwrap(), "file:///a");
    }

    #[test]
    fn an_odd_last_byte_is_left_out() {
        assert_eq!(text(LocatorKind::Relative, b"a\0b").unwrap(), "a");
    }
}
