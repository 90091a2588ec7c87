//! The lifecycle on the command line: entries explained, scenarios run, replayed and refused.

use std::fs;

use vhault_tests::program::{command, run, vhault};
use vhault_tests::vault::Home;

#[test]
fn an_entry_is_explained_in_either_language() {
    vhault(["explain", "bkp-16", "--lang", "en"]).done().says(&["BKP-16", "BitLocker", "after-fix"]);
    vhault(["explain", "BKP-16", "--lang", "ko"]).done().says(&["제어판"]);
    run(command(["explain", "BKP-16"]).env("LC_ALL", "ko_KR.UTF-8")).done().says(&["제어판"]);
    assert_eq!(vhault(["explain", "--list"]).done().stdout.lines().count(), 140);
    let found = vhault(["explain", "--search", "premium storage", "--json"]).done().json();
    assert_eq!(found[0]["id"], "BKP-17");
    vhault(["explain", "BKP-99"]).ends_with(2).says(&["BKP-99", "--list"]);
}

#[test]
fn an_exported_scenario_replays_to_the_hash_of_its_golden_log() {
    let listed = vhault(["sim", "scenarios"]).done().stdout;
    assert_eq!(listed.lines().count(), 18);
    let home = Home::empty();
    let file = home.path("crowd.json");
    fs::write(&file, vhault(["sim", "scenarios", "--export", "crowd"]).done().stdout).unwrap();
    let file = file.to_str().unwrap();
    let replayed = vhault(["sim", "replay", file, "--json"]).done().json();
    let played = vhault(["sim", "run", "crowd", "--json"]).done().json();
    assert_eq!(replayed, played);
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src/sim/golden/crowd.log");
    let golden = fs::read_to_string(golden).unwrap();
    let state = golden.lines().last().unwrap().strip_prefix("# state ").unwrap();
    assert_eq!(replayed["state_hash"], state);
}

#[test]
fn a_scenario_that_cannot_be_read_ends_with_2_and_says_where() {
    let home = Home::empty();
    let file = home.path("broken.json");
    let named = file.to_str().unwrap().to_owned();
    fs::write(&file, "{\"version\": 9}").unwrap();
    vhault(["sim", "replay", &named]).ends_with(2).says(&["version 9", "newer"]);
    fs::write(&file, "{\"version\": 1").unwrap();
    vhault(["sim", "replay", &named]).ends_with(2).says(&["line 1"]);
    vhault(["sim", "run", "no-such-scenario"]).ends_with(2).says(&["no-such-scenario"]);
}

#[test]
fn random_commands_are_run_from_the_seed_asked_for() {
    let told =
        vhault(["sim", "fuzz", "--seed", "7", "--seeds", "2", "--commands", "40", "--json"]).done().json();
    let seeds: Vec<_> = told.as_array().unwrap().iter().map(|report| report["seed"].clone()).collect();
    assert_eq!(seeds, [7, 8]);
}
