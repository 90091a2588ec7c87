//! One run of the program, measured from outside.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vhault_benches::program::{Outcome, Trouble, While, spelled};

/// How often a running program is asked for its memory.
const GLANCE: Duration = Duration::from_millis(10);

/// One run of the program.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) wall: Duration,
    /// The most memory it was seen to hold, in bytes.
    pub(crate) peak_bytes: u64,
    typed: String,
}

impl Run {
    /// The run, if it ended well.
    ///
    /// # Errors
    ///
    /// All it printed.
    pub(crate) fn done(self) -> Outcome<Run> {
        if self.code == Some(0) {
            return Ok(self);
        }
        let code = self.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        Err(Trouble::new(format!("{} ended with {code}\n{}{}", self.typed, self.stdout, self.stderr)))
    }
}

/// Runs a command to its end, watching its memory from outside.
///
/// # Errors
///
/// Where it cannot be started.
pub(crate) fn measured(command: &mut Command) -> Outcome<Run> {
    let since = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let typed = spelled(command);
    let mut child = command.spawn().while_doing(|| format!("cannot start {typed}"))?;
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_bytes = 0;
    let status = loop {
        if let Some(status) = child.try_wait().while_doing(|| format!("cannot wait for {typed}"))? {
            break status;
        }
        peak_bytes = peak_bytes.max(peak(&status_file));
        thread::sleep(GLANCE);
    };
    let wall = since.elapsed();
    let text = |reader: thread::JoinHandle<String>| reader.join().unwrap_or_default();
    Ok(Run { code: status.code(), stdout: text(stdout), stderr: text(stderr), wall, peak_bytes, typed })
}

fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What could be read before the pipe broke is what there is to show.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn peak(status_file: &str) -> u64 {
    let told = fs::read_to_string(status_file).unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}
