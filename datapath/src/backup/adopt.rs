//! What dead copies of the same VM left in the vault, taken over.
//!
//! Rules: `docs/promises.md`, "Sessions". A copy is dead when its journal can
//! be locked, which the kernel allows when its process is gone, or when its
//! session ended. One that may live is taken over only where that was asked
//! for, after it wrote nothing for so long by this process's own clock. In each
//! case a record fences it first: were it alive after all, it could not commit.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use vhault_core::catalogue::{Catalogue, FileStanding, SessionStanding};
use vhault_core::copy::journal::{JournalDisk, JournalHead};
use vhault_core::copy::watch::StopReason;
use vhault_core::digest::{PackName, SessionId};
use vhault_core::protocol::{Refusal, Request};

use super::source::Opened;
use super::{BackupError, BackupRequest};
use crate::copy::journal::{DeadJournal, JournalWriter};
use crate::monitor::{Event, Monitor};
use crate::vault::blobs::BlobReader;
use crate::vault::{Session, Vault, VaultError};

/// Whether sessions may commit, and the newest record of each.
type Standings = BTreeMap<SessionId, (SessionStanding, u64)>;

/// What a session of a backup says that it is about.
pub(super) fn purpose(vm: &str) -> String {
    format!("backup of {vm}")
}

/// Journals of dead copies of a VM, oldest first. Those of use to nobody any more are removed.
pub(super) fn dead_journals(vault: &Vault, vm: &str) -> Vec<Arc<DeadJournal>> {
    let Some(folder) = vault.journals_path() else { return Vec::new() };
    let catalogue = vault.head().catalogue.clone();
    let mut found: Vec<(u64, DeadJournal)> = Vec::new();
    for journal in DeadJournal::all(&folder) {
        match catalogue.sessions.get(&journal.head.session) {
            Some(session) if journal.head.vm == vm && journal.head.vault == vault.settings().vault => {
                found.push((session.begun_record, journal));
            }
            // Another VM's backup will want it.
            Some(_) => {}
            // It has committed.
            None => journal.remove(),
        }
    }
    found.sort_by_key(|(begun, _)| *begun);
    found.into_iter().map(|(_, journal)| Arc::new(journal)).collect()
}

/// Begins the journal of a session; without a folder for it the copy goes without.
pub(super) fn begin_journal(
    session: &Session<'_>,
    request: &BackupRequest,
    disks: &[Opened],
) -> Option<Arc<JournalWriter>> {
    let folder: PathBuf = session.vault().journals_path()?;
    let disks = disks.iter().map(|opened| JournalDisk {
        size_bytes: opened.disk.size().get(),
        sources: opened.identities.clone(),
    });
    let vault = session.vault().settings().vault;
    let head = JournalHead::new(vault, session.id(), request.vm.clone(), disks.collect());
    JournalWriter::begin(&folder, &head).ok().map(Arc::new)
}

/// Takes over the packs of dead copies of the VM, so that what they stored satisfies lookups.
///
/// # Errors
///
/// Log or storage that failed; [`BackupError::Nothing`] when stopped.
pub(super) fn take_over(
    session: &Session<'_>,
    request: &BackupRequest,
    journals: &[Arc<DeadJournal>],
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<(), BackupError> {
    let vault = session.vault();
    let purpose = purpose(&request.vm);
    let of_vm = |catalogue: &Catalogue| -> Standings {
        let known = catalogue.sessions.iter();
        let others = known.filter(|(id, known)| **id != session.id() && known.purpose == purpose);
        others.map(|(id, known)| (*id, (known.standing, known.last_record))).collect()
    };
    let mut dead = of_vm(&vault.head().catalogue);
    let is_dead = |id: &SessionId| journals.iter().any(|journal| journal.head.session == *id);
    if let Some(wait) = request.options.take_over_after {
        let may_live = |(id, (standing, _)): (&SessionId, &(SessionStanding, u64))| {
            !standing.has_ended() && !is_dead(id)
        };
        if dead.iter().any(may_live) {
            match wait_for_life(vault, &dead, &of_vm, wait, stop, monitor) {
                Err(VaultError::Stopped) => return Err(BackupError::Nothing { reason: StopReason::Asked }),
                waited => waited?,
            }
        }
    } else {
        dead.retain(|id, (standing, _)| standing.has_ended() || is_dead(id));
    }
    for (id, (standing, seen_record)) in dead {
        if !standing.has_ended() {
            let fence = |_: &Catalogue| Ok::<_, VaultError>(Request::Fence { session: id, seen_record });
            match vault.append(&mut { fence }) {
                Ok(_) => {}
                // It lives, or somebody else was faster; in the second case its packs may still be had.
                Err(VaultError::Refused(Refusal::Lives { .. })) => continue,
                Err(VaultError::Refused(Refusal::NotOpen { .. })) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if has_packs(&vault.head().catalogue, id) {
            adopt(session, id, monitor)?;
        }
    }
    Ok(())
}

/// Whether there is anything to adopt. Ended sessions are remembered for good, most of them with nothing.
fn has_packs(catalogue: &Catalogue, session: SessionId) -> bool {
    let mut packs = catalogue.packs.values();
    packs.any(|known| known.session == session && known.standing == FileStanding::Uploaded)
}

/// Waits on this process's own clock until every session had the time to show that it lives.
fn wait_for_life(
    vault: &Vault,
    seen: &Standings,
    of_vm: &dyn Fn(&Catalogue) -> Standings,
    wait: Duration,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<(), VaultError> {
    let text =
        format!("another copy of this VM is not ended; waiting {} s for signs of life", wait.as_secs());
    monitor.hear(Event::Noticed { text });
    vault.wait_until(wait, stop, &|| {
        let now = of_vm(&vault.head().catalogue);
        let stands_still = |id: &SessionId, then: &(SessionStanding, u64)| now.get(id) == Some(then);
        !seen.iter().any(|(id, then)| !then.0.has_ended() && stands_still(id, then))
    })
}

/// Adopts what the log names of an ended session, as far as its packs can be read.
fn adopt(session: &Session<'_>, from: SessionId, monitor: &dyn Monitor) -> Result<(), VaultError> {
    let vault = session.vault();
    // A sweep may take some of them meanwhile: then those that are left are asked for again.
    for _ in 0..ADOPT_TRIES_MAX {
        vault.refresh()?;
        let named: Vec<(PackName, u64)> = {
            let head = vault.head();
            let packs = head.catalogue.packs.values();
            let left =
                packs.filter(|known| known.session == from && known.standing == FileStanding::Uploaded);
            left.map(|known| (known.entry.name, known.entry.file_bytes)).collect()
        };
        let mut reader = BlobReader::hasty(vault);
        let mut bytes = 0_u64;
        let mut readable = Vec::new();
        for (pack, file_bytes) in named {
            // What cannot be read is left to a sweep.
            if let Ok(places) = reader.index(pack, file_bytes) {
                bytes = bytes.saturating_add(file_bytes);
                readable.push((pack, places));
            }
        }
        if readable.is_empty() {
            return Ok(());
        }
        let packs = readable.len() as u64;
        match session.adopt(from, readable) {
            Ok(()) => {
                monitor.hear(Event::TookOver { session: from.to_string(), packs, bytes });
                return Ok(());
            }
            Err(VaultError::Refused(Refusal::NotAdoptable { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sweeps that come in between are rare; a copy that adopts nothing only stores more.
const ADOPT_TRIES_MAX: usize = 3;
