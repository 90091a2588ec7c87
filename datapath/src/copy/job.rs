//! One disk in hand, and the queue of all work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vhault_core::copy::order::{CopyOrder, Step};
use vhault_core::copy::ranges::ByteRanges;
use vhault_core::copy::watch::StopReason;
use vhault_core::digest::{ChunkId, PageId};
use vhault_core::vault::builder::TreeBuilder;
use vhault_core::vault::page::Page;
use vhault_core::vault::stream::{Grid, Stream};
use vhault_core::vault::tree::Pages as _;

use super::{CopiedDisk, DiskPlan};
use crate::chunk_writer::Tally;
use crate::vault::Session;
use crate::vault::blobs::BlobReader;

/// One disk being copied.
pub(crate) struct Job<'a> {
    pub(super) number: usize,
    pub(super) plan: &'a DiskPlan,
    pub(super) grid: Grid,
    pub(super) chunk_count: u64,
    pub(super) tally: Tally,
    /// `None` where there is no base, or it cannot be read.
    pub(super) base_leaves: Option<LeafIds>,
    /// Of the stopped copy that this one resumes.
    pub(super) resumed_leaves: Option<LeafIds>,
    leaves: Mutex<Leaves>,
    pub(super) unreadable: Mutex<ByteRanges>,
    container: Mutex<Option<(Stream, Stream)>>,
    content: Mutex<Option<Content>>,
}

/// The leaves of a stream, by number; `None` is zeroes.
type LeafIds = Vec<Option<PageId>>;

/// A disk's content, and what is left out of it.
struct Content {
    stream: Stream,
    not_copied: ByteRanges,
}

/// Leaves of one disk: those in hand, and which are done.
struct Leaves {
    in_hand: BTreeMap<u64, Arc<Leaf>>,
    builder: Option<TreeBuilder>,
    is_done: Vec<bool>,
    left: u64,
}

/// A leaf in hand.
pub(super) struct Leaf {
    pub(super) number: u64,
    pub(super) base_page: Option<PageId>,
    /// `None` where the base is not known here.
    pub(super) base: Option<Vec<Option<ChunkId>>>,
    /// What the copy that is resumed has here; `None` where that is not known.
    pub(super) resumed: Option<Vec<Option<ChunkId>>>,
    /// What dead copies noted here: nothing, zeroes, or an id.
    pub(super) journaled: Vec<Option<Option<ChunkId>>>,
    state: Mutex<LeafState>,
}

struct LeafState {
    chunks: Vec<Option<ChunkId>>,
    is_done: Vec<bool>,
    left: u64,
}

impl Leaf {
    /// Notes what stands at a place; returns the page when it was the last one that was missing.
    pub(super) fn set(&self, place: usize, id: Option<ChunkId>) -> Option<Page> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.chunks[place] = id;
        state.is_done[place] = true;
        state.left -= 1;
        (state.left == 0).then(|| Page::Leaf(std::mem::take(&mut state.chunks)))
    }
}

