//! What a copy becomes: the disks of its point, and the end of the stopped
//! copies that the point completes.

use std::collections::BTreeSet;

use vhault_core::catalogue::Catalogue;
use vhault_core::digest::PointId;
use vhault_core::protocol::{Forgetting, Refusal, Request};
use vhault_core::time::Instant;
use vhault_core::vault::point::{
    Container, ContainerKind, Copied, Disk as PointDisk, PointState, RecoveryPoint,
};
use vhault_core::vhd::ImageKind;

use super::source::Opened;
use super::{BackupError, Bases};
use crate::copy::CopiedDisk;
use crate::vault::{Vault, VaultError};

/// Whether a copy did nothing that an earlier one had not done.
pub(super) fn is_nothing(copied: &Copied) -> bool {
    copied.read_bytes == copied.audited_bytes && copied.zero_bytes == 0 && copied.kept_bytes == 0
}

/// One disk of the point, as it was copied.
pub(super) fn describe_disk(opened: &Opened, label: &str, bases: &Bases, copied: &CopiedDisk) -> PointDisk {
    let image = &opened.disk.chain().images()[0];
    let path = image.source().path();
    PointDisk {
        label: label.to_owned(),
        content: copied.content,
        container: Container {
            kind: match image.kind() {
                ImageKind::Raw => ContainerKind::Raw,
                ImageKind::Fixed => ContainerKind::Fixed,
                ImageKind::Dynamic => ContainerKind::Dynamic,
                ImageKind::Differencing => ContainerKind::Differencing,
            },
            file_name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            file_bytes: vhault_core::read::ReadAt::size(image.source()),
            unique_id: image.unique_id(),
            parent_id: image.parent().map(|parent| parent.unique_id),
            layout: copied.layout,
            literals: copied.literals,
        },
        sources: opened.identities.clone(),
        base: bases.base.as_ref().map(|base| base.point),
        unreadable: copied.unreadable.clone(),
        not_copied: copied.not_copied.clone(),
        copied: copied.copied,
    }
}

/// Forgets the stopped copies whose disks a whole point has all of, unless somebody pinned them.
pub(super) fn supersede(
    vault: &Vault,
    point: &RecoveryPoint,
    now: Instant,
) -> Result<Vec<PointId>, BackupError> {
    let has = |label: &str| point.disks.iter().any(|disk| disk.label == label);
    let completed = |catalogue: &Catalogue| -> Vec<PointId> {
        let of_vm = catalogue.live_points().filter(|kept| kept.point.vm == point.vm && kept.pinned.is_none());
        of_vm
            .filter(|kept| kept.point.state == PointState::Partial)
            .take_while(|kept| kept.point.id != point.id)
            .filter(|kept| kept.point.disks.iter().all(|disk| has(&disk.label)))
            .map(|kept| kept.point.id)
            .collect()
    };
    if completed(&vault.head().catalogue).is_empty() {
        return Ok(Vec::new());
    }
    let mut points = Vec::new();
    let appended = vault.append::<VaultError>(&mut |catalogue| {
        points = completed(catalogue);
        // A stopped copy is whole to nobody, so the rule that keeps the newest whole point has no say.
        let word = Forgetting::ByRule { damaged: BTreeSet::new() };
        Ok(Request::Forget { points: points.clone(), host_time: now, word })
    });
    match appended {
        // Somebody else forgot them meanwhile.
        Ok(_) | Err(VaultError::Refused(Refusal::Nothing)) => Ok(points),
        Err(error) => Err(error.into()),
    }
}
