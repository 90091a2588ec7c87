//! A vault in a local directory.
//!
//! A file is written under `tmp/`, synced, given its name, and its folder is
//! synced. Records get their name by `link`, which fails when the name is
//! taken; where links are not to be had, by a rename that replaces nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use vhault_core::digest::hex;

use super::random;
use super::store::{
    Creation, Folder, Listed, Name, Store, StoreError, Unfinished, Upload, prove_put_if_absent,
};
use crate::uncached::{UncachedFile, Window};

/// Packs kept open for reading.
const OPEN_FILES_MAX: usize = 64;

/// A vault's directory.
pub struct LocalStore {
    root: PathBuf,
    /// Makes names below `tmp/` that no other process makes.
    prefix: String,
    next: Arc<AtomicU64>,
    open: Mutex<BTreeMap<Name, Arc<File>>>,
}

impl LocalStore {
    /// The directory `root`, which may not be a vault yet.
    pub fn new(root: impl Into<PathBuf>) -> LocalStore {
        LocalStore {
            root: root.into(),
            prefix: hex(&random::bytes::<8>()),
            next: Arc::new(AtomicU64::new(0)),
            open: Mutex::new(BTreeMap::new()),
        }
    }

    /// Makes the folders of a new vault. `root` must be absent or empty.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`].
    pub fn create_folders(&self) -> Result<(), StoreError> {
        let make = |path: &Path| fs::create_dir_all(path).map_err(|source| failed("create", path, source));
        make(&self.root)?;
        for folder in Folder::ALL {
            make(&self.root.join(folder.path()))?;
        }
        sync_folder(&self.root)?;
        let parent = self.root.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync_folder(parent.unwrap_or(Path::new(".")))
    }

    /// Proves that of two racing creates one wins, and that a taken name is left alone.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoPutIfAbsent`] when they do not.
    pub fn prove_put_if_absent(&self) -> Result<(), StoreError> {
        prove_put_if_absent(self, &Name::probe(&self.prefix))
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.root.join(name.as_str())
    }

    fn begin_file(
        &self,
        create: fn(&Path, u32) -> io::Result<UncachedFile>,
    ) -> Result<Temporary, StoreError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.root.join(Folder::Temporary.path()).join(format!("{}-{number}", self.prefix));
        let open = || create(&path, 0o600);
        let file = open().or_else(|error| {
            if error.kind() != ErrorKind::NotFound {
                return Err(error);
            }
            // A copy of the vault made without its empty folders.
            fs::create_dir_all(self.root.join(Folder::Temporary.path()))?;
            open()
        });
        let file = file.map_err(|source| failed("create", &path, source))?;
        Ok(Temporary {
            root: self.root.clone(),
            path,
            file: Some(file),
            window: Window::default(),
            length: 0,
        })
    }

    fn opened(&self, name: &Name) -> Result<Option<Arc<File>>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(name) {
            return Ok(Some(Arc::clone(file)));
        }
        let path = self.path(name);
        let file = match File::open(&path) {
            Ok(file) => Arc::new(file),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed("open", &path, source)),
        };
        if open.len() >= OPEN_FILES_MAX {
            open.pop_first();
        }
        open.insert(name.clone(), Arc::clone(&file));
        Ok(Some(file))
    }
}

