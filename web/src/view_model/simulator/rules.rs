//! Rules: both profiles side by side, and what a switch would change.

use vhault_core::advice::{AdviceId, ProfileId};
use vhault_core::lifecycle::{Profile, VaultCommand, VaultEvent, VaultName, VmIdentity};
use vhault_core::sim::{Command, Event, decide};

use super::happening::of_refusal;
use crate::simulator::Simulator;
use crate::text::Both;

/// A parameter of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name in the profile.
    pub name: &'static str,
    /// What it is.
    pub words: Both,
    /// Its value in 2015.
    pub classic: Both,
    /// Its value in 2016.
    pub recovery: Both,
    /// Whether they differ.
    pub differs: bool,
}

/// Every parameter, in the order of the profiles.
pub fn rows() -> Vec<Row> {
    let of = |id| Profile::of(id).parameters();
    let pairs = of(ProfileId::Classic2015).into_iter().zip(of(ProfileId::Recovery2016));
    let row = |(left, right): (vhault_core::lifecycle::Parameter, vhault_core::lifecycle::Parameter)| Row {
        name: left.name,
        words: of_name(left.name),
        differs: left.value != right.value,
        classic: of_value(left.value),
        recovery: of_value(right.value),
    };
    pairs.map(row).collect()
}

/// The rules in force in a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Whose.
    pub vault: VaultName,
    /// Which.
    pub profile: ProfileId,
    /// Whether they are changed in places.
    pub is_custom: bool,
    /// The other rules, and what they would hold against which machine; or why they cannot apply.
    pub switch: Result<(Command, Vec<(VmIdentity, AdviceId)>), Both>,
}

/// The rules in force, vault by vault.
pub fn in_force(simulator: &Simulator) -> Vec<InForce> {
    let one = |(vault, state): (&VaultName, &vhault_core::sim::VaultState)| {
        let profile = &state.catalogue.profile;
        let other = match profile.id {
            ProfileId::Classic2015 => ProfileId::Recovery2016,
            ProfileId::Recovery2016 => ProfileId::Classic2015,
        };
        let command = VaultCommand::SwitchProfile(Box::new(Profile::of(other)));
        let command = Command::Vault { vault: vault.clone(), command };
        let switch = decide(simulator.world(), &command).map_err(|refusal| of_refusal(&refusal));
        InForce {
            vault: vault.clone(),
            profile: profile.id,
            is_custom: *profile != Profile::of(profile.id),
            switch: switch.map(|events| (command, flags(events))),
        }
    };
    simulator.world().vaults.iter().map(one).collect()
}

fn flags(events: Vec<Event>) -> Vec<(VmIdentity, AdviceId)> {
    let flags = events.into_iter().filter_map(|event| match event {
        Event::Vault(_, VaultEvent::ProfileSwitched { flags, .. }) => Some(flags),
        _ => None,
    });
    flags.flatten().collect()
}

/// A value in words: core writes them in English.
fn of_value(value: String) -> Both {
    let ko = match value.as_str() {
        "yes" => "예".to_owned(),
        "no" => "아니요".to_owned(),
        "none" => "없음".to_owned(),
        "" => return Both::new("none", "없음"),
        "new virtual machine only" => "새 가상 컴퓨터만".to_owned(),
        "new virtual machine, or disks by script" => "새 가상 컴퓨터, 또는 스크립트로 디스크".to_owned(),
        "backup, restore" => "백업, 복원".to_owned(),
        other => {
            other.strip_suffix(" min").map_or_else(|| other.to_owned(), |minutes| format!("{minutes}분"))
        }
    };
    Both::new(value, ko)
}

