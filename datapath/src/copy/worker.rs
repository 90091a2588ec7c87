//! One thread's work: chunks asked of a reader and sealed, leaves finished,
//! containers taken apart. A reader that hangs in a disk that was stopped is
//! left behind, and another takes its place.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, PoisonError};

use vhault_core::copy::journal::Noted;
use vhault_core::copy::order::{Step, Stripe};
use vhault_core::copy::ranges::ByteRanges;
use vhault_core::copy::watch::StopReason;
use vhault_core::digest::ChunkId;
use vhault_core::vault::builder::TreeBuilder;
use vhault_core::vault::page::Page;
use vhault_core::vault::stream::Stream;

use super::deed::{Deed, bytes_of, decide, resume};
use super::job::{Cut, Job, Known, Leaf, Queue};
use super::journal::JournalWriter;
use super::link::Link;
use super::reader::{Answer, Got, Order, Wanted};
use super::state::Sources;
use super::stream_writer::StreamWriter;
use super::{CopyError, CopyOptions, UNREADABLE_RANGES_MAX};
use crate::chunk_writer::{ChunkWriter, Tally};
use crate::monitor::{Event, Monitor};
use crate::packer::SealedBlob;
use crate::vault::Session;
use crate::vault::blobs::BlobReader;

/// Bytes asked for in one order; one chunk where chunks are larger.
const ORDER_BYTES: usize = 1 << 20;
/// Orders that a reader has in hand while its worker seals.
const ORDERS_AHEAD_MAX: usize = 2;

/// What one thread works with.
pub(crate) struct Worker<'s, 'v, 'c> {
    pub(super) writer: ChunkWriter<'s, 'v>,
    pages: BlobReader<'v>,
    blobs: SyncSender<SealedBlob>,
    sources: &'c Arc<Sources>,
    failed: &'c AtomicBool,
    monitor: &'c dyn Monitor,
    journal: Option<Arc<JournalWriter>>,
    link: Link<'c>,
    /// Orders that are not answered yet, oldest first.
    asked: VecDeque<Asked>,
    spare: Vec<Vec<u8>>,
}

/// An order as its worker remembers it.
struct Asked {
    job: usize,
    leaf: Arc<Leaf>,
    wanted: Vec<Wanted>,
    /// For each chunk: what it must be, if something was said of it.
    audited: Vec<Option<Option<ChunkId>>>,
}

