//! `vhault sim`: scenarios of the backup lifecycle, run against an imitated world.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use vhault_core::sim::estate::{self, ESTATE_DAYS_MAX, ESTATE_VMS_MAX, EstateReport};
use vhault_core::sim::fuzz::{self, FuzzReport};
use vhault_core::sim::{
    Memory, ReplayReport, SCENARIO_BYTES_MAX, Scenario, ScenarioError, event_lines, scenarios,
};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};

/// Arguments of `vhault sim`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault sim run crowd")]
pub(crate) struct SimArgs {
    #[command(subcommand)]
    verb: Verb,
}

/// What to do with scenarios.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Run a scenario and tell what happens, event by event
    Run {
        /// The name of a ready scenario, or a scenario file
        scenario: String,
    },
    /// Run a scenario file and tell what it came to, with the hash the browser shows
    Replay {
        /// The scenario file
        file: PathBuf,
    },
    /// List the ready scenarios
    Scenarios {
        /// Print this one as a file instead
        #[arg(long, value_name = "NAME")]
        export: Option<String>,
    },
    /// Run random commands and check the promises of the model
    Fuzz {
        /// The first seed
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// How many seeds
        #[arg(long, default_value_t = 20)]
        seeds: u32,
        /// Commands of each
        #[arg(long, default_value_t = 200)]
        commands: u32,
    },
    /// Let an estate live through many nights and measure it: events a second, bytes a VM
    Scale {
        /// How many VMs, each backed up every night
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(ESTATE_VMS_MAX)))]
        vms: u32,
        /// How many days
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=i64::from(ESTATE_DAYS_MAX)))]
        days: u32,
    },
}

/// Runs, replays, lists or fuzzes.
///
/// # Errors
///
/// [`Exit::Usage`] for a scenario that cannot be read, [`Exit::Refused`] for one
/// that goes otherwise than it says.
pub(crate) fn run(args: &SimArgs) -> Result<Box<dyn Report>, Failure> {
    match &args.verb {
        Verb::Run { scenario } => {
            let scenario = match scenarios::find(scenario) {
                Some(preset) => preset.scenario,
                None => read(Path::new(scenario))?,
            };
            let (simulation, report) = scenario.run(Memory::ALL).map_err(went_otherwise)?;
            Ok(Box::new(Played { events: event_lines(simulation.history()), report }))
        }
        Verb::Replay { file } => {
            let (_, report) = read(file)?.run(Memory::NONE).map_err(went_otherwise)?;
            Ok(Box::new(Played { events: String::new(), report }))
        }
        Verb::Scenarios { export: Some(name) } => {
            let unknown = || {
                Failure::new(Exit::Usage, format!("there is no ready scenario {name:?}"))
                    .with_way_out("list them with `vhault sim scenarios`")
            };
            Ok(Box::new(Exported(scenarios::find(name).ok_or_else(unknown)?.scenario)))
        }
        Verb::Scenarios { export: None } => {
            Ok(Box::new(Listed(scenarios::all().into_iter().map(|preset| preset.scenario).collect())))
        }
        Verb::Fuzz { seed, seeds, commands } => {
            let seeds = (*seed..).take(usize::try_from(*seeds).unwrap_or(usize::MAX));
            Ok(Box::new(Fuzzed(seeds.map(|seed| fuzz::run(seed, *commands)).collect())))
        }
        Verb::Scale { vms, days } => {
            let refused = |refusal| Failure::new(Exit::Usage, refusal);
            let mut simulation = estate::estate(*vms).map_err(refused)?;
            let before = simulation.world().events;
            let began = Instant::now();
            let report = estate::live(&mut simulation, *days).map_err(refused)?;
            let took = began.elapsed();
            Ok(Box::new(Lived { events: report.events - before, report, took }))
        }
    }
}

/// Reads a scenario file, never more of it than a scenario may have.
fn read(path: &Path) -> Result<Scenario, Failure> {
    let failed = |error: io::Error| {
        let exit = if error.kind() == io::ErrorKind::NotFound { Exit::Usage } else { Exit::Unexpected };
        Failure::new(exit, format!("cannot read {}: {error}", path.display()))
            .with_way_out("give a scenario file, or a name from `vhault sim scenarios`")
    };
    let bound = u64::try_from(SCENARIO_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(bound).read_to_end(&mut bytes)).map_err(failed)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(Exit::Usage, format!("{} is not text", path.display())))?;
    Scenario::parse(&text).map_err(|error| Failure::new(Exit::Usage, error))
}

