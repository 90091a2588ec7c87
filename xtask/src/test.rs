//! Everything a change must pass.

use std::process::{Command, Stdio};

use vhault_benches::program::{Outcome, Trouble, While};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::portable::{self, Portable};
use crate::setup::{self, For};
use crate::{demo, docs, place, say};

const HELP: &str = "\
cargo xtask test [--fast]

Checks the pages, the format of the source and the linter's findings; compiles
core for WebAssembly; builds the program; runs the quick demo; runs all unit,
property and whole-program tests. Installs the foreign judges first where they
are missing.

  --fast   leave out the quick demo and WebAssembly, and try fewer cases of
           each property";

/// Cases of each property under `--fast`.
const FAST_CASES: &str = "16";

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let fast = args.flag("--fast");
    args.nothing_more(HELP)?;
    let mut unchecked = Vec::new();

    setup::ensure(For::Disks)?;
    say::heading("Source");
    let step = say::Step::begin("links and words in the pages");
    match docs::check() {
        Ok(pages) => step.done(&format!("{pages} pages")),
        Err(trouble) => {
            step.failed("");
            return Err(trouble);
        }
    };
    component("rustfmt", &["fmt", "--check"], &mut unchecked)?;
    component("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &mut unchecked)?;
    if !fast {
        webassembly(&mut unchecked)?;
    }

    say::heading("Program");
    let step = say::Step::begin("building vhault with every check");
    let program = build::vhault(Profile::Dev)?;
    step.done(&place::shown(&program));
    if !fast {
        demo::rehearse(&program)?;
    }

    say::heading("Tests");
    let mut tests = build::cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]).env("VHAULT_BIN", &program);
    if fast {
        tests.env("PROPTEST_CASES", FAST_CASES).env("VHAULT_FAST", "1");
    }
    let passed = inherit(&mut tests)?;
    for what in &unchecked {
        say::warn(&format!("NOT CHECKED: {what}"));
    }
    if passed { Ok(()) } else { Err(Trouble::new("tests failed; their words are above")) }
}

/// Runs a part of the toolchain that a minimal installation leaves out.
fn component(name: &str, args: &[&str], unchecked: &mut Vec<String>) -> Outcome<()> {
    let there = build::cargo().args([args[0], "--version"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        let missing = format!("{name} is not in this toolchain; `rustup component add {name}` brings it");
        say::warn(&missing);
        unchecked.push(missing);
        return Ok(());
    }
    let step = say::Step::begin(name);
    let output = build::cargo().args(args).output().while_doing(|| "cannot start cargo".to_owned())?;
    if output.status.success() {
        step.done("nothing to say");
        return Ok(());
    }
    step.failed("");
    let text = [output.stdout, output.stderr].concat();
    Err(Trouble::new(format!("{name} is not content:\n{}", String::from_utf8_lossy(&text).trim())))
}

fn webassembly(unchecked: &mut Vec<String>) -> Outcome<()> {
    let step = say::Step::begin("core compiled for WebAssembly");
    match portable::check() {
        Ok(Portable::Compiles(way)) => {
            step.done(way);
            Ok(())
        }
        Ok(Portable::Unknown(why)) => {
            step.failed("cannot tell here");
            let missing = format!("whether core compiles for WebAssembly: {why}");
            say::warn(&missing);
            unchecked.push(missing);
            Ok(())
        }
        Err(trouble) => {
            step.failed("");
            Err(trouble)
        }
    }
}

fn inherit(command: &mut Command) -> Outcome<bool> {
    command.stdin(Stdio::null());
    let status = command.status().while_doing(|| "cannot start cargo".to_owned())?;
    Ok(status.success())
}
