//! Progress for people on a terminal, plain lines in a pipe, events with `--json`.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use vhault_core::copy::outlook::Outlook;
use vhault_core::copy::patience::Hung;
use vhault_datapath::monitor::{Event, Monitor};

use crate::commands::Setting;
use crate::commands::estimate::{risk_word, time};
use crate::commands::made::reason_words;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::print_failure;
use crate::words;

/// Plain lines come no more often than this.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// JSON progress comes no more often than this.
const EVENT_EVERY: Duration = Duration::from_millis(500);

/// Hears events and shows them as this run's stderr takes them.
pub(crate) struct Progress {
    style: Style,
    setting: Setting,
    /// Whether it left a last deed.
    has_last_deed: bool,
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
    /// When the copy will be done, once it says so itself.
    outlook: Option<Outlook>,
}

/// What must be done even when the program has to end at once, whoever finds that it has to.
static LAST_DEED: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// An operation of the vault does not come back, and nothing can wake it: the program ends. A session stays open in the
/// log, and the next backup goes on with what it stored.
pub(crate) fn give_up_on(setting: Setting, place: &str, hung: Hung, what: &str) {
    let after = time(hung.after);
    let late = if hung.past_deadline { ", and the deadline has passed" } else { "" };
    give_up(setting, &format!("the vault at {place} does not answer: \"{what}\" hangs for {after}{late}"));
}

fn give_up(setting: Setting, what: &str) -> ! {
    // Held to the end: whoever else gives up waits for it.
    let mut last = LAST_DEED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(deed) = last.take() {
        deed();
    }
    let failure = Failure::new(Exit::GaveUp, what.to_owned())
        .with_way_out("the same command again, once the storage answers; what it has is not sent twice");
    let exit = print_failure(&failure, setting.json, setting.lang);
    std::process::exit(i32::from(exit as u8))
}

/// When a copy will be done, in words.
fn outlook_words(outlook: &Outlook) -> String {
    let mut text = match (outlook.bytes_per_second, outlook.left_milliseconds) {
        (Some(rate), Some(left)) => format!("{}/s, about {} left", words::bytes(rate), time(left)),
        _ => "time left not known yet".to_owned(),
    };
    // One disk takes as long as all of it.
    if let [first, _, ..] = outlook.disks.as_slice()
        && let Some(left) = first.left_milliseconds
    {
        text += &format!(" (disk {}: {})", first.disk + 1, time(left));
    }
    if let Some(left) = outlook.deadline_left_milliseconds {
        let met = match outlook.meets_deadline {
            Some(true) => " will be met",
            Some(false) => " will be missed",
            None => "",
        };
        text += &format!("; the deadline in {}{met}", time(left));
    }
    text
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
        Progress { style, setting, has_last_deed: false, state: Mutex::default() }
    }

    /// The same, with a deed for the case that the program must end at once.
    #[must_use]
    pub(crate) fn at_the_last(mut self, deed: impl FnOnce() + Send + 'static) -> Progress {
        *LAST_DEED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(deed));
        self.has_last_deed = true;
        self
    }

    /// What a person should hear of an event that is no movement; none where it says nothing new.
    fn remark(&self, event: &Event) -> Option<String> {
        match event {
            Event::Noticed { text } => Some(text.clone()),
            Event::DiskStopped { path, reason } => {
                Some(format!("{path} is given up: {}", reason_words(*reason)))
            }
            Event::Resumed { label, held_bytes, resumes_at } => Some(format!(
                "{label}: resuming at byte {resumes_at}, {} already in the vault",
                words::bytes(*held_bytes)
            )),
            Event::TookOver { packs, bytes, .. } => Some(format!(
                "took over {} ({}) of a copy of this VM that did not end",
                words::count(*packs, "pack"),
                words::bytes(*bytes)
            )),
            Event::Estimated { estimate } => {
                let advice = estimate.advice?;
                Some(format!(
                    "this copy takes about {}; risk of a time-out: {}; advice {advice}: {}",
                    time(estimate.whole),
                    risk_word(estimate.risk),
                    advice.entry().remedy.unwrap_or(advice.entry().title).in_lang(self.setting.lang)
                ))
            }
            _ => None,
        }
    }

    fn look_out(&self, state: &mut State, outlook: &Outlook) {
        if let Some(bar) = &state.bar {
            if state.outlook.is_none()
                && let Ok(style) = ProgressStyle::with_template("{msg}  {wide_bar} {percent:>3} %  {prefix}")
            {
                bar.set_style(style);
            }
            bar.set_prefix(outlook_words(outlook));
        }
        state.outlook = Some(outlook.clone());
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
        if let Some(outlook) = &state.outlook {
            self.tell(&format!(
                "{}: {}, {} of {}, {}",
                state.what,
                words::percent(state.done, state.total),
                words::bytes(state.done),
                words::bytes(state.total),
                outlook_words(outlook)
            ));
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

impl Drop for Progress {
    fn drop(&mut self) {
        if self.has_last_deed {
            *LAST_DEED.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Monitor for Progress {
    fn hear(&self, event: Event) {
        if let Event::VaultStuck { after_milliseconds } = event {
            let after = words::duration(Duration::from_millis(after_milliseconds));
            give_up(self.setting, &format!("the vault took nothing for {after}, so no point was made"));
        }
        if self.style == Style::Silent {
            if let Some(text) = self.remark(&event) {
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
            Event::Outlook(outlook) if self.style != Style::Json => self.look_out(&mut state, outlook),
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
            other => {
                let Some(text) = self.remark(other) else { return };
                match &state.bar {
                    Some(bar) => bar.suspend(|| self.tell(&format!("note: {text}"))),
                    None => self.tell(&format!("note: {text}")),
                }
            }
        }
    }
}
