//! Inspecting what was given: one disk for each chain.

use serde::{Deserialize, Serialize};
use vhault_core::read::ReadAt;
use vhault_core::vhd::{BlockState, Image, Inspection, ReadError};

use crate::given::{Explain, Given, Named};
use crate::text::Both;
use crate::view_model::disk::Disk;
use crate::view_model::map::{Map, State};

/// Bytes of one block of the map of an image that has none of its own.
const MAP_BLOCK_BYTES: u64 = 2 << 20;

/// All that is to show of the given files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// The disks, in the order of their youngest images.
    pub disks: Vec<Disk>,
    /// Name and reason of each file that is no image.
    pub refused: Vec<(String, Both)>,
}

/// Inspects all files: a child and its parents become one disk.
pub fn inspect<S: ReadAt>(files: impl IntoIterator<Item = Named<S>>) -> Inspected
where
    S::Error: Explain,
{
    let given = Given::open(files);
    let mut inspected = Inspected::default();
    for refusal in &given.refused {
        inspected.refused.push((given.name(refusal.file).to_owned(), refusal.why.clone()));
    }
    for tip in given.tips() {
        match inspect_one(&given, tip) {
            Ok(disk) => inspected.disks.push(disk),
            Err((file, error)) => {
                inspected.refused.push((given.name(file).to_owned(), error.source.explain()));
            }
        }
    }
    inspected
}

type Failed<E> = (usize, ReadError<E>);

fn inspect_one<S: ReadAt>(given: &Given<S>, tip: usize) -> Result<Disk, Failed<S::Error>>
where
    S::Error: Explain,
{
    let chain = given.chain(tip);
    let files: Vec<usize> = chain.iter().map(|(file, _)| *file).collect();
    let named: Vec<(&str, &Image<S>)> =
        chain.iter().map(|(file, image)| (given.name(*file), *image)).collect();
    let failed = |error: ReadError<S::Error>| (files.get(error.depth).copied().unwrap_or(tip), error);
    let inspection = Inspection::of(&named).map_err(failed)?;
    let mut maps = Vec::new();
    for (depth, (_, image)) in named.iter().enumerate() {
        maps.push(map_of(image).map_err(|error| failed(ReadError { depth, ..error }))?);
    }
    let export = serde_json::to_string(&inspection).expect("an inspection has only names and numbers");
    Ok(Disk::of(&inspection, &files, maps, export))
}

fn map_of<S: ReadAt>(image: &Image<S>) -> Result<Map, ReadError<S::Error>> {
    let Some(table) = image.table() else {
        let mut map = Map::new(MAP_BLOCK_BYTES);
        map.push(State::Whole, image.size().get().div_ceil(MAP_BLOCK_BYTES));
        return Ok(map);
    };
    let mut map = Map::new(table.shape().block_bytes());
    image.block_states(&mut |state, _| {
        let state = match state {
            BlockState::Absent => State::Absent,
            BlockState::Empty => State::Empty,
            BlockState::Partial => State::Partial,
            BlockState::Whole => State::Whole,
        };
        map.push(state, 1);
    })?;
    Ok(map)
}
