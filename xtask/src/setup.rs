//! What a verb needs from the machine: looked for, explained, installed.
//!
//! Everything comes from Debian's own packages or, for Rust programs, is
//! compiled from crates.io. Nothing prebuilt is fetched from anywhere else.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use vhault_benches::foreign::SEVEN_ZIP_NAMES;
use vhault_benches::program::{Outcome, Trouble, While, find, find_any};

use crate::args::Args;
use crate::build;
use crate::say::{self, Tone};

const HELP: &str = "\
cargo xtask setup [--check]

Installs what the other verbs need from Debian's packages, saying what and
why first. --check only tells, and ends with 1 where something is missing.";

/// Something a verb cannot do without.
struct Need {
    /// Names it goes by; the first found will do.
    programs: &'static [&'static str],
    /// Packages that bring it; the first that Debian offers is taken.
    packages: &'static [&'static str],
    why: &'static str,
}

/// Who needs it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Demo, tests and the data set: making disks and judging restores.
    Disks,
    /// Fuzzing.
    Fuzz,
    /// The page in a browser.
    Page,
    /// The simulator in WebAssembly.
    Node,
    /// Others' backup programs, to be measured beside ours.
    Peers,
}

const DISKS: &[Need] = &[
    Need {
        programs: &["mkfs.ext4"],
        packages: &["e2fsprogs"],
        why: "makes the ext4 file systems on the disks we back up",
    },
    Need {
        programs: &["debugfs"],
        packages: &["e2fsprogs"],
        why: "changes files on them between two backups, without mounting",
    },
    Need {
        programs: &["e2fsck"],
        packages: &["e2fsprogs"],
        why: "checks the file system of a restored disk",
    },
    Need {
        programs: &["qemu-img"],
        packages: &["qemu-utils"],
        why: "writes the VHDs we read, and judges the VHDs we write",
    },
    Need {
        programs: SEVEN_ZIP_NAMES,
        packages: &["p7zip-full", "7zip"],
        why: "a second judge, and the only one here that reads differencing chains rightly",
    },
    Need { programs: &["cmp"], packages: &["diffutils"], why: "compares restored files byte by byte" },
    Need {
        programs: &["sha256sum"],
        packages: &["coreutils"],
        why: "fingerprints sources, to show that they were only read",
    },
];

const FUZZ: &[Need] = &[Need {
    programs: &["g++", "c++"],
    packages: &["g++"],
    why: "compiles libFuzzer, which drives the fuzz targets",
}];

const PAGE: &[Need] = &[
    Need { programs: &["chromium"], packages: &["chromium"], why: "shows the page as people see it" },
    Need { programs: &["node"], packages: &["nodejs"], why: "runs the tests of the page" },
    Need { programs: &["npm"], packages: &["npm"], why: "brings what these tests are written with" },
];

const NODE: &[Need] = &[Need {
    programs: &["node"],
    packages: &["nodejs"],
    why: "runs the simulator's WebAssembly, to hold it against the program",
}];

const PEERS: &[Need] = &[
    Need { programs: &["restic"], packages: &["restic"], why: "is measured beside vhault" },
    Need { programs: &["borg"], packages: &["borgbackup"], why: "is measured beside vhault" },
];

/// Brings others' backup programs: Debian's, and rustic from crates.io. What cannot be had is named, and left out.
pub(crate) fn offer_peers() {
    if let Err(trouble) = ensure(For::Peers) {
        say::warn(&trouble.to_string());
    }
    if find("rustic").is_none() {
        say::line("compiling rustic from crates.io: it is measured beside vhault");
        let installed = build::cargo().args(["install", "--locked", "rustic-rs"]).status();
        if !installed.is_ok_and(|status| status.success()) {
            say::warn("rustic did not install; by hand: cargo install --locked rustic-rs");
        }
    }
}

/// Where Debian puts the fonts that draw Korean.
const FONTS: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

