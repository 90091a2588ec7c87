//! Where the demo lies, and the room it takes.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::program::{Outcome, Trouble, While};

use crate::{place, say};

/// Marks a folder as ours: only such a folder is ever emptied.
const MARK: &str = "made-by-vhault-demo";

/// A folder that belongs to one run of the demo.
pub(crate) struct Folder {
    place: PathBuf,
}

impl Folder {
    /// Makes the folder, emptying what an earlier demo left there.
    ///
    /// # Errors
    ///
    /// Where something else lies there, or the disk has no room.
    pub(crate) fn prepare(place: &Path, room: u64, quick: bool) -> Outcome<Folder> {
        if place.exists() {
            if !place.join(MARK).is_file() {
                return Err(Trouble::new(format!(
                    "{} is there and the demo did not make it; move it away",
                    place.display()
                )));
            }
            fs::remove_dir_all(place).while_doing(|| format!("cannot empty {}", place.display()))?;
        }
        fs::create_dir_all(place).while_doing(|| format!("cannot make {}", place.display()))?;
        fs::write(place.join(MARK), "safe to remove\n")
            .while_doing(|| format!("cannot write {}", place.display()))?;
        let folder = Folder { place: place.to_owned() };
        let free = place::free_bytes(place)?;
        if free < room {
            folder.remove()?;
            let smaller = if quick { "" } else { "; --quick needs far less" };
            return Err(Trouble::new(format!(
                "the demo needs {} in {}, and {} are free{smaller}",
                say::size(room),
                place::shown(place),
                say::size(free)
            )));
        }
        Ok(folder)
    }

    /// The folder itself.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// A name in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }

    /// A folder in it, made if it is not there.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn make(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.place.join(name);
        fs::create_dir_all(&path).while_doing(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// The vault.
    pub(crate) fn vault(&self) -> PathBuf {
        self.join("vault")
    }

    /// What opens the vault: a demo has no secrets.
    pub(crate) fn passphrase(&self) -> PathBuf {
        self.join("passphrase.txt")
    }

    /// The page to read.
    pub(crate) fn report(&self) -> PathBuf {
        self.join("report.html")
    }

    /// Clears away what only the proofs needed.
    pub(crate) fn keep(&self) {
        for name in ["inside", "raw", "restored", "damaged"] {
            // Whatever cannot be removed now goes with the folder.
            let _ = fs::remove_dir_all(self.join(name));
        }
    }

    /// Removes the folder and all in it.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn remove(&self) -> Outcome<()> {
        fs::remove_dir_all(&self.place).while_doing(|| format!("cannot remove {}", self.place.display()))
    }
}
