//! The journal of a copy: what each chunk is that was read, written down every
//! few seconds, so that the copy after a crash need not read it again.
//!
//! A journal is a row of frames. The first is the head: whose copy it is, and
//! of which files. Every other holds runs of chunks.
//!
//! | offset | size | field of a frame |
//! | --- | --- | --- |
//! | 0 | 4 | length of the payload, little-endian |
//! | 4 | 8 | first 8 bytes of the BLAKE3 hash of the payload |
//! | 12 | | payload |
//!
//! | offset | size | field of a run |
//! | --- | --- | --- |
//! | 0 | 4 | disk, counted from zero |
//! | 4 | 4 | how many chunks; the highest bit says that they are zeroes |
//! | 8 | 8 | the first chunk |
//! | 16 | 32 each | their ids, unless they are zeroes |
//!
//! A journal may be torn, and may say more than the vault holds: its last
//! chunks can be lost though it names them. So its reader stops at the first
//! frame that does not fit, and asks the vault for each chunk that it believes.
//! It holds neither keys nor data.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::digest::{ChunkId, SessionId, VaultId};
use crate::time::Span;
use crate::vault::point::SourceIdentity;

/// The journal is written, and made durable, so often.
pub const WRITE_EVERY: Span = Span::from_milliseconds(2_000);

/// A pack that has been open for so long is sealed before it is full, if it holds [`SEAL_BYTES_MIN`].
pub const SEAL_AFTER: Span = Span::from_milliseconds(5_000);

/// A pack with less is not worth a file of its own: 16 of them hold what a full pack does.
pub const SEAL_BYTES_MIN: u64 = 4 << 20;

/// The log names packs that are durable so often: from then on another session can take them over.
pub const NAME_EVERY: Span = Span::from_milliseconds(5_000);

/// Bytes of a frame before its payload.
pub const FRAME_HEAD_BYTES: usize = 12;

/// No payload is longer.
pub const FRAME_BYTES_MAX: usize = 4 << 20;

/// Bytes of a run before its ids.
pub const RUN_HEAD_BYTES: usize = 16;

/// The only version there is.
const VERSION: u8 = 1;

const ZEROES: u32 = 1 << 31;

/// Whether an open pack is to be sealed although it is not full: what it holds is lost in a crash.
pub fn must_seal(open_for: Span, bytes: u64) -> bool {
    open_for >= SEAL_AFTER && bytes >= SEAL_BYTES_MIN
}

/// Whose copy a journal is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHead {
    version: u8,
    /// The vault that is copied into.
    pub vault: VaultId,
    /// The session that copies.
    pub session: SessionId,
    /// The VM.
    pub vm: String,
    /// Its disks, in the copy's order.
    pub disks: Vec<JournalDisk>,
}

/// A disk as it was when its copy began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalDisk {
    /// Its virtual size.
    pub size_bytes: u64,
    /// The image and its parents, child first.
    pub sources: Vec<SourceIdentity>,
}

/// A chunk of a disk, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Noted {
    /// Which disk, counted from zero.
    pub disk: u32,
    /// Which chunk of its grid.
    pub chunk: u64,
    /// `None` is zeroes.
    pub id: Option<ChunkId>,
}

/// Chunks of one disk in a row: all zeroes, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which disk, counted from zero.
    pub disk: u32,
    /// The first chunk.
    pub first_chunk: u64,
    /// How many chunks; never zero.
    pub chunk_count: u32,
    /// Where their ids begin in the payload; `None` where they are zeroes.
    pub ids_at: Option<usize>,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a journal ends here: what follows is torn, or no frame")]
pub struct Torn;

impl JournalHead {
    /// The head of a journal that begins now.
    pub fn new(vault: VaultId, session: SessionId, vm: String, disks: Vec<JournalDisk>) -> JournalHead {
        JournalHead { version: VERSION, vault, session, vm, disks }
    }

    /// Its frame; `None` where it is too long for one, and the copy goes without a journal.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let payload = postcard::to_allocvec(self).expect("a journal's head is plain data");
        frame(&payload)
    }

    /// The head in the payload of a first frame.
    ///
    /// # Errors
    ///
    /// [`Torn`], also for a version that this program does not know.
    pub fn decode(payload: &[u8]) -> Result<JournalHead, Torn> {
        let head: JournalHead = postcard::from_bytes(payload).map_err(|_| Torn)?;
        if head.version == VERSION { Ok(head) } else { Err(Torn) }
    }
}

