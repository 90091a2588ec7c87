//! A copy that was cut goes on where it ended, and proves what it need not
//! read again.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use vhault_core::catalogue::KeptPoint;
use vhault_core::copy::watch::StopReason;
use vhault_core::time::Instant;
use vhault_core::vault::point::{Disk, PointState};
use vhault_datapath::backup::{BackedUp, BackupError, BackupRequest, back_up};
use vhault_datapath::copy::{CopyOptions, RESUME_SAMPLES};
use vhault_datapath::monitor::Silent;
use vhault_datapath::vault::open::NewVault;
use vhault_datapath::vault::{Unlock, Vault};
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::request::raw_backup;
use vhault_tests::vault::Home;

/// A fresh vault of 64 KiB chunks, so that a stripe is 1 MiB.
fn vault(home: &Home, name: &str) -> Vault {
    let root = home.path(name);
    let new = NewVault { chunk_log2: 16, now: Instant::from_unix_milliseconds(0), ..NewVault::default() };
    Vault::create(&root, &Unlock::Nothing, new).expect("the folder is empty");
    open(home, name)
}

fn open(home: &Home, name: &str) -> Vault {
    Vault::open(&home.path(name), &Unlock::Nothing, &home.path("cache")).expect("it was made just now")
}

fn request(files: &[&Path], steps_max: Option<u64>, now: i64) -> BackupRequest {
    BackupRequest {
        options: CopyOptions { threads: 1, ask_holes: false, steps_max, ..CopyOptions::default() },
        ..raw_backup(files, Instant::from_unix_milliseconds(now))
    }
}

fn run(vault: &Vault, files: &[&Path], steps_max: Option<u64>, now: i64) -> Result<BackedUp, BackupError> {
    back_up(vault, &request(files, steps_max, now), &AtomicBool::new(false), &Silent)
}

/// Bytes read that an earlier copy had not read.
fn read_first(disk: &Disk) -> u64 {
    disk.copied.read_bytes - disk.copied.audited_bytes
}

fn states(vault: &Vault) -> Vec<PointState> {
    vault.head().catalogue.live_points().map(|kept: &KeptPoint| kept.point.state).collect()
}

#[test]
fn a_copy_cut_anywhere_resumes_to_the_same_roots_and_reads_nothing_twice() {
    let home = Home::empty();
    let contents = [lived_in(11_000, 1), lived_in(6_001, 2)];
    let files = ["a.raw", "b.raw"].map(|name| home.path(name));
    for (file, content) in files.iter().zip(&contents) {
        image::raw(file, content);
    }
    let files: Vec<&Path> = files.iter().map(|file| file.as_path()).collect();
    let sizes: Vec<u64> = contents.iter().map(|content| content.len() as u64).collect();
    // A container and 6 stripes, a container and 3.
    let steps = 11;
    for cut in 0..=steps {
        let vault = vault(&home, &format!("cut{cut}"));
        let first = run(&vault, &files, Some(cut), 1);
        let copied = match &first {
            Ok(first) if cut < steps => {
                assert_eq!(first.point.state, PointState::Partial, "cut {cut}");
                assert_eq!(first.stopped, Some(StopReason::Asked));
                first.point.disks.iter().map(read_first).collect()
            }
            Ok(first) => {
                assert_eq!(first.point.state, PointState::Whole);
                continue;
            }
            Err(BackupError::Nothing { reason: StopReason::Asked }) => vec![0, 0],
            Err(other) => panic!("{other}"),
        };
        assert_eq!(copied.iter().sum::<u64>() == 0, first.is_err(), "no point without anything in it");
        for (disk, size) in first.iter().flat_map(|first| &first.point.disks).zip(&sizes) {
            let left_out: u64 = disk.not_copied.iter().map(|range| range.length).sum();
            assert_eq!(read_first(disk) + left_out, *size, "cut {cut}: each byte was read or is listed");
        }
        // Cut once more on the way, then let through.
        let second = run(&vault, &files, Some(cut + 2), 2);
        let done = if matches!(&second, Ok(second) if second.stopped.is_none()) {
            second.unwrap()
        } else {
            run(&vault, &files, None, 3).unwrap()
        };
        let points: Vec<KeptPoint> = vault.head().catalogue.points.clone();
        let uncut = BackupRequest { vm: "uncut".into(), read_all: true, ..request(&files, None, 4) };
        let whole = back_up(&vault, &uncut, &AtomicBool::new(false), &Silent).unwrap().point;
        for (number, (disk, size)) in done.point.disks.iter().zip(&sizes).enumerate() {
            assert_eq!(disk.content, whole.disks[number].content, "cut {cut}: another root");
            assert_eq!(disk.container.layout, whole.disks[number].container.layout);
            let read: u64 = points.iter().map(|kept| read_first(&kept.point.disks[number])).sum();
            assert_eq!(read, *size, "cut {cut}: disk {number} was read more or less than once");
            assert!(disk.copied.audited_bytes <= RESUME_SAMPLES << 16, "only samples are read again");
        }
        assert_eq!(states(&vault), [PointState::Whole; 2], "partial points are forgotten, cut {cut}");
        let superseded: Vec<_> = points
            .iter()
            .filter(|kept| kept.point.state == PointState::Partial)
            .map(|kept| kept.point.id)
            .collect();
        assert_eq!(done.superseded, superseded);
    }
}

