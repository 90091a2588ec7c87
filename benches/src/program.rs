//! Other people's programs: found, run, and their failures told.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What went wrong, as one message a person can act on.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    /// Trouble told in the caller's words.
    pub fn new(message: impl Into<String>) -> Trouble {
        Trouble(message.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for Trouble {}

impl From<io::Error> for Trouble {
    fn from(source: io::Error) -> Trouble {
        Trouble(source.to_string())
    }
}

/// A result whose failure is a message.
pub type Outcome<T> = Result<T, Trouble>;

/// Adds what was being done to a failure.
pub trait While<T> {
    /// Puts `doing` before the message of a failure.
    ///
    /// # Errors
    ///
    /// The failure it was given, told with what was being done.
    fn while_doing(self, doing: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: fmt::Display> While<T> for Result<T, E> {
    fn while_doing(self, doing: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|cause| Trouble(format!("{}: {cause}", doing())))
    }
}

/// Where a program lies: in `PATH`, or in the administrator's folders that
/// Debian leaves out of an ordinary user's `PATH`.
#[must_use]
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(
        ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from),
    );
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first of several names that is there.
#[must_use]
pub fn find_any(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| find(name))
}

/// A command for a program that must be there, reading nothing from the
/// terminal and speaking English.
///
/// # Errors
///
/// Where the program is nowhere to be found.
pub fn command(name: &str) -> Outcome<Command> {
    let file = find(name)
        .ok_or_else(|| Trouble(format!("{name} is not on this machine; `cargo xtask setup` installs it")))?;
    let mut command = Command::new(file);
    command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
    Ok(command)
}

/// Runs a program to its end and gives back what it printed.
///
/// # Errors
///
/// Where it is not there or ended with anything but success; the message
/// carries what it said.
pub fn run<A: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = A>) -> Outcome<String> {
    let mut command = command(name)?;
    command.args(args);
    succeed(&mut command)
}

/// Runs a prepared command and demands success.
///
/// # Errors
///
/// As [`run`].
pub fn succeed(command: &mut Command) -> Outcome<String> {
    let output = command.output().while_doing(|| format!("cannot start {}", spelled(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Trouble(format!("{} {}", spelled(command), told(&output))))
}

/// How a program ended and the last lines it printed.
#[must_use]
pub fn told(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if text.is_empty() {
        text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(12)..].join("\n");
    format!("ended with {}\n{last}", output.status)
}

/// A command as a person would type it.
#[must_use]
pub fn spelled(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![name.to_owned()];
    words.extend(command.get_args().map(OsStr::to_owned));
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsString) -> String {
    let text = word.to_string_lossy();
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || "'\"?*$&;|<>()".contains(c)) {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{find, run};

    #[test]
    fn a_failure_tells_what_the_program_said() {
        let told = run("sh", ["-c", "echo the reason >&2; exit 3"]).unwrap_err().to_string();
        assert!(told.contains("the reason") && told.contains('3'), "{told}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        assert!(find("no-such-program-here").is_none());
        assert!(run("no-such-program-here", ["x"]).unwrap_err().to_string().contains("no-such-program-here"));
    }
}
