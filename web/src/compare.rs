//! Comparing two of the given images, each with its parents.

use vhault_core::read::ReadAt;
use vhault_core::vhd::{Comparison, Difference};

use crate::given::{self, Explain, Named};
use crate::text::Both;
use crate::view_model::difference::Compared;

/// Compares file `before` with file `after`; `heard` is told how many bytes
/// of how many are done. `is_same` tells whether two sources are one file.
///
/// # Errors
///
/// Why that is not possible, for people.
pub fn compare<S: ReadAt + Clone>(
    files: &[Named<S>],
    before: usize,
    after: usize,
    is_same: &dyn Fn(&S, &S) -> bool,
    heard: &mut dyn FnMut(u64, u64),
) -> Result<Compared, Both>
where
    S::Error: Explain,
{
    let name = |file: usize| files.get(file).map_or("", |named| named.name.as_str()).to_owned();
    let (left, right) = (given::join(files, before)?, given::join(files, after)?);
    let whole = left.size().max(right.size()).get();
    let changes = Comparison::new(&left, &right, is_same)
        .run(&mut |done| heard(done, whole))
        .map_err(|error| error.source.source.explain())?;
    let difference = Difference { before: name(before), after: name(after), changes };
    let export = serde_json::to_string(&difference).expect("a difference has only names and numbers");
    Ok(Compared::of(&difference.before, &difference.after, &difference.changes, export))
}
