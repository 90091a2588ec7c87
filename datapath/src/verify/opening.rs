//! What opening a vault rests on besides its log: key slots and checkpoints.

use vhault_core::catalogue::{Catalogue, decode_checkpoint};
use vhault_core::vault::error::FormatError;
use vhault_core::vault::slot::{SLOT_BYTES_MAX, Slot};

use super::{Damage, Verified};
use crate::causes::with_causes;
use crate::vault::log::CHECKPOINT_BYTES_MAX;
use crate::vault::store::{Folder, Name, StoreError};
use crate::vault::{Vault, VaultError};

/// Looks at every slot that a record names, as far as it can be read without its secret, and at every checkpoint.
pub(super) fn look(vault: &Vault, catalogue: &Catalogue, verified: &mut Verified) -> Result<(), VaultError> {
    let id = vault.settings().vault;
    for slot in &catalogue.slots {
        let name = Name::slot(*slot);
        let what = match read(vault, &name, SLOT_BYTES_MAX as u64)? {
            Ok(None) => {
                vault.refresh()?;
                if !vault.head().catalogue.slots.contains(slot) {
                    continue;
                }
                "it is missing, so its secret opens nothing".to_string()
            }
            Ok(Some(file)) => match Slot::decode(&file, id) {
                Ok(found) if found.head.slot == *slot => continue,
                Ok(found) => format!("it is slot {} under another's name", found.head.slot),
                Err(error) => with_causes(&error),
            },
            Err(what) => what,
        };
        verified.damage.push(Damage { file: name.to_string(), what });
    }
    for listed in vault.store().list(Folder::Checkpoints).map_err(VaultError::Store)? {
        let Ok(number) = u64::from_str_radix(&listed.file_name, 16) else { continue };
        let name = Name::checkpoint(number);
        let what = match read(vault, &name, CHECKPOINT_BYTES_MAX)? {
            Ok(None) => continue,
            Ok(Some(file)) => match decode_checkpoint(&file, id, vault.keyring()) {
                Ok(found) if found.head_number == number => continue,
                Ok(found) => format!("it is checkpoint {} under another's name", found.head_number),
                Err(FormatError::Layout { .. }) => continue,
                // From before a rotation, and passed over since. Past the log's end there was none.
                Err(FormatError::Epoch { .. }) if number <= catalogue.head_number => continue,
                Err(error) => with_causes(&error),
            },
            Err(what) => what,
        };
        let what = format!("{what}; nothing is lost by it, and vhault repair makes it again");
        verified.damage.push(Damage { file: name.to_string(), what });
    }
    Ok(())
}

/// A file; the inner error is a length that nothing of its kind has, in words.
fn read(vault: &Vault, name: &Name, limit: u64) -> Result<Result<Option<Vec<u8>>, String>, VaultError> {
    match vault.store().read(name, limit) {
        Ok(file) => Ok(Ok(file)),
        Err(error @ StoreError::TooLong { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(VaultError::Store(error)),
    }
}
