//! A command that could not do its work: why, the exit code, and the way out.

use std::error::Error;
use std::fmt::Write as _;

use vhault_core::advice::{AdviceId, Lang};
use vhault_core::lifecycle::{Advised, Refusal, Senseless};
use vhault_datapath::lifecycle::LifecycleError;

use crate::exit::Exit;

/// Why a command ended without a report.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code the program ends with.
    pub(crate) exit: Exit,
    /// What went wrong; its chain of causes is printed.
    pub(crate) cause: Box<dyn Error + Send + Sync>,
    /// What the person can do about it.
    pub(crate) way_out: Option<String>,
    /// The entry of the guides that speaks of it.
    pub(crate) advice: Option<Advised>,
}

impl Failure {
    /// A failure with its exit code.
    pub(crate) fn new(exit: Exit, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure { exit, cause: cause.into(), way_out: None, advice: None }
    }

    /// The same failure, with the way out.
    pub(crate) fn with_way_out(mut self, way_out: impl Into<String>) -> Failure {
        self.way_out = Some(way_out.into());
        self
    }

    /// The same failure, with the entry of the guides that speaks of it.
    pub(crate) fn with_advice(mut self, id: AdviceId) -> Failure {
        self.advice = Some(Advised { id, causes: Vec::new(), arguments: Vec::new(), retry_at: None });
        self
    }

    /// What the guides say, and what they tell a person to do.
    pub(crate) fn advice_in(&self, lang: Lang) -> Option<(AdviceId, String, Option<&'static str>)> {
        let advice = self.advice.as_ref()?;
        let entry = advice.id.entry();
        let text = advice.message(lang).unwrap_or_else(|_| entry.title.in_lang(lang).to_string());
        Some((advice.id, text, entry.remedy.map(|remedy| remedy.in_lang(lang))))
    }

    /// The cause and everything behind it, in one line.
    pub(crate) fn chain(&self) -> String {
        let mut line = self.cause.to_string();
        let mut deeper = self.cause.source();
        while let Some(cause) = deeper {
            write!(line, ": {cause}").expect("a String takes any text");
            deeper = cause.source();
        }
        line
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Advised(advised) => {
                let mut failure = Failure::new(Exit::Refused, "a rule of the backup lifecycle refuses this");
                failure.advice = Some(advised);
                failure
            }
            Refusal::Missing(what, name) => {
                let what = format!("{what:?}").to_lowercase();
                Failure::new(Exit::Usage, format!("there is no {what} {name:?} in this vault"))
                    .with_way_out("`vhault items`, `vhault jobs` and `vhault policy list` name what there is")
            }
            Refusal::Senseless(why) => Failure::new(Exit::Refused, in_words(why)),
        }
    }
}

fn in_words(why: Senseless) -> &'static str {
    match why {
        Senseless::NotOffered => "the rules of this vault do not offer this",
        Senseless::Exists => "it exists already",
        Senseless::WrongState => "the machine is not protected, or not in a state that allows this",
        Senseless::PolicyInUse => "machines use this policy; give them another first",
        Senseless::PolicyMalformed => {
            "the policy's schedule and ranges do not fit: a daily schedule needs --keep-daily, a weekly one \
             --keep-weekly, and no range may be zero"
        }
        Senseless::Time => "that moment lies in the past",
        Senseless::Full => "the vault holds as many machines as its rules allow",
        Senseless::GuestUnsupported => "this guest's system is not supported",
        Senseless::Nothing => "there is nothing to do",
        Senseless::Number => {
            "a number is outside its bounds: a copy window lasts more than nothing and at most a day"
        }
        Senseless::NotRunning => "the guest must be running",
        Senseless::JobsRunning => "jobs are at work",
    }
}

impl From<LifecycleError> for Failure {
    fn from(error: LifecycleError) -> Failure {
        match error {
            LifecycleError::Refused(refusal) => Failure::from(refusal),
            LifecycleError::Vault(error) => Failure::from(error),
            LifecycleError::Pinned { .. } => Failure::new(Exit::Refused, error)
                .with_way_out("`vhault unpin` them first; `vhault list --json` shows which"),
            other => Failure::new(Exit::Refused, other),
        }
    }
}
