//! The log of an imitated vault: its jobs ask the protocol of real vaults.
//!
//! | what happens | what the log is asked |
//! | --- | --- |
//! | a snapshot is taken | begin, building on the newest point |
//! | what changed is known; the copy ends | progress; what it brings lies in one pack |
//! | a point is made | commit; where a pack it relied on went meanwhile, copy that again |
//! | a copy runs out of time | commit of a partial point, which the next copy takes from |
//! | a backup fails or is cancelled | abort; what it uploaded stays behind |
//! | a restore is accepted, ends | pin, unpin |
//! | a point expires, data is deleted | forget |
//! | the clean-up runs | purge; fence; condemn and delete |
//!
//! Every record is one that [`decide`](crate::protocol::decide) allowed. A
//! refusal that no real vault could meet here is kept, and breaks invariant 101.

mod canonical;
mod sweeping;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::blocks::BLOCK_BYTES;
use super::places::{Claims, PackNumber, Places};
use super::store::BlockStore;
use crate::catalogue::{Catalogue as Folded, PointStanding, SessionStanding};
use crate::digest::{PackName, PointId, RecordHash, SessionId};
use crate::lifecycle::{Catalogue, Job, JobId, JobKind, Phase, PointNumber, VaultEvent, VmIdentity};
use crate::protocol::{Forgetting, Guards, Refusal, Request, decide_under};
use crate::time::{Instant, Span};
use crate::vault::point::{Consistency, PointState, RecoveryPoint};
use crate::vault::record::{PackEntry, Record, RecordHead};

/// Refusals that are kept: one breaks the promise, the others help to find why.
const REFUSALS_KEPT: usize = 8;

/// The log of an imitated vault, folded, and what lies where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultLog {
    #[serde(with = "canonical")]
    folded: Folded,
    places: Places,
    /// What the copies at work count on.
    claims: BTreeMap<JobId, Claims>,
    /// The newest record of each open session when the clean-up ran last.
    seen: BTreeMap<JobId, u64>,
    refused: Vec<String>,
    #[serde(skip)]
    pub(super) guards: Guards,
}

impl VaultLog {
    /// The log of a vault made at `now`.
    pub fn new(now: Instant) -> VaultLog {
        let mut log = VaultLog {
            folded: Folded::default(),
            places: Places::default(),
            claims: BTreeMap::new(),
            seen: BTreeMap::new(),
            refused: Vec::new(),
            guards: Guards::ALL,
        };
        log.must(Request::Genesis { settings: [0; 32], host_time: now });
        log
    }

    /// What its records come to.
    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// What the protocol refused although no real vault could have met it, oldest first.
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Whether a rule of retention may take this point.
    pub fn lets_go(&self, point: PointNumber) -> bool {
        let request = forget([point_id(point)].into(), Instant::from_unix_milliseconds(0), by_rule());
        decide_under(self.guards, &self.folded, request).is_ok()
    }

    /// How many blocks of the points of `store` no live pack holds.
    pub fn lost_blocks(&self, store: &BlockStore) -> u64 {
        store
            .points
            .values()
            .map(|maps| self.places.lost_blocks(maps, |pack| self.folded.is_live(pack)))
            .sum()
    }

    /// Whether the log knows the points of `catalogue`, and one open session for each backup that has a snapshot.
    pub fn agrees_with(&self, catalogue: &Catalogue) -> bool {
        let whole = self.folded.live_points().filter(|kept| kept.is_whole()).map(|kept| kept.point.id);
        let open = self.folded.sessions.iter().filter(|(_, known)| known.standing == SessionStanding::Open);
        let open: BTreeSet<SessionId> = open.map(|(session, _)| *session).collect();
        let copying = catalogue
            .jobs
            .values()
            .filter(|job| job.kind == JobKind::Backup && job.is_active() && job.snapshot_finished.is_some());
        whole.collect::<BTreeSet<PointId>>() == catalogue.points.keys().copied().map(point_id).collect()
            && open == copying.map(|job| session_of(job.id)).collect()
    }

