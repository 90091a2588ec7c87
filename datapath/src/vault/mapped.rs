//! One decrypted table fragment on this host, mapped.
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

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;
use vhault_core::digest::PackName;
use vhault_core::vault::blob::{BlobId, ENTRY_BYTES, Place};
use vhault_core::vault::filter::{build_filter, may_hold};
use vhault_core::vault::fragment::Fragment;

use super::cache::Cache;
use super::table::Found;

const MAGIC: &[u8; 8] = b"VHTBLMAP";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 32;

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

    pub(super) fn entries(&self) -> &[[u8; ENTRY_BYTES]] {
        let start = HEAD_BYTES + self.packs * PackName::BYTES;
        self.bytes.as_slice()[start..start + self.entries * ENTRY_BYTES].as_chunks().0
    }

    fn filter(&self) -> &[u8] {
        &self.bytes.as_slice()[HEAD_BYTES + self.packs * PackName::BYTES + self.entries * ENTRY_BYTES..]
    }

    pub(super) fn packs(&self) -> impl Iterator<Item = PackName> + '_ {
        let (names, _) = self.bytes.as_slice()[HEAD_BYTES..].as_chunks::<{ PackName::BYTES }>();
        names[..self.packs].iter().map(|name| PackName::from_bytes(*name))
    }

    pub(super) fn find(&self, id: &BlobId) -> Option<(usize, Found)> {
        if !may_hold(self.filter(), id.as_bytes()) {
            return None;
        }
        let entries = self.entries();
        let at = search(entries, id.as_bytes())?;
        self.found(&entries[at]).filter(|found| found.place.id == *id).map(|found| (at, found))
    }

    pub(super) fn found(&self, entry: &[u8; ENTRY_BYTES]) -> Option<Found> {
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
pub(super) mod tests {
    use super::*;
    use vhault_core::digest::ChunkId;
    use vhault_core::vault::blob::Codec;

    pub(in crate::vault) fn fragment(count: u32) -> Fragment {
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
}
