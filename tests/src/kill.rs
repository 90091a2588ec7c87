//! Programs killed at a chosen moment, with SIGKILL.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::vault::files_under;

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// Not at all.
    Never,
    /// So long after it began.
    After(Duration),
    /// So long after the vault's files changed so many times.
    Changes(usize, Duration),
}

/// How a row of programs ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// All of them by themselves, with success.
    pub acknowledged: bool,
    /// After how long.
    pub took: Duration,
    /// How often the vault's files were seen to change.
    pub changes: usize,
}

/// Runs programs one after the other on a vault, and kills the one that is at work when the moment comes.
///
/// # Panics
///
/// Where one that was not killed fails.
#[track_caller]
pub fn run_until(programs: Vec<Command>, vault: &Path, moment: Moment) -> Ended {
    let since = Instant::now();
    let mut files: Vec<PathBuf> = files_under(vault);
    let mut changes = 0;
    let mut programs = programs.into_iter();
    while let Some(mut program) = programs.next() {
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            let now = files_under(vault);
            if now != files {
                (files, changes) = (now, changes + 1);
            }
            let has_come = match moment {
                Moment::Never => false,
                Moment::After(wait) => since.elapsed() >= wait,
                Moment::Changes(count, wait) if changes >= count => {
                    std::thread::sleep(wait);
                    true
                }
                Moment::Changes(..) => false,
            };
            if has_come {
                let acknowledged = kill(child) && programs.len() == 0;
                return Ended { acknowledged, took: since.elapsed(), changes };
            }
        }
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program:?} was not killed and failed: {told}");
    }
    changes += usize::from(files_under(vault) != files);
    Ended { acknowledged: true, took: since.elapsed(), changes }
}

/// Kills it, and says whether it had ended with success before.
fn kill(mut child: Child) -> bool {
    child.kill().unwrap();
    child.wait().unwrap().success()
}
