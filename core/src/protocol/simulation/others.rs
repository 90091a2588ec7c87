//! Those who read, look after points, look for damage, or make mistakes.

use alloc::collections::BTreeSet;
use std::format;
use std::string::String;
use std::vec::Vec;

use super::super::PURGE_WAIT_DAYS;
use super::super::request::{Forgetting, Request};
use super::tape::Tape;
use super::view::{Tried, View};
use super::world::World;
use super::writer::pack_entry;
use super::{Violation, oracle};
use crate::catalogue::{KeptPoint, PointStanding, SessionStanding};
use crate::digest::{PackName, PointId, SessionId};
use crate::time::Span;
use crate::vault::blob::BlobId;
use crate::vault::record::DamagedCopies;

const WAIT: Span = Span::from_milliseconds(PURGE_WAIT_DAYS * 86_400_000);

/// Reads a point blob by blob, holding it with a session every second time.
#[derive(Clone, Debug, Default)]
pub(super) struct Restorer {
    view: View,
    reading: Option<(KeptPoint, Vec<BlobId>, Option<SessionId>)>,
}

impl Restorer {
    pub(super) fn turn(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        let Some((kept, mut blobs, hold)) = self.reading.take() else { return self.begin(world, tape) };
        let Some(blob) = blobs.pop() else {
            if let Some(session) = hold {
                let request = Request::Abort { session, reason: String::new() };
                let _ended = self.view.append(world, request)?;
            }
            return Ok(());
        };
        let can_read = |view: &View, world: &World| {
            let copies = view.copies(world, &blob).unwrap_or_default();
            copies.iter().any(|(_, pack)| world.can_read(pack, &blob))
        };
        if !can_read(&self.view, world) {
            // Before anybody speaks of damage the log is read on.
            self.view.refresh(world);
            let exists = self.view.catalogue.points.iter().any(|other| other.point.id == kept.point.id);
            let is_held = hold.is_some_and(|session| {
                let session = self.view.catalogue.sessions.get(&session);
                session.is_some_and(|session| session.standing == SessionStanding::Open)
            });
            if !exists && is_held {
                return Err(format!("point {} was purged under a restore that holds it", kept.point.id));
            }
            let has_rotted = world.packs.values().any(|file| file.rotten.contains(&blob));
            if exists && !has_rotted && !can_read(&self.view, world) {
                return Err(format!("a restore of point {} misses {blob}", kept.point.id));
            }
        }
        self.reading = Some((kept, blobs, hold));
        Ok(())
    }

    fn begin(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        self.view.refresh(world);
        let live: Vec<KeptPoint> = self.view.catalogue.live_points().cloned().collect();
        if live.is_empty() {
            return Ok(());
        }
        let kept = live[tape.index(live.len())].clone();
        let mut hold = None;
        if tape.once_in(2) {
            let session = world.fresh_session();
            let request = Request::Begin {
                session,
                host: String::new(),
                host_time: world.clock(),
                purpose: String::new(),
                parents: alloc::vec![kept.point.id],
            };
            hold = matches!(self.view.append(world, request)?, Tried::Done).then_some(session);
        }
        let blobs = oracle::blobs_of(world, &kept).into_iter().collect();
        self.reading = Some((kept, blobs, hold));
        Ok(())
    }
}

/// Finds what has rotted.
#[derive(Clone, Debug, Default)]
pub(super) struct Verifier {
    view: View,
}

impl Verifier {
    pub(super) fn turn(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        let packs: Vec<PackName> = world.packs.keys().copied().collect();
        if packs.is_empty() {
            return Ok(());
        }
        let pack = packs[tape.index(packs.len())];
        let file = world.packs.get_mut(&pack).expect("it was listed a line ago");
        if tape.once_in(3) {
            let blobs: Vec<BlobId> = file.blobs.iter().copied().collect();
            file.rotten.insert(blobs[tape.index(blobs.len())]);
        }
        let mut copies = DamagedCopies { pack, chunks: Vec::new(), pages: Vec::new() };
        for blob in &file.rotten {
            match blob.chunk() {
                Some(chunk) => copies.chunks.push(chunk),
                None => copies.pages.push(crate::digest::PageId::from_bytes(*blob.as_bytes())),
            }
        }
        self.view.refresh(world);
        let _told = self.view.append(world, Request::ReportDamage { copies: alloc::vec![copies] })?;
        Ok(())
    }
}

/// Looks after points, with a clock that leaps.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeper {
    view: View,
}

