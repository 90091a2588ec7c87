//! One image file, read by position. Never mapped: a source that becomes
//! shorter while we read it is an error with a name, not a signal.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

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

impl ImageFile {
    /// Opens a file or a block device for reading.
    ///
    /// # Errors
    ///
    /// [`ImageError::Open`] and [`ImageError::NotAFile`].
    pub fn open(path: &Path) -> Result<ImageFile, ImageError> {
        let fail = |source| ImageError::Open { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(ImageError::NotAFile { path: path.to_owned() });
        }
        // A block device tells its length only this way.
        let Ok(size) = file.seek(SeekFrom::End(0)) else {
            return Err(ImageError::NotAFile { path: path.to_owned() });
        };
        let identity = identity(&metadata, size);
        Ok(ImageFile { file, path: path.to_owned(), identity })
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which file it is, as of opening.
    pub fn identity(&self) -> FileIdentity {
        self.identity
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
        match self.file.read_exact_at(buffer, offset.get()) {
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
    fn a_folder_is_not_an_image() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(ImageFile::open(folder.path()), Err(ImageError::NotAFile { .. })));
    }
}
