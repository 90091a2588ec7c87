use alloc::string::ToString as _;

use super::super::blob::BlobId;
use super::super::envelope::with_envelope;
use super::super::seal::Suite;
use super::*;
use crate::digest::{ChunkId, SlotId};

const VAULT: VaultId = VaultId::from_bytes([1; 16]);

fn keyring() -> Keyring {
    Keyring::from_random([2; 32], [3; 32])
}

fn previous(byte: u8) -> RecordHash {
    RecordHash::from_bytes([byte; 32])
}

fn encode(number: u64, entry: &Entry) -> Vec<u8> {
    let sealer = keyring().sealer(VAULT, Suite::Aes256Gcm, [4; 32]);
    encode_record(VAULT, &sealer, number, previous(5), CommitId::from_bytes([6; 16]), entry).unwrap()
}

#[test]
fn a_record_is_bound_to_its_number_and_to_the_one_before() {
    let file = encode(7, &Entry::Unpinned { points: Vec::new() });
    assert!(decode_record(&file, VAULT, &keyring()).is_ok());
    let renumbered = with_envelope(&file, 80, &8_u64.to_le_bytes());
    assert_eq!(decode_record_head(&renumbered, VAULT).unwrap().0, 8, "its clear part says so");
    assert!(decode_record(&renumbered, VAULT, &keyring()).is_err(), "and its box does not open");
    let mut rechained = file.clone();
    assert_eq!(&rechained[96..128], &[5; 32], "the clear part begins with the hash of the one before");
    rechained[96..128].fill(9);
    assert_eq!(decode_record_head(&rechained, VAULT).unwrap().1.previous, [9; 32]);
    assert!(decode_record(&rechained, VAULT, &keyring()).is_err());
}

#[test]
fn a_chunk_is_bound_to_its_id() {
    let sealer = keyring().sealer(VAULT, Suite::Aes256Gcm, [4; 32]);
    let id = |byte: u8| BlobId::from(ChunkId::from_bytes([byte; 32]));
    let mut body = b"sixteen of bytes".to_vec();
    let tag = sealer.seal(0, &id(1).associated(), &mut body);
    body.extend(tag);
    let key = keyring().box_key(VAULT, &sealer.descriptor()).unwrap();
    assert!(key.open("blob", 0, &id(2).associated(), &mut body.clone()).is_err());
    assert_eq!(key.open("blob", 0, &id(1).associated(), &mut body).unwrap(), b"sixteen of bytes");
}

/// What a newer program may say: flagged, it is read around; else reading stops at it, and so do all who write.
#[test]
fn an_unknown_entry_is_read_around_only_where_it_says_so() {
    let sealer = keyring().sealer(VAULT, Suite::Aes256Gcm, [4; 32]);
    let unknown = |may_skip: bool| {
        let nonce = sealer.take(1);
        let head = RecordHead { may_skip, nonce, ..RecordHead::default() };
        let clear = postcard::to_allocvec(&head).unwrap();
        let envelope = Envelope {
            kind: FileKind::Record,
            vault: VAULT,
            key: sealer.descriptor(),
            session: SessionId::from_bytes([0; 16]),
            number: 7,
            clear_bytes: u32::try_from(clear.len()).unwrap(),
        };
        let mut file = Vec::from(envelope.encode());
        file.extend(clear);
        let mut body = alloc::vec![250, 1, 2, 3];
        let tag = sealer.seal(nonce, &file, &mut body);
        file.extend(body);
        file.extend(tag);
        decode_record(&file, VAULT, &keyring())
    };
    assert_eq!(unknown(true).unwrap().entry, None);
    let refused = unknown(false).unwrap_err().to_string();
    assert!(refused.contains("a newer one wrote it"), "{refused}");
    // What is flagged is the lifecycle's events, and nothing that says where data lies.
    assert!(Entry::Lifecycle { bytes: Vec::new() }.may_skip());
    let slot = SlotId::from_bytes([1; 16]);
    assert!(!Entry::SlotsChanged { added: alloc::vec![slot], removed: Vec::new() }.may_skip());
}
