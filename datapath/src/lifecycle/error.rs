//! Why the lifecycle did not do what was asked.

use vhault_core::lifecycle::Refusal;

use crate::vault::VaultError;

/// Why the lifecycle did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LifecycleError {
    /// The rules say no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is nothing to do, so nothing was recorded.
    #[error("there is nothing to do")]
    Nothing,
    /// Points that would have to go are pinned.
    #[error("{count} of its points are pinned")]
    Pinned {
        /// How many.
        count: usize,
    },
}
