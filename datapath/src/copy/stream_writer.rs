//! Streams whose bytes come in order and whose length is known at the end.

use vhault_core::digest::{ChunkId, PageId};
use vhault_core::units::ByteCount;
use vhault_core::vault::builder::TreeBuilder;
use vhault_core::vault::page::Page;
use vhault_core::vault::stream::{Grid, Stream};

use super::CopyError;
use super::worker::Worker;
use crate::chunk_writer::Tally;

/// A stream whose bytes come in order and whose length is known at the end.
pub(super) struct StreamWriter {
    grid: Grid,
    chunk: Vec<u8>,
    length: u64,
    leaf: Vec<Option<ChunkId>>,
    leaves: Vec<Option<PageId>>,
}

impl StreamWriter {
    /// A stream of nothing yet.
    pub(super) fn new(grid: Grid) -> StreamWriter {
        StreamWriter { grid, chunk: Vec::new(), length: 0, leaf: Vec::new(), leaves: Vec::new() }
    }

    /// Appends `bytes`.
    pub(super) fn write(
        &mut self,
        mut bytes: &[u8],
        worker: &mut Worker<'_, '_, '_>,
        tally: &Tally,
    ) -> Result<(), CopyError> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = self.grid.chunk_bytes() - self.chunk.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
            if self.chunk.len() == self.grid.chunk_bytes() {
                self.end_chunk(worker, tally)?;
            }
        }
        Ok(())
    }

    fn end_chunk(&mut self, worker: &mut Worker<'_, '_, '_>, tally: &Tally) -> Result<(), CopyError> {
        self.chunk.resize(self.grid.chunk_bytes(), 0);
        // Counted apart from guest data: only what it takes in the vault is the disk's.
        let apart = Tally::default();
        let (id, blob) = worker.writer.chunk(&self.chunk, None, &apart)?;
        Tally::add(&tally.stored, apart.total().stored_bytes);
        worker.send(blob)?;
        self.chunk.clear();
        self.leaf.push(id);
        if self.leaf.len() == self.grid.fan_out() {
            self.end_leaf(worker, tally)?;
        }
        Ok(())
    }

    fn end_leaf(&mut self, worker: &mut Worker<'_, '_, '_>, tally: &Tally) -> Result<(), CopyError> {
        self.leaf.resize(self.grid.fan_out(), None);
        let page = Page::Leaf(std::mem::take(&mut self.leaf));
        if page.is_zero() {
            self.leaves.push(None);
            return Ok(());
        }
        let (id, blob) = worker.writer.page(&page, None, tally)?;
        worker.send(blob)?;
        self.leaves.push(Some(id));
        Ok(())
    }

    /// Ends the stream.
    pub(super) fn finish(
        mut self,
        worker: &mut Worker<'_, '_, '_>,
        tally: &Tally,
    ) -> Result<Stream, CopyError> {
        if !self.chunk.is_empty() {
            self.end_chunk(worker, tally)?;
        }
        if !self.leaf.is_empty() {
            self.end_leaf(worker, tally)?;
        }
        let mut builder = TreeBuilder::new(self.grid, ByteCount::new(self.length));
        for (number, leaf) in self.leaves.into_iter().enumerate() {
            builder.set_leaf(number, leaf);
        }
        worker.above(builder, tally)
    }
}
