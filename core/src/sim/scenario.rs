//! Scenario files: a beginning and commands, as JSON with a version.
//!
//! A file is read within bounds and replays to the same events and the same
//! state everywhere. A step may say that its command is refused, and how.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::report::ReplayReport;
use super::simulation::{Genesis, Memory, Simulation};
use crate::advice::AdviceId;
use crate::lifecycle::{JobStatus, Refusal};

/// The version this code writes, and the newest it reads.
pub const SCENARIO_VERSION: u32 = 1;
/// The largest file that is read, in bytes.
pub const SCENARIO_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// The most steps of a file.
pub const SCENARIO_STEPS_MAX: usize = 100_000;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// One command of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The command.
    pub command: Command,
    /// The entry under which it is refused; none when it is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<AdviceId>,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of its form.
    pub version: u32,
    /// A short name.
    pub name: String,
    /// What it is called to a person.
    pub title: Title,
    /// Where it begins.
    pub genesis: Genesis,
    /// What is done.
    pub steps: Vec<Step>,
}

/// Why a scenario file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Larger than is read.
    #[error("the file has {bytes} bytes where {SCENARIO_BYTES_MAX} are the most")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// More steps than are read.
    #[error("the file has {steps} steps where {SCENARIO_STEPS_MAX} are the most")]
    TooManySteps {
        /// How many it has.
        steps: usize,
    },
    /// Not the JSON of a scenario.
    #[error("line {line}, column {column}: {what}")]
    Malformed {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// Written by something newer.
    #[error("version {found} is newer than {SCENARIO_VERSION}, the newest this program reads")]
    Newer {
        /// The version of the file.
        found: u32,
    },
    /// There is no version zero.
    #[error("version 0 was never written")]
    Zero,
    /// A command was refused that should not have been.
    #[error("step {step} is refused: {refusal}")]
    Refused {
        /// Which step, from 1.
        step: usize,
        /// Why.
        refusal: Refusal,
    },
    /// A command should have been refused under another id, or at all.
    #[error("step {step} should be refused with {expected}, but was not")]
    NotRefused {
        /// Which step, from 1.
        step: usize,
        /// The entry that was expected.
        expected: AdviceId,
    },
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    ///
    /// Any [`ScenarioError`] but those of a replay.
    pub fn parse(text: &str) -> Result<Scenario, ScenarioError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        if text.len() > SCENARIO_BYTES_MAX {
            return Err(ScenarioError::TooLarge { bytes: text.len() });
        }
        let malformed = |error: serde_json::Error| ScenarioError::Malformed {
            line: error.line(),
            column: error.column(),
            what: alloc::format!("{error}"),
        };
        let versioned: Versioned = serde_json::from_str(text).map_err(malformed)?;
        match versioned.version {
            0 => return Err(ScenarioError::Zero),
            found if found > SCENARIO_VERSION => return Err(ScenarioError::Newer { found }),
            _ => {}
        }
        let scenario: Scenario = serde_json::from_str(text).map_err(malformed)?;
        if scenario.steps.len() > SCENARIO_STEPS_MAX {
            return Err(ScenarioError::TooManySteps { steps: scenario.steps.len() });
        }
        Ok(scenario)
    }

    /// Writes the scenario as a file, one step a line.
    pub fn to_json(&self) -> String {
        let steps: Vec<String> = self.steps.iter().map(json).collect();
        alloc::format!(
            "{{\n\"version\": {},\n\"name\": {},\n\"title\": {},\n\"genesis\": {},\n\"steps\": [\n{}\n]\n}}\n",
            self.version,
            json(&self.name),
            json(&self.title),
            json(&self.genesis),
            steps.join(",\n"),
        )
    }

    /// What was done in `simulation`, as a scenario.
    pub fn of(simulation: &Simulation, name: &str, title: Title) -> Scenario {
        let step = |command: &Command| Step { command: command.clone(), refused: None };
        Scenario {
            version: SCENARIO_VERSION,
            name: name.into(),
            title,
            genesis: simulation.genesis(),
            steps: simulation.log().iter().map(step).collect(),
        }
    }

    /// Carries out every step.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Refused`] and [`ScenarioError::NotRefused`] name the first
    /// step that went otherwise than the file says.
    pub fn run(&self, memory: Memory) -> Result<(Simulation, ReplayReport), ScenarioError> {
        let mut simulation = Simulation::new(self.genesis, memory);
        let mut refused = 0;
        for (number, step) in (1..).zip(&self.steps) {
            match (simulation.submit(step.command.clone()), step.refused) {
                (Ok(_), None) => {}
                (Err(refusal), Some(id)) if refusal.advice() == Some(id) => refused += 1,
                (Err(refusal), _) => return Err(ScenarioError::Refused { step: number, refusal }),
                (Ok(_), Some(expected)) => return Err(ScenarioError::NotRefused { step: number, expected }),
            }
        }
        let report = self.report(&simulation, refused);
        Ok((simulation, report))
    }

    fn report(&self, simulation: &Simulation, refused: usize) -> ReplayReport {
        let world = simulation.world();
        let jobs = || world.vaults.values().flat_map(|vault| vault.catalogue.jobs.values());
        ReplayReport {
            name: self.name.clone(),
            commands: simulation.log().len(),
            refused,
            events: world.events,
            clock: world.clock,
            jobs_succeeded: jobs().filter(|job| job.status.is_success()).count(),
            jobs_failed: jobs().filter(|job| job.status == JobStatus::Failed).count(),
            points: world.vaults.values().map(|vault| vault.catalogue.points.len()).sum(),
            state_hash: alloc::format!("{}", world.hash()),
            history_hash: alloc::format!("{}", simulation.history_hash()),
        }
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a scenario has no value JSON refuses")
}

#[cfg(test)]
#[path = "scenario_tests.rs"]
mod tests;
