//! Case: an event of one vault, and why it happened.

use alloc::vec::Vec;

use super::culprit::culprits;
use super::rule::Rule;
use super::{Cause, Past, root};
use crate::advice::AdviceId;
use crate::lifecycle::{AlertKind, Consistency, JobId, JobKind, Trigger, VaultEvent, VaultName, VmIdentity};
use crate::sim::event::Event;

/// The job that `event` ends, if it ends one.
pub(super) fn ended_job(event: &VaultEvent) -> Option<JobId> {
    match event {
        VaultEvent::JobCompleted { job }
        | VaultEvent::JobCompletedWithWarnings { job, .. }
        | VaultEvent::JobFailed { job, .. }
        | VaultEvent::JobCancelled { job } => Some(*job),
        _ => None,
    }
}

/// An event of one vault, and what happened before it.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) past: Past<'a>,
    pub(super) vault: &'a VaultName,
}

impl Case<'_> {
    fn newest(&self, test: impl Fn(&VaultEvent) -> bool) -> Option<usize> {
        self.past
            .newest(|event| matches!(event, Event::Vault(vault, event) if vault == self.vault && test(event)))
    }

    fn event(&self, place: usize) -> Option<&VaultEvent> {
        match &self.past.history.get(place)?.event {
            Event::Vault(_, event) => Some(event),
            _ => None,
        }
    }

    fn item_of(&self, job: JobId) -> Option<&VmIdentity> {
        match self.event(self.past.created(self.vault, job)?)? {
            VaultEvent::JobCreated { item, .. } => Some(item),
            _ => None,
        }
    }

    /// Where the job of one of these kinds that holds `item` was accepted.
    fn holder(&self, item: &VmIdentity, kinds: &[JobKind]) -> Option<usize> {
        let mut ended = Vec::new();
        self.past.history.iter().rposition(|record| {
            let Event::Vault(vault, event) = &record.event else { return false };
            if vault != self.vault {
                return false;
            }
            ended.extend(ended_job(event));
            matches!(event, VaultEvent::JobCreated { job, kind, item: held, .. }
                if held == item && kinds.contains(kind) && !ended.contains(job))
        })
    }

    fn of_job(&self, rule: Rule, job: JobId) -> Cause {
        self.past.follows(rule, self.past.created(self.vault, job))
    }

    /// The same with what the catalogue says, and the deeds behind that.
    fn told(&self, cause: Cause, item: Option<&VmIdentity>, ids: &[AdviceId]) -> Cause {
        let circumstances = culprits(self.past.history, item, ids);
        let circumstances = circumstances.into_iter().filter(|place| Some(*place) != cause.of).collect();
        Cause { advice: ids.to_vec(), circumstances, ..cause }
    }

    /// Why `event` happened in the vault.
    pub(super) fn cause(&self, event: &VaultEvent) -> Cause {
        match event {
            VaultEvent::DiscoveryStarted { .. }
            | VaultEvent::PolicyCreated { .. }
            | VaultEvent::PolicyUpdated { .. }
            | VaultEvent::PolicyDeleted { .. }
            | VaultEvent::CancelRequested { .. }
            | VaultEvent::ItemUnregistered { .. }
            | VaultEvent::ProfileSwitched { .. } => root(Rule::Asked),
            VaultEvent::ItemRefused { item, id } => {
                let ids: Vec<AdviceId> = id.iter().copied().collect();
                self.told(root(Rule::RefusedAmongOthers), Some(item), &ids)
            }
            VaultEvent::VmListed { .. } => match self.discovery_that_ends() {
                Some(of) => self.past.follows(Rule::DiscoveryEnds, Some(of)),
                None => root(Rule::ListedByProtecting),
            },
            VaultEvent::DiscoveryCompleted { .. } => {
                self.past.follows(Rule::DiscoveryEnds, self.discovery_that_ends())
            }
            VaultEvent::DiscoveryFailed { .. } => {
                let cause = self.past.follows(Rule::CheckFailed, self.discovery_that_ends());
                self.told(cause, None, &[AdviceId::Disc06])
            }
            VaultEvent::RunDue { policy } => self.past.follows(Rule::Schedule, self.newest(|event| {
                matches!(event, VaultEvent::PolicyCreated { name, .. } | VaultEvent::PolicyUpdated { name, .. }
                    if name == policy)
            })),
            VaultEvent::RunSkipped { id, .. } => {
                let cause = self.past.follows(Rule::OneRunADay, self.run());
                Cause { advice: [*id].into(), ..cause }
            }
            VaultEvent::CleanUpRan => self.past.follows(Rule::CleanUpDaily, self.past.newest(|event| {
                matches!(event, Event::VaultCreated(name, ..) if name == self.vault)
            })),
            VaultEvent::JobsForgotten { .. } => {
                self.past.follows(Rule::OldForgotten, self.newest(|event| *event == VaultEvent::CleanUpRan))
            }
            of_item_or_job => self.of_item_or_job(of_item_or_job),
        }
    }

    fn of_item_or_job(&self, event: &VaultEvent) -> Cause {
        let held = |rule, item: &VmIdentity, kind| self.past.follows(rule, self.holder(item, &[kind]));
        match event {
            VaultEvent::ItemRegistering { item } => held(Rule::JobAccepted, item, JobKind::Register),
            VaultEvent::ItemRegistered { item } => held(Rule::StepOfJob, item, JobKind::Register),
            VaultEvent::RegistrationFailed { item, id } => {
                self.told(held(Rule::CheckFailed, item, JobKind::Register), Some(item), &[*id])
            }
            VaultEvent::ProtectionConfiguring { item } => {
                held(Rule::JobAccepted, item, JobKind::ConfigureProtection)
            }
            VaultEvent::PolicyAssigned { item, .. } => {
                held(Rule::StepOfJob, item, JobKind::ConfigureProtection)
            }
            VaultEvent::ProtectionStopped { item } => held(Rule::StepOfJob, item, JobKind::StopProtection),
            VaultEvent::DataDeleted { item } => held(Rule::StepOfJob, item, JobKind::DeleteBackupData),
            VaultEvent::ExtensionInstalled { item, .. } => {
                let of = self.holder(item, &[JobKind::Register, JobKind::Backup]);
                self.past.follows(Rule::ExtensionNeeded, of)
            }
            VaultEvent::CopyCarried { item, .. } => {
                let doomed = |event: &VaultEvent| match event {
                    VaultEvent::PhaseDoomed { job, .. } => self.item_of(*job) == Some(item),
                    _ => false,
                };
                self.past.follows(Rule::SentIsKept, self.newest(doomed))
            }
            VaultEvent::PointPruned { point, .. } => {
                let made = self.newest(|event| {
                    matches!(event, VaultEvent::PointCreated { point: made } if made.number == *point)
                });
                let clean_up = self.newest(|event| *event == VaultEvent::CleanUpRan);
                let cause = self.past.follows(Rule::RetentionOver, made);
                Cause { circumstances: clean_up.into_iter().collect(), ..cause }
            }
            VaultEvent::AppRecoveryStarted { vm } => {
                let restored = |event: &VaultEvent| matches!(event, VaultEvent::RestoreCompleted { vm: Some(made), .. } if made == vm);
                self.past.follows(Rule::ApplicationRepairs, self.newest(restored))
            }
            VaultEvent::AlertRaised { item, kind: AlertKind::DataDeleted, .. } => {
                let deleted = |event: &VaultEvent| matches!(event, VaultEvent::DataDeleted { item: held } if held == item);
                self.past.follows(Rule::AlertOfEnd, self.newest(deleted))
            }
            VaultEvent::AlertRaised { item, id, .. } => {
                let cause = self.past.follows(Rule::AlertOfEnd, self.failure(item));
                Cause { advice: id.iter().copied().collect(), ..cause }
            }
            VaultEvent::AlertSuppressed { item, id } => {
                let cause = self.past.follows(Rule::KnownFailure, self.failure(item));
                Cause { advice: [*id].into(), ..cause }
            }
            of_job => self.of_one_job(of_job),
        }
    }

    fn of_one_job(&self, event: &VaultEvent) -> Cause {
        let after = |rule, test: &dyn Fn(&VaultEvent) -> bool| self.past.follows(rule, self.newest(test));
        match event {
            VaultEvent::JobCreated { trigger: Trigger::Scheduled, .. } => {
                self.past.follows(Rule::RunTakesMachine, self.run())
            }
            VaultEvent::JobStarted { job } => self.of_job(Rule::JobAccepted, *job),
            VaultEvent::TaskStarted { job, .. }
            | VaultEvent::TaskCompleted { job, .. }
            | VaultEvent::PhaseEntered { job, .. } => self.of_job(Rule::StepOfJob, *job),
            VaultEvent::RestoreCompleted { job, .. } => self.of_job(Rule::WorkDone, *job),
            VaultEvent::SnapshotDelayed { job, cause, .. } => {
                self.told(self.of_job(Rule::SnapshotDelayed, *job), self.item_of(*job), &[*cause])
            }
            VaultEvent::SnapshotTaken { job, consistency, .. } => {
                let cause = self.of_job(Rule::SnapshotOfBackup, *job);
                match consistency {
                    Consistency::Application => Cause { advice: [consistency.advice()].into(), ..cause },
                    _ => self.told(cause, self.item_of(*job), &[consistency.advice()]),
                }
            }
            VaultEvent::DeltaComputed { job, .. } => after(
                Rule::SnapshotCompared,
                &|event| matches!(event, VaultEvent::SnapshotTaken { job: taken, .. } if taken == job),
            ),
            VaultEvent::BlocksTransferred { job, .. } => after(
                Rule::CopySent,
                &|event| matches!(event, VaultEvent::DeltaComputed { job: computed, .. } if computed == job),
            ),
            VaultEvent::PointCreated { point } => {
                let cause = after(
                    Rule::PointOfSnapshot,
                    &|event| matches!(event, VaultEvent::SnapshotTaken { job, .. } if *job == point.job),
                );
                Cause { advice: [point.consistency.advice()].into(), ..cause }
            }
            VaultEvent::PhaseDoomed { job, doom } => {
                let mut ids = Vec::from([doom.id]);
                ids.extend(&doom.causes);
                self.told(self.of_job(Rule::CannotSucceed, *job), self.item_of(*job), &ids)
            }
            VaultEvent::JobFailed { job, id, causes, .. } => self.failed(*job, *id, causes),
            VaultEvent::JobCompleted { job } => self.of_job_done(*job),
            VaultEvent::JobCompletedWithWarnings { job, warnings } => {
                let cause = after(
                    Rule::LessThanAsked,
                    &|event| matches!(event, VaultEvent::SnapshotTaken { job: taken, .. } if taken == job),
                );
                self.told(cause, self.item_of(*job), warnings)
            }
            VaultEvent::JobCancelled { job } => after(
                Rule::CancelTookEffect,
                &|event| matches!(event, VaultEvent::CancelRequested { job: asked, .. } if asked == job),
            ),
            VaultEvent::CancelFailed { job } => after(
                Rule::CancelTooLate,
                &|event| matches!(event, VaultEvent::CancelRequested { job: asked, .. } if asked == job),
            ),
            _ => root(Rule::Asked),
        }
    }

    /// The search that ends at this moment.
    fn discovery_that_ends(&self) -> Option<usize> {
        let newest = self.newest(|event| {
            matches!(
                event,
                VaultEvent::DiscoveryStarted { .. }
                    | VaultEvent::DiscoveryCompleted { .. }
                    | VaultEvent::DiscoveryFailed { .. }
            )
        })?;
        let ends = |event: &VaultEvent| matches!(event, VaultEvent::DiscoveryStarted { ends } if *ends == self.past.at);
        self.event(newest).is_some_and(ends).then_some(newest)
    }

    /// The run that is due at this moment.
    fn run(&self) -> Option<usize> {
        self.newest(|event| matches!(event, VaultEvent::RunDue { .. }))
    }

    /// The newest failed job of `item`.
    fn failure(&self, item: &VmIdentity) -> Option<usize> {
        self.newest(|event| match event {
            VaultEvent::JobFailed { job, .. } => self.item_of(*job) == Some(item),
            _ => false,
        })
    }

    fn failed(&self, job: JobId, id: AdviceId, causes: &[AdviceId]) -> Cause {
        let item = self.item_of(job);
        let mut ids = Vec::from([id]);
        ids.extend(causes);
        let doomed = self
            .newest(|event| matches!(event, VaultEvent::PhaseDoomed { job: doomed, .. } if *doomed == job));
        let vanished = matches!(id, AdviceId::Bkp18) || doomed.is_none();
        let cause = if vanished {
            self.of_job(Rule::CheckFailed, job)
        } else {
            self.past.follows(Rule::TimeUp, doomed)
        };
        let mut cause = self.told(cause, item, &ids);
        if causes.contains(&AdviceId::Job01) {
            // What holds the machine is another job, accepted before this one.
            let held = item.and_then(|item| self.holder_beside(item, job));
            cause.circumstances = held.into_iter().collect();
        }
        cause
    }

    /// Where the job that holds `item`, other than `job`, was accepted.
    fn holder_beside(&self, item: &VmIdentity, job: JobId) -> Option<usize> {
        let mut ended = Vec::from([job]);
        self.past.history.iter().rposition(|record| {
            let Event::Vault(vault, event) = &record.event else { return false };
            if vault != self.vault {
                return false;
            }
            ended.extend(ended_job(event));
            matches!(event, VaultEvent::JobCreated { job, item: held, .. } if held == item && !ended.contains(job))
        })
    }

    /// What the job made at this moment, or else that it was accepted.
    fn of_job_done(&self, job: JobId) -> Cause {
        let item = self.item_of(job);
        let outcome = self.newest(|event| match event {
            VaultEvent::PointCreated { point } => point.job == job,
            VaultEvent::RestoreCompleted { job: restored, .. } => *restored == job,
            VaultEvent::PolicyAssigned { item: held, .. }
            | VaultEvent::ItemRegistered { item: held }
            | VaultEvent::ProtectionStopped { item: held }
            | VaultEvent::DataDeleted { item: held } => Some(held) == item,
            _ => false,
        });
        let now = outcome.filter(|place| self.past.history[*place].at == self.past.at);
        match now {
            Some(_) => self.past.follows(Rule::WorkDone, now),
            None => self.of_job(Rule::WorkDone, job),
        }
    }
}
