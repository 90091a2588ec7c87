//! The checksum of a footer or a header: the complement of its bytes' sum.

use serde::Serialize;

/// What a structure says its checksum is, and what its bytes give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Checksum {
    /// The stored number.
    pub stored: u32,
    /// The number its other bytes give.
    pub computed: u32,
}

impl Checksum {
    /// Reads the stored number at byte `field` of `bytes` and computes the
    /// one they should have.
    pub(crate) fn of(bytes: &[u8], field: usize) -> Checksum {
        Checksum { stored: super::be::u32_at(bytes, field), computed: compute(bytes, field) }
    }

    /// Whether both agree.
    pub const fn holds(self) -> bool {
        self.stored == self.computed
    }
}

/// One's complement of the sum of all bytes, the four at `field` left out.
pub(crate) fn compute(bytes: &[u8], field: usize) -> u32 {
    let sum = bytes
        .iter()
        .enumerate()
        .filter(|(place, _)| !(field..field + 4).contains(place))
        .fold(0_u32, |sum, (_, byte)| sum.wrapping_add(u32::from(*byte)));
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_itself_does_not_count() {
        let mut bytes = [1_u8; 8];
        assert_eq!(compute(&bytes, 4), !4);
        bytes[5] = 200;
        assert_eq!(compute(&bytes, 4), !4);
        bytes[0] = 2;
        assert_eq!(compute(&bytes, 4), !5);
    }
}