impl Keeper {
    pub(super) fn turn(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        // What it knows may be old: it reads on only every other time.
        if tape.once_in(2) {
            self.view.refresh(world);
        }
        let points = &self.view.catalogue.points;
        let forgotten = |kept: &&KeptPoint| matches!(kept.standing, PointStanding::Forgotten { .. });
        let live: Vec<PointId> =
            points.iter().filter(|kept| !forgotten(kept)).map(|kept| kept.point.id).collect();
        let hidden: Vec<PointId> = points.iter().filter(forgotten).map(|kept| kept.point.id).collect();
        let one = |ids: &[PointId], tape: &mut Tape| {
            if ids.is_empty() { Vec::new() } else { alloc::vec![ids[tape.index(ids.len())]] }
        };
        let request = match tape.below(10) {
            0..=3 => Request::Forget {
                // Old points more often than new ones.
                points: one(&live[..live.len().min(3)], tape),
                host_time: world.leaping_clock(),
                word: Forgetting::ByRule { damaged: BTreeSet::new() },
            },
            4 => Request::Undelete { points: one(&hidden, tape) },
            5 => Request::Pin { points: one(&live, tape), reason: String::new() },
            6 => Request::Unpin { points: one(&live, tape) },
            _ => Request::Purge {
                points: one(&hidden, tape),
                now: world.leaping_clock(),
                wait: WAIT,
                clock_confirmed: false,
            },
        };
        let _tried = self.view.append(world, request)?;
        Ok(())
    }
}

/// Asks for what it should not.
#[derive(Clone, Debug, Default)]
pub(super) struct Careless {
    view: View,
    session: Option<SessionId>,
    /// Sessions and points that it ever heard of.
    sessions: Vec<SessionId>,
    points: Vec<PointId>,
}

impl Careless {
    pub(super) fn turn(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        self.view.refresh(world);
        self.remember();
        let Some(own) = self.session else {
            let session = world.fresh_session();
            let request = Request::Begin {
                session,
                host: String::new(),
                host_time: world.clock(),
                purpose: String::new(),
                parents: Vec::new(),
            };
            if matches!(self.view.append(world, request)?, Tried::Done) {
                self.session = Some(session);
            }
            return Ok(());
        };
        if self.sessions.is_empty() || self.points.is_empty() {
            return Ok(());
        }
        let some_session = self.sessions[tape.index(self.sessions.len())];
        let some_point = self.points[tape.index(self.points.len())];
        let packs: Vec<PackName> = self.view.catalogue.packs.keys().copied().collect();
        let some_packs =
            if packs.is_empty() { Vec::new() } else { alloc::vec![packs[tape.index(packs.len())]] };
        let mut gone = Vec::new();
        let request = match tape.below(11) {
            0 => {
                gone.clone_from(&some_packs);
                Request::Delete { packs: some_packs, fragments: Vec::new() }
            }
            1 => Request::Progress {
                session: own,
                packs: some_packs
                    .into_iter()
                    .filter(|pack| world.packs.contains_key(pack))
                    .map(|pack| pack_entry(world, pack))
                    .collect(),
                fragments: Vec::new(),
            },
            2 => Request::Adopt { session: own, from: some_session, packs: some_packs },
            3 => Request::Undelete { points: alloc::vec![some_point] },
            4 => Request::Purge {
                points: alloc::vec![some_point],
                now: world.clock(),
                wait: WAIT,
                clock_confirmed: false,
            },
            5 => Request::Forget {
                points: alloc::vec![some_point],
                host_time: world.clock(),
                word: Forgetting::ByRule { damaged: BTreeSet::new() },
            },
            6 => {
                let slots: Vec<_> = world.truth.slots.iter().copied().collect();
                let added = if tape.once_in(2) { alloc::vec![world.fresh_slot()] } else { Vec::new() };
                Request::ChangeSlots { added, removed: slots }
            }
            7 => Request::Progress { session: some_session, packs: Vec::new(), fragments: Vec::new() },
            8 => Request::Commit {
                session: own,
                host_time: world.clock(),
                packs: Vec::new(),
                fragments: Vec::new(),
                points: world.truth.points.iter().take(1).map(|kept| kept.point.clone()).collect(),
                relied: BTreeSet::new(),
            },
            9 => {
                self.session = None;
                Request::Abort { session: own, reason: String::new() }
            }
            _ => Request::Fence { session: own, seen_record: 0 },
        };
        if matches!(self.view.append(world, request)?, Tried::Done) {
            gone.iter().for_each(|pack| {
                world.packs.remove(pack);
            });
        }
        Ok(())
    }

    fn remember(&mut self) {
        for session in self.view.catalogue.sessions.keys() {
            if !self.sessions.contains(session) {
                self.sessions.push(*session);
            }
        }
        for kept in &self.view.catalogue.points {
            if !self.points.contains(&kept.point.id) {
                self.points.push(kept.point.id);
            }
        }
    }
}
