//! Every pack and fragment by its name, without any key.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use vhault_core::digest::{FragmentName, PackName};

use super::structure::walk_log;
use super::{Damage, Level, Verified};
use crate::causes::with_causes;
use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::vault::VaultError;
use crate::vault::open::read_settings;
use crate::vault::store::{Name, Store};

/// Bytes of a pack hashed at once.
const WINDOW_BYTES: usize = 256 << 10;

/// Hashes every pack and fragment that the log names, without any key.
///
/// # Errors
///
/// [`VaultError`] when the settings or a record cannot be read at all.
pub fn verify_packs(
    store: &dyn Store,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<Verified, VaultError> {
    let settings = read_settings(store)?;
    let mut verified = Verified::new(Level::Packs);
    let mut packs: BTreeSet<PackName> = BTreeSet::new();
    let mut fragments: BTreeSet<FragmentName> = BTreeSet::new();
    verified.records = walk_log(store, settings.vault, &mut |_, head, _| {
        packs.extend(&head.packs_added);
        for pack in &head.packs_removed {
            packs.remove(pack);
        }
        fragments.extend(&head.fragments_added);
        for fragment in &head.fragments_removed {
            fragments.remove(fragment);
        }
    })?;
    verified.packs = packs.len() as u64;
    verified.fragments = fragments.len() as u64;
    let files: Vec<(Name, [u8; 32])> = packs
        .iter()
        .map(|pack| (Name::pack(*pack), *pack.as_bytes()))
        .chain(fragments.iter().map(|name| (Name::fragment(*name), *name.as_bytes())))
        .collect();
    let mut total_bytes = 0;
    for (name, _) in &files {
        total_bytes += store.size(name).map_err(VaultError::Store)?.unwrap_or(0);
    }
    monitor.hear(Event::Started { what: "hashing packs".into(), total_bytes });
    let found = Mutex::new(Vec::new());
    let done = spread(
        threads,
        |send| {
            for file in files {
                if !send(file) {
                    break;
                }
            }
            Ok::<(), VaultError>(())
        },
        || vec![0; WINDOW_BYTES],
        |window, (name, wanted)| {
            if let Some(what) = hash_file(store, &name, &wanted, window, monitor) {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push(Damage { file: name.to_string(), what });
            }
            Ok(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    verified.read_bytes = total_bytes;
    verified.damage = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    verified.damage.sort_by(|first, second| first.file.cmp(&second.file));
    Ok(verified)
}

fn hash_file(
    store: &dyn Store,
    name: &Name,
    wanted: &[u8; 32],
    window: &mut [u8],
    monitor: &dyn Monitor,
) -> Option<String> {
    let length = match store.size(name) {
        Ok(Some(length)) => length,
        Ok(None) => return Some("it is missing".into()),
        Err(error) => return Some(with_causes(&error)),
    };
    let mut hasher = blake3::Hasher::new();
    let mut at = 0;
    while at < length {
        let piece = usize::try_from(length - at).unwrap_or(WINDOW_BYTES).min(WINDOW_BYTES);
        match store.read_at(name, at, &mut window[..piece]) {
            Ok(true) => hasher.update(&window[..piece]),
            Ok(false) => return Some("it is missing".into()),
            Err(error) => return Some(with_causes(&error)),
        };
        at += piece as u64;
        monitor.hear(Event::Advanced { bytes: piece as u64 });
    }
    (hasher.finalize().as_bytes() != wanted).then(|| "its bytes do not hash to its name".into())
}
