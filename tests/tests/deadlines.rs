//! A copy is never stuck: deadlines, disks that never answer, disks that
//! answer with errors.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use vhault_core::copy::audit::AUDIT_SKIPS_MAX;
use vhault_core::copy::watch::{Limits, StopReason};
use vhault_core::time::{Instant, Span};
use vhault_core::vault::point::{ByteRange, Disk, PointState};
use vhault_datapath::backup::{BackedUp, BackupError, BackupRequest, back_up};
use vhault_datapath::copy::CopyOptions;
use vhault_datapath::image::{ImageError, Medium};
use vhault_datapath::monitor::Silent;
use vhault_datapath::restore::{RestoreError, RestoreFormat, RestoreRequest, restore};
use vhault_datapath::vault::open::NewVault;
use vhault_datapath::vault::{Unlock, Vault};
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::request::raw_backup;
use vhault_tests::vault::Home;

/// Long enough for a healthy read on a busy machine, short enough to wait for.
const STALL: Span = Span::from_milliseconds(2_500);

fn vault(home: &Home) -> Vault {
    let root = home.path("vault");
    let new = NewVault { chunk_log2: 16, now: Instant::from_unix_milliseconds(0), ..NewVault::default() };
    Vault::create(&root, &Unlock::Nothing, new).expect("the folder is empty");
    Vault::open(&root, &Unlock::Nothing, &home.path("cache")).expect("it was made just now")
}

fn disk(home: &Home, name: &str, seed: u64) -> (PathBuf, Vec<u8>) {
    let file = home.path(name);
    let content = lived_in(16_000, seed);
    image::raw(&file, &content);
    (file, content)
}

fn request(files: &[&Path], medium: Option<Arc<dyn Medium>>) -> BackupRequest {
    BackupRequest {
        options: CopyOptions {
            threads: 2,
            ask_holes: false,
            limits: Limits { stall: Some(STALL), ..Limits::default() },
            ..CopyOptions::default()
        },
        medium,
        ..raw_backup(files, Instant::from_unix_milliseconds(1))
    }
}

fn run(vault: &Vault, request: &BackupRequest) -> Result<BackedUp, BackupError> {
    back_up(vault, request, &AtomicBool::new(false), &Silent)
}

fn restored(
    home: &Home,
    vault: &Vault,
    disk: &Disk,
    allow_holes: bool,
) -> Result<(Vec<u8>, Vec<ByteRange>), RestoreError> {
    let target = home.path("restored.raw");
    let wanted = RestoreRequest {
        target: target.clone(),
        format: RestoreFormat::Raw,
        azure: false,
        replace: true,
        allow_holes,
        threads: 2,
    };
    vault.load_table(&mut Err).expect("the vault is sound");
    let restored = restore(vault, disk, Instant::from_unix_milliseconds(0), &wanted, &Silent)?;
    Ok((fs::read(target).expect("it was restored"), restored.holes))
}

