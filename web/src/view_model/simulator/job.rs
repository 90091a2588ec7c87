//! Job: the list of jobs, and one of them with its steps.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{
    DeltaMethod, Job, JobFilter, JobId, JobKind, JobStatus, TaskKind, TaskStatus, Trigger, VaultCommand,
    VaultName, jobs,
};
use vhault_core::sim::{BLOCK_BYTES, Command, Subject, moment};
use vhault_core::time::Span;

use super::happening::{of_advice, of_kind, of_phase, of_refusal};
use crate::simulator::Simulator;
use crate::text::Both;
use crate::view_model::number;
use crate::view_model::tone::Tone;

/// A job as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub vault: VaultName,
    /// Its number.
    pub id: JobId,
    /// The machine.
    pub item: String,
    /// What it does.
    pub kind: Both,
    /// How it stands.
    pub status: Both,
    /// What that means.
    pub tone: Tone,
    /// Who started it.
    pub trigger: Both,
    /// When it was accepted.
    pub created: String,
    /// How long it took, or has taken so far.
    pub took: String,
    /// How far it is, in thousandths, while it copies.
    pub per_mille: Option<u64>,
    /// The error it ended with.
    pub error: Option<AdviceId>,
}

/// One part of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it does.
    pub name: Both,
    /// How it stands.
    pub status: Both,
    /// What that means.
    pub tone: Tone,
    /// From when.
    pub from: Option<String>,
    /// How long.
    pub took: Option<String>,
}

/// One job, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// As a row.
    pub row: Row,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// The step it is in, and until when.
    pub phase: Option<(Both, String)>,
    /// How changes were found, what is read and what is sent.
    pub work: Option<Work>,
    /// What is behind the error, and what to know.
    pub advice: Vec<AdviceId>,
    /// That it cannot succeed any more, where that is certain.
    pub doom: Option<Both>,
    /// Whether it can be cancelled, and if not, why.
    pub cancel: Result<Command, Both>,
    /// What it is about, to look for a cure.
    pub subject: Subject,
}

/// What a copy does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// How changes were found.
    pub method: Both,
    /// Bytes the disks hold.
    pub logical_bytes: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes to send in all.
    pub send_bytes: u64,
    /// Bytes sent so far.
    pub sent_bytes: u64,
    /// Bytes in a second, while it copies.
    pub rate_bytes: Option<u64>,
    /// Seconds left, while it copies.
    pub seconds_left: Option<u64>,
}

/// What the list is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Only jobs that do this.
    pub kind: Option<JobKind>,
    /// Only jobs in this status.
    pub status: Option<JobStatus>,
}

/// All kinds, as the list offers them.
pub const KINDS: [JobKind; 6] = [
    JobKind::Register,
    JobKind::ConfigureProtection,
    JobKind::Backup,
    JobKind::Restore,
    JobKind::StopProtection,
    JobKind::DeleteBackupData,
];

/// All statuses, as the list offers them.
pub const STATUSES: [JobStatus; 7] = [
    JobStatus::Queued,
    JobStatus::InProgress,
    JobStatus::Cancelling,
    JobStatus::Completed,
    JobStatus::CompletedWithWarnings,
    JobStatus::Failed,
    JobStatus::Cancelled,
];

/// The jobs of all vaults, newest first, and how many there are in all.
pub fn rows(simulator: &Simulator, narrow: Narrow) -> (Vec<Row>, usize) {
    let filter = JobFilter { kind: narrow.kind, status: narrow.status, since: None };
    let vaults = || simulator.world().vaults.iter();
    let mut rows: Vec<(&VaultName, &Job)> = vaults()
        .flat_map(|(name, vault)| jobs(&vault.catalogue, filter).into_iter().map(move |job| (name, job)))
        .collect();
    rows.sort_by_key(|(_, job)| std::cmp::Reverse((job.created, job.id)));
    let all = vaults().map(|(_, vault)| vault.catalogue.jobs.len()).sum();
    (rows.into_iter().map(|(vault, job)| row(simulator, vault, job)).collect(), all)
}

/// A status in words, with what it means.
pub fn of_status(status: JobStatus) -> (Both, Tone) {
    let (en, ko, tone) = match status {
        JobStatus::Queued => ("Queued", "대기 중", Tone::Quiet),
        JobStatus::InProgress => ("In progress", "진행 중", Tone::Info),
        JobStatus::Cancelling => ("Cancelling", "취소 중", Tone::Warn),
        JobStatus::Completed => ("Completed", "완료", Tone::Good),
        JobStatus::CompletedWithWarnings => ("Completed with warnings", "경고와 함께 완료", Tone::Warn),
        JobStatus::Failed => ("Failed", "실패", Tone::Bad),
        JobStatus::Cancelled => ("Cancelled", "취소됨", Tone::Quiet),
    };
    (Both::new(en, ko), tone)
}

fn seconds(span: Span) -> u64 {
    u64::try_from(span.milliseconds() / 1_000).unwrap_or(0)
}

