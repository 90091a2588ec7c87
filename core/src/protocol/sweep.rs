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

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::catalogue::{Session, SessionStanding};
    use crate::digest::SessionId;
    use crate::time::Instant;
    use crate::vault::record::PackEntry;

    const ENDED: SessionId = SessionId::from_bytes([1; 16]);
    const OPEN: SessionId = SessionId::from_bytes([2; 16]);
    /// Blobs in each pack, and the bytes of their boxes.
    const BLOBS: u32 = 3;
    const BLOB_BYTES: u64 = 1_000;

    fn name(byte: u8) -> PackName {
        PackName::from_bytes([byte; 32])
    }

    fn file_bytes() -> u64 {
        let apart = PACK_HEAD_BYTES + TAG_BYTES + TAIL_BYTES + BLOBS as usize * ENTRY_BYTES;
        apart as u64 + BLOB_BYTES
    }

    /// Packs of 1,000 bytes of blobs by name, in the order of receipt.
    fn catalogue(packs: &[(u8, SessionId, FileStanding)]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for (session, standing) in [(ENDED, SessionStanding::Fenced), (OPEN, SessionStanding::Open)] {
            let known = Session {
                host: String::new(),
                purpose: String::new(),
                host_time: Instant::default(),
                parents: Vec::new(),
                begun_record: 1,
                last_record: 1,
                standing,
            };
            catalogue.sessions.insert(session, known);
        }
        for (place, (byte, session, standing)) in (1..).zip(packs) {
            let entry = PackEntry {
                name: name(*byte),
                file_bytes: file_bytes(),
                holds_pages: false,
                blob_count: BLOBS,
            };
            let known = KnownPack { entry, session: *session, standing: *standing, received: (1, place) };
            catalogue.packs.insert(name(*byte), known);
        }
        catalogue
    }

    fn used(live_bytes: u64) -> PackUse {
        PackUse { live_blobs: 1, live_bytes, is_damaged: false }
    }

    fn whys(plan: &SweepPlan) -> Vec<(PackName, Why)> {
        plan.packs.iter().map(|planned| (planned.name, planned.why)).collect()
    }

    #[test]
    fn each_pack_goes_for_its_own_reason_in_order_of_receipt() {
        let (live, uploaded, condemned) =
            (FileStanding::Live, FileStanding::Uploaded, FileStanding::Condemned);
        let catalogue = catalogue(&[
            (9, ENDED, live),
            (8, ENDED, live),
            (7, ENDED, live),
            (6, ENDED, live),
            (5, ENDED, uploaded),
            (4, OPEN, uploaded),
            (3, SessionId::from_bytes([3; 16]), uploaded),
            (2, ENDED, condemned),
        ]);
        let damaged = PackUse { is_damaged: true, ..used(400) };
        let usage = [(name(8), used(400)), (name(7), used(401)), (name(6), damaged)].into();
        let plan = plan(&catalogue, &usage, SweepRules::default());
        assert_eq!(
            whys(&plan),
            [(name(9), Why::Unused), (name(8), Why::MostlyUnused), (name(5), Why::Leftover)]
        );
        assert_eq!(plan.packs[1].live_bytes, 400);
        assert_eq!(plan.packs[1].file_bytes, file_bytes());
        assert_eq!(plan.kept_damaged, [name(6)]);
        assert_eq!(plan.kept, 3, "needed, of an open session, of one that nobody knows");
    }

    #[test]
    fn a_pack_that_is_needed_whole_is_never_rewritten() {
        let catalogue = catalogue(&[(1, ENDED, FileStanding::Live), (2, ENDED, FileStanding::Live)]);
        let usage = [(name(1), used(BLOB_BYTES)), (name(2), used(BLOB_BYTES - 1))].into();
        let always = plan(&catalogue, &usage, SweepRules { repack_percent: 0 });
        assert_eq!((whys(&always), always.kept), (alloc::vec![(name(2), Why::MostlyUnused)], 1));
        let never = plan(&catalogue, &usage, SweepRules { repack_percent: 100 });
        assert_eq!((whys(&never), never.kept), (Vec::new(), 2));
    }

    #[test]
    fn what_was_not_moved_keeps_its_pack() {
        let catalogue = catalogue(&[(1, ENDED, FileStanding::Live), (2, ENDED, FileStanding::Live)]);
        let plan = plan(&catalogue, &BTreeMap::new(), SweepRules::default());
        let left = [(name(1), used(1)), (name(2), PackUse::default())].into();
        assert_eq!(settle(&plan, &left), [name(2)]);
        assert_eq!(settle(&plan, &BTreeMap::new()), [name(1), name(2)]);
    }
}
