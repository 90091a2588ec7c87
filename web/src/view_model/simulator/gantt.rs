//! Gantt: the steps of a job in time, what limits it, and what is related to it.

use vhault_core::lifecycle::{Job, JobId, JobKind, Phase, Trigger, VaultEvent, VaultName};
use vhault_core::sim::{Bound, Event, Record, copy_bound, moment};
use vhault_core::time::Instant;

use super::happening::{self, Happening, of_phase};
use super::job::of_status;
use crate::simulator::Simulator;
use crate::text::{Both, Lang, Phrase, fill, seeing};
use crate::view_model::number;
use crate::view_model::tone::Tone;

/// How many events and jobs are listed at most.
const LISTED_MAX: usize = 100;
/// How many related jobs are listed at most.
const RELATED_MAX: usize = 12;

/// One step as a bar, in milliseconds from the acceptance of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The step.
    pub name: Both,
    /// When it began.
    pub from_ms: u64,
    /// When it ended, or now.
    pub until_ms: u64,
    /// When it is planned to end, while it goes on.
    pub planned_ms: Option<u64>,
    /// What it means.
    pub tone: Tone,
    /// When it began, as text.
    pub from: String,
    /// How long it took so far, as text.
    pub took: String,
}

/// A job in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gantt {
    /// Its steps, in order.
    pub bars: Vec<Bar>,
    /// The whole drawing's length.
    pub whole_ms: u64,
    /// What happened in it, newest first.
    pub log: Vec<Happening>,
    /// What limits its copy.
    pub bound: Option<Both>,
    /// When it is expected to end its present step.
    pub planned: Option<String>,
}

/// Another job, and how it is related.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its number.
    pub id: JobId,
    /// Its machine.
    pub item: String,
    /// What it does, how it ended.
    pub words: Both,
    /// What that means.
    pub tone: Tone,
    /// How it is related.
    pub relation: Phrase,
}

/// The job that an event of a vault is about.
pub fn job_of(event: &VaultEvent) -> Option<JobId> {
    match event {
        VaultEvent::JobCreated { job, .. }
        | VaultEvent::JobStarted { job }
        | VaultEvent::TaskStarted { job, .. }
        | VaultEvent::PhaseEntered { job, .. }
        | VaultEvent::PhaseDoomed { job, .. }
        | VaultEvent::TaskCompleted { job, .. }
        | VaultEvent::JobCompleted { job }
        | VaultEvent::JobCompletedWithWarnings { job, .. }
        | VaultEvent::JobFailed { job, .. }
        | VaultEvent::CancelRequested { job, .. }
        | VaultEvent::CancelFailed { job }
        | VaultEvent::JobCancelled { job }
        | VaultEvent::SnapshotDelayed { job, .. }
        | VaultEvent::SnapshotTaken { job, .. }
        | VaultEvent::DeltaComputed { job, .. }
        | VaultEvent::BlocksTransferred { job, .. }
        | VaultEvent::RestoreCompleted { job, .. } => Some(*job),
        VaultEvent::PointCreated { point } => Some(point.job),
        _ => None,
    }
}

/// The job in time; none where it is not known.
pub fn of(simulator: &Simulator, vault: &VaultName, id: JobId) -> Option<Gantt> {
    let held = simulator.world().vaults.get(vault)?;
    let job = held.catalogue.jobs.get(&id)?;
    let records = records(simulator.history(), vault, job);
    let bars = bars(&records, job, simulator.now());
    let last = bars.iter().map(|bar| bar.planned_ms.unwrap_or(bar.until_ms).max(bar.until_ms)).max();
    let is_copying = matches!(job.phase, Some(Phase::Copy | Phase::Delta | Phase::Queue));
    let bound = (job.kind == JobKind::Backup && is_copying && job.work.is_some())
        .then(|| match &job.doom {
            Some(_) => Some(told(seeing::BY_DEADLINE, &moment(job.phase_ends))),
            None => copy_bound(simulator.world(), held, job).map(|(bound, _)| of_bound(&bound)),
        })
        .flatten();
    Some(Gantt {
        whole_ms: last.unwrap_or(0).max(1_000),
        log: records.iter().rev().take(LISTED_MAX).map(|record| happening::of(record)).collect(),
        bars,
        bound,
        planned: job.phase.filter(|_| job.is_active()).map(|_| moment(job.phase_ends)),
    })
}

