//! Everything that is tried by chance or by rote, at length.

use std::process::Command;

use vhault_benches::program::{Outcome, Trouble, find};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::{fuzz, place, say, usage};

const HELP: &str = "\
cargo xtask proofs [rigs|mutants|fuzz] [--part PART/PARTS] [--seconds N]

Runs all long proofs, or one kind of them, and stops at the first that fails:

  rigs     the protocol's histories, its every interleaving, the failing store,
           the damage matrix and kills at length: 100,000 histories, a host that
           dies, every store operation, 500 kills. A quarter of an hour.
           VHAULT_HISTORIES, VHAULT_DEATHS, VHAULT_STRIDE, VHAULT_KILLS and
           VHAULT_SEED say otherwise
  mutants  the code of vhd, protocol and policy is changed in every sixteenth of
           the ways that cargo-mutants knows, or in another --part, 0/16 to
           15/16, and the tests must notice; cargo-mutants is compiled from
           crates.io where it is missing. Results lie in target/mutants.out.
           An hour
  fuzz     every decoder is fed with generated input for --seconds (60) each.
           A quarter of an hour

docs/proofs/vault.md has what came of the last runs.";

/// The share of all mutants that is tried.
const PART: &str = "0/16";
/// How long each decoder is fed.
const FUZZ_SECONDS: u64 = 60;

/// What makes the runs long.
const LONG: [(&str, &str); 4] =
    [("VHAULT_HISTORIES", "100000"), ("VHAULT_DEATHS", "1"), ("VHAULT_STRIDE", "1"), ("VHAULT_KILLS", "500")];

/// Whose code is mutated: the codec of images, the protocol and retention.
const MUTATED: [&str; 3] = ["core/src/vhd/*.rs", "core/src/protocol/*.rs", "core/src/policy/*.rs"];
/// A test that a mutant keeps from ending is caught as well, after so long.
const MUTANT_SECONDS_MIN: &str = "120";

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let part = args.path("--part", HELP)?.map_or(PART.to_owned(), |part| part.display().to_string());
    let seconds = args.number("--seconds", HELP)?.unwrap_or(FUZZ_SECONDS);
    let kind = args.verb();
    args.nothing_more(HELP)?;
    match kind.as_deref() {
        None => {
            prove()?;
            fuzz::feed(None, seconds)?;
            mutate(&part)
        }
        Some("rigs") => prove(),
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
    let mut cargo = build::cargo();
    cargo.args(["mutants", "--package", "vhault-core", "--sharding", "round-robin", "--shard", part]);
    for files in MUTATED {
        cargo.args(["--file", files]);
    }
    cargo.args(["--jobs", "1", "--minimum-test-timeout", MUTANT_SECONDS_MIN, "--output"]);
    cargo.arg(place::top().join("target"));
    // Each mutant is compiled: that is most of the time.
    cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    // Only their own tests: those of the simulations above them take minutes and know less of them.
    succeed(cargo.args(["--", "--lib", "--", "vhd::", "protocol::", "policy::"]), "mutants")
}

fn succeed(cargo: &mut Command, what: &str) -> Outcome<()> {
    let failed = |why: String| Trouble::new(format!("cargo {what}: {why}"));
    let status = cargo.status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}
