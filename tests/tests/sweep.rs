//! Sweeping, as a person does it: what goes, what stays, and what a crash or a
//! race may not cost.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use vhault_benches::draw::Draw;
use vhault_tests::image;
use vhault_tests::program::{Told, command};
use vhault_tests::vault::{Home, files_under};

const CHUNK: usize = 256 << 10;

/// A disk of so many chunks that nobody else has.
fn chunks(count: usize, seed: u64) -> Vec<u8> {
    Draw::new(seed).bytes(count * CHUNK)
}

fn restores(home: &Home, point: &str, content: &[u8]) {
    let points = home.points();
    let label = points.iter().find(|listed| listed["id"] == point).expect("the point is listed")["disks"][0]
        ["label"]
        .clone();
    let out = home.restore(point, label.as_str().expect("a label is text"), "raw", "out.raw");
    assert!(
        fs::read(&out).expect("a restored file can be read") == content,
        "point {point} does not hold what was backed up"
    );
    fs::remove_file(out).expect("it can be removed");
}

/// Forgets all but the newest points.
fn forget_old(home: &Home, keep: usize) {
    home.on_vault("forget", &["--keep-last", &keep.to_string()]).done();
}

fn sweep(home: &Home, args: &[&str]) -> Told {
    let mut all = vec!["--wait-days", "0"];
    all.extend(args);
    home.on_vault("sweep", &all)
}

fn pack_bytes(home: &Home) -> u64 {
    files_under(&home.vault().join("packs"))
        .iter()
        .map(|pack| fs::metadata(pack).expect("a pack has a length").len())
        .sum()
}

fn record_count(home: &Home) -> usize {
    files_under(&home.vault().join("log")).len()
}

#[test]
fn what_only_a_purged_point_needed_goes_and_the_rest_stays() {
    let home = Home::with_vault();
    let first = chunks(20, 1);
    let second = chunks(20, 2);
    home.back_up_raw("vm", &first);
    let kept = home.back_up_raw("vm", &second);
    forget_old(&home, 1);

    // Forgotten is not purged: everything stays for the 14 days.
    let told = home.on_vault("sweep", &["--json"]).done().json();
    assert_eq!(told["deleted_files"], 0, "{told}");
    assert_eq!(told["points"][0]["purged"], false, "{told}");

    let (before, records) = (pack_bytes(&home), record_count(&home));
    let plan = sweep(&home, &["--dry-run", "--json"]).done().json();
    assert_eq!((pack_bytes(&home), record_count(&home)), (before, records), "a dry run wrote");
    let planned: u64 =
        plan["packs"].as_array().unwrap().iter().map(|p| p["file_bytes"].as_u64().unwrap()).sum();
    assert!(planned > 20 * CHUNK as u64, "{plan}");

    let told = sweep(&home, &["--json"]).done().json();
    assert!(told["deleted_bytes"].as_u64().unwrap() >= planned, "{told}");
    // The two points shared the page of their containers: it moved.
    let moved = told["moved_bytes"].as_u64().unwrap();
    assert!(moved < 1000, "{told}");
    assert_eq!(pack_bytes(&home), before - planned + moved, "{told}");
    home.vault_is_sound();
    restores(&home, &kept, &second);
    // Nothing is left to do, and a sweep that does nothing condemns nothing.
    let again = sweep(&home, &["--json"]).done().json();
    assert_eq!(
        (again["packs"].as_array().unwrap().len(), &again["deleted_files"]),
        (0, &0.into()),
        "{again}"
    );
    // A purged point is gone for good.
    assert_eq!(home.points().len(), 1);
    home.on_vault("undelete", &[]).done().says(&["no point is forgotten"]);
}

#[test]
fn a_mostly_unused_pack_is_rewritten_and_what_is_needed_of_it_moves() {
    let home = Home::with_vault();
    let mut content = chunks(20, 3);
    home.back_up_raw("vm", &content);
    // Three chunks of the first pack stay in use.
    content[3 * CHUNK..].copy_from_slice(&chunks(17, 4));
    let kept = home.back_up_raw("vm", &content);
    forget_old(&home, 1);
    let before = pack_bytes(&home);
    let spared = sweep(&home, &["--json", "--repack-share", "100"]).done().json();
    assert_eq!(spared["moved_bytes"], 0, "{spared}");
    let told = sweep(&home, &["--json"]).done().json();
    let moved = told["moved_bytes"].as_u64().unwrap();
    assert!((3 * CHUNK as u64..4 * CHUNK as u64).contains(&moved), "{told}");
    assert!(pack_bytes(&home) < before - 16 * CHUNK as u64, "{told}");
    home.vault_is_sound();
    restores(&home, &kept, &content);
    // The moved chunks satisfy the next backup: nothing is stored but a page and a pack of it at most.
    let held = pack_bytes(&home);
    let again = home.back_up_raw("other", &content);
    assert!(pack_bytes(&home) < held + CHUNK as u64);
    restores(&home, &again, &content);
}

