//! What damage means: which bytes of which disks cannot be restored.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use vhault_core::catalogue::Catalogue;
use vhault_core::digest::PageId;
use vhault_core::vault::point::ByteRange;
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::visit_leaves;

use super::{Affected, Verified};
use crate::monitor::{Event, Monitor};
use crate::vault::blobs::BlobReader;
use crate::vault::{Vault, VaultError};

/// Walks the pages of every disk of every live point and names what cannot be restored.
pub(super) fn walk(
    vault: &Vault,
    catalogue: &Catalogue,
    monitor: &dyn Monitor,
    verified: &mut Verified,
) -> Result<(), VaultError> {
    let mut reader = BlobReader::new(vault);
    let points: Vec<_> = catalogue.live_points().collect();
    monitor.hear(Event::Started { what: "walking recovery points".into(), total_bytes: points.len() as u64 });
    // A stream walked once need not be walked again: the same root leads to the same chunks.
    let mut walked: BTreeMap<(Option<PageId>, u64), Vec<ByteRange>> = BTreeMap::new();
    for kept in points {
        for disk in &kept.point.disks {
            verified.disks += 1;
            for (part, stream) in [
                ("", disk.content),
                (" (container layout)", disk.container.layout),
                (" (container literals)", disk.container.literals),
            ] {
                let key = (stream.root, stream.length.get());
                let ranges = match walked.entry(key) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(holes_of(vault, &mut reader, stream)?),
                };
                if !ranges.is_empty() {
                    verified.affected.push(Affected {
                        point: kept.point.id.to_string(),
                        vm: kept.point.vm.clone(),
                        disk: format!("{}{part}", disk.label),
                        ranges: ranges.clone(),
                    });
                }
            }
        }
        monitor.hear(Event::Advanced { bytes: 1 });
    }
    monitor.hear(Event::Finished);
    if !verified.affected.is_empty() {
        // Before anybody speaks of damage the log is read on: a point that was purged meanwhile is nobody's any more.
        vault.refresh()?;
        let head = vault.head();
        let there: BTreeSet<String> =
            head.catalogue.points.iter().map(|kept| kept.point.id.to_string()).collect();
        verified.affected.retain(|affected| there.contains(&affected.point));
    }
    Ok(())
}

fn holes_of(
    vault: &Vault,
    reader: &mut BlobReader<'_>,
    stream: Stream,
) -> Result<Vec<ByteRange>, VaultError> {
    let grid = vault.grid();
    let size = stream.length.get();
    let holes = RefCell::new(Vec::<ByteRange>::new());
    let add = |first_chunk: u64, chunks: u64| {
        let start = (first_chunk << grid.chunk_log2).min(size);
        let end = (first_chunk.saturating_add(chunks) << grid.chunk_log2).min(size);
        let mut holes = holes.borrow_mut();
        match holes.last_mut() {
            Some(last) if last.offset + last.length == start => last.length += end - start,
            _ => holes.push(ByteRange { offset: start, length: end - start }),
        }
    };
    visit_leaves::<_, VaultError>(
        reader,
        grid,
        stream,
        &mut |first_chunk, chunks| {
            let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
            for (chunk, id) in (first_chunk..).zip(chunks) {
                if id.is_some_and(|id| table.find_sound(&id.into()).is_none()) {
                    add(chunk, 1);
                }
            }
            Ok(())
        },
        &mut |page, _| {
            add(page.first_chunk, page.chunk_count);
            Ok(())
        },
    )?;
    Ok(holes.into_inner())
}
