//! Sources, opened and identified, without waiting for ever.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use vhault_core::copy::journal::JournalDisk;
use vhault_core::time::Span;
use vhault_core::units::ByteCount;
use vhault_core::vault::point::SourceIdentity;

use super::base::is_untouched;
use super::{BackupError, Source};
use crate::copy::journal::{DeadJournal, Journaled};
use crate::disk::{Disk, OpenOptions};
use crate::image::ImageError;
use crate::pipeline::leave_running;
use crate::vault::VaultError;

/// How long a file system may take to say whether a source was written to.
const STAT_PATIENCE: Span = Span::from_milliseconds(10_000);

/// A source, opened.
pub(super) struct Opened {
    pub(super) disk: Arc<Disk>,
    /// The image and its parents as they were before anything was read.
    pub(super) identities: Vec<SourceIdentity>,
    /// What the file system holds of all images together.
    pub(super) stored_bytes: u64,
    /// Whether every image is a file: times and inode of a device say nothing about what it holds.
    pub(super) are_files: bool,
}

impl Opened {
    /// Opens a source; gives up when its file system does not answer for as long as a disk may stand still.
    pub(super) fn open(
        source: &Source,
        options: &OpenOptions,
        stall: Option<Span>,
    ) -> Result<Opened, BackupError> {
        let (path, options) = (source.path.clone(), options.clone());
        let work = move || {
            let disk = Disk::open(&path, &options)?;
            let (identities, stored_bytes) = identify(&disk)?;
            let are_files = disk.paths().all(std::path::Path::is_file);
            Ok(Opened { disk: Arc::new(disk), identities, stored_bytes, are_files })
        };
        match within(stall, work)? {
            Some(opened) => opened.map_err(BackupError::Source),
            None => Err(BackupError::Source(ImageError::NoAnswer {
                path: source.path.clone(),
                after: stall.map(duration).unwrap_or_default(),
            })),
        }
    }

    /// What dead copies noted of this very source. Of a device nothing says that it is the same.
    pub(super) fn journaled(&self, journals: &[Arc<DeadJournal>]) -> Journaled {
        let is_same = |disk: &JournalDisk| {
            let sources = self.identities.iter().zip(&disk.sources);
            self.are_files
                && disk.size_bytes == self.disk.size().get()
                && disk.sources.len() == self.identities.len()
                && sources.into_iter().all(|(now, then)| is_untouched(now, then))
        };
        Journaled::of(journals, is_same)
    }

    /// The first image that was written to since it was opened. A file system that does not say is not waited for.
    pub(super) fn changed(&self) -> Result<Option<PathBuf>, BackupError> {
        let disk = Arc::clone(&self.disk);
        match within(Some(STAT_PATIENCE), move || disk.changed_files())? {
            Some(changed) => Ok(changed?.into_iter().next()),
            None => Ok(None),
        }
    }
}

/// Does work that may hang, and leaves it behind when it takes longer than this.
pub(super) fn within<T: Send + 'static>(
    longest: Option<Span>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, BackupError> {
    let Some(longest) = longest else { return Ok(Some(work())) };
    let longest = duration(longest);
    let (answer, waiting) = sync_channel(1);
    // Whoever was left behind finds nobody to answer.
    leave_running("open", move || drop(answer.send(work())))
        .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
    match waiting.recv_timeout(longest) {
        Ok(done) => Ok(Some(done)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => {
            Err(VaultError::Threads { reason: "a thread ended without a word".into() }.into())
        }
    }
}

fn duration(span: Span) -> Duration {
    Duration::from_millis(span.milliseconds().unsigned_abs())
}

/// Which files they are, child first, and what they take on their file systems.
fn identify(disk: &Disk) -> Result<(Vec<SourceIdentity>, u64), ImageError> {
    let mut stored_bytes = 0_u64;
    let mut identities = Vec::new();
    for image in disk.chain().images() {
        let path = image.source().path();
        let metadata =
            std::fs::metadata(path).map_err(|source| ImageError::Open { path: path.to_owned(), source })?;
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        stored_bytes = stored_bytes.saturating_add(metadata.blocks().saturating_mul(512));
        identities.push(SourceIdentity {
            path: path.display().to_string(),
            file_bytes: ByteCount::new(metadata.len()),
            modified_nanoseconds: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed_nanoseconds: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            device: metadata.dev(),
            inode: metadata.ino(),
            unique_id: image.unique_id(),
        });
    }
    Ok((identities, stored_bytes))
}
