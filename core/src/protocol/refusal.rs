//! Why a record may not follow.

use alloc::string::String;

use crate::digest::{FragmentName, PackName, PointId, SessionId, SlotId};
use crate::time::{Instant, Span};

/// Why a record may not follow. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The log has begun already.
    #[error("the log has begun already: it is at record {head}")]
    Begun {
        /// Its newest record.
        head: u64,
    },

    /// The session may not write any more.
    #[error("session {session} was fenced, or has ended, and can neither add nor commit")]
    NotOpen {
        /// Which.
        session: SessionId,
    },

    /// The session's id was used before.
    #[error("session {session} has begun already")]
    SessionKnown {
        /// Which.
        session: SessionId,
    },

    /// A pack that the session relied on was condemned while it ran.
    #[error("pack {pack}, which holds data this session did not store itself, was condemned meanwhile")]
    ReliedCondemned {
        /// Which.
        pack: PackName,
    },

    /// A pack's name was used before.
    #[error("pack {pack} is in the log already; no name becomes new again")]
    PackKnown {
        /// Which.
        pack: PackName,
    },

    /// A fragment's name was used before.
    #[error("table fragment {fragment} is in the log already; no name becomes new again")]
    FragmentKnown {
        /// Which.
        fragment: FragmentName,
    },

    /// A point's id was used before.
    #[error("point {point} is published already")]
    PointKnown {
        /// Which.
        point: PointId,
    },

    /// The session gave a sign of life.
    #[error("session {session} lives: it wrote record {last} after record {seen} was looked at")]
    Lives {
        /// Which.
        session: SessionId,
        /// Its newest record.
        last: u64,
        /// What was its newest when the wait began.
        seen: u64,
    },

    /// The packs are not to be had from that session.
    #[error("pack {pack} cannot be adopted: it is no undeleted pack of an ended session")]
    NotAdoptable {
        /// Which.
        pack: PackName,
    },

    /// Records came after the mark.
    #[error("the mark covers record {covers} but the log is at {head}: what is new must be marked first")]
    MarkStale {
        /// The newest record that the mark read.
        covers: u64,
        /// The newest there is.
        head: u64,
    },

    /// Somebody else swept, or found damage, since the mark began.
    #[error("record {record} condemned files, or named damage, after the mark began: it must begin anew")]
    MarkOvertaken {
        /// Which.
        record: u64,
    },

    /// The mark could not read everything.
    #[error("the mark did not find {lost} pages or chunks that points need, so nothing may be condemned")]
    MarkIncomplete {
        /// How many.
        lost: u64,
    },

    /// A pack is in use by a session, or was condemned before, or nobody knows it.
    #[error("pack {pack} cannot be condemned: it is unknown, condemned already, or of an open session")]
    PackNotCondemnable {
        /// Which.
        pack: PackName,
    },

    /// As for packs.
    #[error(
        "table fragment {fragment} cannot be condemned: it is unknown, condemned already, or of an open session"
    )]
    FragmentNotCondemnable {
        /// Which.
        fragment: FragmentName,
    },

    /// Only condemned packs are deleted.
    #[error("pack {pack} was not condemned, so it is not deleted")]
    PackNotCondemned {
        /// Which.
        pack: PackName,
    },

    /// Only condemned fragments are deleted.
    #[error("table fragment {fragment} was not condemned, so it is not deleted")]
    FragmentNotCondemned {
        /// Which.
        fragment: FragmentName,
    },

    /// There is no such point, or it is not in the state that was asked for.
    #[error("point {point} is not {wanted}")]
    NoSuchPoint {
        /// Which.
        point: PointId,
        /// What it would have to be.
        wanted: &'static str,
    },

    /// The point is pinned.
    #[error("point {point} is pinned")]
    Pinned {
        /// Which.
        point: PointId,
    },

    /// The point is the newest whole one of its VM.
    #[error("point {point} is the newest whole point of its VM, which no rule takes")]
    NewestWhole {
        /// Which.
        point: PointId,
    },

    /// A session builds on the point, or reads it.
    #[error("point {point} is in use by session {session}, which is open")]
    Held {
        /// Which.
        point: PointId,
        /// By whom.
        session: SessionId,
    },

    /// The point was forgotten too lately.
    #[error(
        "point {point} may go {} days after it was forgotten, and only {} passed",
        days(*.wait), days(.now.since(*.since))
    )]
    TooEarly {
        /// Which.
        point: PointId,
        /// When it was forgotten.
        since: Instant,
        /// How long it waits.
        wait: Span,
        /// The present.
        now: Instant,
    },

    /// The present, or the moment of forgetting, is not believed.
    #[error("the clock leapt or went back, so it ends no wait, and point {point} stays")]
    ClockInDoubt {
        /// Which point.
        point: PointId,
        /// The present, as the host says.
        now: Instant,
    },

    /// The slot opens nothing already, or never did.
    #[error("key slot {slot} is not in the log")]
    NoSuchSlot {
        /// Which.
        slot: SlotId,
    },

    /// Slots came or went since the new ones were made.
    #[error("key slots were added or removed meanwhile, and the new keys would not reach them")]
    SlotsMoved,

    /// Who writes holds the old keys only, and would lose what it wrote.
    #[error(
        "{count} sessions are open, the first is {purpose:?} on {host}: they hold the old keys only, and would be cut short"
    )]
    SessionsOpen {
        /// How many.
        count: usize,
        /// What the first is about.
        purpose: String,
        /// Who runs it.
        host: String,
    },

    /// The point is younger than the vault's minimum age.
    #[error(
        "point {point} is locked: it may be forgotten {} days after it was made, and only {} passed",
        days(*.age), days(.now.since(*.made))
    )]
    Locked {
        /// Which.
        point: PointId,
        /// When it was made.
        made: Instant,
        /// The age from which it may go.
        age: Span,
        /// The present.
        now: Instant,
    },

    /// Nobody could open the vault any more.
    #[error("it is the last slot: without it nobody can open the vault")]
    LastSlot,

    /// There is nothing to record.
    #[error("there is nothing to record")]
    Nothing,
}

fn days(span: Span) -> i64 {
    span.milliseconds() / 86_400_000
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
