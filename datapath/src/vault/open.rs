//! Making a vault, and opening one.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use vhault_core::catalogue::Catalogue;
use vhault_core::digest::{SlotId, VaultId};
use vhault_core::protocol::Request;
use vhault_core::time::Instant;
use vhault_core::vault::id::{IdHash, IdMaker};
use vhault_core::vault::key::Keyring;
use vhault_core::vault::seal::Suite;
use vhault_core::vault::settings::Settings;
use vhault_core::vault::slot::Secret;
use vhault_core::vault::stream::Grid;

use super::cache::Cache;
use super::error::VaultError;
use super::keys;
use super::local::LocalStore;
use super::log::Log;
use super::random;
use super::slots::{self, Unlocked};
use super::store::{Creation, Name, Store};
use super::table::ChunkTable;

const SETTINGS_BYTES_MAX: u64 = 4096;

/// What unlocks a vault.
#[derive(Clone)]
pub enum Unlock {
    /// Nothing: it must be a vault without encryption.
    Nothing,
    /// A passphrase or key file.
    With(Secret),
}

/// What a new vault is to be.
#[derive(Clone, Copy, Debug)]
pub struct NewVault {
    /// log2 of the chunk size in bytes.
    pub chunk_log2: u8,
    /// log2 of the chunks that a page names: 8, 10 or 12.
    pub fan_out_log2: u8,
    /// Which keyed hash makes ids.
    pub id_hash: IdHash,
    /// By the host's clock.
    pub now: Instant,
}

impl Default for NewVault {
    /// Chunks of 256 KiB, 256 of them in a page: `docs/decisions/0012-chunks-and-pages.md`.
    fn default() -> NewVault {
        NewVault { chunk_log2: 18, fan_out_log2: 8, id_hash: IdHash::Blake3, now: Instant::default() }
    }
}

/// The newest state of the log, as this process knows it.
pub struct Head {
    /// Reads and appends.
    pub log: Log,
    /// What the records say.
    pub catalogue: Catalogue,
}

/// An open vault.
pub struct Vault {
    store: Box<dyn Store>,
    settings: Settings,
    keyring: Keyring,
    pub(super) slot: Option<SlotId>,
    ids: IdMaker,
    pub(super) cache: Option<Cache>,
    head: Mutex<Head>,
    table: RwLock<ChunkTable>,
    notices: Vec<String>,
    rollback: Option<String>,
}

impl Vault {
    /// Makes a vault in a folder that is absent or empty, and returns its id.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotEmpty`], [`VaultError::AlreadyAVault`], or storage that failed or has no put-if-absent.
    pub fn create(root: &Path, unlock: &Unlock, new: NewVault) -> Result<VaultId, VaultError> {
        let store = LocalStore::new(root);
        if store.size(&Name::settings()).map_err(VaultError::Store)?.is_some() {
            return Err(VaultError::AlreadyAVault { place: store.place() });
        }
        let occupied = std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
        if occupied || root.is_file() {
            return Err(VaultError::NotEmpty { place: store.place() });
        }
        store.create_folders().map_err(VaultError::Store)?;
        store.prove_put_if_absent().map_err(VaultError::Store)?;
        Vault::create_on(&store, unlock, new)
    }

