//! The program and the demo's vault.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vhault_benches::program::{Outcome, Trouble, While};

use super::folder::Folder;
use super::map::Change;
use super::run::{Run, measured};
use super::story::{Backup, Story};
use crate::say::{self, Step};

const PASSPHRASE: &str = "a demo has no secrets\n";

/// The program and the demo's vault.
pub(crate) struct Vhault {
    program: PathBuf,
    vault: PathBuf,
    passphrase: PathBuf,
    /// What the program remembers of the vault: with the demo, not with the user.
    cache: PathBuf,
}

impl Vhault {
    /// The program, and where its vault will be.
    ///
    /// # Errors
    ///
    /// Where the passphrase cannot be written.
    pub(crate) fn new(program: &Path, folder: &Folder) -> Outcome<Vhault> {
        let passphrase = folder.passphrase();
        fs::write(&passphrase, PASSPHRASE)
            .while_doing(|| format!("cannot write {}", passphrase.display()))?;
        Ok(Vhault {
            program: program.to_owned(),
            vault: folder.vault(),
            passphrase,
            cache: folder.join("cache"),
        })
    }

    /// Makes the vault.
    ///
    /// # Errors
    ///
    /// What the program says.
    pub(crate) fn init(&self) -> Outcome<()> {
        self.run(&self.vault, "init", &[])?.done().map(drop)
    }

    /// Takes a recovery point of `images` and adds what it cost to the story.
    ///
    /// # Errors
    ///
    /// What the program says.
    pub(crate) fn backup(
        &self,
        vm: &str,
        images: &[String],
        virtual_bytes: u64,
        story: &mut Story,
    ) -> Outcome<()> {
        let before = self.bytes();
        let mut args = vec!["--vm", vm];
        args.extend(images.iter().map(String::as_str));
        let step = Step::begin(&format!("vhault backup of {} disks", images.len()));
        let run = self.run(&self.vault, "backup", &args)?.done()?;
        let grown = self.bytes().saturating_sub(before);
        step.done(&format!(
            "{} of disks at {}; the vault grew by {}; {} of memory at most",
            say::size(virtual_bytes),
            say::rate(virtual_bytes, run.wall),
            say::size(grown),
            say::size(run.peak_bytes)
        ));
        story.backups.push(Backup {
            virtual_bytes,
            grown_bytes: grown,
            wall: run.wall,
            peak_bytes: run.peak_bytes,
        });
        Ok(())
    }

    /// The ids of all recovery points, oldest first.
    ///
    /// # Errors
    ///
    /// What the program says, or its list not being one.
    pub(crate) fn points(&self) -> Outcome<Vec<String>> {
        let run = self.run(&self.vault, "list", &["--json"])?.done()?;
        let listed: Value =
            serde_json::from_str(&run.stdout).while_doing(|| "list --json is not JSON".to_owned())?;
        let points = listed.as_array().ok_or_else(|| Trouble::new("list --json is no array"))?;
        let mut timed: Vec<(&str, &str)> = Vec::new();
        for point in points {
            let (Some(id), Some(time)) = (point["id"].as_str(), point["time"].as_str()) else {
                return Err(Trouble::new(format!("a point of list --json lacks id or time: {point}")));
            };
            timed.push((time, id));
        }
        // A stable sort: points of one second stay in the order listed.
        timed.sort_by_key(|(time, _)| *time);
        Ok(timed.into_iter().map(|(_, id)| id.to_owned()).collect())
    }

    /// Lets the program say what changed in a disk between the first two
    /// points, and holds it against a count made without it.
    ///
    /// # Errors
    ///
    /// Where it fails, or leaves out a changed sector.
    pub(crate) fn diff(&self, points: &[String], label: &str, change: &Change) -> Outcome<()> {
        let [first, second, ..] = points else {
            return Err(Trouble::new("two recovery points are needed to compare"));
        };
        let sides = [first, second].map(|id| format!("{}::{id}/{label}", self.vault.display()));
        let step = Step::begin(&format!("vhault diff of {label} between the points"));
        let run = self.run(Path::new(&sides[0]), "diff", &[&sides[1], "--json"])?.done()?;
        let told: Value =
            serde_json::from_str(&run.stdout).while_doing(|| "diff --json is not JSON".to_owned())?;
        let extents = extents(&told)
            .ok_or_else(|| Trouble::new(format!("diff --json names no extents: {}", run.stdout.trim())))?;
        if let Some(sector) = change.first_outside(&extents) {
            step.failed("");
            return Err(Trouble::new(format!(
                "{label}: sector {sector} changed and `vhault diff` does not say so"
            )));
        }
        let sectors: u64 = extents.iter().map(|(_, count)| count).sum();
        step.done(&format!(
            "{} in {} extents; every one of the {} sectors that differ lies inside",
            say::size(sectors * 512),
            say::count(extents.len() as u64),
            say::count(change.changed_sectors())
        ));
        Ok(())
    }

    /// Writes one disk of a point to `out`.
    ///
    /// # Errors
    ///
    /// What the program says.
    pub(crate) fn restore(&self, point: &str, disk: &str, format: &str, out: &Path) -> Outcome<Run> {
        let out = out.display().to_string();
        self.run(&self.vault, "restore", &[point, "--disk", disk, "--format", format, "--out", &out])?.done()
    }

    /// Verifies a vault, which may be a damaged copy.
    ///
    /// # Errors
    ///
    /// Where the program cannot be started.
    pub(crate) fn verify(&self, vault: &Path, level: &str) -> Outcome<Run> {
        self.run(vault, "verify", &["--level", level])
    }

    /// Where the vault lies.
    pub(crate) fn vault(&self) -> &Path {
        &self.vault
    }

    /// Bytes of all files in the vault.
    pub(crate) fn bytes(&self) -> u64 {
        let mut total = 0;
        let mut waiting = vec![self.vault.clone()];
        while let Some(folder) = waiting.pop() {
            let Ok(listed) = fs::read_dir(folder) else { continue };
            for entry in listed.filter_map(Result::ok) {
                match entry.metadata() {
                    Ok(about) if about.is_dir() => waiting.push(entry.path()),
                    Ok(about) => total += about.len(),
                    Err(_) => {}
                }
            }
        }
        total
    }

    fn run(&self, subject: &Path, verb: &str, args: &[&str]) -> Outcome<Run> {
        let mut command = Command::new(&self.program);
        command
            .arg(verb)
            .arg(subject)
            .args(args)
            .arg("--passphrase-file")
            .arg(&self.passphrase)
            .arg("--cache")
            .arg(&self.cache);
        measured(&mut command)
    }
}

/// First sector and count of each extent that a diff names.
fn extents(told: &Value) -> Option<Vec<(u64, u64)>> {
    let listed = told["extents"].as_array()?;
    listed.iter().map(|extent| Some((extent["start"].as_u64()?, extent["count"].as_u64()?))).collect()
}
