//! The answer to a request.

use alloc::collections::BTreeSet;

use super::guard::{Guard, Guards};
use super::refusal::Refusal;
use super::request::Request;
use super::{files, points, sessions};
use crate::catalogue::Catalogue;
use crate::digest::SlotId;
use crate::vault::record::Entry;

/// Says which entry may follow the head of `catalogue`.
///
/// # Errors
///
/// A [`Refusal`] naming the rule's object; the log then stays as it is.
pub fn decide(catalogue: &Catalogue, request: Request) -> Result<Entry, Refusal> {
    decide_under(Guards::ALL, catalogue, request)
}

/// [`decide`], with the rules that hold.
pub(crate) fn decide_under(
    guards: Guards,
    catalogue: &Catalogue,
    request: Request,
) -> Result<Entry, Refusal> {
    match request {
        Request::Genesis { settings, host_time } => match catalogue.head_number {
            0 => Ok(Entry::Genesis { settings, host_time }),
            head => Err(Refusal::Begun { head }),
        },
        Request::Begin { session, host, host_time, purpose, parents } => {
            sessions::begin(catalogue, session, host, host_time, purpose, parents)
        }
        Request::Progress { session, packs, fragments } => {
            sessions::progress(guards, catalogue, session, packs, fragments)
        }
        Request::Commit { session, host_time, packs, fragments, points, relied } => {
            sessions::refuse_unless_open(guards, catalogue, session)?;
            sessions::refuse_known_files(guards, catalogue, &packs, &fragments)?;
            sessions::refuse_condemned(guards, catalogue, session, &relied)?;
            points::refuse_known(guards, catalogue, &points)?;
            Ok(Entry::Committed { session, host_time, packs, fragments, points })
        }
        Request::Abort { session, reason } => {
            sessions::refuse_unless_open(Guards::ALL, catalogue, session)?;
            Ok(Entry::Aborted { session, reason })
        }
        Request::Fence { session, seen_record } => sessions::fence(guards, catalogue, session, seen_record),
        Request::Adopt { session, from, packs } => sessions::adopt(guards, catalogue, session, from, packs),
        condemn @ Request::Condemn { .. } => files::condemn(guards, catalogue, condemn),
        Request::Delete { packs, fragments } => files::delete(guards, catalogue, packs, fragments),
        Request::Forget { points, host_time, word } => {
            points::forget(guards, catalogue, points, host_time, &word)
        }
        Request::Undelete { points } => points::undelete(guards, catalogue, points),
        Request::Purge { points, now, wait, clock_confirmed } => {
            points::purge(guards, catalogue, points, now, wait, clock_confirmed)
        }
        Request::Pin { points, reason } => {
            points::refuse_unless_live(catalogue, &points)?;
            Ok(Entry::Pinned { points, reason })
        }
        Request::Unpin { points } => {
            points::refuse_unless_live(catalogue, &points)?;
            Ok(Entry::Unpinned { points })
        }
        Request::ReportDamage { copies } => files::report_damage(catalogue, copies),
        Request::ChangeSlots { added, removed } => {
            if let Some(slot) = removed.iter().find(|slot| !catalogue.slots.contains(slot)) {
                return Err(Refusal::NoSuchSlot { slot: *slot });
            }
            let mut left: BTreeSet<SlotId> = catalogue.slots.iter().chain(&added).copied().collect();
            removed.iter().for_each(|slot| {
                left.remove(slot);
            });
            if left.is_empty() && guards.hold(Guard::LastSlot) {
                return Err(Refusal::LastSlot);
            }
            Ok(Entry::SlotsChanged { added, removed })
        }
        Request::Rotate { added, removed } => {
            let mut open = catalogue.sessions.values().filter(|known| !known.standing.has_ended());
            if let Some(first) = open.next() {
                let (purpose, host) = (first.purpose.clone(), first.host.clone());
                return Err(Refusal::SessionsOpen { count: 1 + open.count(), purpose, host });
            }
            if removed.iter().copied().collect::<BTreeSet<SlotId>>() != catalogue.slots {
                return Err(Refusal::SlotsMoved);
            }
            if added.is_empty() {
                return Err(Refusal::LastSlot);
            }
            Ok(Entry::SlotsChanged { added, removed })
        }
        Request::SetLock { age } if age == catalogue.lock() => Err(Refusal::Nothing),
        Request::SetLock { age } => Ok(Entry::LockSet { age }),
        Request::Lifecycle { bytes } => Ok(Entry::Lifecycle { bytes }),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
