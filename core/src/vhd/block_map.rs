//! Block map: how much of each block an image holds, for people to look at.

use super::error::ReadError;
use super::image::Image;
use super::table::BlockTable;
use crate::read::ReadAt;
use crate::units::{BlockIndex, FileOffset, SECTOR_BYTES};

/// How much of one block an image holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// Never written here.
    Absent,
    /// Stored without any sector.
    Empty,
    /// Stored with some sectors.
    Partial,
    /// Stored with all sectors.
    Whole,
}

impl<S: ReadAt> Image<S> {
    /// Tells of every block, in the order of the disk, how much of it is
    /// here and how many sectors that is. An image without blocks tells
    /// nothing. Reads all sector bitmaps, no data.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a sector bitmap cannot be read.
    pub fn block_states(&self, visit: &mut dyn FnMut(BlockState, u64)) -> Result<(), ReadError<S::Error>> {
        let Some(table) = self.table() else { return Ok(()) };
        for block in (0..table.blocks()).map(BlockIndex::new) {
            match table.place(block) {
                None => visit(BlockState::Absent, 0),
                Some(place) => {
                    let (state, held) = self.stored_state(table, block, place)?;
                    visit(state, held);
                }
            }
        }
        Ok(())
    }

    fn stored_state(
        &self,
        table: &BlockTable,
        block: BlockIndex,
        place: FileOffset,
    ) -> Result<(BlockState, u64), ReadError<S::Error>> {
        let bitmap = self.read_bitmap(place, table.shape())?;
        let on_disk = table.disk_bytes(block).div_ceil(SECTOR_BYTES);
        let held = held_up_to(&bitmap, on_disk);
        let state = match held {
            0 => BlockState::Empty,
            all if all == on_disk => BlockState::Whole,
            _ => BlockState::Partial,
        };
        Ok((state, held))
    }
}

/// How many of a block's first `sectors` sectors are held.
fn held_up_to(bitmap: &super::SectorBitmap, sectors: u64) -> u64 {
    bitmap
        .runs()
        .filter(|(_, run)| run.is_set)
        .map(|(start, run)| {
            (u64::from(start) + u64::from(run.sectors)).min(sectors).saturating_sub(u64::from(start))
        })
        .sum()
}
