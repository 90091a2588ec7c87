//! What a sweep found and did.

use std::collections::BTreeSet;

use serde::Serialize;
use vhault_core::digest::{PackName, PointId};
use vhault_core::protocol::{Refusal, SweepPlan, Why};
use vhault_core::time::Instant;

use super::ground::Marked;
use super::orphans::{Foreign, Orphans};
use super::temporary::SweptTemporary;

/// A session that was open when the sweep began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SweptSession {
    /// Its id.
    pub session: String,
    /// The host that ran it.
    pub host: String,
    /// What it was about.
    pub purpose: String,
    /// When it opened, by its host's clock.
    pub begun: Instant,
    /// It stood still and was fenced.
    pub fenced: bool,
}

/// A forgotten point, and why it stays if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointFate {
    /// Which.
    pub point: PointId,
    /// Its VM.
    pub vm: String,
    /// When it was forgotten, by the clock of whoever did.
    pub forgotten: Instant,
    /// Why it stays.
    pub refusal: Option<Refusal>,
}

/// A pack that may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SweptPack {
    /// Its name.
    pub pack: String,
    /// Its length.
    pub file_bytes: u64,
    /// Bytes in it that points need; they are moved.
    pub live_bytes: u64,
    /// Why it may go.
    pub why: &'static str,
    /// A record condemned it now.
    pub condemned: bool,
}

/// Table fragments that were made fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SweptFragments {
    /// Condemned.
    pub condemned: usize,
    /// Written in their place.
    pub added: usize,
}

/// What a sweep found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// It only looked.
    pub dry_run: bool,
    /// Sessions that were open.
    pub sessions: Vec<SweptSession>,
    /// Forgotten points.
    #[serde(skip)]
    pub points: Vec<PointFate>,
    /// Manifest pages read, each once.
    pub pages: u64,
    /// Entries of the chunk table looked at.
    pub entries: u64,
    /// Packs that may go.
    pub packs: Vec<SweptPack>,
    /// Mostly unused packs that stay because something needed in them is damaged.
    pub kept_damaged: Vec<String>,
    /// Packs that stay untouched.
    pub kept: u64,
    /// Bytes of new packs that hold what was moved.
    pub moved_bytes: u64,
    /// Table fragments made fewer.
    pub fragments: SweptFragments,
    /// Files deleted, also such as earlier sweeps condemned.
    pub deleted_files: u64,
    /// Their bytes.
    pub deleted_bytes: u64,
    /// What killed programs were writing, and what others may be writing now.
    pub temporary: Vec<SweptTemporary>,
    /// Files that are nobody's; they are left alone.
    pub foreign: Vec<Foreign>,
}

impl Swept {
    /// The points that were purged, or would be.
    pub fn purged(&self) -> BTreeSet<PointId> {
        self.points.iter().filter(|fate| fate.refusal.is_none()).map(|fate| fate.point).collect()
    }

    /// Bytes of the packs that may go, less what is moved, and of what killed programs left.
    pub fn freed_bytes(&self) -> u64 {
        let packs: u64 = self.packs.iter().map(|pack| pack.file_bytes.saturating_sub(pack.live_bytes)).sum();
        packs + self.temporary.iter().filter(|file| file.goes).map(|file| file.bytes).sum::<u64>()
    }

    pub(super) fn tell_mark(&mut self, marked: &Marked) {
        self.pages = marked.mark.pages();
        self.entries = marked.entries;
    }

    pub(super) fn tell_plan(&mut self, plan: &SweepPlan, orphans: &Orphans) {
        let planned = plan.packs.iter().map(|pack| SweptPack {
            pack: pack.name.to_string(),
            file_bytes: pack.file_bytes,
            live_bytes: pack.live_bytes,
            why: match pack.why {
                Why::Unused => "no point needs it",
                Why::MostlyUnused => "mostly unused; the rest is moved",
                Why::Leftover => "its session ended without a point",
            },
            condemned: false,
        });
        let strays = orphans.packs.iter().map(|orphan| SweptPack {
            pack: orphan.name.to_string(),
            file_bytes: orphan.bytes,
            live_bytes: 0,
            why: "its session ended before it named it",
            condemned: !self.dry_run,
        });
        self.packs = planned.chain(strays).collect();
        self.kept_damaged = plan.kept_damaged.iter().map(ToString::to_string).collect();
        self.kept = plan.kept;
        self.foreign.clone_from(&orphans.foreign);
    }

    pub(super) fn tell_condemned(&mut self, packs: &[PackName], kept: &[PackName]) {
        let packs: BTreeSet<String> = packs.iter().map(ToString::to_string).collect();
        for pack in &mut self.packs {
            pack.condemned |= packs.contains(&pack.pack);
        }
        self.kept_damaged.extend(kept.iter().map(ToString::to_string));
    }
}
