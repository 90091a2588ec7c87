//! A command that could not do its work: why, the exit code, and the way out.

use std::error::Error;
use std::fmt::Write as _;

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
}

impl Failure {
    /// A failure with its exit code.
    pub(crate) fn new(exit: Exit, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure { exit, cause: cause.into(), way_out: None }
    }

    /// The same failure, with the way out.
    pub(crate) fn with_way_out(mut self, way_out: impl Into<String>) -> Failure {
        self.way_out = Some(way_out.into());
        self
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
