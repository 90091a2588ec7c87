//! Every blob of every committed pack: decrypted, decoded, hashed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use vhault_core::catalogue::{Catalogue, DamagedBlobs};
use vhault_core::digest::PackName;
use vhault_core::vault::record::PackEntry;

use super::structure::still_live;
use super::{Damage, Verified};
use crate::causes::with_causes;
use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::vault::blobs::BlobReader;
use crate::vault::store::Name;
use crate::vault::table::Found;
use crate::vault::{BlobError, Vault, VaultError};

/// Decodes and hashes every blob of the `chosen` packs, by each pack's own index, and takes note of the copies that are
/// damaged. `note` hears of each pack whether it is whole.
pub(super) fn look(
    vault: &Vault,
    catalogue: &Catalogue,
    threads: usize,
    monitor: &dyn Monitor,
    chosen: &BTreeSet<PackName>,
    note: &(dyn Fn(PackName, bool) + Sync),
    verified: &mut Verified,
) -> Result<(), VaultError> {
    let packs: Vec<PackEntry> = catalogue
        .live_packs()
        .iter()
        .map(|pack| pack.entry)
        .filter(|pack| chosen.contains(&pack.name))
        .collect();
    let total_bytes = packs.iter().map(|pack| pack.file_bytes).sum();
    monitor.hear(Event::Started { what: "verifying chunks".into(), total_bytes });
    let checked = Checked::default();
    let done = spread(
        threads,
        |send| {
            for pack in packs {
                if !send(pack) {
                    break;
                }
            }
            Ok::<(), VaultError>(())
        },
        || BlobReader::new(vault),
        |reader, pack| {
            if let Some(is_whole) = check_pack(vault, reader, pack, &checked, monitor)? {
                note(pack.name, is_whole);
            }
            Ok(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    verified.read_bytes += total_bytes;
    verified.blobs = checked.blobs.into_inner();
    let mut damage = checked.damage.into_inner().unwrap_or_else(PoisonError::into_inner);
    damage.sort_by(|first, second| first.file.cmp(&second.file));
    // A pack whose length is wrong was told already; what it lost is told blob by blob.
    verified.damage.extend(damage);
    verified.copies.extend(checked.copies.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(())
}

#[derive(Default)]
struct Checked {
    blobs: AtomicU64,
    damage: Mutex<Vec<Damage>>,
    copies: Mutex<BTreeMap<PackName, DamagedBlobs>>,
}

/// Whether a pack is whole; `None` where a sweep took it away.
fn check_pack(
    vault: &Vault,
    reader: &mut BlobReader<'_>,
    pack: PackEntry,
    checked: &Checked,
    monitor: &dyn Monitor,
) -> Result<Option<bool>, VaultError> {
    let damaged = |what: String| {
        let damage = Damage { file: Name::pack(pack.name).to_string(), what };
        checked.damage.lock().unwrap_or_else(PoisonError::into_inner).push(damage);
    };
    let mut is_whole = true;
    let places = match reader.index(pack.name, pack.file_bytes) {
        Ok(places) => places,
        // A sweep that came by took it away; what it held lies elsewhere, or nobody needs it.
        Err(BlobError::MissingPack { .. }) if !still_live(vault, pack.name)? => return Ok(None),
        Err(error) => {
            is_whole = false;
            damaged(format!("its index cannot be used: {}", with_causes(&error)));
            let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
            let here = table.all().filter(|(_, found)| found.pack == pack.name);
            here.map(|(_, found)| found.place).collect()
        }
    };
    let mut reached = 0;
    let mut copies = DamagedBlobs::default();
    for place in places {
        let found = Found { place, pack: pack.name };
        checked.blobs.fetch_add(1, Ordering::Relaxed);
        match reader.read(&found) {
            Ok(_) => {}
            Err(VaultError::Blob { source: BlobError::MissingPack { .. }, .. })
                if !still_live(vault, pack.name)? =>
            {
                return Ok(None);
            }
            Err(error) => {
                damaged(with_causes(&error));
                copies.insert(&place.id);
            }
        }
        monitor.hear(Event::Advanced { bytes: place.end().saturating_sub(reached) });
        reached = place.end();
    }
    monitor.hear(Event::Advanced { bytes: pack.file_bytes.saturating_sub(reached) });
    is_whole &= copies.count() == 0;
    if copies.count() > 0 {
        checked.copies.lock().unwrap_or_else(PoisonError::into_inner).insert(pack.name, copies);
    }
    Ok(Some(is_whole))
}
