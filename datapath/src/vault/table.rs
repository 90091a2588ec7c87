//! The chunk table on this host: which copy of a blob is taken.
//!
//! Why it is mapped: `docs/decisions/0002-mapped-chunk-table.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use vhault_core::catalogue::{Catalogue, DamagedBlobs};
use vhault_core::digest::{FragmentName, PackName};
use vhault_core::protocol::EntryIndex;
use vhault_core::vault::blob::{BlobId, Place};

pub use super::mapped::MappedFragment;

/// Where a blob lies, with its pack by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Place in the pack.
    pub place: Place,
    /// The pack.
    pub pack: PackName,
}

/// All fragments that lookups may use, in order of receipt; those of sessions of this process come last.
#[derive(Default)]
pub struct ChunkTable {
    fragments: Vec<Usable>,
    damaged: BTreeMap<PackName, DamagedBlobs>,
    is_incomplete: bool,
    head: u64,
}

/// A fragment, and which of its packs points may lie in.
struct Usable {
    name: FragmentName,
    mapped: Arc<MappedFragment>,
    live: Vec<bool>,
    is_own: bool,
}

impl ChunkTable {
    /// The table of a catalogue, still without fragments.
    pub(super) fn of(catalogue: &Catalogue) -> ChunkTable {
        let (damaged, head) = (catalogue.damaged.clone(), catalogue.head_number);
        ChunkTable { fragments: Vec::new(), damaged, is_incomplete: false, head }
    }

    /// Adds a fragment of the catalogue; it is asked before the ones added earlier.
    pub(super) fn add(&mut self, name: FragmentName, mapped: Arc<MappedFragment>, catalogue: &Catalogue) {
        let live = mapped.packs().map(|pack| catalogue.is_live(&pack)).collect();
        self.fragments.push(Usable { name, mapped, live, is_own: false });
    }

    /// Adds a fragment of a session of this process, in `packs` of its own.
    pub(super) fn add_own(&mut self, name: FragmentName, mapped: Arc<MappedFragment>) {
        let live = mapped.packs().map(|_| true).collect();
        self.fragments.push(Usable { name, mapped, live, is_own: true });
    }

    /// Takes over the fragments of this process's sessions that no record made everybody's yet.
    pub(super) fn inherit(&mut self, older: &ChunkTable) {
        for own in older.fragments.iter().filter(|own| own.is_own) {
            if !self.fragments.iter().any(|fragment| fragment.name == own.name) {
                self.add_own(own.name, Arc::clone(&own.mapped));
            }
        }
    }

    /// A fragment that is held already.
    pub(crate) fn held(&self, name: FragmentName) -> Option<Arc<MappedFragment>> {
        let held = self.fragments.iter().find(|fragment| fragment.name == name);
        held.map(|fragment| Arc::clone(&fragment.mapped))
    }

    /// A fragment could not be had, so lookups may miss what is there.
    pub(super) fn note_incomplete(&mut self) {
        self.is_incomplete = true;
    }

    /// The record up to which it holds what the log says.
    pub(super) fn head(&self) -> u64 {
        self.head
    }

    /// Whether some of what the points need may not be had.
    pub fn is_in_doubt(&self) -> bool {
        self.is_incomplete || !self.damaged.is_empty()
    }

    /// Replaces what is known of damage.
    pub fn set_damage(&mut self, damaged: BTreeMap<PackName, DamagedBlobs>) {
        self.damaged = damaged;
    }

    /// What is known of damage.
    pub fn damage(&self) -> &BTreeMap<PackName, DamagedBlobs> {
        &self.damaged
    }

