//! Letters: bytes as text for an address, with a version and a checksum.
//!
//! ```text
//! 'A'‥'_' of base64url ◄ version | bytes | first 4 bytes of the BLAKE3 of both
//! ```

/// Bytes of the checksum.
const CHECKSUM_BYTES: usize = 4;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Why text is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LettersError {
    /// A character no link has.
    #[error("character {position} of the link is {character:?}, which no link has")]
    Character {
        /// The character.
        character: char,
        /// Which, from 1.
        position: usize,
    },
    /// It was cut or changed on its way.
    #[error("the link was cut or changed on its way: its checksum does not fit")]
    Damaged,
    /// Written by something newer.
    #[error("the link has version {found} where {known} is the newest this page reads")]
    Newer {
        /// Its version.
        found: u8,
        /// The newest that is known.
        known: u8,
    },
}

/// Writes `bytes` of `version`: letters, digits, `-` and `_`.
pub fn write(version: u8, bytes: &[u8]) -> String {
    let mut sealed = vec![version];
    sealed.extend_from_slice(bytes);
    let checksum = blake3::hash(&sealed);
    sealed.extend_from_slice(&checksum.as_bytes()[..CHECKSUM_BYTES]);
    letters(&sealed)
}

/// Reads what [`write`] wrote of `version`.
///
/// # Errors
///
/// Any [`LettersError`].
pub fn read(version: u8, text: &str) -> Result<Vec<u8>, LettersError> {
    let mut bytes = unletter(text)?;
    let cut = bytes.len().checked_sub(CHECKSUM_BYTES).filter(|cut| *cut > 0).ok_or(LettersError::Damaged)?;
    let (body, checksum) = bytes.split_at(cut);
    if blake3::hash(body).as_bytes()[..CHECKSUM_BYTES] != *checksum {
        return Err(LettersError::Damaged);
    }
    if body[0] != version {
        return Err(LettersError::Newer { found: body[0], known: version });
    }
    bytes.truncate(cut);
    bytes.remove(0);
    Ok(bytes)
}

/// Base64url without padding.
fn letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let joined = part.iter().fold(0_usize, |joined, byte| joined << 8 | usize::from(*byte))
            << (8 * (3 - part.len()));
        for place in 0..=part.len() {
            text.push(char::from(LETTERS[joined >> (18 - 6 * place) & 63]));
        }
    }
    text
}

fn unletter(text: &str) -> Result<Vec<u8>, LettersError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for (position, character) in (1..).zip(text.chars()) {
        let value = LETTERS.iter().position(|letter| char::from(*letter) == character);
        let value = value.ok_or(LettersError::Character { character, position })?;
        held = held << 6 | u32::try_from(value).unwrap_or(0);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.extend_from_slice(&(held >> bits).to_be_bytes()[3..]);
            held &= (1 << bits) - 1;
        }
    }
    if held == 0 && bits < 6 { Ok(bytes) } else { Err(LettersError::Damaged) }
}
