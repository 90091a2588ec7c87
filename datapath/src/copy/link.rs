//! From a worker to the thread that reads for it, and the way to leave that
//! thread behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::Duration;

use super::CopyError;
use super::reader::{Answer, Order, serve};
use super::state::Sources;
use crate::pipeline::leave_running;
use crate::vault::VaultError;

/// Answers that wait for a worker: pieces of a container, mostly.
const ANSWERS_WAITING_MAX: usize = 2;
/// How often a worker that waits for its reader looks whether the disk was stopped.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A worker's reader, started when it is first needed.
pub(super) struct Link<'c> {
    sources: &'c Arc<Sources>,
    failed: &'c AtomicBool,
    reader: Option<Reader>,
}

/// Both ends of a thread that reads.
struct Reader {
    orders: Sender<Order>,
    answers: Receiver<Answer>,
}

impl<'c> Link<'c> {
    pub(super) fn new(sources: &'c Arc<Sources>, failed: &'c AtomicBool) -> Link<'c> {
        Link { sources, failed, reader: None }
    }

    /// Hands over an order.
    pub(super) fn send(&mut self, order: Order) -> Result<(), CopyError> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.start()?,
        };
        let sent = reader.orders.send(order).map_err(|_| CopyError::ThreadLost);
        self.reader = Some(reader);
        sent
    }

    /// The next answer, or `None` once the disk was stopped or another thread failed: the reader is left behind then,
    /// with every order it had.
    pub(super) fn wait(&mut self, disk: usize) -> Result<Option<Answer>, CopyError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        loop {
            match reader.answers.recv_timeout(LOOK_EVERY) {
                Ok(answer) => return Ok(Some(answer)),
                Err(RecvTimeoutError::Disconnected) => return Err(CopyError::ThreadLost),
                Err(RecvTimeoutError::Timeout) => {
                    let failed = self.failed.load(Ordering::Relaxed);
                    if failed || self.sources.disks[disk].stopped().is_some() {
                        self.reader = None;
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn start(&self) -> Result<Reader, CopyError> {
        let (orders, waiting_orders) = channel();
        let (answers, waiting_answers) = sync_channel(ANSWERS_WAITING_MAX);
        let sources = Arc::clone(self.sources);
        leave_running("read", move || serve(&sources, &waiting_orders, &answers))
            .map_err(|error| VaultError::Threads { reason: error.to_string() })?;
        Ok(Reader { orders, answers: waiting_answers })
    }
}
