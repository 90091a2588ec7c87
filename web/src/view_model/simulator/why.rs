//! Why: a chain of causes in words, down to the entry, the rule and the remedy.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{JobId, PointNumber, VaultEvent, VaultName};
use vhault_core::sim::{Event, Record, Rule, chain, circumstances, moment, subject_of};
use vhault_core::time::Instant;

use super::core_lang;
use super::deed;
use super::happening;
use super::refusal;
use crate::simulator::Simulator;
use crate::text::{Both, Lang};
use crate::view_model::tone::Tone;

/// What somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// An event, by its number.
    Event(u64),
    /// A job: why it ended so, or why it runs.
    Job(VaultName, JobId),
    /// A recovery point: why it is there.
    Point(VaultName, PointNumber),
    /// A refusal, by its place among those remembered.
    Refusal(usize),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// What it is about.
    pub title: Both,
    /// When that was.
    pub at: String,
    /// From it back to a person.
    pub steps: Vec<Step>,
    /// What was asked in the beginning, as a person says it and as files write it.
    pub deed: Option<(Both, String)>,
    /// What the catalogue says to do, each entry once.
    pub remedies: Vec<(AdviceId, Both)>,
    /// What would make a refused command succeed.
    pub way_out: Option<Both>,
}

/// One event of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub number: u64,
    /// When.
    pub when: Instant,
    /// The same as text.
    pub at: String,
    /// What it means.
    pub tone: Tone,
    /// What happened.
    pub words: Both,
    /// How it came of the next step.
    pub rule: Both,
    /// Entries that say more.
    pub advice: Vec<AdviceId>,
    /// Earlier deeds that made it so: number, moment, words.
    pub deeds: Vec<(u64, String, Both)>,
}

/// The answer to `question`; none where it is about nothing known at this moment.
pub fn answer(simulator: &Simulator, question: &Question) -> Option<Why> {
    match question {
        Question::Event(number) => simulator.event(*number).map(|(place, _)| of_event(simulator, place)),
        Question::Job(vault, job) => {
            telling(simulator.history(), vault, *job).map(|place| of_event(simulator, place))
        }
        Question::Point(vault, point) => {
            let made = simulator.history().iter().rposition(|record| {
                matches!(&record.event, Event::Vault(name, VaultEvent::PointCreated { point: made })
                    if name == vault && made.number == *point)
            });
            made.map(|place| of_event(simulator, place))
        }
        Question::Refusal(place) => of_answer(simulator, *place),
    }
}

/// The number of the event that [`answer`] explains for a job.
///
/// Its end, else that it cannot succeed, else that it was accepted.
fn telling(history: &[Record], vault: &VaultName, job: JobId) -> Option<usize> {
    let weight = |event: &Event| match event {
        Event::Vault(name, event) if name == vault => match event {
            VaultEvent::JobCompleted { job: ended }
            | VaultEvent::JobCompletedWithWarnings { job: ended, .. }
            | VaultEvent::JobFailed { job: ended, .. }
            | VaultEvent::JobCancelled { job: ended } => (*ended == job).then_some(3),
            VaultEvent::PhaseDoomed { job: doomed, .. } => (*doomed == job).then_some(2),
            VaultEvent::JobCreated { job: made, .. } => (*made == job).then_some(1),
            _ => None,
        },
        _ => None,
    };
    let found =
        history.iter().enumerate().filter_map(|(place, record)| Some((weight(&record.event)?, place)));
    found.max().map(|(_, place)| place)
}

fn both(text: vhault_core::advice::Text) -> Both {
    Both::new(text.in_lang(core_lang(Lang::En)), text.in_lang(core_lang(Lang::Ko)))
}

fn brief(record: &Record) -> (u64, String, Both) {
    (record.number, moment(record.at), happening::of(record).words)
}

fn of_event(simulator: &Simulator, place: usize) -> Why {
    let history = simulator.history();
    let links = chain(history, place);
    let steps: Vec<Step> = links
        .iter()
        .map(|link| {
            let line = happening::of(&history[link.place]);
            Step {
                number: line.number,
                when: history[link.place].at,
                at: line.at,
                tone: line.tone,
                words: line.words,
                rule: both(link.cause.rule.sentence()),
                advice: link.cause.advice.clone(),
                deeds: link.cause.circumstances.iter().map(|place| brief(&history[*place])).collect(),
            }
        })
        .collect();
    let root = links.last().map_or(place, |link| link.place);
    let deed = simulator.deed_of(history[root].number);
    let line = happening::of(&history[place]);
    let ids = links.iter().flat_map(|link| link.cause.advice.iter().copied());
    Why {
        title: line.words,
        at: line.at,
        deed: deed.map(|command| (deed::words(command), deed::written(command))),
        remedies: remedies(ids),
        steps,
        way_out: None,
    }
}

