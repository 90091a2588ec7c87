//! The store, the true log, and time.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use std::vec::Vec;

use super::super::decide::decide_under;
use super::super::guard::Guards;
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::tape::Tape;
use super::{Violation, oracle};
use crate::catalogue::Catalogue;
use crate::digest::{
    ChunkId, CommitId, FragmentName, PackName, PageId, PointId, RecordHash, SessionId, SlotId,
};
use crate::time::Instant;
use crate::vault::blob::BlobId;
use crate::vault::record::{Entry, Record, RecordHead};
use crate::vault::stream::Grid;

pub(super) const GRID: Grid = Grid { chunk_log2: 16, fan_out_log2: 8 };
const HOUR: i64 = 3_600_000;
/// A clock that leaps leaps by years.
const LEAP: i64 = 20 * 365 * 24 * HOUR;

#[derive(Clone, Debug)]
pub(super) struct PackFile {
    pub(super) session: SessionId,
    pub(super) blobs: BTreeSet<BlobId>,
    pub(super) rotten: BTreeSet<BlobId>,
}

#[derive(Clone, Debug)]
pub(super) struct FragmentFile {
    pub(super) entries: Vec<(BlobId, PackName)>,
}

/// Everything there is, and what only an onlooker knows.
#[derive(Clone)]
pub(super) struct World {
    pub(super) guards: Guards,
    pub(super) log: Vec<Record>,
    /// The fold of the whole log.
    pub(super) truth: Catalogue,
    pub(super) packs: BTreeMap<PackName, PackFile>,
    pub(super) fragments: BTreeMap<FragmentName, FragmentFile>,
    /// What pages lead to; whether one can be had depends on packs.
    pub(super) pages: BTreeMap<PageId, Vec<ChunkId>>,
    /// True time, in hours since the vault was made.
    pub(super) hour: i64,
    /// The true hour of each record.
    pub(super) written: Vec<i64>,
    /// How far the present clock is off.
    leap: i64,
    names: u64,
    /// Hash of all entries of the log.
    digest: [u8; 32],
    counts: BTreeMap<&'static str, u64>,
}

/// What tells two states apart.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {:?} {:?}", self.digest, self.packs, self.fragments, self.pages)
    }
}

impl World {
    pub(super) fn new(guards: Guards) -> World {
        let mut world = World {
            guards,
            log: Vec::new(),
            truth: Catalogue::default(),
            packs: BTreeMap::new(),
            fragments: BTreeMap::new(),
            pages: BTreeMap::new(),
            hour: 0,
            written: Vec::new(),
            leap: 0,
            names: 0,
            digest: [0; 32],
            counts: BTreeMap::new(),
        };
        let settings = [1; 32];
        let begun = [
            Request::Genesis { settings, host_time: world.clock() },
            Request::ChangeSlots { added: alloc::vec![SlotId::from_bytes([1; 16])], removed: Vec::new() },
        ];
        for request in begun {
            let head = world.truth.clone();
            world.append(&head, request).expect("a new vault is sound").expect("and takes its first records");
        }
        world
    }

    /// Time passes, and clocks leap now and then.
    pub(super) fn pass_time(&mut self, tape: &mut Tape) {
        self.hour += i64::from(tape.below(20));
        self.leap = match tape.below(16) {
            14 => LEAP,
            15 => -LEAP,
            _ => 0,
        };
    }

    /// The right time, as hosts that write points have it.
    pub(super) fn clock(&self) -> Instant {
        Instant::from_unix_milliseconds(LEAP * 2 + self.hour * HOUR)
    }

    /// The time as the host of the present turn has it.
    pub(super) fn leaping_clock(&self) -> Instant {
        Instant::from_unix_milliseconds(self.clock().unix_milliseconds() + self.leap)
    }

    /// A name that nobody had.
    fn fresh(&mut self) -> [u8; 32] {
        self.names += 1;
        *blake3::hash(&self.names.to_le_bytes()).as_bytes()
    }

    pub(super) fn fresh_session(&mut self) -> SessionId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.fresh()[..16]);
        SessionId::from_bytes(bytes)
    }

    pub(super) fn fresh_point(&mut self) -> PointId {
        PointId::from_bytes(*self.fresh_session().as_bytes())
    }

    pub(super) fn fresh_slot(&mut self) -> SlotId {
        SlotId::from_bytes(*self.fresh_session().as_bytes())
    }

    pub(super) fn upload(&mut self, session: SessionId, blobs: BTreeSet<BlobId>) -> PackName {
        let name = PackName::from_bytes(self.fresh());
        self.packs.insert(name, PackFile { session, blobs, rotten: BTreeSet::new() });
        name
    }

    pub(super) fn upload_fragment(&mut self, entries: Vec<(BlobId, PackName)>) -> FragmentName {
        let name = FragmentName::from_bytes(self.fresh());
        self.fragments.insert(name, FragmentFile { entries });
        name
    }

    /// Whether a copy can be read and proven.
    pub(super) fn can_read(&self, pack: &PackName, id: &BlobId) -> bool {
        self.packs.get(pack).is_some_and(|file| file.blobs.contains(id) && !file.rotten.contains(id))
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.counts.iter().map(|(what, count)| (*what, *count))
    }

    /// Appends what the machine makes of `request` at the head that its writer sees. `None`: somebody was faster.
    ///
    /// The outer error is a broken promise.
    pub(super) fn append(
        &mut self,
        view: &Catalogue,
        request: Request,
    ) -> Result<Result<Option<u64>, Refusal>, Violation> {
        let entry = match decide_under(self.guards, view, request) {
            Ok(entry) => entry,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if view.head_number != self.truth.head_number {
            return Ok(Ok(None));
        }
        let before = self.truth.clone();
        let number = before.head_number + 1;
        let head = RecordHead { commit: *CommitId::from_bytes([0; 16]).as_bytes(), ..RecordHead::default() };
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_le_bytes());
        let record = Record { number, head, entry: Some(entry), hash: RecordHash::from_bytes(hash) };
        self.truth.apply(&record);
        let text = std::format!("{:?} {:?}", self.digest, record.entry);
        self.digest = *blake3::hash(text.as_bytes()).as_bytes();
        self.log.push(record.clone());
        self.written.push(self.hour);
        let entry = record.entry.expect("it was put in above");
        self.count_entry(&entry);
        oracle::check(self, &before, &entry)?;
        Ok(Ok(Some(number)))
    }

    fn count_entry(&mut self, entry: &Entry) {
        let what = match entry {
            Entry::Begun { .. } => "begun",
            Entry::Progressed { .. } => "progressed",
            Entry::Committed { points, .. } if !points.is_empty() => "committed",
            Entry::Aborted { .. } => "aborted",
            Entry::Fenced { .. } => "fenced",
            Entry::Condemned { added_packs, .. } => {
                if !added_packs.is_empty() {
                    self.count("rewritten");
                }
                "condemned"
            }
            Entry::Deleted { .. } => "deleted",
            Entry::Forgotten { .. } => "forgotten",
            Entry::Undeleted { .. } => "undeleted",
            Entry::Purged { .. } => "purged",
            Entry::Pinned { .. } => "pinned",
            Entry::Unpinned { .. } => "unpinned",
            Entry::DamageFound { .. } => "damage",
            Entry::Adopted { .. } => "adopted",
            Entry::SlotsChanged { .. } => "slots",
            _ => "other",
        };
        self.count(what);
    }
}
