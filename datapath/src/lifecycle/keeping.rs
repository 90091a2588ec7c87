//! Which points stay: by count, or by a policy. A plan first, then a record.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use vhault_core::catalogue::{Catalogue, KeptPoint};
use vhault_core::digest::PointId;
use vhault_core::lifecycle::BackupPolicy;
use vhault_core::policy::{
    Candidate, Circumstances, ClockTrust, Date, KeepRules, PointState, Reason, RetentionPlan, plan,
};
use vhault_core::protocol::{CLOCK_STEP_DAYS, Forgetting, Request};
use vhault_core::time::{Instant, Span};
use vhault_core::vault::point::PointState as Stored;
use vhault_core::vault::tree::visit_leaves;

use super::error::LifecycleError;
use crate::vault::blobs::BlobReader;
use crate::vault::{Vault, VaultError};

/// By which rules points stay.
#[derive(Clone, Debug)]
pub enum Keeping {
    /// So many of the last, and of each day, week, month and year.
    Counts(KeepRules),
    /// As long as the ranges of a policy say.
    Policy(Box<BackupPolicy>),
}

/// Whose points, and when.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Only points of this machine.
    pub vm: Option<String>,
    /// The present moment.
    pub now: Instant,
    /// A person says that all times are right.
    pub clock_confirmed: bool,
    /// Points that hold damaged chunks; they count for no rule.
    pub damaged: BTreeSet<PointId>,
}

/// A point and why it stays; without a reason it goes.
#[derive(Clone, Debug)]
pub struct Sorted {
    /// The point.
    pub kept: KeptPoint,
    /// Why it stays.
    pub reasons: Vec<Reason>,
    /// Whether its time is not believed.
    pub in_doubt: bool,
}

/// What the rules say about each point chosen, in order of receipt.
pub fn sort(catalogue: &Catalogue, keeping: &Keeping, chosen: &Chosen) -> Vec<Sorted> {
    let live: Vec<&KeptPoint> = catalogue.live_points().collect();
    let candidates: Vec<Candidate<usize, &str>> = (0_u64..)
        .zip(live.iter().enumerate())
        .map(|(received, (place, kept))| Candidate {
            id: place,
            vm: kept.point.vm.as_str(),
            received,
            time: kept.point.host_time,
            state: match kept.point.state {
                Stored::Partial => PointState::Partial,
                Stored::Whole if !chosen.damaged.contains(&kept.point.id) => PointState::Whole,
                _ => PointState::Damaged,
            },
            pinned: kept.pinned.is_some(),
            until: until(catalogue, keeping, kept),
            on_demand_until: on_demand_until(catalogue, keeping, kept),
        })
        .collect();
    let mut trust = ClockTrust::step_days(CLOCK_STEP_DAYS);
    if chosen.clock_confirmed {
        trust = ClockTrust { confirmed_through: Some(u64::MAX), now_confirmed: true, ..trust };
    }
    let rules = match keeping {
        Keeping::Counts(rules) => *rules,
        Keeping::Policy(_) => KeepRules::default(),
    };
    // Other machines' points tell whether a clock is believed, so all are looked at.
    let RetentionPlan { decisions, doubt } =
        plan(&candidates, &rules, &Circumstances { now: chosen.now, lock: None, trust });
    let wanted = |kept: &KeptPoint| chosen.vm.as_ref().is_none_or(|vm| kept.point.vm == *vm);
    (0_u64..)
        .zip(decisions)
        .map(|(received, mut decision)| {
            let (kept, in_doubt) = (live[decision.id], doubt.points.contains(&received));
            decision.reasons.extend(lock_reason(catalogue, kept, chosen, in_doubt || doubt.now));
            Sorted { kept: kept.clone(), reasons: decision.reasons, in_doubt }
        })
        .filter(|sorted| wanted(&sorted.kept))
        .collect()
}

