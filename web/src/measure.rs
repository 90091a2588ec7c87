//! Measuring a disk: its hash, its zeroes, its repeats, and what a vault
//! would store of it. Several workers may do a share each.

use serde::{Deserialize, Serialize};
use vhault_core::read::ReadAt;
use vhault_core::vhd::Content;

use crate::given::{self, Explain, Named};
use crate::sketch::{ChunkCount, Sketch};
use crate::text::Both;
use crate::view_model::difference::CHUNK_BYTES;
use crate::view_model::map::{Map, State};

/// The step of reading; every chunk size divides it or is it.
const READ_BYTES: usize = 4 << 20;

/// The smallest chunk; the larger ones are known by their parts.
const PART_BYTES: usize = 64 << 10;

/// What one worker takes at a time: a whole subtree of BLAKE3.
pub const SLICE_BYTES: u64 = 64 << 20;

/// The chunk size of a vault, unless it was made with another:
/// `docs/decisions/0003-codec-level.md`.
pub const VAULT_CHUNK_BYTES: u64 = 256 << 10;

/// Which slices of a disk to read: every `of`th, from `number` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which worker, counted from zero.
    pub number: u32,
    /// How many workers there are.
    pub of: u32,
}

impl Share {
    /// All of it.
    pub const WHOLE: Share = Share { number: 0, of: 1 };
}

/// What one share told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    file: usize,
    disk_bytes: u64,
    slices: Vec<Slice>,
    seen: Vec<Sketch>,
    was_stored: bool,
}

/// What one slice told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slice {
    number: u64,
    hash: [u8; 32],
    zero_bytes: u64,
    runs: Vec<(State, u64)>,
}

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

impl Measured {
    /// The bytes that a first copy would find new, before compression.
    pub fn new_bytes(&self) -> u64 {
        let count = self.chunks.iter().find(|count| count.chunk_bytes == VAULT_CHUNK_BYTES);
        count.map_or(self.disk_bytes, |count| count.unique_bytes)
    }
}

/// How many bytes of a vault a chunk takes; `None` where nobody can tell.
pub type Store<'a> = Option<&'a mut dyn FnMut(&[u8]) -> u32>;

/// Reads a share of the disk of `file` and its parents; `heard` is told how
/// many bytes of how many are done.
///
/// # Errors
///
/// Why that is not possible, for people.
pub fn measure<S: ReadAt + Clone>(
    files: &[Named<S>],
    file: usize,
    share: Share,
    mut store: Store<'_>,
    heard: &mut dyn FnMut(u64, u64),
) -> Result<Part, Both>
where
    S::Error: Explain,
{
    let chain = given::join(files, file)?;
    let size = chain.size().get();
    let mut cursor = chain.cursor();
    let mut buffer = vec![0; READ_BYTES];
    let mut part = Part {
        file,
        disk_bytes: size,
        slices: Vec::new(),
        seen: CHUNK_BYTES.map(Sketch::new).to_vec(),
        was_stored: store.is_some(),
    };
    let mine = numbers(size, share);
    let whole: u64 = mine.clone().map(|number| (size - number * SLICE_BYTES).min(SLICE_BYTES)).sum();
    let mut done = 0;
    for number in mine {
        let from = number * SLICE_BYTES;
        let past = (from + SLICE_BYTES).min(size);
        let mut tree = blake3::Hasher::new();
        if size > SLICE_BYTES {
            blake3::hazmat::HasherExt::set_input_offset(&mut tree, from);
        }
        let mut map = Map::new(PART_BYTES as u64);
        let mut zero_bytes = 0;
        let mut at = from;
        while at < past {
            let length = usize::try_from(past - at).unwrap_or(READ_BYTES).min(READ_BYTES);
            let piece = &mut buffer[..length];
            let content = chain.read(&mut cursor, at, piece).map_err(|error| error.source.explain())?;
            tree.update(piece);
            let hashes: Vec<Option<[u8; 32]>> =
                piece.chunks(PART_BYTES).map(|bytes| hash_of(bytes, content)).collect();
            for (bytes, hash) in piece.chunks(PART_BYTES).zip(&hashes) {
                zero_bytes += if hash.is_none() { bytes.len() as u64 } else { 0 };
                map.push(if hash.is_none() { State::Zero } else { State::Whole }, 1);
            }
            for sketch in &mut part.seen {
                see(sketch, piece, &hashes, &mut store);
            }
            at += length as u64;
            done += length as u64;
            heard(done, whole);
        }
        let hash = match size > SLICE_BYTES {
            true => blake3::hazmat::HasherExt::finalize_non_root(&tree),
            false => *tree.finalize().as_bytes(),
        };
        let runs = map.runs().iter().map(|run| (run.state, run.count)).collect();
        part.slices.push(Slice { number, hash, zero_bytes, runs });
    }
    Ok(part)
}

/// How many slices a disk of `size` bytes has: one at least, so that an empty
/// disk has a hash too.
pub fn slices(size: u64) -> u64 {
    size.div_ceil(SLICE_BYTES).max(1)
}

