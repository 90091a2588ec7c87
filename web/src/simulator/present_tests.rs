use vhault_core::lifecycle::VaultCommand;
use vhault_core::sim::{scenarios, stage};
use vhault_core::time::Span;

use super::*;

fn at_end(scenario: &Scenario) -> Simulator {
    let mut simulator = Simulator::begin(scenario);
    assert_eq!(simulator.run_out(&mut || true), Ok(true), "{}", scenario.name);
    simulator
}

#[test]
fn every_scenario_ends_in_the_state_the_program_ends_in() {
    let all = scenarios::all();
    assert_eq!(all.len(), 18);
    for preset in all {
        let (_, report) = preset.scenario.run(Memory::ALL).unwrap();
        let simulator = at_end(&preset.scenario);
        assert_eq!(simulator.state_hash(), report.state_hash, "{}", preset.scenario.name);
        assert_eq!(simulator.history_hash(), report.history_hash, "{}", preset.scenario.name);
        assert_eq!(simulator.answers().len(), report.refused, "{}", preset.scenario.name);
    }
}

/// The slices of a frame may fall anywhere.
#[test]
fn frames_of_any_length_lead_to_the_same_state() {
    for preset in scenarios::all() {
        let straight = at_end(&preset.scenario);
        let mut framed = Simulator::begin(&preset.scenario);
        let end = framed.end();
        let mut frame = 1_000;
        while framed.now() < end || framed.ahead_count() > 0 {
            let to = framed.now().checked_add(Span::from_milliseconds(frame)).unwrap().min(end);
            while !framed.run_to(to, &mut || false).unwrap() {}
            frame = frame * 7 % 5_000_011 + 60_000;
        }
        assert_eq!(framed.state_hash(), straight.state_hash(), "{}", preset.scenario.name);
        assert_eq!(framed.history_hash(), straight.history_hash(), "{}", preset.scenario.name);
    }
}

#[test]
fn going_back_and_forth_leads_to_the_state_of_running_straight() {
    for preset in scenarios::all() {
        let mut simulator = at_end(&preset.scenario);
        let (start, end, last) = (simulator.genesis().start, simulator.now(), simulator.state_hash());
        let length = end.since(start).milliseconds();
        for share in [0, 13, 31, 50, 77, 99] {
            let moment = start.checked_add(Span::from_milliseconds(length * share / 100)).unwrap();
            simulator.seek(moment, &mut || true).unwrap();
            let mut straight = Simulator::begin(&preset.scenario);
            straight.run_to(moment, &mut || true).unwrap();
            assert_eq!(simulator.now(), moment);
            assert_eq!(simulator.state_hash(), straight.state_hash(), "{} {share}", preset.scenario.name);
            assert_eq!(simulator.end(), end);
            simulator.seek(end, &mut || true).unwrap();
            assert_eq!(simulator.state_hash(), last, "{} {share}", preset.scenario.name);
        }
    }
}

#[test]
fn undo_is_going_back_and_redo_does_it_again() {
    let preset = scenarios::find("first-day").unwrap();
    let mut simulator = at_end(&preset.scenario);
    let last = simulator.state_hash();
    let quota = Command::SetGroupQuota(7);
    simulator.submit(quota.clone()).unwrap();
    simulator.submit(Command::PublishExtension).unwrap();
    let both = simulator.state_hash();
    assert!(simulator.undo() && simulator.undo());
    assert_eq!(simulator.state_hash(), last);
    assert!(simulator.redo() && simulator.redo());
    assert_eq!(simulator.state_hash(), both);
    assert!(!simulator.redo());
    while simulator.undo() {}
    assert_eq!((simulator.now(), simulator.world().events), (simulator.genesis().start, 0));
    simulator.run_out(&mut || true).unwrap();
    assert_eq!(simulator.state_hash(), both);
}

