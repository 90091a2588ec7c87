//! Sink: a new image file, written in any order, that appears only when it is
//! whole.
//!
//! It grows under a temporary name beside its target. `finish` writes footers,
//! tables and bitmaps, syncs the file, gives it its name and syncs the folder;
//! a sink that is dropped before leaves nothing behind. Zeroes become holes.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use vhault_core::units::{BlockIndex, ByteCount, FileOffset, SECTOR_BYTES};
use vhault_core::vhd::{Blueprint, SectorBitmap};

use crate::flusher::Flusher;

/// The most we hand to one write; larger ones were measurably slower.
const WRITE_BYTES_MAX: usize = 256 * 1024;

/// Zeroes are looked for in grains of this size.
const GRAIN_BYTES: usize = 4096;

/// So many zero grains in a row become a hole; fewer are written.
const HOLE_GRAINS_MIN: usize = 16;

/// What the new file will be.
#[derive(Clone, Debug)]
pub enum Layout {
    /// The bytes of the disk and nothing else.
    Raw {
        /// Size of the disk.
        size: ByteCount,
    },
    /// A VHD.
    Vhd(Blueprint),
}

impl Layout {
    /// Size of the disk in bytes.
    pub fn size(&self) -> ByteCount {
        match self {
            Layout::Raw { size } => *size,
            Layout::Vhd(blueprint) => blueprint.size(),
        }
    }

    /// Size of the file in bytes.
    pub fn file_size(&self) -> ByteCount {
        match self {
            Layout::Raw { size } => *size,
            Layout::Vhd(blueprint) => blueprint.file_size(),
        }
    }

    fn place_of(&self, disk_offset: u64) -> Option<(Option<FileOffset>, u64)> {
        match self {
            Layout::Vhd(blueprint) => blueprint.place_of(disk_offset),
            Layout::Raw { size } => {
                let rest = size.get().checked_sub(disk_offset).filter(|rest| *rest > 0)?;
                Some((Some(FileOffset::new(disk_offset)), rest))
            }
        }
    }
}

