//! The river, joined: disks in, streams and packs out. Threads live here.
//!
//! Workers take stripes of 16 chunks from one queue over all disks, read,
//! identify, compress and seal them; one packer appends to packs; one
//! publisher makes packs durable meanwhile. A leaf of the manifest is made by
//! the worker that finishes its last stripe, so the manifest does not depend
//! on who was faster.
//!
//! | bounded | holds at most |
//! | --- | --- |
//! | blobs on their way to the packer | [`BLOBS_WAITING_MAX`] chunks: 16 MiB of 256 KiB |
//! | packs on their way to be durable | [`PACKS_WAITING_MAX`] open files |
//! | a worker | a chunk, its compressed form, its decoded form |

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use vhault_core::digest::{ChunkId, PageId};
use vhault_core::extent::{Extent, ExtentSet};
use vhault_core::units::{ByteCount, SECTOR_BYTES};
use vhault_core::vault::blob::BlobKind;
use vhault_core::vault::builder::TreeBuilder;
use vhault_core::vault::page::Page;
use vhault_core::vault::point::Copied;
use vhault_core::vault::stream::{Grid, Stream};
use vhault_core::vault::tree::Pages as _;
use vhault_core::vhd::{Content, Cursor, ReadError};

use crate::chunk_writer::{ChunkWriter, CompareError, Tally};
use crate::codec::Effort;
use crate::container::{ContainerSink, take_apart};
use crate::disk::Disk;
use crate::image::{FileError, ImageError};
use crate::monitor::{Event, Monitor};
use crate::packer::{PackWriter, SealedBlob, SealedPack};
use crate::vault::blobs::BlobReader;
use crate::vault::{Session, VaultError};

/// Chunks that one worker takes at a time: 4 MiB of 256 KiB chunks.
const CHUNKS_PER_STRIPE: u64 = 16;
/// Sealed blobs waiting for the packer.
pub const BLOBS_WAITING_MAX: usize = 64;
/// Sealed packs waiting to be durable.
pub const PACKS_WAITING_MAX: usize = 2;

/// How to copy.
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions {
    /// Threads that read, hash and compress.
    pub threads: usize,
    /// How hard to compress.
    pub effort: Effort,
    /// Decode and compare every blob before it is sealed.
    pub compare: bool,
}

/// A disk to copy.
pub struct DiskPlan<'a> {
    /// The source.
    pub disk: &'a Disk,
    /// The content of the point it is compared with.
    pub base: Option<Stream>,
    /// What may differ from the base; `None` is everything.
    pub hint: Option<Hint>,
}

/// What a source's own tables say of its difference from the base. It can lie, so a part of what it calls unchanged
/// is read all the same.
pub struct Hint {
    /// Sectors that may differ.
    pub changed: ExtentSet,
    /// Which of the [`AUDIT_RUNS`] parts is read this time.
    pub audit_part: u64,
}

/// In so many runs, everything that hints called unchanged is read once.
pub const AUDIT_RUNS: u64 = 8;

/// A disk, copied.
#[derive(Clone, Copy, Debug)]
pub struct CopiedDisk {
    /// Its content.
    pub content: Stream,
    /// The layout of its container.
    pub layout: Stream,
    /// The literals of its container.
    pub literals: Stream,
    /// What it took.
    pub copied: Copied,
}

/// Why a copy ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// A source failed.
    #[error(transparent)]
    Source(#[from] ImageError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// This machine cannot be trusted.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A hint called something unchanged that is not. Nothing of this copy was published.
    #[error("chunk {chunk} of a disk differs from its base, though the image's own tables call it unchanged")]
    HintLied {
        /// Which plan.
        plan: usize,
        /// Which chunk of its grid.
        chunk: u64,
    },
    /// The caller asked for it.
    #[error("stopped")]
    Stopped,
}

