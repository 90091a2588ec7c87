//! What may be wrong with a vault that is opened: each is refused or told by
//! name, and nothing is lost by it. And points that are not to be forgotten yet.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vhault_core::digest::CommitId;
use vhault_core::vault::envelope::{Envelope, FileKind};
use vhault_core::vault::key::Keyring;
use vhault_core::vault::record::{Entry, decode_record_head, encode_record};
use vhault_core::vault::seal::Suite;
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::{Told, run};
use vhault_tests::vault::{Home, files_under};

const DAMAGE: i32 = 3;
const REFUSED: i32 = 4;
const CANNOT_OPEN: i32 = 6;

fn with_points(seeds: &[u64]) -> Home {
    let home = Home::with_vault();
    for seed in seeds {
        let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, *seed));
        home.backup("web01", &["--raw", &disk]);
    }
    home
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap().success());
}

/// All files of a vault, and what they hold.
fn content(vault: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    files_under(vault).into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

fn records(vault: &Path) -> Vec<PathBuf> {
    files_under(&vault.join("log"))
}

fn record(vault: &Path, number: usize) -> PathBuf {
    vault.join("log").join(format!("{number:016x}"))
}

/// Reading and writing are refused alike, and leave every file as it was.
#[track_caller]
fn is_refused(home: &Home, words: &[&str]) {
    let before = content(&home.vault());
    let disk = image::named(&home.path("web01.raw"));
    home.on_vault("list", &[]).ends_with(CANNOT_OPEN).says(words);
    home.on_vault("backup", &["--vm", "web01", "--raw", &disk]).ends_with(CANNOT_OPEN).says(words);
    home.on_vault("sweep", &[]).ends_with(CANNOT_OPEN).says(words);
    home.on_vault("verify", &[]).ends_with(CANNOT_OPEN).says(words);
    assert!(content(&home.vault()) == before, "a vault that does not open was written to");
}

#[test]
fn a_record_number_that_skips_is_named() {
    let home = with_points(&[1, 2]);
    let third = record(&home.vault(), 3);
    let kept = fs::read(&third).unwrap();
    fs::remove_file(&third).unwrap();
    is_refused(&home, &["log record 3 is missing", "though record"]);
    fs::write(&third, kept).unwrap();
    assert_eq!(home.points().len(), 2);
    home.vault_is_sound();
}

#[test]
fn a_record_from_the_future_is_named_by_its_version() {
    let home = with_points(&[1]);
    let newest = records(&home.vault()).len();
    let mut bytes = fs::read(record(&home.vault(), newest)).unwrap();
    bytes[7] = 2;
    let future = record(&home.vault(), newest + 1);
    fs::write(&future, bytes).unwrap();
    is_refused(&home, &[&format!("log record {}", newest + 1), "format version 2", "a newer vhault"]);
    fs::remove_file(future).unwrap();
    home.vault_is_sound();
}

/// Without any key: the envelope says that nothing is sealed, and the rest is what everybody can make.
#[test]
fn a_record_that_calls_itself_unencrypted_is_no_record_of_an_encrypted_vault() {
    let home = with_points(&[1]);
    let newest = records(&home.vault()).len();
    let last = fs::read(record(&home.vault(), newest)).unwrap();
    let vault = Envelope::decode(&last, FileKind::Record).unwrap().vault;
    let (.., hash) = decode_record_head(&last, vault).unwrap();
    let sealer = Keyring::public(vault).sealer(vault, Suite::None, [9; 32]);
    let forget_all =
        Entry::Forgotten { points: Vec::new(), host_time: vhault_core::time::Instant::default() };
    let number = u64::try_from(newest + 1).unwrap();
    let forged =
        encode_record(vault, &sealer, number, hash, CommitId::from_bytes([1; 16]), &forget_all).unwrap();
    let place = record(&home.vault(), newest + 1);
    fs::write(&place, forged).unwrap();
    is_refused(&home, &["cipher suite is 0", "encrypted"]);
    fs::remove_file(place).unwrap();
    home.vault_is_sound();
}

#[test]
fn a_pack_under_anothers_name_is_named_with_and_without_keys() {
    let home = with_points(&[1, 2]);
    let mut packs = files_under(&home.vault().join("packs"));
    packs.sort_by_key(|pack| fs::metadata(pack).unwrap().len());
    let (first, second) = (packs.pop().unwrap(), packs.pop().unwrap());
    let swap = |one: &Path, other: &Path| {
        let (a, b) = (fs::read(one).unwrap(), fs::read(other).unwrap());
        fs::write(one, b).unwrap();
        fs::write(other, a).unwrap();
    };
    swap(&first, &second);
    let (one, other) = (name(&first), name(&second));
    let told = run(home.command(["verify", "--level", "packs"]).arg(home.vault()));
    told.ends_with(DAMAGE).says(&[&one, &other, "do not hash to its name"]);
    home.on_vault("verify", &["--read-only"]).ends_with(DAMAGE).says(&[&one, &other, "cannot be restored"]);
    let out = image::named(&home.path("out.raw"));
    home.on_vault("restore", &["latest", "--format", "raw", "--out", &out]).ends_with(DAMAGE);
    assert!(!Path::new(&out).exists());
    swap(&first, &second);
    home.vault_is_sound();
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn two_vaults_with_one_key_do_not_take_each_others_files() {
    let home = with_points(&[1]);
    let other = home.path("other");
    home.on(&other, "init", &[]).done();
    let disk = image::raw(&home.path("db.raw"), &lived_in(3_000, 7));
    home.on(&other, "backup", &["--vm", "db", "--raw", &disk]).done();
    home.on(&other, "list", &[]).done().says(&["db"]);
    home.on_vault("list", &[]).done().says(&["web01"]);

    // Another vault's next record, slot and packs, put in their places.
    let newest = records(&home.vault()).len();
    let place = record(&home.vault(), newest + 1);
    fs::copy(record(&other, newest), &place).unwrap();
    is_refused(&home, &["it belongs to vault"]);
    fs::remove_file(place).unwrap();
    for folder in ["keys", "packs", "tables"] {
        for file in files_under(&other.join(folder)) {
            let to = home.vault().join(file.strip_prefix(&other).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&file, to).unwrap();
        }
    }
    home.vault_is_sound();
    let told = home.on_vault("sweep", &["--json"]).done().json();
    let foreign = told["foreign"].as_array().unwrap();
    assert_eq!(
        foreign.len(),
        files_under(&other.join("packs")).len() + files_under(&other.join("tables")).len(),
        "{told}"
    );
    assert!(foreign.iter().all(|file| file["why"].as_str().unwrap().contains("not of this vault")), "{told}");
    home.on(&other, "verify", &[]).done();
    // The settings of the other: nothing that is here continues them.
    let own = fs::read(home.vault().join("vault")).unwrap();
    fs::copy(other.join("vault"), home.vault().join("vault")).unwrap();
    let told = home.on_vault("list", &[]).ends_with(CANNOT_OPEN);
    told.without_crash();
    fs::write(home.vault().join("vault"), own).unwrap();
    home.vault_is_sound();
}

#[test]
fn an_older_copy_of_the_vault_is_noticed_by_a_host_that_saw_more() {
    let home = with_points(&[1]);
    let older = home.path("older");
    copy(&home.vault(), &older);
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 2));
    home.backup("web01", &["--raw", &disk]);
    let newer = home.path("newer");
    fs::rename(home.vault(), &newer).unwrap();
    fs::rename(&older, home.vault()).unwrap();

    let count = records(&home.vault()).len();
    home.on_vault("list", &[]).done().says(&["older copy"]);
    home.on_vault("verify", &[]).ends_with(DAMAGE).says(&["older copy"]);
    let out = image::named(&home.path("out.raw"));
    home.on_vault("restore", &["latest", "--format", "raw", "--out", &out]).done().says(&["older copy"]);
    assert_eq!(records(&home.vault()).len(), count, "readers went on with a log that may be another's past");
    // A host that never saw it cannot know.
    let mut command = home.command(["verify"]);
    command.arg(home.vault()).arg("--key-file").arg(home.key()).env("VHAULT_CACHE", home.path("fresh"));
    run(&mut command).done();

    fs::remove_dir_all(home.vault()).unwrap();
    fs::rename(&newer, home.vault()).unwrap();
    assert_eq!(home.points().len(), 2);
    home.vault_is_sound();
}