impl Store for LocalStore {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn size(&self, name: &Name) -> Result<Option<u64>, StoreError> {
        let path = self.path(name);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if is_absent(&error) => Ok(None),
            Err(source) => Err(failed("look at", &path, source)),
        }
    }

    fn read(&self, name: &Name, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(source) => return Err(failed("open", &path, source)),
        };
        let bytes = file.metadata().map_err(|source| failed("look at", &path, source))?.len();
        if bytes > limit {
            return Err(StoreError::TooLong { path: path.display().to_string(), bytes, limit });
        }
        let mut content = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut content, 0).map_err(|source| failed("read", &path, source))?;
        Ok(Some(content))
    }

    fn read_at(&self, name: &Name, offset: u64, buffer: &mut [u8]) -> Result<bool, StoreError> {
        let Some(file) = self.opened(name)? else { return Ok(false) };
        file.read_exact_at(buffer, offset).map_err(|source| failed("read", &self.path(name), source))?;
        Ok(true)
    }

    fn create(&self, name: &Name, bytes: &[u8]) -> Result<Creation, StoreError> {
        let temporary = self.begin_file(UncachedFile::create_small)?;
        let written = temporary.file().file().write_all_at(bytes, 0);
        written.map_err(|source| failed("write", &temporary.path, source))?;
        temporary.sync()?;
        let path = self.path(name);
        match link_or_rename(&temporary.path, &path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Creation::Exists),
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput) => {
                return Err(StoreError::NoPutIfAbsent { path: self.place() });
            }
            Err(source) => return Err(failed("create", &path, source)),
        }
        sync_folder(path.parent().unwrap_or(&self.root))?;
        Ok(Creation::Created)
    }

    fn sync(&self, name: &Name) -> Result<(), StoreError> {
        let path = self.path(name);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(|source| StoreError::SyncUnknown { path: path.display().to_string(), source })?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }

    fn begin(&self) -> Result<Box<dyn Upload>, StoreError> {
        Ok(Box::new(self.begin_file(UncachedFile::create_large)?))
    }

    fn list(&self, folder: Folder) -> Result<Vec<Listed>, StoreError> {
        let path = self.root.join(folder.path());
        let mut listed = Vec::new();
        if folder == Folder::Packs {
            for shard in list_folder(&path)? {
                if shard.1.is_dir() {
                    list_files(&path.join(shard.0), &mut listed)?;
                }
            }
        } else {
            list_files(&path, &mut listed)?;
        }
        Ok(listed)
    }

    fn temporary(&self, may_write: bool) -> Result<Vec<Unfinished>, StoreError> {
        let folder = self.root.join(Folder::Temporary.path());
        let mut present = SystemTime::now();
        let own = if may_write { Some(self.begin_file(UncachedFile::create_small)?) } else { None };
        if let Some(own) = &own {
            let stamp = fs::metadata(&own.path).and_then(|metadata| metadata.modified());
            present = stamp.map_err(|source| failed("look at", &own.path, source))?;
        }
        let mut unfinished = Vec::new();
        for (file_name, metadata) in list_folder(&folder)? {
            let is_own = file_name.starts_with(&self.prefix);
            let Ok(modified) = metadata.modified() else { continue };
            if metadata.is_file() && !is_own {
                let idle = present.duration_since(modified).unwrap_or_default();
                unfinished.push(Unfinished { file_name, bytes: metadata.len(), idle });
            }
        }
        unfinished.sort_by(|first, second| first.file_name.cmp(&second.file_name));
        Ok(unfinished)
    }

    fn remove_temporary(&self, file_name: &str) -> Result<(), StoreError> {
        let path = self.root.join(Folder::Temporary.path()).join(file_name);
        match fs::remove_file(&path) {
            Err(error) if !is_absent(&error) => Err(failed("remove", &path, error)),
            _ => Ok(()),
        }
    }

    fn remove(&self, name: &Name) -> Result<(), StoreError> {
        let path = self.path(name);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        match fs::remove_file(&path) {
            // A file that comes back after a power cut would be nobody's.
            Ok(()) => sync_folder(path.parent().unwrap_or(&self.root)),
            Err(error) if is_absent(&error) => Ok(()),
            Err(source) => Err(failed("remove", &path, source)),
        }
    }
}

/// A file below `tmp/`; removed when it is dropped before it has a name.
struct Temporary {
    root: PathBuf,
    path: PathBuf,
    file: Option<UncachedFile>,
    window: Window,
    /// Bytes taken so far.
    length: u64,
}

impl Temporary {
    fn file(&self) -> &UncachedFile {
        self.file.as_ref().expect("a temporary file is open until it is published")
    }

    fn sync(&self) -> Result<(), StoreError> {
        let path = self.path.display().to_string();
        self.file().file().sync_all().map_err(|source| StoreError::SyncUnknown { path, source })
    }
}

impl Upload for Temporary {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.file.as_ref().expect("a temporary file is open until it is published");
        let written = self.window.write(file, self.length, bytes);
        written.map_err(|error| failed("write", &self.path, error.source))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn publish(mut self: Box<Self>, name: &Name) -> Result<(), StoreError> {
        let file = self.file.as_ref().expect("a temporary file is open until it is published");
        self.window.flush(file).map_err(|error| failed("write", &self.path, error.source))?;
        self.sync()?;
        let path = self.root.join(name.as_str());
        let folder = path.parent().unwrap_or(&self.root).to_path_buf();
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(|source| failed("create", &folder, source))?;
            sync_folder(folder.parent().unwrap_or(&self.root))?;
        }
        fs::rename(&self.path, &path).map_err(|source| failed("name", &path, source))?;
        self.file = None;
        sync_folder(&folder)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.file.is_some() {
            // A leftover below `tmp/` harms nobody.
            let _removed = fs::remove_file(&self.path);
        }
    }
}

fn link_or_rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error)
            if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied)
                || error.raw_os_error() == Some(rustix::io::Errno::MLINK.raw_os_error()) =>
        {
            renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(io::Error::from)
        }
        linked => linked,
    }
}

fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::SyncUnknown { path: path.display().to_string(), source })
}

fn list_folder(path: &Path) -> Result<Vec<(String, fs::Metadata)>, StoreError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(source) => return Err(failed("list", path, source)),
    };
    let mut listed = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| failed("list", path, source))?;
        // A file that vanished meanwhile is no longer there to be listed.
        if let Ok(metadata) = entry.metadata() {
            listed.push((entry.file_name().to_string_lossy().into_owned(), metadata));
        }
    }
    Ok(listed)
}

fn list_files(path: &Path, listed: &mut Vec<Listed>) -> Result<(), StoreError> {
    for (file_name, metadata) in list_folder(path)? {
        if metadata.is_file() {
            listed.push(Listed { file_name, bytes: metadata.len() });
        }
    }
    Ok(())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn failed(operation: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Failed { operation, path: path.display().to_string(), source }
}