/// All that the history says of a job. Its end bounds the search.
fn records<'a>(history: &'a [Record], vault: &VaultName, job: &Job) -> Vec<&'a Record> {
    let first = history.partition_point(|record| record.at < job.created);
    let until = job.ended;
    let of_job = |record: &&Record| match &record.event {
        Event::Vault(name, event) => name == vault && job_of(event) == Some(job.id),
        _ => false,
    };
    let during = history[first..].iter().take_while(|record| until.is_none_or(|until| record.at <= until));
    during.filter(of_job).collect()
}

fn bars(records: &[&Record], job: &Job, now: Instant) -> Vec<Bar> {
    let since = |at: Instant| u64::try_from(at.since(job.created).milliseconds()).unwrap_or(0);
    let mut steps: Vec<(Both, Instant, Option<Instant>)> = Vec::new();
    for record in records {
        let Event::Vault(_, event) = &record.event else { continue };
        match event {
            VaultEvent::JobCreated { starts, .. } => {
                let queued = Both::new(seeing::STEP_QUEUED.say(Lang::En), seeing::STEP_QUEUED.say(Lang::Ko));
                steps.push((queued, record.at, Some(*starts)));
            }
            VaultEvent::PhaseEntered { phase, ends, .. } => {
                steps.push((of_phase(*phase), record.at, Some(*ends)))
            }
            _ => {}
        }
    }
    let end = job.ended.unwrap_or(now);
    let nexts: Vec<Option<Instant>> =
        steps.iter().skip(1).map(|(_, at, _)| Some(*at)).chain([None]).collect();
    let mut bars = Vec::new();
    for ((name, from, ends), next) in steps.into_iter().zip(nexts) {
        let (is_last, until) = (next.is_none(), next.unwrap_or(end));
        let tone = match (is_last, job.is_active()) {
            (false, _) => Tone::Good,
            (true, true) if job.doom.is_some() => Tone::Bad,
            (true, true) => Tone::Info,
            (true, false) => of_status(job.status).1,
        };
        bars.push(Bar {
            name,
            from_ms: since(from),
            until_ms: since(until),
            planned_ms: ends.filter(|_| is_last && job.is_active()).map(since),
            tone,
            from: moment(from),
            took: number::span(since(until).saturating_sub(since(from)) / 1_000),
        });
    }
    bars
}

fn told(phrase: Phrase, value: &str) -> Both {
    Both::new(fill(phrase.say(Lang::En), &[value]), fill(phrase.say(Lang::Ko), &[value]))
}

fn of_bound(bound: &Bound) -> Both {
    match bound {
        Bound::Read(lun) => told(seeing::BY_READ, &lun.0.to_string()),
        Bound::Send(lun) => told(seeing::BY_SEND, &lun.0.to_string()),
        Bound::Disk(lun) => told(seeing::BY_DISK, &lun.0.to_string()),
        Bound::Dispersed(lun) => told(seeing::BY_DISPERSED, &lun.0.to_string()),
        Bound::Account(name) => told(seeing::BY_ACCOUNT, name.as_str()),
    }
}

