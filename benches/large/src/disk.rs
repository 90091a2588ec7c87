//! A disk of any size, made up while it is read: each chunk differs from every other, and compresses to almost nothing.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use vhault_core::vault::point::Consistency;
use vhault_core::vhd::Leniency;
use vhault_datapath::backup::{BackupRequest, Source, back_up as run};
use vhault_datapath::copy::CopyOptions;
use vhault_datapath::image::Medium;
use vhault_datapath::monitor::Silent;
use vhault_datapath::vault::Vault;

use crate::now;

/// One chunk in so many changes from day to day.
const CHANGED_OF: u64 = 100;

/// Backs up `chunks` chunks as they are on `day`; `file` is made, as long as the disk and empty.
pub(crate) fn back_up(vault: &Vault, chunks: u64, day: u64, file: &Path) -> Result<(), Box<dyn Error>> {
    let chunk_bytes = vault.grid().chunk_bytes() as u64;
    File::create(file)?.set_len(chunks * chunk_bytes)?;
    let request = BackupRequest {
        vm: "large".into(),
        sources: vec![Source { label: Some("disk".into()), path: file.into() }],
        parents: Vec::new(),
        raw: true,
        leniency: Leniency::Strict,
        consistency: Consistency::Crash,
        read_all: true,
        options: CopyOptions { ask_holes: false, ..CopyOptions::default() },
        medium: Some(Arc::new(Imagined { chunk_bytes, day })),
        now: now(),
    };
    let made = run(vault, &request, &AtomicBool::new(false), &Silent)?;
    println!("{} bytes of disk backed up as {}", chunks * chunk_bytes, made.point.id);
    Ok(())
}

/// Gives eight bytes that name the chunk, over and over.
#[derive(Debug)]
struct Imagined {
    chunk_bytes: u64,
    day: u64,
}

impl Imagined {
    /// What the chunk is called on this day; never zero.
    fn word(&self, chunk: u64) -> [u8; 8] {
        let changes = if chunk.is_multiple_of(CHANGED_OF) { self.day } else { 0 };
        (chunk + 1 + (changes << 40)).to_le_bytes()
    }
}

impl Medium for Imagined {
    fn read_exact_at(&self, _: &File, _: &Path, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut at = offset;
        let mut rest = buffer;
        while !rest.is_empty() {
            let left = usize::try_from(self.chunk_bytes - at % self.chunk_bytes).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at_mut(left.min(rest.len()));
            let mut word = self.word(at / self.chunk_bytes);
            word.rotate_left(usize::try_from(at % 8).unwrap_or(0));
            let (words, tail) = now.as_chunks_mut::<8>();
            words.fill(word);
            tail.copy_from_slice(&word[..tail.len()]);
            at += now.len() as u64;
            rest = later;
        }
        Ok(())
    }
}
