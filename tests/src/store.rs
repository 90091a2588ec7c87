//! A store in memory that fails as real ones do: cut short, full, or with an
//! answer that is lost.
//!
//! What was named but not yet synced may or may not survive a power cut; both
//! outcomes are tried.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vhault_datapath::vault::store::{Creation, Folder, Listed, Name, Store, StoreError, Unfinished, Upload};

/// For how long nobody wrote what others left behind: here, one writer is there at a time.
const LEFT_BEHIND: Duration = Duration::from_secs(365 * 86_400);

/// What goes wrong at one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine dies before the operation had any effect.
    DiesBefore,
    /// The machine dies when the name is there and its folder is not synced: the name is lost.
    DiesUnsynced,
    /// The machine dies when the operation was done and nobody was told.
    DiesAfter,
    /// No room is left for this operation.
    Full,
    /// The device fails this operation.
    Broken,
    /// The operation was done, and its answer says that it failed.
    AnswerLost,
    /// A create was done, and its answer says that the file existed.
    SaysExists,
    /// A sync failed: the operation may or may not survive.
    SyncFails,
    /// Listings show what there was when the store was opened.
    StaleListing,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 9] = [
        Fault::DiesBefore,
        Fault::DiesUnsynced,
        Fault::DiesAfter,
        Fault::Full,
        Fault::Broken,
        Fault::AnswerLost,
        Fault::SaysExists,
        Fault::SyncFails,
        Fault::StaleListing,
    ];
}

#[derive(Clone, Debug, Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    /// Files without a name yet; whoever dies leaves them behind.
    unfinished: BTreeMap<String, Vec<u8>>,
    /// Names that a power cut would lose.
    unsynced: Vec<String>,
    listed: Option<BTreeMap<String, Vec<u8>>>,
    operations: usize,
    fault: Option<(usize, Fault)>,
    is_dead: bool,
    /// What was operated on when the fault came.
    struck: Option<String>,
}

/// A store in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct FailingStore {
    state: Arc<Mutex<State>>,
}

/// How an operation that changes something goes on.
enum Course {
    Well,
    /// Done, and then this error.
    DoneBut(StoreError),
    /// Done and named, but not durable; the machine is dead.
    Unsynced,
    SaysExists,
}

impl FailingStore {
    /// A copy of its own, as after a power cut: what was not synced is gone, and nothing fails any more.
    #[must_use]
    pub fn after_power_cut(&self) -> FailingStore {
        let mut state = self.lock().clone();
        for name in std::mem::take(&mut state.unsynced) {
            state.files.remove(&name);
        }
        let state = State { files: state.files, unfinished: state.unfinished, ..State::default() };
        FailingStore { state: Arc::new(Mutex::new(state)) }
    }

    /// The same store for another process of a machine that goes on: what was not synced is seen all the same.
    #[must_use]
    pub fn for_another_process(&self) -> FailingStore {
        let state = self.lock().clone();
        let State { files, unfinished, unsynced, .. } = state;
        let state = State { files, unfinished, unsynced, ..State::default() };
        FailingStore { state: Arc::new(Mutex::new(state)) }
    }

    /// A copy of its own with `fault` at operation `number`, from 0.
    #[must_use]
    pub fn failing(&self, number: usize, fault: Fault) -> FailingStore {
        let files = self.lock().files.clone();
        let listed = (fault == Fault::StaleListing).then(|| files.clone());
        let state = State { files, listed, fault: Some((number, fault)), ..State::default() };
        FailingStore { state: Arc::new(Mutex::new(state)) }
    }

    /// How many operations were asked for.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.lock().operations
    }

    /// What was operated on when the fault came; none where it never came.
    #[must_use]
    pub fn struck(&self) -> Option<String> {
        self.lock().struck.clone()
    }

    /// How many files were begun, and have neither a name nor anybody who writes them.
    #[must_use]
    pub fn left_behind(&self) -> usize {
        self.lock().unfinished.len()
    }

    /// The names of all files whose name begins with `folder`.
    #[must_use]
    pub fn names(&self, folder: &str) -> Vec<String> {
        self.lock().files.keys().filter(|name| name.starts_with(folder)).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(operation: &'static str, name: &str, kind: io::ErrorKind) -> StoreError {
    StoreError::Failed { operation, path: name.into(), source: io::Error::from(kind) }
}

impl State {
    /// Counts an operation, and says whether it fails before it does anything.
    fn begin(&mut self, operation: &'static str, name: &str) -> Result<Course, StoreError> {
        let dead = || failed(operation, name, io::ErrorKind::ConnectionAborted);
        if self.is_dead {
            return Err(dead());
        }
        let number = self.operations;
        self.operations += 1;
        let Some(fault) = self.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault) else {
            return Ok(Course::Well);
        };
        self.struck = Some(format!("{operation} {name}"));
        let is_create = operation == "create";
        match fault {
            Fault::DiesBefore => {
                self.is_dead = true;
                Err(dead())
            }
            Fault::DiesUnsynced if matches!(operation, "create" | "publish") => {
                self.is_dead = true;
                Ok(Course::Unsynced)
            }
            Fault::DiesAfter | Fault::DiesUnsynced => {
                self.is_dead = true;
                Ok(Course::DoneBut(dead()))
            }
            Fault::Full if matches!(operation, "create" | "publish" | "write" | "begin") => {
                Err(failed(operation, name, io::ErrorKind::StorageFull))
            }
            Fault::Broken => Err(failed(operation, name, io::ErrorKind::Other)),
            Fault::AnswerLost => Ok(Course::DoneBut(failed(operation, name, io::ErrorKind::TimedOut))),
            Fault::SaysExists if is_create => Ok(Course::SaysExists),
            Fault::SyncFails if matches!(operation, "create" | "publish" | "sync") => {
                let source = io::Error::from(io::ErrorKind::Other);
                Ok(Course::DoneBut(StoreError::SyncUnknown { path: name.into(), source }))
            }
            _ => Ok(Course::Well),
        }
    }
}

