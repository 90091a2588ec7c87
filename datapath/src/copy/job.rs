//! One disk in hand, and the queue of all work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vhault_core::digest::{ChunkId, PageId};
use vhault_core::vault::builder::TreeBuilder;
use vhault_core::vault::page::Page;
use vhault_core::vault::stream::{Grid, Stream};
use vhault_core::vault::tree::Pages as _;

use super::{CopiedDisk, DiskPlan};
use crate::chunk_writer::Tally;
use crate::vault::Session;
use crate::vault::blobs::BlobReader;

/// Chunks that one worker takes at a time: 4 MiB of 256 KiB chunks.
pub(super) const CHUNKS_PER_STRIPE: u64 = 16;

/// One disk being copied.
pub(crate) struct Job<'a> {
    pub(super) number: usize,
    pub(super) plan: &'a DiskPlan<'a>,
    pub(super) grid: Grid,
    pub(super) tally: Tally,
    /// `None` where there is no base, or it cannot be read.
    pub(super) base_leaves: Option<Vec<Option<PageId>>>,
    pub(super) leaves: Mutex<Leaves>,
    pub(super) container: Mutex<Option<(Stream, Stream)>>,
    pub(super) content: Mutex<Option<Stream>>,
}

/// Leaves of one disk: those in hand, and how many are left.
pub(super) struct Leaves {
    pub(super) in_hand: BTreeMap<u64, Arc<Leaf>>,
    pub(super) builder: Option<TreeBuilder>,
    pub(super) left: u64,
}

/// A leaf in hand.
pub(super) struct Leaf {
    pub(super) base_page: Option<PageId>,
    /// `None` where the base is not known here.
    pub(super) base: Option<Vec<Option<ChunkId>>>,
    pub(super) state: Mutex<LeafState>,
}

pub(super) struct LeafState {
    pub(super) chunks: Vec<Option<ChunkId>>,
    pub(super) stripes_left: u64,
}

impl<'a> Job<'a> {
    /// The disk of `plan`, number `number` of all, with nothing done yet.
    pub(crate) fn new(session: &Session<'_>, number: usize, plan: &'a DiskPlan<'a>) -> Job<'a> {
        let grid = session.vault().grid();
        let length = plan.disk.size();
        let left = grid.leaves(length);
        let base_leaves = plan.base.and_then(|base| base_leaves(session, grid, base));
        let builder = TreeBuilder::new(grid, length);
        Job {
            number,
            plan,
            grid,
            tally: Tally::default(),
            base_leaves,
            leaves: Mutex::new(Leaves { in_hand: BTreeMap::new(), builder: Some(builder), left }),
            container: Mutex::new(None),
            content: Mutex::new((left == 0).then_some(Stream { root: None, length })),
        }
    }

    /// What came of it, once every stripe was copied.
    pub(crate) fn copied(self) -> CopiedDisk {
        let taken = |what: Mutex<Option<Stream>>| {
            what.into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .expect("every stripe was copied, so the last leaf finished the content")
        };
        let container = self.container.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (layout, literals) = container.expect("the container was taken apart by the job that does it");
        CopiedDisk { content: taken(self.content), layout, literals, copied: self.tally.total() }
    }
}

/// The leaves of the base, by number. A base that cannot be read is no base: everything is read and looked up.
fn base_leaves(session: &Session<'_>, grid: Grid, base: Stream) -> Option<Vec<Option<PageId>>> {
    let mut leaves = Vec::new();
    let mut reader = BlobReader::new(session.vault());
    let mut waiting = match base.root {
        Some(root) => vec![(root, grid.root_level(base.length), 0_u64)],
        None => Vec::new(),
    };
    while let Some((id, level, first_leaf)) = waiting.pop() {
        if level == 0 {
            let leaf = usize::try_from(first_leaf).unwrap_or(usize::MAX);
            if leaves.len() <= leaf {
                leaves.resize(leaf + 1, None);
            }
            leaves[leaf] = Some(id);
            continue;
        }
        let leaves_below = grid.chunks_under(level - 1) >> grid.fan_out_log2;
        let Ok(Page::Inner { pages, .. }) = reader.page(id, level) else { return None };
        for (place, page) in (0_u64..).zip(pages) {
            waiting.extend(page.map(|page| (page, level - 1, first_leaf + place * leaves_below)));
        }
    }
    Some(leaves)
}

/// What is left to do: containers first, then the stripes of all disks in order.
pub(crate) struct Queue<'a> {
    pub(super) jobs: &'a [Job<'a>],
    /// The number of the first stripe of each disk, and the number after the last.
    pub(super) first_stripes: Vec<u64>,
    pub(super) next: AtomicU64,
}

/// A piece of work.
pub(super) enum Work {
    Container { job: usize },
    Stripe { job: usize, stripe: u64 },
}

impl<'a> Queue<'a> {
    /// All work of `jobs`.
    pub(crate) fn new(jobs: &'a [Job<'a>]) -> Queue<'a> {
        let mut first_stripes = vec![jobs.len() as u64];
        for job in jobs {
            let stripes = job.grid.chunks(job.plan.disk.size()).div_ceil(CHUNKS_PER_STRIPE);
            first_stripes.push(first_stripes.last().expect("it began with one") + stripes);
        }
        Queue { jobs, first_stripes, next: AtomicU64::new(0) }
    }

    /// The next piece of work, each once.
    pub(super) fn take(&self) -> Option<Work> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number < self.jobs.len() as u64 {
            return Some(Work::Container { job: usize::try_from(number).expect("it is below a usize") });
        }
        let job = self.first_stripes.partition_point(|&first| first <= number) - 1;
        (job < self.jobs.len()).then(|| Work::Stripe { job, stripe: number - self.first_stripes[job] })
    }
}