#[test]
fn a_deed_in_the_past_keeps_the_old_future_beside() {
    let preset = scenarios::find("six-disks").unwrap();
    let mut simulator = at_end(&preset.scenario);
    let (end, old) = (simulator.now(), simulator.state_hash());
    let middle = Instant::from_unix_milliseconds(i64::midpoint(
        simulator.genesis().start.unix_milliseconds(),
        end.unix_milliseconds(),
    ));
    simulator.seek(middle, &mut || true).unwrap();
    simulator.submit(Command::SetQueueWait { minutes: 5 }).unwrap();
    simulator.run_to(end, &mut || true).unwrap();
    let new = simulator.state_hash();
    assert_ne!(new, old);
    simulator.swap();
    simulator.run_out(&mut || true).unwrap();
    assert_eq!(simulator.state_hash(), old);
    simulator.swap();
    assert_eq!(simulator.state_hash(), new);
    simulator.part();
    assert!(simulator.other().is_none());
}

#[test]
fn a_refused_deed_changes_nothing_and_is_remembered() {
    let preset = scenarios::find("first-day").unwrap();
    let mut simulator = at_end(&preset.scenario);
    let middle = simulator.genesis().start.checked_add(Span::from_milliseconds(3_600_000)).unwrap();
    simulator.seek(middle, &mut || true).unwrap();
    let (before, ahead) = (simulator.state_hash(), simulator.ahead_count());
    let refused = stage::ask(VaultCommand::Cancel { job: vhault_core::lifecycle::JobId(999) });
    assert!(simulator.submit(refused.clone()).is_err());
    assert_eq!((simulator.state_hash(), simulator.ahead_count()), (before, ahead));
    assert!(simulator.other().is_none());
    assert_eq!(simulator.answers().last().unwrap().command, refused);
}

#[test]
fn what_is_exported_replays_to_the_same_hash() {
    for preset in scenarios::all() {
        let mut simulator = at_end(&preset.scenario);
        let half = simulator.now().since(simulator.genesis().start).milliseconds() / 2;
        let moment = simulator.genesis().start.checked_add(Span::from_milliseconds(half)).unwrap();
        simulator.seek(moment, &mut || true).unwrap();
        let file = simulator.scenario().to_json();
        let (_, report) = Scenario::parse(&file).unwrap().run(Memory::NONE).unwrap();
        assert_eq!(report.state_hash, simulator.state_hash(), "{}", preset.scenario.name);
        assert_eq!(report.history_hash, simulator.history_hash(), "{}", preset.scenario.name);
    }
}

#[test]
fn a_file_whose_command_is_refused_stops_and_says_which() {
    let genesis = stage::genesis(vhault_core::advice::ProfileId::Recovery2016, 1);
    let run = |command, refused| {
        let step = Step { command, refused };
        let steps = vec![step];
        let scenario = Scenario { version: 1, name: String::new(), title: Title::default(), genesis, steps };
        Simulator::begin(&scenario).run_out(&mut || true)
    };
    let asked = stage::ask(VaultCommand::RunDiscovery);
    assert!(matches!(run(asked, None), Err(Stop::Refused { number: 1, .. })));
    let quota = Command::SetGroupQuota(1);
    let expected = AdviceId::Rst12;
    assert_eq!(run(quota, Some(expected)), Err(Stop::NotRefused { number: 1, expected }));
}

#[test]
fn going_back_event_by_event_reaches_the_beginning_and_forth_again_the_same_end() {
    let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
    simulator.run_out(&mut || true).unwrap();
    let end = simulator.state_hash();
    let mut steps = 0;
    while simulator.now() > simulator.genesis().start {
        let before = simulator.before_last().unwrap();
        assert!(before < simulator.now() || before == simulator.genesis().start);
        simulator.seek(before, &mut || true).unwrap();
        steps += 1;
    }
    assert!(steps > 10, "{steps}");
    simulator.run_out(&mut || true).unwrap();
    assert_eq!(simulator.state_hash(), end);
}