fn went_otherwise(error: ScenarioError) -> Failure {
    Failure::new(Exit::Refused, error)
}

struct Played {
    events: String,
    report: ReplayReport,
}

impl Report for Played {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let told = self.report.to_string();
        let (head, rest) = told.split_once('\n').unwrap_or((&told, ""));
        write!(page, "{}", self.events)?;
        writeln!(page, "{}", page.tone(Tone::Strong, head))?;
        write!(page, "{rest}")
    }

    fn json(&self) -> String {
        serde_json::to_string(&self.report).expect("a report has no value JSON refuses")
    }
}

struct Exported(Scenario);

impl Report for Exported {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.write_all(self.0.to_json().as_bytes())
    }

    fn json(&self) -> String {
        serde_json::to_string(&self.0).expect("a scenario has no value JSON refuses")
    }
}

struct Listed(Vec<Scenario>);

impl Report for Listed {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        for scenario in &self.0 {
            let name = page.tone(Tone::Strong, format!("{:<20}", scenario.name));
            writeln!(page, "{name} {} / {}", scenario.title.en, scenario.title.ko)?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        let named: Vec<_> = self
            .0
            .iter()
            .map(|scenario| serde_json::json!({ "name": scenario.name, "title": scenario.title }))
            .collect();
        serde_json::Value::from(named).to_string()
    }
}

struct Fuzzed(Vec<FuzzReport>);

impl Report for Fuzzed {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        for report in &self.0 {
            let verdict = match report.violations.first() {
                None => page.tone(Tone::Good, "holds"),
                Some(first) => {
                    page.tone(Tone::Bad, format!("breaks I-{:02}: {}", first.invariant, first.found))
                }
            };
            writeln!(
                page,
                "seed {:<6} {} commands, {} refused, {} events, {} points  {verdict}",
                report.seed, report.commands, report.refused, report.events, report.reached.points
            )?;
            for command in &report.shrunk {
                let command = serde_json::to_string(command).expect("a command has no value JSON refuses");
                writeln!(page, "    {command}")?;
            }
        }
        Ok(())
    }

    fn json(&self) -> String {
        serde_json::to_string(&self.0).expect("a report has no value JSON refuses")
    }

    fn exit(&self) -> Exit {
        if self.0.iter().all(|report| report.violations.is_empty()) { Exit::Done } else { Exit::Unexpected }
    }
}

struct Lived {
    /// Events of the days that were let pass.
    events: u64,
    report: EstateReport,
    took: Duration,
}

impl Lived {
    fn events_per_second(&self) -> u128 {
        u128::from(self.events) * 1_000_000 / self.took.as_micros().max(1)
    }

    fn state_bytes_per_vm(&self) -> usize {
        self.report.state_bytes / usize::try_from(self.report.vms).unwrap_or(1).max(1)
    }
}

impl Report for Lived {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let EstateReport { vms, days, points_created, points, state_bytes, state_hash, .. } = &self.report;
        let head = format!("{vms} VMs over {days} days: {} events in {:.1?}", self.events, self.took);
        writeln!(page, "{}", page.tone(Tone::Strong, head))?;
        writeln!(page, "  {} events a second", self.events_per_second())?;
        writeln!(page, "  {state_bytes} bytes of state, {} a VM", self.state_bytes_per_vm())?;
        writeln!(page, "  {points_created} points made, {points} stand\n  state  {state_hash}")
    }

    fn json(&self) -> String {
        let mut value = serde_json::to_value(&self.report).expect("a report has no value JSON refuses");
        value["events_of_the_days"] = self.events.into();
        value["took_ms"] = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX).into();
        value["events_per_second"] = u64::try_from(self.events_per_second()).unwrap_or(u64::MAX).into();
        value["state_bytes_per_vm"] = self.state_bytes_per_vm().into();
        value.to_string()
    }
}
