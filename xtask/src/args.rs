//! What was typed.

use std::path::PathBuf;

use vhault_benches::program::Outcome;

use crate::{say, usage};

/// The words after `cargo xtask`, taken one kind at a time.
pub(crate) struct Args {
    words: Vec<String>,
}

impl Args {
    /// What this process was started with.
    pub(crate) fn typed() -> Args {
        Args { words: std::env::args().skip(1).collect() }
    }

    /// The first word.
    pub(crate) fn verb(&mut self) -> Option<String> {
        if self.words.is_empty() { None } else { Some(self.words.remove(0)) }
    }

    /// Whether help was asked for; prints it if so.
    pub(crate) fn helped(&mut self, help: &str) -> bool {
        let asked = self.flag("--help") | self.flag("-h");
        if asked {
            say::line(help);
        }
        asked
    }

    /// Whether a flag was given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// The number after a flag.
    pub(crate) fn number(&mut self, name: &str, help: &str) -> Outcome<Option<u64>> {
        let Some(word) = self.word(name, help)? else { return Ok(None) };
        match word.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(usage(&format!("{name} wants a number, not `{word}`"), help)),
        }
    }

    /// The word after a flag.
    pub(crate) fn word(&mut self, name: &str, help: &str) -> Outcome<Option<String>> {
        let Some(at) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.words.remove(at);
        if at == self.words.len() {
            return Err(usage(&format!("{name} wants a word after it"), help));
        }
        Ok(Some(self.words.remove(at)))
    }

    /// The path after a flag.
    pub(crate) fn path(&mut self, name: &str, help: &str) -> Outcome<Option<PathBuf>> {
        Ok(self.word(name, help)?.map(PathBuf::from))
    }

    /// All that is left, as files; a flag nobody took is refused.
    pub(crate) fn files(self, help: &str) -> Outcome<Vec<PathBuf>> {
        match self.words.iter().find(|word| word.starts_with('-')) {
            Some(word) => Err(usage(&format!("`{word}` is not known here"), help)),
            None => Ok(self.words.into_iter().map(PathBuf::from).collect()),
        }
    }

    /// Refuses anything that is left.
    pub(crate) fn nothing_more(self, help: &str) -> Outcome<()> {
        match self.words.first() {
            Some(word) => Err(usage(&format!("`{word}` is not known here"), help)),
            None => Ok(()),
        }
    }
}
