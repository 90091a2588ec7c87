//! Every store operation of every command fails in every way; after each the
//! vault opens, verifies, keeps what it acknowledged, and can be swept clean.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tempfile::TempDir;
use vhault_benches::draw::Draw;
use vhault_core::digest::PageId;
use vhault_core::protocol::{Forgetting, Request, SweepRules};
use vhault_core::time::{Instant, Span};
use vhault_core::vault::slot::Secret;
use vhault_datapath::backup::{BackupRequest, back_up};
use vhault_datapath::monitor::Silent;
use vhault_datapath::stream_reader::StreamReader;
use vhault_datapath::sweep::{PurgeRule, SweepRequest, sweep};
use vhault_datapath::vault::open::NewVault;
use vhault_datapath::vault::{Unlock, Vault, VaultError};
use vhault_datapath::verify::{Level, verify};
use vhault_tests::request::raw_backup;
use vhault_tests::store::{FailingStore, Fault};

const CHUNK: usize = 64 << 10;

fn key() -> Unlock {
    Unlock::With(Secret::KeyFile(b"a key of enough bytes for a test".to_vec().into()))
}

fn second_key() -> Secret {
    Secret::KeyFile(b"another key of enough bytes as well".to_vec().into())
}

fn at(day: i64) -> Instant {
    Instant::from_unix_milliseconds((20_000 + day) * 86_400_000)
}

struct Bench {
    folder: TempDir,
    /// What each point of the base vault holds.
    held: Vec<Vec<u8>>,
    base: FailingStore,
    next: Vec<u8>,
}

impl Bench {
    /// A vault with three points of one disk, the first forgotten, one slot more, and a disk that changed since.
    fn new() -> Bench {
        let folder = tempfile::tempdir().expect("the rig itself does not fail");
        let base = FailingStore::default();
        let new = NewVault { chunk_log2: 16, now: at(0), ..NewVault::default() };
        Vault::create_on(&base, &key(), new).expect("the rig itself does not fail");
        let mut bench = Bench { folder, held: Vec::new(), base, next: Vec::new() };
        let mut content = Draw::new(1).bytes(6 * CHUNK);
        let vault = bench.open(&bench.base, "base").expect("the rig itself does not fail");
        for round in 0..3 {
            content[..5 * CHUNK].copy_from_slice(&Draw::new(10 + round).bytes(5 * CHUNK));
            bench.back_up(&vault, &content, at(1)).expect("the rig itself does not fail");
            bench.held.push(content.clone());
        }
        let first = vault.head().catalogue.points[0].point.id;
        let word = Forgetting::ByRule { damaged: BTreeSet::new() };
        vault
            .append(&mut |_| {
                let (points, word) = (vec![first], word.clone());
                Ok::<_, VaultError>(Request::Forget { points, host_time: at(2), word })
            })
            .expect("the rig itself does not fail");
        drop(vault);
        content[5 * CHUNK..].copy_from_slice(&Draw::new(30).bytes(CHUNK));
        bench.next = content;
        bench
    }

    fn open(&self, store: &FailingStore, cache: &str) -> Result<Vault, VaultError> {
        Vault::open_on(Box::new(store.clone()), &key(), &self.folder.path().join(cache))
    }

