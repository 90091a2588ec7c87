//! Swim: lanes of what happened to each machine, kept up with a growing history.
//!
//! Times are milliseconds from the beginning of the simulation.

use std::collections::BTreeMap;

use vhault_core::lifecycle::{JobId, VaultEvent, VaultName, VmIdentity};
use vhault_core::sim::{Event, Record};
use vhault_core::time::Instant;

use crate::simulator::Simulator;
use crate::text::{Phrase, seeing};
use crate::view_model::timeline::Span;
use crate::view_model::tone::Tone;

/// What a mark is; each has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A bar: a job from its acceptance to its end.
    Job,
    /// A diamond: a recovery point.
    Point,
    /// A cross: something was done to the machine or the platform.
    Fault,
    /// A triangle: somebody was told.
    Alert,
}

impl Shape {
    /// Its word.
    pub fn text(self) -> Phrase {
        match self {
            Shape::Job => seeing::MARK_JOB,
            Shape::Point => seeing::MARK_POINT,
            Shape::Fault => seeing::MARK_FAULT,
            Shape::Alert => seeing::MARK_ALERT,
        }
    }
}

/// Something in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it is.
    pub shape: Shape,
    /// What it means.
    pub tone: Tone,
    /// When it began.
    pub from_ms: u64,
    /// When it ended; none while it goes on.
    pub until_ms: Option<u64>,
    /// The event that tells most of it.
    pub number: u64,
}

impl Mark {
    /// When it ends, at `now_ms` at the latest.
    fn end(&self, now_ms: u64) -> u64 {
        self.until_ms.unwrap_or(now_ms).max(self.from_ms)
    }
}

/// What happened to one machine, or around all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The machine; none for what is around.
    pub vm: Option<VmIdentity>,
    /// In order of beginning.
    pub marks: Vec<Mark>,
    /// No mark lasted longer.
    longest_ms: u64,
}

/// All lanes, and how far the history was followed.
#[derive(Clone, Debug, Default)]
pub struct Swim {
    lanes: Vec<Lane>,
    places: BTreeMap<VmIdentity, usize>,
    running: BTreeMap<(VaultName, JobId), (usize, usize)>,
    start: Option<Instant>,
    seen: usize,
    last: Option<Record>,
}

/// A mark as it is drawn in a window of some width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Which mark of its lane.
    pub mark: usize,
    /// What it is.
    pub shape: Shape,
    /// What it means.
    pub tone: Tone,
    /// Where it begins, or its middle where it is a moment.
    pub x: f64,
    /// How wide it is.
    pub width: f64,
}

impl Swim {
    /// The lanes: surroundings first, then machines as they came.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Milliseconds from the beginning.
    pub fn since(start: Instant, at: Instant) -> u64 {
        u64::try_from(at.since(start).milliseconds()).unwrap_or(0)
    }

    /// Takes up what happened since it was called last; begins anew where the
    /// history is another one.
    pub fn follow(&mut self, simulator: &Simulator) {
        let (history, start) = (simulator.history(), simulator.genesis().start);
        let is_same = self.start == Some(start)
            && self.seen <= history.len()
            && self.last.as_ref() == self.seen.checked_sub(1).map(|last| &history[last]);
        if !is_same {
            *self = Swim { start: Some(start), ..Swim::default() };
        }
        if self.lanes.is_empty() && !history.is_empty() {
            self.lanes.push(Lane { vm: None, marks: Vec::new(), longest_ms: 0 });
        }
        for record in &history[self.seen..] {
            self.take(record, start);
        }
        self.seen = history.len();
        self.last = history.last().cloned();
    }

    fn lane(&mut self, vm: &VmIdentity) -> usize {
        if let Some(place) = self.places.get(vm) {
            return *place;
        }
        self.lanes.push(Lane { vm: Some(vm.clone()), marks: Vec::new(), longest_ms: 0 });
        self.places.insert(vm.clone(), self.lanes.len() - 1);
        self.lanes.len() - 1
    }

