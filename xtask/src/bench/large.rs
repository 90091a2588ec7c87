//! What the program takes on a vault of many chunks: time, and memory with and without what files stand behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use vhault_benches::content::write_noise;
use vhault_benches::program::{Outcome, Trouble, While, succeed};

use super::HELP;
use super::ground::{folder_bytes, processor_time};
use crate::args::Args;
use crate::build::{self, Profile};
use crate::demo::run::measured;
use crate::{place, say, usage};

/// Chunks of the made-up disk, unless told.
const CHUNKS: u64 = 10_000_000;
/// Entries of the made-up table, unless told.
const ENTRIES: u64 = 100_000_000;
/// Sizes of disks that hold as much as each other, in bytes.
const DISK_SIZES: [u64; 4] = [1 << 30, 16 << 30, 128 << 30, 2 << 40];
/// What each of them holds; the rest is a hole.
const DATA_BYTES: u64 = 256 << 20;
/// How many entries are looked up, and as many that are not there.
const LOOKUPS: u64 = 1_000_000;

/// The verb with `--large`.
pub(super) fn main(mut args: Args) -> Outcome<()> {
    let chunks = args.number("--chunks", HELP)?.unwrap_or(CHUNKS).max(1);
    let entries = args.number("--entries", HELP)?.unwrap_or(ENTRIES).max(1);
    let folders = args.files(HELP)?;
    let [folder] = &folders[..] else {
        return Err(usage("one folder is wanted", HELP));
    };
    let program = build::vhault(Profile::Release)?;
    let mut cargo = build::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "vhault-large"]);
    succeed(&mut cargo)?;
    let bench = Large {
        program,
        maker: place::top().join("target/release/vhault-large"),
        work: folder.join("large"),
    };
    say::line("| step | wall s | processor s | anonymous memory MiB | with mapped files MiB | vault MiB |");
    say::line("| --- | --- | --- | --- | --- | --- |");
    for size in DISK_SIZES {
        bench.disk_of(size)?;
    }
    bench.vault_of(chunks)?;
    bench.table_of(entries)?;
    fs::remove_dir_all(&bench.work).while_doing(|| format!("cannot clear {}", bench.work.display()))
}

struct Large {
    program: PathBuf,
    maker: PathBuf,
    work: PathBuf,
}

impl Large {
    fn disk_of(&self, bytes: u64) -> Outcome<()> {
        self.new_vault(&[])?;
        let (disk, restored) = (self.work.join("disk.raw"), self.work.join("restored.raw"));
        write_noise(&disk, DATA_BYTES, 1)?;
        File::options().write(true).open(&disk)?.set_len(bytes)?;
        let of_size = |what: &str| format!("{what}, a disk of {} GiB", bytes >> 30);
        self.row(
            &of_size("first backup"),
            self.vhault("backup").args(["--vm", "large", "--raw"]).arg(&disk),
        )?;
        self.row(&of_size("verify --level images"), self.vhault("verify").args(["--level", "images"]))?;
        let mut restore = self.vhault("restore");
        self.row(
            &of_size("restore raw"),
            restore.args(["latest", "--format", "raw", "--out"]).arg(&restored),
        )?;
        for file in [disk, restored] {
            fs::remove_file(&file).while_doing(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(())
    }

    fn vault_of(&self, chunks: u64) -> Outcome<()> {
        self.new_vault(&["--chunk-size", "64K"])?;
        let disk = self.work.join("disk.raw");
        for (day, what) in [("0", "first backup"), ("1", "a day later, all hashed")] {
            let mut command = self.maker("disk");
            command.args([chunks.to_string().as_str(), day]).arg(&disk);
            self.row(&format!("{what}: {chunks} chunks"), &mut command)?;
        }
        fs::remove_file(&disk).while_doing(|| format!("cannot remove {}", disk.display()))?;
        for level in ["structure", "packs", "chunks"] {
            self.row(&format!("verify --level {level}"), self.vhault("verify").args(["--level", level]))?;
        }
        self.row("sweep --dry-run", self.vhault("sweep").arg("--dry-run"))?;
        succeed(self.vhault("forget").args(["--vm", "large", "--keep-last", "1"]))?;
        succeed(self.vhault("purge").args(["--wait-days", "0"]))?;
        self.row("sweep", &mut self.vhault("sweep"))
    }

    fn table_of(&self, entries: u64) -> Outcome<()> {
        self.new_vault(&[])?;
        let (all, looked_up) = (entries.to_string(), LOOKUPS.min(entries).to_string());
        self.row(&format!("a table of {entries} entries made"), self.maker("table").arg(&all))?;
        let told =
            self.row(&format!("{looked_up} looked up"), self.maker("look-up").args([&all, &looked_up]));
        told.map(drop)
    }

    fn new_vault(&self, more: &[&str]) -> Outcome<()> {
        if self.work.exists() {
            fs::remove_dir_all(&self.work).while_doing(|| format!("cannot clear {}", self.work.display()))?;
        }
        fs::create_dir_all(&self.work).while_doing(|| format!("cannot make {}", self.work.display()))?;
        fs::write(self.key(), [7; 32]).while_doing(|| "cannot write a key".to_owned())?;
        succeed(self.vhault("init").args(more)).map(drop)
    }

    fn vault(&self) -> PathBuf {
        self.work.join("vault")
    }

    fn key(&self) -> PathBuf {
        self.work.join("key")
    }

    fn vhault(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(verb).arg(self.vault()).arg("--quiet").arg("--key-file").arg(self.key());
        command.arg("--cache").arg(self.work.join("cache"));
        command
    }

    fn maker(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.maker);
        command.arg(verb).arg(self.vault()).arg(self.key()).arg(self.work.join("cache"));
        command
    }

    /// One command, and its row of the table.
    fn row(&self, what: &str, command: &mut Command) -> Outcome<()> {
        let before = processor_time();
        let run = measured(command)?;
        let processor = processor_time().saturating_sub(before);
        if run.code != Some(0) {
            return Err(Trouble::new(format!("{what}: {}{}", run.stdout, run.stderr)));
        }
        say::line(&format!(
            "| {what} | {:.2} | {:.2} | {} | {} | {} |",
            run.wall.as_secs_f64(),
            processor.as_secs_f64(),
            run.peak_anonymous_bytes >> 20,
            run.peak_bytes >> 20,
            folder_bytes(Path::new(&self.vault())) >> 20
        ));
        for line in run.stdout.lines().filter(|line| line.contains(" a second") || line.contains("at hand")) {
            say::line(&format!("| … {line} | | | | | |"));
        }
        Ok(())
    }
}
