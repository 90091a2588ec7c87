//! Reads a stored stream at any place, one chunk at a time.

use vhault_core::digest::{ChunkId, PageId};
use vhault_core::vault::page::Page;
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::Pages as _;

use crate::vault::blobs::BlobReader;
use crate::vault::{Vault, VaultError};

/// A reader of one stream; remembers the leaf and the chunk it read last.
pub struct StreamReader<'a> {
    blobs: BlobReader<'a>,
    vault: &'a Vault,
    stream: Stream,
    leaf: Option<(u64, Vec<Option<ChunkId>>)>,
    chunk: Option<(u64, Vec<u8>)>,
}

impl<'a> StreamReader<'a> {
    /// A reader of `stream` in `vault`, whose table must be loaded.
    pub fn new(vault: &'a Vault, stream: Stream) -> StreamReader<'a> {
        StreamReader { blobs: BlobReader::new(vault), vault, stream, leaf: None, chunk: None }
    }

    /// Bytes in the stream.
    pub fn length(&self) -> u64 {
        self.stream.length.get()
    }

    /// Fills `buffer` from `offset` on; beyond the end lie zeroes.
    ///
    /// # Errors
    ///
    /// The first page or chunk that cannot be had.
    pub fn read(&mut self, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), VaultError> {
        let grid = self.vault.grid();
        let chunk_bytes = grid.chunk_bytes();
        while !buffer.is_empty() {
            let chunk = offset >> grid.chunk_log2;
            let start = usize::try_from(offset & (chunk_bytes as u64 - 1)).expect("it is below a chunk");
            let length = (chunk_bytes - start).min(buffer.len());
            let (now, later) = buffer.split_at_mut(length);
            match self.chunk_at(chunk)? {
                Some(bytes) => now.copy_from_slice(&bytes[start..start + length]),
                None => now.fill(0),
            }
            offset += length as u64;
            buffer = later;
        }
        Ok(())
    }

    /// What chunk number `chunk` is, without fetching it; `None` is zeroes.
    ///
    /// # Errors
    ///
    /// The page that cannot be had.
    pub fn id_at(&mut self, chunk: u64) -> Result<Option<ChunkId>, VaultError> {
        let grid = self.vault.grid();
        if chunk >= grid.chunks(self.stream.length) {
            return Ok(None);
        }
        let fan_out = grid.fan_out() as u64;
        let number = chunk / fan_out;
        if self.leaf.as_ref().is_none_or(|(held, _)| *held != number) {
            self.leaf = Some((number, self.leaf_at(number)?));
        }
        let (_, ids) = self.leaf.as_ref().expect("it was put there a line ago");
        let place = usize::try_from(chunk % fan_out).expect("a place is below the fan-out");
        Ok(ids[place])
    }

    /// The whole chunk number `chunk`; `None` is zeroes.
    ///
    /// # Errors
    ///
    /// The page or chunk that cannot be had.
    pub fn chunk_at(&mut self, chunk: u64) -> Result<Option<&[u8]>, VaultError> {
        let Some(id) = self.id_at(chunk)? else { return Ok(None) };
        if self.chunk.as_ref().is_none_or(|(held, _)| *held != chunk) {
            let mut bytes = self.chunk.take().map(|(_, bytes)| bytes).unwrap_or_default();
            bytes.clear();
            bytes.extend_from_slice(self.blobs.chunk(id)?);
            self.chunk = Some((chunk, bytes));
        }
        Ok(self.chunk.as_ref().map(|(_, bytes)| bytes.as_slice()))
    }

    fn leaf_at(&mut self, number: u64) -> Result<Vec<Option<ChunkId>>, VaultError> {
        let grid = self.vault.grid();
        let zeroes = || vec![None; grid.fan_out()];
        let mut below: Option<PageId> = self.stream.root;
        let mut level = grid.root_level(self.stream.length);
        while let Some(id) = below {
            match self.blobs.page(id, level)? {
                Page::Leaf(chunks) => return Ok(chunks),
                Page::Inner { pages, .. } => {
                    let leaves_below = grid.chunks_under(level - 1) >> grid.fan_out_log2;
                    let place = number / leaves_below % grid.fan_out() as u64;
                    below = pages[usize::try_from(place).expect("a place is below the fan-out")];
                    level -= 1;
                }
            }
        }
        Ok(zeroes())
    }
}
