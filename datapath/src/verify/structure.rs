//! Records, fragments, and that every pack is there with its length.

use std::sync::PoisonError;

use vhault_core::catalogue::{Catalogue, FileStanding};
use vhault_core::digest::{FragmentName, PackName, RecordHash, VaultId};
use vhault_core::vault::record::{RECORD_BYTES_MAX, RecordHead, decode_record_head};

use super::{Damage, Verified};
use crate::causes::with_causes;
use crate::vault::store::{Name, Store};
use crate::vault::{Vault, VaultError};

/// Looks at everything the log names but the content of packs, and loads the chunk table.
pub(super) fn look(vault: &Vault, catalogue: &Catalogue, verified: &mut Verified) -> Result<(), VaultError> {
    if let Some(what) = vault.rollback() {
        let file = Name::record(catalogue.head_number).to_string();
        verified.damage.push(Damage { file, what: what.into() });
    }
    // A checkpoint spares an opening the older records; they must be there all the same.
    let mut newest = None;
    match walk_log(vault.store(), vault.settings().vault, &mut |number, _, hash| {
        newest = newest.or((number == catalogue.head_number).then_some(*hash));
    }) {
        // No later record repeats the hash of the newest, but whoever opened the vault by a checkpoint has it.
        Ok(_) if newest.is_some_and(|hash| hash != catalogue.head()) => verified.damage.push(Damage {
            file: Name::record(catalogue.head_number).to_string(),
            what:
                "its bytes are not those that were opened: a checkpoint or this host has another hash of it"
                    .into(),
        }),
        Ok(last) if last < catalogue.head_number => verified.damage.push(Damage {
            file: Name::record(last + 1).to_string(),
            what: "it is missing, though later records are known".into(),
        }),
        Ok(_) => {}
        Err(error) => verified.damage.push(Damage { file: "log".into(), what: with_causes(&error) }),
    }
    let mut missing = Vec::new();
    for pack in catalogue.live_packs() {
        verified.packs += 1;
        let name = Name::pack(pack.entry.name);
        let what = match vault.store().size(&name).map_err(VaultError::Store)? {
            None if !still_live(vault, pack.entry.name)? => continue,
            None => {
                missing.push(pack.entry.name);
                "it is missing".to_string()
            }
            Some(bytes) if bytes != pack.entry.file_bytes => {
                format!("it is {bytes} bytes long where the log says {}", pack.entry.file_bytes)
            }
            Some(_) => continue,
        };
        verified.damage.push(Damage { file: name.to_string(), what });
    }
    for fragment in catalogue.live_fragments() {
        verified.fragments += 1;
        // The vault's own file, not this host's copy of it.
        match vault.decode_fragment(fragment.entry.name) {
            Ok(_) => verified.read_bytes += fragment.entry.file_bytes,
            // A sweep may have merged it into another meanwhile.
            Err(VaultError::MissingFragment { name }) if !fragment_still_live(vault, name)? => {}
            Err(error) => verified.damage.push(Damage {
                file: Name::fragment(fragment.entry.name).to_string(),
                what: with_causes(&error),
            }),
        }
    }
    // What is lost was told above.
    vault.load_table(&mut |_| Ok(()))?;
    if !missing.is_empty() {
        let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
        for (_, found) in table.all().filter(|(_, found)| missing.contains(&found.pack)) {
            verified.copies.entry(found.pack).or_default().insert(&found.place.id);
        }
    }
    Ok(())
}

/// Whether a file that is not there should be, now that the log was read on.
pub(super) fn still_live(vault: &Vault, pack: PackName) -> Result<bool, VaultError> {
    vault.refresh()?;
    Ok(vault.head().catalogue.is_live(&pack))
}

fn fragment_still_live(vault: &Vault, fragment: FragmentName) -> Result<bool, VaultError> {
    vault.refresh()?;
    let head = vault.head();
    let known = head.catalogue.fragments.get(&fragment);
    Ok(known.is_some_and(|known| known.standing == FileStanding::Live))
}

/// Visits the clear part of every record from the first on, checks numbers and chain, and returns the last number.
pub(super) fn walk_log(
    store: &dyn Store,
    vault: VaultId,
    visit: &mut dyn FnMut(u64, &RecordHead, &RecordHash),
) -> Result<u64, VaultError> {
    let mut previous = [0; 32];
    let mut number = 1;
    loop {
        let Some(file) = store.read(&Name::record(number), RECORD_BYTES_MAX).map_err(VaultError::Store)?
        else {
            if number == 1 {
                return Err(VaultError::NoLog { place: store.place() });
            }
            return Ok(number - 1);
        };
        let (states, head, hash) =
            decode_record_head(&file, vault).map_err(|source| VaultError::Record { number, source })?;
        if states != number {
            return Err(VaultError::Misnamed { name: Name::record(number).to_string(), states });
        }
        if head.previous != previous {
            return Err(VaultError::BrokenChain { number });
        }
        visit(number, &head, &hash);
        previous = *hash.as_bytes();
        number += 1;
    }
}
