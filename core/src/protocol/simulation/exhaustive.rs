//! Every interleaving of a writer and a sweeper, one of whom may die, and as many of two writers and a sweeper as fit.

use alloc::collections::BTreeSet;
use std::eprintln;
use std::format;
use std::vec::Vec;

use super::super::guard::{Guard, Guards};
use super::super::request::{Forgetting, Request};
use super::sweeper::Sweeper;
use super::tape::Tape;
use super::view::{Tried, View};
use super::world::World;
use super::writer::Writer;
use super::{PURGED_AFTER_HOURS, Violation};
use crate::digest::ChunkId;
use crate::time::Span;

/// Somebody who takes turns until what they came for is done.
#[derive(Clone, Debug)]
enum Actor {
    Writer(Writer),
    Sweeper(Sweeper),
}

#[derive(Clone, Debug)]
struct State {
    world: World,
    actors: Vec<(Actor, bool)>,
    /// The choices of each actor, the same in every turn.
    seeds: Vec<u64>,
    deaths: usize,
}

/// A vault with a purged point, and a live one of the other VM that shares some of its chunks.
fn begin(guards: Guards) -> State {
    (0..100).find_map(|first| begin_from(guards, first * 100)).expect("some seed makes such a vault")
}

/// The same with the choices of one seed; `None` where the purged point has nothing of its own.
fn begin_from(guards: Guards, first: u64) -> Option<State> {
    let mut world = World::new(guards);
    let mut one = Writer::new(0);
    let mut other = Writer::new(1);
    let mut seeds = (first..).map(|seed| Tape::from_seed(seed, 8));
    let mut back_up = |world: &mut World, writer: &mut Writer| {
        let before = world.truth.points.len();
        for _ in 0..40 {
            let mut tape = seeds.next().expect("seeds do not end");
            writer.turn_alive(world, &mut tape).expect("one writer alone breaks nothing");
            if world.truth.points.len() > before && writer.is_idle() {
                return;
            }
        }
        panic!("one writer alone makes no point");
    };
    back_up(&mut world, &mut one);
    back_up(&mut world, &mut one);
    back_up(&mut world, &mut other);
    let old = world.truth.points[0].point.id;
    let chunks_of = |place: usize| {
        let root =
            world.truth.points[place].point.disks[0].content.root.expect("disks of the tests have content");
        world.pages[&root].iter().copied().collect::<BTreeSet<ChunkId>>()
    };
    let kept: BTreeSet<ChunkId> = chunks_of(1).union(&chunks_of(2)).copied().collect();
    let gone: BTreeSet<ChunkId> = chunks_of(0).difference(&kept).copied().collect();
    if gone.is_empty() {
        return None;
    }
    let mut view = View::default();
    view.refresh(&world);
    let word = Forgetting::ByRule { damaged: BTreeSet::new() };
    let forget = Request::Forget { points: alloc::vec![old], host_time: world.clock(), word };
    assert!(matches!(view.append(&mut world, forget), Ok(Tried::Done)));
    world.hour += PURGED_AFTER_HOURS;
    let (now, wait) = (world.clock(), Span::from_milliseconds(PURGED_AFTER_HOURS * 3_600_000));
    let purge = Request::Purge { points: alloc::vec![old], now, wait, clock_confirmed: false };
    assert!(matches!(view.append(&mut world, purge), Ok(Tried::Done)));
    let actors = alloc::vec![
        (Actor::Writer(Writer::new(0)), true),
        (Actor::Writer(Writer::new(1)), true),
        (Actor::Sweeper(Sweeper::at_work()), true),
    ];
    let mut state = State { world, actors, seeds: alloc::vec![0; 3], deaths: 0 };
    state.seeds = (0..3).map(|number| seed_of(&state, number, &gone)).collect();
    Some(state)
}

/// Choices by which a writer's disk has content again that only the purged point had.
fn seed_of(state: &State, number: usize, gone: &BTreeSet<ChunkId>) -> u64 {
    let Actor::Writer(writer) = &state.actors[number].0 else { return 0 };
    let wants = |seed: &u64| {
        let (mut writer, mut world) = (writer.clone(), state.world.clone());
        let begun = writer.turn_alive(&mut world, &mut Tape::from_seed(*seed, 8));
        begun.is_ok() && writer.chunks().iter().any(|chunk| gone.contains(chunk))
    };
    (1..10_000).find(wants).expect("some seed draws any content")
}

