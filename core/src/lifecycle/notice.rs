//! What is said when something happens: the entry, its arguments and a link.
//!
//! A notice is a function of an event and never stored, so neither language
//! nor screens can change a state (I-45).

use alloc::vec::Vec;

use serde::Serialize;

use super::catalogue::Catalogue;
use super::event::VaultEvent;
use super::job::{JobKind, Phase};
use super::names::JobId;
use crate::advice::{AdviceId, Argument, Placeholder};

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The entry that says it.
    pub id: AdviceId,
    /// What goes into the gaps of its message.
    pub arguments: Vec<Argument>,
    /// The job that "View job" leads to (UI-03).
    pub job: Option<JobId>,
}

/// What `event` says in a vault that has already taken note of it.
pub fn notice(catalogue: &Catalogue, event: &VaultEvent) -> Option<Notice> {
    let classic = catalogue.profile.is_classic();
    let job = |job: &JobId| catalogue.jobs.get(job);
    let (id, arguments, link) = match event {
        VaultEvent::DiscoveryStarted { .. } => (AdviceId::Disc04, Vec::new(), None),
        VaultEvent::DiscoveryCompleted { found, new } => {
            let counts = [Argument::new(Placeholder::Count, found), Argument::new(Placeholder::New, new)];
            (AdviceId::Disc05, counts.into(), None)
        }
        VaultEvent::DiscoveryFailed { .. } => (AdviceId::Disc06, Vec::new(), None),
        VaultEvent::JobCreated { job, kind, item, .. } => {
            let id = match kind {
                JobKind::Register => AdviceId::Reg09,
                JobKind::ConfigureProtection => AdviceId::Prot07,
                JobKind::Backup => AdviceId::Bkp01,
                JobKind::Restore if classic => AdviceId::Rst14,
                JobKind::Restore | JobKind::StopProtection | JobKind::DeleteBackupData => AdviceId::Ui03,
            };
            (id, [Argument::new(Placeholder::Vm, &item.name)].into(), Some(*job))
        }
        VaultEvent::ExtensionInstalled { item, version } if *version > 1 => {
            (AdviceId::Reg04, [Argument::new(Placeholder::Vm, &item.name)].into(), None)
        }
        VaultEvent::ExtensionInstalled { item, .. } => {
            (AdviceId::Reg02, [Argument::new(Placeholder::Vm, &item.name)].into(), None)
        }
        VaultEvent::ItemRegistered { item } => {
            let names = [
                Argument::new(Placeholder::Vm, &item.name),
                Argument::new(Placeholder::Vault, &catalogue.name),
            ];
            (AdviceId::Reg03, names.into(), None)
        }
        VaultEvent::PhaseEntered { job, phase: Phase::Quiesce, .. } => {
            (AdviceId::Bkp02, Vec::new(), Some(*job))
        }
        VaultEvent::PhaseEntered { job, phase: Phase::Snapshot, .. } => {
            (AdviceId::Snap01, Vec::new(), Some(*job))
        }
        VaultEvent::SnapshotDelayed { job: id, cause, .. } => {
            let group = job(id).map(|job| Argument::new(Placeholder::CloudService, &job.item.group));
            (*cause, group.into_iter().collect(), Some(*id))
        }
        VaultEvent::SnapshotTaken { job, consistency, .. } => (consistency.advice(), Vec::new(), Some(*job)),
        VaultEvent::JobFailed { job: failed, id, .. } => {
            let max = Argument::new(Placeholder::Max, catalogue.profile.data_disks_max);
            (*id, [max].into(), Some(*failed))
        }
        VaultEvent::CancelFailed { job } => (AdviceId::Cancel04, Vec::new(), Some(*job)),
        VaultEvent::ProtectionStopped { .. } => (AdviceId::Stop01, Vec::new(), None),
        VaultEvent::DataDeleted { .. } => (AdviceId::Stop02, Vec::new(), None),
        VaultEvent::RestoreCompleted { job, vm: None, .. } => (AdviceId::Rst05, Vec::new(), Some(*job)),
        VaultEvent::AppRecoveryStarted { .. } => (AdviceId::Cons06, Vec::new(), None),
        VaultEvent::PolicyAssigned { item, .. } => {
            let state = catalogue.items.get(item).and_then(super::item::Item::status_advice);
            (state?, Vec::new(), None)
        }
        _ => return None,
    };
    Some(Notice { id, arguments, job: link })
}