/// Copies disks. On an error nothing is published, and what was packed is garbage.
///
/// # Errors
///
/// The first [`CopyError`] that any thread met.
pub fn copy(
    session: &Session<'_>,
    plans: &[DiskPlan<'_>],
    options: CopyOptions,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<Vec<CopiedDisk>, CopyError> {
    let jobs: Vec<Job<'_>> =
        plans.iter().enumerate().map(|(number, plan)| Job::new(session, number, plan)).collect();
    let queue = Queue::new(&jobs);
    let failure = Failure::default();
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads + 2)
        .thread_name(|number| format!("copy-{number}"))
        .build()
        .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
    let (blobs, waiting_blobs) = sync_channel(BLOBS_WAITING_MAX);
    let (packs, waiting_packs) = sync_channel(PACKS_WAITING_MAX);
    pool.scope(|scope| {
        scope.spawn(|_| failure.note(publish(session, waiting_packs, monitor)));
        scope.spawn(|_| failure.note(pack(session, waiting_blobs, packs)));
        for _ in 0..threads {
            let blobs = blobs.clone();
            scope.spawn(|_| {
                let mut worker = Worker {
                    writer: ChunkWriter::new(session, options.effort, options.compare),
                    pages: BlobReader::new(session.vault()),
                    blobs,
                    buffer: Vec::new(),
                };
                failure.note(worker.work(&queue, stop, &failure, monitor));
            });
        }
        drop(blobs);
    });
    if stop.load(Ordering::Relaxed) {
        return Err(CopyError::Stopped);
    }
    match failure.take() {
        Some(error) => Err(error),
        None => Ok(jobs.into_iter().map(Job::copied).collect()),
    }
}

/// The first error of any thread; the others stop when they see it.
#[derive(Default)]
struct Failure {
    first: Mutex<Option<CopyError>>,
    happened: AtomicBool,
}

impl Failure {
    fn note(&self, outcome: Result<(), CopyError>) {
        if let Err(error) = outcome {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            // A thread that stopped because another failed has nothing to add.
            if !matches!(error, CopyError::Stopped) {
                first.get_or_insert(error);
            }
            self.happened.store(true, Ordering::Relaxed);
        }
    }

    fn take(self) -> Option<CopyError> {
        let happened = self.happened.into_inner();
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        first.or(happened.then_some(CopyError::Stopped))
    }
}

/// One disk being copied.
struct Job<'a> {
    number: usize,
    plan: &'a DiskPlan<'a>,
    grid: Grid,
    tally: Tally,
    /// `None` where there is no base, or it cannot be read.
    base_leaves: Option<Vec<Option<PageId>>>,
    leaves: Mutex<Leaves>,
    container: Mutex<Option<(Stream, Stream)>>,
    content: Mutex<Option<Stream>>,
}

/// Leaves of one disk: those in hand, and how many are left.
struct Leaves {
    in_hand: BTreeMap<u64, Arc<Leaf>>,
    builder: Option<TreeBuilder>,
    left: u64,
}

/// A leaf in hand.
struct Leaf {
    base_page: Option<PageId>,
    /// `None` where the base is not known here.
    base: Option<Vec<Option<ChunkId>>>,
    state: Mutex<LeafState>,
}

struct LeafState {
    chunks: Vec<Option<ChunkId>>,
    stripes_left: u64,
}

impl<'a> Job<'a> {
    fn new(session: &Session<'_>, number: usize, plan: &'a DiskPlan<'a>) -> Job<'a> {
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

    fn copied(self) -> CopiedDisk {
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
struct Queue<'a> {
    jobs: &'a [Job<'a>],
    /// The number of the first stripe of each disk, and the number after the last.
    first_stripes: Vec<u64>,
    next: AtomicU64,
}

enum Work {
    Container { job: usize },
    Stripe { job: usize, stripe: u64 },
}

impl<'a> Queue<'a> {
    fn new(jobs: &'a [Job<'a>]) -> Queue<'a> {
        let mut first_stripes = vec![jobs.len() as u64];
        for job in jobs {
            let stripes = job.grid.chunks(job.plan.disk.size()).div_ceil(CHUNKS_PER_STRIPE);
            first_stripes.push(first_stripes.last().expect("it began with one") + stripes);
        }
        Queue { jobs, first_stripes, next: AtomicU64::new(0) }
    }

    fn take(&self) -> Option<Work> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number < self.jobs.len() as u64 {
            return Some(Work::Container { job: usize::try_from(number).expect("it is below a usize") });
        }
        let job = self.first_stripes.partition_point(|&first| first <= number) - 1;
        (job < self.jobs.len()).then(|| Work::Stripe { job, stripe: number - self.first_stripes[job] })
    }
}

struct Worker<'s, 'v> {
    writer: ChunkWriter<'s, 'v>,
    pages: BlobReader<'v>,
    blobs: SyncSender<SealedBlob>,
    buffer: Vec<u8>,
}