fn of_answer(simulator: &Simulator, place: usize) -> Option<Why> {
    let answered = simulator.answers().get(place)?;
    let mut ids: Vec<AdviceId> = answered.refusal.advice().into_iter().collect();
    if let vhault_core::lifecycle::Refusal::Advised(advised) = &answered.refusal {
        ids.extend(&advised.causes);
    }
    let history = simulator.history();
    let subject = subject_of(&answered.command);
    let deeds = circumstances(history, subject.item.as_ref(), &ids);
    let step = Step {
        number: 0,
        when: answered.at,
        at: moment(answered.at),
        tone: Tone::Bad,
        words: refusal::of(&answered.refusal),
        rule: both(Rule::Asked.sentence()),
        advice: ids,
        deeds: deeds.into_iter().map(|place| brief(&history[place])).collect(),
    };
    Some(Why {
        title: deed::words(&answered.command),
        at: moment(answered.at),
        steps: vec![step],
        deed: Some((deed::words(&answered.command), deed::written(&answered.command))),
        remedies: Vec::new(),
        way_out: Some(refusal::way_out(&answered.refusal)),
    })
}

/// What to do about entries that name a failure or its cause; a rule that only
/// explains asks for nothing.
fn remedies(ids: impl Iterator<Item = AdviceId>) -> Vec<(AdviceId, Both)> {
    use vhault_core::advice::Kind;
    let mut told: Vec<(AdviceId, Both)> = Vec::new();
    for id in ids {
        let entry = id.entry();
        let speaks = matches!(entry.kind, Kind::Error | Kind::Cause | Kind::Limit | Kind::Consistency)
            || matches!(id.code().split('-').next(), Some("NET" | "AGENT"));
        if let Some(remedy) = entry.remedy.filter(|_| speaks)
            && told.iter().all(|(known, _)| *known != id)
        {
            told.push((id, both(remedy)));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::simulator::end;
    use vhault_core::lifecycle::VaultCommand;
    use vhault_core::sim::{Command, scenarios};

    fn vault() -> VaultName {
        VaultName::new("vault").unwrap()
    }

    #[test]
    fn a_failed_job_is_explained_down_to_deed_entry_and_remedy() {
        let simulator = end("locked-network");
        let why = answer(&simulator, &Question::Job(vault(), JobId(2))).unwrap();
        let first = &why.steps[0];
        assert!(first.words.en.contains("failed, BKP-10"), "{}", first.words.en);
        assert_eq!(first.advice[0], AdviceId::Bkp10);
        assert!(first.deeds[0].2.en.contains("nsg:deny"), "{:?}", first.deeds);
        assert!(why.remedies.iter().any(|(id, _)| *id == AdviceId::Snap02), "{:?}", why.remedies);
        let (words, written) = why.deed.unwrap();
        assert!(words.en.contains("shop/web") && written.contains("backup-now"), "{words:?} {written}");
    }

    #[test]
    fn a_point_is_explained_by_its_snapshot_and_what_asked_for_it() {
        let simulator = end("first-day");
        let why = answer(&simulator, &Question::Point(vault(), PointNumber(1))).unwrap();
        assert!(why.steps.len() >= 3);
        assert!(why.deed.is_some() && why.way_out.is_none());
        assert_eq!(why.steps[0].number, why_number(&simulator));
    }

    fn why_number(simulator: &Simulator) -> u64 {
        let made =
            |record: &&Record| matches!(&record.event, Event::Vault(_, VaultEvent::PointCreated { .. }));
        simulator.history().iter().find(made).unwrap().number
    }

    #[test]
    fn every_event_of_every_scenario_is_answered_in_both_languages() {
        let mut answered = 0;
        for preset in scenarios::all() {
            let simulator = end(&preset.scenario.name);
            let numbers: Vec<u64> = simulator
                .history()
                .iter()
                .filter(|record| record.event != Event::TimePassed)
                .map(|record| record.number)
                .collect();
            for number in numbers {
                let why = answer(&simulator, &Question::Event(number)).unwrap();
                assert!(why.deed.is_some(), "{number} of {}", preset.scenario.name);
                for step in &why.steps {
                    assert!(!step.words.ko.is_empty() && step.rule.en != step.rule.ko);
                }
                answered += 1;
            }
        }
        assert!(answered > 2_000, "{answered}");
    }

    #[test]
    fn a_refusal_is_explained_with_a_way_out() {
        let mut simulator = end("first-day");
        let command = VaultCommand::Cancel { job: JobId(1) };
        assert!(simulator.submit(Command::Vault { vault: vault(), command }).is_err());
        let place = simulator.answers().len() - 1;
        let why = answer(&simulator, &Question::Refusal(place)).unwrap();
        assert!(why.steps[0].words.en.starts_with("CANCEL-0"), "{:?}", why.steps);
        assert!(!why.way_out.unwrap().ko.is_empty());
        assert_eq!(answer(&simulator, &Question::Refusal(place + 1)), None);
        assert_eq!(answer(&simulator, &Question::Event(1 << 40)), None);
    }
}
