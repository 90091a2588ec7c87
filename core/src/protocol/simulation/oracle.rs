//! What must hold after every record, said without asking the machine.

use alloc::collections::BTreeSet;
use std::format;

use super::super::PURGE_WAIT_DAYS;
use super::Violation;
use super::sweeper::FENCE_HOURS;
use super::world::World;
use crate::catalogue::{Catalogue, FileStanding, KeptPoint, PointStanding, SessionStanding};
use crate::digest::PointId;
use crate::vault::blob::BlobId;
use crate::vault::record::Entry;

/// Looks at the world after `entry` followed `before`.
pub(super) fn check(world: &World, before: &Catalogue, entry: &Entry) -> Result<(), Violation> {
    if !matches!(entry, Entry::Begun { .. } | Entry::Forgotten { .. } | Entry::Pinned { .. }) {
        points_are_there(world)?;
    }
    sessions_are_honest(world, before, entry)?;
    points_follow_their_rules(world, before, entry)?;
    match entry {
        Entry::SlotsChanged { .. } if world.truth.slots.is_empty() => Err("nobody can open the vault".into()),
        _ => Ok(()),
    }
}

/// Every blob of every point that is not purged lies in a live pack that exists, and a live fragment says so. A copy
/// may have rotted; it must be there all the same, since nobody may delete the last one.
pub(super) fn points_are_there(world: &World) -> Result<(), Violation> {
    let there = blobs_there(world);
    let mut ids = BTreeSet::new();
    for kept in &world.truth.points {
        if !ids.insert(kept.point.id) {
            return Err(format!("point {} exists twice", kept.point.id));
        }
        if let Some(blob) = blobs_of(world, kept).difference(&there).next() {
            return Err(format!("point {} lost {blob}", kept.point.id));
        }
    }
    Ok(())
}

/// Every blob that a live fragment names in a live pack that holds it.
fn blobs_there(world: &World) -> BTreeSet<BlobId> {
    let live = |pack| {
        let file = world.packs.get(pack).filter(|_| world.truth.is_live(pack));
        move |blob: &BlobId| file.is_some_and(|file| file.blobs.contains(blob))
    };
    let fragments = world.truth.fragments.values().filter(|known| known.standing == FileStanding::Live);
    let entries = fragments.filter_map(|known| world.fragments.get(&known.entry.name));
    let entries = entries.flat_map(|file| file.entries.iter());
    entries.filter(|(blob, pack)| live(pack)(blob)).map(|(blob, _)| *blob).collect()
}

pub(super) fn blobs_of(world: &World, kept: &KeptPoint) -> BTreeSet<BlobId> {
    let mut blobs = BTreeSet::new();
    for root in kept.point.disks.iter().filter_map(|disk| disk.content.root) {
        blobs.insert(root.into());
        blobs.extend(world.pages[&root].iter().map(|chunk| BlobId::from(*chunk)));
    }
    blobs
}

fn sessions_are_honest(world: &World, before: &Catalogue, entry: &Entry) -> Result<(), Violation> {
    let writer = match entry {
        Entry::Progressed { session, .. }
        | Entry::Committed { session, .. }
        | Entry::Adopted { session, .. }
        | Entry::Condemned { session, .. } => session,
        Entry::Fenced { session } => {
            let last = before.sessions.get(session).map_or(0, |known| known.last_record);
            let heard = usize::try_from(last).ok().and_then(|last| world.written.get(last.checked_sub(1)?));
            let still = heard.map_or(i64::MAX, |heard| world.hour - heard);
            return if still < FENCE_HOURS {
                Err(format!("session {session} was fenced {still} hours after it gave a sign of life"))
            } else {
                Ok(())
            };
        }
        _ => return Ok(()),
    };
    match before.sessions.get(writer).map(|known| known.standing) {
        Some(SessionStanding::Open) => {}
        standing => return Err(format!("session {writer} wrote though it is {standing:?}")),
    }
    if let Entry::Condemned { packs, .. } = entry {
        let owner = |pack| match before.packs.get(pack) {
            Some(known) => (known.standing == FileStanding::Uploaded).then_some(known.session),
            None => world.packs.get(pack).map(|file| file.session),
        };
        for (pack, session) in packs.iter().filter_map(|pack| Some((pack, owner(pack)?))) {
            if before.sessions.get(&session).is_some_and(|known| known.standing == SessionStanding::Open) {
                return Err(format!("pack {pack} was condemned while its session {session} is open"));
            }
        }
    }
    let (packs, _) = entry.added();
    match packs.iter().find(|pack| before.packs.contains_key(&pack.name)) {
        Some(pack) => Err(format!("pack {} is named as new twice", pack.name)),
        None => Ok(()),
    }
}

fn points_follow_their_rules(world: &World, before: &Catalogue, entry: &Entry) -> Result<(), Violation> {
    let known = |id: &PointId| before.points.iter().find(|kept| kept.point.id == *id);
    match entry {
        Entry::Forgotten { points, .. } => {
            if let Some(point) = points.iter().find(|id| known(id).is_some_and(|kept| kept.pinned.is_some()))
            {
                return Err(format!("point {point} was forgotten though it is pinned"));
            }
            for vm in points.iter().filter_map(known).map(|kept| kept.point.vm.as_str()) {
                let newest = before.latest(Some(vm)).map(|kept| kept.point.id);
                if newest.is_some_and(|newest| points.contains(&newest)) {
                    return Err(format!("the newest whole point of {vm} was forgotten by a rule"));
                }
            }
        }
        Entry::Undeleted { points } => {
            let back = |id: &&PointId| {
                world.truth.live_points().any(|kept| kept.point.id == **id)
                    && known(id).is_some_and(|kept| kept.standing != PointStanding::Live)
            };
            if let Some(point) = points.iter().find(|id| !back(id)) {
                return Err(format!("point {point} was brought back and is not there, or never went"));
            }
        }
        Entry::Purged { points } => {
            for kept in points.iter().filter_map(known) {
                let point = kept.point.id;
                let PointStanding::Forgotten { record, .. } = kept.standing else {
                    return Err(format!("point {point} was purged though nobody forgot it"));
                };
                let since = world.written[usize::try_from(record).expect("a short log") - 1];
                if world.hour - since < PURGE_WAIT_DAYS * 24 {
                    return Err(format!("point {point} was purged {} hours after", world.hour - since));
                }
            }
        }
        _ => {}
    }
    Ok(())
}
