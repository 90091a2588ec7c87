//! Who needs what: each entry of the chunk table is needed by one point, by
//! several points of one VM, by points of several VMs, or by nobody.
//!
//! Memory: four bytes for each entry, and one number for each manifest page.
//! A page is read when its owner changes: three times at most, however many
//! points share it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::mark::{EntryIndex, Ground};
use crate::digest::PageId;
use crate::vault::page::Page;
use crate::vault::stream::{Grid, Stream};

/// Who needs an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody.
    Nobody,
    /// One point alone, by its place.
    Point(usize),
    /// Several points of one VM, by its number.
    Vm(usize),
    /// Points of several VMs.
    Several,
}

/// Who needs what.
#[derive(Clone, Debug, Default)]
pub struct Ownership {
    /// For each entry: 0 nobody; 1 + place of a point; 1 + points + number of a VM; `u32::MAX` several VMs.
    entries: Vec<Vec<u32>>,
    /// The VM of each point.
    vms: Vec<usize>,
    /// Chunks below each page.
    below: BTreeMap<PageId, u64>,
    pages: u64,
    lost: u64,
}

impl Ownership {
    /// Nothing is needed yet; `vms` is the VM of each point, `fragments` how many entries each fragment has.
    pub fn new(vms: Vec<usize>, fragments: &[usize]) -> Ownership {
        let entries = fragments.iter().map(|entries| alloc::vec![0; *entries]).collect();
        Ownership { entries, vms, below: BTreeMap::new(), pages: 0, lost: 0 }
    }

    /// Manifest pages read so far.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Pages and chunks that are needed and were not found.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Who needs an entry.
    pub fn of(&self, index: EntryIndex) -> Owner {
        let code = self.entries.get(index.fragment).and_then(|entries| entries.get(index.entry));
        match code.copied().unwrap_or(0) {
            0 => Owner::Nobody,
            u32::MAX => Owner::Several,
            code => {
                let place = usize::try_from(code - 1).unwrap_or(usize::MAX);
                if place < self.vms.len() { Owner::Point(place) } else { Owner::Vm(place - self.vms.len()) }
            }
        }
    }

    /// Takes note of what a stream of the point at `point` needs, and returns how many chunks it names, each as often
    /// as it names it.
    pub fn walk<G: Ground>(&mut self, ground: &mut G, grid: Grid, stream: Stream, point: usize) -> u64 {
        match stream.root {
            Some(root) => self.visit(ground, root, grid.root_level(stream.length), point),
            None => 0,
        }
    }

    /// As deep as the manifest is high.
    fn visit<G: Ground>(&mut self, ground: &mut G, id: PageId, level: u8, point: usize) -> u64 {
        let Some(index) = ground.locate(&id.into()) else {
            self.lost += 1;
            return 0;
        };
        if !self.give(index, point) {
            return self.below.get(&id).copied().unwrap_or(0);
        }
        self.pages += 1;
        let mut chunks_below = 0;
        match ground.page(id, level) {
            Ok(Page::Leaf(chunks)) => {
                for chunk in chunks.into_iter().flatten() {
                    chunks_below += 1;
                    match ground.locate(&chunk.into()) {
                        Some(index) => {
                            self.give(index, point);
                        }
                        None => self.lost += 1,
                    }
                }
            }
            Ok(Page::Inner { pages, .. }) if level > 0 => {
                for page in pages.into_iter().flatten() {
                    chunks_below += self.visit(ground, page, level - 1, point);
                }
            }
            _ => self.lost += 1,
        }
        self.below.insert(id, chunks_below);
        chunks_below
    }

