//! The page in a real browser: its own tests run by Node, against the page
//! served as it is shipped.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

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
    let (mut node, _server) = node(&out)?;
    node.arg("--test").env("VHAULT_BIN", program);
    node.env("VHAULT_CORPUS", test::corpus()).env("VHAULT_HOSTILE", place::fuzz().join("corpus/vhd_open"));
    finish(node, "the page")
}

/// Draws every view of the page in `site` into `folder`.
///
/// # Errors
///
/// Where a view could not be drawn.
pub(crate) fn draw(site: &Path, folder: &Path) -> Outcome<()> {
    script(site, "pictures.mjs", |node| {
        let folder =
            std::path::absolute(folder).while_doing(|| format!("cannot find {}", folder.display()))?;
        node.arg(folder);
        Ok(())
    })
}

/// Draws the pictures of README and docs from the page in `site`.
///
/// # Errors
///
/// Where one could not be drawn.
pub(crate) fn illustrate(site: &Path) -> Outcome<()> {
    script(site, "readme.mjs", |node| {
        node.arg(place::top().join("docs/pictures"));
        Ok(())
    })
}

/// Prints what the page in `site` costs, and the same work done natively.
///
/// # Errors
///
/// Where one of both did not end well.
pub(crate) fn measure(site: &Path) -> Outcome<()> {
    let step = say::Step::begin("the same work natively, compiled");
    let mut cargo = build::cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "vhault-web", "--example", "measure"]);
    let status = cargo.status().while_doing(|| "cannot start cargo".to_owned())?;
    if !status.success() {
        step.failed("");
        return Err(Trouble::new("web/examples/measure.rs does not compile"));
    }
    step.done("");
    script(site, "measure.mjs", |node| {
        let native = place::top().join("target/release/examples/measure");
        node.env("VHAULT_NATIVE", native).env("VHAULT_SITE", std::path::absolute(site).unwrap_or_default());
        Ok(())
    })?;
    script(site, "frames.mjs", |_| Ok(()))
}

/// Has Node run a script of the tests' folder against the page in `site`.
fn script(site: &Path, name: &str, change: impl FnOnce(&mut Command) -> Outcome<()>) -> Outcome<()> {
    setup::ensure(For::Page)?;
    setup::ensure_font()?;
    fetch(&place::top().join("web/e2e"))?;
    let (mut node, _server) = node(site)?;
    node.arg(name);
    change(&mut node)?;
    finish(node, name)
}

/// Node in the tests' folder, and the page of `site` served for it while this program runs.
fn node(site: &Path) -> Outcome<(Command, Arc<Server>)> {
    let bound = Server::bind(Site::Folder(site.to_owned()), 0);
    let server = bound.map_err(|error| Trouble::new(error.to_string()))?;
    server.start();
    let mut node = Command::new("node");
    node.current_dir(place::top().join("web/e2e")).stdin(Stdio::null()).env("VHAULT_PAGE", server.address());
    if let Some(chromium) = find("chromium") {
        node.env("VHAULT_CHROMIUM", chromium);
    }
    Ok((node, server))
}

fn finish(mut node: Command, what: &str) -> Outcome<()> {
    let status = node.status().while_doing(|| "cannot start node".to_owned())?;
    if status.success() { Ok(()) } else { Err(Trouble::new(format!("{what}: its words are above"))) }
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
        "page,worker,simulator",
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
