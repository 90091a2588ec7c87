//! The lifecycle of a real vault, as a person runs it: policies, protection,
//! due runs, jobs, cancelling, stopping, forgetting.

use std::fs;
use std::path::Path;

use serde_json::Value;
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::{Told, run};
use vhault_tests::vault::Home;

/// Runs a verb, with or without a second word, on the vault at a moment.
fn at(home: &Home, moment: &str, words: &[&str], args: &[&str]) -> Told {
    let mut command = home.command(words);
    command.arg(home.vault()).args(args).arg("--key-file").arg(home.key());
    if !moment.is_empty() {
        command.env("VHAULT_NOW", moment);
    }
    run(&mut command)
}

/// A vault, a disk, and a policy that runs every day at 22:00.
fn with_policy(made: &str) -> (Home, String) {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("web01.raw"), &lived_in(4_000, 7));
    at(&home, made, &["policy", "set"], &["nightly", "--daily", "22:00", "--keep-daily", "3"]).done();
    (home, disk)
}

fn protect(home: &Home, made: &str, disk: &str) {
    let args = ["--vm", "web01", "--policy", "nightly", "--raw", "--consistency", "file-system"];
    let disk = format!("os={disk}");
    at(home, made, &["protect"], &[&args[..], &[&disk]].concat()).done();
}

fn protected() -> (Home, String) {
    let (home, disk) = with_policy("2026-05-01T12:00:00Z");
    protect(&home, "2026-05-01T12:00:00Z", &disk);
    (home, disk)
}

fn jobs(home: &Home) -> Vec<Value> {
    at(home, "", &["jobs"], &["--json"]).done().json().as_array().cloned().unwrap_or_default()
}

fn item(home: &Home) -> Value {
    at(home, "", &["items"], &["--json"]).done().json()[0].clone()
}

#[test]
fn a_policy_is_set_listed_shown_and_deleted() {
    let home = Home::with_vault();
    let now = "2026-05-01T12:00:00Z";
    at(&home, now, &["policy", "list"], &[]).done().says(&["no policies yet"]);
    at(&home, now, &["policy", "set"], &["nightly", "--daily", "22:00", "--utc-offset", "+09:00"])
        .done()
        .says(&["22:00", "30 days", "2026-05-01T13:00:00Z"]);
    let weekly = ["weekend", "--weekly", "sat,sunday@06:00", "--keep-weekly", "8", "--keep-yearly", "2"];
    at(&home, now, &["policy", "set"], &weekly).done().says(&["Saturday, Sunday", "8 weeks", "2 years"]);
    let listed = at(&home, now, &["policy", "list"], &["--json"]).done().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    at(&home, now, &["policy", "set"], &["weekend", "--daily", "23:00", "--keep-daily", "5"])
        .done()
        .says(&["every day at 23:00", "5 days"]);
    at(&home, now, &["policy", "delete"], &["weekend"]).done();
    at(&home, now, &["policy", "show"], &["weekend"]).ends_with(2).says(&["weekend"]);
    at(&home, now, &["policy", "set"], &["bad", "--daily", "25:00"]).ends_with(2).says(&["25:00"]);
}

#[test]
fn a_policy_outside_the_rules_is_refused_with_their_advice_in_either_language() {
    let home = Home::with_vault();
    let much = ["much", "--daily", "22:00", "--keep-daily", "20000"];
    let told = at(&home, "", &["policy", "set"], &much).ends_with(4).says(&["advice POL-07:", "retention"]);
    assert!(told.stderr.contains("try:"), "{}", told.whole());
    at(&home, "", &["policy", "set"], &[&much[..], &["--lang", "ko"]].concat())
        .ends_with(4)
        .says(&["advice POL-07:", "보존 선택을 줄이세요"]);
    let mut command = home.command(["policy", "set"]);
    command.arg(home.vault()).args(much).arg("--json").arg("--key-file").arg(home.key());
    command.env("LC_ALL", "ko_KR.UTF-8");
    let told = run(&mut command).ends_with(4);
    let line: Value = serde_json::from_str(told.stderr.trim()).expect("one line of JSON");
    assert_eq!(line["advice"], "POL-07");
    assert!(line["advice_text"].as_str().is_some_and(|text| text.contains("보존")), "{line}");
}

