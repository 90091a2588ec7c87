//! One chunk on its way: identified, claimed, compressed, compared, sealed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vhault_core::digest::{ChunkId, PageId};
use vhault_core::vault::blob::{BlobId, Codec};
use vhault_core::vault::page::Page;
use vhault_core::vault::point::{Audit, Copied};
use vhault_core::vault::seal::TAG_BYTES;

use crate::codec::{Compressor, Decompressor, Effort};
use crate::hasher::identify;
use crate::packer::SealedBlob;
use crate::timings::{Stage, Timings};
use crate::vault::Session;

/// What the copy of one disk has done so far, counted by all threads.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bytes of guest data read from the source.
    pub read: AtomicU64,
    /// Bytes proven zero or unallocated.
    pub zero: AtomicU64,
    /// Bytes taken over from the base without reading.
    pub kept: AtomicU64,
    /// Bytes taken over from an earlier, stopped copy of the very same source.
    pub resumed: AtomicU64,
    /// Bytes that a hint called unchanged and that were read all the same.
    pub audited: AtomicU64,
    /// Bytes read and found in the vault.
    pub known: AtomicU64,
    /// Bytes of new chunks.
    pub new: AtomicU64,
    /// Bytes of new blobs as stored.
    pub stored: AtomicU64,
}

impl Tally {
    /// Adds to one of its numbers.
    pub fn add(number: &AtomicU64, bytes: u64) {
        number.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The numbers as they are now.
    pub fn total(&self) -> Copied {
        let of = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Copied {
            read_bytes: of(&self.read),
            zero_bytes: of(&self.zero),
            kept_bytes: of(&self.kept),
            resumed_bytes: of(&self.resumed),
            audited_bytes: of(&self.audited),
            known_bytes: of(&self.known),
            new_bytes: of(&self.new),
            stored_bytes: of(&self.stored),
            audit: Audit::default(),
        }
    }
}

/// A blob came back from the compressor other than it went in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{id} decoded to other bytes right after it was encoded: memory or processor of this machine cannot be trusted"
)]
pub struct CompareError {
    /// Which blob.
    pub id: BlobId,
}

/// Turns chunks and pages into sealed blobs; one for each thread.
pub struct ChunkWriter<'s, 'v> {
    session: &'s Session<'v>,
    compressor: Compressor,
    compare: Option<Decompressor>,
    compared: Vec<u8>,
    timings: Arc<Timings>,
}

impl<'s, 'v> ChunkWriter<'s, 'v> {
    /// A writer for `session`. With `compare`, every blob is decoded and compared before it is sealed.
    pub fn new(session: &'s Session<'v>, effort: Effort, compare: bool) -> ChunkWriter<'s, 'v> {
        ChunkWriter {
            session,
            compressor: Compressor::new(effort),
            compare: compare.then(Decompressor::new),
            compared: Vec::new(),
            timings: Arc::default(),
        }
    }

    /// The same, which adds its time to `timings`.
    #[must_use]
    pub fn timed(mut self, timings: Arc<Timings>) -> ChunkWriter<'s, 'v> {
        self.timings = timings;
        self
    }

    /// Says what a whole grid chunk is, and the blob to store when nobody has it. `base` is what the base point has
    /// at the same place.
    ///
    /// # Errors
    ///
    /// [`CompareError`].
    pub fn chunk(
        &mut self,
        chunk: &[u8],
        base: Option<ChunkId>,
        tally: &Tally,
    ) -> Result<(Option<ChunkId>, Option<SealedBlob>), CompareError> {
        let Some(id) = identify(self.session.vault().ids(), chunk) else {
            Tally::add(&tally.zero, chunk.len() as u64);
            return Ok((None, None));
        };
        // The base is a root until the session ends, so what it holds needs no lookup.
        let is_kept = base == Some(id) && self.session.is_sound(id.into());
        if is_kept {
            Tally::add(&tally.known, chunk.len() as u64);
            return Ok((Some(id), None));
        }
        Ok((Some(id), self.identified(id, chunk, tally)?))
    }

    /// The blob to store for a chunk whose id is known, when nobody has it.
    ///
    /// # Errors
    ///
    /// [`CompareError`].
    pub fn identified(
        &mut self,
        id: ChunkId,
        chunk: &[u8],
        tally: &Tally,
    ) -> Result<Option<SealedBlob>, CompareError> {
        let bytes = chunk.len() as u64;
        if !self.session.claim(id.into()) {
            Tally::add(&tally.known, bytes);
            return Ok(None);
        }
        Tally::add(&tally.new, bytes);
        let blob = self.seal(id.into(), chunk)?;
        Tally::add(&tally.stored, blob.boxed.len() as u64);
        Ok(Some(blob))
    }