impl<'s, 'v, 'c> Worker<'s, 'v, 'c> {
    /// A worker of `session` that hands its blobs to `blobs`.
    pub(crate) fn new(
        session: &'s Session<'v>,
        options: &CopyOptions,
        blobs: SyncSender<SealedBlob>,
        sources: &'c Arc<Sources>,
        failed: &'c AtomicBool,
        monitor: &'c dyn Monitor,
    ) -> Worker<'s, 'v, 'c> {
        let writer = ChunkWriter::new(session, options.effort, options.compare);
        Worker {
            writer: writer.timed(Arc::clone(&options.timings)),
            pages: BlobReader::new(session.vault()),
            blobs,
            sources,
            failed,
            monitor,
            journal: options.journal.clone(),
            link: Link::new(sources, failed),
            asked: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    /// Takes steps from `queue` until there are none, or another thread failed.
    ///
    /// # Errors
    ///
    /// The first [`CopyError`].
    pub(crate) fn work(&mut self, queue: &Queue<'_>) -> Result<(), CopyError> {
        while !self.failed.load(Ordering::Relaxed)
            && let Some(step) = queue.take()
        {
            let disk = match step {
                Step::Container { disk } => disk,
                Step::Stripe(stripe) => stripe.disk,
            };
            if self.sources.disks[disk].stopped().is_some() {
                continue;
            }
            self.sources.disks[disk].begin();
            match step {
                Step::Container { .. } => {
                    self.answered_below(queue.jobs, 1)?;
                    self.container(&queue.jobs[disk])?;
                }
                Step::Stripe(stripe) => self.stripe(queue.jobs, stripe)?,
            }
        }
        self.answered_below(queue.jobs, 1)?;
        self.journal.iter().for_each(|journal| journal.write());
        Ok(())
    }

    /// Ends every disk that is not whole with what is there of it. For the last worker.
    ///
    /// # Errors
    ///
    /// Page writes that failed.
    pub(crate) fn cut(&mut self, jobs: &[Job<'_>]) -> Result<(), CopyError> {
        for job in jobs.iter().filter(|job| !job.is_done()) {
            self.sources.disks[job.number].stop(StopReason::Asked);
            let Some(Cut { pages, mut builder, left_out }) = job.cut() else { continue };
            for (place, page) in pages {
                builder.set_leaf(place, self.keep_page(&page, None, &job.tally)?);
            }
            let stream = self.above(builder, &job.tally)?;
            job.set_content(stream, left_out);
        }
        Ok(())
    }

    fn stripe(&mut self, jobs: &[Job<'_>], stripe: Stripe) -> Result<(), CopyError> {
        let job = &jobs[stripe.disk];
        let fan_out = job.grid.fan_out();
        // Fan-outs and stripes are powers of two, so a stripe lies in one leaf.
        let leaf = job.leaf(stripe.first_chunk / fan_out as u64, || {
            let number = stripe.first_chunk / fan_out as u64;
            let base = Known::of(job.base_leaves.as_ref(), number, fan_out, &mut self.pages);
            (base, Known::of(job.resumed_leaves.as_ref(), number, fan_out, &mut self.pages))
        });
        let order_chunks = (ORDER_BYTES / job.grid.chunk_bytes()).max(1);
        let (mut wanted, mut audited) = (Vec::new(), Vec::new());
        for chunk in stripe.first_chunk..stripe.first_chunk + stripe.chunk_count {
            let on_disk = bytes_of(job, chunk);
            let deed = match self.journaled(job, &leaf, chunk) {
                Some(id) => resume(job, chunk, id),
                None => decide(job, &leaf, chunk),
            };
            let deed = deed.reading_damaged(|id| self.writer.is_sound(id));
            let is_resumed = matches!(deed, Deed::Resume(_));
            let taken = match deed {
                Deed::Keep(id) => {
                    Tally::add(&job.tally.kept, on_disk);
                    id
                }
                Deed::Resume(id) => {
                    Tally::add(&job.tally.resumed, on_disk);
                    id
                }
                Deed::Read { known, audited: claim } => {
                    wanted.push(Wanted { chunk, known });
                    audited.push(claim);
                    if wanted.len() == order_chunks {
                        let (wanted, audited) = (std::mem::take(&mut wanted), std::mem::take(&mut audited));
                        let leaf = Arc::clone(&leaf);
                        self.ask(jobs, Asked { job: job.number, leaf, wanted, audited })?;
                    }
                    continue;
                }
            };
            self.chunk_done(job, &leaf, chunk, taken)?;
            if is_resumed {
                self.note(job, chunk, taken);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        self.ask(jobs, Asked { job: job.number, leaf, wanted, audited })
    }

    /// What a dead copy noted of a chunk, if the vault holds it: the copy may have died before it was stored.
    fn journaled(&self, job: &Job<'_>, leaf: &Leaf, chunk: u64) -> Option<Option<ChunkId>> {
        let place = usize::try_from(chunk % job.grid.fan_out() as u64).ok()?;
        let said = leaf.journaled.get(place).copied().flatten()?;
        said.is_none_or(|id| self.writer.relies_on(id)).then_some(said)
    }

    /// Hands an order to the reader, once it has few enough in hand.
    fn ask(&mut self, jobs: &[Job<'_>], asked: Asked) -> Result<(), CopyError> {
        self.answered_below(jobs, ORDERS_AHEAD_MAX)?;
        self.send_order(asked)
    }

    fn send_order(&mut self, asked: Asked) -> Result<(), CopyError> {
        if self.sources.disks[asked.job].stopped().is_some() {
            return Ok(());
        }
        let spare = std::mem::take(&mut self.spare);
        let order = Order::Chunks { disk: asked.job, wanted: asked.wanted.clone(), spare };
        self.link.send(order)?;
        self.asked.push_back(asked);
        Ok(())
    }

    /// Waits until fewer than `count` orders are in the reader's hands, and does what its answers ask for.
    fn answered_below(&mut self, jobs: &[Job<'_>], count: usize) -> Result<(), CopyError> {
        while self.asked.len() >= count {
            let Some(asked) = self.asked.pop_front() else { return Ok(()) };
            match self.link.wait(asked.job)? {
                // The disk was stopped and its reader left behind; another gets what it had in hand of other disks.
                None if self.failed.load(Ordering::Relaxed) => self.asked.clear(),
                None => {
                    for asked in std::mem::take(&mut self.asked) {
                        self.send_order(asked)?;
                    }
                }
                Some(Answer::Chunks(got)) => self.received(&jobs[asked.job], &asked, got)?,
                Some(Answer::Failed(error)) => return Err(error.into()),
                Some(_) => return Err(CopyError::ThreadLost),
            }
        }
        Ok(())
    }

    fn received(&mut self, job: &Job<'_>, asked: &Asked, got: Vec<Got>) -> Result<(), CopyError> {
        for (got, claim) in got.into_iter().zip(&asked.audited) {
            let on_disk = bytes_of(job, got.chunk);
            let mut id = got.id;
            Tally::add(if got.was_read { &job.tally.read } else { &job.tally.zero }, on_disk);
            let is_whole = got.unreadable.is_empty();
            match claim {
                Some(claim) if !is_whole => {
                    // What was said of it is better than what the medium gives.
                    self.notice_unreadable_audit(job, got.chunk);
                    Tally::add(&job.tally.kept, on_disk);
                    id = *claim;
                }
                Some(claim) if *claim != id => {
                    return Err(CopyError::HintLied { plan: job.number, chunk: got.chunk });
                }
                Some(_) => Tally::add(&job.tally.audited, on_disk),
                None => self.note_unreadable(job, &got),
            }
            match (got.bytes, id) {
                (Some(bytes), Some(own)) => {
                    if Some(own) == got.id {
                        let blob = self.writer.identified(own, &bytes, &job.tally)?;
                        self.send(blob)?;
                    }
                    self.spare.push(bytes);
                }
                (_, Some(_)) => Tally::add(&job.tally.known, on_disk),
                (_, None) if got.was_read => Tally::add(&job.tally.zero, on_disk),
                (_, None) => {}
            }
            self.chunk_done(job, &asked.leaf, got.chunk, id)?;
            if is_whole {
                self.note(job, got.chunk, id);
            }
        }
        Ok(())
    }

    /// Writes down what a chunk is. What a hint says of others costs nothing to find out again.
    fn note(&self, job: &Job<'_>, chunk: u64, id: Option<ChunkId>) {
        if let (Some(journal), Ok(disk)) = (&self.journal, u32::try_from(job.number)) {
            journal.note(Noted { disk, chunk, id });
        }
    }

    fn note_unreadable(&self, job: &Job<'_>, got: &Got) {
        if got.unreadable.is_empty() {
            return;
        }
        let mut unreadable = job.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        unreadable.extend(got.unreadable.iter().copied());
        if unreadable.as_slice().len() > UNREADABLE_RANGES_MAX {
            self.sources.disks[job.number].stop(StopReason::Unreadable);
        }
    }

    fn notice_unreadable_audit(&self, job: &Job<'_>, chunk: u64) {
        let path = job.plan.disk.paths().next().map(|path| path.display().to_string()).unwrap_or_default();
        self.monitor.hear(Event::Noticed {
            text: format!(
                "{path}: its medium fails in the {} bytes from {} on, which did not change since the last point; that \
                 point's bytes are kept",
                bytes_of(job, chunk),
                chunk << job.grid.chunk_log2
            ),
        });
    }

    fn chunk_done(
        &mut self,
        job: &Job<'_>,
        leaf: &Leaf,
        chunk: u64,
        id: Option<ChunkId>,
    ) -> Result<(), CopyError> {
        let on_disk = bytes_of(job, chunk);
        self.sources.disks[job.number].moved(on_disk);
        self.monitor.hear(Event::Advanced { bytes: on_disk });
        let place = usize::try_from(chunk % job.grid.fan_out() as u64).expect("a place is below the fan-out");
        let Some(page) = leaf.set(place, id) else { return Ok(()) };
        let page = self.keep_page(&page, leaf.base_page, &job.tally)?;
        let Some(builder) = job.finish_leaf(leaf.number, page) else { return Ok(()) };
        let stream = self.above(builder, &job.tally)?;
        job.set_content(stream, ByteRanges::new());
        self.end_if_done(job);
        Ok(())
    }

    fn end_if_done(&self, job: &Job<'_>) {
        if job.is_done() {
            self.sources.disks[job.number].end();
        }
    }

    /// Stores a page, unless it is all zeroes or known, and returns its id.
    fn keep_page(
        &mut self,
        page: &Page,
        base: Option<vhault_core::digest::PageId>,
        tally: &Tally,
    ) -> Result<Option<vhault_core::digest::PageId>, CopyError> {
        if page.is_zero() {
            return Ok(None);
        }
        let (id, blob) = self.writer.page(page, base, tally)?;
        self.send(blob)?;
        Ok(Some(id))
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
            Some(blob) => self.blobs.send(blob).map_err(|_| CopyError::ThreadLost),
            None => Ok(()),
        }
    }

    fn container(&mut self, job: &Job<'_>) -> Result<(), CopyError> {
        self.link.send(Order::Container { disk: job.number })?;
        let (mut layout, mut literals) = (StreamWriter::new(job.grid), StreamWriter::new(job.grid));
        loop {
            match self.link.wait(job.number)? {
                None => return Ok(()),
                Some(Answer::Piece { layout: more_layout, literals: more_literals }) => {
                    layout.write(&more_layout, self, &job.tally)?;
                    literals.write(&more_literals, self, &job.tally)?;
                }
                Some(Answer::ContainerDone) => break,
                Some(Answer::ContainerUnreadable) => {
                    (layout, literals) = (StreamWriter::new(job.grid), StreamWriter::new(job.grid));
                    break;
                }
                Some(Answer::Failed(error)) => return Err(error.into()),
                Some(Answer::Chunks(_)) => return Err(CopyError::ThreadLost),
            }
        }
        let layout = layout.finish(self, &job.tally)?;
        let literals = literals.finish(self, &job.tally)?;
        job.set_container(layout, literals);
        self.end_if_done(job);
        Ok(())
    }
}