    fn moment(&mut self, lane: usize, shape: Shape, tone: Tone, record: &Record, at_ms: u64) {
        let mark = Mark { shape, tone, from_ms: at_ms, until_ms: Some(at_ms), number: record.number };
        self.lanes[lane].marks.push(mark);
    }

    fn take(&mut self, record: &Record, start: Instant) {
        let at_ms = Swim::since(start, record.at);
        match &record.event {
            Event::VmCreated(vm, _) => {
                let lane = self.lane(&vm.identity);
                self.moment(lane, Shape::Fault, Tone::Quiet, record, at_ms);
            }
            Event::VmDeleted(vm)
            | Event::VmChanged(vm, _)
            | Event::DiskAttached(vm, ..)
            | Event::AgentUpdateStarted(vm, _) => {
                let lane = self.lane(vm);
                self.moment(lane, Shape::Fault, Tone::Warn, record, at_ms);
            }
            Event::RegionSet(_, region) if !region.is_healthy() => {
                self.moment(0, Shape::Fault, Tone::Warn, record, at_ms);
            }
            Event::FaultInjected(_) => self.moment(0, Shape::Fault, Tone::Bad, record, at_ms),
            Event::FaultCleared(_) => self.moment(0, Shape::Fault, Tone::Good, record, at_ms),
            Event::ThroughputSet(_) | Event::QueueWaitSet(_) => {
                self.moment(0, Shape::Fault, Tone::Info, record, at_ms);
            }
            Event::Vault(vault, event) => self.take_of_vault(vault, event, record, at_ms),
            _ => {}
        }
    }

    fn take_of_vault(&mut self, vault: &VaultName, event: &VaultEvent, record: &Record, at_ms: u64) {
        match event {
            VaultEvent::JobCreated { job, item, .. } => {
                let lane = self.lane(item);
                let mark = Mark {
                    shape: Shape::Job,
                    tone: Tone::Info,
                    from_ms: at_ms,
                    until_ms: None,
                    number: record.number,
                };
                self.lanes[lane].marks.push(mark);
                let place = (lane, self.lanes[lane].marks.len() - 1);
                self.running.insert((vault.clone(), *job), place);
            }
            VaultEvent::PhaseDoomed { job, .. } => self.tell(vault, *job, Tone::Warn, record),
            VaultEvent::JobCompleted { job } => self.end(vault, *job, Tone::Good, record, at_ms),
            VaultEvent::JobCompletedWithWarnings { job, .. } => {
                self.end(vault, *job, Tone::Warn, record, at_ms)
            }
            VaultEvent::JobFailed { job, .. } => self.end(vault, *job, Tone::Bad, record, at_ms),
            VaultEvent::JobCancelled { job } => self.end(vault, *job, Tone::Quiet, record, at_ms),
            VaultEvent::PointCreated { point } => {
                let lane = self.lane(&point.item);
                self.moment(lane, Shape::Point, Tone::Good, record, at_ms);
            }
            VaultEvent::AlertRaised { item, .. } => {
                let lane = self.lane(item);
                self.moment(lane, Shape::Alert, Tone::Bad, record, at_ms);
            }
            VaultEvent::DiscoveryFailed { .. } => self.moment(0, Shape::Alert, Tone::Bad, record, at_ms),
            VaultEvent::DiscoveryCompleted { .. } => self.moment(0, Shape::Job, Tone::Good, record, at_ms),
            _ => {}
        }
    }

    fn tell(&mut self, vault: &VaultName, job: JobId, tone: Tone, record: &Record) {
        if let Some((lane, mark)) = self.running.get(&(vault.clone(), job)) {
            let mark = &mut self.lanes[*lane].marks[*mark];
            (mark.tone, mark.number) = (tone, record.number);
        }
    }

    fn end(&mut self, vault: &VaultName, job: JobId, tone: Tone, record: &Record, at_ms: u64) {
        self.tell(vault, job, tone, record);
        if let Some((lane, mark)) = self.running.remove(&(vault.clone(), job)) {
            let lane = &mut self.lanes[lane];
            lane.marks[mark].until_ms = Some(at_ms);
            lane.longest_ms = lane.longest_ms.max(at_ms.saturating_sub(lane.marks[mark].from_ms));
        }
    }

