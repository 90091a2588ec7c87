//! From the simulation to what one view of it draws. Pure, one file a view.
//!
//! | file | noun |
//! | --- | --- |
//! | `deed` | a command in words |
//! | `happening` | an event in words, a refusal in words |
//! | `trouble` | the catalogue of advice: list, entry, lesson |
//! | `dashboard` | counts, next runs, calls for attention |
//! | `job` | jobs, and one of them |
//! | `disk` | what one of a machine's disks is called |
//! | `item` | protected items, and what can be asked of several |
//! | `point` | recovery points by day |
//! | `place` | which view the address names |
//! | `outcome` | two futures side by side |
//! | `home` | in one sentence, how everything stands |
//! | `machine` | what discovery finds |
//! | `preflight` | each rule that applies to a backup, looked at on the world |
//! | `policy` | what a person fills in, what it says, when it runs |
//! | `retention` | what a policy keeps, day by day, and what an edit changes |
//! | `restore` | what a person fills in, what stands against it, the proof |
//! | `storage` | what a vault holds, over time |
//! | `audit` | what was asked, by whom, and what became of it |
//! | `rules` | both profiles side by side |
//! | `command_line` | the same as the program is told it |
//! | `refusal` | why something was not done, and what would make it succeed |
//! | `why` | a chain of causes |
//! | `swim` | lanes of what happened to each machine |
//! | `topology` | each machine, and what its blocks pass |
//! | `gantt`, `blocks` | one job in time, and the blocks of its disks |

pub mod audit;
pub mod blocks;
pub mod command_line;
pub mod dashboard;
pub mod deed;
pub mod disk;
pub mod gantt;
pub mod happening;
pub mod home;
pub mod item;
pub mod job;
pub mod machine;
pub mod outcome;
pub mod place;
pub mod point;
pub mod policy;
pub mod preflight;
pub mod refusal;
pub mod restore;
pub mod retention;
pub mod rules;
pub mod storage;
pub mod swim;
pub mod topology;
pub mod trouble;
pub mod why;

use crate::text::Lang;

/// The language of core that a language of the page is.
pub fn core_lang(lang: Lang) -> vhault_core::advice::Lang {
    match lang {
        Lang::En => vhault_core::advice::Lang::En,
        Lang::Ko => vhault_core::advice::Lang::Ko,
    }
}

/// The ready scenario of this name, played to its end.
#[cfg(test)]
pub(crate) fn end(name: &str) -> crate::simulator::Simulator {
    let preset = vhault_core::sim::scenarios::find(name).expect("a ready scenario");
    let mut simulator = crate::simulator::Simulator::begin(&preset.scenario);
    simulator.run_out(&mut || true).expect("a ready scenario ends");
    simulator
}
