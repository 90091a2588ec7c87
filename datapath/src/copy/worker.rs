//! One thread's work: stripes read, identified and sealed, leaves finished,
//! containers taken apart.

use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

use vhault_core::digest::ChunkId;
use vhault_core::extent::Extent;
use vhault_core::units::SECTOR_BYTES;
use vhault_core::vault::builder::TreeBuilder;
use vhault_core::vault::page::Page;
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::Pages as _;
use vhault_core::vhd::{Content, Cursor};

use super::job::{CHUNKS_PER_STRIPE, Job, Leaf, LeafState, Queue, Work};
use super::stream_writer::{ContainerError, ContainerStreams, StreamWriter};
use super::{AUDIT_RUNS, CopyError, CopyOptions};
use crate::chunk_writer::{ChunkWriter, Tally};
use crate::container::take_apart;
use crate::monitor::{Event, Monitor};
use crate::packer::SealedBlob;
use crate::vault::Session;
use crate::vault::blobs::BlobReader;

/// What one thread works with.
pub(crate) struct Worker<'s, 'v> {
    pub(super) writer: ChunkWriter<'s, 'v>,
    pub(super) pages: BlobReader<'v>,
    pub(super) blobs: SyncSender<SealedBlob>,
    pub(super) buffer: Vec<u8>,
}

impl<'s, 'v> Worker<'s, 'v> {
    /// A worker of `session` that hands its blobs to `blobs`.
    pub(crate) fn new(
        session: &'s Session<'v>,
        options: CopyOptions,
        blobs: SyncSender<SealedBlob>,
    ) -> Worker<'s, 'v> {
        Worker {
            writer: ChunkWriter::new(session, options.effort, options.compare),
            pages: BlobReader::new(session.vault()),
            blobs,
            buffer: Vec::new(),
        }
    }

    /// Takes work from `queue` until there is none, or `must_stop` says so.
    ///
    /// # Errors
    ///
    /// The first [`CopyError`].
    pub(crate) fn work(
        &mut self,
        queue: &Queue<'_>,
        must_stop: &dyn Fn() -> bool,
        monitor: &dyn Monitor,
    ) -> Result<(), CopyError> {
        let mut cursors: Vec<Option<Cursor>> = Vec::new();
        cursors.resize_with(queue.jobs.len(), || None);
        while let Some(work) = queue.take() {
            if must_stop() {
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
            // What is known to be damaged is read, so that it is stored anew.
            (Some(hint), Some(base))
                if chunk % AUDIT_RUNS != hint.audit_part && self.writer.is_sound(base) =>
            {
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

    pub(super) fn above(&mut self, builder: TreeBuilder, tally: &Tally) -> Result<Stream, CopyError> {
        builder.finish(&mut |page| {
            let (id, blob) = self.writer.page(page, None, tally)?;
            self.send(blob)?;
            Ok(id)
        })
    }

    pub(super) fn send(&self, blob: Option<SealedBlob>) -> Result<(), CopyError> {
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