    /// Says that a point needs an entry, and whether that changes whose it is.
    fn give(&mut self, index: EntryIndex, point: usize) -> bool {
        let (before, vm) = (self.of(index), self.vms[point]);
        let after = match before {
            Owner::Nobody => Owner::Point(point),
            Owner::Point(other) if other == point => before,
            Owner::Point(other) if self.vms[other] == vm => Owner::Vm(vm),
            Owner::Vm(other) if other == vm => before,
            _ => Owner::Several,
        };
        let code = match after {
            Owner::Nobody => 0,
            Owner::Point(place) => u32::try_from(1 + place).unwrap_or(u32::MAX),
            Owner::Vm(vm) => u32::try_from(1 + self.vms.len() + vm).unwrap_or(u32::MAX),
            Owner::Several => u32::MAX,
        };
        let place = self.entries.get_mut(index.fragment).and_then(|entries| entries.get_mut(index.entry));
        if let Some(place) = place {
            *place = code;
        }
        before != after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::ChunkId;
    use crate::units::ByteCount;
    use crate::vault::blob::BlobId;
    use crate::vault::tree::Pages;

    const GRID: Grid = Grid { chunk_log2: 16, fan_out_log2: 8 };

    /// Pages by their first byte; every id below 100 is an entry of its own.
    #[derive(Default)]
    struct Pool {
        pages: BTreeMap<u8, Page>,
        read: Vec<u8>,
        levels: BTreeMap<u8, u8>,
    }

    impl Pages for Pool {
        type Error = ();

        fn page(&mut self, id: PageId, level: u8) -> Result<Page, ()> {
            let byte = id.as_bytes()[0];
            self.levels.insert(byte, level);
            self.read.push(byte);
            self.pages.get(&byte).cloned().ok_or(())
        }
    }

    impl Ground for Pool {
        fn locate(&mut self, id: &BlobId) -> Option<EntryIndex> {
            let entry = usize::from(id.as_bytes()[0]);
            (entry < 100).then_some(EntryIndex { fragment: 0, entry })
        }
    }

    fn page(byte: u8) -> Option<PageId> {
        Some(PageId::from_bytes([byte; 32]))
    }

    impl Pool {
        fn leaf(&mut self, byte: u8, chunks: &[u8]) {
            let chunks = chunks.iter().map(|chunk| Some(ChunkId::from_bytes([*chunk; 32]))).collect();
            self.pages.insert(byte, Page::Leaf(chunks));
        }

        fn inner(&mut self, byte: u8, pages: &[u8]) -> Stream {
            let pages = pages.iter().map(|byte| page(*byte)).collect();
            self.pages.insert(byte, Page::Inner { level: 1, pages });
            Stream { root: page(byte), length: ByteCount::new(2 * 256 * 65_536) }
        }
    }

    #[test]
    fn what_one_point_a_vm_or_several_need_is_told_apart() {
        let mut pool = Pool::default();
        pool.leaf(1, &[10, 11]);
        pool.leaf(2, &[12]);
        pool.leaf(3, &[13, 10]);
        pool.leaf(4, &[14, 12, 14]);
        let first = pool.inner(5, &[1, 2]);
        let second = pool.inner(6, &[1, 3]);
        let other_vm = pool.inner(7, &[2, 4]);
        let mut owners = Ownership::new([0, 0, 1].into(), &[100]);
        assert_eq!(owners.walk(&mut pool, GRID, first, 0), 3);
        assert_eq!(owners.walk(&mut pool, GRID, second, 1), 4);
        assert_eq!(owners.walk(&mut pool, GRID, other_vm, 2), 4);
        // What was seen is counted again and read no more.
        let read = pool.read.len();
        assert_eq!(owners.walk(&mut pool, GRID, other_vm, 2), 4);
        assert_eq!((pool.read.len(), owners.pages()), (read, read as u64));
        let of = |entry| owners.of(EntryIndex { fragment: 0, entry });
        assert_eq!([5, 6, 7].map(of), [Owner::Point(0), Owner::Point(1), Owner::Point(2)]);
        assert_eq!([1, 10, 11].map(of), [Owner::Vm(0); 3], "both points of the first VM need leaf 1");
        assert_eq!([2, 12].map(of), [Owner::Several; 2]);
        assert_eq!(
            [3, 13, 4, 14].map(of),
            [Owner::Point(1), Owner::Point(1), Owner::Point(2), Owner::Point(2)]
        );
        assert_eq!(of(99), Owner::Nobody);
        assert_eq!(owners.lost(), 0);
    }

    #[test]
    fn a_page_that_many_points_share_is_read_three_times_at_most() {
        let mut pool = Pool::default();
        pool.leaf(1, &[10]);
        let shared = pool.inner(2, &[1]);
        let vms: Vec<usize> = (0..40).map(|point| point / 4).collect();
        let mut owners = Ownership::new(vms, &[100]);
        (0..40).for_each(|point| assert_eq!(owners.walk(&mut pool, GRID, shared, point), 1));
        assert_eq!(pool.read.len(), 2 * 3, "two pages: for the first point, its VM, and everybody");
    }

    #[test]
    fn what_is_not_found_is_counted() {
        let mut pool = Pool::default();
        pool.leaf(1, &[10, 200]);
        let stream = pool.inner(2, &[1, 9, 201]);
        let mut owners = Ownership::new([0].into(), &[100]);
        assert_eq!(owners.walk(&mut pool, GRID, stream, 0), 2);
        assert_eq!(
            owners.lost(),
            3,
            "a chunk and a page that no entry names, and a page that cannot be read"
        );
    }

    #[test]
    fn points_of_the_second_vm_share_what_the_first_does_not_need() {
        let mut pool = Pool::default();
        pool.leaf(1, &[10]);
        pool.leaf(2, &[11]);
        let (first, second, third) = (pool.inner(5, &[1]), pool.inner(6, &[2]), pool.inner(7, &[2]));
        let mut owners = Ownership::new([0, 1, 1].into(), &[100]);
        for (point, stream) in [first, second, third].into_iter().enumerate() {
            owners.walk(&mut pool, GRID, stream, point);
        }
        assert_eq!(pool.levels, [(1, 0), (2, 0), (5, 1), (6, 1), (7, 1)].into());
        let of = |entry| owners.of(EntryIndex { fragment: 0, entry });
        assert_eq!([10, 11, 2, 7].map(of), [Owner::Point(0), Owner::Vm(1), Owner::Vm(1), Owner::Point(2)]);
    }

    #[test]
    fn a_page_that_is_higher_than_its_place_is_lost_and_not_followed() {
        let mut pool = Pool::default();
        pool.leaf(1, &[10]);
        pool.inner(60, &[1]);
        let stream = pool.inner(5, &[60]);
        let mut owners = Ownership::new([0].into(), &[100]);
        assert_eq!(owners.walk(&mut pool, GRID, stream, 0), 0);
        assert_eq!((owners.lost(), pool.read), (1, [5, 60].into()));
    }
}
