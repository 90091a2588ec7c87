//! Stage: holds the simulator and lets time pass, frame by frame.
//!
//! Each frame the engine has a budget of its own. Pictures follow each frame,
//! text ten times a second, tables four times, and all at once after a deed.

use leptos::prelude::*;
use vhault_core::sim::{Command, Scenario, scenarios};
use vhault_core::time::Instant;
use vhault_web::pattern::{DiskPattern, NoPattern};
use vhault_web::simulator::{
    AIM_DAYS_MAX, Aim, Lesson, Link, LinkError, Pursuit, Simulator, Speed, Stop, yours,
};
use vhault_web::text::{self, Both, Lang, SimText, fill};
use vhault_web::view_model::simulator::happening;
use vhault_web::view_model::tone::Tone;

use crate::page::kit::Toasts;

/// What the engine may take of a frame.
const BUDGET_MS: f64 = 6.0;
/// Text follows at most this often.
const TEXT_MS: f64 = 100.0;
/// Tables follow at most this often.
const TABLE_MS: f64 = 250.0;

/// Something that takes more than a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    /// Going to a moment.
    Seek(Instant),
    /// Doing all that is ahead.
    Out,
    /// Waiting for something, up to a moment.
    Aim(Aim, Instant),
}

#[derive(Clone, Copy, Default)]
struct Frames {
    is_running: bool,
    last: f64,
    text: f64,
    table: f64,
}

/// The simulation, from anywhere in the page.
#[derive(Clone, Copy)]
pub(crate) struct Stage {
    simulator: StoredValue<Simulator>,
    frames: StoredValue<Frames>,
    picture: RwSignal<u64>,
    text: RwSignal<u64>,
    table: RwSignal<u64>,
    toasts: Toasts,
    /// Whether time passes.
    pub(super) is_playing: RwSignal<bool>,
    /// How fast.
    pub(super) speed: RwSignal<Speed>,
    /// What is under way.
    pub(super) task: RwSignal<Option<Task>>,
    /// The error that is being shown, if one is.
    pub(super) lesson: RwSignal<Option<Lesson>>,
}

impl Stage {
    /// At the beginning of the first scenario.
    pub(crate) fn provide() {
        let first = scenarios::all().swap_remove(0).scenario;
        provide_context(Stage {
            simulator: StoredValue::new(Simulator::begin(&first)),
            frames: StoredValue::new(Frames::default()),
            picture: RwSignal::new(0),
            text: RwSignal::new(0),
            table: RwSignal::new(0),
            toasts: Toasts::here(),
            is_playing: RwSignal::new(false),
            speed: RwSignal::new(Speed::default()),
            task: RwSignal::new(None),
            lesson: RwSignal::new(None),
        });
    }

    /// That of the page.
    pub(crate) fn here() -> Stage {
        expect_context()
    }

    /// Reads the simulation, as often as tables follow.
    pub(super) fn read<T>(self, read: impl FnOnce(&Simulator) -> T) -> T {
        self.table.track();
        self.simulator.with_value(read)
    }

    /// Reads it as often as text follows.
    pub(super) fn glance<T>(self, read: impl FnOnce(&Simulator) -> T) -> T {
        self.text.track();
        self.simulator.with_value(read)
    }

    /// Reads it for every frame that is drawn.
    pub(super) fn paint<T>(self, read: impl FnOnce(&Simulator) -> T) -> T {
        self.picture.track();
        self.simulator.with_value(read)
    }

    /// Reads it once.
    pub(super) fn peek<T>(self, read: impl FnOnce(&Simulator) -> T) -> T {
        self.simulator.with_value(read)
    }

    /// Goes to a moment, and stays there.
    pub(super) fn seek(self, moment: Instant) {
        self.is_playing.set(false);
        self.run(Task::Seek(moment));
    }

    /// Does something; all that shows the simulation follows at once.
    pub(super) fn act<T>(self, act: impl FnOnce(&mut Simulator) -> T) -> T {
        let done = self.simulator.try_update_value(act).expect("the stage lives as long as the page");
        self.shown();
        done
    }

    fn shown(self) {
        self.picture.update(|count| *count += 1);
        self.text.update(|count| *count += 1);
        self.table.update(|count| *count += 1);
    }

    /// Says something at the side.
    pub(super) fn say(self, tone: Tone, words: Both) {
        self.toasts.push((tone, words));
    }

    /// Asks for something, and says so if it is refused. Tells whether it was accepted.
    pub(super) fn submit(self, command: Command) -> bool {
        let parts = self.simulator.with_value(|simulator| simulator.ahead_count() > 0);
        match self.act(|simulator| simulator.submit(command)) {
            Ok(_) => {
                if parts {
                    self.say(Tone::Info, of(SimText::OldFutureKept));
                }
                true
            }
            Err(refusal) => {
                self.say(Tone::Bad, happening::of_refusal(&refusal));
                false
            }
        }
    }

    /// Begins `scenario`.
    pub(super) fn begin(self, scenario: &Scenario) {
        self.replace(Simulator::begin(scenario), None);
    }

    /// Takes another simulation in place of this one.
    pub(super) fn replace(self, simulator: Simulator, lesson: Option<Lesson>) {
        self.is_playing.set(false);
        self.task.set(None);
        self.lesson.set(lesson);
        self.act(|held| *held = simulator);
    }