impl Worker<'_, '_> {
    fn work(
        &mut self,
        queue: &Queue<'_>,
        stop: &AtomicBool,
        failure: &Failure,
        monitor: &dyn Monitor,
    ) -> Result<(), CopyError> {
        let mut cursors: Vec<Option<Cursor>> = Vec::new();
        cursors.resize_with(queue.jobs.len(), || None);
        while let Some(work) = queue.take() {
            if stop.load(Ordering::Relaxed) || failure.happened.load(Ordering::Relaxed) {
                return Err(CopyError::Stopped);
            }
            match work {
                Work::Container { job } => self.container(&queue.jobs[job])?,
                Work::Stripe { job, stripe } => {
                    let cursor =
                        cursors[job].get_or_insert_with(|| queue.jobs[job].plan.disk.chain().cursor());
                    self.stripe(&queue.jobs[job], cursor, stripe, monitor)?;
                }
            }
        }
        Ok(())
    }

    fn stripe(
        &mut self,
        job: &Job<'_>,
        cursor: &mut Cursor,
        stripe: u64,
        monitor: &dyn Monitor,
    ) -> Result<(), CopyError> {
        let fan_out = job.grid.fan_out() as u64;
        let chunk_count = job.grid.chunks(job.plan.disk.size());
        let first = stripe * CHUNKS_PER_STRIPE;
        let past = (first + CHUNKS_PER_STRIPE).min(chunk_count);
        let leaf_number = first / fan_out;
        let leaf = self.leaf(job, leaf_number, chunk_count);
        let mut ids = Vec::with_capacity(16);
        for chunk in first..past {
            let place = usize::try_from(chunk % fan_out).expect("a place is below the fan-out");
            let base = leaf.base.as_ref().map(|base| base[place]);
            ids.push(self.one_chunk(job, cursor, chunk, base)?);
        }
        let size = job.plan.disk.size().get();
        let chunk_log2 = job.grid.chunk_log2;
        monitor.hear(Event::Advanced { bytes: (past << chunk_log2).min(size) - (first << chunk_log2) });

        let mut state = leaf.state.lock().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(first % fan_out).expect("a place is below the fan-out");
        state.chunks[start..start + ids.len()].copy_from_slice(&ids);
        state.stripes_left -= 1;
        if state.stripes_left > 0 {
            return Ok(());
        }
        let page = Page::Leaf(std::mem::take(&mut state.chunks));
        drop(state);
        self.finish_leaf(job, leaf_number, &leaf, &page)
    }

    fn one_chunk(
        &mut self,
        job: &Job<'_>,
        cursor: &mut Cursor,
        chunk: u64,
        base: Option<Option<ChunkId>>,
    ) -> Result<Option<ChunkId>, CopyError> {
        let chunk_bytes = job.grid.chunk_bytes();
        let offset = chunk << job.grid.chunk_log2;
        let on_disk = (job.plan.disk.size().get() - offset).min(chunk_bytes as u64);
        let extent = Extent::new(offset / SECTOR_BYTES, on_disk.div_ceil(SECTOR_BYTES));
        let unchanged = job.plan.hint.as_ref().filter(|hint| !hint.changed.overlaps(extent));
        let audited = match (unchanged, base) {
            (Some(hint), Some(base)) if chunk % AUDIT_RUNS != hint.audit_part => {
                Tally::add(&job.tally.kept, on_disk);
                return Ok(base);
            }
            (Some(_), Some(base)) => Some(base),
            _ => None,
        };
        self.buffer.resize(chunk_bytes, 0);
        let length = usize::try_from(on_disk).expect("it is at most a chunk");
        let (bytes, beyond) = self.buffer.split_at_mut(length);
        beyond.fill(0);
        let content = job
            .plan
            .disk
            .chain()
            .read(cursor, offset, bytes)
            .map_err(|error| job.plan.disk.explain(error))?;
        let id = if content == Content::Unallocated {
            Tally::add(&job.tally.zero, on_disk);
            None
        } else {
            Tally::add(&job.tally.read, on_disk);
            let (id, blob) = self.writer.chunk(&self.buffer, base.flatten(), &job.tally)?;
            self.send(blob)?;
            id
        };
        match audited {
            Some(base) if base != id => Err(CopyError::HintLied { plan: job.number, chunk }),
            Some(_) => {
                Tally::add(&job.tally.audited, on_disk);
                Ok(id)
            }
            None => Ok(id),
        }
    }

