//! One file a command. A command resolves its arguments, calls the library
//! and returns a report; it prints nothing.

pub(crate) mod completions;
pub(crate) mod man;

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
    let _setting = Setting { json: cli.json, quiet: cli.quiet };
    match cli.command {
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
