//! The few things a vault asks of storage.
//!
//! Files are written once and never changed. One operation must be atomic:
//! [`Store::create`], the put-if-absent that makes a log record. A local
//! directory, S3 and Azure Blob all have it.

use std::fmt;
use std::io;
use std::time::Duration;

use vhault_core::digest::{FragmentName, PackName, SlotId, hex};

/// The name of a file in a vault: its path below the vault, with `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The settings.
    pub fn settings() -> Name {
        Name("vault".into())
    }

    /// A key slot.
    pub fn slot(slot: SlotId) -> Name {
        Name(format!("{}/{slot}", Folder::Keys.path()))
    }

    /// Log record `number`.
    pub fn record(number: u64) -> Name {
        Name(format!("{}/{number:016x}", Folder::Log.path()))
    }

    /// The checkpoint of record `number`.
    pub fn checkpoint(number: u64) -> Name {
        Name(format!("{}/{number:016x}", Folder::Checkpoints.path()))
    }

    /// A pack.
    pub fn pack(pack: PackName) -> Name {
        Name(format!("{}/{}/{pack}", Folder::Packs.path(), hex(&pack.as_bytes()[..1])))
    }

    /// A table fragment.
    pub fn fragment(fragment: FragmentName) -> Name {
        Name(format!("{}/{fragment}", Folder::Tables.path()))
    }

    /// A name below `tmp/` for trying out what the storage can do.
    pub(super) fn probe(unique: &str) -> Name {
        Name(format!("{}/probe-{unique}", Folder::Temporary.path()))
    }

    /// The path below the vault.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A folder of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Key slots.
    Keys,
    /// Log records.
    Log,
    /// Checkpoints of the catalogue.
    Checkpoints,
    /// Packs, in folders named by their first byte.
    Packs,
    /// Table fragments.
    Tables,
    /// Files being written.
    Temporary,
}

impl Folder {
    /// All of them.
    pub const ALL: [Folder; 6] =
        [Folder::Keys, Folder::Log, Folder::Checkpoints, Folder::Packs, Folder::Tables, Folder::Temporary];

    /// The path below the vault.
    pub fn path(self) -> &'static str {
        match self {
            Folder::Keys => "keys",
            Folder::Log => "log",
            Folder::Checkpoints => "checkpoints",
            Folder::Packs => "packs",
            Folder::Tables => "tables",
            Folder::Temporary => "tmp",
        }
    }
}

/// A file as a listing shows it. Listings are hints: they may be stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its last name, without folder.
    pub file_name: String,
    /// Its length.
    pub bytes: u64,
}

/// A file below `tmp/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its last name, without folder.
    pub file_name: String,
    /// Its length.
    pub bytes: u64,
    /// For how long nobody wrote to it, by the storage's own clock.
    pub idle: Duration,
}

/// What became of a put-if-absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The file is there, whole and durable.
    Created,
    /// A file of that name was there already; it is untouched.
    Exists,
}

/// Why storage did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An operation failed; nothing half-done is visible.
    #[error("cannot {operation} {path}")]
    Failed {
        /// What was tried, as a verb.
        operation: &'static str,
        /// On what.
        path: String,
        /// Why.
        source: io::Error,
    },

    /// A sync failed or its answer was lost: whether the file is there after a crash is unknown.
    #[error("the sync of {path} failed, so whether it will survive a crash is unknown")]
    SyncUnknown {
        /// Of what.
        path: String,
        /// Why.
        source: io::Error,
    },

    /// A file is longer than anything of its kind can be.
    #[error("{path} is {bytes} bytes long, the limit for such a file is {limit}")]
    TooLong {
        /// Which file.
        path: String,
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },

    /// The storage has no way to create a file only if it is absent.
    #[error("{path} lies on storage that cannot create a file only if it is absent")]
    NoPutIfAbsent {
        /// The vault.
        path: String,
    },
}

impl StoreError {
    /// Whether the storage is full.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Failed { source, .. } | StoreError::SyncUnknown { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge))
    }
}

/// A file being written; nobody sees it until it is published.
pub trait Upload: Send {
    /// Appends.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Makes it durable under `name`, replacing nothing: names are content hashes.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn publish(self: Box<Self>, name: &Name) -> Result<(), StoreError>;
}

/// What holds a vault.
pub trait Store: Send + Sync {
    /// Where it is, for messages.
    fn place(&self) -> String;

    /// The length of a file, or `None` when it is absent.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn size(&self, name: &Name) -> Result<Option<u64>, StoreError>;

