//! Disk: an image and its parents, opened for reading.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vhault_core::units::ByteCount;
use vhault_core::vhd::{Chain, Leniency, ReadError};

use crate::chain;
use crate::image::{FileError, FileIdentity, ImageError, ImageFile, Medium};

/// How an image is to be opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Files that may be parents, whatever the child calls them.
    pub parents: Vec<PathBuf>,
    /// Take the file as a disk without container.
    pub raw: bool,
    /// What to do about checksums that do not hold.
    pub leniency: Leniency,
    /// What stands between the images and their files; nothing outside of tests.
    pub medium: Option<Arc<dyn Medium>>,
}

/// A disk to be read: a chain of files.
#[derive(Debug)]
pub struct Disk {
    chain: Chain<ImageFile>,
}

impl Disk {
    /// Opens an image and all parents it needs.
    ///
    /// # Errors
    ///
    /// An [`ImageError`] that names the file, what is wrong with it, and for a
    /// missing parent where it was looked for.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Disk, ImageError> {
        Ok(Disk { chain: chain::open(path, options)? })
    }

    /// The images, child first.
    pub fn chain(&self) -> &Chain<ImageFile> {
        &self.chain
    }

    /// The size of the disk in bytes.
    pub fn size(&self) -> ByteCount {
        self.chain.size()
    }

    /// The paths of all images, child first.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.chain.images().iter().map(|image| image.source().path())
    }

    /// Which files they are, child first, as of opening.
    pub fn identities(&self) -> impl Iterator<Item = FileIdentity> {
        self.chain.images().iter().map(|image| image.source().identity())
    }

    /// The images that were written to since they were opened, child first.
    ///
    /// # Errors
    ///
    /// [`ImageError::Open`] when the file system does not tell.
    pub fn changed_files(&self) -> Result<Vec<PathBuf>, ImageError> {
        let mut changed = Vec::new();
        for image in self.chain.images() {
            if image.source().has_changed()? {
                changed.push(image.source().path().to_owned());
            }
        }
        Ok(changed)
    }

    /// A failed read of the chain, with the path of the image that failed.
    pub fn explain(&self, error: ReadError<FileError>) -> ImageError {
        let path = self.paths().nth(error.depth).unwrap_or(Path::new("")).to_owned();
        ImageError::Read { path, offset: error.offset, length: error.length, source: error.source }
    }
}
