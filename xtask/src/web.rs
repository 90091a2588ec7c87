//! The page: compiled, made into a folder, weighed, and served on this
//! machine alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vhault_benches::program::{Outcome, Trouble, While, told};
use vhault_serve::{Server, Site};

use crate::args::Args;
use crate::build::Profile;
use crate::{build, page_test, place, portable, say, usage};

const HELP: &str = "\
cargo xtask web [--serve] [--program] [--quick] [--out FOLDER]
                [--pictures FOLDER] [--readme] [--measure]

Compiles the page to WebAssembly and writes a folder that any static host can
serve (target/site). Weighs it and refuses what grew. Uses rustup's
wasm32-unknown-unknown, or else Debian's rustc-web, which it installs where it
may.

  --serve        serve the folder on http://127.0.0.1:8080 until stopped, or on
                 another port where that one is taken
  --program      build the release program with the page inside, for `vhault ui`
  --quick        compile for a short wait and not for weight: for work on the
                 page, never to ship; nothing is refused for what it weighs
  --out FOLDER   write it there instead
  --pictures FOLDER
                 draw every view at three widths, in all themes and both
                 languages, and a sheet of each view: to look at
  --readme       draw the pictures of README and docs anew
  --measure      print what the page costs: bytes on the wire, time to paint,
                 reading 1 GiB here and natively, long tasks, the memory that a
                 disk larger than this machine's takes, and frame times of
                 simulations of 10, 100 and 500 machines";

/// Crates that must not reach the page, and why. What only ever falls away
/// when linking, like the `regex` that leptos brings, is left to the weight.
const UNWELCOME: [(&str, &str); 5] = [
    ("tokio", "a runtime of threads"),
    ("chrono", "time zones nobody asked for"),
    ("reqwest", "the page asks nobody"),
    ("openssl", "the page asks nobody"),
    ("rayon", "there is one thread"),
];

/// Where the page is served, unless somebody else listens there.
const PORT: u16 = 8080;

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let (serving, embedding) = (args.flag("--serve"), args.flag("--program"));
    let care = if args.flag("--quick") { Care::Quick } else { Care::Shipped };
    let out = args.path("--out", HELP)?.unwrap_or_else(site);
    let (pictures, measuring) = (args.path("--pictures", HELP)?, args.flag("--measure"));
    let illustrating = args.flag("--readme");
    args.nothing_more(HELP)?;
    if measuring && care == Care::Quick {
        return Err(usage("--measure wants the page as it is shipped: leave --quick out", HELP));
    }
    if embedding && care == Care::Quick {
        return Err(usage("--program embeds the page as it is shipped: leave --quick out", HELP));
    }
    make(&out, care)?;
    if embedding {
        let step = say::Step::begin("vhault built with the page inside");
        let program = build::vhault_with_page(Profile::Release, &out)?;
        step.done(&place::shown(&program));
    }
    if illustrating {
        page_test::illustrate(&out)?;
    }
    if let Some(folder) = pictures {
        page_test::draw(&out, &folder)?;
    }
    if measuring {
        page_test::measure(&out)?;
    }
    if serving { show(&out) } else { Ok(()) }
}

/// How much work goes into a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Small, and weighed.
    Shipped,
    /// Soon there: one program does for both, and nothing is weighed.
    Quick,
}

impl Care {
    /// The profile in `Cargo.toml`, and the folder of the same name under a target's.
    fn profile(self) -> &'static str {
        match self {
            Care::Shipped => "web",
            Care::Quick => "web-quick",
        }
    }

    /// Which features are compiled in turn: the first has the simulator in it, the last is the first view.
    fn rounds(self) -> &'static [&'static str] {
        match self {
            Care::Shipped => &[",simulator", ""],
            Care::Quick => &[",simulator"],
        }
    }
}

