//! What points need of mostly unused packs, moved into new packs.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use vhault_core::digest::PackName;
use vhault_core::protocol::{SweepPlan, Why};
use vhault_core::vault::blob::BlobKind;
use vhault_core::vault::record::{FragmentEntry, PackEntry};

use super::ground::Marked;
use crate::chunk_writer::ChunkWriter;
use crate::codec::Effort;
use crate::monitor::{Event, Monitor};
use crate::packer::PackWriter;
use crate::vault::blobs::BlobReader;
use crate::vault::table::Found;
use crate::vault::{Session, Vault, VaultError};

/// What a sweep has moved so far, and whether a record names it.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    pub(crate) packs: Vec<PackEntry>,
    pub(crate) fragments: Vec<FragmentEntry>,
    pub(crate) is_recorded: bool,
}

impl Moved {
    pub(crate) fn names(&self) -> BTreeSet<PackName> {
        self.packs.iter().map(|pack| pack.name).collect()
    }
}

/// Copies what points need of the packs that are to be rewritten, and returns the packs of which something could not
/// be decoded: those stay.
///
/// # Errors
///
/// Storage or log that failed; [`VaultError::Stopped`].
pub(super) fn carry_over(
    vault: &Vault,
    session: &Session<'_>,
    plan: &SweepPlan,
    marked: &Marked,
    moved: &mut Moved,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<Vec<PackName>, VaultError> {
    let rewritten = || plan.packs.iter().filter(|pack| pack.why == Why::MostlyUnused);
    let total_bytes = rewritten().map(|pack| pack.live_bytes).sum();
    if total_bytes == 0 {
        return Ok(Vec::new());
    }
    monitor.hear(Event::Started { what: "moving what points need".into(), total_bytes });
    let mut kept = Vec::new();
    let mut mover = Mover {
        session,
        reader: BlobReader::hasty(vault),
        writer: ChunkWriter::new(session, Effort::default(), true),
        chunks: None,
        pages: None,
    };
    for planned in rewritten() {
        if stop.load(Ordering::Relaxed) {
            return Err(VaultError::Stopped);
        }
        session.show_life()?;
        if !mover.carry(vault, planned.name, planned.file_bytes, marked, moved, monitor)? {
            kept.push(planned.name);
        }
    }
    mover.finish(moved)?;
    monitor.hear(Event::Finished);
    Ok(kept)
}

struct Mover<'s, 'v> {
    session: &'s Session<'v>,
    reader: BlobReader<'v>,
    writer: ChunkWriter<'s, 'v>,
    chunks: Option<PackWriter<'s, 'v>>,
    pages: Option<PackWriter<'s, 'v>>,
}

impl Mover<'_, '_> {
    /// Copies what is needed of one pack, and says whether all of it could be decoded.
    fn carry(
        &mut self,
        vault: &Vault,
        pack: PackName,
        file_bytes: u64,
        marked: &Marked,
        moved: &mut Moved,
        monitor: &dyn Monitor,
    ) -> Result<bool, VaultError> {
        let Ok(places) = self.reader.index(pack, file_bytes) else { return Ok(false) };
        let mut is_whole = true;
        for place in places {
            let id = place.id;
            if !marked.needs(vault, pack, &id) {
                continue;
            }
            let bytes = match self.reader.read(&Found { place, pack }) {
                Ok(bytes) => bytes,
                Err(VaultError::Blob { .. }) => {
                    is_whole = false;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let blob = self.writer.seal(id, bytes).map_err(VaultError::Compare)?;
            monitor.hear(Event::Advanced { bytes: u64::from(place.boxed_bytes) });
            let open = match id.kind {
                BlobKind::Chunk => &mut self.chunks,
                BlobKind::Page => &mut self.pages,
            };
            let mut writer = match open.take() {
                Some(writer) => writer,
                None => PackWriter::begin(self.session, id.kind)?,
            };
            writer.add(&blob)?;
            if writer.is_full() {
                publish(self.session, writer, moved)?;
            } else {
                *open = Some(writer);
            }
        }
        Ok(is_whole)
    }

    fn finish(mut self, moved: &mut Moved) -> Result<(), VaultError> {
        for writer in [self.chunks.take(), self.pages.take()].into_iter().flatten() {
            publish(self.session, writer, moved)?;
        }
        let (_, fragments) = self.session.cut()?;
        moved.fragments.extend(fragments);
        Ok(())
    }
}

fn publish(session: &Session<'_>, writer: PackWriter<'_, '_>, moved: &mut Moved) -> Result<(), VaultError> {
    let (entry, places) = writer.seal()?.publish_apart()?;
    moved.packs.push(entry);
    if session.take_over(entry.name, places) {
        let (_, fragments) = session.cut()?;
        moved.fragments.extend(fragments);
    }
    Ok(())
}
