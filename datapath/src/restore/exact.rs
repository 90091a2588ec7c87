//! The very file that was backed up, span by span.

use vhault_core::vault::error::FormatError;
use vhault_core::vault::layout::{LayoutSpan, SPAN_BYTES_MAX};
use vhault_core::vault::point::Disk;

use super::losses::Losses;
use super::{RestoreError, RestoreRequest, Restored};
use crate::monitor::{Event, Monitor};
use crate::sink::{ImageSink, Layout};
use crate::stream_reader::StreamReader;
use crate::vault::Vault;

/// Bytes of an exact file written at once.
const PIECE_BYTES: u64 = 256 << 10;

/// Puts the named file together again.
pub(super) fn restore(
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