/// The frames of what was noted; of two notes of one chunk the later counts.
pub fn encode_notes(mut notes: Vec<Noted>) -> Vec<u8> {
    notes.sort_by_key(|noted| (noted.disk, noted.chunk));
    notes.reverse();
    notes.dedup_by_key(|noted| (noted.disk, noted.chunk));
    notes.reverse();
    let follows = |before: &Noted, noted: &Noted| {
        before.disk == noted.disk
            && before.chunk.checked_add(1) == Some(noted.chunk)
            && before.id.is_some() == noted.id.is_some()
    };
    let (mut file, mut payload) = (Vec::new(), Vec::new());
    // A run of ids is at most half a frame, so that frames fill well.
    let runs_max = FRAME_BYTES_MAX / 2 / ChunkId::BYTES;
    for run in notes.chunk_by(follows).flat_map(|run| run.chunks(runs_max)) {
        let ids: Vec<ChunkId> = run.iter().filter_map(|noted| noted.id).collect();
        if payload.len() + RUN_HEAD_BYTES + ids.len() * ChunkId::BYTES > FRAME_BYTES_MAX {
            file.extend(frame(&payload).into_iter().flatten());
            payload.clear();
        }
        let count = u32::try_from(run.len()).expect("a run is at most half a frame of ids");
        payload.extend(run[0].disk.to_le_bytes());
        payload.extend((if ids.is_empty() { count | ZEROES } else { count }).to_le_bytes());
        payload.extend(run[0].chunk.to_le_bytes());
        ids.iter().for_each(|id| payload.extend(id.as_bytes()));
    }
    if !payload.is_empty() {
        file.extend(frame(&payload).into_iter().flatten());
    }
    file
}

/// The length of the payload that follows a frame's head.
///
/// # Errors
///
/// [`Torn`] where no payload can be that long.
pub fn payload_bytes(head: &[u8; FRAME_HEAD_BYTES]) -> Result<usize, Torn> {
    let [a, b, c, d, ..] = *head;
    match usize::try_from(u32::from_le_bytes([a, b, c, d])) {
        Ok(bytes) if bytes <= FRAME_BYTES_MAX => Ok(bytes),
        _ => Err(Torn),
    }
}

/// Checks a payload against its frame's head.
///
/// # Errors
///
/// [`Torn`] where it is another.
pub fn check(head: &[u8; FRAME_HEAD_BYTES], payload: &[u8]) -> Result<(), Torn> {
    if head[4..] == blake3::hash(payload).as_bytes()[..FRAME_HEAD_BYTES - 4] { Ok(()) } else { Err(Torn) }
}

/// The runs of a payload, in its order.
///
/// # Errors
///
/// [`Torn`] where one does not fit.
pub fn runs(payload: &[u8]) -> Result<Vec<Run>, Torn> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < payload.len() {
        let head = payload.get(at..at + RUN_HEAD_BYTES).ok_or(Torn)?;
        let four = |from: usize| [head[from], head[from + 1], head[from + 2], head[from + 3]];
        let (disk, count) = (u32::from_le_bytes(four(0)), u32::from_le_bytes(four(4)));
        let first_chunk = u64::from_le_bytes(head[8..].try_into().map_err(|_| Torn)?);
        let (chunk_count, is_zero) = (count & !ZEROES, count & ZEROES != 0);
        let is_sane = chunk_count > 0 && first_chunk.checked_add(u64::from(chunk_count)).is_some();
        at += RUN_HEAD_BYTES;
        let ids_at = if is_zero { None } else { Some(at) };
        if !is_zero {
            let bytes = usize::try_from(chunk_count).map_err(|_| Torn)?.checked_mul(ChunkId::BYTES);
            at = bytes
                .and_then(|bytes| at.checked_add(bytes))
                .filter(|end| *end <= payload.len())
                .ok_or(Torn)?;
        }
        if !is_sane {
            return Err(Torn);
        }
        found.push(Run { disk, first_chunk, chunk_count, ids_at });
    }
    Ok(found)
}

fn frame(payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() > FRAME_BYTES_MAX {
        return None;
    }
    let length = u32::try_from(payload.len()).ok()?;
    let mut file = Vec::with_capacity(FRAME_HEAD_BYTES + payload.len());
    file.extend(length.to_le_bytes());
    file.extend(&blake3::hash(payload).as_bytes()[..FRAME_HEAD_BYTES - 4]);
    file.extend(payload);
    Some(file)
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
