//! A report of a few lines, with the same facts as JSON.

use std::io::{self, Write as _};

use crate::exit::Exit;
use crate::report::{Page, Report, Tone};

/// Lines for a person, a value for a program.
pub(crate) struct Said {
    heading: Option<String>,
    lines: Vec<String>,
    value: serde_json::Value,
    exit: Exit,
}

impl Said {
    /// A report of one line.
    pub(crate) fn line(text: impl Into<String>, value: serde_json::Value) -> Said {
        Said { heading: None, lines: vec![text.into()], value, exit: Exit::Done }
    }

    /// Rows under a heading, columns as wide as they need; `empty` where there are none.
    pub(crate) fn table(
        heading: &[&str],
        rows: &[Vec<String>],
        empty: &str,
        value: serde_json::Value,
    ) -> Said {
        if rows.is_empty() {
            return Said::line(empty, value);
        }
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            let title = heading.get(column).map_or(0, |title| title.chars().count());
            cells.max().unwrap_or(0).max(title)
        };
        let aligned = |row: &[String]| {
            let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:<0$}", width(column)));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
        };
        let heading: Vec<String> = heading.iter().map(|title| (*title).to_string()).collect();
        Said {
            heading: Some(aligned(&heading)),
            lines: rows.iter().map(|row| aligned(row)).collect(),
            value,
            exit: Exit::Done,
        }
    }

    /// The same with another line below.
    pub(crate) fn and(mut self, text: impl Into<String>) -> Said {
        self.lines.push(text.into());
        self
    }

    /// The same, ending the program with another code.
    pub(crate) fn ending(mut self, exit: Exit) -> Said {
        self.exit = exit;
        self
    }
}

impl Report for Said {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        if let Some(heading) = &self.heading {
            let heading = page.tone(Tone::Strong, heading);
            writeln!(page, "{heading}")?;
        }
        self.lines.iter().try_for_each(|line| writeln!(page, "{line}"))
    }

    fn json(&self) -> String {
        self.value.to_string()
    }

    fn exit(&self) -> Exit {
        self.exit
    }
}