    /// A whole file of at most `limit` bytes, or `None` when it is absent.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`], or [`StoreError::TooLong`] before anything is allocated.
    fn read(&self, name: &Name, limit: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Fills `buffer` from `offset` of a file; `false` when the file is absent.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`], also when the file is shorter.
    fn read_at(&self, name: &Name, offset: u64, buffer: &mut [u8]) -> Result<bool, StoreError>;

    /// Creates a file only if it is absent, and returns when it is durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::SyncUnknown`] when it may or may not be there; else nothing was created.
    fn create(&self, name: &Name, bytes: &[u8]) -> Result<Creation, StoreError>;

    /// Makes an existing file and its folder durable, whoever wrote it.
    ///
    /// # Errors
    ///
    /// [`StoreError::SyncUnknown`].
    fn sync(&self, name: &Name) -> Result<(), StoreError>;

    /// Begins a file that is published later.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn begin(&self) -> Result<Box<dyn Upload>, StoreError>;

    /// What a folder holds, in no order that means anything.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn list(&self, folder: Folder) -> Result<Vec<Listed>, StoreError>;

    /// Files that were begun and have no name yet; storage that cleans up by itself shows none. The present is
    /// asked of the storage by a file of its own, where `may_write`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn temporary(&self, may_write: bool) -> Result<Vec<Unfinished>, StoreError>;

    /// Removes a file that was begun; absent is fine.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn remove_temporary(&self, file_name: &str) -> Result<(), StoreError>;

    /// Removes a file; absent is fine.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    fn remove(&self, name: &Name) -> Result<(), StoreError>;
}

/// Proves on this storage that of two racing creates of `name` one wins, and that a taken name is left alone.
///
/// # Errors
///
/// [`StoreError::NoPutIfAbsent`] when they do not.
pub(super) fn prove_put_if_absent(store: &dyn Store, name: &Name) -> Result<(), StoreError> {
    let race = std::thread::scope(|scope| {
        let racers = [b"one".as_slice(), b"two"].map(|bytes| scope.spawn(|| store.create(name, bytes)));
        racers.map(|racer| racer.join().expect("a create returns its errors"))
    });
    let again = store.create(name, b"three");
    store.remove(name)?;
    let [first, second] = race;
    let winners = [first?, second?].into_iter().filter(|creation| *creation == Creation::Created).count();
    if winners != 1 || again? != Creation::Exists {
        return Err(StoreError::NoPutIfAbsent { path: store.place() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Storage whose creates answer as they please.
    struct Answers {
        answer: fn(usize) -> Creation,
        asked: AtomicUsize,
    }

    impl Store for Answers {
        fn place(&self) -> String {
            "somewhere".into()
        }
        fn size(&self, _name: &Name) -> Result<Option<u64>, StoreError> {
            Ok(None)
        }
        fn read(&self, _name: &Name, _limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(None)
        }
        fn read_at(&self, _name: &Name, _offset: u64, _buffer: &mut [u8]) -> Result<bool, StoreError> {
            Ok(false)
        }
        fn create(&self, _name: &Name, _bytes: &[u8]) -> Result<Creation, StoreError> {
            Ok((self.answer)(self.asked.fetch_add(1, Ordering::SeqCst)))
        }
        fn sync(&self, _name: &Name) -> Result<(), StoreError> {
            Ok(())
        }
        fn begin(&self) -> Result<Box<dyn Upload>, StoreError> {
            Err(StoreError::NoPutIfAbsent { path: self.place() })
        }
        fn list(&self, _folder: Folder) -> Result<Vec<Listed>, StoreError> {
            Ok(Vec::new())
        }
        fn temporary(&self, _may_write: bool) -> Result<Vec<Unfinished>, StoreError> {
            Ok(Vec::new())
        }
        fn remove_temporary(&self, _file_name: &str) -> Result<(), StoreError> {
            Ok(())
        }
        fn remove(&self, _name: &Name) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[test]
    fn storage_where_two_creates_win_or_none_or_a_later_one_is_refused() {
        let proves = |answer: fn(usize) -> Creation| {
            let store = Answers { answer, asked: AtomicUsize::new(0) };
            prove_put_if_absent(&store, &Name::probe("test"))
        };
        let first_only = |asked| if asked == 0 { Creation::Created } else { Creation::Exists };
        assert!(proves(first_only).is_ok());
        let lies: [fn(usize) -> Creation; 3] = [
            |_| Creation::Created,
            |_| Creation::Exists,
            // A check, and then a rename: the race is won once, and a taken name is replaced all the same.
            |asked| if asked == 1 { Creation::Exists } else { Creation::Created },
        ];
        for lie in lies {
            assert!(matches!(proves(lie), Err(StoreError::NoPutIfAbsent { .. })));
        }
    }
}
