//! What happens, told to whoever listens. Nothing flows back.

use serde::Serialize;
use vhault_core::copy::estimate::Estimate;
use vhault_core::copy::outlook::Outlook;
use vhault_core::copy::watch::StopReason;

/// Something that happened while a command worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// Work of a known size begins.
    Started {
        /// What is done, in a word or two.
        what: String,
        /// Bytes to go through.
        total_bytes: u64,
    },
    /// So many more bytes are done.
    Advanced {
        /// Bytes gone through since the last such event.
        bytes: u64,
    },
    /// A pack is durable.
    PackPublished {
        /// Its length.
        bytes: u64,
    },
    /// A disk will be copied.
    DiskPlanned {
        /// Its label.
        label: String,
        /// Its size.
        size_bytes: u64,
        /// The point it is compared with.
        base: Option<String>,
    },
    /// What to expect of the copy that begins.
    Estimated {
        /// How long it takes, how sure that is, and what may go wrong.
        estimate: Estimate,
    },
    /// When the copy will be done, as it looks now. Comes every other second.
    Outlook(Outlook),
    /// An earlier copy that was stopped goes on.
    Resumed {
        /// The disk's label.
        label: String,
        /// Bytes that are in the vault already and are not read again.
        held_bytes: u64,
        /// The first byte that is not.
        resumes_at: u64,
    },
    /// Packs of an earlier copy that died, or stood still, were taken over.
    TookOver {
        /// The session that stored them.
        session: String,
        /// How many.
        packs: u64,
        /// Bytes of them together.
        bytes: u64,
    },
    /// A disk was stopped; the others go on.
    DiskStopped {
        /// Its image.
        path: String,
        /// Why.
        reason: StopReason,
    },
    /// The vault takes nothing any more. What is in hand cannot be finished, and the copy waits for it.
    VaultStuck {
        /// How long nothing moved.
        after_milliseconds: u64,
    },
    /// Something a person should know; the work goes on.
    Noticed {
        /// What.
        text: String,
    },
    /// The work that began is over.
    Finished,
}

/// Hears events, from any thread.
pub trait Monitor: Sync {
    /// Hears one.
    fn hear(&self, event: Event);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Monitor for Silent {
    fn hear(&self, _event: Event) {}
}
