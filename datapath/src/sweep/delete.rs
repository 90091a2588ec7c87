//! Condemned files, gone. A crash in between leaves them condemned, and the
//! next sweep goes on: what is absent already counts as gone.

use vhault_core::catalogue::{Catalogue, FileStanding};
use vhault_core::digest::{FragmentName, PackName};
use vhault_core::protocol::{Refusal, Request};

use super::report::Swept;
use crate::vault::store::{Folder, Name};
use crate::vault::{Session, Vault, VaultError};

/// Checkpoints that stay: the newest, and one before it for the case that it is damaged.
const CHECKPOINTS_KEPT: usize = 2;

/// Deletes what records condemned, this sweep's and earlier ones'.
///
/// No wait is needed: a commit that relied on any of it is refused from the record on, and a reader that misses a
/// file reads the log on and looks again.
///
/// # Errors
///
/// Log or storage that failed.
pub(super) fn delete(vault: &Vault, session: &Session<'_>, swept: &mut Swept) -> Result<(), VaultError> {
    vault.refresh()?;
    let (packs, fragments) = condemned(&vault.head().catalogue);
    let names: Vec<Name> = packs
        .iter()
        .map(|pack| Name::pack(*pack))
        .chain(fragments.iter().map(|fragment| Name::fragment(*fragment)))
        .collect();
    for name in names {
        session.show_life()?;
        let bytes = vault.store().size(&name).map_err(VaultError::Store)?;
        vault.store().remove(&name).map_err(VaultError::Store)?;
        if let Some(bytes) = bytes {
            swept.deleted_files += 1;
            swept.deleted_bytes += bytes;
        }
    }
    let appended =
        session.append(&mut |_| Ok(Request::Delete { packs: packs.clone(), fragments: fragments.clone() }));
    match appended {
        Ok(_) | Err(VaultError::Refused(Refusal::Nothing)) => {}
        Err(error) => return Err(error),
    }
    remove_slots(vault)?;
    remove_checkpoints(vault)
}

fn condemned(catalogue: &Catalogue) -> (Vec<PackName>, Vec<FragmentName>) {
    let packs = catalogue.packs.values().filter(|known| known.standing == FileStanding::Condemned);
    let fragments = catalogue.fragments.values().filter(|known| known.standing == FileStanding::Condemned);
    (packs.map(|known| known.entry.name).collect(), fragments.map(|known| known.entry.name).collect())
}

/// The files of slots that a crash left behind when they were removed.
fn remove_slots(vault: &Vault) -> Result<(), VaultError> {
    let removed = vault.head().catalogue.removed_slots.clone();
    for listed in vault.store().list(Folder::Keys).map_err(VaultError::Store)? {
        if let Ok(slot) = listed.file_name.parse()
            && removed.contains(&slot)
        {
            vault.store().remove(&Name::slot(slot)).map_err(VaultError::Store)?;
        }
    }
    Ok(())
}

fn remove_checkpoints(vault: &Vault) -> Result<(), VaultError> {
    let listed = vault.store().list(Folder::Checkpoints).map_err(VaultError::Store)?;
    let mut numbers: Vec<u64> =
        listed.iter().filter_map(|listed| u64::from_str_radix(&listed.file_name, 16).ok()).collect();
    numbers.sort_unstable_by(|first, second| second.cmp(first));
    for number in numbers.into_iter().skip(CHECKPOINTS_KEPT) {
        vault.store().remove(&Name::checkpoint(number)).map_err(VaultError::Store)?;
    }
    Ok(())
}
