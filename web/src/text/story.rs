//! What happens in each ready scenario, in a sentence or two.

texts! {
    /// What a newcomer may expect of a scenario.
    StoryText:

    FirstDay = "Two machines are found, registered and protected, and the first night makes their first recovery points.", "VM 두 대를 찾아 등록하고 보호합니다. 첫날 밤에 첫 복구 지점이 만들어집니다.";
    TooEager = "In 2015 only the schedule made the first backup: asking for one before it is refused.", "2015년에는 첫 백업을 일정만 만들 수 있었습니다. 그 전에 요청하면 거부됩니다.";
    SixDisks = "A machine with six data disks is refused, loses one, is protected, and gets the sixth back: the next copy runs out of time.", "데이터 디스크가 여섯 개인 VM은 거부됩니다. 하나를 떼고 보호한 뒤 다시 붙이면 다음 복사가 제한 시간을 넘깁니다.";
    OpaqueError = "Registering fails again and again, and the message names no cause. It lies in the kind of storage under the disk.", "등록이 거듭 실패하지만 메시지에는 원인이 없습니다. 원인은 디스크가 놓인 저장소의 종류입니다.";
    TwoDiscoveries = "A second search while the first one runs, then a search that fails and may be repeated only later.", "검색 도중에 다시 검색하고, 실패한 검색을 잠시 뒤에 되풀이합니다.";
    SameNames = "Two cloud services each have a machine called web. Which is which, and what does registering choose?", "두 클라우드 서비스에 web이라는 VM이 하나씩 있습니다. 무엇이 어느 쪽이고, 등록은 어느 것을 고를까요?";
    StoppedVm = "A machine that is off cannot be registered, yet once protected its disks are backed up all the same.", "꺼진 VM은 등록할 수 없지만, 보호된 뒤에는 꺼져 있어도 디스크가 백업됩니다.";
    MigratedVm = "A machine from elsewhere has no agent. Installing it is half the cure: the platform must be told as well.", "다른 곳에서 온 VM에는 에이전트가 없습니다. 설치는 절반일 뿐이고 플랫폼에도 알려야 합니다.";
    LockedNetwork = "Rules keep the agent from its service. A proxy helps only after the network lets the proxy out too.", "네트워크 규칙이 에이전트를 막습니다. 프록시는 그 프록시까지 밖으로 나갈 수 있어야 도움이 됩니다.";
    GuestDhcpOff = "Somebody turns DHCP off inside the machine, and the service can no longer reach its agent.", "누군가 VM 안에서 DHCP를 끄자 서비스가 에이전트와 연락하지 못합니다.";
    Crowd = "Nine machines of one cloud service start in the same minute, and some snapshots come too late. Three policies an hour apart cure it.", "한 클라우드 서비스의 VM 아홉 대가 같은 시각에 시작해 일부 스냅샷이 늦어집니다. 한 시간 간격의 정책 세 개로 나누면 낫습니다.";
    BusySql = "Full memory and the database's own backup hold the snapshot up until its time is over. Less load and copy-only backups let it pass.", "가득 찬 메모리와 데이터베이스 자체 백업이 스냅샷을 제한 시간까지 붙잡습니다. 부하를 낮추고 복사 전용 백업으로 바꾸면 통과합니다.";
    Writers = "A writer inside the machine fails, and the recovery point is worth less. Then a service stops, and there is none at all.", "VM 안의 작성자가 실패해 복구 지점의 일관성이 낮아집니다. 이어서 서비스가 멈추면 복구 지점이 아예 생기지 않습니다.";
    CancelRace = "Cancelling too soon, in time, and too late: the same button with three answers.", "너무 이르게, 제때, 너무 늦게 취소합니다. 같은 버튼의 답이 세 가지입니다.";
    GhostVm = "The machine is deleted, but its protection stays and fails every night until somebody decides about its points.", "VM은 지워졌지만 보호는 남아 매일 밤 실패합니다. 복구 지점을 어떻게 할지 정해야 끝납니다.";
    RestoreMaze = "Four refusals on the way to one restore: region, kind of storage, a full service, a name that is taken. A script gets through with the disks alone.", "복원 하나에 거부가 네 번입니다. 지역, 저장소 종류, 가득 찬 서비스, 이미 쓰는 이름이 막고, 스크립트는 디스크만으로 통과합니다.";
    Retention = "Points expire at 30 days, then at 7, then protection stops and they stay: see which rule decides about each.", "복구 지점이 30일, 이어서 7일 만에 만료되고, 보호를 멈추면 그대로 남습니다. 어느 규칙이 정하는지 보세요.";
    TooMuchRetention = "A policy that would keep more points than a vault may hold is refused before it is saved.", "자격 증명 모음의 한도보다 많은 복구 지점을 남기려는 정책은 저장하기 전에 거부됩니다.";
}

impl StoryText {
    /// The story of a ready scenario, by the scenario's name.
    pub fn of(scenario: &str) -> Option<StoryText> {
        Some(match scenario {
            "first-day" => StoryText::FirstDay,
            "too-eager" => StoryText::TooEager,
            "six-disks" => StoryText::SixDisks,
            "opaque-error" => StoryText::OpaqueError,
            "two-discoveries" => StoryText::TwoDiscoveries,
            "same-names" => StoryText::SameNames,
            "stopped-vm" => StoryText::StoppedVm,
            "migrated-vm" => StoryText::MigratedVm,
            "locked-network" => StoryText::LockedNetwork,
            "guest-dhcp-off" => StoryText::GuestDhcpOff,
            "crowd" => StoryText::Crowd,
            "busy-sql" => StoryText::BusySql,
            "writers" => StoryText::Writers,
            "cancel-race" => StoryText::CancelRace,
            "ghost-vm" => StoryText::GhostVm,
            "restore-maze" => StoryText::RestoreMaze,
            "retention" => StoryText::Retention,
            "too-much-retention" => StoryText::TooMuchRetention,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use vhault_core::sim::scenarios;

    use super::*;

    #[test]
    fn every_ready_scenario_has_a_story_of_its_own() {
        let stories: Vec<StoryText> = scenarios::all()
            .iter()
            .map(|preset| StoryText::of(&preset.scenario.name).expect("a ready scenario has a story"))
            .collect();
        assert_eq!(stories, StoryText::ALL);
    }
}
