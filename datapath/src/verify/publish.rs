//! Damage written down: from then on it satisfies no lookup, and the next
//! backup that has such a chunk stores it anew.

use vhault_core::protocol::{Refusal, Request};
use vhault_core::vault::record::DamagedCopies;

use super::Verified;
use crate::vault::{Vault, VaultError};

/// Blobs that one record names at most: 16 MiB of ids.
const BLOBS_PER_RECORD: usize = 1 << 19;

/// Appends what `verified` found damaged and the log did not know, and returns how many copies that are.
///
/// # Errors
///
/// Log or storage that failed.
pub fn publish_damage(vault: &Vault, verified: &Verified) -> Result<usize, VaultError> {
    let before = known(vault);
    let mut copies: Vec<DamagedCopies> = Vec::new();
    let mut count = 0;
    for (pack, blobs) in &verified.copies {
        copies.push(DamagedCopies {
            pack: *pack,
            chunks: blobs.chunks.iter().copied().collect(),
            pages: blobs.pages.iter().copied().collect(),
        });
        count += blobs.count();
        if count >= BLOBS_PER_RECORD {
            append(vault, &std::mem::take(&mut copies))?;
            count = 0;
        }
    }
    append(vault, &copies)?;
    Ok(known(vault).saturating_sub(before))
}

fn known(vault: &Vault) -> usize {
    vault.head().catalogue.damaged.values().map(vhault_core::catalogue::DamagedBlobs::count).sum()
}

fn append(vault: &Vault, copies: &[DamagedCopies]) -> Result<(), VaultError> {
    let appended =
        vault.append(&mut |_| Ok::<_, VaultError>(Request::ReportDamage { copies: copies.to_vec() }));
    match appended {
        Ok(_) | Err(VaultError::Refused(Refusal::Nothing)) => Ok(()),
        Err(error) => Err(error),
    }
}