#[test]
fn a_due_run_makes_a_point_and_a_job_and_only_once() {
    let (home, _) = protected();
    let early = at(&home, "2026-05-01T21:59:00Z", &["run"], &["--due"]).done();
    assert!(early.stdout.contains("nothing is due"), "{}", early.whole());
    assert_eq!(item(&home)["protection"], "pending-initial");
    let told = at(&home, "2026-05-01T22:00:00Z", &["run"], &["--due", "--json"]).done();
    let point = told.json()[0]["point"].clone();
    assert_eq!(home.points()[0]["id"], point);
    at(&home, "2026-05-01T22:01:00Z", &["run"], &["--due"]).done().says(&["nothing is due"]);

    let jobs = jobs(&home);
    let [protecting, backup] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!(protecting["operation"], "configure-protection");
    assert_eq!(backup["operation"], "backup");
    assert_eq!(backup["trigger"], "scheduled");
    assert_eq!(backup["status"], "completed");
    assert_eq!(backup["point"], point);
    at(&home, "", &["jobs", "show"], &["2"]).done().says(&["job 2", "backup of web01", "TransferData"]);
    at(&home, "", &["jobs", "show"], &["9"]).ends_with(2).says(&["9"]);
    let item = item(&home);
    assert_eq!(item["protection"], "protected");
    assert_eq!(item["points"], 1);
    assert_eq!(item["next_run"], "2026-05-02T22:00:00Z");
    home.vault_is_sound();
}

#[test]
fn runs_that_were_missed_are_made_up_for_once_and_old_points_go() {
    let (home, _) = protected();
    for day in 1..=6 {
        at(&home, &format!("2026-05-0{day}T22:00:00Z"), &["run"], &["--due"]).done();
    }
    // Three days are kept: those of the 3rd, exactly three days old, to the 6th.
    assert_eq!(home.points().len(), 4);
    at(&home, "2026-05-09T08:00:00Z", &["run"], &["--due"]).done();
    let times: Vec<Value> = home.points().iter().map(|point| point["time"].clone()).collect();
    assert_eq!(times, ["2026-05-06T22:00:00Z", "2026-05-09T08:00:00Z"]);
    assert_eq!(item(&home)["points"], 2);
}

#[test]
fn a_clock_that_leaped_and_came_back_does_not_silence_the_schedule() {
    let (home, _) = protected();
    at(&home, "2031-05-01T22:00:00Z", &["run"], &["--due"]).done();
    at(&home, "2026-05-02T12:00:00Z", &["run"], &["--due"]).done().says(&["nothing is due"]);
    at(&home, "2026-05-02T22:00:00Z", &["run"], &["--due"]).done();
    assert_eq!(home.points().len(), 2);
}

#[test]
fn a_backup_by_hand_of_a_protected_vm_is_a_job_too() {
    let (home, disk) = protected();
    let disk = format!("os={disk}");
    let args = ["--vm", "web01", "--raw", &disk];
    at(&home, "2026-05-01T13:00:00Z", &["backup"], &args).done();
    let jobs = jobs(&home);
    assert_eq!(jobs[1]["trigger"], "on-demand");
    assert_eq!(jobs[1]["point"], home.points()[0]["id"]);
    at(&home, "2026-05-01T13:00:00Z", &["backup"], &["--vm", "other", "--raw", &disk]).done();
    assert_eq!(self::jobs(&home).len(), 2, "a VM without protection has no jobs");
}

/// What `--pre` would type to run the program itself on this vault.
fn typed(home: &Home, words: &str) -> String {
    let program = vhault_tests::program::binary();
    let quoted = |path: &Path| format!("'{}'", path.display());
    format!("{} {words} --key-file {}", quoted(&program), quoted(&home.key()))
}