    fn back_up(&self, vault: &Vault, content: &[u8], now: Instant) -> Result<(), String> {
        let path: PathBuf = self.folder.path().join("disk.raw");
        std::fs::write(&path, content).expect("the rig itself does not fail");
        let request = BackupRequest { read_all: true, ..raw_backup(&[&path], now) };
        let made = back_up(vault, &request, &AtomicBool::new(false), &Silent);
        made.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Carries out a command on a store; whether it was acknowledged.
    fn carry_out(&self, command: Command, store: &FailingStore) -> bool {
        if command == Command::Init {
            let new = NewVault { chunk_log2: 16, now: at(0), ..NewVault::default() };
            return Vault::create_on(store, &key(), new).is_ok();
        }
        let Ok(vault) = self.open(store, "at-work") else { return false };
        match command {
            Command::Init => false,
            Command::Backup => self.back_up(&vault, &self.next, at(3)).is_ok(),
            Command::Forget => {
                let second = vault.head().catalogue.points[1].point.id;
                let word = Forgetting::ByRule { damaged: BTreeSet::new() };
                let forgotten = vault.append(&mut |_| {
                    let (points, word) = (vec![second], word.clone());
                    Ok::<_, VaultError>(Request::Forget { points, host_time: at(3), word })
                });
                forgotten.is_ok()
            }
            Command::Sweep => sweep_all(&vault).is_ok(),
            Command::AddSlot => vault.add_slot(&second_key(), "second", at(3)).is_ok(),
            Command::RemoveSlot => {
                let added = vault.add_slot(&second_key(), "second", at(3));
                added.and_then(|slot| vault.remove_slot(slot)).is_ok()
            }
        }
    }
}

fn sweep_all(vault: &Vault) -> Result<(), VaultError> {
    let rule = PurgeRule { wait: Span::ZERO, now: at(4), clock_confirmed: false };
    let request = SweepRequest {
        dry_run: false,
        rules: SweepRules { repack_percent: 1 },
        fence_after: Some(Duration::ZERO),
        purge: Some(rule),
        now: at(4),
    };
    sweep(vault, &request, &AtomicBool::new(false), &Silent).map(|_| ())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Init,
    Backup,
    Forget,
    Sweep,
    AddSlot,
    RemoveSlot,
}

/// Roots and contents of all points that are not purged, oldest first.
fn contents(vault: &Vault) -> Vec<(Option<PageId>, Vec<u8>)> {
    vault.load_table(&mut Err).expect("the rig itself does not fail");
    let points = vault.head().catalogue.points.clone();
    let read = |stream: vhault_core::vault::stream::Stream| {
        let mut bytes = vec![0; usize::try_from(stream.length.get()).expect("the rig itself does not fail")];
        StreamReader::new(vault, stream).read(0, &mut bytes).expect("the rig itself does not fail");
        (stream.root, bytes)
    };
    points.iter().map(|kept| read(kept.point.disks[0].content)).collect()
}

/// What must hold after `command` was cut short by `what`.
fn check(bench: &Bench, command: Command, acknowledged: bool, store: &FailingStore, what: &str) {
    let cache = bench.folder.path().join("after");
    let _none = std::fs::remove_dir_all(&cache);
    let vault = match bench.open(store, "after") {
        Ok(vault) => vault,
        Err(VaultError::NotAVault { .. }) if command == Command::Init && !acknowledged => return,
        Err(error) => panic!("{what}: it does not open: {error:?}"),
    };
    let verified = verify(&vault, Level::Images, 1, &Silent).expect("the rig itself does not fail");
    assert!(verified.is_sound(), "{what}: {:?} {:?}", verified.damage, verified.affected);
    let held: Vec<Vec<u8>> = contents(&vault).into_iter().map(|(_, bytes)| bytes).collect();
    let has_new = held.last() == Some(&bench.next);
    match command {
        Command::Init => assert!(held.is_empty(), "{what}"),
        Command::Backup => {
            assert!(!acknowledged || has_new, "{what}: an acknowledged point is gone");
            let old = if has_new { &held[..held.len() - 1] } else { &held[..] };
            assert!(old == bench.held, "{what}: older points changed");
        }
        Command::Sweep => assert!(held == bench.held || held == bench.held[1..], "{what}"),
        _ => assert!(held == bench.held, "{what}: points changed"),
    }
    if command == Command::Forget && acknowledged {
        assert_eq!(vault.head().catalogue.live_points().count(), 1, "{what}: it is not forgotten");
    }
    if command == Command::RemoveSlot && acknowledged {
        assert_eq!(
            vault.slots().expect("the rig itself does not fail").len(),
            1,
            "{what}: the slot is still there"
        );
    }
    // A sweep frees the rest: afterwards there is nothing that the log does not name as live.
    sweep_all(&vault).unwrap_or_else(|error| panic!("{what}: it cannot be swept: {error:?}"));
    sweep_all(&vault).expect("the rig itself does not fail");
    let catalogue = vault.head().catalogue.clone();
    let live: BTreeSet<String> =
        catalogue.live_packs().iter().map(|pack| pack.entry.name.to_string()).collect();
    let file_name = |name: &String| name.rsplit('/').next().expect("the rig itself does not fail").to_owned();
    let there: BTreeSet<String> = store.names("packs/").iter().map(file_name).collect();
    assert_eq!(there, live, "{what}: packs stayed behind");
    let tables: BTreeSet<String> = store.names("tables/").iter().map(file_name).collect();
    let live: BTreeSet<String> =
        catalogue.live_fragments().iter().map(|fragment| fragment.entry.name.to_string()).collect();
    assert_eq!(tables, live, "{what}: table fragments stayed behind");
    assert_eq!(store.left_behind(), 0, "{what}: files without a name stayed behind");
    // A record's name is never used again, so none is ever deleted.
    let records = store.names("log/").len() as u64;
    assert_eq!(records, catalogue.head_number, "{what}: records are gone");
    let verified = verify(&vault, Level::Images, 1, &Silent).expect("the rig itself does not fail");
    assert!(verified.is_sound(), "{what}: after a sweep {:?}", verified.damage);
    let after: Vec<Vec<u8>> = contents(&vault).into_iter().map(|(_, bytes)| bytes).collect();
    let lived = catalogue.points.len();
    assert!(after[..] == held[held.len() - lived..], "{what}: a sweep changed a point");
    remove(&cache);
}

fn remove(cache: &Path) {
    let _none = std::fs::remove_dir_all(cache);
}

fn every_operation_of(command: Command, faults: &[Fault], stride: usize) -> usize {
    let bench = Bench::new();
    let start = if command == Command::Init { FailingStore::default() } else { bench.base.after_power_cut() };
    let whole = start.failing(usize::MAX, Fault::DiesBefore);
    assert!(bench.carry_out(command, &whole), "{command:?} works when nothing fails");
    let operations = whole.operations();
    let mut struck = 0;
    for number in (0..operations).step_by(stride) {
        for fault in faults {
            let store = start.failing(number, *fault);
            let acknowledged = bench.carry_out(command, &store);
            let Some(on) = store.struck() else { continue };
            struck += 1;
            let what = format!("{command:?}, operation {number} of {operations} ({on}), {fault:?}");
            check(&bench, command, acknowledged, &store.after_power_cut(), &what);
        }
    }
    #[expect(clippy::print_stderr, reason = "how many faults were tried is part of the proof")]
    {
        eprintln!("{command:?}: {operations} operations, {struck} faults");
    }
    assert!(struck >= operations / stride, "{command:?}: only {struck} faults struck");
    struck
}

/// Every `VHAULT_STRIDE`th operation; 1 tries all.
fn stride(otherwise: usize) -> usize {
    std::env::var("VHAULT_STRIDE").ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn a_vault_is_made_whole_or_not_at_all() {
    every_operation_of(Command::Init, &Fault::ALL, 1);
}

#[test]
fn a_backup_that_is_cut_short_costs_nothing_that_was_acknowledged() {
    every_operation_of(Command::Backup, &Fault::ALL, stride(3));
}

#[test]
fn forgetting_is_done_or_not() {
    every_operation_of(Command::Forget, &Fault::ALL, 1);
}

#[test]
fn a_sweep_that_is_cut_short_loses_nothing_and_can_be_run_again() {
    every_operation_of(Command::Sweep, &Fault::ALL, stride(3));
}

#[test]
fn key_changes_that_are_cut_short_leave_a_vault_that_opens() {
    every_operation_of(Command::AddSlot, &Fault::ALL, 1);
    every_operation_of(Command::RemoveSlot, &Fault::ALL, 1);
}

/// B builds on A's unsynced record; the power goes: without a sync in between n would be gone and n+1 stay.
#[test]
fn nobody_builds_on_a_record_that_a_power_cut_would_take() {
    let bench = Bench::new();
    let start = bench.base.after_power_cut();
    let whole = start.failing(usize::MAX, Fault::DiesBefore);
    assert!(bench.carry_out(Command::Forget, &whole));
    let mut struck = 0;
    for number in 0..whole.operations() {
        let store = start.failing(number, Fault::DiesUnsynced);
        let _died = bench.carry_out(Command::Forget, &store);
        if store.struck().is_none_or(|on| !on.starts_with("create log/")) {
            continue;
        }
        struck += 1;
        let other = store.for_another_process();
        assert!(bench.carry_out(Command::Backup, &other));
        check(&bench, Command::Backup, true, &other.after_power_cut(), "built on an unsynced record");
    }
    assert_eq!(struck, 1);
}

/// A record whose create was done is not tried again, whatever the answer said: our own id in it means success.
#[test]
fn a_record_that_was_written_is_a_success_whatever_the_answer_said() {
    let bench = Bench::new();
    let start = bench.base.after_power_cut();
    for command in [Command::Forget, Command::Backup] {
        let whole = start.failing(usize::MAX, Fault::DiesBefore);
        assert!(bench.carry_out(command, &whole));
        let records = whole.names("log/").len();
        let mut struck = 0;
        for number in 0..whole.operations() {
            for fault in [Fault::AnswerLost, Fault::SaysExists] {
                let store = start.failing(number, fault);
                let acknowledged = bench.carry_out(command, &store);
                if store.struck().is_none_or(|on| !on.starts_with("create log/")) {
                    continue;
                }
                struck += 1;
                assert!(acknowledged, "{command:?}, operation {number}, {fault:?}: a false failure");
                let written = store.names("log/").len();
                assert_eq!(written, records, "{command:?}, operation {number}, {fault:?}: written twice");
            }
        }
        assert!(struck >= 2, "{command:?}: no answer about a record was lost");
    }
}
