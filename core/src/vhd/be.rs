//! Big-endian numbers inside structures of a fixed length.
//!
//! Every caller passes a place it knows to lie inside its own fixed-size
//! structure; a place outside gives zero rather than a panic.

/// The `N` bytes from `at` on, or zeroes where the structure is shorter.
pub(crate) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut taken = [0; N];
    if let Some(held) = bytes.get(at..).and_then(|tail| tail.get(..N)) {
        taken.copy_from_slice(held);
    }
    taken
}

/// The 16-bit number at `at`.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(bytes_at(bytes, at))
}

/// The 32-bit number at `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes_at(bytes, at))
}

/// The 64-bit number at `at`.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(bytes_at(bytes, at))
}

/// Puts `field` at `at`, which the caller knows to fit.
pub(crate) fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
    bytes[at..at + field.len()].copy_from_slice(field);
}
