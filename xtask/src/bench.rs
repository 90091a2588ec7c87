//! How long the main works take on the measured data set, with processor
//! time, memory and vault size beside every wall time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use vhault_benches::program::{Outcome, Trouble, While};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::demo::run::measured;
use crate::{say, usage};

const HELP: &str = "\
cargo xtask bench [--rounds N] FOLDER

Runs first and second backup, restore and verify on the data set that
`cargo xtask bench-data FOLDER` made, N rounds (3), and prints the median of
each with its range. The vault is encrypted, unlocked by key file, and every
command returns after its data is synced. Sources are read once before, so that
they come from memory. Writes FOLDER/bench.json. Keep the machine quiet.";

const ROUNDS: u64 = 3;
/// Ticks of `/proc/self/stat` in a second, on every Linux we know.
const TICKS_PER_SECOND: u64 = 100;

/// One step of one round.
#[derive(Clone, Copy)]
struct Taken {
    wall: Duration,
    processor: Duration,
    peak_bytes: u64,
    vault_bytes: u64,
}

/// A step, by name, and what it took in each round.
struct Row {
    name: &'static str,
    taken: Vec<Taken>,
}

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let rounds = args.number("--rounds", HELP)?.unwrap_or(ROUNDS).max(1);
    let folders = args.files(HELP)?;
    let [folder] = &folders[..] else {
        return Err(usage("one folder is wanted", HELP));
    };
    let bench = Bench::new(build::vhault(Profile::Release)?, folder)?;
    bench.warm()?;
    let mut rows: Vec<Row> = Vec::new();
    for round in 0..rounds {
        say::note(&format!("round {} of {rounds}", round + 1));
        for (name, taken) in bench.round()? {
            match rows.iter_mut().find(|row| row.name == name) {
                Some(row) => row.taken.push(taken),
                None => rows.push(Row { name, taken: vec![taken] }),
            }
        }
    }
    table(&rows);
    let file = folder.join("bench.json");
    fs::write(&file, json(&rows)).while_doing(|| format!("cannot write {}", file.display()))?;
    say::line(&format!("\nThe same for machines: {}", file.display()));
    Ok(())
}

struct Bench {
    program: PathBuf,
    data: PathBuf,
    work: PathBuf,
}

impl Bench {
    fn new(program: PathBuf, data: &Path) -> Outcome<Bench> {
        let work = data.join("work");
        if work.exists() {
            fs::remove_dir_all(&work).while_doing(|| format!("cannot clear {}", work.display()))?;
        }
        fs::create_dir_all(&work).while_doing(|| format!("cannot make {}", work.display()))?;
        Ok(Bench { program, data: data.to_owned(), work })
    }