    /// The leaf in hand, begun when this is its first stripe.
    fn leaf(&mut self, job: &Job<'_>, number: u64, chunk_count: u64) -> Arc<Leaf> {
        let lock = || job.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = lock().in_hand.get(&number) {
            return Arc::clone(leaf);
        }
        let fan_out = job.grid.fan_out();
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let base_page = job.base_leaves.as_ref().map(|leaves| leaves.get(place).copied().flatten());
        let base = match base_page {
            None => None,
            Some(None) => Some(vec![None; fan_out]),
            Some(Some(page)) => match self.pages.page(page, 0) {
                Ok(Page::Leaf(chunks)) => Some(chunks),
                _ => None,
            },
        };
        let chunks_here = (chunk_count - number * fan_out as u64).min(fan_out as u64);
        let leaf = Leaf {
            base_page: base_page.flatten().filter(|_| base.is_some()),
            base,
            state: Mutex::new(LeafState {
                chunks: vec![None; fan_out],
                stripes_left: chunks_here.div_ceil(CHUNKS_PER_STRIPE),
            }),
        };
        // Another worker may have begun it meanwhile; theirs counts.
        Arc::clone(lock().in_hand.entry(number).or_insert_with(|| Arc::new(leaf)))
    }

    fn finish_leaf(&mut self, job: &Job<'_>, number: u64, leaf: &Leaf, page: &Page) -> Result<(), CopyError> {
        let id = if page.is_zero() {
            None
        } else {
            let (id, blob) = self.writer.page(page, leaf.base_page, &job.tally)?;
            self.send(blob)?;
            Some(id)
        };
        let mut leaves = job.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        leaves.in_hand.remove(&number);
        leaves.left -= 1;
        let is_last = leaves.left == 0;
        let place = usize::try_from(number).expect("the builder holds a leaf of this number");
        let builder = leaves.builder.as_mut().expect("the builder is taken by the last leaf");
        builder.set_leaf(place, id);
        if !is_last {
            return Ok(());
        }
        let builder = leaves.builder.take().expect("it was there a line ago");
        drop(leaves);
        let stream = self.above(builder, &job.tally)?;
        *job.content.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
        Ok(())
    }

    fn above(&mut self, builder: TreeBuilder, tally: &Tally) -> Result<Stream, CopyError> {
        builder.finish(&mut |page| {
            let (id, blob) = self.writer.page(page, None, tally)?;
            self.send(blob)?;
            Ok(id)
        })
    }

    fn send(&self, blob: Option<SealedBlob>) -> Result<(), CopyError> {
        match blob {
            // A packer that is gone has failed and left its own error.
            Some(blob) => self.blobs.send(blob).map_err(|_| CopyError::Stopped),
            None => Ok(()),
        }
    }

    fn container(&mut self, job: &Job<'_>) -> Result<(), CopyError> {
        let image = &job.plan.disk.chain().images()[0];
        let mut streams = ContainerStreams {
            layout: StreamWriter::new(job.grid),
            literals: StreamWriter::new(job.grid),
            worker: self,
            tally: &job.tally,
        };
        take_apart(image, &mut streams).map_err(|error| match error {
            ContainerError::Read(error) => job.plan.disk.explain(error).into(),
            ContainerError::Copy(error) => error,
        })?;
        let ContainerStreams { layout, literals, worker, tally } = streams;
        let streams = (layout.finish(worker, tally)?, literals.finish(worker, tally)?);
        *job.container.lock().unwrap_or_else(PoisonError::into_inner) = Some(streams);
        Ok(())
    }
}

enum ContainerError {
    Read(ReadError<FileError>),
    Copy(CopyError),
}

impl From<ReadError<FileError>> for ContainerError {
    fn from(error: ReadError<FileError>) -> ContainerError {
        ContainerError::Read(error)
    }
}

struct ContainerStreams<'w, 's, 'v> {
    layout: StreamWriter,
    literals: StreamWriter,
    worker: &'w mut Worker<'s, 'v>,
    tally: &'w Tally,
}

impl ContainerSink for ContainerStreams<'_, '_, '_> {
    type Error = ContainerError;

    fn layout(&mut self, bytes: &[u8]) -> Result<(), ContainerError> {
        self.layout.write(bytes, self.worker, self.tally).map_err(ContainerError::Copy)
    }

    fn literals(&mut self, bytes: &[u8]) -> Result<(), ContainerError> {
        self.literals.write(bytes, self.worker, self.tally).map_err(ContainerError::Copy)
    }
}

