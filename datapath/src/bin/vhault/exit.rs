//! Exit codes and what they mean to a script.

use std::process::ExitCode;

/// How the program ended. The numbers are promised: scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All that was asked for was done.
    Done = 0,
    /// Something unexpected: a failing disk, a missing permission, a bug.
    Unexpected = 1,
    /// The command line, or an input file, is not what the command takes.
    Usage = 2,
    /// Damage was found, also in a source, or an image was restored with holes.
    Damage = 3,
    /// A rule refused it; the message says which and what would be allowed.
    Refused = 4,
    /// Stopped before the end; what was copied is kept and can be resumed.
    Partial = 5,
    /// The vault cannot be opened: not a vault, unknown version, no key fits.
    CannotOpen = 6,
    /// Gave up: fenced by another host, the last sync's outcome is unknown, or the vault does not answer.
    GaveUp = 7,
    /// Stopped by a signal.
    Stopped = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The table that `vhault help` and the man page print.
pub(crate) const TABLE: &str = "\
Exit codes:
  0    done
  1    unexpected failure (disk, permission, bug)
  2    usage: the command line or an input file is not what the command takes
  3    damage found (in a source too: the point then lists what could not be read), or restored with holes
  4    refused by a rule; its advice id is printed where the guides have one
  5    partial: a deadline or a stall ended the copy; what was copied is a point, and the next backup resumes it
  6    the vault cannot be opened
  7    gave up: fenced, the outcome of the last sync is unknown, or the vault does not answer
  130  stopped by a signal; what was copied is a point, and the next backup resumes it";