    /// No mark of a lane lasts longer, those that go on included.
    fn longest(&self, lane: usize, now_ms: u64) -> u64 {
        let running = self.running.values().filter(|(held, _)| *held == lane);
        let running =
            running.map(|(lane, mark)| now_ms.saturating_sub(self.lanes[*lane].marks[*mark].from_ms));
        running.max().unwrap_or(0).max(self.lanes[lane].longest_ms)
    }

    /// The marks of a lane in a window, as rows from the first to the last.
    pub fn seen(&self, lane: usize, span: Span, now_ms: u64) -> impl Iterator<Item = (usize, &Mark)> {
        let marks = self.lanes.get(lane).map_or(&[][..], |lane| lane.marks.as_slice());
        let earliest =
            if marks.is_empty() { 0 } else { span.from_ms().saturating_sub(self.longest(lane, now_ms)) };
        let first = marks.partition_point(|mark| mark.from_ms < earliest);
        marks
            .iter()
            .enumerate()
            .skip(first)
            .take_while(move |(_, mark)| mark.from_ms <= span.until_ms())
            .filter(move |(_, mark)| mark.end(now_ms) >= span.from_ms())
    }

    /// What is drawn of a lane, `pixels` wide. Marks of one shape and meaning
    /// at one place are drawn once, so a lane costs its width and not its past.
    pub fn drawn(&self, lane: usize, span: Span, now_ms: u64, pixels: f64) -> Vec<Drawn> {
        let scale = pixels / f64::from(crate::view_model::timeline::WIDTH);
        let mut drawn: Vec<Drawn> = Vec::new();
        for (place, mark) in self.seen(lane, span, now_ms) {
            let x = (span.x(mark.from_ms) * scale).max(0.0);
            let until = (span.x(mark.end(now_ms)) * scale).min(pixels);
            let width = (until - x).max(2.0);
            let is_same = |other: &&mut Drawn| {
                other.shape == mark.shape
                    && other.tone == mark.tone
                    && x - other.x < 1.0
                    && width <= other.width
            };
            // Only the last few can lie at the same place.
            if drawn.iter_mut().rev().take(4).find(is_same).is_none() {
                drawn.push(Drawn { mark: place, shape: mark.shape, tone: mark.tone, x, width });
            }
        }
        drawn
    }

    /// The mark at or next to a time, within `slack_ms` of it; moments before bars.
    pub fn at(&self, lane: usize, span: Span, now_ms: u64, at_ms: u64, slack_ms: u64) -> Option<usize> {
        let near = self
            .seen(lane, span, now_ms)
            .filter(|(_, mark)| at_ms + slack_ms >= mark.from_ms && at_ms <= mark.end(now_ms) + slack_ms);
        let is_bar = |mark: &Mark| mark.shape == Shape::Job;
        near.min_by_key(|(_, mark)| (is_bar(mark), mark.from_ms.abs_diff(at_ms))).map(|(place, _)| place)
    }

