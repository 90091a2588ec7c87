//! Everything that is tried by chance or by rote, at length.

use std::process::Command;

use vhault_benches::program::{Outcome, Trouble};

use crate::args::Args;

const HELP: &str = "\
cargo xtask proofs

Runs the protocol's histories, its every interleaving, and the failing store
at length: 100 000 histories, two hosts that die, every store operation. Hours.
VHAULT_HISTORIES, VHAULT_DEATHS, VHAULT_STRIDE and VHAULT_SEED say otherwise.";

/// What makes the runs long.
const LONG: [(&str, &str); 3] =
    [("VHAULT_HISTORIES", "100000"), ("VHAULT_DEATHS", "2"), ("VHAULT_STRIDE", "1")];

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    args.nothing_more(HELP)?;
    let runs: [&[&str]; 2] = [
        &[
            "test",
            "--release",
            "-p",
            "vhault-core",
            "--lib",
            "protocol::",
            "--",
            "--include-ignored",
            "--nocapture",
        ],
        &["test", "--release", "-p", "vhault-tests", "--test", "faults", "--", "--nocapture"],
    ];
    for run in runs {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(run);
        for (name, value) in LONG {
            if std::env::var_os(name).is_none() {
                cargo.env(name, value);
            }
        }
        let failed = |why: String| Trouble::new(format!("cargo {}: {why}", run.join(" ")));
        let status = cargo.status().map_err(|error| failed(error.to_string()))?;
        if !status.success() {
            return Err(failed(status.to_string()));
        }
    }
    Ok(())
}