#[test]
fn a_second_job_on_a_busy_vm_is_refused_with_the_advice_for_it() {
    let (home, disk) = protected();
    let vault = home.vault();
    let inner = typed(&home, &format!("backup '{}' --vm web01 --raw 'os={disk}'", vault.display()));
    let log = home.path("inner.txt");
    let pre = format!("{inner} 2> '{}'; test $? = 4", log.display());
    let disk = format!("os={disk}");
    at(&home, "", &["backup"], &["--vm", "web01", "--raw", &disk, "--pre", &pre]).done();
    let said = fs::read_to_string(log).expect("the inner backup spoke");
    assert!(said.contains("advice BKP-08:"), "{said}");
    assert_eq!(home.points().len(), 1);
}

#[test]
fn a_cancelled_backup_stops_and_makes_no_point() {
    let (home, disk) = protected();
    let pre = typed(&home, &format!("cancel '{}' 2", home.vault().display()));
    let disk = format!("os={disk}");
    at(&home, "", &["backup"], &["--vm", "web01", "--raw", &disk, "--pre", &pre])
        .ends_with(130)
        .says(&["job 2 was cancelled"]);
    assert!(home.points().is_empty());
    assert_eq!(jobs(&home)[1]["status"], "cancelled");
    at(&home, "", &["cancel"], &["2"]).ends_with(4).says(&["advice CANCEL-03:"]);
    at(&home, "", &["cancel"], &["1"]).ends_with(4).says(&["advice CANCEL-01:"]);
    // Nothing holds the VM any more.
    at(&home, "", &["backup"], &["--vm", "web01", "--raw", &disk]).done();
}

#[test]
fn a_copy_that_outlasts_its_window_fails_with_the_advice_for_it() {
    let (home, disk) = with_policy("");
    let window = ["nightly", "--daily", "22:00", "--keep-daily", "3", "--copy-window", "1s"];
    at(&home, "", &["policy", "set"], &window).done();
    protect(&home, "", &disk);
    let disk = format!("os={disk}");
    // The window opens with the job, and the freeze belongs to it.
    let args = ["--vm", "web01", "--raw", &disk, "--pre", "sleep 1.5"];
    at(&home, "", &["backup"], &args).ends_with(4).says(&["advice BKP-13:"]);
    assert_eq!(jobs(&home)[1]["advice"], "BKP-13");
}

#[test]
fn a_window_that_closes_during_the_copy_leaves_a_partial_point_that_is_no_point_of_the_job() {
    let (home, _) = with_policy("");
    let window = ["nightly", "--daily", "22:00", "--keep-daily", "3", "--copy-window", "2s"];
    at(&home, "", &["policy", "set"], &window).done();
    let disk = home.path("large.raw");
    let mut draw = vhault_benches::draw::Draw::new(11);
    fs::write(&disk, draw.bytes(24 << 20)).expect("the folder is there");
    let disk = disk.display().to_string();
    protect(&home, "", &disk);
    let disk = format!("os={disk}");
    let slow = ["--vm", "web01", "--raw", &disk, "--limit-read", "4MiB"];
    at(&home, "", &["backup"], &slow).ends_with(5).says(&["ran out of its copy window", "advice BKP-13:"]);
    assert_eq!(home.points()[0]["state"], "partial");
    let job = jobs(&home)[1].clone();
    assert_eq!((&job["status"], &job["advice"]), (&"failed".into(), &"BKP-13".into()), "{job}");
    // The next command does not take the partial point for what the job should have made.
    at(&home, "", &["backup"], &["--vm", "web01", "--raw", &disk]).done().says(&["resuming at byte"]);
    assert_eq!(jobs(&home)[1]["status"], "failed");
    let points = home.points();
    assert_eq!(points.len(), 1, "the partial point was completed and forgotten");
    assert_eq!(points[0]["state"], "whole");
}

