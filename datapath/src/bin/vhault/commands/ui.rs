//! `vhault ui`: the page, served to a browser on this machine.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use vhault_serve::{ServeError, Server, Site};

use super::Setting;
use super::said::Said;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress;
use crate::report::Report;

/// Arguments of `vhault ui`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault ui
  vhault ui --port 0 --no-open
  vhault ui --site target/site

The page runs whole in the browser: images that are dropped on it are read there and sent nowhere. It is served
on 127.0.0.1 alone. Ctrl-C ends it, with exit code 0.")]
pub(crate) struct UiArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,

    /// Do not open a browser
    #[arg(long)]
    no_open: bool,

    /// Serve the page in this folder instead of the one inside the program
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
}

/// Serves until a signal comes.
///
/// # Errors
///
/// A [`Failure`] saying what is missing: the page, or the port.
pub(crate) fn run(args: &UiArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let site = match &args.site {
        Some(folder) => Site::Folder(folder.clone()),
        None => Site::embedded().ok_or_else(|| {
            Failure::new(Exit::Usage, "this vhault was built without the page").with_way_out(
                "build one that has it with `cargo xtask web --program`, or name a folder that holds it: \
                     `cargo xtask web && vhault ui --site target/site`",
            )
        })?,
    };
    let server = Server::bind(site, args.port)?;
    let mut signals =
        Signals::new([SIGINT, SIGTERM]).map_err(|error| Failure::new(Exit::Unexpected, error))?;
    server.start();
    let address = server.address();
    let opened = !args.no_open && open(&address);
    let text = format!("{address} shows the page; Ctrl-C ends it");
    progress::announce(setting, &text, &json!({ "event": "serving", "address": address, "opened": opened }));
    // Nothing is under way that a signal could leave half done.
    let _first = signals.forever().next();
    let answered = server.answered();
    let text = format!("{answered} requests were answered");
    Ok(Box::new(Said::line(text, json!({ "address": address, "answered": answered }))))
}

/// Asks the desktop, where there is one, to show an address.
fn open(address: &str) -> bool {
    let has_desktop = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut opener = Command::new(program);
    opener.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    has_desktop && opener.spawn().is_ok()
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Failure {
        match error {
            ServeError::NoPage(_) => Failure::new(Exit::Usage, error)
                .with_way_out("`cargo xtask web` makes the page in target/site"),
            ServeError::Port { port, .. } => Failure::new(Exit::Unexpected, error)
                .with_way_out(format!("`--port 0` takes a free port; something else may have {port}")),
        }
    }
}