#[test]
fn a_live_chunk_that_cannot_be_decoded_keeps_its_pack() {
    let home = Home::with_vault();
    let mut content = chunks(20, 5);
    home.back_up_raw("vm", &content);
    let pack = largest_pack(&home);
    content[3 * CHUNK..].copy_from_slice(&chunks(17, 6));
    home.back_up_raw("vm", &content);
    forget_old(&home, 1);
    // All of the old pack is harmed, so nothing that is needed of it can be moved.
    let mut bytes = fs::read(&pack).unwrap();
    for place in (200..20 * CHUNK).step_by(CHUNK / 2) {
        bytes[place] ^= 1;
    }
    fs::write(&pack, &bytes).unwrap();
    let told = sweep(&home, &["--json"]).done().json();
    assert!(pack.exists(), "{told}");
    assert_eq!(told["kept_damaged"].as_array().unwrap().len(), 1, "{told}");
    // Once verify has published it, the plan spares the pack from the start.
    home.on_vault("verify", &[]).ends_with(3);
    let plan = sweep(&home, &["--json", "--dry-run"]).done().json();
    assert_eq!(plan["kept_damaged"].as_array().unwrap().len(), 1, "{plan}");
}

fn largest_pack(home: &Home) -> std::path::PathBuf {
    let packs = files_under(&home.vault().join("packs"));
    packs
        .into_iter()
        .max_by_key(|pack| fs::metadata(pack).expect("a pack has a length").len())
        .expect("there is a pack")
}

#[test]
fn a_mark_that_cannot_read_a_page_condemns_nothing() {
    let home = Home::with_vault();
    home.back_up_raw("vm", &chunks(20, 7));
    let old: Vec<_> = files_under(&home.vault().join("packs"));
    home.back_up_raw("vm", &chunks(20, 8));
    forget_old(&home, 1);
    // The pages of the newer point: its smaller pack.
    let new = files_under(&home.vault().join("packs")).into_iter().filter(|pack| !old.contains(pack));
    let pages = new.min_by_key(|pack| fs::metadata(pack).unwrap().len()).unwrap();
    let kept = fs::read(&pages).unwrap();
    let mut harmed = kept.clone();
    harmed[120] ^= 1;
    fs::write(&pages, harmed).unwrap();
    let before = pack_bytes(&home);
    sweep(&home, &[]).ends_with(3).says(&["nothing may be condemned", "vhault verify"]);
    assert_eq!(pack_bytes(&home), before);
    fs::write(&pages, kept).unwrap();
    sweep(&home, &[]).done();
    assert!(pack_bytes(&home) < before - 19 * CHUNK as u64);
    home.vault_is_sound();
}

