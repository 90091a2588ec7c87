//! All printing: results to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};

use vhault_core::advice::Lang;

use crate::exit::Exit;
use crate::failure::Failure;

/// What a command has to say when it is done.
pub(crate) trait Report {
    /// Writes it for a person.
    ///
    /// # Errors
    ///
    /// When `page` cannot be written.
    fn text(&self, page: &mut Page<'_>) -> io::Result<()>;

    /// The same as one line of JSON, without a line break.
    fn json(&self) -> String;

    /// What went wrong although there is a result; it is told after it and gives the exit code.
    fn remark(&self) -> Option<&Failure> {
        None
    }

    /// The code the program ends with.
    fn exit(&self) -> Exit {
        Exit::Done
    }
}

/// Where a report is written, and whether colour is welcome there.
pub(crate) struct Page<'a> {
    out: &'a mut dyn Write,
    colour: bool,
}

/// A meaning that colour may underline; words carry it first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    /// A heading.
    Strong,
    /// Proven good.
    Good,
    /// Worth a look.
    Warn,
    /// Damage or refusal.
    Bad,
    /// Less important.
    Quiet,
}

impl<'a> Page<'a> {
    /// A page on `out`.
    pub(crate) fn new(out: &'a mut dyn Write, colour: bool) -> Page<'a> {
        Page { out, colour }
    }

    /// `text` in the colour of `tone`, where colour is welcome.
    pub(crate) fn tone(&self, tone: Tone, text: impl std::fmt::Display) -> String {
        if !self.colour {
            return text.to_string();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
            Tone::Quiet => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

impl Write for Page<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.out.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether colour is welcome on a stream: a terminal, and no `NO_COLOR`.
pub(crate) fn colour_welcome(is_terminal: bool) -> bool {
    is_terminal
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Prints how a command ended and returns the program's exit code.
pub(crate) fn finish(outcome: Result<Box<dyn Report>, Failure>, json: bool, lang: Lang) -> Exit {
    match outcome {
        Ok(report) => match print(report.as_ref(), json) {
            Ok(()) => match report.remark() {
                Some(remark) => print_failure(remark, json, lang),
                None => report.exit(),
            },
            // The reader went away (`vhault list | head`): nobody is left to tell.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                report.remark().map_or_else(|| report.exit(), |remark| remark.exit)
            }
            Err(error) => print_failure(&Failure::new(Exit::Unexpected, error), json, lang),
        },
        Err(failure) => print_failure(&failure, json, lang),
    }
}

fn print(report: &dyn Report, json: bool) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if json {
        writeln!(out, "{}", report.json())?;
    } else {
        let colour = colour_welcome(io::stdout().is_terminal());
        report.text(&mut Page::new(&mut out, colour))?;
    }
    out.flush()
}

/// Tells what went wrong on stderr.
pub(crate) fn print_failure(failure: &Failure, json: bool, lang: Lang) -> Exit {
    let advice = failure.advice_in(lang);
    let mut err = io::stderr().lock();
    // Nobody is left to tell when stderr itself fails.
    let _told = if json {
        let line = serde_json::json!({
            "event": "failed",
            "exit": failure.exit as u8,
            "message": failure.chain(),
            "way_out": failure.way_out,
            "advice": advice.as_ref().map(|(id, ..)| id.to_string()),
            "advice_text": advice.as_ref().map(|(_, text, _)| text),
            "remedy": advice.as_ref().and_then(|(.., remedy)| *remedy),
        });
        writeln!(err, "{line}")
    } else {
        let colour = colour_welcome(io::stderr().is_terminal());
        let mut page = Page::new(&mut err, colour);
        let label = page.tone(Tone::Bad, "error:");
        tell(&mut page, &label, failure, lang)
    };
    failure.exit
}

fn tell(page: &mut Page<'_>, label: &str, failure: &Failure, lang: Lang) -> io::Result<()> {
    writeln!(page, "{label} {}", failure.chain_in(lang))?;
    let mut ways_out: Vec<&str> = failure.way_out.as_deref().into_iter().collect();
    if let Some((id, text, remedy)) = failure.advice_in(lang) {
        let label = page.tone(Tone::Strong, format!("advice {id}:"));
        writeln!(page, "{label} {text}")?;
        ways_out.extend(remedy);
    }
    for way_out in ways_out {
        let label = page.tone(Tone::Strong, "  try:");
        writeln!(page, "{label} {way_out}")?;
    }
    Ok(())
}
