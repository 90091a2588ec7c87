//! One entry of the catalogue of advice.

use serde::{Deserialize, Serialize};

use super::id::AdviceId;
use super::profiles::ProfileSet;
use super::text::Text;
use crate::time::Span;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// How the service works.
    Rule,
    /// A failure or refusal with its message and remedy.
    Error,
    /// A number that must not be passed.
    Limit,
    /// A screen of the portal.
    Screen,
    /// Something a person does.
    Step,
    /// Why something else failed.
    Cause,
    /// A cure that several failures share.
    Remedy,
    /// A state shown for an item or a job.
    State,
    /// A message that appears by itself.
    Notification,
    /// A level of consistency.
    Consistency,
}

/// The operation an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Before anything else.
    Overview,
    /// Finding virtual machines.
    Discovery,
    /// Registering them.
    Register,
    /// Giving them a policy.
    Protect,
    /// Taking the policy away.
    StopProtection,
    /// Schedules and retention.
    Policy,
    /// Making recovery points.
    Backup,
    /// Looking at jobs.
    Jobs,
    /// Cancelling jobs.
    CancelJob,
    /// Bringing a recovery point back.
    Restore,
    /// Why snapshots are late.
    Snapshot,
    /// The path from the guest to the platform.
    Network,
    /// The agent inside the guest.
    Agent,
    /// What a recovery point guarantees.
    Consistency,
    /// Screens and notifications.
    Ui,
    /// Numbers.
    Limit,
}

/// When trying again makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The entry is nothing to retry.
    NotApplicable,
    /// Never: the same is answered every time.
    No,
    /// Only a change heals; where a wait is given, not before it either.
    AfterFix(Option<Span>),
    /// Time heals; where a wait is given, so much of it.
    AfterWait(Option<Span>),
}

impl Retry {
    /// How long to wait before trying again, where the guides say so.
    pub const fn wait(self) -> Option<Span> {
        match self {
            Retry::NotApplicable | Retry::No => None,
            Retry::AfterFix(wait) | Retry::AfterWait(wait) => wait,
        }
    }

    /// Its written name.
    pub const fn name(self) -> &'static str {
        match self {
            Retry::NotApplicable => "n/a",
            Retry::No => "no",
            Retry::AfterFix(_) => "after-fix",
            Retry::AfterWait(_) => "after-wait",
        }
    }
}

/// One entry: what it says in both languages and when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: AdviceId,
    /// What it is.
    pub kind: Kind,
    /// Where it belongs.
    pub operation: Operation,
    /// Which profiles know it.
    pub profiles: ProfileSet,
    /// A few words.
    pub title: Text,
    /// What is said; may have gaps.
    pub message: Text,
    /// What to do, where the guides name something.
    pub remedy: Option<Text>,
    /// When to try again.
    pub retry: Retry,
}