fn row(simulator: &Simulator, vault: &VaultName, job: &Job) -> Row {
    let (status, tone) = of_status(job.status);
    let trigger = match job.trigger {
        Trigger::Scheduled => Both::new("Schedule", "일정"),
        Trigger::OnDemand => Both::new("On demand", "요청"),
        Trigger::User => Both::new("Person", "사용자"),
    };
    let took = job.ended.unwrap_or(simulator.now()).since(job.created);
    let per_mille = job
        .bytes_total()
        .filter(|_| job.is_active())
        .and_then(|total| (sent_bytes(simulator, job) * 1_000).checked_div(total.get()));
    Row {
        vault: vault.clone(),
        id: job.id,
        item: job.item.to_string(),
        kind: of_kind(job.kind),
        status,
        tone,
        trigger,
        created: moment(job.created),
        took: number::span(seconds(took)),
        per_mille,
        error: job.error,
    }
}

/// One job, whole; none where it is not known any more.
pub fn details(simulator: &Simulator, vault: &VaultName, id: JobId) -> Option<Details> {
    let job = simulator.world().vaults.get(vault)?.catalogue.jobs.get(&id)?;
    let cancel = Command::Vault { vault: vault.clone(), command: VaultCommand::Cancel { job: id } };
    let cancel = match simulator.check(&cancel) {
        Ok(()) => Ok(cancel),
        Err(refusal) => Err(of_refusal(&refusal)),
    };
    let mut advice: Vec<AdviceId> = job.error.into_iter().collect();
    advice.extend(job.causes.iter().chain(&job.warnings));
    advice.dedup();
    Some(Details {
        row: row(simulator, vault, job),
        parts: job.tasks.iter().map(|task| part(simulator, task)).collect(),
        phase: job.phase.map(|phase| (of_phase(phase), moment(job.phase_ends))),
        work: work(simulator, job),
        advice,
        doom: job.doom.as_ref().map(|doom| of_advice(doom.id)),
        cancel,
        subject: Subject { vault: vault.clone(), item: Some(job.item.clone()), job: Some(id), command: None },
    })
}

fn part(simulator: &Simulator, task: &vhault_core::lifecycle::Task) -> Part {
    let (en, ko) = match task.kind {
        TaskKind::InstallExtension => ("Install the extension", "확장 설치"),
        TaskKind::Associate => ("Associate machine and vault", "머신과 자격 증명 모음 연결"),
        TaskKind::ApplyPolicy => ("Apply the policy", "정책 적용"),
        TaskKind::TakeSnapshot => ("Take Snapshot", "스냅샷 만들기"),
        TaskKind::TransferData => ("Transfer data to vault", "자격 증명 모음으로 데이터 전송"),
        TaskKind::TransferFromVault => ("Transfer data from vault", "자격 증명 모음에서 데이터 전송"),
        TaskKind::CreateVm => ("Create the machine", "머신 만들기"),
        TaskKind::ApplyStop => ("End the schedule", "일정 종료"),
        TaskKind::Delete => ("Delete the points", "복구 지점 삭제"),
    };
    let (status_en, status_ko, tone) = match task.status {
        TaskStatus::NotStarted => ("Not started", "시작 전", Tone::Quiet),
        TaskStatus::InProgress => ("In progress", "진행 중", Tone::Info),
        TaskStatus::Completed => ("Completed", "완료", Tone::Good),
        TaskStatus::Failed => ("Failed", "실패", Tone::Bad),
        TaskStatus::Cancelled => ("Cancelled", "취소됨", Tone::Quiet),
    };
    let took =
        task.started.map(|from| number::span(seconds(task.ended.unwrap_or(simulator.now()).since(from))));
    Part {
        name: Both::new(en, ko),
        status: Both::new(status_en, status_ko),
        tone,
        from: task.started.map(moment),
        took,
    }
}

/// How long a copy that will run out of time is at work; none where it ends by itself.
fn doomed_for(job: &Job) -> Option<Span> {
    let copies = job.phase == Some(vhault_core::lifecycle::Phase::Copy);
    (copies && job.doom.is_some()).then(|| job.phase_ends.since(job.phase_began))
}

/// What a copy sent by now. One that runs out of time though its rate would do (too many disks: none of them is ever
/// done) is as far as its time is, and never at its end.
pub fn sent_bytes(simulator: &Simulator, job: &Job) -> u64 {
    let done = job.bytes_done(simulator.now()).get();
    let (Some(work), Some(doomed)) = (job.work, doomed_for(job)) else { return done };
    let passed = u128::try_from(simulator.now().since(job.phase_began).milliseconds()).unwrap_or(0);
    let whole = u128::try_from(doomed.milliseconds()).unwrap_or(0).max(1);
    let of_time = u64::try_from(u128::from(work.send.get()) * passed / whole).unwrap_or(u64::MAX);
    done.min(of_time).min(work.send.get().saturating_sub(BLOCK_BYTES))
}

