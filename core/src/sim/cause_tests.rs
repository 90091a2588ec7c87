//! Chains of causes over every ready scenario and every error that can be shown.

use alloc::format;
use alloc::string::String;

use super::*;
use crate::advice::Kind;
use crate::lifecycle::ProfileId;
use crate::sim::change::VmChange;
use crate::sim::command::Command;
use crate::sim::simulation::{Memory, Simulation};
use crate::sim::{describe, scenarios, showcase, stage};

fn is_time(command: &Command) -> bool {
    matches!(command, Command::AdvanceTo(_) | Command::Wait { .. })
}

/// What comes of time has a cause, and what people ask for is a root.
#[test]
fn every_event_of_every_scenario_has_a_cause_or_was_asked_for() {
    let (mut caused, mut asked) = (0, 0);
    for preset in scenarios::all() {
        let name = &preset.scenario.name;
        let (simulation, _) = preset.scenario.run(Memory::ALL).unwrap();
        for (place, record) in simulation.history().iter().enumerate() {
            if record.event == Event::TimePassed {
                continue;
            }
            let line = describe(record);
            let given = simulation.command_of(record.number).unwrap();
            let cause = cause(simulation.history(), place).unwrap();
            if is_time(&simulation.log()[given]) {
                assert!(cause.of.is_some_and(|of| of < place), "{name}: {line}: {cause:?}");
                caused += 1;
            } else if cause.rule.is_root() {
                assert_eq!(cause.of, None, "{name}: {line}");
                asked += 1;
            } else {
                // What a command brings along with what was asked for.
                let of = cause.of.unwrap();
                assert_eq!(
                    simulation.command_of(simulation.history()[of].number),
                    Some(given),
                    "{name}: {line}"
                );
            }
            assert!(cause.circumstances.iter().all(|of| *of < place), "{name}: {line}");
        }
    }
    assert!(caused > 1_500 && asked > 200, "{caused} {asked}");
}

#[test]
fn every_chain_ends_at_a_command_that_a_person_gave() {
    let mut longest = 0;
    for preset in scenarios::all() {
        let (simulation, _) = preset.scenario.run(Memory::ALL).unwrap();
        let history = simulation.history();
        for (place, record) in history.iter().enumerate() {
            if record.event == Event::TimePassed {
                continue;
            }
            let links = chain(history, place);
            assert_eq!(links[0].place, place);
            let last = links.last().unwrap();
            assert!(last.cause.rule.is_root(), "{}: {}", preset.scenario.name, describe(record));
            let given = simulation.command_of(history[last.place].number).unwrap();
            assert!(!is_time(&simulation.log()[given]));
            longest = longest.max(links.len());
        }
    }
    assert!((5..=10).contains(&longest), "{longest}");
}

