//! Which packs this host proved whole, and when: a verify can go on where an
//! earlier one ended, and pass over what was read lately.
//!
//! Beside the host's copies of the chunk table, one line a pack, appended as
//! each is done: `NAME MILLISECONDS`. What is lost or damaged of it is verified
//! again.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vhault_core::digest::PackName;
use vhault_core::time::{Instant, Span};

use super::open::Vault;

/// No more is read of it: 800 000 packs, or 50 TiB.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// What is remembered of one vault's packs.
#[derive(Default)]
pub struct Proven {
    known: Mutex<BTreeMap<PackName, Instant>>,
    file: Mutex<Option<File>>,
}

impl Vault {
    /// What this host remembers; nothing where it has no cache. Packs that are gone are forgotten.
    pub fn proven(&self) -> Proven {
        let Some(cache) = &self.cache else { return Proven::default() };
        let path = cache.proven_path();
        let mut text = String::new();
        // What cannot be read is verified again.
        let _read = File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
        let mut known = BTreeMap::new();
        for line in text.split_inclusive('\n') {
            // A line without its end was cut short by a crash.
            let Some((name, at)) = line.strip_suffix('\n').and_then(|line| line.split_once(' ')) else {
                continue;
            };
            if let (Ok(name), Ok(at)) = (name.parse::<PackName>(), at.parse()) {
                known.insert(name, Instant::from_unix_milliseconds(at));
            }
        }
        let catalogue = &self.head().catalogue;
        known.retain(|pack, _| catalogue.is_live(pack));
        let lines: String = known.iter().map(|(name, at)| line(*name, *at)).collect();
        if lines != text {
            let _written = cache.write(&path, &[lines.as_bytes()]);
        }
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path).ok();
        Proven { known: Mutex::new(known), file: Mutex::new(file) }
    }
}

impl Proven {
    /// When a pack was proved, if that is younger than `age`. What claims to be from the future is not believed.
    pub fn since(&self, pack: &PackName, age: Span, now: Instant) -> Option<Instant> {
        let at = *self.known().get(pack)?;
        (at <= now && now.since(at) < age).then_some(at)
    }

    /// Takes note that a pack is whole.
    pub fn note(&self, pack: PackName, now: Instant) {
        self.known().insert(pack, now);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = file.as_mut()
            && open.write_all(line(pack, now).as_bytes()).is_err()
        {
            *file = None;
        }
    }

    /// Takes note that a pack is not whole.
    pub fn note_damaged(&self, pack: PackName) {
        self.note(pack, Instant::from_unix_milliseconds(i64::MAX));
        self.known().remove(&pack);
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<PackName, Instant>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(pack: PackName, at: Instant) -> String {
    format!("{pack} {}\n", at.unix_milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: PackName = PackName::from_bytes([7; 32]);

    fn at(milliseconds: i64) -> Instant {
        Instant::from_unix_milliseconds(milliseconds)
    }

    #[test]
    fn a_proof_ages_and_one_from_the_future_is_none() {
        let proven = Proven::default();
        let age = Span::from_milliseconds(10);
        assert_eq!(proven.since(&PACK, age, at(5)), None);
        proven.note(PACK, at(100));
        assert_eq!(proven.since(&PACK, age, at(109)), Some(at(100)));
        assert_eq!(proven.since(&PACK, age, at(110)), None);
        assert_eq!(proven.since(&PACK, age, at(99)), None, "the clock went back");
        proven.note_damaged(PACK);
        assert_eq!(proven.since(&PACK, age, at(101)), None);
    }
}
