//! A vault in a folder that goes away again.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::image;
use crate::program::{Told, command, run};

/// A folder of a test's own, with a vault in it.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty folder.
    ///
    /// # Panics
    ///
    /// Where none can be made.
    #[must_use]
    pub fn empty() -> Home {
        Home { folder: tempfile::Builder::new().prefix("vhault-test-").tempdir().unwrap() }
    }

    /// A folder with a fresh vault, sealed with a key file: what most tests
    /// want, since a passphrase is slow on purpose.
    ///
    /// # Panics
    ///
    /// Where the program refuses.
    #[must_use]
    #[track_caller]
    pub fn with_vault() -> Home {
        let home = Home::empty();
        // The key file is made with the vault.
        home.on_vault("init", &[]).done();
        home
    }

    /// A name in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    /// The key file that opens it.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.path("key")
    }

    /// Runs a command on the vault.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    #[track_caller]
    pub fn on_vault(&self, verb: &str, args: &[&str]) -> Told {
        self.on(&self.vault(), verb, args)
    }

    /// Runs a command on any vault that this home's key opens.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    #[track_caller]
    pub fn on(&self, vault: &Path, verb: &str, args: &[&str]) -> Told {
        let mut command = self.command([verb]);
        command.arg(vault).args(args).arg("--key-file").arg(self.key());
        run(&mut command)
    }

    /// A command that keeps what it remembers of vaults in this home.
    #[must_use]
    pub fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = command(args);
        command.env("VHAULT_CACHE", self.path("cache"));
        command
    }

    /// Takes a recovery point of images given as `LABEL=FILE` or `FILE`.
    ///
    /// # Panics
    ///
    /// Where the program refuses.
    #[track_caller]
    pub fn backup(&self, vm: &str, images: &[&str]) -> Told {
        let mut args = vec!["--vm", vm];
        args.extend(images);
        self.on_vault("backup", &args).done()
    }

    /// Takes a recovery point of a raw disk with this content, and gives back its id.
    ///
    /// # Panics
    ///
    /// Where the program refuses.
    #[track_caller]
    pub fn back_up_raw(&self, vm: &str, content: &[u8]) -> String {
        let disk = image::raw(&self.path(&format!("{vm}.raw")), content);
        let told = self.backup(vm, &["--json", "--raw", &disk]).json();
        told["id"].as_str().expect("an id is text").to_owned()
    }

    /// Restores one disk of a point to a new file and gives back its name.
    ///
    /// # Panics
    ///
    /// Where the program refuses.
    #[track_caller]
    pub fn restore(&self, point: &str, disk: &str, format: &str, out: &str) -> PathBuf {
        let file = self.path(out);
        let name = file.display().to_string();
        self.on_vault("restore", &[point, "--disk", disk, "--format", format, "--out", &name]).done();
        file
    }

    /// All recovery points, as `list --json` gives them.
    ///
    /// # Panics
    ///
    /// Where the list is none.
    #[track_caller]
    #[must_use]
    pub fn points(&self) -> Vec<Value> {
        let told = self.on_vault("list", &["--json"]).done();
        match told.json() {
            Value::Array(points) => points,
            _ => panic!("list --json is no array: {}", told.whole()),
        }
    }

    /// Demands that everything in the vault is sound.
    ///
    /// # Panics
    ///
    /// Where it is not.
    #[track_caller]
    pub fn vault_is_sound(&self) {
        self.on_vault("verify", &["--level", "images"]).done();
    }
}

/// All files under a folder, in name order; none where it is absent.
#[must_use]
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Copies all files of a folder into another, which is made where it is absent.
///
/// # Panics
///
/// What the file system says.
#[track_caller]
pub fn copy_folder(from: &Path, to: &Path) {
    for file in files_under(from) {
        let target = to.join(file.strip_prefix(from).expect("it lies under the folder"));
        fs::create_dir_all(target.parent().expect("it lies in a folder")).unwrap();
        fs::copy(file, target).unwrap();
    }
}
