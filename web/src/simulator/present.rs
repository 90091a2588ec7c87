//! Present: the moment shown, the deeds yet ahead, and the other future.
//!
//! Going back keeps what was done later as *ahead*: time that passes again
//! does it again, and a new deed parts the futures, the old one kept beside.
//! Undo is going back to just before the last deed.

use std::collections::VecDeque;

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::Refusal;
use vhault_core::sim::{Command, Event, Genesis, Memory, Record, Scenario, Simulation, Step, Title, World};
use vhault_core::time::Instant;

use super::moments::{compact, deeds, is_time, moments};

/// More events are not kept in a page; time stops there.
pub const EVENTS_MAX: usize = 500_000;

/// How many refusals are remembered.
const ANSWERS_MAX: usize = 100;

/// A command that was not carried out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When it was asked.
    pub at: Instant,
    /// What was asked.
    pub command: Command,
    /// The answer.
    pub refusal: Refusal,
}

/// Why time does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The page keeps no more events.
    #[error("{events} events are kept, of {EVENTS_MAX} at most: go back, or begin anew")]
    Full {
        /// How many are kept.
        events: usize,
    },
    /// A command of a file or link is refused.
    #[error("command {number} is refused: {refusal}")]
    Refused {
        /// Which, from 1.
        number: usize,
        /// Why.
        refusal: Refusal,
    },
    /// A command of a file should have been refused.
    #[error("command {number} should be refused with {expected}, but was not")]
    NotRefused {
        /// Which, from 1.
        number: usize,
        /// The entry that was expected.
        expected: AdviceId,
    },
}

/// A simulation that goes back and forth.
#[derive(Clone, Debug)]
pub struct Simulator {
    pub(super) name: String,
    pub(super) title: Title,
    pub(super) sim: Simulation,
    /// The moment shown; nothing happens between the simulation's own and it.
    pub(super) now: Instant,
    /// What was done later, waits as moments.
    pub(super) ahead: VecDeque<Step>,
    pub(super) answers: Vec<Answered>,
    pub(super) other: Option<Box<Simulator>>,
}

impl Simulator {
    /// At the beginning of `scenario`, all of its steps ahead.
    pub fn begin(scenario: &Scenario) -> Simulator {
        let commands: Vec<Command> = scenario.steps.iter().map(|step| step.command.clone()).collect();
        let at = moments(scenario.genesis.start, &commands);
        let ahead = at.zip(&scenario.steps).map(|((at, command), step)| Step {
            command: if is_time(command) { Command::AdvanceTo(at) } else { command.clone() },
            refused: step.refused,
        });
        Simulator {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            sim: Simulation::new(scenario.genesis, Memory::ALL),
            now: scenario.genesis.start,
            ahead: ahead.collect(),
            answers: Vec::new(),
            other: None,
        }
    }

    /// A world with nothing in it.
    pub fn empty(genesis: Genesis, name: &str, title: Title) -> Simulator {
        let steps = Vec::new();
        Simulator::begin(&Scenario { version: 1, name: name.to_owned(), title, genesis, steps })
    }

    /// The world at the last thing that happened.
    pub fn world(&self) -> &World {
        self.sim.world()
    }

    /// The moment shown.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Where it began.
    pub fn genesis(&self) -> Genesis {
        self.sim.genesis()
    }

    /// The scenario's short name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the scenario is called.
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// The last moment there is a future for: that of the last command ahead, or now.
    pub fn end(&self) -> Instant {
        let last = self.ahead.iter().rev().find_map(|step| match step.command {
            Command::AdvanceTo(to) => Some(to),
            _ => None,
        });
        last.map_or(self.now, |last| last.max(self.now))
    }

    /// How many commands are ahead.
    pub fn ahead_count(&self) -> usize {
        self.ahead.len()
    }

    /// What happened so far, oldest first.
    pub fn history(&self) -> &[Record] {
        self.sim.history()
    }

    /// What was done so far, waits joined.
    pub fn log(&self) -> Vec<Command> {
        compact(self.genesis().start, self.sim.log())
    }

    /// The event with this number, and its place in the history.
    pub fn event(&self, number: u64) -> Option<(usize, &Record)> {
        let place = self.history().partition_point(|record| record.number < number);
        let record = self.history().get(place)?;
        (record.number == number && record.event != Event::TimePassed).then_some((place, record))
    }

    /// What a person did to make event `number` happen; none for what came of time.
    pub fn deed_of(&self, number: u64) -> Option<&Command> {
        let command = self.sim.log().get(self.sim.command_of(number)?)?;
        (!is_time(command)).then_some(command)
    }

    /// What was refused, oldest first.
    pub fn answers(&self) -> &[Answered] {
        &self.answers
    }

    /// The other future, where there is one.
    pub fn other(&self) -> Option<&Simulator> {
        self.other.as_deref()
    }

    /// The hash of the state at the moment shown.
    pub fn state_hash(&self) -> String {
        if self.now == self.world().clock {
            return self.world().hash().to_string();
        }
        // Nothing happens up to the moment shown, so the clock is all that differs.
        let mut world = self.world().clone();
        world.clock = self.now;
        world.hash().to_string()
    }

    /// The hash of all that happened.
    pub fn history_hash(&self) -> String {
        self.sim.history_hash().to_string()
    }

    /// Brings the simulation's own clock up to the moment shown.
    pub(super) fn settle(&mut self) {
        if self.now > self.sim.world().clock {
            // Nothing is due up to there, and it is no moment of the past.
            let _ = self.sim.submit(Command::AdvanceTo(self.now));
        }
    }

