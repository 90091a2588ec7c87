//! Everything that is tried by chance or by rote, at length.

use std::process::Command;

use vhault_benches::program::{Outcome, Trouble, find};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::{fuzz, guards, place, say, usage};

const HELP: &str = "\
cargo xtask proofs [rigs|guards|mutants|fuzz] [--rule WORD] [--part PART/PARTS] [--seconds N]

Runs all long proofs, or one kind of them, and stops at the first that fails:

  rigs     the protocol's histories, its every interleaving, the failing store,
           the damage matrix and kills at length: 100,000 histories, a host that
           dies, every store operation, 500 kills. A quarter of an hour.
           VHAULT_HISTORIES, VHAULT_DEATHS, VHAULT_STRIDE, VHAULT_KILLS and
           VHAULT_SEED say otherwise
  guards   each guard of the vault's rules is taken out of a copy of the sources
           in target/guards, and the test that is said to miss it must fail;
           --rule takes those whose rule holds a word. Writes
           docs/proofs/guards.md
  mutants  the code of vhd, policy and protocol is changed in every way that
           cargo-mutants knows, some 1,700, and the tests must notice; --part
           0/16 takes every sixteenth, 1/16 those after them. cargo-mutants is
           compiled from crates.io where it is missing. Results lie in
           target/mutants. Some 20 of them a minute on two cores
  fuzz     every decoder is fed with generated input for --seconds (60) each.
           A quarter of an hour

docs/proofs/vault.md has what came of the last runs.";

/// The share of all mutants that is tried.
const PART: &str = "0/1";
/// How long each decoder is fed.
const FUZZ_SECONDS: u64 = 60;

/// What makes the runs long.
const LONG: [(&str, &str); 4] =
    [("VHAULT_HISTORIES", "100000"), ("VHAULT_DEATHS", "1"), ("VHAULT_STRIDE", "1"), ("VHAULT_KILLS", "500")];

/// Whose code is mutated, and judged by its own tests only: those of the simulations above it take minutes and know
/// less of it.
struct Mutated {
    name: &'static str,
    modules: &'static [&'static str],
    /// Tests that take seconds and ask of the rig what `kept.txt` asks of the code.
    skipped: &'static [&'static str],
}

const MUTATED: [Mutated; 2] = [
    Mutated { name: "codec-and-retention", modules: &["vhd", "policy"], skipped: &[] },
    Mutated {
        name: "protocol",
        modules: &["protocol"],
        skipped: &["--skip", "histories_come_to_every_kind", "--skip", "every_rule_that_is_taken_out"],
    },
];
/// A mutant that keeps the tests, which take a second or two, from ending is caught as well.
const MUTANT_SECONDS_MAX: &str = "20";
/// Histories that a mutant of the protocol has to survive, beside those that are kept for each rule.
const MUTANT_HISTORIES: &str = "200";

/// How cargo-mutants ends when tests noticed nothing, and when the worst was one that did not end.
const MISSED: i32 = 2;
const TIMED_OUT: i32 = 3;

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let part = args.word("--part", HELP)?.unwrap_or_else(|| PART.to_owned());
    let seconds = args.number("--seconds", HELP)?.unwrap_or(FUZZ_SECONDS);
    let rule = args.word("--rule", HELP)?;
    let kind = args.verb();
    args.nothing_more(HELP)?;
    match kind.as_deref() {
        None => {
            prove()?;
            guards::take_out(None)?;
            fuzz::feed(None, seconds)?;
            mutate(&part)
        }
        Some("rigs") => prove(),
        Some("guards") => guards::take_out(rule.as_deref()),
        Some("mutants") => mutate(&part),
        Some("fuzz") => fuzz::feed(None, seconds),
        Some(other) => Err(usage(&format!("`{other}` is no kind of proof"), HELP)),
    }
}

fn prove() -> Outcome<()> {
    let program = build::vhault(Profile::Dev)?;
    let runs: [&[&str]; 3] = [
        &["--release", "-p", "vhault-core", "--lib", "protocol::", "--", "--include-ignored", "--nocapture"],
        &["--release", "-p", "vhault-tests", "--test", "faults", "--", "--nocapture"],
        // The program that is killed is the one with every check.
        &[
            "-p",
            "vhault-tests",
            "--test",
            "kills",
            "--test",
            "crash",
            "--test",
            "matrix",
            "--",
            "--nocapture",
        ],
    ];
    for run in runs {
        let mut cargo = build::cargo();
        cargo.arg("test").args(run).env("VHAULT_BIN", &program);
        for (name, value) in LONG {
            if std::env::var_os(name).is_none() {
                cargo.env(name, value);
            }
        }
        succeed(&mut cargo, &run.join(" "))?;
    }
    Ok(())
}

fn mutate(part: &str) -> Outcome<()> {
    if find("cargo-mutants").is_none() {
        say::line("compiling cargo-mutants from crates.io: it changes the code and runs the tests");
        succeed(build::cargo().args(["install", "--locked", "cargo-mutants"]), "install cargo-mutants")?;
    }
    let folder = place::top().join("target/mutants");
    let mut missed = Vec::new();
    for mutated in MUTATED {
        let output = folder.join(mutated.name);
        std::fs::create_dir_all(&output)
            .map_err(|error| Trouble::new(format!("{}: {error}", output.display())))?;
        let mut cargo = build::cargo();
        cargo.args(["mutants", "--package", "vhault-core", "--sharding", "round-robin", "--shard", part]);
        for module in mutated.modules {
            cargo.arg("--file").arg(format!("core/src/{module}/*.rs"));
        }
        cargo.args(["--jobs", "2", "--timeout", MUTANT_SECONDS_MAX]);
        cargo.arg("--output").arg(&output);
        // Each mutant is compiled: that is most of the time.
        cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo.env("VHAULT_HISTORIES", MUTANT_HISTORIES);
        cargo.args(["--cargo-arg=--lib", "--", "--"]).args(mutated.skipped);
        cargo.args(mutated.modules.iter().map(|name| format!("{name}::")));
        let status = cargo.status().map_err(|error| Trouble::new(format!("cargo mutants: {error}")))?;
        match status.code() {
            Some(0 | TIMED_OUT) => {}
            Some(MISSED) => missed.push(output.join("mutants.out/missed.txt").display().to_string()),
            _ => return Err(Trouble::new(format!("cargo mutants: {status}"))),
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Trouble::new(format!("changes that no test noticed are listed in {}", missed.join(" and "))))
}

fn succeed(cargo: &mut Command, what: &str) -> Outcome<()> {
    let failed = |why: String| Trouble::new(format!("cargo {what}: {why}"));
    let status = cargo.status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}
