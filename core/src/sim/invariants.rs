//! The promises of the model, checked while it runs.
//!
//! An [`Observer`] folds every event into a world of its own and checks each
//! against the world before and after it. Numbers are those of the invariants
//! in `docs/simulation.md`, which also says where the others are proved.

mod reached;
mod state;
mod steps;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::command::Command;
use super::event::{Event, Record};
use super::simulation::{Genesis, Simulation};
use super::store::DiskMaps;
use super::world::World;
use crate::advice::AdviceId;
use crate::lifecycle::{
    Catalogue, Item, Job, JobId, JobKind, JobStatus, PointNumber, PolicyName, TaskStatus, VaultCommand,
    VaultEvent, VaultName, VmIdentity, objections,
};
use crate::policy::Date;
use crate::time::Instant;

pub use reached::Reached;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The number of the invariant.
    pub invariant: u8,
    /// At which event.
    pub event: u64,
    /// What was found.
    pub found: String,
}

/// Watches a simulation.
#[derive(Clone, Debug)]
pub struct Observer {
    /// What happened so far.
    pub reached: Reached,
    /// What was found so far.
    pub violations: Vec<Violation>,
    shadow: World,
    ended: BTreeMap<(VaultName, JobId), JobStatus>,
    captured: BTreeMap<(VaultName, JobId), DiskMaps>,
    of_point: BTreeMap<(VaultName, PointNumber), DiskMaps>,
    scheduled_days: BTreeSet<(VaultName, VmIdentity, Date)>,
    runs: BTreeMap<(VaultName, PolicyName), Instant>,
    expected: BTreeSet<(VaultName, VmIdentity)>,
    awaited_alert: Option<(VmIdentity, AdviceId, bool)>,
    switched: BTreeSet<VaultName>,
}

impl Observer {
    /// Watches from the beginning.
    pub fn new(genesis: Genesis) -> Observer {
        Observer {
            reached: Reached::default(),
            violations: Vec::new(),
            shadow: World::empty(genesis.seed, genesis.start),
            ended: BTreeMap::new(),
            captured: BTreeMap::new(),
            of_point: BTreeMap::new(),
            scheduled_days: BTreeSet::new(),
            runs: BTreeMap::new(),
            expected: BTreeSet::new(),
            awaited_alert: None,
            switched: BTreeSet::new(),
        }
    }

    /// Expects of each vault what a vault without this rule of the protocol does.
    #[cfg(test)]
    pub(super) fn take_out(&mut self, guard: crate::protocol::Guard) {
        self.shadow.take_out(guard);
    }

