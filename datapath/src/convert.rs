//! Convert: one disk, another container.
//!
//! Two passes over the source: the first finds which blocks hold something
//! (a new image lays out its table before its blocks), the second copies.
//! A child holds exactly the sectors that differ from its parent.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use vhault_core::extent::ExtentSet;
use vhault_core::units::{BlockIndex, ByteCount, SECTOR_BYTES};
use vhault_core::vhd::{
    BLOCK_BYTES_DEFAULT, BlockShape, Content, Cursor, LayoutError, NewDisk, NewKind, NewParent,
    UNIX_SECONDS_OF_2000,
};

use crate::diff::diff;
use crate::disk::Disk;
use crate::image::ImageError;
use crate::monitor::{Event, Monitor};
use crate::sink::{ImageSink, Layout, SinkError};
use crate::zeroes::is_zero;

/// Bytes copied at a time.
const COPY_BYTES: usize = 256 * 1024;

/// What the new file is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A fixed VHD.
    Fixed,
    /// A dynamic VHD.
    Dynamic,
    /// The bytes of the disk and nothing else.
    Raw,
    /// A differencing VHD.
    Differencing,
}

/// How to convert.
#[derive(Debug)]
pub struct ConvertOptions<'a> {
    /// What the new file is to be.
    pub format: Format,
    /// The parent of a differencing image, opened.
    pub parent: Option<&'a Disk>,
    /// Follow Azure's rule for uploads.
    pub azure: bool,
    /// Replace a target that is there already.
    pub replace: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Converted {
    /// The new file.
    pub path: PathBuf,
    /// What it is.
    pub format: Format,
    /// Size of the disk in bytes.
    pub disk_bytes: u64,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Bytes of disk that it stores.
    pub stored_bytes: u64,
}

/// Why a conversion failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The source or the parent cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The target cannot be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The format cannot hold this disk.
    #[error("{path} cannot be written in this format")]
    Layout {
        /// The target.
        path: PathBuf,
        /// Which limit is passed.
        source: LayoutError,
    },
    /// The target is one of the files that are read.
    #[error("{path} is one of the images that are read; sources are never written to")]
    TargetIsSource {
        /// The target.
        path: PathBuf,
    },
    /// A source that was written to meanwhile.
    #[error("{path} was written to while it was read; stop what writes to it, or convert a snapshot")]
    SourceChanged {
        /// Which file.
        path: PathBuf,
    },
    /// A parent that has no id.
    #[error("{path} is no VHD, so no differencing image can name it as its parent")]
    ParentHasNoId {
        /// The file that was to be the parent.
        path: PathBuf,
    },
    /// A parent in a place that a child cannot name.
    #[error("{parent} must lie in the folder of {child} or below, where other programs look for it")]
    ParentElsewhere {
        /// The file that was to be the parent.
        parent: PathBuf,
        /// The target.
        child: PathBuf,
    },
    /// A child larger or smaller than its parent.
    #[error(
        "the disk has {child} bytes and its parent {parent}; a differencing image needs a parent of its own size"
    )]
    ParentSize {
        /// Size of the disk.
        child: ByteCount,
        /// Size of the parent.
        parent: ByteCount,
    },
    /// The system has no random numbers.
    #[error("no random numbers for the id of the new image")]
    Random(#[source] getrandom::Error),
}

