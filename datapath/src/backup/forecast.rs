//! What a backup will have to do, before it begins.

use vhault_core::advice::AdviceId;
use vhault_core::catalogue::Catalogue;
use vhault_core::copy::estimate::{Circumstances, Estimate, Reckoning, Work, estimate_by};
use vhault_core::lifecycle::{Profile, ProfileId};
use vhault_core::units::SECTOR_BYTES;

use super::source::Opened;
use super::{BackupRequest, Bases};
use crate::copy::{AUDIT_RUNS, DiskPlan};

/// What to expect of copying `plans`.
pub(super) fn forecast(
    catalogue: &Catalogue,
    request: &BackupRequest,
    disks: &[Opened],
    bases: &[Bases],
    plans: &[DiskPlan],
) -> Estimate {
    let work: Vec<Work> = disks
        .iter()
        .zip(bases)
        .zip(plans)
        .map(|((opened, bases), plan)| work_of(opened, bases, plan))
        .collect();
    let limits = request.options.limits;
    let circumstances = Circumstances {
        deadline: limits.set,
        disk_deadline: limits.disk,
        risky_data_disks: usize::try_from(Profile::of(ProfileId::Recovery2016).copy_risk_data_disks)
            .unwrap_or(usize::MAX),
        read_limit: request.options.read_limit,
        time_out: AdviceId::Bkp13,
    };
    let copies = catalogue.live_points().rev().map(|kept| {
        let sum = |part: fn(&vhault_core::vault::point::Copied) -> u64| {
            kept.point.disks.iter().map(|disk| part(&disk.copied)).fold(0, u64::saturating_add)
        };
        let work =
            Work { read_bytes: sum(|copied| copied.read_bytes), new_bytes: sum(|copied| copied.new_bytes) };
        (work, kept.point.took)
    });
    estimate_by(&work, &Reckoning::of(copies), &circumstances)
}

/// Rather too much than too little: what tables and file systems say is stored, and what changed last time.
fn work_of(opened: &Opened, bases: &Bases, plan: &DiskPlan) -> Work {
    let size = opened.disk.size().get();
    let stored = size.min(opened.stored_bytes);
    let read_bytes = match (&plan.resume, &plan.hint) {
        (Some(resume), _) => resume.missing.bytes().min(stored),
        (None, Some(hint)) => {
            let changed = hint.changed.sectors().get().saturating_mul(SECTOR_BYTES).min(size);
            let audited = hint.audit_part.map_or(0, |_| (size - changed) / AUDIT_RUNS);
            (changed + audited).min(size)
        }
        (None, None) => stored,
    };
    let changed_before = bases.base.as_ref().filter(|base| base.disk.base.is_some());
    let new_bytes = match changed_before {
        Some(base) => base.disk.copied.new_bytes.min(read_bytes),
        None => read_bytes,
    };
    Work { read_bytes, new_bytes }
}
