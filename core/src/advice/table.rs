//! The texts of all entries. Generated from `catalogue.json`; see `mod.rs`.

use super::entry::{Entry, Kind, Operation, Retry};
use super::id::AdviceId;
use super::profiles::ProfileSet;
use super::text::Text;
use crate::time::Span;

impl AdviceId {
    /// What is said under this id.
    pub const fn entry(self) -> &'static Entry {
        match self {
            AdviceId::Pre01 => &PRE_01,
            AdviceId::Pre02 => &PRE_02,
            AdviceId::Disc01 => &DISC_01,
            AdviceId::Disc02 => &DISC_02,
            AdviceId::Disc03 => &DISC_03,
            AdviceId::Disc04 => &DISC_04,
            AdviceId::Disc05 => &DISC_05,
            AdviceId::Disc06 => &DISC_06,
            AdviceId::Disc07 => &DISC_07,
            AdviceId::Reg01 => &REG_01,
            AdviceId::Reg02 => &REG_02,
            AdviceId::Reg03 => &REG_03,
            AdviceId::Reg04 => &REG_04,
            AdviceId::Reg05 => &REG_05,
            AdviceId::Reg06 => &REG_06,
            AdviceId::Reg07 => &REG_07,
            AdviceId::Reg08 => &REG_08,
            AdviceId::Reg09 => &REG_09,
            AdviceId::Reg10 => &REG_10,
            AdviceId::Reg11 => &REG_11,
            AdviceId::Reg12 => &REG_12,
            AdviceId::Reg13 => &REG_13,
            AdviceId::Reg14 => &REG_14,
            AdviceId::Reg15 => &REG_15,
            AdviceId::Reg16 => &REG_16,
            AdviceId::Reg17 => &REG_17,
            AdviceId::Prot01 => &PROT_01,
            AdviceId::Prot02 => &PROT_02,
            AdviceId::Prot03 => &PROT_03,
            AdviceId::Prot04 => &PROT_04,
            AdviceId::Prot05 => &PROT_05,
            AdviceId::Prot06 => &PROT_06,
            AdviceId::Prot07 => &PROT_07,
            AdviceId::Prot08 => &PROT_08,
            AdviceId::Prot09 => &PROT_09,
            AdviceId::Stop01 => &STOP_01,
            AdviceId::Stop02 => &STOP_02,
            AdviceId::Stop03 => &STOP_03,
            AdviceId::Pol01 => &POL_01,
            AdviceId::Pol02 => &POL_02,
            AdviceId::Pol03 => &POL_03,
            AdviceId::Pol04 => &POL_04,
            AdviceId::Pol05 => &POL_05,
            AdviceId::Pol06 => &POL_06,
            AdviceId::Pol07 => &POL_07,
            AdviceId::Pol08 => &POL_08,
            AdviceId::Bkp01 => &BKP_01,
            AdviceId::Bkp02 => &BKP_02,
            AdviceId::Bkp03 => &BKP_03,
            AdviceId::Bkp04 => &BKP_04,
            AdviceId::Bkp05 => &BKP_05,
            AdviceId::Bkp06 => &BKP_06,
            AdviceId::Bkp07 => &BKP_07,
            AdviceId::Bkp08 => &BKP_08,
            AdviceId::Bkp09 => &BKP_09,
            AdviceId::Bkp10 => &BKP_10,
            AdviceId::Bkp11 => &BKP_11,
            AdviceId::Bkp12 => &BKP_12,
            AdviceId::Bkp13 => &BKP_13,
            AdviceId::Bkp14 => &BKP_14,
            AdviceId::Bkp15 => &BKP_15,
            AdviceId::Bkp16 => &BKP_16,
            AdviceId::Bkp17 => &BKP_17,
            AdviceId::Bkp18 => &BKP_18,
            AdviceId::Bkp19 => &BKP_19,
            AdviceId::Job01 => &JOB_01,
            AdviceId::Job02 => &JOB_02,
            AdviceId::Job03 => &JOB_03,
            AdviceId::Cancel01 => &CANCEL_01,
            AdviceId::Cancel02 => &CANCEL_02,
            AdviceId::Cancel03 => &CANCEL_03,
            AdviceId::Cancel04 => &CANCEL_04,
            AdviceId::Cancel05 => &CANCEL_05,
            AdviceId::Rst01 => &RST_01,
            AdviceId::Rst02 => &RST_02,
            AdviceId::Rst03 => &RST_03,
            AdviceId::Rst04 => &RST_04,
            AdviceId::Rst05 => &RST_05,
            AdviceId::Rst06 => &RST_06,
            AdviceId::Rst07 => &RST_07,
            AdviceId::Rst08 => &RST_08,
            AdviceId::Rst09 => &RST_09,
            AdviceId::Rst10 => &RST_10,
            AdviceId::Rst11 => &RST_11,
            AdviceId::Rst12 => &RST_12,
            AdviceId::Rst13 => &RST_13,
            AdviceId::Rst14 => &RST_14,
            AdviceId::Snap01 => &SNAP_01,
            AdviceId::Snap02 => &SNAP_02,
            AdviceId::Snap03 => &SNAP_03,
            AdviceId::Snap04 => &SNAP_04,
            AdviceId::Snap05 => &SNAP_05,
            AdviceId::Snap06 => &SNAP_06,
            AdviceId::Net01 => &NET_01,
            AdviceId::Net02 => &NET_02,
            AdviceId::Net03 => &NET_03,
            AdviceId::Net04 => &NET_04,
            AdviceId::Net05 => &NET_05,
            AdviceId::Net06 => &NET_06,
            AdviceId::Net07 => &NET_07,
            AdviceId::Net08 => &NET_08,
            AdviceId::Net09 => &NET_09,
            AdviceId::Net10 => &NET_10,
            AdviceId::Net11 => &NET_11,
            AdviceId::Net12 => &NET_12,
            AdviceId::Agent01 => &AGENT_01,
            AdviceId::Agent02 => &AGENT_02,
            AdviceId::Agent03 => &AGENT_03,
            AdviceId::Agent04 => &AGENT_04,
            AdviceId::Agent05 => &AGENT_05,
            AdviceId::Agent06 => &AGENT_06,
            AdviceId::Agent07 => &AGENT_07,
            AdviceId::Agent08 => &AGENT_08,
            AdviceId::Agent09 => &AGENT_09,
            AdviceId::Agent10 => &AGENT_10,
            AdviceId::Agent11 => &AGENT_11,
            AdviceId::Cons01 => &CONS_01,
            AdviceId::Cons02 => &CONS_02,
            AdviceId::Cons03 => &CONS_03,
            AdviceId::Cons04 => &CONS_04,
            AdviceId::Cons05 => &CONS_05,
            AdviceId::Cons06 => &CONS_06,
            AdviceId::Cons07 => &CONS_07,
            AdviceId::Ui01 => &UI_01,
            AdviceId::Ui02 => &UI_02,
            AdviceId::Ui03 => &UI_03,
            AdviceId::Ui04 => &UI_04,
            AdviceId::Ui05 => &UI_05,
            AdviceId::Ui06 => &UI_06,
            AdviceId::Ui07 => &UI_07,
            AdviceId::Ui08 => &UI_08,
            AdviceId::Limit01 => &LIMIT_01,
            AdviceId::Limit02 => &LIMIT_02,
            AdviceId::Limit03 => &LIMIT_03,
            AdviceId::Limit04 => &LIMIT_04,
            AdviceId::Limit05 => &LIMIT_05,
            AdviceId::Limit06 => &LIMIT_06,
            AdviceId::Limit07 => &LIMIT_07,
            AdviceId::Limit08 => &LIMIT_08,
            AdviceId::Limit09 => &LIMIT_09,
        }
    }
}

