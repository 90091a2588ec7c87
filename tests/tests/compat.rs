//! Vaults as released programs left them, kept for ever: every run reads them,
//! and a vault of a newer program is refused by its version.
//!
//! A change of format that this program cannot read fails here. The fixtures
//! are never edited: a new format leaves a new one beside the old.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use vhault_tests::guest::{Deed, act};
use vhault_tests::image;
use vhault_tests::program::{Told, run};
use vhault_tests::vault::{Home, copy_folder, files_under};

/// Bytes of an envelope that its checksum covers, and where its version stands.
const ENVELOPE_CHECKED: usize = 92;
const ENVELOPE_VERSION: usize = 7;

/// Every fixture, by folder name.
const GOLDEN: [&str; 1] = ["vault-1"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A copy of a golden vault: reading one writes checkpoints and damage, and a fixture is never edited.
struct Golden {
    home: Home,
    known: Value,
}

impl Golden {
    fn copy(name: &str) -> Golden {
        let home = Home::empty();
        let kept = fixtures().join(name);
        copy_folder(&kept.join("vault"), &home.vault());
        fs::copy(kept.join("key"), home.key()).expect("a golden vault has its key file");
        fs::copy(kept.join("passphrase"), home.path("passphrase")).expect("and its passphrase");
        let known = fs::read(kept.join("known.json")).expect("and what it holds");
        Golden { home, known: serde_json::from_slice(&known).expect("known.json is JSON") }
    }

    fn run(&self, verb: &str, args: &[&str]) -> Told {
        self.home.on_vault(verb, args).without_crash()
    }
}

/// The BLAKE3 hash of a file, in hex.
fn blake3_of(file: &Path) -> String {
    blake3::hash(&fs::read(file).expect("it was restored")).to_hex().to_string()
}

#[test]
fn every_golden_vault_is_in_the_list() {
    let found = fs::read_dir(fixtures()).expect("there are fixtures").filter_map(Result::ok);
    let mut found: Vec<String> =
        found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    found.retain(|name| name.starts_with("vault-"));
    found.sort();
    assert_eq!(found, GOLDEN);
}

#[test]
fn golden_vaults_open_verify_and_restore_to_the_known_bytes() {
    for name in GOLDEN {
        let golden = Golden::copy(name);
        let listed = golden.run("list", &["--json"]).done().json();
        let ids = |points: &Value| -> Vec<Value> {
            points.as_array().expect("points are listed").iter().map(|point| point["id"].clone()).collect()
        };
        assert_eq!(ids(&listed), ids(&golden.known["points"]), "{name}");
        golden.run("verify", &["--level", "images"]).done();
        golden.run("verify", &["--level", "packs"]).done();
        let mut restored = 0;
        for point in golden.known["points"].as_array().expect("points are known") {
            for (disk, forms) in point["disks"].as_object().expect("disks are known") {
                for (form, known) in forms.as_object().expect("forms are known") {
                    let out = golden.home.restore(text(&point["id"]), disk, form, "out");
                    assert_eq!(blake3_of(&out), *known, "{name}: {disk} as {form}");
                    fs::remove_file(out).expect("it was restored");
                    restored += 1;
                }
            }
        }
        assert_eq!(restored, golden.known["restores"].as_u64().expect("restores are counted"), "{name}");
    }
}

#[test]
fn golden_vaults_open_to_their_passphrase_and_to_no_other() {
    for name in GOLDEN {
        let golden = Golden::copy(name);
        let with = |file: &Path| {
            let mut list = golden.home.command(["list"]);
            run(list.arg(golden.home.vault()).arg("--passphrase-file").arg(file)).without_crash()
        };
        with(&golden.home.path("passphrase")).done();
        let other = golden.home.path("other");
        fs::write(&other, "not the passphrase\n").expect("the folder is ours");
        with(&other).ends_with(6).says(&["opens none"]);
    }
}

/// What this program adds, sweeps and brings back it can read beside what an old one wrote.
#[test]
fn golden_vaults_can_be_written_to() {
    for name in GOLDEN {
        let golden = Golden::copy(name);
        let known = |id: &str| {
            let mut points = golden.known["points"].as_array().expect("points are known").iter();
            points.find(|point| point["id"] == id).expect("the point is known").clone()
        };
        let content = disk(9);
        let file = image::raw(&golden.home.path("system.raw"), &content);
        golden.run("backup", &["--vm", "web", "--raw", &file]).done();
        golden.run("undelete", &[text(&golden.known["forgotten"][0])]).done();
        golden.run("sweep", &["--repack-share", "1"]).done();
        golden.run("repair", &[]).done();
        golden.run("verify", &["--level", "images"]).done();
        let points = golden.home.points();
        assert_eq!(points.len(), golden.known["points"].as_array().expect("points are known").len() + 2);
        let out = golden.home.restore("latest:web", "system", "raw", "new.raw");
        assert!(fs::read(out).expect("it was restored") == content);
        let first = known(text(&golden.known["points"][0]["id"]));
        let (disk, forms) =
            first["disks"].as_object().expect("it has disks").iter().next().expect("one at least");
        let out = golden.home.restore(text(&first["id"]), disk, "raw", "old.raw");
        assert_eq!(blake3_of(&out), forms["raw"]);
    }
}

/// The version of each kind of file counts up, checksums right: nothing is guessed, and the version is named.
#[test]
fn a_newer_format_is_refused_by_its_version_in_every_kind_of_file() {
    // What the whole vault rests on cannot be done without; the rest is damage, named by verify.
    let kinds = [("vault", 6), ("keys", 6), ("log", 6), ("packs", 3), ("tables", 3), ("checkpoints", 3)];
    for (kind, code) in kinds {
        let golden = Golden::copy(GOLDEN[0]);
        let files = files_under(&golden.home.vault());
        let of_kind = |file: &&PathBuf| {
            let inside = file.strip_prefix(golden.home.vault()).expect("it lies in the vault");
            inside.starts_with(kind)
        };
        let mut changed = 0;
        for file in files.iter().filter(of_kind) {
            let mut bytes = fs::read(file).expect("it was listed");
            assert_eq!(bytes[ENVELOPE_VERSION], 1, "{}", file.display());
            bytes[ENVELOPE_VERSION] = 2;
            let sum = blake3::hash(&bytes[..ENVELOPE_CHECKED]);
            bytes[ENVELOPE_CHECKED..ENVELOPE_CHECKED + 4].copy_from_slice(&sum.as_bytes()[..4]);
            fs::write(file, bytes).expect("it is a copy");
            changed += 1;
        }
        assert!(changed > 0, "the golden vault has no file of {kind}");
        if kind == "log" {
            // Else the checkpoint spares the reader every record.
            fs::remove_dir_all(golden.home.vault().join("checkpoints")).expect("it is a copy");
        }
        let told = golden.run("verify", &["--level", "images"]).ends_with(code);
        told.says(&["format version 2", "this program reads version 1"]);
        if code == 6 {
            let file = image::raw(&golden.home.path("system.raw"), &disk(9));
            golden
                .run("backup", &["--vm", "web", "--raw", &file])
                .ends_with(code)
                .says(&["format version 2"]);
        }
    }
}

/// A checkpoint covers record 12, and the log ends before it: what the log lost is named, and nothing is built on it.
#[test]
fn a_log_that_ends_before_its_checkpoint_is_named_and_not_built_on() {
    let golden = Golden::copy(GOLDEN[0]);
    let (log, checkpoints) = (golden.home.vault().join("log"), golden.home.vault().join("checkpoints"));
    let newest = |folder: &PathBuf| files_under(folder).into_iter().max().expect("the golden vault has some");
    let covered = newest(&checkpoints).file_name().expect("files have names").to_owned();
    for record in files_under(&log) {
        if record.file_name() >= Some(&covered) {
            fs::remove_file(record).expect("it is a copy");
        }
    }
    let number =
        u64::from_str_radix(covered.to_str().expect("names are hexadecimal"), 16).expect("so they are");
    let file = image::raw(&golden.home.path("system.raw"), &disk(9));
    let packs = files_under(&golden.home.vault().join("packs"));
    let named = format!("record {number}");
    golden.run("backup", &["--vm", "web", "--raw", &file]).ends_with(6).says(&[&named]);
    golden.run("verify", &["--level", "structure"]).ends_with(6).says(&[&named]);
    assert_eq!(files_under(&golden.home.vault().join("packs")), packs, "something was built on it");
    assert_ne!(newest(&log).file_name(), Some(covered.as_os_str()), "the lost record was written anew");
}

fn text(value: &Value) -> &str {
    value.as_str().expect("ids are text")
}

/// A disk of 1 MiB with little on it, another for each seed.
fn disk(seed: u64) -> Vec<u8> {
    let mut disk = vec![0; 1 << 20];
    let mut deeds = vec![Deed::Same { at: 512, count: 700, byte: b'v' }];
    deeds.push(Deed::Noise { at: 64, count: 40, seed: 1 });
    deeds.push(Deed::Noise { at: 1_500 + 40 * usize::try_from(seed % 8).expect("below 8"), count: 30, seed });
    act(&mut disk, &deeds);
    disk
}

/// The disk of the differencing image.
fn child() -> Vec<u8> {
    let mut disk = disk(4);
    act(&mut disk, &[Deed::Noise { at: 1_900, count: 20, seed: 5 }]);
    disk
}

/// Makes `fixtures/vault-1`, by hand and once: `cargo test -p vhault-tests --test compat -- --ignored`.
#[test]
#[ignore = "writes a fixture, by hand, where none is"]
fn a_golden_vault_is_written() {
    let kept = fixtures().join(GOLDEN[0]);
    assert!(!kept.exists(), "{} is there: fixtures are never edited", kept.display());
    let maker = Maker { home: Home::empty(), day: std::cell::Cell::new(0) };
    maker.fill();
    let home = &maker.home;
    copy_folder(&home.vault(), &kept.join("vault"));
    fs::copy(home.key(), kept.join("key")).expect("the folder was made");
    fs::copy(home.path("passphrase"), kept.join("passphrase")).expect("the folder was made");
    let known = serde_json::to_string_pretty(&maker.known()).expect("it is JSON");
    fs::write(kept.join("known.json"), known + "\n").expect("the folder was made");
    let bytes: u64 =
        files_under(&kept).iter().map(|file| fs::metadata(file).expect("it is there").len()).sum();
    assert!(bytes < 600_000, "{bytes} bytes are too many to keep for ever");
}

struct Maker {
    home: Home,
    day: std::cell::Cell<u32>,
}

impl Maker {
    /// Runs a command on the vault, on the next day of 2026's summer.
    fn on(&self, verb: &[&str], args: &[&str]) -> Told {
        self.day.set(self.day.get() + 1);
        let mut command: Command = self.home.command(verb);
        command.arg(self.home.vault()).args(args).arg("--key-file").arg(self.home.key());
        run(command.env("VHAULT_NOW", format!("2026-07-{:02}T20:00:00Z", self.day.get()))).done()
    }

    fn vhd(&self, name: &str, content: &[u8], more: &[&str]) -> String {
        let raw = image::raw(&self.home.path("made.raw"), content);
        let out = image::named(&self.home.path(name));
        let mut args = vec!["convert", raw.as_str(), "--raw", "--out", out.as_str()];
        args.extend(more);
        run(&mut self.home.command(args)).done();
        out
    }

    /// Two VMs; of one the oldest point is forgotten and another pinned; of the other a base and its child.
    fn fill(&self) {
        self.on(&["init"], &["--chunk-size", "64K"]);
        let passphrase = image::named(&self.home.path("passphrase"));
        fs::write(&passphrase, "four words kept together\n").expect("the folder is ours");
        self.on(&["key", "add"], &["--new-passphrase-file", &passphrase, "--label", "phrase"]);
        self.on(&["policy", "set"], &["nightly", "--daily", "20:00", "--keep-daily", "30"]);
        for seed in 1..=3 {
            let system = format!("system={}", self.vhd("system.vhd", &disk(seed), &["--format", "fixed"]));
            self.on(&["backup"], &["--vm", "web", &system]);
            fs::remove_file(self.home.path("system.vhd")).expect("it was made above");
        }
        let base = self.vhd("base.vhd", &disk(4), &["--format", "dynamic"]);
        self.on(&["backup"], &["--vm", "db", &format!("data={base}")]);
        let child = self.vhd("child.vhd", &child(), &["--format", "differencing", "--parent", &base]);
        self.on(&["backup"], &["--vm", "db", &format!("data={child}")]);
        let ids = self.home.points();
        self.on(&["pin"], &[text(&ids[1]["id"]), "--reason", "kept by hand"]);
        self.on(&["forget"], &["--vm", "web", "--keep-last", "1"]);
        self.on(&["sweep"], &[]);
        fs::write(self.home.vault().join("checkpoints/0000000000000001"), "none").expect("it is ours");
        self.on(&["repair"], &[]);
        self.on(&["verify"], &["--level", "images"]);
    }

    /// What it holds: as this program restores it, which is what was backed up.
    fn known(&self) -> Value {
        let mut restores = 0;
        let raw = |content: Vec<u8>| blake3::hash(&content).to_hex().to_string();
        let mut expected = [disk(2), disk(3), disk(4), child()].into_iter().map(raw);
        let mut points = Vec::new();
        for point in self.home.points() {
            let mut disks = BTreeMap::new();
            for disk in point["disks"].as_array().expect("a point has disks") {
                let label = text(&disk["label"]);
                let mut forms = BTreeMap::new();
                for form in ["raw", "exact"] {
                    let out = self.home.restore(text(&point["id"]), label, form, "out");
                    forms.insert(form, blake3_of(&out));
                    restores += 1;
                    fs::remove_file(out).expect("it was restored");
                }
                assert_eq!(forms["raw"], expected.next().expect("so many points"), "what was backed up");
                disks.insert(label.to_owned(), forms);
            }
            points.push(json!({ "id": point["id"], "vm": point["vm"], "disks": disks }));
        }
        let forgotten: Vec<Value> = {
            let plan =
                self.home.on_vault("purge", &["--dry-run", "--json", "--wait-days", "0"]).done().json();
            plan["points"]
                .as_array()
                .expect("forgotten points are listed")
                .iter()
                .map(|fate| fate["id"].clone())
                .collect()
        };
        json!({ "points": points, "forgotten": forgotten, "restores": restores })
    }
}
