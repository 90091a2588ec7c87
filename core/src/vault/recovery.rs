//! A recovery key: 128 random bits that can be printed, and typed from paper.
//!
//! Eight groups of six digits. A group is 16 bits times eleven plus its place
//! from 1, so that a wrong digit, two swapped ones, or a group in another's
//! place is noticed in that group.
//!
//! Format: `docs/vault-format.md`, "Keys and slots".

use alloc::string::String;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Groups of a recovery key.
pub const GROUPS: usize = 8;
/// Digits of a group.
pub const GROUP_DIGITS: usize = 6;
/// Larger than the number of groups, and prime.
const MODULUS: u32 = 11;

/// Why a text is no recovery key. It never repeats what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryKeyError {
    /// A group is not what was printed.
    #[error("group {place} of the recovery key was mistyped, or stands in another's place")]
    Group {
        /// Which, from 1.
        place: usize,
    },
    /// A group is too short or too long.
    #[error("group {place} of the recovery key has {digits} digits, and each has {GROUP_DIGITS}")]
    Digits {
        /// Which, from 1.
        place: usize,
        /// How many digits.
        digits: usize,
    },
    /// A group is missing, or there is one too many.
    #[error("the recovery key has {found} groups of {GROUPS}; the first that does not fit is group {place}")]
    Groups {
        /// How many there are.
        found: usize,
        /// The first that is missing, or too many, from 1.
        place: usize,
    },
    /// Something is no digit.
    #[error("group {place} of the recovery key holds something that is no digit")]
    NoDigit {
        /// Which, from 1.
        place: usize,
    },
}

/// A recovery key. Wiped when dropped; never printed but by [`RecoveryKey::groups`].
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryKey([u8; 16]);

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey")
    }
}

impl RecoveryKey {
    /// A key of fresh random bytes.
    pub fn from_random(bytes: [u8; 16]) -> RecoveryKey {
        RecoveryKey(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The key as it is printed: `123456-…`.
    pub fn groups(&self) -> Zeroizing<String> {
        use fmt::Write as _;
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP_DIGITS + 1)));
        for (place, pair) in (1_u32..).zip(self.0.chunks_exact(2)) {
            let bits = u32::from(u16::from_be_bytes([pair[0], pair[1]]));
            let dash = if place > 1 { "-" } else { "" };
            write!(text, "{dash}{:0GROUP_DIGITS$}", bits * MODULUS + place).expect("a String takes any text");
        }
        text
    }

    /// The key that was typed: groups apart by dashes or spaces, or all digits in a row.
    ///
    /// # Errors
    ///
    /// [`RecoveryKeyError`] naming the group.
    pub fn parse(text: &str) -> Result<RecoveryKey, RecoveryKeyError> {
        let is_gap = |letter: char| letter == '-' || letter.is_whitespace();
        let trimmed = text.trim_matches(is_gap);
        let mut groups: alloc::vec::Vec<&str> =
            trimmed.split(is_gap).filter(|group| !group.is_empty()).collect();
        if groups.len() == 1 && trimmed.len() == GROUPS * GROUP_DIGITS && trimmed.is_ascii() {
            groups =
                (0..GROUPS).map(|place| &trimmed[place * GROUP_DIGITS..(place + 1) * GROUP_DIGITS]).collect();
        }
        let mut bytes = Zeroizing::new([0; 16]);
        for (place, group) in groups.iter().take(GROUPS).enumerate() {
            let bits = decode_group(place + 1, group).map_err(|error| {
                // A group left out moves all that follow.
                if groups.len() == GROUPS {
                    error
                } else {
                    RecoveryKeyError::Groups { found: groups.len(), place: place + 1 }
                }
            })?;
            bytes[place * 2..place * 2 + 2].copy_from_slice(&bits.to_be_bytes());
        }
        if groups.len() != GROUPS {
            let place = groups.len().min(GROUPS) + 1;
            return Err(RecoveryKeyError::Groups { found: groups.len(), place });
        }
        Ok(RecoveryKey(*bytes))
    }

    /// Whether a text can only be meant as a recovery key: digits in groups and nothing else.
    pub fn looks_like(text: &str) -> bool {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        digits >= 24
            && text.chars().all(|letter| letter.is_ascii_digit() || letter == '-' || letter.is_whitespace())
    }
}

