//! What each disk is compared with, and what is to be copied of it.

use std::sync::Arc;

use vhault_core::catalogue::Catalogue;
use vhault_core::copy::audit::Turn;
use vhault_core::digest::PointId;

use super::base::Base;
use super::label::label_all;
use super::source::Opened;
use super::{BackupError, BackupRequest};
use crate::copy::DiskPlan;
use crate::copy::journal::{DeadJournal, Journaled};

/// What a disk is compared with.
#[derive(Default)]
pub(super) struct Bases {
    pub(super) base: Option<Base>,
    pub(super) stopped: Option<Base>,
}

impl Bases {
    pub(super) fn points(&self) -> impl Iterator<Item = PointId> {
        [&self.base, &self.stopped].into_iter().flatten().map(|base| base.point)
    }

    /// Forgets what was purged meanwhile.
    pub(super) fn keep_only(&mut self, standing: &[PointId]) {
        for base in [&mut self.base, &mut self.stopped] {
            if base.as_ref().is_some_and(|base| !standing.contains(&base.point)) {
                *base = None;
            }
        }
    }
}

pub(super) fn compare_with(
    catalogue: &Catalogue,
    request: &BackupRequest,
    disks: &[Opened],
) -> Result<(Vec<String>, Vec<Bases>), BackupError> {
    let labels = label_all(catalogue, request, disks)?;
    let bases = labels
        .iter()
        .zip(disks)
        .map(|(label, opened)| {
            let base = Base::newest(catalogue, &request.vm, label);
            let stopped = Base::stopped(catalogue, &request.vm, label, base.as_ref(), opened);
            Bases { base, stopped }
        })
        .collect();
    Ok((labels, bases))
}

/// What is to be copied of each disk; with `trust`, only what is not proven to be in the vault.
pub(super) fn plan(
    request: &BackupRequest,
    disks: &[Opened],
    bases: &[Bases],
    dead: &[Arc<DeadJournal>],
    trust: bool,
) -> Result<Vec<DiskPlan>, BackupError> {
    disks
        .iter()
        .zip(bases)
        .map(|(opened, Bases { base, stopped })| {
            let hint = match base {
                Some(base) if trust => base.hint(opened, request.options.limits.stall)?,
                _ => None,
            };
            Ok(DiskPlan {
                disk: Arc::clone(&opened.disk),
                base: base.as_ref().map(|base| base.disk.content),
                hint,
                resume: stopped.as_ref().filter(|_| trust).map(Base::resume),
                journaled: if trust { opened.journaled(dead) } else { Journaled::default() },
            })
        })
        .collect()
}

/// What a plan audits.
pub(super) fn audit_turn(plan: &DiskPlan) -> Turn {
    match &plan.hint {
        None => Turn::Everything,
        Some(hint) => hint.audit_part.map_or(Turn::Nothing, Turn::Part),
    }
}
