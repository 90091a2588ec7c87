//! Reading the log up to its head, and appending to it.
//!
//! Rules: `docs/promises.md`, "The log".

use vhault_core::catalogue::{Catalogue, decode_checkpoint, encode_checkpoint};
use vhault_core::digest::CommitId;
use vhault_core::protocol::{Request, decide};
use vhault_core::vault::envelope::{Envelope, FileKind};
use vhault_core::vault::error::FormatError;
use vhault_core::vault::key::Keyring;
use vhault_core::vault::record::{RECORD_BYTES_MAX, Record, decode_record, encode_record};
use vhault_core::vault::seal::Sealer;
use vhault_core::vault::settings::Settings;

use super::error::VaultError;
use super::random;
use super::store::{Creation, Folder, Name, Store, StoreError};

/// A checkpoint is written when so many records came since the last one.
pub const RECORDS_PER_CHECKPOINT: u64 = 64;
/// No checkpoint is longer.
pub const CHECKPOINT_BYTES_MAX: u64 = 1 << 30;

/// The log as this process has read it.
pub struct Log {
    settings: Settings,
    /// The newest record known to be durable, by our own sync.
    synced: u64,
    checkpoint: u64,
    /// The newest epoch of the keys that a record was sealed under.
    epoch: u32,
}

impl Log {
    /// The log of a vault that has no record yet.
    pub fn begin(settings: Settings) -> Log {
        Log { settings, synced: 0, checkpoint: 0, epoch: 0 }
    }

    /// Reads the whole log: the newest usable checkpoint, then record after record until one is absent.
    ///
    /// # Errors
    ///
    /// [`VaultError`] naming the record that cannot be used.
    pub fn open(
        store: &dyn Store,
        settings: Settings,
        keyring: &Keyring,
    ) -> Result<(Log, Catalogue), VaultError> {
        let mut catalogue = newest_checkpoint(store, &settings, keyring)?;
        // A checkpoint is of the newest epoch, or passed over.
        let epoch = if catalogue.head_number > 0 { keyring.epoch() } else { 0 };
        let mut log = Log { settings, synced: 0, checkpoint: catalogue.head_number, epoch };
        log.catch_up(store, keyring, &mut catalogue)?;
        if catalogue.head_number == 0 {
            return Err(VaultError::NoLog { place: store.place() });
        }
        if catalogue.settings_hash != settings.hash() {
            return Err(VaultError::SettingsSwapped { place: store.place() });
        }
        log.refuse_gap(store, catalogue.head_number)?;
        Ok((log, catalogue))
    }

    /// Folds in what others appended since.
    ///
    /// # Errors
    ///
    /// [`VaultError`] naming the record that cannot be used.
    pub fn catch_up(
        &mut self,
        store: &dyn Store,
        keyring: &Keyring,
        catalogue: &mut Catalogue,
    ) -> Result<(), VaultError> {
        while let Some((record, epoch)) = self.read(store, keyring, catalogue.head_number + 1)? {
            if epoch < self.epoch {
                let (number, newest) = (record.number, self.epoch);
                return Err(VaultError::StaleEpoch { number, epoch, newest });
            }
            self.epoch = epoch;
            if record.head.previous != catalogue.head_hash {
                return Err(VaultError::BrokenChain { number: record.number });
            }
            catalogue.apply(&record);
        }
        Ok(())
    }

    /// Appends what the protocol makes of a request, and folds it in. Whenever somebody else was faster, `ask` is
    /// asked anew with the newest catalogue, and the protocol decides anew: nothing else writes to a log.
    ///
    /// # Errors
    ///
    /// What `ask` returns; [`VaultError::Refused`]; [`VaultError::OutcomeUnknown`] when a sync failed.
    pub fn append<E: From<VaultError>>(
        &mut self,
        store: &dyn Store,
        keyring: &Keyring,
        sealer: &Sealer,
        catalogue: &mut Catalogue,
        ask: &mut dyn FnMut(&Catalogue) -> Result<Request, E>,
    ) -> Result<u64, E> {
        loop {
            self.catch_up(store, keyring, catalogue)?;
            let request = ask(catalogue)?;
            let entry = decide(catalogue, request).map_err(VaultError::Refused)?;
            let head = catalogue.head_number;
            // Whoever wrote the head: it must survive whatever we build on it.
            if self.synced < head {
                match store.sync(&Name::record(head)) {
                    Ok(()) => self.synced = head,
                    Err(_) if matches!(store.size(&Name::record(head)), Ok(None)) => {
                        return Err(VaultError::MissingHead { number: head }.into());
                    }
                    Err(error) => return Err(VaultError::Store(error).into()),
                }
            }
            let commit = CommitId::from_bytes(random::bytes());
            let number = head + 1;
            let file = encode_record(self.settings.vault, sealer, number, catalogue.head(), commit, &entry)
                .map_err(|source| VaultError::Record { number, source })?;
            let created = store.create(&Name::record(number), &file);
            let unclear = !matches!(created, Ok(Creation::Created));
            if unclear {
                // "Exists" and errors can both follow a success whose answer was lost: our own id tells.
                let found = self.read(store, keyring, number);
                let ours = matches!(&found, Ok(Some((record, _))) if record.head.commit_id() == commit);
                match created {
                    Ok(_) if matches!(found, Ok(None)) => return Err(VaultError::Unsteady { number }.into()),
                    Ok(_) if !ours => continue,
                    Ok(_) => {}
                    Err(StoreError::SyncUnknown { path, source }) => {
                        return Err(VaultError::OutcomeUnknown { number, path, source }.into());
                    }
                    Err(error) if !ours => return Err(VaultError::Store(error).into()),
                    Err(_) => store.sync(&Name::record(number)).map_err(VaultError::Store)?,
                }
            }
            self.synced = number;
            self.epoch = keyring.epoch();
            let record = decode_record(&file, self.settings.vault, keyring)
                .map_err(|source| VaultError::Record { number, source })?;
            catalogue.apply(&record);
            return Ok(number);
        }
    }