/// Sees to it that Korean is drawn and not shown as boxes.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn ensure_font() -> Outcome<()> {
    if std::path::Path::new(FONTS).exists() {
        return Ok(());
    }
    say::heading("Installing from Debian");
    say::line("  fonts-noto-cjk draws the Korean texts of the page");
    refresh()?;
    install(&["fonts-noto-cjk"])
}

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let check = args.flag("--check");
    args.nothing_more(HELP)?;
    for need in DISKS.iter().chain(NODE) {
        let (mark, place) = match find_any(need.programs) {
            Some(file) => (say::toned(Tone::Good, "✓"), file.display().to_string()),
            None => (say::toned(Tone::Bad, "✗"), format!("missing; package {}", need.packages[0])),
        };
        say::line(&format!("  {mark} {:<10} {:<28} {}", need.programs[0], place, need.why));
    }
    if !check {
        ensure(For::Disks)?;
        return ensure(For::Node);
    }
    match missing(DISKS).len() + missing(NODE).len() {
        0 => Ok(()),
        count => {
            Err(Trouble::new(format!("{count} programs are missing; `cargo xtask setup` installs them")))
        }
    }
}

/// Sees to it that everything is there, installing what is not.
pub(crate) fn ensure(wanted: For) -> Outcome<()> {
    let needs = match wanted {
        For::Disks => DISKS,
        For::Fuzz => FUZZ,
        For::Page => PAGE,
        For::Node => NODE,
        For::Peers => PEERS,
    };
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    say::heading("Installing from Debian");
    for need in &missing {
        say::line(&format!("  {:<12} {}", need.programs[0], need.why));
    }
    obtain(&missing).while_doing(|| {
        let packages = packages_of(&missing, |need| need.packages[0]);
        format!(
            "by hand, as root: apt-get install --no-install-recommends {}\nwhy not by itself",
            packages.join(" ")
        )
    })?;
    match missing_names(needs).as_slice() {
        [] => Ok(()),
        names => Err(Trouble::new(format!("{} did not come with its package", names.join(", ")))),
    }
}

fn obtain(missing: &[&Need]) -> Outcome<()> {
    refresh()?;
    // The lists are fresh now: what they do not offer under one name, they may under another.
    install(&packages_of(missing, |need| {
        need.packages.iter().find(|name| offered(name)).unwrap_or(&need.packages[0])
    }))
}

/// One package for each need, none twice.
fn packages_of(needs: &[&Need], choice: impl Fn(&Need) -> &'static str) -> Vec<&'static str> {
    let mut packages: Vec<&str> = Vec::new();
    for need in needs {
        let package = choice(need);
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    packages
}

/// Brings Debian's package lists up to date.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn refresh() -> Outcome<()> {
    carry_out("apt-get update", &["update", "-q"])
}

/// Installs Debian packages, as root or through sudo.
///
/// # Errors
///
/// Where this machine has no apt-get, we may not install, or it failed. The
/// message holds the command to run by hand.
pub(crate) fn install(packages: &[&str]) -> Outcome<()> {
    let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
    args.extend(packages);
    carry_out(&format!("apt-get install {}", packages.join(" ")), &args)
}

fn carry_out(typed: &str, args: &[&str]) -> Outcome<()> {
    if find("apt-get").is_none() {
        return Err(Trouble::new("there is no apt-get here"));
    }
    let root = root();
    if !root && find("sudo").is_none() {
        return Err(Trouble::new("this is not root, and there is no sudo"));
    }
    let step = say::Step::begin(typed);
    match apt_get(root, args) {
        Ok(()) => {
            step.done("");
            Ok(())
        }
        Err(trouble) => {
            step.failed("");
            Err(trouble)
        }
    }
}

/// Whether this process may install without asking anyone.
pub(crate) fn root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}

/// Whether Debian's lists here offer a package.
pub(crate) fn offered(package: &str) -> bool {
    let shown = Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C").output();
    shown.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().any(|line| line.trim().starts_with("Candidate:") && !line.contains("(none)"))
    })
}

fn apt_get(root: bool, args: &[&str]) -> Outcome<()> {
    // Output goes to a file: apt-get is long-winded, and needed only when it fails.
    let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
    if !root {
        command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    let output = command.output().while_doing(|| "cannot start apt-get".to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    Err(Trouble::new(format!("apt-get {}", vhault_benches::program::told(&output))))
}

fn missing(needs: &'static [Need]) -> Vec<&'static Need> {
    needs.iter().filter(|need| find_any(need.programs).is_none()).collect()
}

fn missing_names(needs: &'static [Need]) -> Vec<&'static str> {
    missing(needs).iter().map(|need| need.programs[0]).collect()
}
