//! The chunk table of an open vault: filled, and filled anew.

use std::sync::{Arc, PoisonError};

use vhault_core::digest::FragmentName;
use vhault_core::vault::error::FormatError;
use vhault_core::vault::fragment::Fragment;

use super::error::VaultError;
use super::open::Vault;
use super::store::Name;
use super::table::{ChunkTable, MappedFragment};

const FRAGMENT_BYTES_MAX: u64 = 1 << 30;

impl Vault {
    /// Fills the chunk table: every fragment of committed sessions, from this host's copies where it has them.
    /// Lookups find nothing before this.
    ///
    /// # Errors
    ///
    /// The first fragment that is missing or damaged, unless `lost` takes it.
    pub fn load_table(
        &self,
        lost: &mut dyn FnMut(VaultError) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        self.fill_table(&|name| self.fragment(name), lost)
    }

    /// The same, but every fragment is read from the vault itself and this host's copy compared with it: for those who
    /// delete by what the table says.
    ///
    /// # Errors
    ///
    /// The first fragment that is missing or damaged.
    pub fn load_table_proven(&self) -> Result<(), VaultError> {
        let proven = |name| {
            let fragment = self.decode_fragment(name)?;
            match self.fragment(name) {
                Ok(held) if held.is_copy_of(&fragment) => Ok(held),
                _ => Ok(Arc::new(self.keep_fragment(name, &fragment))),
            }
        };
        self.fill_table(&proven, &mut Err)
    }

    fn fill_table(
        &self,
        have: &dyn Fn(FragmentName) -> Result<Arc<MappedFragment>, VaultError>,
        lost: &mut dyn FnMut(VaultError) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let catalogue = self.head().catalogue.clone();
        let mut table = ChunkTable::of(&catalogue);
        for known in catalogue.live_fragments() {
            match have(known.entry.name) {
                Ok(fragment) => table.add(known.entry.name, fragment, &catalogue),
                Err(error) => {
                    lost(error)?;
                    table.note_incomplete();
                }
            }
        }
        let mut held = self.table().write().unwrap_or_else(PoisonError::into_inner);
        table.inherit(&held);
        *held = table;
        Ok(())
    }

    /// Where copies of this host leave their journals; `None` where it has no folder for this vault.
    pub fn journals_path(&self) -> Option<std::path::PathBuf> {
        self.cache.as_ref().map(super::cache::Cache::journals_path)
    }

    /// Reads on in the log, and fills the chunk table anew when there was something to read. Says whether there was:
    /// what was not found may be found now.
    ///
    /// # Errors
    ///
    /// A record that cannot be used, or storage that failed.
    pub fn look_again(&self) -> Result<bool, VaultError> {
        self.refresh()?;
        let head = self.head().catalogue.head_number;
        if self.table().read().unwrap_or_else(PoisonError::into_inner).head() >= head {
            return Ok(false);
        }
        self.load_table(&mut |_| Ok(()))?;
        Ok(true)
    }

    /// Drops this host's copies of fragments, in its cache and in the chunk table.
    pub(crate) fn forget_copies(&self, names: &[FragmentName]) {
        for name in names {
            if let Some(cache) = &self.cache {
                // What is not there is forgotten.
                let _removed = std::fs::remove_file(cache.table_path(*name));
            }
        }
        *self.table().write().unwrap_or_else(PoisonError::into_inner) = ChunkTable::default();
    }

    fn fragment(&self, name: FragmentName) -> Result<Arc<MappedFragment>, VaultError> {
        if let Some(held) = self.table().read().unwrap_or_else(PoisonError::into_inner).held(name) {
            return Ok(held);
        }
        if let Some(cache) = &self.cache
            && let Ok(mapped) = MappedFragment::open(&cache.table_path(name))
        {
            return Ok(Arc::new(mapped));
        }
        let fragment = self.decode_fragment(name)?;
        Ok(Arc::new(self.keep_fragment(name, &fragment)))
    }

    /// Reads a fragment from the vault itself.
    ///
    /// # Errors
    ///
    /// [`VaultError::MissingFragment`], [`VaultError::Fragment`], or storage that failed.
    pub fn decode_fragment(&self, name: FragmentName) -> Result<Fragment, VaultError> {
        let file = self
            .store()
            .read(&Name::fragment(name), FRAGMENT_BYTES_MAX)
            .map_err(VaultError::Store)?
            .ok_or(VaultError::MissingFragment { name })?;
        let fragment = Fragment::decode(&file, self.settings().vault, self.keyring())
            .map_err(|source| VaultError::Fragment { name, source })?;
        // Nothing sealed in a fragment says which one it is: two of one vault can be exchanged.
        if blake3::hash(&file).as_bytes() != name.as_bytes() {
            let why = "its bytes do not hash to its name".into();
            let source = FormatError::Malformed { part: "table fragment", why };
            return Err(VaultError::Fragment { name, source });
        }
        Ok(fragment)
    }

    /// Keeps a decrypted copy for later openings, or in memory where no copy can be kept.
    pub(super) fn keep_fragment(&self, name: FragmentName, fragment: &Fragment) -> MappedFragment {
        let kept = self.cache.as_ref().and_then(|cache| {
            let path = cache.table_path(name);
            let parts = MappedFragment::encode(fragment);
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            cache.write(&path, &parts).ok()?;
            MappedFragment::open(&path).ok()
        });
        kept.unwrap_or_else(|| MappedFragment::in_memory(fragment))
    }
}
