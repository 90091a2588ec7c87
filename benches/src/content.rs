//! What machines keep on their disks: logs, tables and noise, from a seed.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use crate::draw::Draw;

/// Bytes of one page of a [`Table`].
pub const TABLE_PAGE_BYTES: u64 = 8_192;

const WORDS: &[&str] = &[
    "amber", "anchor", "basin", "birch", "candle", "canyon", "cedar", "cobalt", "copper", "coral", "delta",
    "ember", "falcon", "fjord", "garnet", "glacier", "harbor", "hazel", "heron", "indigo", "island", "ivory",
    "jasper", "juniper", "kestrel", "lagoon", "lantern", "laurel", "linden", "marble", "meadow", "mistral",
    "north", "ochre", "olive", "onyx", "opal", "orchard", "pebble", "pine", "plateau", "poplar", "quartz",
    "raven", "reef", "river", "rowan", "saffron", "sierra", "silver", "slate", "sorrel", "sparrow", "spruce",
    "summit", "thistle", "timber", "tundra", "umber", "valley", "walnut", "willow", "winter", "zephyr",
];

/// Appends log lines to `path` until about `bytes` more are there.
///
/// # Errors
///
/// What the file system says.
pub fn append_log(path: &Path, bytes: u64, seed: u64) -> io::Result<()> {
    let mut draw = Draw::new(seed);
    let mut out = BufWriter::new(OpenOptions::new().create(true).append(true).open(path)?);
    let (mut written, mut clock_ms) = (0_u64, seed.wrapping_mul(86_400_000) % 31_000_000_000);
    let mut line = String::new();
    while written < bytes {
        line.clear();
        clock_ms += draw.below(400);
        let level = draw.one_of(&["info ", "info ", "info ", "debug", "warn ", "error"]);
        let unit = draw.one_of(&["gateway", "checkout", "mailer", "scheduler", "auth", "search"]);
        let told = write!(
            line,
            "{clock_ms:013} node{:02} {unit}[{}] {level} {} {} took {}.{:03} ms, {} bytes, trace {:016x}",
            draw.below(12),
            1_000 + draw.below(9_000),
            draw.one_of(&["served", "queued", "stored", "looked up", "gave back"]),
            draw.one_of(WORDS),
            draw.below(90),
            draw.below(1_000),
            draw.below(70_000),
            draw.number()
        );
        debug_assert!(told.is_ok(), "a String takes every line");
        line.push('\n');
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    out.flush()
}

/// Writes rows of comma-separated values, about `bytes` of them.
///
/// # Errors
///
/// What the file system says.
pub fn write_rows(path: &Path, bytes: u64, seed: u64) -> io::Result<()> {
    let mut draw = Draw::new(seed);
    let mut out = BufWriter::new(File::create(path)?);
    let mut written = 0;
    while written < bytes {
        let row = format!(
            "{},{},{}.{:02},{},{}-{}\n",
            draw.below(100_000_000),
            draw.one_of(&["EUR", "KRW", "USD", "SEK"]),
            draw.below(5_000),
            draw.below(100),
            draw.chance(80),
            draw.one_of(WORDS),
            draw.one_of(WORDS),
        );
        out.write_all(row.as_bytes())?;
        written += row.len() as u64;
    }
    out.flush()
}

/// Writes `bytes` that no codec makes smaller.
///
/// # Errors
///
/// What the file system says.
pub fn write_noise(path: &Path, bytes: u64, seed: u64) -> io::Result<()> {
    let mut draw = Draw::new(seed);
    let mut out = File::create(path)?;
    let mut block = vec![0; 1 << 18];
    let mut left = bytes;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        draw.fill(&mut block[..now]);
        out.write_all(&block[..now])?;
        left -= now as u64;
    }
    Ok(())
}

/// A file the way databases lay them out: pages of rows, changed in place.
#[derive(Debug)]
pub struct Table {
    pages: u64,
}

impl Table {
    /// Writes a new table of `pages` pages to `path`.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn create(path: &Path, pages: u64, seed: u64) -> io::Result<Table> {
        let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
        for page in 0..pages {
            out.write_all(&table_page(page, 1, seed))?;
        }
        out.flush()?;
        Ok(Table { pages })
    }

    /// Rewrites about `count` pages of the table at `path` in place, mostly
    /// in a few hot regions. Gives back the byte ranges it wrote, in order.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn change(&self, path: &Path, count: u64, seed: u64) -> io::Result<Vec<Range<u64>>> {
        let mut draw = Draw::new(seed);
        let mut chosen: Vec<u64> = Vec::new();
        let hot = (self.pages / 64).max(1);
        let starts = [draw.below(self.pages), draw.below(self.pages), draw.below(self.pages)];
        for _ in 0..count {
            let page = if draw.chance(85) {
                starts[draw.index(starts.len())] + draw.below(hot)
            } else {
                draw.below(self.pages)
            };
            chosen.push(page % self.pages.max(1));
        }
        chosen.sort_unstable();
        chosen.dedup();

        let mut bytes = fs::read(path)?;
        let mut ranges = Vec::with_capacity(chosen.len());
        for page in chosen {
            let start = page * TABLE_PAGE_BYTES;
            let range = start..start + TABLE_PAGE_BYTES;
            let place = usize::try_from(range.start).map_err(io::Error::other)?
                ..usize::try_from(range.end).map_err(io::Error::other)?;
            bytes[place].copy_from_slice(&table_page(page, 2, seed));
            ranges.push(range);
        }
        fs::write(path, bytes)?;
        Ok(ranges)
    }
}

/// One page: its number, its version, and rows up to the end.
fn table_page(page: u64, version: u64, seed: u64) -> Vec<u8> {
    let page_bytes = usize::try_from(TABLE_PAGE_BYTES).unwrap_or(usize::MAX);
    let mut draw = Draw::new(seed ^ page.wrapping_mul(0x0100_0000_01B3) ^ (version << 56));
    let mut bytes = Vec::with_capacity(page_bytes + 160);
    bytes.extend_from_slice(&page.to_be_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    let mut row = page * 100;
    while bytes.len() < page_bytes {
        let text = format!(
            "{row:010}|{} {}|{}{}@mail.example|{}|{} {} {} {}\0",
            draw.one_of(WORDS),
            draw.one_of(WORDS),
            draw.one_of(WORDS),
            draw.below(10_000),
            draw.number() >> 24,
            draw.one_of(WORDS),
            draw.one_of(WORDS),
            draw.one_of(WORDS),
            draw.one_of(WORDS),
        );
        bytes.extend_from_slice(text.as_bytes());
        row += 1;
    }
    bytes.truncate(page_bytes);
    bytes
}

/// Changes a program file the way an upgrade does: the same length, some of
/// its 4 KiB blocks with other bytes in them.
pub fn upgrade(bytes: &mut [u8], draw: &mut Draw) {
    for block in bytes.chunks_mut(4_096) {
        if draw.chance(30) && block.len() > 32 {
            let at = draw.index(block.len() - 24);
            draw.fill(&mut block[at..at + 24]);
        }
    }
}
