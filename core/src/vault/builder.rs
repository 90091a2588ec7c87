//! Building the tree of pages above a stream, leaves first.

use alloc::vec::Vec;

use super::page::Page;
use super::stream::{Grid, Stream};
use crate::digest::PageId;
use crate::units::ByteCount;

/// Collects the leaves of one stream and makes the pages above them.
///
/// Memory: 33 bytes a leaf; 35 MiB for 64 TiB of 256 KiB chunks at fan-out 256.
#[derive(Debug)]
pub struct TreeBuilder {
    grid: Grid,
    length: ByteCount,
    leaves: Vec<Option<PageId>>,
}

impl TreeBuilder {
    /// A builder for a stream of `length`; every leaf is zeroes until told otherwise.
    pub fn new(grid: Grid, length: ByteCount) -> TreeBuilder {
        let leaves = usize::try_from(grid.leaves(length)).expect("a stream's leaves fit in memory");
        TreeBuilder { grid, length, leaves: alloc::vec![None; leaves] }
    }

    /// Sets the page of leaf number `leaf`, counted from zero.
    pub fn set_leaf(&mut self, leaf: usize, page: Option<PageId>) {
        self.leaves[leaf] = page;
    }

    /// Makes the pages above; `keep` stores each and returns its id.
    ///
    /// # Errors
    ///
    /// What `keep` returns.
    pub fn finish<E>(self, keep: &mut dyn FnMut(&Page) -> Result<PageId, E>) -> Result<Stream, E> {
        let top = self.grid.root_level(self.length);
        let mut row = self.leaves;
        for level in 1..=top {
            let mut above = Vec::with_capacity(row.len().div_ceil(self.grid.fan_out()));
            for below in row.chunks(self.grid.fan_out()) {
                let mut pages = below.to_vec();
                pages.resize(self.grid.fan_out(), None);
                let page = Page::Inner { level, pages };
                above.push(if page.is_zero() { None } else { Some(keep(&page)?) });
            }
            row = above;
        }
        Ok(Stream { root: row.first().copied().flatten(), length: self.length })
    }
}
