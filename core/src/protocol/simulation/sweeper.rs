//! A host that sweeps: fences, marks, moves, condemns, merges, deletes.

use alloc::collections::{BTreeMap, BTreeSet};
use std::string::String;
use std::vec::Vec;

use super::super::decide::decide_under;
use super::super::mark::{EntryIndex, Mark};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::sweep::{PackUse, SweepPlan, SweepRules, Why, plan, settle_under};
use super::tape::Tape;
use super::view::{Tried, View};
use super::world::{GRID, World};
use super::writer::{BOX_BYTES, fragment_entry, pack_entry};
use super::{Violation, oracle};
use crate::catalogue::{FileStanding, SessionStanding};
use crate::digest::{FragmentName, PackName, PointId, SessionId};
use crate::vault::blob::BlobId;

/// A session stands still when it writes nothing for so long.
pub(super) const FENCE_HOURS: i64 = 300;

#[derive(Clone, Debug, Default)]
pub(super) struct Sweeper {
    view: View,
    stage: Stage,
    session: Option<SessionId>,
}

#[derive(Clone, Debug, Default)]
enum Stage {
    #[default]
    Idle,
    Watching {
        session: SessionId,
        seen: u64,
        since: i64,
    },
    Begin,
    Marking(Marking),
    Moving(Marking, SweepPlan, Moved),
    Condemning(Marking, SweepPlan, Moved),
    Merging {
        condemned: Vec<FragmentName>,
        added: FragmentName,
        began_after: u64,
    },
    Deleting(Vec<PackName>, Vec<FragmentName>, usize),
    Ending,
}

#[derive(Clone, Debug, Default)]
struct Marking {
    mark: Mark,
    names: Vec<FragmentName>,
    began_after: u64,
    covers: u64,
    walked: BTreeSet<PointId>,
}

#[derive(Clone, Debug, Default)]
struct Moved {
    blobs: BTreeSet<BlobId>,
    packs: Vec<PackName>,
    fragment: Option<FragmentName>,
}

impl Sweeper {
    pub(super) fn turn(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        if tape.once_in(60) {
            *self = Sweeper::default();
            return Ok(());
        }
        self.turn_alive(world, tape)
    }

    /// A sweeper that fences nobody and is about to begin.
    pub(super) fn at_work() -> Sweeper {
        Sweeper { stage: Stage::Begin, ..Sweeper::default() }
    }

    /// A turn in which the host does not die.
    pub(super) fn turn_alive(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        let stage = std::mem::take(&mut self.stage);
        self.stage = match stage {
            Stage::Idle => self.look(world, tape),
            Stage::Watching { session, seen, since } => self.watch(world, session, seen, since)?,
            Stage::Begin => self.begin(world)?,
            Stage::Marking(marking) => self.mark(world, marking, tape),
            Stage::Moving(marking, plan, moved) => self.carry(world, marking, plan, moved),
            Stage::Condemning(marking, plan, moved) => self.condemn(world, marking, plan, moved)?,
            Stage::Merging { condemned, added, began_after } => {
                self.merge(world, condemned, added, began_after)?
            }
            Stage::Deleting(packs, fragments, done) => self.delete(world, packs, fragments, done)?,
            Stage::Ending => self.end(world)?,
        };
        Ok(())
    }

