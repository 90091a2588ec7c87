//! The steps of registering, linking a policy, stopping and deleting.

use alloc::vec::Vec;

use super::checks;
use super::due::Round;
use super::event::{AlertKind, VaultEvent};
use super::job::{Job, JobKind, Phase, TaskKind};
use crate::time::Span;

/// How long the installation of the extension takes; modelled.
const INSTALL_TAKES: Span = Span::from_milliseconds(3 * 60_000);
/// How long each other step here takes; modelled.
const STEP_TAKES: Span = Span::from_milliseconds(60_000);

impl Round<'_> {
    pub(super) fn begin_configure(&self, job: &Job) -> Vec<VaultEvent> {
        let (task, phase, takes) = match job.kind {
            JobKind::Register => (TaskKind::InstallExtension, Phase::Install, self.install_takes(job)),
            JobKind::StopProtection => (TaskKind::ApplyStop, Phase::Stop, STEP_TAKES),
            JobKind::DeleteBackupData => (TaskKind::Delete, Phase::Delete, STEP_TAKES),
            JobKind::ConfigureProtection | JobKind::Backup | JobKind::Restore => {
                (TaskKind::ApplyPolicy, Phase::Apply, STEP_TAKES)
            }
        };
        [VaultEvent::TaskStarted { job: job.id, task }, self.enter(job, phase, takes)].into()
    }

    /// An unsupported system lets the installation run to its deadline.
    fn install_takes(&self, job: &Job) -> Span {
        let supported = self.platform.vm(&job.item).is_none_or(|vm| vm.os_supported);
        if supported { INSTALL_TAKES } else { self.profile().install_deadline }
    }

    pub(super) fn configure_step(&self, job: &Job) -> Vec<VaultEvent> {
        match job.phase {
            Some(Phase::Install) => self.end_install(job),
            Some(Phase::Associate) => {
                self.done(job, TaskKind::Associate, [VaultEvent::ItemRegistered { item: job.item.clone() }])
            }
            Some(Phase::Apply) => {
                let policy = job.order.policy.clone();
                let assigned =
                    policy.map(|policy| VaultEvent::PolicyAssigned { item: job.item.clone(), policy });
                self.done(job, TaskKind::ApplyPolicy, assigned)
            }
            Some(Phase::Stop) => self.done(
                job,
                TaskKind::ApplyStop,
                [VaultEvent::ProtectionStopped { item: job.item.clone() }],
            ),
            Some(Phase::Delete) => self.done(
                job,
                TaskKind::Delete,
                [
                    VaultEvent::DataDeleted { item: job.item.clone() },
                    VaultEvent::AlertRaised {
                        item: job.item.clone(),
                        kind: AlertKind::DataDeleted,
                        id: None,
                    },
                ],
            ),
            _ => Vec::new(),
        }
    }

    fn end_install(&self, job: &Job) -> Vec<VaultEvent> {
        let fault = match self.platform.vm(&job.item) {
            Some(vm) => checks::registration(self.profile(), self.platform, vm),
            // Nothing to install into: the platform reports it as not running.
            None => Some(checks::Fault::new(crate::advice::AdviceId::Reg12, [])),
        };
        if let Some(fault) = fault {
            return self.fail(job, fault);
        }
        let version = self.platform.extension_latest();
        [
            VaultEvent::ExtensionInstalled { item: job.item.clone(), version },
            VaultEvent::TaskCompleted { job: job.id, task: TaskKind::InstallExtension },
            VaultEvent::TaskStarted { job: job.id, task: TaskKind::Associate },
            self.enter(job, Phase::Associate, STEP_TAKES),
        ]
        .into()
    }

    /// The last part of a job is done, and with it what the job was for.
    fn done(
        &self,
        job: &Job,
        task: TaskKind,
        outcome: impl IntoIterator<Item = VaultEvent>,
    ) -> Vec<VaultEvent> {
        let mut events: Vec<VaultEvent> = outcome.into_iter().collect();
        events.push(VaultEvent::TaskCompleted { job: job.id, task });
        events.push(VaultEvent::JobCompleted { job: job.id });
        events
    }
}