#[test]
fn a_job_whose_process_was_killed_is_ended_by_the_next_command() {
    let (home, disk) = protected();
    let disk = format!("os={disk}");
    let args = ["--vm", "web01", "--raw", &disk, "--pre", "kill -9 $PPID"];
    assert_eq!(at(&home, "", &["backup"], &args).code, None);
    assert_eq!(jobs(&home)[1]["status"], "in-progress");
    at(&home, "", &["backup"], &["--vm", "web01", "--raw", &disk]).done();
    let jobs = jobs(&home);
    assert_eq!(jobs[1]["status"], "failed");
    assert_eq!(jobs[1]["advice"], "BKP-14");
    assert_eq!(jobs[2]["status"], "completed");

    assert_eq!(at(&home, "", &["backup"], &args).code, None);
    at(&home, "", &["cancel"], &["4"]).done().says(&["is gone"]);
    assert_eq!(self::jobs(&home)[3]["status"], "cancelled");
}

#[test]
fn a_vm_whose_images_are_gone_fails_its_run_with_the_advice_for_it() {
    let (home, disk) = protected();
    fs::remove_file(disk).expect("it was there");
    at(&home, "2026-05-01T22:00:00Z", &["run"], &["--due"]).ends_with(4).says(&["BKP-09"]);
    assert_eq!(jobs(&home)[1]["advice"], "BKP-09");
}

#[test]
fn too_many_data_disks_are_refused() {
    let (home, disk) = with_policy("");
    let disks: Vec<String> = (0..18).map(|number| format!("disk{number}={disk}")).collect();
    let mut args = vec!["--vm", "web01", "--policy", "nightly", "--raw"];
    args.extend(disks.iter().map(String::as_str));
    at(&home, "", &["protect"], &args).ends_with(4).says(&["advice LIMIT-02:"]);
    args.truncate(6);
    at(&home, "", &["protect"], &args).done();
    at(&home, "", &["protect"], &["--vm", "db01", "--policy", "nightly"]).ends_with(2).says(&["db01"]);
    at(&home, "", &["protect"], &["--vm", "web01", "--policy", "none"]).ends_with(2).says(&["none"]);
    at(&home, "", &["protect"], &["--vm", "a/b", "--policy", "nightly", &disk]).ends_with(2);
}

#[test]
fn stopping_keeps_or_forgets_the_points() {
    let (home, _) = protected();
    at(&home, "2026-05-01T22:00:00Z", &["run"], &["--due"]).done();
    let now = "2026-05-02T12:00:00Z";
    at(&home, now, &["stop"], &["--vm", "web01"]).ends_with(2);
    at(&home, now, &["stop"], &["--vm", "web01", "--retain-data"]).done();
    assert_eq!(item(&home)["protection"], "stopped-retained");
    assert_eq!(home.points().len(), 1);
    at(&home, "2026-05-02T22:00:00Z", &["run"], &["--due"]).done().says(&["nothing is due"]);
    // The images are known, so protecting again needs only the policy.
    at(&home, now, &["protect"], &["--vm", "web01", "--policy", "nightly"]).done();
    assert_eq!(item(&home)["protection"], "protected");

    let delete = ["--vm", "web01", "--delete-data"];
    at(&home, now, &["stop"], &[&delete[..], &["--dry-run"]].concat()).done().says(&["1 points"]);
    assert_eq!(home.points().len(), 1);
    let id = home.points()[0]["id"].as_str().expect("an id").to_owned();
    at(&home, now, &["pin"], &[&id]).done();
    at(&home, now, &["stop"], &delete).ends_with(4).says(&["pinned"]);
    at(&home, now, &["unpin"], &[&id]).done();
    at(&home, now, &["stop"], &delete).done();
    assert!(home.points().is_empty());
    assert_eq!(item(&home)["protection"], "not-protected");
    at(&home, now, &["undelete"], &[&id[..8]]).done();
    assert_eq!(home.points().len(), 1);
    home.vault_is_sound();
}

/// Points of these days, by hand, without any policy.
fn with_points(days: &[&str]) -> Home {
    let home = Home::with_vault();
    let disk = image::raw(&home.path("web01.raw"), &lived_in(2_000, 3));
    for day in days {
        at(&home, &format!("{day}T20:00:00Z"), &["backup"], &["--vm", "web01", "--raw", &disk]).done();
    }
    home
}