    /// Every copy of `id` in a pack that is live: undamaged ones first, and of those the newest.
    fn copies(&self, id: &BlobId) -> impl Iterator<Item = (EntryIndex, Found)> + '_ {
        let id = *id;
        let copies = move || {
            self.fragments.iter().enumerate().rev().filter_map(move |(fragment, usable)| {
                let (entry, found) = usable.mapped.find(&id)?;
                let is_live = usable.live.get(found.place.pack as usize).copied().unwrap_or(false);
                is_live.then_some((EntryIndex { fragment, entry }, found))
            })
        };
        let sound = copies().filter(|(_, found)| self.is_undamaged(found));
        let damaged = (!self.damaged.is_empty())
            .then(|| copies().filter(|(_, found)| !self.is_undamaged(found)))
            .into_iter()
            .flatten();
        sound.chain(damaged)
    }

    fn is_undamaged(&self, found: &Found) -> bool {
        self.damaged.is_empty()
            || self.damaged.get(&found.pack).is_none_or(|damaged| !damaged.contains(&found.place.id))
    }

    /// Where `id` lies: of its undamaged copies the newest, else one that is known to be damaged.
    pub fn find(&self, id: &BlobId) -> Option<Found> {
        self.copies(id).next().map(|(_, found)| found)
    }

    /// Where an undamaged copy of `id` lies: the newest.
    pub fn find_sound(&self, id: &BlobId) -> Option<Found> {
        self.find(id).filter(|found| self.is_undamaged(found))
    }

    /// Every copy of `id`, the one to be read first, first.
    pub fn find_all(&self, id: &BlobId) -> Vec<Found> {
        self.copies(id).map(|(_, found)| found).collect()
    }

    /// The entry that [`ChunkTable::find`] finds.
    pub fn locate(&self, id: &BlobId) -> Option<EntryIndex> {
        self.copies(id).next().map(|(index, _)| index)
    }

    /// How many entries, duplicates counted twice.
    pub fn entry_count(&self) -> u64 {
        self.fragments.iter().map(|fragment| fragment.mapped.entry_count() as u64).sum()
    }

    /// How many entries each fragment has.
    pub fn fragment_entries(&self) -> Vec<usize> {
        self.fragments.iter().map(|fragment| fragment.mapped.entry_count()).collect()
    }

    /// The names of its fragments, in order.
    pub fn fragment_names(&self) -> Vec<FragmentName> {
        self.fragments.iter().map(|fragment| fragment.name).collect()
    }

    /// Every entry, fragment by fragment, also of packs that are gone.
    pub fn all(&self) -> impl Iterator<Item = (EntryIndex, Found)> + '_ {
        self.fragments.iter().enumerate().flat_map(|(fragment, usable)| {
            let entries = usable.mapped.all();
            entries.map(move |(entry, found)| (EntryIndex { fragment, entry }, found))
        })
    }

    /// The entry at an index, if its pack is live.
    pub fn at(&self, index: EntryIndex) -> Option<Found> {
        let usable = self.fragments.get(index.fragment)?;
        let found = usable.mapped.found(usable.mapped.entries().get(index.entry)?)?;
        usable.live.get(found.place.pack as usize).copied().unwrap_or(false).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::vault::mapped::tests::fragment;
    use vhault_core::catalogue::{FileStanding, KnownPack};
    use vhault_core::digest::ChunkId;
    use vhault_core::vault::record::PackEntry;

    const PACK: PackName = PackName::from_bytes([7; 32]);

    fn of(standing: FileStanding, damaged: &[ChunkId]) -> Catalogue {
        let entry = PackEntry { name: PACK, file_bytes: 0, holds_pages: false, blob_count: 0 };
        let session = vhault_core::digest::SessionId::from_bytes([1; 16]);
        let mut catalogue = Catalogue::default();
        catalogue.packs.insert(PACK, KnownPack { entry, session, received: (1, 0), standing });
        if !damaged.is_empty() {
            let blobs = DamagedBlobs { chunks: damaged.iter().copied().collect(), pages: BTreeSet::new() };
            catalogue.damaged.insert(PACK, blobs);
        }
        catalogue
    }

    fn table_of(catalogue: &Catalogue) -> (ChunkTable, BlobId) {
        let fragment = fragment(3);
        let mut table = ChunkTable::of(catalogue);
        let name = FragmentName::from_bytes([1; 32]);
        table.add(name, Arc::new(MappedFragment::in_memory(&fragment)), catalogue);
        (table, fragment.places[0].id)
    }

    #[test]
    fn only_live_packs_satisfy_a_lookup() {
        let (table, id) = table_of(&of(FileStanding::Live, &[]));
        assert!(table.find(&id).is_some());
        for standing in [FileStanding::Uploaded, FileStanding::Condemned] {
            assert!(table_of(&of(standing, &[])).0.find(&id).is_none());
        }
        // Deleted, and forgotten by the log, though an old fragment still names it.
        assert!(table_of(&Catalogue::default()).0.find(&id).is_none());
    }

    #[test]
    fn a_damaged_copy_is_read_when_there_is_no_other_and_never_relied_on() {
        let (_, id) = table_of(&of(FileStanding::Live, &[]));
        let (mut table, _) = table_of(&of(FileStanding::Live, &[id.chunk().unwrap()]));
        assert!(table.is_in_doubt());
        assert!(table.find(&id).is_some());
        assert!(table.find_sound(&id).is_none());
        let mut newer = fragment(3);
        newer.packs = vec![PackName::from_bytes([8; 32])];
        table.add_own(FragmentName::from_bytes([2; 32]), Arc::new(MappedFragment::in_memory(&newer)));
        assert_eq!(table.find_sound(&id).unwrap().pack, newer.packs[0]);
        assert_eq!(table.find_all(&id).len(), 2);
        assert_eq!(table.locate(&id).unwrap().fragment, 1);
    }
}
