//! From the simulation to what one view of it draws. Pure, one file a view.
//!
//! | file | noun |
//! | --- | --- |
//! | `deed` | a command in words |
//! | `happening` | an event in words, a refusal in words |
//! | `trouble` | the catalogue of advice: list, entry, lesson |
//! | `dashboard` | counts, next runs, calls for attention |
//! | `job` | jobs, and one of them |
//! | `item` | protected items, and what can be asked of several |
//! | `point` | recovery points by day |
//! | `place` | which view the address names |
//! | `outcome` | two futures side by side |
//! | `refusal` | why something was not done, and what would make it succeed |
//! | `why` | a chain of causes |
//! | `swim` | lanes of what happened to each machine |
//! | `topology` | each machine, and what its blocks pass |
//! | `gantt`, `blocks` | one job in time, and the blocks of its disks |

pub mod blocks;
pub mod dashboard;
pub mod deed;
pub mod gantt;
pub mod happening;
pub mod item;
pub mod job;
pub mod outcome;
pub mod place;
pub mod point;
pub mod refusal;
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
