//! New keys for new data: one epoch more, sealed anew for every slot.
//!
//! The new slots are written first. One record then takes them for the old
//! ones; it is sealed under the new epoch, so whoever holds older keys cannot
//! read on, and cannot append. Cut short before it, the old slots count and
//! the new ones are nobody's; after it, the other way round.

use vhault_core::digest::SlotId;
use vhault_core::protocol::Request;
use vhault_core::time::Instant;
use vhault_core::vault::slot::{Secret, Slot};

use super::error::VaultError;
use super::open::{Head, Vault, create};
use super::store::Name;
use super::{keys, random};

/// A slot at a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatedSlot {
    /// What it was.
    pub old: SlotId,
    /// What holds the new keys; none where nothing given opened the old one.
    pub new: Option<SlotId>,
    /// What it takes, in words.
    pub kind: &'static str,
    /// What people call it.
    pub label: String,
}

/// A rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The epoch that new data is sealed under.
    pub epoch: u32,
    /// What became of each slot.
    pub slots: Vec<RotatedSlot>,
}

/// What a rotation may do.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// Slots that nothing given opens are removed; else they end it.
    pub drop_others: bool,
    /// Only look, and write nothing.
    pub dry_run: bool,
    /// By the host's clock.
    pub now: Instant,
}

impl Vault {
    /// Begins a new epoch of the keys, for the slots that `secrets` open. What this process holds is then too old to
    /// go on with: the vault has to be opened again.
    ///
    /// # Errors
    ///
    /// [`VaultError::SlotsWithoutSecret`]; [`VaultError::Refused`] while sessions are open; storage or log that failed.
    pub fn rotate_keys(self, secrets: &[Secret], rotation: &Rotation) -> Result<Rotated, VaultError> {
        self.refresh()?;
        let slots = self.slots()?;
        let opens =
            |slot: &Slot| secrets.iter().find(|secret| slot.takes(secret) && slot.unlock(secret).is_ok());
        let found: Vec<(&Slot, Option<&Secret>)> = slots.iter().map(|slot| (slot, opens(slot))).collect();
        let unopened = found.iter().filter(|(_, secret)| secret.is_none());
        let mut lost: Vec<String> =
            unopened.map(|(slot, _)| format!("{} {:?}", slot.head.lock.word(), slot.head.label)).collect();
        let named: Vec<SlotId> = self.head().catalogue.slots.iter().copied().collect();
        let unread = named.iter().filter(|id| slots.iter().all(|slot| slot.head.slot != **id));
        lost.extend(unread.map(|id| format!("slot {id}, whose file is missing or damaged")));
        if !lost.is_empty() && !rotation.drop_others {
            return Err(VaultError::SlotsWithoutSecret { slots: lost.join(", ") });
        }
        let keyring = self
            .keyring()
            .rotated(random::bytes())
            .ok_or_else(|| VaultError::TooManyEpochs { epochs: self.keyring().epoch() + 1 })?;
        let vault = self.settings().vault;
        let mut rotated = Rotated { epoch: keyring.epoch(), slots: Vec::new() };
        let mut added = Vec::new();
        for (slot, secret) in &found {
            let mut new = None;
            if let (Some(secret), false) = (secret, rotation.dry_run) {
                let (id, file) = keys::new_slot(vault, &keyring, secret, &slot.head.label, rotation.now);
                create(self.store(), &Name::slot(id), &file)?;
                added.push(id);
                new = Some(id);
            }
            let (kind, label) = (slot.head.lock.word(), slot.head.label.clone());
            // A dry run names the old slot where a new one would stand.
            let new = new.or_else(|| secret.filter(|_| rotation.dry_run).map(|_| slot.head.slot));
            rotated.slots.push(RotatedSlot { old: slot.head.slot, new, kind, label });
        }
        let removed = named;
        let request = Request::Rotate { added: added.clone(), removed: removed.clone() };
        if rotation.dry_run {
            let keeps = rotated.slots.iter().filter_map(|slot| slot.new).collect();
            let request = Request::Rotate { added: keeps, removed };
            vhault_core::protocol::decide(&self.head().catalogue, request)?;
            return Ok(rotated);
        }
        let sealer = keyring.sealer(vault, self.settings().suite, random::bytes());
        let mut head = self.head();
        let Head { log, catalogue } = &mut *head;
        let appended = log.append(self.store(), &keyring, &sealer, catalogue, &mut |_| {
            Ok::<_, VaultError>(request.clone())
        });
        match appended {
            Ok(_) => {}
            Err(error) => {
                // Where the record may be there, so must they be.
                if matches!(error, VaultError::Refused(_)) {
                    for slot in added {
                        let _removed = self.store().remove(&Name::slot(slot));
                    }
                }
                return Err(error);
            }
        }
        log.write_checkpoint(self.store(), &sealer, catalogue);
        self.remember_head(catalogue);
        drop(head);
        for slot in removed {
            // What stays behind opens nothing that the program takes, and goes with the next sweep.
            let _removed = self.store().remove(&Name::slot(slot));
        }
        Ok(rotated)
    }
}
