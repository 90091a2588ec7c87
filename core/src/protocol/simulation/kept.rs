//! Histories that failed once, made short.
//!
//! `kept.txt` has one a line: the rule without which it fails, or `mended` for a fault that was mended since, and its
//! choices. A change of the rig gives the choices another meaning: `VHAULT_KEEP=1 cargo test -p vhault-core --lib
//! every_rule` writes the rules' histories anew.

use std::format;
use std::string::{String, ToString as _};
use std::vec::Vec;

use super::super::guard::{Guard, Guards};
use super::run;
use super::tape::Tape;

const KEPT: &str = include_str!("kept.txt");
const MENDED: &str = "mended";

/// A history as `kept.txt` has it.
pub(super) fn line(rule: Option<Guard>, tape: &Tape) -> String {
    let rule = rule.map_or(MENDED.to_string(), |guard| format!("{guard:?}"));
    let choices: Vec<String> = tape.words().iter().map(u32::to_string).collect();
    format!("{rule}: {}\n", choices.join(" "))
}

/// Writes the rules' histories in the place of those that are there, where `VHAULT_KEEP` asks for it.
pub(super) fn write_if_asked(lines: &[String]) {
    if std::env::var_os("VHAULT_KEEP").is_none() {
        return;
    }
    let mended = KEPT.lines().filter(|line| line.starts_with(MENDED)).map(|line| format!("{line}\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/protocol/simulation/kept.txt");
    let all: String = lines.iter().cloned().chain(mended).collect();
    std::fs::write(file, all).expect("the source can be written");
}

#[test]
fn histories_that_failed_once_hold_and_still_need_their_rule() {
    let mut stale = Vec::new();
    let mut unkept = Guard::ALL.to_vec();
    for line in KEPT.lines() {
        let (rule, choices) = line.split_once(": ").expect("a rule and its choices");
        let words = choices.split(' ').map(|word| word.parse().expect("choices are numbers")).collect();
        let tape = Tape::new(words);
        if let Err(violation) = run(Guards::ALL, &mut tape.again()) {
            panic!("{rule}: {violation}");
        }
        if rule == MENDED {
            continue;
        }
        let guard = Guard::ALL.into_iter().find(|guard| format!("{guard:?}") == rule).expect("a rule's name");
        unkept.retain(|other| *other != guard);
        if run(Guards::without(guard), &mut tape.again()).is_ok() {
            stale.push(guard);
        }
    }
    assert!(
        stale.is_empty(),
        "their histories fail no more without them, see the top of this file: {stale:?}"
    );
    assert!(unkept.is_empty(), "no history is kept for {unkept:?}");
}
