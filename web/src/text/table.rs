//! The table of fixed texts: a name, English, Korean.

texts! {
    /// A fixed text; `{}` marks the place of a value.
    Text:

    // The frame.
    Brand = "vhault", "vhault";
    Tagline = "Look inside virtual disks, here in the browser", "가상 디스크의 속을 브라우저에서 바로 봅니다";
    SkipToContent = "Skip to the content", "본문으로 건너뛰기";
    NavInspect = "Inspect", "검사";
    NavCompare = "Compare", "비교";
    NavSimulate = "Simulate", "시뮬레이션";
    NavKit = "Controls", "컨트롤";
    Views = "Views", "보기";
    Language = "Language", "언어";
    Theme = "Theme", "테마";
    ThemeSystem = "As the system", "시스템 설정";
    ThemeLight = "Light", "밝게";
    ThemeDark = "Dark", "어둡게";
    ThemeContrast = "High contrast", "고대비";
    Keys = "Keyboard", "키보드";
    KeysTitle = "What the keys do", "키보드 단축키";
    KeysShow = "Show this list", "이 목록 보기";
    KeysViews = "Go to a view", "보기 전환";
    KeysMapMove = "In a map: move block by block", "지도에서: 칸 이동";
    KeysMapZoom = "In a map: closer, wider, whole", "지도에서: 확대, 축소, 전체";
    KeysTabs = "In tabs: next and previous", "탭에서: 다음과 이전";
    KeysClose = "Close a dialog", "대화 상자 닫기";
    Close = "Close", "닫기";
    Cancel = "Cancel", "취소";
    StaysHere = "Files stay on this computer. The page sends nothing: its security policy forbids it, and it works without a network.", "파일은 이 컴퓨터에 남습니다. 보안 정책이 전송을 막으므로 이 페이지는 아무것도 보내지 않으며, 네트워크 없이도 작동합니다.";
    UnknownView = "There is no such view.", "그런 보기는 없습니다.";

    Messages = "Messages", "알림";
    Dismiss = "Dismiss", "지우기";
    Saved = "Saved: {}", "저장함: {}";
    PaletteTitle = "Commands", "명령";
    PaletteHint = "Type to find a command", "명령을 찾으려면 입력하세요";
    PaletteNothing = "No command is called that.", "그런 명령은 없습니다.";
    CommandInspect = "Go to Inspect", "검사로 이동";
    CommandCompare = "Go to Compare", "비교로 이동";
    CommandSimulate = "Go to Simulate", "시뮬레이션으로 이동";
    CommandKit = "Go to Controls", "컨트롤로 이동";
    CommandKeys = "Show what the keys do", "키보드 단축키 보기";
    CommandEnglish = "Switch to English · 영어로", "영어로 바꾸기 · English";
    CommandKorean = "Switch to Korean · 한국어로", "한국어로 바꾸기 · Korean";
    CommandLight = "Use the light theme", "밝은 테마 쓰기";
    CommandDark = "Use the dark theme", "어두운 테마 쓰기";
    CommandContrast = "Use the high contrast theme", "고대비 테마 쓰기";
    CommandSystem = "Use the system's theme", "시스템 테마 쓰기";
    CommandSample = "Look at the sample chain of three", "이미지 세 개의 샘플 체인 보기";
    KeysPalette = "Find a command", "명령 찾기";
    KeysTable = "In a large table: move, page, ends, open", "큰 표에서: 이동, 쪽, 처음과 끝, 열기";
    KeysTime = "On a timeline's slider: seek, zoom, whole", "시간 막대에서: 이동, 확대와 축소, 전체";

    // Tones, in a word.
    ToneGood = "Good", "정상";
    ToneInfo = "Note", "참고";
    ToneWarn = "Warning", "경고";
    ToneBad = "Failed", "실패";
    ToneQuiet = "Nothing", "없음";

    // Inspect.
    InspectTitle = "What is in a VHD", "VHD 들여다보기";
    InspectLead = "Drop one or more VHD images. A child and its parents find each other by id, in any order.", "VHD 이미지를 하나 이상 놓으세요. 자식과 부모 이미지는 순서와 관계없이 ID로 서로를 찾습니다.";
    DropHere = "Drop VHD files here", "여기에 VHD 파일을 놓으세요";
    OrChoose = "Choose files", "파일 선택";
    SamplesTitle = "Or look at a sample", "또는 샘플 보기";
    SampleFixed = "Fixed disk", "고정 크기 디스크";
    SampleDynamic = "Dynamic disk", "동적 디스크";
    SampleChain = "Chain of three", "이미지 세 개의 체인";
    SampleOrphan = "Child without parent", "부모 없는 자식";
    SampleDamaged = "Damaged footer", "손상된 푸터";
    SampleNone = "Not a VHD", "VHD가 아닌 파일";
    Reading = "Reading", "읽는 중";
    ReadSoFar = "{} read", "읽은 양: {}";
    Cancelled = "Cancelled. Nothing was changed.", "취소했습니다. 바뀐 것은 없습니다.";
    NothingGiven = "Nothing here is a file that can be read. Folders are not opened: choose the images in them.", "읽을 수 있는 파일이 없습니다. 폴더는 열지 않으니 그 안의 이미지를 선택하세요.";
    ResultsReady = "Inspected: {}", "검사 완료: {}";
    Refused = "Could not be read as a VHD", "VHD로 읽을 수 없음";
    VerdictGood = "Good: nothing unusual was found", "정상: 특이 사항 없음";
    VerdictNotes = "Good: nothing is wrong, see the notes", "정상: 문제 없음, 참고 사항 확인";
    VerdictWarnings = "Readable, with warnings", "읽을 수 있음, 경고 있음";
    VerdictDamage = "Damaged and still readable", "손상되었으나 읽을 수 있음";
    DiskOf = "Disk of {}", "디스크 크기: {}";
    Images = "Images of the chain", "체인의 이미지";
    ImageOf = "Image {}", "이미지 {}";
    ParentMissing = "Its parent is not among the files", "부모 이미지가 파일 중에 없음";
    AddParent = "Add the parent", "부모 추가";
    ChildFirst = "Newest first; what an image does not hold comes from the one below.", "최신 이미지가 맨 위입니다. 이미지에 없는 부분은 아래 이미지에서 읽습니다.";
    TabOverview = "Overview", "개요";
    TabMap = "Block map", "블록 지도";
    TabFields = "Fields", "필드";
    TabMeasure = "Content", "내용";
    Findings = "Findings", "발견 사항";
    NoFindings = "Nothing unusual was found.", "특이 사항이 없습니다.";
    Kind = "Kind", "종류";
    KindRaw = "Raw", "원시";
    KindFixed = "Fixed", "고정 크기";
    KindDynamic = "Dynamic", "동적";
    KindDifferencing = "Differencing", "차이점 보관용";
    DiskSize = "Disk", "디스크";
    FileSize = "File", "파일";
    GuestData = "Guest data", "게스트 데이터";
    ContainerData = "Container", "컨테이너";
    Blocks = "Blocks", "블록";
    BlocksOf = "{} of {}", "{}개, 각 {}";
    InDiskOrder = "In the order of the disk", "디스크 순서대로";
    NotInDiskOrder = "Not in the order of the disk", "디스크 순서와 다름";
    Parent = "Parent", "부모";
    ParentId = "Parent's id", "부모 ID";
    ParentTime = "Parent's time", "부모 시각";
    Locator = "Locator {}", "로케이터 {}";
    NotReadable = "not readable", "읽을 수 없음";
    LookedFor = "Looked for as", "찾는 이름";
    Footer = "Footer", "푸터";
    Header = "Dynamic header", "동적 헤더";
    FieldName = "Field", "필드";
    FieldValue = "Value", "값";
    FieldVerdict = "Verdict", "판정";
    ExportJson = "Save as JSON", "JSON으로 저장";
    SameAsProgram = "The same bytes as {}", "다음 명령의 출력과 같은 바이트: {}";

    // The map.
    MapLabel = "Block map of {}", "블록 지도: {}";
    MapHint = "Arrow keys move, + and − zoom, 0 shows the whole disk.", "화살표 키로 이동, +와 −로 확대와 축소, 0으로 전체 보기.";
    MapCell = "Blocks {} to {}: {}", "블록 {}~{}: {}";
    MapOneBlock = "Block {}: {}", "블록 {}: {}";
    MapTable = "The map as a table", "표로 보는 지도";
    MapFrom = "From block", "시작 블록";
    MapCount = "Blocks", "블록 수";
    MapState = "State", "상태";
    MapMore = "And {} more runs; zoom in to see them.", "그 밖의 구간: {}. 확대하면 보입니다.";
    ZoomIn = "Closer", "확대";
    ZoomOut = "Wider", "축소";
    ZoomAll = "Whole disk", "전체";
    StateAbsent = "absent", "없음";
    StateEmpty = "stored, no sector held", "저장됨, 섹터 없음";
    StatePartial = "stored in part", "일부 저장";
    StateWhole = "stored whole", "모두 저장";
    StateZero = "zeroes", "0으로 채워짐";
    StateChanged = "changed", "변경됨";
    StateSame = "equal", "같음";
    MixedWith = "mixed", "섞임";

    // Measuring content.
    MeasureTitle = "Read all of it", "전체 읽기";
    MeasureLead = "Reads the whole disk and hashes it with BLAKE3: how much is zeroes, how much repeats, and what a first backup would store.", "디스크 전체를 읽고 BLAKE3로 해시하여 0으로 채워진 양, 반복되는 양, 첫 백업이 저장할 양을 알아봅니다.";
    FirstBackupTitle = "What a first backup would store", "첫 백업이 저장할 양";
    MeasureStart = "Start reading", "읽기 시작";
    MeasureNeedsParent = "The parent is missing, so only a part of the disk is known.", "부모가 없어 디스크의 일부만 알 수 있습니다.";
    RateAndRest = "{} per second, about {} left", "초당 {}, 남은 시간 약 {}";
    RateOnly = "{} per second", "초당 {}";
    DiskHash = "BLAKE3 of the disk", "디스크의 BLAKE3";
    ZeroShare = "Zeroes or unallocated", "0 또는 미할당";
    DataShare = "Data", "데이터";
    ChunkSize = "Chunk", "청크";
    ChunksOfData = "With data", "데이터 있는 청크";
    ChunksUnique = "Of these different", "그중 서로 다른 것";
    FirstBackup = "To store, before compression", "압축 전 저장량";
    TookTime = "Read in {}, {} per second", "읽은 시간 {}, 초당 {}";
    StoredInVault = "Stored, compressed", "압축 후 저장량";
    NotKnown = "not known", "알 수 없음";
    Sampled = "Where a number has a ≈, one chunk in several was counted and stands for the others.", "≈가 붙은 수는 여러 청크 중 하나를 세어 추정한 값입니다.";
    CompressedLike = "Compressed with the codec of the program: zstd, level 1, chunks of 256 KiB.", "프로그램과 같은 코덱(zstd 수준 1, 256KiB 청크)으로 압축한 크기입니다.";
    Workers = "{} workers", "작업자 {}개";
    BeforeCompression = "Before compression.", "압축 전 크기입니다.";

    // Compare.
    CompareTitle = "What changed between two disks", "두 디스크의 차이";
    CompareLead = "Choose two images of those you dropped: two snapshots of one machine, or a parent and its child.", "놓은 이미지 중 두 개를 고르세요. 같은 머신의 두 스냅샷, 또는 부모와 자식이면 됩니다.";
    CompareNeedsTwo = "Drop or choose at least two images first, or take the sample chain.", "먼저 이미지를 두 개 이상 놓거나 샘플 체인을 선택하세요.";
    Before = "Before", "이전";
    After = "After", "이후";
    CompareStart = "Compare", "비교하기";
    Changed = "Changed", "변경됨";
    NothingChanged = "Nothing changed", "변경 없음";
    ChangedSummary = "{} in {} extents, {} of the disk", "{}, 익스텐트 {}개, 디스크의 {}";
    ProvenShared = "Equal: the same bytes of one file", "같음: 한 파일의 같은 바이트";
    ProvenUnallocated = "Equal: neither holds anything", "같음: 둘 다 비어 있음";
    Compared = "Compared byte by byte", "바이트 단위로 비교";
    DataRead = "Data read", "읽은 데이터";
    IncrementalTitle = "What an incremental backup would send", "증분 백업이 보낼 양";
    WouldSend = "Would send", "보낼 양";
    OfDisk = "Of the disk", "디스크 대비";
    Extents = "Changed extents", "변경된 익스텐트";
    FromSector = "From sector", "시작 섹터";
    Sectors = "Sectors", "섹터 수";
    Size = "Size", "크기";
    MoreExtents = "And {} more; the JSON has them all.", "그 밖에 {}개. JSON에는 모두 있습니다.";

    // Errors.
    WorkerGone = "The part of the page that reads files could not be started or stopped. Reload the page; if it happens again, another browser may help.", "파일을 읽는 부분을 시작하지 못했거나 중단되었습니다. 페이지를 새로 고치세요. 다시 발생하면 다른 브라우저를 써 보세요.";
    SaveFailed = "The file could not be saved.", "파일을 저장하지 못했습니다.";

    // Wizards, filters, lists, charts.
    Back = "Back", "이전";
    Next = "Next", "다음";
    StepOf = "Step {} of {}", "단계 {}/{}";
    FilterWords = "Find", "찾기";
    FilterClear = "Clear", "지우기";
    FilterAll = "All", "모두";
    LeftOf = "{} of {}", "{}개 / 전체 {}개";
    NoValues = "no values yet", "아직 값 없음";
    SparkWords = "from {} to {}, least {}, greatest {}", "처음 {}, 마지막 {}, 최소 {}, 최대 {}";
    Moment = "Moment", "시점";
    TimeSeen = "Seen: {} to {}", "보이는 구간: {}~{}";
    ZoomAllTime = "All", "전체";
    TimelineTable = "The timeline as a table", "표로 보는 시간 막대";
    Lane = "Lane", "대상";
    From = "From", "시작";
    Until = "Until", "끝";
    What = "What", "내용";

    // Controls page.
    KitTitle = "Controls", "컨트롤";
    KitLead = "Every control of this page in each of its states.", "이 페이지의 모든 컨트롤과 상태입니다.";
    KitButtons = "Buttons", "버튼";
    KitBadges = "Badges", "배지";
    KitProgress = "Progress", "진행률";
    KitTabs = "Tabs", "탭";
    KitTable = "Table", "표";
    KitField = "Field", "입력란";
    KitDialog = "Dialog", "대화 상자";
    KitToast = "Message", "알림";
    KitMap = "Heat map", "히트 맵";
    KitPrimary = "Primary", "기본";
    KitPlain = "Plain", "일반";
    KitQuiet = "Quiet", "조용함";
    KitDisabled = "Disabled", "사용 안 함";
    KitOpen = "Open", "열기";
    KitUnknown = "Unknown length", "길이를 모름";
    KitDone = "Done", "완료";
    KitDrawer = "Drawer", "서랍";
    KitWizard = "Wizard", "마법사";
    KitFilter = "Filter bar and virtual table", "필터와 가상 표";
    KitFilterLead = "A hundred thousand rows, of which only those that are seen are drawn.", "십만 개의 행 중 보이는 행만 그립니다.";
    KitPalette = "Command palette", "명령 팔레트";
    KitSpark = "Sparkline", "스파크라인";
    KitStrip = "Strip", "띠";
    KitTimeline = "Timeline", "시간 막대";
    KitJob = "Job", "작업";
    KitState = "Status", "상태";
    KitVm = "Machine", "머신";
    KitStored = "Stored", "저장된 양";
    KitOften = "Every so often", "가끔";
    KitStepItems = "Choose machines", "머신 선택";
    KitStepPolicy = "Choose a policy", "정책 선택";
    KitStepReview = "Review", "검토";
    KitFinish = "Protect", "보호";
    KitLacksItem = "Choose at least one machine first.", "먼저 머신을 하나 이상 선택하세요.";
    KitLong = "A long message that has to wrap on a small screen, and that stays until someone has read it.", "작은 화면에서 줄이 바뀌어야 하고, 누군가 읽을 때까지 남는 긴 알림입니다.";
    KitAgain = "Again", "다시";
    KitCells = "Last days", "지난 며칠";
    KitNothing = "Nothing to draw", "그릴 것 없음";

    // How long a copy takes.
    CopyTitle = "Would a copy end in time?", "복사가 시간 안에 끝날까요?";
    CopySpeed = "Earlier copies into the vault", "이 볼트로의 이전 복사 속도";
    CopyUnmeasured = "none yet: reckoned with {} per second", "아직 없음: 초당 {} 기준";
    CopyWindow = "Window", "시간 한도";
    CopyHours = "{} h", "{}시간";
    CopyTime = "Reads {}, of that new {}; takes {}", "읽을 양 {}, 그중 새 데이터 {}, 걸리는 시간 {}";
    CopyFirst = "A first copy, at most: all that the files hold. `vhault estimate` reckons the same.", "첫 복사의 최대치로, 파일에 든 모든 데이터입니다. `vhault estimate`의 계산과 같습니다.";
    CopyRead = "A first copy, after reading: repeats and zeroes are no longer new.", "전체를 읽은 뒤의 첫 복사입니다. 반복과 0은 새 데이터가 아닙니다.";
    CopyNext = "The next copy: whole chunks that changed, before compression.", "다음 복사입니다. 변경된 청크 전체이며 압축 전 크기입니다.";
    RiskLow = "Ends in time", "시간 안에 끝남";
    RiskHigh = "May run out of time", "시간 초과 위험";
    RiskCertain = "Does not fit the window", "한도 안에 끝나지 않음";

    // Files that are refused for their blocks.
    StateDamaged = "damaged", "손상";
    DamageTitle = "Which blocks are damaged", "손상된 블록";
    DamageLead = "{} of {} blocks cannot be where the image says. The program refuses such an image; an older copy, or a tool that rescues files, may bring the rest back.", "전체 블록 중 손상 {}개 / {}개: 이미지가 말하는 자리에 있을 수 없습니다. 프로그램은 이런 이미지를 거부합니다. 더 오래된 사본이나 파일 복구 도구가 나머지를 되살릴 수 있습니다.";
    DamageBlock = "Block", "블록";
    DamageWhy = "Why", "이유";
    DamageMore = "And {} more; the map shows them all.", "그 밖에 {}개. 지도에는 모두 있습니다.";
    SampleTorn = "Damaged blocks", "손상된 블록";

    // Without workers.
    HereOnly = "Where the browser starts no workers, {} at most can be read; these files have {}. Allow workers for this page, or use another browser.", "브라우저가 작업자를 시작하지 않으면 최대 {}까지만 읽을 수 있으며, 이 파일의 크기는 {}입니다. 이 페이지에 작업자를 허용하거나 다른 브라우저를 쓰세요.";
    YoursTitle = "Simulate a machine with these disks", "이 디스크를 단 머신 시뮬레이션";
    YoursLead = "The simulator gets sizes, places, repeats and change, and none of the content. Read a disk, or compare it with an earlier image, to tell it more.", "시뮬레이터에는 크기, 위치, 중복, 변경량만 전해지고 내용은 전해지지 않습니다. 디스크를 읽거나 이전 이미지와 비교하면 더 정확해집니다.";
    YoursTable = "What is known of them", "알고 있는 것";
    YoursDisk = "Disk", "디스크";
    YoursHolds = "Holds", "담긴 양";
    YoursRepeats = "Repeats", "중복";
    YoursChanges = "Changes in a day", "하루 변경량";
    YoursUnread = "not read", "읽지 않음";
    YoursAssumed = "{} (assumed)", "{} (가정)";
    YoursSimulate = "Go to the simulator", "시뮬레이터로 가기";
    // Small lines of the simulator.
    PointsByMonth = "Points at the end of each month", "월말의 복구 지점 수";
    StoredOverTime = "Stored bytes", "저장된 바이트";
}
