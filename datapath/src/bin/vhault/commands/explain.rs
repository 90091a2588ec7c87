//! `vhault explain`: what an entry of the catalogue of advice says.

use std::io::{self, Write as _};

use clap::Args;
use vhault_core::advice::{AdviceId, Explanation, Lang, explain, search};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};

/// Arguments of `vhault explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault explain BKP-16 --lang ko")]
pub(crate) struct ExplainArgs {
    /// The entry, such as BKP-16
    #[arg(required_unless_present_any = ["search", "list"])]
    id: Option<String>,

    /// Find entries that say all of these words
    #[arg(long, value_name = "WORDS", conflicts_with_all = ["id", "list"])]
    search: Option<String>,

    /// List every entry
    #[arg(long, conflicts_with = "id")]
    list: bool,
}

/// One entry in full, or several in a line each.
struct Told {
    entries: Vec<Explanation>,
    whole: bool,
}

/// Looks entries up.
///
/// # Errors
///
/// [`Exit::Usage`] for an id that does not exist.
pub(crate) fn run(args: &ExplainArgs, lang: Lang) -> Result<Box<dyn Report>, Failure> {
    let ids = match (&args.id, &args.search) {
        (Some(id), _) => {
            let unknown = |error| {
                Failure::new(Exit::Usage, error)
                    .with_way_out("list the ids with `vhault explain --list`, or search with --search")
            };
            [id.parse::<AdviceId>().map_err(unknown)?].into()
        }
        (None, Some(words)) => search(words),
        (None, None) => AdviceId::ALL.into(),
    };
    let entries = ids.into_iter().map(|id| explain(id, lang)).collect();
    Ok(Box::new(Told { entries, whole: args.id.is_some() }))
}

impl Report for Told {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        for entry in &self.entries {
            let id = page.tone(Tone::Strong, format!("{:<9}", entry.id.code()));
            writeln!(page, "{id} {}", entry.title)?;
            if self.whole {
                let profiles: Vec<&str> = entry.profiles.iter().map(|profile| profile.name()).collect();
                writeln!(page, "\n  {}", entry.message)?;
                if let Some(remedy) = entry.remedy {
                    writeln!(page, "  {}", page.tone(Tone::Good, remedy))?;
                }
                let wait = entry.retry_after_minutes.map_or_else(String::new, |wait| format!(", {wait} min"));
                let facts = format!("retry: {}{wait}; {}", entry.retry, profiles.join(", "));
                writeln!(page, "  {}", page.tone(Tone::Quiet, facts))?;
            }
        }
        Ok(())
    }

    fn json(&self) -> String {
        let json = match self.entries.as_slice() {
            [entry] if self.whole => serde_json::to_string(entry),
            entries => serde_json::to_string(entries),
        };
        json.expect("an explanation has no value JSON refuses")
    }
}