    /// The mark after, or before, `mark` of its lane; the first or last where none is chosen.
    pub fn step(&self, lane: usize, mark: Option<usize>, forth: bool) -> Option<usize> {
        let count = self.lanes.get(lane)?.marks.len();
        match (mark, forth) {
            (Some(mark), true) => Some((mark + 1).min(count.checked_sub(1)?)),
            (Some(mark), false) => Some(mark.saturating_sub(1)),
            (None, true) => (count > 0).then_some(0),
            (None, false) => count.checked_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_model::simulator::end;
    use vhault_core::sim::scenarios;

    fn whole(simulator: &Simulator) -> (Swim, Span, u64) {
        let mut swim = Swim::default();
        swim.follow(simulator);
        let now_ms = Swim::since(simulator.genesis().start, simulator.now());
        (swim, Span::whole(now_ms), now_ms)
    }

    #[test]
    fn lanes_hold_every_job_point_and_alert_of_the_world() {
        for preset in scenarios::all() {
            let simulator = end(&preset.scenario.name);
            let (swim, ..) = whole(&simulator);
            let count = |shape| {
                swim.lanes
                    .iter()
                    .flat_map(|lane| &lane.marks)
                    .filter(|mark| mark.shape == shape && mark.number > 0)
                    .count()
            };
            let told = |test: &dyn Fn(&VaultEvent) -> bool| {
                simulator
                    .history()
                    .iter()
                    .filter(|record| matches!(&record.event, Event::Vault(_, event) if test(event)))
                    .count()
            };
            let jobs = told(&|event| {
                matches!(event, VaultEvent::JobCreated { .. } | VaultEvent::DiscoveryCompleted { .. })
            });
            assert_eq!(count(Shape::Job), jobs, "{}", preset.scenario.name);
            assert_eq!(count(Shape::Point), told(&|event| matches!(event, VaultEvent::PointCreated { .. })));
            let alerts = told(&|event| {
                matches!(event, VaultEvent::AlertRaised { .. } | VaultEvent::DiscoveryFailed { .. })
            });
            assert_eq!(count(Shape::Alert), alerts);
        }
    }

    #[test]
    fn following_step_by_step_gives_what_following_at_once_gives() {
        let mut simulator = Simulator::begin(&scenarios::find("six-disks").unwrap().scenario);
        let mut swim = Swim::default();
        while !simulator.run_out(&mut || false).unwrap() {
            swim.follow(&simulator);
        }
        swim.follow(&simulator);
        let (at_once, ..) = whole(&simulator);
        assert_eq!(swim.lanes, at_once.lanes);
        assert!(swim.lanes.iter().flat_map(|lane| &lane.marks).any(|mark| mark.tone == Tone::Bad));
    }

    #[test]
    fn going_back_forgets_what_lies_ahead() {
        let mut simulator = end("first-day");
        let (mut swim, ..) = whole(&simulator);
        let before: usize = swim.lanes.iter().map(|lane| lane.marks.len()).sum();
        simulator.seek(simulator.genesis().start, &mut || true).unwrap();
        swim.follow(&simulator);
        let after: usize = swim.lanes.iter().map(|lane| lane.marks.len()).sum();
        assert!(after < before);
        let (at_once, ..) = whole(&simulator);
        assert_eq!(swim.lanes, at_once.lanes);
    }

    #[test]
    fn a_long_past_is_drawn_in_no_more_pieces_than_there_is_room() {
        let simulator = end("retention");
        let (swim, span, now_ms) = whole(&simulator);
        let lane = swim.lanes.iter().position(|lane| lane.marks.len() > 100).unwrap();
        let wide = swim.drawn(lane, span, now_ms, 10_000.0);
        let narrow = swim.drawn(lane, span, now_ms, 20.0);
        assert!(narrow.len() < wide.len() && narrow.len() <= 20 * 8, "{} {}", narrow.len(), wide.len());
        assert!(wide.iter().all(|drawn| drawn.x >= 0.0 && drawn.x + drawn.width <= 10_002.0));
    }

    #[test]
    fn a_window_shows_what_reaches_into_it_and_a_place_finds_its_mark() {
        let simulator = end("first-day");
        let (swim, span, now_ms) = whole(&simulator);
        let (lane, place) = swim
            .lanes
            .iter()
            .enumerate()
            .find_map(|(lane, held)| {
                Some((lane, held.marks.iter().rposition(|mark| mark.shape == Shape::Job)?))
            })
            .unwrap();
        let mark = swim.lanes[lane].marks[place];
        let middle = u64::midpoint(mark.from_ms, mark.until_ms.unwrap());
        let near = span.between(middle, middle + 1);
        assert!(swim.seen(lane, near, now_ms).any(|(seen, _)| seen == place));
        assert_eq!(swim.at(lane, near, now_ms, middle, 0), Some(place));
        assert_eq!(swim.at(lane, near, now_ms, now_ms * 2, 0), None);
        assert_eq!(
            swim.step(lane, Some(place), true),
            Some((place + 1).min(swim.lanes[lane].marks.len() - 1))
        );
        assert_eq!(swim.step(lane, None, true), Some(0));
        assert_eq!(swim.step(99, None, true), None);
    }
}
