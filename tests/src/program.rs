//! `vhault`, run as a person runs it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// No command of these tests takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where the program under test lies.
///
/// # Panics
///
/// Where it was not built: `cargo xtask test` builds it and says where.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("VHAULT_BIN") {
        return PathBuf::from(named);
    }
    // Beside the tests, where `cargo build` leaves it.
    let tests = std::env::current_exe().unwrap_or_default();
    let beside = tests.ancestors().nth(2).map(|folder| folder.join("vhault"));
    match beside {
        Some(file) if file.is_file() => file,
        _ => panic!("vhault is not built; run `cargo xtask test`, or name it in VHAULT_BIN"),
    }
}

/// Sends a running program the signal of that name, such as `INT`.
///
/// # Panics
///
/// Where it ended already.
pub fn signal(child: &Child, name: &str) {
    // Every shell has kill; the program of that name is not on every machine.
    let kill = format!("kill -{name} {}", child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status().expect("every machine has a shell");
    assert!(sent.success(), "{kill}");
}

/// A command of the program, with nothing of this machine's settings.
#[must_use]
pub fn command<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(binary());
    command.args(args).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
    for name in
        ["VHAULT_PASSPHRASE", "VHAULT_KEY_FILE", "VHAULT_CACHE", "VHAULT_NOW", "NO_COLOR", "RUST_BACKTRACE"]
    {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
///
/// # Panics
///
/// Where it cannot be started or does not end.
#[track_caller]
pub fn vhault<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Told {
    run(&mut command(args))
}

/// Runs a prepared command to its end.
///
/// # Panics
///
/// Where it cannot be started or does not end.
#[track_caller]
pub fn run(command: &mut Command) -> Told {
    let typed: Vec<OsString> =
        std::iter::once("vhault".into()).chain(command.get_args().map(OsStr::to_owned)).collect();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = wait(child);
    Told {
        typed: typed.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "),
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Waits for a program that must end by itself.
#[track_caller]
fn wait(child: Child) -> Output {
    let id = child.id();
    let since = Instant::now();
    let waiting = thread::spawn(move || child.wait_with_output());
    while !waiting.is_finished() {
        assert!(since.elapsed() < PATIENCE, "process {id} did not end within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(2));
    }
    waiting.join().expect("the waiting thread does nothing but wait").unwrap()
}

/// How the program ended and what it printed.
#[derive(Clone, Debug)]
pub struct Told {
    typed: String,
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Results.
    pub stdout: String,
    /// Progress and errors.
    pub stderr: String,
}

impl Told {
    /// Demands an exit code.
    ///
    /// # Panics
    ///
    /// Where it ended with another.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Told {
        assert_eq!(self.code, Some(code), "exit code of {}", self.whole());
        self
    }

    /// Demands success.
    ///
    /// # Panics
    ///
    /// Where it ended with anything else.
    #[track_caller]
    pub fn done(self) -> Told {
        self.ends_with(0)
    }

    /// Demands that one clear message names all of `words`, whatever their
    /// case, and that nothing looks like a crash.
    ///
    /// # Panics
    ///
    /// Where a word is missing.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Told {
        let text = format!("{}\n{}", self.stdout, self.stderr).to_lowercase();
        for word in words {
            assert!(text.contains(&word.to_lowercase()), "`{word}` is missing from {}", self.whole());
        }
        self.without_crash()
    }

    /// Demands that an error came as one message, and no panic or backtrace.
    ///
    /// # Panics
    ///
    /// Where it looks like a crash.
    #[track_caller]
    pub fn without_crash(self) -> Told {
        for sign in ["panicked", "RUST_BACKTRACE", "stack backtrace", "unwrap()"] {
            assert!(!self.stderr.contains(sign), "a crash: {}", self.whole());
        }
        assert!(self.code.is_some(), "ended by a signal: {}", self.whole());
        self
    }

    /// What it printed to stdout, as JSON.
    ///
    /// # Panics
    ///
    /// Where it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(cause) => panic!("not JSON ({cause}): {}", self.whole()),
        }
    }

    /// The command and all it printed, for the message of a failing test.
    #[must_use]
    pub fn whole(&self) -> String {
        let Told { typed, code, stdout, stderr } = self;
        format!("`{typed}`\ncode: {code:?}\nstdout:\n{stdout}\nstderr:\n{stderr}")
    }
}
