//! A container's two streams: its layout, and the bytes no sector owns.

use vhault_core::read::ReadAt as _;
use vhault_core::units::FileOffset;
use vhault_core::vault::layout::LayoutSpan;
use vhault_core::vhd::{FileSpan, Holds, Image, ReadError};

use crate::image::{FileError, ImageFile};
use crate::zeroes::is_zero;

/// Bytes looked at together when telling fills from literals.
const GRAIN_BYTES: usize = 4096;
/// Bytes of a container read at once.
const READ_BYTES: usize = 256 << 10;

/// Where the two streams go, piece by piece.
pub trait ContainerSink {
    /// Why it cannot go on.
    type Error: From<ReadError<FileError>>;

    /// The next bytes of the layout stream.
    ///
    /// # Errors
    ///
    /// Whatever stops the copy.
    fn layout(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// The next bytes of the literals stream.
    ///
    /// # Errors
    ///
    /// Whatever stops the copy.
    fn literals(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Takes the container of `image` apart.
///
/// # Errors
///
/// What `sink` returns, or the image's own read errors.
pub fn take_apart<S: ContainerSink>(image: &Image<ImageFile>, sink: &mut S) -> Result<(), S::Error> {
    let mut writer = SpanWriter { sink, pending: None, encoded: Vec::new() };
    let mut buffer = Vec::new();
    image.spans::<S::Error>(&mut |span: FileSpan| match span.holds {
        Holds::Guest { disk_offset } => {
            writer.push(LayoutSpan::Guest { disk_offset, length: span.length.get() })
        }
        Holds::Container => {
            let mut at = span.offset.get();
            let end = at + span.length.get();
            while at < end {
                let length = usize::try_from(end - at).unwrap_or(READ_BYTES).min(READ_BYTES);
                buffer.resize(length, 0);
                let offset = FileOffset::new(at);
                image.source().read_exact_at(offset, &mut buffer).map_err(|source| ReadError {
                    depth: 0,
                    offset,
                    length: vhault_core::units::ByteCount::new(length as u64),
                    source,
                })?;
                writer.container(&buffer)?;
                at += length as u64;
            }
            Ok(())
        }
    })?;
    writer.finish()
}

struct SpanWriter<'a, S> {
    sink: &'a mut S,
    pending: Option<LayoutSpan>,
    encoded: Vec<u8>,
}

impl<S: ContainerSink> SpanWriter<'_, S> {
    fn container(&mut self, bytes: &[u8]) -> Result<(), S::Error> {
        // A sector bitmap of ones, or a run of zeroes, is one short span.
        for grain in bytes.chunks(GRAIN_BYTES) {
            let length = grain.len() as u64;
            let first = grain[0];
            let same = if first == 0 { is_zero(grain) } else { grain.iter().all(|&byte| byte == first) };
            if same {
                self.push(LayoutSpan::Fill { byte: first, length })?;
            } else {
                self.sink.literals(grain)?;
                self.push(LayoutSpan::Literal { length })?;
            }
        }
        Ok(())
    }

    fn push(&mut self, next: LayoutSpan) -> Result<(), S::Error> {
        use LayoutSpan::{Fill, Guest, Literal};
        let joined = match (self.pending, next) {
            (Some(Literal { length: held }), Literal { length }) => Some(Literal { length: held + length }),
            (Some(Fill { byte, length: held }), Fill { byte: also, length }) if byte == also => {
                Some(Fill { byte, length: held + length })
            }
            (Some(Guest { disk_offset, length: held }), Guest { disk_offset: on, length })
                if disk_offset + held == on =>
            {
                Some(Guest { disk_offset, length: held + length })
            }
            _ => None,
        };
        if joined.is_some() {
            self.pending = joined;
            return Ok(());
        }
        match self.pending.replace(next) {
            Some(span) => self.write(span),
            None => Ok(()),
        }
    }

    fn write(&mut self, span: LayoutSpan) -> Result<(), S::Error> {
        self.encoded.clear();
        span.encode(&mut self.encoded);
        self.sink.layout(&self.encoded)
    }

    fn finish(mut self) -> Result<(), S::Error> {
        match self.pending.take() {
            Some(span) => self.write(span),
            None => Ok(()),
        }
    }
}
