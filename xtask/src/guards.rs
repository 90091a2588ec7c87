//! Guards of the vault's rules, taken out of a copy of the sources one by one:
//! the test that is said to miss each must fail.
//!
//! What came of the last run stands in `docs/proofs/guards.md`.

mod copies;
mod formats;
mod keys;
mod log;
mod retention;
mod sessions;
mod sweep;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vhault_benches::program::{Outcome, Trouble, While};

use crate::{build, docs, place, say};

/// All of them, in the order of `docs/proofs/vault.md`.
fn all() -> impl Iterator<Item = &'static Guard> {
    let sections = [
        log::GUARDS,
        sessions::GUARDS,
        sweep::GUARDS,
        retention::GUARDS,
        keys::GUARDS,
        formats::GUARDS,
        copies::GUARDS,
    ];
    sections.into_iter().flatten()
}

/// A test that does not end has noticed as well.
const TEST_TIME_MAX: Duration = Duration::from_secs(600);
/// Characters of a test's message that the report repeats.
const SAID_CHARS_MAX: usize = 200;

/// A guard of a rule, how it is taken out, and who misses it.
struct Guard {
    /// The rule, as `docs/proofs/vault.md` words it.
    rule: &'static str,
    /// What the code then does.
    without: &'static str,
    edits: &'static [Edit],
    /// Each of these must notice.
    judges: &'static [Judge],
}

/// A change of the sources.
struct Edit {
    file: &'static str,
    /// Stands in the file once.
    stands: &'static str,
    becomes: &'static str,
}

/// A test.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Judge {
    package: &'static str,
    /// The file below `tests/tests` it lies in; none for a test beside the code.
    rig: Option<&'static str>,
    /// Its name, with its module where it lies beside the code.
    test: &'static str,
}

const fn edit(file: &'static str, stands: &'static str, becomes: &'static str) -> Edit {
    Edit { file, stands, becomes }
}

const fn core(path: &'static str) -> Judge {
    Judge { package: "vhault-core", rig: None, test: path }
}

const fn datapath(path: &'static str) -> Judge {
    Judge { package: "vhault-datapath", rig: None, test: path }
}

const fn rig(file: &'static str, test: &'static str) -> Judge {
    Judge { package: "vhault-tests", rig: Some(file), test }
}

/// What a test said.
enum Ruling {
    Passed,
    /// What it said.
    Failed(String),
}

/// Takes every guard out in turn, or those whose rule holds a word, and writes the report of a whole run.
///
/// # Errors
///
/// The guards that no test missed.
pub(crate) fn take_out(word: Option<&str>) -> Outcome<()> {
    let chosen: Vec<&Guard> =
        all().filter(|guard| word.is_none_or(|word| guard.rule.contains(word))).collect();
    if chosen.is_empty() {
        return Err(Trouble::new(format!(
            "no rule of docs/proofs/vault.md with a guard says `{}`",
            word.unwrap_or("")
        )));
    }
    let tree = Tree::copy()?;
    say::heading("The tests as they are");
    for judge in chosen.iter().flat_map(|guard| guard.judges).collect::<BTreeSet<&Judge>>() {
        let step = say::Step::begin(judge.test);
        match tree.ask(judge)? {
            Ruling::Passed => step.done("passes"),
            Ruling::Failed(said) => return Err(Trouble::new(format!("{} fails: {said}", judge.test))),
        };
    }
    say::heading("The tests without their guards");
    let mut unnoticed = Vec::new();
    let mut report = String::new();
    for guard in &chosen {
        let whole = tree.take_out(guard)?;
        for judge in guard.judges {
            let step = say::Step::begin(&format!("{}: {}", guard.rule, guard.without));
            match tree.ask(judge) {
                Err(trouble) => {
                    step.failed(&trouble.to_string());
                    unnoticed.push(format!("{} (it could not be asked)", guard.without));
                }
                Ok(Ruling::Passed) => {
                    step.failed(&format!("{} does not notice", judge.name()));
                    unnoticed.push(guard.without.to_owned());
                }
                Ok(Ruling::Failed(said)) => {
                    step.done(&said);
                    let (rule, without, name, said) = (guard.rule, guard.without, judge.name(), cell(&said));
                    let _ = writeln!(report, "| {rule} | {without} | `{name}` | {said} |");
                }
            }
        }
        Tree::put_back(whole)?;
    }
    if !unnoticed.is_empty() {
        return Err(Trouble::new(format!("no test noticed that {}", unnoticed.join("; that "))));
    }
    if word.is_none() {
        let path = place::top().join("docs/proofs/guards.md");
        let text = format!("{REPORT_HEAD}{report}");
        fs::write(&path, text).while_doing(|| format!("cannot write {}", place::shown(&path)))?;
        say::line(&format!("{} guards taken out, every one missed: {}", chosen.len(), place::shown(&path)));
    }
    Ok(())
}

const REPORT_HEAD: &str = "\
# Guards, taken out

