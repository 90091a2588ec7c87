//! Walking the tree of pages: all of a stream, or what differs between two.

use alloc::vec::Vec;

use super::page::Page;
use super::stream::{Grid, Stream};
use crate::digest::{ChunkId, PageId};

/// Where pages come from.
pub trait Pages {
    /// Why a page could not be had.
    type Error;

    /// The page named `id`, which stands at `level`.
    ///
    /// # Errors
    ///
    /// When it is missing, damaged, or of another level.
    fn page(&mut self, id: PageId, level: u8) -> Result<Page, Self::Error>;
}

/// A part of a stream that could not be walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostPage {
    /// The page.
    pub id: PageId,
    /// The first chunk below it.
    pub first_chunk: u64,
    /// How many chunks of the stream lie below it.
    pub chunk_count: u64,
}

/// Visits the leaves of `stream` that hold data, in order, each with the index of its first chunk.
///
/// A page that cannot be had is handed to `lost` together with the error; when `lost` returns an error the walk
/// ends with it, otherwise it goes on behind the gap.
///
/// # Errors
///
/// What `visit` or `lost` return.
pub fn visit_leaves<P: Pages, E>(
    pages: &mut P,
    grid: Grid,
    stream: Stream,
    visit: &mut dyn FnMut(u64, Vec<Option<ChunkId>>) -> Result<(), E>,
    lost: &mut dyn FnMut(LostPage, P::Error) -> Result<(), E>,
) -> Result<(), E> {
    let Some(root) = stream.root else { return Ok(()) };
    let mut waiting = alloc::vec![(root, grid.root_level(stream.length), 0_u64)];
    let chunks = grid.chunks(stream.length);
    while let Some((id, level, first_chunk)) = waiting.pop() {
        match pages.page(id, level) {
            Ok(Page::Leaf(ids)) => visit(first_chunk, ids)?,
            Ok(Page::Inner { pages, .. }) => {
                let below = grid.chunks_under(level - 1);
                for (place, page) in pages.into_iter().enumerate().rev() {
                    if let Some(page) = page {
                        waiting.push((page, level - 1, first_chunk + place as u64 * below));
                    }
                }
            }
            Err(error) => {
                let under = grid.chunks_under(level).min(chunks.saturating_sub(first_chunk));
                lost(LostPage { id, first_chunk, chunk_count: under }, error)?;
            }
        }
    }
    Ok(())
}

/// A chunk that differs between two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Which chunk, counted from the start of both streams.
    pub chunk: u64,
    /// What the first stream has there; `None` is zeroes.
    pub before: Option<ChunkId>,
    /// What the second stream has there.
    pub after: Option<ChunkId>,
}

/// Visits the chunks in which two streams differ, in order, reading only pages that differ.
///
/// Where one stream is longer, the other is taken as zeroes.
///
/// # Errors
///
/// The first page that cannot be had.
pub fn visit_differences<P: Pages>(
    pages: &mut P,
    grid: Grid,
    before: Stream,
    after: Stream,
    visit: &mut dyn FnMut(Differing),
) -> Result<(), P::Error> {
    let levels = (grid.root_level(before.length), grid.root_level(after.length));
    let top = levels.0.max(levels.1);
    let mut waiting = alloc::vec![Pair {
        level: top,
        first_chunk: 0,
        before: Side { page: before.root, level: levels.0 },
        after: Side { page: after.root, level: levels.1 },
    }];
    while let Some(pair) = waiting.pop() {
        if pair.before == pair.after {
            continue;
        }
        if pair.level == 0 {
            let before = leaf(pages, grid, pair.before)?;
            let after = leaf(pages, grid, pair.after)?;
            for (place, (before, after)) in (0_u64..).zip(before.into_iter().zip(after)) {
                if before != after {
                    visit(Differing { chunk: pair.first_chunk + place, before, after });
                }
            }
            continue;
        }
        let before = below(pages, grid, pair.before, pair.level)?;
        let after = below(pages, grid, pair.after, pair.level)?;
        let span = grid.chunks_under(pair.level - 1);
        for (place, (before, after)) in before.into_iter().zip(after).enumerate().rev() {
            let first_chunk = pair.first_chunk.saturating_add((place as u64).saturating_mul(span));
            waiting.push(Pair { level: pair.level - 1, first_chunk, before, after });
        }
    }
    Ok(())
}

struct Pair {
    level: u8,
    first_chunk: u64,
    before: Side,
    after: Side,
}

/// A page standing at the start of a range that may be larger than its own.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Side {
    page: Option<PageId>,
    level: u8,
}

fn below<P: Pages>(pages: &mut P, grid: Grid, side: Side, level: u8) -> Result<Vec<Side>, P::Error> {
    let nothing = Side { page: None, level: level - 1 };
    let mut sides = alloc::vec![nothing; grid.fan_out()];
    match side.page {
        // A lower tree stands whole at the first place.
        Some(_) if side.level < level => sides[0] = side,
        Some(id) => {
            if let Page::Inner { pages: held, .. } = pages.page(id, side.level)? {
                for (slot, page) in sides.iter_mut().zip(held) {
                    slot.page = page;
                }
            }
        }
        None => {}
    }
    Ok(sides)
}

fn leaf<P: Pages>(pages: &mut P, grid: Grid, side: Side) -> Result<Vec<Option<ChunkId>>, P::Error> {
    match side.page {
        Some(id) => match pages.page(id, 0)? {
            Page::Leaf(chunks) => Ok(chunks),
            Page::Inner { .. } => Ok(alloc::vec![None; grid.fan_out()]),
        },
        None => Ok(alloc::vec![None; grid.fan_out()]),
    }
}
