//! Cause: why something happened, from the events before it.
//!
//! ```text
//! event ◄─rule─ event ◄─rule─ … ◄─ what a person asked for
//!   └ entries of the catalogue      └ circumstances beside the chain
//! ```
//!
//! A pure function of the history. What people ask for are the roots; all that
//! comes of time has a cause before it, so every chain ends at a person.

mod case;
mod culprit;
mod rule;

use alloc::vec::Vec;

pub use self::rule::Rule;

use self::case::{Case, ended_job};
use self::culprit::culprits;
use super::event::{Event, Record};
use crate::advice::AdviceId;
use crate::lifecycle::{JobId, Phase, VaultEvent, VaultName, VmIdentity};
use crate::time::Instant;

/// Why an event happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// How it came of the event before it, or that a person asked for it.
    pub rule: Rule,
    /// The place of that event in the history; none where a person asked.
    pub of: Option<usize>,
    /// What the catalogue says about it, most telling first.
    pub advice: Vec<AdviceId>,
    /// The places of earlier deeds that made it so.
    pub circumstances: Vec<usize>,
}

/// One event of a chain, and why it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its place in the history.
    pub place: usize,
    /// Why.
    pub cause: Cause,
}

/// Why the event at `place` of `history` happened; none past its end.
pub fn cause(history: &[Record], place: usize) -> Option<Cause> {
    let record = history.get(place)?;
    let past = Past { history: &history[..place], at: record.at };
    let mut cause = match &record.event {
        Event::TimePassed => root(Rule::Waited),
        Event::AgentUpdated(vm) => past.follows(
            Rule::AgentUpdateEnds,
            past.newest(|event| matches!(event, Event::AgentUpdateStarted(updating, _) if updating == vm)),
        ),
        Event::BlocksWritten { vm, lun, .. } if past.is_before_snapshot(vm) => past.follows(
            Rule::DiskChangesDaily,
            past.newest(|event| match event {
                Event::VmCreated(made, disks) => {
                    made.identity == *vm && disks.iter().any(|(held, ..)| held == lun)
                }
                Event::DiskAttached(owner, attached, ..) => owner == vm && attached == lun,
                _ => false,
            }),
        ),
        Event::Vault(vault, event) => Case { past, vault }.cause(event),
        _ => root(Rule::Asked),
    };
    for id in cause.rule.advice() {
        if !cause.advice.contains(id) {
            cause.advice.push(*id);
        }
    }
    Some(cause)
}

/// The event at `place` of `history`, what it came of, and so on to a person.
///
/// Each link comes earlier than the one before it, so a chain ends.
pub fn chain(history: &[Record], place: usize) -> Vec<Link> {
    let mut links = Vec::new();
    let mut next = Some(place);
    while let Some(place) = next {
        let Some(cause) = cause(history, place) else { break };
        next = cause.of.filter(|of| *of < place);
        links.push(Link { place, cause });
    }
    links
}

/// The places of the newest deeds that brought about what `ids` say of `item`,
/// oldest first; for a refusal, whose state is in no event.
pub fn circumstances(history: &[Record], item: Option<&VmIdentity>, ids: &[AdviceId]) -> Vec<usize> {
    culprits(history, item, ids)
}

fn root(rule: Rule) -> Cause {
    Cause { rule, of: None, advice: Vec::new(), circumstances: Vec::new() }
}

/// What happened before an event, and when it happened.
#[derive(Clone, Copy)]
struct Past<'a> {
    history: &'a [Record],
    at: Instant,
}

impl Past<'_> {
    fn newest(&self, test: impl Fn(&Event) -> bool) -> Option<usize> {
        self.history.iter().rposition(|record| test(&record.event))
    }

    /// A cause by `rule` of the event at `of`; a root where there is none.
    fn follows(&self, rule: Rule, of: Option<usize>) -> Cause {
        match of {
            Some(_) => Cause { of, ..root(rule) },
            None => root(Rule::Asked),
        }
    }

    /// Whether a backup of `vm` is about to take its snapshot at this very moment.
    ///
    /// What a person writes at the moment a step ends comes after that end.
    fn is_before_snapshot(&self, vm: &VmIdentity) -> bool {
        let of_vm = |vault: &VaultName, job| {
            self.created(vault, job).is_some_and(|place| {
                matches!(&self.history[place].event,
                    Event::Vault(_, VaultEvent::JobCreated { item, .. }) if item == vm)
            })
        };
        let mut left = Vec::new();
        for record in self.history.iter().rev() {
            if self.at.since(record.at).milliseconds() > SNAPSHOT_MILLISECONDS_MAX {
                return false;
            }
            let Event::Vault(vault, event) = &record.event else { continue };
            if let VaultEvent::PhaseEntered { job, phase: Phase::Snapshot, ends } = event
                && *ends == self.at
                && !left.contains(&(vault, *job))
                && of_vm(vault, *job)
            {
                return true;
            }
            left.extend(left_snapshot(event).map(|job| (vault, job)));
        }
        false
    }

    fn created(&self, vault: &VaultName, job: JobId) -> Option<usize> {
        self.newest(|event| {
            matches!(event, Event::Vault(name, VaultEvent::JobCreated { job: made, .. })
                if name == vault && *made == job)
        })
    }
}

/// The job that has left its snapshot step by `event`.
fn left_snapshot(event: &VaultEvent) -> Option<JobId> {
    match event {
        VaultEvent::PhaseEntered { job, .. } => Some(*job),
        _ => ended_job(event),
    }
}

/// No snapshot step takes longer: 10 s for each of 65 disks, rounded up.
const SNAPSHOT_MILLISECONDS_MAX: i64 = 20 * 60_000;

#[cfg(test)]
#[path = "cause_tests.rs"]
mod tests;
