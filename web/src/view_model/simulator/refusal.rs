//! Refusal: why something was not done, and what would make it succeed.

use vhault_core::advice::{AdviceId, Retry, Text};
use vhault_core::lifecycle::{Advised, Refusal, Senseless};
use vhault_core::sim::moment;

use super::core_lang;
use crate::text::{Both, Lang};

/// Why it was not done, without the way out.
pub fn of(refusal: &Refusal) -> Both {
    match refusal {
        Refusal::Advised(advised) => {
            let say = |lang| {
                let lang = core_lang(lang);
                let message = advised.message(lang);
                let message = message.unwrap_or_else(|_| advised.id.entry().title.in_lang(lang).to_owned());
                format!("{}: {message}", advised.id.code())
            };
            Both::new(say(Lang::En), say(Lang::Ko))
        }
        Refusal::Missing(what, name) => {
            let Text { en, ko } = what.noun();
            Both::new(format!("There is no such {en}: {name}."), format!("없는 {ko}: {name}."))
        }
        Refusal::Senseless(why) => sentence(why.why()),
    }
}

/// What would make it succeed. Never empty.
pub fn way_out(refusal: &Refusal) -> Both {
    match refusal {
        Refusal::Advised(advised) => of_advised(advised),
        Refusal::Missing(what, _) => {
            let Text { en, ko } = what.noun();
            Both::new(
                format!("Choose a {en} that is there at this moment, or make it first."),
                format!("지금 있는 항목을 고르거나 먼저 만드세요: {ko}."),
            )
        }
        Refusal::Senseless(why) => out_of_senseless(*why),
    }
}

/// Both, one after the other.
pub fn whole(refusal: &Refusal) -> Both {
    let (why, out) = (of(refusal), way_out(refusal));
    Both::new(format!("{} {}", why.en, out.en), format!("{} {}", why.ko, out.ko))
}

fn of_advised(advised: &Advised) -> Both {
    let entries = || std::iter::once(advised.id).chain(advised.causes.iter().copied()).map(AdviceId::entry);
    let say = |lang| {
        let remedies = entries().filter_map(|entry| entry.remedy);
        remedies.map(|remedy| remedy.in_lang(core_lang(lang)).to_owned()).collect::<Vec<_>>().join(" ")
    };
    let mut both = Both::new(say(Lang::En), say(Lang::Ko));
    if both.en.is_empty() {
        let (en, ko) = match advised.id.entry().retry {
            Retry::No => (
                "Nothing does: these rules do not allow it.",
                "방법이 없습니다. 이 규칙에서는 허용되지 않습니다.",
            ),
            Retry::AfterWait(_) => ("Wait, and try again.", "기다렸다가 다시 시도하세요."),
            Retry::AfterFix(_) | Retry::NotApplicable => {
                ("Ask for something that this rule allows.", "이 규칙이 허용하는 것을 요청하세요.")
            }
        };
        both = Both::new(en, ko);
    }
    if let Some(at) = advised.retry_at {
        both.en.push_str(&format!(" Not before {}.", moment(at)));
        both.ko.push_str(&format!(" 가능한 시각: {}.", moment(at)));
    }
    both
}

/// Half a sentence as a whole one.
fn sentence(text: Text) -> Both {
    let mut letters = text.en.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    Both::new(format!("{}{}.", first.collect::<String>(), letters.as_str()), format!("{}.", text.ko))
}

fn out_of_senseless(why: Senseless) -> Both {
    let (en, ko) = match why {
        Senseless::NotOffered => (
            "Let the rules of 2016 apply, or do without it.",
            "2016년 규칙으로 바꾸거나 이 명령 없이 진행하세요.",
        ),
        Senseless::Exists => {
            ("Leave it as it is, or choose another name.", "그대로 두거나 다른 이름을 고르세요.")
        }
        Senseless::WrongState => (
            "Protect the machine first, or wait until its present state has changed.",
            "먼저 머신을 보호하거나 지금 상태가 바뀔 때까지 기다리세요.",
        ),
        Senseless::PolicyInUse => ("Give them another policy first.", "먼저 다른 정책을 지정하세요."),
        Senseless::PolicyMalformed => (
            "Give it at least one time of day, and ranges greater than zero.",
            "시각을 하나 이상 정하고 범위를 0보다 크게 하세요.",
        ),
        Senseless::Time => {
            ("Choose a moment from now up to the year 2199.", "지금부터 2199년 사이의 시각을 고르세요.")
        }
        Senseless::Full => ("Remove something first.", "먼저 무언가를 지우세요."),
        Senseless::GuestUnsupported => {
            ("Use a classic machine with a supported system.", "지원되는 시스템의 클래식 머신을 쓰세요.")
        }
        Senseless::Nothing => ("Choose at least one.", "하나 이상 고르세요."),
        Senseless::Number => ("Choose a smaller number above zero.", "0보다 큰 더 작은 숫자를 고르세요."),
        Senseless::NotRunning => ("Start it first.", "먼저 시작하세요."),
        Senseless::JobsRunning => ("Wait for them to end.", "끝날 때까지 기다리세요."),
    };
    Both::new(en, ko)
}

#[cfg(test)]
mod tests {
    use vhault_core::lifecycle::Missing;

    use super::*;

    fn all() -> Vec<Refusal> {
        let missing = [
            Missing::Vault,
            Missing::Region,
            Missing::Vm,
            Missing::Item,
            Missing::Policy,
            Missing::Job,
            Missing::Point,
            Missing::Disk,
            Missing::Account,
            Missing::Network,
            Missing::Group,
            Missing::Writer,
        ];
        let senseless = [
            Senseless::NotOffered,
            Senseless::Exists,
            Senseless::WrongState,
            Senseless::PolicyInUse,
            Senseless::PolicyMalformed,
            Senseless::Time,
            Senseless::Full,
            Senseless::GuestUnsupported,
            Senseless::Nothing,
            Senseless::Number,
            Senseless::NotRunning,
            Senseless::JobsRunning,
        ];
        let advised = AdviceId::ALL.into_iter().map(Refusal::plain);
        let missing = missing.into_iter().map(|what| Refusal::Missing(what, "x".to_owned()));
        advised.chain(missing).chain(senseless.into_iter().map(Refusal::Senseless)).collect()
    }

    #[test]
    fn every_refusal_says_why_and_what_would_make_it_succeed_in_both_languages() {
        let refusals = all();
        assert_eq!(refusals.len(), 140 + 12 + 12);
        for refusal in refusals {
            for both in [of(&refusal), way_out(&refusal)] {
                assert!(both.en.len() > 8 && both.ko.chars().count() > 3, "{refusal:?}: {both:?}");
                assert!(both.ko.chars().any(|letter| ('가'..='힣').contains(&letter)), "{both:?}");
                assert!(!both.ko.contains("()") && both.en != both.ko);
            }
            assert_ne!(of(&refusal), way_out(&refusal));
        }
    }

    #[test]
    fn a_wait_is_told_with_its_end() {
        let at = vhault_core::time::Instant::from_unix_milliseconds(0);
        let out = way_out(&Refusal::plain(AdviceId::Disc06).until(Some(at)));
        assert!(out.en.ends_with("Not before 1970-01-01 00:00:00."), "{}", out.en);
        assert!(out.ko.contains("1970-01-01 00:00:00"));
    }
}
