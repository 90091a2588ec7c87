//! Map: the blocks of a disk as runs of one state.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What a block is to the one who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Never written in this image.
    Absent,
    /// Stored without any sector.
    Empty,
    /// Stored with some sectors.
    Partial,
    /// Stored with all sectors.
    Whole,
    /// Read, and all zeroes.
    Zero,
    /// Equal on both sides.
    Same,
    /// Different on the two sides.
    Changed,
    /// Not where the image says, or nowhere.
    Damaged,
}

impl State {
    /// All of them.
    pub const ALL: [State; 8] = [
        State::Absent,
        State::Empty,
        State::Partial,
        State::Whole,
        State::Zero,
        State::Same,
        State::Changed,
        State::Damaged,
    ];

    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Empty => "empty",
            State::Partial => "partial",
            State::Whole => "whole",
            State::Zero => "zero",
            State::Same => "same",
            State::Changed => "changed",
            State::Damaged => "damaged",
        }
    }

    /// What to call it.
    pub fn text(self) -> Text {
        match self {
            State::Absent => Text::StateAbsent,
            State::Empty => Text::StateEmpty,
            State::Partial => Text::StatePartial,
            State::Whole => Text::StateWhole,
            State::Zero => Text::StateZero,
            State::Same => Text::StateSame,
            State::Changed => Text::StateChanged,
            State::Damaged => Text::StateDamaged,
        }
    }
}

/// Adjacent blocks of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The first block.
    pub from: u64,
    /// How many blocks.
    pub count: u64,
    /// What they are.
    pub state: State,
}

/// All blocks of a disk, in order, as runs that differ from their neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// Bytes of disk in a block.
    pub block_bytes: u64,
    runs: Vec<Run>,
}

impl Map {
    /// A map of no blocks yet.
    pub fn new(block_bytes: u64) -> Map {
        Map { block_bytes, runs: Vec::new() }
    }

    /// Adds `count` blocks at the end.
    pub fn push(&mut self, state: State, count: u64) {
        if count == 0 {
            return;
        }
        let from = self.blocks();
        match self.runs.last_mut().filter(|run| run.state == state) {
            Some(run) => run.count += count,
            None => self.runs.push(Run { from, count, state }),
        }
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.from + run.count)
    }

    /// Its runs, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The runs that lie in `from..past`, cut to it.
    pub fn within(&self, from: u64, past: u64) -> impl Iterator<Item = Run> + '_ {
        let first = self.runs.partition_point(|run| run.from + run.count <= from);
        self.runs[first..].iter().take_while(move |run| run.from < past).map(move |run| {
            let start = run.from.max(from);
            Run { from: start, count: (run.from + run.count).min(past) - start, state: run.state }
        })
    }

    /// How many blocks are in each state that occurs.
    pub fn tally(&self) -> Vec<(State, u64)> {
        let count = |state| self.runs.iter().filter(|run| run.state == state).map(|run| run.count).sum();
        State::ALL.into_iter().map(|state| (state, count(state))).filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> Map {
        let mut map = Map::new(1);
        for (state, count) in [
            (State::Whole, 3),
            (State::Whole, 1),
            (State::Absent, 0),
            (State::Absent, 5),
            (State::Partial, 1),
        ] {
            map.push(state, count);
        }
        map
    }

    #[test]
    fn equal_neighbours_become_one_run() {
        assert_eq!(map().runs().len(), 3);
        assert_eq!(map().blocks(), 10);
        assert_eq!(map().tally(), [(State::Absent, 5), (State::Partial, 1), (State::Whole, 4)]);
    }

    #[test]
    fn a_window_cuts_the_runs_at_its_edges() {
        let seen: Vec<_> = map().within(3, 6).collect();
        assert_eq!(
            seen,
            [Run { from: 3, count: 1, state: State::Whole }, Run { from: 4, count: 2, state: State::Absent }]
        );
        assert_eq!(map().within(10, 12).count(), 0);
        assert_eq!(map().within(4, 4).count(), 0);
    }
}