    /// Whether there is nothing in hand.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    fn look(&mut self, world: &World, tape: &mut Tape) -> Stage {
        self.view.refresh(world);
        let open: Vec<(SessionId, u64)> = self
            .view
            .catalogue
            .sessions
            .iter()
            .filter(|(_, known)| known.standing == SessionStanding::Open)
            .map(|(id, known)| (*id, known.last_record))
            .collect();
        if open.is_empty() || tape.once_in(3) {
            return Stage::Begin;
        }
        let (session, seen) = open[tape.index(open.len())];
        Stage::Watching { session, seen, since: world.hour }
    }

    fn watch(
        &mut self,
        world: &mut World,
        session: SessionId,
        seen: u64,
        since: i64,
    ) -> Result<Stage, Violation> {
        if world.hour - since < FENCE_HOURS {
            return Ok(Stage::Watching { session, seen, since });
        }
        match self.view.append(world, Request::Fence { session, seen_record: seen })? {
            Tried::Lost => Ok(Stage::Watching { session, seen, since }),
            Tried::Done | Tried::Refused(_) => Ok(Stage::Begin),
        }
    }

    fn begin(&mut self, world: &mut World) -> Result<Stage, Violation> {
        let session = world.fresh_session();
        self.view.refresh(world);
        let request = Request::Begin {
            session,
            host: String::new(),
            host_time: world.clock(),
            purpose: String::new(),
            parents: Vec::new(),
        };
        Ok(match self.view.append(world, request)? {
            Tried::Done => {
                self.session = Some(session);
                Stage::Marking(self.fresh_mark())
            }
            _ => Stage::Begin,
        })
    }

    fn fresh_mark(&self) -> Marking {
        let mut marking = Marking { began_after: self.view.catalogue.last_condemned, ..Marking::default() };
        self.align(&mut marking);
        marking
    }

    /// Puts the bits where the fragments stand in the view.
    fn align(&self, marking: &mut Marking) {
        let live = self.view.catalogue.live_fragments();
        let names: Vec<FragmentName> = live.iter().map(|known| known.entry.name).collect();
        let places: Vec<(Option<usize>, usize)> = live
            .iter()
            .map(|known| {
                let before = marking.names.iter().position(|name| *name == known.entry.name);
                (before, usize::try_from(known.entry.entry_count).expect("small fragments"))
            })
            .collect();
        marking.mark = marking.mark.rearranged(&places);
        marking.names = names;
        marking.covers = self.view.catalogue.head_number;
    }

    /// Walks one point, and plans when there is none left.
    fn mark(&mut self, world: &World, mut marking: Marking, tape: &mut Tape) -> Stage {
        if self.walk_next(world, &mut marking) {
            return Stage::Marking(marking);
        }
        let rules = SweepRules { repack_percent: if tape.once_in(2) { 1 } else { 60 } };
        let plan = plan(&self.view.catalogue, &self.usage(world, &marking, &BTreeSet::new()), rules);
        Stage::Moving(marking, plan, Moved::default())
    }

    fn walk_next(&self, world: &World, marking: &mut Marking) -> bool {
        let next = self.view.catalogue.points.iter().find(|kept| !marking.walked.contains(&kept.point.id));
        let Some(kept) = next else { return false };
        marking.walked.insert(kept.point.id);
        for disk in &kept.point.disks {
            marking.mark.walk(&mut self.view.on(world), GRID, disk.content);
        }
        true
    }

    fn usage(
        &self,
        world: &World,
        marking: &Marking,
        moved: &BTreeSet<BlobId>,
    ) -> BTreeMap<PackName, PackUse> {
        let mut usage: BTreeMap<PackName, PackUse> = BTreeMap::new();
        for (fragment, name) in marking.names.iter().enumerate() {
            let Some(file) = world.fragments.get(name) else { continue };
            for (entry, (blob, pack)) in file.entries.iter().enumerate() {
                if marking.mark.holds(EntryIndex { fragment, entry }) && !moved.contains(blob) {
                    let used = usage.entry(*pack).or_default();
                    used.live_blobs += 1;
                    used.live_bytes += BOX_BYTES;
                    used.is_damaged |= self.view.is_damaged(pack, blob);
                }
            }
        }
        usage
    }

    /// Copies what is needed of one pack that is to be rewritten.
    fn carry(&mut self, world: &mut World, marking: Marking, plan: SweepPlan, mut moved: Moved) -> Stage {
        let Some(session) = self.session else { return Stage::Idle };
        let mut needed: BTreeSet<BlobId> = BTreeSet::new();
        for planned in plan.packs.iter().filter(|planned| planned.why == Why::MostlyUnused) {
            for (fragment, name) in marking.names.iter().enumerate() {
                let Some(file) = world.fragments.get(name) else { continue };
                for (entry, (blob, pack)) in file.entries.iter().enumerate() {
                    let holds = marking.mark.holds(EntryIndex { fragment, entry });
                    if *pack == planned.name && holds && world.can_read(pack, blob) {
                        needed.insert(*blob);
                    }
                }
            }
        }
        if needed.is_empty() || !moved.packs.is_empty() {
            return Stage::Condemning(marking, plan, moved);
        }
        let pack = world.upload(session, needed.clone());
        let entries = needed.iter().map(|blob| (*blob, pack)).collect();
        moved.fragment = Some(world.upload_fragment(entries));
        moved.packs.push(pack);
        moved.blobs = needed;
        Stage::Condemning(marking, plan, moved)
    }

    fn condemn(
        &mut self,
        world: &mut World,
        mut marking: Marking,
        plan: SweepPlan,
        moved: Moved,
    ) -> Result<Stage, Violation> {
        let Some(session) = self.session else { return Ok(Stage::Idle) };
        let left = self.usage(world, &marking, &moved.blobs);
        let empty = |orphan_packs: Vec<(PackName, SessionId)>| Request::Condemn {
            session,
            covers: marking.covers,
            began_after: marking.began_after,
            lost: marking.mark.lost(),
            packs: Vec::new(),
            fragments: Vec::new(),
            orphan_packs,
            orphan_fragments: Vec::new(),
            added_packs: Vec::new(),
            added_fragments: Vec::new(),
        };
        // Files that no record names: the machine says of each whether it may go.
        let catalogue = &self.view.catalogue;
        let orphans: Vec<(PackName, SessionId)> = world
            .packs
            .iter()
            .filter(|(name, _)| !catalogue.packs.contains_key(name) && !moved.packs.contains(name))
            .map(|(name, file)| (*name, file.session))
            .filter(|orphan| decide_under(world.guards, catalogue, empty(alloc::vec![*orphan])).is_ok())
            .collect();
        let leftovers = catalogue.fragments.values().filter(|known| {
            known.standing == FileStanding::Uploaded
                && catalogue.sessions.get(&known.session).is_some_and(|session| session.standing.has_ended())
        });
        let fragments: Vec<FragmentName> = leftovers.map(|known| known.entry.name).collect();
        let packs = settle_under(world.guards, &plan, &left);
        let Request::Condemn { covers, began_after, lost, .. } = empty(Vec::new()) else {
            return Ok(Stage::Idle);
        };
        let has_orphans = !orphans.is_empty();
        let request = Request::Condemn {
            session,
            covers,
            began_after,
            lost,
            packs,
            fragments,
            orphan_packs: orphans,
            orphan_fragments: Vec::new(),
            added_packs: moved.packs.iter().map(|pack| pack_entry(world, *pack)).collect(),
            added_fragments: moved.fragment.iter().map(|name| fragment_entry(world, *name)).collect(),
        };
        Ok(match self.view.append(world, request)? {
            Tried::Done => {
                if has_orphans {
                    world.count("orphans");
                }
                self.after_condemn(world)
            }
            Tried::Lost => Stage::Condemning(marking, plan, moved),
            Tried::Refused(Refusal::MarkStale { .. }) => {
                // What is new is marked; the machine says whether that is enough.
                self.align(&mut marking);
                while self.walk_next(world, &mut marking) {}
                Stage::Condemning(marking, plan, moved)
            }
            Tried::Refused(Refusal::MarkOvertaken { .. } | Refusal::PackNotCondemnable { .. }) => {
                Stage::Marking(self.fresh_mark())
            }
            Tried::Refused(Refusal::NotOpen { .. }) => Stage::Idle,
            Tried::Refused(_) => self.after_condemn(world),
        })
    }

    /// Every second time the fragments are made one; then what is condemned goes.
    fn after_condemn(&mut self, world: &mut World) -> Stage {
        let live = self.view.catalogue.live_fragments();
        if live.len() > 3 && world.hour % 2 == 0 {
            let mut entries: BTreeMap<BlobId, PackName> = BTreeMap::new();
            for known in &live {
                let Some(file) = world.fragments.get(&known.entry.name) else { return self.doomed() };
                let is_live = |pack: &PackName| self.view.catalogue.is_live(pack);
                entries.extend(file.entries.iter().filter(|(_, pack)| is_live(pack)).copied());
            }
            let condemned = live.iter().map(|known| known.entry.name).collect();
            let began_after = self.view.catalogue.last_condemned;
            let added = world.upload_fragment(entries.into_iter().collect());
            return Stage::Merging { condemned, added, began_after };
        }
        self.doomed()
    }

    fn merge(
        &mut self,
        world: &mut World,
        condemned: Vec<FragmentName>,
        added: FragmentName,
        began_after: u64,
    ) -> Result<Stage, Violation> {
        let Some(session) = self.session else { return Ok(Stage::Idle) };
        let request = Request::Condemn {
            session,
            covers: self.view.catalogue.head_number,
            began_after,
            lost: 0,
            packs: Vec::new(),
            fragments: condemned.clone(),
            orphan_packs: Vec::new(),
            orphan_fragments: Vec::new(),
            added_packs: Vec::new(),
            added_fragments: alloc::vec![fragment_entry(world, added)],
        };
        Ok(match self.view.append(world, request)? {
            Tried::Lost => Stage::Merging { condemned, added, began_after },
            Tried::Done | Tried::Refused(_) => self.doomed(),
        })
    }

    fn doomed(&self) -> Stage {
        let condemned = |standing| standing == FileStanding::Condemned;
        let packs = self.view.catalogue.packs.values().filter(|known| condemned(known.standing));
        let fragments = self.view.catalogue.fragments.values().filter(|known| condemned(known.standing));
        Stage::Deleting(
            packs.map(|known| known.entry.name).collect(),
            fragments.map(|known| known.entry.name).collect(),
            0,
        )
    }

    /// Deletes one file; says so when all are gone.
    fn delete(
        &mut self,
        world: &mut World,
        packs: Vec<PackName>,
        fragments: Vec<FragmentName>,
        done: usize,
    ) -> Result<Stage, Violation> {
        if let Some(pack) = packs.get(done) {
            world.packs.remove(pack);
            oracle::points_are_there(world)?;
            return Ok(Stage::Deleting(packs, fragments, done + 1));
        }
        if let Some(fragment) = fragments.get(done - packs.len()) {
            world.fragments.remove(fragment);
            oracle::points_are_there(world)?;
            return Ok(Stage::Deleting(packs, fragments, done + 1));
        }
        let request = Request::Delete { packs: packs.clone(), fragments: fragments.clone() };
        Ok(match self.view.append(world, request)? {
            Tried::Lost => Stage::Deleting(packs, fragments, done),
            Tried::Done | Tried::Refused(_) => Stage::Ending,
        })
    }

    fn end(&mut self, world: &mut World) -> Result<Stage, Violation> {
        let Some(session) = self.session else { return Ok(Stage::Idle) };
        let request = Request::Commit {
            session,
            host_time: world.clock(),
            packs: Vec::new(),
            fragments: Vec::new(),
            points: Vec::new(),
            relied: BTreeSet::new(),
        };
        Ok(match self.view.append(world, request)? {
            Tried::Lost => Stage::Ending,
            Tried::Done | Tried::Refused(_) => {
                self.session = None;
                Stage::Idle
            }
        })
    }
}
