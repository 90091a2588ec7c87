//! Streams: rows of bytes on a fixed grid of chunks, and the geometry of the
//! tree of pages above them.
//!
//! Format: `docs/vault-format.md`, "Streams and manifest pages".

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::digest::PageId;
use crate::units::ByteCount;

/// A stored row of bytes: a disk's content, or a part of its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The page above everything; `None` when every byte is zero.
    pub root: Option<PageId>,
    /// How many bytes.
    pub length: ByteCount,
}

impl Stream {
    /// A stream of no bytes.
    pub const EMPTY: Stream = Stream { root: None, length: ByteCount::ZERO };
}

/// How a vault cuts streams: chunk size and fan-out, both powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// log2 of the chunk size in bytes.
    pub chunk_log2: u8,
    /// log2 of the places in a page.
    pub fan_out_log2: u8,
}

impl From<&Settings> for Grid {
    fn from(settings: &Settings) -> Grid {
        Grid { chunk_log2: settings.chunk_log2, fan_out_log2: settings.fan_out_log2 }
    }
}

impl Grid {
    /// Bytes in a chunk.
    pub fn chunk_bytes(self) -> usize {
        1 << self.chunk_log2
    }

    /// Places in a page.
    pub fn fan_out(self) -> usize {
        1 << self.fan_out_log2
    }

    /// How many chunks cover `length`, the last one perhaps in part.
    pub fn chunks(self, length: ByteCount) -> u64 {
        let whole = length.get() >> self.chunk_log2;
        whole + u64::from(whole << self.chunk_log2 != length.get())
    }

    /// How many leaves cover `length`.
    pub fn leaves(self, length: ByteCount) -> u64 {
        self.chunks(length).div_ceil(1 << self.fan_out_log2)
    }

    /// Chunks under one page of `level`; saturates at 2^64 - 1.
    pub fn chunks_under(self, level: u8) -> u64 {
        1_u64.checked_shl(u32::from(self.fan_out_log2) * (u32::from(level) + 1)).unwrap_or(u64::MAX)
    }

    /// The least level whose one page covers `length`.
    pub fn root_level(self, length: ByteCount) -> u8 {
        let chunks = self.chunks(length);
        (0..)
            .find(|&level| self.chunks_under(level) >= chunks)
            .expect("a high enough level covers everything")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { chunk_log2: 18, fan_out_log2: 8 };

    #[test]
    fn a_byte_more_than_a_page_covers_needs_a_level_more() {
        let leaf = 256 << 18;
        assert_eq!(GRID.root_level(ByteCount::ZERO), 0);
        assert_eq!(GRID.root_level(ByteCount::new(leaf)), 0);
        assert_eq!(GRID.root_level(ByteCount::new(leaf + 1)), 1);
        assert_eq!(GRID.root_level(ByteCount::new(leaf * 256)), 1);
        assert_eq!(GRID.root_level(ByteCount::new(leaf * 256 + 1)), 2);
        assert_eq!(GRID.chunks(ByteCount::new(leaf + 1)), 257);
        assert_eq!(GRID.leaves(ByteCount::new(leaf + 1)), 2);
        assert!(GRID.root_level(ByteCount::new(u64::MAX)) <= super::super::page::LEVEL_MAX);
    }
}
