//! Log records: a clear, chained header and one sealed entry.
//!
//! Format: `docs/vault-format.md`, "Log records".

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::envelope::{ENVELOPE_BYTES, Envelope, FileKind};
use super::error::FormatError;
use super::key::Keyring;
use super::point::RecoveryPoint;
use super::seal::Sealer;
use crate::digest::{
    ChunkId, CommitId, FragmentName, PackName, PageId, PointId, RecordHash, SessionId, SlotId, VaultId,
};
use crate::time::{Instant, Span};

/// No record is longer.
pub const RECORD_BYTES_MAX: u64 = 64 << 20;

/// The clear part of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordHead {
    /// Hash of the previous record's file; zero in record 1.
    pub previous: [u8; 32],
    /// Random: a writer recognises its own record.
    pub commit: [u8; 16],
    /// An older program that does not know the entry may read around it.
    pub may_skip: bool,
    /// Counter of the box.
    pub nonce: u64,
    /// Packs that exist from here on, in clear for keyless verification.
    pub packs_added: Vec<PackName>,
    /// Packs that may be missing from here on.
    pub packs_removed: Vec<PackName>,
    /// Fragments that exist from here on.
    pub fragments_added: Vec<FragmentName>,
    /// Fragments that may be missing from here on.
    pub fragments_removed: Vec<FragmentName>,
}

impl RecordHead {
    /// The commit id as a name.
    pub fn commit_id(&self) -> CommitId {
        CommitId::from_bytes(self.commit)
    }
}

/// A pack as its session reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackEntry {
    /// Its name.
    pub name: PackName,
    /// Its length.
    pub file_bytes: u64,
    /// Whether it holds manifest pages; else chunks.
    pub holds_pages: bool,
    /// How many blobs.
    pub blob_count: u32,
}

/// A table fragment as its session reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FragmentEntry {
    /// Its name.
    pub name: FragmentName,
    /// Its length.
    pub file_bytes: u64,
    /// How many entries.
    pub entry_count: u64,
}

/// Blobs whose copy in one pack cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedCopies {
    /// The pack.
    pub pack: PackName,
    /// Chunks.
    pub chunks: Vec<ChunkId>,
    /// Manifest pages.
    pub pages: Vec<PageId>,
}

/// What a record says. Past tense: it happened when the record exists.
///
/// Variants and fields keep their order for ever: postcard counts them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Entry {
    /// The vault was made.
    Genesis {
        /// Hash of the settings file.
        settings: [u8; 32],
        /// By the host's clock.
        host_time: Instant,
    },
    /// A session opened.
    Begun {
        /// Its id.
        session: SessionId,
        /// The host that runs it.
        host: String,
        /// By the host's clock.
        host_time: Instant,
        /// What it is about, for people.
        purpose: String,
        /// Points it builds on: roots of every mark until it ends.
        parents: Vec<PointId>,
    },
    /// A session uploaded more, and lives.
    Progressed {
        /// Its id.
        session: SessionId,
        /// New packs.
        packs: Vec<PackEntry>,
        /// New fragments.
        fragments: Vec<FragmentEntry>,
    },
    /// A session's points exist.
    Committed {
        /// Its id.
        session: SessionId,
        /// By the host's clock.
        host_time: Instant,
        /// New packs since its last progress.
        packs: Vec<PackEntry>,
        /// New fragments since its last progress.
        fragments: Vec<FragmentEntry>,
        /// What can be restored from here on.
        points: Vec<RecoveryPoint>,
    },
    /// A session ended without a point.
    Aborted {
        /// Its id.
        session: SessionId,
        /// Why, for people.
        reason: String,
    },
    /// A session may not commit any more.
    Fenced {
        /// Its id.
        session: SessionId,
    },
    /// Packs and fragments are to be deleted.
    Condemned {
        /// The session that swept or rebuilt.
        session: SessionId,
        /// Its mark covered every record up to this one.
        covers: u64,
        /// To be deleted.
        packs: Vec<PackName>,
        /// To be deleted.
        fragments: Vec<FragmentName>,
        /// Repacked: new packs.
        added_packs: Vec<PackEntry>,
        /// Repacked: new fragments.
        added_fragments: Vec<FragmentEntry>,
    },
    /// Condemned files are gone.
    Deleted {
        /// Gone.
        packs: Vec<PackName>,
        /// Gone.
        fragments: Vec<FragmentName>,
    },
    /// Points were hidden; they stay roots until purged.
    Forgotten {
        /// Which.
        points: Vec<PointId>,
        /// By the host's clock.
        host_time: Instant,
    },
    /// Forgotten points are back.
    Undeleted {
        /// Which.
        points: Vec<PointId>,
    },
    /// Forgotten points are roots no more.
    Purged {
        /// Which.
        points: Vec<PointId>,
    },
    /// Points are kept whatever the rules say.
    Pinned {
        /// Which.
        points: Vec<PointId>,
        /// Why, for people.
        reason: String,
    },
    /// Points are kept only as the rules say.
    Unpinned {
        /// Which.
        points: Vec<PointId>,
    },
    /// Copies of blobs were found damaged: they satisfy no lookup.
    DamageFound {
        /// Which, pack by pack.
        copies: Vec<DamagedCopies>,
    },
    /// Packs of a fenced session were taken over.
    Adopted {
        /// The session that takes them.
        session: SessionId,
        /// The fenced session.
        from: SessionId,
        /// Which.
        packs: Vec<PackName>,
    },
    /// Key slots changed.
    SlotsChanged {
        /// New slots.
        added: Vec<SlotId>,
        /// Slots that open nothing any more.
        removed: Vec<SlotId>,
    },
    /// An event of the backup lifecycle, in its own encoding.
    Lifecycle {
        /// The event.
        bytes: Vec<u8>,
    },
    /// Points younger than this are not forgotten.
    LockSet {
        /// The age from which they may go; none locks nothing that comes.
        age: Span,
    },
}

