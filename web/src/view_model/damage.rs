//! Damage: which blocks of a refused file cannot be right.

use serde::{Deserialize, Serialize};
use vhault_core::read::ReadAt;
use vhault_core::vhd::{BlockState, ReadError, Survey, Surveyed};

use super::map::{Map, State};
use crate::text::{self, Both};

/// A file that is no image, and what can be told of its blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: Both,
    /// What is left of it; none where nothing tells of blocks.
    pub damage: Option<Damage>,
}

/// The blocks of a refused image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Size of the disk in bytes.
    pub disk_bytes: u64,
    /// How many blocks are damaged.
    pub count: u64,
    /// The first of them: block, and why.
    pub faults: Vec<(u64, Both)>,
    /// All blocks.
    pub map: Map,
}

impl Damage {
    /// What the page shows of a survey.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a sector bitmap cannot be read.
    pub fn of<S: ReadAt>(survey: &Survey<S>) -> Result<Damage, ReadError<S::Error>> {
        let mut map = Map::new(survey.block_bytes());
        survey.visit(&mut |state| {
            map.push(
                match state {
                    Surveyed::Sound(state) => state.into(),
                    Surveyed::Damaged => State::Damaged,
                },
                1,
            );
        })?;
        let faults = survey.faults().iter().map(|fault| (fault.block.get(), text::of_vhd_error(&fault.why)));
        Ok(Damage {
            disk_bytes: survey.size().get(),
            count: survey.damaged_count(),
            faults: faults.collect(),
            map,
        })
    }
}

impl From<BlockState> for State {
    fn from(state: BlockState) -> State {
        match state {
            BlockState::Absent => State::Absent,
            BlockState::Empty => State::Empty,
            BlockState::Partial => State::Partial,
            BlockState::Whole => State::Whole,
        }
    }
}
