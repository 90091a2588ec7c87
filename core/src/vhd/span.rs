//! Span: whose byte is this? Every byte of an image file, once, in order.
//!
//! A restore that gives back the very file keeps the guest's bytes where all
//! disks keep them, and everything else as a container. So the two must cover
//! the file exactly, whatever its tables look like.

use super::error::ReadError;
use super::image::Image;
use crate::read::ReadAt;
use crate::units::{ByteCount, FileOffset, SECTOR_BYTES};

/// Adjacent bytes of an image file that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSpan {
    /// Where in the file.
    pub offset: FileOffset,
    /// How many bytes; never zero.
    pub length: ByteCount,
    /// Whose they are.
    pub holds: Holds,
}

/// Whose the bytes of a span are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The guest's: what a reader of this image finds on the disk from byte
    /// `disk_offset` on.
    Guest {
        /// Where on the disk, in bytes.
        disk_offset: u64,
    },
    /// The container's: footers, header, tables, bitmaps, locators, padding,
    /// and sectors that a clear bit or the end of the disk hides.
    Container,
}

impl<S: ReadAt> Image<S> {
    /// Visits every byte of the file once, in order, as runs as long as they
    /// can be. No byte of the disk is claimed twice. Reads all sector bitmaps,
    /// no data; sorts the stored blocks, 16 bytes each.
    ///
    /// # Errors
    ///
    /// Whatever `visit` returns, and [`ReadError`] when a sector bitmap cannot
    /// be read.
    pub fn spans<E: From<ReadError<S::Error>>>(
        &self,
        visit: &mut dyn FnMut(FileSpan) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut walk = Walk { at: 0, pending: None, visit };
        match self.table() {
            None => walk.push(self.size().get(), Holds::Guest { disk_offset: 0 })?,
            Some(table) => {
                let shape = table.shape();
                for (place, block) in table.stored_in_file_order() {
                    let place = FileOffset::new(place.get() * SECTOR_BYTES);
                    let bitmap = self.read_bitmap(place, shape)?;
                    let data = place.get() + shape.bitmap_bytes();
                    walk.container_up_to(data)?;
                    let on_disk = table.disk_bytes(block);
                    let first = block.get() * shape.block_bytes();
                    for (sector, run) in bitmap.runs().filter(|(_, run)| run.is_set) {
                        let start = u64::from(sector) * SECTOR_BYTES;
                        let end = (start + u64::from(run.sectors) * SECTOR_BYTES).min(on_disk);
                        if start < end {
                            walk.container_up_to(data + start)?;
                            walk.push(end - start, Holds::Guest { disk_offset: first + start })?;
                        }
                    }
                }
            }
        }
        walk.container_up_to(self.source().size().get())?;
        walk.finish()
    }
}

/// Joins what touches, and hands on what cannot grow any more.
struct Walk<'a, E> {
    at: u64,
    pending: Option<FileSpan>,
    visit: &'a mut dyn FnMut(FileSpan) -> Result<(), E>,
}

impl<E> Walk<'_, E> {
    fn container_up_to(&mut self, end: u64) -> Result<(), E> {
        self.push(end.saturating_sub(self.at), Holds::Container)
    }

    fn push(&mut self, length: u64, holds: Holds) -> Result<(), E> {
        if length == 0 {
            return Ok(());
        }
        let offset = FileOffset::new(self.at);
        self.at += length;
        // Runs of the guest never touch: what parts them in a bitmap, or a bitmap itself, lies between.
        if let Some(span) =
            self.pending.as_mut().filter(|span| span.holds == holds && holds == Holds::Container)
        {
            span.length = ByteCount::new(span.length.get() + length);
            return Ok(());
        }
        let next = FileSpan { offset, length: ByteCount::new(length), holds };
        match self.pending.replace(next) {
            Some(span) => (self.visit)(span),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<(), E> {
        match self.pending.take() {
            Some(span) => (self.visit)(span),
            None => Ok(()),
        }
    }
}
