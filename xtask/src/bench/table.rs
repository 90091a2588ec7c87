//! Medians, ranges and ratios, for people and for programs.

use std::time::Duration;

use serde_json::json;

use super::ground::Taken;
use super::ours;
use super::step::Step;
use crate::say;

/// Who took how long for what.
#[derive(Default)]
pub(crate) struct Results {
    rows: Vec<Row>,
}

/// A program, and what it does that others may save.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    /// What a table calls it.
    pub(crate) who: &'static str,
    /// Whether it checks what it stores before it lets go of the source.
    pub(crate) checks: bool,
    /// Whether it encrypts.
    pub(crate) encrypts: bool,
}

struct Row {
    way: Way,
    step: Step,
    taken: Vec<Taken>,
}

/// One step, by us and by the fastest fair peer; times in milliseconds.
pub(crate) struct Pair {
    pub(crate) step: Step,
    pub(crate) ours: u64,
    pub(crate) rival: &'static str,
    pub(crate) theirs: u64,
}

impl Row {
    fn median(&self, number: impl Fn(&Taken) -> u64) -> u64 {
        let mut all: Vec<u64> = self.taken.iter().map(number).collect();
        all.sort_unstable();
        all[all.len() / 2]
    }

    fn wall(&self) -> u64 {
        self.median(|taken| milliseconds(taken.wall))
    }
}

impl Results {
    /// Remembers one step of one round.
    pub(crate) fn note(&mut self, way: Way, step: Step, taken: Taken) {
        match self.rows.iter_mut().find(|row| row.way == way && row.step == step) {
            Some(row) => row.taken.push(taken),
            None => self.rows.push(Row { way, step, taken: vec![taken] }),
        }
    }

    /// How long we and the fastest fair peer took for each step that both know, in milliseconds.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = Pair> + '_ {
        Step::ALL.into_iter().filter_map(|step| {
            let ours = self.rows.iter().find(|row| row.way.who == ours::NAME && row.step == step)?;
            let rival = self.rival(step)?;
            Some(Pair { step, ours: ours.wall(), rival: rival.way.who, theirs: rival.wall() })
        })
    }

    /// The fastest peer for a step of ours, of those that encrypt as we do.
    fn rival(&self, step: Step) -> Option<&Row> {
        let wanted = step.rival()?;
        self.rows
            .iter()
            .filter(|row| row.way.who != ours::NAME && row.way.encrypts && row.step == wanted)
            .filter(|row| row.way.checks || !step.needs_checking_rival())
            .min_by_key(|row| row.wall())
    }

    /// Prints all of it as tables in Markdown.
    pub(crate) fn print(&self) {
        let peers = self.rows.iter().any(|row| row.way.who != ours::NAME);
        say::line(
            "| step | wall s: median (range) | processor s | peak memory MiB | stored MiB | best peer | times faster |",
        );
        say::line("| --- | --- | --- | --- | --- | --- | --- |");
        for step in Step::ALL {
            let Some(row) = self.rows.iter().find(|row| row.way.who == ours::NAME && row.step == step) else {
                continue;
            };
            let (rival, ratio) = self.rival(step).map_or((String::new(), String::new()), |rival| {
                let hundredths = rival.wall() * 100 / row.wall().max(1);
                (
                    format!("{} {}", rival.way.who, seconds(rival.wall())),
                    format!("{}.{:02}", hundredths / 100, hundredths % 100),
                )
            });
            say::line(&format!("| {} | {rival} | {ratio} |", cells(step.name(), row)));
        }
        if !peers {
            return;
        }
        say::line("\n| peer | step | wall s: median (range) | processor s | peak memory MiB | stored MiB |");
        say::line("| --- | --- | --- | --- | --- | --- |");
        for row in self.rows.iter().filter(|row| row.way.who != ours::NAME) {
            say::line(&format!("| {} | {} |", row.way.who, cells(row.step.name(), row)));
        }
    }

    /// All of it as JSON.
    pub(crate) fn json(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                let rounds: Vec<_> = row
                    .taken
                    .iter()
                    .map(|taken| {
                        json!({
                            "wall_milliseconds": milliseconds(taken.wall),
                            "of_that_sync_milliseconds": milliseconds(taken.sync),
                            "processor_milliseconds": milliseconds(taken.processor),
                            "peak_bytes": taken.peak_bytes,
                            "stored_bytes": taken.stored_bytes,
                        })
                    })
                    .collect();
                json!({ "who": row.way.who, "step": row.step.name(), "rounds": rounds })
            })
            .collect();
        serde_json::Value::from(rows).to_string()
    }
}

fn cells(step: &str, row: &Row) -> String {
    let fastest = row.taken.iter().map(|taken| milliseconds(taken.wall)).min().unwrap_or(0);
    let slowest = row.taken.iter().map(|taken| milliseconds(taken.wall)).max().unwrap_or(0);
    format!(
        "{step} | {} ({}–{}) | {} | {} | {}",
        seconds(row.wall()),
        seconds(fastest),
        seconds(slowest),
        seconds(row.median(|taken| milliseconds(taken.processor))),
        row.median(|taken| taken.peak_bytes) >> 20,
        row.median(|taken| taken.stored_bytes) >> 20,
    )
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// As a table shows it.
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02}", milliseconds / 1000, milliseconds % 1000 / 10)
}
