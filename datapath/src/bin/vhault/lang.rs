//! The language of advice: asked for, or that of the locale.

use clap::ValueEnum;
use vhault_core::advice::Lang;

/// A language, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    /// English
    En,
    /// Korean
    Ko,
}

impl From<LangArg> for Lang {
    fn from(typed: LangArg) -> Lang {
        match typed {
            LangArg::En => Lang::En,
            LangArg::Ko => Lang::Ko,
        }
    }
}

/// What was typed, else the language of the messages of this locale, else English.
pub(crate) fn choose(typed: Option<LangArg>) -> Lang {
    typed.map_or_else(
        || of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).unwrap_or_default())),
        Lang::from,
    )
}

/// The first that is set decides, as in every program of the system.
fn of_locale(values: [String; 3]) -> Lang {
    match values.iter().find(|value| !value.is_empty()) {
        Some(value) if value.split(['_', '.', '@']).next() == Some("ko") => Lang::Ko,
        _ => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let of = |all: &str, messages: &str, lang: &str| of_locale([all, messages, lang].map(str::to_owned));
        assert_eq!(of("", "", "ko_KR.UTF-8"), Lang::Ko);
        assert_eq!(of("", "C", "ko_KR.UTF-8"), Lang::En);
        assert_eq!(of("ko", "en_GB", "en_GB"), Lang::Ko);
        assert_eq!(of("", "", "kok_IN"), Lang::En);
        assert_eq!(of("", "", ""), Lang::En);
    }
}
