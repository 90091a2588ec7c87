//! Each rule by name, so that a test can take it out and watch what breaks.

/// A rule of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Only an open session adds, commits, adopts or condemns.
    SessionOpen,
    /// A commit relies only on packs that are live, or its own.
    ReliedLive,
    /// A pack or fragment is named as new once.
    NameOnce,
    /// A point is published once.
    PointOnce,
    /// A fence needs progress that stood still.
    FenceStill,
    /// Packs are adopted from ended sessions only, before they are condemned.
    AdoptEnded,
    /// A mark covers the head.
    MarkCoversHead,
    /// A mark that could not read everything condemns nothing.
    MarkWhole,
    /// After another sweep the mark begins anew.
    MarkAnew,
    /// What an open session uploaded is not condemned.
    SpareOpen,
    /// A pack is rewritten away only when every live blob of it was moved.
    MovedAll,
    /// Only what was condemned is deleted.
    DeleteCondemned,
    /// The newest whole point of a VM is not forgotten by a rule.
    KeepNewest,
    /// Pinned points are not forgotten.
    SparePinned,
    /// Only forgotten points come back, or go.
    OnlyForgotten,
    /// Points that an open session builds on are not purged.
    HoldParents,
    /// Forgotten points wait.
    PurgeWaits,
    /// A clock that is in doubt ends no wait.
    DoubtClock,
    /// The last slot stays.
    LastSlot,
}

impl Guard {
    /// All of them.
    pub const ALL: [Guard; 19] = [
        Guard::SessionOpen,
        Guard::ReliedLive,
        Guard::NameOnce,
        Guard::PointOnce,
        Guard::FenceStill,
        Guard::AdoptEnded,
        Guard::MarkCoversHead,
        Guard::MarkWhole,
        Guard::MarkAnew,
        Guard::SpareOpen,
        Guard::MovedAll,
        Guard::DeleteCondemned,
        Guard::KeepNewest,
        Guard::SparePinned,
        Guard::OnlyForgotten,
        Guard::HoldParents,
        Guard::PurgeWaits,
        Guard::DoubtClock,
        Guard::LastSlot,
    ];
}

/// The rules that hold: all of them, but in a test that takes one out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    removed: Option<Guard>,
}

impl Guards {
    /// Every rule holds.
    pub const ALL: Guards = Guards { removed: None };

    /// Every rule but one.
    #[cfg(test)]
    pub(crate) fn without(guard: Guard) -> Guards {
        Guards { removed: Some(guard) }
    }

    /// Whether a rule holds.
    pub(crate) fn hold(self, guard: Guard) -> bool {
        self.removed != Some(guard)
    }
}
