//! Each of the 41 errors is raised by people's commands and cured by its remedy.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::command::Command;
use super::remedy::{Subject, cure};
use super::showcase::{Showcase, failures, showcase, subject_of};
use super::simulation::{Memory, Simulation};
use super::stage::genesis;
use crate::advice::{AdviceId, Kind, ProfileId, Retry};

/// Carries out all but a last refused command; says what was raised, about what.
fn raise(simulation: &mut Simulation, commands: &[Command]) -> Result<Vec<(AdviceId, Subject)>, String> {
    let first = simulation.history().len();
    let mut refused = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        if let Err(refusal) = simulation.submit(command.clone()) {
            let id = refusal.advice().ok_or_else(|| format!("{command:?}: {refusal}"))?;
            if index + 1 < commands.len() {
                return Err(format!("{command:?} is refused too early: {refusal}"));
            }
            refused.push((id, subject_of(command)));
        }
    }
    let mut raised = failures(&simulation.history()[first..]);
    raised.extend(refused);
    Ok(raised)
}

fn begin(showcase: &Showcase) -> Simulation {
    let mut simulation = Simulation::new(genesis(showcase.profile, 1), Memory::ALL);
    for command in &showcase.setup {
        if let Err(refusal) = simulation.submit(command.clone()) {
            panic!("{} {}: {command:?}: {refusal}", showcase.id, showcase.profile);
        }
    }
    simulation
}

/// What `failures` cannot know: the machine of a job created before the raising commands.
fn complete(simulation: &Simulation, mut subject: Subject) -> Subject {
    if let (None, Some(job)) = (&subject.item, subject.job) {
        let vault = &simulation.world().vaults[&subject.vault];
        subject.item = vault.catalogue.jobs.get(&job).map(|job| job.item.clone());
    }
    subject
}

fn prove(showcase: &Showcase) -> Result<(), String> {
    let id = showcase.id;
    let mut simulation = begin(showcase);
    let raised = raise(&mut simulation, &showcase.raise)?;
    let (_, subject) = raised
        .iter()
        .find(|(raised, _)| *raised == id)
        .ok_or_else(|| format!("raised {raised:?} instead"))?;
    let subject = complete(&simulation, subject.clone());
    if id.entry().retry == Retry::No {
        let last = showcase.raise.last().unwrap();
        let before = simulation.world().hash();
        for _ in 0..3 {
            let again = simulation.submit(last.clone()).map_err(|refusal| refusal.advice());
            assert_eq!(again, Err(Some(id)));
            assert_eq!(simulation.world().hash(), before, "a refusal changed the state");
        }
        return Ok(());
    }
    let cure = cure(simulation.world(), id, &subject).ok_or("no cure")?;
    for command in &cure.fix {
        simulation.submit(command.clone()).map_err(|refusal| format!("fix {command:?}: {refusal}"))?;
    }
    let again = raise(&mut simulation, &cure.retry).map_err(|error| format!("retry: {error}"))?;
    if again.iter().any(|(again, _)| *again == id) {
        return Err(format!("raised again after {:?}", cure.fix));
    }
    Ok(())
}

fn errors() -> impl Iterator<Item = AdviceId> {
    AdviceId::ALL.into_iter().filter(|id| id.entry().kind == Kind::Error)
}

/// Invariant I-21, and the proof of every error in every profile that has it.
#[test]
fn every_error_is_raised_by_a_persons_commands_and_cured_by_its_remedy() {
    let mut proved = 0;
    let mut failed = Vec::new();
    for id in errors() {
        for profile in ProfileId::ALL.into_iter().filter(|profile| id.entry().profiles.contains(*profile)) {
            let Some(showcase) = showcase(id, profile) else {
                failed.push(format!("{id} {profile}: no showcase"));
                continue;
            };
            match prove(&showcase) {
                Ok(()) => proved += 1,
                Err(why) => failed.push(format!("{id} {profile}: {why}")),
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // 41 errors, two of them in both profiles.
    assert_eq!(proved, 43);
}

/// Faults are injected only where an entry speaks of an internal error or a failing cancel.
#[test]
fn faults_are_injected_only_where_the_entry_names_one() {
    for id in errors() {
        for showcase in ProfileId::ALL.into_iter().filter_map(|profile| showcase(id, profile)) {
            let injected = showcase.setup.iter().chain(&showcase.raise);
            let injected = injected.filter(|command| matches!(command, Command::InjectFault(_))).count();
            let may = matches!(id, AdviceId::Disc06 | AdviceId::Bkp14 | AdviceId::Cancel04);
            assert_eq!(injected, usize::from(may), "{id}");
        }
    }
}

#[test]
fn what_is_no_error_of_a_profile_has_no_showcase() {
    assert_eq!(showcase(AdviceId::Reg13, ProfileId::Recovery2016), None);
    assert_eq!(showcase(AdviceId::Bkp01, ProfileId::Recovery2016), None);
}
