//! The very file that was backed up, span by span, by many threads.

use vhault_core::copy::ranges::ByteRanges;
use vhault_core::vault::error::FormatError;
use vhault_core::vault::layout::{LayoutSpan, SPAN_BYTES_MAX};
use vhault_core::vault::point::Disk;

use super::losses::{Losses, missing};
use super::{RestoreError, RestoreRequest, Restored};
use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::sink::{ImageSink, Layout, SinkWriter};
use crate::stream_reader::StreamReader;
use crate::vault::Vault;

/// Bytes of an exact file written at once.
const PIECE_BYTES: u64 = 256 << 10;
/// Bytes of the file that one thread takes at a time.
const BATCH_BYTES: u64 = 4 << 20;
/// Spans that one thread takes at a time, however short.
const BATCH_PARTS_MAX: usize = 1024;

/// Puts the named file together again.
pub(super) fn restore(
    vault: &Vault,
    disk: &Disk,
    request: &RestoreRequest,
    monitor: &dyn Monitor,
) -> Result<Restored, RestoreError> {
    if !disk.container.is_there() {
        return Err(RestoreError::NoContainer);
    }
    let file_bytes = disk.container.file_bytes;
    let sink = ImageSink::create(&request.target, Layout::Raw { size: file_bytes }, request.replace)?;
    monitor.hear(Event::Started {
        what: format!("restoring {}", disk.container.file_name),
        total_bytes: file_bytes.get(),
    });
    let losses = Losses::default();
    let missing = missing(disk);
    let done = spread(
        request.threads,
        |send| {
            let layout = StreamReader::new(vault, disk.container.layout);
            let mut walk = Walk {
                at: 0,
                literals: 0,
                file_bytes: file_bytes.get(),
                batch: Vec::new(),
                batch_bytes: 0,
                send,
            };
            walk.all(layout)
        },
        || Filler {
            writer: sink.writer(),
            content: StreamReader::new(vault, disk.content),
            literals: StreamReader::new(vault, disk.container.literals),
            buffer: Vec::new(),
        },
        |filler, batch: Vec<Part>| {
            for part in batch {
                filler.fill(&part, &missing, &losses)?;
                monitor.hear(Event::Advanced { bytes: part.length });
            }
            filler.writer.flush()?;
            Ok::<(), RestoreError>(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    let holes = losses.settle(request.allow_holes)?;
    sink.finish()?;
    Ok(Restored {
        file_bytes: file_bytes.get(),
        disk_bytes: disk.content.length.get(),
        data_bytes: file_bytes.get(),
        holes,
    })
}

/// A part of the file and where its bytes come from.
struct Part {
    at: u64,
    length: u64,
    from: From,
}

enum From {
    Guest { disk_offset: u64 },
    Literals { offset: u64 },
    Fill { byte: u8 },
}

/// Walks the layout and hands out its parts.
struct Walk<'a> {
    at: u64,
    literals: u64,
    file_bytes: u64,
    batch: Vec<Part>,
    batch_bytes: u64,
    send: &'a mut dyn FnMut(Vec<Part>) -> bool,
}

impl Walk<'_> {
    fn all(&mut self, mut layout: StreamReader<'_>) -> Result<(), RestoreError> {
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
                    if !self.span(span) {
                        // Nobody works any more; the reason is told by whoever failed.
                        return Ok(());
                    }
                    window.drain(..taken);
                }
                None if window.is_empty() && self.at == self.file_bytes => {
                    let _taken = (self.send)(std::mem::take(&mut self.batch));
                    return Ok(());
                }
                None => return Err(malformed("its spans are shorter than the file")),
            }
        }
    }

    /// Hands out a span, cut where a batch ends on the disk, so that each chunk is fetched once.
    fn span(&mut self, span: LayoutSpan) -> bool {
        let mut done = 0;
        while done < span.length() {
            let (from, to_edge) = match span {
                LayoutSpan::Guest { disk_offset, .. } => {
                    let disk_offset = disk_offset.saturating_add(done);
                    (From::Guest { disk_offset }, BATCH_BYTES - disk_offset % BATCH_BYTES)
                }
                LayoutSpan::Literal { .. } => (From::Literals { offset: self.literals }, BATCH_BYTES),
                LayoutSpan::Fill { byte, .. } => (From::Fill { byte }, BATCH_BYTES),
            };
            let length = (span.length() - done).min(to_edge);
            if let From::Literals { .. } = from {
                self.literals += length;
            }
            self.batch.push(Part { at: self.at, length, from });
            self.batch_bytes += length;
            self.at += length;
            done += length;
            if self.batch_bytes >= BATCH_BYTES || self.batch.len() == BATCH_PARTS_MAX {
                self.batch_bytes = 0;
                if !(self.send)(std::mem::take(&mut self.batch)) {
                    return false;
                }
            }
        }
        true
    }
}

/// One thread's readers and writer.
struct Filler<'a> {
    writer: SinkWriter<'a>,
    content: StreamReader<'a>,
    literals: StreamReader<'a>,
    buffer: Vec<u8>,
}

impl Filler<'_> {
    fn fill(&mut self, part: &Part, missing: &ByteRanges, losses: &Losses) -> Result<(), RestoreError> {
        let mut done = 0;
        while done < part.length {
            // Pieces end at multiples of their size on the disk, so that each chunk is fetched once.
            let to_edge = match part.from {
                From::Guest { disk_offset } => PIECE_BYTES - (disk_offset + done) % PIECE_BYTES,
                _ => PIECE_BYTES,
            };
            let length = (part.length - done).min(to_edge);
            let at = part.at + done;
            self.buffer.resize(usize::try_from(length).expect("at most 256 KiB"), 0);
            let filled = match part.from {
                From::Guest { disk_offset } => {
                    for range in missing.within(disk_offset + done, length) {
                        losses.note_missing(at + (range.offset - disk_offset - done), range.length);
                    }
                    self.content.read(disk_offset + done, &mut self.buffer)
                }
                From::Literals { offset } => self.literals.read(offset + done, &mut self.buffer),
                From::Fill { byte } => {
                    self.buffer.fill(byte);
                    Ok(())
                }
            };
            match filled {
                Ok(()) => self.writer.write_at(at, &self.buffer)?,
                Err(error) => losses.note(at, length, error),
            }
            done += length;
        }
        Ok(())
    }
}
