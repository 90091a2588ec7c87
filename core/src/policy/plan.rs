//! Points in, plan out: a reason for every point that stays.
//!
//! The plan is a value to print before it is a deed. Four promises hold for
//! any rules:
//!
//! 1. the newest whole, undamaged point of each virtual machine stays;
//! 2. partial and damaged points count for no rule, so failed nights push
//!    nothing out; those received after the newest whole point stay, because
//!    they hold what no whole point holds;
//! 3. *newer* means received later, and a time in doubt expires nothing;
//! 4. pinned points and points younger than the lock stay.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::calendar::Date;
use super::candidate::{Candidate, PointState};
use super::keep::KeepRules;
use super::retention::Tag;
use super::trust::{ClockTrust, Doubt};
use crate::time::{Instant, Span};

/// Why a point stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The newest whole point of its virtual machine.
    NewestWhole,
    /// A tag's rule keeps it until then.
    Tagged {
        /// The tag.
        tag: Tag,
        /// The last moment.
        until: Instant,
    },
    /// Asked for on demand until then.
    OnDemand {
        /// The last moment.
        until: Instant,
    },
    /// One of the last, this many places from the newest, which is 1.
    Last(u32),
    /// The newest of this day.
    Daily(Date),
    /// The newest of the week that begins on this Monday.
    Weekly(Date),
    /// The newest of the month of this day.
    Monthly(Date),
    /// The newest of the year of this day.
    Yearly(Date),
    /// Younger than the span of the rules.
    Within,
    /// Someone asked to keep it.
    Pinned,
    /// Younger than the vault's lock; it ends then.
    Locked {
        /// The first moment at which it may go.
        until: Instant,
    },
    /// Its time, or the present one, is in doubt.
    ClockInDoubt,
    /// Partial or damaged, but received after the newest whole point.
    AfterNewestWhole,
    /// No rule was given, so nothing goes.
    NoRule,
}

/// What is decided about one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision<Id, Vm> {
    /// The point.
    pub id: Id,
    /// What it is a point of.
    pub vm: Vm,
    /// Why it stays; empty when it goes.
    pub reasons: Vec<Reason>,
}

impl<Id, Vm> Decision<Id, Vm> {
    /// Whether the point stays.
    pub fn stays(&self) -> bool {
        !self.reasons.is_empty()
    }
}

/// What is decided about every point, in order of receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionPlan<Id, Vm> {
    /// One decision a point.
    pub decisions: Vec<Decision<Id, Vm>>,
    /// What was in doubt.
    pub doubt: Doubt,
}

impl<Id, Vm> RetentionPlan<Id, Vm> {
    /// The points that go, oldest first.
    pub fn forgotten(&self) -> impl Iterator<Item = &Id> {
        self.decisions.iter().filter(|decision| !decision.stays()).map(|decision| &decision.id)
    }

    /// The points that stay, oldest first.
    pub fn kept(&self) -> impl Iterator<Item = &Id> {
        self.decisions.iter().filter(|decision| decision.stays()).map(|decision| &decision.id)
    }
}

/// What else the plan depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// The present moment, by the vault's own time.
    pub now: Instant,
    /// No point younger than this may go.
    pub lock: Option<Span>,
    /// Which times are believed.
    pub trust: ClockTrust,
}

/// Decides about every one of `points`.
///
/// Deterministic: the order of `points` does not matter, their place in the
/// order of receipt does.
pub fn plan<Id: Clone, Vm: Clone + Ord>(
    points: &[Candidate<Id, Vm>],
    rules: &KeepRules,
    circumstances: &Circumstances,
) -> RetentionPlan<Id, Vm> {
    let times = points.iter().map(|point| (point.received, point.time));
    let doubt = Doubt::find(times, circumstances.now, &circumstances.trust);
    let mut ordered: Vec<&Candidate<Id, Vm>> = points.iter().collect();
    ordered.sort_by_key(|point| point.received);

    let mut by_vm: BTreeMap<&Vm, Vec<&Candidate<Id, Vm>>> = BTreeMap::new();
    for point in &ordered {
        by_vm.entry(&point.vm).or_default().push(point);
    }
    let mut reasons: BTreeMap<u64, BTreeSet<Reason>> = BTreeMap::new();
    for of_vm in by_vm.values() {
        for (received, reason) in count_reasons(of_vm, rules, &doubt) {
            reasons.entry(received).or_default().insert(reason);
        }
    }
    let ruled = !rules.is_empty();
    let decisions = ordered
        .into_iter()
        .map(|point| {
            let mut reasons = reasons.remove(&point.received).unwrap_or_default();
            reasons.extend(own_reasons(point, rules, circumstances, &doubt, ruled));
            Decision { id: point.id.clone(), vm: point.vm.clone(), reasons: reasons.into_iter().collect() }
        })
        .collect();
    RetentionPlan { decisions, doubt }
}

