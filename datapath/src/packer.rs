//! Sealed blobs to sealed packs.

use vhault_core::digest::PackName;
use vhault_core::vault::blob::{BlobId, BlobKind, Codec, Place};
use vhault_core::vault::pack::{PACK_BYTES_TARGET, PACK_ENTRIES_MAX, PACK_HEAD_BYTES, pack_foot, pack_head};
use vhault_core::vault::record::PackEntry;

use crate::vault::Session;
use crate::vault::error::VaultError;
use crate::vault::store::{Name, Upload};

/// A blob as it goes into a pack.
pub struct SealedBlob {
    /// Which blob.
    pub id: BlobId,
    /// Nonce counter of its box.
    pub nonce: u64,
    /// How it is stored inside.
    pub codec: Codec,
    /// Its box, tag included.
    pub boxed: Vec<u8>,
}

/// A pack being written.
pub struct PackWriter<'s, 'v> {
    session: &'s Session<'v>,
    contents: BlobKind,
    head: [u8; PACK_HEAD_BYTES],
    upload: Box<dyn Upload>,
    hasher: blake3::Hasher,
    length: u64,
    places: Vec<Place>,
}

/// A pack that is whole but not yet durable under its name.
pub struct SealedPack {
    upload: Box<dyn Upload>,
    entry: PackEntry,
    places: Vec<Place>,
}

impl<'s, 'v> PackWriter<'s, 'v> {
    /// Begins a pack of `contents`.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub fn begin(session: &'s Session<'v>, contents: BlobKind) -> Result<PackWriter<'s, 'v>, VaultError> {
        let vault = session.vault();
        let sequence = session.next_sequence();
        let head = pack_head(vault.settings().vault, session.sealer(), session.id(), sequence, contents);
        let mut writer = PackWriter {
            session,
            contents,
            head,
            upload: vault.store().begin().map_err(VaultError::Store)?,
            hasher: blake3::Hasher::new(),
            length: 0,
            places: Vec::new(),
        };
        writer.append(&head)?;
        Ok(writer)
    }

    /// Adds a blob.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub fn add(&mut self, blob: &SealedBlob) -> Result<(), VaultError> {
        let place = Place {
            id: blob.id,
            nonce: blob.nonce,
            offset: u32::try_from(self.length).expect("a pack is sealed far below 4 GiB"),
            boxed_bytes: u32::try_from(blob.boxed.len()).expect("a blob is at most a chunk and its tag"),
            codec: blob.codec,
            pack: 0,
        };
        self.append(&blob.boxed)?;
        self.places.push(place);
        Ok(())
    }

    /// How long it is.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// Whether it has grown enough to be sealed.
    pub fn is_full(&self) -> bool {
        self.length >= u64::from(PACK_BYTES_TARGET) || self.places.len() >= PACK_ENTRIES_MAX
    }

    /// Writes index and tail. Nothing can be added after.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub fn seal(mut self) -> Result<SealedPack, VaultError> {
        let foot = pack_foot(self.session.sealer(), &self.head, self.length, &self.places);
        self.append(&foot)?;
        let entry = PackEntry {
            name: PackName::from_bytes(*self.hasher.finalize().as_bytes()),
            file_bytes: self.length,
            holds_pages: self.contents == BlobKind::Page,
            blob_count: u32::try_from(self.places.len()).expect("a pack has at most 2^20 blobs"),
        };
        Ok(SealedPack { upload: self.upload, entry, places: self.places })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.hasher.update(bytes);
        self.upload.write(bytes).map_err(VaultError::Store)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

impl SealedPack {
    /// Makes it durable under its name and hands it to the session.
    ///
    /// # Errors
    ///
    /// Storage or log that failed.
    pub fn publish(self, session: &Session<'_>) -> Result<u64, VaultError> {
        let (entry, places) = self.publish_apart()?;
        session.receive(entry, places)?;
        Ok(entry.file_bytes)
    }

    /// Makes it durable under its name, and leaves it to the caller to have it named by a record.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub(crate) fn publish_apart(self) -> Result<(PackEntry, Vec<Place>), VaultError> {
        self.upload.publish(&Name::pack(self.entry.name)).map_err(VaultError::Store)?;
        Ok((self.entry, self.places))
    }
}
