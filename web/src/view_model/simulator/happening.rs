//! Happening: an event in words, with what it means and why it came about.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{JobKind, Phase, Refusal, VaultEvent, VmIdentity};
use vhault_core::sim::{Event, Record, describe, moment};

use super::{disk, refusal};
use crate::text::Both;
use crate::view_model::number;
use crate::view_model::tone::Tone;

/// An event as a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its number.
    pub number: u64,
    /// When, as text.
    pub at: String,
    /// What it means.
    pub tone: Tone,
    /// What happened.
    pub words: Both,
    /// The entries that say more.
    pub advice: Vec<AdviceId>,
}

/// What a job does, in words.
pub fn of_kind(kind: JobKind) -> Both {
    match kind {
        JobKind::Register => Both::new("register", "등록"),
        JobKind::ConfigureProtection => Both::new("configure protection", "보호 구성"),
        JobKind::Backup => Both::new("backup", "백업"),
        JobKind::Restore => Both::new("restore", "복원"),
        JobKind::StopProtection => Both::new("stop protection", "보호 중지"),
        JobKind::DeleteBackupData => Both::new("delete backup data", "백업 데이터 삭제"),
    }
}

/// A step of a job, in words.
pub fn of_phase(phase: Phase) -> Both {
    let (en, ko) = match phase {
        Phase::Install => ("install the extension", "확장 설치"),
        Phase::Associate => ("associate", "연결"),
        Phase::Apply => ("apply the policy", "정책 적용"),
        Phase::Prepare => ("look at the guest", "게스트 확인"),
        Phase::Quiesce => ("hold applications still", "응용 프로그램 정지"),
        Phase::Snapshot => ("take snapshots", "스냅샷 만들기"),
        Phase::Thaw => ("let applications go on", "응용 프로그램 재개"),
        Phase::Queue => ("wait for the vault", "자격 증명 모음 대기"),
        Phase::Delta => ("find what changed", "변경 찾기"),
        Phase::Copy => ("copy to the vault", "자격 증명 모음으로 복사"),
        Phase::Commit => ("make the recovery point", "복구 지점 만들기"),
        Phase::CreateVm => ("make the machine", "머신 만들기"),
        Phase::Stop => ("end the schedule", "일정 종료"),
        Phase::Delete => ("delete the points", "복구 지점 삭제"),
    };
    Both::new(en, ko)
}

/// An id with its title.
pub fn of_advice(id: AdviceId) -> Both {
    let title = id.entry().title;
    Both::new(format!("{}: {}", id.code(), title.en), format!("{}: {}", id.code(), title.ko))
}

/// A refusal in words, with what would make it succeed.
pub fn of_refusal(refusal: &Refusal) -> Both {
    refusal::whole(refusal)
}

fn about(item: &VmIdentity, en: &str, ko: &str) -> Both {
    Both::new(format!("{item}: {en}"), format!("{item}: {ko}"))
}

/// One event as a line.
pub fn of(record: &Record) -> Happening {
    let (tone, words, advice) = match &record.event {
        Event::Vault(_, event) => of_vault(event, record),
        _ => (Tone::Quiet, plain(record), Vec::new()),
    };
    Happening { number: record.number, at: moment(record.at), tone, words, advice }
}

/// What core's own line says after its moment; names and numbers in every language.
fn plain(record: &Record) -> Both {
    let line = describe(record);
    let line = line.split_once("  ").map_or(line.as_str(), |(_, what)| what);
    let ko = match &record.event {
        Event::VmCreated(vm, disks) => format!("머신 생성: {}, 디스크 {}개", vm.identity, disks.len()),
        Event::VmDeleted(vm) => format!("머신 삭제: {vm}"),
        Event::VaultCreated(name, ..) => format!("자격 증명 모음 생성: {name}"),
        Event::DiskAttached(vm, lun, ..) => format!("디스크 연결: {vm}, {}", disk::named(*lun).ko),
        Event::TimePassed => "시간이 지남".to_owned(),
        _ => format!("환경 변경: {line}"),
    };
    Both::new(line, ko)
}