    /// Writes a checkpoint when enough records came since the last. Checkpoints only make opening cheap: a failure
    /// is no failure of what was done.
    pub fn checkpoint(&mut self, store: &dyn Store, sealer: &Sealer, catalogue: &Catalogue) {
        if catalogue.head_number < self.checkpoint + RECORDS_PER_CHECKPOINT {
            return;
        }
        self.write_checkpoint(store, sealer, catalogue);
    }

    /// Writes a checkpoint now.
    pub fn write_checkpoint(&mut self, store: &dyn Store, sealer: &Sealer, catalogue: &Catalogue) {
        let file = encode_checkpoint(self.settings.vault, sealer, catalogue);
        if store.create(&Name::checkpoint(catalogue.head_number), &file).is_ok() {
            self.checkpoint = catalogue.head_number;
        }
    }

    /// A record, and the epoch of the keys that it is sealed under.
    fn read(
        &self,
        store: &dyn Store,
        keyring: &Keyring,
        number: u64,
    ) -> Result<Option<(Record, u32)>, VaultError> {
        let Some(file) = store.read(&Name::record(number), RECORD_BYTES_MAX).map_err(VaultError::Store)?
        else {
            return Ok(None);
        };
        let unusable = |source| match source {
            FormatError::Epoch { epoch, newest } if epoch > newest => {
                VaultError::KeysRotated { number, epoch }
            }
            source => VaultError::Record { number, source },
        };
        let envelope = Envelope::decode_of(&file, FileKind::Record, self.settings.vault).map_err(unusable)?;
        let record = decode_record(&file, self.settings.vault, keyring).map_err(unusable)?;
        if record.number != number {
            return Err(VaultError::Misnamed {
                name: Name::record(number).to_string(),
                states: record.number,
            });
        }
        Ok(Some((record, envelope.key.epoch)))
    }

    /// A listing may be stale and show less; if it shows a record beyond the head, one in between is gone.
    fn refuse_gap(&self, store: &dyn Store, head: u64) -> Result<(), VaultError> {
        let newest = store
            .list(Folder::Log)
            .map_err(VaultError::Store)?
            .iter()
            .filter_map(|listed| record_number(&listed.file_name))
            .max()
            .unwrap_or(0);
        // Somebody may have appended since we found the head absent.
        if newest > head && store.size(&Name::record(head + 1)).map_err(VaultError::Store)?.is_none() {
            return Err(VaultError::MissingRecord { number: head + 1, newest });
        }
        Ok(())
    }
}

fn record_number(file_name: &str) -> Option<u64> {
    (file_name.len() == 16).then(|| u64::from_str_radix(file_name, 16).ok()).flatten()
}

