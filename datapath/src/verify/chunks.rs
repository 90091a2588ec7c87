//! Every blob of every committed pack: decrypted, decoded, hashed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use vhault_core::catalogue::Catalogue;
use vhault_core::vault::blob::BlobId;
use vhault_core::vault::record::PackEntry;

use super::{Damage, Verified, chain};
use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::vault::blobs::BlobReader;
use crate::vault::store::Name;
use crate::vault::table::Found;
use crate::vault::{Vault, VaultError};

/// Decodes and hashes every blob of every committed pack, by the pack's own index, and returns those that are lost.
pub(super) fn look(
    vault: &Vault,
    catalogue: &Catalogue,
    threads: usize,
    monitor: &dyn Monitor,
    verified: &mut Verified,
) -> Result<BTreeSet<BlobId>, VaultError> {
    let committed = || catalogue.live_packs().filter(|pack| !catalogue.sessions.contains_key(&pack.session));
    let total_bytes = committed().map(|pack| pack.entry.file_bytes).sum();
    monitor.hear(Event::Started { what: "verifying chunks".into(), total_bytes });
    let checked = Checked::default();
    let done = spread(
        threads,
        |send| {
            for pack in committed() {
                if !send(pack.entry) {
                    break;
                }
            }
            Ok::<(), VaultError>(())
        },
        || BlobReader::new(vault),
        |reader, pack| {
            check_pack(vault, reader, pack, &checked, monitor);
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
    Ok(checked.lost.into_inner().unwrap_or_else(PoisonError::into_inner))
}

#[derive(Default)]
struct Checked {
    blobs: AtomicU64,
    damage: Mutex<Vec<Damage>>,
    lost: Mutex<BTreeSet<BlobId>>,
}

fn check_pack(
    vault: &Vault,
    reader: &mut BlobReader<'_>,
    pack: PackEntry,
    checked: &Checked,
    monitor: &dyn Monitor,
) {
    let damaged = |what: String| {
        let damage = Damage { file: Name::pack(pack.name).to_string(), what };
        checked.damage.lock().unwrap_or_else(PoisonError::into_inner).push(damage);
    };
    let places = match reader.index(pack.name, pack.file_bytes) {
        Ok(places) => places,
        Err(error) => {
            damaged(format!("its index cannot be used: {}", chain(&error)));
            let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
            table.all().filter(|found| found.pack == pack.name).map(|found| found.place).collect()
        }
    };
    let mut reached = 0;
    for place in places {
        let found = Found { place, pack: pack.name };
        checked.blobs.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = reader.read(&found) {
            damaged(chain(&error));
            let current = vault.table().read().unwrap_or_else(PoisonError::into_inner).find(&place.id);
            // A newer copy in another pack is what a restore takes.
            if current.is_none_or(|current| current.pack == pack.name) {
                checked.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(place.id);
            }
        }
        monitor.hear(Event::Advanced { bytes: place.end().saturating_sub(reached) });
        reached = place.end();
    }
    monitor.hear(Event::Advanced { bytes: pack.file_bytes.saturating_sub(reached) });
}
