//! What a scenario came to, and what happened in it, as text.

use alloc::string::String;
use core::fmt;

use serde::Serialize;

use super::describe::{describe, moment};
use super::event::Record;
use crate::time::Instant;

/// What a replay came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// The scenario.
    pub name: String,
    /// Commands carried out.
    pub commands: usize,
    /// Commands refused as expected.
    pub refused: usize,
    /// Events, passing of time not counted.
    pub events: u64,
    /// The last moment.
    pub clock: Instant,
    /// Jobs that ended well, as far as remembered.
    pub jobs_succeeded: usize,
    /// Jobs that failed, as far as remembered.
    pub jobs_failed: usize,
    /// Recovery points that stand.
    pub points: usize,
    /// The hash of the state, in hex.
    pub state_hash: String,
    /// The hash of all events, in hex.
    pub history_hash: String,
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReplayReport { name, commands, refused, events, .. } = self;
        writeln!(f, "{name}: {commands} commands, {refused} refused, {events} events")?;
        let (done, failed, points) = (self.jobs_succeeded, self.jobs_failed, self.points);
        let clock = moment(self.clock);
        writeln!(f, "  {done} jobs done, {failed} failed, {points} points at {clock}")?;
        writeln!(f, "  state  {}", self.state_hash)?;
        writeln!(f, "  events {}", self.history_hash)
    }
}

/// What happened, an event a line: with the report, what `vhault sim run` prints.
pub fn event_lines(records: &[Record]) -> String {
    let mut text = String::new();
    for record in records {
        text.push_str(&describe(record));
        text.push('\n');
    }
    text
}
