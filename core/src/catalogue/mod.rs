//! What a vault knows, folded from its records.
//!
//! [`Catalogue::apply`] is the only writer; it follows the log and trusts it,
//! because what may be appended is decided before.

mod checkpoint;
mod file;
mod lifecycle;
mod lifecycle_event;
mod lock;
mod point;
mod session;
mod suspect;
mod uploads;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

pub use checkpoint::{decode_checkpoint, encode_checkpoint};
pub use file::{DamagedBlobs, FileStanding, KnownFragment, KnownPack, Received};
pub use lifecycle::{Hosted, Lifecycle, local_machine, local_region};
pub use lifecycle_event::{LifecycleEvent, SourceImage, Sources, encode_events};
pub use lock::LockChange;
pub use point::{KeptPoint, PointStanding};
pub use session::{Session, SessionStanding};

use self::uploads::Uploads;
use crate::digest::{FragmentName, PackName, PointId, RecordHash, SessionId, SlotId};
use crate::time::Instant;
use crate::vault::record::{Entry, FragmentEntry, PackEntry, Record};

/// The folded state of a vault's log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// The newest record folded in; 0 before any.
    pub head_number: u64,
    /// Its hash; zero before any.
    pub head_hash: [u8; 32],
    /// Hash of the settings, as record 1 states it.
    pub settings_hash: [u8; 32],
    /// When the vault was made, by its host's clock.
    pub created: Instant,
    /// Points by order of receipt: the number of their record, then their place in it.
    pub points: Vec<KeptPoint>,
    /// Sessions that are open, or ended without a commit.
    pub sessions: BTreeMap<SessionId, Session>,
    /// Packs that exist or are condemned.
    pub packs: BTreeMap<PackName, KnownPack>,
    /// Fragments that exist or are condemned.
    pub fragments: BTreeMap<FragmentName, KnownFragment>,
    /// The newest record that condemned files or named damage: marks begun before it begin anew.
    pub last_condemned: u64,
    /// Copies found damaged, by the pack they lie in, until that pack is condemned.
    pub damaged: BTreeMap<PackName, DamagedBlobs>,
    /// Live key slots.
    pub slots: BTreeSet<SlotId>,
    /// Slots that open nothing any more, and whose files may have stayed behind.
    pub removed_slots: BTreeSet<SlotId>,
    /// How the minimum age of points that are forgotten changed, oldest first.
    pub locks: Vec<LockChange>,
    /// Records whose entry this program does not know and read around.
    pub skipped_records: Vec<u64>,
    /// Policies, items and jobs, and what the rules know of the points.
    #[serde(with = "lifecycle::as_json")]
    pub lifecycle: Lifecycle,
    #[serde(skip)]
    uploads: Uploads,
}

impl Catalogue {
    /// The hash of the newest record.
    pub fn head(&self) -> RecordHash {
        RecordHash::from_bytes(self.head_hash)
    }

    /// Folds in the next record. Its number and previous hash were checked by the reader.
    pub fn apply(&mut self, record: &Record) {
        self.head_number = record.number;
        self.head_hash = *record.hash.as_bytes();
        match &record.entry {
            Some(entry) => self.apply_entry(record.number, entry),
            None => self.skipped_records.push(record.number),
        }
    }

    fn apply_entry(&mut self, number: u64, entry: &Entry) {
        match entry {
            Entry::Genesis { settings, host_time } => {
                self.settings_hash = *settings;
                self.created = *host_time;
            }
            Entry::Begun { session, host, host_time, purpose, parents } => {
                let opened = Session::open(number, host, *host_time, purpose, parents);
                self.sessions.insert(*session, opened);
            }
            Entry::Progressed { session, packs, fragments } => {
                self.receive(number, *session, FileStanding::Uploaded, packs, fragments);
                if let Some(open) = self.sessions.get_mut(session) {
                    open.last_record = number;
                }
            }
            Entry::Committed { session, packs, fragments, points, .. } => {
                self.receive(number, *session, FileStanding::Uploaded, packs, fragments);
                self.publish(*session);
                self.points.extend(points.iter().map(|point| KeptPoint::received(number, point)));
                self.sessions.remove(session);
            }
            Entry::Aborted { session, .. } => self.end(*session, SessionStanding::Aborted, number),
            Entry::Fenced { session } => self.end(*session, SessionStanding::Fenced, number),
            Entry::Condemned { session, packs, fragments, added_packs, added_fragments, .. } => {
                self.receive(number, *session, FileStanding::Live, added_packs, added_fragments);
                self.condemn(number, *session, packs, fragments);
                self.last_condemned = number;
                if let Some(open) = self.sessions.get_mut(session) {
                    open.last_record = number;
                }
            }
            Entry::Deleted { packs, fragments } => {
                for pack in packs {
                    self.packs.remove(pack);
                }
                for fragment in fragments {
                    self.fragments.remove(fragment);
                }
            }
            Entry::Forgotten { points, host_time } => {
                self.each_point(points, |point| {
                    point.standing = PointStanding::Forgotten { since: *host_time, record: number }
                });
                self.lifecycle.forget(*host_time, points);
            }
            Entry::Undeleted { points } => {
                self.each_point(points, |point| point.standing = PointStanding::Live);
                self.lifecycle.undelete(points);
            }
            Entry::Purged { points } => {
                let gone: BTreeSet<&PointId> = points.iter().collect();
                self.points.retain(|kept| !gone.contains(&kept.point.id));
                self.lifecycle.purge(points);
            }
            Entry::Pinned { points, reason } => {
                self.each_point(points, |point| point.pinned = Some(reason.clone()));
            }
            Entry::Unpinned { points } => self.each_point(points, |point| point.pinned = None),
            Entry::DamageFound { copies } => {
                for copies in copies {
                    self.damaged.entry(copies.pack).or_default().extend(copies);
                }
                self.last_condemned = number;
            }
            Entry::Adopted { session, packs, .. } => {
                for pack in packs {
                    if let Some(known) = self.packs.get_mut(pack) {
                        known.session = *session;
                    }
                }
                self.uploads.forget();
            }
            Entry::SlotsChanged { added, removed } => {
                self.slots.extend(added);
                for slot in removed {
                    self.slots.remove(slot);
                    self.removed_slots.insert(*slot);
                }
            }
            Entry::Lifecycle { bytes } => self.lifecycle.apply(bytes),
            Entry::LockSet { age } => self.locks.push(LockChange { record: number, age: *age }),
        }
    }

