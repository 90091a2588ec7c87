//! The chunk table on this host: decrypted fragments, mapped.
//!
//! | offset | size | field of a decrypted copy |
//! | --- | --- | --- |
//! | 0 | 8 | `VHTBLMAP` |
//! | 8 | 8 | entry count |
//! | 16 | 8 | bytes of the filter |
//! | 24 | 4 | pack count |
//! | 28 | 4 | version: 1 |
//! | 32 | 32 × packs | pack names |
//! | | 52 × entries | entries, sorted by id |
//! | | | filter |
//!
//! Never leaves the host, never shared between hosts; a copy that does not fit is made again from the vault.
//! Why it is mapped: `docs/decisions/0002-mapped-chunk-table.md`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;
use vhault_core::catalogue::{Catalogue, DamagedBlobs};
use vhault_core::digest::{FragmentName, PackName};
use vhault_core::protocol::EntryIndex;
use vhault_core::vault::blob::{BlobId, ENTRY_BYTES, Place};
use vhault_core::vault::filter::{build_filter, may_hold};
use vhault_core::vault::fragment::Fragment;

use super::cache::Cache;

const MAGIC: &[u8; 8] = b"VHTBLMAP";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 32;

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
        self.fragments.iter().map(|fragment| fragment.mapped.entries as u64).sum()
    }

    /// How many entries each fragment has.
    pub fn fragment_entries(&self) -> Vec<usize> {
        self.fragments.iter().map(|fragment| fragment.mapped.entries).collect()
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

/// One decrypted fragment.
pub struct MappedFragment {
    bytes: Held,
    packs: usize,
    entries: usize,
}

enum Held {
    Mapped(Mmap),
    /// Where nothing can be mapped, and in tests: the safe twin.
    Read(Vec<u8>),
}

impl Held {
    fn as_slice(&self) -> &[u8] {
        match self {
            Held::Mapped(map) => map,
            Held::Read(bytes) => bytes,
        }
    }
}

impl MappedFragment {
    /// Maps the copy at `path`.
    ///
    /// # Errors
    ///
    /// When it is absent, or its length does not fit its head.
    pub fn open(path: &Path) -> io::Result<MappedFragment> {
        let file = Cache::open_file(path)?;
        let mapped = map(&file)?;
        MappedFragment::over(Held::Mapped(mapped)).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the cached copy of a table fragment does not fit")
        })
    }

    /// Holds a fragment in memory.
    pub fn in_memory(fragment: &Fragment) -> MappedFragment {
        let bytes = encode(fragment).concat();
        MappedFragment::over(Held::Read(bytes)).expect("an encoded fragment fits its own head")
    }

    /// The bytes of a decrypted copy, in parts.
    pub fn encode(fragment: &Fragment) -> Vec<Vec<u8>> {
        encode(fragment)
    }

    fn over(bytes: Held) -> Option<MappedFragment> {
        let held = bytes.as_slice();
        let head = held.first_chunk::<HEAD_BYTES>()?;
        if &head[..8] != MAGIC || u32::from_le_bytes(head[28..].try_into().ok()?) != VERSION {
            return None;
        }
        let number = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("eight bytes"));
        let entries = usize::try_from(number(8)).ok()?;
        let filter = usize::try_from(number(16)).ok()?;
        let packs = u32::from_le_bytes(head[24..28].try_into().ok()?) as usize;
        let length = HEAD_BYTES
            .checked_add(packs.checked_mul(PackName::BYTES)?)?
            .checked_add(entries.checked_mul(ENTRY_BYTES)?)?
            .checked_add(filter)?;
        (length == held.len()).then_some(MappedFragment { bytes, packs, entries })
    }

    fn entries(&self) -> &[[u8; ENTRY_BYTES]] {
        let start = HEAD_BYTES + self.packs * PackName::BYTES;
        self.bytes.as_slice()[start..start + self.entries * ENTRY_BYTES].as_chunks().0
    }

    fn filter(&self) -> &[u8] {
        &self.bytes.as_slice()[HEAD_BYTES + self.packs * PackName::BYTES + self.entries * ENTRY_BYTES..]
    }

    fn packs(&self) -> impl Iterator<Item = PackName> + '_ {
        let (names, _) = self.bytes.as_slice()[HEAD_BYTES..].as_chunks::<{ PackName::BYTES }>();
        names[..self.packs].iter().map(|name| PackName::from_bytes(*name))
    }

    fn find(&self, id: &BlobId) -> Option<(usize, Found)> {
        if !may_hold(self.filter(), id.as_bytes()) {
            return None;
        }
        let entries = self.entries();
        let at = search(entries, id.as_bytes())?;
        self.found(&entries[at]).filter(|found| found.place.id == *id).map(|found| (at, found))
    }

    fn found(&self, entry: &[u8; ENTRY_BYTES]) -> Option<Found> {
        let place = Place::decode(entry).ok()?;
        let (names, _) = self.bytes.as_slice()[HEAD_BYTES..].as_chunks::<{ PackName::BYTES }>();
        let pack = names[..self.packs].get(place.pack as usize)?;
        Some(Found { place, pack: PackName::from_bytes(*pack) })
    }

    /// How many entries.
    pub(crate) fn entry_count(&self) -> usize {
        self.entries
    }

    /// Whether it is what the vault's own fragment says.
    pub(super) fn is_copy_of(&self, fragment: &Fragment) -> bool {
        let mut rest = self.bytes.as_slice();
        encode(fragment).iter().all(|part| match rest.split_at_checked(part.len()) {
            Some((here, behind)) => {
                rest = behind;
                here == part.as_slice()
            }
            None => false,
        }) && rest.is_empty()
    }

    /// Every entry, sorted by id, with its place among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, Found)> + '_ {
        self.entries().iter().enumerate().filter_map(|(at, entry)| Some((at, self.found(entry)?)))
    }
}

