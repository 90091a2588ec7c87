//! Measuring a disk: its hash, its zeroes, its repeats.

use serde::{Deserialize, Serialize};
use vhault_core::read::ReadAt;
use vhault_core::vhd::Content;

use crate::given::{self, Explain, Named};
use crate::text::Both;
use crate::view_model::difference::CHUNK_BYTES;
use crate::view_model::map::{Map, State};

/// The step of reading and of the map; every chunk size divides it or is it.
const READ_BYTES: usize = 4 << 20;

/// The smallest chunk; the larger ones are known by their parts.
const PART_BYTES: usize = 64 << 10;

/// What reading all of a disk tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The image whose disk it is.
    pub file: usize,
    /// Size of the disk.
    pub disk_bytes: u64,
    /// BLAKE3 of the whole disk, in hex.
    pub hash: String,
    /// Bytes in parts of 64 KiB that are all zeroes.
    pub zero_bytes: u64,
    /// For each chunk size what a backup would find.
    pub chunks: Vec<ChunkCount>,
    /// Which parts are zeroes.
    pub map: Map,
}

/// What a backup would find at one chunk size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkCount {
    /// Bytes in a chunk.
    pub chunk_bytes: u64,
    /// Chunks that are not all zeroes.
    pub with_data: u64,
    /// Of these, how many are different from each other.
    pub unique: u64,
    /// Bytes of the different ones.
    pub unique_bytes: u64,
}

/// Reads the disk of `file` and its parents; `heard` is told how many bytes
/// of how many are done. Keeps eight bytes a chunk: a two to the power of 64th
/// chance to take two chunks for one is no harm in an estimate.
///
/// # Errors
///
/// Why that is not possible, for people.
pub fn measure<S: ReadAt + Clone>(
    files: &[Named<S>],
    file: usize,
    heard: &mut dyn FnMut(u64, u64),
) -> Result<Measured, Both>
where
    S::Error: Explain,
{
    let chain = given::join(files, file)?;
    let size = chain.size().get();
    let mut cursor = chain.cursor();
    let mut buffer = vec![0; READ_BYTES];
    let mut whole = blake3::Hasher::new();
    let mut seen = CHUNK_BYTES.map(Seen::new);
    let mut zero_bytes = 0;
    let mut map = Map::new(PART_BYTES as u64);
    let mut at = 0;
    while at < size {
        let length = usize::try_from(size - at).unwrap_or(READ_BYTES).min(READ_BYTES);
        let piece = &mut buffer[..length];
        let content = chain.read(&mut cursor, at, piece).map_err(|error| error.source.explain())?;
        whole.update(piece);
        let parts: Vec<Part> = piece.chunks(PART_BYTES).map(|bytes| Part::of(bytes, content)).collect();
        for part in &parts {
            zero_bytes += if part.hash.is_none() { part.bytes } else { 0 };
            map.push(if part.hash.is_none() { State::Zero } else { State::Whole }, 1);
        }
        for kind in &mut seen {
            kind.take(&parts);
        }
        at += length as u64;
        heard(at, size);
    }
    Ok(Measured {
        file,
        disk_bytes: size,
        hash: whole.finalize().to_hex().to_string(),
        zero_bytes,
        chunks: seen.into_iter().map(Seen::count).collect(),
        map,
    })
}

/// One part of 64 KiB; no hash where it is all zeroes.
struct Part {
    bytes: u64,
    hash: Option<[u8; 32]>,
}

impl Part {
    fn of(bytes: &[u8], content: Content) -> Part {
        let is_zero = content == Content::Unallocated || bytes.iter().all(|byte| *byte == 0);
        let hash = (!is_zero).then(|| *blake3::hash(bytes).as_bytes());
        Part { bytes: bytes.len() as u64, hash }
    }
}

/// The chunks of one size that were seen.
struct Seen {
    chunk_bytes: u64,
    chunks: Vec<(u64, u64)>,
}

impl Seen {
    fn new(chunk_bytes: u64) -> Seen {
        Seen { chunk_bytes, chunks: Vec::new() }
    }

    fn take(&mut self, parts: &[Part]) {
        let step = usize::try_from(self.chunk_bytes).unwrap_or(PART_BYTES) / PART_BYTES;
        for group in parts.chunks(step) {
            if group.iter().all(|part| part.hash.is_none()) {
                continue;
            }
            let mut hasher = blake3::Hasher::new();
            for part in group {
                hasher.update(&part.hash.unwrap_or_default());
            }
            let mut short = [0; 8];
            short.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
            self.chunks.push((u64::from_le_bytes(short), group.iter().map(|part| part.bytes).sum()));
        }
    }

    fn count(mut self) -> ChunkCount {
        let with_data = self.chunks.len() as u64;
        self.chunks.sort_unstable();
        self.chunks.dedup_by_key(|(hash, _)| *hash);
        ChunkCount {
            chunk_bytes: self.chunk_bytes,
            with_data,
            unique: self.chunks.len() as u64,
            unique_bytes: self.chunks.iter().map(|(_, bytes)| bytes).sum(),
        }
    }
}
