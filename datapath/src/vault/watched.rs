//! A store that says what is in flight, so that somebody who waits in vain can
//! say for what.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::store::{Creation, Folder, Listed, Name, Store, StoreError, Unfinished, Upload};

/// Operations in flight, by number, and what each is.
#[derive(Debug, Default)]
pub struct Flights {
    next: AtomicU64,
    in_flight: Mutex<BTreeMap<u64, String>>,
}

impl Flights {
    /// The numbers of those in flight. No number is used twice.
    pub fn numbers(&self) -> Vec<u64> {
        self.lock().keys().copied().collect()
    }

    /// What an operation in flight is, in words.
    pub fn words(&self, number: u64) -> Option<String> {
        self.lock().get(&number).cloned()
    }

    fn during<T>(&self, verb: &str, what: &str, operation: impl FnOnce() -> T) -> T {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, format!("{verb} {what}"));
        let done = operation();
        self.lock().remove(&number);
        done
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, String>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store whose operations are seen.
pub struct WatchedStore<S> {
    inner: S,
    flights: Arc<Flights>,
}

impl<S: Store> WatchedStore<S> {
    /// `inner`, seen through `flights`.
    pub fn new(inner: S, flights: Arc<Flights>) -> WatchedStore<S> {
        WatchedStore { inner, flights }
    }
}

impl<S: Store> Store for WatchedStore<S> {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn size(&self, name: &Name) -> Result<Option<u64>, StoreError> {
        self.flights.during("look at", name.as_str(), || self.inner.size(name))
    }

    fn read(&self, name: &Name, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.flights.during("read", name.as_str(), || self.inner.read(name, limit))
    }

    fn read_at(&self, name: &Name, offset: u64, buffer: &mut [u8]) -> Result<bool, StoreError> {
        self.flights.during("read", name.as_str(), || self.inner.read_at(name, offset, buffer))
    }

    fn create(&self, name: &Name, bytes: &[u8]) -> Result<Creation, StoreError> {
        self.flights.during("create", name.as_str(), || self.inner.create(name, bytes))
    }

    fn sync(&self, name: &Name) -> Result<(), StoreError> {
        self.flights.during("sync", name.as_str(), || self.inner.sync(name))
    }

    fn begin(&self) -> Result<Box<dyn Upload>, StoreError> {
        let inner = self.flights.during("begin a file in", "tmp", || self.inner.begin())?;
        Ok(Box::new(WatchedUpload { inner, flights: Arc::clone(&self.flights) }))
    }

    fn list(&self, folder: Folder) -> Result<Vec<Listed>, StoreError> {
        self.flights.during("list", folder.path(), || self.inner.list(folder))
    }

    fn temporary(&self, may_write: bool) -> Result<Vec<Unfinished>, StoreError> {
        self.flights.during("list", Folder::Temporary.path(), || self.inner.temporary(may_write))
    }

    fn remove_temporary(&self, file_name: &str) -> Result<(), StoreError> {
        self.flights.during("remove", file_name, || self.inner.remove_temporary(file_name))
    }

    fn remove(&self, name: &Name) -> Result<(), StoreError> {
        self.flights.during("remove", name.as_str(), || self.inner.remove(name))
    }
}

struct WatchedUpload {
    inner: Box<dyn Upload>,
    flights: Arc<Flights>,
}

impl Upload for WatchedUpload {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.flights.during("write to a file in", "tmp", || self.inner.write(bytes))
    }

    fn publish(self: Box<Self>, name: &Name) -> Result<(), StoreError> {
        let WatchedUpload { inner, flights } = *self;
        flights.during("make durable", name.as_str(), || inner.publish(name))
    }
}
