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
    /// The most memory it held, in bytes, mapped files included.
    pub(crate) peak_bytes: u64,
    /// The most it was seen to hold that no file stands behind.
    pub(crate) peak_anonymous_bytes: u64,
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
    let (mut peak_bytes, mut peak_anonymous_bytes) = (0, 0);
    let status = loop {
        if let Some(status) = child.try_wait().while_doing(|| format!("cannot wait for {typed}"))? {
            break status;
        }
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        peak_bytes = peak_bytes.max(field_bytes(&status, "VmHWM:"));
        peak_anonymous_bytes = peak_anonymous_bytes.max(field_bytes(&status, "RssAnon:"));
        thread::sleep(GLANCE);
    };
    let wall = since.elapsed();
    let text = |reader: thread::JoinHandle<String>| reader.join().unwrap_or_default();
    let (stdout, stderr) = (text(stdout), text(stderr));
    Ok(Run { code: status.code(), stdout, stderr, wall, peak_bytes, peak_anonymous_bytes, typed })
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

/// A size in `/proc/PID/status`; zero where there is none.
fn field_bytes(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}