fn encode(fragment: &Fragment) -> Vec<Vec<u8>> {
    let count = fragment.places.len() as u64;
    let filter = build_filter(count, fragment.places.iter().map(|place| place.id.as_bytes()));
    let mut head = Vec::with_capacity(HEAD_BYTES + fragment.packs.len() * PackName::BYTES);
    head.extend(MAGIC);
    head.extend(count.to_le_bytes());
    head.extend((filter.len() as u64).to_le_bytes());
    head.extend(u32::try_from(fragment.packs.len()).expect("packs are counted in 32 bits").to_le_bytes());
    head.extend(VERSION.to_le_bytes());
    fragment.packs.iter().for_each(|pack| head.extend(pack.as_bytes()));
    let mut entries = Vec::with_capacity(fragment.places.len() * ENTRY_BYTES);
    fragment.places.iter().for_each(|place| entries.extend(place.encode()));
    vec![head, entries, filter]
}

/// Ids are uniform, so the place is guessed and found by doubling steps around the guess.
fn search(entries: &[[u8; ENTRY_BYTES]], id: &[u8; 32]) -> Option<usize> {
    let high = u64::from_be_bytes(id[..8].try_into().expect("eight bytes"));
    let guess = usize::try_from((u128::from(high) * entries.len() as u128) >> 64).unwrap_or(0);
    let (mut low, mut past, mut step) = (guess, guess, 16_usize);
    while low > 0 && entries[low][..32] > id[..] {
        low = low.saturating_sub(step);
        step *= 2;
    }
    step = 16;
    while past < entries.len() && entries[past][..32] <= id[..] {
        past = past.saturating_add(step).min(entries.len());
        step *= 2;
    }
    let at = low + entries[low..past].partition_point(|entry| entry[..32] < id[..]);
    entries.get(at).filter(|entry| entry[..32] == id[..]).map(|_| at)
}

#[expect(unsafe_code, reason = "docs/decisions/0002-mapped-chunk-table.md")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the file is this host's own, mode 0600 in a folder of mode 0700, written whole before it got its name
    // and never changed after; replacing it makes a new file and leaves this one. Nobody truncates it.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use vhault_core::catalogue::{FileStanding, KnownPack};
    use vhault_core::digest::ChunkId;
    use vhault_core::vault::blob::Codec;
    use vhault_core::vault::record::PackEntry;

    fn fragment(count: u32) -> Fragment {
        let mut places: Vec<Place> = (0..count)
            .map(|number| Place {
                id: ChunkId::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes()).into(),
                nonce: u64::from(number),
                offset: number,
                boxed_bytes: 16,
                codec: Codec::Plain,
                pack: 0,
            })
            .collect();
        places.sort_by_key(|place| *place.id.as_bytes());
        Fragment { packs: vec![PackName::from_bytes([7; 32])], places }
    }

    #[test]
    fn the_mapped_copy_and_its_twin_in_memory_find_the_same() {
        for count in [0, 1, 2, 5_000] {
            let fragment = fragment(count);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("table");
            std::fs::write(&path, encode(&fragment).concat()).unwrap();
            let mapped = MappedFragment::open(&path).unwrap();
            let twin = MappedFragment::in_memory(&fragment);
            for place in &fragment.places {
                let found = mapped.find(&place.id).unwrap();
                assert_eq!(found.1.place, *place);
                assert_eq!(twin.find(&place.id), Some(found));
            }
            for number in 0..1000_u32 {
                let stranger =
                    ChunkId::from_bytes(*blake3::hash(&(number + count + 1).to_be_bytes()).as_bytes());
                assert_eq!(mapped.find(&stranger.into()), twin.find(&stranger.into()));
            }
        }
    }

    #[test]
    fn a_copy_cut_short_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table");
        let mut bytes = encode(&fragment(10)).concat();
        bytes.pop();
        std::fs::write(&path, bytes).unwrap();
        assert!(MappedFragment::open(&path).is_err());
    }

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
