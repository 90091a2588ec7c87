//! Everything a change must pass.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use vhault_benches::program::{Outcome, Trouble, While};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::setup::{self, For};
use crate::wasm_test::{self, Runs};
use crate::{demo, docs, page_test, place, portable, say};

const HELP: &str = "\
cargo xtask test [--fast] [--web]

Checks the pages, the format of the source and the linter's findings; compiles
core for WebAssembly; builds the program; runs the quick demo; runs all unit,
property and whole-program tests; runs the simulator in WebAssembly under Node
and compares every byte with the program. Installs the foreign judges and Node
first where they are missing.

  --web    try the page in a browser as well: made as it is shipped, in two
           languages and all themes
  --fast   leave out the quick demo and WebAssembly, and try fewer cases of
           each property

`cargo xtask portable` compares a few hundred random runs more.";

/// What a first run leaves in `target`, 5.2 GiB, and some more.
const FIRST_RUN_BYTES: u64 = 6 << 30;

/// Cases of each property under `--fast`.
const FAST_CASES: &str = "16";

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let fast = args.flag("--fast");
    let web = args.flag("--web");
    args.nothing_more(HELP)?;
    setup::ensure(For::Disks)?;
    if !place::top().join("target/debug/vhault").is_file()
        && let Ok(free) = place::free_bytes(&place::top())
        && free < FIRST_RUN_BYTES
    {
        let (needed, free) = (say::size(FIRST_RUN_BYTES), say::size(free));
        say::warn(&format!("a first run takes up to {needed} in target/, and {free} are free"));
    }
    let mut checks = Checks::default();

    say::heading("Source");
    checks.look("links and words in the pages", || Ok(Verdict::Holds(format!("{} pages", docs::check()?))));
    checks.look("rustfmt", || component("rustfmt", &["fmt", "--check"]));
    checks.look("clippy", || {
        component("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
    });
    if !fast {
        checks.look("core compiled for WebAssembly", portable::check);
    }

    say::heading("Program");
    let step = say::Step::begin("vhault built with every check");
    let program = build::vhault(Profile::Dev)?;
    step.done(&place::shown(&program));
    if !fast && let Err(trouble) = demo::rehearse(&program) {
        checks.failed(format!("the quick demo: {trouble}"));
    }
    if fast {
        checks.unknown.push("the simulator in WebAssembly: left out by --fast".to_owned());
    } else {
        checks.look("the simulator in WebAssembly is the program's", || {
            wasm_test::compare(&program, Runs::EVERYDAY)
        });
    }

    say::heading("Tests");
    let mut tests = build::cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]).env("VHAULT_BIN", &program);
    if fast {
        tests.env("PROPTEST_CASES", FAST_CASES);
    }
    let counts = Counts::of(&mut tests)?;
    if !counts.succeeded {
        checks.failed("tests: their words are above".to_owned());
    }
    if web {
        if let Err(trouble) = page_test::run() {
            checks.failed(trouble.to_string());
        }
    } else {
        checks.unknown.push("the page in a browser: `cargo xtask test --web` looks at it too".to_owned());
    }
    if !corpus().is_dir() {
        // The tests say so themselves, but a passing test is not heard.
        checks.unknown.push(format!(
            "the corpus of images by other people's tools: it is not in {}, nor is VHAULT_CORPUS set",
            corpus().display()
        ));
    }
    let outcome = checks.close();
    say::line(&counts.line());
    outcome
}

/// How many tests ran, over all of the runner's closing lines.
#[derive(Default)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
    succeeded: bool,
}

impl Counts {
    /// Runs the tests, passing on what they print.
    fn of(tests: &mut Command) -> Outcome<Counts> {
        let doing = || "cannot run cargo test".to_owned();
        let mut child = tests.stdout(Stdio::piped()).spawn().while_doing(doing)?;
        let mut counts = Counts::default();
        for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines) {
            let line = line.while_doing(doing)?;
            counts.add(&line);
            say::line(&line);
        }
        counts.succeeded = child.wait().while_doing(doing)?.success();
        Ok(counts)
    }

    /// Adds a closing line: `test result: ok. 7 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(closing) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> = closing.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else { continue };
            match pair[1].trim_end_matches(';') {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }

    fn line(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// What came of looking.
pub(crate) enum Verdict {
    /// It holds; what was seen.
    Holds(String),
    /// This machine cannot tell, and why.
    Unknown(String),
}

/// All that was looked at. One thing that fails does not keep the next from
/// being looked at.
#[derive(Default)]
struct Checks {
    failed: Vec<String>,
    unknown: Vec<String>,
}

impl Checks {
    fn look(&mut self, what: &str, look: impl FnOnce() -> Outcome<Verdict>) {
        let step = say::Step::begin(what);
        match look() {
            Ok(Verdict::Holds(seen)) => {
                step.done(&seen);
            }
            Ok(Verdict::Unknown(why)) => {
                step.failed("cannot tell here");
                say::warn(&why);
                self.unknown.push(format!("{what}: {why}"));
            }
            Err(trouble) => {
                step.failed("");
                self.failed(format!("{what}: {trouble}"));
            }
        }
    }

    fn failed(&mut self, what: String) {
        say::error(&what);
        let first = what.lines().next().unwrap_or_default().to_owned();
        self.failed.push(first);
    }

    fn close(self) -> Outcome<()> {
        for what in &self.unknown {
            say::warn(&format!("NOT CHECKED: {what}"));
        }
        if self.failed.is_empty() {
            return Ok(());
        }
        Err(Trouble::new(format!("this does not pass:\n  {}", self.failed.join("\n  "))))
    }
}

/// Images by other people's tools, too many to be part of the sources.
pub(crate) fn corpus() -> PathBuf {
    std::env::var_os("VHAULT_CORPUS").map_or_else(|| place::top().join("../shared/corpus"), PathBuf::from)
}

/// Runs a part of the toolchain that a minimal installation leaves out.
fn component(name: &str, args: &[&str]) -> Outcome<Verdict> {
    let there = build::cargo().args([args[0], "--version"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        let way = format!("{name} is not in this toolchain; `rustup component add {name}` brings it");
        return Ok(Verdict::Unknown(way));
    }
    let output = build::cargo().args(args).output().while_doing(|| "cannot start cargo".to_owned())?;
    if output.status.success() {
        return Ok(Verdict::Holds("nothing to say".to_owned()));
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Trouble::new(format!("not content\n{}", String::from_utf8_lossy(&text).trim())))
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn closing_lines_are_added_up() {
        let mut counts = Counts::default();
        counts.add(
            "test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.20s",
        );
        counts.add("test nothing_passed ... ok");
        counts.add("test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 5 filtered out");
        assert_eq!(counts.line(), "9 passed, 3 failed, 1 skipped");
    }
}
