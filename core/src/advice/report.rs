//! What `explain` tells a person or a program about one entry.

use alloc::vec::Vec;

use serde::Serialize;

use super::entry::{Kind, Operation};
use super::id::AdviceId;
use super::profiles::ProfileId;
use super::text::Lang;

/// One entry in one language, ready to print or to serialise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Its id.
    pub id: AdviceId,
    /// What it is.
    pub kind: Kind,
    /// Where it belongs.
    pub operation: Operation,
    /// Which profiles know it, oldest first.
    pub profiles: Vec<ProfileId>,
    /// A few words.
    pub title: &'static str,
    /// What is said, gaps unfilled.
    pub message: &'static str,
    /// What to do, where the guides name something.
    pub remedy: Option<&'static str>,
    /// `no`, `after-fix`, `after-wait` or `n/a`.
    pub retry: &'static str,
    /// How many minutes to wait before a retry, where the guides say so.
    pub retry_after_minutes: Option<i64>,
}

/// The entry `id` in `lang`.
pub fn explain(id: AdviceId, lang: Lang) -> Explanation {
    let entry = id.entry();
    Explanation {
        id,
        kind: entry.kind,
        operation: entry.operation,
        profiles: ProfileId::ALL.into_iter().filter(|profile| entry.profiles.contains(*profile)).collect(),
        title: entry.title.in_lang(lang),
        message: entry.message.in_lang(lang),
        remedy: entry.remedy.map(|remedy| remedy.in_lang(lang)),
        retry: entry.retry.name(),
        retry_after_minutes: entry.retry.wait().map(|wait| wait.milliseconds() / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_speaks_the_language_asked_for() {
        let english = explain(AdviceId::Disc06, Lang::En);
        let korean = explain(AdviceId::Disc06, Lang::Ko);
        assert_eq!(english.remedy, Some("Run discovery again after 15 minutes."));
        assert_eq!(korean.remedy, Some("15분 후 검색을 다시 실행하세요."));
        assert_eq!(english.retry_after_minutes, Some(15));
        assert_eq!(english.profiles, [ProfileId::Classic2015]);
    }
}