fn numbers(size: u64, share: Share) -> impl Iterator<Item = u64> + Clone {
    (u64::from(share.number)..slices(size)).step_by(usize::try_from(share.of).unwrap_or(1).max(1))
}

/// The hash of a part; none where it is all zeroes.
fn hash_of(bytes: &[u8], content: Content) -> Option<[u8; 32]> {
    let is_zero = content == Content::Unallocated || bytes.iter().all(|byte| *byte == 0);
    (!is_zero).then(|| *blake3::hash(bytes).as_bytes())
}

/// Shows a sketch the chunks of one read.
fn see(sketch: &mut Sketch, piece: &[u8], hashes: &[Option<[u8; 32]>], store: &mut Store<'_>) {
    let chunk_bytes = usize::try_from(sketch.chunk_bytes()).unwrap_or(PART_BYTES);
    for (bytes, parts) in piece.chunks(chunk_bytes).zip(hashes.chunks(chunk_bytes / PART_BYTES)) {
        if parts.iter().all(Option::is_none) {
            continue;
        }
        let mut hasher = blake3::Hasher::new();
        for hash in parts {
            hasher.update(&hash.unwrap_or_default());
        }
        let mut short = [0; 8];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        let is_stored = sketch.chunk_bytes() == VAULT_CHUNK_BYTES;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        sketch.take(u64::from_le_bytes(short), length, || match store {
            Some(store) if is_stored => store(bytes),
            _ => 0,
        });
    }
}

/// Puts the shares of one disk together; `None` where a slice is missing.
pub fn join(parts: Vec<Part>) -> Option<Measured> {
    let mut parts = parts.into_iter();
    let mut all = parts.next()?;
    for part in parts {
        all.slices.extend(part.slices);
        all.was_stored &= part.was_stored;
        for (mine, other) in all.seen.iter_mut().zip(part.seen) {
            mine.merge(other);
        }
    }
    all.slices.sort_by_key(|slice| slice.number);
    let is_whole = all.slices.iter().map(|slice| slice.number).eq(0..slices(all.disk_bytes));
    let hash = match all.slices.as_slice() {
        _ if !is_whole => return None,
        [one] => one.hash,
        many => {
            let (left, right) = halves(many);
            *blake3::hazmat::merge_subtrees_root(&left, &right, blake3::hazmat::Mode::Hash).as_bytes()
        }
    };
    let mut map = Map::new(PART_BYTES as u64);
    all.slices.iter().flat_map(|slice| &slice.runs).for_each(|(state, count)| map.push(*state, *count));
    let stored = |sketch: &Sketch| all.was_stored && sketch.chunk_bytes() == VAULT_CHUNK_BYTES;
    Some(Measured {
        file: all.file,
        disk_bytes: all.disk_bytes,
        hash: blake3::Hash::from_bytes(hash).to_hex().to_string(),
        zero_bytes: all.slices.iter().map(|slice| slice.zero_bytes).sum(),
        chunks: all.seen.iter().map(|sketch| sketch.count(stored(sketch))).collect(),
        map,
    })
}

/// The two sides of a tree of two slices or more: the left one is as large as
/// a power of two can be, and not all.
fn halves(slices: &[Slice]) -> ([u8; 32], [u8; 32]) {
    let left = slices.len().div_ceil(2).next_power_of_two();
    let (left, right) = slices.split_at(left);
    (subtree(left), subtree(right))
}

fn subtree(slices: &[Slice]) -> [u8; 32] {
    match slices {
        [one] => one.hash,
        many => {
            let (left, right) = halves(many);
            blake3::hazmat::merge_subtrees_non_root(&left, &right, blake3::hazmat::Mode::Hash)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole is hashed slice by slice as it is in one go, at any number of slices.
    #[test]
    fn the_hash_of_the_slices_is_the_hash_of_the_whole() {
        const STEP: usize = 1024;
        for count in 2..=17_usize {
            for cut in [0, 1, STEP - 1] {
                let bytes: Vec<u8> =
                    (0..count * STEP - cut).map(|place| u8::try_from(place % 251).unwrap()).collect();
                let slices: Vec<Slice> = bytes
                    .chunks(STEP)
                    .enumerate()
                    .map(|(number, bytes)| {
                        let mut tree = blake3::Hasher::new();
                        blake3::hazmat::HasherExt::set_input_offset(&mut tree, (number * STEP) as u64);
                        tree.update(bytes);
                        let hash = blake3::hazmat::HasherExt::finalize_non_root(&tree);
                        Slice { number: number as u64, hash, zero_bytes: 0, runs: Vec::new() }
                    })
                    .collect();
                let (left, right) = halves(&slices);
                let joined = blake3::hazmat::merge_subtrees_root(&left, &right, blake3::hazmat::Mode::Hash);
                assert_eq!(joined, blake3::hash(&bytes), "{count} slices, {cut} bytes short");
            }
        }
    }

    #[test]
    fn every_slice_is_in_one_share() {
        let size = 10 * SLICE_BYTES + 1;
        for of in 1..=5 {
            let mut all: Vec<u64> = (0..of).flat_map(|number| numbers(size, Share { number, of })).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..11));
        }
        assert_eq!(numbers(0, Share::WHOLE).count(), 1);
    }
}
