//! What happens, told to whoever listens. Nothing flows back.

use serde::Serialize;

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