fn of_vault(event: &VaultEvent, record: &Record) -> (Tone, Both, Vec<AdviceId>) {
    let job = |id: &dyn std::fmt::Display, en: &str, ko: &str| {
        Both::new(format!("Job {id}: {en}"), format!("작업 {id}: {ko}"))
    };
    match event {
        VaultEvent::JobCreated { job: id, kind, item, .. } => {
            let kind = of_kind(*kind);
            let words = Both::new(
                format!("Job {id} accepted: {} {item}", kind.en),
                format!("작업 {id} 접수: {} {item}", kind.ko),
            );
            (Tone::Info, words, Vec::new())
        }
        VaultEvent::JobStarted { job: id } => (Tone::Quiet, job(id, "started", "시작"), Vec::new()),
        VaultEvent::PhaseEntered { job: id, phase, ends } => {
            let phase = of_phase(*phase);
            let until = moment(*ends);
            (
                Tone::Quiet,
                job(id, &format!("{}, until {until}", phase.en), &format!("{}, {until}까지", phase.ko)),
                Vec::new(),
            )
        }
        VaultEvent::PhaseDoomed { job: id, doom } => {
            let mut advice = vec![doom.id];
            advice.extend(&doom.causes);
            (Tone::Warn, job(id, "this step cannot succeed", "이 단계는 성공할 수 없음"), advice)
        }
        VaultEvent::JobCompleted { job: id } => (Tone::Good, job(id, "completed", "완료"), Vec::new()),
        VaultEvent::JobCompletedWithWarnings { job: id, warnings } => {
            (Tone::Warn, job(id, "completed, with warnings", "경고와 함께 완료"), warnings.clone())
        }
        VaultEvent::JobFailed { job: id, id: error, causes, .. } => {
            let mut advice = vec![*error];
            advice.extend(causes);
            let title = of_advice(*error);
            (Tone::Bad, job(id, &format!("failed, {}", title.en), &format!("실패, {}", title.ko)), advice)
        }
        VaultEvent::JobCancelled { job: id } => (Tone::Warn, job(id, "cancelled", "취소됨"), Vec::new()),
        VaultEvent::CancelRequested { job: id, .. } => {
            (Tone::Info, job(id, "asked to stop", "취소 요청됨"), Vec::new())
        }
        VaultEvent::CancelFailed { job: id } => {
            (Tone::Bad, job(id, "the cancel came too late", "취소가 늦음"), vec![AdviceId::Cancel04])
        }
        VaultEvent::SnapshotDelayed { job: id, cause, by } => {
            let minutes = by.milliseconds() / 60_000;
            let words =
                job(id, &format!("snapshot late by {minutes} min"), &format!("스냅샷 지연 {minutes}분"));
            (Tone::Warn, words, vec![*cause])
        }
        VaultEvent::SnapshotTaken { job: id, consistency, .. } => {
            let title = of_advice(consistency.advice());
            (
                Tone::Info,
                job(id, &format!("snapshot taken, {}", title.en), &format!("스냅샷 완료, {}", title.ko)),
                vec![consistency.advice()],
            )
        }
        VaultEvent::DeltaComputed { job: id, work } => {
            let (read, send) = (number::bytes(work.read.get()), number::bytes(work.send.get()));
            (
                Tone::Info,
                job(id, &format!("reads {read}, sends {send}"), &format!("읽기 {read}, 보내기 {send}")),
                Vec::new(),
            )
        }
        VaultEvent::BlocksTransferred { job: id, bytes } => {
            let bytes = number::bytes(bytes.get());
            (Tone::Info, job(id, &format!("sent {bytes}"), &format!("보냄 {bytes}")), Vec::new())
        }
        VaultEvent::PointCreated { point } => {
            let until = moment(point.expiry);
            let words = Both::new(
                format!("{}: recovery point {}, kept until {until}", point.item, point.number),
                format!("{}: 복구 지점 {}, 보존 기한 {until}", point.item, point.number),
            );
            (Tone::Good, words, vec![point.consistency.advice()])
        }
        VaultEvent::PointPruned { item, point } => (
            Tone::Info,
            about(item, &format!("point {point} expired"), &format!("지점 {point} 만료")),
            Vec::new(),
        ),
        VaultEvent::RegistrationFailed { item, id } => {
            (Tone::Bad, about(item, "not registered", "등록 실패"), vec![*id])
        }
        VaultEvent::ItemRegistered { item } => (Tone::Good, about(item, "registered", "등록됨"), Vec::new()),
        VaultEvent::PolicyAssigned { item, policy } => (
            Tone::Good,
            about(item, &format!("uses policy {policy}"), &format!("정책 {policy} 사용")),
            Vec::new(),
        ),
        VaultEvent::DiscoveryFailed { .. } => {
            (Tone::Bad, Both::new("Discovery failed", "검색 실패"), vec![AdviceId::Disc06])
        }
        VaultEvent::DiscoveryCompleted { found, new } => (
            Tone::Good,
            Both::new(
                format!("Discovery found {found}, {new} new"),
                format!("검색 결과 {found}대, 새로 {new}대"),
            ),
            vec![AdviceId::Disc05],
        ),
        VaultEvent::AlertRaised { item, id, .. } => {
            (Tone::Warn, about(item, "alert", "경고 알림"), id.iter().copied().collect())
        }
        VaultEvent::ProtectionStopped { item } => (
            Tone::Warn,
            about(item, "protection stopped, points kept", "보호 중지, 지점 보존"),
            vec![AdviceId::Stop01],
        ),
        VaultEvent::DataDeleted { item } => {
            (Tone::Warn, about(item, "points deleted", "지점 삭제됨"), vec![AdviceId::Stop02])
        }
        VaultEvent::RunSkipped { item, id } => {
            (Tone::Warn, about(item, "left out of this run", "이번 실행에서 제외"), vec![*id])
        }
        VaultEvent::ItemRefused { item, id } => {
            (Tone::Bad, about(item, "refused", "거부됨"), id.iter().copied().collect())
        }
        VaultEvent::RunDue { policy } => (
            Tone::Info,
            Both::new(format!("Policy {policy} is due"), format!("정책 실행 시각: {policy}")),
            Vec::new(),
        ),
        VaultEvent::RestoreCompleted { job: id, point, .. } => (
            Tone::Good,
            job(id, &format!("restored point {point}"), &format!("지점 {point} 복원")),
            Vec::new(),
        ),
        VaultEvent::CleanUpRan => (Tone::Quiet, Both::new("The clean-up ran", "정리 실행"), Vec::new()),
        _ => {
            let both = plain(record);
            (Tone::Quiet, both, Vec::new())
        }
    }
}