/// Writes the disk of `source` into a new image at `target`, and tells
/// `monitor` how each pass goes on.
///
/// # Errors
///
/// [`ConvertError`]; the target is then untouched.
pub fn convert(
    source: &Disk,
    target: &Path,
    options: &ConvertOptions<'_>,
    monitor: &dyn Monitor,
) -> Result<Converted, ConvertError> {
    refuse_own_source(source, target, options)?;
    let size = source.size();
    let layout_error = |source| ConvertError::Layout { path: target.to_owned(), source };
    let kind = match options.format {
        Format::Raw => None,
        Format::Fixed => Some(NewKind::Fixed),
        Format::Dynamic => Some(NewKind::Dynamic),
        Format::Differencing => Some(NewKind::Differencing),
    };
    if options.azure && kind.is_none() {
        return Err(layout_error(LayoutError::AzureKind));
    }
    let mut changed = None;
    let layout = match kind {
        None => Layout::Raw { size },
        Some(kind) => {
            let disk = new_disk(source, target, kind, options)?;
            // Refuse what cannot be before the long pass.
            disk.lay_out([]).map_err(layout_error)?;
            let stored = match kind {
                NewKind::Fixed => Vec::new(),
                NewKind::Dynamic => filled_blocks(source, &Pass::begin(monitor, "finding data", size))?,
                NewKind::Differencing => {
                    let differing = match options.parent {
                        Some(parent) => {
                            let pass = Pass::begin(monitor, "comparing", size);
                            diff(parent, source, &mut |done| pass.reach(done))?.extents
                        }
                        None => ExtentSet::new(),
                    };
                    blocks_of(changed.insert(differing))
                }
            };
            Layout::Vhd(disk.lay_out(stored).map_err(layout_error)?)
        }
    };
    let sink = ImageSink::create(target, layout, options.replace)?;
    let stored_bytes = match &changed {
        Some(changed) => copy_sectors(source, changed, &sink)?,
        None => copy_all(source, &sink, &Pass::begin(monitor, "copying", size))?,
    };
    if let Some(path) = source.changed_files()?.into_iter().next() {
        return Err(ConvertError::SourceChanged { path });
    }
    let converted = Converted {
        path: target.to_owned(),
        format: options.format,
        disk_bytes: sink.layout().size().get(),
        file_bytes: sink.layout().file_size().get(),
        stored_bytes,
    };
    sink.finish()?;
    Ok(converted)
}

/// One pass over the disk, told to a monitor; over when it is dropped.
struct Pass<'a> {
    monitor: &'a dyn Monitor,
    done: Cell<u64>,
}

impl<'a> Pass<'a> {
    fn begin(monitor: &'a dyn Monitor, what: &str, size: ByteCount) -> Pass<'a> {
        monitor.hear(Event::Started { what: what.into(), total_bytes: size.get() });
        Pass { monitor, done: Cell::new(0) }
    }

    /// Tells that all up to byte `done` is behind us.
    fn reach(&self, done: u64) {
        let bytes = done.saturating_sub(self.done.replace(done));
        self.monitor.hear(Event::Advanced { bytes });
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.monitor.hear(Event::Finished);
    }
}

/// Sources are only ever read, whatever we are told to replace.
fn refuse_own_source(source: &Disk, target: &Path, options: &ConvertOptions<'_>) -> Result<(), ConvertError> {
    let Ok(there) = crate::image::ImageFile::open(target) else { return Ok(()) };
    let read = source.identities().chain(options.parent.into_iter().flat_map(Disk::identities));
    for identity in read {
        if identity.is_same_file(&there.identity()) {
            return Err(ConvertError::TargetIsSource { path: target.to_owned() });
        }
    }
    Ok(())
}

fn new_disk(
    source: &Disk,
    target: &Path,
    kind: NewKind,
    options: &ConvertOptions<'_>,
) -> Result<NewDisk, ConvertError> {
    let parent = match (kind, options.parent) {
        (NewKind::Differencing, Some(parent)) => Some(new_parent(source, target, parent)?),
        _ => None,
    };
    Ok(NewDisk {
        kind,
        size: source.size(),
        block_bytes: BLOCK_BYTES_DEFAULT,
        unique_id: new_id()?,
        created_seconds_since_2000: seconds_since_2000(),
        parent,
        azure: options.azure,
    })
}

/// A fresh random id (RFC 9562, version 4), for a new image.
///
/// # Errors
///
/// [`ConvertError::Random`].
pub fn new_id() -> Result<[u8; 16], ConvertError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(ConvertError::Random)?;
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    Ok(id)
}

/// The time of this machine as a VHD tells it; zero before 2000.
pub fn seconds_since_2000() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    u32::try_from(now.saturating_sub(UNIX_SECONDS_OF_2000)).unwrap_or(u32::MAX)
}

