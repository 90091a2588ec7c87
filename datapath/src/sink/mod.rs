//! Sink: a new image file, written in any order, that appears only when it is
//! whole.
//!
//! It grows under a temporary name beside its target; each thread has a [`SinkWriter`]. `finish` writes footers, tables
//! and bitmaps, syncs the file, gives it its name and syncs the folder; a sink that is dropped before leaves nothing
//! behind. Zeroes become holes.

mod error;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

pub use error::SinkError;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use vhault_core::units::{BlockIndex, ByteCount, FileOffset, SECTOR_BYTES};
use vhault_core::vhd::{Blueprint, SectorBitmap};

use crate::uncached::{UncachedFile, Window, WindowError};
use crate::zeroes::{is_zero, next_run};

/// Who may read a new image: whoever the file mode mask lets.
const MODE: u32 = 0o666;

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

/// A new image on its way.
#[derive(Debug)]
pub struct ImageSink {
    file: UncachedFile,
    temporary: PathBuf,
    target: PathBuf,
    replace: bool,
    layout: Layout,
    /// Bitmaps of a differencing image; those of the other kinds are known.
    bitmaps: Option<Mutex<BTreeMap<BlockIndex, SectorBitmap>>>,
    /// Bytes that writers took and have not written. None may be left when it is finished.
    on_the_way: AtomicU64,
    is_named: bool,
}

/// One thread's way into a sink. What it took reaches the file with [`SinkWriter::flush`].
#[derive(Debug)]
pub struct SinkWriter<'a> {
    sink: &'a ImageSink,
    window: Window,
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
        let file = UncachedFile::create_large(&temporary, MODE).map_err(fail)?;
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
            on_the_way: AtomicU64::new(0),
            is_named: false,
        };
        sink.file.file().set_len(sink.layout.file_size().get()).map_err(fail)?;
        Ok(sink)
    }

    /// What the new file will be.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A way in for one thread.
    pub fn writer(&self) -> SinkWriter<'_> {
        SinkWriter { sink: self, window: Window::default() }
    }

    /// Completes the file, makes it durable and gives it its name.
    ///
    /// # Errors
    ///
    /// [`SinkError::Write`], [`SinkError::Exists`] when the target appeared
    /// meanwhile, [`SinkError::Finish`].
    ///
    /// # Panics
    ///
    /// When a writer was not flushed.
    pub fn finish(mut self) -> Result<(), SinkError> {
        assert_eq!(self.on_the_way.load(Ordering::Relaxed), 0, "every writer was flushed");
        if let Layout::Vhd(blueprint) = &self.layout {
            for (offset, bytes) in blueprint.pieces() {
                self.write_plain(*offset, bytes)?;
            }
            self.write_bitmaps(blueprint)?;
        }
        let fail = |source| SinkError::Finish { path: self.target.clone(), source };
        self.file.file().sync_all().map_err(fail)?;
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

    /// Writes what is small: footers, tables, bitmaps.
    fn write_plain(&self, offset: FileOffset, data: &[u8]) -> Result<(), SinkError> {
        let written = self.file.file().write_all_at(data, offset.get());
        written.map_err(|source| {
            self.cannot_write(WindowError { offset: offset.get(), length: data.len(), source })
        })
    }

    fn cannot_write(&self, error: WindowError) -> SinkError {
        SinkError::Write {
            path: self.temporary.clone(),
            offset: FileOffset::new(error.offset),
            length: ByteCount::new(error.length as u64),
            source: error.source,
        }
    }
}

impl SinkWriter<'_> {
    /// Writes `data` at byte `disk_offset` of the disk, in any order; it reaches the file by [`SinkWriter::flush`].
    /// In a differencing image this also claims its sectors, so both ends of
    /// `data` must be sector borders there. Zeroes for a block that a dynamic
    /// image does not store are as good as written.
    ///
    /// # Errors
    ///
    /// [`SinkError::NotStored`] and [`SinkError::PastEnd`] when the layout has
    /// no place for it, [`SinkError::Write`] when the file system fails.
    pub fn write_at(&mut self, disk_offset: u64, data: &[u8]) -> Result<(), SinkError> {
        let mut at = disk_offset;
        let mut rest = data;
        while !rest.is_empty() {
            let Some((place, room)) = self.sink.layout.place_of(at) else {
                return Err(SinkError::PastEnd { disk_offset: at, size: self.sink.layout.size() });
            };
            let length = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at(length);
            match place {
                Some(offset) => {
                    self.sink.claim(at, now.len() as u64);
                    self.write_sparse(offset, now)?;
                }
                None if self.sink.bitmaps.is_none() && is_zero(now) => {}
                None => return Err(SinkError::NotStored { disk_offset: at }),
            }
            at += length as u64;
            rest = later;
        }
        Ok(())
    }

    /// Writes what is still on its way.
    ///
    /// # Errors
    ///
    /// [`SinkError::Write`].
    pub fn flush(&mut self) -> Result<(), SinkError> {
        let reached = self.window.flush(&self.sink.file).map_err(|error| self.sink.cannot_write(error))?;
        self.sink.on_the_way.fetch_sub(reached as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Writes what is not zero; the file was made of holes.
    fn write_sparse(&mut self, offset: FileOffset, data: &[u8]) -> Result<(), SinkError> {
        let sink = self.sink;
        let mut start = 0;
        while let Some((from, to)) = next_run(data, start) {
            sink.on_the_way.fetch_add((to - from) as u64, Ordering::Relaxed);
            let reached = self.window.write(&sink.file, offset.get() + from as u64, &data[from..to]);
            let reached = reached.map_err(|error| sink.cannot_write(error))?;
            sink.on_the_way.fetch_sub(reached as u64, Ordering::Relaxed);
            start = to;
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
        let mut writer = sink.writer();
        writer.write_at(990, b"0123456789").unwrap();
        writer.flush().unwrap();
        assert!(!target.exists());
        sink.finish().unwrap();
        let bytes = fs::read(&target).unwrap();
        assert_eq!((bytes.len(), &bytes[990..]), (1_000, &b"0123456789"[..]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[should_panic(expected = "every writer was flushed")]
    fn a_file_is_not_finished_while_bytes_are_on_their_way() {
        let folder = tempfile::tempdir().unwrap();
        let sink = ImageSink::create(&folder.path().join("a"), raw(10), false).unwrap();
        sink.writer().write_at(0, b"abc").unwrap();
        let _panics = sink.finish();
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
        let error = sink.writer().write_at(8, b"abc").unwrap_err();
        assert!(matches!(error, SinkError::PastEnd { disk_offset: 10, .. }), "{error}");
    }
}