fn newest_checkpoint(
    store: &dyn Store,
    settings: &Settings,
    keyring: &Keyring,
) -> Result<Catalogue, VaultError> {
    let mut numbers: Vec<u64> = store
        .list(Folder::Checkpoints)
        .map_err(VaultError::Store)?
        .iter()
        .filter_map(|listed| record_number(&listed.file_name))
        .collect();
    numbers.sort_unstable();
    for number in numbers.into_iter().rev() {
        let Ok(Some(file)) = store.read(&Name::checkpoint(number), CHECKPOINT_BYTES_MAX) else { continue };
        let Ok(catalogue) = decode_checkpoint(&file, settings.vault, keyring) else { continue };
        if catalogue.head_number == number {
            return Ok(catalogue);
        }
    }
    Ok(Catalogue::default())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vhault_core::protocol::Refusal;
    use vhault_core::time::Instant;

    use super::*;
    use crate::monitor::Silent;
    use crate::vault::open::NewVault;
    use crate::vault::{Session, Unlock, Vault};
    use crate::verify::{Level, verify};

    fn new_vault(root: &Path) -> Vault {
        let new = NewVault::default();
        Vault::create(root, &Unlock::Nothing, new).unwrap();
        open(root)
    }

    fn open(root: &Path) -> Vault {
        Vault::open(root, &Unlock::Nothing, &root.with_extension("cache")).unwrap()
    }

    fn commit_nothing(vault: &Vault) {
        let (session, _) = Session::begin(vault, "test", Instant::default(), &[]).unwrap();
        session.commit(&[], Instant::default()).unwrap();
    }

    #[test]
    fn a_checkpoint_comes_after_enough_records_and_says_what_the_log_says() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        let vault = new_vault(&root);
        while vault.head().catalogue.head_number < RECORDS_PER_CHECKPOINT + 3 {
            commit_nothing(&vault);
        }
        let listed = vault.store().list(Folder::Checkpoints).unwrap();
        let [checkpoint] = listed.as_slice() else { panic!("{listed:?}") };
        let path = root.join("checkpoints").join(&checkpoint.file_name);

        let by_checkpoint = open(&root).head().catalogue.clone();
        assert_eq!(by_checkpoint, vault.head().catalogue);

        // Damaged, it is passed over; with the first records gone, it is what opening rests on.
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(open(&root).head().catalogue, by_checkpoint);
        std::fs::write(&path, whole).unwrap();
        std::fs::remove_file(root.join("log/0000000000000001")).unwrap();
        let rests_on_it = open(&root);
        assert_eq!(rests_on_it.head().catalogue, by_checkpoint);
        let verified = verify(&rests_on_it, Level::Structure, 1, &Silent).unwrap();
        assert!(!verified.is_sound(), "a record is gone, and verify says so");
    }

    #[test]
    fn two_hosts_that_append_see_each_others_records() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        let (first, second) = (new_vault(&root), open(&root));
        commit_nothing(&first);
        commit_nothing(&second);
        commit_nothing(&first);
        assert_eq!(first.head().catalogue.head_number, 7);
        assert_eq!(open(&root).head().catalogue, first.head().catalogue);
    }

    #[test]
    fn a_gap_a_broken_chain_and_a_renamed_record_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        let vault = new_vault(&root);
        commit_nothing(&vault);
        commit_nothing(&vault);
        drop(vault);
        let record = |number: u64| root.join(format!("log/{number:016x}"));
        let fails = || match Vault::open(&root, &Unlock::Nothing, &root.with_extension("other")) {
            Ok(_) => panic!("it opened"),
            Err(error) => error,
        };
        let kept = std::fs::read(record(3)).unwrap();
        std::fs::remove_file(record(3)).unwrap();
        assert!(matches!(fails(), VaultError::MissingRecord { number: 3, newest: 5 }));
        std::fs::copy(record(4), record(3)).unwrap();
        assert!(matches!(fails(), VaultError::Misnamed { states: 4, .. }));
        std::fs::write(record(3), &kept).unwrap();
        assert_eq!(open(&root).head().catalogue.head_number, 5);

        // A record of the same number from a fork of the vault does not continue this one.
        let fork = folder.path().join("fork");
        std::fs::create_dir_all(&fork).unwrap();
        let copied =
            std::process::Command::new("cp").arg("-r").arg(root.join(".")).arg(&fork).status().unwrap();
        assert!(copied.success());
        std::fs::remove_file(fork.join("log/0000000000000005")).unwrap();
        std::fs::remove_file(fork.join("log/0000000000000004")).unwrap();
        commit_nothing(&open(&fork));
        std::fs::copy(fork.join("log/0000000000000004"), record(4)).unwrap();
        assert!(matches!(fails(), VaultError::BrokenChain { number: 5 }));
    }

    #[test]
    fn a_fenced_session_cannot_commit() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        let vault = new_vault(&root);
        let (session, _) = Session::begin(&vault, "test", Instant::default(), &[]).unwrap();
        let id = session.id();
        let other = open(&root);
        other
            .append(&mut |catalogue| {
                let seen_record = catalogue.sessions[&id].last_record;
                Ok::<_, VaultError>(Request::Fence { session: id, seen_record })
            })
            .unwrap();
        let refused = session.commit(&[], Instant::default());
        assert!(
            matches!(refused, Err(VaultError::Refused(Refusal::NotOpen { session })) if session == id),
            "{refused:?}"
        );
    }
}
