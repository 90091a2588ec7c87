//! Everything that is tried by chance or by rote, at length.

use std::process::Command;

use vhault_benches::program::{Outcome, Trouble, find};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::{place, say};

const HELP: &str = "\
cargo xtask proofs [--mutants PART/PARTS]

Runs the protocol's histories, its every interleaving, the failing store, the
damage matrix and kills at length: 100 000 histories, a host that dies, every
store operation, 500 kills. Hours.
VHAULT_HISTORIES, VHAULT_DEATHS, VHAULT_STRIDE, VHAULT_KILLS and VHAULT_SEED
say otherwise.

  --mutants PART/PARTS   instead, change the code of vhd, protocol and policy
           in one part of all the ways that cargo-mutants knows, 0/8 to 7/8,
           and see that the tests notice; cargo-mutants is compiled from
           crates.io where it is missing. Results lie in target/mutants.out

docs/proofs/vault.md has what came of the last runs.";

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
    let part = args.path("--mutants", HELP)?;
    args.nothing_more(HELP)?;
    match part {
        Some(part) => mutate(&part.display().to_string()),
        None => prove(),
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
    succeed(cargo.args(["--", "--lib"]), "mutants")
}

fn succeed(cargo: &mut Command, what: &str) -> Outcome<()> {
    let failed = |why: String| Trouble::new(format!("cargo {what}: {why}"));
    let status = cargo.status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}
