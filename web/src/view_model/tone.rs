//! Tone: what something means to a person, before any colour.

use crate::text::Text;

/// A meaning. Each has a colour, a sign and a word, so that none is needed
/// to tell it from the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Worth knowing.
    Info,
    /// A doubt.
    Warn,
    /// Wrong.
    Bad,
    /// Of no weight.
    #[default]
    Quiet,
}

impl Tone {
    /// All of them.
    pub const ALL: [Tone; 5] = [Tone::Good, Tone::Info, Tone::Warn, Tone::Bad, Tone::Quiet];

    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Info => "info",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }

    /// Its sign, where there is no room for a word.
    pub fn sign(self) -> &'static str {
        match self {
            Tone::Good => "✓",
            Tone::Info => "i",
            Tone::Warn => "!",
            Tone::Bad => "×",
            Tone::Quiet => "·",
        }
    }

    /// Its word.
    pub fn text(self) -> Text {
        match self {
            Tone::Good => Text::ToneGood,
            Tone::Info => Text::ToneInfo,
            Tone::Warn => Text::ToneWarn,
            Tone::Bad => Text::ToneBad,
            Tone::Quiet => Text::ToneQuiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tones_share_a_name_or_a_sign() {
        for (place, tone) in Tone::ALL.into_iter().enumerate() {
            for other in &Tone::ALL[..place] {
                assert_ne!(tone.name(), other.name());
                assert_ne!(tone.sign(), other.sign());
            }
        }
    }
}
