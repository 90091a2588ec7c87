//! What may go: a plan of packs, with reasons.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::guard::{Guard, Guards};
use crate::catalogue::{Catalogue, FileStanding, KnownPack};
use crate::digest::PackName;
use crate::vault::blob::ENTRY_BYTES;
use crate::vault::pack::PACK_HEAD_BYTES;
use crate::vault::seal::TAG_BYTES;
use crate::vault::tail::TAIL_BYTES;

/// What the points need of one pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackUse {
    /// Needed blobs.
    pub live_blobs: u64,
    /// Bytes of their boxes.
    pub live_bytes: u64,
    /// A needed blob's copy here is known to be damaged.
    pub is_damaged: bool,
}

/// When a pack is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepRules {
    /// A pack is rewritten when at least so many hundredths of its blobs' bytes are needed by nobody.
    pub repack_percent: u8,
}

impl Default for SweepRules {
    fn default() -> SweepRules {
        SweepRules { repack_percent: 60 }
    }
}

/// Why a pack may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No point needs anything in it.
    Unused,
    /// Points need little of it; that is moved first.
    MostlyUnused,
    /// Its session ended without a commit.
    Leftover,
}

/// A pack that may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedPack {
    /// Which.
    pub name: PackName,
    /// Its length.
    pub file_bytes: u64,
    /// Bytes in it that points need.
    pub live_bytes: u64,
    /// Why it may go.
    pub why: Why,
}

/// What a sweep would do to packs, in order of receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepPlan {
    /// Packs that may go.
    pub packs: Vec<PlannedPack>,
    /// Packs that would be rewritten, were not a needed blob in them damaged.
    pub kept_damaged: Vec<PackName>,
    /// How many packs stay untouched.
    pub kept: u64,
}

/// Plans a sweep from what the mark found in each pack; a pack that is not in `usage` is needed by nobody.
pub fn plan(catalogue: &Catalogue, usage: &BTreeMap<PackName, PackUse>, rules: SweepRules) -> SweepPlan {
    let mut plan = SweepPlan::default();
    let mut packs: Vec<&KnownPack> = catalogue.packs.values().collect();
    packs.sort_unstable_by_key(|known| known.received);
    for known in packs {
        let used = usage.get(&known.entry.name).copied().unwrap_or_default();
        let why = match known.standing {
            FileStanding::Condemned => continue,
            FileStanding::Uploaded => {
                let ended = catalogue.sessions.get(&known.session);
                if ended.is_none_or(|session| !session.standing.has_ended()) {
                    plan.kept += 1;
                    continue;
                }
                Why::Leftover
            }
            FileStanding::Live if used.live_blobs == 0 => Why::Unused,
            FileStanding::Live if is_mostly_unused(known, used, rules) => {
                if used.is_damaged {
                    plan.kept_damaged.push(known.entry.name);
                    continue;
                }
                Why::MostlyUnused
            }
            FileStanding::Live => {
                plan.kept += 1;
                continue;
            }
        };
        plan.packs.push(PlannedPack {
            name: known.entry.name,
            file_bytes: known.entry.file_bytes,
            live_bytes: used.live_bytes,
            why,
        });
    }
    plan
}

fn is_mostly_unused(known: &KnownPack, used: PackUse, rules: SweepRules) -> bool {
    let apart = (PACK_HEAD_BYTES + TAG_BYTES + TAIL_BYTES) as u64;
    let apart = apart + u64::from(known.entry.blob_count) * ENTRY_BYTES as u64;
    let blobs = known.entry.file_bytes.saturating_sub(apart);
    let unused = blobs.saturating_sub(used.live_bytes);
    unused > 0 && u128::from(unused) * 100 >= u128::from(blobs) * u128::from(rules.repack_percent)
}

/// The packs of a plan that may be condemned, when `left` is what points still need of each pack and was not moved.
pub fn settle(plan: &SweepPlan, left: &BTreeMap<PackName, PackUse>) -> Vec<PackName> {
    settle_under(Guards::ALL, plan, left)
}

/// [`settle`], with the rules that hold.
pub(crate) fn settle_under(
    guards: Guards,
    plan: &SweepPlan,
    left: &BTreeMap<PackName, PackUse>,
) -> Vec<PackName> {
    let is_empty = |pack: &PackName| left.get(pack).is_none_or(|used| used.live_blobs == 0);
    let packs = plan.packs.iter().map(|planned| planned.name);
    packs.filter(|pack| is_empty(pack) || !guards.hold(Guard::MovedAll)).collect()
}
