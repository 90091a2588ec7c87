//! Rule: how one event comes of another, in a sentence.

use crate::advice::{AdviceId, Text};

macro_rules! rules {
    ($($name:ident $([$($id:ident),+])? = $en:literal, $ko:literal;)*) => {
        /// How an event comes of the one before it in its chain.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $en] $name,)*
        }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// It in a sentence.
            pub const fn sentence(self) -> Text {
                match self {
                    $(Rule::$name => Text { en: $en, ko: $ko },)*
                }
            }

            /// The entries of the catalogue that state it.
            pub const fn advice(self) -> &'static [AdviceId] {
                match self {
                    $(Rule::$name => &[$($(AdviceId::$id,)+)?],)*
                }
            }
        }
    };
}

rules! {
    Asked = "Somebody asked for it.", "누군가 요청했습니다.";
    Waited = "Somebody let time pass.", "누군가 시간을 흘려보냈습니다.";
    RefusedAmongOthers = "Somebody asked for several machines at once, and this one was refused.", "여러 머신을 한꺼번에 요청했고 이 머신은 거부되었습니다.";
    AgentUpdateEnds = "An update of the agent takes some minutes, and ended.", "에이전트 업데이트는 몇 분 걸리며, 끝났습니다.";
    DiskChangesDaily = "The disk changes every day; what changed is written just before its snapshot.", "디스크는 매일 바뀌고, 바뀐 내용은 스냅샷 직전에 쓰입니다.";
    DiscoveryEnds [Disc01] = "The search for machines ended, and told what it found.", "머신 검색이 끝나 결과를 알렸습니다.";
    ListedByProtecting = "A machine that was never seen is listed when it is protected.", "처음 보는 머신은 보호할 때 목록에 오릅니다.";
    Schedule [Pol04] = "The schedule of the policy says so.", "정책의 일정에 따른 것입니다.";
    OneRunADay [Pol02] = "A machine is backed up at most once a day by its schedule.", "일정에 따른 백업은 머신마다 하루 한 번까지입니다.";
    RunTakesMachine [Bkp01] = "A run makes a job for every machine of its policy.", "실행 시각이 되면 정책의 머신마다 작업이 생깁니다.";
    JobAccepted [Job01] = "A job was accepted, and holds its machine until it ends.", "작업이 접수되어 끝날 때까지 머신을 차지합니다.";
    StepOfJob = "A job goes through its steps, each when the one before has ended.", "작업은 앞 단계가 끝나면 다음 단계로 넘어갑니다.";
    ExtensionNeeded [Reg02] = "The job needs the newest extension in the guest.", "작업하려면 게스트에 최신 확장이 있어야 합니다.";
    SnapshotOfBackup [Bkp02] = "A backup flushes what is in memory and takes a snapshot of every disk.", "백업은 메모리의 내용을 쓰고 모든 디스크의 스냅샷을 만듭니다.";
    SnapshotDelayed = "Something in or around the machine makes its snapshot late.", "머신 안팎의 무언가가 스냅샷을 늦춥니다.";
    SnapshotCompared = "The snapshot was compared with what the vault has already.", "스냅샷을 자격 증명 모음에 이미 있는 것과 비교했습니다.";
    CopySent = "What was found to be new was sent to the vault.", "새로 찾은 것을 자격 증명 모음으로 보냈습니다.";
    CannotSucceed = "Something that this step needs is missing, so it waits until its time is up.", "이 단계에 필요한 것이 없어 제한 시간까지 기다리게 됩니다.";
    TimeUp = "The step could not succeed, and its time was up.", "이 단계는 성공할 수 없었고 제한 시간이 지났습니다.";
    CheckFailed = "A check stood against it.", "검사를 통과하지 못했습니다.";
    SentIsKept = "What a copy that ran out of time has sent is kept for the next run.", "시간이 모자란 복사가 보낸 것은 다음 실행을 위해 남겨 둡니다.";
    PointOfSnapshot = "Once a snapshot is copied it becomes a recovery point.", "스냅샷을 다 복사하면 복구 지점이 됩니다.";
    WorkDone = "What the job was for is done.", "작업의 목적을 이루었습니다.";
    LessThanAsked = "The snapshot is less consistent than was asked for.", "스냅샷의 일관성이 요청한 수준보다 낮습니다.";
    CancelTookEffect = "A cancel takes effect after a while, if the job still runs then.", "취소는 잠시 뒤에도 작업이 진행 중이면 적용됩니다.";
    CancelTooLate [Cancel04] = "The job had ended its copy before the cancel took effect.", "취소가 적용되기 전에 복사가 끝났습니다.";
    RetentionOver [Pol04] = "The retention of the point was over, and the clean-up took it.", "지점의 보존 기간이 끝나 정리 때 지워졌습니다.";
    CleanUpDaily = "A vault cleans up every day from the day it was made.", "자격 증명 모음은 만든 날부터 매일 정리합니다.";
    OldForgotten = "Jobs that ended long ago are forgotten when the vault cleans up.", "끝난 지 오래된 작업은 정리할 때 지워집니다.";
    AlertOfEnd = "Whoever is responsible is told when something fails or is deleted.", "실패하거나 삭제되면 담당자에게 알립니다.";
    KnownFailure = "Nobody is told of what is known to fail.", "이미 알려진 실패는 알리지 않습니다.";
    ApplicationRepairs [Cons06] = "A database repairs itself when it comes from a point that it took no part in.", "데이터베이스가 참여하지 않은 지점에서 복원하면 스스로 복구합니다.";
}

impl Rule {
    /// Whether a chain ends here: a person did it.
    pub const fn is_root(self) -> bool {
        matches!(self, Rule::Asked | Rule::Waited | Rule::RefusedAmongOthers | Rule::ListedByProtecting)
    }
}