    /// Live points, oldest first.
    pub fn live_points(&self) -> impl DoubleEndedIterator<Item = &KeptPoint> {
        self.points.iter().filter(|kept| kept.standing == PointStanding::Live)
    }

    /// The newest whole live point, of one VM or of all.
    pub fn latest(&self, vm: Option<&str>) -> Option<&KeptPoint> {
        self.live_points().rev().find(|kept| kept.is_whole() && vm.is_none_or(|vm| kept.point.vm == vm))
    }

    /// The live points whose id begins with the hex digits `prefix`.
    pub fn by_prefix(&self, prefix: &str) -> Vec<&KeptPoint> {
        use alloc::string::ToString as _;
        let prefix: String = prefix.to_lowercase();
        self.live_points().filter(|kept| kept.point.id.to_string().starts_with(&prefix)).collect()
    }

    /// Packs that points may lie in, in order of receipt.
    pub fn live_packs(&self) -> Vec<&KnownPack> {
        let mut live: Vec<&KnownPack> =
            self.packs.values().filter(|pack| pack.standing == FileStanding::Live).collect();
        live.sort_unstable_by_key(|pack| pack.received);
        live
    }

    /// Fragments that lookups use, in order of receipt.
    pub fn live_fragments(&self) -> Vec<&KnownFragment> {
        let mut live: Vec<&KnownFragment> =
            self.fragments.values().filter(|fragment| fragment.standing == FileStanding::Live).collect();
        live.sort_unstable_by_key(|fragment| fragment.received);
        live
    }

    /// Whether points may lie in a pack.
    pub fn is_live(&self, pack: &PackName) -> bool {
        self.packs.get(pack).is_some_and(|known| known.standing == FileStanding::Live)
    }

    fn receive(
        &mut self,
        number: u64,
        session: SessionId,
        standing: FileStanding,
        packs: &[PackEntry],
        fragments: &[FragmentEntry],
    ) {
        for (place, entry) in (0..).zip(packs) {
            let received = (number, place);
            self.packs.insert(entry.name, KnownPack { entry: *entry, session, received, standing });
            if standing == FileStanding::Uploaded {
                self.uploads.add_pack(session, entry.name);
            }
        }
        for (place, entry) in (0..).zip(fragments) {
            let received = (number, place);
            self.fragments.insert(entry.name, KnownFragment { entry: *entry, session, received, standing });
            if standing == FileStanding::Uploaded {
                self.uploads.add_fragment(session, entry.name);
            }
        }
    }

    /// What a session uploaded and adopted is there for everybody.
    fn publish(&mut self, session: SessionId) {
        let waiting = self.uploads.take(session, &self.packs, &self.fragments);
        let uploaded = |known: SessionId, standing| known == session && standing == FileStanding::Uploaded;
        for name in &waiting.packs {
            if let Some(known) = self.packs.get_mut(name)
                && uploaded(known.session, known.standing)
            {
                known.standing = FileStanding::Live;
            }
        }
        for name in &waiting.fragments {
            if let Some(known) = self.fragments.get_mut(name)
                && uploaded(known.session, known.standing)
            {
                known.standing = FileStanding::Live;
            }
        }
    }

    fn condemn(&mut self, number: u64, session: SessionId, packs: &[PackName], fragments: &[FragmentName]) {
        let (received, standing) = ((number, 0), FileStanding::Condemned);
        for name in packs {
            let orphan = PackEntry { name: *name, file_bytes: 0, holds_pages: false, blob_count: 0 };
            let orphan = KnownPack { entry: orphan, session, received, standing };
            self.packs.entry(*name).or_insert(orphan).standing = standing;
            self.damaged.remove(name);
        }
        for name in fragments {
            let orphan = FragmentEntry { name: *name, file_bytes: 0, entry_count: 0 };
            let orphan = KnownFragment { entry: orphan, session, received, standing };
            self.fragments.entry(*name).or_insert(orphan).standing = standing;
        }
    }

    fn end(&mut self, session: SessionId, standing: SessionStanding, number: u64) {
        if let Some(open) = self.sessions.get_mut(&session) {
            open.standing = standing;
            open.last_record = number;
        }
    }

    fn each_point(&mut self, points: &[PointId], mut change: impl FnMut(&mut KeptPoint)) {
        self.points.iter_mut().filter(|kept| points.contains(&kept.point.id)).for_each(&mut change);
    }
}
