//! Reading blobs back: found, read, opened, decoded, and proven by their id.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use vhault_core::digest::{ChunkId, PackName, PageId};
use vhault_core::vault::blob::{BlobId, BlobKind, Codec, Place};
use vhault_core::vault::envelope::ENVELOPE_BYTES;
use vhault_core::vault::error::FormatError;
use vhault_core::vault::pack::{PACK_BYTES_MAX, PACK_HEAD_BYTES, decode_pack_head, open_index};
use vhault_core::vault::page::{PAGE_BYTES_MAX, Page};
use vhault_core::vault::seal::{BoxKey, KeyDescriptor};
use vhault_core::vault::tail::{PACK_TAIL, TAIL_BYTES, Tail};
use vhault_core::vault::tree::Pages;

use super::error::{BlobError, VaultError};
use super::open::Vault;
use super::store::Name;
use super::table::Found;
use crate::codec::Decompressor;

/// Reads blobs; one for each thread.
pub struct BlobReader<'a> {
    vault: &'a Vault,
    decompressor: Decompressor,
    boxed: Vec<u8>,
    plain: Vec<u8>,
    keys: BTreeMap<KeyDescriptor, BoxKey>,
    packs: BTreeMap<PackName, KeyDescriptor>,
    looks_again: bool,
}

