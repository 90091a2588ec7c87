//! The folded log as one row of bytes: hashes cannot be the keys of a JSON object.
//!
//! Names of imitated files and sessions are numbers behind many zeros, so a row of up to 256 zeros is written as one
//! zero and how many follow it.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Folded;

pub(super) fn serialize<S: Serializer>(folded: &Folded, serializer: S) -> Result<S::Ok, S::Error> {
    let whole = postcard::to_allocvec(folded).map_err(serde::ser::Error::custom)?;
    shorten(&whole).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Folded, D::Error> {
    let short = Vec::<u8>::deserialize(deserializer)?;
    let whole = lengthen(&short).ok_or_else(|| serde::de::Error::custom("a row of zeros has no length"))?;
    postcard::from_bytes(&whole).map_err(serde::de::Error::custom)
}

fn shorten(whole: &[u8]) -> Vec<u8> {
    let mut short = Vec::with_capacity(whole.len() / 2);
    let mut rest = whole;
    while let Some((first, after)) = rest.split_first() {
        short.push(*first);
        rest = after;
        if *first == 0 {
            let more = rest.iter().take(usize::from(u8::MAX)).take_while(|byte| **byte == 0).count();
            short.push(u8::try_from(more).unwrap_or(u8::MAX));
            rest = &rest[more..];
        }
    }
    short
}

/// At most 128 times as long as what was given.
fn lengthen(short: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(short.len());
    let mut bytes = short.iter();
    while let Some(byte) = bytes.next() {
        whole.push(*byte);
        if *byte == 0 {
            let more = usize::from(*bytes.next()?);
            whole.resize(whole.len() + more, 0);
        }
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_shortened_is_read_back(
            rows in prop::collection::vec((prop::num::u8::ANY, 0_usize..600), 0..8),
        ) {
            let whole: Vec<u8> = rows.into_iter().flat_map(|(byte, count)| core::iter::repeat_n(byte, count)).collect();
            prop_assert_eq!(lengthen(&shorten(&whole)), Some(whole));
        }
    }

    #[test]
    fn zeros_are_counted_and_a_row_without_its_length_is_refused() {
        assert_eq!(shorten(&[7, 0, 0, 0, 9, 0]), [7, 0, 2, 9, 0, 0]);
        assert_eq!(shorten(&[0; 257]), [0, 255, 0, 0]);
        assert_eq!(lengthen(&[7, 0]), None);
    }
}