fn decode_group(place: usize, group: &str) -> Result<u16, RecoveryKeyError> {
    if !group.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RecoveryKeyError::NoDigit { place });
    }
    if group.len() != GROUP_DIGITS {
        return Err(RecoveryKeyError::Digits { place, digits: group.len() });
    }
    let value: u32 = group.parse().map_err(|_| RecoveryKeyError::Group { place })?;
    let fits = usize::try_from(value % MODULUS) == Ok(place);
    match u16::try_from(value / MODULUS) {
        Ok(bits) if fits => Ok(bits),
        _ => Err(RecoveryKeyError::Group { place }),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use super::*;

    fn key() -> RecoveryKey {
        RecoveryKey::from_random(core::array::from_fn(|place| u8::try_from(place * 16 + 7).unwrap()))
    }

    #[test]
    fn what_is_printed_reads_back_however_it_is_typed() {
        for bytes in [[0; 16], [0xFF; 16], key().0] {
            let printed = RecoveryKey::from_random(bytes).groups();
            assert_eq!(printed.len(), 8 * 6 + 7, "{}", *printed);
            for typed in [
                printed.to_string(),
                printed.replace('-', " "),
                printed.replace('-', ""),
                printed.replace('-', "  -\t"),
            ] {
                assert_eq!(RecoveryKey::parse(&typed).unwrap().0, bytes, "{typed}");
                assert!(RecoveryKey::looks_like(&typed));
            }
        }
    }

    /// Every wrong digit and every two swapped neighbours, in every group.
    #[test]
    fn a_typo_is_named_by_its_group() {
        let printed = key().groups().to_string();
        for at in (0..printed.len()).filter(|at| printed.as_bytes()[*at] != b'-') {
            let place = at / 7 + 1;
            for digit in b'0'..=b'9' {
                let mut typed = printed.clone().into_bytes();
                if typed[at] == digit {
                    continue;
                }
                typed[at] = digit;
                let refused = RecoveryKey::parse(core::str::from_utf8(&typed).unwrap()).err();
                assert_eq!(refused, Some(RecoveryKeyError::Group { place }));
            }
            let mut typed = printed.clone().into_bytes();
            if at % 7 < 5 && typed[at] != typed[at + 1] {
                typed.swap(at, at + 1);
                let refused = RecoveryKey::parse(core::str::from_utf8(&typed).unwrap()).err();
                assert_eq!(refused, Some(RecoveryKeyError::Group { place }));
            }
        }
    }

    #[test]
    fn groups_that_are_swapped_missing_or_too_many_are_named() {
        let printed = key().groups().to_string();
        let groups: Vec<&str> = printed.split('-').collect();
        let refused = |groups: &[&str]| RecoveryKey::parse(&groups.join("-")).err();
        let mut swapped = groups.clone();
        swapped.swap(2, 5);
        assert_eq!(refused(&swapped), Some(RecoveryKeyError::Group { place: 3 }));
        let mut short = groups.clone();
        short.remove(4);
        assert_eq!(refused(&short), Some(RecoveryKeyError::Groups { found: 7, place: 5 }));
        assert_eq!(refused(&groups[..7]), Some(RecoveryKeyError::Groups { found: 7, place: 8 }));
        let mut long = groups.clone();
        long.push("000009");
        assert_eq!(refused(&long), Some(RecoveryKeyError::Groups { found: 9, place: 9 }));
        let mut cut = groups.clone();
        cut[6] = &cut[6][..5];
        assert_eq!(refused(&cut), Some(RecoveryKeyError::Digits { place: 7, digits: 5 }));
        cut[6] = "12345O";
        assert_eq!(refused(&cut), Some(RecoveryKeyError::NoDigit { place: 7 }));
        assert!(refused(&[]).is_some());
        assert!(!RecoveryKey::looks_like("correct horse battery staple"));
    }
}
