//! Keys as a person handles them: slots added, changed and removed, a recovery
//! key on paper, rotation; and no secret in anything that is printed or left.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use vhault_benches::draw::Draw;
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::{Told, run};
use vhault_tests::vault::{Home, files_under};

const REFUSED: i32 = 4;
const CANNOT_OPEN: i32 = 6;

fn furnished() -> (Home, String) {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 3));
    home.backup("web01", &["--raw", &disk]);
    (home, disk)
}

/// Runs `vhault key VERB VAULT …` with the home's own key.
fn key(home: &Home, verb: &str, args: &[&str]) -> Told {
    let mut command = home.command(["key", verb]);
    command.arg(home.vault()).args(args).arg("--key-file").arg(home.key());
    run(&mut command)
}

fn slots(home: &Home) -> Vec<Value> {
    key(home, "list", &["--json"]).done().json().as_array().cloned().unwrap()
}

/// `list` with another secret than the home's own.
fn list_with(home: &Home, option: &str, file: &Path) -> Told {
    run(home.command(["list"]).arg(home.vault()).arg(option).arg(file))
}

fn named(path: &Path) -> String {
    image::named(path)
}

#[test]
fn slots_are_added_changed_and_removed_and_no_pack_is_written_for_it() {
    let (home, _) = furnished();
    let packs = files_under(&home.vault().join("packs"));
    let second = home.path("second");
    key(&home, "add", &["--new-key-file", &named(&second), "--label", "office"]).done();
    list_with(&home, "--key-file", &second).done();
    let office = slots(&home).into_iter().find(|slot| slot["label"] == "office").unwrap();
    assert_eq!(office["opened"], false);

    let third = home.path("third");
    let id = office["id"].as_str().unwrap();
    key(&home, "change", &[&id[..8], "--new-key-file", &named(&third)]).done().says(&["office"]);
    list_with(&home, "--key-file", &third).done();
    list_with(&home, "--key-file", &second).ends_with(CANNOT_OPEN).says(&["opens none of"]);

    let changed = slots(&home).into_iter().find(|slot| slot["label"] == "office").unwrap();
    key(&home, "remove", &[changed["id"].as_str().unwrap()]).done();
    list_with(&home, "--key-file", &third).ends_with(CANNOT_OPEN);
    let last = slots(&home)[0]["id"].as_str().unwrap().to_owned();
    key(&home, "remove", &[&last]).ends_with(REFUSED).says(&["last slot"]);
    assert_eq!(slots(&home).len(), 1);
    assert_eq!(files_under(&home.vault().join("packs")), packs);
    home.vault_is_sound();
}

/// Also one whose file was kept and put back: the log says that it opens nothing any more.
#[test]
fn a_removed_slot_opens_nothing_though_its_file_is_put_back() {
    let (home, _) = furnished();
    let second = home.path("second");
    key(&home, "add", &["--new-key-file", &named(&second)]).done();
    let slot = slots(&home).into_iter().find(|slot| slot["label"] == "added").unwrap();
    let id = slot["id"].as_str().unwrap();
    let file = home.vault().join("keys").join(id);
    let kept = fs::read(&file).unwrap();
    key(&home, "remove", &[id]).done();
    fs::write(&file, &kept).unwrap();
    list_with(&home, "--key-file", &second).ends_with(CANNOT_OPEN).says(&["key file", id, "was removed"]);
    assert_eq!(slots(&home).len(), 1, "a file that was put back is no slot");

    // One that no record names was cut short while it was added.
    let forged = home.path("forged");
    fs::write(&forged, [7; 40]).unwrap();
    let add = key(&home, "add", &["--new-key-file", &named(&forged), "--json"]).done().json();
    let newest = files_under(&home.vault().join("log")).pop().unwrap();
    fs::remove_file(newest).unwrap();
    let fresh = home.path("fresh-cache");
    let told = run(home
        .command(["list"])
        .arg(home.vault())
        .arg("--key-file")
        .arg(&forged)
        .env("VHAULT_CACHE", fresh));
    told.ends_with(CANNOT_OPEN).says(&[add[0]["id"].as_str().unwrap(), "cut short"]);
}

