//! One image file, read by position. Never mapped: a source that becomes
//! shorter while we read it is an error with a name, not a signal.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{OFlags, SeekFrom as Seek, seek};

use serde::{Deserialize, Serialize};
use vhault_core::read::ReadAt;
use vhault_core::units::{ByteCount, FileOffset};
use vhault_core::vhd::{ChainError, VhdError};

/// An image file opened for reading.
#[derive(Debug)]
pub struct ImageFile {
    file: File,
    path: PathBuf,
    identity: FileIdentity,
    medium: Option<Arc<dyn Medium>>,
}

/// Stands between an image and its file: how a test makes a medium fail, or never answer.
pub trait Medium: std::fmt::Debug + Send + Sync {
    /// Fills `buffer` from `offset` on, or fails like a medium.
    ///
    /// # Errors
    ///
    /// Whatever a medium may answer.
    fn read_exact_at(&self, file: &File, path: &Path, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

/// What is known of the holes around one place of a file; each reader has its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct HoleCursor {
    start: u64,
    end: u64,
    is_hole: bool,
    unsupported: bool,
}

/// Which file it is, and whether it is still as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileIdentity {
    /// The device that holds it.
    pub device: u64,
    /// Its number on that device.
    pub inode: u64,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written, seconds since 1970.
    pub modified_seconds: i64,
    /// The nanoseconds of that second.
    pub modified_nanoseconds: i64,
}

impl FileIdentity {
    /// Whether both are the same file, written to or not.
    pub fn is_same_file(&self, other: &FileIdentity) -> bool {
        self.device == other.device && self.inode == other.inode
    }
}

/// Why a file could not be read where it should have been.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It has become shorter.
    #[error("the file became shorter while it was read: it had {size} bytes when it was opened")]
    Shrunk {
        /// Its length when it was opened.
        size: ByteCount,
    },
    /// The medium failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What went wrong while opening or reading an image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The file cannot be opened.
    #[error("cannot open {path}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder, a pipe, or something else that has no bytes at positions.
    #[error("{path} is not a file or a disk")]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {length} bytes of {path} at byte {offset}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Where the read began.
        offset: FileOffset,
        /// How much was asked for.
        length: ByteCount,
        /// Why.
        source: FileError,
    },
    /// The file is no VHD that we can read.
    #[error("{path} is not a readable VHD")]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, or what it is instead.
        source: VhdError,
    },
    /// The images do not make a chain.
    #[error("{path} and its parents are not a chain")]
    Chain {
        /// The first child.
        path: PathBuf,
        /// What does not fit.
        source: ChainError,
    },
    /// The file system does not answer.
    #[error("{path} did not open within {} s: its file system or device does not answer", after.as_secs())]
    NoAnswer {
        /// Which file.
        path: PathBuf,
        /// How long was waited.
        after: std::time::Duration,
    },
    /// A parent was found nowhere.
    #[error("{child} needs its parent with id {wanted}{}; name it with --parent FILE", looked_for(tried))]
    MissingParent {
        /// Which image asks for it.
        child: PathBuf,
        /// The parent's unique id, as hex.
        wanted: String,
        /// Files that were looked for, and what became of each.
        tried: Vec<Tried>,
    },
}

/// A file that could have been a parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which file.
    pub path: PathBuf,
    /// Its unique id as hex, where there was such a file.
    pub found: Option<String>,
}

