//! Why a command is not carried out. The state is then unchanged.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::advice::{AdviceId, Argument, FillError, Lang, Text, fill};
use crate::time::Instant;

/// A refusal the guides know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advised {
    /// Which entry.
    pub id: AdviceId,
    /// What is behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<AdviceId>,
    /// What goes into the gaps of its message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Argument>,
    /// When to try again, where a moment is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Instant>,
}

impl Advised {
    /// The message in `lang`, gaps filled.
    ///
    /// # Errors
    ///
    /// [`FillError::Missing`] when a gap was left without argument.
    pub fn message(&self, lang: Lang) -> Result<String, FillError> {
        fill(self.id.entry().message.in_lang(lang), &self.arguments)
    }
}

/// What a command spoke of that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Missing {
    Vault,
    Region,
    Vm,
    Item,
    Policy,
    Job,
    Point,
    Disk,
    Account,
    Network,
    Group,
    Writer,
}

impl Missing {
    /// What it is called.
    pub const fn noun(self) -> Text {
        let (en, ko) = match self {
            Missing::Vault => ("vault", "자격 증명 모음"),
            Missing::Region => ("region", "지역"),
            Missing::Vm => ("virtual machine", "가상 컴퓨터"),
            Missing::Item => ("item", "항목"),
            Missing::Policy => ("policy", "정책"),
            Missing::Job => ("job", "작업"),
            Missing::Point => ("recovery point", "복구 지점"),
            Missing::Disk => ("disk", "디스크"),
            Missing::Account => ("storage account", "저장소 계정"),
            Missing::Network => ("network", "네트워크"),
            Missing::Group => ("cloud service or group", "클라우드 서비스나 그룹"),
            Missing::Writer => ("VSS writer", "VSS 기록기"),
        };
        Text { en, ko }
    }
}

/// What makes a command senseless, where the guides have no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Senseless {
    /// The profile has no such command.
    NotOffered,
    /// Something of this name exists already.
    Exists,
    /// The item is not protected, or not in the state the command needs.
    WrongState,
    /// The policy has items.
    PolicyInUse,
    /// A policy's numbers are malformed.
    PolicyMalformed,
    /// The moment lies in the past, or has no number.
    Time,
    /// The vault or subscription is full.
    Full,
    /// The guest's system is not supported.
    GuestUnsupported,
    /// The list is empty.
    Nothing,
    /// A number outside its bounds.
    Number,
    /// The guest must be running.
    NotRunning,
    /// The vault has jobs at work.
    JobsRunning,
}

impl Senseless {
    /// Why, as half a sentence.
    pub const fn why(self) -> Text {
        let (en, ko) = match self {
            Senseless::NotOffered => (
                "the rules of this vault do not offer this",
                "이 자격 증명 모음의 규칙에서는 제공하지 않습니다",
            ),
            Senseless::Exists => ("it exists already", "이미 있습니다"),
            Senseless::WrongState => {
                ("it is not in a state that allows this", "지금 상태에서는 할 수 없습니다")
            }
            Senseless::PolicyInUse => ("machines use this policy", "이 정책을 쓰는 머신이 있습니다"),
            Senseless::PolicyMalformed => (
                "the policy's schedule and ranges do not fit each other, or a range is zero",
                "정책의 일정과 보존 범위가 서로 맞지 않거나 범위가 0입니다",
            ),
            Senseless::Time => (
                "that moment lies before the present, or further away than can be reckoned",
                "현재보다 이전이거나 계산할 수 없을 만큼 먼 시점입니다",
            ),
            Senseless::Full => (
                "there is no room: the rules allow no more of these",
                "규칙이 허용하는 개수를 모두 사용했습니다",
            ),
            Senseless::GuestUnsupported => {
                ("this guest's system is not supported", "지원하지 않는 게스트 운영 체제입니다")
            }
            Senseless::Nothing => ("nothing was chosen", "선택한 것이 없습니다"),
            Senseless::Number => (
                "a number is outside its bounds, or a span is too long or less than nothing",
                "숫자가 허용 범위를 벗어났거나 기간이 너무 길거나 0보다 작습니다",
            ),
            Senseless::NotRunning => ("the guest is not running", "게스트가 실행 중이 아닙니다"),
            Senseless::JobsRunning => ("jobs are at work", "진행 중인 작업이 있습니다"),
        };
        Text { en, ko }
    }
}

/// Why a command is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// An entry of the catalogue of advice says it.
    #[error("{}: {}", .0.id, .0.message(Lang::En).unwrap_or_else(|_| .0.id.entry().title.en.into()))]
    Advised(Advised),
    /// Something named does not exist.
    #[error("there is no such {}: {}", .0.noun().en, .1)]
    Missing(Missing, String),
    /// The command makes no sense here.
    #[error("{}", .0.why().in_lang(Lang::En))]
    Senseless(Senseless),
}

impl Refusal {
    /// A refusal without causes, arguments or a moment.
    pub fn plain(id: AdviceId) -> Refusal {
        Refusal::with(id, [])
    }

    /// A refusal with arguments for its message.
    pub fn with(id: AdviceId, arguments: impl IntoIterator<Item = Argument>) -> Refusal {
        Refusal::Advised(Advised {
            id,
            causes: Vec::new(),
            arguments: arguments.into_iter().collect(),
            retry_at: None,
        })
    }

    /// The same, naming what is behind it.
    #[must_use]
    pub fn because(mut self, cause: AdviceId) -> Refusal {
        if let Refusal::Advised(advised) = &mut self {
            advised.causes.push(cause);
        }
        self
    }

    /// The same, naming when to try again.
    #[must_use]
    pub fn until(mut self, moment: Option<Instant>) -> Refusal {
        if let Refusal::Advised(advised) = &mut self {
            advised.retry_at = moment;
        }
        self
    }

    /// The entry that says it, if one does.
    pub fn advice(&self) -> Option<AdviceId> {
        match self {
            Refusal::Advised(advised) => Some(advised.id),
            Refusal::Missing(..) | Refusal::Senseless(_) => None,
        }
    }
}

impl From<Senseless> for Refusal {
    fn from(senseless: Senseless) -> Refusal {
        Refusal::Senseless(senseless)
    }
}
