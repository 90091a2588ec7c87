//! A thread that makes a growing file durable, window by window, so that the
//! sync at the end finds less to do.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::pipeline::run_beside;

/// Syncs a file after every so many bytes written.
#[derive(Debug)]
pub(crate) struct Flusher {
    window_bytes: u64,
    written: AtomicU64,
    /// Wakes the thread; gone, it ends.
    windows: SyncSender<()>,
    done: JoinHandle<io::Result<()>>,
}

impl Flusher {
    /// Starts the thread for `file`.
    ///
    /// # Errors
    ///
    /// Where the system has no thread left.
    pub(crate) fn start(file: File, window_bytes: u64) -> io::Result<Flusher> {
        let (windows, waiting) = sync_channel::<()>(1);
        let done = run_beside("flush", move || waiting.iter().try_for_each(|()| file.sync_data()))?;
        Ok(Flusher { window_bytes: window_bytes.max(1), written: AtomicU64::new(0), windows, done })
    }

    /// So many more bytes were written.
    pub(crate) fn wrote(&self, bytes: u64) {
        let before = self.written.fetch_add(bytes, Ordering::Relaxed);
        if before / self.window_bytes != (before + bytes) / self.window_bytes {
            // A thread that is still at work takes this window with the next.
            let _busy = self.windows.try_send(());
        }
    }

    /// Ends the thread. A failed sync is told once to whoever asked, so what it was told counts.
    ///
    /// # Errors
    ///
    /// The first sync that failed.
    pub(crate) fn finish(self) -> io::Result<()> {
        drop(self.windows);
        let lost = |_| io::Error::other("the thread that syncs ended without a word");
        self.done.join().map_err(lost)?
    }
}
