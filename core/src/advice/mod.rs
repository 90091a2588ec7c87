//! Advice: every documented failure, rule, limit, state, step and screen.
//!
//! An entry has a stable id, texts in both languages, the remedy, and when a
//! retry makes sense. Code speaks of an entry by [`AdviceId`] only; texts are
//! looked up per language and never stored in a state.
//!
//! ```text
//! catalogue.json ──(generate.rs, in tests)──► id.rs, table.rs
//! ```
//!
//! `id.rs` and `table.rs` are generated and checked in, so that the library
//! carries no parser and the page no JSON. A test renders both again and fails
//! when they differ; run it with `VHAULT_BLESS=1` after changing the data.

mod entry;
#[cfg(test)]
mod generate;
mod id;
mod profiles;
mod report;
mod search;
mod table;
mod text;

pub use entry::{Entry, Kind, Operation, Retry};
pub use id::AdviceId;
pub use profiles::{ProfileId, ProfileSet};
pub use report::{Explanation, explain};
pub use search::search;
pub use text::{Argument, FillError, Lang, Placeholder, Text, fill};
