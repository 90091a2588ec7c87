//! Key slots of a vault: which count, what they open, and how they come and
//! go without any data being written again.

use vhault_core::catalogue::Catalogue;
use vhault_core::digest::SlotId;
use vhault_core::protocol::Request;
use vhault_core::time::Instant;
use vhault_core::vault::error::FormatError;
use vhault_core::vault::key::Keyring;
use vhault_core::vault::seal::Suite;
use vhault_core::vault::settings::Settings;
use vhault_core::vault::slot::{SLOT_BYTES_MAX, Secret, Slot};

use super::error::VaultError;
use super::log::Log;
use super::open::{Head, Unlock, Vault, create};
use super::store::{Folder, Name, Store};
use super::{keys, random};

impl Vault {
    /// The slot that was opened; none where nothing is encrypted.
    pub fn opened_slot(&self) -> Option<SlotId> {
        self.slot
    }

    /// The key slots that the log names, as stored; one that cannot be read is left out.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub fn slots(&self) -> Result<Vec<Slot>, VaultError> {
        let (mut slots, _) = read_slots(self.store(), self.settings())?;
        let live = self.head().catalogue.slots.clone();
        slots.retain(|slot| live.contains(&slot.head.slot));
        Ok(slots)
    }

    /// Adds a slot that opens to `secret`.
    ///
    /// # Errors
    ///
    /// Storage or log that failed.
    pub fn add_slot(&self, secret: &Secret, label: &str, now: Instant) -> Result<SlotId, VaultError> {
        let (id, file) = keys::new_slot(self.settings().vault, self.keyring(), secret, label, now);
        create(self.store(), &Name::slot(id), &file)?;
        self.append_slots(vec![id], Vec::new())?;
        Ok(id)
    }

    /// Removes a slot. Its holder may still know the keys: what is written before the next rotation opens to them.
    ///
    /// # Errors
    ///
    /// Storage or log that failed.
    pub fn remove_slot(&self, slot: SlotId) -> Result<(), VaultError> {
        self.refresh()?;
        let name = Name::slot(slot);
        let is_recorded = self.head().catalogue.slots.contains(&slot);
        // A crash between a slot's file and its record leaves a file that no record knows.
        let is_leftover = !is_recorded && self.store().size(&name).map_err(VaultError::Store)?.is_some();
        if !is_leftover {
            self.append_slots(Vec::new(), vec![slot])?;
        }
        self.store().remove(&name).map_err(VaultError::Store)
    }

    /// Puts a slot that opens to `secret` in another's place, by one record, and returns its id.
    ///
    /// # Errors
    ///
    /// Storage or log that failed.
    pub fn change_slot(
        &self,
        slot: SlotId,
        secret: &Secret,
        label: &str,
        now: Instant,
    ) -> Result<SlotId, VaultError> {
        let (id, file) = keys::new_slot(self.settings().vault, self.keyring(), secret, label, now);
        create(self.store(), &Name::slot(id), &file)?;
        self.append_slots(vec![id], vec![slot])?;
        self.store().remove(&Name::slot(slot)).map_err(VaultError::Store)?;
        Ok(id)
    }

    fn append_slots(&self, added: Vec<SlotId>, removed: Vec<SlotId>) -> Result<(), VaultError> {
        let sealer = self.keyring().sealer(self.settings().vault, self.settings().suite, random::bytes());
        let mut head = self.head();
        let Head { log, catalogue } = &mut *head;
        log.append(self.store(), self.keyring(), &sealer, catalogue, &mut |_| {
            Ok::<_, VaultError>(Request::ChangeSlots { added: added.clone(), removed: removed.clone() })
        })?;
        self.remember_head(&head.catalogue);
        Ok(())
    }
}

/// The slots that can be read, and why the first of the others cannot.
fn read_slots(
    store: &dyn Store,
    settings: &Settings,
) -> Result<(Vec<Slot>, Option<FormatError>), VaultError> {
    let mut slots = Vec::new();
    let mut unreadable = None;
    for listed in store.list(Folder::Keys).map_err(VaultError::Store)? {
        let Ok(id) = listed.file_name.parse::<SlotId>() else { continue };
        let file = store.read(&Name::slot(id), SLOT_BYTES_MAX as u64).map_err(VaultError::Store)?;
        // A slot that was damaged, or put there from another vault, opens nothing; others may.
        match file.map(|file| Slot::decode(&file, settings.vault)) {
            Some(Ok(slot)) if slot.head.slot == id => slots.push(slot),
            Some(Err(error)) => {
                unreadable.get_or_insert(error);
            }
            _ => {}
        }
    }
    slots.sort_by_key(|slot| (slot.head.created, slot.head.slot));
    Ok((slots, unreadable))
}

/// What a secret opens.
pub(super) struct Unlocked {
    pub(super) keyring: Keyring,
    pub(super) slot: Option<SlotId>,
    pub(super) log: Log,
    pub(super) catalogue: Catalogue,
}

/// Tries the slots that take the secret, newest first. Only the log knows which slots count: one that was removed, or
/// whose making was cut short, holds a keyring all the same.
pub(super) fn unlock(store: &dyn Store, settings: Settings, unlock: &Unlock) -> Result<Unlocked, VaultError> {
    if settings.suite == Suite::None {
        let keyring = Keyring::public(settings.vault);
        let (log, catalogue) = Log::open(store, settings, &keyring)?;
        return Ok(Unlocked { keyring, slot: None, log, catalogue });
    }
    let (slots, unreadable) = read_slots(store, &settings)?;
    if slots.is_empty() {
        return Err(VaultError::NoSlot { place: store.place(), source: unreadable });
    }
    let Unlock::With(secret) = unlock else {
        return Err(VaultError::NoSecret { place: store.place() });
    };
    let word = secret.word();
    let fitting: Vec<&Slot> = slots.iter().filter(|slot| slot.takes(secret)).collect();
    let mut refused = None;
    for candidate in fitting.iter().rev() {
        let Ok(keyring) = candidate.unlock(secret) else { continue };
        let (slot, place) = (candidate.head.slot, store.place());
        refused = Some(match Log::open(store, settings, &keyring) {
            Ok((log, catalogue)) if catalogue.slots.contains(&slot) => {
                return Ok(Unlocked { keyring, slot: Some(slot), log, catalogue });
            }
            Ok((_, catalogue)) if catalogue.removed_slots.contains(&slot) => {
                VaultError::SlotRemoved { secret: word, slot, place }
            }
            Ok(_) => VaultError::SlotUnknown { secret: word, slot, place },
            Err(error) => error,
        });
    }
    Err(refused.unwrap_or_else(|| VaultError::WrongSecret {
        secret: word,
        slots: fitting.len(),
        place: store.place(),
    }))
}