#[test]
fn a_recovery_key_opens_the_vault_from_its_sheet_and_a_typo_is_named_by_its_group() {
    let (home, _) = furnished();
    let sheet = home.path("recovery.txt");
    key(&home, "recovery", &["--out", &named(&sheet)]).done().says(&["print it"]);
    assert_eq!(fs::metadata(&sheet).unwrap().permissions().mode() & 0o777, 0o600);
    list_with(&home, "--recovery-key-file", &sheet).done().says(&["web01"]);

    let text = fs::read_to_string(&sheet).unwrap();
    let groups = text.lines().map(str::trim).find(|line| line.matches('-').count() == 7).unwrap().to_owned();
    let typed = home.path("typed.txt");
    fs::write(&typed, groups.replace('-', " ")).unwrap();
    list_with(&home, "--recovery-key-file", &typed).done();

    let mut wrong: Vec<String> = groups.split('-').map(str::to_owned).collect();
    let last = wrong[4].pop().unwrap();
    wrong[4].push(if last == '9' { '8' } else { '9' });
    fs::write(&typed, wrong.join("-")).unwrap();
    let told = list_with(&home, "--recovery-key-file", &typed).ends_with(2).says(&["group 5", "mistyped"]);
    assert!(!told.stderr.contains(&wrong[4]), "the message repeats what was typed: {}", told.whole());
    fs::write(&typed, wrong[..4].join("-")).unwrap();
    list_with(&home, "--recovery-key-file", &typed).ends_with(2).says(&["group 5"]);

    // It is not printed where it would end in a log, and is a slot like any other.
    key(&home, "recovery", &["--json"]).ends_with(2).says(&["--out"]);
    let slot = slots(&home).into_iter().find(|slot| slot["kind"] == "recovery key").unwrap();
    key(&home, "remove", &[slot["id"].as_str().unwrap()]).done();
    list_with(&home, "--recovery-key-file", &sheet).ends_with(CANNOT_OPEN);
}

#[test]
fn after_a_rotation_a_removed_key_opens_nothing_and_the_kept_ones_open_everything() {
    let (home, disk) = furnished();
    let (office, thief, sheet) = (home.path("office"), home.path("thief"), home.path("sheet"));
    key(&home, "add", &["--new-key-file", &named(&office), "--label", "office"]).done();
    key(&home, "add", &["--new-key-file", &named(&thief), "--label", "thief"]).done();
    key(&home, "recovery", &["--out", &named(&sheet)]).done();
    // The thief kept the files of the slots.
    let kept: Vec<_> = files_under(&home.vault().join("keys"));
    let kept: Vec<_> = kept.into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    let packs = files_under(&home.vault().join("packs"));

    key(&home, "rotate", &[]).ends_with(REFUSED).says(&["office", "thief", "recovery", "--drop-others"]);
    // One whose file is damaged is not dropped in silence either.
    let thiefs = slots(&home).into_iter().find(|slot| slot["label"] == "thief").unwrap();
    let thiefs = thiefs["id"].as_str().unwrap();
    fs::write(home.vault().join("keys").join(thiefs), "damaged").unwrap();
    let all = ["--also-key-file", &named(&office), "--also-recovery-key-file", &named(&sheet)];
    key(&home, "rotate", &all).ends_with(REFUSED).says(&[thiefs, "missing or damaged"]);
    for (bytes, path) in &kept {
        fs::write(path, bytes).unwrap();
    }
    let known = ["--also-key-file", &named(&office), "--also-recovery-key-file", &named(&sheet)];
    key(&home, "rotate", &known).ends_with(REFUSED).says(&["thief"]);
    let drop = [&known[..], &["--drop-others"]].concat();
    let plan = key(&home, "rotate", &[&drop[..], &["--dry-run", "--json"]].concat()).done().json();
    assert_eq!(
        plan["slots"].as_array().unwrap().iter().filter(|slot| slot["kept"] == true).count(),
        3,
        "{plan}"
    );
    assert_eq!(slots(&home).len(), 4, "a dry run changed the slots");
    let told = key(&home, "rotate", &[&drop[..], &["--json"]].concat()).done().json();
    assert_eq!(told["epoch"], 1, "{told}");
    assert_eq!(files_under(&home.vault().join("packs")), packs, "data was rewritten");

    image::raw(Path::new(&disk), &lived_in(2_000, 4));
    home.backup("web01", &["--raw", &disk]);
    for (option, file) in [("--key-file", &office), ("--recovery-key-file", &sheet)] {
        let told =
            run(home.command(["list", "--json"]).arg(home.vault()).arg(option).arg(file)).done().json();
        assert_eq!(told.as_array().map(Vec::len), Some(2), "{told}");
    }
    let points = home.points();
    for (point, seed) in [(0, 3), (1, 4)] {
        let id = points[point]["id"].as_str().unwrap();
        let out = home.restore(id, "0", "raw", &format!("out{point}.raw"));
        assert!(fs::read(out).unwrap() == lived_in(2_000, seed), "point {point}");
    }
    home.vault_is_sound();

    list_with(&home, "--key-file", &thief).ends_with(CANNOT_OPEN).says(&["opens none of"]);
    for (bytes, path) in kept {
        fs::write(path, bytes).unwrap();
    }
    list_with(&home, "--key-file", &thief).ends_with(CANNOT_OPEN).says(&["rotated", "epoch 1"]);
    home.vault_is_sound();
    // What was put back does not hide the slots that count.
    list_with(&home, "--key-file", &office).done();
}