    fn image(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// Reads the sources once.
    fn warm(&self) -> Outcome<()> {
        for name in ["gen1.fixed.vhd", "gen2.fixed.vhd"] {
            let path = self.image(name);
            let mut file = fs::File::open(&path).while_doing(|| format!("cannot open {}", path.display()))?;
            std::io::copy(&mut file, &mut std::io::sink())
                .while_doing(|| format!("cannot read {}", path.display()))?;
        }
        Ok(())
    }

    fn round(&self) -> Outcome<Vec<(&'static str, Taken)>> {
        let mut taken = Vec::new();
        let first = self.image("gen1.fixed.vhd");
        let second = self.image("gen2.fixed.vhd");
        for (name, more) in
            [("first backup", &[][..]), ("first backup, decode-and-compare off", &["--no-compare"])]
        {
            self.new_vault()?;
            taken.push((name, self.backup(&first, more)?));
        }
        self.new_vault()?;
        self.backup(&first, &[])?;
        taken.push(("second backup, everything hashed", self.backup(&second, &["--read-all"])?));
        taken.push(("nothing changed, everything hashed", self.backup(&second, &["--read-all"])?));
        taken.push(("nothing changed, an eighth audited", self.backup(&second, &[])?));
        taken.push(("verify, every byte", self.on_vault("verify", &[], &[])?));
        for (name, format) in [("restore, raw", "raw"), ("restore, dynamic VHD", "dynamic")] {
            let out = self.work.join("restored");
            if out.exists() {
                fs::remove_file(&out).while_doing(|| format!("cannot remove {}", out.display()))?;
            }
            let out = [out.as_path()];
            taken.push((name, self.on_vault("restore", &["latest", "--format", format, "--out"], &out)?));
        }
        Ok(taken)
    }

    fn new_vault(&self) -> Outcome<()> {
        for old in ["vault", "cache"] {
            let path = self.work.join(old);
            if path.exists() {
                fs::remove_dir_all(&path).while_doing(|| format!("cannot remove {}", path.display()))?;
            }
        }
        self.on_vault("init", &[], &[]).map(|_| ())
    }

    fn backup(&self, image: &Path, more: &[&str]) -> Outcome<Taken> {
        let mut words = vec!["--vm", "bench"];
        words.extend(more);
        // One label for both days, whatever the files are called.
        let labelled = PathBuf::from(format!("disk={}", image.display()));
        self.on_vault("backup", &words, &[&labelled])
    }

    fn on_vault(&self, verb: &str, words: &[&str], paths: &[&Path]) -> Outcome<Taken> {
        let vault = self.work.join("vault");
        let mut command = Command::new(&self.program);
        command.arg(verb).arg(&vault).arg("--quiet").arg("--key-file").arg(self.work.join("key"));
        command.arg("--cache").arg(self.work.join("cache")).args(words).args(paths);
        let before = processor_time();
        let run = measured(&mut command)?;
        let processor = processor_time().saturating_sub(before);
        if run.code != Some(0) {
            return Err(Trouble::new(format!("vhault {verb} ended with {:?}: {}", run.code, run.stderr)));
        }
        Ok(Taken { wall: run.wall, processor, peak_bytes: run.peak_bytes, vault_bytes: folder_bytes(&vault) })
    }
}

/// Processor time of all children that ended so far.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    // Fields 16 and 17: user and system ticks of waited-for children; field 3 is the first one here.
    let ticks: u64 =
        after_name.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => folder_bytes(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

fn table(rows: &[Row]) {
    say::line("| step | wall s: median (range) | processor s | peak memory MiB | vault MiB |");
    say::line("| --- | --- | --- | --- | --- |");
    for row in rows {
        let mut walls: Vec<Duration> = row.taken.iter().map(|taken| taken.wall).collect();
        walls.sort_unstable();
        let seconds = |time: Duration| format!("{}.{:02}", time.as_secs(), time.subsec_millis() / 10);
        let middle = |number: fn(&Taken) -> u64| {
            let mut all: Vec<u64> = row.taken.iter().map(number).collect();
            all.sort_unstable();
            all[all.len() / 2]
        };
        let processor = Duration::from_millis(middle(|taken| {
            u64::try_from(taken.processor.as_millis()).unwrap_or(u64::MAX)
        }));
        say::line(&format!(
            "| {} | {} ({}–{}) | {} | {} | {} |",
            row.name,
            seconds(walls[walls.len() / 2]),
            seconds(walls[0]),
            seconds(walls[walls.len() - 1]),
            seconds(processor),
            middle(|taken| taken.peak_bytes) >> 20,
            middle(|taken| taken.vault_bytes) >> 20,
        ));
    }
}

fn json(rows: &[Row]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let rounds: Vec<_> = row
                .taken
                .iter()
                .map(|taken| {
                    json!({
                        "wall_milliseconds": u64::try_from(taken.wall.as_millis()).unwrap_or(u64::MAX),
                        "processor_milliseconds": u64::try_from(taken.processor.as_millis()).unwrap_or(u64::MAX),
                        "peak_bytes": taken.peak_bytes,
                        "vault_bytes": taken.vault_bytes,
                    })
                })
                .collect();
            json!({ "step": row.name, "rounds": rounds })
        })
        .collect();
    serde_json::Value::from(rows).to_string()
}
