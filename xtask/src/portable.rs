//! Core compiled where there is no operating system: WebAssembly.
//!
//! Two ways lead there. rustup may have the target. Where it has not,
//! Debian's `rustc-web` brings a compiler that knows the target and the
//! library's source, from which `core` and `alloc` are compiled first: then
//! nothing that needs `std` can slip in, dependencies included.

use std::path::Path;
use std::process::Command;

use vhault_benches::program::{Outcome, Trouble, While, told};

use crate::test::Verdict;
use crate::{build, place, say, setup};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// Where Debian's compiler looks for the library's source.
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/alloc";

/// Compiles core for WebAssembly, if this machine can.
///
/// # Errors
///
/// What the compiler says.
pub(crate) fn check() -> Outcome<Verdict> {
    if rustup_has_target() {
        let mut cargo = build::cargo();
        cargo.args(["check", "--quiet", "--package", "vhault-core", "--target", TARGET]);
        return compile(&mut cargo).map(|()| Verdict::Holds("rustup's target".to_owned()));
    }
    let there = if debian_compiler() { Ok(()) } else { install() };
    if let Err(why) = there {
        return Ok(Verdict::Unknown(why.to_string()));
    }
    let mut cargo = Command::new(DEBIAN_CARGO);
    cargo.current_dir(place::top()).env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    // What another toolchain set for itself would be wrong here.
    for name in ["RUSTFLAGS", "CARGO", "RUSTUP_TOOLCHAIN", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    cargo.args(["check", "--quiet", "--package", "vhault-core", "--target", TARGET]);
    cargo.args(["-Zbuild-std=core,alloc", "--target-dir"]).arg(place::top().join("target/wasm"));
    compile(&mut cargo)
        .map(|()| Verdict::Holds("Debian's rustc-web, with core and alloc from source".to_owned()))
}

fn compile(cargo: &mut Command) -> Outcome<()> {
    let output = cargo.output().while_doing(|| "cannot start cargo".to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    Err(Trouble::new(format!("vhault-core does not compile for {TARGET}: cargo check {}", told(&output))))
}

fn rustup_has_target() -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    asked.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

fn debian_compiler() -> bool {
    [DEBIAN_RUSTC, DEBIAN_CARGO, DEBIAN_SOURCE].iter().all(|path| Path::new(path).exists())
}

/// Installs Debian's compiler where that asks nobody for a password.
fn install() -> Outcome<()> {
    if !setup::root() {
        return Err(Trouble::new(format!("as root: apt-get install {}", PACKAGES.join(" "))));
    }
    say::heading("Installing from Debian");
    say::line("  rustc-web    compiles core for WebAssembly, where there is no operating system");
    setup::refresh()?;
    if !PACKAGES.iter().all(|package| setup::offered(package)) {
        return Err(Trouble::new("Debian's lists here have no rustc-web"));
    }
    setup::install(&PACKAGES)?;
    if debian_compiler() {
        return Ok(());
    }
    Err(Trouble::new(format!("{DEBIAN_SOURCE} did not come with Debian's packages")))
}