fn work(simulator: &Simulator, job: &Job) -> Option<Work> {
    let work = job.work?;
    let (en, ko) = match work.method {
        DeltaMethod::Full => ("Everything: there is nothing to compare with", "전체: 비교할 것이 없음"),
        DeltaMethod::SnapshotDifference => ("Two snapshots were compared", "두 스냅샷을 비교"),
        DeltaMethod::Checksum => {
            ("Every block was read and compared by checksum", "모든 블록을 읽어 체크섬으로 비교")
        }
    };
    let takes = doomed_for(job).map_or(work.takes, |doomed| doomed.max(work.takes));
    let takes_ms = u64::try_from(takes.milliseconds()).unwrap_or(0);
    let copies = job.phase == Some(vhault_core::lifecycle::Phase::Copy);
    let rate = (work.send.get() * 1_000).checked_div(takes_ms).filter(|rate| copies && *rate > 0);
    let left = copies.then(|| seconds(job.phase_ends.since(simulator.now())));
    Some(Work {
        method: Both::new(en, ko),
        logical_bytes: work.logical.get(),
        read_bytes: work.read.get(),
        send_bytes: work.send.get(),
        sent_bytes: sent_bytes(simulator, job),
        rate_bytes: rate,
        seconds_left: left,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Aim, Pursuit};
    use crate::view_model::simulator::end;
    use vhault_core::lifecycle::{Phase, VaultEvent};
    use vhault_core::sim::{Event, scenarios};

    #[test]
    fn the_list_holds_every_job_newest_first_and_is_narrowed() {
        let simulator = end("first-day");
        let (all, count) = rows(&simulator, Narrow::default());
        assert_eq!((all.len(), count), (6, 6));
        assert!(all.windows(2).all(|pair| pair[0].created >= pair[1].created));
        let (backups, count) = rows(&simulator, Narrow { kind: Some(JobKind::Backup), status: None });
        assert_eq!((backups.len(), count), (2, 6));
        let (failed, _) = rows(&simulator, Narrow { kind: None, status: Some(JobStatus::Failed) });
        assert!(failed.is_empty());
    }

    #[test]
    fn a_failed_job_names_its_error_and_cannot_be_cancelled_and_says_why() {
        let simulator = end("six-disks");
        let (failed, _) = rows(&simulator, Narrow { kind: None, status: Some(JobStatus::Failed) });
        let row = failed.first().expect("the scenario fails");
        let details = details(&simulator, &row.vault, row.id).unwrap();
        assert_eq!(details.row.error, details.advice.first().copied());
        assert!(details.cancel.unwrap_err().en.contains("CANCEL-"));
        assert!(details.parts.iter().any(|part| part.tone == Tone::Bad));
    }

    #[test]
    fn a_copy_tells_rate_and_rest_and_they_agree_with_its_end() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        let limit = simulator.aim_limit();
        let copying = loop {
            let Pursuit::Met(place) = simulator.pursue(Aim::Event, limit, &mut || true).unwrap() else {
                panic!("nothing copies");
            };
            if let Event::Vault(vault, VaultEvent::PhaseEntered { job, phase: Phase::Copy, .. }) =
                &simulator.history()[place..].last().unwrap().event
            {
                break (vault.clone(), *job);
            }
        };
        let work = |simulator: &Simulator| details(simulator, &copying.0, copying.1).unwrap().work.unwrap();
        let first = work(&simulator);
        assert_eq!(first.sent_bytes, 0);
        let left = first.seconds_left.unwrap();
        assert!(left > 10);
        let half = simulator.now().checked_add(Span::from_milliseconds(i64::try_from(left).unwrap() * 500));
        simulator.run_to(half.unwrap(), &mut || true).unwrap();
        let then = work(&simulator);
        assert!(then.sent_bytes > first.send_bytes / 3 && then.sent_bytes < first.send_bytes);
        assert!(then.seconds_left.unwrap() < left);
        assert!(then.rate_bytes.unwrap() > 0);
    }

    #[test]
    fn a_copy_that_runs_out_of_time_is_never_shown_as_done() {
        let mut simulator = Simulator::begin(&scenarios::find("six-disks").unwrap().scenario);
        let mut watched = false;
        loop {
            let limit = simulator.aim_limit();
            let Pursuit::Met(_) = simulator.pursue(Aim::Event, limit, &mut || true).unwrap() else { break };
            let name = vhault_core::sim::stage::vault();
            let Some(vault) = simulator.world().vaults.get(&name) else { continue };
            let doomed = vault.catalogue.jobs.values().find(|job| doomed_for(job).is_some());
            let Some((id, ends)) = doomed.map(|job| (job.id, job.phase_ends)) else { continue };
            let before = Span::from_milliseconds(-1_000);
            simulator.run_to(ends.checked_add(before).unwrap(), &mut || true).unwrap();
            let work = details(&simulator, &name, id).unwrap().work.unwrap();
            assert!(work.sent_bytes < work.send_bytes && work.sent_bytes > work.send_bytes / 2, "{work:?}");
            watched = true;
            break;
        }
        assert!(watched, "no copy of the scenario runs out of time");
    }
}
