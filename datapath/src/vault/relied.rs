//! What points rely on, looked up anew.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use vhault_core::digest::{ChunkId, PackName, PageId};
use vhault_core::vault::blob::BlobId;
use vhault_core::vault::page::Page;
use vhault_core::vault::point::RecoveryPoint;
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::Pages as _;

use super::blobs::BlobReader;
use super::error::VaultError;
use super::open::Vault;

/// The streams of a point.
pub fn streams_of(point: &RecoveryPoint) -> impl Iterator<Item = Stream> + '_ {
    point.disks.iter().flat_map(|disk| [disk.content, disk.container.layout, disk.container.literals])
}

/// The packs that hold everything `points` need, by the chunk table as it is now; `None` when something is gone.
///
/// # Errors
///
/// Storage that failed.
pub(super) fn packs_of(
    vault: &Vault,
    points: &[RecoveryPoint],
) -> Result<Option<BTreeSet<PackName>>, VaultError> {
    let mut packs = BTreeSet::new();
    let mut seen: BTreeSet<PageId> = BTreeSet::new();
    let mut reader = BlobReader::new(vault);
    let mut rely_on = |id: BlobId| {
        let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
        table.find_sound(&id).map(|found| packs.insert(found.pack)).is_some()
    };
    for stream in points.iter().flat_map(streams_of) {
        let Some(root) = stream.root else { continue };
        let mut waiting = vec![(root, vault.grid().root_level(stream.length))];
        while let Some((id, level)) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            if !rely_on(id.into()) {
                return Ok(None);
            }
            match reader.page(id, level) {
                Ok(Page::Leaf(chunks)) => {
                    let chunks: Vec<ChunkId> = chunks.into_iter().flatten().collect();
                    if !chunks.into_iter().all(|chunk| rely_on(chunk.into())) {
                        return Ok(None);
                    }
                }
                Ok(Page::Inner { pages, .. }) => {
                    waiting.extend(pages.into_iter().flatten().map(|page| (page, level.saturating_sub(1))));
                }
                Err(VaultError::Blob { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Some(packs))
}
