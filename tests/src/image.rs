//! A guest's content in images: by qemu-img, and by hand to break it.
//!
//! The few offsets here come from the VHD specification, not from our own
//! decoder: a test that breaks a field must know the field by itself.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::foreign::{self, DiskSize, VhdKind};

/// Writes a raw image.
///
/// # Panics
///
/// What the file system says.
#[track_caller]
pub fn raw(path: &Path, content: &[u8]) -> String {
    fs::write(path, content).unwrap();
    named(path)
}

/// Lets qemu-img write a VHD of the content.
///
/// # Panics
///
/// What qemu-img says.
#[track_caller]
pub fn vhd(path: &Path, content: &[u8], kind: VhdKind) -> String {
    let source = path.with_extension("source.raw");
    fs::write(&source, content).unwrap();
    foreign::make_vhd(&source, path, kind, DiskSize::Exact).unwrap();
    fs::remove_file(source).unwrap();
    named(path)
}

/// A path as a word on the command line.
#[must_use]
pub fn named(path: &Path) -> String {
    path.display().to_string()
}

/// A dynamic or differencing VHD held in memory, to change its fields.
#[derive(Debug)]
pub struct Surgery {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Of the footer copy, and of the dynamic header behind it.
const FOOTER_BYTES: usize = 512;
const HEADER_BYTES: usize = 1_024;

impl Surgery {
    /// Opens an image.
    ///
    /// # Panics
    ///
    /// Where it is not one with a footer copy at its start.
    #[track_caller]
    #[must_use]
    pub fn on(path: &Path) -> Surgery {
        let bytes = fs::read(path).unwrap();
        assert_eq!(&bytes[..8], b"conectix", "{} has no footer copy", path.display());
        Surgery { path: path.to_owned(), bytes }
    }

    /// Where the dynamic header starts.
    #[must_use]
    pub fn header(&self) -> usize {
        usize::try_from(u64::from_be_bytes(self.field(16))).unwrap()
    }

    /// Where the block allocation table starts.
    #[must_use]
    pub fn table(&self) -> usize {
        usize::try_from(u64::from_be_bytes(self.field(self.header() + 16))).unwrap()
    }

    /// Entries of the table that name a block.
    #[must_use]
    pub fn stored_entries(&self) -> Vec<usize> {
        let count = u32::from_be_bytes(self.field(self.header() + 28));
        (0..usize::try_from(count).unwrap()).filter(|entry| self.entry(*entry) != u32::MAX).collect()
    }

    /// The table's entry: a sector of the file, or all ones.
    #[must_use]
    pub fn entry(&self, entry: usize) -> u32 {
        u32::from_be_bytes(self.field(self.table() + entry * 4))
    }

    /// Points an entry of the table elsewhere.
    pub fn set_entry(&mut self, entry: usize, sector: u32) {
        let at = self.table() + entry * 4;
        self.bytes[at..at + 4].copy_from_slice(&sector.to_be_bytes());
    }

    /// Changes bytes of the dynamic header and makes its checksum right.
    pub fn set_header(&mut self, offset: usize, value: &[u8]) {
        let header = self.header();
        self.bytes[header + offset..header + offset + value.len()].copy_from_slice(value);
        seal(&mut self.bytes[header..header + HEADER_BYTES], 36);
    }

    /// Changes bytes of both footers and makes their checksums right.
    pub fn set_footers(&mut self, offset: usize, value: &[u8]) {
        let last = self.bytes.len() - FOOTER_BYTES;
        for footer in [0, last] {
            self.bytes[footer + offset..footer + offset + value.len()].copy_from_slice(value);
            seal(&mut self.bytes[footer..footer + FOOTER_BYTES], 64);
        }
    }

    /// Changes bytes anywhere, checksums left as they are.
    pub fn set(&mut self, at: usize, value: &[u8]) {
        self.bytes[at..at + value.len()].copy_from_slice(value);
    }

    /// The bytes of the image.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes the image back.
    ///
    /// # Panics
    ///
    /// What the file system says.
    #[track_caller]
    pub fn done(self) -> String {
        fs::write(&self.path, self.bytes).unwrap();
        named(&self.path)
    }

    fn field<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes[at..at + N].try_into().expect("the slice is N long")
    }
}

/// The specification's checksum: the ones' complement of the sum of all bytes.
fn seal(part: &mut [u8], checksum_at: usize) {
    part[checksum_at..checksum_at + 4].fill(0);
    let sum = part.iter().fold(0_u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
    part[checksum_at..checksum_at + 4].copy_from_slice(&(!sum).to_be_bytes());
}
