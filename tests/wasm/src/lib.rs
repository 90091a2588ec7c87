//! The simulator as a WebAssembly module that asks nothing of its host.
//!
//! Text goes in and out through the module's own memory: [`room`] makes room
//! for what is given, a call answers with the length of its answer, and
//! [`answer`] says where it lies. `compare.mjs` runs it under Node and holds
//! every answer against what `vhault` prints.

use std::sync::{Mutex, PoisonError};

use vhault_core::sim::fuzz::{self, FuzzReport};
use vhault_core::sim::{Memory, SCENARIO_BYTES_MAX, Scenario, event_lines, scenarios};

static GIVEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Makes room for `bytes` of text and says where; zero where a scenario may not be so large.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> usize {
    if bytes > SCENARIO_BYTES_MAX {
        return 0;
    }
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.clear();
    given.resize(bytes, 0);
    given.as_ptr().addr()
}

/// Where the last answer lies.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    ANSWER.lock().unwrap_or_else(PoisonError::into_inner).as_ptr().addr()
}

/// The names of the ready scenarios, one a line.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn names() -> usize {
    tell(scenarios::all().iter().map(|preset| preset.scenario.name.clone() + "\n").collect())
}

/// The ready scenario whose name is given, as a file.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn export() -> usize {
    let name = given();
    tell(scenarios::find(&name).map_or_else(|| format!("no scenario {name:?}"), |it| it.scenario.to_json()))
}

/// Every event of the scenario file given, and what it came to.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn run() -> usize {
    let played = Scenario::parse(&given()).and_then(|scenario| scenario.run(Memory::ALL));
    tell(match played {
        Ok((simulation, report)) => format!("{}{report}", event_lines(simulation.history())),
        Err(error) => error.to_string(),
    })
}

/// What the scenario file given came to, as JSON: with `Memory::NONE`, as a replay.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn replay() -> usize {
    let played = Scenario::parse(&given()).and_then(|scenario| scenario.run(Memory::NONE));
    tell(match played {
        Ok((_, report)) => json(&report) + "\n",
        Err(error) => error.to_string(),
    })
}

/// Random commands of `seeds` seeds from `first` on, as JSON.
#[expect(unsafe_code, reason = "a name for the host to call")]
#[unsafe(no_mangle)]
pub extern "C" fn random(first: u32, seeds: u32, commands: u32) -> usize {
    let seeds = (u64::from(first)..).take(usize::try_from(seeds).unwrap_or(usize::MAX));
    let reports: Vec<FuzzReport> = seeds.map(|seed| fuzz::run(seed, commands)).collect();
    tell(json(&reports) + "\n")
}

fn given() -> String {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&given).into_owned()
}

fn tell(text: String) -> usize {
    let mut answer = ANSWER.lock().unwrap_or_else(PoisonError::into_inner);
    *answer = text.into_bytes();
    answer.len()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a report has no value JSON refuses")
}
