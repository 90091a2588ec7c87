//! When a copy must stop: deadlines of the set and of each disk, and stalls.
//!
//! A [`Watch`] is shown, now and then, how far each disk is; it answers what
//! must stop, each thing once. It holds:
//!
//! - a disk of which a read is in flight, and nothing came for the stall limit,
//!   is stopped at the first look after that, so within the limit and one tick;
//! - a disk that moves is never called stalled, however slowly;
//! - a disk that waits for its turn, for the vault, or for a limit that a
//!   person set, is not to blame;
//! - time in which nobody looked, because the process or its machine was stopped, counts for deadlines and not for
//!   stalls: nothing could have moved;
//! - when nothing moves anywhere and no read is in flight, the vault is stuck.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// How long a copy may take; `None` is for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// All disks together.
    pub set: Option<Span>,
    /// Each disk, from its first step on.
    pub disk: Option<Span>,
    /// No byte of a disk although a read is in flight.
    pub stall: Option<Span>,
}

/// The stall limit where none is given: Linux gives a SCSI command 30 seconds and five retries, an NFS server
/// three times 60; what did not answer for ten minutes will not.
pub const STALL_DEFAULT: Span = Span::from_milliseconds(10 * 60 * 1000);

/// A look is wanted no less often than this.
pub const TICK_MAX: Span = Span::from_milliseconds(250);

/// How far a disk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskProgress {
    /// Whether its first step was taken.
    pub begun: bool,
    /// Whether its last step is done, or it was stopped.
    pub ended: bool,
    /// Whether a read of it is in flight.
    pub reading: bool,
    /// Bytes of it that are done.
    pub done_bytes: u64,
}

/// Of the time between two looks, no more than this counts as standing still.
const GAP_MAX: Span = Span::from_milliseconds(4 * TICK_MAX.milliseconds());

/// What is seen in one look.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Since the copy began, by a clock that never goes back.
    pub now: Span,
    /// Every disk, in order.
    pub disks: &'a [DiskProgress],
    /// Grows with everything that the vault took.
    pub stored: u64,
    /// Whether a thread waits for a limit that a person set.
    pub held_back: bool,
}

/// Why something was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The deadline of the set.
    Deadline,
    /// The deadline of a disk.
    DiskDeadline,
    /// Nothing came from the disk for too long.
    Stalled,
    /// More ranges of the disk cannot be read than a point can list.
    Unreadable,
    /// A person asked for it.
    Asked,
}

/// What must happen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No more of this disk.
    StopDisk {
        /// Which.
        disk: usize,
        /// Why.
        reason: StopReason,
    },
    /// No more of any disk.
    StopAll {
        /// Why.
        reason: StopReason,
    },
    /// The vault takes nothing any more: what is in hand cannot be finished.
    VaultStuck,
}

/// Looks at a copy and says what must stop.
#[derive(Clone, Debug)]
pub struct Watch {
    limits: Limits,
    disks: Vec<DiskWatch>,
    stored: u64,
    looked_at: Span,
    /// Runs only while somebody looks; what stands still is measured by it.
    watched: Span,
    /// When anything moved last.
    moved_at: Span,
    stopped: bool,
    stuck: bool,
}

#[derive(Clone, Debug, Default)]
struct DiskWatch {
    begun_at: Option<Span>,
    done_bytes: u64,
    moved_at: Span,
    stopped: bool,
}

impl Watch {
    /// A watch over a copy of `disks` disks that begins now.
    pub fn new(limits: Limits, disks: usize) -> Watch {
        Watch {
            limits,
            disks: alloc::vec![DiskWatch::default(); disks],
            stored: 0,
            looked_at: Span::ZERO,
            watched: Span::ZERO,
            moved_at: Span::ZERO,
            stopped: false,
            stuck: false,
        }
    }

    /// How long to wait before the next look, so that limits are kept to a quarter of the shortest.
    pub fn tick(&self) -> Span {
        let Limits { set, disk, stall } = self.limits;
        let shortest = [set, disk, stall].into_iter().flatten().min();
        let quarter = shortest.map_or(TICK_MAX, |limit| Span::from_milliseconds(limit.milliseconds() / 4));
        quarter.clamp(Span::from_milliseconds(5), TICK_MAX)
    }

    /// Looks once. Each verdict is returned once in the life of the copy.
    pub fn look(&mut self, sample: &Sample<'_>) -> Vec<Verdict> {
        let now = sample.now;
        let gap = between(self.looked_at, now).clamp(Span::ZERO, GAP_MAX);
        self.looked_at = now;
        self.watched =
            Span::from_milliseconds(self.watched.milliseconds().saturating_add(gap.milliseconds()));
        let watched = self.watched;
        let past = |limit: Option<Span>, since: Span| limit.is_some_and(|limit| between(since, now) >= limit);
        let stood =
            |limit: Option<Span>, since: Span| limit.is_some_and(|limit| between(since, watched) >= limit);
        let mut verdicts = Vec::new();
        let mut moved = sample.stored != self.stored || sample.held_back;
        let mut reading = false;
        self.stored = sample.stored;
        for (number, (held, seen)) in self.disks.iter_mut().zip(sample.disks).enumerate() {
            moved |= seen.done_bytes != held.done_bytes;
            if self.stopped || !seen.begun || seen.ended || held.stopped {
                held.done_bytes = seen.done_bytes;
                continue;
            }
            let is_new = held.begun_at.is_none();
            let begun_at = *held.begun_at.get_or_insert(now);
            if seen.done_bytes != held.done_bytes || !seen.reading || is_new {
                held.done_bytes = seen.done_bytes;
                held.moved_at = watched;
            }
            reading |= seen.reading;
            let reason = if past(self.limits.disk, begun_at) {
                StopReason::DiskDeadline
            } else if stood(self.limits.stall, held.moved_at) {
                StopReason::Stalled
            } else {
                continue;
            };
            held.stopped = true;
            // The others have had no chance to move on while this one held them.
            moved = true;
            verdicts.push(Verdict::StopDisk { disk: number, reason });
        }
        if moved || reading {
            self.moved_at = watched;
        }
        if !self.stopped && past(self.limits.set, Span::ZERO) {
            self.stop();
            self.moved_at = watched;
            verdicts.push(Verdict::StopAll { reason: StopReason::Deadline });
        }
        if !self.stuck && stood(self.limits.stall, self.moved_at) {
            self.stuck = true;
            verdicts.push(Verdict::VaultStuck);
        }
        verdicts
    }

    /// Everything was stopped for another reason: only the vault is watched from here on.
    pub fn stop(&mut self) {
        self.stopped = true;
    }
}

fn between(earlier: Span, later: Span) -> Span {
    Span::from_milliseconds(later.milliseconds().saturating_sub(earlier.milliseconds()))
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