fn forget(home: &Home, args: &[&str]) -> Value {
    at(home, "2026-05-10T12:00:00Z", &["forget"], &[args, &["--json"]].concat()).done().json()
}

fn kept_days(plan: &Value) -> Vec<String> {
    let points = plan["points"].as_array().cloned().unwrap_or_default();
    let kept = points.iter().filter(|point| point["action"] == "keep");
    kept.map(|point| point["time"].as_str().unwrap_or_default()[..10].to_owned()).collect()
}

#[test]
fn forget_prints_a_reason_for_each_point_and_hides_the_rest() {
    let home = with_points(&["2026-05-07", "2026-05-08", "2026-05-08", "2026-05-09"]);
    at(&home, "", &["forget"], &[]).ends_with(2).says(&["--keep-daily"]);
    let plan = forget(&home, &["--keep-daily", "2", "--dry-run"]);
    assert_eq!(kept_days(&plan), ["2026-05-08", "2026-05-09"]);
    assert_eq!(plan["points"][0]["action"], "forget");
    assert_eq!(home.points().len(), 4);

    let first = home.points()[0]["id"].as_str().expect("an id").to_owned();
    at(&home, "", &["pin"], &[&first, "--reason", "before the upgrade"]).done();
    assert_eq!(forget(&home, &["--keep-daily", "2"])["forgotten"], 1);
    assert_eq!(home.points().len(), 3);
    at(&home, "", &["unpin"], &[&first]).done();
    assert_eq!(forget(&home, &["--keep-last", "1"])["forgotten"], 2);
    assert_eq!(home.points().len(), 1);
    at(&home, "", &["undelete"], &[]).done().says(&["web01"]);
    at(&home, "", &["undelete"], &[&first]).done();
    at(&home, "", &["undelete"], &[&first]).ends_with(2);
    assert_eq!(home.points().len(), 2);
    home.vault_is_sound();
}

#[test]
fn the_newest_whole_point_stays_whatever_the_rules_say() {
    let home = with_points(&["2026-05-01", "2026-05-02"]);
    at(
        &home,
        "2026-05-02T21:00:00Z",
        &["policy", "set"],
        &["short", "--daily", "22:00", "--keep-daily", "1"],
    )
    .done();
    let plan = forget(&home, &["--policy", "short"]);
    assert_eq!(kept_days(&plan), ["2026-05-02"]);
    assert_eq!(plan["points"][1]["reasons"][0], "newest whole point");
    assert_eq!(forget(&home, &["--keep-last", "0"])["forgotten"], 0);
}

#[test]
fn a_point_of_a_wrong_clock_pushes_nothing_out_and_is_flagged() {
    let home = with_points(&["2026-05-07", "2029-01-01", "2026-05-08", "2026-05-01", "2026-05-09"]);
    let plan = forget(&home, &["--keep-daily", "2"]);
    assert_eq!(kept_days(&plan), ["2029-01-01", "2026-05-08", "2026-05-01", "2026-05-09"]);
    let doubted: Vec<bool> = (0..5).map(|place| plan["points"][place]["time_in_doubt"] == true).collect();
    assert_eq!(doubted, [false, true, false, true, false]);
}

#[test]
fn a_stand_in_for_the_clock_must_be_a_moment() {
    let home = Home::with_vault();
    at(&home, "yesterday", &["items"], &[]).ends_with(2).says(&["VHAULT_NOW", "yesterday"]);
}

#[test]
fn two_timers_at_once_make_one_point() {
    let (home, _) = protected();
    let one = || at(&home, "2026-05-01T22:00:00Z", &["run"], &["--due", "--json"]).done().json();
    let made = std::thread::scope(|scope| {
        let runs = [scope.spawn(one), scope.spawn(one)];
        runs.map(|run| run.join().expect("it ended well").as_array().map_or(0, Vec::len))
    });
    assert_eq!(made.iter().sum::<usize>(), 1, "{made:?}");
    assert_eq!(home.points().len(), 1);
    home.vault_is_sound();
}
