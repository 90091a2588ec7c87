//! The golden logs of the ready scenarios, and the path each of them takes.
//!
//! Run with `VHAULT_BLESS=1` to write the logs anew, then review them.

use alloc::format;
use alloc::string::String;
use std::path::Path;

use super::super::describe::describe;
use super::super::event::Event;
use super::super::simulation::{Memory, Simulation};
use super::super::stage::genesis;
use super::*;
use crate::lifecycle::{Registration, VaultEvent, notice};

/// The log of a scenario, and every entry it came by.
pub(in crate::sim) fn play(preset: &Preset) -> (String, Vec<AdviceId>) {
    let mut log = format!("# {}\n", preset.scenario.title.en);
    let mut said = Vec::new();
    let mut simulation = Simulation::new(preset.scenario.genesis, Memory::ALL);
    for step in &preset.scenario.steps {
        let command = serde_json::to_string(&step.command).unwrap();
        log.push_str(&format!("> {command}\n"));
        match simulation.submit(step.command.clone()) {
            Ok(first) => {
                for record in &simulation.history()[first..] {
                    log.push_str(&format!("  {}\n", describe(record)));
                    if let Event::Vault(vault, event) = &record.event {
                        let catalogue = &simulation.world().vaults[vault].catalogue;
                        said.extend(notice(catalogue, event).map(|notice| notice.id));
                        if let VaultEvent::JobFailed { causes, .. } = event {
                            said.extend(causes);
                        }
                        if let VaultEvent::PointCreated { point } = event {
                            said.extend(catalogue.items[&point.item].status_advice());
                        }
                    }
                }
            }
            Err(refusal) => {
                said.extend(refusal.advice());
                log.push_str(&format!("! {refusal}\n"));
            }
        }
    }
    log.push_str(&format!("# events {}\n# state {}\n", simulation.history_hash(), simulation.world().hash()));
    (log, said)
}

#[test]
fn every_scenario_logs_what_its_golden_log_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sim/golden");
    let bless = std::env::var_os("VHAULT_BLESS").is_some();
    let mut files: Vec<String> = Vec::new();
    for preset in all() {
        let (log, _) = play(&preset);
        let file = format!("{}.log", preset.scenario.name);
        let path = folder.join(&file);
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &log).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap();
        for (number, (left, right)) in (1..).zip(log.lines().zip(golden.lines())) {
            assert_eq!(left, right, "{file}, line {number}");
        }
        assert_eq!(log.lines().count(), golden.lines().count(), "{file}");
        files.push(file);
    }
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    files.sort();
    assert_eq!(files, found, "a log without a scenario, or a scenario without its log");
    assert_eq!(files.len(), 18);
}

#[test]
fn every_scenario_takes_its_path() {
    for preset in all() {
        let (_, said) = play(&preset);
        let mut rest = said.iter();
        for id in &preset.path {
            assert!(rest.any(|said| said == id), "{}: {id} missing in {said:?}", preset.scenario.name);
        }
    }
}

fn end(name: &str) -> Simulation {
    find(name).unwrap().scenario.run(Memory::ALL).unwrap().0
}

#[test]
fn the_first_day_ends_with_two_points() {
    let simulation = end("first-day");
    assert_eq!(simulation.world().vaults[&vault()].catalogue.points.len(), 2);
}

#[test]
fn once_the_crowd_is_spread_no_snapshot_is_late() {
    let simulation = end("crowd");
    let second_night = simulation.world().clock.unix_milliseconds() - i64::from(DAY) * 60_000;
    let late = |record: &&super::super::event::Record| {
        matches!(record.event, Event::Vault(_, VaultEvent::SnapshotDelayed { .. }))
    };
    let late: Vec<_> = simulation.history().iter().filter(late).collect();
    assert_eq!(late.len(), 5, "the first night has nine machines where four may start");
    assert!(late.iter().all(|record| record.at.unix_milliseconds() < second_night));
}

#[test]
fn machines_of_one_name_are_told_apart_by_their_cloud_service() {
    let simulation = end("same-names");
    let items = &simulation.world().vaults[&vault()].catalogue.items;
    let registered: Vec<String> = items
        .values()
        .filter(|item| item.registration == Registration::Registered)
        .map(|item| format!("{}", item.identity))
        .collect();
    assert_eq!(registered, [WEB]);
}

#[test]
fn retention_keeps_what_it_says_at_each_stage() {
    let simulation = end("retention");
    let start = genesis(CLASSIC, 1).start.unix_milliseconds();
    let points_on = |day: i64| {
        let moment = crate::time::Instant::from_unix_milliseconds(start + day * 86_400_000 + 3_600_000);
        let past = simulation.at(moment).unwrap();
        past.world().vaults[&vault()].catalogue.points.len()
    };
    // Clean-up runs at 08:00; a point of 22:00 goes at the first clean-up after its last day.
    assert_eq!(points_on(20), 20);
    assert_eq!(points_on(39), 30);
    assert_eq!(points_on(41), 7);
    let stopped = points_on(43);
    assert_eq!(points_on(70), stopped, "nothing goes while protection is stopped");
    assert_eq!(points_on(75), 3, "resumed, the old points go and new ones come");
}
