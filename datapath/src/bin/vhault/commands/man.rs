//! `vhault man`: the manual, one page a command.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, CommandFactory as _};

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report};

/// Arguments of `vhault man`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault man ~/.local/share/man/man1 && man vhault-backup")]
pub(crate) struct ManArgs {
    /// Folder to write the pages into; it is created if it is missing
    folder: PathBuf,
}

struct Pages {
    written: Vec<PathBuf>,
}

/// Writes the pages.
///
/// # Errors
///
/// A [`Failure`] naming the page that could not be written.
pub(crate) fn run(args: &ManArgs) -> Result<Box<dyn Report>, Failure> {
    let fail = |what: String, source: io::Error| {
        Failure::new(Exit::Unexpected, io::Error::new(source.kind(), format!("{what}: {source}")))
    };
    std::fs::create_dir_all(&args.folder)
        .map_err(|source| fail(format!("cannot create {}", args.folder.display()), source))?;
    let mut program = Cli::command();
    program.build();
    let mut written = Vec::new();
    for (name, command) in pages(&program) {
        let path = args.folder.join(format!("{name}.1"));
        let mut text = Vec::new();
        clap_mangen::Man::new(command.display_name(name.clone()).name(name))
            .render(&mut text)
            .and_then(|()| std::fs::write(&path, &text))
            .map_err(|source| fail(format!("cannot write {}", path.display()), source))?;
        written.push(path);
    }
    Ok(Box::new(Pages { written }))
}

fn pages(program: &clap::Command) -> Vec<(String, clap::Command)> {
    let mut all = vec![("vhault".to_string(), program.clone())];
    let mut waiting: Vec<(String, clap::Command)> = vec![("vhault".to_string(), program.clone())];
    while let Some((prefix, command)) = waiting.pop() {
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            let name = format!("{prefix}-{}", inner.get_name());
            all.push((name.clone(), inner.clone()));
            waiting.push((name, inner.clone()));
        }
    }
    all
}

impl Report for Pages {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.written.iter().try_for_each(|path| writeln!(page, "{}", path.display()))
    }

    fn json(&self) -> String {
        serde_json::json!({ "written": self.written }).to_string()
    }
}
