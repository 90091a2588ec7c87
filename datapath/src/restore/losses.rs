//! What could not be brought back, gathered from all threads.

use std::sync::{Mutex, PoisonError};

use vhault_core::copy::ranges::ByteRanges;
use vhault_core::vault::point::{ByteRange, Disk};

use super::RestoreError;
use crate::vault::VaultError;

/// What the point itself does not have, and what went wrong on the way.
#[derive(Default)]
pub(super) struct Losses {
    ranges: Mutex<ByteRanges>,
    first: Mutex<Option<VaultError>>,
}

impl Losses {
    /// Takes note of a range and of what is wrong there.
    pub(super) fn note(&self, offset: u64, length: u64, error: VaultError) {
        self.note_missing(offset, length);
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Takes note of a range that the point never had.
    pub(super) fn note_missing(&self, offset: u64, length: u64) {
        self.ranges.lock().unwrap_or_else(PoisonError::into_inner).insert(offset, length);
    }

    /// The holes in order, joined; an error when there are any and none are allowed.
    pub(super) fn settle(self, allowed: bool) -> Result<Vec<ByteRange>, RestoreError> {
        let holes = self.ranges.into_inner().unwrap_or_else(PoisonError::into_inner).into_vec();
        if holes.is_empty() || allowed {
            return Ok(holes);
        }
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        Err(RestoreError::Holes { holes, first: first.map(Box::new) })
    }
}

/// What a disk of a point never had: what its source did not give, and what a stopped copy left out.
pub(super) fn missing(disk: &Disk) -> ByteRanges {
    disk.unreadable.iter().chain(&disk.not_copied).copied().collect()
}
