//! One thread that reads and names chunks for one worker. It holds nothing of
//! the vault and borrows nothing, so that a worker can leave it behind when a
//! read never comes back; it ends by itself when the read does.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use vhault_core::digest::ChunkId;
use vhault_core::units::SECTOR_BYTES;
use vhault_core::vault::point::ByteRange;
use vhault_core::vhd::{Content, Cursor, Piece, ReadError};

use super::state::{SourceDisk, Sources};
use crate::container::{ContainerSink, take_apart};
use crate::hasher::identify;
use crate::image::{FileError, HoleCursor, ImageError};
use crate::timings::{Limit, Stage};

/// Bytes of a container sent at once.
const PIECE_BYTES: usize = 256 << 10;

/// What a worker asks for.
pub(super) enum Order {
    /// These chunks of a disk; `spare` are buffers to read into.
    Chunks { disk: usize, wanted: Vec<Wanted>, spare: Vec<Vec<u8>> },
    /// What the disk's file has besides guest data.
    Container { disk: usize },
}

/// A chunk to be read.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) chunk: u64,
    /// What earlier copies have there: the bytes are needed only when they are something else.
    pub(super) known: Option<ChunkId>,
}

/// What a reader answers.
pub(super) enum Answer {
    Chunks(Vec<Got>),
    /// The next bytes of both streams.
    Piece {
        layout: Vec<u8>,
        literals: Vec<u8>,
    },
    /// There are no more pieces.
    ContainerDone,
    /// The medium failed inside the container.
    ContainerUnreadable,
    Failed(ImageError),
}

/// A chunk that was read.
pub(super) struct Got {
    pub(super) chunk: u64,
    /// `None` is zeroes.
    pub(super) id: Option<ChunkId>,
    /// Whether anything was read for it.
    pub(super) was_read: bool,
    /// Its bytes, unless they are zeroes or known.
    pub(super) bytes: Option<Vec<u8>>,
    /// What could not be read; zeroes stand there.
    pub(super) unreadable: Vec<ByteRange>,
}

/// Answers orders until nobody asks any more.
pub(super) fn serve(sources: &Arc<Sources>, orders: &Receiver<Order>, answers: &SyncSender<Answer>) {
    let mut reader = Reader {
        sources,
        cursors: sources.disks.iter().map(|_| None).collect(),
        holes: Vec::new(),
        spare: Vec::new(),
    };
    reader.holes.resize_with(sources.disks.len(), Vec::new);
    for order in orders {
        let answer = match order {
            Order::Chunks { disk, wanted, spare } => {
                reader.spare.extend(spare);
                reader.chunks(disk, &wanted)
            }
            Order::Container { disk } => reader.container(disk, answers),
        };
        if answers.send(answer).is_err() {
            return;
        }
    }
}

struct Reader<'a> {
    sources: &'a Sources,
    cursors: Vec<Option<Cursor>>,
    holes: Vec<Vec<HoleCursor>>,
    spare: Vec<Vec<u8>>,
}

