//! The table of the simulator's fixed texts: a name, English, Korean.

texts! {
    /// A fixed text of the simulator; `{}` marks the place of a value.
    SimText:

    // Views.
    Views = "Views of the simulation", "시뮬레이션 보기";
    Scenarios = "Scenarios", "시나리오";
    Dashboard = "Dashboard", "대시보드";
    Items = "Protected items", "보호된 항목";
    Jobs = "Jobs", "작업";
    Points = "Recovery points", "복구 지점";
    Timeline = "Timeline", "타임라인";
    Topology = "Topology", "토폴로지";
    Events = "Events", "이벤트";
    Trouble = "Troubleshooting", "문제 해결";
    Home = "Home", "홈";
    Discover = "Discover", "검색";
    Registered = "Registered items", "등록된 항목";
    Policies = "Policies", "정책";
    Storage = "Storage", "저장소";
    Audit = "Alerts and audit", "알림과 감사";
    RulesView = "Rules", "규칙";
    SettingsView = "Settings", "설정";
    NoView = "The simulator has no such view.", "시뮬레이터에 그런 보기는 없습니다.";
    Imitated = "The rules, plans and texts are the program's own; machines, disks and the clock are imitated.", "규칙, 계획, 설명은 프로그램과 같고, 머신과 디스크와 시계만 흉내 낸 것입니다.";

    // Time.
    Time = "Time", "시간";
    Play = "Play", "재생";
    Pause = "Pause", "일시 정지";
    Step = "Next event", "다음 이벤트";
    Undo = "Undo", "실행 취소";
    Redo = "Redo", "다시 실행";
    Speed = "Speed", "속도";
    SpeedRealTime = "Real time", "실시간";
    SpeedMinute = "A minute a second", "초당 1분";
    SpeedTenMinutes = "Ten minutes a second", "초당 10분";
    SpeedHour = "An hour a second", "초당 1시간";
    SpeedSixHours = "Six hours a second", "초당 6시간";
    SpeedDay = "A day a second", "초당 하루";
    SpeedYear = "A year a minute", "분당 1년";
    UntilJob = "Next job", "다음 작업";
    UntilFailure = "Next failure", "다음 실패";
    UntilExpiry = "Next expiry", "다음 만료";
    SeekTo = "Moment", "시점";
    ToEnd = "To the end", "끝으로";
    SeekWords = "{} of {}", "{} / {}";
    NeverHappens = "Nothing such happens within {} days.", "앞으로 {}일 안에는 일어나지 않습니다.";
    TimeStopped = "Time stands still: {}", "시간이 멈춤: {}";
    Fork = "Fork here", "여기서 나누기";
    Swap = "Go to the other future", "다른 미래로 가기";
    Part = "Forget the other future", "다른 미래 지우기";
    Forked = "Two futures from here on: what you do now is compared with what was.", "여기서부터 두 미래로 나뉩니다. 이제 하는 일을 원래와 비교합니다.";
    OldFutureKept = "The old future is kept as the other one.", "이전 미래는 다른 미래로 보관했습니다.";
    Futures = "Two futures", "두 미래";
    This = "This one", "이 미래";
    Other = "The other", "다른 미래";
    PartFirst = "First thing only here: {}", "여기에만 있는 첫 이벤트: {}";
    PartFirstOther = "First thing only there: {}", "다른 쪽에만 있는 첫 이벤트: {}";
    SameSoFar = "Nothing differs so far.", "아직 차이가 없습니다.";
    Link = "Link", "링크";
    LinkLabel = "Link to this moment", "이 시점의 링크";
    LinkShown = "Copy the link from the field.", "입력란에서 링크를 복사하세요.";
    LinkBad = "The link cannot be opened: {}", "링크를 열 수 없음: {}";
    Export = "Save as file", "파일로 저장";
    ExportHint = "The program replays it to the same hash: {}", "프로그램으로 재생하면 같은 해시가 나옵니다: {}";
    Import = "Open a file", "파일 열기";
    ImportBad = "The file cannot be opened: {}", "파일을 열 수 없음: {}";
    StateHash = "State hash", "상태 해시";

    // Scenarios.
    ScenariosTitle = "The life of a backup, to play with", "백업의 일생을 직접 해 보기";
    ScenariosLead = "Choose a story. Let time pass, break things, go back, and try again.", "이야기를 고르세요. 시간을 흘려보내고, 고장 내고, 되돌려서 다시 해 보세요.";
    Watch = "Watch from the beginning", "처음부터 보기";
    GoToEnd = "Go to its end", "결말로 가기";

    // Troubleshooting.
    TroubleTitle = "What went wrong, and what to do", "무엇이 문제이고 어떻게 할까요";
    TroubleLead = "Every documented failure, rule and limit. An error can be made to happen before your eyes, and mended.", "문서에 있는 모든 실패, 규칙, 한도입니다. 오류는 눈앞에서 일으키고 해결해 볼 수 있습니다.";
    Search = "Find by id or words", "ID나 단어로 찾기";
    Operation = "Operation", "단계";
    All = "All", "모두";
    ErrorsOnly = "Errors only", "오류만";
    Count = "{} of {} entries", "항목 {}개 / 전체 {}개";
    NothingFound = "No entry has these words.", "이 단어가 있는 항목이 없습니다.";
    Said = "What is said", "메시지";
    Remedy = "What to do", "해결 방법";
    NoRemedy = "The guides name no remedy.", "안내서에 해결 방법이 없습니다.";
    Retry = "Try again", "다시 시도";
    Rules = "Rules", "규칙";
    CommandLine = "On the command line", "명령줄에서는";
    ShowMe = "Show me: {}", "보여 주기: {}";
    SeenIn = "Seen in these scenarios", "볼 수 있는 시나리오";
    BackToList = "All entries", "모든 항목";
    NoEntry = "There is no entry {}.", "그런 항목은 없습니다: {}";
    LessonRaised = "It has happened", "오류가 일어났습니다";
    LessonCured = "Cured: the same operation went through", "해결됨: 같은 작업이 성공했습니다";
    LessonAgain = "The same again", "같은 오류가 다시 났습니다";
    LessonBroken = "The cure was refused: {}", "해결 명령이 거부됨: {}";
    LedHere = "What led here", "여기까지 한 일";
    RaisedBy = "What was tried", "시도한 일";
    Answer = "The answer", "답";
    FixTitle = "The fix", "해결하는 일";
    RetryTitle = "Then the same again", "그리고 다시 시도";
    NoFixNeeded = "Nothing has to be changed; time heals, or the request itself is changed.", "바꿀 것은 없습니다. 시간이 해결하거나 요청을 바꿉니다.";
    ApplyFix = "Apply the fix", "해결 적용";
    TryAgain = "Try the same again", "그대로 다시 시도";
    NothingHelps = "Nothing helps: these rules do not allow it.", "방법이 없습니다. 이 규칙에서는 허용되지 않습니다.";
    HappenedThen = "What happened then", "그다음 일어난 일";
    AsFile = "As scenario files write it", "시나리오 파일의 표기";

    // Dashboard.
    DashboardEmpty = "There is no vault yet. Choose a scenario and let time pass.", "아직 자격 증명 모음이 없습니다. 시나리오를 고르고 시간을 흘려보내세요.";
    VaultOf = "Vault {}", "자격 증명 모음: {}";
    ProtectedOf = "Protected", "보호된 머신";
    Pending = "Waiting for the first point", "첫 복구 지점 대기";
    Succeeded24 = "Jobs done in 24 hours", "24시간 내 성공한 작업";
    Failed24 = "Jobs failed in 24 hours", "24시간 내 실패한 작업";
    InProgress = "Jobs at work", "진행 중인 작업";
    PointCount = "Recovery points", "복구 지점";
    DiskBytes = "Disks of all points", "모든 지점의 디스크";
    SentBytes = "Sent to the vault", "자격 증명 모음으로 보낸 양";
    NextRuns = "Next runs", "다음 실행";
    Policy = "Policy", "정책";
    When = "When", "시각";
    Machines = "Machines", "머신";
    Alerts = "Alerts", "경고 알림";
    NoAlerts = "No alerts.", "경고 알림이 없습니다.";
    NoRuns = "No run is due: no policy has machines.", "예정된 실행이 없습니다. 머신이 있는 정책이 없습니다.";
    Crowded = "Too many machines start together in: {}", "한꺼번에 시작하는 머신이 너무 많음: {}";

    // Jobs.
    Job = "Job", "작업";
    Machine = "Machine", "머신";
    Kind = "Operation", "작업 종류";
    Status = "Status", "상태";
    Trigger = "Started by", "시작";
    Created = "Accepted", "접수";
    Took = "Duration", "걸린 시간";
    Progress = "Progress", "진행률";
    Error = "Error", "오류";
    NoJobs = "No job is like that.", "해당하는 작업이 없습니다.";
    JobsTitle = "Jobs", "작업";
    JobOf = "Job {}", "작업 {}";
    BackToJobs = "All jobs", "모든 작업";
    JobGone = "This job is not known at this moment. It may lie ahead, or be forgotten.", "이 시점에는 없는 작업입니다. 아직 시작 전이거나 기록이 지워졌을 수 있습니다.";
    Parts = "Parts", "단계";
    Begun = "Began", "시작 시각";
    Now = "Now", "현재 단계";
    Until = "{}, until {}", "{}, {}까지";
    Method = "How changes are found", "변경을 찾는 방법";
    ToRead = "To read", "읽을 양";
    ToSend = "To send", "보낼 양";
    Sent = "Sent so far", "보낸 양";
    Rate = "Rate", "속도";
    Left = "Time left", "남은 시간";
    PerSecond = "{} per second", "초당 {}";
    CancelJob = "Cancel the job", "작업 취소";
    CannotCancel = "It cannot be cancelled: {}", "취소할 수 없음: {}";
    Doomed = "This step cannot succeed any more: {}", "이 단계는 이제 성공할 수 없음: {}";
    SeeAlso = "What this means", "무슨 뜻인가요";

    // Items and points.
    ItemsEmpty = "The vault knows no machine yet.", "자격 증명 모음에 아직 머신이 없습니다.";
    ItemsTitle = "Protected items", "보호된 항목";
    Choose = "Choose", "선택";
    ChooseAll = "Choose all", "모두 선택";
    BackUpNow = "Back up now", "지금 백업";
    StopKeep = "Stop, keep the points", "중지, 지점 보존";
    RegisterThem = "Register", "등록";
    UnregisterThem = "Unregister", "등록 해제";
    StopDelete = "Stop, delete the points", "중지, 지점 삭제";
    Chosen = "{} chosen", "{}개 선택";
    Answers = "What became of it", "결과";
    Accepted = "accepted", "접수됨";
    Registration = "Registration", "등록";
    Protection = "Protection", "보호";
    LastBackup = "Last backup", "마지막 백업";
    Newest = "Newest point", "최신 지점";
    NextRun = "Next run", "다음 실행";
    PointsTitle = "Recovery points", "복구 지점";
    PointsEmpty = "There is no recovery point yet.", "아직 복구 지점이 없습니다.";
    CalendarDay = "{}: {}", "{}: {}개";
    Number = "Number", "번호";
    Consistency = "Consistency", "일관성";
    Reason = "Kept", "보존 규칙";
    Expires = "Expires", "만료";
    Size = "Disks", "디스크";

    // Heads of tables.
    Region = "Region", "지역";
    Model = "Model", "모델";
    System = "System", "시스템";
    Power = "Power", "전원";
    DataDisks = "Data disks", "데이터 디스크";
    Capacity = "Capacity", "용량";
    Agent = "Agent", "에이전트";
    Extension = "Extension", "확장";
    Eligible = "Next step open?", "다음 단계 가능?";
    Punctual = "Recovery point goal", "복구 지점 목표";
    Schedule = "Schedule", "일정";
    Keeps = "Keeps", "보존";
    OffsetUtc = "UTC", "UTC 시차";
    CopyWindow = "Longest copy", "최대 복사 시간";
    Actions = "Actions", "할 수 있는 일";

    // Events.
    EventsTitle = "What happened", "일어난 일";
    EventsLead = "Newest first. Entries of the catalogue say why.", "최신 순서입니다. 카탈로그 항목이 이유를 알려 줍니다.";
    EventsEmpty = "Nothing has happened yet.", "아직 아무 일도 없습니다.";
    EventsMore = "The newest {} of {} are shown.", "최신 {}개 표시, 전체 {}개.";
    What = "What", "내용";
    Why = "Why", "이유";
    Quiet = "Show every step", "모든 단계 보기";
}
