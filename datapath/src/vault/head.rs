//! The head of the log for those who write single records: read on, wait, append.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Clock};

use vhault_core::catalogue::Catalogue;
use vhault_core::digest::RecordHash;
use vhault_core::protocol::Request;
use vhault_core::vault::record::RECORD_BYTES_MAX;

use super::error::VaultError;
use super::open::{Head, Vault};
use super::random;
use super::store::Name;

/// The log is looked at so often while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Vault {
    /// Folds in what others appended since.
    ///
    /// # Errors
    ///
    /// [`VaultError`] naming the record that cannot be used.
    pub fn refresh(&self) -> Result<(), VaultError> {
        let mut head = self.head();
        let Head { log, catalogue } = &mut *head;
        log.catch_up(self.store(), self.keyring(), catalogue)
    }

    /// Folds in what others append until `is_seen` finds what it looks for, or until `wait` is over by this process's
    /// own monotonic clock.
    ///
    /// # Errors
    ///
    /// [`VaultError::Stopped`] soon after `stop` is set; what [`refresh`](Vault::refresh) returns.
    pub fn wait_until(
        &self,
        wait: Duration,
        stop: &AtomicBool,
        is_seen: &dyn Fn() -> bool,
    ) -> Result<(), VaultError> {
        let since = Clock::now();
        while since.elapsed() < wait {
            if stop.load(Ordering::Relaxed) {
                return Err(VaultError::Stopped);
            }
            std::thread::sleep(LOOK_EVERY.min(wait.saturating_sub(since.elapsed())));
            self.refresh()?;
            if is_seen() {
                break;
            }
        }
        Ok(())
    }

    /// Appends the record that the protocol makes of a request, and returns its number. `ask` is asked anew whenever
    /// somebody else was faster, so what it saw is what the record follows.
    ///
    /// # Errors
    ///
    /// What `ask` returns, or [`VaultError::Refused`], nothing is appended then; log or storage that failed.
    pub fn append<E: From<VaultError>>(
        &self,
        ask: &mut dyn FnMut(&Catalogue) -> Result<Request, E>,
    ) -> Result<u64, E> {
        let settings = self.settings();
        let sealer = self.keyring().sealer(settings.vault, settings.suite, random::bytes());
        let mut head = self.head();
        let Head { log, catalogue } = &mut *head;
        let number = log.append(self.store(), self.keyring(), &sealer, catalogue, ask)?;
        log.checkpoint(self.store(), &sealer, catalogue);
        self.remember_head(&head.catalogue);
        Ok(number)
    }

    /// The hash of a record, by its bytes; `None` when it is absent.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub fn record_hash(&self, number: u64) -> Result<Option<RecordHash>, VaultError> {
        let file = self.store().read(&Name::record(number), RECORD_BYTES_MAX).map_err(VaultError::Store)?;
        Ok(file.map(|file| RecordHash::from_bytes(*blake3::hash(&file).as_bytes())))
    }

    /// Writes a checkpoint now. A failure is no failure of anything else.
    pub fn write_checkpoint(&self) {
        let settings = self.settings();
        let sealer = self.keyring().sealer(settings.vault, settings.suite, random::bytes());
        let mut head = self.head();
        let Head { log, catalogue } = &mut *head;
        log.write_checkpoint(self.store(), &sealer, catalogue);
    }
}
