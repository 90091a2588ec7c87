//! The table of fixed texts of the views in which a person does something:
//! wizards, policies, restores, storage, settings, the tour.

texts! {
    /// A fixed text of the views in which a person does something; `{}` marks the place of a value.
    TaskText:

    // Lists.
    LeftOf = "{} of {}", "{} / {}";
    FindMachine = "Find a machine", "머신 찾기";
    FindWords = "Find words", "단어 찾기";
    ChooseNone = "Choose none", "선택 해제";
    WhyNot = "Why not", "할 수 없는 이유";
    Why = "Why it cannot be done now: {}", "지금 할 수 없는 이유: {}";
    Yes = "Yes", "예";
    Late = "Late", "늦음";
    InTime = "In time", "제때";
    SameLine = "The same on the command line", "명령줄에서 같은 일 하기";
    NoLine = "The program has no command for this: there it is not a step of its own.", "프로그램에는 이에 해당하는 명령이 없습니다. 별도 단계가 아닙니다.";
    SameAsList = "The same as a list", "목록으로 보기";
    Edit = "Edit", "편집";
    Delete = "Delete", "삭제";

    // Discover and register.
    DiscoverLead = "Every machine of the subscription, as each vault sees it, and whether the next step is open to it.", "구독의 모든 머신을 자격 증명 모음의 관점에서 보여 주고, 다음 단계가 가능한지 알려 줍니다.";
    RegisteredLead = "Machines that a vault has listed, with agent and extension.", "자격 증명 모음에 올라 있는 머신과 에이전트, 확장입니다.";
    NoMachines = "There is no machine yet. Choose a scenario, or let time pass.", "아직 머신이 없습니다. 시나리오를 고르거나 시간을 흘려보내세요.";
    SearchNow = "Discover", "검색";
    SearchingUntil = "Searching until {}", "검색 중, 완료 예정 {}";
    FoundAt = "Last found at {}", "마지막 검색 {}";
    NeverSearched = "Never searched", "검색한 적 없음";
    FoundAlways = "Under these rules machines need not be discovered.", "이 규칙에서는 머신을 따로 검색하지 않습니다.";
    ProtectChosen = "Protect what is chosen…", "선택한 머신 보호…";

    ChangePolicy = "Another policy, or protect again…", "다른 정책 지정 또는 다시 보호…";

    // Protect.
    ProtectMachines = "Protect machines", "머신 보호";
    ProtectFinish = "Protect", "보호";
    Vault = "Vault", "자격 증명 모음";
    Steps = "Steps", "단계";
    StepItems = "Machines", "머신";
    StepPolicy = "Policy", "정책";
    StepChecks = "Checks", "확인";
    StepReview = "Review", "검토";
    LacksMachines = "Choose at least one machine.", "머신을 하나 이상 고르세요.";
    NobodyToProtect = "No machine can be protected now: discover and register first, or all are protected already.", "지금 보호할 수 있는 머신이 없습니다. 먼저 검색하고 등록하세요. 이미 모두 보호 중일 수도 있습니다.";
    NewPolicy = "A new policy", "새 정책";
    ChecksLead = "Each rule that applies, looked at on the machines as they are. What fails here would fail tonight; it keeps nobody from going on.", "적용되는 규칙을 지금의 머신에서 하나씩 확인합니다. 여기서 실패하면 오늘 밤에도 실패하지만, 계속할 수는 있습니다.";

    // Policies.
    PoliciesLead = "When backups run and how long points stay. An edit shows what it would take before it is made.", "백업 시각과 복구 지점의 보존 기간입니다. 편집하면 저장하기 전에 결과를 보여 줍니다.";
    NoPolicies = "There is no policy yet.", "아직 정책이 없습니다.";
    TimeOfDay = "Time of day", "시각";
    Offset = "Offset from UTC", "UTC 시차";
    KeepDays = "Keep for days", "보존 일수";
    KeepWeeks = "Keep for weeks", "보존 주 수";
    KeepMonths = "Keep for months", "보존 개월 수";
    KeepYears = "Keep for years", "보존 연수";
    Window = "Longest copy, in hours", "최대 복사 시간";
    DaysLegend = "On which days (none: every day)", "요일(선택하지 않으면 매일)";
    Keeps = "keeps", "보존:";
    NextTen = "The next ten runs", "다음 10회 실행";
    YearOfPoints = "Points of one machine in a year", "1년 동안 머신 하나의 복구 지점";
    AfterAYear = "{} points after a year; never more than {}.", "1년 뒤 {}개, 가장 많을 때 {}개.";
    SavePolicy = "Save the policy", "정책 저장";
    Discard = "Discard", "취소";
    EditEffect = "{} points would go at the next clean-up ({} machines use this policy); {} points expire sooner, {} later.", "다음 정리에서 사라질 지점 {}개(이 정책의 머신 {}대), 더 일찍 만료 {}개, 더 늦게 만료 {}개.";
    RetentionTitle = "What this policy will keep", "이 정책이 보존하는 지점";
    LookAhead = "Look ahead", "앞으로";
    FiveWeeks = "five weeks", "5주";
    OneYear = "one year", "1년";
    ThreeYears = "three years", "3년";
    MarkKept = "kept", "보존";
    MarkGained = "kept only with the edit", "편집하면 보존";
    MarkLost = "kept only without the edit", "편집하면 사라짐";
    MarkGone = "made, and gone by then", "만들었다가 만료";

    // Points and restore.
    MonthBefore = "Month before", "이전 달";
    MonthAfter = "Month after", "다음 달";
    AllDays = "All days", "모든 날";
    Restore = "Restore", "복원";
    RestoreTitle = "Restore a point", "복구 지점 복원";
    StepPoint = "Point", "지점";
    StepTarget = "Target", "대상";
    StepSettings = "Network", "네트워크";
    WhatToMake = "What to make", "만들 것";
    NewMachine = "A new machine", "새 머신";
    DisksOnly = "Disks only, by a script", "스크립트로 디스크만";
    NoDisksOnly = "These rules restore new machines only.", "이 규칙에서는 새 머신으로만 복원합니다.";
    MachineName = "Name of the machine", "머신 이름";
    Group = "Cloud service or group", "클라우드 서비스나 그룹";
    NewGroup = "a new one of the same name", "같은 이름으로 새로";
    Account = "Storage account", "저장소 계정";
    ChooseOne = "choose one", "선택";
    Network = "Network", "네트워크";
    Subnet = "Subnet", "서브넷";
    NoNetwork = "none", "없음";
    NoRestoreTable = "The rules of 2015 have no table of restore errors.", "2015년 규칙에는 복원 오류 표가 없습니다.";
    WouldBeAccepted = "Nothing stands against it.", "막는 것이 없습니다.";
    Restores = "Restores", "복원";
    ProofLead = "After a restore, each disk of the machine is hashed and compared with what the vault holds for the point.", "복원한 뒤 머신의 디스크를 해시해서 자격 증명 모음의 복구 지점과 비교합니다.";
    Proof = "Hashes of the disks", "디스크 해시";
    ProofSame = "Restored byte for byte: all hashes are equal.", "모든 바이트가 같게 복원됨: 해시가 모두 같습니다.";
    ProofChanged = "The machine has written since, or is gone: the hashes are not equal any more.", "복원한 뒤 머신이 디스크에 썼거나 없어져서 해시가 더는 같지 않습니다.";
    ProofDisks = "Only disks were asked for, or the machine is gone; there is nothing to compare with.", "디스크만 복원했거나 머신이 없어져서 비교할 대상이 없습니다.";
    Disk = "Disk", "디스크";
    InVault = "In the vault", "자격 증명 모음";
    OnMachine = "On the machine", "머신";

    // Storage.
    StorageLead = "What vaults hold: each content once, however many disks and points have it.", "자격 증명 모음에 저장된 양입니다. 같은 내용은 여러 디스크와 지점에 있어도 한 번만 저장합니다.";
    Stored = "Stored", "저장됨";
    InDisks = "In all points' disks", "모든 지점의 디스크";
    SentInAll = "Sent to make them", "만드느라 보낸 양";
    NotStoredTwice = "Not stored twice", "중복 제거";
    PointsHeld = "Points", "지점";
    NextCleanUp = "Next clean-up: {}. Points that expire before it: {}.", "다음 정리: {}. 그 전에 만료되는 지점: {}개.";
    AloneTitle = "What each point alone holds", "각 지점만 가진 데이터";
    Alone = "Freed if it goes", "삭제 시 회수";
    OverTime = "Stored over time", "시간에 따른 저장량";

    // Audit.
    LogTitle = "What was asked, by whom, and what became of it", "누가 무엇을 요청했고 어떻게 되었나";
    Caller = "Asked by", "요청자";
    Person = "a person", "사람";
    TheSchedule = "the schedule", "일정";
    Outcome = "Outcome", "결과";
    CarriedOut = "carried out", "실행됨";
    Refused = "refused", "거부됨";
    RefusedOnly = "Refused only", "거부된 것만";

    // Rules.
    RulesLead = "The rules of the preview of 2015 and of Recovery Services in 2016 are data. A vault follows one of them, and can be switched.", "2015년 미리 보기와 2016년 Recovery Services의 규칙은 데이터입니다. 자격 증명 모음은 그중 하나를 따르며 바꿀 수 있습니다.";
    AllParameters = "Also what is the same in both", "같은 항목도 보기";
    Parameters = "Parameters of the rules", "규칙의 매개 변수";
    Parameter = "Parameter", "매개 변수";
    CustomRules = "with changes of its own", "일부 변경됨";
    SwitchRules = "Switch to the other rules", "다른 규칙으로 전환";
    SwitchFlags = "The other rules hold {} things against what is protected now; it stays, and is marked.", "다른 규칙에 어긋나는 항목 {}개. 보호는 유지되고 표시만 됩니다.";

    // Settings.
    SetLanguage = "Language", "언어";
    SetTheme = "Theme", "테마";
    SetDensity = "Density", "밀도";
    SetMotion = "Motion", "움직임";
    Roomy = "roomy", "넓게";
    Dense = "dense", "촘촘하게";
    MotionSystem = "as the system says", "시스템 설정";
    MotionLess = "as little as can be", "최소한으로";
    KeysTitle = "Keys of the simulator", "시뮬레이터의 키";
    KeyPlay = "Let time pass, or stop it", "시간 흐르기/멈추기";
    KeyStep = "Go to the next event", "다음 이벤트로";
    KeyBack = "Go to before the last event", "마지막 이벤트 앞으로";
    KeyFork = "Fork here", "여기서 나누기";
    KeyProtect = "Protect machines", "머신 보호하기";
    KeyPalette = "Find any command", "모든 명령 찾기";
    TestTitle = "Self-test", "자체 테스트";
    TestLead = "Every ready scenario runs here, and must end in the very state it ends in natively.", "준비된 모든 시나리오를 여기서 실행합니다. 프로그램에서와 똑같은 상태로 끝나야 합니다.";
    TestRun = "Run the test", "테스트 실행";
    SameHashes = "{} of {} scenarios end in the same state.", "같은 상태로 끝난 시나리오: {} / {}";
    HashSame = "same", "같음";
    HashDiffers = "differs", "다름";

    // Palette.
    GoTo = "Go to: {}", "이동: {}";
    Story = "Scenario: {}", "시나리오: {}";

    // Tour.
    TourTitle = "Guided tour", "둘러보기";
    TourLead = "Ninety seconds: protect a machine, let its copy run out of time, understand why, and cure it.", "90초 동안 머신을 보호하고, 복사 시간이 초과되게 하고, 이유를 알아보고, 해결합니다.";
    TourBegin = "Take the tour", "둘러보기 시작";
    TourStopOf = "Stop {} of {}", "{}번째 / {}";
    TourReached = "Done.", "완료.";
    TourNext = "Next", "다음";
    TourGo = "Take me there", "그 화면으로";
    TourHelp = "Do it for me", "대신 해 주기";
    TourLeave = "Leave the tour", "둘러보기 끝내기";
    TourProtect = "Protect a machine", "머신 보호하기";
    TourProtectSay = "It is a morning in 2015. The database server shop/db has five data disks and no backup. Protect it with the policy “night”.", "2015년의 어느 아침입니다. 데이터베이스 서버 shop/db에는 데이터 디스크가 다섯 개 있고 백업이 없습니다. “night” 정책으로 보호하세요.";
    TourPoint = "Let the night come", "밤이 오기를 기다리기";
    TourPointSay = "The schedule runs at 22:00. Let time pass until the first recovery point is there.", "일정은 22:00에 실행됩니다. 첫 복구 지점이 생길 때까지 시간을 흘려보내세요.";
    TourAttach = "One disk too many", "디스크 하나 더";
    TourAttachSay = "Somebody attaches a sixth data disk. Nothing complains, yet the limit is five. Let the tour do it.", "누군가 여섯 번째 데이터 디스크를 연결합니다. 아무 경고도 없지만 한도는 다섯 개입니다. “대신 해 주기”를 누르세요.";
    TourTimeOut = "The copy runs out of time", "복사 시간 초과";
    TourTimeOutSay = "Let time pass, or press “Next failure”: tonight’s copy goes on and on, and ends a day later with an error.", "시간을 흘려보내거나 “다음 실패”를 누르세요. 오늘 밤의 복사는 끝나지 않다가 하루 뒤 오류로 끝납니다.";
    TourUnderstand = "Understand it", "이해하기";
    TourUnderstandSay = "Open the error: the entry says what happened, why, and what helps.", "오류를 여세요. 무슨 일이 왜 일어났고 무엇이 도움이 되는지 알려 줍니다.";
    TourCure = "Cure it", "해결하기";
    TourCureSay = "The remedy: bring the machine back below the limit. Detach the sixth disk.", "해결 방법은 한도 아래로 되돌리는 것입니다. 여섯 번째 디스크를 분리하세요.";
    TourHealed = "See it heal", "회복 확인하기";
    TourHealedSay = "Let one more night pass: the next copy ends in time and makes a whole point.", "하룻밤을 더 보내세요. 다음 복사는 제시간에 끝나고 온전한 복구 지점이 생깁니다.";
    TourOver = "That was the whole circle", "한 바퀴를 다 돌았습니다";
    TourOverSay = "You protected a machine, broke it, understood the error and cured it. Eighteen stories are waiting, and every error of the catalogue can be shown and mended.", "머신을 보호하고, 고장 내고, 오류를 이해하고, 해결했습니다. 이야기 열여덟 편이 더 있고, 카탈로그의 모든 오류를 직접 일으키고 해결해 볼 수 있습니다.";
    TourStories = "To the stories", "이야기 보기";
}