/// A chain in one line each: what a person reads, oldest last.
fn lines(simulation: &Simulation, place: usize) -> String {
    let history = simulation.history();
    let told = |place: &usize| {
        let line = describe(&history[*place]);
        line.split_once("  ").map_or(line.clone(), |(_, what)| String::from(what))
    };
    let line = |link: &Link| {
        let ids: Vec<&str> = link.cause.advice.iter().map(|id| id.code()).collect();
        let deeds: Vec<String> = link.cause.circumstances.iter().map(told).collect();
        format!("{} | {:?} | {} | {}", told(&link.place), link.cause.rule, ids.join(" "), deeds.join("; "))
    };
    chain(history, place).iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_failure_by_a_closed_network_leads_to_who_closed_it() {
    let (simulation, _) = scenarios::find("locked-network").unwrap().scenario.run(Memory::ALL).unwrap();
    let failed = simulation
        .history()
        .iter()
        .position(|record| matches!(record.event, Event::Vault(_, VaultEvent::AlertRaised { .. })));
    assert_eq!(
        lines(&simulation, failed.unwrap()),
        "vault: alert about shop/web: backup-failed | AlertOfEnd | BKP-10 | \n\
         vault: job 2 FAILED BKP-10 <- NET-02 NET-06 SNAP-02 | TimeUp | BKP-10 NET-02 NET-06 SNAP-02 | machine shop/web: nsg:deny\n\
         vault: job 2 will fail with BKP-10 | CannotSucceed | BKP-10 NET-02 NET-06 SNAP-02 | machine shop/web: nsg:deny\n\
         vault: job 2 created: backup shop/web (on-demand) | Asked |  | "
    );
}

#[test]
fn a_point_that_expired_leads_to_the_policy_that_kept_it() {
    let (simulation, _) = scenarios::find("retention").unwrap().scenario.run(Memory::ALL).unwrap();
    let gone = simulation
        .history()
        .iter()
        .position(|record| matches!(record.event, Event::Vault(_, VaultEvent::PointPruned { .. })));
    let rules: Vec<Rule> =
        chain(simulation.history(), gone.unwrap()).iter().map(|link| link.cause.rule).collect();
    let expected = [
        Rule::RetentionOver,
        Rule::PointOfSnapshot,
        Rule::SnapshotOfBackup,
        Rule::RunTakesMachine,
        Rule::Schedule,
        Rule::Asked,
    ];
    assert_eq!(rules, expected);
}

/// Whatever a scene breaks before an error is named as its circumstance.
#[test]
fn the_deed_behind_every_shown_failure_is_found() {
    let (mut found, mut alone) = (0, Vec::new());
    for id in AdviceId::ALL.into_iter().filter(|id| id.entry().kind == Kind::Error) {
        for profile in ProfileId::ALL {
            let Some(case) = showcase(id, profile) else { continue };
            let mut simulation = Simulation::new(stage::genesis(profile, 1), Memory::ALL);
            for command in &case.setup {
                simulation.submit(command.clone()).unwrap();
            }
            let mut answer = None;
            for command in &case.raise {
                answer = simulation.submit(command.clone()).err();
            }
            let history = simulation.history();
            let failed = history.iter().rposition(|record| match &record.event {
                Event::Vault(_, VaultEvent::JobFailed { id: failed, .. }) => *failed == id,
                Event::Vault(_, VaultEvent::DiscoveryFailed { .. }) => id == AdviceId::Disc06,
                _ => false,
            });
            let deeds = match (failed, answer) {
                (Some(place), _) => {
                    let cause = cause(history, place).unwrap();
                    assert_eq!(cause.advice[0], id);
                    cause.circumstances
                }
                (None, Some(refusal)) => {
                    assert_eq!(refusal.advice(), Some(id));
                    let subject = crate::sim::subject_of(case.raise.last().unwrap());
                    circumstances(history, subject.item.as_ref(), &[id])
                }
                (None, None) => panic!("{id} {profile} does not happen"),
            };
            match deeds.is_empty() {
                true => alone.push(id),
                false => found += 1,
            }
        }
    }
    alone.dedup();
    // These are about the request itself or about a job at work: nothing in the world is broken.
    let of_request = [
        AdviceId::Disc07,
        AdviceId::Reg17,
        AdviceId::Pol07,
        AdviceId::Bkp08,
        AdviceId::Cancel01,
        AdviceId::Cancel02,
        AdviceId::Cancel03,
        AdviceId::Rst06,
        AdviceId::Rst09,
        AdviceId::Rst10,
        AdviceId::Rst13,
    ];
    assert_eq!(alone, of_request);
    assert!(found > 25, "{found}");
}

#[test]
fn what_is_mended_and_broken_again_names_the_newest_deed() {
    let deny = VmChange::Nsg(crate::lifecycle::Access::Deny);
    let web: VmIdentity = "shop/web".parse().unwrap();
    let record = |number: u64, change: &VmChange| Record {
        at: Instant::from_unix_milliseconds(i64::try_from(number).unwrap()),
        number,
        event: Event::VmChanged(web.clone(), change.clone()),
    };
    let history = [record(1, &deny), record(2, &VmChange::AddNsgRule), record(3, &deny)];
    assert_eq!(circumstances(&history, Some(&web), &[AdviceId::Snap02]), [2]);
    let other: VmIdentity = "shop/other".parse().unwrap();
    assert!(circumstances(&history, Some(&other), &[AdviceId::Snap02]).is_empty());
}

#[test]
fn every_rule_is_a_sentence_in_both_languages() {
    for rule in Rule::ALL {
        let text = rule.sentence();
        assert!(text.en.ends_with('.') && text.ko.ends_with('.'), "{rule:?}");
        assert!(text.ko.chars().any(|letter| ('가'..='힣').contains(&letter)), "{rule:?}");
    }
}
