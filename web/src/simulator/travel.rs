//! Going back and forth in time, and between two futures.

use vhault_core::sim::{Command, Event, Memory, Simulation, Step};
use vhault_core::time::{Instant, Span};

use super::moments::{is_time, moments};
use super::present::{Simulator, Stop};

impl Simulator {
    /// Goes to `moment`: back at once; forth as far as `more` lets it. Tells
    /// whether it got there.
    ///
    /// # Errors
    ///
    /// As [`Simulator::run_to`].
    pub fn seek(&mut self, moment: Instant, more: &mut dyn FnMut() -> bool) -> Result<bool, Stop> {
        let moment = moment.max(self.genesis().start);
        if moment < self.now {
            self.settle();
            if let Ok(past) = self.sim.at(moment) {
                let all = self.absolute();
                let done = all.iter().position(|(at, command)| is_time(command) && *at > moment);
                let done = done.unwrap_or(all.len());
                self.go_back(past, &all[done..], moment);
            }
            return Ok(true);
        }
        self.run_to(moment, more)
    }

    /// Goes back to just before the last deed; it is ahead then. Tells whether there was one.
    pub fn undo(&mut self) -> bool {
        self.settle();
        let all = self.absolute();
        let Some(last) = all.iter().rposition(|(_, command)| !is_time(command)) else { return false };
        let at = all[last].0;
        let before =
            at.checked_add(Span::from_milliseconds(-1)).filter(|before| *before >= self.genesis().start);
        let (mut past, done) = match before.and_then(|before| Some((before, self.sim.at(before).ok()?))) {
            Some((before, past)) => {
                let done = all.iter().position(|(at, command)| is_time(command) && *at > before);
                (past, done.unwrap_or(all.len()))
            }
            None => (Simulation::new(self.genesis(), Memory::ALL), 0),
        };
        for (_, command) in &all[done..last] {
            // It was carried out before, in this very state.
            if past.submit(command.clone()).is_err() {
                return false;
            }
        }
        self.go_back(past, &all[last..], at);
        true
    }

    /// Does the deed that is next ahead again, if time need not pass for it.
    pub fn redo(&mut self) -> bool {
        let is_deed = self.ahead.front().is_some_and(|step| !is_time(&step.command));
        is_deed && self.again().is_ok()
    }

    /// Just before the last thing that happened; `None` where nothing did.
    pub fn before_last(&self) -> Option<Instant> {
        let last = self.history().iter().rev().find(|record| record.event != Event::TimePassed)?;
        let before = last.at.checked_add(Span::from_milliseconds(-1))?;
        Some(before.max(self.genesis().start))
    }

    /// Whether the deed that is next ahead can be done again at once.
    pub fn can_redo(&self) -> bool {
        self.ahead.front().is_some_and(|step| !is_time(&step.command))
    }

    /// Whether anything was done.
    pub fn can_undo(&self) -> bool {
        self.sim.log().iter().any(|command| !is_time(command))
    }

    fn absolute(&self) -> Vec<(Instant, Command)> {
        moments(self.genesis().start, &self.log()).map(|(at, command)| (at, command.clone())).collect()
    }

    fn go_back(&mut self, past: Simulation, later: &[(Instant, Command)], moment: Instant) {
        for (_, command) in later.iter().rev() {
            self.ahead.push_front(Step { command: command.clone(), refused: None });
        }
        self.sim = past;
        self.now = moment;
        self.answers.retain(|answered| answered.at <= moment);
    }

    /// Keeps this moment and its future beside, to be compared with what is done next.
    pub fn fork(&mut self) {
        self.other = Some(Box::new(self.branch()));
    }

    /// Goes to the other future; this one is the other then.
    pub fn swap(&mut self) {
        if let Some(mut other) = self.other.take() {
            std::mem::swap(self, &mut other);
            self.other = Some(other);
        }
    }

    /// Forgets the other future.
    pub fn part(&mut self) {
        self.other = None;
    }
}
