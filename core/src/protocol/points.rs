//! Recovery points: forgotten, brought back, purged.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::CLOCK_STEP_DAYS;
use super::guard::{Guard, Guards};
use super::refusal::Refusal;
use super::request::Forgetting;
use crate::catalogue::{Catalogue, KeptPoint, PointStanding, SessionStanding};
use crate::digest::PointId;
use crate::policy::{ClockTrust, Doubt};
use crate::time::{Instant, Span};
use crate::vault::point::RecoveryPoint;
use crate::vault::record::Entry;

pub(super) fn refuse_known(
    guards: Guards,
    catalogue: &Catalogue,
    points: &[RecoveryPoint],
) -> Result<(), Refusal> {
    let known = points.iter().find(|point| find(catalogue, point.id).is_some());
    match known {
        Some(point) if guards.hold(Guard::PointOnce) => Err(Refusal::PointKnown { point: point.id }),
        _ => Ok(()),
    }
}

pub(super) fn refuse_unless_live(catalogue: &Catalogue, points: &[PointId]) -> Result<(), Refusal> {
    let live = |id: PointId| find(catalogue, id).is_some_and(|kept| kept.standing == PointStanding::Live);
    match points.iter().find(|id| !live(**id)) {
        Some(point) => Err(Refusal::NoSuchPoint { point: *point, wanted: "a recovery point of this vault" }),
        None if points.is_empty() => Err(Refusal::Nothing),
        None => Ok(()),
    }
}

pub(super) fn forget(
    guards: Guards,
    catalogue: &Catalogue,
    points: Vec<PointId>,
    host_time: Instant,
    word: &Forgetting,
) -> Result<Entry, Refusal> {
    refuse_unless_live(catalogue, &points)?;
    let (mut word, mut clock_confirmed) = (word, false);
    while let Forgetting::Confirmed(inner) = word {
        (word, clock_confirmed) = (inner, true);
    }
    refuse_locked(catalogue, &points, host_time, clock_confirmed)?;
    for kept in points.iter().filter_map(|id| find(catalogue, *id)) {
        let point = kept.point.id;
        if kept.pinned.is_some() && guards.hold(Guard::SparePinned) {
            return Err(Refusal::Pinned { point });
        }
        match word {
            Forgetting::AllOf(vm) if *vm != kept.point.vm => {
                return Err(Refusal::NoSuchPoint { point, wanted: "a point of the VM that is deleted" });
            }
            Forgetting::ByRule { damaged }
                if guards.hold(Guard::KeepNewest) && is_newest_whole(catalogue, kept, damaged) =>
            {
                return Err(Refusal::NewestWhole { point });
            }
            _ => {}
        }
    }
    Ok(Entry::Forgotten { points, host_time })
}

/// A clock in doubt, the present one or that of the point, ends no lock.
fn refuse_locked(
    catalogue: &Catalogue,
    points: &[PointId],
    now: Instant,
    clock_confirmed: bool,
) -> Result<(), Refusal> {
    if catalogue.locks.is_empty() {
        return Ok(());
    }
    let trust = ClockTrust::step_days(CLOCK_STEP_DAYS);
    let times = catalogue.points.iter().enumerate().map(|(place, kept)| (place as u64, kept.point.host_time));
    let doubt = Doubt::find(times, now, &trust);
    for (place, kept) in catalogue.points.iter().enumerate() {
        let (point, made, age) = (kept.point.id, kept.point.host_time, catalogue.lock_of(kept));
        if age <= Span::ZERO || !points.contains(&point) {
            continue;
        }
        if (doubt.now || doubt.points.contains(&(place as u64))) && !clock_confirmed {
            return Err(Refusal::ClockInDoubt { point, now });
        }
        if made.checked_add(age).is_none_or(|until| now < until) {
            return Err(Refusal::Locked { point, made, age, now });
        }
    }
    Ok(())
}

fn is_newest_whole(
    catalogue: &Catalogue,
    kept: &KeptPoint,
    damaged: &alloc::collections::BTreeSet<PointId>,
) -> bool {
    let whole = |other: &&KeptPoint| {
        other.point.vm == kept.point.vm && other.is_whole() && !damaged.contains(&other.point.id)
    };
    catalogue.live_points().rev().find(whole).is_some_and(|newest| newest.point.id == kept.point.id)
}

pub(super) fn undelete(
    guards: Guards,
    catalogue: &Catalogue,
    points: Vec<PointId>,
) -> Result<Entry, Refusal> {
    refuse_unless_forgotten(guards, catalogue, &points)?;
    Ok(Entry::Undeleted { points })
}

pub(super) fn purge(
    guards: Guards,
    catalogue: &Catalogue,
    points: Vec<PointId>,
    now: Instant,
    wait: Span,
    clock_confirmed: bool,
) -> Result<Entry, Refusal> {
    refuse_unless_forgotten(guards, catalogue, &points)?;
    let trust = ClockTrust::step_days(CLOCK_STEP_DAYS);
    let times = || catalogue.points.iter().enumerate().map(|(place, kept)| (place as u64, kept));
    let doubt = Doubt::find(times().map(|(place, kept)| (place, kept.point.host_time)), now, &trust);
    let known = by_id(catalogue);
    for kept in points.iter().filter_map(|id| known.get(id)) {
        let point = kept.point.id;
        let holds = |(_, session): &(&_, &crate::catalogue::Session)| {
            session.standing == SessionStanding::Open && session.parents.contains(&point)
        };
        if guards.hold(Guard::HoldParents)
            && let Some((session, _)) = catalogue.sessions.iter().find(holds)
        {
            return Err(Refusal::Held { point, session: *session });
        }
        let PointStanding::Forgotten { since, record } = kept.standing else { continue };
        // Forgotten before the newest point that was there already: the clock of whoever forgot it went back.
        let went_back = || {
            times()
                .filter(|(place, other)| record > other.record && !doubt.points.contains(place))
                .any(|(_, other)| since < other.point.host_time)
        };
        if !clock_confirmed && guards.hold(Guard::DoubtClock) && (doubt.now || went_back()) {
            return Err(Refusal::ClockInDoubt { point, now });
        }
        let is_due = since.checked_add(wait).is_some_and(|due| due <= now);
        if !is_due && guards.hold(Guard::PurgeWaits) {
            return Err(Refusal::TooEarly { point, since, wait, now });
        }
    }
    Ok(Entry::Purged { points })
}

fn refuse_unless_forgotten(guards: Guards, catalogue: &Catalogue, points: &[PointId]) -> Result<(), Refusal> {
    if points.is_empty() {
        return Err(Refusal::Nothing);
    }
    let known = by_id(catalogue);
    let forgotten = |id: &PointId| {
        known.get(id).is_some_and(|kept| matches!(kept.standing, PointStanding::Forgotten { .. }))
    };
    match points.iter().find(|id| !forgotten(id)) {
        Some(point) if guards.hold(Guard::OnlyForgotten) => {
            Err(Refusal::NoSuchPoint { point: *point, wanted: "a forgotten point" })
        }
        _ => Ok(()),
    }
}

fn find(catalogue: &Catalogue, id: PointId) -> Option<&KeptPoint> {
    catalogue.points.iter().find(|kept| kept.point.id == id)
}

/// Every point by its id, for questions about many; of two with one id, the older.
fn by_id(catalogue: &Catalogue) -> BTreeMap<PointId, &KeptPoint> {
    catalogue.points.iter().rev().map(|kept| (kept.point.id, kept)).collect()
}