impl Store for FailingStore {
    fn place(&self) -> String {
        "a store in memory".into()
    }

    fn size(&self, name: &Name) -> Result<Option<u64>, StoreError> {
        let mut state = self.lock();
        match state.begin("look at", name.as_str())? {
            Course::DoneBut(error) => Err(error),
            _ => Ok(state.files.get(name.as_str()).map(|file| file.len() as u64)),
        }
    }

    fn read(&self, name: &Name, _limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut state = self.lock();
        match state.begin("read", name.as_str())? {
            Course::DoneBut(error) => Err(error),
            _ => Ok(state.files.get(name.as_str()).cloned()),
        }
    }

    fn read_at(&self, name: &Name, offset: u64, buffer: &mut [u8]) -> Result<bool, StoreError> {
        let mut state = self.lock();
        if let Course::DoneBut(error) = state.begin("read", name.as_str())? {
            return Err(error);
        }
        let Some(file) = state.files.get(name.as_str()) else { return Ok(false) };
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let here = file.get(start..).and_then(|rest| rest.get(..buffer.len()));
        let short = || failed("read", name.as_str(), io::ErrorKind::UnexpectedEof);
        buffer.copy_from_slice(here.ok_or_else(short)?);
        Ok(true)
    }

    fn create(&self, name: &Name, bytes: &[u8]) -> Result<Creation, StoreError> {
        let mut state = self.lock();
        let course = state.begin("create", name.as_str())?;
        if state.files.contains_key(name.as_str()) {
            return Ok(Creation::Exists);
        }
        state.files.insert(name.as_str().into(), bytes.into());
        match course {
            Course::Well => Ok(Creation::Created),
            Course::SaysExists => Ok(Creation::Exists),
            Course::DoneBut(error) => Err(error),
            Course::Unsynced => {
                state.unsynced.push(name.as_str().into());
                Err(failed("create", name.as_str(), io::ErrorKind::ConnectionAborted))
            }
        }
    }

    fn sync(&self, name: &Name) -> Result<(), StoreError> {
        let mut state = self.lock();
        match state.begin("sync", name.as_str())? {
            Course::DoneBut(error) => Err(error),
            _ => {
                state.unsynced.retain(|unsynced| unsynced != name.as_str());
                Ok(())
            }
        }
    }

    fn begin(&self) -> Result<Box<dyn Upload>, StoreError> {
        let mut state = self.lock();
        let course = state.begin("begin", "an upload")?;
        let file_name = format!("upload-{}-{}", state.unfinished.len(), state.operations);
        state.unfinished.insert(file_name.clone(), Vec::new());
        match course {
            Course::DoneBut(error) => Err(error),
            _ => Ok(Box::new(Growing { store: self.clone(), file_name })),
        }
    }

    fn temporary(&self, _may_write: bool) -> Result<Vec<Unfinished>, StoreError> {
        let mut state = self.lock();
        if let Course::DoneBut(error) = state.begin("list", Folder::Temporary.path())? {
            return Err(error);
        }
        let unfinished = |(file_name, file): (&String, &Vec<u8>)| Unfinished {
            file_name: file_name.clone(),
            bytes: file.len() as u64,
            idle: LEFT_BEHIND,
        };
        Ok(state.unfinished.iter().map(unfinished).collect())
    }

    fn remove_temporary(&self, file_name: &str) -> Result<(), StoreError> {
        let mut state = self.lock();
        let course = state.begin("remove", file_name)?;
        state.unfinished.remove(file_name);
        match course {
            Course::DoneBut(error) => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self, folder: Folder) -> Result<Vec<Listed>, StoreError> {
        let mut state = self.lock();
        if let Course::DoneBut(error) = state.begin("list", folder.path())? {
            return Err(error);
        }
        let prefix = format!("{}/", folder.path());
        let files = state.listed.as_ref().unwrap_or(&state.files);
        let inside = files.iter().filter(|(name, _)| name.starts_with(&prefix));
        Ok(inside
            .map(|(name, file)| Listed {
                file_name: name.rsplit('/').next().unwrap_or_default().into(),
                bytes: file.len() as u64,
            })
            .collect())
    }

    fn remove(&self, name: &Name) -> Result<(), StoreError> {
        let mut state = self.lock();
        let course = state.begin("remove", name.as_str())?;
        state.files.remove(name.as_str());
        match course {
            Course::DoneBut(error) => Err(error),
            _ => Ok(()),
        }
    }
}

/// A file that has no name yet.
struct Growing {
    store: FailingStore,
    file_name: String,
}

impl Upload for Growing {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut state = self.store.lock();
        let course = state.begin("write", "an upload")?;
        let file = state.unfinished.entry(self.file_name.clone()).or_default();
        // Torn: only the first half arrives.
        if let Course::DoneBut(error) = course {
            file.extend(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        file.extend(bytes);
        Ok(())
    }

    fn publish(self: Box<Self>, name: &Name) -> Result<(), StoreError> {
        let mut state = self.store.lock();
        let course = state.begin("publish", name.as_str())?;
        let file = state.unfinished.remove(&self.file_name).unwrap_or_default();
        state.files.insert(name.as_str().into(), file);
        match course {
            Course::DoneBut(error) => Err(error),
            Course::Unsynced => {
                state.unsynced.push(name.as_str().into());
                Err(failed("publish", name.as_str(), io::ErrorKind::ConnectionAborted))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        let mut state = self.store.lock();
        if !state.is_dead {
            state.unfinished.remove(&self.file_name);
        }
    }
}
