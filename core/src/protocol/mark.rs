//! What the points need: every page visited once, remembered as one bit for
//! each entry of the chunk table.
//!
//! Memory: an eighth of a byte for each entry, and the pages on the way from a
//! root to a leaf. A vault of 10^7 chunks takes 1.3 MB.

use alloc::vec::Vec;

use crate::digest::PageId;
use crate::vault::blob::BlobId;
use crate::vault::page::Page;
use crate::vault::stream::{Grid, Stream};
use crate::vault::tree::Pages;

/// An entry of the chunk table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryIndex {
    /// Which fragment, in order of receipt.
    pub fragment: usize,
    /// Which of its entries.
    pub entry: usize,
}

/// Where a mark looks things up.
pub trait Ground: Pages {
    /// The copy of `id` that counts: that of the newest fragment whose pack is live, an undamaged one before a damaged
    /// one. It depends on the log alone.
    fn locate(&mut self, id: &BlobId) -> Option<EntryIndex>;
}

/// What the points need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    fragments: Vec<Vec<u64>>,
    pages: u64,
    lost: u64,
    first_lost: Option<BlobId>,
}

impl Mark {
    /// Takes note of a fragment that came after those it knows.
    pub fn add_fragment(&mut self, entries: usize) {
        self.fragments.push(alloc::vec![0; entries.div_ceil(64)]);
    }

    /// The same mark over fragments in a new order: each says where it stood before, if it did, and how many entries
    /// it has.
    #[must_use]
    pub fn rearranged(&self, places: &[(Option<usize>, usize)]) -> Mark {
        let mut mark = Mark { fragments: Vec::new(), ..*self };
        for (before, entries) in places {
            match before.and_then(|place| self.fragments.get(place)) {
                Some(words) => mark.fragments.push(words.clone()),
                None => mark.add_fragment(*entries),
            }
        }
        mark
    }

    /// Whether an entry is needed.
    pub fn holds(&self, index: EntryIndex) -> bool {
        let words = self.fragments.get(index.fragment);
        words
            .and_then(|words| words.get(index.entry / 64))
            .is_some_and(|word| word >> (index.entry % 64) & 1 == 1)
    }

    /// Marks an entry, and says whether it was not marked before.
    pub fn set(&mut self, index: EntryIndex) -> bool {
        let words = self.fragments.get_mut(index.fragment);
        let Some(word) = words.and_then(|words| words.get_mut(index.entry / 64)) else { return false };
        let bit = 1 << (index.entry % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Pages read so far; each is read once.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Pages and chunks that are needed and were not found, counted; anything but zero condemns nothing.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The first that was not found.
    pub fn first_lost(&self) -> Option<BlobId> {
        self.first_lost
    }

    /// Marks everything that a stream needs and that is not marked yet.
    pub fn walk<G: Ground>(&mut self, ground: &mut G, grid: Grid, stream: Stream) {
        let Some(root) = stream.root else { return };
        let mut waiting: Vec<(PageId, u8)> = alloc::vec![(root, grid.root_level(stream.length))];
        while let Some((id, level)) = waiting.pop() {
            let Some(index) = ground.locate(&id.into()) else {
                self.note_lost(id.into());
                continue;
            };
            if !self.set(index) {
                continue;
            }
            self.pages += 1;
            match ground.page(id, level) {
                Ok(Page::Leaf(chunks)) => {
                    for chunk in chunks.into_iter().flatten() {
                        match ground.locate(&chunk.into()) {
                            Some(index) => {
                                self.set(index);
                            }
                            None => self.note_lost(chunk.into()),
                        }
                    }
                }
                Ok(Page::Inner { pages, .. }) => {
                    waiting.extend(pages.into_iter().flatten().map(|page| (page, level.saturating_sub(1))));
                }
                Err(_) => self.note_lost(id.into()),
            }
        }
    }

    fn note_lost(&mut self, id: BlobId) {
        self.lost += 1;
        self.first_lost.get_or_insert(id);
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::*;
    use crate::digest::ChunkId;
    use crate::units::ByteCount;

    const GRID: Grid = Grid { chunk_log2: 16, fan_out_log2: 8 };

    #[derive(Default)]
    struct Pool {
        pages: BTreeMap<PageId, Page>,
        entries: BTreeMap<[u8; 32], usize>,
        read: Vec<PageId>,
    }

    impl Pages for Pool {
        type Error = ();

        fn page(&mut self, id: PageId, _level: u8) -> Result<Page, ()> {
            self.read.push(id);
            self.pages.get(&id).cloned().ok_or(())
        }
    }

    impl Ground for Pool {
        fn locate(&mut self, id: &BlobId) -> Option<EntryIndex> {
            self.entries.get(id.as_bytes()).map(|entry| EntryIndex { fragment: 0, entry: *entry })
        }
    }

    fn id(byte: u8) -> [u8; 32] {
        [byte; 32]
    }

    fn pool() -> (Pool, Stream) {
        let mut pool = Pool::default();
        let leaf = |chunk: u8| Page::Leaf(alloc::vec![Some(ChunkId::from_bytes(id(chunk))), None]);
        pool.pages.insert(PageId::from_bytes(id(1)), leaf(10));
        pool.pages.insert(PageId::from_bytes(id(2)), leaf(11));
        let below = [1, 2, 1].map(|page| Some(PageId::from_bytes(id(page)))).to_vec();
        pool.pages.insert(PageId::from_bytes(id(3)), Page::Inner { level: 1, pages: below });
        for (entry, byte) in [1, 2, 3, 10, 11, 12].into_iter().enumerate() {
            pool.entries.insert(id(byte), entry);
        }
        let length = ByteCount::new(3 * 256 * 65_536);
        (pool, Stream { root: Some(PageId::from_bytes(id(3))), length })
    }

    #[test]
    fn a_page_that_is_shared_is_read_once_and_what_nobody_needs_stays_unmarked() {
        let (mut pool, stream) = pool();
        let mut mark = Mark::default();
        mark.add_fragment(6);
        mark.walk(&mut pool, GRID, stream);
        mark.walk(&mut pool, GRID, stream);
        assert_eq!((mark.pages(), pool.read.len(), mark.lost()), (3, 3, 0));
        let held: Vec<usize> =
            (0..6).filter(|&entry| mark.holds(EntryIndex { fragment: 0, entry })).collect();
        assert_eq!(held, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn what_is_not_found_is_counted() {
        let (mut pool, stream) = pool();
        pool.entries.remove(&id(11));
        pool.pages.remove(&PageId::from_bytes(id(1)));
        let mut mark = Mark::default();
        mark.add_fragment(6);
        mark.walk(&mut pool, GRID, stream);
        assert_eq!(mark.lost(), 2, "a chunk no entry names, and a page that cannot be read");
        assert!(mark.first_lost().is_some());
    }
}
