//! How long the main works take on the measured data set, with processor
//! time, memory and vault size beside every wall time; and how long others
//! take for the same in the same run.
//!
//! | room | what lives there |
//! | --- | --- |
//! | `slow` | a disk that the kernel lets write only so fast |
//! | `step` | the works that are timed |
//! | `ground` | the data set, the work folder, and one command measured on it |
//! | `kinds` | chunk sizes and efforts on several kinds of disk |
//! | `large` | a vault of many chunks, and a table of more |
//! | `ours` | vhault's way through the works |
//! | `peer` | restic's, rustic's and borg's way |
//! | `plot` | the medians as bars |
//! | `table` | medians, ranges and ratios, for people and for programs |

mod ground;
mod kinds;
mod large;
mod ours;
mod peer;
mod plot;
mod slow;
mod step;
mod table;

use std::fs;

use vhault_benches::program::{Outcome, Trouble, While};

use crate::args::Args;
use crate::build::{self, Profile};
use crate::{say, usage};

use ground::Ground;
use ours::Ours;
use peer::Peer;
use table::Results;

const HELP: &str = "\
cargo xtask bench [--peers] [--rounds N] FOLDER
cargo xtask bench --kinds FOLDER
cargo xtask bench --large [--chunks N] [--entries N] FOLDER
cargo xtask bench --stages

Times backup, restore and verify on the data set that
`cargo xtask bench-data FOLDER` made, N rounds (3), and prints the median of
each with its range. The vault is encrypted and unlocked by key file; a time
ends when everything is durable, and what was restored raw, or by a peer, is
compared with its source afterwards. Sources and vaults are read just before
they are read for time, so that they come from memory, but in the rows that say
otherwise.
Writes FOLDER/bench.json, and with peers FOLDER/bench.svg. Keep the machine quiet.

  --peers   let restic, rustic and borg do the same in the same rounds, each as
            it comes and as tuned for speed. restic and borg come from Debian
            where they are missing, rustic is compiled from crates.io; those
            that cannot be had are named and left out
  --rounds N   so many rounds of everything (3)

With --kinds: chunk sizes and compressions on a system disk, a database, media
and a disk that is mostly empty, on two days. Needs 5 GiB of FOLDER.

With --large: time and memory on disks of 1 GiB to 2 TiB that hold 256 MiB each,
on a vault of many chunks, made in FOLDER from a disk that is made up while it
is read, and on a chunk table of many entries. Needs about 250 bytes of FOLDER a
chunk and 200 an entry.

  --chunks N    chunks of 64 KiB on that disk (10 million)
  --entries N   entries of that table (100 million)

With --stages: what hashing, compressing, checking and sealing do in a second
on one thread, each by itself (criterion).";

const ROUNDS: u64 = 3;

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    if args.flag("--kinds") {
        return kinds::main(args);
    }
    if args.flag("--large") {
        return large::main(args);
    }
    if args.flag("--stages") {
        args.nothing_more(HELP)?;
        return stages();
    }
    let with_peers = args.flag("--peers");
    let rounds = args.number("--rounds", HELP)?.unwrap_or(ROUNDS).max(1);
    let folders = args.files(HELP)?;
    let [folder] = &folders[..] else {
        return Err(usage("one folder is wanted", HELP));
    };
    let program = build::vhault(Profile::Release)?;
    let ground = Ground::prepare(folder, &program)?;
    let ours = Ours::new(program, &ground);
    let peers = if with_peers { Peer::all_here() } else { Vec::new() };
    let mut results = Results::default();
    for round in 0..rounds {
        say::note(&format!("round {} of {rounds}: vhault", round + 1));
        ours.round(&mut results)?;
        for peer in &peers {
            say::note(&format!("round {} of {rounds}: {}", round + 1, peer.name));
            peer.round(&ground, &mut results)?;
        }
        // What is known so far survives an interruption.
        let file = folder.join("bench.json");
        fs::write(&file, results.json()).while_doing(|| format!("cannot write {}", file.display()))?;
    }
    ground.clear()?;
    results.print();
    if let Some(picture) = plot::draw(&results) {
        let file = folder.join("bench.svg");
        fs::write(&file, picture).while_doing(|| format!("cannot write {}", file.display()))?;
        say::line(&format!("\nThe same to look at: {}", file.display()));
    }
    say::line(&format!("\nThe same for machines: {}", folder.join("bench.json").display()));
    Ok(())
}

fn stages() -> Outcome<()> {
    let mut cargo = build::cargo();
    cargo.args(["bench", "--package", "vhault-benches", "--bench", "stages"]);
    let status = cargo.status().while_doing(|| "cannot start cargo".to_owned())?;
    if status.success() {
        Ok(())
    } else {
        Err(Trouble::new("cargo bench did not end well; its words are above"))
    }
}
