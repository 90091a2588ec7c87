//! Limits that a person sets are kept and counted, the end of a copy is
//! foreseen honestly, and a vault that does not answer ends the command.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use vhault_benches::draw::Draw;
use vhault_tests::image;
use vhault_tests::program::{binary, run};
use vhault_tests::vault::{Home, files_under};

const MIB: u64 = 1 << 20;

fn noise(home: &Home, mib: usize) -> String {
    image::raw(&home.path("disk.raw"), &Draw::new(5).bytes(mib << 20))
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} is missing in {value}"))
}

#[test]
fn a_limit_on_writing_holds_back_what_is_new_and_nothing_else() {
    let home = Home::with_vault();
    let disk = noise(&home, 12);
    let args = ["--vm", "vm", "--raw", "--read-all", "--limit-write", "4MiB", "--timings", "--json", &disk];
    let first = home.on_vault("backup", &args).done().json();
    // 12 MiB at 4 MiB a second, but for the burst of 100 ms and the piece in hand.
    assert!(number(&first, "took_milliseconds") >= 2_800, "{first}");
    assert!(number(&first["timings"], "held_write_milliseconds") > 0, "{first}");
    assert_eq!(number(&first["timings"], "held_read_milliseconds"), 0, "{first}");
    // Everything is known, so nothing is written and nothing waits, though all of it is read.
    let again = home.on_vault("backup", &args).done().json();
    assert_eq!(number(&again["disks"][0], "read_bytes"), 12 * MIB);
    assert_eq!(number(&again["timings"], "held_write_milliseconds"), 0, "{again}");
}

#[test]
fn a_limit_on_reading_holds_back_what_is_read() {
    let home = Home::with_vault();
    let disk = noise(&home, 12);
    let args = ["--vm", "vm", "--raw", "--limit-read", "4MiB", "--timings", "--json", &disk];
    let first = home.on_vault("backup", &args).done().json();
    assert!(number(&first, "took_milliseconds") >= 2_800, "{first}");
    assert!(number(&first["timings"], "held_read_milliseconds") > 0, "{first}");
    assert_eq!(number(&first["timings"], "held_write_milliseconds"), 0, "{first}");
}

#[test]
fn the_end_is_not_known_at_first_and_then_said_for_each_disk_and_the_deadline() {
    let home = Home::with_vault();
    let disk = noise(&home, 16);
    let other = image::raw(&home.path("other.raw"), &Draw::new(6).bytes(2 << 20));
    let args = [
        "--vm",
        "vm",
        "--raw",
        "--limit-read",
        "1MiB",
        "--threads",
        "1",
        "--deadline",
        "5m",
        "--json",
        &disk,
        &other,
    ];
    let told = home.on_vault("backup", &args).done();
    let outlooks: Vec<Value> = told
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|event| event["event"] == "outlook")
        .collect();
    let first = outlooks.first().expect("it says something");
    assert!(first["left_milliseconds"].is_null() && first["meets_deadline"].is_null(), "{first}");
    assert!(number(first, "deadline_left_milliseconds") < 300_000);
    let known = outlooks.iter().find(|outlook| !outlook["left_milliseconds"].is_null());
    let known = known.unwrap_or_else(|| panic!("it never knew: {outlooks:?}"));
    assert_eq!(known["meets_deadline"], true, "{known}");
    // A limit of 1 MiB a second is what it sees, give or take a chunk and its burst.
    assert!((MIB / 2..=MIB * 3 / 2).contains(&number(known, "bytes_per_second")), "{known}");
    let disks = known["disks"].as_array().unwrap();
    assert_eq!(number(&disks[disks.len() - 1], "disk"), 1);
    let left = |disk: &Value| number(disk, "left_milliseconds");
    assert!(disks.windows(2).all(|pair| left(&pair[0]) <= left(&pair[1])), "{known}");
    assert_eq!(left(&disks[disks.len() - 1]), number(known, "left_milliseconds"));
}

/// A pipe that nobody writes to: opening it never returns.
fn hang(home: &Home, name: &str) {
    let made = Command::new("mkfifo").arg(home.vault().join(name)).status().unwrap();
    assert!(made.success());
}

fn next_record(home: &Home) -> String {
    format!("log/{:016x}", files_under(&home.vault().join("log")).len() + 1)
}

