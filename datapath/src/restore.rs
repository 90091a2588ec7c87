//! A restore: the river upstream, from a point's disk to a new image.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use vhault_core::digest::ChunkId;
use vhault_core::time::Instant;
use vhault_core::units::{BlockIndex, ByteCount, SECTOR_BYTES};
use vhault_core::vault::error::FormatError;
use vhault_core::vault::layout::{LayoutSpan, SPAN_BYTES_MAX};
use vhault_core::vault::point::{ByteRange, Disk};
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::visit_leaves;
use vhault_core::vhd::{BLOCK_BYTES_DEFAULT, LayoutError, NewDisk, NewKind, UNIX_SECONDS_OF_2000};

use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::sink::{ImageSink, Layout, SinkError};
use crate::stream_reader::StreamReader;
use crate::vault::blobs::BlobReader;
use crate::vault::{Vault, VaultError};

/// Chunks that one worker restores at a time.
const CHUNKS_PER_STRIPE: usize = 16;
/// Bytes of an exact file written at once.
const PIECE_BYTES: u64 = 256 << 10;

/// What kind of file to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreFormat {
    /// A fixed VHD.
    Fixed,
    /// A dynamic VHD.
    Dynamic,
    /// The disk's bytes and nothing else.
    Raw,
    /// The very file that was backed up.
    Exact,
}

/// Where and how to restore a disk.
#[derive(Clone, Debug)]
pub struct RestoreRequest {
    /// The new file.
    pub target: PathBuf,
    /// What kind of file.
    pub format: RestoreFormat,
    /// Follow Azure's rule for uploads.
    pub azure: bool,
    /// The target may be there already.
    pub replace: bool,
    /// Go on past damage; zeroes stand in the holes.
    pub allow_holes: bool,
    /// Threads that read and decode.
    pub threads: usize,
}

