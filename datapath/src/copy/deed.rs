//! What is done about each chunk: kept, resumed, or read.

use vhault_core::digest::ChunkId;
use vhault_core::extent::Extent;
use vhault_core::units::SECTOR_BYTES;

use super::job::{Job, Leaf};
use super::{AUDIT_RUNS, RESUME_SAMPLES};

/// What to do about one chunk.
pub(super) enum Deed {
    Keep(Option<ChunkId>),
    Resume(Option<ChunkId>),
    Read { known: Option<ChunkId>, audited: Option<Option<ChunkId>> },
}

impl Deed {
    /// The same, but what the vault holds damaged is read, so that it is stored anew.
    pub(super) fn reading_damaged(self, is_sound: impl Fn(Option<ChunkId>) -> bool) -> Deed {
        match self {
            Deed::Keep(id) | Deed::Resume(id) if !is_sound(id) => {
                Deed::Read { known: None, audited: Some(id) }
            }
            Deed::Read { known, audited } if !is_sound(known) => Deed::Read { known: None, audited },
            sound => sound,
        }
    }
}

/// What an earlier copy of the same source has is taken over, but for some samples.
pub(super) fn resume(job: &Job<'_>, chunk: u64, id: Option<ChunkId>) -> Deed {
    let every = job.chunk_count.div_ceil(RESUME_SAMPLES).max(1);
    if chunk.is_multiple_of(every) { Deed::Read { known: id, audited: Some(id) } } else { Deed::Resume(id) }
}

/// What is to be done about a chunk: the cheapest that is proven.
pub(super) fn decide(job: &Job<'_>, leaf: &Leaf, chunk: u64) -> Deed {
    let place = usize::try_from(chunk % job.grid.fan_out() as u64).expect("a place is below the fan-out");
    let offset = chunk << job.grid.chunk_log2;
    let on_disk = bytes_of(job, chunk);
    if let (Some(earlier), Some(resumed)) = (&job.plan.resume, &leaf.resumed)
        && !earlier.missing.overlaps(offset, on_disk)
    {
        return resume(job, chunk, resumed[place]);
    }
    let base = leaf.base.as_ref().map(|base| base[place]);
    let extent = Extent::new(offset / SECTOR_BYTES, on_disk.div_ceil(SECTOR_BYTES));
    let unchanged = job.plan.hint.as_ref().filter(|hint| !hint.changed.overlaps(extent));
    match (unchanged, base) {
        (Some(hint), Some(base)) if Some(chunk % AUDIT_RUNS) != hint.audit_part => Deed::Keep(base),
        (Some(_), Some(base)) => Deed::Read { known: base, audited: Some(base) },
        (None, base) | (_, base @ None) => Deed::Read { known: base.flatten(), audited: None },
    }
}

/// How many bytes of the disk a chunk covers.
pub(super) fn bytes_of(job: &Job<'_>, chunk: u64) -> u64 {
    let offset = chunk << job.grid.chunk_log2;
    (job.plan.disk.size().get() - offset).min(job.grid.chunk_bytes() as u64)
}
