//! Everything that was seen, for the page at the end.

use std::time::Duration;

use vhault_benches::program::Outcome;

use super::map::Change;
use crate::say::{self, Step, Tone};

/// What one run of the demo saw.
pub(crate) struct Story {
    pub(crate) quick: bool,
    pub(crate) backups: Vec<Backup>,
    /// Label, what the disk is, how it changed.
    pub(crate) changes: Vec<(String, String, Change)>,
    pub(crate) proofs: Vec<Proof>,
    /// What verify said about a damaged copy of the vault.
    pub(crate) damage: Option<Result<String, String>>,
    pub(crate) took: Duration,
    pub(crate) vault_bytes: u64,
}

/// What one backup cost.
pub(crate) struct Backup {
    pub(crate) virtual_bytes: u64,
    pub(crate) grown_bytes: u64,
    pub(crate) wall: Duration,
    pub(crate) peak_bytes: u64,
}

/// Something shown by a tool that is not ours.
pub(crate) struct Proof {
    pub(crate) what: String,
    /// Who judged, and how.
    pub(crate) judge: &'static str,
    /// What the judge said against it.
    pub(crate) failure: Option<String>,
}

impl Story {
    /// Nothing seen yet.
    pub(crate) fn new(quick: bool) -> Story {
        Story {
            quick,
            backups: Vec::new(),
            changes: Vec::new(),
            proofs: Vec::new(),
            damage: None,
            took: Duration::ZERO,
            vault_bytes: 0,
        }
    }

    /// Lets a judge look and keeps what it said. Gives back whether it was
    /// content.
    pub(crate) fn prove(
        &mut self,
        what: &str,
        judge: &'static str,
        look: impl FnOnce() -> Outcome<()>,
    ) -> bool {
        let failure = look().err().map(|trouble| trouble.to_string());
        let held = failure.is_none();
        self.proofs.push(Proof { what: what.to_owned(), judge, failure });
        held
    }

    /// Ends a step with the verdicts of the judges from the proof `first` on.
    pub(crate) fn close(&self, step: Step, first: usize, told: &str) {
        let verdicts = self.proofs.get(first..).unwrap_or_default();
        let judges: Vec<&str> = verdicts.iter().map(|proof| proof.judge).collect();
        let against: Vec<&str> = verdicts.iter().filter_map(|proof| proof.failure.as_deref()).collect();
        if against.is_empty() {
            step.done(&format!("{told}; equal by {}", judges.join(", ")));
        } else {
            step.failed(&against.join("\n"));
        }
    }

    /// How many things did not hold.
    pub(crate) fn failures(&self) -> usize {
        let damage = usize::from(self.damage.as_ref().is_some_and(Result::is_err));
        self.proofs.iter().filter(|proof| proof.failure.is_some()).count() + damage
    }

    /// The story in a few lines.
    pub(crate) fn print(&self) {
        say::heading("In short");
        for (at, backup) in self.backups.iter().enumerate() {
            say::line(&format!(
                "  backup {}   {:>9} of disks in {:>8}, {:>12}; the vault grew by {}",
                at + 1,
                say::size(backup.virtual_bytes),
                say::seconds(backup.wall),
                say::rate(backup.virtual_bytes, backup.wall),
                say::size(backup.grown_bytes)
            ));
        }
        let held = self.proofs.iter().filter(|proof| proof.failure.is_none()).count();
        let proofs = format!("{held} of {} proofs held", self.proofs.len());
        let tone = if held == self.proofs.len() { Tone::Good } else { Tone::Bad };
        say::line(&format!("  {}, judged by tools that are not ours", say::toned(tone, &proofs)));
        if let Some(Ok(damage)) = &self.damage {
            say::line(&format!("  {damage}"));
        }
        say::line(&format!("  the whole story took {}", say::seconds(self.took)));
    }
}
