//! A command of a person, answered by the rules and appended.

use vhault_core::catalogue::{Catalogue, LifecycleEvent, Sources, encode_events};
use vhault_core::lifecycle::{
    self, Catalogue as Rules, Due, JobId, JobKind, PolicyName, VaultCommand, VaultEvent, VmIdentity,
};
use vhault_core::protocol::{Forgetting, Request};
use vhault_core::time::Instant;

use super::error::LifecycleError;
use super::host::Host;
use crate::vault::Vault;

/// No job of the rules takes more steps.
const STEPS_MAX: usize = 64;

/// The record that says what happened at `now`.
pub(super) fn entry(now: Instant, events: &[LifecycleEvent]) -> Request {
    Request::Lifecycle { bytes: encode_events(now, events) }
}

/// Rules that are tried out: what they say is applied at once and collected.
pub(super) struct Draft {
    pub(super) rules: Rules,
    pub(super) now: Instant,
    pub(super) events: Vec<LifecycleEvent>,
}

impl Draft {
    pub(super) fn of(catalogue: &Catalogue, now: Instant) -> Draft {
        Draft { rules: catalogue.lifecycle.rules_at(now), now, events: Vec::new() }
    }

    pub(super) fn take(&mut self, events: impl IntoIterator<Item = VaultEvent>) {
        for event in events {
            self.rules.apply(self.now, &event);
            self.events.push(event.into());
        }
    }

    pub(super) fn decide(&mut self, host: &Host, command: &VaultCommand) -> Result<(), LifecycleError> {
        let events = lifecycle::decide(&self.rules, host, self.now, command)?;
        self.take(events);
        Ok(())
    }

    /// Takes the job's next step, whatever time the rules would give it: here the work is real.
    pub(super) fn step(&mut self, host: &Host, job: JobId) -> bool {
        let events = lifecycle::due(&self.rules, host, self.now, &Due::Step(job));
        let went_on = !events.is_empty();
        self.take(events);
        went_on
    }

    /// Takes steps until the job has ended or `enough` holds.
    pub(super) fn drive(&mut self, host: &Host, job: JobId, enough: impl Fn(&lifecycle::Job) -> bool) {
        for _ in 0..STEPS_MAX {
            let held = self.rules.jobs.get(&job);
            if held.is_none_or(|held| !held.is_active() || enough(held)) || !self.step(host, job) {
                return;
            }
        }
    }

    pub(super) fn entry(&self) -> Request {
        entry(self.now, &self.events)
    }
}

/// Answers `command` and appends what it makes happen.
///
/// # Errors
///
/// [`LifecycleError::Refused`]; log or storage that failed.
pub fn submit(vault: &Vault, now: Instant, command: &VaultCommand) -> Result<(), LifecycleError> {
    vault.append(&mut |catalogue| {
        let mut draft = Draft::of(catalogue, now);
        draft.decide(&Host::look(&catalogue.lifecycle), command)?;
        Ok::<_, LifecycleError>(draft.entry())
    })?;
    Ok(())
}

/// Answers `command` and carries the job that it makes through to its end, in one record: for jobs whose work is
/// nothing but their record.
///
/// # Errors
///
/// As [`submit`].
pub fn carry_out(vault: &Vault, now: Instant, command: &VaultCommand) -> Result<(), LifecycleError> {
    vault.append(&mut |catalogue| {
        let host = Host::look(&catalogue.lifecycle);
        let draft = carried_out(catalogue, &host, now, command)?;
        Ok::<_, LifecycleError>(draft.entry())
    })?;
    Ok(())
}

fn carried_out(
    catalogue: &Catalogue,
    host: &Host,
    now: Instant,
    command: &VaultCommand,
) -> Result<Draft, LifecycleError> {
    let mut draft = Draft::of(catalogue, now);
    let before = draft.rules.jobs_created;
    draft.decide(host, command)?;
    for job in before + 1..=draft.rules.jobs_created {
        draft.drive(host, JobId(job), |_| false);
    }
    Ok(draft)
}

/// Links a machine to a policy, and remembers its images. Without images those it has stay.
///
/// # Errors
///
/// As [`submit`].
pub fn protect(
    vault: &Vault,
    now: Instant,
    item: &VmIdentity,
    policy: &PolicyName,
    sources: Option<&Sources>,
) -> Result<(), LifecycleError> {
    vault.append(&mut |catalogue| {
        let mut host = Host::look(&catalogue.lifecycle);
        if let Some(sources) = sources {
            host = host.with(item, sources);
        }
        let command = VaultCommand::Protect { items: vec![item.clone()], policy: policy.clone() };
        let mut draft = carried_out(catalogue, &host, now, &command)?;
        if let Some(sources) = sources {
            let set = LifecycleEvent::SourcesSet { item: item.clone(), sources: sources.clone() };
            draft.events.insert(0, set);
        }
        Ok::<_, LifecycleError>(draft.entry())
    })?;
    Ok(())
}

/// Ends the schedule of a machine and forgets all its points. They can be undeleted until a sweep.
///
/// # Errors
///
/// As [`submit`]; [`LifecycleError::Pinned`].
pub fn delete_data(vault: &Vault, now: Instant, item: &VmIdentity) -> Result<usize, LifecycleError> {
    let command = VaultCommand::DeleteBackupData { item: item.clone() };
    let mut count = 0;
    // The rules are asked first, so that a refusal forgets nothing.
    let forgotten = vault.append(&mut |catalogue| {
        carried_out(catalogue, &Host::look(&catalogue.lifecycle), now, &command)?;
        let of_item = || catalogue.live_points().filter(|kept| kept.point.vm == item.name.as_str());
        let pinned = of_item().filter(|kept| kept.pinned.is_some()).count();
        if pinned > 0 {
            return Err(LifecycleError::Pinned { count: pinned });
        }
        let points: Vec<_> = of_item().map(|kept| kept.point.id).collect();
        count = points.len();
        if points.is_empty() {
            Err(LifecycleError::Nothing)
        } else {
            let word = Forgetting::AllOf(item.name.as_str().into());
            Ok(Request::Forget { points, host_time: now, word })
        }
    });
    match forgotten {
        Ok(_) | Err(LifecycleError::Nothing) => {}
        Err(error) => return Err(error),
    }
    carry_out(vault, now, &command)?;
    Ok(count)
}

/// Whether a job makes a recovery point.
pub(super) fn is_backup(job: &lifecycle::Job) -> bool {
    job.kind == JobKind::Backup
}