/// The state after one turn of an actor.
fn turn(state: &State, number: usize) -> Result<State, Violation> {
    let mut next = state.clone();
    let (actor, is_at_work) = &mut next.actors[number];
    let mut tape = Tape::from_seed(next.seeds[number], 8);
    match actor {
        Actor::Writer(writer) => {
            writer.turn_alive(&mut next.world, &mut tape)?;
            *is_at_work = !writer.is_idle();
        }
        Actor::Sweeper(sweeper) => {
            sweeper.turn_alive(&mut next.world, &mut tape)?;
            *is_at_work = !sweeper.is_idle();
        }
    }
    Ok(next)
}

/// States that a search of two writers and a sweeper visits at most; `VHAULT_STATES` says otherwise.
const STATES_MAX: u64 = 300_000;
/// In how many orders they are looked through where something is to be found: what a wrong turn early on hides from one
/// order, another finds.
const SALTS: usize = 30;

/// How far a search came.
#[derive(Debug)]
struct Visited {
    states: usize,
    /// It came to an end by itself: there are no more.
    is_whole: bool,
}

/// Visits every state that can be reached with so many of the writers, up to a number: depth first, whoever goes first
/// in a state being drawn from it and `salt`.
fn visit(
    guards: Guards,
    writers: usize,
    deaths: usize,
    states_max: usize,
    salt: u64,
) -> Result<Visited, Violation> {
    let mut seen: BTreeSet<[u8; 32]> = BTreeSet::new();
    let mut first = begin(guards);
    for (actor, is_at_work) in first.actors.iter_mut().take(2).skip(writers) {
        *is_at_work &= matches!(actor, Actor::Sweeper(_));
    }
    let mut waiting = alloc::vec![first];
    while let Some(state) = waiting.pop() {
        if seen.len() >= states_max {
            return Ok(Visited { states: seen.len(), is_whole: false });
        }
        let key = blake3::hash(format!("{salt} {state:?}").as_bytes());
        if !seen.insert(*key.as_bytes()) {
            continue;
        }
        let first = usize::from(key.as_bytes()[0]);
        for number in 0..state.actors.len() {
            let number = (first + number) % state.actors.len();
            if !state.actors[number].1 {
                continue;
            }
            waiting.push(turn(&state, number)?);
            if state.deaths < deaths {
                let mut dead = state.clone();
                dead.actors[number].1 = false;
                dead.deaths += 1;
                waiting.push(dead);
            }
        }
    }
    Ok(Visited { states: seen.len(), is_whole: true })
}

fn states_max() -> usize {
    usize::try_from(super::asked("VHAULT_STATES", STATES_MAX)).unwrap_or(usize::MAX)
}

/// Whether something breaks in some interleaving when a rule is taken out.
pub(super) fn misses(guard: Guard) -> bool {
    let part = states_max() / SALTS;
    (0..).take(SALTS).any(|salt| visit(Guards::without(guard), 2, 0, part, salt).is_err())
}

#[test]
#[ignore = "a minute and more: `cargo xtask proofs` runs it"]
fn no_interleaving_of_a_writer_and_a_sweeper_loses_anything() {
    let deaths = usize::try_from(super::asked("VHAULT_DEATHS", 1)).expect("few deaths");
    let visited = visit(Guards::ALL, 1, deaths, usize::MAX, 0).unwrap();
    eprintln!("a writer and a sweeper, {deaths} may die: {visited:?}");
    assert!(visited.is_whole && visited.states > 100, "{visited:?}");
}

#[test]
#[ignore = "minutes: `cargo xtask proofs` runs it"]
fn no_interleaving_of_two_writers_and_a_sweeper_loses_anything() {
    let visited = visit(Guards::ALL, 2, 0, states_max(), 0).unwrap();
    eprintln!("two writers and a sweeper: {visited:?}");
    assert!(visited.states > 500, "{visited:?}");
}

#[test]
fn some_interleaving_misses_each_rule_that_two_writers_and_a_sweeper_need() {
    for guard in [Guard::ReliedLive, Guard::MarkCoversHead, Guard::SpareOpen] {
        assert!(misses(guard), "nothing breaks without {guard:?}");
    }
}
