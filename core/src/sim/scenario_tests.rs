//! Files that read back, and files that are refused.

use alloc::format;
use alloc::string::ToString;

use super::super::scenarios;
use super::*;
use crate::time::Instant;

fn first() -> Scenario {
    scenarios::all().remove(0).scenario
}

#[test]
fn a_scenario_reads_back_and_replays_to_the_same_state() {
    for preset in scenarios::all() {
        let read = Scenario::parse(&preset.scenario.to_json()).unwrap();
        assert_eq!(read, preset.scenario);
        let (once, report) = preset.scenario.run(Memory::ALL).unwrap();
        let (_, again) = read.run(Memory::NONE).unwrap();
        assert_eq!(report, again, "memory of the past changed the present");
        let folded = Simulation::fold(once.genesis(), once.history());
        assert_eq!(&folded, once.world());
    }
}

#[test]
fn what_was_done_saves_as_a_scenario_that_replays() {
    let (simulation, report) = first().run(Memory::ALL).unwrap();
    let saved = Scenario::of(&simulation, "saved", Title::default());
    let (_, again) = Scenario::parse(&saved.to_json()).unwrap().run(Memory::NONE).unwrap();
    assert_eq!((again.state_hash, again.history_hash), (report.state_hash, report.history_hash));
}

#[test]
fn a_file_from_a_newer_version_is_refused_whatever_is_in_it() {
    let text = first().to_json().replacen("\"version\": 1", "\"version\": 2, \"new\": true", 1);
    assert_eq!(Scenario::parse(&text), Err(ScenarioError::Newer { found: 2 }));
    let zero = first().to_json().replacen("\"version\": 1", "\"version\": 0", 1);
    assert_eq!(Scenario::parse(&zero), Err(ScenarioError::Zero));
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let text = first().to_json();
    for end in (0..text.trim_end().len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
        assert!(matches!(Scenario::parse(&text[..end]), Err(ScenarioError::Malformed { .. })), "{end}");
    }
}

#[test]
fn a_file_too_large_is_refused_unread() {
    let text = " ".repeat(SCENARIO_BYTES_MAX + 1);
    assert_eq!(Scenario::parse(&text), Err(ScenarioError::TooLarge { bytes: SCENARIO_BYTES_MAX + 1 }));
}

#[test]
fn unknown_commands_fields_and_ids_are_refused() {
    let text = first().to_json();
    for (old, new) in [
        ("add-region", "add-galaxy"),
        ("\"genesis\"", "\"genezis\""),
        ("{\"wait\":{\"minutes\"", "{\"wait\":{\"hours\""),
    ] {
        assert!(text.contains(old), "{old}");
        let broken = text.replacen(old, new, 1);
        assert!(matches!(Scenario::parse(&broken), Err(ScenarioError::Malformed { .. })), "{new}");
    }
    let unknown_id = text.replacen("\"command\"", "\"refused\":\"BKP-99\",\"command\"", 1);
    assert!(matches!(Scenario::parse(&unknown_id), Err(ScenarioError::Malformed { .. })));
}

#[test]
fn a_step_that_goes_otherwise_is_named() {
    let mut scenario = first();
    scenario.steps[0].refused = Some(AdviceId::Bkp08);
    assert_eq!(
        scenario.run(Memory::NONE).map(|_| ()),
        Err(ScenarioError::NotRefused { step: 1, expected: AdviceId::Bkp08 })
    );
    let mut twice = first();
    twice.steps.insert(1, twice.steps[0].clone());
    assert!(matches!(twice.run(Memory::NONE), Err(ScenarioError::Refused { step: 2, .. })));
    assert!(format!("{}", ScenarioError::Zero).to_string().starts_with("version"));
}

#[test]
fn impossible_times_are_refused_and_change_nothing() {
    let (mut simulation, _) = first().run(Memory::ALL).unwrap();
    let before = simulation.world().hash();
    for moment in [i64::MIN, 0, i64::MAX] {
        let moment = Instant::from_unix_milliseconds(moment);
        assert!(simulation.submit(Command::AdvanceTo(moment)).is_err());
    }
    assert!(simulation.submit(Command::Wait { minutes: u32::MAX }).is_err());
    assert_eq!(simulation.world().hash(), before);
}
