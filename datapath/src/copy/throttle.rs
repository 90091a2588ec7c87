//! Waiting, so that a limit of bytes a second holds over all threads.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use vhault_core::copy::pace::Pace;

/// Nobody waits longer without looking whether he must stop.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A limit that many threads keep together.
#[derive(Debug)]
pub(crate) struct Throttle {
    pace: Mutex<Pace>,
    begun: Instant,
    waiting: AtomicU32,
}

impl Throttle {
    /// A limit in bytes a second.
    pub(crate) fn new(bytes_per_second: u64) -> Throttle {
        Throttle {
            pace: Mutex::new(Pace::new(bytes_per_second)),
            begun: Instant::now(),
            waiting: AtomicU32::new(0),
        }
    }

    /// Waits until `bytes` more may go, or `must_stop` says that nobody cares any more. Returns how long that
    /// was.
    pub(crate) fn wait(&self, bytes: u64, must_stop: &dyn Fn() -> bool) -> Duration {
        let now = u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let nanoseconds = self.pace.lock().unwrap_or_else(PoisonError::into_inner).book(now, bytes);
        if nanoseconds == 0 {
            return Duration::ZERO;
        }
        let begun = Instant::now();
        let until = begun + Duration::from_nanos(nanoseconds).min(Duration::from_secs(86_400));
        self.waiting.fetch_add(1, Ordering::Relaxed);
        while !must_stop() {
            match until.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => std::thread::sleep(left.min(LOOK_EVERY)),
                _ => break,
            }
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        begun.elapsed()
    }

    /// Whether anybody waits now.
    pub(crate) fn holds_back(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}