`cargo xtask proofs guards` takes each of these guards out of a copy of the sources and demands that the test named
beside it, which passes before, fails. `xtask/src/guards` has the changes; [the vault, rule by rule](vault.md)
has the rules. This is what the last run saw.

| rule | without its guard | missed by | which said |
| --- | --- | --- | --- |
";

impl Judge {
    fn name(&self) -> String {
        match self.rig {
            Some(rig) => format!("{rig}.rs: {}", self.test),
            None => self.test.to_owned(),
        }
    }
}

/// A copy of the sources with a build of its own.
struct Tree {
    sources: PathBuf,
    build: PathBuf,
}

impl Tree {
    /// Copies what differs from the last copy, so that the compiler sees what changed and nothing else.
    fn copy() -> Outcome<Tree> {
        let folder = place::top().join("target/guards");
        let tree = Tree { sources: folder.join("sources"), build: folder.join("build") };
        let mut wanted = BTreeSet::new();
        for from in docs::sources()? {
            let name = from.strip_prefix(place::top()).unwrap_or(&from).to_owned();
            let to = tree.sources.join(&name);
            let bytes = fs::read(&from).while_doing(|| format!("cannot read {}", place::shown(&from)))?;
            if !fs::read(&to).is_ok_and(|held| held == bytes) {
                let folder = to.parent().unwrap_or(&tree.sources);
                fs::create_dir_all(folder)
                    .while_doing(|| format!("cannot create {}", place::shown(folder)))?;
                fs::write(&to, bytes).while_doing(|| format!("cannot write {}", place::shown(&to)))?;
            }
            wanted.insert(to);
        }
        tree.remove_others(&tree.sources, &wanted)?;
        Ok(tree)
    }

    fn remove_others(&self, folder: &Path, wanted: &BTreeSet<PathBuf>) -> Outcome<()> {
        let doing = || format!("cannot tidy {}", place::shown(folder));
        for entry in fs::read_dir(folder).while_doing(doing)? {
            let path = entry.while_doing(doing)?.path();
            if path.is_dir() {
                self.remove_others(&path, wanted)?;
            } else if !wanted.contains(&path) {
                fs::remove_file(&path).while_doing(doing)?;
            }
        }
        Ok(())
    }

    /// Takes a guard out, and gives back the files as they were, in the order in which they were changed. What is not
    /// put back is made good by the next copy.
    fn take_out(&self, guard: &Guard) -> Outcome<Vec<(PathBuf, String)>> {
        let mut whole = Vec::new();
        for edit in guard.edits {
            let path = self.sources.join(edit.file);
            let text = fs::read_to_string(&path).while_doing(|| format!("cannot read {}", edit.file))?;
            fs::write(&path, edit.make(&text)?).while_doing(|| format!("cannot write {}", edit.file))?;
            whole.push((path, text));
        }
        Ok(whole)
    }

    fn put_back(whole: Vec<(PathBuf, String)>) -> Outcome<()> {
        // Of a file that was changed twice, the first is as it was.
        for (path, text) in whole.into_iter().rev() {
            fs::write(&path, text).while_doing(|| format!("cannot write {}", place::shown(&path)))?;
        }
        Ok(())
    }

    fn cargo(&self, verb: &str) -> Command {
        let mut cargo = build::cargo();
        cargo.arg(verb).current_dir(&self.sources).env("CARGO_TARGET_DIR", &self.build);
        // Compiling is most of the time, and most of the room.
        cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo.env("CARGO_INCREMENTAL", "0");
        cargo
    }

    /// Builds a test, and the program where it runs that, and lets it speak.
    fn ask(&self, judge: &Judge) -> Outcome<Ruling> {
        let mut cargo = self.cargo("test");
        cargo.args(["--no-run", "--package", judge.package]);
        match judge.rig {
            Some(rig) => cargo.args(["--test", rig]),
            None => cargo.arg("--lib"),
        };
        let mut test = Command::new(build::executable(&mut cargo, judge.package)?);
        test.arg("--exact").arg(judge.test);
        if judge.rig.is_some() {
            let mut cargo = self.cargo("build");
            let program = cargo.args(["--package", "vhault-datapath", "--bin", "vhault"]);
            test.env("VHAULT_BIN", build::executable(program, "vhault")?);
        }
        let folder = judge.package.trim_start_matches("vhault-");
        test.current_dir(self.sources.join(folder)).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
        let Some(told) = run(&mut test)? else {
            return Ok(Ruling::Failed(format!("(nothing for {} s)", TEST_TIME_MAX.as_secs())));
        };
        match told.lines().find(|line| line.starts_with("test ") && line.contains(judge.test)) {
            Some(line) if line.ends_with("ok") => Ok(Ruling::Passed),
            Some(_) => Ok(Ruling::Failed(message(&told))),
            None => Err(Trouble::new(format!("{} did not run:\n{told}", judge.test))),
        }
    }
}

