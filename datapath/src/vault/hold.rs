//! Points held while they are read: no purge takes them, so no sweep takes
//! what they need.
//!
//! A hold is a session that names the points as those it reads, and writes
//! nothing else. Like any session it shows life, and one that does not is
//! fenced: whoever died holds nothing for long. A vault that cannot be written
//! to is read all the same, and the reader is told.

use std::sync::atomic::{AtomicBool, Ordering};

use vhault_core::digest::PointId;
use vhault_core::protocol::Refusal;
use vhault_core::time::Instant;

use super::error::VaultError;
use super::open::Vault;
use super::session::Session;
use crate::causes::with_causes;
use crate::monitor::{Event, Monitor};

/// Points held until it is dropped. It hears what the work tells its monitor, and shows life meanwhile.
pub struct Hold<'a> {
    session: Option<Session<'a>>,
    is_lost: AtomicBool,
    monitor: &'a dyn Monitor,
    now: Instant,
}

impl<'a> Hold<'a> {
    /// Holds `points` of `vault`. Where it cannot be written to, `monitor` hears that nothing is held.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoSuchPoint`] for a point that was forgotten meanwhile; a log that cannot be read.
    pub fn on(
        vault: &'a Vault,
        points: &[PointId],
        purpose: &str,
        now: Instant,
        monitor: &'a dyn Monitor,
    ) -> Result<Hold<'a>, VaultError> {
        let mut hold = Hold { session: None, is_lost: AtomicBool::new(false), monitor, now };
        if points.is_empty() {
            return Ok(hold);
        }
        if vault.rollback().is_some() {
            hold.tell(
                "this may be an older copy of the vault, so nothing is written to it and nothing is held",
            );
            return Ok(hold);
        }
        match Session::begin(vault, purpose, now, points) {
            Ok((session, standing)) => {
                hold.session = Some(session);
                match points.iter().find(|point| !standing.contains(point)) {
                    Some(point) => {
                        let wanted = "a recovery point of this vault any more: it was forgotten meanwhile";
                        Err(Refusal::NoSuchPoint { point: *point, wanted }.into())
                    }
                    None => Ok(hold),
                }
            }
            Err(error @ (VaultError::Store(_) | VaultError::OutcomeUnknown { .. })) => {
                hold.tell(&format!(
                    "the vault cannot be written to ({}), so what is read is not held: a purge and a sweep can take it",
                    with_causes(&error)
                ));
                Ok(hold)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the points are held.
    pub fn is_held(&self) -> bool {
        self.session.is_some() && !self.is_lost.load(Ordering::Relaxed)
    }

    /// Writes down that the reader lives, if the log has not heard of it for a while. A hold that was taken is told of
    /// once; the reading goes on.
    pub fn show_life(&self) {
        let Some(session) = &self.session else { return };
        if self.is_lost.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = session.show_life()
            && !self.is_lost.swap(true, Ordering::Relaxed)
        {
            self.tell(&format!("what is read is held no more ({}); reading goes on", with_causes(&error)));
        }
    }

    fn tell(&self, text: &str) {
        self.monitor.hear(Event::Noticed { text: text.into() });
    }
}

impl Monitor for Hold<'_> {
    fn hear(&self, event: Event) {
        self.monitor.hear(event);
        self.show_life();
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        match session.end(self.now) {
            Ok(()) | Err(VaultError::Refused(Refusal::NotOpen { .. })) => {}
            Err(error) => self.tell(&format!(
                "the log was not told that the reading ended ({}); `vhault sweep --fence-after 300` ends it",
                with_causes(&error)
            )),
        }
    }
}