/// Reads of one image at or past a place do not come back before they are let go.
#[derive(Debug)]
struct Hangs {
    image: PathBuf,
    from: u64,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Hangs {
    fn new(image: &Path, from: u64) -> Arc<Hangs> {
        Arc::new(Hangs { image: image.into(), from, is_open: Mutex::new(false), opened: Condvar::new() })
    }

    fn let_go(&self) {
        *self.is_open.lock().expect("nobody panics with it") = true;
        self.opened.notify_all();
    }
}

impl Medium for Hangs {
    fn read_exact_at(&self, file: &fs::File, path: &Path, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if path == self.image && offset + buffer.len() as u64 > self.from {
            let is_open = self.is_open.lock().expect("nobody panics with it");
            drop(self.opened.wait_while(is_open, |is_open| !*is_open).expect("nobody panics with it"));
        }
        file.read_exact_at(buffer, offset)
    }
}

/// Some bytes of every image cannot be read.
#[derive(Debug)]
struct Fails(Vec<ByteRange>);

impl Medium for Fails {
    fn read_exact_at(&self, file: &fs::File, _: &Path, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset + buffer.len() as u64;
        if self.0.iter().any(|bad| bad.offset < end && offset < bad.offset + bad.length) {
            return Err(io::Error::from_raw_os_error(5));
        }
        file.read_exact_at(buffer, offset)
    }
}

#[test]
fn a_disk_that_never_answers_is_given_up_and_the_others_are_whole() {
    let home = Home::empty();
    let vault = vault(&home);
    let ((first, content), (second, _), (third, _)) =
        (disk(&home, "a.raw", 1), disk(&home, "b.raw", 2), disk(&home, "c.raw", 3));
    let files: [&Path; 3] = [&first, &second, &third];
    let medium = Hangs::new(&first, 3 << 20);
    let backed = run(&vault, &request(&files, Some(medium.clone()))).unwrap();

    assert_eq!((backed.point.state, backed.stopped), (PointState::Partial, Some(StopReason::Stalled)));
    let [stuck, second, third] = backed.point.disks.as_slice() else { panic!("three disks") };
    assert!(second.is_complete() && third.is_complete());
    let left_out: u64 = stuck.not_copied.iter().map(|range| range.length).sum();
    assert_eq!(stuck.copied.read_bytes + left_out, content.len() as u64, "each byte was read or is listed");
    assert!(stuck.copied.read_bytes > 0);
    assert!(stuck.copied.read_bytes <= 3 << 20);

    // The point has just what it says it has.
    assert!(matches!(restored(&home, &vault, stuck, false), Err(RestoreError::Holes { first: None, .. })));
    let (bytes, holes) = restored(&home, &vault, stuck, true).unwrap();
    assert_eq!(holes, stuck.not_copied);
    let mut expected = content.clone();
    for hole in &holes {
        let start = usize::try_from(hole.offset).unwrap();
        expected[start..start + usize::try_from(hole.length).unwrap()].fill(0);
    }
    assert!(bytes == expected);

    // The reads that come back late do no harm, and the next copy goes on.
    medium.let_go();
    let done = run(&vault, &request(&files, None)).unwrap();
    assert_eq!(done.point.state, PointState::Whole);
    assert_eq!(done.superseded, [backed.point.id]);
    let resumed = &done.point.disks[0].copied;
    assert_eq!(resumed.read_bytes - resumed.audited_bytes, left_out);
    assert!(restored(&home, &vault, &done.point.disks[0], false).unwrap().0 == content);
}

#[test]
fn a_single_disk_that_never_answers_ends_the_backup_without_a_point() {
    let home = Home::empty();
    let vault = vault(&home);
    let (file, _) = disk(&home, "a.raw", 4);
    let outcome = run(&vault, &request(&[&file], Some(Hangs::new(&file, 0))));
    let Err(BackupError::Nothing { reason: StopReason::Stalled }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(vault.head().catalogue.live_points().count(), 0);
}

#[test]
fn an_image_that_does_not_even_open_is_given_up() {
    let home = Home::empty();
    let vault = vault(&home);
    let (file, _) = disk(&home, "a.raw", 5);
    // Not raw, so that opening reads.
    let request = BackupRequest { raw: false, ..request(&[&file], Some(Hangs::new(&file, 0))) };
    let outcome = run(&vault, &request);
    assert!(
        matches!(outcome, Err(BackupError::Source(ImageError::NoAnswer { .. }))),
        "{:?}",
        outcome.map(|backed| backed.point.id)
    );
}

#[test]
fn sectors_that_cannot_be_read_are_named_and_the_rest_is_there() {
    let home = Home::empty();
    let vault = vault(&home);
    let (file, content) = disk(&home, "a.raw", 6);
    let whole = run(&vault, &request(&[&file], None)).unwrap().point;
    // The file moves, so that everything is read again.
    image::raw(&file, &content);
    let bad = [
        ByteRange { offset: 2_000 * 512, length: 512 },
        ByteRange { offset: 5_000 * 512, length: 3 * 512 },
        // Across the border of two chunks.
        ByteRange { offset: (4 << 20) - 512, length: 1_024 },
    ];
    let damaged = run(&vault, &request(&[&file], Some(Arc::new(Fails(bad.to_vec()))))).unwrap();
    assert_eq!((damaged.point.state, damaged.stopped), (PointState::Damaged, None));
    let mut listed = bad.to_vec();
    listed.sort_by_key(|range| range.offset);
    assert_eq!(damaged.point.disks[0].unreadable, listed, "just these, to the sector");
    assert_eq!(vault.head().catalogue.latest(None).map(|kept| kept.point.id), Some(whole.id));

    let disk = &damaged.point.disks[0];
    assert!(matches!(restored(&home, &vault, disk, false), Err(RestoreError::Holes { first: None, .. })));
    let (bytes, holes) = restored(&home, &vault, disk, true).unwrap();
    assert_eq!(holes, listed);
    let mut expected = content.clone();
    for hole in &holes {
        let start = usize::try_from(hole.offset).unwrap();
        expected[start..start + usize::try_from(hole.length).unwrap()].fill(0);
    }
    assert!(bytes == expected);

    // A healthy medium again: the damaged point is no base, so nothing of the damage is taken over.
    let healed = run(&vault, &request(&[&file], None)).unwrap().point;
    assert_eq!(healed.state, PointState::Whole);
    assert_eq!(healed.disks[0].base, Some(whole.id));
    assert_eq!(healed.disks[0].content, whole.disks[0].content);
}

#[test]
fn what_is_known_not_to_have_changed_is_kept_where_the_medium_fails() {
    let home = Home::empty();
    let vault = vault(&home);
    let (file, content) = disk(&home, "a.raw", 7);
    let whole = run(&vault, &request(&[&file], None)).unwrap().point;
    // The very same file is not audited every time; then it is.
    for _ in 0..AUDIT_SKIPS_MAX {
        let skipped = run(&vault, &request(&[&file], None)).unwrap().point;
        assert_eq!(skipped.disks[0].copied.read_bytes, 0);
    }
    let everything = ByteRange { offset: 0, length: content.len() as u64 };
    let again = run(&vault, &request(&[&file], Some(Arc::new(Fails(vec![everything]))))).unwrap().point;
    assert_eq!(again.state, PointState::Whole);
    assert_eq!(again.disks[0].content, whole.disks[0].content);
    assert_eq!(again.disks[0].copied.audited_bytes, 0, "what failed proves nothing");
}

/// Somebody writes to an image when its copy is half done.
#[derive(Debug)]
struct Moves {
    grows: bool,
    is_done: AtomicBool,
}

impl Medium for Moves {
    fn read_exact_at(&self, file: &fs::File, path: &Path, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if offset >= 4 << 20 && !self.is_done.swap(true, Ordering::Relaxed) {
            let place = if self.grows { fs::metadata(path)?.len() } else { 1 << 20 };
            fs::OpenOptions::new().write(true).open(path)?.write_all_at(&[0xA5; 512], place)?;
        }
        file.read_exact_at(buffer, offset)
    }
}

#[test]
fn a_source_that_changes_or_grows_while_it_is_copied_makes_no_point_and_is_not_stored_twice() {
    for grows in [false, true] {
        let home = Home::empty();
        let vault = vault(&home);
        let (file, _) = disk(&home, "a.raw", 11);
        let medium = Arc::new(Moves { grows, is_done: AtomicBool::new(false) });
        // One thread, so that what changes was read before.
        let mut moving = request(&[&file], Some(medium));
        moving.options.threads = 1;
        let outcome = run(&vault, &moving);
        let Err(BackupError::Changed { path }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(path, file);
        assert_eq!(vault.head().catalogue.live_points().count(), 0);

        // What the first one stored is taken over; one chunk is another.
        let whole = run(&vault, &request(&[&file], None)).unwrap().point;
        assert_eq!(whole.disks[0].copied.resumed_bytes, 0, "the file moved");
        assert_eq!(whole.disks[0].copied.new_bytes, 1 << 16);
        assert!(restored(&home, &vault, &whole.disks[0], false).unwrap().0 == fs::read(&file).unwrap());
    }
}

/// A vault with a key, and a raw disk of noise: 24 MiB.
fn slow(home: &Home) -> String {
    let mut draw = vhault_benches::draw::Draw::new(8);
    image::raw(&home.path("disk.raw"), &draw.bytes(24 << 20))
}

#[test]
fn a_deadline_leaves_a_partial_point_with_advice_and_the_next_backup_completes_it() {
    let home = Home::with_vault();
    let disk = slow(&home);
    let args = ["--vm", "vm", "--raw", &disk, "--limit-read", "4MiB", "--deadline", "2s", "--json"];
    let told = home.on_vault("backup", &args).ends_with(5).says(&["deadline", "BKP-13", "holds"]);
    let partial = told.json();
    assert_eq!(partial["state"], "partial");
    assert!(!partial["disks"][0]["not_copied"].as_array().unwrap().is_empty());
    let id = partial["id"].as_str().unwrap();
    home.vault_is_sound();
    home.on_vault("list", &[]).done().says(&["partial, resumable"]);
    let out = home.path("out.raw").display().to_string();
    let latest = ["latest", "--format", "raw", "--out", &out];
    home.on_vault("restore", &latest).ends_with(2).says(&["no whole point"]);
    let named = [id, "--format", "raw", "--out", &out];
    home.on_vault("restore", &named).ends_with(3).says(&["cannot be brought back", "--allow-holes"]);
    for format in ["raw", "exact"] {
        let named = [id, "--format", format, "--out", &out, "--allow-holes", "--force"];
        home.on_vault("restore", &named).ends_with(3).says(&["hole:"]);
    }

    let told = home.on_vault("backup", &["--vm", "vm", "--raw", &disk, "--json"]).done().says(&["resumed"]);
    let whole = told.json();
    assert_eq!(whole["superseded"], serde_json::json!([id]));
    let bytes = |point: &serde_json::Value, name: &str| point["disks"][0][name].as_u64().unwrap();
    let read_twice = bytes(&whole, "audited_bytes");
    assert_eq!(bytes(&partial, "read_bytes") + bytes(&whole, "read_bytes") - read_twice, 24 << 20);
    assert!(bytes(&whole, "resumed_bytes") > 0);
    let restored = home.restore("latest", "0", "exact", "whole.raw");
    assert!(fs::read(restored).unwrap() == fs::read(&disk).unwrap());
}

#[test]
fn a_deadline_speaks_korean_too() {
    let home = Home::with_vault();
    let disk = slow(&home);
    let args = ["--vm", "vm", "--raw", &disk, "--limit-read", "4MiB", "--deadline", "2s", "--lang", "ko"];
    home.on_vault("backup", &args).ends_with(5).says(&["BKP-13", "데이터 디스크"]);
}

#[test]
fn a_disk_deadline_holds_for_each_disk_alone() {
    let home = Home::with_vault();
    let disk = slow(&home);
    let small = image::raw(&home.path("small.raw"), &lived_in(100, 9));
    let args = [
        "--vm",
        "vm",
        "--raw",
        "--threads",
        "1",
        &disk,
        &small,
        "--limit-read",
        "4MiB",
        "--disk-deadline",
        "2s",
    ];
    home.on_vault("backup", &args).ends_with(5).says(&["disk.raw is given up", "deadline of a disk"]);
    let disks = &home.points()[0]["disks"];
    assert_eq!(disks[0]["not_copied"].as_array().map(Vec::len), Some(1));
    assert_eq!(disks[1]["not_copied"].as_array().map(Vec::len), Some(0), "{disks}");
}

#[test]
fn limits_of_nothing_are_refused() {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("disk.raw"), &lived_in(100, 1));
    for limit in [
        ["--deadline", "0s"],
        ["--deadline=-5m", "--quiet"],
        ["--stall", "0m"],
        ["--disk-deadline", "soon"],
        ["--limit-read", "0"],
        ["--limit-write", "5 apples"],
    ] {
        let args = ["--vm", "vm", "--raw", &disk, limit[0], limit[1]];
        home.on_vault("backup", &args).ends_with(2);
    }
    assert!(home.points().is_empty());
}

#[test]
fn an_estimate_copies_nothing_and_warns_of_a_deadline_that_cannot_be_met() {
    let home = Home::with_vault();
    let disk = slow(&home);
    let args = ["--vm", "vm", "--raw", &disk, "--limit-read", "1MiB", "--deadline", "10s", "--json"];
    let told = home.on_vault("estimate", &args).done().json();
    assert_eq!((&told["risk"], &told["advice"]), (&"high".into(), &"BKP-13".into()), "{told}");
    assert_eq!(told["disks"][0]["read_bytes"], 24 << 20);
    assert_eq!(told["whole_milliseconds"], 24_000);
    assert_eq!(told["is_measured"], false);
    assert!(home.points().is_empty());
    home.on_vault("estimate", &["--vm", "vm", "--raw", &disk]).done().says(&["risk of a time-out: low"]);
}

#[test]
fn timings_name_every_stage_and_the_bottleneck() {
    let home = Home::with_vault();
    let disk = slow(&home);
    let told = home.on_vault("backup", &["--vm", "vm", "--raw", &disk, "--json", "--timings"]).done().json();
    let stages = told["timings"]["stages"].as_array().unwrap();
    let names: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(names, ["read", "hash", "compress", "compare", "seal", "append", "sync"]);
    assert!(names.contains(&told["timings"]["bottleneck"].as_str().unwrap()));
    let told = home.on_vault("backup", &["--vm", "other", "--raw", &disk, "--json"]).done().json();
    assert!(told["timings"].is_null());
}

#[test]
fn hundreds_of_disks_are_copied_as_one_point_with_a_warning() {
    let home = Home::with_vault();
    let disks: Vec<String> = (0..300)
        .map(|number| image::raw(&home.path(&format!("disk{number}.raw")), &lived_in(40, number)))
        .collect();
    let mut args = vec!["--vm", "vm", "--raw"];
    args.extend(disks.iter().map(String::as_str));
    home.on_vault("backup", &args).done().says(&["risk of a time-out: elevated", "BKP-13", "16"]);
    assert_eq!(home.points()[0]["disks"].as_array().map(Vec::len), Some(300));
    home.vault_is_sound();
}