impl Edit {
    fn make(&self, text: &str) -> Outcome<String> {
        match text.matches(self.stands).count() {
            1 => Ok(text.replacen(self.stands, self.becomes, 1)),
            count => {
                Err(Trouble::new(format!("{} says {count} times, not once: {}", self.file, self.stands)))
            }
        }
    }
}

/// What a program prints until it ends; `None` when it was stopped because it did not.
fn run(program: &mut Command) -> Outcome<Option<String>> {
    let doing = || "cannot run a test".to_owned();
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().while_doing(doing)?;
    let pipe = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut told = Vec::new();
        // What was read before it was stopped is not asked for.
        let _ended = pipe.map(|mut pipe| pipe.read_to_end(&mut told));
        told
    });
    let since = Instant::now();
    while child.try_wait().while_doing(doing)?.is_none() {
        if since.elapsed() > TEST_TIME_MAX {
            child.kill().while_doing(doing)?;
            child.wait().while_doing(doing)?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let told = reader.join().map_err(|_| Trouble::new(doing()))?;
    Ok(Some(String::from_utf8_lossy(&told).into_owned()))
}

/// What a test said when it failed: short, on one line, and without the folders of one run.
fn message(told: &str) -> String {
    let lines = told.lines().skip_while(|line| !line.contains(" panicked at ")).skip(1).map(str::trim);
    let said: Vec<&str> = lines.take_while(|line| !line.is_empty() && !line.starts_with("note: ")).collect();
    let temporary = std::env::temp_dir().display().to_string();
    let text = said.join(" ");
    let words: Vec<&str> =
        text.split_whitespace().map(|word| if word.contains(&temporary) { "…" } else { word }).collect();
    let text = words.join(" ");
    match text.char_indices().nth(SAID_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None if text.is_empty() => "(no message)".to_owned(),
        None => text,
    }
}

/// A message as a cell of the report.
fn cell(said: &str) -> String {
    format!("`{}`", said.replace('|', "\\|").replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file: &str) -> String {
        fs::read_to_string(place::top().join(file)).unwrap_or_default()
    }

    /// The list is of use as long as it fits the code.
    #[test]
    fn every_guard_stands_where_the_list_says_and_its_test_exists() {
        let files = docs::sources().expect("the sources can be listed");
        for guard in all() {
            let mut changed: Vec<(&str, String)> = Vec::new();
            for edit in guard.edits {
                let held = changed.iter().rfind(|(file, _)| *file == edit.file);
                let before = held.map_or_else(|| text(edit.file), |(_, text)| text.clone());
                let after = edit.make(&before).unwrap_or_else(|trouble| panic!("{}: {trouble}", guard.rule));
                assert_ne!(before, after, "{}: nothing changes", guard.rule);
                changed.push((edit.file, after));
            }
            for judge in guard.judges {
                let Judge { package, rig, test } = *judge;
                let name = test.rsplit("::").next().unwrap_or(test);
                let declared = format!("fn {name}(");
                let folder = place::top().join(package.trim_start_matches("vhault-"));
                let is_home = |file: &&PathBuf| match rig {
                    Some(rig) => **file == folder.join("tests").join(rig).with_extension("rs"),
                    None => file.starts_with(folder.join("src")),
                };
                let is_there = files
                    .iter()
                    .filter(is_home)
                    .any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains(&declared)));
                assert!(is_there, "{}: there is no test {}", guard.rule, judge.name());
            }
        }
    }

    /// Every row of the rules says how its test was seen to fail, and means it.
    #[test]
    fn every_rule_says_how_its_test_was_seen_to_fail() {
        let page = text("docs/proofs/vault.md");
        let rows: Vec<Vec<&str>> = page
            .lines()
            .skip_while(|line| !line.starts_with("| rule | guard | test |"))
            .take_while(|line| !line.starts_with("## Twelve ways"))
            .filter(|line| {
                line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| rule |")
            })
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert!(rows.len() > 30, "only {} rows", rows.len());
        let taken_out: BTreeSet<&str> = all().map(|guard| guard.rule).collect();
        let known: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
        assert!(taken_out.is_subset(&known), "not a row: {:?}", taken_out.difference(&known));
        for row in &rows {
            let seen = row[3];
            assert!(["every run", "guards", "every run, guards"].contains(&seen), "{}: {seen}", row[0]);
            assert_eq!(seen.contains("guards"), taken_out.contains(row[0]), "{}", row[0]);
        }
    }

    #[test]
    fn a_failure_is_told_on_one_line() {
        let told = "test a ... FAILED\n\nthread 'a' (7) panicked at tests/a.rs:1:2:\nlost a | b\n  left: 1\nnote: run with";
        assert_eq!(message(told), "lost a | b left: 1");
        assert_eq!(cell("lost a | b"), "`lost a \\| b`");
        assert_eq!(message("test a ... FAILED"), "(no message)");
        let long = format!("thread 'a' panicked at a.rs:\n{}", "é".repeat(SAID_CHARS_MAX + 1));
        assert_eq!(message(&long), format!("{}…", "é".repeat(SAID_CHARS_MAX)));
    }
}
