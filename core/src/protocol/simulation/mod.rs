//! Histories of many hosts over an imitated store, run by the machine itself.
//!
//! Writers, sweepers, a restorer, a verifier and somebody careless take turns;
//! every turn is one operation of the store, so that anybody may be stopped
//! between any two. Every choice is read from a tape of numbers: a seed makes
//! the tape, and a tape that fails is made shorter before it is shown.
//!
//! | file | noun |
//! | --- | --- |
//! | `world` | the store, the true log, time |
//! | `view` | what one host knows |
//! | `writer`, `sweeper`, `others` | who takes turns |
//! | `oracle` | what must hold after every record |
//! | `tape` | choices, and how a failing row of them shrinks |
//! | `kept` | histories that failed once |
//! | `exhaustive` | every interleaving of a few |

mod exhaustive;
mod kept;
mod oracle;
mod others;
mod sweeper;
mod tape;
mod view;
mod world;
mod writer;

use std::eprintln;
use std::string::String;
use std::vec::Vec;

use super::guard::{Guard, Guards};
use others::{Careless, Keeper, Restorer, Verifier};
use sweeper::Sweeper;
use tape::{Tape, shrink};
use world::World;
use writer::Writer;

/// Histories of the everyday test; `VHAULT_HISTORIES` asks for more.
const HISTORIES: u64 = 1_000;
/// Choices of one history.
const CHOICES: usize = 2_400;
/// A rule that is taken out must be missed within so many histories.
const HISTORIES_UNTIL_CAUGHT: u64 = 3_000;

/// Forgotten points may be purged after so many hours.
const PURGED_AFTER_HOURS: i64 = super::PURGE_WAIT_DAYS * 24;

/// What is wrong with a history.
type Violation = String;

/// Runs one history to the end of its tape.
fn run(guards: Guards, tape: &mut Tape) -> Result<World, Violation> {
    let mut world = World::new(guards);
    let mut writers: Vec<Writer> = (0..3).map(Writer::new).collect();
    let mut sweepers: Vec<Sweeper> = (0..2).map(|_| Sweeper::default()).collect();
    let (mut restorer, mut verifier) = (Restorer::default(), Verifier::default());
    let (mut keeper, mut careless) = (Keeper::default(), Careless::default());
    while !tape.is_over() {
        world.pass_time(tape);
        match tape.below(30) {
            0..=10 => {
                let writer = tape.index(writers.len());
                writers[writer].turn(&mut world, tape)?;
            }
            11..=17 => {
                let sweeper = tape.index(sweepers.len());
                sweepers[sweeper].turn(&mut world, tape)?;
            }
            18 => restorer.turn(&mut world, tape)?,
            19 => verifier.turn(&mut world, tape)?,
            20..=27 => keeper.turn(&mut world, tape)?,
            _ => careless.turn(&mut world, tape)?,
        }
    }
    Ok(world)
}

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Runs histories from seed `first` on, and gives back how many, and the first that failed, shrunk.
fn search(guards: Guards, first: u64, histories: u64) -> (u64, Option<(u64, Tape, Violation)>) {
    for seed in first..first + histories {
        let tape = Tape::from_seed(seed, CHOICES);
        if run(guards, &mut tape.again()).is_err() {
            let short = shrink(tape, &mut |tape| run(guards, &mut tape.again()).is_err());
            let mut read = short.again();
            let violation = run(guards, &mut read).expect_err("shrinking keeps the failure");
            return (seed - first + 1, Some((seed, read, violation)));
        }
    }
    (histories, None)
}

#[test]
fn no_history_loses_what_was_promised() {
    let first = asked("VHAULT_SEED", 1);
    let (_, failed) = search(Guards::ALL, first, asked("VHAULT_HISTORIES", HISTORIES));
    if let Some((seed, tape, violation)) = failed {
        panic!("seed {seed}: {violation}\nto be kept in kept.txt: {}", kept::line(None, &tape));
    }
}

/// A simulation that nothing can fail proves nothing: what it exercises is counted.
#[test]
fn histories_come_to_every_kind_of_record() {
    let mut counts: alloc::collections::BTreeMap<&str, u64> = alloc::collections::BTreeMap::new();
    for seed in 1..3000 {
        let world = run(Guards::ALL, &mut Tape::from_seed(seed, CHOICES)).unwrap();
        for (what, count) in world.counts() {
            *counts.entry(what).or_default() += count;
        }
    }
    let often = [
        "begun",
        "progressed",
        "committed",
        "aborted",
        "fenced",
        "condemned",
        "orphans",
        "deleted",
        "forgotten",
        "undeleted",
        "purged",
        "pinned",
        "unpinned",
        "damage",
        "adopted",
        "slots",
    ];
    for (what, least) in often.map(|what| (what, 5)).into_iter().chain([("rewritten", 1), ("recopied", 1)]) {
        assert!(counts.get(what).copied().unwrap_or(0) >= least, "{what} hardly happens: {counts:?}");
    }
}

/// Every rule is there for a history that breaks without it.
#[test]
fn every_rule_that_is_taken_out_is_missed() {
    let mut unmissed = Vec::new();
    let mut lines = Vec::new();
    for guard in Guard::ALL {
        match search(Guards::without(guard), 1, HISTORIES_UNTIL_CAUGHT) {
            (histories, Some((seed, tape, violation))) => {
                eprintln!(
                    "{guard:?}: history {histories} (seed {seed}), {} choices: {violation}",
                    tape.len()
                );
                lines.push(kept::line(Some(guard), &tape));
            }
            (_, None) if exhaustive::misses(guard) => eprintln!("{guard:?}: missed by some interleaving"),
            (_, None) => unmissed.push(guard),
        }
    }
    assert!(unmissed.is_empty(), "nothing breaks without {unmissed:?}");
    kept::write_if_asked(&lines);
}
