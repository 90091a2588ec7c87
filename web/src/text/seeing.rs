//! The fixed texts of the timeline, the topology, causes and job details.

use super::Lang;

/// A fixed text; `{}` marks the place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    en: &'static str,
    ko: &'static str,
}

impl Phrase {
    /// It in one language.
    pub fn say(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }
}

macro_rules! phrases {
    ($($name:ident = $en:literal, $ko:literal;)*) => {
        $(#[doc = $en] pub const $name: Phrase = Phrase { en: $en, ko: $ko };)*

        /// All of them.
        pub const ALL: &[Phrase] = &[$($name,)*];
    };
}

phrases! {
    // Why.
    WHY = "Why?", "왜?";
    WHY_OF = "Why: {}", "왜? {}";
    WHY_TITLE = "Why it happened", "일어난 이유";
    WHY_GONE = "This is not known at the moment shown.", "지금 보는 시점에는 없습니다.";
    CHAIN = "The chain of causes, newest first", "원인의 사슬, 최신 순서";
    BY_RULE = "Rule: {}", "규칙: {}";
    BECAUSE_OF = "Made so by", "그렇게 만든 일";
    DONE_BY = "What was asked", "요청한 일";
    WHAT_TO_DO = "What to do", "해결 방법";
    WOULD_SUCCEED = "What would make it succeed", "성공하려면";
    REFUSED_TITLE = "Refused", "거부됨";
    REFUSALS = "What was refused", "거부된 요청";
    NO_REFUSALS = "Nothing was refused.", "거부된 요청이 없습니다.";
    GO_THERE = "Go to that moment", "그 시점으로 가기";

    // Timeline.
    SWIM_TITLE = "When it happened", "언제 일어났나요";
    SWIM_LEAD = "A lane for every machine. Drag to look closer, click to go there.", "머신마다 한 줄입니다. 끌면 확대되고 누르면 그 시점으로 갑니다.";
    SWIM_LABEL = "Timeline of jobs, points, faults and alerts", "작업, 지점, 장애, 알림의 타임라인";
    SWIM_EMPTY = "Nothing has happened yet. Let time pass.", "아직 아무 일도 없습니다. 시간을 흘려보내세요.";
    SWIM_KEYS = "Arrow keys go from mark to mark and from lane to lane, Enter goes to its moment, W asks why, + and − zoom, 0 shows all.", "화살표는 표시와 줄 사이를 옮기고, Enter는 그 시점으로, W는 이유, +와 −는 확대와 축소, 0은 전체입니다.";
    SWIM_TABLE = "The same as a table", "표로 보기";
    SWIM_MORE = "The newest {} of {} in this window are listed.", "이 구간의 최신 {}개 표시, 전체 {}개.";
    SURROUNDINGS = "Platform", "플랫폼";
    MARK_JOB = "Job", "작업";
    MARK_POINT = "Point", "지점";
    MARK_FAULT = "Change", "변화";
    MARK_ALERT = "Alert", "알림";
    PREVIOUS_MARK = "Previous mark", "이전 표시";
    NEXT_MARK = "Next mark", "다음 표시";
    LANE_ABOVE = "Lane above", "윗줄";
    LANE_BELOW = "Lane below", "아랫줄";
    SEEK_MARK = "Go there", "거기로 가기";
    WINDOW = "Shown: {} to {}", "표시 구간: {} ~ {}";
    NO_MARK = "No mark is chosen.", "고른 표시가 없습니다.";
    GOES_ON = "goes on", "진행 중";

    // Topology.
    FLOW_TITLE = "Where the blocks go", "블록이 가는 길";
    FLOW_LEAD = "Every machine with its agent, disks, snapshot, transfer and vault. Choose anything to look at it and to break it.", "머신마다 에이전트, 디스크, 스냅샷, 전송, 자격 증명 모음이 있습니다. 무엇이든 골라서 들여다보고 고장 내 보세요.";
    FLOW_LABEL = "Machines, and what flows from them into the vault", "머신과 자격 증명 모음으로 흐르는 것";
    FLOW_LIST = "The same as a list", "목록으로 보기";
    FLOW_EMPTY = "There is no machine yet. Let time pass.", "아직 머신이 없습니다. 시간을 흘려보내세요.";
    AT_WORK_ONLY = "Only machines at work", "작업 중인 머신만";
    NONE_AT_WORK = "No machine is at work right now.", "지금 작업 중인 머신이 없습니다.";
    PAGE_OF = "Machines {} of {}", "머신 {} / {}";
    EARLIER_PAGE = "Machines before", "이전 머신";
    LATER_PAGE = "Machines after", "다음 머신";
    PART_MACHINE = "Machine", "머신";
    PART_AGENT = "Agent", "에이전트";
    PART_DISKS = "Disks", "디스크";
    PART_DISK = "Data disk {}", "데이터 디스크 {}";
    PART_SYSTEM_DISK = "System disk", "시스템 디스크";
    PART_SNAPSHOT = "Snapshot", "스냅샷";
    PART_TRANSFER = "Transfer", "전송";
    PART_VAULT = "Vault", "자격 증명 모음";
    BREAK_IT = "Break it", "고장 내기";
    MEND_IT = "Mend it", "고치기";
    CHOOSE_PART = "Choose a part of the picture or of the list.", "그림이나 목록에서 고르세요.";
    BLOCK_ZERO = "Zero", "0";
    BLOCK_UNCHANGED = "Unchanged", "그대로";
    BLOCK_KNOWN = "In the vault already", "이미 있음";
    BLOCK_SENT = "Sent", "보냄";
    BLOCK_TO_GO = "To go", "남음";

    // Job details.
    GANTT = "Steps in time", "시간순 단계";
    STEP_QUEUED = "Wait for the start", "시작 대기";
    PLANNED = "planned until {}", "예정: {}";
    LIMITED_BY = "What limits it", "속도를 정하는 것";
    BY_READ = "reading disk {}", "디스크 읽기: {}";
    BY_SEND = "sending disk {} to the vault", "디스크 보내기: {}";
    BY_DISK = "what disk {} can give", "디스크가 낼 수 있는 양: {}";
    BY_DISPERSED = "the dispersed data of disk {}", "흩어진 데이터, 디스크: {}";
    BY_ACCOUNT = "what the storage account {} gives out", "저장소 계정이 내주는 양: {}";
    BY_DEADLINE = "the end of its window, {}: more has to be sent than fits", "복사 시간의 끝 {}: 다 보낼 수 없습니다";
    ENDS_AT = "Expected end", "예상 종료";
    BLOCKS = "Blocks of each disk", "디스크별 블록";
    BLOCKS_LABEL = "Blocks: {}", "블록: {}";
    BLOCKS_NOTE = "One block is 2 MiB. Each square stands for {} blocks and shows what most of them are.", "블록 하나는 2 MiB입니다. 네모 하나가 블록 {}개이며 가장 많은 상태를 보입니다.";
    BLOCKS_PAST = "Which blocks other machines had in the vault at that time is not remembered.", "당시 다른 머신의 블록이 있었는지는 기억하지 않습니다.";
    DISK = "Disk", "디스크";
    RELATED = "Related jobs", "관련 작업";
    SAME_RUN = "of the same run", "같은 실행";
    SAME_MACHINE = "of the same machine", "같은 머신";
    NO_RELATED = "No other job is related to it.", "관련된 다른 작업이 없습니다.";
    JOB_LOG = "What happened in it", "이 작업에서 일어난 일";
    ERROR_CARD = "What went wrong", "무엇이 잘못되었나요";
}