/// Whoever holds old keys and the storage can still put files there; nobody believes them.
#[test]
fn a_record_under_old_keys_after_a_rotation_is_refused() {
    let (home, disk) = furnished();
    let before = home.path("before");
    copy(&home.vault(), &before);
    key(&home, "rotate", &[]).done();
    let rotated = files_under(&home.vault().join("log")).len();

    // In the thief's copy the log goes on under the old keys to the same number.
    let old = |verb: &str, args: &[&str]| {
        let mut command = home.command([verb]);
        command.arg(&before).args(args).arg("--key-file").arg(home.key());
        run(command.env("VHAULT_CACHE", home.path("thief-cache")))
    };
    while files_under(&before.join("log")).len() <= rotated {
        old("backup", &["--vm", "forged", "--raw", &disk]).done();
    }
    let name = format!("{:016x}", rotated + 1);
    fs::copy(before.join("log").join(&name), home.vault().join("log").join(&name)).unwrap();
    home.on_vault("list", &[]).ends_with(CANNOT_OPEN).says(&["epoch 0", "rotated", "old keys"]);
    fs::remove_file(home.vault().join("log").join(&name)).unwrap();

    // A checkpoint of the future, sealed under the old keys, is passed over.
    fs::write(before.join("checkpoints").join(format!("{:016x}", 1)), "damaged").unwrap();
    old("repair", &[]).done();
    let forged = files_under(&before.join("checkpoints"));
    assert_eq!(forged.len(), 1);
    for file in forged {
        fs::copy(&file, home.vault().join("checkpoints").join(file.file_name().unwrap())).unwrap();
    }
    assert_eq!(home.points().len(), 1);
    home.vault_is_sound();
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

#[test]
fn keys_are_not_rotated_under_a_backup() {
    let (home, _) = furnished();
    let big = home.path("big.raw");
    image::raw(&big, &Draw::new(5).bytes(64 << 20));
    let mut child = home
        .command(["backup"])
        .arg(home.vault())
        .args(["--vm", "big", "--raw", "--limit-read", "8MiB", "--key-file"])
        .arg(home.key())
        .arg(&big)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let log = home.vault().join("log");
    let records = files_under(&log).len();
    while files_under(&log).len() == records {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
    }
    let told = key(&home, "rotate", &[]);
    child.kill().unwrap();
    child.wait().unwrap();
    told.ends_with(REFUSED).says(&["sessions are open", "--fence-after"]);
    assert_eq!(slots(&home).len(), 1);
    home.on_vault("sweep", &["--fence-after", "1"]).done();
    key(&home, "rotate", &[]).done();
    home.vault_is_sound();
}

/// Everything that a whole run prints or leaves behind, searched for every secret there is.
#[test]
fn no_secret_is_printed_or_left_anywhere() {
    let home = Home::empty();
    let vault = home.vault();
    let phrase = "correct-horse-battery-staple";
    let secret = home.path("phrase");
    fs::write(&secret, format!("{phrase}\n")).unwrap();
    let on = |words: &[&str], args: &[&str]| {
        let mut command = home.command(words);
        run(command.arg(&vault).args(args).arg("--passphrase-file").arg(&secret))
    };
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 3));
    let (second, sheet) = (home.path("second"), home.path("sheet"));
    let mut told = vec![on(&["init"], &["--json"]).done()];
    for json in [&["--json"][..], &[]] {
        let with = |args: &[&'static str]| [json, args].concat();
        told.push(on(&["backup"], &[json, &["--vm", "web01", "--raw", &disk]].concat()).done());
        for (words, args) in [
            (&["list"][..], with(&[])),
            (&["show"], with(&["latest"])),
            (&["verify"], with(&[])),
            (&["stats"], with(&[])),
            (&["sweep"], with(&[])),
            (&["repair"], with(&[])),
            (&["forget"], with(&["--keep-last", "1"])),
            (&["key", "list"], with(&[])),
        ] {
            told.push(on(words, &args).done());
        }
    }
    told.push(on(&["key", "add"], &["--json", "--new-key-file", &named(&second)]).done());
    told.push(on(&["key", "recovery"], &["--json", "--out", &named(&sheet)]).done());
    let also = ["--json", "--also-key-file", &named(&second), "--also-recovery-key-file", &named(&sheet)];
    told.push(on(&["key", "rotate"], &also).done());
    // Failures too: secrets that do not fit, and one that was mistyped.
    fs::write(home.path("other"), "another-phrase-nobody-knows").unwrap();
    told.push(list_with(&home, "--passphrase-file", &home.path("other")).ends_with(CANNOT_OPEN));
    let groups = fs::read_to_string(&sheet).unwrap();
    let groups =
        groups.lines().map(str::trim).find(|line| line.matches('-').count() == 7).unwrap().to_owned();
    fs::write(home.path("typo"), format!("{}0", &groups[..groups.len() - 1])).unwrap();
    told.push(list_with(&home, "--recovery-key-file", &home.path("typo")));

    let file_key = fs::read_to_string(&second).unwrap().trim().to_owned();
    let mut secrets: Vec<Vec<u8>> = vec![
        phrase.into(),
        "another-phrase-nobody-knows".into(),
        file_key.clone().into(),
        (0..file_key.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&file_key[at..at + 2], 16).unwrap())
            .collect(),
        groups.clone().into(),
    ];
    // A group alone is six digits, which chance may write; two in a row are not.
    let apart: Vec<&str> = groups.split('-').collect();
    secrets.extend(apart.windows(2).map(|two| two.join("-").into_bytes()));
    let holds = |bytes: &[u8], secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    for told in &told {
        for secret in &secrets {
            for text in [&told.stdout, &told.stderr] {
                assert!(!holds(text.as_bytes(), secret), "a secret was printed: {}", told.whole());
            }
        }
    }
    let mut searched = 0;
    for folder in [&vault, &home.path("cache")] {
        for file in files_under(folder) {
            let bytes = fs::read(&file).unwrap();
            searched += bytes.len();
            let found = secrets.iter().any(|secret| holds(&bytes, secret));
            assert!(!found, "{} holds a secret", file.display());
        }
    }
    assert!(searched > 10_000, "only {searched} bytes were searched");
}

/// A process that holds keys writes no core dump, whatever the user's limit is.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_holds_keys_forbids_core_dumps() {
    let (home, _) = furnished();
    let big = home.path("big.raw");
    image::raw(&big, &Draw::new(6).bytes(32 << 20));
    let script = format!(
        "ulimit -c unlimited 2>/dev/null; exec '{}' backup '{}' --vm big --raw --limit-read 4MiB --key-file '{}' '{}'",
        vhault_tests::program::binary().display(),
        home.vault().display(),
        home.key().display(),
        big.display()
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).env("VHAULT_CACHE", home.path("cache"));
    let mut child = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let log = home.vault().join("log");
    let records = files_under(&log).len();
    while files_under(&log).len() == records {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}
