//! What the fuzz targets of the vault's decoders do with their bytes, and
//! what must then be true.
//!
//! Decoders behind a sealed box get their bytes sealed first, keylessly, so
//! that the input reaches them instead of dying at the tag.

use vhault_core::catalogue::decode_checkpoint;
use vhault_core::digest::{SessionId, VaultId};
use vhault_core::vault::blob::{BlobKind, ENTRY_BYTES, Place};
use vhault_core::vault::envelope::{Envelope, FileKind};
use vhault_core::vault::fragment::Fragment;
use vhault_core::vault::key::Keyring;
use vhault_core::vault::layout::{LayoutSpan, SPAN_BYTES_MAX};
use vhault_core::vault::pack::{PACK_HEAD_BYTES, open_index, pack_head};
use vhault_core::vault::page::Page;
use vhault_core::vault::record::{decode_record, decode_record_head};
use vhault_core::vault::seal::{Sealer, Suite};
use vhault_core::vault::settings::Settings;
use vhault_core::vault::slot::Slot;
use vhault_core::vault::tail::{FRAGMENT_TAIL, PACK_TAIL, TAIL_BYTES, Tail};

use crate::fuzz::Target;

/// Every target over the vault's formats.
pub const VAULT_TARGETS: [Target; 9] = [
    ("vault_envelope", envelope),
    ("vault_settings", settings),
    ("vault_slot", slot),
    ("vault_page", page),
    ("vault_layout", layout),
    ("vault_index", index),
    ("vault_fragment", fragment),
    ("vault_record", record),
    ("vault_checkpoint", checkpoint),
];

const KINDS: [FileKind; 6] = [
    FileKind::Settings,
    FileKind::Slot,
    FileKind::Record,
    FileKind::Pack,
    FileKind::Fragment,
    FileKind::Checkpoint,
];

fn vault() -> VaultId {
    VaultId::from_bytes([0x11; 16])
}

fn keyless() -> (Keyring, Sealer) {
    let keyring = Keyring::public(vault());
    let sealer = keyring.sealer(vault(), Suite::None, [0x22; 32]);
    (keyring, sealer)
}

/// An envelope that decodes is made of exactly those bytes, and of one kind.
pub fn envelope(bytes: &[u8]) {
    let decoded = KINDS.map(|kind| Envelope::decode(bytes, kind));
    assert!(decoded.iter().filter(|outcome| outcome.is_ok()).count() <= 1, "a file has one kind");
    for envelope in decoded.into_iter().flatten() {
        assert_eq!(envelope.encode(), bytes[..96]);
        if let Ok((associated, rest)) = envelope.split(bytes) {
            assert_eq!(associated.len() + rest.len(), bytes.len());
        }
    }
    for magic in [PACK_TAIL, FRAGMENT_TAIL] {
        if let Some(last) = bytes.last_chunk::<TAIL_BYTES>()
            && let Ok(tail) = Tail::decode(last, magic, bytes.len() as u64)
        {
            assert_eq!(tail.encode(magic), *last);
            assert!(tail.box_offset + u64::from(tail.box_bytes) <= bytes.len() as u64);
        }
    }
}

/// Settings that decode are made of exactly those bytes.
pub fn settings(bytes: &[u8]) {
    for file in [bytes.to_vec(), completed(FileKind::Settings, bytes)] {
        let mut file = file;
        let hash = blake3::hash(&file);
        if let Ok(settings) = Settings::decode(&file) {
            assert_eq!(settings.encode(), file);
        }
        file.extend(hash.as_bytes());
        if let Ok(settings) = Settings::decode(&file) {
            assert!((1 << 16..=1 << 22).contains(&settings.chunk_bytes()));
        }
    }
}

/// A slot's clear part bounds what unlocking may cost.
pub fn slot(bytes: &[u8]) {
    use vhault_core::vault::slot::Lock;
    for file in [bytes.to_vec(), completed(FileKind::Slot, bytes)] {
        if let Ok(slot) = Slot::decode(&file, vault())
            && let Lock::Passphrase { hardness, .. } = slot.head.lock
        {
            assert!(hardness.memory_kib <= 1 << 20 && hardness.passes <= 64 && hardness.lanes <= 16);
        }
    }
}

/// A page that decodes is made of exactly those bytes: one content, one page.
pub fn page(bytes: &[u8]) {
    for fan_out_log2 in [8, 10, 12] {
        if let Ok(page) = Page::decode(bytes, fan_out_log2) {
            assert_eq!(page.encode(), bytes);
        }
    }
}

