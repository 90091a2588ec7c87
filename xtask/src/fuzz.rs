//! Bounded fuzzing of the decoders.

use std::fs;
use std::process::Command;

use vhault_benches::program::{Outcome, Trouble, While, find, succeed};

use crate::args::Args;
use crate::setup::{self, For};
use crate::{build, place, say, usage};

const HELP: &str = "\
cargo xtask fuzz [--seconds N] [TARGET]

Feeds generated input to every decoder, or to one, N seconds each (60),
beginning with fuzz/corpus. Inputs that break one are kept in fuzz/artifacts,
inputs that lead somewhere new in fuzz/target/found. The first run takes
minutes: it compiles cargo-fuzz from crates.io where it is missing.";

const SECONDS: u64 = 60;

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let seconds = args.number("--seconds", HELP)?.unwrap_or(SECONDS);
    let wanted = args.verb();
    args.nothing_more(HELP)?;
    feed(wanted.as_deref(), seconds)
}

/// Feeds one decoder, or every one, for so many seconds each.
///
/// # Errors
///
/// The input that broke one.
pub(crate) fn feed(wanted: Option<&str>, seconds: u64) -> Outcome<()> {
    if !place::fuzz().join("Cargo.toml").is_file() {
        return Err(Trouble::new("there is no fuzz crate in fuzz/"));
    }
    setup::ensure(For::Fuzz)?;
    if find("cargo-fuzz").is_none() && succeed(build::cargo().args(["fuzz", "--version"])).is_err() {
        say::line("compiling cargo-fuzz from crates.io: it runs the fuzz targets");
        let installed = build::cargo().args(["install", "--locked", "cargo-fuzz"]).status();
        if !installed.is_ok_and(|status| status.success()) {
            return Err(Trouble::new("cargo-fuzz did not install; by hand: cargo install cargo-fuzz"));
        }
    }

    let listed = succeed(fuzz().arg("list"))?;
    let targets: Vec<&str> = listed.lines().filter(|name| wanted.is_none_or(|one| one == *name)).collect();
    if targets.is_empty() {
        let wanted = wanted.unwrap_or_default();
        return Err(usage(&format!("no fuzz target is called `{wanted}`; there are:\n{listed}"), HELP));
    }
    for target in targets {
        let step = say::Step::begin(&format!("{target}, {seconds} s"));
        // What it finds goes into the first folder: the corpus that tests
        // replay is small, and people choose what joins it.
        let found = place::fuzz().join("target/found").join(target);
        fs::create_dir_all(&found).while_doing(|| format!("cannot make {}", found.display()))?;
        let limit = format!("-max_total_time={seconds}");
        let mut run = fuzz();
        run.args(["run", "--sanitizer", "none", target])
            .arg(&found)
            .arg(place::fuzz().join("corpus").join(target));
        run.args(["--", &limit, "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1"]);
        let output = run.output().while_doing(|| "cannot start cargo fuzz".to_owned())?;
        if output.status.success() {
            step.done(
                &runs(&output.stderr)
                    .map_or(String::new(), |runs| format!("{} inputs, nothing found", say::count(runs))),
            );
        } else {
            step.failed("");
            return Err(Trouble::new(format!("{target} {}", vhault_benches::program::told(&output))));
        }
    }
    Ok(())
}

/// How many inputs libFuzzer says that it tried.
fn runs(told: &[u8]) -> Option<u64> {
    let told = String::from_utf8_lossy(told);
    let count = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    count.trim().parse().ok()
}

fn fuzz() -> Command {
    let mut cargo = build::cargo();
    // libFuzzer's coverage flags want a nightly compiler, or this word.
    cargo.current_dir(place::fuzz()).env("RUSTC_BOOTSTRAP", "1").args(["fuzz"]);
    cargo
}
