//! Core compiled where there is no operating system: WebAssembly.
//!
//! Two ways lead there. rustup may have the target. Where it has not,
//! Debian's `rustc-web` brings a compiler that knows the target and the
//! library's source, from which `core` and `alloc` are compiled first: then
//! nothing that needs `std` can slip in, dependencies included.

use std::path::{Path, PathBuf};
use std::process::Command;

use vhault_benches::program::{Outcome, Trouble, While, told};

use crate::test::Verdict;
use crate::{build, place, say, setup};

/// The target without an operating system.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// Where Debian's compiler looks for the library's source.
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/alloc";

/// The compiler that knows the target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The toolchain at hand, with rustup's target.
    Rustup,
    /// Debian's `rustc-web`; the library is compiled from source.
    Debian,
}

/// Finds a compiler, or installs Debian's where that asks nobody for a password.
///
/// # Errors
///
/// Why this machine has none, and the way to one.
pub(crate) fn compiler() -> Outcome<Compiler> {
    if rustup_has_target() {
        return Ok(Compiler::Rustup);
    }
    if debian_version().is_none_or(|minor| minor < MINOR_VERSION_MIN) {
        install()?;
    }
    match debian_version() {
        Some(minor) if minor >= MINOR_VERSION_MIN => Ok(Compiler::Debian),
        Some(minor) => Err(Trouble::new(format!(
            "Debian's compiler here is 1.{minor}, and 1.{MINOR_VERSION_MIN} is needed: Debian's security suite has a \
             newer one. Add it to apt's sources, or the target {TARGET} to rustup's toolchain"
        ))),
        None => Err(Trouble::new(format!("{DEBIAN_SOURCE} did not come with Debian's packages"))),
    }
}

/// The oldest compiler that will do, as `Cargo.toml` says: 1.88.
const MINOR_VERSION_MIN: u32 = 88;

/// The second number in `rustc 1.96.0 (…)`.
fn minor_version(told: &str) -> Option<u32> {
    told.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}

/// Compiles core for WebAssembly, if this machine can.
///
/// # Errors
///
/// What the compiler says.
pub(crate) fn check() -> Outcome<Verdict> {
    match compiler() {
        Ok(Compiler::Rustup) => {
            let mut cargo = build::cargo();
            cargo.args(["check", "--quiet", "--package", "vhault-core", "--target", TARGET]);
            compile(&mut cargo).map(|()| Verdict::Holds("rustup's target".to_owned()))
        }
        Ok(Compiler::Debian) => {
            let mut cargo = debian_cargo();
            cargo.args(["check", "--quiet", "--package", "vhault-core", "--target", TARGET]);
            cargo.args(["-Zbuild-std=core,alloc", "--target-dir"]).arg(place::top().join("target/wasm"));
            compile(&mut cargo)
                .map(|()| Verdict::Holds("Debian's rustc-web, with core and alloc from source".to_owned()))
        }
        Err(why) => Ok(Verdict::Unknown(why.to_string())),
    }
}

/// A cargo that compiles and links for the browser, and which one it is. Vector instructions
/// are on: every browser of the last years has them.
///
/// # Errors
///
/// Where neither compiler is there, or no linker.
pub(crate) fn cargo_for_page() -> Outcome<(Command, &'static str)> {
    const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
    const VECTORS: &str = "-Ctarget-feature=+simd128";
    if compiler()? == Compiler::Rustup {
        let mut cargo = build::cargo();
        cargo.env(FLAGS, VECTORS).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        return Ok((cargo, "rustup's target"));
    }
    let linker = match linker() {
        Some(linker) => linker,
        None => {
            setup::refresh()?;
            setup::install(&[LINKER_PACKAGE])?;
            linker().ok_or_else(|| Trouble::new(format!("as root: apt-get install {LINKER_PACKAGE}")))?
        }
    };
    let mut cargo = debian_cargo();
    cargo.env(FLAGS, VECTORS).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    cargo.arg("-Zbuild-std=std,panic_abort");
    Ok((cargo, "Debian's rustc-web, with the library from source"))
}

/// Packages that compile C for WebAssembly: the page's codec is the program's.
const C_PACKAGES: [&str; 2] = ["clang-19", "llvm-19"];