    /// Opens what a link holds, or says why not.
    pub(super) fn open_link(self, link: Result<Link, LinkError>) {
        match link {
            Ok(link) => {
                self.replace(Simulator::of_link(&link), None);
                self.run(Task::Seek(link.moment));
            }
            Err(error) => {
                self.say(Tone::Bad, super::both(SimText::LinkBad, &text::of_link_error(&error)));
            }
        }
    }

    /// Makes a machine with the disks that an address tells of, or says why not.
    pub(super) fn open_yours(self, disks: Result<Vec<DiskPattern>, NoPattern>) {
        match disks {
            Ok(disks) => {
                self.begin(&yours(&disks));
                self.run(Task::Out);
            }
            Err(error) => {
                self.say(Tone::Bad, super::both(SimText::LinkBad, &text::of_no_pattern(error)));
            }
        }
    }

    /// Begins something that may take more than a frame.
    pub(super) fn run(self, task: Task) {
        if let Task::Seek(moment) = task
            && self.simulator.with_value(|simulator| moment < simulator.now())
        {
            // Back is one step.
            let _ = self.act(|simulator| simulator.seek(moment, &mut || true));
            return;
        }
        self.task.set(Some(task));
        self.wake();
    }

    /// Lets time pass, or stand still.
    pub(super) fn play(self, plays: bool) {
        self.is_playing.set(plays);
        if plays {
            self.wake();
        } else {
            self.task.set(None);
            self.shown();
        }
    }

    fn wake(self) {
        let is_running = self.frames.with_value(|frames| frames.is_running);
        if !is_running {
            self.frames.update_value(|frames| (frames.is_running, frames.last) = (true, now_ms()));
            request_animation_frame(move || self.frame());
        }
    }

    fn frame(self) {
        let now = now_ms();
        let passed_ms = now - self.frames.with_value(|frames| frames.last);
        let mut more = || now_ms() - now < BUDGET_MS;
        let task = self.task.get_untracked();
        let speed = self.speed.get_untracked();
        let plays = self.is_playing.get_untracked();
        let outcome = self.simulator.try_update_value(|simulator| match task {
            Some(Task::Seek(to)) => simulator.run_to(to, &mut more).map(|there| there.then_some(None)),
            Some(Task::Out) => simulator.run_out(&mut more).map(|there| there.then_some(None)),
            Some(Task::Aim(aim, limit)) => {
                simulator.pursue(aim, limit, &mut more).map(|pursuit| match pursuit {
                    Pursuit::Working => None,
                    Pursuit::Never => Some(Some(never())),
                    Pursuit::Met(place) => Some(simulator.history().get(place).map(|record| {
                        let met = happening::of(record);
                        (met.tone, met.words)
                    })),
                })
            }
            None if plays => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a frame's milliseconds; a clock set back gives none"
                )]
                let span = speed.span(passed_ms as u32);
                let to = simulator.now().checked_add(span).unwrap_or(simulator.now());
                simulator.run_to(to, &mut more).map(|_| None)
            }
            None => Ok(None),
        });
        match outcome {
            Some(Ok(Some(said))) => {
                self.task.set(None);
                if let Some((tone, words)) = said {
                    self.say(tone, words);
                }
            }
            Some(Err(stop)) => {
                self.task.set(None);
                self.is_playing.set(false);
                self.say(Tone::Bad, super::both(SimText::TimeStopped, &of_stop(&stop)));
            }
            _ => {}
        }
        let goes_on = self.is_playing.get_untracked() || self.task.get_untracked().is_some();
        self.follow(now, goes_on);
        if goes_on {
            request_animation_frame(move || self.frame());
        }
    }

    /// Lets text and tables follow when their time has come, and at the end.
    fn follow(self, now: f64, goes_on: bool) {
        let frames = self.frames.get_value();
        let text = !goes_on || now - frames.text >= TEXT_MS;
        let table = !goes_on || now - frames.table >= TABLE_MS;
        self.frames.set_value(Frames {
            is_running: goes_on,
            last: now,
            text: if text { now } else { frames.text },
            table: if table { now } else { frames.table },
        });
        self.picture.update(|count| *count += 1);
        if text {
            self.text.update(|count| *count += 1);
        }
        if table {
            self.table.update(|count| *count += 1);
        }
    }
}

/// A fixed text in both languages.
pub(super) fn of(text: SimText) -> Both {
    Both::new(text.say(Lang::En), text.say(Lang::Ko))
}

fn never() -> (Tone, Both) {
    let days = AIM_DAYS_MAX.to_string();
    let say = |lang| fill(SimText::NeverHappens.say(lang), &[&days]);
    (Tone::Info, Both::new(say(Lang::En), say(Lang::Ko)))
}

pub(super) fn of_stop(stop: &Stop) -> Both {
    match stop {
        Stop::Full { events } => Both::new(
            stop.to_string(),
            format!("이벤트 {events}개: 더는 보관하지 않습니다. 되돌아가거나 새로 시작하세요"),
        ),
        Stop::Refused { number, refusal } => {
            let why = happening::of_refusal(refusal);
            Both::new(format!("command {number}: {}", why.en), format!("명령 {number}: {}", why.ko))
        }
        Stop::NotRefused { number, expected } => {
            Both::new(stop.to_string(), format!("명령 {number}: {expected} 거부를 예상했지만 실행됨"))
        }
    }
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}