/// A restored disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Length of the new file.
    pub file_bytes: u64,
    /// Size of the disk.
    pub disk_bytes: u64,
    /// Bytes of data written.
    pub data_bytes: u64,
    /// What could not be brought back, in bytes of the disk (of the file, for an exact restore).
    pub holes: Vec<ByteRange>,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The new file cannot be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The disk does not fit the format.
    #[error("the disk cannot be written like that")]
    Layout(#[from] LayoutError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The stored layout of the file makes no sense.
    #[error("the stored layout of the file is damaged")]
    Container(#[source] FormatError),
    /// Parts are damaged or missing; the new file was not made.
    #[error("{} in {} ranges cannot be brought back, the first at byte {}", bytes_word(.holes), .holes.len(), .holes.first().map_or(0, |hole| hole.offset))]
    Holes {
        /// All of them, in bytes of the disk.
        holes: Vec<ByteRange>,
        /// What is wrong with the first.
        #[source]
        first: Box<VaultError>,
    },
}

fn bytes_word(holes: &[ByteRange]) -> String {
    format!("{} bytes", holes.iter().map(|hole| hole.length).sum::<u64>())
}

/// Restores one disk of a point into a new file, which appears only when it is whole and durable.
///
/// # Errors
///
/// [`RestoreError`]; no file is left then.
pub fn restore(
    vault: &Vault,
    disk: &Disk,
    made: Instant,
    request: &RestoreRequest,
    monitor: &dyn Monitor,
) -> Result<Restored, RestoreError> {
    match request.format {
        RestoreFormat::Exact => restore_exact(vault, disk, request, monitor),
        _ => restore_disk(vault, disk, made, request, monitor),
    }
}

/// What went wrong on the way, gathered from all threads.
#[derive(Default)]
struct Losses {
    ranges: Mutex<Vec<ByteRange>>,
    first: Mutex<Option<VaultError>>,
}

impl Losses {
    fn note(&self, offset: u64, length: u64, error: VaultError) {
        self.ranges.lock().unwrap_or_else(PoisonError::into_inner).push(ByteRange { offset, length });
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// The holes in order, joined; an error when there are any and none are allowed.
    fn settle(self, allowed: bool) -> Result<Vec<ByteRange>, RestoreError> {
        let mut ranges = self.ranges.into_inner().unwrap_or_else(PoisonError::into_inner);
        ranges.sort_unstable_by_key(|range| range.offset);
        let mut holes: Vec<ByteRange> = Vec::new();
        for range in ranges {
            match holes.last_mut() {
                Some(last) if last.offset + last.length >= range.offset => {
                    last.length = last.length.max(range.offset + range.length - last.offset);
                }
                _ => holes.push(range),
            }
        }
        match self.first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(first) if !allowed => Err(RestoreError::Holes { holes, first: Box::new(first) }),
            _ => Ok(holes),
        }
    }
}

fn restore_disk(
    vault: &Vault,
    disk: &Disk,
    made: Instant,
    request: &RestoreRequest,
    monitor: &dyn Monitor,
) -> Result<Restored, RestoreError> {
    let size = disk.content.length.get();
    let layout = match request.format {
        RestoreFormat::Raw => Layout::Raw { size: disk.content.length },
        format => vhd_layout(vault, disk, made, format, request.azure)?,
    };
    let sink = ImageSink::create(&request.target, layout, request.replace)?;
    let losses = Losses::default();
    let written = std::sync::atomic::AtomicU64::new(0);
    monitor.hear(Event::Started { what: format!("restoring {}", disk.label), total_bytes: size });
    let grid = vault.grid();
    let done = spread(
        request.threads,
        |send| send_stripes(vault, disk.content, &losses, monitor, send),
        || BlobReader::new(vault),
        |reader, stripe: Stripe| {
            let first_offset = stripe.first_chunk << grid.chunk_log2;
            for (place, id) in (0_u64..).zip(&stripe.chunks) {
                let offset = first_offset + (place << grid.chunk_log2);
                let (Some(id), Some(rest)) = (id, size.checked_sub(offset).filter(|&rest| rest > 0)) else {
                    continue;
                };
                let length = rest.min(grid.chunk_bytes() as u64);
                match reader.chunk(*id) {
                    Ok(bytes) => {
                        let kept = usize::try_from(length).expect("it is at most a chunk");
                        sink.write_at(offset, &bytes[..kept])?;
                        written.fetch_add(length, std::sync::atomic::Ordering::Relaxed);
                    }
                    Err(error) => losses.note(offset, length, error),
                }
            }
            monitor.hear(Event::Advanced { bytes: stripe.covers });
            Ok::<(), RestoreError>(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    let holes = losses.settle(request.allow_holes)?;
    let file_bytes = sink.layout().file_size().get();
    let disk_bytes = sink.layout().size().get();
    sink.finish()?;
    Ok(Restored { file_bytes, disk_bytes, data_bytes: written.into_inner(), holes })
}

/// Some chunks in a row.
struct Stripe {
    first_chunk: u64,
    chunks: Vec<Option<ChunkId>>,
    /// Bytes of the disk that are done with it, for progress.
    covers: u64,
}

fn send_stripes(
    vault: &Vault,
    stream: Stream,
    losses: &Losses,
    monitor: &dyn Monitor,
    send: &mut dyn FnMut(Stripe) -> bool,
) -> Result<(), RestoreError> {
    let grid = vault.grid();
    let size = stream.length.get();
    let mut reached = 0_u64;
    visit_leaves::<_, RestoreError>(
        &mut BlobReader::new(vault),
        grid,
        stream,
        &mut |first_chunk, chunks| {
            let start = first_chunk << grid.chunk_log2;
            monitor.hear(Event::Advanced { bytes: start.min(size) - reached });
            reached = start.min(size);
            for (number, chunks) in (0_u64..).zip(chunks.chunks(CHUNKS_PER_STRIPE)) {
                let first_chunk = first_chunk + number * CHUNKS_PER_STRIPE as u64;
                let end = ((first_chunk + chunks.len() as u64) << grid.chunk_log2).min(size);
                let covers = end.saturating_sub(reached);
                reached = reached.max(end);
                if chunks.iter().all(Option::is_none) {
                    monitor.hear(Event::Advanced { bytes: covers });
                } else if !send(Stripe { first_chunk, chunks: chunks.to_vec(), covers }) {
                    return Ok(());
                }
            }
            Ok(())
        },
        &mut |page, error| {
            let start = (page.first_chunk << grid.chunk_log2).min(size);
            let end = ((page.first_chunk.saturating_add(page.chunk_count)) << grid.chunk_log2).min(size);
            losses.note(start, end - start, error);
            Ok(())
        },
    )?;
    monitor.hear(Event::Advanced { bytes: size.saturating_sub(reached) });
    Ok(())
}

fn vhd_layout(
    vault: &Vault,
    disk: &Disk,
    made: Instant,
    format: RestoreFormat,
    azure: bool,
) -> Result<Layout, RestoreError> {
    let size = disk.content.length.get();
    let seconds = u64::try_from(made.unix_milliseconds() / 1000).unwrap_or(0);
    let new = NewDisk {
        kind: if format == RestoreFormat::Fixed { NewKind::Fixed } else { NewKind::Dynamic },
        // A VHD holds whole sectors; a raw image need not.
        size: ByteCount::new(size.div_ceil(SECTOR_BYTES).saturating_mul(SECTOR_BYTES)),
        block_bytes: BLOCK_BYTES_DEFAULT,
        unique_id: identity_of(disk, format),
        created_seconds_since_2000: u32::try_from(seconds.saturating_sub(UNIX_SECONDS_OF_2000)).unwrap_or(0),
        parent: None,
        azure,
    };
    let stored =
        if format == RestoreFormat::Dynamic { blocks_with_data(vault, disk)? } else { BTreeSet::new() };
    Ok(Layout::Vhd(new.lay_out(stored)?))
}

/// The id of a restored image: the same for the same content and format, and no other's.
fn identity_of(disk: &Disk, format: RestoreFormat) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("vhault restored image id 1");
    hasher.update(disk.content.root.as_ref().map_or(&[0; 32], |root| root.as_bytes()));
    hasher.update(&disk.content.length.get().to_le_bytes());
    hasher.update(disk.label.as_bytes());
    hasher.update(&[u8::from(format == RestoreFormat::Dynamic)]);
    let hash = hasher.finalize();
    hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes")
}

fn blocks_with_data(vault: &Vault, disk: &Disk) -> Result<BTreeSet<BlockIndex>, RestoreError> {
    let grid = vault.grid();
    let block_bytes = u64::from(BLOCK_BYTES_DEFAULT);
    let mut blocks = BTreeSet::new();
    visit_leaves::<_, RestoreError>(
        &mut BlobReader::new(vault),
        grid,
        disk.content,
        &mut |first_chunk, chunks| {
            for (chunk, id) in (first_chunk..).zip(chunks) {
                let start = chunk << grid.chunk_log2;
                if id.is_some() && start < disk.content.length.get() {
                    let end = (start + grid.chunk_bytes() as u64).min(disk.content.length.get());
                    blocks.extend((start / block_bytes..=(end - 1) / block_bytes).map(BlockIndex::new));
                }
            }
            Ok(())
        },
        // What is lost is told when the data is read.
        &mut |_, _| Ok(()),
    )?;
    Ok(blocks)
}

fn restore_exact(
    vault: &Vault,
    disk: &Disk,
    request: &RestoreRequest,
    monitor: &dyn Monitor,
) -> Result<Restored, RestoreError> {
    let file_bytes = disk.container.file_bytes;
    let sink = ImageSink::create(&request.target, Layout::Raw { size: file_bytes }, request.replace)?;
    monitor.hear(Event::Started {
        what: format!("restoring {}", disk.container.file_name),
        total_bytes: file_bytes.get(),
    });
    let losses = Losses::default();
    let mut file = ExactFile {
        sink: &sink,
        content: StreamReader::new(vault, disk.content),
        literals: StreamReader::new(vault, disk.container.literals),
        literals_read: 0,
        at: 0,
        file_bytes: file_bytes.get(),
        losses: &losses,
        buffer: Vec::new(),
        monitor,
    };
    file.put_together(&mut StreamReader::new(vault, disk.container.layout))?;
    let data_bytes = file.at;
    monitor.hear(Event::Finished);
    let holes = losses.settle(request.allow_holes)?;
    sink.finish()?;
    Ok(Restored { file_bytes: file_bytes.get(), disk_bytes: disk.content.length.get(), data_bytes, holes })
}

struct ExactFile<'a> {
    sink: &'a ImageSink,
    content: StreamReader<'a>,
    literals: StreamReader<'a>,
    literals_read: u64,
    at: u64,
    file_bytes: u64,
    losses: &'a Losses,
    buffer: Vec<u8>,
    monitor: &'a dyn Monitor,
}

impl ExactFile<'_> {
    fn put_together(&mut self, layout: &mut StreamReader<'_>) -> Result<(), RestoreError> {
        let mut window = Vec::new();
        let mut read = 0;
        let malformed = |why: &str| {
            RestoreError::Container(FormatError::Malformed { part: "container layout", why: why.into() })
        };
        loop {
            if window.len() < SPAN_BYTES_MAX && read < layout.length() {
                let start = window.len();
                let more = (layout.length() - read).min(64 << 10);
                window.resize(start + usize::try_from(more).expect("at most 64 KiB"), 0);
                layout.read(read, &mut window[start..])?;
                read += more;
            }
            match LayoutSpan::decode(&window).map_err(RestoreError::Container)? {
                Some((span, taken)) => {
                    if span.length() > self.file_bytes - self.at {
                        return Err(malformed("its spans are longer than the file"));
                    }
                    self.span(span)?;
                    window.drain(..taken);
                }
                None if window.is_empty() && self.at == self.file_bytes => return Ok(()),
                None => return Err(malformed("its spans are shorter than the file")),
            }
        }
    }

    fn span(&mut self, span: LayoutSpan) -> Result<(), RestoreError> {
        let mut done = 0;
        while done < span.length() {
            // Pieces end at multiples of their size on the disk, so that each chunk is fetched once.
            let to_edge = match span {
                LayoutSpan::Guest { disk_offset, .. } => PIECE_BYTES - (disk_offset + done) % PIECE_BYTES,
                _ => PIECE_BYTES,
            };
            let length = (span.length() - done).min(to_edge);
            self.buffer.resize(usize::try_from(length).expect("at most 256 KiB"), 0);
            let filled = match span {
                LayoutSpan::Guest { disk_offset, .. } => {
                    self.content.read(disk_offset + done, &mut self.buffer)
                }
                LayoutSpan::Literal { .. } => self.literals.read(self.literals_read, &mut self.buffer),
                LayoutSpan::Fill { byte, .. } => {
                    self.buffer.fill(byte);
                    Ok(())
                }
            };
            if let LayoutSpan::Literal { .. } = span {
                self.literals_read += length;
            }
            match filled {
                Ok(()) => self.sink.write_at(self.at, &self.buffer)?,
                Err(error) => self.losses.note(self.at, length, error),
            }
            self.at += length;
            done += length;
            self.monitor.hear(Event::Advanced { bytes: length });
        }
        Ok(())
    }
}
