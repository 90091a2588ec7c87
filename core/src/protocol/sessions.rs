//! Sessions: opened, heard of, committed, fenced, inherited from.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::guard::{Guard, Guards};
use super::refusal::Refusal;
use crate::catalogue::{Catalogue, FileStanding, PointStanding, SessionStanding};
use crate::digest::{PackName, PointId, SessionId};
use crate::time::Instant;
use crate::vault::record::{Entry, FragmentEntry, PackEntry};

pub(super) fn begin(
    catalogue: &Catalogue,
    session: SessionId,
    host: String,
    host_time: Instant,
    purpose: String,
    mut parents: Vec<PointId>,
) -> Result<Entry, Refusal> {
    if catalogue.sessions.contains_key(&session) {
        return Err(Refusal::SessionKnown { session });
    }
    let is_live = |id: &PointId| {
        let mut points = catalogue.points.iter();
        points.any(|kept| kept.point.id == *id && kept.standing == PointStanding::Live)
    };
    parents.retain(is_live);
    Ok(Entry::Begun { session, host, host_time, purpose, parents })
}

pub(super) fn progress(
    guards: Guards,
    catalogue: &Catalogue,
    session: SessionId,
    packs: Vec<PackEntry>,
    fragments: Vec<FragmentEntry>,
) -> Result<Entry, Refusal> {
    refuse_unless_open(guards, catalogue, session)?;
    refuse_known_files(guards, catalogue, &packs, &fragments)?;
    Ok(Entry::Progressed { session, packs, fragments })
}

pub(super) fn fence(
    guards: Guards,
    catalogue: &Catalogue,
    session: SessionId,
    seen: u64,
) -> Result<Entry, Refusal> {
    refuse_unless_open(Guards::ALL, catalogue, session)?;
    match catalogue.sessions.get(&session).map(|known| known.last_record) {
        Some(last) if last != seen && guards.hold(Guard::FenceStill) => {
            Err(Refusal::Lives { session, last, seen })
        }
        _ => Ok(Entry::Fenced { session }),
    }
}

pub(super) fn adopt(
    guards: Guards,
    catalogue: &Catalogue,
    session: SessionId,
    from: SessionId,
    packs: Vec<PackName>,
) -> Result<Entry, Refusal> {
    refuse_unless_open(guards, catalogue, session)?;
    if packs.is_empty() {
        return Err(Refusal::Nothing);
    }
    let has_ended = catalogue.sessions.get(&from).is_some_and(|known| known.standing.has_ended());
    // A pack that no record names is not taken: it may have been condemned, deleted and forgotten once already.
    let adoptable = |pack: &PackName| {
        has_ended
            && catalogue
                .packs
                .get(pack)
                .is_some_and(|known| known.session == from && known.standing == FileStanding::Uploaded)
    };
    match packs.iter().find(|pack| !adoptable(pack)) {
        Some(pack) if guards.hold(Guard::AdoptEnded) => Err(Refusal::NotAdoptable { pack: *pack }),
        _ => Ok(Entry::Adopted { session, from, packs }),
    }
}

pub(super) fn refuse_unless_open(
    guards: Guards,
    catalogue: &Catalogue,
    session: SessionId,
) -> Result<(), Refusal> {
    let standing = catalogue.sessions.get(&session).map(|known| known.standing);
    if standing != Some(SessionStanding::Open) && guards.hold(Guard::SessionOpen) {
        return Err(Refusal::NotOpen { session });
    }
    Ok(())
}

pub(super) fn refuse_known_files(
    guards: Guards,
    catalogue: &Catalogue,
    packs: &[PackEntry],
    fragments: &[FragmentEntry],
) -> Result<(), Refusal> {
    if !guards.hold(Guard::NameOnce) {
        return Ok(());
    }
    if let Some(known) = packs.iter().find(|pack| catalogue.packs.contains_key(&pack.name)) {
        return Err(Refusal::PackKnown { pack: known.name });
    }
    match fragments.iter().find(|fragment| catalogue.fragments.contains_key(&fragment.name)) {
        Some(known) => Err(Refusal::FragmentKnown { fragment: known.name }),
        None => Ok(()),
    }
}

/// A commit may rely on what the log holds live, and on what its own session uploaded or adopted.
pub(super) fn refuse_condemned(
    guards: Guards,
    catalogue: &Catalogue,
    session: SessionId,
    relied: &BTreeSet<PackName>,
) -> Result<(), Refusal> {
    let usable = |pack: &PackName| {
        catalogue.packs.get(pack).is_some_and(|known| match known.standing {
            FileStanding::Live => true,
            FileStanding::Uploaded => known.session == session,
            FileStanding::Condemned => false,
        })
    };
    match relied.iter().find(|pack| !usable(pack)) {
        Some(pack) if guards.hold(Guard::ReliedLive) => Err(Refusal::ReliedCondemned { pack: *pack }),
        _ => Ok(()),
    }
}
