//! Verifying a vault: what is there, what is whole, and what damage means.
//!
//! | room | what it looks at |
//! | --- | --- |
//! | `structure` | records, fragments, and that every pack is there |
//! | `opening` | key slots and checkpoints |
//! | `packs` | every file by its name, without any key |
//! | `chunks` | every blob, decrypted, decoded and hashed |
//! | [`digests`](digests()) | digests of whole disks, for standard tools |
//! | `points` | what damage means for each disk of each point |
//! | `publish` | damage written down, so that the next backup heals it |

mod chunks;
mod digests;
mod opening;
mod packs;
mod points;
mod publish;
mod structure;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use serde::Serialize;
use vhault_core::catalogue::DamagedBlobs;
use vhault_core::digest::PackName;
use vhault_core::time::{Instant, Span};
use vhault_core::vault::point::ByteRange;

use crate::monitor::{Event, Monitor};
use crate::vault::proven::Proven;
use crate::vault::{Vault, VaultError};

pub use digests::{DigestKind, DiskDigest, digests};
pub use packs::verify_packs;
pub use publish::publish_damage;

/// How deep to look. Each level includes the ones before, but packs, which needs no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Records, fragments, and that every pack is there with its length.
    Structure,
    /// Every pack and fragment by its name, without any key.
    Packs,
    /// Every blob decrypted, decoded and hashed again.
    Chunks,
    /// Every disk of every point: its pages lead to chunks that were proven.
    Images,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The file of the vault.
    pub file: String,
    /// What is wrong, in words.
    pub what: String,
}

/// A disk of a point that damage touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The point.
    pub point: String,
    /// Its VM.
    pub vm: String,
    /// The disk's label.
    pub disk: String,
    /// Bytes of the disk that cannot be restored.
    pub ranges: Vec<ByteRange>,
}

/// What a verify found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How deep it looked.
    pub level: Level,
    /// Log records read.
    pub records: u64,
    /// Packs looked at.
    pub packs: u64,
    /// Table fragments looked at.
    pub fragments: u64,
    /// Blobs decoded and hashed.
    pub blobs: u64,
    /// Disks walked, counting each disk of each point.
    pub disks: u64,
    /// Bytes read from the vault.
    pub read_bytes: u64,
    /// Packs passed over because this host proved them whole lately.
    pub passed_over: u64,
    /// When it proved the first of those.
    #[serde(skip)]
    pub passed_over_since: Option<Instant>,
    /// Everything that is not as it must be.
    pub damage: Vec<Damage>,
    /// What that means for recovery points.
    pub affected: Vec<Affected>,
    /// Copies of blobs that cannot be had, by pack.
    #[serde(skip)]
    pub copies: BTreeMap<PackName, DamagedBlobs>,
}

impl Verified {
    fn new(level: Level) -> Verified {
        Verified {
            level,
            records: 0,
            packs: 0,
            fragments: 0,
            blobs: 0,
            disks: 0,
            read_bytes: 0,
            passed_over: 0,
            passed_over_since: None,
            damage: Vec::new(),
            affected: Vec::new(),
            copies: BTreeMap::new(),
        }
    }

    /// Whether everything looked at is as it must be.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.affected.is_empty()
    }
}

/// A part of all packs: those whose name falls into part `part` of `parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Which part, from 0.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
}

impl Share {
    /// All packs.
    pub const ALL: Share = Share { part: 0, parts: 1 };

    /// Whether a pack belongs to it. Names are hashes, so the parts are about equal, and a pack stays in its part.
    pub fn takes(self, pack: &PackName) -> bool {
        let [a, b, c, d, ..] = *pack.as_bytes();
        u32::from_be_bytes([a, b, c, d]) % self.parts.max(1) == self.part
    }
}

/// Verifies an open vault at `level`, which is not [`Level::Packs`].
///
/// # Errors
///
/// [`VaultError`] when storage fails in a way that is not damage.
pub fn verify(
    vault: &Vault,
    level: Level,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<Verified, VaultError> {
    let all = Chosen { share: Share::ALL, proven_before: None, now: Instant::default() };
    verify_chosen(vault, level, &all, threads, monitor)
}

/// Which packs are decoded.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// Only those of a share.
    pub share: Share,
    /// Only those that this host did not prove whole within so long; none takes all.
    pub proven_before: Option<Span>,
    /// By the host's clock; zero remembers nothing.
    pub now: Instant,
}

/// Verifies an open vault, but decodes only some packs, and remembers which it proved whole.
///
/// # Errors
///
/// [`VaultError`] when storage fails in a way that is not damage.
pub fn verify_chosen(
    vault: &Vault,
    level: Level,
    chosen: &Chosen,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<Verified, VaultError> {
    let mut verified = Verified::new(level);
    let proven = if chosen.now == Instant::default() { Proven::default() } else { vault.proven() };
    let catalogue = vault.head().catalogue.clone();
    verified.records = catalogue.head_number;
    structure::look(vault, &catalogue, &mut verified)?;
    opening::look(vault, &catalogue, &mut verified)?;
    let is_deep = matches!(level, Level::Chunks | Level::Images);
    let mut read: BTreeSet<PackName> = BTreeSet::new();
    if is_deep {
        for pack in catalogue.live_packs().iter().map(|pack| pack.entry.name) {
            let age = chosen.proven_before;
            let since = age.and_then(|age| proven.since(&pack, age, chosen.now));
            match since {
                _ if !chosen.share.takes(&pack) => {}
                Some(since) => {
                    verified.passed_over += 1;
                    let first = verified.passed_over_since.get_or_insert(since);
                    *first = since.min(*first);
                }
                None => {
                    read.insert(pack);
                }
            }
        }
        if verified.passed_over > 0 {
            let text = format!(
                "going on: {} of {} packs were proved whole before",
                verified.passed_over,
                verified.passed_over + read.len() as u64
            );
            monitor.hear(Event::Noticed { text });
        }
        let note = |pack: PackName, is_whole: bool| match is_whole {
            true => proven.note(pack, chosen.now),
            false => proven.note_damaged(pack),
        };
        chunks::look(vault, &catalogue, threads, monitor, &read, &note, &mut verified)?;
    }
    {
        // What was read again is judged anew; of the rest holds what was known before.
        let mut table = vault.table().write().unwrap_or_else(PoisonError::into_inner);
        let mut damaged = table.damage().clone();
        damaged.retain(|pack, _| !read.contains(pack));
        damaged.extend(verified.copies.iter().map(|(pack, blobs)| (*pack, blobs.clone())));
        table.set_damage(damaged);
    }
    // Structure alone reads every page; deeper levels also know which chunks are lost.
    points::walk(vault, &catalogue, monitor, &mut verified)?;
    Ok(verified)
}
