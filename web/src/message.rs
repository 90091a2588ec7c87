//! What page and worker say to each other, as JSON.

use serde::{Deserialize, Serialize};

use crate::inspect::Inspected;
use crate::measure::{Part, Share};
use crate::sample::Sample;
use crate::text::Both;
use crate::view_model::difference::Compared;

/// What a worker is asked to do. One worker does one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// A sample instead of files that come along.
    pub sample: Option<Sample>,
    /// What to do.
    pub job: Job,
}

/// What to do with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// Say what they are.
    Inspect,
    /// Compare two of them.
    Compare {
        /// The disk before, by its place among the files.
        before: usize,
        /// The disk after.
        after: usize,
    },
    /// Read all of one.
    Measure {
        /// Which one.
        file: usize,
        /// Which part of it.
        share: Share,
    },
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It can be asked now.
    Ready,
    /// It is under way: bytes done of all; zero where nobody knows.
    Progress {
        /// Done so far.
        done: u64,
        /// All there is.
        total: u64,
    },
    /// What the files are.
    Inspected(Inspected),
    /// What changed.
    Compared(Compared),
    /// What reading a share of it told.
    Measured(Part),
    /// It could not be done.
    Failed(Both),
}
