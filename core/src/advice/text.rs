//! Texts in both languages, and what is filled into them.

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

/// One text in both languages. Both are non-empty and use the same placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Korean.
    pub ko: &'static str,
}

impl Text {
    /// The text in `lang`, placeholders unfilled.
    pub const fn in_lang(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }
}

macro_rules! placeholders {
    ($($(#[$meta:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// A gap in a text, written `{name}` there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Placeholder {
            $($(#[$meta])* #[serde(rename = $name)] $variant),+
        }

        impl Placeholder {
            /// All of them.
            pub const ALL: &'static [Placeholder] = &[$(Placeholder::$variant),+];

            /// Its name between the braces.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Placeholder::$variant => $name),+
                }
            }
        }
    };
}

placeholders! {
    /// How many.
    Count = "n",
    /// How many of them are new.
    New = "m",
    /// A virtual machine.
    Vm = "vm",
    /// A vault.
    Vault = "vault",
    /// A region.
    Region = "region",
    /// A limit.
    Max = "max",
    /// A moment.
    Time = "time",
    /// A policy.
    Policy = "p",
    /// A cloud service.
    CloudService = "cs",
    /// A job.
    Job = "job",
    /// An operation to filter by.
    Operation = "operation",
    /// A proxy server.
    Proxy = "proxy",
    /// A version of the agent.
    Version = "version",
    /// A VSS writer.
    Writer = "writer",
    /// The state of a writer.
    State = "state",
    /// Jobs that succeeded.
    Succeeded = "ok",
    /// Jobs that failed.
    Failed = "bad",
    /// Jobs still running.
    Running = "run",
}

/// What goes into one gap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Argument {
    /// The gap.
    pub name: Placeholder,
    /// What is written there.
    pub value: String,
}

impl Argument {
    /// Writes `value` into the gap `name`.
    pub fn new(name: Placeholder, value: impl ToString) -> Argument {
        Argument { name, value: value.to_string() }
    }
}

/// Why a text could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The text names a gap nobody knows, or a brace is never closed.
    #[error("the text has a gap at byte {at} that is no placeholder")]
    Unknown {
        /// Where its brace opens, in bytes from the start of the text.
        at: usize,
    },
    /// No argument was given for a gap.
    #[error("nothing was given for {{{}}}", .0.name())]
    Missing(Placeholder),
}

/// The text with every gap filled. Arguments the text does not use are ignored.
///
/// # Errors
///
/// [`FillError::Missing`] when a gap has no argument, [`FillError::Unknown`]
/// when a gap is not one of [`Placeholder`].
pub fn fill(template: &str, arguments: &[Argument]) -> Result<String, FillError> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    let mut at = 0;
    while let Some(open) = rest.find('{') {
        let unknown = FillError::Unknown { at: at + open };
        let close = rest[open..].find('}').ok_or_else(|| unknown.clone())? + open;
        let name = &rest[open + 1..close];
        let gap = Placeholder::ALL.iter().find(|gap| gap.name() == name).ok_or(unknown)?;
        let argument =
            arguments.iter().find(|argument| argument.name == *gap).ok_or(FillError::Missing(*gap))?;
        filled.push_str(&rest[..open]);
        filled.push_str(&argument.value);
        rest = &rest[close + 1..];
        at += close + 1;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_takes_its_argument() {
        let arguments = [Argument::new(Placeholder::Count, 3), Argument::new(Placeholder::New, 1)];
        assert_eq!(fill("{n} listed, {m} new", &arguments).as_deref(), Ok("3 listed, 1 new"));
    }

    #[test]
    fn a_gap_without_argument_or_name_is_refused() {
        assert_eq!(fill("{vm}", &[]), Err(FillError::Missing(Placeholder::Vm)));
        assert_eq!(fill("ab {what}", &[]), Err(FillError::Unknown { at: 3 }));
        assert_eq!(fill("ab {n", &[]), Err(FillError::Unknown { at: 3 }));
        assert_eq!(fill("no gap", &[]).as_deref(), Ok("no gap"));
    }
}