fn looked_for(tried: &[Tried]) -> String {
    let one = |tried: &Tried| match &tried.found {
        Some(id) => format!("{} has id {id}", tried.path.display()),
        None => format!("no {}", tried.path.display()),
    };
    let all: Vec<String> = tried.iter().map(one).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

impl FileError {
    /// Whether the medium failed at this place, and may not at another.
    pub fn is_of_medium(&self) -> bool {
        use rustix::io::Errno;
        // What Linux's block layer and file systems answer for bytes they cannot give.
        const OF_MEDIUM: [Errno; 5] =
            [Errno::IO, Errno::NODATA, Errno::ILSEQ, Errno::BADMSG, Errno::REMOTEIO];
        let FileError::Io(error) = self else { return false };
        OF_MEDIUM.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
    }
}

impl ImageFile {
    /// Opens a file or a block device for reading.
    ///
    /// # Errors
    ///
    /// [`ImageError::Open`] and [`ImageError::NotAFile`].
    pub fn open(path: &Path) -> Result<ImageFile, ImageError> {
        ImageFile::open_through(path, None)
    }

    /// The same, read through `medium`.
    ///
    /// # Errors
    ///
    /// [`ImageError::Open`] and [`ImageError::NotAFile`].
    pub fn open_through(path: &Path, medium: Option<Arc<dyn Medium>>) -> Result<ImageFile, ImageError> {
        let fail = |source| ImageError::Open { path: path.to_owned(), source };
        // Opening a pipe would wait for its writer; files and disks do not know the flag.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let mut file = File::options().read(true).custom_flags(flags).open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(ImageError::NotAFile { path: path.to_owned() });
        }
        // A block device tells its length only this way.
        let Ok(size) = file.seek(SeekFrom::End(0)) else {
            return Err(ImageError::NotAFile { path: path.to_owned() });
        };
        let identity = identity(&metadata, size);
        Ok(ImageFile { file, path: path.to_owned(), identity, medium })
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which file it is, as of opening.
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Whether `length` bytes from `offset` on all lie in a hole, as the file system says: they are zeroes then, and
    /// reading them would prove nothing. `false` where it does not say.
    pub fn is_hole(&self, known: &mut HoleCursor, offset: u64, length: u64) -> bool {
        let end = offset.saturating_add(length);
        if known.unsupported || end > self.identity.size {
            return false;
        }
        if !(known.start <= offset && offset < known.end) {
            *known = self.look_for_hole(offset);
        }
        known.is_hole && end <= known.end
    }

    fn look_for_hole(&self, offset: u64) -> HoleCursor {
        let past = |found: rustix::io::Result<u64>| match found {
            Ok(place) => Some(place),
            // Nothing of that kind up to the end.
            Err(rustix::io::Errno::NXIO) => Some(self.identity.size),
            Err(_) => None,
        };
        let none = HoleCursor { unsupported: true, ..HoleCursor::default() };
        let Some(data) = past(seek(&self.file, Seek::Data(offset))) else { return none };
        if data > offset {
            return HoleCursor { start: offset, end: data, is_hole: true, unsupported: false };
        }
        let Some(hole) = past(seek(&self.file, Seek::Hole(offset))) else { return none };
        HoleCursor { start: offset, end: hole, is_hole: false, unsupported: false }
    }

    /// Whether the file was written to, or changed its length, since it was
    /// opened.
    ///
    /// # Errors
    ///
    /// [`ImageError::Open`] when the file system does not tell.
    pub fn has_changed(&self) -> Result<bool, ImageError> {
        let fail = |source| ImageError::Open { path: self.path.clone(), source };
        let metadata = self.file.metadata().map_err(fail)?;
        let size = if metadata.is_file() { metadata.len() } else { self.identity.size };
        Ok(identity(&metadata, size) != self.identity)
    }
}

fn identity(metadata: &std::fs::Metadata, size: u64) -> FileIdentity {
    FileIdentity {
        device: metadata.dev(),
        inode: metadata.ino(),
        size,
        modified_seconds: metadata.mtime(),
        modified_nanoseconds: metadata.mtime_nsec(),
    }
}

impl ReadAt for ImageFile {
    type Error = FileError;

    fn size(&self) -> ByteCount {
        ByteCount::new(self.identity.size)
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), FileError> {
        let read = match &self.medium {
            None => self.file.read_exact_at(buffer, offset.get()),
            Some(medium) => medium.read_exact_at(&self.file, &self.path, buffer, offset.get()),
        };
        match read {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(FileError::Shrunk { size: self.size() })
            }
            Err(error) => Err(FileError::Io(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_shrinks_is_an_error_that_says_so() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1_024).unwrap();
        let image = ImageFile::open(file.path()).unwrap();
        let mut buffer = [0; 512];
        image.read_exact_at(FileOffset::new(512), &mut buffer).unwrap();
        assert!(!image.has_changed().unwrap());

        file.as_file().set_len(1_023).unwrap();

        let error = image.read_exact_at(FileOffset::new(512), &mut buffer).unwrap_err();
        assert!(matches!(error, FileError::Shrunk { size } if size.get() == 1_024), "{error}");
        assert!(image.has_changed().unwrap());
    }

    #[test]
    fn holes_are_told_from_data_at_their_edges() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(4 << 20).unwrap();
        file.as_file().write_all_at(&[7; 65_536], 1 << 20).unwrap();
        let image = ImageFile::open(file.path()).unwrap();
        let is_hole = |offset, length| image.is_hole(&mut HoleCursor::default(), offset, length);
        if !is_hole(0, 4096) {
            // This file system does not tell; nothing is claimed then.
            assert!(!is_hole(2 << 20, 4096));
            return;
        }
        assert!(is_hole(0, 1 << 20));
        assert!(!is_hole(0, (1 << 20) + 1));
        assert!(!is_hole(1 << 20, 1));
        assert!(!is_hole((1 << 20) + 65_535, 2));
        assert!(is_hole(2 << 20, 2 << 20));
        assert!(!is_hole(2 << 20, (2 << 20) + 1), "past the end of the file nothing is known");
        let mut known = HoleCursor::default();
        let answers: Vec<bool> = (0..16).map(|part| image.is_hole(&mut known, part << 18, 1 << 18)).collect();
        assert_eq!(answers.iter().filter(|hole| !**hole).count(), 1, "{answers:?}");
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        assert!(matches!(ImageFile::open(&pipe), Err(ImageError::NotAFile { .. })));
    }

    #[test]
    fn a_folder_is_not_an_image() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(ImageFile::open(folder.path()), Err(ImageError::NotAFile { .. })));
    }
}
