//! Files written past the page cache.
//!
//! A restored disk, or a pack, is written once and read much later. Handing its bytes straight to the disk spares a copy
//! and a page of cache for each 4 KiB, pushes nobody else's files out of memory, and tells of a write error at once.
//! Measured in `docs/decisions/0008-past-the-page-cache.md`. Where a file system knows no such way, and for the ends of
//! a run that fill no whole block, writes go through the cache.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::OFlags;

/// Offsets, lengths and memory of such a write are multiples of it: the largest block of today's file systems and
/// disks.
const BLOCK_BYTES: usize = 4096;

/// Bytes that are gathered for one write; the gain ends here.
const WINDOW_BYTES: usize = 1 << 20;

/// A new file. Threads write to it through windows of their own.
#[derive(Debug)]
pub(crate) struct UncachedFile {
    plain: File,
    uncached: Option<File>,
    /// The file system opened it so, and then would not write so.
    is_refused: AtomicBool,
}

impl UncachedFile {
    /// Creates the file; `mode` is who may do what with it, as for `open`.
    ///
    /// # Errors
    ///
    /// What the system says, [`io::ErrorKind::AlreadyExists`] among it.
    pub(crate) fn create_large(path: &Path, mode: u32) -> io::Result<UncachedFile> {
        let small = UncachedFile::create_small(path, mode)?;
        let flags = i32::try_from(OFlags::DIRECT.bits()).unwrap_or(0);
        let uncached = OpenOptions::new().write(true).custom_flags(flags).open(path).ok();
        Ok(UncachedFile { uncached, ..small })
    }

    /// Creates a file that is hardly worth it: all goes through the cache.
    ///
    /// # Errors
    ///
    /// As for [`UncachedFile::create_large`].
    pub(crate) fn create_small(path: &Path, mode: u32) -> io::Result<UncachedFile> {
        let plain = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        Ok(UncachedFile { plain, uncached: None, is_refused: AtomicBool::new(false) })
    }

    /// The file itself, for its length, its syncs, and what is too small to matter.
    pub(crate) fn file(&self) -> &File {
        &self.plain
    }

    /// Writes whole blocks past the cache where place and memory allow it, and the rest through it.
    fn write_all_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let skip = usize::try_from(at.next_multiple_of(BLOCK_BYTES as u64) - at).unwrap_or(usize::MAX);
        let Some((head, rest)) = bytes.split_at_checked(skip) else {
            return self.plain.write_all_at(bytes, at);
        };
        let (blocks, tail) = rest.split_at(rest.len() / BLOCK_BYTES * BLOCK_BYTES);
        self.plain.write_all_at(head, at)?;
        let at = at + head.len() as u64;
        self.write_blocks(blocks, at)?;
        self.plain.write_all_at(tail, at + blocks.len() as u64)
    }

    fn write_blocks(&self, blocks: &[u8], at: u64) -> io::Result<()> {
        let mut done = 0;
        while done < blocks.len() && done % BLOCK_BYTES == 0 && !self.is_refused.load(Ordering::Relaxed) {
            let Some(file) = &self.uncached else { break };
            match file.write_at(&blocks[done..], at + done as u64) {
                Ok(0) => break,
                Ok(written) => done += written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    self.is_refused.store(true, Ordering::Relaxed);
                }
                Err(error) => return Err(error),
            }
        }
        self.plain.write_all_at(&blocks[done..], at + done as u64)
    }
}

/// Bytes in a row on their way to a file. What is in it reaches the file with [`Window::flush`] and not before.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// Empty until it is needed; one block longer than a window, so that a block may begin in it where it must.
    memory: Vec<u8>,
    /// Where in `memory` the first block begins.
    first: usize,
    /// Where in the file that block lies.
    base: u64,
    /// What of the window is filled: `from..to`.
    from: usize,
    to: usize,
}

/// A write that failed: where it began and how much it was.
#[derive(Debug)]
pub(crate) struct WindowError {
    /// Byte of the file.
    pub(crate) offset: u64,
    /// Bytes.
    pub(crate) length: usize,
    /// Why.
    pub(crate) source: io::Error,
}

