//! Lesson: an error that happens before one's eyes, and its cure.

use vhault_core::advice::{AdviceId, ProfileId, Retry};
use vhault_core::lifecycle::Refusal;
use vhault_core::sim::{Command, Cure, Subject, Title, cure, failures, showcase, stage, subject_of};

use super::present::{Simulator, Stop};

/// How far a lesson is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LessonState {
    /// The error is there; the cure waits, where there is one.
    Raised,
    /// The cure was applied and the same operation tried again: the error is gone.
    Cured,
    /// It came back.
    Again,
    /// A command was refused on the way, and not with this error.
    Broken(Refusal),
}

/// An error, how it came about and how to mend it.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The error.
    pub id: AdviceId,
    /// The rules it happens under.
    pub profile: ProfileId,
    /// What led to it, without the waits.
    pub led: Vec<Command>,
    /// What raised it.
    pub raised_by: Vec<Command>,
    /// What it is about.
    pub subject: Subject,
    /// What mends it, and the same operation again.
    pub cure: Option<Cure>,
    /// How far it is.
    pub state: LessonState,
    /// Where in the history the events after the cure begin.
    pub cured_from: usize,
}

impl Lesson {
    /// The rules an error can be shown under, oldest first.
    pub fn profiles(id: AdviceId) -> Vec<ProfileId> {
        ProfileId::ALL.into_iter().filter(|profile| showcase(id, *profile).is_some()).collect()
    }

    /// The world in which `id` happens, at the moment it has happened.
    ///
    /// None for what is no error under `profile`.
    pub fn begin(id: AdviceId, profile: ProfileId) -> Option<(Simulator, Lesson)> {
        let case = showcase(id, profile)?;
        let title = id.entry().title;
        let title = Title { en: title.en.to_owned(), ko: title.ko.to_owned() };
        let mut simulator = Simulator::empty(stage::genesis(profile, 1), id.code(), title);
        for command in &case.setup {
            carry_out(&mut simulator, command).ok()?;
        }
        let raised = raise(&mut simulator, &case.raise).ok()?;
        let (_, subject) = raised.into_iter().find(|(raised, _)| *raised == id)?;
        let subject = complete(&simulator, subject);
        let cure = (id.entry().retry != Retry::No).then(|| cure(simulator.world(), id, &subject)).flatten();
        let cured_from = simulator.history().len();
        let lesson = Lesson {
            id,
            profile,
            led: case.setup,
            raised_by: case.raise,
            subject,
            cure,
            state: LessonState::Raised,
            cured_from,
        };
        Some((simulator, lesson))
    }

    /// Applies the cure in `simulator` and tries the same again. Where the
    /// guides say that nothing helps, only tries again.
    pub fn apply(&mut self, simulator: &mut Simulator) {
        self.cured_from = simulator.history().len();
        let fixed =
            self.cure.iter().flat_map(|cure| &cure.fix).try_for_each(|command| carry_out(simulator, command));
        if let Err(refusal) = fixed {
            self.state = LessonState::Broken(refusal);
            return;
        }
        let retry = match &self.cure {
            Some(cure) => cure.retry.as_slice(),
            None => self.raised_by.as_slice(),
        };
        self.state = match raise(simulator, retry) {
            Ok(raised) if raised.iter().any(|(raised, _)| *raised == self.id) => LessonState::Again,
            Ok(_) => LessonState::Cured,
            Err(refusal) => LessonState::Broken(refusal),
        };
    }
}

/// Carries out a command; waits let time pass.
fn carry_out(simulator: &mut Simulator, command: &Command) -> Result<(), Refusal> {
    let to = match command {
        Command::AdvanceTo(to) => Some(*to),
        Command::Wait { minutes } => {
            let span = vhault_core::time::Span::from_milliseconds(i64::from(*minutes) * 60_000);
            simulator.now().checked_add(span)
        }
        _ => None,
    };
    match to {
        Some(to) => match simulator.run_to(to, &mut || true) {
            Err(Stop::Refused { refusal, .. }) => Err(refusal),
            // A full page ends no lesson: what it shows has happened by then.
            Ok(_) | Err(_) => Ok(()),
        },
        None => simulator.submit(command.clone()).map(|_| ()),
    }
}

/// Carries out commands, and tells what they raised; only the last may be refused.
fn raise(simulator: &mut Simulator, commands: &[Command]) -> Result<Vec<(AdviceId, Subject)>, Refusal> {
    let first = simulator.history().len();
    let mut refused = None;
    for (place, command) in commands.iter().enumerate() {
        if let Err(refusal) = carry_out(simulator, command) {
            match refusal.advice().filter(|_| place + 1 == commands.len()) {
                Some(id) => refused = Some((id, subject_of(command))),
                None => return Err(refusal),
            }
        }
    }
    let mut raised = failures(&simulator.history()[first..]);
    raised.extend(refused);
    Ok(raised)
}

/// Adds the machine of a job that began before what raised the error.
fn complete(simulator: &Simulator, mut subject: Subject) -> Subject {
    if let (None, Some(job)) = (&subject.item, subject.job) {
        let vault = simulator.world().vaults.get(&subject.vault);
        subject.item = vault.and_then(|vault| Some(vault.catalogue.jobs.get(&job)?.item.clone()));
    }
    subject
}

#[cfg(test)]
mod tests {
    use vhault_core::advice::Kind;

    use super::*;

    /// Every error of the catalogue is raised and cured by what the page's buttons do.
    #[test]
    fn every_error_is_shown_and_its_cure_cures_it() {
        let (mut cured, mut stubborn) = (0, Vec::new());
        for id in AdviceId::ALL.into_iter().filter(|id| id.entry().kind == Kind::Error) {
            let profiles = Lesson::profiles(id);
            assert!(!profiles.is_empty(), "{id} cannot be shown");
            for profile in profiles {
                let (mut simulator, mut lesson) =
                    Lesson::begin(id, profile).unwrap_or_else(|| panic!("{id} {profile} does not happen"));
                let raised = failures(simulator.history()).iter().any(|(raised, _)| *raised == id);
                let refused =
                    simulator.answers().last().is_some_and(|answered| answered.refusal.advice() == Some(id));
                assert!(raised || refused, "{id} {profile}");
                if lesson.cure.is_none() {
                    let before = simulator.state_hash();
                    lesson.apply(&mut simulator);
                    assert_eq!(lesson.state, LessonState::Again, "{id}");
                    assert_eq!(simulator.state_hash(), before, "{id}: a refusal changed the state");
                    stubborn.push(id);
                    continue;
                }
                lesson.apply(&mut simulator);
                assert_eq!(lesson.state, LessonState::Cured, "{id} {profile}: {:?}", lesson.cure);
                cured += 1;
            }
        }
        assert!(stubborn.iter().all(|id| id.entry().retry == Retry::No), "{stubborn:?}");
        // As the proofs of core count them: 43 with both profiles.
        assert_eq!(cured + stubborn.len(), 43, "{stubborn:?}");
    }

    #[test]
    fn what_is_no_error_is_not_shown() {
        for id in AdviceId::ALL.into_iter().filter(|id| id.entry().kind != Kind::Error) {
            assert_eq!(Lesson::profiles(id), [], "{id}");
        }
    }
}