#[test]
fn a_source_that_moved_is_read_again_from_its_start() {
    let home = Home::empty();
    let file = home.path("a.raw");
    let mut content = lived_in(11_000, 3);
    image::raw(&file, &content);
    let vault = vault(&home, "vault");
    let first = run(&vault, &[&file], Some(4), 1).unwrap();
    assert_eq!(read_first(&first.point.disks[0]), 3 << 20);
    // A byte of what was copied already.
    content[1 << 20] ^= 1;
    image::raw(&file, &content);
    let second = run(&vault, &[&file], None, 2).unwrap();
    let disk = &second.point.disks[0];
    assert_eq!(disk.copied.resumed_bytes, 0);
    assert_eq!(disk.copied.read_bytes, content.len() as u64);
    let not_there_yet = content.len() as u64 - (3 << 20) + (1 << 16);
    assert!(disk.copied.new_bytes <= not_there_yet, "what did not change is not sent again");
}

#[test]
fn a_file_put_in_the_place_of_another_is_not_taken_for_it() {
    let home = Home::empty();
    let (file, other) = (home.path("a.raw"), home.path("other.raw"));
    let mut content = lived_in(11_000, 4);
    image::raw(&file, &content);
    // Of the chunks that are read again as samples, none differs.
    content[1 << 20] ^= 1;
    image::raw(&other, &content);
    let vault = vault(&home, "vault");
    run(&vault, &[&file], Some(4), 1).unwrap();
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    fs::File::open(&other).unwrap().set_modified(modified).unwrap();
    fs::rename(&other, &file).unwrap();
    let second = run(&vault, &[&file], None, 2).unwrap();
    assert_eq!(second.point.disks[0].copied.resumed_bytes, 0);
}

#[test]
fn a_partial_point_is_never_the_latest_and_never_a_base_with_holes() {
    let home = Home::empty();
    let file = home.path("a.raw");
    let mut content = lived_in(11_000, 6);
    image::raw(&file, &content);
    let vault = vault(&home, "vault");
    let whole = run(&vault, &[&file], None, 1).unwrap().point;
    content[0] ^= 1;
    image::raw(&file, &content);
    let partial = run(&vault, &[&file], Some(4), 2).unwrap().point;
    assert_eq!(partial.state, PointState::Partial);
    assert_eq!(vault.head().catalogue.latest(Some("vm")).map(|kept| kept.point.id), Some(whole.id));
    content[1] ^= 1;
    image::raw(&file, &content);
    let third = run(&vault, &[&file], Some(4), 3).unwrap().point;
    assert_eq!(third.disks[0].base, Some(whole.id), "the partial point has holes");
    assert_eq!(third.disks[0].copied.resumed_bytes, 0, "its source moved");
}

#[test]
fn a_disk_that_was_copied_to_its_end_is_whole_in_a_partial_point() {
    let home = Home::empty();
    let files = ["a.raw", "b.raw"].map(|name| home.path(name));
    for (file, seed) in files.iter().zip([7, 8]) {
        image::raw(file, &lived_in(6_000, seed));
    }
    let files: Vec<&Path> = files.iter().map(|file| file.as_path()).collect();
    let vault = vault(&home, "vault");
    // A container, three stripes, and the next disk's container.
    let partial = run(&vault, &files, Some(5), 1).unwrap().point;
    assert_eq!(partial.state, PointState::Partial);
    assert!(partial.disks[0].is_complete());
    assert_eq!(partial.disks[1].not_copied.len(), 1);
    assert_eq!(partial.disks[1].not_copied[0].length, 6_000 * 512);
}

#[test]
fn a_pinned_partial_point_stays() {
    let home = Home::empty();
    let file = home.path("a.raw");
    image::raw(&file, &lived_in(6_000, 9));
    let vault = vault(&home, "vault");
    let partial = run(&vault, &[&file], Some(2), 1).unwrap().point;
    vault
        .append::<vhault_datapath::vault::VaultError>(&mut |_| {
            Ok(vhault_core::protocol::Request::Pin { points: vec![partial.id], reason: "test".into() })
        })
        .unwrap();
    let done = run(&vault, &[&file], None, 2).unwrap();
    assert!(done.superseded.is_empty());
    assert_eq!(states(&vault), [PointState::Partial, PointState::Whole]);
}
