//! Table fragments: where the blobs of a session lie, sorted by id.
//!
//! | part | bytes |
//! | --- | --- |
//! | envelope | 96 |
//! | pages | sealed, 8192 + 16 each: 157 entries of 52 bytes, then zeroes |
//! | front | a box: pack names, first ids, filter |
//! | tail | 32 |
//!
//! Format: `docs/vault-format.md`, "Table fragments".

use alloc::vec::Vec;

use super::blob::{ENTRY_BYTES, Place};
use super::envelope::{ENVELOPE_BYTES, Envelope, FileKind, field};
use super::error::FormatError;
use super::filter::build_filter;
use super::key::Keyring;
use super::seal::{Sealer, TAG_BYTES};
use super::tail::{FRAGMENT_TAIL, TAIL_BYTES, Tail};
use crate::digest::{PackName, SessionId, VaultId};

/// Plain bytes of a page.
pub const TABLE_PAGE_BYTES: usize = 8192;
/// Entries in a full page.
pub const ENTRIES_PER_PAGE: usize = TABLE_PAGE_BYTES / ENTRY_BYTES;
/// A session writes a fragment whenever it has this many new entries: 13 MiB.
pub const FRAGMENT_ENTRIES_MAX: usize = 1 << 18;

const FRONT_HEAD_BYTES: usize = 8 + 8 + 4;
const SEALED_PAGE_BYTES: usize = TABLE_PAGE_BYTES + TAG_BYTES;

/// A fragment, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The packs that its entries count into.
    pub packs: Vec<PackName>,
    /// Sorted by id.
    pub places: Vec<Place>,
}

impl Fragment {
    /// The stored file. `places` are sorted by id and count into `packs`.
    pub fn encode(&self, vault: VaultId, sealer: &Sealer, session: SessionId, sequence: u64) -> Vec<u8> {
        let envelope = Envelope {
            kind: FileKind::Fragment,
            vault,
            key: sealer.descriptor(),
            session,
            number: sequence,
            clear_bytes: 0,
        }
        .encode();
        let page_count = self.places.len().div_ceil(ENTRIES_PER_PAGE);
        let mut file = Vec::with_capacity(ENVELOPE_BYTES + page_count * SEALED_PAGE_BYTES + (1 << 16));
        file.extend(envelope);
        let first_nonce = sealer.take(page_count as u64);
        for (page, places) in (0_u64..).zip(self.places.chunks(ENTRIES_PER_PAGE)) {
            let start = file.len();
            for place in places {
                file.extend(place.encode());
            }
            file.resize(start + TABLE_PAGE_BYTES, 0);
            let tag = sealer.seal(first_nonce + page, &page_associated(&envelope, page), &mut file[start..]);
            file.extend(tag);
        }
        let front_start = file.len();
        file.extend(first_nonce.to_le_bytes());
        file.extend((self.places.len() as u64).to_le_bytes());
        file.extend(u32::try_from(self.packs.len()).expect("packs are counted in 32 bits").to_le_bytes());
        self.packs.iter().for_each(|pack| file.extend(pack.as_bytes()));
        for places in self.places.chunks(ENTRIES_PER_PAGE) {
            file.extend(&places[0].id.as_bytes()[..8]);
        }
        file.extend(build_filter(
            self.places.len() as u64,
            self.places.iter().map(|place| place.id.as_bytes()),
        ));
        let nonce = sealer.take(1);
        let tag = sealer.seal(nonce, &envelope, &mut file[front_start..]);
        file.extend(tag);
        let tail = Tail {
            box_offset: front_start as u64,
            box_bytes: u32::try_from(file.len() - front_start).expect("a front is far below 4 GiB"),
            nonce,
        };
        file.extend(tail.encode(FRAGMENT_TAIL));
        file
    }

