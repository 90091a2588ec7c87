use alloc::string::String;
use alloc::vec;

use super::*;
use crate::catalogue::encode_events;
use crate::digest::{ChunkId, FragmentName, PackName, PageId, RecordHash, SlotId};
use crate::protocol::testing;
use crate::time::{Instant, Span};
use crate::vault::point::{PointState, RecoveryPoint};
use crate::vault::record::{DamagedCopies, Entry, FragmentEntry, PackEntry, Record, RecordHead};
use crate::vault::seal::Suite;

const VAULT: VaultId = VaultId::from_bytes([1; 16]);
const NOW: Instant = Instant::from_unix_milliseconds(86_400_000);

fn session(byte: u8) -> SessionId {
    SessionId::from_bytes([byte; 16])
}

fn pack(byte: u8) -> PackEntry {
    PackEntry { name: PackName::from_bytes([byte; 32]), file_bytes: 9, holds_pages: false, blob_count: 3 }
}

fn fragment(byte: u8) -> FragmentEntry {
    FragmentEntry { name: FragmentName::from_bytes([byte; 32]), file_bytes: 5, entry_count: 3 }
}

fn point(byte: u8) -> RecoveryPoint {
    testing::point(byte, "web01", 1, PointState::Whole)
}

fn begun(byte: u8) -> Entry {
    let (host, purpose) = (String::from("host"), String::from("backup"));
    Entry::Begun { session: session(byte), host, host_time: NOW, purpose, parents: vec![point(1).id] }
}

/// What a log can say, all of it, and at the end `None`: an entry of a newer program that may be read around.
fn everything() -> Vec<Option<Entry>> {
    let copies = DamagedCopies {
        pack: pack(2).name,
        chunks: vec![ChunkId::from_bytes([1; 32])],
        pages: vec![PageId::from_bytes([2; 32])],
    };
    let slot = |byte| SlotId::from_bytes([byte; 16]);
    let entries = [
        Entry::Genesis { settings: [3; 32], host_time: NOW },
        Entry::SlotsChanged { added: vec![slot(1), slot(2)], removed: vec![] },
        begun(1),
        Entry::Committed {
            session: session(1),
            host_time: NOW,
            packs: vec![pack(1), pack(2)],
            fragments: vec![fragment(1), fragment(2)],
            points: vec![point(1), point(2), point(3)],
        },
        begun(2),
        Entry::Progressed { session: session(2), packs: vec![pack(3)], fragments: vec![fragment(3)] },
        Entry::Fenced { session: session(2) },
        begun(3),
        Entry::Adopted { session: session(3), from: session(2), packs: vec![pack(3).name] },
        Entry::Progressed { session: session(3), packs: vec![pack(4)], fragments: vec![] },
        begun(4),
        Entry::Aborted { session: session(4), reason: "no more".into() },
        begun(5),
        Entry::Condemned {
            session: session(5),
            covers: 13,
            packs: vec![pack(1).name],
            fragments: vec![fragment(1).name],
            added_packs: vec![pack(5)],
            added_fragments: vec![fragment(5)],
        },
        Entry::DamageFound { copies: vec![copies] },
        Entry::Forgotten { points: vec![point(1).id, point(2).id], host_time: NOW },
        Entry::Undeleted { points: vec![point(2).id] },
        Entry::Pinned { points: vec![point(2).id, point(3).id], reason: "audit".into() },
        Entry::Unpinned { points: vec![point(3).id] },
        Entry::SlotsChanged { added: vec![], removed: vec![slot(1)] },
        Entry::Lifecycle { bytes: encode_events(NOW, &[]) },
        Entry::LockSet { age: Span::from_milliseconds(1_000) },
        Entry::Purged { points: vec![point(1).id] },
        Entry::Deleted { packs: vec![pack(1).name], fragments: vec![fragment(1).name] },
        Entry::Committed {
            session: session(3),
            host_time: NOW,
            packs: vec![],
            fragments: vec![],
            points: vec![point(4)],
        },
    ];
    entries.into_iter().map(Some).chain([None]).collect()
}

fn stored(catalogue: &Catalogue) -> Catalogue {
    let keyring = Keyring::from_random([2; 32], [3; 32]);
    let sealer = keyring.sealer(VAULT, Suite::Aes256Gcm, [4; 32]);
    decode_checkpoint(&encode_checkpoint(VAULT, &sealer, catalogue), VAULT, &keyring).unwrap()
}

/// Whoever goes on from a checkpoint, wherever it was written, comes to what the whole log says.
#[test]
fn a_checkpoint_at_any_record_leads_to_what_the_log_says() {
    let log = everything();
    let mut by_log = Catalogue::default();
    let mut by_checkpoints: Vec<Catalogue> = vec![];
    for (number, entry) in (1..).zip(log) {
        let hash = RecordHash::from_bytes([u8::try_from(number).unwrap(); 32]);
        let record = Record { number, head: RecordHead::default(), entry, hash };
        by_checkpoints.push(stored(&by_log));
        by_log.apply(&record);
        for (written, by_checkpoint) in (0_u64..).zip(&mut by_checkpoints) {
            by_checkpoint.apply(&record);
            assert_eq!(*by_checkpoint, by_log, "record {number}, by the checkpoint of record {written}");
        }
    }
    // A field that this log leaves as it was in the beginning is one that the test says nothing of.
    let Catalogue {
        head_number,
        head_hash,
        settings_hash,
        created,
        points,
        sessions,
        packs,
        fragments,
        last_condemned,
        damaged,
        slots,
        removed_slots,
        locks,
        skipped_records,
        lifecycle: _,
        uploads: _,
    } = by_log;
    assert!(head_number > 0 && head_hash != [0; 32] && settings_hash != [0; 32] && created == NOW);
    assert!(points.iter().any(|kept| kept.pinned.is_some()) && last_condemned > 0);
    assert!(!sessions.is_empty() && !packs.is_empty() && !fragments.is_empty() && !damaged.is_empty());
    assert!(!slots.is_empty() && !removed_slots.is_empty() && !locks.is_empty());
    assert_eq!(skipped_records, [head_number]);
}