impl Window {
    /// Takes `bytes` for byte `at` of the file; writes what fills the window, and what does not join `at`. Returns how
    /// many bytes reached the file.
    pub(crate) fn write(&mut self, file: &UncachedFile, at: u64, bytes: &[u8]) -> Result<usize, WindowError> {
        let (mut at, mut rest, mut reached) = (at, bytes, 0);
        while !rest.is_empty() {
            if self.from == self.to || self.base + self.to as u64 != at {
                reached += self.flush(file)?;
                self.begin(at);
            }
            let (now, later) = rest.split_at(rest.len().min(WINDOW_BYTES - self.to));
            self.memory[self.first + self.to..][..now.len()].copy_from_slice(now);
            self.to += now.len();
            at += now.len() as u64;
            rest = later;
            if self.to == WINDOW_BYTES {
                reached += self.flush(file)?;
            }
        }
        Ok(reached)
    }

    /// Writes what is in the window; returns how many bytes that was.
    pub(crate) fn flush(&mut self, file: &UncachedFile) -> Result<usize, WindowError> {
        let offset = self.base + self.from as u64;
        let bytes = &self.memory[self.first + self.from..self.first + self.to];
        let length = bytes.len();
        (self.from, self.to) = (0, 0);
        file.write_all_at(bytes, offset).map_err(|source| WindowError { offset, length, source })?;
        Ok(length)
    }

    /// An empty window over the block that holds byte `at`.
    fn begin(&mut self, at: u64) {
        if self.memory.is_empty() {
            self.memory = vec![0; WINDOW_BYTES + BLOCK_BYTES];
            // Where that cannot be told, writes go through the cache.
            self.first = self.memory.as_ptr().align_offset(BLOCK_BYTES).min(BLOCK_BYTES);
        }
        self.from = usize::try_from(at % BLOCK_BYTES as u64).expect("less than a block");
        self.to = self.from;
        self.base = at - self.from as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that tell their place.
    fn pattern(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    #[test]
    fn pieces_of_any_length_at_any_place_make_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let whole = pattern(3 * WINDOW_BYTES + 777);
        for (name, piece, gap) in
            [("a", 1000, 0), ("b", BLOCK_BYTES, 0), ("c", 300_001, 13), ("d", WINDOW_BYTES, 1)]
        {
            let path = folder.path().join(name);
            let file = UncachedFile::create_large(&path, 0o600).unwrap();
            let mut window = Window::default();
            let mut reached = 0;
            let mut expected = vec![0; whole.len()];
            let mut at = 0;
            while at < whole.len() {
                let end = whole.len().min(at + piece);
                reached += window.write(&file, at as u64, &whole[at..end]).unwrap();
                expected[at..end].copy_from_slice(&whole[at..end]);
                at = end + gap;
            }
            reached += window.flush(&file).unwrap();
            file.file().set_len(whole.len() as u64).unwrap();
            assert!(std::fs::read(&path).unwrap() == expected, "{name}");
            assert_eq!(reached, whole.len() - gap_bytes(whole.len(), piece, gap));
            assert_eq!(window.flush(&file).unwrap(), 0, "nothing is written twice");
        }
    }

    /// How many bytes lie in the gaps between pieces.
    fn gap_bytes(whole: usize, piece: usize, gap: usize) -> usize {
        (0..)
            .map(|number| number * (piece + gap) + piece)
            .take_while(|end| *end < whole)
            .map(|end| gap.min(whole - end))
            .sum()
    }

    #[test]
    fn a_file_system_that_refuses_is_written_through_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = UncachedFile::create_large(&path, 0o600).unwrap();
        file.is_refused = AtomicBool::new(true);
        let bytes = pattern(2 * WINDOW_BYTES);
        let mut window = Window::default();
        assert_eq!(window.write(&file, 0, &bytes).unwrap(), bytes.len());
        assert!(std::fs::read(&path).unwrap() == bytes);
    }

    #[test]
    fn memory_begins_where_a_block_must() {
        let mut window = Window::default();
        window.begin(10_000);
        assert_eq!(window.memory[window.first..].as_ptr().align_offset(BLOCK_BYTES), 0);
        assert_eq!((window.base, window.from), (8192, 10_000 - 8192));
    }

    #[test]
    fn a_write_that_fails_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "").unwrap();
        let reader = || File::open(&path).unwrap();
        let file =
            UncachedFile { plain: reader(), uncached: Some(reader()), is_refused: AtomicBool::new(false) };
        let mut window = Window::default();
        window.write(&file, 5, b"abc").unwrap();
        let error = window.flush(&file).unwrap_err();
        assert_eq!((error.offset, error.length), (5, 3));
        assert_eq!(window.flush(&file).unwrap(), 0, "an error is told once");
    }
}
