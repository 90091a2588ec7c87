//! The host's own folder for one vault: decrypted table fragments, journals of
//! copies at work, and the highest record it saw.
//!
//! Everything here can be lost: it is rebuilt from the vault. Mode 0700 and
//! 0600, since it holds the vault's ids in clear (no keys, no data).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use vhault_core::digest::{FragmentName, RecordHash, VaultId, hex};

use super::random;

/// The host's folder for one vault.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The folder for `vault` below `root`, made if it is missing.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn open(root: &Path, vault: VaultId) -> io::Result<Cache> {
        let folder = root.join(vault.to_string());
        for inside in ["tables", "journals"] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder.join(inside))?;
        }
        Ok(Cache { folder })
    }

    /// Where caches lie unless told otherwise: `VHAULT_CACHE`, else the user's cache folder, else a folder of this
    /// process below the system's temporary one.
    pub fn default_root() -> PathBuf {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        set("VHAULT_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("vhault")))
            .or_else(|| set("HOME").map(|home| home.join(".cache/vhault")))
            .unwrap_or_else(|| std::env::temp_dir().join(format!("vhault-{}", hex(&random::bytes::<8>()))))
    }

    /// Where the decrypted copy of a fragment lies.
    pub fn table_path(&self, fragment: FragmentName) -> PathBuf {
        self.folder.join("tables").join(fragment.to_string())
    }

    /// Where it stands which packs were proved, and when.
    pub(super) fn proven_path(&self) -> PathBuf {
        self.folder.join("proven")
    }

    /// Where copies leave their journals.
    pub fn journals_path(&self) -> PathBuf {
        self.folder.join("journals")
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
        let temporary = self.folder.join(format!("new-{}", hex(&random::bytes::<8>())));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            fs::rename(&temporary, path)
        })();
        if written.is_err() {
            // The write's own error is the one to report.
            let _removed = fs::remove_file(&temporary);
        }
        written
    }

    /// Opens a file of this folder for mapping.
    ///
    /// # Errors
    ///
    /// When it is absent or cannot be read.
    pub fn open_file(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    /// The highest record this host saw, with its hash; `None` on a host that is new to the vault.
    pub fn seen_head(&self) -> Option<(u64, RecordHash)> {
        let text = fs::read_to_string(self.folder.join("head")).ok()?;
        let (number, hash) = text.trim_end().split_once(' ')?;
        Some((number.parse().ok()?, hash.parse().ok()?))
    }

    /// Remembers the highest record. Best effort: it is a hint for noticing rollbacks.
    pub fn remember_head(&self, number: u64, hash: RecordHash) {
        if self.seen_head().is_none_or(|(seen, _)| seen < number) {
            let line = format!("{number} {hash}\n");
            let _written = self.write(&self.folder.join("head"), &[line.as_bytes()]);
        }
    }
}
