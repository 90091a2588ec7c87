//! Inspecting what was given: one disk for each chain, and what is left of
//! those that are refused for their blocks.

use serde::{Deserialize, Serialize};
use vhault_core::read::ReadAt;
use vhault_core::vhd::{Image, Inspection, ReadError, Survey};

use crate::given::{Explain, Given, Named};
use crate::view_model::damage::{Damage, Refused};
use crate::view_model::disk::Disk;
use crate::view_model::map::{Map, State};

/// Bytes of one block of the map of an image that has none of its own.
const MAP_BLOCK_BYTES: u64 = 2 << 20;

/// All that is to show of the given files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// The disks, in the order of their youngest images.
    pub disks: Vec<Disk>,
    /// The files that are no image.
    pub refused: Vec<Refused>,
}

/// Inspects all files: a child and its parents become one disk.
pub fn inspect<S: ReadAt + Clone>(files: impl IntoIterator<Item = Named<S>>) -> Inspected
where
    S::Error: Explain,
{
    let files: Vec<Named<S>> = files.into_iter().collect();
    let given = Given::open(files.iter().cloned());
    let mut inspected = Inspected::default();
    for refusal in &given.refused {
        let damage = files.get(refusal.file).and_then(|named| damage(named.source.clone()));
        let (name, why) = (given.name(refusal.file).to_owned(), refusal.why.clone());
        inspected.refused.push(Refused { name, why, damage });
    }
    for tip in given.tips() {
        match inspect_one(&given, tip) {
            Ok(disk) => inspected.disks.push(disk),
            Err((file, error)) => {
                let (name, why) = (given.name(file).to_owned(), error.source.explain());
                inspected.refused.push(Refused { name, why, damage: None });
            }
        }
    }
    inspected
}

/// What is left of a refused file. One that fails now was refused for that.
fn damage<S: ReadAt>(source: S) -> Option<Damage> {
    Damage::of(&Survey::of(source).ok()??).ok()
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
    image.block_states(&mut |state, _| map.push(state.into(), 1))?;
    Ok(map)
}
