//! What the clock asks for: due runs, and jobs whose process is gone.

use vhault_core::advice::AdviceId;
use vhault_core::catalogue::{Catalogue, LifecycleEvent};
use vhault_core::lifecycle::{self, Due, Job, JobId, JobStatus, PolicyName, VaultEvent, VmIdentity};
use vhault_core::time::Instant;
use vhault_core::vault::point::PointState;

use super::desk::{Draft, is_backup};
use super::error::LifecycleError;
use super::host::Host;
use super::job::{complete, failure};
use super::process::{is_gone, this_process};
use crate::vault::Vault;

/// Creates the jobs of every policy whose run is due, for this process to do one after the other, and ends those
/// that the rules do not even start.
///
/// # Errors
///
/// Log or storage that failed.
pub fn begin_due(vault: &Vault, now: Instant) -> Result<Vec<(JobId, VmIdentity)>, LifecycleError> {
    let mut begun = Vec::new();
    let appended = vault.append(&mut |catalogue| {
        let host = Host::look(&catalogue.lifecycle);
        let mut draft = Draft::of(catalogue, now);
        let before = draft.rules.jobs_created;
        recall_leaps(&mut draft);
        let due = |state: &lifecycle::PolicyState| state.next_run.is_some_and(|next| next <= now);
        let policies: Vec<PolicyName> = draft
            .rules
            .policies
            .iter()
            .filter(|(_, state)| due(state))
            .map(|(name, _)| name.clone())
            .collect();
        for policy in policies {
            let events = lifecycle::due(&draft.rules, &host, now, &Due::Run(policy));
            draft.take(events);
        }
        if draft.rules.agenda().any(|(at, due)| *due == Due::CleanUp && *at <= now) {
            // Points go by `forget`, whose record says so; of the rules' own clean-up only the jobs are left.
            let events = lifecycle::due(&draft.rules, &host, now, &Due::CleanUp);
            draft.take(events.into_iter().filter(|event| !matches!(event, VaultEvent::PointPruned { .. })));
        }
        if draft.events.is_empty() {
            return Err(LifecycleError::Nothing);
        }
        let created = draft.rules.jobs.range(JobId(before + 1)..);
        begun = created.map(|(id, job)| (*id, job.item.clone())).collect();
        for (job, _) in &begun {
            draft.events.push(LifecycleEvent::JobHosted { job: *job, hosted: this_process() });
        }
        Ok(draft.entry())
    });
    match appended {
        Ok(_) => Ok(begun),
        Err(LifecycleError::Nothing) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A clock that leaped ahead and came back left runs planned for a far day: they are planned anew.
fn recall_leaps(draft: &mut Draft) {
    let now = draft.now;
    let leaped = |state: &lifecycle::PolicyState| state.next_run > state.policy.schedule.next_after(now);
    let leaps = draft.rules.policies.iter().filter(|(_, state)| leaped(state));
    let again: Vec<VaultEvent> = leaps
        .map(|(name, state)| VaultEvent::PolicyUpdated {
            name: name.clone(),
            policy: Box::new(state.policy.clone()),
        })
        .collect();
    draft.take(again);
}

/// Ends every job of this host whose process is gone, and returns how many.
///
/// # Errors
///
/// Log or storage that failed.
pub fn end_abandoned(vault: &Vault, now: Instant) -> Result<usize, LifecycleError> {
    let mut count = 0;
    let appended = vault.append(&mut |catalogue| {
        let abandoned = abandoned(catalogue);
        count = abandoned.len();
        let mut draft = Draft::of(catalogue, now);
        for job in &abandoned {
            end(&mut draft, catalogue, job);
        }
        if draft.events.is_empty() { Err(LifecycleError::Nothing) } else { Ok(draft.entry()) }
    });
    match appended {
        Ok(_) => Ok(count),
        Err(LifecycleError::Nothing) => Ok(0),
        Err(error) => Err(error),
    }
}

/// Ends one job whose process is gone, or is said to be; `false` when it is not known to be gone.
///
/// # Errors
///
/// Log or storage that failed.
pub fn end_one_abandoned(
    vault: &Vault,
    now: Instant,
    id: JobId,
    surely: bool,
) -> Result<bool, LifecycleError> {
    let appended = vault.append(&mut |catalogue| {
        let held = catalogue.lifecycle.rules().and_then(|rules| rules.jobs.get(&id));
        let active = held.is_some_and(|job| job.is_active() && is_backup(job));
        let gone = catalogue.lifecycle.host_of(id).is_some_and(is_gone);
        if !active || !(gone || surely) {
            return Err(LifecycleError::Nothing);
        }
        let mut draft = Draft::of(catalogue, now);
        draft.take([VaultEvent::JobCancelled { job: id }]);
        Ok(draft.entry())
    });
    match appended {
        Ok(_) => Ok(true),
        Err(LifecycleError::Nothing) => Ok(false),
        Err(error) => Err(error),
    }
}

fn abandoned(catalogue: &Catalogue) -> Vec<Job> {
    let Some(rules) = catalogue.lifecycle.rules() else { return Vec::new() };
    let gone = |job: &&Job| catalogue.lifecycle.host_of(job.id).is_some_and(is_gone);
    rules.jobs.values().filter(|job| job.is_active() && is_backup(job)).filter(gone).cloned().collect()
}

/// A process may die between the record of its point and that of its job.
fn end(draft: &mut Draft, catalogue: &Catalogue, job: &Job) {
    let vm = job.item.name.as_str();
    let its_point = catalogue.points.iter().rev().find(|kept| {
        kept.point.vm == vm
            && kept.point.host_time >= job.created
            && kept.point.state != PointState::Partial
            && catalogue.lifecycle.rule_point(kept.point.id).is_none()
    });
    match its_point {
        Some(kept) if job.snapshot_finished.is_some() => {
            complete(draft, &Host::look(&catalogue.lifecycle), job.id, &kept.point);
        }
        _ if job.status == JobStatus::Cancelling => draft.take([VaultEvent::JobCancelled { job: job.id }]),
        _ => draft.take(failure(job.id, &job.item, AdviceId::Bkp14)),
    }
}
