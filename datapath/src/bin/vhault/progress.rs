//! Progress for people on a terminal, plain lines in a pipe, events with `--json`.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use vhault_datapath::monitor::{Event, Monitor};

use crate::commands::Setting;
use crate::words;

/// Plain lines come no more often than this.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// JSON progress comes no more often than this.
const EVENT_EVERY: Duration = Duration::from_millis(500);

/// Hears events and shows them as this run's stderr takes them.
pub(crate) struct Progress {
    style: Style,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Silent,
    Bar,
    Lines,
    Json,
}

#[derive(Default)]
struct State {
    bar: Option<ProgressBar>,
    what: String,
    total: u64,
    done: u64,
    unreported: u64,
    begun: Option<Instant>,
    told: Option<Instant>,
}

/// Says one thing that a person waits for before the command ends.
pub(crate) fn announce(setting: Setting, text: &str, event: &serde_json::Value) {
    let mut err = io::stderr().lock();
    // Nobody is left to tell when stderr itself fails.
    let _told = match setting {
        Setting { json: true, .. } => writeln!(err, "{event}"),
        Setting { quiet: true, .. } => Ok(()),
        _ => writeln!(err, "{text}"),
    };
}

impl Progress {
    /// Progress as `setting` and the terminal ask for it.
    pub(crate) fn new(setting: Setting) -> Progress {
        let style = match setting {
            Setting { json: true, .. } => Style::Json,
            Setting { quiet: true, .. } => Style::Silent,
            _ if io::stderr().is_terminal() => Style::Bar,
            _ => Style::Lines,
        };
        Progress { style, state: Mutex::default() }
    }

    fn tell(&self, line: &str) {
        // Nobody is left to tell when stderr itself fails.
        let _told = writeln!(io::stderr().lock(), "{line}");
    }

    fn tell_json(&self, event: &Event) {
        if let Ok(line) = serde_json::to_string(event) {
            self.tell(&line);
        }
    }

    fn started(&self, state: &mut State, what: &str, total: u64) {
        *state = State {
            what: what.into(),
            total,
            begun: Some(Instant::now()),
            told: Some(Instant::now()),
            ..State::default()
        };
        if self.style == Style::Bar {
            let bar = ProgressBar::new(total);
            let shape = "{msg}  {wide_bar} {percent:>3} %  {binary_bytes_per_sec}  {eta} left";
            if let Ok(style) = ProgressStyle::with_template(shape) {
                bar.set_style(style);
            }
            bar.set_message(what.to_string());
            state.bar = Some(bar);
        }
    }

    fn advanced(&self, state: &mut State, bytes: u64) {
        state.done += bytes;
        state.unreported += bytes;
        if let Some(bar) = &state.bar {
            bar.inc(bytes);
            return;
        }
        let every = if self.style == Style::Json { EVENT_EVERY } else { LINE_EVERY };
        if state.told.is_none_or(|told| told.elapsed() < every) {
            return;
        }
        state.told = Some(Instant::now());
        if self.style == Style::Json {
            self.tell_json(&Event::Advanced { bytes: std::mem::take(&mut state.unreported) });
            return;
        }
        let elapsed = state.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        let left = u128::from(state.total.saturating_sub(state.done)) * elapsed.as_millis()
            / u128::from(state.done.max(1));
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(u64::MAX));
        self.tell(&format!(
            "{}: {}, {} of {}, {}, about {} left",
            state.what,
            words::percent(state.done, state.total),
            words::bytes(state.done),
            words::bytes(state.total),
            words::rate(state.done, elapsed),
            words::duration(left)
        ));
    }
}

impl Monitor for Progress {
    fn hear(&self, event: Event) {
        if self.style == Style::Silent {
            if let Event::Noticed { text } = &event {
                self.tell(&format!("note: {text}"));
            }
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &event {
            Event::Started { what, total_bytes } => {
                self.started(&mut state, what, *total_bytes);
                if self.style == Style::Json {
                    self.tell_json(&event);
                }
            }
            Event::Advanced { bytes } => self.advanced(&mut state, *bytes),
            Event::Noticed { text } if self.style != Style::Json => match &state.bar {
                Some(bar) => bar.suspend(|| self.tell(&format!("note: {text}"))),
                None => self.tell(&format!("note: {text}")),
            },
            Event::Finished => {
                if let Some(bar) = state.bar.take() {
                    bar.finish_and_clear();
                }
                if self.style == Style::Json {
                    if state.unreported > 0 {
                        self.tell_json(&Event::Advanced { bytes: state.unreported });
                    }
                    self.tell_json(&event);
                }
            }
            other if self.style == Style::Json => self.tell_json(other),
            _ => {}
        }
    }
}
