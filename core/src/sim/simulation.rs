//! The time machine: a log of commands, the world they made, and the way back.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::decide::{decide, due as happen};
use super::event::{Event, Record};
use super::world::World;
use crate::lifecycle::{Refusal, Senseless};
use crate::time::{Instant, Span};

/// 2200-01-01: no simulation goes further.
const LAST_MOMENT: Instant = Instant::from_unix_milliseconds(7_258_118_400_000);

/// How much of the past is kept ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Whether events are kept. Without them the log and the hash still hold.
    pub events: bool,
    /// A checkpoint at least every so many events; none when zero.
    pub checkpoint_events: u64,
}

impl Memory {
    /// Everything, and a checkpoint every 4,096 events.
    pub const ALL: Memory = Memory { events: true, checkpoint_events: 4_096 };
    /// Only the present.
    pub const NONE: Memory = Memory { events: false, checkpoint_events: 0 };
}

/// A moment to start again from.
#[derive(Clone, Debug)]
struct Checkpoint {
    world: World,
    /// Commands carried out before it.
    commands: usize,
    /// Events that had happened.
    history: usize,
}

/// Where a simulation begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// The seed of every chance.
    pub seed: u64,
    /// The first moment.
    pub start: Instant,
}

/// A simulation: its commands decide everything in it.
#[derive(Clone, Debug)]
pub struct Simulation {
    genesis: Genesis,
    memory: Memory,
    world: World,
    log: Vec<Command>,
    /// How many events there were before each command of the log.
    events_before: Vec<u64>,
    history: Vec<Record>,
    checkpoints: Vec<Checkpoint>,
    digest: blake3::Hasher,
}

impl Simulation {
    /// A world with nothing in it.
    pub fn new(genesis: Genesis, memory: Memory) -> Simulation {
        Simulation {
            genesis,
            memory,
            world: World::empty(genesis.seed, genesis.start),
            log: Vec::new(),
            events_before: Vec::new(),
            history: Vec::new(),
            checkpoints: Vec::new(),
            digest: blake3::Hasher::new(),
        }
    }

    /// The world now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Where it began.
    pub fn genesis(&self) -> Genesis {
        self.genesis
    }

    /// Every command carried out, oldest first. Refused ones are not among them.
    pub fn log(&self) -> &[Command] {
        &self.log
    }

    /// Every event kept, oldest first.
    pub fn history(&self) -> &[Record] {
        &self.history
    }

    /// The place in the log of the command that event `number` came of.
    ///
    /// None where no such event has happened, or while the wait it happened in
    /// has not ended.
    pub fn command_of(&self, number: u64) -> Option<usize> {
        if number == 0 || number > self.world.events {
            return None;
        }
        self.events_before.partition_point(|before| *before < number).checked_sub(1)
    }

    /// The BLAKE3 hash of all events so far, passing of time left out.
    pub fn history_hash(&self) -> blake3::Hash {
        self.digest.finalize()
    }

    /// Carries out `command`; returns where its events begin in [`Simulation::history`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] says why not; the state is then unchanged.
    pub fn submit(&mut self, command: Command) -> Result<usize, Refusal> {
        let first = self.history.len();
        let events_before = self.world.events;
        match &command {
            Command::AdvanceTo(moment) => {
                self.check_moment(*moment)?;
                self.advance(*moment);
            }
            Command::Wait { minutes } => {
                let span = Span::from_milliseconds(i64::from(*minutes) * 60_000);
                let moment = self.world.clock.checked_add(span).ok_or(Senseless::Time)?;
                self.check_moment(moment)?;
                self.advance(moment);
            }
            other => {
                let events = decide(&self.world, other)?;
                events.into_iter().for_each(|event| self.record(self.world.clock, event));
            }
        }
        self.log.push(command);
        self.events_before.push(events_before);
        Ok(first)
    }