/// What went wrong while writing an image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The target is there already.
    #[error("{path} exists already and is not replaced unless told to")]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// The target has no file name.
    #[error("{path} is not the name of a file")]
    NoName {
        /// The target.
        path: PathBuf,
    },
    /// The temporary file cannot be made.
    #[error("cannot create {path}")]
    Create {
        /// The temporary file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A write failed.
    #[error("cannot write {length} bytes of {path} at byte {offset}")]
    Write {
        /// The temporary file.
        path: PathBuf,
        /// Where.
        offset: FileOffset,
        /// How much.
        length: ByteCount,
        /// Why.
        source: io::Error,
    },
    /// Data for a block that the layout does not store.
    #[error("data at byte {disk_offset} of the disk belongs to a block that the new image does not store")]
    NotStored {
        /// Where on the disk.
        disk_offset: u64,
    },
    /// Data past the end of the disk.
    #[error("data at byte {disk_offset} lies past the end of the disk, which has {size} bytes")]
    PastEnd {
        /// Where on the disk.
        disk_offset: u64,
        /// Size of the disk.
        size: ByteCount,
    },
    /// The whole file cannot be made durable or be given its name.
    #[error("cannot finish {path}")]
    Finish {
        /// The target.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A new image on its way.
#[derive(Debug)]
pub struct ImageSink {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    replace: bool,
    layout: Layout,
    /// Bitmaps of a differencing image; those of the other kinds are known.
    bitmaps: Option<Mutex<BTreeMap<BlockIndex, SectorBitmap>>>,
    flusher: Option<Flusher>,
    is_named: bool,
}

impl ImageSink {
    /// Creates the temporary file. `replace` allows the target to be there
    /// already.
    ///
    /// # Errors
    ///
    /// [`SinkError::Exists`], [`SinkError::NoName`], [`SinkError::Create`].
    pub fn create(target: &Path, layout: Layout, replace: bool) -> Result<ImageSink, SinkError> {
        if !replace && target.symlink_metadata().is_ok() {
            return Err(SinkError::Exists { path: target.to_owned() });
        }
        let temporary = temporary_beside(target)?;
        let fail = |source| SinkError::Create { path: temporary.clone(), source };
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary).map_err(fail)?;
        let is_differencing = match &layout {
            Layout::Vhd(blueprint) => blueprint.empty_bitmap().is_some_and(|bitmap| bitmap.held() == 0),
            Layout::Raw { .. } => false,
        };
        let sink = ImageSink {
            file,
            temporary: temporary.clone(),
            target: target.to_owned(),
            replace,
            layout,
            bitmaps: is_differencing.then(Mutex::default),
            flusher: None,
            is_named: false,
        };
        sink.file.set_len(sink.layout.file_size().get()).map_err(fail)?;
        Ok(sink)
    }

    /// The same, made durable by a thread of its own after every `window_bytes` written, so that the sync at the end
    /// finds less to do.
    ///
    /// # Errors
    ///
    /// [`SinkError::Create`] where the system has no thread or descriptor left.
    pub fn flushing_every(mut self, window_bytes: Option<u64>) -> Result<ImageSink, SinkError> {
        let Some(window_bytes) = window_bytes else { return Ok(self) };
        let fail = |source| SinkError::Create { path: self.temporary.clone(), source };
        let flusher = self.file.try_clone().and_then(|file| Flusher::start(file, window_bytes));
        self.flusher = Some(flusher.map_err(fail)?);
        Ok(self)
    }

    /// What the new file will be.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Writes `data` at byte `disk_offset` of the disk; any thread, any order.
    /// In a differencing image this also claims its sectors, so both ends of
    /// `data` must be sector borders there. Zeroes for a block that a dynamic
    /// image does not store are as good as written.
    ///
    /// # Errors
    ///
    /// [`SinkError::NotStored`] and [`SinkError::PastEnd`] when the layout has
    /// no place for it, [`SinkError::Write`] when the file system fails.
    pub fn write_at(&self, disk_offset: u64, data: &[u8]) -> Result<(), SinkError> {
        let mut at = disk_offset;
        let mut rest = data;
        while !rest.is_empty() {
            let Some((place, room)) = self.layout.place_of(at) else {
                return Err(SinkError::PastEnd { disk_offset: at, size: self.layout.size() });
            };
            let length = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at(length);
            match place {
                Some(offset) => {
                    self.claim(at, now.len() as u64);
                    self.write_sparse(offset, now)?;
                }
                None if self.bitmaps.is_none() && is_zero(now) => {}
                None => return Err(SinkError::NotStored { disk_offset: at }),
            }
            at += length as u64;
            rest = later;
        }
        Ok(())
    }

    /// Completes the file, makes it durable and gives it its name.
    ///
    /// # Errors
    ///
    /// [`SinkError::Write`], [`SinkError::Exists`] when the target appeared
    /// meanwhile, [`SinkError::Finish`].
    pub fn finish(mut self) -> Result<(), SinkError> {
        if let Layout::Vhd(blueprint) = &self.layout {
            for (offset, bytes) in blueprint.pieces() {
                self.write_plain(*offset, bytes)?;
            }
            self.write_bitmaps(blueprint)?;
        }
        let flusher = self.flusher.take();
        let fail = |source| SinkError::Finish { path: self.target.clone(), source };
        if let Some(flusher) = flusher {
            flusher.finish().map_err(fail)?;
        }
        self.file.sync_all().map_err(fail)?;
        give_name(&self.temporary, &self.target, self.replace).map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                SinkError::Exists { path: self.target.clone() }
            } else {
                fail(source)
            }
        })?;
        sync_folder_of(&self.target).map_err(fail)?;
        self.is_named = true;
        Ok(())
    }

    fn write_bitmaps(&self, blueprint: &Blueprint) -> Result<(), SinkError> {
        let Some(empty) = blueprint.empty_bitmap() else { return Ok(()) };
        let claimed =
            self.bitmaps.as_ref().map(|bitmaps| bitmaps.lock().unwrap_or_else(PoisonError::into_inner));
        for block in blueprint.stored() {
            let bitmap = claimed.as_ref().and_then(|claimed| claimed.get(&block)).unwrap_or(&empty);
            if let Some(place) = blueprint.bitmap_place(block) {
                self.write_plain(place, bitmap.bytes())?;
            }
        }
        Ok(())
    }

    /// Marks sectors of a differencing image as held.
    fn claim(&self, disk_offset: u64, length: u64) {
        let (Some(bitmaps), Layout::Vhd(blueprint)) = (&self.bitmaps, &self.layout) else { return };
        let (Some(shape), Some(empty)) = (blueprint.shape(), blueprint.empty_bitmap()) else { return };
        let block = BlockIndex::new(disk_offset / shape.block_bytes());
        let first = disk_offset % shape.block_bytes() / SECTOR_BYTES;
        let past = (disk_offset % shape.block_bytes() + length).div_ceil(SECTOR_BYTES);
        let mut bitmaps = bitmaps.lock().unwrap_or_else(PoisonError::into_inner);
        let bitmap = bitmaps.entry(block).or_insert(empty);
        for sector in first..past {
            bitmap.set(u32::try_from(sector).unwrap_or(u32::MAX));
        }
    }

    /// Writes what is not zero; the file was made of holes.
    fn write_sparse(&self, offset: FileOffset, data: &[u8]) -> Result<(), SinkError> {
        let mut start = 0;
        while let Some((from, to)) = next_run(data, start) {
            self.write_plain(FileOffset::new(offset.get() + from as u64), &data[from..to])?;
            start = to;
        }
        Ok(())
    }

    fn write_plain(&self, offset: FileOffset, data: &[u8]) -> Result<(), SinkError> {
        let mut at = offset.get();
        for piece in data.chunks(WRITE_BYTES_MAX) {
            self.file.write_all_at(piece, at).map_err(|source| SinkError::Write {
                path: self.temporary.clone(),
                offset: FileOffset::new(at),
                length: ByteCount::new(piece.len() as u64),
                source,
            })?;
            at += piece.len() as u64;
        }
        if let Some(flusher) = &self.flusher {
            flusher.wrote(data.len() as u64);
        }
        Ok(())
    }
}

