//! A first backup, told and proven.
//!
//! | room | what lives there |
//! | --- | --- |
//! | `scale` | how big the disks are, and how much happens on them |
//! | `inside` | what is on a disk before it is one |
//! | `day` | what people and programs do to the files in a day |
//! | `machine` | the disks of a virtual machine on two days |
//! | `own` | the same story with images somebody brought |
//! | `vhault` | the program and the demo's vault |
//! | `run` | one run of the program, measured from outside |
//! | `map` | which sectors differ, counted without vhault |
//! | `proof` | restores, and the judges that compare them |
//! | `damage` | a byte flipped in a copy of the vault |
//! | `story` | everything that was seen, for the page at the end |
//! | `page` | that page, as HTML |
//! | `folder` | where it all lies, and the room it takes |

mod damage;
pub(crate) mod day;
mod folder;
pub(crate) mod inside;
mod machine;
pub(crate) mod map;
mod own;
mod page;
mod proof;
pub(crate) mod run;
pub(crate) mod scale;
mod story;
mod vhault;

use std::path::{Path, PathBuf};
use std::time::Instant;

use vhault_benches::program::{Outcome, Trouble};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::setup::{self, For};
use crate::{place, portable, say, web};

use folder::Folder;
use machine::Machine;
use scale::Scale;
use story::Story;
use vhault::Vhault;

const HELP: &str = "\
cargo xtask demo [--quick] [--no-serve] [IMAGE...]

Makes a virtual machine with three disks (programs, a database, an archive),
backs it up, lets a day pass in its file systems, backs it up again, restores
every disk as fixed VHD, dynamic VHD, raw image and exact copy, and lets
qemu-img, 7-Zip, cmp, e2fsck and debugfs prove each one equal. Everything lies
in demo-data/, a page to read in demo-data/report.html.

With images of your own it backs up those instead. They are only read.

Then it makes the page that looks inside VHDs, and serves it on this machine
until stopped.

  --quick      small disks: a look in seconds instead of minutes
  --no-serve   end after the report: make and serve no page

It installs what it needs from Debian's packages, and says what and why.";

/// What was asked for.
struct Options {
    quick: bool,
    images: Vec<PathBuf>,
}

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let quick = args.flag("--quick");
    let serving = !args.flag("--no-serve");
    let images = args.files(HELP)?;
    let options = Options { quick, images };

    setup::ensure(For::Disks)?;
    let program = program()?;
    let folder = Folder::prepare(&place::demo(), options.room(), options.quick)?;
    let story = tell(&options, &program, &folder)?;
    epilogue(&story, &folder, &program)?;
    if !serving {
        return Ok(());
    }
    if let Err(why) = portable::compiler() {
        say::warn(&format!(
            "NOT SERVED: the page that looks inside VHDs cannot be made on this machine: {why}"
        ));
        return Ok(());
    }
    web::make(&web::site(), web::Care::Shipped)?;
    web::show(&web::site())
}

/// The program the environment names, or one built now.
fn program() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("VHAULT_BIN") {
        return Ok(PathBuf::from(named));
    }
    say::heading("Building vhault");
    let step = say::Step::begin("cargo build --release");
    let program = build::vhault(Profile::Release)?;
    step.done(&place::shown(&program));
    Ok(program)
}

/// The quick demo as a test: in a folder of its own that goes away again.
///
/// # Errors
///
/// Whatever did not hold.
pub(crate) fn rehearse(program: &Path) -> Outcome<()> {
    let options = Options { quick: true, images: Vec::new() };
    let place = std::env::temp_dir().join(format!("vhault-rehearsal-{}", std::process::id()));
    let folder = Folder::prepare(&place, options.room(), true)?;
    let told = tell(&options, program, &folder);
    folder.remove()?;
    told.map(drop)
}

fn tell(options: &Options, program: &Path, folder: &Folder) -> Outcome<Story> {
    let since = Instant::now();
    let vhault = Vhault::new(program, folder)?;
    let mut story = Story::new(options.quick);
    if options.images.is_empty() {
        let scale = if options.quick { Scale::quick() } else { Scale::full() };
        ours(&scale, &vhault, folder, &mut story)?;
    } else {
        own::tell(&options.images, &vhault, folder, &mut story)?;
    }
    story.took = since.elapsed();
    story.vault_bytes = vhault.bytes();
    page::write(&story, &folder.report())?;
    match story.failures() {
        0 => Ok(story),
        count => Err(Trouble::new(format!(
            "{count} proofs failed; everything was left in {}",
            folder.place().display()
        ))),
    }
}

fn ours(scale: &Scale, vhault: &Vhault, folder: &Folder, story: &mut Story) -> Outcome<()> {
    say::heading("A virtual machine on Monday");
    let mut machine = Machine::make(scale, folder)?;
    vhault.init()?;

    say::heading("First backup");
    vhault.backup("demo", &machine.images(0), machine.virtual_bytes(), story)?;

    say::heading("A day passes");
    machine.live_a_day(scale, folder)?;

    say::heading("Second backup");
    vhault.backup("demo", &machine.images(1), machine.virtual_bytes(), story)?;

    say::heading("What changed");
    let points = vhault.points()?;
    for disk in &machine.disks {
        let change = map::compare(&disk.raw[0], &disk.raw[1])?;
        vhault.diff(&points, disk.label, &change)?;
        say::line(&format!("  {:<8} {}", disk.label, change.strip()));
        story.changes.push((disk.label.to_owned(), disk.about.clone(), change));
    }

    say::heading("Restores, judged by other people's tools");
    proof::restores(&machine, &points, vhault, folder, story)?;

    say::heading("One byte of a copy of the vault, flipped");
    damage::show(vhault, folder, story)
}

/// What a person wants to know at the end.
fn epilogue(story: &Story, folder: &Folder, program: &Path) -> Outcome<()> {
    story.print();
    let (vhault, vault) = (place::shown(program), place::shown(&folder.vault()));
    let secret = format!("--passphrase-file {}", place::shown(&folder.passphrase()));
    say::heading("Go on by hand");
    for command in [
        format!("{vhault} list {vault} {secret}"),
        format!("{vhault} show {vault} latest {secret}"),
        format!("{vhault} verify {vault} {secret} --level images"),
        format!("{vhault} restore {vault} latest {secret} --disk 0 --format dynamic --out back.vhd"),
    ] {
        say::line(&format!("  {command}"));
    }
    say::heading("Where things lie");
    say::line(&format!("  {:<28} the page to read", place::shown(&folder.report())));
    say::line(&format!("  {vault:<28} the vault"));
    say::line(&format!(
        "  {:<28} the disks; rm -r it when you have seen enough",
        place::shown(folder.place())
    ));
    folder.keep();
    Ok(())
}

impl Options {
    /// Bytes the story needs on disk at its widest.
    fn room(&self) -> u64 {
        match (&self.images[..], self.quick) {
            ([], true) => 1 << 30,
            ([], false) => 14 << 30,
            // A vault, one restored copy at a time, and its raw twin.
            (images, _) => {
                let bytes = |image: &PathBuf| std::fs::metadata(image).map_or(0, |about| about.len());
                images.iter().map(bytes).sum::<u64>().saturating_mul(4)
            }
        }
    }
}
