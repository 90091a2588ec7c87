//! The page in a real browser: its own tests run by Node, against the page
//! served as it is shipped.

use std::path::Path;
use std::process::{Command, Stdio};

use vhault_benches::program::{Outcome, Trouble, While, find};
use vhault_serve::{Server, Site};

use crate::build::Profile;
use crate::setup::{self, For};
use crate::{build, place, say, test, web};

/// Makes the page, serves it on a free port, and has a browser try it.
///
/// # Errors
///
/// What did not hold; the tests' own words go to the terminal.
pub(crate) fn run() -> Outcome<()> {
    say::heading("Page in a browser");
    setup::ensure(For::Page)?;
    setup::ensure_font()?;
    let program = build::vhault(Profile::Dev)?;
    let out = web::site();
    web::make(&out, web::Care::Shipped)?;
    lint()?;
    let tests = place::top().join("web/e2e");
    fetch(&tests)?;
    let server = Server::bind(Site::Folder(out), 0).map_err(|error| Trouble::new(error.to_string()))?;
    // It ends with this program.
    server.start();
    let page = server.address();
    let mut node = Command::new("node");
    node.args(["--test", "--test-timeout=900000"]).current_dir(&tests).stdin(Stdio::null());
    node.env("VHAULT_PAGE", page).env("VHAULT_BIN", program);
    node.env("VHAULT_CORPUS", test::corpus()).env("VHAULT_HOSTILE", place::fuzz().join("corpus/vhd_open"));
    if let Some(chromium) = find("chromium") {
        node.env("VHAULT_CHROMIUM", chromium);
    }
    let status = node.status().while_doing(|| "cannot start node".to_owned())?;
    if status.success() { Ok(()) } else { Err(Trouble::new("the page: the tests' words are above")) }
}

/// The linter's findings in the parts that only a browser runs. They type-check
/// natively too.
fn lint() -> Outcome<()> {
    let step = say::Step::begin("clippy on the page");
    let mut clippy = build::cargo();
    clippy.args([
        "clippy",
        "--quiet",
        "--package",
        "vhault-web",
        "--features",
        "page,worker",
        "--",
        "-D",
        "warnings",
    ]);
    let status = clippy.status().while_doing(|| "cannot start cargo".to_owned())?;
    if !status.success() {
        step.failed("");
        return Err(Trouble::new("the page: clippy is not content"));
    }
    step.done("nothing to say");
    Ok(())
}

/// What the tests are written with, in the versions they were written for.
fn fetch(tests: &Path) -> Outcome<()> {
    if tests.join("node_modules/playwright-core").is_dir() && tests.join("node_modules/axe-core").is_dir() {
        return Ok(());
    }
    let step = say::Step::begin("npm ci");
    let output = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(tests)
        .output()
        .while_doing(|| "cannot start npm".to_owned())?;
    if !output.status.success() {
        step.failed("");
        return Err(Trouble::new(format!("npm ci {}", vhault_benches::program::told(&output))));
    }
    step.done("playwright-core and axe-core");
    Ok(())
}
