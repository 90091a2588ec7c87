//! Files below `tmp/` that a killed program left behind.
//!
//! Nothing refers to such a file, so deleting one loses nothing; at worst its
//! writer, if it lives, fails and is run again. When to try is told by the
//! storage's own clock: nobody wrote to it for a day.

use std::time::Duration;

use serde::Serialize;

use super::report::Swept;
use crate::vault::{Vault, VaultError};

/// A file that nobody wrote to for so long has no writer any more.
pub(super) const IDLE_MIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A file below `tmp/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SweptTemporary {
    /// Where it lies.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// For how long nobody wrote to it.
    pub idle_seconds: u64,
    /// It goes; else somebody may be writing it.
    pub goes: bool,
}

/// Looks for what was left behind, and deletes it unless that is only planned.
///
/// # Errors
///
/// Storage that failed.
pub(super) fn clear(vault: &Vault, swept: &mut Swept) -> Result<(), VaultError> {
    for file in vault.store().temporary(!swept.dry_run).map_err(VaultError::Store)? {
        let goes = file.idle >= IDLE_MIN;
        if goes && !swept.dry_run {
            vault.store().remove_temporary(&file.file_name).map_err(VaultError::Store)?;
            swept.deleted_files += 1;
            swept.deleted_bytes += file.bytes;
        }
        let idle_seconds = file.idle.as_secs();
        let name = format!("tmp/{}", file.file_name);
        swept.temporary.push(SweptTemporary { file: name, bytes: file.bytes, idle_seconds, goes });
    }
    Ok(())
}
