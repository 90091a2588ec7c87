//! The backup lifecycle on a real vault: the rules of `vhault_core::lifecycle`
//! decide, this room looks at files and processes, and the log remembers.
//!
//! | file | noun |
//! | --- | --- |
//! | `host` | the machines the rules may ask about: those whose images are here |
//! | `process` | which process does a job's work, and whether it still runs |
//! | `desk` | a command of a person, answered and appended |
//! | `round` | what the clock asks for: due runs, jobs whose process is gone |
//! | `job` | a backup job: its start, its end, and what stops it |
//! | `keeping` | which points stay: by count, or by a policy |
//!
//! Mapping: `docs/decisions/0004-lifecycle-on-real-vaults.md`.

mod desk;
mod error;
mod host;
mod job;
mod keeping;
mod process;
mod round;

pub use desk::{carry_out, delete_data, protect, submit};
pub use error::LifecycleError;
pub use host::Host;
pub use job::{Job, Watch};
pub use keeping::{Chosen, Keeping, Sorted, damaged_points, forget, sort};
pub use process::this_process;
pub use round::{begin_due, end_abandoned, end_one_abandoned};