#[test]
fn a_vault_that_hangs_while_it_is_opened_ends_the_command() {
    let home = Home::with_vault();
    let disk = noise(&home, 1);
    let record = next_record(&home);
    hang(&home, &record);
    let args = ["--vm", "vm", "--raw", &disk, "--stall", "1s"];
    home.on_vault("backup", &args).ends_with(7).says(&["does not answer", &record, "the same command again"]);
    home.on_vault("estimate", &args).ends_with(7).says(&[&record]);
    let args = ["--vm", "vm", "--raw", &disk, "--stall", "2s", "--deadline", "1s"];
    home.on_vault("backup", &args).ends_with(7).says(&[&record]);
    fs::remove_file(home.vault().join(record)).unwrap();
    home.backup("vm", &["--raw", &disk]);
}

#[test]
fn a_vault_that_hangs_at_the_commit_ends_the_command_and_the_next_run_goes_on() {
    let home = Home::with_vault();
    let disk = noise(&home, 12);
    let thawed = home.path("thawed");
    let mut child = home
        .command(["backup"])
        .arg(home.vault())
        .args(["--vm", "vm", "--raw", "--limit-read", "4MiB", "--stall", "2s", "--json", "--key-file"])
        .arg(home.key())
        .args(["--post", &format!("touch {}", thawed.display()), &disk])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
    assert!(events.any(|line| line.unwrap().contains("\"started\"")), "it has begun");
    let record = next_record(&home);
    hang(&home, &record);
    let rest: Vec<String> = events.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(7), "{rest:?}");
    let failed = rest.iter().find(|line| line.contains("\"failed\"")).expect("it says why");
    assert!(failed.contains(&record) && failed.contains("does not answer"), "{failed}");
    assert!(thawed.exists(), "the guest stands still");
    fs::remove_file(home.vault().join(&record)).unwrap();
    assert!(home.points().is_empty(), "nothing was acknowledged");
    home.backup("vm", &["--raw", &disk]);
    home.vault_is_sound();
}

/// A handle for each disk and some for the program, whatever the threads do.
#[test]
fn hundreds_of_disks_take_a_handle_each_and_no_more() {
    let home = Home::with_vault();
    let disks: Vec<String> = (0..300_u64)
        .map(|seed| image::raw(&home.path(&format!("disk{seed}.raw")), &Draw::new(seed).bytes(20 << 10)))
        .collect();
    let script = format!(
        "ulimit -n 360; exec '{}' backup '{}' --key-file '{}' --cache '{}' --vm vm --raw {}",
        binary().display(),
        home.vault().display(),
        home.key().display(),
        home.path("cache").display(),
        disks.iter().map(|disk| format!("'{disk}'")).collect::<Vec<_>>().join(" "),
    );
    run(Command::new("sh").arg("-c").arg(script)).done();
    assert_eq!(home.points()[0]["disks"].as_array().map(Vec::len), Some(300));
}

/// From start to finish: a deadline, a crash on the way, and what was read how often.
#[test]
fn a_copy_that_ran_out_of_time_and_died_on_the_way_ends_whole() {
    let home = Home::with_vault();
    let disk = noise(&home, 40);
    let args = ["--vm", "vm", "--raw", "--limit-write", "2MiB", "--threads", "1", "--json", &disk];
    let mut first = args.to_vec();
    first.extend(["--deadline", "3s"]);
    let partial = home.on_vault("backup", &first).ends_with(5).says(&["BKP-13"]).json();
    let part = &partial["disks"][0];
    // Resumed, and killed when some more was named.
    let mut child = home
        .command(["backup"])
        .arg(home.vault())
        .args(args)
        .arg("--key-file")
        .arg(home.key())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let events = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
    let patience = Instant::now();
    let mut published = 0;
    for line in events {
        let line = line.unwrap();
        if line.contains("pack-published") {
            published = number(&serde_json::from_str(&line).unwrap(), "bytes");
            break;
        }
        assert!(patience.elapsed() < Duration::from_secs(120));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let whole = home.on_vault("backup", &["--vm", "vm", "--raw", "--json", &disk]).done().json();
    assert_eq!(whole["state"], "whole");
    let done = &whole["disks"][0];
    let named = (published >> 18) << 18;
    let stored = number(part, "new_bytes") + named + number(done, "new_bytes");
    assert_eq!(stored, 40 * MIB, "nothing that the log named was stored twice: {part} {named} {done}");
    eprintln!(
        "deadline: read {}, stored {}; killed after {named} more were named; then read {}, resumed {}, of the \
         read {} again as samples, stored {}",
        number(part, "read_bytes"),
        number(part, "new_bytes"),
        number(done, "read_bytes"),
        number(done, "resumed_bytes"),
        number(done, "audited_bytes"),
        number(done, "new_bytes"),
    );
    assert_eq!(home.points().len(), 1, "the partial point is complete with it");
    let out = home.restore("latest", "0", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == fs::read(&disk).unwrap());
    home.vault_is_sound();
}