    /// Records what happens in the vault at `at`. `catalogue` and `store` are as they were before it.
    pub(super) fn follow(
        &mut self,
        at: Instant,
        event: &VaultEvent,
        catalogue: &Catalogue,
        store: &BlockStore,
    ) {
        let of = |job: &JobId| catalogue.jobs.get(job);
        match event {
            VaultEvent::SnapshotTaken { job, .. } => {
                if let Some(job) = of(job) {
                    self.begin(at, job, catalogue);
                }
            }
            VaultEvent::DeltaComputed { job, .. } => {
                if let Some(maps) = store.pending.get(job) {
                    self.claims.insert(*job, self.places.claim(maps, PackNumber::of(*job)));
                    self.progress(*job, Vec::new());
                }
            }
            VaultEvent::BlocksTransferred { job, .. } => {
                let brings = self.claims.get(job).map_or(0, |claims| claims.brings.blocks());
                self.progress(*job, pack(PackNumber::of(*job), brings));
            }
            VaultEvent::CopyCarried { item, .. } => {
                let active = catalogue.items.get(item).and_then(|item| catalogue.active_job(item));
                if let Some(job) = active {
                    self.commit_partial(at, job);
                }
            }
            VaultEvent::PointCreated { point } => {
                if let Some(job) = of(&point.job) {
                    self.commit_whole(at, job, point.number, store);
                }
            }
            VaultEvent::JobCreated { kind: JobKind::Restore, item, order, .. } => {
                if let Some(point) = order.restore.as_ref().and_then(|request| request.point) {
                    let reason = format!("{item} is being restored");
                    self.must(Request::Pin { points: [point_id(point)].into(), reason });
                }
            }
            VaultEvent::JobFailed { job, .. } | VaultEvent::JobCancelled { job } => {
                if let Some(job) = of(job) {
                    self.give_up(at, job);
                    self.unpin(job);
                }
            }
            VaultEvent::JobCompleted { job } | VaultEvent::JobCompletedWithWarnings { job, .. } => {
                if let Some(job) = of(job) {
                    self.unpin(job);
                }
            }
            VaultEvent::PointPruned { point, .. } => {
                self.must(forget([point_id(*point)].into(), at, by_rule()));
            }
            VaultEvent::DataDeleted { item } => self.forget_all(at, item),
            VaultEvent::CleanUpRan => self.clean_up(at, catalogue, store),
            _ => {}
        }
    }

    fn begin(&mut self, at: Instant, job: &Job, catalogue: &Catalogue) {
        let newest = catalogue.items.get(&job.item).and_then(|item| item.points.last().copied());
        self.must(Request::Begin {
            session: session_of(job.id),
            host: String::new(),
            host_time: at,
            purpose: job.item.to_string(),
            parents: newest.into_iter().map(point_id).collect(),
        });
    }

    fn progress(&mut self, job: JobId, packs: Vec<PackEntry>) {
        self.must(Request::Progress { session: session_of(job), packs, fragments: Vec::new() });
    }

    fn commit_whole(&mut self, at: Instant, job: &Job, number: PointNumber, store: &BlockStore) {
        let claims = self.claims.remove(&job.id).unwrap_or_default();
        let point = RecoveryPoint { state: PointState::Whole, ..self.point(at, point_id(number), job) };
        let request = commit(at, job.id, Vec::new(), [point.clone()].into(), names(&claims.relied));
        match self.ask(request) {
            Ok(()) => self.places.fill_from(&claims.brings),
            Err(Refusal::ReliedCondemned { .. }) => {
                self.places.fill_from(&claims.brings);
                let maps = store.pending.get(&job.id).cloned().unwrap_or_default();
                let second = PackNumber::of_second_copy(job.id);
                let again = self.places.claim(&maps, second);
                let packs = pack(second, again.brings.blocks());
                self.must(commit(at, job.id, packs, [point].into(), names(&again.relied)));
                self.places.fill_from(&again.brings);
            }
            Err(refusal) => self.keep(&refusal),
        }
    }

    /// What a copy sent until its time ran out is a partial point: the next copy finds it there.
    fn commit_partial(&mut self, at: Instant, job: &Job) {
        let claims = self.claims.remove(&job.id).unwrap_or_default();
        let brings = claims.brings.beginning(job.bytes_done(at).get() / BLOCK_BYTES);
        let packs = pack(PackNumber::of(job.id), brings.blocks());
        let point = RecoveryPoint { state: PointState::Partial, ..self.point(at, partial_id(job.id), job) };
        self.must(commit(at, job.id, packs, [point].into(), BTreeSet::new()));
        self.places.fill_from(&brings);
    }

