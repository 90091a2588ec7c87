//! What happened in a vault. Past tense, whole, never taken back.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::consistency::Consistency;
use super::item::{BackupPolicy, NotBefore};
use super::job::{Doom, JobKind, Order, Phase, TaskKind, Trigger};
use super::names::{JobId, PointNumber, PolicyName, RegionName, VmIdentity};
use super::platform::CopyWork;
use super::point::RecoveryPoint;
use super::profile::Profile;
use super::shared::Shared;
use super::vm::Vm;
use crate::advice::AdviceId;
use crate::time::{Instant, Span};
use crate::units::ByteCount;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// A backup failed.
    BackupFailed,
    /// A restore failed.
    RestoreFailed,
    /// Backup data was deleted.
    DataDeleted,
}

/// What happened in a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VaultEvent {
    /// The search for machines began; it ends then (DISC-04).
    DiscoveryStarted {
        /// When it ends.
        ends: Instant,
    },
    /// A machine was seen for the first time.
    VmListed {
        /// Which.
        item: VmIdentity,
        /// Where it is.
        region: RegionName,
    },
    /// The search ended (DISC-05).
    DiscoveryCompleted {
        /// How many machines there are.
        found: u32,
        /// How many of them are new.
        new: u32,
    },
    /// The search failed (DISC-06).
    DiscoveryFailed {
        /// Not to be tried again before.
        not_before: Instant,
    },
    /// A policy was made.
    PolicyCreated {
        /// Its name.
        name: PolicyName,
        /// What it says.
        policy: Box<BackupPolicy>,
    },
    /// A policy says something else now.
    PolicyUpdated {
        /// Its name.
        name: PolicyName,
        /// What it says.
        policy: Box<BackupPolicy>,
    },
    /// A policy nobody uses is gone.
    PolicyDeleted {
        /// Its name.
        name: PolicyName,
    },
    /// A run was due; the next is due then.
    RunDue {
        /// The policy.
        policy: PolicyName,
    },
    /// A due run left an item out, because it had one that day.
    RunSkipped {
        /// The item.
        item: VmIdentity,
        /// The rule.
        id: AdviceId,
    },
    /// A job was accepted; it starts then.
    JobCreated {
        /// Its number.
        job: JobId,
        /// What it does.
        kind: JobKind,
        /// Who started it.
        trigger: Trigger,
        /// On which item.
        item: VmIdentity,
        /// What exactly.
        order: Box<Order>,
        /// When it starts.
        starts: Instant,
    },
    /// A job is at work.
    JobStarted {
        /// The job.
        job: JobId,
    },
    /// A part of a job began.
    TaskStarted {
        /// The job.
        job: JobId,
        /// The part.
        task: TaskKind,
    },
    /// A step of a job began.
    PhaseEntered {
        /// The job.
        job: JobId,
        /// The step.
        phase: Phase,
        /// When it ends.
        ends: Instant,
    },
    /// The present step cannot succeed; it ends in this error.
    PhaseDoomed {
        /// The job.
        job: JobId,
        /// The error to come.
        doom: Box<Doom>,
    },
    /// A part of a job is done.
    TaskCompleted {
        /// The job.
        job: JobId,
        /// The part.
        task: TaskKind,
    },
    /// A job is done.
    JobCompleted {
        /// The job.
        job: JobId,
    },
    /// A job is done, with something to know.
    JobCompletedWithWarnings {
        /// The job.
        job: JobId,
        /// What to know.
        warnings: Vec<AdviceId>,
    },
    /// A job failed.
    JobFailed {
        /// The job.
        job: JobId,
        /// The error.
        id: AdviceId,
        /// What is behind it.
        causes: Vec<AdviceId>,
        /// When the same may be tried again by hand.
        not_before: Option<NotBefore>,
    },
    /// A cancel was accepted; it takes effect then.
    CancelRequested {
        /// The job.
        job: JobId,
        /// When it takes effect.
        ends: Instant,
    },
    /// A cancel came too late (CANCEL-04); the job goes on.
    CancelFailed {
        /// The job.
        job: JobId,
    },
    /// A job was cancelled.
    JobCancelled {
        /// The job.
        job: JobId,
    },
    /// Ended jobs older than the profile remembers are forgotten.
    JobsForgotten {
        /// Those that ended before this.
        before: Instant,
    },
    /// Registration began.
    ItemRegistering {
        /// The item.
        item: VmIdentity,
    },
    /// Registration is done.
    ItemRegistered {
        /// The item.
        item: VmIdentity,
    },
    /// Registration failed.
    RegistrationFailed {
        /// The item.
        item: VmIdentity,
        /// The error.
        id: AdviceId,
    },
    /// An item is not registered any more.
    ItemUnregistered {
        /// The item.
        item: VmIdentity,
    },
    /// The extension in a guest was installed or brought up to date.
    ExtensionInstalled {
        /// The item.
        item: VmIdentity,
        /// The version now there.
        version: u32,
    },
    /// A policy is being linked.
    ProtectionConfiguring {
        /// The item.
        item: VmIdentity,
    },
    /// A policy was linked, replacing any other (POL-06).
    PolicyAssigned {
        /// The item.
        item: VmIdentity,
        /// The policy.
        policy: PolicyName,
    },
    /// A snapshot is late.
    SnapshotDelayed {
        /// The job.
        job: JobId,
        /// Why.
        cause: AdviceId,
        /// By how much.
        by: Span,
    },
    /// A snapshot is there.
    SnapshotTaken {
        /// The job.
        job: JobId,
        /// How good it is.
        consistency: Consistency,
        /// The machine as it was.
        config: Shared<Vm>,
    },
    /// What to copy is known.
    DeltaComputed {
        /// The job.
        job: JobId,
        /// The work.
        work: CopyWork,
    },
    /// The copy is done.
    BlocksTransferred {
        /// The job.
        job: JobId,
        /// Bytes sent.
        bytes: ByteCount,
    },
    /// A copy ran out of time; the next run need not send this again.
    CopyCarried {
        /// The item.
        item: VmIdentity,
        /// Bytes already there.
        bytes: ByteCount,
    },
    /// A recovery point exists.
    PointCreated {
        /// The point.
        point: Box<RecoveryPoint>,
    },
    /// The clean-up ran.
    CleanUpRan,
    /// The clean-up took an expired point.
    PointPruned {
        /// The item.
        item: VmIdentity,
        /// The point.
        point: PointNumber,
    },
    /// The schedule of an item ended; its points stay.
    ProtectionStopped {
        /// The item.
        item: VmIdentity,
    },
    /// The points of an item are gone, and its schedule with them.
    DataDeleted {
        /// The item.
        item: VmIdentity,
    },
    /// A restore is done.
    RestoreCompleted {
        /// The job.
        job: JobId,
        /// The point that was brought back.
        point: PointNumber,
        /// The machine that was made; none when only disks were.
        vm: Option<VmIdentity>,
    },
    /// A restored database repairs itself (CONS-06).
    AppRecoveryStarted {
        /// The machine.
        vm: VmIdentity,
    },
    /// Someone should look.
    AlertRaised {
        /// About which item.
        item: VmIdentity,
        /// About what.
        kind: AlertKind,
        /// The error.
        id: Option<AdviceId>,
    },
    /// Someone would have been told, but the rules say it is known.
    AlertSuppressed {
        /// About which item.
        item: VmIdentity,
        /// The error.
        id: AdviceId,
    },
    /// Other rules apply now. Nothing is dropped; what they hold against items is flagged.
    ProfileSwitched {
        /// The rules.
        profile: Box<Profile>,
        /// What they hold against items.
        flags: Vec<(VmIdentity, AdviceId)>,
    },
    /// One of several items of a command was refused.
    ItemRefused {
        /// The item.
        item: VmIdentity,
        /// What the guides say, if they do.
        id: Option<AdviceId>,
    },
}
