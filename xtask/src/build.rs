//! The program, built and found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use vhault_benches::program::{Outcome, Trouble, While};

use crate::place;

/// How the program is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As it is shipped: slow to compile, fast to run.
    Release,
    /// With every check, for tests.
    Dev,
}

/// The cargo this runs under.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(place::top()).stdin(Stdio::null());
    cargo
}

/// Builds `vhault` and gives back where it lies. Compiler messages go to the
/// terminal.
///
/// # Errors
///
/// Where it does not compile.
pub(crate) fn vhault(profile: Profile) -> Outcome<PathBuf> {
    let mut cargo = cargo();
    cargo.arg("build");
    build(profile, cargo)
}

/// The same with the page of the folder `site` inside, beside the plain one,
/// which the next build would put in its place.
///
/// # Errors
///
/// As [`vhault`].
pub(crate) fn vhault_with_page(profile: Profile, site: &Path) -> Outcome<PathBuf> {
    let mut cargo = cargo();
    let site = site.canonicalize().while_doing(|| format!("cannot find {}", place::shown(site)))?;
    cargo.env("VHAULT_SITE", site).args(["build", "--features", "page"]);
    let built = build(profile, cargo)?;
    let folder = built.with_file_name("with-page");
    let program = folder.join("vhault");
    fs::create_dir_all(&folder).while_doing(|| format!("cannot create {}", place::shown(&folder)))?;
    fs::copy(&built, &program).while_doing(|| format!("cannot write {}", place::shown(&program)))?;
    Ok(program)
}

fn build(profile: Profile, mut build: Command) -> Outcome<PathBuf> {
    build.args(["--package", "vhault-datapath", "--bin", "vhault"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    executable(build.stderr(Stdio::inherit()), "vhault")
}

/// Has cargo build one program and gives back where it lies.
///
/// # Errors
///
/// Where it does not compile.
pub(crate) fn executable(cargo: &mut Command, what: &str) -> Outcome<PathBuf> {
    cargo.arg("--message-format=json-render-diagnostics");
    let output = cargo.output().while_doing(|| "cannot start cargo".to_owned())?;
    if !output.status.success() {
        let words = match String::from_utf8_lossy(&output.stderr) {
            words if words.is_empty() => "are above".to_owned(),
            words => format!("are:\n{words}"),
        };
        return Err(Trouble::new(format!("{what} does not compile; the compiler's words {words}")));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .next_back()
        .ok_or_else(|| Trouble::new(format!("cargo built {what} but did not say where it put it")))
}
