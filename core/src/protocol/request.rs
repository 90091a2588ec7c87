//! What a writer wants recorded.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::digest::{FragmentName, PackName, PointId, SessionId, SlotId};
use crate::time::{Instant, Span};
use crate::vault::point::RecoveryPoint;
use crate::vault::record::{DamagedCopies, FragmentEntry, PackEntry};

/// On whose word points are forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgetting {
    /// A rule of retention: the newest whole point of each VM stays.
    ByRule {
        /// Points that hold damaged chunks: they do not count as whole.
        damaged: BTreeSet<PointId>,
    },
    /// A person deletes all data of this VM.
    AllOf(String),
    /// The same, and a person says that all times are right.
    Confirmed(Box<Forgetting>),
}

impl Forgetting {
    /// The same, where `confirmed` with a person's word that all times are right.
    #[must_use]
    pub fn with_times(self, confirmed: bool) -> Forgetting {
        if confirmed { Forgetting::Confirmed(Box::new(self)) } else { self }
    }
}

/// What a writer wants recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The vault is made.
    Genesis {
        /// Hash of the settings file.
        settings: [u8; 32],
        /// By the host's clock.
        host_time: Instant,
    },
    /// A session opens. Parents that cannot be built on any more are left out.
    Begin {
        /// Its id, random.
        session: SessionId,
        /// The host that runs it.
        host: String,
        /// By the host's clock.
        host_time: Instant,
        /// What it is about, for people.
        purpose: String,
        /// Points it builds on, or reads: they are roots until it ends.
        parents: Vec<PointId>,
    },
    /// A session uploaded more.
    Progress {
        /// Its id.
        session: SessionId,
        /// New packs.
        packs: Vec<PackEntry>,
        /// New fragments.
        fragments: Vec<FragmentEntry>,
    },
    /// A session publishes its points.
    Commit {
        /// Its id.
        session: SessionId,
        /// By the host's clock.
        host_time: Instant,
        /// New packs since its last progress.
        packs: Vec<PackEntry>,
        /// New fragments since its last progress.
        fragments: Vec<FragmentEntry>,
        /// What can be restored from here on.
        points: Vec<RecoveryPoint>,
        /// Packs that hold what the session did not store itself.
        relied: BTreeSet<PackName>,
    },
    /// A session ends without a point.
    Abort {
        /// Its id.
        session: SessionId,
        /// Why, for people.
        reason: String,
    },
    /// A session may not commit any more.
    Fence {
        /// Its id.
        session: SessionId,
        /// Its newest record when the wait began.
        seen_record: u64,
    },
    /// Packs of an ended session are taken over.
    Adopt {
        /// Who takes them.
        session: SessionId,
        /// Whose they were.
        from: SessionId,
        /// Which.
        packs: Vec<PackName>,
    },
    /// Files are condemned, and those that replace them added.
    Condemn {
        /// The session that swept or rebuilt.
        session: SessionId,
        /// The record up to which its mark read.
        covers: u64,
        /// The newest condemn or damage record when its mark began.
        began_after: u64,
        /// Pages and chunks that its mark did not find.
        lost: u64,
        /// Packs that the log knows.
        packs: Vec<PackName>,
        /// Fragments that the log knows.
        fragments: Vec<FragmentName>,
        /// Packs that no record names, with the session their head states.
        orphan_packs: Vec<(PackName, SessionId)>,
        /// Fragments that no record names, with the session their head states.
        orphan_fragments: Vec<(FragmentName, SessionId)>,
        /// New packs, with all that is live in the rewritten ones.
        added_packs: Vec<PackEntry>,
        /// New fragments.
        added_fragments: Vec<FragmentEntry>,
    },
    /// Condemned files are gone.
    Delete {
        /// Packs.
        packs: Vec<PackName>,
        /// Fragments.
        fragments: Vec<FragmentName>,
    },
    /// Points are hidden.
    Forget {
        /// Which.
        points: Vec<PointId>,
        /// By the host's clock.
        host_time: Instant,
        /// On whose word.
        word: Forgetting,
    },
    /// Forgotten points come back.
    Undelete {
        /// Which.
        points: Vec<PointId>,
    },
    /// Forgotten points stop being roots.
    Purge {
        /// Which.
        points: Vec<PointId>,
        /// By the host's clock.
        now: Instant,
        /// How long a point must have been forgotten.
        wait: Span,
        /// A person says that all times are right.
        clock_confirmed: bool,
    },
    /// Points are kept whatever the rules say.
    Pin {
        /// Which.
        points: Vec<PointId>,
        /// Why, for people.
        reason: String,
    },
    /// Points are kept only as the rules say.
    Unpin {
        /// Which.
        points: Vec<PointId>,
    },
    /// Copies of blobs were found damaged.
    ReportDamage {
        /// Which, pack by pack.
        copies: Vec<DamagedCopies>,
    },
    /// Key slots change.
    ChangeSlots {
        /// New slots.
        added: Vec<SlotId>,
        /// Slots that open nothing any more.
        removed: Vec<SlotId>,
    },
    /// New slots hold a keyring with one epoch more, and take the place of all others.
    Rotate {
        /// New slots.
        added: Vec<SlotId>,
        /// The slots there were, all of them.
        removed: Vec<SlotId>,
    },
    /// Points younger than this are not to be forgotten.
    SetLock {
        /// The age from which they may go.
        age: Span,
    },
    /// An event of the backup lifecycle, decided by its own rules.
    Lifecycle {
        /// The event, in its own encoding.
        bytes: Vec<u8>,
    },
}

impl Request {
    /// Fragments in the place of others, with no word about packs. `began_after` is the newest condemn or damage record
    /// that what was written knew of; `covers` is the head, since what committed meanwhile brought fragments of its own.
    #[must_use]
    pub fn replace_fragments(
        session: SessionId,
        covers: u64,
        began_after: u64,
        fragments: Vec<FragmentName>,
        added_fragments: Vec<FragmentEntry>,
    ) -> Request {
        Request::Condemn {
            session,
            covers,
            began_after,
            lost: 0,
            packs: Vec::new(),
            fragments,
            orphan_packs: Vec::new(),
            orphan_fragments: Vec::new(),
            added_packs: Vec::new(),
            added_fragments,
        }
    }
}
