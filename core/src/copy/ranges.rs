//! Bytes of a disk that a copy left out, as ordered ranges that never touch.

use alloc::vec::Vec;

use crate::vault::point::ByteRange;

/// Ranges in order that neither overlap nor touch; none is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByteRanges {
    ranges: Vec<ByteRange>,
}

impl ByteRanges {
    /// No bytes.
    pub const fn new() -> ByteRanges {
        ByteRanges { ranges: Vec::new() }
    }

    /// Adds `length` bytes from `offset` on, joining whatever they overlap or touch. Cheap at the end.
    pub fn insert(&mut self, offset: u64, length: u64) {
        if length == 0 {
            return;
        }
        let mut joined = ByteRange { offset, length };
        let first = self.ranges.partition_point(|held| end(*held) < offset);
        let mut past = first;
        while let Some(held) = self.ranges.get(past).filter(|held| held.offset <= end(joined)) {
            let start = joined.offset.min(held.offset);
            joined = ByteRange { offset: start, length: end(joined).max(end(*held)) - start };
            past += 1;
        }
        self.ranges.splice(first..past, [joined]);
    }

    /// Whether any of `length` bytes from `offset` on is in it.
    pub fn overlaps(&self, offset: u64, length: u64) -> bool {
        self.within(offset, length).next().is_some()
    }

    /// The parts of its ranges that lie in `length` bytes from `offset` on, in order.
    pub fn within(&self, offset: u64, length: u64) -> impl Iterator<Item = ByteRange> + '_ {
        let past = offset.saturating_add(length);
        let first = self.ranges.partition_point(|held| end(*held) <= offset);
        self.ranges[first..].iter().take_while(move |held| held.offset < past).filter_map(move |held| {
            let start = held.offset.max(offset);
            let length = end(*held).min(past).checked_sub(start).filter(|length| *length > 0)?;
            Some(ByteRange { offset: start, length })
        })
    }

    /// How many bytes.
    pub fn bytes(&self) -> u64 {
        self.ranges.iter().fold(0, |sum, range| sum.saturating_add(range.length))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The ranges.
    pub fn as_slice(&self) -> &[ByteRange] {
        &self.ranges
    }

    /// The ranges, to be stored.
    pub fn into_vec(self) -> Vec<ByteRange> {
        self.ranges
    }
}

impl Extend<ByteRange> for ByteRanges {
    fn extend<I: IntoIterator<Item = ByteRange>>(&mut self, ranges: I) {
        for range in ranges {
            self.insert(range.offset, range.length);
        }
    }
}

impl FromIterator<ByteRange> for ByteRanges {
    fn from_iter<I: IntoIterator<Item = ByteRange>>(ranges: I) -> ByteRanges {
        let mut set = ByteRanges::new();
        set.extend(ranges);
        set
    }
}

/// The first byte after it; stored ranges may be nonsense, so it saturates.
fn end(range: ByteRange) -> u64 {
    range.offset.saturating_add(range.length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_hold_just_the_bytes_put_in(
            inserted in proptest::collection::vec((0_u64..60, 0_u64..12), 0..12),
            window in (0_u64..70, 0_u64..20),
        ) {
            let set: ByteRanges =
                inserted.iter().map(|&(offset, length)| ByteRange { offset, length }).collect();
            let holds = |byte: u64| inserted.iter().any(|&(at, length)| (at..at + length).contains(&byte));
            let listed = |ranges: &[ByteRange], byte: u64| {
                ranges.iter().any(|range| (range.offset..range.offset + range.length).contains(&byte))
            };
            prop_assert!((0..100).all(|byte| listed(set.as_slice(), byte) == holds(byte)));
            prop_assert_eq!(set.bytes(), (0..100).filter(|&byte| holds(byte)).count() as u64);
            prop_assert!(set.as_slice().windows(2).all(|pair| pair[0].offset + pair[0].length < pair[1].offset));
            let (offset, length) = window;
            let inside: Vec<ByteRange> = set.within(offset, length).collect();
            let seen = offset..offset + length;
            prop_assert!((0..100).all(|byte| listed(&inside, byte) == (holds(byte) && seen.contains(&byte))));
            prop_assert_eq!(set.overlaps(offset, length), !inside.is_empty());
        }
    }

    #[test]
    fn ranges_past_the_end_of_numbers_do_not_wrap() {
        let far = ByteRange { offset: u64::MAX - 1, length: u64::MAX };
        let set: ByteRanges = [far, ByteRange { offset: 3, length: 1 }].into_iter().collect();
        assert!(set.overlaps(u64::MAX - 1, 1));
        assert!(!set.overlaps(4, 100));
    }
}
