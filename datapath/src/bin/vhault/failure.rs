//! A command that could not do its work: why, the exit code, and the way out.

use std::error::Error;

use vhault_core::advice::{AdviceId, Lang, Text};
use vhault_core::lifecycle::{Advised, Refusal, Senseless};
use vhault_datapath::causes::with_causes;
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
    /// What went wrong in Korean, where the rules say it.
    korean: Option<String>,
}

impl Failure {
    /// A failure with its exit code.
    pub(crate) fn new(exit: Exit, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure { exit, cause: cause.into(), way_out: None, advice: None, korean: None }
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

    /// The same failure, said in both languages.
    fn said(exit: Exit, text: Text) -> Failure {
        Failure { korean: Some(text.ko.to_owned()), ..Failure::new(exit, text.en) }
    }

    /// The cause in this language, where it was said in it.
    pub(crate) fn chain_in(&self, lang: Lang) -> String {
        match (lang, &self.korean) {
            (Lang::Ko, Some(korean)) => korean.clone(),
            _ => self.chain(),
        }
    }

    /// The cause and everything behind it, in one line.
    pub(crate) fn chain(&self) -> String {
        with_causes(self.cause.as_ref())
    }
}

const RULE_REFUSES: Text = Text {
    en: "a rule of the backup lifecycle refuses this",
    ko: "백업 수명 주기의 규칙에 따라 거부되었습니다",
};

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        match refusal {
            Refusal::Advised(advised) => {
                let mut failure = Failure::said(Exit::Refused, RULE_REFUSES);
                failure.advice = Some(advised);
                failure
            }
            Refusal::Missing(what, name) => {
                let what = what.noun();
                let mut failure =
                    Failure::new(Exit::Usage, format!("there is no {} {name:?} in this vault", what.en));
                failure.korean = Some(format!("이 자격 증명 모음에 {name:?}({})이(가) 없습니다", what.ko));
                failure
                    .with_way_out("`vhault items`, `vhault jobs` and `vhault policy list` name what there is")
            }
            Refusal::Senseless(why) => {
                let failure = Failure::said(Exit::Refused, why.why());
                match way_out_of(why) {
                    Some(way_out) => failure.with_way_out(way_out),
                    None => failure,
                }
            }
        }
    }
}

/// What a person types instead.
fn way_out_of(why: Senseless) -> Option<&'static str> {
    match why {
        Senseless::WrongState => Some("`vhault items` and `vhault jobs` show how things stand"),
        Senseless::PolicyInUse => Some("`vhault protect --vm NAME --policy OTHER`"),
        Senseless::PolicyMalformed => {
            Some("give a daily schedule `--keep-daily`, a weekly one `--keep-weekly`, and no range of zero")
        }
        Senseless::Number => Some("a copy window of more than nothing and at most a day"),
        Senseless::JobsRunning => Some("`vhault jobs`, and `vhault cancel` what should not run on"),
        _ => None,
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

#[cfg(test)]
mod tests {
    use vhault_core::lifecycle::Missing;

    use super::*;

    #[test]
    fn what_the_rules_refuse_is_said_in_the_language_asked_for() {
        for why in [Senseless::PolicyInUse, Senseless::Number, Senseless::Nothing] {
            let failure = Failure::from(Refusal::from(why));
            assert_eq!(failure.chain_in(Lang::En), why.why().en);
            assert_eq!(failure.chain_in(Lang::Ko), why.why().ko);
        }
        let missing = Failure::from(Refusal::Missing(Missing::Policy, "night".into()));
        assert_eq!(missing.chain_in(Lang::En), "there is no policy \"night\" in this vault");
        assert_eq!(missing.chain_in(Lang::Ko), "이 자격 증명 모음에 \"night\"(정책)이(가) 없습니다");
    }

    #[test]
    fn a_failure_of_the_machine_is_told_as_the_machine_tells_it() {
        let failure = Failure::new(Exit::Unexpected, "no space left on device");
        assert_eq!(failure.chain_in(Lang::Ko), "no space left on device");
    }
}