impl Entry {
    /// Packs and fragments this entry brings: `(packs, fragments)`.
    pub fn added(&self) -> (&[PackEntry], &[FragmentEntry]) {
        match self {
            Entry::Progressed { packs, fragments, .. }
            | Entry::Committed { packs, fragments, .. }
            | Entry::Condemned { added_packs: packs, added_fragments: fragments, .. } => (packs, fragments),
            _ => (&[], &[]),
        }
    }

    /// Packs and fragments that may be missing from this entry on.
    pub fn removed(&self) -> (&[PackName], &[FragmentName]) {
        match self {
            Entry::Condemned { packs, fragments, .. } => (packs, fragments),
            _ => (&[], &[]),
        }
    }

    /// Whether a program that does not know this entry may read around it.
    pub fn may_skip(&self) -> bool {
        matches!(self, Entry::Lifecycle { .. })
    }
}

/// A record, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1.
    pub number: u64,
    /// Its clear part.
    pub head: RecordHead,
    /// What it says; `None` when this program does not know it and may read around it.
    pub entry: Option<Entry>,
    /// The hash that the next record repeats.
    pub hash: RecordHash,
}

/// The stored file of record `number` after the record whose hash is `previous`.
///
/// # Errors
///
/// [`FormatError::Field`] when it would be longer than [`RECORD_BYTES_MAX`].
pub fn encode_record(
    vault: VaultId,
    sealer: &Sealer,
    number: u64,
    previous: RecordHash,
    commit: CommitId,
    entry: &Entry,
) -> Result<Vec<u8>, FormatError> {
    let (packs, fragments) = entry.added();
    let (packs_removed, fragments_removed) = entry.removed();
    let nonce = sealer.take(1);
    let head = RecordHead {
        previous: *previous.as_bytes(),
        commit: *commit.as_bytes(),
        may_skip: entry.may_skip(),
        nonce,
        packs_added: packs.iter().map(|pack| pack.name).collect(),
        packs_removed: packs_removed.to_vec(),
        fragments_added: fragments.iter().map(|fragment| fragment.name).collect(),
        fragments_removed: fragments_removed.to_vec(),
    };
    let clear = postcard::to_allocvec(&head).expect("a record's head is plain data");
    let mut body = postcard::to_allocvec(entry).expect("an entry is plain data");
    let length = (ENVELOPE_BYTES + clear.len() + body.len() + super::seal::TAG_BYTES) as u64;
    if length > RECORD_BYTES_MAX {
        return Err(FormatError::Field {
            field: "length of a record",
            value: length,
            allowed: "at most 64 MiB",
        });
    }
    let envelope = Envelope {
        kind: FileKind::Record,
        vault,
        key: sealer.descriptor(),
        session: session_of(entry),
        number,
        clear_bytes: u32::try_from(clear.len()).expect("checked to be at most 64 MiB"),
    };
    let mut file = Vec::from(envelope.encode());
    file.extend(clear);
    let tag = sealer.seal(nonce, &file, &mut body);
    file.append(&mut body);
    file.extend(tag);
    Ok(file)
}

/// Decodes only what stands in clear: number, head and hash.
///
/// # Errors
///
/// [`FormatError`] when the clear parts do not fit.
pub fn decode_record_head(file: &[u8], vault: VaultId) -> Result<(u64, RecordHead, RecordHash), FormatError> {
    let envelope = Envelope::decode_of(file, FileKind::Record, vault)?;
    let (clear, _) = envelope.split(file)?;
    let head: RecordHead = postcard::from_bytes(&clear[ENVELOPE_BYTES..])
        .map_err(|_| FormatError::malformed("clear part", "it is no record head"))?;
    Ok((envelope.number, head, RecordHash::from_bytes(*blake3::hash(file).as_bytes())))
}

/// Decodes a stored record and opens its entry.
///
/// # Errors
///
/// [`FormatError`] when a part does not fit or open, or the entry is unknown and may not be skipped.
pub fn decode_record(file: &[u8], vault: VaultId, keyring: &Keyring) -> Result<Record, FormatError> {
    let envelope = Envelope::decode_of(file, FileKind::Record, vault)?;
    let (number, head, hash) = decode_record_head(file, vault)?;
    let (associated, sealed) = envelope.split(file)?;
    let key = keyring.box_key(vault, &envelope.key)?;
    let mut body = Vec::from(sealed);
    let body = key.open("log record", head.nonce, associated, &mut body)?;
    let entry = match postcard::from_bytes::<Entry>(body) {
        Ok(entry) => Some(entry),
        Err(_) if head.may_skip => None,
        Err(_) => {
            return Err(FormatError::malformed(
                "log record",
                "this program does not know what it says; a newer one wrote it",
            ));
        }
    };
    Ok(Record { number, head, entry, hash })
}

fn session_of(entry: &Entry) -> SessionId {
    match entry {
        Entry::Begun { session, .. }
        | Entry::Progressed { session, .. }
        | Entry::Committed { session, .. }
        | Entry::Aborted { session, .. }
        | Entry::Fenced { session }
        | Entry::Condemned { session, .. }
        | Entry::Adopted { session, .. } => *session,
        _ => SessionId::from_bytes([0; 16]),
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