#[test]
fn foreign_files_are_in_nobodys_way() {
    let home = with_points(&[1]);
    let strange =
        ["notes.txt", "log/notes.txt", "keys/notes.txt", "keys/00", "checkpoints/notes", "packs/a/notes"];
    for name in strange {
        let path = home.vault().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    }
    home.vault_is_sound();
    assert_eq!(home.points().len(), 1);
    home.on_vault("sweep", &["--wait-days", "0"]).done();
    home.on_vault("repair", &[]).done();
    for name in strange {
        assert_eq!(fs::read(home.vault().join(name)).unwrap(), b"mine", "{name}");
    }
    home.restore("latest", "0", "raw", "out.raw");
}

/// Runs a command on the vault at a moment.
fn at(home: &Home, moment: &str, verb: &str, args: &[&str]) -> Told {
    let mut command = home.command([verb]);
    command.arg(home.vault()).args(args).arg("--key-file").arg(home.key()).env("VHAULT_NOW", moment);
    run(&mut command)
}

fn kept(plan: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let points = plan["points"].as_array().unwrap().iter();
    points.map(|point| (text(&point["action"]), text(&point["reasons"][0]))).collect()
}

#[test]
fn a_lock_keeps_young_points_and_a_lower_one_frees_none_that_are_there() {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 3));
    let back_up = |day: &str| {
        at(&home, &format!("{day}T20:00:00Z"), "backup", &["--vm", "web01", "--raw", &disk]).done();
    };
    back_up("2026-05-01");
    at(&home, "2026-05-02T00:00:00Z", "lock", &["--days", "10"]).done().says(&["10 days"]);
    back_up("2026-05-03");
    back_up("2026-05-04");
    let plan = at(&home, "2026-05-05T00:00:00Z", "forget", &["--keep-last", "1", "--json"]).done().json();
    assert_eq!(plan["forgotten"], 0, "{plan}");
    let locked = kept(&plan);
    assert_eq!(locked[0], ("keep".into(), "locked until 2026-05-11T20:00:00Z".into()), "{plan}");

    // A lower lock is for what comes; a clock that leapt ends none.
    at(&home, "2026-05-05T00:00:00Z", "lock", &["--days", "0", "--json"]).done();
    let told = at(&home, "2026-05-05T00:00:00Z", "lock", &["--json"]).done().json();
    assert_eq!((&told["days"], &told["points_locked_longer"]), (&0.into(), &3.into()), "{told}");
    let plan = at(&home, "2026-05-06T00:00:00Z", "forget", &["--keep-last", "1", "--json"]).done().json();
    assert_eq!(plan["forgotten"], 0, "{plan}");
    let plan = at(&home, "2031-05-06T00:00:00Z", "forget", &["--keep-last", "1", "--json"]).done().json();
    assert_eq!(plan["forgotten"], 0, "{plan}");
    let plan = at(&home, "2026-05-12T00:00:00Z", "forget", &["--keep-last", "1", "--json"]).done().json();
    assert_eq!(plan["forgotten"], 1, "{plan}");
    let trusted = ["--keep-last", "1", "--trust-clock", "--json"];
    let plan = at(&home, "2031-05-06T00:00:00Z", "forget", &trusted).done().json();
    assert_eq!(plan["forgotten"], 1, "{plan}");
    home.vault_is_sound();
}