#[rustfmt::skip]
const PRE_01: Entry = Entry {
    id: AdviceId::Pre01,
    kind: Kind::Rule,
    operation: Operation::Overview,
    profiles: ProfileSet::Both,
    title: Text { en: "Prerequisites come first", ko: "선행 조건 확인" },
    message: Text { en: "Check the prerequisites before you continue.", ko: "계속하기 전에 필수 조건을 확인하세요." },
    remedy: Some(Text { en: "Create a vault in the same region, open outbound access, install the agent.", ko: "같은 지역에 자격 증명 모음을 만들고, 아웃바운드 연결을 열고, 에이전트를 설치하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const PRE_02: Entry = Entry {
    id: AdviceId::Pre02,
    kind: Kind::Rule,
    operation: Operation::Overview,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Three phases in order", ko: "세 단계 순서" },
    message: Text { en: "Finish the previous phase first: discover, register, protect.", ko: "이전 단계(검색 → 등록 → 보호)를 먼저 완료하세요." },
    remedy: Some(Text { en: "Run the missing phase.", ko: "빠진 단계를 실행하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const DISC_01: Entry = Entry {
    id: AdviceId::Disc01,
    kind: Kind::Rule,
    operation: Operation::Discovery,
    profiles: ProfileSet::Both,
    title: Text { en: "What discovery collects", ko: "검색이 수집하는 정보" },
    message: Text { en: "Found {n} virtual machines in this subscription.", ko: "이 구독에서 VM {n}대를 찾았습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const DISC_02: Entry = Entry {
    id: AdviceId::Disc02,
    kind: Kind::Rule,
    operation: Operation::Discovery,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Discovery is always the first step", ko: "검색은 항상 첫 단계" },
    message: Text { en: "New VMs may be missing from the list. Run discovery again.", ko: "새 VM이 목록에 없을 수 있습니다. 검색을 다시 실행하세요." },
    remedy: Some(Text { en: "Run discovery, then reopen the list.", ko: "검색을 실행한 뒤 목록을 다시 여세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const DISC_03: Entry = Entry {
    id: AdviceId::Disc03,
    kind: Kind::Step,
    operation: Operation::Discovery,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "How to start discovery", ko: "검색 시작 절차" },
    message: Text { en: "Choose the Azure virtual machine workload to enable Discover.", ko: "작업 유형을 Azure 가상 컴퓨터로 선택하면 '검색' 단추를 사용할 수 있습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const DISC_04: Entry = Entry {
    id: AdviceId::Disc04,
    kind: Kind::Notification,
    operation: Operation::Discovery,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Discovery in progress toast", ko: "검색 진행 알림" },
    message: Text { en: "Discovering virtual machines… this can take a few minutes.", ko: "VM을 검색하는 중입니다… 몇 분 걸릴 수 있습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const DISC_05: Entry = Entry {
    id: AdviceId::Disc05,
    kind: Kind::Notification,
    operation: Operation::Discovery,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Discovery complete toast", ko: "검색 완료 알림" },
    message: Text { en: "Discovery finished. {n} VMs listed, {m} new.", ko: "검색이 완료되었습니다. VM {n}대, 신규 {m}대." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const DISC_06: Entry = Entry {
    id: AdviceId::Disc06,
    kind: Kind::Error,
    operation: Operation::Discovery,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Discovery hit an internal error", ko: "검색 중 내부 오류" },
    message: Text { en: "New items could not be discovered because of an internal service error. Wait a little and try again.", ko: "서비스 내부 오류로 새 항목을 검색하지 못했습니다. 잠시 기다린 후 다시 시도하세요." },
    remedy: Some(Text { en: "Run discovery again after 15 minutes.", ko: "15분 후 검색을 다시 실행하세요." }),
    retry: Retry::AfterWait(Some(Span::from_milliseconds(900000))),
};

#[rustfmt::skip]
const DISC_07: Entry = Entry {
    id: AdviceId::Disc07,
    kind: Kind::Error,
    operation: Operation::Discovery,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "A discovery is already running", ko: "검색이 이미 진행 중" },
    message: Text { en: "Another discovery is still running. Wait until it ends.", ko: "다른 검색 작업이 진행 중입니다. 끝날 때까지 기다리세요." },
    remedy: Some(Text { en: "No workaround is listed; wait for the running discovery.", ko: "별도 해결 방법은 없습니다. 진행 중인 검색이 끝날 때까지 기다리세요." }),
    retry: Retry::AfterWait(None),
};

#[rustfmt::skip]
const REG_01: Entry = Entry {
    id: AdviceId::Reg01,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Register before protect", ko: "보호 전에 등록" },
    message: Text { en: "This VM is not registered yet.", ko: "아직 등록되지 않은 VM입니다." },
    remedy: Some(Text { en: "Register the VM first.", ko: "먼저 VM을 등록하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const REG_02: Entry = Entry {
    id: AdviceId::Reg02,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Both,
    title: Text { en: "Goal 1: attach the backup extension", ko: "목표 1: 백업 확장 연결" },
    message: Text { en: "Backup extension installed on {vm}.", ko: "{vm}에 백업 확장이 설치되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_03: Entry = Entry {
    id: AdviceId::Reg03,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Both,
    title: Text { en: "Goal 2: associate VM and service", ko: "목표 2: 서비스와 연결" },
    message: Text { en: "{vm} is now associated with vault {vault}.", ko: "{vm}이(가) 자격 증명 모음 {vault}에 연결되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_04: Entry = Entry {
    id: AdviceId::Reg04,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Both,
    title: Text { en: "One-time step, extension kept current by the service", ko: "일회성 작업, 확장은 자동 업데이트" },
    message: Text { en: "The backup extension was updated automatically.", ko: "백업 확장이 자동으로 업데이트되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_05: Entry = Entry {
    id: AdviceId::Reg05,
    kind: Kind::Step,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "How to start registration", ko: "등록 시작 절차" },
    message: Text { en: "Choose the Azure virtual machine workload to enable Register.", ko: "작업 유형을 Azure 가상 컴퓨터로 선택하면 '등록' 단추를 사용할 수 있습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_06: Entry = Entry {
    id: AdviceId::Reg06,
    kind: Kind::Screen,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Register Items pop-up", ko: "등록 항목 팝업" },
    message: Text { en: "Several VMs have this name; pick by cloud service.", ko: "이름이 같은 VM이 여러 대 있습니다. 클라우드 서비스로 구분하세요." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_07: Entry = Entry {
    id: AdviceId::Reg07,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Bulk registration", ko: "대량 등록" },
    message: Text { en: "{n} VMs queued for registration.", ko: "VM {n}대의 등록을 요청했습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_08: Entry = Entry {
    id: AdviceId::Reg08,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Who appears in the register list", ko: "등록 목록에 표시되는 VM" },
    message: Text { en: "Only unregistered VMs in {region} are shown.", ko: "{region} 지역의 미등록 VM만 표시됩니다." },
    remedy: Some(Text { en: "Use a vault in the VM's region if the VM is missing.", ko: "VM이 보이지 않으면 같은 지역의 자격 증명 모음을 사용하세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_09: Entry = Entry {
    id: AdviceId::Reg09,
    kind: Kind::Rule,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "One job per VM with toast and View Job", ko: "VM당 작업 하나, 알림과 '작업 보기'" },
    message: Text { en: "Registration job created for {vm}. View job", ko: "{vm} 등록 작업이 만들어졌습니다. 작업 보기" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_10: Entry = Entry {
    id: AdviceId::Reg10,
    kind: Kind::State,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Registering status in the list", ko: "목록의 '등록 중' 상태" },
    message: Text { en: "Registering", ko: "등록 중" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_11: Entry = Entry {
    id: AdviceId::Reg11,
    kind: Kind::State,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Registered status", ko: "'등록됨' 상태" },
    message: Text { en: "Registered", ko: "등록됨" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const REG_12: Entry = Entry {
    id: AdviceId::Reg12,
    kind: Kind::Error,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "VM not running", ko: "VM이 실행 중이 아님" },
    message: Text { en: "The extension cannot be installed because the VM is not running. Check that it is in the Running state.", ko: "VM이 실행 중이 아니어서 확장을 설치할 수 없습니다. 실행 상태인지 확인하세요." },
    remedy: Some(Text { en: "Start the VM and repeat the registration once it runs.", ko: "VM을 시작하고 실행 상태가 되면 등록을 다시 시도하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const REG_13: Entry = Entry {
    id: AdviceId::Reg13,
    kind: Kind::Error,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Too many data disks", ko: "데이터 디스크 수 초과" },
    message: Text { en: "This VM has more data disks than are supported ({max}). Detach some and try again.", ko: "이 VM의 데이터 디스크 수가 지원 한도({max}개)를 넘었습니다. 일부를 분리한 후 다시 시도하세요." },
    remedy: Some(Text { en: "No workaround is listed beyond detaching disks.", ko: "디스크를 분리하는 것 외의 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const REG_14: Entry = Entry {
    id: AdviceId::Reg14,
    kind: Kind::Error,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Internal error that hides an unsupported configuration", ko: "지원되지 않는 구성에 가려진 내부 오류" },
    message: Text { en: "An internal error stopped the registration. Wait a few minutes and retry; contact support if it keeps happening.", ko: "내부 오류로 등록하지 못했습니다. 몇 분 후 다시 시도하고 계속되면 지원에 문의하세요." },
    remedy: Some(Text { en: "Check for premium storage, multiple NICs or a load balancer; those are not supported and no retry will help.", ko: "프리미엄 저장소, 다중 NIC, 부하 분산 장치 구성을 확인하세요. 이런 구성은 지원되지 않으며 다시 시도해도 해결되지 않습니다." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const REG_15: Entry = Entry {
    id: AdviceId::Reg15,
    kind: Kind::Error,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Guest agent certificate missing", ko: "게스트 에이전트 인증서 없음" },
    message: Text { en: "The guest agent certificate was not found on this VM.", ko: "이 VM에서 게스트 에이전트 인증서를 찾을 수 없습니다." },
    remedy: Some(Text { en: "Download the newest agent, make sure its version is 2.6.1198.718 or later, install it in the VM, then register again.", ko: "최신 에이전트(2.6.1198.718 이상)를 내려받아 VM에 설치한 다음 다시 등록하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const REG_16: Entry = Entry {
    id: AdviceId::Reg16,
    kind: Kind::Error,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Agent install timed out", ko: "에이전트 설치 시간 초과" },
    message: Text { en: "Registration failed: installing the agent took too long.", ko: "에이전트 설치 시간이 초과되어 등록하지 못했습니다." },
    remedy: Some(Text { en: "Check that the operating system version of the VM is supported.", ko: "VM의 OS 버전이 지원되는지 확인하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const REG_17: Entry = Entry {
    id: AdviceId::Reg17,
    kind: Kind::Error,
    operation: Operation::Register,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Another operation on this item", ko: "이 항목에서 다른 작업 진행 중" },
    message: Text { en: "The command could not run because another operation is active on this item. Wait until it ends.", ko: "이 항목에서 다른 작업이 진행 중이라 명령을 실행하지 못했습니다. 끝날 때까지 기다리세요." },
    remedy: Some(Text { en: "No workaround is listed; wait.", ko: "별도 해결 방법은 없습니다. 기다리세요." }),
    retry: Retry::AfterWait(None),
};

#[rustfmt::skip]
const PROT_01: Entry = Entry {
    id: AdviceId::Prot01,
    kind: Kind::Rule,
    operation: Operation::Protect,
    profiles: ProfileSet::Both,
    title: Text { en: "Protecting sets schedule and retention", ko: "보호 = 백업·보존 정책 설정" },
    message: Text { en: "Choose how often to back up and how long to keep it.", ko: "백업 주기와 보존 기간을 선택하세요." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_02: Entry = Entry {
    id: AdviceId::Prot02,
    kind: Kind::Step,
    operation: Operation::Protect,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "How to start protecting", ko: "보호 시작 절차" },
    message: Text { en: "Choose the Azure virtual machine workload to enable Protect.", ko: "작업 유형을 Azure 가상 컴퓨터로 선택하면 '보호' 단추를 사용할 수 있습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_03: Entry = Entry {
    id: AdviceId::Prot03,
    kind: Kind::Screen,
    operation: Operation::Protect,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Protect Items wizard, screen 1", ko: "보호 항목 마법사 1화면" },
    message: Text { en: "Select the VMs to protect.", ko: "보호할 VM을 선택하세요." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_04: Entry = Entry {
    id: AdviceId::Prot04,
    kind: Kind::Rule,
    operation: Operation::Protect,
    profiles: ProfileSet::Both,
    title: Text { en: "Bulk protection", ko: "대량 보호" },
    message: Text { en: "{n} VMs selected for protection.", ko: "보호할 VM {n}대가 선택되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_05: Entry = Entry {
    id: AdviceId::Prot05,
    kind: Kind::Rule,
    operation: Operation::Protect,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Who appears in the protect list", ko: "보호 목록에 표시되는 VM" },
    message: Text { en: "Only registered VMs in {region} are shown.", ko: "{region} 지역에 등록된 VM만 표시됩니다." },
    remedy: Some(Text { en: "Register the VM, or use a vault in its region.", ko: "VM을 등록하거나 같은 지역의 자격 증명 모음을 사용하세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_06: Entry = Entry {
    id: AdviceId::Prot06,
    kind: Kind::Screen,
    operation: Operation::Protect,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Protect Items wizard, screen 2", ko: "보호 항목 마법사 2화면" },
    message: Text { en: "Pick a policy or create one.", ko: "정책을 선택하거나 새로 만드세요." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_07: Entry = Entry {
    id: AdviceId::Prot07,
    kind: Kind::Rule,
    operation: Operation::Protect,
    profiles: ProfileSet::Both,
    title: Text { en: "One Configure Protection job per VM", ko: "VM당 '보호 구성' 작업 하나" },
    message: Text { en: "Configure protection job created for {vm}.", ko: "{vm}의 보호 구성 작업이 만들어졌습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_08: Entry = Entry {
    id: AdviceId::Prot08,
    kind: Kind::State,
    operation: Operation::Protect,
    profiles: ProfileSet::Both,
    title: Text { en: "Protected, initial backup pending", ko: "보호됨(초기 백업 보류 중)" },
    message: Text { en: "Protected (initial backup pending)", ko: "보호됨(초기 백업 보류 중)" },
    remedy: Some(Text { en: "Wait for the scheduled time.", ko: "예약된 시간까지 기다리세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const PROT_09: Entry = Entry {
    id: AdviceId::Prot09,
    kind: Kind::Rule,
    operation: Operation::Protect,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "No immediate first backup", ko: "즉시 초기 백업 불가" },
    message: Text { en: "Starting the first backup now is not available. It will run at {time}.", ko: "지금 바로 첫 백업을 시작할 수 없습니다. {time}에 실행됩니다." },
    remedy: Some(Text { en: "Wait for the schedule, or switch the rule profile to 2016.", ko: "예약 시간을 기다리거나 2016 규칙 프로필로 전환하세요." }),
    retry: Retry::No,
};

#[rustfmt::skip]
const STOP_01: Entry = Entry {
    id: AdviceId::Stop01,
    kind: Kind::Rule,
    operation: Operation::StopProtection,
    profiles: ProfileSet::Both,
    title: Text { en: "Stop protection, keep data", ko: "보호 중지, 데이터 유지" },
    message: Text { en: "Protection stopped; existing recovery points are kept.", ko: "보호가 중지되었고 기존 복구 지점은 유지됩니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const STOP_02: Entry = Entry {
    id: AdviceId::Stop02,
    kind: Kind::Rule,
    operation: Operation::StopProtection,
    profiles: ProfileSet::Both,
    title: Text { en: "Stop protection, delete data", ko: "보호 중지, 데이터 삭제" },
    message: Text { en: "Protection stopped and backup data deleted.", ko: "보호가 중지되고 백업 데이터가 삭제되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const STOP_03: Entry = Entry {
    id: AdviceId::Stop03,
    kind: Kind::Rule,
    operation: Operation::StopProtection,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Recreating the VM under the same identity heals the item", ko: "같은 이름·그룹으로 다시 만들면 복구됨" },
    message: Text { en: "A VM with the same identity was found again; backups resume.", ko: "같은 이름의 VM이 다시 확인되어 백업이 재개됩니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const POL_01: Entry = Entry {
    id: AdviceId::Pol01,
    kind: Kind::Limit,
    operation: Operation::Policy,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Retention at most 30 days", ko: "보존 최대 30일" },
    message: Text { en: "The preview keeps backups for at most 30 days.", ko: "미리 보기에서는 최대 30일까지 보존할 수 있습니다." },
    remedy: Some(Text { en: "Choose 30 days or fewer.", ko: "30일 이하로 선택하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const POL_02: Entry = Entry {
    id: AdviceId::Pol02,
    kind: Kind::Limit,
    operation: Operation::Policy,
    profiles: ProfileSet::Both,
    title: Text { en: "At most one backup a day", ko: "하루 최대 한 번" },
    message: Text { en: "Only one backup per day is possible.", ko: "하루에 한 번만 백업할 수 있습니다." },
    remedy: Some(Text { en: "Reduce the schedule to one run per day.", ko: "하루 한 번으로 줄이세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const POL_03: Entry = Entry {
    id: AdviceId::Pol03,
    kind: Kind::Rule,
    operation: Operation::Policy,
    profiles: ProfileSet::Both,
    title: Text { en: "Several policies per vault", ko: "자격 증명 모음당 여러 정책" },
    message: Text { en: "{n} policies in this vault.", ko: "이 자격 증명 모음의 정책 {n}개." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const POL_04: Entry = Entry {
    id: AdviceId::Pol04,
    kind: Kind::Rule,
    operation: Operation::Policy,
    profiles: ProfileSet::Both,
    title: Text { en: "Policy = schedule + retention", ko: "정책 = 일정 + 보존" },
    message: Text { en: "Daily at 22:00 / weekly at 06:00.", ko: "매일 22:00 / 매주 06:00." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const POL_05: Entry = Entry {
    id: AdviceId::Pol05,
    kind: Kind::Rule,
    operation: Operation::Policy,
    profiles: ProfileSet::Both,
    title: Text { en: "Many VMs per policy", ko: "정책 하나에 여러 VM" },
    message: Text { en: "{n} VMs use this policy.", ko: "이 정책을 사용하는 VM {n}대." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const POL_06: Entry = Entry {
    id: AdviceId::Pol06,
    kind: Kind::Rule,
    operation: Operation::Policy,
    profiles: ProfileSet::Both,
    title: Text { en: "One policy per VM at a time", ko: "VM은 한 번에 한 정책" },
    message: Text { en: "This VM already uses policy {p}; it will be replaced.", ko: "이 VM은 이미 정책 {p}을(를) 사용 중이며 새 정책으로 바뀝니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const POL_07: Entry = Entry {
    id: AdviceId::Pol07,
    kind: Kind::Error,
    operation: Operation::Policy,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Policy could not be created: too much retention", ko: "정책을 만들지 못함: 보존 선택 과다" },
    message: Text { en: "The policy could not be created. Reduce the retention choices to continue.", ko: "정책을 만들지 못했습니다. 계속하려면 보존 선택을 줄이세요." },
    remedy: Some(Text { en: "No workaround is listed; shorten or drop retention ranges.", ko: "별도 해결 방법은 없습니다. 보존 기간을 줄이거나 제외하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const POL_08: Entry = Entry {
    id: AdviceId::Pol08,
    kind: Kind::Rule,
    operation: Operation::Policy,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Stagger policies for crowded cloud services", ko: "혼잡한 클라우드 서비스는 정책 분산" },
    message: Text { en: "More than 4 VMs of cloud service {cs} start together; spread their policies one hour apart.", ko: "클라우드 서비스 {cs}의 VM 4대 초과가 동시에 시작됩니다. 정책 시작 시간을 1시간씩 분산하세요." },
    remedy: Some(Text { en: "Create more policies and offset start times by 60 minutes.", ko: "정책을 나누고 시작 시간을 60분 간격으로 조정하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(3600000))),
};

#[rustfmt::skip]
const BKP_01: Entry = Entry {
    id: AdviceId::Bkp01,
    kind: Kind::Rule,
    operation: Operation::Backup,
    profiles: ProfileSet::Both,
    title: Text { en: "A job per due VM at the scheduled time", ko: "예약 시간에 VM별 작업 생성" },
    message: Text { en: "Backup job created for {vm}.", ko: "{vm} 백업 작업이 만들어졌습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const BKP_02: Entry = Entry {
    id: AdviceId::Bkp02,
    kind: Kind::Rule,
    operation: Operation::Backup,
    profiles: ProfileSet::Both,
    title: Text { en: "Flush and snapshot through the extension", ko: "확장을 통한 플러시와 스냅샷" },
    message: Text { en: "Flushing writes and taking a consistent snapshot…", ko: "쓰기를 플러시하고 일관된 스냅샷을 만드는 중…" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const BKP_03: Entry = Entry {
    id: AdviceId::Bkp03,
    kind: Kind::State,
    operation: Operation::Backup,
    profiles: ProfileSet::Both,
    title: Text { en: "Protected after first recovery point", ko: "첫 복구 지점 이후 '보호됨'" },
    message: Text { en: "Protected", ko: "보호됨" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const BKP_04: Entry = Entry {
    id: AdviceId::Bkp04,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Copying disks out timed out (2015)", ko: "VHD 복사 시간 초과 (2015)" },
    message: Text { en: "Copying the virtual hard disks to the vault timed out. Retry in a few minutes; contact support if it persists.", ko: "VHD를 자격 증명 모음으로 복사하는 시간이 초과되었습니다. 몇 분 후 다시 시도하고 계속되면 지원에 문의하세요." },
    remedy: Some(Text { en: "Make sure the VM has fewer than 6 data disks, or let the copy resume in the next window.", ko: "데이터 디스크가 6개 미만인지 확인하거나, 다음 시간에 복사를 이어서 진행하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const BKP_05: Entry = Entry {
    id: AdviceId::Bkp05,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Snapshot sub-task timed out (2015)", ko: "스냅샷 하위 작업 시간 초과 (2015)" },
    message: Text { en: "The VM snapshot sub-task timed out. Retry in a few minutes; contact support if it persists.", ko: "VM 스냅샷 하위 작업 시간이 초과되었습니다. 몇 분 후 다시 시도하고 계속되면 지원에 문의하세요." },
    remedy: Some(Text { en: "Work through the VM agent checks and the networking checks.", ko: "VM 에이전트 점검과 네트워크 점검을 차례로 진행하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const BKP_06: Entry = Entry {
    id: AdviceId::Bkp06,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Internal backup error (2015)", ko: "백업 내부 오류 (2015)" },
    message: Text { en: "The backup failed with an internal error. Retry in a few minutes; contact support if it persists.", ko: "내부 오류로 백업하지 못했습니다. 몇 분 후 다시 시도하고 계속되면 지원에 문의하세요." },
    remedy: Some(Text { en: "Reduce the disks below 6; if the VM is gone, unprotect it and keep the data.", ko: "디스크를 6개 미만으로 줄이고, VM이 삭제되었다면 데이터를 유지한 채 보호를 해제하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const BKP_07: Entry = Entry {
    id: AdviceId::Bkp07,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Both,
    title: Text { en: "Extension could not be installed", ko: "복구 서비스 확장 설치 실패" },
    message: Text { en: "The recovery services extension could not be installed: the VM agent is required. Install it and start the registration again.", ko: "복구 서비스 확장을 설치하지 못했습니다. VM 에이전트가 필요합니다. 에이전트를 설치하고 등록을 다시 시작하세요." },
    remedy: Some(Text { en: "Check that the agent is properly installed and that the flag in the VM configuration is set.", ko: "에이전트가 제대로 설치되었는지, VM 구성의 플래그가 설정되었는지 확인하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_08: Entry = Entry {
    id: AdviceId::Bkp08,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Both,
    title: Text { en: "Another operation on this item", ko: "이 항목에서 다른 작업 진행 중" },
    message: Text { en: "The command could not run because another operation is active on this item. Wait for it to finish and retry.", ko: "이 항목에서 다른 작업이 진행 중이라 명령을 실행하지 못했습니다. 끝난 후 다시 시도하세요." },
    remedy: Some(Text { en: "Wait for the current backup or restore (2016: or cancel it).", ko: "현재 백업이나 복원이 끝날 때까지 기다리세요(2016: 취소 가능)." }),
    retry: Retry::AfterWait(None),
};

#[rustfmt::skip]
const BKP_09: Entry = Entry {
    id: AdviceId::Bkp09,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "VM no longer exists", ko: "VM이 더 이상 존재하지 않음" },
    message: Text { en: "The operation cannot run because the VM is gone. Stop protecting it; the backup data need not be deleted.", ko: "VM이 더 이상 없어 작업을 수행할 수 없습니다. 백업 데이터를 삭제하지 않고 보호를 중지할 수 있습니다." },
    remedy: Some(Text { en: "Recreate the VM with the same name and resource group (cloud service), or stop protection with or without deleting data.", ko: "같은 이름과 리소스 그룹(클라우드 서비스)으로 VM을 다시 만들거나, 데이터를 삭제하거나 유지하면서 보호를 중지하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_10: Entry = Entry {
    id: AdviceId::Bkp10,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "No contact with the agent for snapshot status", ko: "스냅샷 상태를 확인할 에이전트와 통신 불가" },
    message: Text { en: "The VM agent could not be reached for the snapshot status. Make sure the VM has internet access and the agent is up to date.", ko: "스냅샷 상태를 확인할 VM 에이전트와 통신할 수 없습니다. VM의 인터넷 연결과 에이전트 버전을 확인하세요." },
    remedy: Some(Text { en: "Debug the snapshot causes; if the agent is healthy, restart the VM.", ko: "스냅샷 실패 원인을 점검하고, 에이전트가 정상이면 VM을 다시 시작하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const BKP_11: Entry = Entry {
    id: AdviceId::Bkp11,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Extension operation failed", ko: "복구 서비스 확장 작업 실패" },
    message: Text { en: "The recovery services extension failed. Make sure the newest VM agent is present and running, then retry; contact support if it fails again.", ko: "복구 서비스 확장 작업이 실패했습니다. 최신 VM 에이전트가 설치되어 실행 중인지 확인하고 다시 시도하세요. 계속 실패하면 지원에 문의하세요." },
    remedy: Some(Text { en: "Update the VM agent.", ko: "VM 에이전트를 업데이트하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_12: Entry = Entry {
    id: AdviceId::Bkp12,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "The VM does not exist", ko: "가상 컴퓨터가 존재하지 않음" },
    message: Text { en: "The VM does not exist. Check that it exists or choose another.", ko: "VM이 존재하지 않습니다. 존재하는지 확인하거나 다른 VM을 선택하세요." },
    remedy: Some(Text { en: "Recreate it with the same name and resource group (cloud service), or stop protection with or without deleting data.", ko: "같은 이름과 리소스 그룹(클라우드 서비스)으로 다시 만들거나, 데이터를 삭제하거나 유지하면서 보호를 중지하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_13: Entry = Entry {
    id: AdviceId::Bkp13,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Copying disks out timed out (2016)", ko: "VHD 복사 시간 초과 (2016)" },
    message: Text { en: "Copying the virtual hard disks to the vault timed out. Retry in a few minutes; contact support if it persists.", ko: "VHD를 자격 증명 모음으로 복사하는 시간이 초과되었습니다. 몇 분 후 다시 시도하고 계속되면 지원에 문의하세요." },
    remedy: Some(Text { en: "Make sure the VM has fewer than 16 data disks, or let the copy resume in the next window.", ko: "데이터 디스크가 16개 미만인지 확인하거나, 다음 시간에 복사를 이어서 진행하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const BKP_14: Entry = Entry {
    id: AdviceId::Bkp14,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Internal backup error (2016)", ko: "백업 내부 오류 (2016)" },
    message: Text { en: "The backup failed with an internal error. Retry in a few minutes; contact support if it persists.", ko: "내부 오류로 백업하지 못했습니다. 몇 분 후 다시 시도하고 계속되면 지원에 문의하세요." },
    remedy: Some(Text { en: "Check the service status of the region and retry when it is healthy; for a deleted VM stop protection and keep the data.", ko: "지역의 서비스 상태를 확인하고 정상화되면 다시 시도하세요. 삭제된 VM이면 데이터를 유지하고 보호를 중지하세요." }),
    retry: Retry::AfterWait(Some(Span::from_milliseconds(300000))),
};

#[rustfmt::skip]
const BKP_15: Entry = Entry {
    id: AdviceId::Bkp15,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Extension install failed with a COM+ error", ko: "COM+ 오류로 확장 설치 실패" },
    message: Text { en: "Extension installation failed: COM+ could not reach the Distributed Transaction Coordinator.", ko: "확장 설치 실패: COM+가 Distributed Transaction Coordinator와 통신할 수 없습니다." },
    remedy: Some(Text { en: "Contact support (public sources: start the COM+ System Application and MSDTC services).", ko: "지원에 문의하세요(공개 자료: COM+ System Application 및 MSDTC 서비스를 시작)." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_16: Entry = Entry {
    id: AdviceId::Bkp16,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Snapshot failed: drive locked by BitLocker", ko: "스냅샷 실패: BitLocker로 잠긴 드라이브" },
    message: Text { en: "The snapshot failed: a drive is locked by BitLocker and must be unlocked from the Control Panel.", ko: "스냅샷 실패: 드라이브가 BitLocker로 잠겨 있습니다. 제어판에서 잠금을 해제해야 합니다." },
    remedy: Some(Text { en: "Turn BitLocker off on all drives of the VM and check whether the VSS problem disappears.", ko: "VM의 모든 드라이브에서 BitLocker를 끄고 VSS 문제가 해결되는지 확인하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_17: Entry = Entry {
    id: AdviceId::Bkp17,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Premium storage not supported", ko: "프리미엄 저장소 미지원" },
    message: Text { en: "VMs with disks on premium storage cannot be backed up.", ko: "디스크가 프리미엄 저장소에 있는 VM은 백업할 수 없습니다." },
    remedy: Some(Text { en: "No workaround is listed.", ko: "별도 해결 방법은 없습니다." }),
    retry: Retry::No,
};

#[rustfmt::skip]
const BKP_18: Entry = Entry {
    id: AdviceId::Bkp18,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "VM not found", ko: "Azure 가상 컴퓨터를 찾을 수 없음" },
    message: Text { en: "The Azure VM was not found.", ko: "Azure VM을 찾을 수 없습니다." },
    remedy: Some(Text { en: "Recreate it with the same name and resource group (cloud service), or disable protection so no more jobs are created.", ko: "같은 이름과 리소스 그룹(클라우드 서비스)으로 다시 만들거나 더 이상 작업이 생성되지 않도록 보호를 해제하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const BKP_19: Entry = Entry {
    id: AdviceId::Bkp19,
    kind: Kind::Error,
    operation: Operation::Backup,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "VM agent absent", ko: "VM 에이전트 없음" },
    message: Text { en: "This VM has no VM agent. Install it and start the operation again.", ko: "이 VM에 VM 에이전트가 없습니다. 설치한 후 작업을 다시 시작하세요." },
    remedy: Some(Text { en: "Install the agent and validate the installation.", ko: "에이전트를 설치하고 설치를 확인하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const JOB_01: Entry = Entry {
    id: AdviceId::Job01,
    kind: Kind::Rule,
    operation: Operation::Jobs,
    profiles: ProfileSet::Both,
    title: Text { en: "One operation per item", ko: "항목당 한 작업" },
    message: Text { en: "This item is busy with {job}.", ko: "이 항목은 {job} 작업 중입니다." },
    remedy: Some(Text { en: "Wait, or cancel when allowed.", ko: "기다리거나 가능한 경우 취소하세요." }),
    retry: Retry::AfterWait(None),
};

#[rustfmt::skip]
const JOB_02: Entry = Entry {
    id: AdviceId::Job02,
    kind: Kind::Rule,
    operation: Operation::Jobs,
    profiles: ProfileSet::Both,
    title: Text { en: "Job filters", ko: "작업 필터" },
    message: Text { en: "Filter: {operation}", ko: "필터: {operation}" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const JOB_03: Entry = Entry {
    id: AdviceId::Job03,
    kind: Kind::State,
    operation: Operation::Jobs,
    profiles: ProfileSet::Both,
    title: Text { en: "Job groups on the dashboard", ko: "대시보드의 작업 그룹" },
    message: Text { en: "Succeeded / Failed / In progress", ko: "성공 / 실패 / 진행 중" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CANCEL_01: Entry = Entry {
    id: AdviceId::Cancel01,
    kind: Kind::Error,
    operation: Operation::CancelJob,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Job type cannot be cancelled", ko: "취소를 지원하지 않는 작업 유형" },
    message: Text { en: "This type of job cannot be cancelled. Wait until it finishes.", ko: "이 작업 유형은 취소할 수 없습니다. 완료될 때까지 기다리세요." },
    remedy: Some(Text { en: "No workaround is listed.", ko: "별도 해결 방법은 없습니다." }),
    retry: Retry::No,
};

#[rustfmt::skip]
const CANCEL_02: Entry = Entry {
    id: AdviceId::Cancel02,
    kind: Kind::Error,
    operation: Operation::CancelJob,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Job not in a cancellable state", ko: "취소할 수 있는 상태가 아님" },
    message: Text { en: "The job is not in a state that allows cancelling. Wait until it finishes.", ko: "취소할 수 있는 상태의 작업이 아닙니다. 완료될 때까지 기다리세요." },
    remedy: Some(Text { en: "The job is almost complete; wait.", ko: "작업이 거의 완료되었습니다. 기다리세요." }),
    retry: Retry::AfterWait(None),
};

#[rustfmt::skip]
const CANCEL_03: Entry = Entry {
    id: AdviceId::Cancel03,
    kind: Kind::Error,
    operation: Operation::CancelJob,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Job not in progress", ko: "진행 중이 아닌 작업" },
    message: Text { en: "The job cannot be cancelled because it is not in progress. Try again on a running job.", ko: "진행 중이 아니어서 취소할 수 없습니다. 진행 중인 작업에 대해 다시 시도하세요." },
    remedy: Some(Text { en: "Temporary state: wait a moment and cancel again.", ko: "일시적인 상태입니다. 잠시 기다렸다가 다시 취소하세요." }),
    retry: Retry::AfterWait(Some(Span::from_milliseconds(60000))),
};

#[rustfmt::skip]
const CANCEL_04: Entry = Entry {
    id: AdviceId::Cancel04,
    kind: Kind::Error,
    operation: Operation::CancelJob,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Cancel failed", ko: "작업 취소 실패" },
    message: Text { en: "The job could not be cancelled. Wait until it finishes.", ko: "작업을 취소하지 못했습니다. 완료될 때까지 기다리세요." },
    remedy: Some(Text { en: "No workaround is listed.", ko: "별도 해결 방법은 없습니다." }),
    retry: Retry::No,
};

#[rustfmt::skip]
const CANCEL_05: Entry = Entry {
    id: AdviceId::Cancel05,
    kind: Kind::Rule,
    operation: Operation::CancelJob,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Cancelling is not offered (2015)", ko: "취소 기능 없음 (2015)" },
    message: Text { en: "Jobs cannot be cancelled in this version.", ko: "이 버전에서는 작업을 취소할 수 없습니다." },
    remedy: Some(Text { en: "Wait for the job to finish.", ko: "작업이 끝날 때까지 기다리세요." }),
    retry: Retry::No,
};

#[rustfmt::skip]
const RST_01: Entry = Entry {
    id: AdviceId::Rst01,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Cloud internal error: target cloud service has DNS settings", ko: "클라우드 내부 오류: 대상 클라우드 서비스에 DNS 설정 있음" },
    message: Text { en: "The restore failed with a cloud internal error.", ko: "클라우드 내부 오류로 복원하지 못했습니다." },
    remedy: Some(Text { en: "Check the DNS settings of the production deployment; pick a cloud service without them.", ko: "프로덕션 배포의 DNS 설정을 확인하고, 설정이 없는 클라우드 서비스를 선택하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_02: Entry = Entry {
    id: AdviceId::Rst02,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Cloud internal error: reserved IP and stopped VMs", ko: "클라우드 내부 오류: 예약 IP와 중지된 VM" },
    message: Text { en: "The restore failed with a cloud internal error.", ko: "클라우드 내부 오류로 복원하지 못했습니다." },
    remedy: Some(Text { en: "Check whether the cloud service has a reserved IP; choose another cloud service or start its VMs.", ko: "클라우드 서비스에 예약된 IP가 있는지 확인하고, 다른 클라우드 서비스를 선택하거나 VM을 시작하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_03: Entry = Entry {
    id: AdviceId::Rst03,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Cloud internal error: special network setup into the same cloud service", ko: "클라우드 내부 오류: 특수 네트워크 구성을 같은 클라우드 서비스로 복원" },
    message: Text { en: "The restore failed with a cloud internal error.", ko: "클라우드 내부 오류로 복원하지 못했습니다." },
    remedy: Some(Text { en: "Choose a new cloud service in the wizard, or follow the guidance for VMs with special networking (restore the disks, build the VM by script).", ko: "마법사에서 새 클라우드 서비스를 선택하거나 특수 네트워크 VM 지침(디스크 복원 후 스크립트로 VM 생성)을 따르세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_04: Entry = Entry {
    id: AdviceId::Rst04,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "DNS name already taken", ko: "DNS 이름이 이미 사용됨" },
    message: Text { en: "The chosen DNS name is already in use. Enter another name and retry.", ko: "선택한 DNS 이름이 이미 사용 중입니다. 다른 이름을 입력하고 다시 시도하세요." },
    remedy: Some(Text { en: "Choose a different VM name during the restore.", ko: "복원할 때 다른 VM 이름을 선택하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_05: Entry = Entry {
    id: AdviceId::Rst05,
    kind: Kind::Rule,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Script restores disks only", ko: "스크립트 복원은 디스크만 복원" },
    message: Text { en: "Disks restored. The VM has to be created separately.", ko: "디스크가 복원되었습니다. VM은 따로 만들어야 합니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const RST_06: Entry = Entry {
    id: AdviceId::Rst06,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Virtual network configuration invalid", ko: "가상 네트워크 구성이 올바르지 않음" },
    message: Text { en: "The virtual network configuration is not valid. Choose another and retry.", ko: "가상 네트워크 구성이 올바르지 않습니다. 다른 구성을 지정하고 다시 시도하세요." },
    remedy: Some(Text { en: "No workaround is listed.", ko: "별도 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_07: Entry = Entry {
    id: AdviceId::Rst07,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Reserved IP does not match", ko: "예약 IP 불일치" },
    message: Text { en: "The cloud service uses a reserved IP that does not match this VM. Use a cloud service without a reserved IP, or another recovery point.", ko: "클라우드 서비스의 예약된 IP가 이 VM의 구성과 일치하지 않습니다. 예약된 IP가 없는 클라우드 서비스나 다른 복구 지점을 사용하세요." },
    remedy: Some(Text { en: "No workaround beyond the message.", ko: "메시지의 안내 외 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_08: Entry = Entry {
    id: AdviceId::Rst08,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Input endpoint limit reached", ko: "입력 끝점 한도 도달" },
    message: Text { en: "The cloud service has no free input endpoints. Choose another cloud service or use an existing endpoint.", ko: "클라우드 서비스의 입력 끝점 한도에 도달했습니다. 다른 클라우드 서비스나 기존 끝점을 사용하세요." },
    remedy: Some(Text { en: "No workaround beyond the message.", ko: "메시지의 안내 외 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_09: Entry = Entry {
    id: AdviceId::Rst09,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Storage account in another region", ko: "저장소 계정 지역 불일치" },
    message: Text { en: "The vault and the target storage account are in different regions. Use an account in {region}.", ko: "자격 증명 모음과 대상 저장소 계정의 지역이 다릅니다. {region} 지역의 계정을 사용하세요." },
    remedy: Some(Text { en: "No workaround beyond the message.", ko: "메시지의 안내 외 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_10: Entry = Entry {
    id: AdviceId::Rst10,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Storage account type unsupported", ko: "지원되지 않는 저장소 계정" },
    message: Text { en: "This storage account is not supported. Choose a basic or standard account with LRS or GRS.", ko: "지원되지 않는 저장소 계정입니다. LRS 또는 GRS를 사용하는 기본/표준 계정을 선택하세요." },
    remedy: Some(Text { en: "No workaround beyond the message.", ko: "메시지의 안내 외 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_11: Entry = Entry {
    id: AdviceId::Rst11,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Storage account not online", ko: "저장소 계정이 온라인이 아님" },
    message: Text { en: "The storage account is not online. Make sure it is online.", ko: "저장소 계정이 온라인 상태가 아닙니다. 온라인인지 확인하세요." },
    remedy: Some(Text { en: "Choose another storage account.", ko: "다른 저장소 계정을 선택하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_12: Entry = Entry {
    id: AdviceId::Rst12,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Resource group quota reached", ko: "리소스 그룹 할당량 도달" },
    message: Text { en: "The resource group quota is used up. Delete some groups or ask support to raise the limit.", ko: "리소스 그룹 할당량에 도달했습니다. 일부를 삭제하거나 지원에 한도 증가를 요청하세요." },
    remedy: Some(Text { en: "No workaround beyond the message.", ko: "메시지의 안내 외 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_13: Entry = Entry {
    id: AdviceId::Rst13,
    kind: Kind::Error,
    operation: Operation::Restore,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Subnet does not exist", ko: "서브넷이 존재하지 않음" },
    message: Text { en: "The selected subnet does not exist. Choose one that exists.", ko: "선택한 서브넷이 없습니다. 존재하는 서브넷을 선택하세요." },
    remedy: Some(Text { en: "No workaround beyond the message.", ko: "메시지의 안내 외 해결 방법은 없습니다." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const RST_14: Entry = Entry {
    id: AdviceId::Rst14,
    kind: Kind::Rule,
    operation: Operation::Restore,
    profiles: ProfileSet::Both,
    title: Text { en: "Restore exists in 2015 too, with item exclusivity", ko: "2015에도 복원 기능 존재, 항목 독점" },
    message: Text { en: "Restore this VM from a recovery point.", ko: "복구 지점에서 이 VM을 복원합니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const SNAP_01: Entry = Entry {
    id: AdviceId::Snap01,
    kind: Kind::Rule,
    operation: Operation::Snapshot,
    profiles: ProfileSet::Both,
    title: Text { en: "Snapshots are storage commands", ko: "스냅샷은 저장소 명령" },
    message: Text { en: "Requesting storage snapshot…", ko: "저장소 스냅샷을 요청하는 중…" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const SNAP_02: Entry = Entry {
    id: AdviceId::Snap02,
    kind: Kind::Cause,
    operation: Operation::Snapshot,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "NSG blocks access to storage", ko: "NSG가 저장소 접근을 차단" },
    message: Text { en: "Storage is blocked by a network security group.", ko: "네트워크 보안 그룹(NSG)이 저장소 접근을 차단하고 있습니다." },
    remedy: Some(Text { en: "Allow the storage addresses or route through a proxy server.", ko: "저장소 주소를 허용하거나 프록시 서버를 통해 연결하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const SNAP_03: Entry = Entry {
    id: AdviceId::Snap03,
    kind: Kind::Cause,
    operation: Operation::Snapshot,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "SQL Server backup delays the snapshot", ko: "SQL Server 백업으로 스냅샷 지연" },
    message: Text { en: "The snapshot is delayed because SQL Server backup is configured on this VM.", ko: "이 VM에 SQL Server 백업이 구성되어 있어 스냅샷이 지연됩니다." },
    remedy: Some(Text { en: "Set USEVSSCOPYBACKUP to TRUE under HKLM\\SOFTWARE\\MICROSOFT\\BCDRAGENT.", ko: "HKLM\\SOFTWARE\\MICROSOFT\\BCDRAGENT 아래 USEVSSCOPYBACKUP 값을 TRUE로 설정하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const SNAP_04: Entry = Entry {
    id: AdviceId::Snap04,
    kind: Kind::Cause,
    operation: Operation::Snapshot,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Wrong VM state after shutdown through RDP", ko: "RDP 종료로 인한 잘못된 VM 상태" },
    message: Text { en: "The VM was shut down from inside; its reported state may be wrong.", ko: "VM이 내부에서 종료되어 표시된 상태가 정확하지 않을 수 있습니다." },
    remedy: Some(Text { en: "Check the state in the portal; if wrong, shut the VM down from the portal dashboard.", ko: "포털에서 상태를 확인하고, 다르면 포털 대시보드의 '종료'로 VM을 종료하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const SNAP_05: Entry = Entry {
    id: AdviceId::Snap05,
    kind: Kind::Cause,
    operation: Operation::Snapshot,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Too many VMs of one cloud service start together", ko: "한 클라우드 서비스의 VM이 동시에 너무 많이 시작" },
    message: Text { en: "Too many VMs of cloud service {cs} are being backed up at once.", ko: "클라우드 서비스 {cs}의 VM이 한 번에 너무 많이 백업되고 있습니다." },
    remedy: Some(Text { en: "Use several policies with start times one hour apart.", ko: "정책을 나누고 시작 시간을 1시간 간격으로 두세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(3600000))),
};

#[rustfmt::skip]
const SNAP_06: Entry = Entry {
    id: AdviceId::Snap06,
    kind: Kind::Cause,
    operation: Operation::Snapshot,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "CPU or memory above 90 percent", ko: "CPU 또는 메모리 90% 초과" },
    message: Text { en: "The VM is overloaded; the snapshot is waiting and may time out.", ko: "VM 부하가 높아 스냅샷이 대기 중이며 시간 초과될 수 있습니다." },
    remedy: Some(Text { en: "Try an on-demand backup when the load is lower.", ko: "부하가 낮을 때 주문형 백업을 시도하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_01: Entry = Entry {
    id: AdviceId::Net01,
    kind: Kind::Rule,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "The extension needs public internet", ko: "확장은 공용 인터넷 접근 필요" },
    message: Text { en: "The backup extension needs internet access.", ko: "백업 확장에는 인터넷 연결이 필요합니다." },
    remedy: Some(Text { en: "Open the path; see NET-07 to NET-11.", ko: "경로를 여세요(NET-07~NET-11 참조)." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_02: Entry = Entry {
    id: AdviceId::Net02,
    kind: Kind::Cause,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "Symptom: extension install fails", ko: "증상: 확장 설치 실패" },
    message: Text { en: "The extension could not be installed: no network path.", ko: "네트워크 경로가 없어 확장을 설치하지 못했습니다." },
    remedy: Some(Text { en: "Open the path.", ko: "경로를 여세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_03: Entry = Entry {
    id: AdviceId::Net03,
    kind: Kind::Cause,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "Symptom: backup operations fail", ko: "증상: 백업 작업 실패" },
    message: Text { en: "The disk snapshot failed: no network path.", ko: "네트워크 경로가 없어 디스크 스냅샷이 실패했습니다." },
    remedy: Some(Text { en: "Open the path.", ko: "경로를 여세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_04: Entry = Entry {
    id: AdviceId::Net04,
    kind: Kind::Cause,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "Symptom: status not shown", ko: "증상: 상태 표시 안 됨" },
    message: Text { en: "The job status is not available right now.", ko: "현재 작업 상태를 표시할 수 없습니다." },
    remedy: Some(Text { en: "Open the path.", ko: "경로를 여세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_05: Entry = Entry {
    id: AdviceId::Net05,
    kind: Kind::Rule,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "DNS must resolve platform names", ko: "DNS가 플랫폼 이름을 확인해야 함" },
    message: Text { en: "Platform addresses cannot be resolved. Check the DNS settings of the virtual network.", ko: "플랫폼 주소를 확인할 수 없습니다. 가상 네트워크의 DNS 설정을 확인하세요." },
    remedy: Some(Text { en: "Fix the DNS configuration.", ko: "DNS 구성을 수정하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_06: Entry = Entry {
    id: AdviceId::Net06,
    kind: Kind::Rule,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "Then IP access must be open", ko: "이름 확인 후 IP 접근 허용" },
    message: Text { en: "Names resolve but the platform addresses are blocked.", ko: "이름은 확인되지만 플랫폼 주소가 차단되어 있습니다." },
    remedy: Some(Text { en: "Use NET-07 or NET-10.", ko: "NET-07 또는 NET-10을 사용하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_07: Entry = Entry {
    id: AdviceId::Net07,
    kind: Kind::Remedy,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "Option 1: allow the datacenter IP ranges", ko: "방법 1: 데이터 센터 IP 범위 허용" },
    message: Text { en: "Datacenter ranges allowed.", ko: "데이터 센터 IP 범위가 허용되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const NET_08: Entry = Entry {
    id: AdviceId::Net08,
    kind: Kind::Remedy,
    operation: Operation::Network,
    profiles: ProfileSet::Both,
    title: Text { en: "Unblock with New-NetRoute inside the VM", ko: "VM 안에서 New-NetRoute 실행" },
    message: Text { en: "Route added in the guest.", ko: "게스트에 경로가 추가되었습니다." },
    remedy: Some(Text { en: "Run the window as administrator.", ko: "관리자 권한으로 실행하세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const NET_09: Entry = Entry {
    id: AdviceId::Net09,
    kind: Kind::Remedy,
    operation: Operation::Network,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Add NSG rules for the IPs", ko: "NSG에 IP 허용 규칙 추가" },
    message: Text { en: "NSG rule added.", ko: "NSG 규칙이 추가되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const NET_10: Entry = Entry {
    id: AdviceId::Net10,
    kind: Kind::Remedy,
    operation: Operation::Network,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Option 2: HTTP path through a proxy", ko: "방법 2: HTTP 프록시 경로" },
    message: Text { en: "Traffic goes through proxy {proxy}.", ko: "트래픽이 프록시 {proxy}을(를) 통해 전달됩니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const NET_11: Entry = Entry {
    id: AdviceId::Net11,
    kind: Kind::Remedy,
    operation: Operation::Network,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "NSG rule for the proxy", ko: "프록시용 NSG 규칙" },
    message: Text { en: "The proxy itself has no internet access.", ko: "프록시 서버에 인터넷 접근 권한이 없습니다." },
    remedy: Some(Text { en: "Add the outbound NSG rule for the proxy.", ko: "프록시의 아웃바운드 NSG 규칙을 추가하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const NET_12: Entry = Entry {
    id: AdviceId::Net12,
    kind: Kind::Rule,
    operation: Operation::Network,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "DHCP must stay on in the guest", ko: "게스트 DHCP 필수" },
    message: Text { en: "DHCP is off inside the VM; backup will not work.", ko: "VM 내부에서 DHCP가 꺼져 있어 백업이 동작하지 않습니다." },
    remedy: Some(Text { en: "Turn DHCP on in the guest; set static addresses through the platform.", ko: "게스트에서 DHCP를 켜고 고정 주소는 플랫폼에서 설정하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const AGENT_01: Entry = Entry {
    id: AdviceId::Agent01,
    kind: Kind::Rule,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Gallery VMs already have the agent", ko: "갤러리 VM에는 에이전트가 이미 있음" },
    message: Text { en: "Agent present.", ko: "에이전트가 설치되어 있습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const AGENT_02: Entry = Entry {
    id: AdviceId::Agent02,
    kind: Kind::Rule,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Migrated VMs need an explicit install", ko: "마이그레이션한 VM은 직접 설치" },
    message: Text { en: "This VM was migrated; install the VM agent.", ko: "마이그레이션된 VM입니다. VM 에이전트를 설치하세요." },
    remedy: Some(Text { en: "Install the agent.", ko: "에이전트를 설치하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const AGENT_03: Entry = Entry {
    id: AdviceId::Agent03,
    kind: Kind::Step,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Install on Windows", ko: "Windows에 설치" },
    message: Text { en: "Administrator rights are needed to install the agent.", ko: "에이전트를 설치하려면 관리자 권한이 필요합니다." },
    remedy: Some(Text { en: "Run the installer as administrator.", ko: "관리자 권한으로 설치하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const AGENT_04: Entry = Entry {
    id: AdviceId::Agent04,
    kind: Kind::Step,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Set the VM property", ko: "VM 속성 설정" },
    message: Text { en: "The agent is installed but the VM property does not say so.", ko: "에이전트가 설치되었지만 VM 속성에 표시되지 않았습니다." },
    remedy: Some(Text { en: "Update the VM property.", ko: "VM 속성을 업데이트하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const AGENT_05: Entry = Entry {
    id: AdviceId::Agent05,
    kind: Kind::Step,
    operation: Operation::Agent,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Install on Linux", ko: "Linux에 설치" },
    message: Text { en: "Linux agent installed.", ko: "Linux 에이전트가 설치되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const AGENT_06: Entry = Entry {
    id: AdviceId::Agent06,
    kind: Kind::Step,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Update on Windows = reinstall", ko: "Windows 업데이트 = 재설치" },
    message: Text { en: "Agent updated to {version}.", ko: "에이전트가 {version}(으)로 업데이트되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const AGENT_07: Entry = Entry {
    id: AdviceId::Agent07,
    kind: Kind::Rule,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "No backup while the agent is updated", ko: "에이전트 업데이트 중에는 백업 금지" },
    message: Text { en: "A backup is running; update the agent afterwards.", ko: "백업이 실행 중입니다. 끝난 뒤 에이전트를 업데이트하세요." },
    remedy: Some(Text { en: "Wait for the job or cancel it.", ko: "작업이 끝날 때까지 기다리거나 취소하세요." }),
    retry: Retry::AfterWait(None),
};

#[rustfmt::skip]
const AGENT_08: Entry = Entry {
    id: AdviceId::Agent08,
    kind: Kind::Step,
    operation: Operation::Agent,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Update on Linux", ko: "Linux 업데이트" },
    message: Text { en: "Linux agent updated.", ko: "Linux 에이전트가 업데이트되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const AGENT_09: Entry = Entry {
    id: AdviceId::Agent09,
    kind: Kind::Step,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Validate the agent", ko: "에이전트 설치 확인" },
    message: Text { en: "WaAppAgent.exe version {version}.", ko: "WaAppAgent.exe 버전 {version}." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const AGENT_10: Entry = Entry {
    id: AdviceId::Agent10,
    kind: Kind::Limit,
    operation: Operation::Agent,
    profiles: ProfileSet::Both,
    title: Text { en: "Minimum agent version 2.6.1198.718", ko: "최소 에이전트 버전 2.6.1198.718" },
    message: Text { en: "The VM agent is too old; at least 2.6.1198.718 is needed.", ko: "VM 에이전트 버전이 낮습니다. 2.6.1198.718 이상이 필요합니다." },
    remedy: Some(Text { en: "Update the agent.", ko: "에이전트를 업데이트하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const AGENT_11: Entry = Entry {
    id: AdviceId::Agent11,
    kind: Kind::Remedy,
    operation: Operation::Agent,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Restart the VM to clear a bad state", ko: "잘못된 상태는 VM 재시작으로 초기화" },
    message: Text { en: "VM restarted; state cleared.", ko: "VM이 다시 시작되어 상태가 초기화되었습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_01: Entry = Entry {
    id: AdviceId::Cons01,
    kind: Kind::Rule,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "Four questions a recovery point answers", ko: "복구 지점이 답해야 할 네 가지" },
    message: Text { en: "Boots / no loss / no corruption / consistent for the app", ko: "부팅 / 손실 없음 / 손상 없음 / 앱 일관성" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_02: Entry = Entry {
    id: AdviceId::Cons02,
    kind: Kind::Consistency,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "Application consistent", ko: "응용 프로그램 일관성" },
    message: Text { en: "Application-consistent recovery point", ko: "응용 프로그램 일관성 복구 지점" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_03: Entry = Entry {
    id: AdviceId::Cons03,
    kind: Kind::Consistency,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "File-system consistent", ko: "파일 시스템 일관성" },
    message: Text { en: "File-system-consistent recovery point", ko: "파일 시스템 일관성 복구 지점" },
    remedy: Some(Text { en: "Let the application run its own fix-up.", ko: "응용 프로그램의 자체 복구 절차를 수행하세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_04: Entry = Entry {
    id: AdviceId::Cons04,
    kind: Kind::Consistency,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "Crash consistent", ko: "충돌 일관성" },
    message: Text { en: "Crash-consistent recovery point", ko: "충돌 일관성 복구 지점" },
    remedy: Some(Text { en: "Expect a disk check after restore; start the VM before backup for better consistency.", ko: "복원 후 디스크 검사가 실행될 수 있습니다. 더 나은 일관성을 위해 백업 전에 VM을 시작하세요." }),
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_05: Entry = Entry {
    id: AdviceId::Cons05,
    kind: Kind::Rule,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "Spanned disks lose the guarantee", ko: "스팬 볼륨은 정확성 보장 없음" },
    message: Text { en: "Data spans several disks; correctness is not guaranteed.", ko: "데이터가 여러 디스크에 걸쳐 있어 정확성이 보장되지 않습니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_06: Entry = Entry {
    id: AdviceId::Cons06,
    kind: Kind::Rule,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "Database rollback example", ko: "데이터베이스 롤백 예" },
    message: Text { en: "The database is rolling back to a consistent state.", ko: "데이터베이스가 일관된 상태로 롤백하는 중입니다." },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const CONS_07: Entry = Entry {
    id: AdviceId::Cons07,
    kind: Kind::Rule,
    operation: Operation::Consistency,
    profiles: ProfileSet::Both,
    title: Text { en: "Writers do workload-specific work", ko: "작성자가 작업별 처리 수행" },
    message: Text { en: "VSS writer {writer}: {state}", ko: "VSS 작성자 {writer}: {state}" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_01: Entry = Entry {
    id: AdviceId::Ui01,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Registered Items tab", ko: "등록된 항목 탭" },
    message: Text { en: "Registered items", ko: "등록된 항목" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_02: Entry = Entry {
    id: AdviceId::Ui02,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Workload type selector", ko: "작업 유형 선택" },
    message: Text { en: "Azure virtual machine", ko: "Azure 가상 컴퓨터" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_03: Entry = Entry {
    id: AdviceId::Ui03,
    kind: Kind::Notification,
    operation: Operation::Ui,
    profiles: ProfileSet::Both,
    title: Text { en: "Toast with View Job", ko: "'작업 보기' 알림" },
    message: Text { en: "View job", ko: "작업 보기" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_04: Entry = Entry {
    id: AdviceId::Ui04,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Both,
    title: Text { en: "Jobs tab with filters", ko: "작업 탭과 필터" },
    message: Text { en: "Jobs", ko: "작업" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_05: Entry = Entry {
    id: AdviceId::Ui05,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Both,
    title: Text { en: "Protected Items tab", ko: "보호된 항목 탭" },
    message: Text { en: "Protected items", ko: "보호된 항목" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_06: Entry = Entry {
    id: AdviceId::Ui06,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Both,
    title: Text { en: "Dashboard counters and drill-down", ko: "대시보드 집계와 드릴다운" },
    message: Text { en: "Last 24 hours: {ok} succeeded, {bad} failed, {run} in progress", ko: "지난 24시간: 성공 {ok}, 실패 {bad}, 진행 중 {run}" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_07: Entry = Entry {
    id: AdviceId::Ui07,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Vault-type selector", ko: "자격 증명 모음 유형 선택기" },
    message: Text { en: "Recovery Services vault | Backup vault", ko: "복구 서비스 자격 증명 모음 | 백업 자격 증명 모음" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const UI_08: Entry = Entry {
    id: AdviceId::Ui08,
    kind: Kind::Screen,
    operation: Operation::Ui,
    profiles: ProfileSet::Both,
    title: Text { en: "Three-column error help", ko: "3열 오류 도움말" },
    message: Text { en: "Operation / details / resolution", ko: "작업 / 오류 세부 정보 / 해결 방법" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const LIMIT_01: Entry = Entry {
    id: AdviceId::Limit01,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Max data disks 5 (2015)", ko: "데이터 디스크 최대 5개 (2015)" },
    message: Text { en: "At most 5 data disks.", ko: "데이터 디스크는 최대 5개입니다." },
    remedy: Some(Text { en: "Detach disks.", ko: "디스크를 분리하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const LIMIT_02: Entry = Entry {
    id: AdviceId::Limit02,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Fewer than 16 data disks (2016)", ko: "데이터 디스크 16개 미만 (2016)" },
    message: Text { en: "Fewer than 16 data disks.", ko: "데이터 디스크는 16개 미만이어야 합니다." },
    remedy: Some(Text { en: "Detach disks.", ko: "디스크를 분리하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const LIMIT_03: Entry = Entry {
    id: AdviceId::Limit03,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Four simultaneous backups per cloud service", ko: "클라우드 서비스당 동시 백업 4개" },
    message: Text { en: "At most 4 at once per cloud service.", ko: "클라우드 서비스당 동시에 최대 4개입니다." },
    remedy: Some(Text { en: "Stagger policies.", ko: "정책을 분산하세요." }),
    retry: Retry::AfterFix(Some(Span::from_milliseconds(3600000))),
};

#[rustfmt::skip]
const LIMIT_04: Entry = Entry {
    id: AdviceId::Limit04,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "CPU/memory threshold 90 percent", ko: "CPU/메모리 임계값 90%" },
    message: Text { en: "Load above 90% delays snapshots.", ko: "부하 90% 초과 시 스냅샷이 지연됩니다." },
    remedy: Some(Text { en: "Lower the load.", ko: "부하를 낮추세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const LIMIT_05: Entry = Entry {
    id: AdviceId::Limit05,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Both,
    title: Text { en: "Vault and VM in the same region", ko: "자격 증명 모음과 VM은 같은 지역" },
    message: Text { en: "The VM is in another region than the vault.", ko: "VM과 자격 증명 모음의 지역이 다릅니다." },
    remedy: Some(Text { en: "Create a vault in the VM's region.", ko: "VM이 있는 지역에 자격 증명 모음을 만드세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const LIMIT_06: Entry = Entry {
    id: AdviceId::Limit06,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Classic2015,
    title: Text { en: "Unsupported hardware configurations (2015)", ko: "지원되지 않는 구성 (2015)" },
    message: Text { en: "This configuration is not supported.", ko: "지원되지 않는 구성입니다." },
    remedy: Some(Text { en: "Change the configuration.", ko: "구성을 변경하세요." }),
    retry: Retry::No,
};

#[rustfmt::skip]
const LIMIT_07: Entry = Entry {
    id: AdviceId::Limit07,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Recovery2016,
    title: Text { en: "Restore target storage kinds", ko: "복원 대상 저장소 종류" },
    message: Text { en: "Use a basic/standard LRS or GRS account in the same region.", ko: "같은 지역의 기본/표준 LRS 또는 GRS 계정을 사용하세요." },
    remedy: Some(Text { en: "Choose another account.", ko: "다른 계정을 선택하세요." }),
    retry: Retry::AfterFix(None),
};

#[rustfmt::skip]
const LIMIT_08: Entry = Entry {
    id: AdviceId::Limit08,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Both,
    title: Text { en: "Dashboard window 24 hours", ko: "대시보드 기간 24시간" },
    message: Text { en: "Last 24 hours", ko: "지난 24시간" },
    remedy: None,
    retry: Retry::NotApplicable,
};

#[rustfmt::skip]
const LIMIT_09: Entry = Entry {
    id: AdviceId::Limit09,
    kind: Kind::Limit,
    operation: Operation::Limit,
    profiles: ProfileSet::Both,
    title: Text { en: "Retry waits", ko: "재시도 대기 시간" },
    message: Text { en: "Try again in {n} minutes.", ko: "{n}분 후 다시 시도하세요." },
    remedy: None,
    retry: Retry::NotApplicable,
};
