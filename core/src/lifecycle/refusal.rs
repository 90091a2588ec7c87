//! Why a command is not carried out. The state is then unchanged.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::advice::{AdviceId, Argument, FillError, Lang, fill};
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

/// Why a command is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// An entry of the catalogue of advice says it.
    #[error("{}: {}", .0.id, .0.message(Lang::En).unwrap_or_else(|_| .0.id.entry().title.en.into()))]
    Advised(Advised),
    /// Something named does not exist.
    #[error("there is no such {0:?}: {1}")]
    Missing(Missing, String),
    /// The command makes no sense here.
    #[error("refused: {0:?}")]
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