/// Jobs of the same run, then of the same machine, newest first.
pub fn related(simulator: &Simulator, vault: &VaultName, id: JobId) -> Vec<Related> {
    let Some(held) = simulator.world().vaults.get(vault) else { return Vec::new() };
    let Some(job) = held.catalogue.jobs.get(&id) else { return Vec::new() };
    let relation = |other: &Job| {
        let is_run = job.trigger == Trigger::Scheduled && other.trigger == Trigger::Scheduled;
        if other.id == job.id {
            None
        } else if other.item == job.item {
            Some(seeing::SAME_MACHINE)
        } else {
            (is_run && other.created == job.created).then_some(seeing::SAME_RUN)
        }
    };
    let jobs = held.catalogue.jobs.values().rev().filter_map(|other| Some((other, relation(other)?)));
    jobs.take(RELATED_MAX)
        .map(|(other, relation)| {
            let (status, tone) = of_status(other.status);
            let kind = happening::of_kind(other.kind);
            let words =
                Both::new(format!("{}, {}", kind.en, status.en), format!("{}, {}", kind.ko, status.ko));
            Related { id: other.id, item: other.item.to_string(), words, tone, relation }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::simulator::end;
    use vhault_core::sim::scenarios;

    #[test]
    fn bars_of_every_job_follow_each_other_from_acceptance_to_end() {
        let mut checked = 0;
        for preset in scenarios::all() {
            let simulator = end(&preset.scenario.name);
            for (name, vault) in &simulator.world().vaults {
                for job in vault.catalogue.jobs.values() {
                    let gantt = of(&simulator, name, job.id).unwrap();
                    assert_eq!(gantt.bars[0].from_ms, 0);
                    for pair in gantt.bars.windows(2) {
                        assert_eq!(
                            pair[0].until_ms, pair[1].from_ms,
                            "{} job {}",
                            preset.scenario.name, job.id
                        );
                    }
                    if let Some(ended) = job.ended {
                        let last = gantt.bars.last().unwrap();
                        let whole = ended.since(job.created).milliseconds();
                        assert_eq!(i64::try_from(last.until_ms).unwrap(), whole);
                        assert_eq!((last.tone, last.planned_ms), (of_status(job.status).1, None));
                    }
                    assert!(gantt.bound.is_none() || job.is_active());
                    assert!(gantt.log.iter().any(|line| line.words.en.contains("accepted")));
                    checked += 1;
                }
            }
        }
        assert!(checked > 60, "{checked}");
    }

    #[test]
    fn a_backup_goes_through_all_its_steps_by_name() {
        let simulator = end("first-day");
        let vault = VaultName::new("vault").unwrap();
        let held = &simulator.world().vaults[&vault].catalogue;
        let backup = held.jobs.values().find(|job| job.kind == JobKind::Backup).unwrap();
        let names: Vec<String> =
            of(&simulator, &vault, backup.id).unwrap().bars.into_iter().map(|bar| bar.name.en).collect();
        let expected = [
            "Wait for the start",
            "look at the guest",
            "hold applications still",
            "take snapshots",
            "let applications go on",
            "find what changed",
            "copy to the vault",
            "make the recovery point",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn jobs_of_one_run_and_one_machine_know_each_other() {
        let simulator = end("crowd");
        let vault = VaultName::new("vault").unwrap();
        let held = &simulator.world().vaults[&vault].catalogue;
        let of_night = held.jobs.values().find(|job| job.trigger == Trigger::Scheduled).unwrap();
        let all = related(&simulator, &vault, of_night.id);
        assert!(all.iter().any(|other| other.relation == seeing::SAME_RUN));
        assert!(all.iter().all(|other| other.id != of_night.id));
        assert!(all.len() <= RELATED_MAX);
    }

    #[test]
    fn a_copy_at_work_says_what_limits_it() {
        use crate::simulator::{Aim, Pursuit};
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        let limit = simulator.aim_limit();
        let vault = VaultName::new("vault").unwrap();
        let mut bound = None;
        while bound.is_none() {
            assert!(matches!(simulator.pursue(Aim::Event, limit, &mut || true), Ok(Pursuit::Met(_))));
            let jobs = simulator
                .world()
                .vaults
                .get(&vault)
                .map(|held| held.catalogue.jobs.keys().copied().collect::<Vec<_>>());
            bound = jobs.unwrap_or_default().into_iter().find_map(|id| of(&simulator, &vault, id)?.bound);
        }
        assert!(bound.unwrap().en.contains("to the vault"));
    }
}