/// A layout decodes span by span; each span reads back from its own form.
pub fn layout(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((span, taken))) = LayoutSpan::decode(rest) {
        assert!(taken > 0 && taken <= SPAN_BYTES_MAX && span.length() > 0);
        let mut again = Vec::new();
        span.encode(&mut again);
        assert_eq!(LayoutSpan::decode(&again), Ok(Some((span, again.len()))));
        rest = &rest[taken..];
    }
    if rest.len() >= SPAN_BYTES_MAX {
        assert!(LayoutSpan::decode(rest).is_err(), "no span is longer than its bound");
    }
}

/// A pack index that opens names places in order, apart, and inside.
pub fn index(bytes: &[u8]) {
    if let Some(entry) = bytes.first_chunk::<ENTRY_BYTES>()
        && let Ok(place) = Place::decode(entry)
    {
        assert_eq!(place.encode(), *entry);
    }
    let (keyring, sealer) = keyless();
    let head: [u8; PACK_HEAD_BYTES] =
        pack_head(vault(), &sealer, SessionId::from_bytes([3; 16]), 1, BlobKind::Chunk);
    let mut sealed = bytes.to_vec();
    let tag = sealer.seal(0, &head, &mut sealed);
    sealed.extend(tag);
    let tail = Tail { box_offset: 1 << 20, box_bytes: 0, nonce: 0 };
    let key = keyring.box_key(vault(), &sealer.descriptor()).expect("a keyless key always fits");
    if let Ok(places) = open_index(&key, &head, &tail, &mut sealed) {
        let mut end = PACK_HEAD_BYTES as u64;
        for place in places {
            assert!(u64::from(place.offset) >= end && place.end() <= tail.box_offset);
            end = place.end();
        }
    }
}

/// A fragment that decodes is in order and names packs of its own list.
pub fn fragment(bytes: &[u8]) {
    let (keyring, sealer) = keyless();
    let mut file = header(FileKind::Fragment, 0);
    let head = file.clone();
    let front_start = file.len();
    let mut front = bytes.to_vec();
    let tag = sealer.seal(7, &head, &mut front);
    front.extend(tag);
    let tail = Tail {
        box_offset: front_start as u64,
        box_bytes: u32::try_from(front.len()).expect("inputs are small"),
        nonce: 7,
    };
    file.extend(front);
    file.extend(tail.encode(FRAGMENT_TAIL));
    for file in [bytes.to_vec(), file] {
        if let Ok(fragment) = Fragment::decode(&file, vault(), &keyring) {
            assert!(fragment.places.is_sorted_by_key(|place| *place.id.as_bytes()));
            assert!(fragment.places.iter().all(|place| (place.pack as usize) < fragment.packs.len()));
        }
    }
}

/// The first two bytes say how long the clear part is; the rest is sealed as the entry.
pub fn record(bytes: &[u8]) {
    let (keyring, sealer) = keyless();
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let clear = usize::from(u16::from_le_bytes(*length)).min(rest.len());
    let (clear, body) = rest.split_at(clear);
    let mut file = header(FileKind::Record, clear.len());
    file.extend(clear);
    let Ok((_, head, _)) = decode_record_head(&file, vault()) else { return };
    let mut body = body.to_vec();
    let tag = sealer.seal(head.nonce, &file, &mut body);
    file.extend(body);
    file.extend(tag);
    if let Ok(record) = decode_record(&file, vault(), &keyring) {
        assert_eq!(record.head, head);
        assert!(record.entry.is_some() || head.may_skip, "an unknown entry is skipped only if it says so");
    }
}

/// A checkpoint that decodes is of the record its envelope names.
pub fn checkpoint(bytes: &[u8]) {
    let (keyring, sealer) = keyless();
    let mut file = header(FileKind::Checkpoint, 40);
    file.extend([0x44; 32]);
    file.extend(9_u64.to_le_bytes());
    let mut body = bytes.to_vec();
    let tag = sealer.seal(9, &file, &mut body);
    file.extend(body);
    file.extend(tag);
    if let Ok(catalogue) = decode_checkpoint(&file, vault(), &keyring) {
        assert_eq!(catalogue.head_number, 1);
        assert_eq!(catalogue.head_hash, [0x44; 32]);
    }
}

/// An envelope of a keyless vault, number 1.
fn header(kind: FileKind, clear_bytes: usize) -> Vec<u8> {
    let (_, sealer) = keyless();
    let envelope = Envelope {
        kind,
        vault: vault(),
        key: sealer.descriptor(),
        session: SessionId::from_bytes([0; 16]),
        number: 1,
        clear_bytes: u32::try_from(clear_bytes).expect("inputs are small"),
    };
    envelope.encode().to_vec()
}

/// `bytes` as the clear part of a file whose envelope fits.
fn completed(kind: FileKind, bytes: &[u8]) -> Vec<u8> {
    let mut file = header(kind, bytes.len());
    file.extend(bytes);
    file
}
