//! The disk's bytes into a fixed, dynamic or raw image, by many threads.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use vhault_core::digest::ChunkId;
use vhault_core::time::Instant;
use vhault_core::units::{BlockIndex, ByteCount, SECTOR_BYTES};
use vhault_core::vault::point::Disk;
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::visit_leaves;
use vhault_core::vhd::{BLOCK_BYTES_DEFAULT, NewDisk, NewKind, UNIX_SECONDS_OF_2000};

use super::losses::{Losses, missing};
use super::{RestoreError, RestoreFormat, RestoreRequest, Restored};
use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::sink::{ImageSink, Layout};
use crate::vault::Vault;
use crate::vault::blobs::BlobReader;

/// Chunks that one worker restores at a time.
const CHUNKS_PER_STRIPE: usize = 16;

/// Restores a disk into an image of another making.
pub(super) fn restore(
    vault: &Vault,
    disk: &Disk,
    made: Instant,
    request: &RestoreRequest,
    monitor: &dyn Monitor,
) -> Result<Restored, RestoreError> {
    let size = disk.content.length.get();
    let layout = match request.format {
        RestoreFormat::Raw => Layout::Raw { size: disk.content.length },
        format => vhd_layout(vault, disk, made, format, request.azure)?,
    };
    let sink = ImageSink::create(&request.target, layout, request.replace)?;
    let losses = Losses::default();
    for range in missing(disk).as_slice() {
        losses.note_missing(range.offset, range.length);
    }
    let written = AtomicU64::new(0);
    monitor.hear(Event::Started { what: format!("restoring {}", disk.label), total_bytes: size });
    let grid = vault.grid();
    let done = spread(
        request.threads,
        |send| send_stripes(vault, disk.content, &losses, monitor, send),
        || (BlobReader::new(vault), sink.writer()),
        |(reader, writer), stripe: Stripe| {
            let first_offset = stripe.first_chunk << grid.chunk_log2;
            for (place, id) in (0_u64..).zip(&stripe.chunks) {
                let offset = first_offset + (place << grid.chunk_log2);
                let (Some(id), Some(rest)) = (id, size.checked_sub(offset).filter(|&rest| rest > 0)) else {
                    continue;
                };
                let length = rest.min(grid.chunk_bytes() as u64);
                match reader.chunk(*id) {
                    Ok(bytes) => {
                        let kept = usize::try_from(length).expect("it is at most a chunk");
                        writer.write_at(offset, &bytes[..kept])?;
                        written.fetch_add(length, Ordering::Relaxed);
                    }
                    Err(error) => losses.note(offset, length, error),
                }
            }
            writer.flush()?;
            monitor.hear(Event::Advanced { bytes: stripe.covers });
            Ok::<(), RestoreError>(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    let holes = losses.settle(request.allow_holes)?;
    let file_bytes = sink.layout().file_size().get();
    let disk_bytes = sink.layout().size().get();
    sink.finish()?;
    Ok(Restored { file_bytes, disk_bytes, data_bytes: written.into_inner(), holes })
}

/// Some chunks in a row.
struct Stripe {
    first_chunk: u64,
    chunks: Vec<Option<ChunkId>>,
    /// Bytes of the disk that are done with it, for progress.
    covers: u64,
}

fn send_stripes(
    vault: &Vault,
    stream: Stream,
    losses: &Losses,
    monitor: &dyn Monitor,
    send: &mut dyn FnMut(Stripe) -> bool,
) -> Result<(), RestoreError> {
    let grid = vault.grid();
    let size = stream.length.get();
    let mut reached = 0_u64;
    visit_leaves::<_, RestoreError>(
        &mut BlobReader::new(vault),
        grid,
        stream,
        &mut |first_chunk, chunks| {
            let start = first_chunk << grid.chunk_log2;
            monitor.hear(Event::Advanced { bytes: start.min(size) - reached });
            reached = start.min(size);
            for (number, chunks) in (0_u64..).zip(chunks.chunks(CHUNKS_PER_STRIPE)) {
                let first_chunk = first_chunk + number * CHUNKS_PER_STRIPE as u64;
                let end = ((first_chunk + chunks.len() as u64) << grid.chunk_log2).min(size);
                let covers = end.saturating_sub(reached);
                reached = reached.max(end);
                if chunks.iter().all(Option::is_none) {
                    monitor.hear(Event::Advanced { bytes: covers });
                } else if !send(Stripe { first_chunk, chunks: chunks.to_vec(), covers }) {
                    return Ok(());
                }
            }
            Ok(())
        },
        &mut |page, error| {
            let start = (page.first_chunk << grid.chunk_log2).min(size);
            let end = ((page.first_chunk.saturating_add(page.chunk_count)) << grid.chunk_log2).min(size);
            losses.note(start, end - start, error);
            Ok(())
        },
    )?;
    monitor.hear(Event::Advanced { bytes: size.saturating_sub(reached) });
    Ok(())
}

fn vhd_layout(
    vault: &Vault,
    disk: &Disk,
    made: Instant,
    format: RestoreFormat,
    azure: bool,
) -> Result<Layout, RestoreError> {
    let size = disk.content.length.get();
    let seconds = u64::try_from(made.unix_milliseconds() / 1000).unwrap_or(0);
    let new = NewDisk {
        kind: if format == RestoreFormat::Fixed { NewKind::Fixed } else { NewKind::Dynamic },
        // A VHD holds whole sectors; a raw image need not.
        size: ByteCount::new(size.div_ceil(SECTOR_BYTES).saturating_mul(SECTOR_BYTES)),
        block_bytes: BLOCK_BYTES_DEFAULT,
        unique_id: identity_of(disk, format),
        created_seconds_since_2000: u32::try_from(seconds.saturating_sub(UNIX_SECONDS_OF_2000)).unwrap_or(0),
        parent: None,
        azure,
    };
    let stored =
        if format == RestoreFormat::Dynamic { blocks_with_data(vault, disk)? } else { BTreeSet::new() };
    Ok(Layout::Vhd(new.lay_out(stored)?))
}

/// The id of a restored image: the same for the same content and format, and no other's.
fn identity_of(disk: &Disk, format: RestoreFormat) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("vhault restored image id 1");
    hasher.update(disk.content.root.as_ref().map_or(&[0; 32], |root| root.as_bytes()));
    hasher.update(&disk.content.length.get().to_le_bytes());
    hasher.update(disk.label.as_bytes());
    hasher.update(&[u8::from(format == RestoreFormat::Dynamic)]);
    let hash = hasher.finalize();
    hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes")
}

fn blocks_with_data(vault: &Vault, disk: &Disk) -> Result<BTreeSet<BlockIndex>, RestoreError> {
    let grid = vault.grid();
    let block_bytes = u64::from(BLOCK_BYTES_DEFAULT);
    let mut blocks = BTreeSet::new();
    visit_leaves::<_, RestoreError>(
        &mut BlobReader::new(vault),
        grid,
        disk.content,
        &mut |first_chunk, chunks| {
            for (chunk, id) in (first_chunk..).zip(chunks) {
                let start = chunk << grid.chunk_log2;
                if id.is_some() && start < disk.content.length.get() {
                    let end = (start + grid.chunk_bytes() as u64).min(disk.content.length.get());
                    blocks.extend((start / block_bytes..=(end - 1) / block_bytes).map(BlockIndex::new));
                }
            }
            Ok(())
        },
        // What is lost is told when the data is read.
        &mut |_, _| Ok(()),
    )?;
    Ok(blocks)
}