impl<'a> BlobReader<'a> {
    /// A reader of `vault`, whose table must be loaded.
    pub fn new(vault: &'a Vault) -> BlobReader<'a> {
        BlobReader {
            vault,
            decompressor: Decompressor::new(),
            boxed: Vec::new(),
            plain: Vec::new(),
            keys: BTreeMap::new(),
            packs: BTreeMap::new(),
            looks_again: true,
        }
    }

    /// A reader that takes the table as it is, for those who hold on to places in it.
    pub fn hasty(vault: &'a Vault) -> BlobReader<'a> {
        BlobReader { looks_again: false, ..BlobReader::new(vault) }
    }

    /// A whole grid chunk. It is what its id says, or an error.
    ///
    /// # Errors
    ///
    /// [`VaultError::Blob`] when it is lost or damaged.
    pub fn chunk(&mut self, id: ChunkId) -> Result<&[u8], VaultError> {
        self.read_any(id.into())?;
        Ok(&self.plain)
    }

    /// Reads a blob from whichever copy can be had. A sweep may have moved it since the table was filled: before
    /// anybody speaks of damage the log is read on and the blob looked up anew.
    fn read_any(&mut self, id: BlobId) -> Result<Found, VaultError> {
        let mut first = None;
        loop {
            for found in self.find_all(id) {
                match self.fetch(&found) {
                    Ok(()) => return Ok(found),
                    Err(error) => {
                        first.get_or_insert(error);
                    }
                }
            }
            if !self.looks_again || !self.vault.look_again()? {
                return Err(VaultError::Blob { id, source: first.unwrap_or(BlobError::Unknown) });
            }
            first = None;
        }
    }

    /// Reads the blob at a known place and proves it by its id.
    ///
    /// # Errors
    ///
    /// [`VaultError::Blob`] when it is lost or damaged.
    pub fn read(&mut self, found: &Found) -> Result<&[u8], VaultError> {
        let id = found.place.id;
        match self.fetch(found) {
            Ok(()) => Ok(&self.plain),
            Err(source) => Err(VaultError::Blob { id, source }),
        }
    }

    /// Where the blobs of a pack lie, by the pack's own index, in the order of their offsets.
    ///
    /// # Errors
    ///
    /// [`BlobError`] when the pack is missing or its head, tail or index does not fit.
    pub fn index(&mut self, pack: PackName, file_bytes: u64) -> Result<Vec<Place>, BlobError> {
        let key = self.key(pack)?;
        let store = self.vault.store();
        let name = Name::pack(pack);
        let read = |offset: u64, buffer: &mut [u8]| {
            let place = u32::try_from(offset).unwrap_or(u32::MAX);
            match store.read_at(&name, offset, buffer) {
                Ok(true) => Ok(()),
                Ok(false) => Err(BlobError::MissingPack { pack }),
                Err(source) => Err(BlobError::Unreadable { pack, offset: place, source }),
            }
        };
        let damaged = |offset: u64| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            move |source| BlobError::Damaged { pack, offset, source }
        };
        let mut head = [0; PACK_HEAD_BYTES];
        read(0, &mut head)?;
        let tail_at = file_bytes.saturating_sub(TAIL_BYTES as u64);
        let mut tail = [0; TAIL_BYTES];
        read(tail_at, &mut tail)?;
        let tail = Tail::decode(&tail, PACK_TAIL, file_bytes).map_err(damaged(tail_at))?;
        if file_bytes > PACK_BYTES_MAX {
            let limit =
                FormatError::Field { field: "length of a pack", value: file_bytes, allowed: "at most 1 GiB" };
            return Err(damaged(0)(limit));
        }
        let mut sealed = vec![0; tail.box_bytes as usize];
        read(tail.box_offset, &mut sealed)?;
        open_index(&key, &head, &tail, &mut sealed).map_err(damaged(tail.box_offset))
    }

    fn find_all(&self, id: BlobId) -> Vec<Found> {
        self.vault.table().read().unwrap_or_else(PoisonError::into_inner).find_all(&id)
    }

    fn fetch(&mut self, found: &Found) -> Result<(), BlobError> {
        let Found { place, pack } = *found;
        let damaged = |source| BlobError::Damaged { pack, offset: place.offset, source };
        let unreadable = |source| BlobError::Unreadable { pack, offset: place.offset, source };
        let key = self.key(pack)?;
        self.boxed.resize(place.boxed_bytes as usize, 0);
        let name = Name::pack(pack);
        let there = self.vault.store().read_at(&name, u64::from(place.offset), &mut self.boxed);
        if !there.map_err(unreadable)? {
            return Err(BlobError::MissingPack { pack });
        }
        self.open(&key, place.id, place.nonce, place.codec).map_err(damaged)
    }

    fn open(&mut self, key: &BoxKey, id: BlobId, nonce: u64, codec: Codec) -> Result<(), FormatError> {
        let stored = key.open("blob", nonce, &id.associated(), &mut self.boxed)?;
        let chunk_bytes = self.vault.settings().chunk_bytes();
        let limit = match id.kind {
            BlobKind::Chunk => chunk_bytes,
            BlobKind::Page => PAGE_BYTES_MAX,
        };
        self.decompressor.decompress(codec, stored, limit, &mut self.plain)?;
        let ids = self.vault.ids();
        let same = match id.kind {
            BlobKind::Chunk => BlobId::from(ids.chunk(&self.plain)) == id && self.plain.len() == chunk_bytes,
            BlobKind::Page => BlobId::from(ids.page(&self.plain)) == id,
        };
        if same { Ok(()) } else { Err(FormatError::Checksum { part: "content" }) }
    }

    fn key(&mut self, pack: PackName) -> Result<BoxKey, BlobError> {
        let damaged = |source| BlobError::Damaged { pack, offset: 0, source };
        let descriptor = match self.packs.get(&pack) {
            Some(descriptor) => *descriptor,
            None => {
                let mut head = [0; ENVELOPE_BYTES];
                let there = self.vault.store().read_at(&Name::pack(pack), 0, &mut head);
                let unreadable = |source| BlobError::Unreadable { pack, offset: 0, source };
                if !there.map_err(unreadable)? {
                    return Err(BlobError::MissingPack { pack });
                }
                let vault = self.vault.settings().vault;
                let descriptor = decode_pack_head(&head, vault).map_err(damaged)?.key;
                self.packs.insert(pack, descriptor);
                descriptor
            }
        };
        if let Some(key) = self.keys.get(&descriptor) {
            return Ok(key.clone());
        }
        let vault = self.vault.settings().vault;
        let key = self.vault.keyring().box_key(vault, &descriptor).map_err(damaged)?;
        self.keys.insert(descriptor, key.clone());
        Ok(key)
    }
}

impl Pages for BlobReader<'_> {
    type Error = VaultError;

    fn page(&mut self, id: PageId, level: u8) -> Result<Page, VaultError> {
        let found = self.read_any(id.into())?;
        let fan_out_log2 = self.vault.settings().fan_out_log2;
        let bytes = self.plain.as_slice();
        let lost = |source| VaultError::Blob {
            id: id.into(),
            source: BlobError::Damaged { pack: found.pack, offset: found.place.offset, source },
        };
        let page = Page::decode(bytes, fan_out_log2).map_err(lost)?;
        if page.level() != level {
            return Err(lost(FormatError::Field {
                field: "level of a page",
                value: u64::from(page.level()),
                allowed: "the level below its parent",
            }));
        }
        Ok(page)
    }
}
