//! Positioned reads: the one thing `core` asks of a file.
//!
//! The native program answers with a file, the page with a dropped `File`,
//! a test with bytes in memory.

use core::convert::Infallible;

use crate::units::{ByteCount, FileOffset};

/// A file that can be read at any place without moving a cursor.
pub trait ReadAt {
    /// Why a read failed.
    type Error;

    /// Its length in bytes, as it was when the file was opened.
    fn size(&self) -> ByteCount;

    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    ///
    /// When not all of `buffer` could be filled: the file is shorter, or the
    /// medium failed.
    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Self::Error>;
}

impl<R: ReadAt + ?Sized> ReadAt for &R {
    type Error = R::Error;

    fn size(&self) -> ByteCount {
        (**self).size()
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Self::Error> {
        (**self).read_exact_at(offset, buffer)
    }
}

/// Bytes in memory, read like a file; past their end lie zeroes.
///
/// Callers bound their reads by [`ReadAt::size`]; zeroes past the end only
/// make the type total.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl ReadAt for Bytes<'_> {
    type Error = Infallible;

    fn size(&self) -> ByteCount {
        ByteCount::new(self.0.len() as u64)
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Infallible> {
        let start = usize::try_from(offset.get()).unwrap_or(usize::MAX).min(self.0.len());
        let held = &self.0[start..];
        let count = held.len().min(buffer.len());
        buffer[..count].copy_from_slice(&held[..count]);
        buffer[count..].fill(0);
        Ok(())
    }
}
