//! The imitated world around the vault's rules, with a clock that a person moves.
//!
//! ```text
//! Command ─► decide ─► Events ─► World::apply ─► World
//! time    ─► due    ─►
//! ```
//!
//! The same commands give the same events and the same state, natively and in
//! a browser: ordered maps, integers, and chance drawn from the seed. What is
//! modelled and what is left out stands in `docs/simulation.md`.

mod apply;
mod block_state;
mod blocks;
mod cause;
mod change;
mod command;
mod decide;
mod describe;
mod draw;
#[cfg(test)]
mod entries_tests;
pub mod estate;
mod event;
pub mod fuzz;
mod invariants;
mod limit;
mod outlook;
mod places;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod refusal_tests;
mod remedy;
mod report;
mod scenario;
pub mod scenarios;
mod showcase;
mod simulation;
pub mod stage;
mod store;
mod throughput;
#[cfg(test)]
mod time_tests;
mod vault_log;
mod world;

pub use block_state::{BlockState, DiskStates, StateRun};
pub use blocks::{BLOCK_BYTES, BlockMap, MapDelta, Run};
pub use cause::{Cause, Link, Rule, cause, chain, circumstances};
pub use change::{ShutdownFrom, VmChange};
pub use command::{Command, DiskSpec, VmSpec};
pub use decide::decide;
pub use describe::{describe, moment};
pub use event::{Event, Record};
pub use fuzz::FuzzReport;
pub use invariants::{Observer, Reached, Violation};
pub use limit::{Bound, copy_bound};
pub use remedy::{Cure, Subject, cure};
pub use report::{ReplayReport, event_lines};
pub use scenario::{
    SCENARIO_BYTES_MAX, SCENARIO_STEPS_MAX, SCENARIO_VERSION, Scenario, ScenarioError, Step, Title,
};
pub use showcase::{Showcase, failures, showcase, subject_of};
pub use simulation::{Genesis, Memory, Simulation};
pub use store::{BlockStore, DiskMaps, DiskWork, References};
pub use throughput::Throughput;
pub use vault_log::VaultLog;
pub use world::{Surroundings, VaultState, VmState, World, WorldDue};
