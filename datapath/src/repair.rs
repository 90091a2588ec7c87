//! Repair: what can be made again from packs and records is made again.
//!
//! Table fragments are rebuilt from the sealed indexes at the ends of packs,
//! checkpoints from the log. Only packs that the log holds live are asked:
//! never condemned ones, and none of sessions that are open or fenced.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use serde::Serialize;
use vhault_core::catalogue::decode_checkpoint;
use vhault_core::digest::FragmentName;
use vhault_core::protocol::Request;
use vhault_core::time::Instant;
use vhault_core::vault::blob::Place;
use vhault_core::vault::record::FragmentEntry;

use crate::monitor::{Event, Monitor};
use crate::vault::blobs::BlobReader;
use crate::vault::log::CHECKPOINT_BYTES_MAX;
use crate::vault::store::{Folder, Name};
use crate::vault::{Session, Vault, VaultError};

/// What a repair found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// It only looked.
    pub dry_run: bool,
    /// Table fragments that are missing or cannot be decoded.
    pub lost_fragments: Vec<String>,
    /// Packs whose index was read.
    pub packs_read: u64,
    /// Packs whose index cannot be read; what only the lost fragments knew of them stays lost.
    pub unreadable_packs: Vec<String>,
    /// Entries that no other fragment has, written anew.
    pub rebuilt_entries: u64,
    /// Checkpoints that cannot be used, removed.
    pub lost_checkpoints: Vec<String>,
}

/// Repairs, or only looks.
///
/// # Errors
///
/// [`vhault_core::protocol::Refusal::MarkOvertaken`] where a sweep came in between: run it again. Log or storage that
/// failed.
pub fn repair(
    vault: &Vault,
    now: Instant,
    dry_run: bool,
    monitor: &dyn Monitor,
) -> Result<Repaired, VaultError> {
    let mut repaired = Repaired { dry_run, ..Repaired::default() };
    vault.refresh()?;
    let catalogue = vault.head().catalogue.clone();
    let mut lost: Vec<FragmentName> = Vec::new();
    for known in catalogue.live_fragments() {
        match vault.decode_fragment(known.entry.name) {
            Ok(_) => {}
            Err(VaultError::MissingFragment { .. } | VaultError::Fragment { .. }) => {
                lost.push(known.entry.name)
            }
            Err(error) => return Err(error),
        }
    }
    repaired.lost_fragments = lost.iter().map(ToString::to_string).collect();
    if !lost.is_empty() {
        rebuild(vault, &lost, now, monitor, &mut repaired)?;
    }
    repair_checkpoints(vault, &mut repaired)?;
    Ok(repaired)
}

fn rebuild(
    vault: &Vault,
    lost: &[FragmentName],
    now: Instant,
    monitor: &dyn Monitor,
    repaired: &mut Repaired,
) -> Result<(), VaultError> {
    let catalogue = vault.head().catalogue.clone();
    // This host's copies of the lost ones count as little as the files: only what the vault holds is believed.
    vault.forget_copies(lost);
    vault.load_table(&mut |_| Ok(()))?;
    let session = if repaired.dry_run { None } else { Some(Session::begin(vault, "repair", now, &[])?.0) };
    let mut added: Vec<FragmentEntry> = Vec::new();
    let packs = catalogue.live_packs();
    monitor.hear(Event::Started { what: "reading pack indexes".into(), total_bytes: packs.len() as u64 });
    let mut reader = BlobReader::hasty(vault);
    for known in packs {
        monitor.hear(Event::Advanced { bytes: 1 });
        let name = known.entry.name;
        let Ok(places) = reader.index(name, known.entry.file_bytes) else {
            repaired.unreadable_packs.push(name.to_string());
            continue;
        };
        repaired.packs_read += 1;
        let missing: Vec<Place> = {
            let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
            let is_known = |place: &Place| table.find_all(&place.id).iter().any(|found| found.pack == name);
            places.into_iter().filter(|place| !is_known(place)).collect()
        };
        repaired.rebuilt_entries += missing.len() as u64;
        if let Some(session) = &session
            && !missing.is_empty()
            && session.take_over(name, missing)
        {
            session.show_life()?;
            added.extend(session.cut()?.1);
        }
    }
    monitor.hear(Event::Finished);
    let Some(session) = session else { return Ok(()) };
    added.extend(session.cut()?.1);
    let appended = session.append(&mut |newest| {
        Ok(Request::replace_fragments(
            session.id(),
            newest.head_number,
            catalogue.last_condemned,
            lost.to_vec(),
            added.clone(),
        ))
    });
    match appended {
        Ok(_) => session.end(now),
        Err(error) => {
            // The repair's own error is the one to report.
            let _aborted = session.abort(&error.to_string());
            Err(error)
        }
    }
}

fn repair_checkpoints(vault: &Vault, repaired: &mut Repaired) -> Result<(), VaultError> {
    let mut names = BTreeSet::new();
    for listed in vault.store().list(Folder::Checkpoints).map_err(VaultError::Store)? {
        let Ok(number) = u64::from_str_radix(&listed.file_name, 16) else { continue };
        let file = vault.store().read(&Name::checkpoint(number), CHECKPOINT_BYTES_MAX);
        let decoded = file.map_err(VaultError::Store)?.map(|file| {
            decode_checkpoint(&file, vault.settings().vault, vault.keyring())
                .is_ok_and(|catalogue| catalogue.head_number == number)
        });
        if decoded == Some(false) {
            names.insert(number);
        }
    }
    for number in names {
        repaired.lost_checkpoints.push(Name::checkpoint(number).to_string());
        if !repaired.dry_run {
            vault.store().remove(&Name::checkpoint(number)).map_err(VaultError::Store)?;
        }
    }
    if !repaired.dry_run && !repaired.lost_checkpoints.is_empty() {
        vault.write_checkpoint();
    }
    Ok(())
}
