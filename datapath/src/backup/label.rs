//! What each disk is called, across points.

use std::path::Path;

use vhault_core::catalogue::Catalogue;
use vhault_core::vault::point::Disk as PointDisk;

use super::source::Opened;
use super::{BackupError, BackupRequest};
use crate::disk::Disk;

/// A label for each disk: given, or that of a disk in the vault that its chain leads to, or its file's stem.
pub(super) fn label_all(
    catalogue: &Catalogue,
    request: &BackupRequest,
    disks: &[Opened],
) -> Result<Vec<String>, BackupError> {
    let by_chain: Vec<Option<String>> =
        disks.iter().map(|opened| label_by_chain(catalogue, &request.vm, &opened.disk)).collect();
    let stem = |path: &Path| {
        path.file_stem().map_or_else(|| "disk".to_string(), |stem| stem.to_string_lossy().into_owned())
    };
    let mut labels = Vec::with_capacity(disks.len());
    for (source, found) in request.sources.iter().zip(&by_chain) {
        // Copies of one image carry one id: where it would name two disks it names none.
        let unique = found.as_ref().filter(|label| {
            by_chain.iter().flatten().filter(|other| other == label).count() == 1
                && !request.sources.iter().any(|other| other.label.as_ref() == Some(*label))
        });
        let label = source.label.clone().or_else(|| unique.cloned()).unwrap_or_else(|| stem(&source.path));
        labels.push(label);
    }
    for (place, label) in labels.iter().enumerate() {
        if let Some(first) = labels[..place].iter().position(|other| other == label) {
            return Err(BackupError::SameLabel {
                label: label.clone(),
                first: request.sources[first].path.clone(),
                second: request.sources[place].path.clone(),
            });
        }
    }
    Ok(labels)
}

fn label_by_chain(catalogue: &Catalogue, vm: &str, disk: &Disk) -> Option<String> {
    let ids: Vec<[u8; 16]> = disk.chain().images().iter().filter_map(|image| image.unique_id()).collect();
    catalogue.live_points().rev().filter(|kept| kept.point.vm == vm).find_map(|kept| {
        let known = |disk: &&PointDisk| disk.container.unique_id.is_some_and(|id| ids.contains(&id));
        kept.point.disks.iter().find(known).map(|disk| disk.label.clone())
    })
}