    fn hold(&mut self, invariant: u8, holds: bool, found: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(Violation { invariant, event: self.shadow.events, found: found() });
        }
    }

    /// Submits `command` and checks what comes of it; whether it was carried out.
    pub fn submit(&mut self, simulation: &mut Simulation, command: Command) -> bool {
        let foretold = simulation.check(&command);
        let before = simulation.world().events;
        let answer = simulation.submit(command.clone());
        self.hold(19, foretold.is_err() == answer.is_err(), || {
            format!("{command:?} answered twice differently")
        });
        if let (Err(foretold), Err(answer)) = (&foretold, &answer) {
            self.hold(19, foretold == answer, || format!("{foretold} and then {answer}"));
        }
        if let Some(id) = answer.as_ref().err().and_then(crate::lifecycle::Refusal::advice) {
            *self.reached.entries.entry(id).or_default() += 1;
        }
        let Ok(first) = answer else {
            self.hold(19, simulation.world().events == before, || format!("refused {command:?} made events"));
            return false;
        };
        self.check_command(&command, &simulation.history()[first..]);
        for record in &simulation.history()[first..] {
            self.before(record);
            self.shadow.apply(record.at, &record.event);
            self.after(record);
        }
        let expected = core::mem::take(&mut self.expected);
        self.hold(14, expected.is_empty(), || format!("no job or skip for {expected:?}"));
        self.hold(44, self.shadow == *simulation.world(), || {
            String::from("folding the events gives another state")
        });
        self.check_state();
        true
    }

    /// The checks that cost more, at the end of a run.
    pub fn finish(&mut self, simulation: &Simulation) {
        let world = simulation.world();
        for (name, vault) in &world.vaults {
            for (point, maps) in &vault.store.points {
                let captured = self.of_point.get(&(name.clone(), *point));
                self.hold(31, captured == Some(maps), || {
                    format!("point {point} holds other blocks than its snapshot")
                });
            }
            let runs = vault.store.points.values().flat_map(|maps| maps.values()).flat_map(|map| map.runs());
            let contents: BTreeSet<u64> =
                runs.flat_map(|run| run.content..run.content + u64::from(run.count)).collect();
            let stored = vault.store.references.stored_blocks();
            let counted = u64::try_from(contents.len()).unwrap_or(u64::MAX);
            self.hold(36, stored == counted, || format!("{stored} blocks stored, {counted} referenced"));
        }
        let text = serde_json::to_string(world).unwrap_or_default();
        let read: Option<World> = serde_json::from_str(&text).ok();
        self.hold(44, read.as_ref() == Some(world), || String::from("the state does not read back"));
    }

    fn check_command(&mut self, command: &Command, records: &[Record]) {
        let Command::Vault { vault: name, command } = command else { return };
        let asked: BTreeSet<&VmIdentity> = match command {
            VaultCommand::Register { items } | VaultCommand::Protect { items, .. } => items.iter().collect(),
            VaultCommand::Restore(request) => {
                self.check_restore(name, request);
                return;
            }
            _ => return,
        };
        let answered = records.iter().filter(|record| {
            matches!(
                &record.event,
                Event::Vault(_, VaultEvent::JobCreated { .. } | VaultEvent::ItemRefused { .. })
            )
        });
        let answered = answered.count();
        self.hold(25, answered == asked.len(), || format!("{} items, {answered} answers", asked.len()));
    }

    /// Invariant 42, for a restore that was accepted.
    fn check_restore(&mut self, name: &VaultName, request: &crate::lifecycle::RestoreRequest) {
        let Some(vault) = self.shadow.vaults.get(name) else { return };
        let item = vault.catalogue.items.get(&request.item);
        let number = request.point.or_else(|| item.and_then(|item| item.points.last().copied()));
        let Some(point) = number.and_then(|number| vault.catalogue.points.get(&number)) else { return };
        if vault.catalogue.profile.restore_errors {
            let against = objections(&self.shadow.around(vault), &vault.catalogue.region, point, request);
            self.hold(42, against.is_empty(), || format!("accepted against {against:?}"));
        }
    }

    fn catalogue(&self, vault: &VaultName) -> Option<&Catalogue> {
        self.shadow.vaults.get(vault).map(|vault| &vault.catalogue)
    }

    fn job(&self, vault: &VaultName, job: JobId) -> Option<Job> {
        self.catalogue(vault)?.jobs.get(&job).cloned()
    }

    fn item(&self, vault: &VaultName, item: &VmIdentity) -> Option<Item> {
        self.catalogue(vault)?.items.get(item).cloned()
    }

    /// Checks an event against the world before it.
    fn before(&mut self, record: &Record) {
        if let Event::VmDeleted(_) = &record.event {
            let kept: Vec<usize> =
                self.shadow.vaults.values().map(|vault| vault.catalogue.points.len()).collect();
            let mut after = self.shadow.clone();
            after.apply(record.at, &record.event);
            let now: Vec<usize> = after.vaults.values().map(|vault| vault.catalogue.points.len()).collect();
            self.hold(26, kept == now, || String::from("deleting a machine took points"));
        }
        let Event::Vault(vault, event) = &record.event else { return };
        self.reached.count(event);
        self.check_alert(event);
        match event {
            VaultEvent::RunDue { policy } => self.expect_run(vault, policy, record.at),
            VaultEvent::RunSkipped { item, .. } => {
                let expected = self.expected.remove(&(vault.clone(), item.clone()));
                self.hold(14, expected, || format!("a skip of {item} nobody expected"));
            }
            VaultEvent::JobCreated { item, kind, trigger, .. } => {
                self.check_creation(vault, item, *kind, *trigger, record.at);
            }
            VaultEvent::SnapshotTaken { job, consistency, .. } => {
                self.check_snapshot(vault, *job, *consistency)
            }
            VaultEvent::DeltaComputed { job, work } => self.check_work(vault, *job, work.send.get()),
            VaultEvent::PointCreated { point } => {
                let maps = self.captured.get(&(vault.clone(), point.job)).cloned();
                self.hold(8, maps.is_some(), || format!("point {} without a snapshot", point.number));
                self.of_point.insert((vault.clone(), point.number), maps.unwrap_or_default());
                let twice = self
                    .catalogue(vault)
                    .is_some_and(|held| held.points.values().any(|other| other.job == point.job));
                self.hold(8, !twice, || format!("job {} made two points", point.job));
                let cap = self.catalogue(vault).and_then(|held| held.profile.simple_days_max);
                let days = point.expiry.since(point.finished).milliseconds().div_euclid(86_400_000);
                let within = cap.is_none_or(|cap| days <= i64::from(cap));
                self.hold(13, within, || format!("point {} kept {days} days", point.number));
            }
            VaultEvent::PointPruned { item, point } => self.check_pruning(vault, item, *point, record.at),
            VaultEvent::JobFailed { job, id, .. } => self.check_failure(vault, *job, *id),
            VaultEvent::JobCompleted { job } | VaultEvent::JobCompletedWithWarnings { job, .. } => {
                let job = self.job(vault, *job);
                let whole = job
                    .as_ref()
                    .is_none_or(|job| job.tasks.iter().all(|task| task.status == TaskStatus::Completed));
                self.hold(3, whole, || format!("{job:?} completed with parts undone"));
                let made = job.filter(|job| job.kind == JobKind::Backup).is_none_or(|job| {
                    self.catalogue(vault)
                        .is_some_and(|held| held.points.values().any(|point| point.job == job.id))
                });
                self.hold(8, made, || String::from("a backup completed without a point"));
            }
            VaultEvent::PolicyDeleted { name } => {
                let used = self.catalogue(vault).is_some_and(|held| held.items_of(name).next().is_some());
                self.hold(46, !used, || format!("policy {name} deleted in use"));
            }
            VaultEvent::JobCancelled { job } => self.check_unchanged(vault, record, *job),
            VaultEvent::ProfileSwitched { .. } => {
                self.switched.insert(vault.clone());
                self.check_nothing_dropped(vault, record);
            }
            VaultEvent::PolicyUpdated { .. } => self.check_nothing_dropped(vault, record),
            VaultEvent::RestoreCompleted { .. } => self.check_restored(vault, record),
            _ => {}
        }
    }

    /// Checks the world after an event.
    fn after(&mut self, record: &Record) {
        let Event::Vault(vault, event) = &record.event else { return };
        match event {
            VaultEvent::SnapshotTaken { job, .. } => {
                let taken =
                    self.shadow.vaults.get(vault).and_then(|held| held.store.pending.get(job)).cloned();
                self.captured.insert((vault.clone(), *job), taken.unwrap_or_default());
            }
            VaultEvent::DiscoveryCompleted { found, .. } => {
                let machines = u32::try_from(self.shadow.vms.len()).unwrap_or(u32::MAX);
                let listed = self
                    .catalogue(vault)
                    .is_some_and(|held| self.shadow.vms.keys().all(|vm| held.items.contains_key(vm)));
                self.hold(23, *found == machines && listed, || {
                    format!("found {found} of {machines} machines")
                });
            }
            VaultEvent::DataDeleted { item } => {
                let left = self.item(vault, item).map_or(0, |item| item.points.len());
                self.hold(28, left == 0, || format!("{left} points of {item} left"));
            }
            VaultEvent::JobFailed { job, .. }
            | VaultEvent::JobCancelled { job }
            | VaultEvent::JobCompleted { job }
            | VaultEvent::JobCompletedWithWarnings { job, .. } => {
                if let Some(job) = self.job(vault, *job) {
                    let made = self
                        .catalogue(vault)
                        .is_some_and(|held| held.points.values().any(|point| point.job == job.id));
                    self.hold(8, job.status.is_success() || !made, || {
                        format!("job {} made a point and failed", job.id)
                    });
                    self.ended.insert((vault.clone(), job.id), job.status);
                }
            }
            VaultEvent::CleanUpRan | VaultEvent::PointPruned { .. } => {}
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "invariants_tests.rs"]
mod tests;