/// Serves the page in `out` until the program is stopped: where people expect it, or where there is room.
///
/// # Errors
///
/// Where the folder holds no page, or no port can be had.
pub(crate) fn show(out: &Path) -> Outcome<()> {
    let bind = |port| Server::bind(Site::Folder(out.to_owned()), port);
    let server = bind(PORT).or_else(|_| bind(0)).map_err(|error| Trouble::new(error.to_string()))?;
    say::line(&format!("\n{} shows the page; Ctrl-C ends it", server.address()));
    server.run();
    Ok(())
}

/// Where the page is written unless said otherwise.
pub(crate) fn site() -> PathBuf {
    place::top().join("target/site")
}

/// Compiles the page and writes it to `out`.
///
/// # Errors
///
/// What the compiler says, or why the page may not be so.
pub(crate) fn make(out: &Path, care: Care) -> Outcome<()> {
    say::heading("Page");
    let step = say::Step::begin("no unwelcome crate in the page");
    let trees = unwelcome()?;
    step.done(&format!("{trees} crates"));
    let step = say::Step::begin("compiled to WebAssembly");
    let folder = place::top().join("target/wasm-page");
    let wasm = folder.join(portable::TARGET).join(care.profile());
    // The same program twice: with the simulator, and without for the first view. All else is compiled once.
    let (page, simulator) = (wasm.join("vhault-page.wasm"), wasm.join("vhault-simulator.wasm"));
    let mut told_how = (String::new(), Ok(()));
    for more in care.rounds() {
        let (mut cargo, how) = portable::cargo_for_page()?;
        let codec = portable::let_compile_c(&mut cargo);
        let with_codec = if codec.is_ok() { ",codec" } else { "" };
        cargo.args(["build", "--quiet", "--profile", care.profile(), "--package", "vhault-web", "--bins"]);
        cargo.args(["--features", &format!("page,worker{with_codec}{more}")]);
        cargo.args(["--target", portable::TARGET, "--target-dir"]).arg(&folder);
        let output = cargo.output().while_doing(|| "cannot start cargo".to_owned())?;
        if !output.status.success() {
            step.failed("");
            return Err(Trouble::new(format!("the page does not compile: cargo build {}", told(&output))));
        }
        if !more.is_empty() {
            fs::copy(&page, &simulator).while_doing(|| format!("cannot write {}", simulator.display()))?;
        }
        told_how = (how.to_owned(), codec);
    }
    let (how, codec) = told_how;
    step.done(&how);
    if let Err(why) = codec {
        say::warn(&format!("this page cannot say what compresses to what: {why}"));
    }
    let mut site = build::cargo();
    site.args(["run", "--quiet", "--package", "vhault-site", "--"]);
    if care == Care::Quick {
        site.arg("--unweighed");
    }
    site.args([&page, &simulator, &wasm.join("vhault-worker.wasm")]);
    site.arg(place::top().join("web/static")).arg(out);
    let status = site.stdin(Stdio::null()).status().while_doing(|| "cannot start cargo".to_owned())?;
    if !status.success() {
        return Err(Trouble::new("the page could not be written; the reason is above"));
    }
    say::line(&format!("  {} holds the page", place::shown(out)));
    Ok(())
}

/// Looks for crates the page must not have; returns how many it has.
fn unwelcome() -> Outcome<usize> {
    let mut tree: Command = build::cargo();
    tree.args([
        "tree",
        "--package",
        "vhault-web",
        "--features",
        "page,simulator,worker",
        "--edges",
        "normal,no-proc-macro",
    ]);
    tree.args(["--prefix", "none", "--format", "{p}", "--no-dedupe", "--target", portable::TARGET]);
    let output = tree.output().while_doing(|| "cannot start cargo".to_owned())?;
    if !output.status.success() {
        return Err(Trouble::new(format!("cargo tree {}", told(&output))));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut names: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    let found = UNWELCOME.iter().find(|(name, _)| names.binary_search(name).is_ok());
    match found {
        Some((name, why)) => Err(Trouble::new(format!("the page depends on {name}: {why}"))),
        None => Ok(names.len()),
    }
}