impl Drop for ImageSink {
    fn drop(&mut self) {
        if !self.is_named {
            // Nothing can be done about a temporary file that stays.
            let _gone = std::fs::remove_file(&self.temporary);
        }
    }
}

/// The next stretch from `start` on worth writing, as a range of `data`;
/// short zero runs inside it are written, long ones end it.
fn next_run(data: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut run: Option<(usize, usize)> = None;
    let mut at = start;
    for grain in data.get(start..)?.chunks(GRAIN_BYTES) {
        let past = at + grain.len();
        if !is_zero(grain) {
            run = Some((run.map_or(at, |(from, _)| from), past));
        } else if run.is_some_and(|(_, to)| past - to >= HOLE_GRAINS_MIN * GRAIN_BYTES) {
            return run;
        }
        at = past;
    }
    run
}

/// Whether all bytes are zero, at memory speed.
pub fn is_zero(data: &[u8]) -> bool {
    let (head, tail) = data.as_chunks::<64>();
    head.iter().all(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0)
        && tail.iter().all(|byte| *byte == 0)
}

fn temporary_beside(target: &Path) -> Result<PathBuf, SinkError> {
    let no_name = || SinkError::NoName { path: target.to_owned() };
    let name = target.file_name().ok_or_else(no_name)?;
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|error| SinkError::Create { path: target.to_owned(), source: io::Error::other(error) })?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", vhault_core::digest::hex(&random)));
    Ok(target.with_file_name(hidden))
}

/// Gives the temporary file its name, never over another one unless
/// `replace` says so.
fn give_name(temporary: &Path, target: &Path, replace: bool) -> io::Result<()> {
    if replace {
        return std::fs::rename(temporary, target);
    }
    match renameat_with(CWD, temporary, CWD, target, RenameFlags::NOREPLACE) {
        // The file system does not know the flag: a hard link refuses as well.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            std::fs::hard_link(temporary, target)?;
            std::fs::remove_file(temporary)
        }
        outcome => outcome.map_err(io::Error::from),
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn raw(size: u64) -> Layout {
        Layout::Raw { size: ByteCount::new(size) }
    }

    #[test]
    fn a_file_appears_only_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("disk.raw");
        let sink = ImageSink::create(&target, raw(1_000), false).unwrap();
        sink.write_at(990, b"0123456789").unwrap();
        assert!(!target.exists());
        sink.finish().unwrap();
        let bytes = fs::read(&target).unwrap();
        assert_eq!((bytes.len(), &bytes[990..]), (1_000, &b"0123456789"[..]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_dropped_sink_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(ImageSink::create(&folder.path().join("a"), raw(1), false).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_target_that_exists_is_kept_unless_told() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let late = ImageSink::create(&target, raw(1), false).unwrap();
        fs::write(&target, "mine").unwrap();
        assert!(matches!(ImageSink::create(&target, raw(1), false), Err(SinkError::Exists { .. })));
        assert!(matches!(late.finish(), Err(SinkError::Exists { .. })));
        assert_eq!(fs::read(&target).unwrap(), b"mine");

        ImageSink::create(&target, raw(1), true).unwrap().finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"\0");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn data_past_the_disk_is_refused_where_it_begins() {
        let folder = tempfile::tempdir().unwrap();
        let sink = ImageSink::create(&folder.path().join("a"), raw(10), false).unwrap();
        let error = sink.write_at(8, b"abc").unwrap_err();
        assert!(matches!(error, SinkError::PastEnd { disk_offset: 10, .. }), "{error}");
    }

    #[test]
    fn only_long_runs_of_zeroes_become_holes() {
        let grains = |pattern: &[(usize, u8)]| -> Vec<u8> {
            pattern.iter().flat_map(|(count, byte)| vec![*byte; count * GRAIN_BYTES]).collect()
        };
        let long = grains(&[(1, 0), (2, 1), (16, 0), (1, 1)]);
        assert_eq!(next_run(&long, 0), Some((GRAIN_BYTES, 3 * GRAIN_BYTES)));
        assert_eq!(next_run(&long, 3 * GRAIN_BYTES), Some((19 * GRAIN_BYTES, 20 * GRAIN_BYTES)));
        assert_eq!(next_run(&long, 20 * GRAIN_BYTES), None);
        let short = grains(&[(1, 1), (15, 0), (1, 1), (3, 0)]);
        assert_eq!(next_run(&short, 0), Some((0, 17 * GRAIN_BYTES)));
        assert_eq!(next_run(&grains(&[(40, 0)]), 0), None);
    }
}
