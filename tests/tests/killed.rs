//! A copy that died is gone on with: what it stored is not stored again, what
//! its journal vouches for is not read again, and one that only slept cannot
//! make a point any more.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use vhault_benches::draw::Draw;
use vhault_tests::image;
use vhault_tests::program::{run, signal};
use vhault_tests::vault::{Home, files_under};

const CHUNK: u64 = 256 << 10;
const DISK: u64 = 24 << 20;

/// A copy of 24 MiB of noise at 2 MiB a second, after its first pack was sealed and named; and the chunks in that.
struct Begun {
    child: Child,
    /// Chunks that the log lets others have.
    named: u64,
}

fn disk(home: &Home) -> PathBuf {
    let file = home.path("disk.raw");
    image::raw(&file, &Draw::new(77).bytes(usize::try_from(DISK).unwrap()));
    file
}

#[expect(clippy::zombie_processes, reason = "whoever asked for the process ends it")]
fn begin(home: &Home, file: &PathBuf) -> Begun {
    let mut child = home
        .command(["backup"])
        .arg(home.vault())
        .args(["--vm", "vm", "--raw", "--limit-write", "2MiB", "--threads", "1", "--json", "--key-file"])
        .arg(home.key())
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(child.stderr.take().expect("stderr is piped"));
    loop {
        let mut line = String::new();
        assert!(events.read_line(&mut line).unwrap() > 0, "it ended before a pack was durable");
        let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
        if event["event"] == "pack-published" {
            // Nobody may be kept from writing by a pipe that is full.
            std::thread::spawn(move || events.lines().for_each(drop));
            let named = event["bytes"].as_u64().unwrap() / CHUNK;
            assert!((16..DISK / CHUNK).contains(&named), "{event}");
            return Begun { child, named };
        }
    }
}

fn killed(home: &Home, file: &PathBuf) -> u64 {
    let Begun { mut child, named } = begin(home, file);
    // SIGKILL: nothing of the program runs after it.
    child.kill().unwrap();
    child.wait().unwrap();
    named
}

fn journals(home: &Home) -> Vec<PathBuf> {
    let mut found = files_under(&home.path("cache"));
    found.retain(|file| file.parent().is_some_and(|folder| folder.ends_with("journals")));
    found
}

/// Backs the disk up once more and demands that nothing that was named is stored again; gives the disk back.
#[track_caller]
fn finish(home: &Home, file: &PathBuf, args: &[&str], named: u64) -> Value {
    let file_name = file.display().to_string();
    let mut all = vec!["--vm", "vm", "--raw", "--json", &file_name];
    all.extend(args);
    let told = home.on_vault("backup", &all).done();
    let point = told.json();
    assert_eq!(point["state"], "whole");
    let disk = point["disks"][0].clone();
    assert_eq!(bytes(&disk, "new_bytes"), DISK - named * CHUNK, "{}", told.whole());
    assert!(told.stderr.contains("took-over"), "{}", told.whole());
    let out = home.restore(point["id"].as_str().unwrap(), "0", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == fs::read(file).unwrap());
    home.vault_is_sound();
    disk
}

fn bytes(disk: &Value, name: &str) -> u64 {
    disk[name].as_u64().unwrap()
}

#[test]
fn a_killed_copy_is_gone_on_with_and_loses_only_its_last_seconds() {
    let home = Home::with_vault();
    let file = disk(&home);
    let named = killed(&home, &file);
    assert_eq!(journals(&home).len(), 1);
    let disk = finish(&home, &file, &[], named);
    // The journal was written in time for all that was named; eight samples of it are read again.
    assert_eq!(bytes(&disk, "resumed_bytes") + bytes(&disk, "audited_bytes"), named * CHUNK, "{disk}");
    assert_eq!(bytes(&disk, "read_bytes"), DISK - bytes(&disk, "resumed_bytes"), "{disk}");
    assert!(bytes(&disk, "audited_bytes") <= 8 * CHUNK);
    assert_eq!(journals(&home), Vec::<PathBuf>::new(), "what is in a point needs no journal");
    // The dead session is fenced, and what it wrote last is garbage for a sweep.
    let swept = home.on_vault("sweep", &["--wait-days", "0", "--json"]).done().json();
    assert!(swept["deleted_bytes"].as_u64().is_some(), "{swept}");
    home.vault_is_sound();
}