    fn point(&self, at: Instant, id: PointId, job: &Job) -> RecoveryPoint {
        let began = job.snapshot_finished.unwrap_or(at);
        RecoveryPoint {
            id,
            vm: job.item.to_string(),
            host_time: began,
            took: at.since(began),
            host: String::new(),
            consistency: job.consistency.map_or(Consistency::Crash, |level| match level {
                crate::lifecycle::Consistency::Application => Consistency::Application,
                crate::lifecycle::Consistency::FileSystem => Consistency::FileSystem,
                crate::lifecycle::Consistency::Crash => Consistency::Crash,
            }),
            state: PointState::Whole,
            disks: Vec::new(),
        }
    }

    fn give_up(&mut self, at: Instant, job: &Job) {
        let claims = self.claims.remove(&job.id);
        let session = session_of(job.id);
        if !self.folded.sessions.contains_key(&session) {
            return;
        }
        let sent = job.bytes_done(at).get() / BLOCK_BYTES;
        if let Some(claims) = claims.filter(|_| job.phase == Some(Phase::Copy)) {
            let packs = pack(PackNumber::of(job.id), claims.brings.beginning(sent).blocks());
            if !packs.is_empty() {
                self.progress(job.id, packs);
            }
        }
        self.must(Request::Abort { session, reason: String::new() });
    }

    fn unpin(&mut self, job: &Job) {
        if let Some(point) = job.order.restore.as_ref().and_then(|request| request.point) {
            self.must(Request::Unpin { points: [point_id(point)].into() });
        }
    }

    fn forget_all(&mut self, at: Instant, item: &VmIdentity) {
        let vm = item.to_string();
        let points = self.folded.live_points().filter(|kept| kept.point.vm == vm);
        let points: Vec<PointId> = points.map(|kept| kept.point.id).collect();
        if !points.is_empty() {
            self.must(forget(points, at, Forgetting::AllOf(vm)));
        }
    }

    /// Appends what the protocol allows.
    fn ask(&mut self, request: Request) -> Result<(), Refusal> {
        let entry = decide_under(self.guards, &self.folded, request)?;
        let body = postcard::to_allocvec(&entry).expect("an entry is plain data");
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.folded.head_hash).update(&body);
        let head = RecordHead { previous: self.folded.head_hash, ..RecordHead::default() };
        let hash = RecordHash::from_bytes(*hasher.finalize().as_bytes());
        let number = self.folded.head_number + 1;
        self.folded.apply(&Record { number, head, entry: Some(entry), hash });
        Ok(())
    }

    /// Asks for what nothing should stand against.
    fn must(&mut self, request: Request) {
        if let Err(refusal) = self.ask(request) {
            self.keep(&refusal);
        }
    }

    fn keep(&mut self, refusal: &Refusal) {
        if self.refused.len() < REFUSALS_KEPT {
            self.refused.push(refusal.to_string());
        }
    }
}

fn session_of(job: JobId) -> SessionId {
    SessionId::from_bytes(numbered(0, job.0))
}

fn point_id(point: PointNumber) -> PointId {
    PointId::from_bytes(numbered(0, point.0))
}

fn partial_id(job: JobId) -> PointId {
    PointId::from_bytes(numbered(1, job.0))
}

/// Ids of real vaults are random; those of imitated ones are counted, so that the same commands give the same log.
fn numbered(kind: u8, number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[0] = kind;
    id[8..].copy_from_slice(&number.to_be_bytes());
    id
}

fn by_rule() -> Forgetting {
    Forgetting::ByRule { damaged: BTreeSet::new() }
}

fn forget(points: Vec<PointId>, host_time: Instant, word: Forgetting) -> Request {
    Request::Forget { points, host_time, word }
}

fn names(packs: &BTreeSet<PackNumber>) -> BTreeSet<PackName> {
    packs.iter().map(|pack| pack.name()).collect()
}

/// A pack of so many blocks; none where there are none.
fn pack(number: PackNumber, blocks: u64) -> Vec<PackEntry> {
    let entry = PackEntry {
        name: number.name(),
        file_bytes: blocks.saturating_mul(BLOCK_BYTES),
        holds_pages: false,
        blob_count: u32::try_from(blocks).unwrap_or(u32::MAX),
    };
    if blocks == 0 { Vec::new() } else { [entry].into() }
}

fn commit(
    host_time: Instant,
    job: JobId,
    packs: Vec<PackEntry>,
    points: Vec<RecoveryPoint>,
    relied: BTreeSet<PackName>,
) -> Request {
    Request::Commit { session: session_of(job), host_time, packs, fragments: Vec::new(), points, relied }
}

#[cfg(test)]
#[path = "vault_log_tests.rs"]
mod tests;