    /// Whether `command` would be carried out now, and if not, why.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] that [`Simulation::submit`] would answer.
    pub fn check(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::AdvanceTo(moment) => self.check_moment(*moment),
            other => decide(&self.world, other).map(|_| ()),
        }
    }

    /// Takes a rule of the protocol out of every vault, to see what breaks.
    #[cfg(test)]
    pub(super) fn take_out(&mut self, guard: crate::protocol::Guard) {
        self.world.take_out(guard);
    }

    fn check_moment(&self, moment: Instant) -> Result<(), Refusal> {
        if moment < self.world.clock || moment > LAST_MOMENT { Err(Senseless::Time.into()) } else { Ok(()) }
    }

    /// Lets the next thing that happens by itself happen; returns its moment.
    pub fn step(&mut self) -> Option<Instant> {
        let (at, _) = self.world.next_due()?;
        self.submit(Command::AdvanceTo(at)).ok().map(|_| at)
    }

    fn advance(&mut self, to: Instant) {
        while let Some((at, due)) = self.world.next_due().filter(|(at, _)| *at <= to) {
            let events = happen(&self.world, at, &due);
            assert!(!events.is_empty(), "whatever is due makes something happen");
            events.into_iter().for_each(|event| self.record(at, event));
            self.remember();
        }
        if to > self.world.clock {
            self.record(to, Event::TimePassed);
        }
        self.remember();
    }

    fn record(&mut self, at: Instant, event: Event) {
        self.world.apply(at, &event);
        let record = Record { at, number: self.world.events, event };
        if record.event != Event::TimePassed {
            let bytes = postcard::to_allocvec(&record).expect("an event has no value postcard refuses");
            self.digest.update(&bytes);
        }
        if self.memory.events {
            self.history.push(record);
        }
    }

    fn remember(&mut self) {
        let last = self.checkpoints.last().map_or(0, |checkpoint| checkpoint.world.events);
        let due = self.memory.checkpoint_events;
        if due > 0 && self.world.events >= last + due {
            let (world, commands, history) = (self.world.clone(), self.log.len(), self.history.len());
            self.checkpoints.push(Checkpoint { world, commands, history });
        }
    }

    /// A simulation that stands at `moment` and knows nothing later: the past, to fork from.
    ///
    /// Commands given at `moment` itself are kept. Costs the events between the
    /// nearest checkpoint and `moment`; with no checkpoints, all of them.
    ///
    /// # Errors
    ///
    /// [`Senseless::Time`] for a moment before the beginning or after now.
    pub fn at(&self, moment: Instant) -> Result<Simulation, Refusal> {
        if moment < self.genesis.start || moment > self.world.clock {
            return Err(Senseless::Time.into());
        }
        let nearest = self.checkpoints.iter().rfind(|checkpoint| checkpoint.world.clock < moment);
        let mut past = Simulation::new(self.genesis, self.memory);
        let mut next = 0;
        if let Some(checkpoint) = nearest {
            past.world = checkpoint.world.clone();
            past.log = self.log[..checkpoint.commands].to_vec();
            past.events_before = self.events_before[..checkpoint.commands].to_vec();
            next = checkpoint.commands;
            past.history = self.history[..checkpoint.history].to_vec();
            past.checkpoints =
                self.checkpoints.iter().take_while(|kept| kept.world.clock < moment).cloned().collect();
        }
        past.rebuild_digest(self);
        for command in &self.log[next..] {
            let target = match command {
                Command::AdvanceTo(to) => Some(*to),
                Command::Wait { minutes } => {
                    // Counted from where the wait began, which a checkpoint within it has passed.
                    self.wait_target(past.log.len(), *minutes)
                }
                _ => None,
            };
            match target {
                Some(to) if to > moment => break,
                Some(to) => past.submit(Command::AdvanceTo(to.max(past.world.clock)))?,
                None => past.submit(command.clone())?,
            };
            // The log keeps what the person did, not how it was replayed.
            if let Some(last) = past.log.last_mut() {
                last.clone_from(command);
            }
        }
        if past.world.clock < moment {
            past.submit(Command::AdvanceTo(moment))?;
        }
        Ok(past)
    }

    /// When the wait that is command number `index` ended: all time before it, and its own.
    fn wait_target(&self, index: usize, minutes: u32) -> Option<Instant> {
        let mut clock = self.genesis.start;
        for command in &self.log[..index] {
            clock = match command {
                Command::AdvanceTo(to) => *to,
                Command::Wait { minutes } => {
                    clock.checked_add(Span::from_milliseconds(i64::from(*minutes) * 60_000))?
                }
                _ => clock,
            };
        }
        clock.checked_add(Span::from_milliseconds(i64::from(minutes) * 60_000))
    }

    fn rebuild_digest(&mut self, whole: &Simulation) {
        if !self.memory.events {
            return;
        }
        for record in
            whole.history[..self.history.len()].iter().filter(|record| record.event != Event::TimePassed)
        {
            let bytes = postcard::to_allocvec(record).expect("an event has no value postcard refuses");
            self.digest.update(&bytes);
        }
    }

    /// The world that folding `history` over the same beginning gives.
    pub fn fold(genesis: Genesis, history: &[Record]) -> World {
        let mut world = World::empty(genesis.seed, genesis.start);
        history.iter().for_each(|record| world.apply(record.at, &record.event));
        world
    }
}