/// A stream whose bytes come in order and whose length is known at the end.
struct StreamWriter {
    grid: Grid,
    chunk: Vec<u8>,
    length: u64,
    leaf: Vec<Option<ChunkId>>,
    leaves: Vec<Option<PageId>>,
}

impl StreamWriter {
    fn new(grid: Grid) -> StreamWriter {
        StreamWriter { grid, chunk: Vec::new(), length: 0, leaf: Vec::new(), leaves: Vec::new() }
    }

    fn write(
        &mut self,
        mut bytes: &[u8],
        worker: &mut Worker<'_, '_>,
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

    fn end_chunk(&mut self, worker: &mut Worker<'_, '_>, tally: &Tally) -> Result<(), CopyError> {
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

    fn end_leaf(&mut self, worker: &mut Worker<'_, '_>, tally: &Tally) -> Result<(), CopyError> {
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

    fn finish(mut self, worker: &mut Worker<'_, '_>, tally: &Tally) -> Result<Stream, CopyError> {
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

/// Appends blobs to packs, chunks and pages apart, until every worker is done.
fn pack(
    session: &Session<'_>,
    blobs: Receiver<SealedBlob>,
    packs: SyncSender<SealedPack>,
) -> Result<(), CopyError> {
    let (mut chunks, mut pages) = (None, None);
    for blob in blobs {
        let open = match blob.id.kind {
            BlobKind::Chunk => &mut chunks,
            BlobKind::Page => &mut pages,
        };
        let mut writer = match open.take() {
            Some(writer) => writer,
            None => PackWriter::begin(session, blob.id.kind)?,
        };
        writer.add(&blob)?;
        if writer.is_full() {
            hand_over(writer, &packs)?;
        } else {
            *open = Some(writer);
        }
    }
    [chunks, pages].into_iter().flatten().try_for_each(|writer| hand_over(writer, &packs))
}

fn hand_over(writer: PackWriter<'_, '_>, packs: &SyncSender<SealedPack>) -> Result<(), CopyError> {
    // A publisher that is gone has failed and left its own error.
    packs.send(writer.seal()?).map_err(|_| CopyError::Stopped)
}

/// Makes packs durable until the packer is done.
fn publish(
    session: &Session<'_>,
    packs: Receiver<SealedPack>,
    monitor: &dyn Monitor,
) -> Result<(), CopyError> {
    for pack in packs {
        let bytes = pack.publish(session)?;
        monitor.hear(Event::PackPublished { bytes });
    }
    Ok(())
}

/// Units of work waiting for a worker of [`spread`].
pub const WORK_WAITING_MAX: usize = 16;

/// Makes work on one thread and does it on `threads` others; each has a state of its own from `worker`.
/// Stops at the first error.
///
/// # Errors
///
/// The first error of `produce` or `work`, or [`VaultError::Threads`].
pub fn spread<T: Send, W, E: Send + From<VaultError>>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<(), E> + Send,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let threads = threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads + 1)
        .thread_name(|number| format!("spread-{number}"))
        .build()
        .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
    let (sender, receiver) = sync_channel::<T>(WORK_WAITING_MAX);
    let receiver = Mutex::new(receiver);
    let first: Mutex<Option<E>> = Mutex::new(None);
    let failed = AtomicBool::new(false);
    let note = |error: E| {
        first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        failed.store(true, Ordering::Relaxed);
    };
    pool.scope(|scope| {
        let (receiver, failed, note, worker, work) = (&receiver, &failed, &note, &worker, &work);
        scope.spawn(move |_| {
            // A failed send means that nobody works any more; `false` tells the producer to stop.
            let mut send = |unit| !failed.load(Ordering::Relaxed) && sender.send(unit).is_ok();
            if let Err(error) = produce(&mut send) {
                note(error);
            }
        });
        for _ in 0..threads {
            scope.spawn(move |_| {
                let mut state = worker();
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(unit) = next else { return };
                    // After a failure what waits is drained, so that the producer is not left waiting.
                    if !failed.load(Ordering::Relaxed)
                        && let Err(error) = work(&mut state, unit)
                    {
                        note(error);
                    }
                }
            });
        }
    });
    match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
