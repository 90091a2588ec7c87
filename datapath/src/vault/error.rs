//! Why a vault could not do what it was asked.

use std::io;

use vhault_core::digest::{FragmentName, PackName, SlotId};
use vhault_core::protocol::Refusal;
use vhault_core::vault::blob::BlobId;
use vhault_core::vault::error::FormatError;

use super::keys::KeyError;
use super::store::StoreError;
use crate::chunk_writer::CompareError;

/// Why a vault could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no vault.
    #[error("{place} is not a vault: it has no settings file named `vault`")]
    NotAVault {
        /// Where it was looked for.
        place: String,
    },

    /// There is something where a new vault was to be made.
    #[error("{place} is not empty, and a new vault needs a folder of its own")]
    NotEmpty {
        /// Where.
        place: String,
    },

    /// There is a vault already.
    #[error("{place} is a vault already")]
    AlreadyAVault {
        /// Where.
        place: String,
    },

    /// The settings cannot be used.
    #[error("the settings of {place} cannot be used")]
    Settings {
        /// Which vault.
        place: String,
        /// Why.
        source: FormatError,
    },

    /// The settings are not those the log was begun with.
    #[error("the settings of {place} are not those its first record names: the file was replaced")]
    SettingsSwapped {
        /// Which vault.
        place: String,
    },

    /// No key slot can be read.
    #[error("{place} has no usable key slot in `keys/`")]
    NoSlot {
        /// Which vault.
        place: String,
        /// Why the first of those that are there cannot be read.
        source: Option<FormatError>,
    },

    /// The secret opens no slot.
    #[error("this {secret} opens none of the {slots} key slots of {place} that take one")]
    WrongSecret {
        /// What was given, in a word.
        secret: &'static str,
        /// How many slots of that kind there are.
        slots: usize,
        /// Which vault.
        place: String,
    },

    /// Nothing to unlock the vault with was given.
    #[error("{place} is encrypted and no passphrase or key file was given")]
    NoSecret {
        /// Which vault.
        place: String,
    },

    /// A secret could not be read.
    #[error("the key cannot be used")]
    Key(#[from] KeyError),

    /// There is a settings file but no first record.
    #[error("{place} has settings but no log: record 1 is missing")]
    NoLog {
        /// Which vault.
        place: String,
    },

    /// A record cannot be used.
    #[error("log record {number} cannot be used")]
    Record {
        /// Which.
        number: u64,
        /// Why.
        source: FormatError,
    },

    /// The keys were rotated, and who opened the vault holds the old ones only.
    #[error(
        "log record {number} is sealed under key epoch {epoch}: the vault's keys were rotated, and what was unlocked holds the older ones only"
    )]
    KeysRotated {
        /// The first such record.
        number: u64,
        /// Its epoch.
        epoch: u32,
    },

    /// A record after a rotation is sealed under keys from before it.
    #[error(
        "log record {number} is sealed under key epoch {epoch}, though the keys had been rotated to epoch {newest}: somebody who holds only old keys wrote it"
    )]
    StaleEpoch {
        /// Which.
        number: u64,
        /// Its epoch.
        epoch: u32,
        /// The newest epoch before it.
        newest: u32,
    },

    /// The slot opens, and the log says that it opens nothing any more.
    #[error("this {secret} opens key slot {slot}, which was removed from {place}")]
    SlotRemoved {
        /// What was given, in words.
        secret: &'static str,
        /// Which slot.
        slot: SlotId,
        /// Which vault.
        place: String,
    },

    /// The slot opens, and the log does not know it.
    #[error(
        "this {secret} opens key slot {slot}, which the log of {place} does not name: adding it was cut short"
    )]
    SlotUnknown {
        /// What was given, in words.
        secret: &'static str,
        /// Which slot.
        slot: SlotId,
        /// Which vault.
        place: String,
    },

    /// Slots that would have to open to the new keys, and whose secret was not given.
    #[error("the new keys must be sealed again for every slot, and nothing given opens {slots}")]
    SlotsWithoutSecret {
        /// Their kinds and labels.
        slots: String,
    },

    /// The keyring is full.
    #[error("the keys were rotated {epochs} times, and no keyring holds more epochs")]
    TooManyEpochs {
        /// How many epochs it holds.
        epochs: u32,
    },

    /// A record does not continue the one before it.
    #[error("log record {number} does not continue record {}: one of them was replaced", number - 1)]
    BrokenChain {
        /// Which.
        number: u64,
    },

    /// A record is gone.
    #[error("log record {number} is missing though record {newest} is there")]
    MissingRecord {
        /// Which.
        number: u64,
        /// The newest that is listed.
        newest: u64,
    },

    /// The newest record is gone, so nothing can follow it.
    #[error(
        "log record {number} is missing though a checkpoint or this process read it: nothing can follow it"
    )]
    MissingHead {
        /// Which.
        number: u64,
    },

    /// A file lies under another's name.
    #[error("{name} says that it is number {states}: it was renamed")]
    Misnamed {
        /// The name it lies under.
        name: String,
        /// What it says it is.
        states: u64,
    },

    /// A table fragment cannot be used.
    #[error("table fragment {name} cannot be used")]
    Fragment {
        /// Which.
        name: FragmentName,
        /// Why.
        source: FormatError,
    },

    /// A table fragment that the log names is gone.
    #[error("table fragment {name} is missing")]
    MissingFragment {
        /// Which.
        name: FragmentName,
    },

    /// Storage contradicts itself.
    #[error("the storage says that log record {number} exists, and then that it does not")]
    Unsteady {
        /// Which.
        number: u64,
    },

    /// The protocol allows no such record.
    #[error(transparent)]
    Refused(#[from] Refusal),

    /// A sync failed while a record was created: it may or may not survive a crash.
    #[error("whether record {number} was committed is unknown: the sync of {path} failed")]
    OutcomeUnknown {
        /// Which record.
        number: u64,
        /// What could not be synced.
        path: String,
        /// Why.
        source: io::Error,
    },

    /// A blob cannot be had.
    #[error("{id} cannot be had")]
    Blob {
        /// Which.
        id: BlobId,
        /// Why.
        source: BlobError,
    },

    /// A blob came back other than it went in.
    #[error(transparent)]
    Compare(#[from] CompareError),

    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,

    /// The system gives no threads.
    #[error("cannot start threads: {reason}")]
    Threads {
        /// Why.
        reason: String,
    },

    /// Storage failed.
    #[error("the vault's storage failed")]
    Store(#[source] StoreError),
}

/// Why a blob cannot be had. All of them are damage, never a passing trouble.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// No fragment knows it.
    #[error("no table fragment says where it lies")]
    Unknown,

    /// Its pack is gone.
    #[error("pack {pack} is missing")]
    MissingPack {
        /// Which.
        pack: PackName,
    },

    /// Its pack could not be read there.
    #[error("pack {pack} cannot be read at byte {offset}")]
    Unreadable {
        /// Which.
        pack: PackName,
        /// Where.
        offset: u32,
        /// Why.
        source: StoreError,
    },

    /// Its bytes are not what they were.
    #[error("pack {pack} is damaged at byte {offset}")]
    Damaged {
        /// Which.
        pack: PackName,
        /// Where.
        offset: u32,
        /// Why.
        source: FormatError,
    },
}
