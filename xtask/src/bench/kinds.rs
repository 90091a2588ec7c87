//! What chunk size and effort cost and bring on several kinds of disk: the figures behind `docs/decisions`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vhault_benches::content::{Table, append_log, write_noise, write_rows};
use vhault_benches::program::{Outcome, Trouble, While, succeed};

use super::HELP;
use super::ground::{folder_bytes, processor_time};
use crate::args::Args;
use crate::build::{self, Profile};
use crate::demo::run::measured;
use crate::{say, usage};

const CHUNK_SIZES: [&str; 4] = ["64K", "256K", "1M", "4M"];
const EFFORTS: [&str; 3] = ["fast", "default", "best"];
const FAN_OUTS: [&str; 3] = ["256", "1024", "4096"];
/// What the other sweep holds still.
const CHUNK_SIZE: &str = "256K";
const EFFORT: &str = "default";
const FAN_OUT: &str = "256";

/// Size of the made-up disks that are full of something.
const DISK_BYTES: u64 = 1 << 30;
/// Size of the one that is mostly empty.
const EMPTY_DISK_BYTES: u64 = 16 << 30;

/// A disk on two days.
struct Kind {
    name: &'static str,
    first: PathBuf,
    second: PathBuf,
}

/// The verb with `--kinds`.
pub(super) fn main(args: Args) -> Outcome<()> {
    let folders = args.files(HELP)?;
    let [folder] = &folders[..] else {
        return Err(usage("one folder is wanted", HELP));
    };
    let program = build::vhault(Profile::Release)?;
    let work = folder.join("kinds");
    if work.exists() {
        fs::remove_dir_all(&work).while_doing(|| format!("cannot clear {}", work.display()))?;
    }
    fs::create_dir_all(&work).while_doing(|| format!("cannot make {}", work.display()))?;
    fs::write(work.join("key"), [7; 32]).while_doing(|| "cannot write a key".to_owned())?;
    let step = say::Step::begin("disks made");
    let kinds = make(folder, &work)?;
    step.done("");
    say::line(
        "| disk | chunk | pages of | compression | first: processor s | stored KiB | tables KiB | a day later: processor s | stored KiB |",
    );
    say::line("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for kind in &kinds {
        for chunk_size in CHUNK_SIZES {
            row(&program, &work, kind, [chunk_size, FAN_OUT, EFFORT])?;
        }
        for fan_out in FAN_OUTS.into_iter().filter(|fan_out| *fan_out != FAN_OUT) {
            row(&program, &work, kind, [CHUNK_SIZE, fan_out, EFFORT])?;
        }
        for effort in EFFORTS.into_iter().filter(|effort| *effort != EFFORT) {
            row(&program, &work, kind, [CHUNK_SIZE, FAN_OUT, effort])?;
        }
    }
    fs::remove_dir_all(&work).while_doing(|| format!("cannot clear {}", work.display()))
}

/// The measured data set's system disk, and three that are made here from a seed.
fn make(folder: &Path, work: &Path) -> Outcome<Vec<Kind>> {
    let at = |name: &str| work.join(name);
    let copy = |from: &Path, to: &Path| {
        fs::copy(from, to).map(drop).while_doing(|| format!("cannot copy {}", from.display()))
    };

    let database = Kind { name: "database, 8 KiB pages", first: at("database.1"), second: at("database.2") };
    let page_bytes = 8 << 10;
    let table = Table::create(&database.first, DISK_BYTES / page_bytes, 7)?;
    copy(&database.first, &database.second)?;
    table.change(&database.second, 2_500, 31)?;

    let media = Kind { name: "media", first: at("media.1"), second: at("media.2") };
    write_noise(&media.first, DISK_BYTES, 1)?;
    let later = at("later");
    write_noise(&later, DISK_BYTES / 20, 2)?;
    let (mut bytes, new) = (fs::read(&media.first)?, fs::read(&later)?);
    bytes[..new.len()].copy_from_slice(&new);
    fs::write(&media.second, bytes)?;

    let empty = Kind { name: "mostly empty", first: at("empty.1"), second: at("empty.2") };
    write_rows(&empty.first, DISK_BYTES / 16, 3)?;
    copy(&empty.first, &empty.second)?;
    append_log(&empty.second, 4 << 20, 4)?;
    for file in [&empty.first, &empty.second] {
        fs::OpenOptions::new().write(true).open(file)?.set_len(EMPTY_DISK_BYTES)?;
    }

    let system =
        Kind { name: "system", first: folder.join("gen1.fixed.vhd"), second: folder.join("gen2.fixed.vhd") };
    Ok(vec![system, database, media, empty])
}

fn row(program: &Path, work: &Path, kind: &Kind, how: [&str; 3]) -> Outcome<()> {
    let [chunk_size, fan_out, effort] = how;
    let vault = work.join("vault");
    for old in [&vault, &work.join("cache")] {
        if old.exists() {
            fs::remove_dir_all(old).while_doing(|| format!("cannot remove {}", old.display()))?;
        }
    }
    let vhault = |verb: &str| {
        let mut command = Command::new(program);
        command.arg(verb).arg(&vault).arg("--quiet").arg("--key-file").arg(work.join("key"));
        command.arg("--cache").arg(work.join("cache"));
        command
    };
    succeed(vhault("init").args(["--chunk-size", chunk_size, "--page-fan-out", fan_out]))?;
    let mut cells = String::new();
    let mut stored_before = 0;
    for (day, image) in [(1, &kind.first), (2, &kind.second)] {
        let mut command = vhault("backup");
        command.args(["--vm", "kinds", "--no-compare", "--compression", effort]);
        if image.extension().is_none_or(|extension| extension != "vhd") {
            command.arg("--raw");
        }
        command.arg(format!("disk={}", image.display()));
        let before = processor_time();
        let run = measured(&mut command)?;
        let processor = processor_time().saturating_sub(before);
        if run.code != Some(0) {
            return Err(Trouble::new(format!("{} on day {day}: {}{}", kind.name, run.stdout, run.stderr)));
        }
        let packs = folder_bytes(&vault.join("packs"));
        cells += &format!(" {:.2} | {} |", processor.as_secs_f64(), (packs - stored_before) >> 10);
        stored_before = packs;
        if day == 1 {
            cells += &format!(" {} |", folder_bytes(&vault.join("tables")) >> 10);
        }
    }
    say::line(&format!("| {} | {chunk_size} | {fan_out} | {effort} |{cells}", kind.name));
    Ok(())
}