/// What a parameter is, in words.
fn of_name(name: &str) -> Both {
    let (en, ko) = match name {
        "resource_manager_vms" => {
            ("Resource Manager machines can be backed up", "리소스 관리자 머신 백업 가능")
        }
        "explicit_phases" => ("Discover and register are steps", "검색과 등록이 별도 단계"),
        "discovery_takes" => ("Discovery takes", "검색에 걸리는 시간"),
        "discovery_retry" => ("Wait after a failed discovery", "검색 실패 뒤 대기"),
        "data_disks_max" => ("Most data disks of a machine", "머신의 최대 데이터 디스크 수"),
        "copy_risk_data_disks" => {
            ("Copies run out of time from so many data disks on", "복사 시간 초과가 나는 데이터 디스크 수")
        }
        "disk_gb_max" => ("Largest disk, in GB", "최대 디스크 크기(GB)"),
        "premium_supported" => ("Premium storage can be backed up", "프리미엄 저장소 백업 가능"),
        "several_nics_supported" => ("Several network cards are supported", "여러 네트워크 카드 지원"),
        "load_balancer_supported" => ("Load-balanced machines are supported", "부하 분산 머신 지원"),
        "refuses_coreos" => ("CoreOS is refused", "CoreOS 거부"),
        "agent_version_min" => ("Oldest agent on Windows", "Windows의 최소 에이전트 버전"),
        "linux_agent_described" => ("The Linux agent is described", "Linux 에이전트 안내"),
        "on_demand_backup" => ("Back up now is offered", "지금 백업 제공"),
        "on_demand_days" => ("Days a backup on demand is kept", "수동 백업 보존 일수"),
        "runs_per_day_max" => ("Most scheduled runs a day", "하루 최대 예약 실행 수"),
        "simple_days_max" => {
            ("Longest retention in days, where there are no ranges", "범위가 없는 보존의 최대 일수")
        }
        "points_max" => ("Most points a policy may keep", "정책의 최대 복구 지점 수"),
        "span_days_max" => ("Longest daily or weekly range, in days", "일별·주별 범위의 최대 일수"),
        "years_max" => ("Longest yearly range", "연간 범위의 최대 연수"),
        "starts_per_cloud_service_max" => (
            "Most machines of a cloud service that start together",
            "클라우드 서비스에서 동시에 시작하는 최대 머신 수",
        ),
        "stagger_minutes" => ("Minutes between staggered starts", "분산 시작 간격(분)"),
        "load_threshold_percent" => {
            ("Load above which snapshots are late, in percent", "스냅샷이 늦어지는 부하(%)")
        }
        "sql_copy_switch" => {
            ("The copy-backup switch for SQL Server is described", "SQL Server 복사 백업 설정 안내")
        }
        "cancel_supported" => ("Jobs can be cancelled", "작업 취소 가능"),
        "cancellable" => ("Which jobs", "취소할 수 있는 작업"),
        "cancel_takes" => ("Stopping a cancelled job takes", "취소에 걸리는 시간"),
        "cancel_retry" => ("Wait before cancelling again", "다시 취소하기 전 대기"),
        "restore" => ("What a restore can make", "복원으로 만들 수 있는 것"),
        "restore_errors" => ("The table of restore errors applies", "복원 오류 표 적용"),
        "copy_deadline" => ("Longest transfer", "최대 전송 시간"),
        "backup_deadline" => ("Longest backup, the first apart", "최대 백업 시간(첫 백업 제외)"),
        "snapshot_deadline" => ("Longest snapshot", "최대 스냅샷 시간"),
        "install_deadline" => ("Longest installation of the extension", "확장 설치 최대 시간"),
        "network_groups" => {
            ("Network groups, proxies and DHCP are described", "네트워크 그룹, 프록시, DHCP 안내")
        }
        "data_ceiling_bytes" => ("Bytes one run can send at most", "한 번에 보낼 수 있는 최대 바이트"),
        "dashboard_hours" => ("Hours the dashboard looks back", "대시보드가 보여 주는 시간"),
        "vms_per_vault_max" => ("Most machines of a vault", "자격 증명 모음의 최대 머신 수"),
        "vaults_max" => ("Most vaults of a subscription", "구독의 최대 자격 증명 모음 수"),
        "retry" => {
            ("Wait before a backup or registration is tried again", "백업이나 등록을 다시 하기 전 대기")
        }
        "job_start_takes" => ("From creation of a job to its start", "작업 접수에서 시작까지"),
        "start_jitter" => ("Longest random delay of a start", "시작의 최대 무작위 지연"),
        "jobs_kept" => ("How long jobs are remembered", "작업 기록 보존 기간"),
        other => (other, other),
    };
    Both::new(en, ko)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{scenarios, stage};

    #[test]
    fn every_parameter_has_words_and_the_differences_are_cores() {
        let rows = rows();
        assert!(rows.iter().all(|row| row.words.en != row.name && row.words.ko != row.words.en), "{rows:?}");
        let classic = Profile::of(ProfileId::Classic2015);
        let told: Vec<&str> = rows.iter().filter(|row| row.differs).map(|row| row.name).collect();
        let all = classic.differences(&Profile::of(ProfileId::Recovery2016));
        assert_eq!(told, all.iter().map(|difference| difference.name).collect::<Vec<_>>());
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
        for value in rows.iter().flat_map(|row| [&row.classic, &row.recovery]) {
            assert!(hangul(&value.ko) || plain(&value.ko), "{value:?}");
        }
    }

    #[test]
    fn a_switch_says_what_it_holds_against_whom_and_then_it_does() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let rules = in_force(&simulator).remove(0);
        assert_eq!((rules.profile, rules.is_custom), (ProfileId::Classic2015, false));
        let (command, flags) = rules.switch.unwrap();
        // One span of days is no retention of 2016.
        assert_eq!(flags.len(), 2, "{flags:?}");
        simulator.submit(command).unwrap();
        let items = &simulator.world().vaults[&stage::vault()].catalogue.items;
        for (item, id) in flags {
            assert!(items[&item].flags.contains(&id));
        }
        assert_eq!(in_force(&simulator)[0].profile, ProfileId::Recovery2016);
        simulator.submit(stage::backup_now("shop/web")).unwrap();
        assert!(in_force(&simulator)[0].switch.is_err(), "a job is at work");
    }
}
