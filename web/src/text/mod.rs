//! Every word of the page, in every language.
//!
//! A text that lacks a language does not compile. What core says in English
//! is said again here in Korean, from the same values.

#[macro_use]
mod texts;

mod error;
mod field;
mod finding;
mod opened;
pub mod seeing;
mod simulator;
mod story;
mod table;
mod task;

use serde::{Deserialize, Serialize};

pub use error::{of_chain_error, of_vhd_error};
pub use field::{field_name, severity, verdict};
pub use finding::{advice, what};
pub use opened::{of_link_error, of_no_pattern, of_scenario_error};
pub use seeing::Phrase;
pub use simulator::SimText;
pub use story::StoryText;
pub use table::Text;
pub use task::TaskText;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Ko];

    /// Its code in HTML.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    /// Its name, in itself.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Ko => "한국어",
        }
    }

    /// The language of a code like `ko-KR`.
    pub fn of(code: &str) -> Option<Lang> {
        let main = code.split('-').next().unwrap_or(code);
        Lang::ALL.into_iter().find(|lang| lang.code() == main)
    }
}

/// Fixed texts of one table.
pub trait Words: Copy + Send + Sync + 'static {
    /// It in one language.
    fn in_lang(self, lang: Lang) -> &'static str;
}

/// One text with values in it, in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Both {
    /// In English.
    pub en: String,
    /// In Korean.
    pub ko: String,
}

impl Both {
    /// A text from both languages.
    pub fn new(en: impl Into<String>, ko: impl Into<String>) -> Both {
        Both { en: en.into(), ko: ko.into() }
    }

    /// It in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }
}

/// Fills the places `{}` of a template, in order.
pub fn fill(template: &str, values: &[&str]) -> String {
    let mut parts = template.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (place, part) in parts.enumerate() {
        filled.push_str(values.get(place).copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order_and_none_is_left() {
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("{}{}", &["1"]), "1");
        assert_eq!(fill("none", &["1"]), "none");
    }

    #[test]
    fn a_language_is_known_by_its_region_too() {
        assert_eq!(Lang::of("ko-KR"), Some(Lang::Ko));
        assert_eq!(Lang::of("en"), Some(Lang::En));
        assert_eq!(Lang::of("fr"), None);
    }

    /// Every fixed text, in English and in Korean.
    fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        fn both(words: impl Words) -> (&'static str, &'static str) {
            (words.in_lang(Lang::En), words.in_lang(Lang::Ko))
        }
        let phrases = seeing::ALL.iter().map(|phrase| (phrase.say(Lang::En), phrase.say(Lang::Ko)));
        let texts = Text::ALL.iter().copied().map(both);
        let simulator = SimText::ALL.iter().copied().map(both);
        let stories = StoryText::ALL.iter().copied().map(both);
        let tasks = TaskText::ALL.iter().copied().map(both);
        texts.chain(simulator).chain(tasks).chain(stories).chain(phrases)
    }

    /// Texts that are the same in both languages.
    const NAMES: [&str; 1] = ["vhault"];

    #[test]
    fn every_text_is_whole_in_both_languages_and_takes_the_same_values() {
        for (en, ko) in all() {
            assert!(!en.trim().is_empty() && !ko.trim().is_empty(), "{en}: {ko}");
            assert_eq!(en.matches("{}").count(), ko.matches("{}").count(), "{en}: {ko}");
            let has_hangul = ko.chars().any(|letter| ('가'..='힣').contains(&letter));
            let has_words = ko.replace("{}", "").chars().any(char::is_alphabetic);
            assert!(has_hangul || !has_words || NAMES.contains(&en), "{en} has no Korean: {ko}");
        }
    }

    /// A value decides the particle after it, so none may touch one.
    #[test]
    fn no_particle_follows_a_value_in_korean() {
        for (_, ko) in all() {
            for rest in ko.split("{}").skip(1) {
                let next = rest.chars().next().unwrap_or(' ');
                assert!(!"은는이가을를와과로".contains(next), "{ko}");
            }
        }
    }
}