impl Reader<'_> {
    fn chunks(&mut self, disk: usize, wanted: &[Wanted]) -> Answer {
        let mut got = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            // What was stopped is not read on; the worker has left or is about to.
            if self.sources.disks[disk].stopped().is_some() {
                break;
            }
            match self.chunk(disk, wanted) {
                Ok(one) => got.push(one),
                Err(_) if self.sources.disks[disk].stopped().is_some() => break,
                Err(error) => return Answer::Failed(self.sources.disks[disk].disk.explain(error)),
            }
        }
        Answer::Chunks(got)
    }

    fn chunk(&mut self, number: usize, wanted: &Wanted) -> Result<Got, ReadError<FileError>> {
        let Sources { grid, throttle, timings, .. } = self.sources;
        let source = &self.sources.disks[number];
        let offset = wanted.chunk << grid.chunk_log2;
        let length = (source.disk.size().get() - offset).min(grid.chunk_bytes() as u64);
        let zeroes =
            |was_read, unreadable| Got { chunk: wanted.chunk, id: None, was_read, bytes: None, unreadable };
        if self.sources.ask_holes && self.lies_in_a_hole(number, offset, length) {
            return Ok(zeroes(false, Vec::new()));
        }
        if let Some(throttle) = throttle {
            timings.hold(Limit::Read, throttle.wait(length, &|| source.stopped().is_some()));
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.resize(grid.chunk_bytes(), 0);
        let (bytes, beyond) = buffer.split_at_mut(usize::try_from(length).expect("it is at most a chunk"));
        beyond.fill(0);
        let cursor = self.cursors[number].get_or_insert_with(|| source.disk.chain().cursor());
        let mut unreadable = Vec::new();
        let content =
            timings.time(Stage::Read, || read_around(source, cursor, offset, bytes, &mut unreadable))?;
        if content == Content::Unallocated {
            self.spare.push(buffer);
            return Ok(zeroes(false, unreadable));
        }
        let id = timings.time(Stage::Hash, || identify(&self.sources.ids, &buffer));
        let is_new = id.is_some() && id != wanted.known;
        let bytes = if is_new {
            Some(buffer)
        } else {
            self.spare.push(buffer);
            None
        };
        Ok(Got { chunk: wanted.chunk, id, was_read: true, bytes, unreadable })
    }

    /// Whether every file byte under a chunk lies in a hole. Doubt, and a bitmap that cannot be read, mean no.
    fn lies_in_a_hole(&mut self, number: usize, offset: u64, length: u64) -> bool {
        let source = &self.sources.disks[number];
        let chain = source.disk.chain();
        let cursor = self.cursors[number].get_or_insert_with(|| chain.cursor());
        let known = &mut self.holes[number];
        known.resize_with(chain.images().len(), HoleCursor::default);
        let (mut at, end) = (offset, offset + length);
        while at < end {
            let Ok(piece) = source.reading(|| chain.piece(cursor, at, end - at)) else { return false };
            if let Piece::Stored { depth, offset, length } = piece
                && !chain.images()[depth].source().is_hole(&mut known[depth], offset.get(), length)
            {
                return false;
            }
            at += piece.length();
        }
        true
    }

    fn container(&mut self, number: usize, answers: &SyncSender<Answer>) -> Answer {
        let source = &self.sources.disks[number];
        let mut sink = Pieces { source, answers, layout: Vec::new(), literals: Vec::new() };
        let taken = source.reading(|| take_apart(&source.disk.chain().images()[0], &mut sink));
        match taken.and_then(|()| sink.send()) {
            // A worker that has left hears nothing.
            Ok(()) | Err(Interrupted::Gone) => Answer::ContainerDone,
            Err(Interrupted::Read(error)) if error.source.is_of_medium() => Answer::ContainerUnreadable,
            Err(Interrupted::Read(error)) => Answer::Failed(source.disk.explain(error)),
        }
    }
}

/// Reads, and where the medium fails reads smaller parts around it, down to a sector.
fn read_around(
    source: &SourceDisk,
    cursor: &mut Cursor,
    offset: u64,
    buffer: &mut [u8],
    unreadable: &mut Vec<ByteRange>,
) -> Result<Content, ReadError<FileError>> {
    let error = match source.reading(|| source.disk.chain().read(cursor, offset, buffer)) {
        Ok(content) => return Ok(content),
        Err(error) if error.source.is_of_medium() => error,
        Err(error) => return Err(error),
    };
    // Nobody waits for the rest of a disk that was stopped.
    if source.stopped().is_some() {
        return Err(error);
    }
    let sectors = (buffer.len() as u64).div_ceil(SECTOR_BYTES);
    if sectors <= 1 {
        buffer.fill(0);
        unreadable.push(ByteRange { offset, length: buffer.len() as u64 });
        return Ok(Content::Read);
    }
    let half = usize::try_from(sectors / 2 * SECTOR_BYTES).expect("it is less than the buffer");
    let (first, second) = buffer.split_at_mut(half);
    read_around(source, cursor, offset, first, unreadable)?;
    read_around(source, cursor, offset + half as u64, second, unreadable)?;
    Ok(Content::Read)
}

/// Why a container was not taken apart to its end.
enum Interrupted {
    Read(ReadError<FileError>),
    /// The worker has left.
    Gone,
}

impl From<ReadError<FileError>> for Interrupted {
    fn from(error: ReadError<FileError>) -> Interrupted {
        Interrupted::Read(error)
    }
}

/// Gathers a container's two streams and sends them on, piece by piece.
struct Pieces<'a> {
    source: &'a SourceDisk,
    answers: &'a SyncSender<Answer>,
    layout: Vec<u8>,
    literals: Vec<u8>,
}

impl Pieces<'_> {
    fn send(&mut self) -> Result<(), Interrupted> {
        let (layout, literals) = (std::mem::take(&mut self.layout), std::mem::take(&mut self.literals));
        self.answers.send(Answer::Piece { layout, literals }).map_err(|_| Interrupted::Gone)
    }

    fn grew(&mut self) -> Result<(), Interrupted> {
        self.source.moved(1);
        if self.layout.len() + self.literals.len() < PIECE_BYTES { Ok(()) } else { self.send() }
    }
}

impl ContainerSink for Pieces<'_> {
    type Error = Interrupted;

    fn layout(&mut self, bytes: &[u8]) -> Result<(), Interrupted> {
        self.layout.extend_from_slice(bytes);
        self.grew()
    }

    fn literals(&mut self, bytes: &[u8]) -> Result<(), Interrupted> {
        self.literals.extend_from_slice(bytes);
        self.grew()
    }
}
