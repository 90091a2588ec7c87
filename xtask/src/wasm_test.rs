//! The simulator in WebAssembly, under Node, held against the program: the
//! same files, events and hashes, byte for byte.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vhault_benches::program::{Outcome, Trouble, While, find, told};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::setup::{self, For};
use crate::test::Verdict;
use crate::{place, portable, say};

const HELP: &str = "\
cargo xtask portable [--first SEED] [--seeds N] [--commands N]

Compiles the simulator to WebAssembly, runs it under Node, and holds it
against `vhault sim`: every ready scenario, its file, every event, its state
hash; then random commands of N seeds (400), N commands each (300). One byte
that differs is named, and ends it with 1.";

/// Random runs to compare.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs {
    /// The first seed.
    first: u64,
    /// How many seeds.
    seeds: u64,
    /// Commands of each.
    commands: u64,
}

impl Runs {
    /// A slice for every day: seconds.
    pub(crate) const EVERYDAY: Runs = Runs { first: 0, seeds: 60, commands: 150 };
    /// A few hundred.
    const LONG: Runs = Runs { first: 0, seeds: 400, commands: 300 };
}

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let first = args.number("--first", HELP)?.unwrap_or(Runs::LONG.first);
    let seeds = args.number("--seeds", HELP)?.unwrap_or(Runs::LONG.seeds);
    let commands = args.number("--commands", HELP)?.unwrap_or(Runs::LONG.commands);
    args.nothing_more(HELP)?;
    let past = first.checked_add(seeds).filter(|past| *past <= u64::from(u32::MAX));
    if past.is_none() || commands > u64::from(u32::MAX) {
        return Err(Trouble::new(format!("seeds and commands end at {}", u32::MAX)));
    }
    let program = build::vhault(Profile::Dev)?;
    let step = say::Step::begin("the simulator in WebAssembly");
    match compare(&program, Runs { first, seeds, commands }) {
        Ok(Verdict::Holds(seen)) => {
            step.done(&seen);
            Ok(())
        }
        Ok(Verdict::Unknown(why)) => {
            step.failed("cannot tell here");
            Err(Trouble::new(why))
        }
        Err(trouble) => {
            step.failed("");
            Err(trouble)
        }
    }
}

/// Runs the simulator under Node and natively; one byte that differs is trouble.
///
/// # Errors
///
/// What differs, or what the compiler says.
pub(crate) fn compare(program: &Path, runs: Runs) -> Outcome<Verdict> {
    if let Err(why) = setup::ensure(For::Node) {
        return Ok(Verdict::Unknown(format!("Node is needed: {why}")));
    }
    let (cargo, _) = match portable::cargo_for_page() {
        Ok(found) => found,
        Err(why) => return Ok(Verdict::Unknown(why.to_string())),
    };
    let module = module(cargo)?;
    let mut node = Command::new(find("node").unwrap_or_else(|| PathBuf::from("node")));
    node.arg(place::top().join("tests/wasm/compare.mjs")).arg(module).arg(program);
    node.args([runs.first, runs.seeds, runs.commands].map(|number| number.to_string()));
    let output = node.stdin(Stdio::null()).output().while_doing(|| "cannot start node".to_owned())?;
    if !output.status.success() {
        return Err(Trouble::new(format!("native and WebAssembly differ: node {}", told(&output))));
    }
    Ok(Verdict::Holds(String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

/// Compiles the simulator by itself, with every check.
fn module(mut cargo: Command) -> Outcome<PathBuf> {
    let folder = place::top().join("target/wasm");
    cargo.args(["build", "--quiet", "--package", "vhault-wasm", "--target", portable::TARGET]);
    let output =
        cargo.arg("--target-dir").arg(&folder).output().while_doing(|| "cannot start cargo".to_owned())?;
    if !output.status.success() {
        return Err(Trouble::new(format!("the simulator does not compile: cargo build {}", told(&output))));
    }
    Ok(folder.join(portable::TARGET).join("debug/vhault_wasm.wasm"))
}