    /// Makes a vault in storage that is empty and has put-if-absent, and returns its id.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub fn create_on(store: &dyn Store, unlock: &Unlock, new: NewVault) -> Result<VaultId, VaultError> {
        let vault = VaultId::from_bytes(random::bytes());
        let (suite, keyring, slot) = match unlock {
            Unlock::Nothing => (Suite::None, Keyring::public(vault), None),
            Unlock::With(secret) => {
                let keyring = Keyring::from_random(random::bytes(), random::bytes());
                let slot = keys::new_slot(vault, &keyring, secret, "first", new.now);
                (Suite::Aes256Gcm, keyring, Some(slot))
            }
        };
        let settings = Settings {
            vault,
            suite,
            chunk_log2: new.chunk_log2,
            fan_out_log2: new.fan_out_log2,
            id_hash: new.id_hash,
            created: new.now,
        };
        let sealer = keyring.sealer(vault, suite, random::bytes());
        let mut slots = Vec::new();
        if let Some((id, file)) = slot {
            create(store, &Name::slot(id), &file)?;
            slots.push(id);
        }
        let mut log = Log::begin(settings);
        let mut catalogue = Catalogue::default();
        let mut append = |request: Request| {
            log.append(store, &keyring, &sealer, &mut catalogue, &mut |_| {
                Ok::<_, VaultError>(request.clone())
            })
        };
        append(Request::Genesis { settings: settings.hash(), host_time: new.now })?;
        if !slots.is_empty() {
            append(Request::ChangeSlots { added: slots, removed: Vec::new() })?;
        }
        // Last, so that a vault is there whole or not at all.
        create(store, &Name::settings(), &settings.encode())?;
        Ok(vault)
    }

    /// Opens the vault in the folder `root`, keeping copies of its table below `cache_root`.
    ///
    /// # Errors
    ///
    /// [`VaultError`] saying why it cannot be opened.
    pub fn open(root: &Path, unlock: &Unlock, cache_root: &Path) -> Result<Vault, VaultError> {
        Vault::open_on(Box::new(LocalStore::new(root)), unlock, cache_root)
    }

    /// Opens the vault in `store`.
    ///
    /// # Errors
    ///
    /// As [`Vault::open`].
    pub fn open_on(store: Box<dyn Store>, unlock: &Unlock, cache_root: &Path) -> Result<Vault, VaultError> {
        let settings = read_settings(store.as_ref())?;
        let Unlocked { keyring, slot, log, catalogue } = slots::unlock(store.as_ref(), settings, unlock)?;
        let mut notices = Vec::new();
        let mut rollback = None;
        let cache = match Cache::open(cache_root, settings.vault) {
            Ok(cache) => Some(cache),
            Err(error) => {
                notices.push(format!(
                    "no cache folder at {} ({error}): the chunk table is held in memory",
                    cache_root.display()
                ));
                None
            }
        };
        if let Some(cache) = &cache {
            rollback = notice_rollback(cache, &catalogue);
            notices.extend(rollback.clone());
            cache.remember_head(catalogue.head_number, catalogue.head());
        }
        Ok(Vault {
            store,
            settings,
            ids: IdMaker::new(settings.id_hash, &keyring),
            keyring,
            slot,
            cache,
            head: Mutex::new(Head { log, catalogue }),
            table: RwLock::new(ChunkTable::default()),
            notices,
            rollback,
        })
    }

    /// Remembers the head, so that this host notices when an older copy of the vault is put in its place.
    pub(super) fn remember_head(&self, catalogue: &Catalogue) {
        if let Some(cache) = &self.cache {
            cache.remember_head(catalogue.head_number, catalogue.head());
        }
    }

    /// Where it lies.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// What is fixed for its life.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How it cuts streams.
    pub fn grid(&self) -> Grid {
        Grid::from(&self.settings)
    }

    /// Its secrets.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Makes its ids.
    pub fn ids(&self) -> &IdMaker {
        &self.ids
    }

    /// What a person should know, found while opening.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// In words, how the log falls short of what this host saw of it before.
    pub fn rollback(&self) -> Option<&str> {
        self.rollback.as_deref()
    }

    /// The newest state of the log. Hold it shortly: writers share it.
    pub fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where blobs lie.
    pub fn table(&self) -> &RwLock<ChunkTable> {
        &self.table
    }
}

/// Reads the settings of the vault in `store`.
///
/// # Errors
///
/// [`VaultError::NotAVault`], [`VaultError::Settings`].
pub fn read_settings(store: &dyn Store) -> Result<Settings, VaultError> {
    let file = store
        .read(&Name::settings(), SETTINGS_BYTES_MAX)
        .map_err(VaultError::Store)?
        .ok_or_else(|| VaultError::NotAVault { place: store.place() })?;
    Settings::decode(&file).map_err(|source| VaultError::Settings { place: store.place(), source })
}

pub(super) fn create(store: &dyn Store, name: &Name, file: &[u8]) -> Result<(), VaultError> {
    match store.create(name, file).map_err(VaultError::Store)? {
        Creation::Created => Ok(()),
        // The answer to our own create may have been lost, and asked for again.
        Creation::Exists
            if store.read(name, file.len() as u64).is_ok_and(|held| held.as_deref() == Some(file)) =>
        {
            Ok(())
        }
        Creation::Exists => Err(VaultError::AlreadyAVault { place: store.place() }),
    }
}

fn notice_rollback(cache: &Cache, catalogue: &Catalogue) -> Option<String> {
    let (seen, hash) = cache.seen_head()?;
    if seen > catalogue.head_number {
        return Some(format!(
            "this host saw record {seen} of this vault, but its log ends at {}: an older copy may have been put in its place",
            catalogue.head_number
        ));
    }
    (seen == catalogue.head_number && hash != catalogue.head())
        .then(|| format!("record {seen} is not the one this host saw: the log was replaced"))
}