/// Whether the vault's minimum age keeps a point; a clock in doubt ends no lock.
fn lock_reason(catalogue: &Catalogue, kept: &KeptPoint, chosen: &Chosen, in_doubt: bool) -> Option<Reason> {
    let age = catalogue.lock_of(kept);
    if age <= Span::ZERO {
        return None;
    }
    match kept.point.host_time.checked_add(age) {
        Some(until) if until <= chosen.now => {
            (in_doubt && !chosen.clock_confirmed).then_some(Reason::ClockInDoubt)
        }
        until => Some(Reason::Locked { until: until.unwrap_or(Instant::from_unix_milliseconds(i64::MAX)) }),
    }
}

type Until = std::collections::BTreeMap<vhault_core::policy::Tag, Instant>;

/// A point made by hand has no tags; one from before the protection is dated like a scheduled one.
fn until(catalogue: &Catalogue, keeping: &Keeping, kept: &KeptPoint) -> Until {
    let Keeping::Policy(policy) = keeping else { return Until::new() };
    let (time, offset) = (kept.point.host_time, policy.schedule.offset);
    let by_date = || policy.retention.tags(Date::of(time, offset));
    let tags = catalogue.lifecycle.rule_point(kept.point.id).map_or_else(by_date, |point| point.tags.clone());
    tags.into_iter()
        .map(|tag| (tag, policy.retention.keeps_until(tag, time, offset).unwrap_or(time)))
        .collect()
}

fn on_demand_until(catalogue: &Catalogue, keeping: &Keeping, kept: &KeptPoint) -> Option<Instant> {
    match keeping {
        Keeping::Counts(_) => None,
        Keeping::Policy(_) => catalogue.lifecycle.rule_point(kept.point.id)?.on_demand_until,
    }
}

/// Forgets the points that the rules let go, and returns what was decided.
///
/// The plan is made of the newest catalogue, so a point that was published or pinned meanwhile is seen.
///
/// # Errors
///
/// Log or storage that failed.
pub fn forget(vault: &Vault, keeping: &Keeping, chosen: &Chosen) -> Result<Vec<Sorted>, LifecycleError> {
    let mut sorted = Vec::new();
    let appended = vault.append(&mut |catalogue| {
        sorted = sort(catalogue, keeping, chosen);
        let goes = sorted.iter().filter(|sorted| sorted.reasons.is_empty());
        let points: Vec<PointId> = goes.map(|sorted| sorted.kept.point.id).collect();
        if points.is_empty() {
            return Err(LifecycleError::Nothing);
        }
        let word = Forgetting::ByRule { damaged: chosen.damaged.clone() }.with_times(chosen.clock_confirmed);
        Ok(Request::Forget { points, host_time: chosen.now, word })
    });
    match appended {
        Ok(_) | Err(LifecycleError::Nothing) => Ok(sorted),
        Err(error) => Err(error),
    }
}

/// The points that hold chunks known to be damaged, or pages that cannot be read.
///
/// # Errors
///
/// A chunk table that cannot be read.
pub fn damaged_points(vault: &Vault) -> Result<BTreeSet<PointId>, VaultError> {
    let mut found = BTreeSet::new();
    if vault.head().catalogue.damaged.is_empty() {
        return Ok(found);
    }
    vault.load_table(&mut |_| Ok(()))?;
    let catalogue = vault.head().catalogue.clone();
    let mut pages = BlobReader::new(vault);
    for kept in catalogue.live_points() {
        let streams = kept
            .point
            .disks
            .iter()
            .flat_map(|disk| [disk.content, disk.container.layout, disk.container.literals]);
        for stream in streams {
            // The walk ends at the first sign of damage.
            let walked = visit_leaves(
                &mut pages,
                vault.grid(),
                stream,
                &mut |_, chunks| {
                    let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
                    let hit = chunks.iter().flatten().any(|id| table.find_sound(&(*id).into()).is_none());
                    if hit { Err(()) } else { Ok(()) }
                },
                &mut |_, _| Err(()),
            );
            if walked.is_err() {
                found.insert(kept.point.id);
                break;
            }
        }
    }
    Ok(found)
}