    /// Asks for something now. Returns where its events begin in the history.
    ///
    /// What was ahead becomes the other future. Waits go through
    /// [`Simulator::run_to`] instead.
    ///
    /// # Errors
    ///
    /// The [`Refusal`]; nothing has changed then, except that it is remembered.
    pub fn submit(&mut self, command: Command) -> Result<usize, Refusal> {
        self.settle();
        let before = (!self.ahead.is_empty()).then(|| self.branch());
        match self.sim.submit(command.clone()) {
            Ok(first) => {
                self.now = self.sim.world().clock;
                if before.is_some() {
                    self.other = before.map(Box::new);
                    self.ahead.clear();
                }
                Ok(first)
            }
            Err(refusal) => {
                self.remember(command, refusal.clone());
                Err(refusal)
            }
        }
    }

    /// Whether `command` would be carried out now, and if not, why.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] that [`Simulator::submit`] would answer.
    pub fn check(&self, command: &Command) -> Result<(), Refusal> {
        self.sim.check(command)
    }

    fn remember(&mut self, command: Command, refusal: Refusal) {
        self.answers.push(Answered { at: self.now, command, refusal });
        let surplus = self.answers.len().saturating_sub(ANSWERS_MAX);
        self.answers.drain(..surplus);
    }

    pub(super) fn branch(&self) -> Simulator {
        Simulator { other: None, ..self.clone() }
    }

    /// Lets the next thing at or before `limit` happen; tells whether there was one.
    pub(super) fn happen(&mut self, limit: Instant) -> Result<bool, Stop> {
        let events = self.sim.history().len();
        if events >= EVENTS_MAX {
            return Err(Stop::Full { events });
        }
        let (until, is_wait) = match self.ahead.front() {
            Some(Step { command: Command::AdvanceTo(to), .. }) => (*to, true),
            Some(_) => return self.again().map(|()| true),
            None => (limit, false),
        };
        let due = self.sim.world().next_due().map(|(at, _)| at).filter(|at| *at <= until);
        match due {
            Some(due) if due <= limit => {
                self.pass(due)?;
                Ok(true)
            }
            None if is_wait && until <= limit => {
                self.pass(until)?;
                self.ahead.pop_front();
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn number(&self) -> usize {
        deeds(self.genesis().start, self.sim.log()).count() + 1
    }

    fn pass(&mut self, to: Instant) -> Result<(), Stop> {
        if to > self.sim.world().clock || self.sim.world().next_due().is_some_and(|(at, _)| at <= to) {
            let passed = self.sim.submit(Command::AdvanceTo(to));
            passed.map_err(|refusal| Stop::Refused { number: self.number(), refusal })?;
        }
        self.now = self.now.max(self.sim.world().clock);
        Ok(())
    }

    /// Does the first of what is ahead again.
    pub(super) fn again(&mut self) -> Result<(), Stop> {
        self.settle();
        let Some(step) = self.ahead.front().cloned() else { return Ok(()) };
        let number = self.number();
        match (self.sim.submit(step.command.clone()), step.refused) {
            (Ok(_), None) => {}
            (Err(refusal), Some(id)) if refusal.advice() == Some(id) => self.remember(step.command, refusal),
            (Err(refusal), _) => return Err(Stop::Refused { number, refusal }),
            (Ok(_), Some(expected)) => return Err(Stop::NotRefused { number, expected }),
        }
        self.ahead.pop_front();
        Ok(())
    }

    /// Lets time pass up to `to`, as long as `more` says so; tells whether it got there.
    ///
    /// `more` is asked after everything that happens, so a frame keeps its budget.
    ///
    /// # Errors
    ///
    /// A [`Stop`]; what happened before it has happened.
    pub fn run_to(&mut self, to: Instant, more: &mut dyn FnMut() -> bool) -> Result<bool, Stop> {
        while self.happen(to)? {
            if !more() {
                return Ok(false);
            }
        }
        if to > self.now {
            let passed = self.sim.check(&Command::AdvanceTo(to));
            passed.map_err(|refusal| Stop::Refused { number: self.number(), refusal })?;
            self.now = to;
        }
        Ok(true)
    }

    /// Runs to the end of what is ahead.
    ///
    /// # Errors
    ///
    /// As [`Simulator::run_to`].
    pub fn run_out(&mut self, more: &mut dyn FnMut() -> bool) -> Result<bool, Stop> {
        while !self.ahead.is_empty() {
            let end = self.end();
            self.happen(end)?;
            if !more() {
                return Ok(self.ahead.is_empty());
            }
        }
        Ok(true)
    }

    /// All of it as a scenario that leads to the moment shown.
    pub fn scenario(&mut self) -> Scenario {
        self.settle();
        let mut scenario = Scenario::of(&self.sim, &self.name, self.title.clone());
        scenario.steps = self.log().into_iter().map(|command| Step { command, refused: None }).collect();
        scenario
    }

    /// What is done and what is ahead, as one log, waits joined.
    pub(super) fn whole_log(&mut self) -> Vec<Command> {
        self.settle();
        let ahead = self.ahead.iter().filter(|step| step.refused.is_none());
        let all: Vec<Command> =
            self.log().into_iter().chain(ahead.map(|step| step.command.clone())).collect();
        compact(self.genesis().start, &all)
    }
}

#[cfg(test)]
#[path = "present_tests.rs"]
mod tests;