/// Reasons that depend on the other points of the same virtual machine.
fn count_reasons<Id, Vm>(
    points: &[&Candidate<Id, Vm>],
    rules: &KeepRules,
    doubt: &Doubt,
) -> Vec<(u64, Reason)> {
    let newest_first: Vec<&&Candidate<Id, Vm>> =
        points.iter().rev().filter(|point| point.state == PointState::Whole).collect();
    let newest = newest_first.first().map(|point| point.received);
    let mut reasons: Vec<(u64, Reason)> =
        newest.into_iter().map(|received| (received, Reason::NewestWhole)).collect();
    let stranded = points.iter().filter(|point| point.state != PointState::Whole);
    reasons.extend(
        stranded
            .filter(|point| newest.is_none_or(|newest| point.received > newest))
            .map(|point| (point.received, Reason::AfterNewestWhole)),
    );
    for (rank, point) in (1..=rules.last.unwrap_or(0)).zip(&newest_first) {
        reasons.push((point.received, Reason::Last(rank)));
    }
    let believed: Vec<(u64, Date)> = newest_first
        .iter()
        .filter(|point| !doubt.points.contains(&point.received))
        .map(|point| (point.received, Date::of(point.time, rules.offset)))
        .collect();
    bucket(&believed, rules.daily, |date| date, Reason::Daily, &mut reasons);
    bucket(&believed, rules.weekly, Date::monday, Reason::Weekly, &mut reasons);
    bucket(&believed, rules.monthly, |date| (date.year(), date.month()), Reason::Monthly, &mut reasons);
    bucket(&believed, rules.yearly, Date::year, Reason::Yearly, &mut reasons);
    reasons
}

/// Keeps the newest point of each of the newest `count` buckets.
fn bucket<Key: Ord>(
    newest_first: &[(u64, Date)],
    count: Option<u32>,
    key: impl Fn(Date) -> Key,
    reason: impl Fn(Date) -> Reason,
    reasons: &mut Vec<(u64, Reason)>,
) {
    let mut left = count.unwrap_or(0);
    let mut seen = BTreeSet::new();
    for (received, date) in newest_first {
        if left == 0 {
            return;
        }
        if seen.insert(key(*date)) {
            reasons.push((*received, reason(*date)));
            left -= 1;
        }
    }
}

/// Reasons that depend on the point alone.
fn own_reasons<Id, Vm>(
    point: &Candidate<Id, Vm>,
    rules: &KeepRules,
    circumstances: &Circumstances,
    doubt: &Doubt,
    ruled: bool,
) -> Vec<Reason> {
    let now = circumstances.now;
    let whole = point.state == PointState::Whole;
    let mut reasons = Vec::new();
    if point.pinned {
        reasons.push(Reason::Pinned);
    }
    let lock_ends = circumstances.lock.and_then(|lock| point.time.checked_add(lock));
    if let Some(until) = lock_ends.filter(|until| now < *until) {
        reasons.push(Reason::Locked { until });
    }
    let times_matter = circumstances.lock.is_some() || (whole && (ruled || point.has_span()));
    if times_matter
        && (doubt.now && uses_now(point, rules, circumstances) || doubt.points.contains(&point.received))
    {
        reasons.push(Reason::ClockInDoubt);
    }
    if !whole {
        return reasons;
    }
    let tagged = point.until.iter().filter(|(_, until)| now <= **until);
    reasons.extend(tagged.map(|(tag, until)| Reason::Tagged { tag: *tag, until: *until }));
    if let Some(until) = point.on_demand_until.filter(|until| now <= *until) {
        reasons.push(Reason::OnDemand { until });
    }
    if rules.within.is_some_and(|within| now.since(point.time) <= within) {
        reasons.push(Reason::Within);
    }
    if !ruled && !point.has_span() {
        reasons.push(Reason::NoRule);
    }
    reasons
}

/// Whether the present moment could let this point go.
fn uses_now<Id, Vm>(point: &Candidate<Id, Vm>, rules: &KeepRules, circumstances: &Circumstances) -> bool {
    circumstances.lock.is_some() || rules.within.is_some() || point.has_span()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
