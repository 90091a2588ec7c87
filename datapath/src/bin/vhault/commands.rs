//! One file a command. A command resolves its arguments, calls the library
//! and returns a report; it prints nothing.

pub(crate) mod backup;
pub(crate) mod cancel;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod diff;
pub(crate) mod estimate;
pub(crate) mod explain;
pub(crate) mod forget;
mod freeze;
mod images;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod items;
pub(crate) mod jobs;
pub(crate) mod key;
mod limits;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod made;
pub(crate) mod man;
pub(crate) mod pins;
mod point;
pub(crate) mod policy;
pub(crate) mod protect;
pub(crate) mod repair;
pub(crate) mod restore;
pub(crate) mod run;
mod said;
pub(crate) mod show;
pub(crate) mod sim;
pub(crate) mod stats;
pub(crate) mod stop;
pub(crate) mod sweep;
pub(crate) mod ui;
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
    /// The language of advice.
    pub(crate) lang: vhault_core::advice::Lang,
}

/// Carries out what was typed.
///
/// # Errors
///
/// A [`Failure`] with its exit code, cause and way out.
pub(crate) fn run(cli: Cli) -> Result<Box<dyn Report>, Failure> {
    unlock::refuse_bad_clock()?;
    let setting = Setting { json: cli.json, quiet: cli.quiet, lang: crate::lang::choose(cli.lang) };
    match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Backup(args) => backup::run(&args, setting),
        Command::Estimate(args) => estimate::run(&args, setting),
        Command::Stats(args) => stats::run(&args, setting),
        Command::List(args) => list::run(&args, setting),
        Command::Show(args) => show::run(&args, setting),
        Command::Restore(args) => restore::run(&args, setting),
        Command::Verify(args) => verify::run(&args, setting),
        Command::Policy(args) => policy::run(&args, setting),
        Command::Protect(args) => protect::run(&args, setting),
        Command::Items(args) => items::run(&args, setting),
        Command::Run(args) => run::run(&args, setting),
        Command::Jobs(args) => jobs::run(&args, setting),
        Command::Cancel(args) => cancel::run(&args, setting),
        Command::Stop(args) => stop::run(&args, setting),
        Command::Forget(args) => forget::run(&args, setting),
        Command::Undelete(args) => pins::undelete(&args, setting),
        Command::Pin(args) => pins::pin(&args, setting),
        Command::Unpin(args) => pins::unpin(&args, setting),
        Command::Lock(args) => lock::run(&args, setting),
        Command::Sweep(args) => sweep::run(&args, setting),
        Command::Purge(args) => sweep::run_purge(&args, setting),
        Command::Repair(args) => repair::run(&args, setting),
        Command::Key(args) => key::run(&args, setting),
        Command::Inspect(args) => inspect::run(&args),
        Command::Diff(args) => diff::run(&args, setting),
        Command::Convert(args) => convert::run(&args, setting),
        Command::Explain(args) => explain::run(&args, setting.lang),
        Command::Sim(args) => sim::run(&args),
        Command::Ui(args) => ui::run(&args, setting),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
