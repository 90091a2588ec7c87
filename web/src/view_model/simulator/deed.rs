//! Deed: a command in a person's words.

use vhault_core::lifecycle::{Access, FaultPoint, StorageType, VaultCommand, VmIdentity};
use vhault_core::sim::{Command, ShutdownFrom, VmChange, moment};

use crate::text::Both;

fn both(en: &str, ko: &str) -> Both {
    Both::new(en, ko)
}

/// A text of both languages around what they share.
fn about(what: &dyn ToString, en: &str, ko: &str) -> Both {
    let what = what.to_string();
    Both::new(format!("{en}: {what}"), format!("{ko}: {what}"))
}

fn names(items: &[VmIdentity]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A command in words.
pub fn words(command: &Command) -> Both {
    match command {
        Command::AdvanceTo(at) => about(&moment(*at), "Wait until", "다음 시점까지 대기"),
        Command::Wait { minutes } => wait(*minutes),
        Command::AddRegion(name) => about(name, "Build a region", "지역 만들기"),
        Command::SetHealth { region, compute, storage, network } => {
            let how = format!("{region} ({compute:?}, {storage:?}, {network:?})");
            about(&how, "Set how a region is", "지역 상태 설정")
        }
        Command::AddGroup { name, .. } => {
            about(name, "Make a cloud service or group", "클라우드 서비스나 그룹 만들기")
        }
        Command::DeleteGroup(name) => about(name, "Delete an empty group", "빈 그룹 삭제"),
        Command::SetGroup { name, .. } => about(name, "Set up a group", "그룹 설정"),
        Command::TakeName(name) => about(name, "Someone else takes a name", "다른 사람이 이름을 차지함"),
        Command::SetNetwork { name, resolves_platform: true, .. } => {
            about(name, "Set up a network where names resolve", "이름이 확인되는 네트워크 설정")
        }
        Command::SetNetwork { name, .. } => {
            about(name, "Set up a network where names do not resolve", "이름이 확인되지 않는 네트워크 설정")
        }
        Command::SetAccount { name, online: true, .. } => {
            about(name, "Set up a storage account", "저장소 계정 설정")
        }
        Command::SetAccount { name, .. } => {
            about(name, "Take a storage account offline", "저장소 계정을 오프라인으로")
        }
        Command::CreateVm(spec) => about(&spec.vm, "Make a machine", "머신 만들기"),
        Command::DeleteVm(vm) => about(vm, "Delete a machine", "머신 삭제"),
        Command::Vm { vm, change } => {
            let change = of_change(change);
            Both::new(format!("{vm}: {}", change.en), format!("{vm}: {}", change.ko))
        }
        Command::AttachDisk { vm, disk } => {
            let what = format!("{vm}, {} GB", disk.capacity_gb);
            about(&what, "Attach a disk", "디스크 연결")
        }
        Command::WriteBlocks { vm, .. } => about(vm, "Write to a disk", "디스크에 쓰기"),
        Command::CopyBlocks { vm, .. } => about(vm, "Copy within a disk", "디스크 안에서 복사"),
        Command::ClearBlocks { vm, .. } => about(vm, "Clear a part of a disk", "디스크 일부 지우기"),
        Command::CreateVault { name, .. } => about(name, "Make a vault", "자격 증명 모음 만들기"),
        Command::Vault { command, .. } => of_vault(command),
        Command::DropBaseSnapshot { item, .. } => {
            about(item, "Delete the snapshot that changes are found with", "변경을 찾는 기준 스냅샷 삭제")
        }
        Command::InjectFault(point) => of_fault(*point, true),
        Command::ClearFault(point) => of_fault(*point, false),
        Command::SetQueueWait { minutes } => {
            about(minutes, "Let transfers wait, in minutes", "전송 대기 시간(분)")
        }
        Command::SetGroupQuota(quota) => about(quota, "Allow so many groups", "허용하는 그룹 수"),
        Command::PublishExtension => both("A new extension comes out", "새 확장이 나옴"),
        Command::SetThroughput(_) => both("Use other copy rates", "복사 속도 변경"),
    }
}

fn wait(minutes: u32) -> Both {
    match (minutes / 1_440, minutes / 60, minutes) {
        (days, _, _) if days > 0 && minutes.is_multiple_of(1_440) => {
            about(&days, "Wait, in days", "대기(일)")
        }
        (_, hours, _) if hours > 0 && minutes.is_multiple_of(60) => {
            about(&hours, "Wait, in hours", "대기(시간)")
        }
        _ => about(&minutes, "Wait, in minutes", "대기(분)"),
    }
}

fn of_fault(point: FaultPoint, fails: bool) -> Both {
    let (en, ko) = match point {
        FaultPoint::Discovery => ("discovery", "검색"),
        FaultPoint::Register => ("registration", "등록"),
        FaultPoint::Backup => ("backup", "백업"),
        FaultPoint::Cancel => ("cancel", "취소"),
    };
    if fails {
        Both::new(format!("The service fails at: {en}"), format!("서비스 장애: {ko}"))
    } else {
        Both::new(format!("The service works again at: {en}"), format!("서비스 복구: {ko}"))
    }
}

fn of_vault(command: &VaultCommand) -> Both {
    match command {
        VaultCommand::RunDiscovery => both("Discover machines", "머신 검색"),
        VaultCommand::Register { items } => about(&names(items), "Register", "등록"),
        VaultCommand::Unregister { item } => about(item, "Unregister", "등록 해제"),
        VaultCommand::CreatePolicy { name, .. } => about(name, "Make a policy", "정책 만들기"),
        VaultCommand::UpdatePolicy { name, .. } => about(name, "Change a policy", "정책 변경"),
        VaultCommand::DeletePolicy { name } => about(name, "Delete a policy", "정책 삭제"),
        VaultCommand::Protect { items, policy } => {
            about(&format!("{} ({policy})", names(items)), "Protect", "보호")
        }
        VaultCommand::ChangePolicy { item, policy } => {
            about(&format!("{item} ({policy})"), "Use another policy", "다른 정책 사용")
        }
        VaultCommand::ResumeProtection { item, policy } => {
            about(&format!("{item} ({policy})"), "Resume protection", "보호 재개")
        }
        VaultCommand::BackupNow { item, .. } => about(item, "Back up now", "지금 백업"),
        VaultCommand::Cancel { job } => about(job, "Cancel job", "작업 취소"),
        VaultCommand::Restore(request) => {
            about(&format!("{} → {}", request.item, request.name), "Restore", "복원")
        }
        VaultCommand::StopProtection { item, retain: true } => {
            about(item, "Stop protection, keep the points", "보호 중지, 복구 지점 보존")
        }
        VaultCommand::StopProtection { item, .. } => {
            about(item, "Stop protection, delete the points", "보호 중지, 복구 지점 삭제")
        }
        VaultCommand::DeleteBackupData { item } => about(item, "Delete the points", "복구 지점 삭제"),
        VaultCommand::SwitchProfile(profile) => about(&profile.id, "Let other rules apply", "다른 규칙 적용"),
    }
}

fn of_change(change: &VmChange) -> Both {
    let yes = |is: bool, en: (&str, &str), ko: (&str, &str)| {
        if is { both(en.0, ko.0) } else { both(en.1, ko.1) }
    };
    match change {
        VmChange::Start => both("start it", "시작"),
        VmChange::Stop { from: ShutdownFrom::Portal } => {
            both("shut it down from the portal", "포털에서 종료")
        }
        VmChange::Stop { from: ShutdownFrom::Guest } => {
            both("shut it down inside the guest", "게스트 안에서 종료")
        }
        VmChange::Restart => both("restart it", "다시 시작"),
        VmChange::DetachDisk(lun) => about(&lun.0, "detach disk", "디스크 분리"),
        VmChange::MoveDisk { lun, storage } => {
            let (en, ko) = match storage {
                StorageType::PremiumLrs => ("premium storage", "프리미엄 저장소"),
                StorageType::StandardLrs | StorageType::StandardGrs => ("standard storage", "표준 저장소"),
            };
            Both::new(format!("move disk {} to {en}", lun.0), format!("디스크 {} 이동: {ko}", lun.0))
        }
        VmChange::Bitlocker { lun, locked: true } => {
            about(&lun.0, "lock with BitLocker, disk", "BitLocker로 잠그기, 디스크")
        }
        VmChange::Bitlocker { lun, .. } => {
            about(&lun.0, "unlock with BitLocker, disk", "BitLocker 잠금 해제, 디스크")
        }
        VmChange::Fragment { lun, percent } => {
            about(&format!("{percent}%, {}", lun.0), "disperse the data of a disk", "디스크 데이터 분산")
        }
        VmChange::Span { lun, spans } => {
            about(&format!("{} ({spans})", lun.0), "let a volume span disks", "볼륨을 여러 디스크에 걸치기")
        }
        VmChange::Load { cpu, memory } => {
            about(&format!("CPU {cpu}%, RAM {memory}%"), "set the load", "부하 설정")
        }
        VmChange::InstallAgent { admin: true } => {
            both("install the agent as administrator", "관리자로 에이전트 설치")
        }
        VmChange::InstallAgent { .. } => both("install the agent without rights", "권한 없이 에이전트 설치"),
        VmChange::RemoveAgent => both("remove the agent", "에이전트 제거"),
        VmChange::UpdateAgent => both("update the agent", "에이전트 업데이트"),
        VmChange::SetAgentFlag(on) => yes(
            *on,
            ("tell the platform that the agent is there", "tell the platform that there is no agent"),
            ("에이전트가 있다고 플랫폼에 알리기", "에이전트가 없다고 플랫폼에 알리기"),
        ),
        VmChange::OldAgent(_) => both("leave an old agent in the guest", "오래된 에이전트 두기"),
        VmChange::BreakAgent => both("break the agent", "에이전트 손상"),
        VmChange::AgentService(on) => yes(
            *on,
            ("start the agent's service", "stop the agent's service"),
            ("에이전트 서비스 시작", "에이전트 서비스 중지"),
        ),
        VmChange::AgentResponsive(on) => yes(
            *on,
            ("let the agent answer", "let the agent hang"),
            ("에이전트 응답함", "에이전트 응답 없음"),
        ),
        VmChange::Nsg(access) => yes(
            *access == Access::Allow,
            ("let the security group allow storage", "let the security group block storage"),
            ("보안 그룹에서 저장소 허용", "보안 그룹에서 저장소 차단"),
        ),
        VmChange::AddNsgRule => {
            both("add a rule for the platform to the security group", "보안 그룹에 플랫폼 규칙 추가")
        }
        VmChange::Routes(access) => yes(
            *access == Access::Allow,
            ("let routes and firewalls allow the platform", "let routes and firewalls block the platform"),
            ("경로와 방화벽에서 플랫폼 허용", "경로와 방화벽에서 플랫폼 차단"),
        ),
        VmChange::AllowDatacenterRanges => {
            both("allow the datacenter's address ranges", "데이터센터 주소 범위 허용")
        }
        VmChange::NewNetRoute { elevated: true } => {
            both("add a route as administrator", "관리자로 경로 추가")
        }
        VmChange::NewNetRoute { .. } => both("add a route without rights", "권한 없이 경로 추가"),
        VmChange::SetProxy(_) => both("put a proxy in the way", "프록시 설정"),
        VmChange::AddProxyRule => both("let the proxy out", "프록시 규칙 추가"),
        VmChange::Dhcp(on) => yes(*on, ("switch DHCP on", "switch DHCP off"), ("DHCP 켜기", "DHCP 끄기")),
        VmChange::JoinNetwork(Some(name)) => about(name, "join a network", "네트워크 참가"),
        VmChange::JoinNetwork(None) => both("leave its network", "네트워크에서 나가기"),
        VmChange::Writer { name, state } => {
            about(&format!("{name}, {state:?}"), "set a VSS writer", "VSS 작성기 설정")
        }
        VmChange::VssService(on) => yes(
            *on,
            ("start the shadow copy service", "stop the shadow copy service"),
            ("섀도 복사본 서비스 시작", "섀도 복사본 서비스 중지"),
        ),
        VmChange::FreezeSeconds(seconds) => about(seconds, "hold writes, in seconds", "쓰기 정지(초)"),
        VmChange::Services { complus, msdtc } => yes(
            *complus && *msdtc,
            ("start COM+ and the transaction coordinator", "stop COM+ or the transaction coordinator"),
            ("COM+와 트랜잭션 코디네이터 시작", "COM+나 트랜잭션 코디네이터 중지"),
        ),
        VmChange::SqlBackup(on) => yes(
            *on,
            ("configure SQL Server backups", "take SQL Server backups away"),
            ("SQL Server 백업 구성", "SQL Server 백업 해제"),
        ),
        VmChange::CopyBackup(on) => {
            yes(*on, ("ask for copy backups", "ask for full backups"), ("복사 백업 요청", "전체 백업 요청"))
        }
        VmChange::Database(on) => {
            yes(*on, ("run a database", "run no database"), ("데이터베이스 실행", "데이터베이스 없음"))
        }
        VmChange::Nics(count) => about(count, "set the number of network cards", "네트워크 카드 수 설정"),
        VmChange::LoadBalanced(on) => yes(
            *on,
            ("put it behind a load balancer", "take it from behind the load balancer"),
            ("부하 분산 장치 뒤에 두기", "부하 분산 장치에서 빼기"),
        ),
        VmChange::ReservedIps(_) => both("set its reserved addresses", "예약 주소 설정"),
        VmChange::Endpoints(count) => about(count, "set its input endpoints", "입력 엔드포인트 수 설정"),
        VmChange::OsSupported(on) => yes(
            *on,
            ("move to a supported system", "run an unsupported system"),
            ("지원되는 시스템으로 변경", "지원되지 않는 시스템 실행"),
        ),
        VmChange::BadState => both("put it into a bad state", "비정상 상태로 만들기"),
    }
}

/// A command as scenario files write it.
pub fn written(command: &Command) -> String {
    serde_json::to_string(command).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::scenarios;

    #[test]
    fn every_command_of_every_scenario_has_its_own_words_in_both_languages() {
        let mut told = 0;
        for step in scenarios::all().iter().flat_map(|preset| &preset.scenario.steps) {
            let both = words(&step.command);
            assert!(!both.en.is_empty() && both.en != both.ko, "{:?}: {both:?}", step.command);
            assert!(both.ko.chars().any(|letter| ('가'..='힣').contains(&letter)), "{both:?}");
            told += 1;
        }
        assert!(told > 100, "{told}");
    }

    #[test]
    fn waits_are_told_in_the_largest_whole_unit() {
        let told = |minutes| words(&Command::Wait { minutes }).en;
        assert_eq!(told(5), "Wait, in minutes: 5");
        assert_eq!(told(90), "Wait, in minutes: 90");
        assert_eq!(told(120), "Wait, in hours: 2");
        assert_eq!(told(2_880), "Wait, in days: 2");
    }
}