#[test]
fn deleting_a_machines_data_does_not_go_around_the_lock() {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 3));
    let now = "2026-05-01T12:00:00Z";
    let policy = ["set", "nightly", "--daily", "22:00", "--keep-daily", "30"];
    let mut command = home.command(["policy", "set"]);
    command.arg(home.vault()).args(&policy[1..]).arg("--key-file").arg(home.key()).env("VHAULT_NOW", now);
    run(&mut command).done();
    let os = format!("os={disk}");
    at(&home, now, "protect", &["--vm", "web01", "--policy", "nightly", "--raw", &os]).done();
    at(&home, "2026-05-01T13:00:00Z", "backup", &["--vm", "web01", "--raw", &os]).done();
    at(&home, "2026-05-01T14:00:00Z", "lock", &["--days", "7"]).done();
    let told = at(&home, "2026-05-02T00:00:00Z", "stop", &["--vm", "web01", "--delete-data"]);
    told.ends_with(REFUSED).says(&["is locked", "7 days"]);
    assert_eq!(home.points().len(), 1);
}

#[test]
fn a_clock_that_leapt_purges_nothing() {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 3));
    for day in ["01", "02"] {
        let moment = format!("2026-05-{day}T20:00:00Z");
        at(&home, &moment, "backup", &["--vm", "web01", "--raw", &disk]).done();
    }
    at(&home, "2026-05-03T00:00:00Z", "forget", &["--keep-last", "1"]).done();
    let told = at(&home, "2026-05-04T00:00:00Z", "purge", &["--json"]).done().json();
    assert_eq!(told["points"][0]["purged"], false, "{told}");
    let told = at(&home, "2036-05-04T00:00:00Z", "purge", &["--json"]).done().json();
    assert!(told["points"][0]["why"].as_str().unwrap().contains("leapt"), "{told}");
    let told = at(&home, "2026-05-18T00:00:00Z", "purge", &["--json"]).done().json();
    assert_eq!(told["points"][0]["purged"], true, "{told}");
}
