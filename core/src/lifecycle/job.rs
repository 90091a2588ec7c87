//! A job: one unit of work on one item, and its parts in order.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::consistency::Consistency;
use super::names::{JobId, PolicyName, VmIdentity};
use super::platform::CopyWork;
use super::restore::RestoreRequest;
use super::shared::Shared;
use super::vm::Vm;
use crate::advice::AdviceId;
use crate::copy::course::on_the_way;
use crate::time::Instant;
use crate::units::ByteCount;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// Attaches the extension and associates machine and vault.
    Register,
    /// Links an item to a policy.
    ConfigureProtection,
    /// Makes a recovery point.
    Backup,
    /// Brings one back.
    Restore,
    /// Ends the schedule and keeps the points.
    StopProtection,
    /// Ends the schedule and deletes the points.
    DeleteBackupData,
}

impl JobKind {
    /// Its written name.
    pub const fn name(self) -> &'static str {
        match self {
            JobKind::Register => "register",
            JobKind::ConfigureProtection => "configure-protection",
            JobKind::Backup => "backup",
            JobKind::Restore => "restore",
            JobKind::StopProtection => "stop-protection",
            JobKind::DeleteBackupData => "delete-backup-data",
        }
    }
}

/// Who started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The schedule.
    Scheduled,
    /// A person, for a backup now.
    OnDemand,
    /// A person, for anything else.
    User,
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobStatus {
    /// Accepted, not started.
    Queued,
    /// At work.
    InProgress,
    /// At work, but asked to stop.
    Cancelling,
    /// Done.
    Completed,
    /// Done, with something to know.
    CompletedWithWarnings,
    /// Ended by an error.
    Failed,
    /// Ended by request.
    Cancelled,
}

impl JobStatus {
    /// Whether nothing follows.
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            JobStatus::Completed
                | JobStatus::CompletedWithWarnings
                | JobStatus::Failed
                | JobStatus::Cancelled
        )
    }

    /// Whether it ended as it should.
    pub const fn is_success(self) -> bool {
        matches!(self, JobStatus::Completed | JobStatus::CompletedWithWarnings)
    }
}

/// A part of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Puts the extension into the guest.
    InstallExtension,
    /// Associates machine and vault.
    Associate,
    /// Links item and policy.
    ApplyPolicy,
    /// Flushes and snapshots.
    TakeSnapshot,
    /// Copies to the vault.
    TransferData,
    /// Copies from the vault.
    TransferFromVault,
    /// Makes the restored machine.
    CreateVm,
    /// Ends the schedule.
    ApplyStop,
    /// Deletes the points.
    Delete,
}

/// How far a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// Not begun.
    NotStarted,
    /// At work.
    InProgress,
    /// Done.
    Completed,
    /// Ended by an error.
    Failed,
    /// Ended by request.
    Cancelled,
}

/// One part of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What it does.
    pub kind: TaskKind,
    /// How far it is.
    pub status: TaskStatus,
    /// When it began.
    pub started: Option<Instant>,
    /// When it ended.
    pub ended: Option<Instant>,
}

/// A step within a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Installing the extension while registering.
    Install,
    /// Associating while registering.
    Associate,
    /// Linking item and policy.
    Apply,
    /// Looking at the guest.
    Prepare,
    /// Asking applications to hold still.
    Quiesce,
    /// Taking the snapshots.
    Snapshot,
    /// Letting applications go on.
    Thaw,
    /// Waiting for the vault.
    Queue,
    /// Finding what changed.
    Delta,
    /// Copying.
    Copy,
    /// Making it a recovery point.
    Commit,
    /// Making the restored machine.
    CreateVm,
    /// Ending the schedule.
    Stop,
    /// Deleting the points.
    Delete,
}

/// Why a phase will end in failure once its time is up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doom {
    /// What the job will say.
    pub id: AdviceId,
    /// What is behind it.
    pub causes: Vec<AdviceId>,
    /// Whether what was copied until then can be used by the next run.
    pub resumable: bool,
}

/// What a job was asked to do, beyond its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The policy to link, for configuring protection.
    pub policy: Option<PolicyName>,
    /// Until when an on-demand point stays.
    pub retain_until: Option<Instant>,
    /// What to restore.
    pub restore: Option<RestoreRequest>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its number in the vault.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Who started it.
    pub trigger: Trigger,
    /// On which item.
    pub item: VmIdentity,
    /// What exactly was asked.
    pub order: Order,
    /// Where it is.
    pub status: JobStatus,
    /// The step it is in; none before the start and after the end.
    pub phase: Option<Phase>,
    /// When the step ends; the start while queued.
    pub phase_ends: Instant,
    /// When the step began; the creation while queued.
    pub phase_began: Instant,
    /// Its parts, in order.
    pub tasks: Vec<Task>,
    /// When it was accepted.
    pub created: Instant,
    /// When it started.
    pub started: Option<Instant>,
    /// When it ended.
    pub ended: Option<Instant>,
    /// What the copy has to do, once known.
    pub work: Option<CopyWork>,
    /// The consistency its snapshot reached.
    pub consistency: Option<Consistency>,
    /// When its snapshot finished.
    pub snapshot_finished: Option<Instant>,
    /// The machine as the snapshot found it.
    pub config: Option<Shared<Vm>>,
    /// Why its present step will fail.
    pub doom: Option<Doom>,
    /// When a cancel asked for takes effect.
    pub cancel_ends: Option<Instant>,
    /// The error it ended with.
    pub error: Option<AdviceId>,
    /// What was behind the error.
    pub causes: Vec<AdviceId>,
    /// What to know although it was done, or why it was late.
    pub warnings: Vec<AdviceId>,
}

impl Job {
    /// Whether it holds its item.
    pub fn is_active(&self) -> bool {
        !self.status.is_terminal()
    }

    /// The part at work, if any.
    pub fn current_task(&self) -> Option<TaskKind> {
        self.tasks.iter().find(|task| task.status == TaskStatus::InProgress).map(|task| task.kind)
    }

    /// Bytes copied by `now`, on the course of the copy step.
    pub fn bytes_done(&self, now: Instant) -> ByteCount {
        let Some(work) = self.work else { return ByteCount::ZERO };
        match self.phase {
            _ if self.status.is_success() => work.send,
            Some(Phase::Commit) => work.send,
            Some(Phase::Copy) => {
                let passed = now.since(self.phase_began);
                ByteCount::new(on_the_way(work.send.get(), passed, work.takes))
            }
            _ => ByteCount::ZERO,
        }
    }

    /// Bytes the copy has to send in all, once known.
    pub fn bytes_total(&self) -> Option<ByteCount> {
        self.work.map(|work| work.send)
    }
}