impl<'a> Job<'a> {
    /// The disk of `plan`, number `number` of all, with nothing done yet.
    pub(crate) fn new(session: &Session<'_>, number: usize, plan: &'a DiskPlan) -> Job<'a> {
        let grid = session.vault().grid();
        let length = plan.disk.size();
        let left = grid.leaves(length);
        let builder = TreeBuilder::new(grid, length);
        let is_done = vec![false; usize::try_from(left).expect("the builder holds as many leaves")];
        let nothing = Content { stream: Stream { root: None, length }, not_copied: ByteRanges::new() };
        let resumed = plan.resume.as_ref().map(|resume| resume.content);
        Job {
            number,
            plan,
            grid,
            chunk_count: grid.chunks(length),
            tally: Tally::default(),
            base_leaves: plan.base.and_then(|base| leaves_of(session, grid, base)),
            resumed_leaves: resumed.and_then(|resumed| leaves_of(session, grid, resumed)),
            leaves: Mutex::new(Leaves { in_hand: BTreeMap::new(), builder: Some(builder), is_done, left }),
            unreadable: Mutex::default(),
            container: Mutex::new(None),
            content: Mutex::new((left == 0).then_some(nothing)),
        }
    }

    /// The leaf in hand, or the one that `begin` makes: its base page and ids, and the ids of what is resumed.
    pub(super) fn leaf(&self, number: u64, begin: impl FnOnce() -> (Known, Known)) -> Arc<Leaf> {
        if let Some(leaf) = self.leaves().in_hand.get(&number) {
            return Arc::clone(leaf);
        }
        let fan_out = self.grid.fan_out();
        let (base, resumed) = begin();
        let journaled = match &self.plan.journaled {
            nothing if nothing.is_empty() => Vec::new(),
            journaled => journaled.said(number * fan_out as u64, fan_out),
        };
        let leaf = Leaf {
            number,
            base_page: base.page,
            base: base.ids,
            resumed: resumed.ids,
            journaled,
            state: Mutex::new(LeafState {
                chunks: vec![None; fan_out],
                is_done: vec![false; fan_out],
                left: (self.chunk_count - number * fan_out as u64).min(fan_out as u64),
            }),
        };
        // Another worker may have begun it meanwhile; theirs counts.
        Arc::clone(self.leaves().in_hand.entry(number).or_insert_with(|| Arc::new(leaf)))
    }

    /// Notes the page of a leaf that is done; returns the builder when it was the last one.
    pub(super) fn finish_leaf(&self, number: u64, page: Option<PageId>) -> Option<TreeBuilder> {
        let place = usize::try_from(number).expect("the builder holds a leaf of this number");
        let mut leaves = self.leaves();
        leaves.in_hand.remove(&number);
        leaves.is_done[place] = true;
        leaves.left -= 1;
        if let Some(builder) = leaves.builder.as_mut() {
            builder.set_leaf(place, page);
        }
        if leaves.left == 0 { leaves.builder.take() } else { None }
    }

    /// What is there of a disk that was stopped; `None` when its content is whole already.
    pub(super) fn cut(&self) -> Option<Cut> {
        let mut leaves = self.leaves();
        let builder = leaves.builder.take()?;
        let mut left_out = ByteRanges::new();
        let mut pages = Vec::new();
        let fan_out = self.grid.fan_out() as u64;
        let size = self.plan.disk.size().get();
        let mut leave_out = |first: u64, count: u64| {
            let start = first << self.grid.chunk_log2;
            left_out.insert(start, ((first + count) << self.grid.chunk_log2).min(size) - start);
        };
        for (number, _) in (0_u64..).zip(&leaves.is_done).filter(|(_, is_done)| !**is_done) {
            let first = number * fan_out;
            let here = (self.chunk_count - first).min(fan_out);
            let Some(leaf) = leaves.in_hand.get(&number) else {
                leave_out(first, here);
                continue;
            };
            let mut state = leaf.state.lock().unwrap_or_else(PoisonError::into_inner);
            for (place, _) in (0..here).zip(&state.is_done).filter(|(_, is_done)| !**is_done) {
                leave_out(first + place, 1);
            }
            let place = usize::try_from(number).expect("the builder holds a leaf of this number");
            pages.push((place, Page::Leaf(std::mem::take(&mut state.chunks))));
        }
        Some(Cut { pages, builder, left_out })
    }

    pub(super) fn set_content(&self, stream: Stream, not_copied: ByteRanges) {
        *self.content.lock().unwrap_or_else(PoisonError::into_inner) = Some(Content { stream, not_copied });
    }

    pub(super) fn set_container(&self, layout: Stream, literals: Stream) {
        *self.container.lock().unwrap_or_else(PoisonError::into_inner) = Some((layout, literals));
    }

    /// Whether content and container are done.
    pub(super) fn is_done(&self) -> bool {
        let container = self.container.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        container && self.content.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn leaves(&self) -> MutexGuard<'_, Leaves> {
        self.leaves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of it, once every step was taken or cut.
    pub(crate) fn copied(self, stopped: Option<StopReason>) -> CopiedDisk {
        let content = self.content.into_inner().unwrap_or_else(PoisonError::into_inner);
        let content = content.expect("the last leaf finished the content, or the cut did");
        let container = self.container.into_inner().unwrap_or_else(PoisonError::into_inner);
        let is_whole = container.is_some() && content.not_copied.is_empty();
        let (layout, literals) = container.unwrap_or((Stream::EMPTY, Stream::EMPTY));
        CopiedDisk {
            content: content.stream,
            layout,
            literals,
            copied: self.tally.total(),
            // A disk that was done when everything was stopped is done.
            stopped: if is_whole { None } else { stopped },
            not_copied: content.not_copied.into_vec(),
            unreadable: self.unreadable.into_inner().unwrap_or_else(PoisonError::into_inner).into_vec(),
        }
    }
}

/// What is there of a disk that was stopped.
pub(super) struct Cut {
    /// Leaves that were in hand, by number.
    pub(super) pages: Vec<(usize, Page)>,
    /// Holds the leaves that were done.
    pub(super) builder: TreeBuilder,
    /// What is in none of them.
    pub(super) left_out: ByteRanges,
}

/// What is known of a leaf from an earlier copy.
#[derive(Default)]
pub(super) struct Known {
    pub(super) page: Option<PageId>,
    pub(super) ids: Option<Vec<Option<ChunkId>>>,
}

impl Known {
    /// Leaf `number` of `leaves`; nothing is known where its page cannot be read.
    pub(super) fn of(
        leaves: Option<&LeafIds>,
        number: u64,
        fan_out: usize,
        pages: &mut BlobReader<'_>,
    ) -> Known {
        let Some(leaves) = leaves else { return Known::default() };
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(page) = leaves.get(place).copied().flatten() else {
            return Known { page: None, ids: Some(vec![None; fan_out]) };
        };
        match pages.page(page, 0) {
            Ok(Page::Leaf(ids)) => Known { page: Some(page), ids: Some(ids) },
            _ => Known::default(),
        }
    }
}

/// The leaves of a stream. One that cannot be read is none: everything is read and looked up.
fn leaves_of(session: &Session<'_>, grid: Grid, stream: Stream) -> Option<LeafIds> {
    let mut leaves = Vec::new();
    let mut reader = BlobReader::new(session.vault());
    let mut waiting = match stream.root {
        Some(root) => vec![(root, grid.root_level(stream.length), 0_u64)],
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

/// What is left to do, each step once, in the order that the core says.
pub(crate) struct Queue<'a> {
    pub(super) jobs: &'a [Job<'a>],
    order: CopyOrder,
    steps_max: u64,
    next: AtomicU64,
}

impl<'a> Queue<'a> {
    /// All work of `jobs`, or its first `steps_max` steps.
    pub(crate) fn new(grid: Grid, jobs: &'a [Job<'a>], steps_max: Option<u64>) -> Queue<'a> {
        let order = CopyOrder::new(grid, jobs.iter().map(|job| job.plan.disk.size()));
        Queue { jobs, order, steps_max: steps_max.unwrap_or(u64::MAX), next: AtomicU64::new(0) }
    }

    /// The next step, each once.
    pub(super) fn take(&self) -> Option<Step> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number < self.steps_max { self.order.step(number) } else { None }
    }
}