fn new_parent(source: &Disk, target: &Path, parent: &Disk) -> Result<NewParent, ConvertError> {
    let image = parent.chain().images().first();
    let path = parent.paths().next().unwrap_or(Path::new(""));
    let footer = image.and_then(|image| image.footer());
    let Some(footer) = footer else { return Err(ConvertError::ParentHasNoId { path: path.to_owned() }) };
    if source.size() != parent.size() {
        return Err(ConvertError::ParentSize { child: source.size(), parent: parent.size() });
    }
    let elsewhere = || ConvertError::ParentElsewhere { parent: path.to_owned(), child: target.to_owned() };
    let relative = relative_to(path, target).ok_or_else(elsewhere)?;
    Ok(NewParent { unique_id: footer.unique_id, created: footer.created, relative })
}

/// The path of `parent` from the folder of `child` on, where it lies there.
fn relative_to(parent: &Path, child: &Path) -> Option<String> {
    let folder = match child.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let (folder, parent) = (folder.canonicalize().ok()?, parent.canonicalize().ok()?);
    parent.strip_prefix(folder).ok()?.to_str().map(str::to_owned)
}

/// The blocks of the usual size that hold a byte that is not zero.
fn filled_blocks(source: &Disk, pass: &Pass<'_>) -> Result<Vec<BlockIndex>, ConvertError> {
    let mut cursor = source.chain().cursor();
    let mut buffer = vec![0; COPY_BYTES];
    let mut filled = Vec::new();
    let block_bytes = u64::from(BLOCK_BYTES_DEFAULT);
    let size = source.size().get();
    let mut at = 0;
    while at < size {
        let block = at / block_bytes;
        let rest = size.min((block + 1) * block_bytes) - at;
        let length = usize::try_from(rest).unwrap_or(COPY_BYTES).min(COPY_BYTES);
        if is_filled(source, &mut cursor, at, &mut buffer[..length])? {
            filled.push(BlockIndex::new(block));
            at = (block + 1) * block_bytes;
        } else {
            at += length as u64;
        }
        pass.reach(at.min(size));
    }
    Ok(filled)
}

fn is_filled(source: &Disk, cursor: &mut Cursor, at: u64, buffer: &mut [u8]) -> Result<bool, ConvertError> {
    let content = source.chain().read(cursor, at, buffer).map_err(|error| source.explain(error))?;
    Ok(content == Content::Read && !is_zero(buffer))
}

/// The blocks of the usual size that `sectors` touch.
fn blocks_of(sectors: &ExtentSet) -> Vec<BlockIndex> {
    let in_block = BlockShape::new(BLOCK_BYTES_DEFAULT).map_or(1, |shape| u64::from(shape.sectors()));
    let mut blocks = Vec::new();
    let mut next = 0;
    for extent in sectors.extents() {
        let first = (extent.start.get() / in_block).max(next);
        let past = extent.end().get().div_ceil(in_block);
        blocks.extend((first..past).map(BlockIndex::new));
        next = past;
    }
    blocks
}

fn copy_all(source: &Disk, sink: &ImageSink, pass: &Pass<'_>) -> Result<u64, ConvertError> {
    let mut cursor = source.chain().cursor();
    let mut buffer = vec![0; COPY_BYTES];
    let size = source.size().get();
    let mut writer = sink.writer();
    let (mut at, mut stored) = (0, 0);
    while at < size {
        let length = usize::try_from(size - at).unwrap_or(COPY_BYTES).min(COPY_BYTES);
        if is_filled(source, &mut cursor, at, &mut buffer[..length])? {
            writer.write_at(at, &buffer[..length])?;
            stored += length as u64;
        }
        at += length as u64;
        pass.reach(at);
    }
    writer.flush()?;
    Ok(stored)
}

/// Copies the sectors that a child holds, zeroes too: they hide its parent's.
fn copy_sectors(source: &Disk, sectors: &ExtentSet, sink: &ImageSink) -> Result<u64, ConvertError> {
    let mut cursor = source.chain().cursor();
    let mut buffer = vec![0; COPY_BYTES];
    let mut writer = sink.writer();
    let mut stored = 0;
    for extent in sectors.extents() {
        let mut at = extent.start.get() * SECTOR_BYTES;
        let end = extent.end().get() * SECTOR_BYTES;
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(COPY_BYTES).min(COPY_BYTES);
            let read = source.chain().read(&mut cursor, at, &mut buffer[..length]);
            read.map_err(|error| source.explain(error))?;
            writer.write_at(at, &buffer[..length])?;
            at += length as u64;
            stored += length as u64;
        }
    }
    writer.flush()?;
    Ok(stored)
}
