//! Digests of whole disks, for standard tools to check a restored one with.
//!
//! Every chunk is decrypted, decoded and proven by its id on the way. A disk is
//! read by one thread from its first byte to its last, several disks at once.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use vhault_core::catalogue::KeptPoint;
use vhault_core::digest::hex;
use vhault_core::vault::point::Disk;

use crate::causes::with_causes;
use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::stream_reader::StreamReader;
use crate::vault::{Vault, VaultError};

/// Which digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestKind {
    /// SHA-256, as `sha256sum` checks it.
    Sha256,
    /// BLAKE3, as `b3sum` checks it.
    Blake3,
}

/// The digest of one disk of a point, as a raw image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiskDigest {
    /// The point.
    pub point: String,
    /// Its VM.
    pub vm: String,
    /// The disk's label.
    pub disk: String,
    /// What a raw image of it should be called for the tools to find it.
    pub name: String,
    /// The disk's size.
    pub size_bytes: u64,
    /// In hex; none where not every byte can be had.
    pub digest: Option<String>,
    /// Why there is none.
    pub why: Option<String>,
}

enum Hasher {
    Sha256(Sha256),
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    fn new(kind: DigestKind) -> Hasher {
        match kind {
            DigestKind::Sha256 => Hasher::Sha256(Sha256::new()),
            DigestKind::Blake3 => Hasher::Blake3(Box::default()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Blake3(hasher) => {
                hasher.update(bytes);
            }
        }
    }

    fn finish(self) -> String {
        match self {
            Hasher::Sha256(hasher) => hex(&hasher.finalize()),
            Hasher::Blake3(hasher) => hasher.finalize().to_hex().to_string(),
        }
    }
}

/// Digests all disks of `points`, in their order. The chunk table must be loaded.
///
/// # Errors
///
/// Storage that fails in a way that is not damage.
pub fn digests(
    vault: &Vault,
    points: &[KeptPoint],
    kind: DigestKind,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<Vec<DiskDigest>, VaultError> {
    let disks: Vec<(usize, &KeptPoint, &Disk)> = points
        .iter()
        .flat_map(|kept| kept.point.disks.iter().map(move |disk| (kept, disk)))
        .enumerate()
        .map(|(place, (kept, disk))| (place, kept, disk))
        .collect();
    let total_bytes = disks.iter().map(|(.., disk)| disk.content.length.get()).sum();
    monitor.hear(Event::Started { what: "digesting disks".into(), total_bytes });
    let found = Mutex::new(Vec::new());
    let done = spread(
        threads,
        |send| {
            for disk in disks {
                if !send(disk) {
                    break;
                }
            }
            Ok::<(), VaultError>(())
        },
        || (),
        |(), (place, kept, disk)| {
            let digested = digest(vault, disk, kind, monitor)?;
            let (digest, why) = match digested {
                Ok(digest) => (Some(digest), None),
                Err(why) => (None, Some(why)),
            };
            let id = kept.point.id.to_string();
            let digest = DiskDigest {
                name: file_name(&kept.point.vm, &id, &disk.label),
                point: id,
                vm: kept.point.vm.clone(),
                disk: disk.label.clone(),
                size_bytes: disk.content.length.get(),
                digest,
                why,
            };
            found.lock().unwrap_or_else(PoisonError::into_inner).push((place, digest));
            Ok(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, digest)| digest).collect())
}

/// The digest of one disk, or why there is none.
fn digest(
    vault: &Vault,
    disk: &Disk,
    kind: DigestKind,
    monitor: &dyn Monitor,
) -> Result<Result<String, String>, VaultError> {
    let missing: u64 = disk.unreadable.iter().chain(&disk.not_copied).map(|range| range.length).sum();
    if missing > 0 {
        return Ok(Err(format!("the point never had {missing} bytes of it")));
    }
    let grid = vault.grid();
    let size = disk.content.length.get();
    let zeroes = vec![0; grid.chunk_bytes()];
    let mut reader = StreamReader::new(vault, disk.content);
    let mut hasher = Hasher::new(kind);
    for chunk in 0..grid.chunks(disk.content.length) {
        let start = chunk << grid.chunk_log2;
        let length = (size - start).min(grid.chunk_bytes() as u64);
        let kept = usize::try_from(length).expect("it is at most a chunk");
        match reader.chunk_at(chunk) {
            Ok(bytes) => hasher.update(&bytes.unwrap_or(&zeroes)[..kept]),
            Err(error @ VaultError::Blob { .. }) => {
                return Ok(Err(format!("byte {start} cannot be had: {}", with_causes(&error))));
            }
            Err(error) => return Err(error),
        }
        monitor.hear(Event::Advanced { bytes: length });
    }
    Ok(Ok(hasher.finish()))
}

/// A file name that every tool reads the same: what could be a folder, or end a line, is left out.
fn file_name(vm: &str, point: &str, label: &str) -> String {
    let plain = |text: &str| -> String {
        let odd = |letter: char| letter.is_control() || matches!(letter, '/' | '\\');
        text.chars().map(|letter| if odd(letter) { '_' } else { letter }).collect()
    };
    format!("{}-{}-{}.raw", plain(vm), &point[..12.min(point.len())], plain(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_list_is_one_line_and_no_path() {
        assert_eq!(file_name("web01", "3f9a02c1aaaabbbb", "os"), "web01-3f9a02c1aaaa-os.raw");
        assert_eq!(file_name("../a\nb", "3f9a02c1aaaabbbb", "c\\d"), ".._a_b-3f9a02c1aaaa-c_d.raw");
    }
}
