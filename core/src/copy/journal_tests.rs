//! What a journal gives back, whole or torn.

use std::collections::BTreeMap;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::units::ByteCount;

/// Everything that a file says before it is torn.
fn read(file: &[u8]) -> BTreeMap<(u32, u64), Option<ChunkId>> {
    let mut said = BTreeMap::new();
    let mut at = 0;
    while let Some(head) = file.get(at..at + FRAME_HEAD_BYTES) {
        let head: &[u8; FRAME_HEAD_BYTES] = head.try_into().unwrap();
        let Ok(bytes) = payload_bytes(head) else { break };
        let from = at + FRAME_HEAD_BYTES;
        let Some(payload) = file.get(from..from + bytes) else { break };
        if check(head, payload).is_err() {
            break;
        }
        for run in runs(payload).unwrap() {
            for place in 0..u64::from(run.chunk_count) {
                let id = run.ids_at.map(|ids_at| {
                    let from = ids_at + usize::try_from(place).unwrap() * ChunkId::BYTES;
                    ChunkId::from_bytes(payload[from..from + ChunkId::BYTES].try_into().unwrap())
                });
                said.insert((run.disk, run.first_chunk + place), id);
            }
        }
        at = from + bytes;
    }
    said
}

fn noted() -> impl Strategy<Value = Noted> {
    (0_u32..3, 0_u64..40, proptest::option::of(0_u8..255)).prop_map(|(disk, chunk, id)| Noted {
        disk,
        chunk,
        id: id.map(|byte| ChunkId::from_bytes([byte; 32])),
    })
}

proptest! {
    #[test]
    fn a_journal_says_what_was_noted_and_of_two_notes_the_later(
        notes in proptest::collection::vec(noted(), 0..200),
    ) {
        let expected: BTreeMap<_, _> =
            notes.iter().map(|noted| ((noted.disk, noted.chunk), noted.id)).collect();
        prop_assert_eq!(read(&encode_notes(notes)), expected);
    }

    #[test]
    fn a_torn_journal_says_less_and_nothing_else(
        batches in proptest::collection::vec(proptest::collection::vec(noted(), 1..20), 1..6),
        cut in any::<proptest::sample::Index>(),
        flip in any::<proptest::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let mut file = Vec::new();
        let mut prefixes = Vec::from([BTreeMap::new()]);
        let mut said = BTreeMap::new();
        for notes in batches {
            said.extend(notes.iter().map(|noted| ((noted.disk, noted.chunk), noted.id)));
            file.extend(encode_notes(notes));
            prefixes.push(said.clone());
        }
        let torn = read(&file[..cut.index(file.len())]);
        prop_assert!(prefixes.contains(&torn), "what a torn journal says was never the truth");
        let place = flip.index(file.len());
        file[place] ^= 1 << bit;
        prop_assert!(prefixes.contains(&read(&file)), "a flipped bit is believed");
    }

    #[test]
    fn nothing_panics_on_bytes_from_outside(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _runs = runs(&payload);
        let _head = JournalHead::decode(&payload);
    }
}

#[test]
fn zeroes_take_no_room() {
    let notes = (0..1_000_000).map(|chunk| Noted { disk: 0, chunk, id: None }).collect();
    assert!(encode_notes(notes).len() < 1_000);
}

#[test]
fn more_than_a_frame_holds_comes_back_from_several() {
    let id = |chunk: u64| {
        ChunkId::from_bytes(core::array::from_fn(
            |place| if place < 8 { chunk.to_le_bytes()[place] } else { 1 },
        ))
    };
    let notes: Vec<Noted> = (0..200_000).map(|chunk| Noted { disk: 0, chunk, id: Some(id(chunk)) }).collect();
    let file = encode_notes(notes);
    assert!(file.len() > FRAME_BYTES_MAX);
    let said = read(&file);
    assert_eq!(said.len(), 200_000);
    assert!(said.iter().all(|((_, chunk), held)| *held == Some(id(*chunk))));
}

#[test]
fn a_head_comes_back_and_another_version_does_not() {
    let source = SourceIdentity {
        path: "disk.raw".into(),
        file_bytes: ByteCount::new(4096),
        modified_nanoseconds: 1,
        changed_nanoseconds: 2,
        device: 3,
        inode: 4,
        unique_id: None,
    };
    let disks = Vec::from([JournalDisk { size_bytes: 4096, sources: Vec::from([source]) }]);
    let mut head =
        JournalHead::new(VaultId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]), "vm".into(), disks);
    let file = head.encode().unwrap();
    assert_eq!(JournalHead::decode(&file[FRAME_HEAD_BYTES..]), Ok(head.clone()));
    head.version += 1;
    assert_eq!(JournalHead::decode(&head.encode().unwrap()[FRAME_HEAD_BYTES..]), Err(Torn));
}

#[test]
fn a_pack_is_sealed_early_when_it_is_old_and_worth_a_file() {
    assert!(must_seal(SEAL_AFTER, SEAL_BYTES_MIN));
    assert!(!must_seal(SEAL_AFTER, SEAL_BYTES_MIN - 1));
    assert!(!must_seal(Span::from_milliseconds(SEAL_AFTER.milliseconds() - 1), SEAL_BYTES_MIN));
}