#[test]
fn a_torn_journal_costs_reading_and_a_lost_one_needs_a_word() {
    let home = Home::with_vault();
    let file = disk(&home);
    let named = killed(&home, &file);
    let [journal] = journals(&home).try_into().unwrap();
    let whole = fs::read(&journal).unwrap();
    // In the middle of the first frame after the head.
    fs::write(&journal, &whole[..whole.len() / 2]).unwrap();
    let kept = fs::metadata(&journal).unwrap().len();
    assert!(kept > 0);
    let disk = finish(&home, &file, &[], named);
    assert!(bytes(&disk, "resumed_bytes") < named * CHUNK, "{disk}");

    // Without the journal nobody knows that the copy is dead, so that has to be said.
    let home = Home::with_vault();
    let named = killed(&home, &file);
    fs::remove_dir_all(home.path("cache")).unwrap();
    let disk = finish(&home, &file, &["--take-over-after", "1s"], named);
    assert_eq!(bytes(&disk, "resumed_bytes"), 0);
    assert_eq!(bytes(&disk, "read_bytes"), DISK);
}

#[test]
fn the_journal_of_another_source_is_not_believed_though_what_it_stored_is_used() {
    let home = Home::with_vault();
    let file = disk(&home);
    let named = killed(&home, &file);
    // A byte of the second chunk, which no sample would meet; the file moves.
    let mut content = fs::read(&file).unwrap();
    content[usize::try_from(CHUNK).unwrap() + 1] ^= 1;
    image::raw(&file, &content);
    let disk = finish(&home, &file, &[], named - 1);
    assert_eq!(bytes(&disk, "resumed_bytes"), 0, "{disk}");
    assert_eq!(bytes(&disk, "read_bytes"), DISK);
}

#[test]
fn a_copy_that_only_slept_is_left_alone_unless_asked_and_cannot_make_a_point_after() {
    let home = Home::with_vault();
    let file = disk(&home);
    let Begun { mut child, named } = begin(&home, &file);
    signal(&child, "STOP");
    // Its journal is locked: nothing proves that it is dead.
    let other = home.backup("vm", &["--raw", "--json", "--limit-read", "64MiB", &file.display().to_string()]);
    assert!(!other.stderr.contains("took-over"), "{}", other.whole());
    assert_eq!(bytes(&other.json()["disks"][0], "new_bytes"), DISK);

    let home_points = home.points().len();
    let file_name = file.display().to_string();
    let args = ["--vm", "vm", "--raw", "--json", "--read-all", &file_name, "--take-over-after", "1s"];
    let told = home.on_vault("backup", &args).done();
    assert!(told.stderr.contains("took-over"), "{}", told.whole());
    assert!(told.stderr.contains(&format!("\"packs\":{}", 1)), "{} {named}", told.whole());
    signal(&child, "CONT");
    assert_eq!(child.wait().unwrap().code(), Some(7), "it was fenced");
    assert_eq!(home.points().len(), home_points + 1, "what was fenced made a point");
    home.vault_is_sound();
}

/// The process dies between the record of its partial point and that of its job.
#[test]
fn a_job_that_died_after_a_partial_point_has_failed_and_is_not_done() {
    let home = Home::with_vault();
    let file = disk(&home).display().to_string();
    let moment = "2026-05-01T13:00:00Z";
    let at = |words: &[&str], args: &[&str]| {
        let mut command = home.command(words);
        command.arg(home.vault()).args(args).arg("--key-file").arg(home.key()).env("VHAULT_NOW", moment);
        command
    };
    run(&mut at(&["policy", "set"], &["nightly", "--daily", "22:00", "--keep-daily", "3"])).done();
    run(&mut at(&["protect"], &["--vm", "vm", "--policy", "nightly", "--raw", &format!("os={file}")])).done();
    let limits = ["--vm", "vm", "--raw", "--json", "--limit-read", "4MiB", "--deadline", "2s"];
    let mut child = at(&["backup"], &limits)
        .arg(format!("os={file}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
    assert!(events.any(|line| line.unwrap().contains("\"started\"")), "it has begun");
    // The next record is the commit; the one after it, that of the job, is never reached.
    let next = files_under(&home.vault().join("log")).len() + 1;
    let record = |number: usize| home.vault().join(format!("log/{number:016x}"));
    assert!(Command::new("mkfifo").arg(record(next + 1)).status().unwrap().success());
    while !record(next).exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it committed");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(record(next + 1)).unwrap();
    assert_eq!(home.points()[0]["state"], "partial");

    run(&mut at(&["run"], &["--due"])).done();
    let jobs = run(&mut at(&["jobs"], &["--json"])).done().json();
    let job = jobs.as_array().unwrap().iter().find(|job| job["operation"] == "backup").expect("it was a job");
    assert_eq!(job["status"], "failed", "{job}");
    assert!(job["point"].is_null(), "a partial point is no job's: {job}");
}
