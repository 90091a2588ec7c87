//! Verifying a vault: what is there, what is whole, and what damage means.
//!
//! | room | what it looks at |
//! | --- | --- |
//! | `structure` | records, fragments, and that every pack is there |
//! | `packs` | every file by its name, without any key |
//! | `chunks` | every blob, decrypted, decoded and hashed |
//! | `points` | what damage means for each disk of each point |

mod chunks;
mod packs;
mod points;
mod structure;

use std::collections::BTreeSet;

use serde::Serialize;
use vhault_core::vault::point::ByteRange;

use crate::monitor::Monitor;
use crate::vault::{Vault, VaultError};

pub use packs::verify_packs;

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
    /// Everything that is not as it must be.
    pub damage: Vec<Damage>,
    /// What that means for recovery points.
    pub affected: Vec<Affected>,
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
            damage: Vec::new(),
            affected: Vec::new(),
        }
    }

    /// Whether everything looked at is as it must be.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.affected.is_empty()
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
    let mut verified = Verified::new(level);
    let catalogue = vault.head().catalogue.clone();
    verified.records = catalogue.head_number;
    structure::look(vault, &catalogue, &mut verified)?;
    let mut lost = BTreeSet::new();
    if matches!(level, Level::Chunks | Level::Images) {
        lost = chunks::look(vault, &catalogue, threads, monitor, &mut verified)?;
    }
    // Structure alone reads every page; deeper levels also know which chunks are lost.
    points::walk(vault, &catalogue, &lost, monitor, &mut verified)?;
    Ok(verified)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut deeper = error.source();
    while let Some(cause) = deeper {
        text = format!("{text}: {cause}");
        deeper = cause.source();
    }
    text
}