    /// The id of a page that is not all zeroes, and the blob to store when nobody has it.
    ///
    /// # Errors
    ///
    /// [`CompareError`].
    pub fn page(
        &mut self,
        page: &Page,
        base: Option<PageId>,
        tally: &Tally,
    ) -> Result<(PageId, Option<SealedBlob>), CompareError> {
        let bytes = page.encode();
        let id = self.session.vault().ids().page(&bytes);
        let is_kept = base == Some(id) && self.session.is_sound(id.into());
        if is_kept || !self.session.claim(id.into()) {
            return Ok((id, None));
        }
        let blob = self.seal(id.into(), &bytes)?;
        Tally::add(&tally.stored, blob.boxed.len() as u64);
        Ok((id, Some(blob)))
    }

    /// Whether a chunk that the base holds can be had as far as anybody knows.
    pub fn is_sound(&self, chunk: Option<ChunkId>) -> bool {
        chunk.is_none_or(|id| self.session.is_sound(id.into()))
    }

    /// Whether the vault holds a chunk, which its session then relies on.
    pub fn relies_on(&self, chunk: ChunkId) -> bool {
        self.session.relies_on(chunk.into())
    }

    /// The blob of content that has an id already.
    ///
    /// # Errors
    ///
    /// [`CompareError`].
    pub(crate) fn seal(&mut self, id: BlobId, bytes: &[u8]) -> Result<SealedBlob, CompareError> {
        let mut encoded = Vec::new();
        let codec = self.timings.time(Stage::Compress, || self.compressor.compress(bytes, &mut encoded));
        self.seal_encoded(id, bytes, codec, encoded)
    }

    /// The blob of `bytes` as a compressor encoded them, which are boxed in place once they are seen to come back.
    fn seal_encoded(
        &mut self,
        id: BlobId,
        bytes: &[u8],
        codec: Codec,
        mut boxed: Vec<u8>,
    ) -> Result<SealedBlob, CompareError> {
        if let Some(decompressor) = &mut self.compare {
            let compared = &mut self.compared;
            let same = self.timings.time(Stage::Compare, || {
                decompressor.decompress(codec, &boxed, bytes.len(), compared).is_ok() && compared == bytes
            });
            if !same {
                return Err(CompareError { id });
            }
        }
        boxed.reserve_exact(TAG_BYTES);
        let sealer = self.session.sealer();
        let nonce = sealer.take(1);
        let tag = self.timings.time(Stage::Seal, || sealer.seal(nonce, &id.associated(), &mut boxed));
        boxed.extend(tag);
        Ok(SealedBlob { id, nonce, codec, boxed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::open::NewVault;
    use crate::vault::{Unlock, Vault};
    use vhault_core::time::Instant;

    /// What a compressor with a bug, or memory with a flipped bit, makes of a chunk is not stored in its place.
    #[test]
    fn a_blob_that_does_not_come_back_is_not_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        Vault::create(&root, &Unlock::Nothing, NewVault::default()).unwrap();
        let vault = Vault::open(&root, &Unlock::Nothing, &folder.path().join("cache")).unwrap();
        let (session, _) = Session::begin(&vault, "test", Instant::default(), &[]).unwrap();
        let chunk = b"recovery point ".repeat(1000);
        let id = BlobId::from(vault.ids().chunk(&chunk));
        let mut encoded = Vec::new();
        let codec = Compressor::new(Effort::Default).compress(&chunk, &mut encoded);
        assert_eq!(codec, Codec::Zstd);
        let mut other = Vec::new();
        Compressor::new(Effort::Default).compress(&b"recovery porch ".repeat(1000), &mut other);

        let mut comparing = ChunkWriter::new(&session, Effort::Default, true);
        assert!(comparing.seal_encoded(id, &chunk, codec, encoded.clone()).is_ok());
        // It decodes, to as many bytes, and only a look at all of them tells.
        assert_eq!(comparing.seal_encoded(id, &chunk, codec, other.clone()).err(), Some(CompareError { id }));
        encoded.pop();
        assert_eq!(comparing.seal_encoded(id, &chunk, codec, encoded).err(), Some(CompareError { id }));
        let mut trusting = ChunkWriter::new(&session, Effort::Default, false);
        assert!(
            trusting.seal_encoded(id, &chunk, codec, other).is_ok(),
            "--no-compare leaves it out by name"
        );
    }
}