/// Lets `cargo` compile C for WebAssembly too, if this machine can.
///
/// # Errors
///
/// Why it cannot; the page does without then.
pub(crate) fn let_compile_c(cargo: &mut Command) -> Outcome<()> {
    const NAMED: &str = "CC_wasm32_unknown_unknown";
    if std::env::var_os(NAMED).is_some() {
        return Ok(());
    }
    let found = match c_compiler() {
        Some(found) => found,
        None => {
            let by_hand = || Trouble::new(format!("as root: apt-get install {}", C_PACKAGES.join(" ")));
            if !setup::root() {
                return Err(by_hand());
            }
            setup::refresh()?;
            if !C_PACKAGES.iter().all(|package| setup::offered(package)) {
                return Err(Trouble::new("no clang here knows WebAssembly, and Debian's lists have none"));
            }
            setup::install(&C_PACKAGES)?;
            c_compiler().ok_or_else(by_hand)?
        }
    };
    cargo.env(NAMED, &found.0).env("AR_wasm32_unknown_unknown", &found.1);
    Ok(())
}

/// The newest clang that knows WebAssembly, and the archiver of its version.
fn c_compiler() -> Option<(PathBuf, PathBuf)> {
    let knows = |clang: &Path| {
        let asked = Command::new(clang).arg("--print-targets").output();
        asked.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("wasm32"))
    };
    let mut versions: Vec<u32> = numbered("clang-");
    versions.sort_unstable();
    versions.into_iter().rev().find_map(|version| {
        let clang = Path::new("/usr/bin").join(format!("clang-{version}"));
        let archiver = Path::new("/usr/bin").join(format!("llvm-ar-{version}"));
        (archiver.exists() && knows(&clang)).then_some((clang, archiver))
    })
}

/// The numbers behind the programs whose names begin so.
fn numbered(prefix: &str) -> Vec<u32> {
    let programs = std::fs::read_dir("/usr/bin").into_iter().flatten().flatten();
    programs.filter_map(|program| program.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()).collect()
}

/// The package that brings a linker for WebAssembly.
const LINKER_PACKAGE: &str = "lld";

/// The newest `wasm-ld` there is; Debian puts the version behind its name.
fn linker() -> Option<PathBuf> {
    let programs = std::fs::read_dir("/usr/bin").ok()?.flatten();
    let version = |path: &Path| -> Option<u32> {
        let rest = path.file_name()?.to_str()?.strip_prefix("wasm-ld")?;
        if rest.is_empty() { Some(0) } else { rest.strip_prefix('-')?.parse().ok() }
    };
    let found = programs
        .map(|program| program.path())
        .filter_map(|path| version(&path).map(|version| (version, path)));
    found.max().map(|(_, path)| path)
}

/// Debian's cargo with Debian's compiler.
fn debian_cargo() -> Command {
    let mut cargo = Command::new(DEBIAN_CARGO);
    cargo.current_dir(place::top()).env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    // What another toolchain set for itself would be wrong here.
    for name in ["RUSTFLAGS", "CARGO", "RUSTUP_TOOLCHAIN", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    cargo
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

/// The version of Debian's compiler, if all of it is there.
fn debian_version() -> Option<u32> {
    let whole = [DEBIAN_RUSTC, DEBIAN_CARGO, DEBIAN_SOURCE].iter().all(|path| Path::new(path).exists());
    let told = Command::new(DEBIAN_RUSTC).arg("--version").output().ok().filter(|_| whole)?;
    minor_version(&String::from_utf8_lossy(&told.stdout))
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
    setup::install(&PACKAGES)
}

#[cfg(test)]
mod tests {
    use super::{MINOR_VERSION_MIN, minor_version};

    #[test]
    fn versions_are_read_as_compilers_print_them() {
        assert_eq!(minor_version("rustc 1.96.0 (abc 2026-01-01) (built from a source tarball)"), Some(96));
        assert_eq!(minor_version("cargo 1.96.0"), None);
        let manifest = include_str!("../../Cargo.toml");
        assert!(manifest.contains(&format!("rust-version = \"1.{MINOR_VERSION_MIN}\"")));
    }
}
