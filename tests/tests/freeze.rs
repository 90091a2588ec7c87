//! Commands that freeze and thaw a VM around its copy, by hand and by the timer.

use std::fs;

use serde_json::Value;
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::{Told, run};
use vhault_tests::vault::Home;

const NOON: &str = "2026-05-01T12:00:00Z";
const NIGHT: &str = "2026-05-01T22:00:00Z";

fn at(home: &Home, moment: &str, words: &[&str], args: &[&str]) -> Told {
    let mut command = home.command(words);
    command.arg(home.vault()).args(args).arg("--key-file").arg(home.key()).env("VHAULT_NOW", moment);
    run(&mut command)
}

/// A vault with two protected VMs, `db01` and `web01`.
fn with_two() -> Home {
    let home = Home::with_vault();
    at(&home, NOON, &["policy", "set"], &["nightly", "--daily", "22:00", "--keep-daily", "3"]).done();
    for (vm, seed) in [("db01", 3), ("web01", 7)] {
        let disk = image::raw(&home.path(&format!("{vm}.raw")), &lived_in(2_000, seed));
        let disk = format!("os={disk}");
        let args = ["--vm", vm, "--policy", "nightly", "--raw", "--consistency", "file-system", &disk];
        at(&home, NOON, &["protect"], &args).done();
    }
    home
}

/// What the commands wrote down, a line each.
fn noted(home: &Home) -> String {
    fs::read_to_string(home.path("noted")).unwrap_or_default()
}

fn note(home: &Home, word: &str) -> String {
    format!("echo {word} \"$VHAULT_VM\" >> '{}'", home.path("noted").display())
}

fn jobs(home: &Home) -> Vec<Value> {
    let jobs = at(home, NIGHT, &["jobs"], &["--json"]).done().json();
    jobs.as_array()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .filter(|job| job["operation"] == "backup")
        .collect()
}

#[test]
fn each_vm_that_is_due_is_frozen_and_thawed_by_itself() {
    let home = with_two();
    let (pre, post) = (note(&home, "freeze"), note(&home, "thaw"));
    at(&home, NIGHT, &["run"], &["--due", "--pre", &pre, "--post", &post]).done();
    assert_eq!(noted(&home), "freeze db01\nthaw db01\nfreeze web01\nthaw web01\n");
    assert_eq!(home.points().len(), 2);
    at(&home, NIGHT, &["run"], &["--due", "--pre", &pre, "--post", &post]).done().says(&["nothing is due"]);
    assert_eq!(noted(&home).lines().count(), 4, "nothing is frozen when nothing is due");
}

#[test]
fn a_vm_that_cannot_be_frozen_is_thawed_and_not_copied_and_the_next_one_is() {
    let home = with_two();
    let (pre, post) = ("test \"$VHAULT_VM\" != db01", note(&home, "thaw"));
    let told = at(&home, NIGHT, &["run"], &["--due", "--json", "--pre", pre, "--post", &post]).ends_with(4);
    let rows = told.json();
    assert!(rows[0]["error"].as_str().is_some_and(|text| text.contains("nothing was copied")), "{rows}");
    assert_eq!((&rows[0]["vm"], &rows[1]["vm"]), (&"db01".into(), &"web01".into()));
    assert_eq!(rows[1]["point"], home.points()[0]["id"]);
    assert_eq!(home.points().len(), 1);
    assert_eq!(noted(&home), "thaw db01\nthaw web01\n");
    let jobs = jobs(&home);
    assert_eq!((&jobs[0]["status"], &jobs[0]["advice"]), (&"failed".into(), &"BKP-14".into()));
    assert_eq!(jobs[1]["status"], "completed");
}

#[test]
fn a_vm_that_cannot_be_thawed_has_its_point_and_is_named() {
    let home = with_two();
    let told = at(&home, NIGHT, &["run"], &["--due", "--post", "test \"$VHAULT_VM\" != web01"]).ends_with(1);
    told.says(&["web01", "was made, but --post", "thaw the VM by hand"]);
    assert_eq!(home.points().len(), 2);
    assert!(jobs(&home).iter().all(|job| job["status"] == "completed"));
}

#[test]
fn a_vm_whose_copy_fails_is_thawed() {
    let home = with_two();
    // Its image vanishes under the freeze: the copy cannot begin.
    let disk = home.path("db01.raw");
    let (pre, post) = (format!("rm -f '{}'", disk.display()), note(&home, "thaw"));
    let told = at(&home, NIGHT, &["run"], &["--due", "--json", "--pre", &pre, "--post", &post]);
    assert_ne!(told.code, Some(0), "{}", told.whole());
    assert_eq!(noted(&home), "thaw db01\nthaw web01\n");
    assert_eq!(told.json()[0]["advice"], "BKP-14", "{}", told.whole());
}

#[test]
fn a_backup_by_hand_tells_its_commands_which_vm_it_is() {
    let home = with_two();
    let disk = format!("os={}", home.path("web01.raw").display());
    let (pre, post) = (note(&home, "freeze"), note(&home, "thaw"));
    let args = ["--vm", "web01", "--raw", &disk, "--pre", &pre, "--post", &post];
    at(&home, NOON, &["backup"], &args).done();
    assert_eq!(noted(&home), "freeze web01\nthaw web01\n");
    let args = ["--vm", "web01", "--raw", &disk, "--pre", "exit 3", "--post", "exit 4"];
    at(&home, NOON, &["backup"], &args).ends_with(4).says(&["nothing was copied", "thaw the VM by hand"]);
    assert_eq!(home.points().len(), 1);
}