    /// Decodes a stored file.
    ///
    /// # Errors
    ///
    /// [`FormatError`] naming the part that does not open or fit.
    pub fn decode(file: &[u8], vault: VaultId, keyring: &Keyring) -> Result<Fragment, FormatError> {
        let envelope = Envelope::decode_of(file, FileKind::Fragment, vault)?;
        let head: [u8; ENVELOPE_BYTES] = field(file, 0);
        let tail_start =
            file.len().checked_sub(TAIL_BYTES).filter(|&start| start >= ENVELOPE_BYTES).ok_or_else(|| {
                FormatError::short("table fragment", ENVELOPE_BYTES + TAIL_BYTES, file.len())
            })?;
        let tail = Tail::decode(&field(file, tail_start), FRAGMENT_TAIL, file.len() as u64)?;
        let front_start = usize::try_from(tail.box_offset)
            .ok()
            .filter(|&start| start >= ENVELOPE_BYTES && start <= tail_start)
            .ok_or_else(|| FormatError::malformed("table fragment", "its front lies outside"))?;
        let key = keyring.box_key(vault, &envelope.key)?;
        let mut front = Vec::from(&file[front_start..tail_start]);
        let front = key.open("front of a table fragment", tail.nonce, &head, &mut front)?;
        let (first_nonce, entry_count, packs) = decode_front(front)?;

        let sealed = &file[ENVELOPE_BYTES..front_start];
        let pages_fit = sealed.len().is_multiple_of(SEALED_PAGE_BYTES)
            && (sealed.len() / SEALED_PAGE_BYTES) as u64 == entry_count.div_ceil(ENTRIES_PER_PAGE as u64);
        let entries = usize::try_from(entry_count).ok().filter(|_| pages_fit).ok_or_else(|| {
            FormatError::malformed("table fragment", "its pages do not fit its entry count")
        })?;
        let mut places: Vec<Place> = Vec::with_capacity(entries);
        for (page, sealed) in (0_u64..).zip(sealed.chunks(SEALED_PAGE_BYTES)) {
            let mut sealed = Vec::from(sealed);
            let nonce = first_nonce.wrapping_add(page);
            let plain =
                key.open("page of a table fragment", nonce, &page_associated(&head, page), &mut sealed)?;
            let (slots, _) = plain.as_chunks::<ENTRY_BYTES>();
            for slot in slots.iter().take((entries - places.len()).min(ENTRIES_PER_PAGE)) {
                let place = Place::decode(slot)?;
                if places.last().is_some_and(|last| last.id.as_bytes() >= place.id.as_bytes()) {
                    return Err(FormatError::malformed("table fragment", "its ids are not in order"));
                }
                if place.pack as usize >= packs.len() {
                    return Err(FormatError::malformed(
                        "table fragment",
                        "an entry names no pack of its list",
                    ));
                }
                places.push(place);
            }
        }
        Ok(Fragment { packs, places })
    }
}

fn decode_front(front: &[u8]) -> Result<(u64, u64, Vec<PackName>), FormatError> {
    if front.len() < FRONT_HEAD_BYTES {
        return Err(FormatError::short("front of a table fragment", FRONT_HEAD_BYTES, front.len()));
    }
    let first_nonce = u64::from_le_bytes(field(front, 0));
    let entry_count = u64::from_le_bytes(field(front, 8));
    let pack_count = u32::from_le_bytes(field(front, 16)) as usize;
    let (names, _) = front[FRONT_HEAD_BYTES..].as_chunks::<{ PackName::BYTES }>();
    let names = names
        .get(..pack_count)
        .ok_or_else(|| FormatError::malformed("front of a table fragment", "its pack names are cut off"))?;
    Ok((first_nonce, entry_count, names.iter().copied().map(PackName::from_bytes).collect()))
}

fn page_associated(envelope: &[u8; ENVELOPE_BYTES], page: u64) -> [u8; ENVELOPE_BYTES + 8] {
    let mut bytes = [0; ENVELOPE_BYTES + 8];
    bytes[..ENVELOPE_BYTES].copy_from_slice(envelope);
    bytes[ENVELOPE_BYTES..].copy_from_slice(&page.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::blob::{BlobId, Codec};
    use super::super::seal::Suite;
    use super::*;
    use crate::digest::ChunkId;

    fn fragment(count: usize) -> Fragment {
        let mut places: Vec<Place> = (0..count)
            .map(|number| Place {
                id: BlobId::from(ChunkId::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes())),
                nonce: number as u64,
                offset: 97,
                boxed_bytes: 16,
                codec: Codec::Plain,
                pack: u32::try_from(number % 2).unwrap(),
            })
            .collect();
        places.sort_by_key(|place| *place.id.as_bytes());
        Fragment { packs: alloc::vec![PackName::from_bytes([1; 32]), PackName::from_bytes([2; 32])], places }
    }

    #[test]
    fn a_fragment_reads_back_at_page_edges() {
        let vault = VaultId::from_bytes([1; 16]);
        let keyring = Keyring::from_random([2; 32], [3; 32]);
        let sealer = keyring.sealer(vault, Suite::Aes256Gcm, [4; 32]);
        for count in [0, 1, ENTRIES_PER_PAGE, ENTRIES_PER_PAGE + 1, 1000] {
            let file = fragment(count).encode(vault, &sealer, SessionId::from_bytes([5; 16]), 1);
            assert_eq!(Fragment::decode(&file, vault, &keyring), Ok(fragment(count)), "{count} entries");
        }
    }

    #[test]
    fn swapped_pages_and_flipped_bytes_do_not_open() {
        let vault = VaultId::from_bytes([1; 16]);
        for suite in [Suite::Aes256Gcm, Suite::None] {
            let keyring = match suite {
                Suite::None => Keyring::public(vault),
                Suite::Aes256Gcm => Keyring::from_random([2; 32], [3; 32]),
            };
            let sealer = keyring.sealer(vault, suite, [4; 32]);
            let file = fragment(500).encode(vault, &sealer, SessionId::from_bytes([5; 16]), 1);
            let mut swapped = file.clone();
            let (first, second) = swapped[ENVELOPE_BYTES..].split_at_mut(SEALED_PAGE_BYTES);
            first.swap_with_slice(&mut second[..SEALED_PAGE_BYTES]);
            assert!(Fragment::decode(&swapped, vault, &keyring).is_err());
            for place in (0..file.len()).step_by(61) {
                let mut damaged = file.clone();
                damaged[place] ^= 1;
                assert!(Fragment::decode(&damaged, vault, &keyring).is_err(), "byte {place}");
            }
        }
    }
}