#[test]
fn what_a_killed_backup_left_goes_once_its_session_is_fenced() {
    let home = Home::with_vault();
    let kept = chunks(4, 9);
    let point = home.back_up_raw("vm", &kept);
    let before = pack_bytes(&home);
    let file = home.path("big.raw");
    image::raw(&file, &chunks(600, 10));
    let mut child = home
        .command(["backup"])
        .arg(home.vault())
        .args(["--vm", "big", "--raw", "--key-file"])
        .arg(home.key())
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // As soon as its first pack is named.
    while pack_bytes(&home) == before {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(pack_bytes(&home) > before);
    // An open session is left alone, whatever it is.
    let told = sweep(&home, &["--json"]).done().json();
    assert_eq!(
        (told["sessions"].as_array().unwrap().len(), &told["deleted_files"]),
        (1, &0.into()),
        "{told}"
    );
    let told = sweep(&home, &["--json", "--fence-after", "1"]).done().json();
    assert_eq!(told["sessions"][0]["fenced"], true, "{told}");
    assert_eq!(pack_bytes(&home), before, "{told}");
    home.vault_is_sound();
    restores(&home, &point, &kept);
}

#[test]
fn foreign_files_are_named_and_left_alone() {
    let home = Home::with_vault();
    home.back_up_raw("vm", &chunks(2, 11));
    let strange = home.vault().join("packs/aa");
    fs::create_dir_all(&strange).unwrap();
    fs::write(strange.join("notes.txt"), "mine").unwrap();
    fs::write(home.vault().join(format!("tables/{}", "ab".repeat(32))), vec![0; 300]).unwrap();
    let told = sweep(&home, &["--json", "--fence-after", "0"]).done().json();
    assert_eq!(told["foreign"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(fs::read(strange.join("notes.txt")).unwrap(), b"mine");
}

#[test]
fn many_small_table_fragments_become_one() {
    let home = Home::with_vault();
    let mut content = chunks(18, 12);
    for round in 0..18_usize {
        content[round * CHUNK..(round + 1) * CHUNK].copy_from_slice(&chunks(1, 100 + round as u64));
        home.back_up_raw("vm", &content);
    }
    let tables = || files_under(&home.vault().join("tables")).len();
    assert_eq!(tables(), 18);
    let told = sweep(&home, &["--json"]).done().json();
    assert_eq!(told["fragments"]["condemned"], 18, "{told}");
    assert_eq!(tables(), 1);
    home.vault_is_sound();
    let latest = home.points().last().unwrap()["id"].as_str().unwrap().to_owned();
    restores(&home, &latest, &content);
    let held = pack_bytes(&home);
    home.back_up_raw("copy", &content);
    assert!(pack_bytes(&home) < held + CHUNK as u64, "what the merged fragment names was stored again");
}

#[test]
fn backups_restores_and_sweeps_at_once_hurt_nobody() {
    let home = Home::with_vault();
    let mut contents: Vec<Vec<u8>> = (0..3).map(|vm| chunks(24, 20 + vm)).collect();
    for (vm, content) in contents.iter().enumerate() {
        home.back_up_raw(&format!("vm{vm}"), content);
    }
    for round in 0..5_u64 {
        for (vm, content) in contents.iter_mut().enumerate() {
            let place = usize::try_from(round).unwrap() * 4 * CHUNK;
            content[place..place + 4 * CHUNK].copy_from_slice(&chunks(4, 1000 + round * 10 + vm as u64));
            image::raw(&home.path(&format!("vm{vm}.raw")), content);
        }
        let spawn = |args: &[String]| {
            let mut command = command(args.iter().map(String::as_str));
            command.arg("--key-file").arg(home.key()).arg("--cache").arg(home.path("cache"));
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let vault = image::named(&home.vault());
        let mut children = Vec::new();
        for vm in 0..3 {
            let file = image::named(&home.path(&format!("vm{vm}.raw")));
            let args = ["backup", &vault, "--vm", &format!("vm{vm}"), "--raw", &file];
            children.push(("backup", spawn(&args.map(str::to_owned))));
        }
        for _ in 0..2 {
            let args = ["sweep", &vault, "--wait-days", "0", "--repack-share", "1"];
            children.push(("sweep", spawn(&args.map(str::to_owned))));
        }
        let args = ["forget", &vault, "--keep-last", "1"];
        children.push(("forget", spawn(&args.map(str::to_owned))));
        for (what, child) in children {
            let ended = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&ended.stderr);
            // A sweep may give way to another; a backup whose base was swept away says so and is run again.
            assert!(matches!(ended.status.code(), Some(0 | 7)), "{what}: {stderr}");
        }
        home.vault_is_sound();
    }
    for (vm, content) in contents.iter().enumerate() {
        let point = home.back_up_raw(&format!("vm{vm}"), content);
        restores(&home, &point, content);
    }
}

#[test]
fn what_a_killed_program_was_writing_goes_after_a_day() {
    let home = Home::with_vault();
    home.back_up_raw("vm", &chunks(2, 13));
    let tmp = home.vault().join("tmp");
    let old = tmp.join("00112233445566778899-0");
    fs::write(&old, vec![1; 5_000]).unwrap();
    let young = tmp.join("ffeeddccbbaa99887766-0");
    fs::write(&young, vec![1; 700]).unwrap();
    let day = Duration::from_secs(24 * 60 * 60 + 60);
    let file = fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(SystemTime::now() - day).unwrap();
    let plan = home.on_vault("sweep", &["--dry-run", "--json"]).done().json();
    assert_eq!(plan["freed_bytes"], 5_000, "{plan}");
    assert!(old.exists() && young.exists());
    let told = home.on_vault("sweep", &["--json"]).done().json();
    assert_eq!((&told["deleted_files"], &told["deleted_bytes"]), (&1.into(), &5_000.into()), "{told}");
    assert!(!old.exists() && young.exists(), "{told}");
    home.on_vault("sweep", &["--dry-run"]).done().says(&["ffeeddccbbaa99887766-0", "may be writing"]);
    assert_eq!(files_under(&tmp).len(), 1, "the sweep's own files are gone");
}
