//! Reading a vault: points held while they are read, digests for other tools,
//! verifying by age, and what a vault says of itself.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use vhault_benches::draw::Draw;
use vhault_tests::image;
use vhault_tests::program::{Told, run, signal};
use vhault_tests::vault::{Home, files_under};

const CHUNK: usize = 256 << 10;

fn chunks(count: usize, seed: u64) -> Vec<u8> {
    Draw::new(seed).bytes(count * CHUNK)
}

fn at(home: &Home, moment: &str, verb: &str, args: &[&str]) -> Told {
    let mut command = home.command([verb]);
    command.arg(home.vault()).args(args).arg("--key-file").arg(home.key()).env("VHAULT_NOW", moment);
    run(&mut command)
}

fn pack_count(home: &Home) -> usize {
    files_under(&home.vault().join("packs")).len()
}

/// A restore that was stopped by a signal while it held its point.
struct Restore {
    child: Child,
    out: std::path::PathBuf,
}

impl Restore {
    /// Begins a restore and stops it as soon as its point is held.
    fn stopped(home: &Home, point: &str) -> Restore {
        let out = home.path("slow.raw");
        let log = home.vault().join("log");
        // It may be done before the signal arrives; then it is begun again.
        for _ in 0..20 {
            let records = files_under(&log).len();
            let mut command = home.command(["restore"]);
            command.arg(home.vault()).args([point, "--format", "raw", "--threads", "1", "--out"]).arg(&out);
            command.arg("--key-file").arg(home.key()).stdout(Stdio::null()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            while files_under(&log).len() == records {
                assert!(child.try_wait().unwrap().is_none(), "it ended without a record");
            }
            signal(&child, "STOP");
            let restore = Restore { child, out: out.clone() };
            if files_under(&log).len() == records + 1 {
                return restore;
            }
            restore.goes_on();
            fs::remove_file(&out).unwrap();
        }
        panic!("no restore could be stopped in time");
    }

    fn goes_on(mut self) -> Vec<u8> {
        signal(&self.child, "CONT");
        let status = self.child.wait().unwrap();
        let stderr = BufReader::new(self.child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let stderr: Vec<String> = stderr.collect();
        assert!(status.success(), "{stderr:?}");
        fs::read(self.out).unwrap()
    }

    fn dies(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Two points that share nothing; the first is forgotten once somebody reads it.
fn with_two_points() -> (Home, String, Vec<u8>) {
    let home = Home::with_vault();
    let content = chunks(120, 1);
    let point = home.back_up_raw("vm", &content);
    home.back_up_raw("vm", &chunks(4, 2));
    (home, point, content)
}

#[test]
fn a_sweep_beside_a_restore_leaves_what_it_reads() {
    let (home, point, content) = with_two_points();
    let restore = Restore::stopped(&home, &point);
    home.on_vault("forget", &["--keep-last", "1"]).done();
    let before = pack_count(&home);
    let told = home.on_vault("sweep", &["--wait-days", "0", "--json"]).done().json();
    assert_eq!(told["points"][0]["purged"], false, "{told}");
    assert!(told["points"][0]["why"].as_str().unwrap().contains("in use"), "{told}");
    assert_eq!(pack_count(&home), before, "{told}");
    assert!(restore.goes_on() == content);
    // Nobody reads it any more.
    let told = home.on_vault("sweep", &["--wait-days", "0", "--json"]).done().json();
    assert_eq!(told["points"][0]["purged"], true, "{told}");
    assert_eq!(told["sessions"].as_array().map(Vec::len), Some(0), "{told}");
    assert!(pack_count(&home) < before);
    home.vault_is_sound();
}

#[test]
fn what_a_dead_restore_held_goes_once_it_is_fenced() {
    let (home, point, _) = with_two_points();
    Restore::stopped(&home, &point).dies();
    home.on_vault("forget", &["--keep-last", "1"]).done();
    let told = home.on_vault("sweep", &["--wait-days", "0", "--json"]).done().json();
    assert_eq!(
        (&told["points"][0]["purged"], &told["sessions"][0]["fenced"]),
        (&false.into(), &false.into())
    );
    assert_eq!(told["sessions"][0]["purpose"], "restore of vm", "{told}");
    let told = home.on_vault("sweep", &["--wait-days", "0", "--fence-after", "1", "--json"]).done().json();
    assert_eq!((&told["sessions"][0]["fenced"], &told["points"][0]["purged"]), (&true.into(), &true.into()));
    home.vault_is_sound();
}

/// Where nobody may write there, also not the administrator: a mount, since no mode stops root.
#[test]
fn a_vault_that_cannot_be_written_to_is_restored_and_verified_all_the_same() {
    let (home, point, content) = with_two_points();
    let _read_only = ReadOnly::make(&home.vault());
    let records = files_under(&home.vault().join("log")).len();
    let out = home.path("out.raw");
    let name = image::named(&out);
    let told = home.on_vault("restore", &[&point, "--format", "raw", "--out", &name, "--json"]).done();
    let told = told.says(&["cannot be written to", "not held"]);
    assert_eq!(told.json()["held"], false);
    assert!(fs::read(out).unwrap() == content);
    home.on_vault("verify", &[]).done().says(&["cannot be written to", "sound"]);
    home.on_vault("list", &[]).done();
    home.on_vault("stats", &[]).done();
    home.on_vault("sweep", &["--dry-run"]).done();
    assert_eq!(files_under(&home.vault().join("log")).len(), records);
    let disk = image::named(&home.path("vm.raw"));
    let told = home.on_vault("backup", &["--vm", "vm", "--raw", &disk]).without_crash();
    assert_eq!(told.code, Some(1), "{}", told.whole());
    home.on_vault("forget", &["--keep-last", "1"]).ends_with(1).says(&["cannot"]);
}

/// A folder nobody can write to: mounted so where we may, else by its mode.
struct ReadOnly {
    folder: std::path::PathBuf,
    mounted: bool,
}

impl ReadOnly {
    fn make(folder: &Path) -> ReadOnly {
        let mount = |args: &[&str]| {
            let mut command = Command::new("mount");
            command.args(args).arg(folder).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let bound = mount(&["--bind", &image::named(folder)]);
        let mounted = bound && mount(&["-o", "remount,bind,ro"]);
        let read_only = ReadOnly { folder: folder.into(), mounted: bound };
        if !mounted {
            let changed = Command::new("chmod").args(["-R", "a-w"]).arg(folder).status().unwrap();
            assert!(changed.success());
        }
        assert!(fs::write(folder.join("probe"), "").is_err(), "the vault can still be written to");
        read_only
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        } else {
            let _ = Command::new("chmod").args(["-R", "u+w"]).arg(&self.folder).status();
        }
    }
}

#[test]
fn readers_leave_no_session_open() {
    let (home, point, _) = with_two_points();
    home.restore(&point, "0", "raw", "out.raw");
    home.on_vault("verify", &[]).done();
    home.on_vault("verify", &["--digest", "blake3"]).done();
    let side = format!("{}::{point}/0", home.vault().display());
    let latest = format!("{}::latest/0", home.vault().display());
    run(home.command(["diff", &side, &latest]).arg("--key-file").arg(home.key())).done();
    // A restore that fails ends its hold too.
    let nowhere = home.path("no/such/folder/out.raw");
    let told = home.on_vault("restore", &[&point, "--format", "raw", "--out", &image::named(&nowhere)]);
    assert_ne!(told.code, Some(0));
    let told = home.on_vault("sweep", &["--dry-run", "--json"]).done().json();
    assert_eq!(told["sessions"].as_array().map(Vec::len), Some(0), "{told}");
    let records = files_under(&home.vault().join("log")).len();
    home.on_vault("verify", &["--read-only"]).done();
    assert_eq!(files_under(&home.vault().join("log")).len(), records, "--read-only wrote");
}

/// The tools themselves check the lines.
#[test]
fn digests_are_what_the_standard_tools_check() {
    let (home, ..) = with_two_points();
    let told = home.on_vault("verify", &["--digest", "sha256"]).done();
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", told.whole());
    let restored = home.path("restored");
    fs::create_dir(&restored).unwrap();
    for (point, line) in home.points().iter().zip(&lines) {
        let name = line.split_once("  ").unwrap().1;
        home.restore(point["id"].as_str().unwrap(), "0", "raw", &format!("restored/{name}"));
    }
    fs::write(restored.join("SUMS"), &told.stdout).unwrap();
    let checked = Command::new("sha256sum").args(["-c", "SUMS"]).current_dir(&restored).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success() && said.matches(": OK").count() == 2, "{said}");

    let told = home.on_vault("verify", &["--digest", "blake3", "--point", "latest", "--json"]).done().json();
    let disks = told["disks"].as_array().unwrap();
    assert_eq!(disks.len(), 1, "{told}");
    let expected = blake3::hash(&chunks(4, 2)).to_hex().to_string();
    assert_eq!(disks[0]["digest"], expected.as_str());
}

#[test]
fn a_disk_that_cannot_be_read_whole_has_no_digest() {
    let (home, ..) = with_two_points();
    let pack = largest_pack(&home);
    let mut bytes = fs::read(&pack).unwrap();
    bytes[5 * CHUNK] ^= 1;
    fs::write(&pack, bytes).unwrap();
    let told = home.on_vault("verify", &["--digest", "sha256"]).ends_with(3).says(&["cannot be had"]);
    assert_eq!(told.stdout.lines().count(), 1, "the sound disk has its line: {}", told.whole());
}

fn largest_pack(home: &Home) -> std::path::PathBuf {
    let packs = files_under(&home.vault().join("packs"));
    packs.into_iter().max_by_key(|pack| fs::metadata(pack).unwrap().len()).unwrap()
}

#[test]
fn a_verify_by_age_passes_over_what_was_proved_lately_and_says_so() {
    let (home, ..) = with_two_points();
    let packs = pack_count(&home);
    let verify = |moment: &str, args: &[&str]| {
        at(&home, moment, "verify", &[args, &["--older-than", "30", "--json"]].concat())
    };
    // A share first: what it proved is not read again.
    let first = verify("2026-05-01T00:00:00Z", &["--share", "1/2"]).done().json();
    let whole = verify("2026-05-02T00:00:00Z", &[]).done();
    let (whole, said) = (whole.json(), whole.stderr.clone());
    let blobs = |told: &Value| told["blobs"].as_u64().unwrap();
    let all = at(&home, "2026-05-02T00:00:00Z", "verify", &["--json"]).done().json();
    assert_eq!(blobs(&first) + blobs(&whole), blobs(&all), "{first} {whole} {all}");
    let passed = whole["passed_over"].as_u64().unwrap();
    if passed > 0 {
        assert!(said.contains("going on"), "{said}");
        assert_eq!(whole["passed_over_since"], "2026-05-01T00:00:00Z");
    }
    let again = verify("2026-05-20T00:00:00Z", &[]).done().json();
    assert_eq!((&again["blobs"], &again["passed_over"]), (&0.into(), &packs.into()), "{again}");
    let later = verify("2026-06-10T00:00:00Z", &[]).done().json();
    assert_eq!((blobs(&later), &later["passed_over"]), (blobs(&all), &0.into()), "{later}");
    // A clock that went back proves nothing.
    let back = verify("2026-01-01T00:00:00Z", &[]).done().json();
    assert_eq!(back["passed_over"], 0, "{back}");
}

/// What was proved before the program was killed stays proved; a line cut short is no proof.
#[test]
fn a_verify_that_was_cut_short_goes_on() {
    let (home, ..) = with_two_points();
    let packs = pack_count(&home);
    let moment = "2026-05-01T00:00:00Z";
    at(&home, moment, "verify", &[]).done();
    let proven = files_under(&home.path("cache")).into_iter().find(|file| file.ends_with("proven")).unwrap();
    let lines = fs::read_to_string(&proven).unwrap();
    assert_eq!(lines.lines().count(), packs);
    let cut = lines.lines().next().unwrap().len() + 1;
    fs::write(&proven, &lines[..cut + 30]).unwrap();
    let told = at(&home, moment, "verify", &["--older-than", "30", "--json"]).done();
    assert_eq!(told.json()["passed_over"], 1, "{}", told.whole());
    told.says(&["going on: 1 of"]);
}

#[test]
fn a_pack_found_damaged_is_looked_at_again() {
    let (home, ..) = with_two_points();
    let moment = "2026-05-01T00:00:00Z";
    at(&home, moment, "verify", &[]).done();
    let pack = largest_pack(&home);
    let mut bytes = fs::read(&pack).unwrap();
    bytes[5 * CHUNK] ^= 1;
    fs::write(&pack, bytes).unwrap();
    at(&home, moment, "verify", &["--older-than", "30"]).done();
    at(&home, moment, "verify", &[]).ends_with(3);
    let told = at(&home, moment, "verify", &["--older-than", "30", "--json"]).ends_with(3).json();
    assert_eq!(told["passed_over"].as_u64(), Some(pack_count(&home) as u64 - 1), "{told}");
}

#[test]
fn stats_say_what_one_point_alone_holds_and_a_sweep_frees_just_that() {
    let home = Home::with_vault();
    let mut content = chunks(20, 1);
    let first = home.back_up_raw("vm", &content);
    content[..5 * CHUNK].copy_from_slice(&chunks(5, 2));
    let second = home.back_up_raw("vm", &content);
    // Another VM holds ten of the shared chunks.
    home.back_up_raw("other", &content[10 * CHUNK..]);
    let told = home.on_vault("stats", &["--json"]).done().json();
    let chunk = CHUNK as u64;
    let of = |point: &str| {
        let points = told["points"].as_array().unwrap().iter();
        points.clone().find(|held| held["point"] == point).unwrap()["unique_bytes"].as_u64().unwrap()
    };
    // A box is a chunk that does not compress and its tag; pages come on top.
    let near = |bytes: u64, count: u64| (count * chunk..count * chunk + 20_000).contains(&bytes);
    assert!(near(of(&first), 5), "{told}");
    assert!(near(of(&second), 5), "{told}");
    let vm = told["vms"].as_array().unwrap().iter().find(|vm| vm["vm"] == "vm").unwrap();
    assert!(near(vm["unique_bytes"].as_u64().unwrap(), 15), "both points, and what only they share: {told}");
    assert!(near(told["shared_bytes"].as_u64().unwrap(), 10), "{told}");
    // Each point also has a chunk that says how its file is put together; that of one size is the same.
    assert_eq!(told["chunks"], 25 + 2, "{told}");
    assert_eq!(told["chunk_bytes"].as_u64(), Some(27 * chunk));
    assert_eq!(told["data_bytes"].as_u64(), Some((50 + 3) * chunk));
    assert_eq!(
        (&told["unneeded_bytes"], &told["sweep_frees_bytes"], &told["lost"]),
        (&0.into(), &0.into(), &0.into())
    );
    let text =
        home.on_vault("stats", &["--vm", "other"]).done().says(&["times less", "no chunk", "other: 1 point"]);
    assert!(!text.stdout.contains("vm: "), "{}", text.whole());

    // What the first point alone held is what goes with it.
    let alone = of(&first);
    home.on_vault("forget", &["--keep-last", "1", "--vm", "vm"]).done();
    let sweep = ["--wait-days", "0", "--repack-share", "1", "--json"];
    home.on_vault("sweep", &[&sweep[..], &["--dry-run"]].concat()).done();
    let waiting = home.on_vault("stats", &["--json"]).done().json();
    assert_eq!(waiting["points"][0]["forgotten"], true, "{waiting}");
    home.on_vault("purge", &["--wait-days", "0"]).done();
    let after = home.on_vault("stats", &["--json"]).done().json();
    assert_eq!(after["unneeded_bytes"].as_u64(), Some(alone), "{after}");
    home.vault_is_sound();
}

#[test]
fn an_expected_head_is_demanded_of_a_host_that_never_saw_the_vault() {
    let (home, point, _) = with_two_points();
    let head = home.on_vault("stats", &["--json"]).done().json()["head"].as_str().unwrap().to_owned();
    let fresh = |args: &[&str]| {
        let mut command = home.command(["list"]);
        command.arg(home.vault()).args(args).arg("--key-file").arg(home.key());
        run(command.env("VHAULT_CACHE", home.path("fresh")))
    };
    fresh(&["--expect-head", &head]).done();
    fresh(&["--expect-head", "nonsense"]).ends_with(2);
    home.on_vault("pin", &[&point]).done();
    fresh(&["--expect-head", &head]).done();
    // The vault of yesterday.
    let newest = files_under(&home.vault().join("log"));
    for record in &newest[newest.len() - 2..] {
        fs::remove_file(record).unwrap();
    }
    fresh(&["--expect-head", &head]).ends_with(6).says(&["was expected", "the log ends at"]);
}
