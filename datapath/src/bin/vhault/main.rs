//! The `vhault` program: what was typed, carried out, and reported.

mod args;
mod commands;
mod exit;
mod failure;
mod lang;
mod private;
mod progress;
mod report;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    private::forbid_core_dumps();
    let cli = args::Cli::parse();
    let json = cli.json;
    let lang = lang::choose(cli.lang);
    report::finish(commands::run(cli), json, lang).into()
}
