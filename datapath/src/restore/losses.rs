//! What could not be brought back, gathered from all threads.

use std::sync::{Mutex, PoisonError};

use vhault_core::vault::point::ByteRange;

use super::RestoreError;
use crate::vault::VaultError;

/// What went wrong on the way, gathered from all threads.
#[derive(Default)]
pub(super) struct Losses {
    ranges: Mutex<Vec<ByteRange>>,
    first: Mutex<Option<VaultError>>,
}

impl Losses {
    /// Takes note of a range and of what is wrong there.
    pub(super) fn note(&self, offset: u64, length: u64, error: VaultError) {
        self.ranges.lock().unwrap_or_else(PoisonError::into_inner).push(ByteRange { offset, length });
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// The holes in order, joined; an error when there are any and none are allowed.
    pub(super) fn settle(self, allowed: bool) -> Result<Vec<ByteRange>, RestoreError> {
        let mut ranges = self.ranges.into_inner().unwrap_or_else(PoisonError::into_inner);
        ranges.sort_unstable_by_key(|range| range.offset);
        let mut holes: Vec<ByteRange> = Vec::new();
        for range in ranges {
            match holes.last_mut() {
                Some(last) if last.offset + last.length >= range.offset => {
                    last.length = last.length.max(range.offset + range.length - last.offset);
                }
                _ => holes.push(range),
            }
        }
        match self.first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(first) if !allowed => Err(RestoreError::Holes { holes, first: Box::new(first) }),
            _ => Ok(holes),
        }
    }
}
