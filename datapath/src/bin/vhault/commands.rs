//! One file a command. A command resolves its arguments, calls the library
//! and returns a report; it prints nothing.

pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod diff;
pub(crate) mod explain;
mod images;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod man;
mod point;
pub(crate) mod restore;
pub(crate) mod show;
pub(crate) mod sim;
mod unlock;
pub(crate) mod verify;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::report::Report;

/// What every command is handed besides its own arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Events go to stderr as JSON lines.
    pub(crate) json: bool,
    /// No progress at all.
    pub(crate) quiet: bool,
}

/// Carries out what was typed.
///
/// # Errors
///
/// A [`Failure`] with its exit code, cause and way out.
pub(crate) fn run(cli: Cli) -> Result<Box<dyn Report>, Failure> {
    let setting = Setting { json: cli.json, quiet: cli.quiet };
    match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Backup(args) => backup::run(&args, setting),
        Command::List(args) => list::run(&args, setting),
        Command::Show(args) => show::run(&args, setting),
        Command::Restore(args) => restore::run(&args, setting),
        Command::Verify(args) => verify::run(&args, setting),
        Command::Key(args) => key::run(&args, setting),
        Command::Inspect(args) => inspect::run(&args),
        Command::Diff(args) => diff::run(&args, setting),
        Command::Convert(args) => convert::run(&args, setting),
        Command::Explain(args) => explain::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
