//! Which record may follow: the rules of the log as a machine.
//!
//! [`decide`] looks at the folded log and answers a [`Request`] with the
//! [`Entry`](crate::vault::record::Entry) that may be appended, or with a
//! [`Refusal`]. The log's put-if-absent makes one of two racing writers win;
//! the other asks again, with what the winner wrote folded in. So whatever
//! stands in a log was allowed by the records before it.
//!
//! | file | noun |
//! | --- | --- |
//! | `request` | what a writer wants recorded |
//! | `refusal` | why not |
//! | `decide` | the answer; `sessions`, `files` and `points` hold its parts |
//! | `guard` | each rule by name, so that a test can take it out |
//! | `mark` | what the points need: visited once, remembered as one bit a table entry |
//! | `ownership` | who needs what: one point, one VM, or several |
//! | `sweep` | what may go: a plan of packs, with reasons |
//!
//! Rules: `docs/promises.md`, "The rules behind the promises".

mod decide;
mod files;
mod guard;
mod mark;
mod ownership;
mod points;
mod refusal;
mod request;
mod sessions;
mod sweep;

pub use decide::decide;
pub(crate) use decide::decide_under;
pub use guard::{Guard, Guards};
pub use mark::{EntryIndex, Ground, Mark};
pub use ownership::{Owner, Ownership};
pub use refusal::Refusal;
pub use request::{Forgetting, Request};
pub use sweep::{PackUse, PlannedPack, SweepPlan, SweepRules, Why, plan, settle};

/// Forgotten points can be undeleted for so many days, unless told otherwise.
pub const PURGE_WAIT_DAYS: i64 = 14;
/// A step from one point's time to the next that is longer than this is doubted, in days.
pub const CLOCK_STEP_DAYS: i64 = 62;

#[cfg(test)]
mod simulation;
#[cfg(test)]
pub(crate) mod testing;
