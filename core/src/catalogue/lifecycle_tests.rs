use alloc::boxed::Box;
use alloc::string::ToString as _;

use super::super::lifecycle_event::{SourceImage, encode_events};
use super::*;
use crate::catalogue::{Catalogue, decode_checkpoint, encode_checkpoint};
use crate::digest::{RecordHash, VaultId};
use crate::lifecycle::{BackupPolicy, Consistency, Item, PolicyName};
use crate::policy::{FixedOffset, LocalTime, LongTerm, Retention, Schedule};
use crate::vault::key::Keyring;
use crate::vault::record::{Entry, Record, RecordHead};
use crate::vault::seal::Suite;

fn record(number: u64, entry: Entry) -> Record {
    let head = RecordHead { previous: [0; 32], commit: [0; 16], ..RecordHead::default() };
    Record { number, head, entry: Some(entry), hash: RecordHash::from_bytes([9; 32]) }
}

fn carried(at: i64, events: &[LifecycleEvent]) -> Entry {
    Entry::Lifecycle { bytes: encode_events(Instant::from_unix_milliseconds(at), events) }
}

fn policy() -> LifecycleEvent {
    let policy = BackupPolicy {
        schedule: Schedule::daily(LocalTime::new(22, 0).unwrap(), FixedOffset::UTC),
        retention: Retention::Ranges(LongTerm { daily_days: Some(7), ..LongTerm::default() }),
        copy_window: None,
    };
    VaultEvent::PolicyCreated { name: PolicyName::new("gold").unwrap(), policy: Box::new(policy) }.into()
}

fn protected() -> Catalogue {
    let item = local_machine("web01").unwrap();
    let sources = Sources {
        images: [SourceImage { label: Some("os".into()), path: "/disks/web01.vhd".into() }].into(),
        parents: Vec::new(),
        raw: false,
        consistency: Consistency::Crash,
    };
    let events = [
        policy(),
        VaultEvent::VmListed { item: item.clone(), region: local_region() }.into(),
        VaultEvent::PolicyAssigned { item: item.clone(), policy: PolicyName::new("gold").unwrap() }.into(),
        LifecycleEvent::SourcesSet { item, sources },
    ];
    let mut catalogue = Catalogue::default();
    catalogue.apply(&record(1, carried(1_000, &events)));
    catalogue
}

#[test]
fn events_fold_into_the_rules_own_catalogue() {
    let catalogue = protected();
    let item = local_machine("web01").unwrap();
    let rules = catalogue.lifecycle.rules().unwrap();
    assert!(rules.items.get(&item).is_some_and(Item::is_scheduled));
    assert_eq!(catalogue.lifecycle.sources(&item).unwrap().images.len(), 1);
    assert_eq!(item.to_string(), "local/web01");
}

#[test]
fn an_unknown_event_is_read_around_alone_and_counted() {
    let known = encode_events(Instant::default(), &[policy()]);
    let text = core::str::from_utf8(&known[1..]).unwrap();
    let newer = text.replacen("\"events\":[", "\"events\":[{\"flown-to-the-moon\":{\"vm\":1}},", 1);
    let mut bytes = Vec::from([1]);
    bytes.extend(newer.bytes());
    let mut catalogue = Catalogue::default();
    catalogue.apply(&record(1, Entry::Lifecycle { bytes }));
    assert_eq!(catalogue.lifecycle.skipped(), 1);
    assert_eq!(catalogue.lifecycle.rules().unwrap().policies.len(), 1);
}

#[test]
fn a_newer_or_broken_encoding_is_read_around_whole() {
    let mut catalogue = Catalogue::default();
    for (number, bytes) in (1..).zip([&b"\x02{}"[..], b"", b"\x01{", b"\x01[]"]) {
        catalogue.apply(&record(number, Entry::Lifecycle { bytes: bytes.into() }));
        assert_eq!(catalogue.lifecycle.skipped(), number);
    }
    assert_eq!(catalogue.lifecycle.rules(), None);
}

#[test]
fn a_checkpoint_carries_the_lifecycle() {
    let catalogue = protected();
    let vault = VaultId::from_bytes([1; 16]);
    let keyring = Keyring::from_random([2; 32], [3; 32]);
    let sealer = keyring.sealer(vault, Suite::Aes256Gcm, [4; 32]);
    let file = encode_checkpoint(vault, &sealer, &catalogue);
    assert_eq!(decode_checkpoint(&file, vault, &keyring), Ok(catalogue));
}
