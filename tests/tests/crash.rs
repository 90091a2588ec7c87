//! Kill the program at random moments, and race writers against each other.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use vhault_benches::draw::Draw;
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::{command, signal};
use vhault_tests::vault::Home;

/// Kills in this run; the seed moves with `VHAULT_SEED`.
const KILLS: usize = 12;

fn seed() -> u64 {
    std::env::var("VHAULT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_251)
}

/// Reads the events of a backup until one says that something was copied.
fn wait_until_something_is_copied(child: &mut Child) -> BufReader<ChildStderr> {
    let mut events = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let mut line = String::new();
    while !line.contains("\"advanced\"") {
        line.clear();
        assert!(
            events.read_line(&mut line).expect("stderr is text") > 0,
            "it ended before anything was copied"
        );
    }
    events
}

#[test]
fn a_killed_backup_leaves_every_acknowledged_point_whole() {
    let home = Home::with_vault();
    let mut draw = Draw::new(seed());
    let file = home.path("disk.raw");
    let mut content = lived_in(60_000, 1);
    let mut acknowledged: Vec<Vec<u8>> = Vec::new();
    for _ in 0..KILLS {
        let at = draw.index(content.len() - 2_000_000);
        content[at..at + 2_000_000].copy_from_slice(&draw.bytes(2_000_000));
        image::raw(&file, &content);
        let mut child = command(["backup"])
            .arg(home.vault())
            .args(["--vm", "vm", "--raw", "--key-file"])
            .arg(home.key())
            .arg("--cache")
            .arg(home.path("cache"))
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(draw.index(120) as u64));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        let points = home.points();
        // A commit may have happened although nobody could be told.
        assert!(points.len() <= acknowledged.len() + 1, "a killed backup made more than one point");
        if ended.success() {
            assert_eq!(points.len(), acknowledged.len() + 1, "an acknowledged point is gone");
        }
        if points.len() > acknowledged.len() {
            acknowledged.push(content.clone());
        }
        home.vault_is_sound();
    }
    // The last one is left alone, so that there is a point whatever the kills did.
    home.backup("vm", &["--raw", &image::named(&file)]);
    acknowledged.push(content);
    home.vault_is_sound();
    let points = home.points();
    assert_eq!(points.len(), acknowledged.len());
    for (point, content) in points.iter().zip(&acknowledged) {
        let out = home.restore(point["id"].as_str().unwrap(), "0", "raw", "out.raw");
        assert!(
            fs::read(&out).unwrap() == *content,
            "a point does not hold what was backed up, seed {}",
            seed()
        );
        fs::remove_file(out).unwrap();
    }
}

#[test]
fn two_writers_at_once_both_get_their_point() {
    let home = Home::with_vault();
    let writers: Vec<_> = (0..4_u64)
        .map(|number| {
            let file = home.path(&format!("disk{number}.raw"));
            image::raw(&file, &lived_in(20_000, number % 2));
            command(["backup"])
                .arg(home.vault())
                .args(["--vm", &format!("vm{number}"), "--raw", "--key-file"])
                .arg(home.key())
                .arg("--cache")
                .arg(home.path("cache"))
                .arg(&file)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(home.points().len(), 4);
    home.vault_is_sound();
}

#[test]
fn a_signal_leaves_a_partial_point_that_the_next_backup_completes() {
    let home = Home::with_vault();
    let file = home.path("disk.raw");
    let mut draw = Draw::new(3);
    image::raw(&file, &draw.bytes(40_000_000));
    let mut child = command(["backup"])
        .arg(home.vault())
        .args(["--json", "--vm", "vm", "--raw", "--limit-read", "4MiB", "--key-file"])
        .arg(home.key())
        .arg("--cache")
        .arg(home.path("cache"))
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _events = wait_until_something_is_copied(&mut child);
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let points = home.points();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0]["state"], "partial");
    home.vault_is_sound();
    let whole = home.backup("vm", &["--json", "--raw", &image::named(&file)]).json();
    assert_eq!(whole["state"], "whole");
    assert_eq!(whole["superseded"], serde_json::json!([points[0]["id"]]));
    let bytes = |point: &serde_json::Value, name: &str| point["disks"][0][name].as_u64().unwrap();
    let read_twice = bytes(&whole, "audited_bytes");
    assert_eq!(bytes(&points[0], "read_bytes") + bytes(&whole, "read_bytes") - read_twice, 40_000_000);
    let out = home.restore("latest", "0", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == fs::read(file).unwrap());
}

#[test]
fn the_second_signal_ends_the_program_at_once() {
    let home = Home::with_vault();
    let file = home.path("disk.raw");
    image::raw(&file, &Draw::new(4).bytes(24 << 20));
    let thawed = home.path("thawed");
    // The thaw waits for a file that is not there, so only a signal can end the program.
    let post = format!("while test ! -e '{}'; do sleep 0.1; done", thawed.display());
    let mut child = command(["backup"])
        .arg(home.vault())
        .args(["--json", "--vm", "vm", "--raw", "--limit-read", "2MiB", "--post", &post, "--key-file"])
        .arg(home.key())
        .arg("--cache")
        .arg(home.path("cache"))
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _events = wait_until_something_is_copied(&mut child);
    signal(&child, "INT");
    while home.points().is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    fs::write(thawed, []).unwrap();
    assert_eq!(home.points()[0]["state"], "partial", "the first signal had been obeyed");
    home.vault_is_sound();
}
