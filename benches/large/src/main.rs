//! Vaults far larger than the machine they are tried on.
//!
//! ```text
//! vhault-large disk VAULT KEY_FILE CACHE CHUNKS DAY FILE    back up a disk that is made up while it is read
//! vhault-large table VAULT KEY_FILE CACHE ENTRIES           fill the chunk table of a vault with blobs of a few bytes
//! vhault-large look-up VAULT KEY_FILE CACHE ENTRIES COUNT   look up COUNT of them, and as many that are not there
//! ```
//!
//! The vault is the real one, written and read by the real code; only what is in it is made up. `cargo xtask bench
//! --large` runs these, and the program on what they leave.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of one page")]

mod disk;
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use vhault_core::time::Instant;

use vhault_datapath::vault::{Unlock, Vault, keys};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Box<dyn Error>> {
    match *words {
        ["disk", vault, key, cache, chunks, day, file] => {
            disk::back_up(&open(vault, key, cache)?, chunks.parse()?, day.parse()?, &PathBuf::from(file))
        }
        ["table", vault, key, cache, entries] => table::fill(&open(vault, key, cache)?, entries.parse()?),
        ["look-up", vault, key, cache, entries, count] => {
            table::look_up(&open(vault, key, cache)?, entries.parse()?, count.parse()?)
        }
        _ => Err("vhault-large disk|table|look-up: the words are in the source's first lines".into()),
    }
}

fn open(vault: &str, key: &str, cache: &str) -> Result<Vault, Box<dyn Error>> {
    let unlock = Unlock::With(keys::read_key_file(Path::new(key))?);
    Ok(Vault::open(Path::new(vault), &unlock, Path::new(cache))?)
}

/// The time of this machine.
fn now() -> Instant {
    let milliseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Instant::from_unix_milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}
