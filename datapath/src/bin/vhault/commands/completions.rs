//! `vhault completions`: what a shell needs to complete our commands.

use std::io::{self, Write as _};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::Failure;
use crate::report::{Page, Report};

/// Arguments of `vhault completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault completions bash > /etc/bash_completion.d/vhault")]
pub(crate) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

struct Script {
    shell: Shell,
    text: Vec<u8>,
}

/// Makes the script.
///
/// # Errors
///
/// None today; commands share one shape.
pub(crate) fn run(args: &CompletionsArgs) -> Result<Box<dyn Report>, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "vhault", &mut text);
    Ok(Box::new(Script { shell: args.shell, text }))
}

impl Report for Script {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.write_all(&self.text)
    }

    fn json(&self) -> String {
        serde_json::json!({
            "shell": self.shell.to_string(),
            "script": String::from_utf8_lossy(&self.text),
        })
        .to_string()
    }
}
