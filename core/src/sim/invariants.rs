//! The promises of the model, checked while it runs.
//!
//! An [`Observer`] folds every event into a world of its own and checks each
//! against the world before and after it. Numbers are those of the invariants
//! in `docs/simulation.md`, which also says where the others are proved.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::blocks::BLOCK_BYTES;
use super::command::Command;
use super::event::{Event, Record};
use super::simulation::{Genesis, Simulation};
use super::store::DiskMaps;
use super::world::World;
use crate::advice::AdviceId;
use crate::lifecycle::{
    AgentState, Catalogue, Consistency, Item, Job, JobId, JobKind, JobStatus, OsFamily, Platform,
    PointNumber, PolicyName, Protection, Registration, TaskStatus, Trigger, VaultCommand, VaultEvent,
    VaultName, VmIdentity, WriterState, dashboard, objections, protect_list, register_list,
};
use crate::policy::{Date, FixedOffset};
use crate::time::Instant;

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

/// How often the things that matter happened, so that a run can be seen to have reached them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Recovery points made.
    pub points: u32,
    /// Recovery points pruned.
    pub pruned: u32,
    /// Restores done.
    pub restored: u32,
    /// Jobs cancelled.
    pub cancelled: u32,
    /// Copies that ran out of time and were carried on.
    pub carried: u32,
    /// Switches of rules.
    pub switched: u32,
    /// Items whose points were deleted.
    pub deleted: u32,
    /// Errors and refusals, by entry.
    pub entries: BTreeMap<AdviceId, u32>,
}

impl Reached {
    /// Both together.
    pub fn add(&mut self, other: &Reached) {
        self.points += other.points;
        self.pruned += other.pruned;
        self.restored += other.restored;
        self.cancelled += other.cancelled;
        self.carried += other.carried;
        self.switched += other.switched;
        self.deleted += other.deleted;
        for (id, count) in &other.entries {
            *self.entries.entry(*id).or_default() += count;
        }
    }

    fn count(&mut self, event: &VaultEvent) {
        match event {
            VaultEvent::PointCreated { .. } => self.points += 1,
            VaultEvent::PointPruned { .. } => self.pruned += 1,
            VaultEvent::RestoreCompleted { .. } => self.restored += 1,
            VaultEvent::JobCancelled { .. } => self.cancelled += 1,
            VaultEvent::CopyCarried { .. } => self.carried += 1,
            VaultEvent::ProfileSwitched { .. } => self.switched += 1,
            VaultEvent::DataDeleted { .. } => self.deleted += 1,
            VaultEvent::JobFailed { id, .. } => *self.entries.entry(*id).or_default() += 1,
            _ => {}
        }
    }
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

    /// Invariant 38: a failed backup or restore is followed by an alert, or by why there is none.
    fn check_alert(&mut self, event: &VaultEvent) {
        let Some((item, id, known)) = self.awaited_alert.take() else { return };
        let told = match event {
            VaultEvent::AlertRaised { item: about, id: Some(raised), .. } => {
                (about, *raised) == (&item, id) && !known
            }
            VaultEvent::AlertSuppressed { item: about, id: suppressed } => {
                (about, *suppressed) == (&item, id) && known
            }
            _ => false,
        };
        self.hold(38, told, || format!("{id} about {item} was followed by {event:?}"));
    }

    fn expect_run(&mut self, vault: &VaultName, policy: &PolicyName, at: Instant) {
        let Some(held) = self.catalogue(vault) else { return };
        let due: Vec<VmIdentity> = held
            .items_of(policy)
            .filter(|item| item.is_scheduled())
            .map(|item| item.identity.clone())
            .collect();
        self.expected.extend(due.into_iter().map(|item| (vault.clone(), item)));
        let last = self.runs.insert((vault.clone(), policy.clone()), at);
        self.hold(14, last.is_none_or(|last| last < at), || {
            format!("{policy} ran at {last:?} and again at {at:?}")
        });
    }

    fn check_creation(
        &mut self,
        vault: &VaultName,
        item: &VmIdentity,
        kind: JobKind,
        trigger: Trigger,
        at: Instant,
    ) {
        let held = self.item(vault, item);
        if trigger == Trigger::Scheduled {
            let expected = self.expected.remove(&(vault.clone(), item.clone()));
            self.hold(14, expected, || format!("a job for {item} nobody expected"));
            let active = held.as_ref().is_some_and(Item::is_scheduled);
            self.hold(27, active, || format!("a scheduled job for {item}, which is not protected"));
            let day = Date::of(at, FixedOffset::UTC);
            let first = self.scheduled_days.insert((vault.clone(), item.clone(), day));
            self.hold(13, first, || format!("two scheduled backups of {item} on {day}"));
        }
        let free = held.as_ref().is_none_or(|held| held.active_job.is_none());
        // A run that finds its item busy is recorded and fails at once.
        self.hold(1, free || (kind == JobKind::Backup && trigger == Trigger::Scheduled), || {
            format!("{item} is busy")
        });
    }

    fn check_snapshot(&mut self, vault: &VaultName, job: JobId, level: Consistency) {
        let Some(job) = self.job(vault, job) else { return };
        let Some(state) = self.shadow.vms.get(&job.item) else {
            return self.hold(18, false, || format!("a snapshot of {}, which does not exist", job.item));
        };
        let vm = &state.vm;
        let stable = vm.vss.writers.values().all(|state| *state == WriterState::Stable);
        let right = match level {
            Consistency::Application => vm.is_running() && vm.os == OsFamily::Windows && stable,
            Consistency::FileSystem => vm.is_running(),
            Consistency::Crash => !vm.is_running(),
        };
        self.hold(18, right, || format!("{level:?} snapshot of {}", job.item));
    }

    /// Invariants 32 and 33: what is sent is what differs from the newest point, by either method.
    fn check_work(&mut self, vault: &VaultName, job: JobId, send: u64) {
        let Some(job) = self.job(vault, job) else { return };
        let Some(item) = self.item(vault, &job.item) else { return };
        let Some(maps) = self.captured.get(&(vault.clone(), job.id)) else { return };
        let newest = item.points.last().and_then(|point| self.of_point.get(&(vault.clone(), *point)));
        let changed: u64 = maps
            .iter()
            .map(|(lun, map)| match newest.and_then(|maps| maps.get(lun)) {
                Some(base) => map.delta_from(base).changed,
                None => map.allocated(),
            })
            .sum();
        let due = changed.saturating_mul(BLOCK_BYTES).saturating_sub(item.carried.get());
        self.hold(32, send == due, || format!("job {} sends {send} bytes where {due} changed", job.id));
    }

    fn check_pruning(&mut self, vault: &VaultName, item: &VmIdentity, point: PointNumber, at: Instant) {
        let Some(held) = self.item(vault, item) else { return };
        let expiry = self.catalogue(vault).and_then(|held| held.points.get(&point)).map(|point| point.expiry);
        self.hold(9, expiry.is_some_and(|expiry| expiry < at), || {
            format!("point {point} pruned before {expiry:?}")
        });
        self.hold(9, held.points.last() != Some(&point), || format!("the newest point {point} pruned"));
        self.hold(27, held.is_scheduled(), || format!("a point of stopped {item} pruned"));
    }

    fn check_failure(&mut self, vault: &VaultName, job: JobId, id: AdviceId) {
        let Some(job) = self.job(vault, job) else { return };
        let Some(profile) = self.catalogue(vault).map(|held| held.profile.id) else { return };
        self.hold(4, id.entry().profiles.contains(profile), || format!("{id} under {profile}"));
        let gone = !self.shadow.vms.contains_key(&job.item);
        if matches!(job.kind, JobKind::Backup | JobKind::Restore) {
            let missing = matches!(id, AdviceId::Bkp08 | AdviceId::Bkp09 | AdviceId::Bkp12 | AdviceId::Bkp18);
            self.awaited_alert = Some((job.item.clone(), id, missing || (id == AdviceId::Bkp06 && gone)));
        }
        let healthy = self.shadow.regions.values().all(crate::lifecycle::Region::is_healthy)
            && self.shadow.faults.is_empty();
        if gone
            && healthy
            && !profile_is_classic(profile)
            && job.kind == JobKind::Backup
            && id != AdviceId::Bkp08
        {
            // A time-out that was already certain when the machine went is reported as what it is.
            let at_start = job.phase.is_none();
            let right =
                if at_start { id == AdviceId::Bkp09 } else { id == AdviceId::Bkp18 || job.doom.is_some() };
            self.hold(50, right, || format!("{id} for a machine that is gone"));
        }
    }

    fn check_unchanged(&mut self, vault: &VaultName, record: &Record, job: JobId) {
        let mut after = self.shadow.clone();
        after.apply(record.at, &record.event);
        let (Some(old), Some(new)) = (self.shadow.vaults.get(vault), after.vaults.get(vault)) else { return };
        let same = old.catalogue.points == new.catalogue.points
            && old.store.points == new.store.points
            && old.store.bases == new.store.bases;
        let released = !new.store.pending.contains_key(&job);
        self.hold(17, same && released, || format!("cancelling job {job} left something changed"));
    }

    fn check_nothing_dropped(&mut self, vault: &VaultName, record: &Record) {
        let mut after = self.shadow.clone();
        after.apply(record.at, &record.event);
        let (Some(old), Some(new)) = (self.catalogue(vault), after.vaults.get(vault)) else { return };
        let new = &new.catalogue;
        let same = old.points.keys().eq(new.points.keys())
            && old.items.keys().eq(new.items.keys())
            && old.points.values().zip(new.points.values()).all(|(old, new)| old.tags == new.tags);
        let invariant =
            if matches!(record.event, Event::Vault(_, VaultEvent::ProfileSwitched { .. })) { 47 } else { 11 };
        self.hold(invariant, same, || String::from("changing rules dropped something"));
    }

    fn check_restored(&mut self, name: &VaultName, record: &Record) {
        let Event::Vault(_, VaultEvent::RestoreCompleted { job, point, vm }) = &record.event else { return };
        let mut after = self.shadow.clone();
        after.apply(record.at, &record.event);
        let Some(source) = self.job(name, *job).map(|job| job.item) else { return };
        let untouched = self.shadow.vms.get(&source) == after.vms.get(&source)
            && self.catalogue(name).map(|held| &held.points)
                == after.vaults.get(name).map(|held| &held.catalogue.points);
        self.hold(30, untouched, || format!("restoring point {point} changed {source} or a point"));
        if let Some(vm) = vm {
            let restored = after.vms.get(vm).map(|state| &state.content);
            let snapshot = self.of_point.get(&(name.clone(), *point));
            self.hold(31, restored == snapshot, || format!("{vm} holds other blocks than point {point}"));
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

    /// What must hold between any two commands.
    fn check_state(&mut self) {
        let vaults: Vec<VaultName> = self.shadow.vaults.keys().cloned().collect();
        for name in vaults {
            let Some(vault) = self.shadow.vaults.get(&name).cloned() else { continue };
            let held = &vault.catalogue;
            for job in held.jobs.values() {
                self.check_job(&name, job);
            }
            for item in held.items.values() {
                self.check_item(&name, held, item);
            }
            self.check_lists(held);
            let board = dashboard(held, self.shadow.clock);
            let recent = held.jobs.values().filter(|job| {
                job.status != JobStatus::Cancelled
                    && job
                        .ended
                        .is_none_or(|ended| self.shadow.clock.since(ended).milliseconds() <= 86_400_000)
            });
            let counted = board.succeeded.len() + board.failed.len() + board.in_progress.len();
            let recent = recent.count();
            self.hold(37, counted == recent, || format!("the dashboard counts {counted} jobs of {recent}"));
        }
    }

    fn check_job(&mut self, vault: &VaultName, job: &Job) {
        let clock = self.shadow.clock;
        let ends = job.ended.is_some() == job.status.is_terminal();
        let ordered = job
            .started
            .is_none_or(|started| job.created <= started && job.ended.is_none_or(|end| started <= end));
        self.hold(2, ends && ordered, || format!("{job:?}"));
        let known = self.ended.get(&(vault.clone(), job.id)).copied();
        self.hold(2, known.is_none_or(|known| known == job.status), || {
            format!("job {} left {known:?}", job.id)
        });
        self.hold(4, job.error.is_some() == (job.status == JobStatus::Failed), || format!("{job:?}"));
        let mut before = TaskStatus::Completed;
        for task in &job.tasks {
            let begun = task.status != TaskStatus::NotStarted;
            self.hold(3, !begun || before == TaskStatus::Completed, || format!("{job:?}"));
            before = task.status;
        }
        if job.is_active() {
            self.hold(35, job.phase_ends >= clock, || format!("job {} is overdue", job.id));
            let age = clock.since(job.created).milliseconds();
            let bound = (24 * 60 + 20 + 10) * 60_000;
            let queue = self.shadow.queue_wait.milliseconds();
            self.hold(35, age <= bound + queue || job.kind == JobKind::Restore, || {
                format!("job {} is {age} ms old", job.id)
            });
            let stopping = job.cancel_ends.is_none_or(|ends| ends >= clock);
            self.hold(16, stopping, || format!("job {} should have stopped", job.id));
        }
    }

    fn check_item(&mut self, vault: &VaultName, held: &Catalogue, item: &Item) {
        let name = &item.identity;
        let active = held.jobs.values().filter(|job| job.item == *name && job.is_active()).count();
        self.hold(1, active <= 1, || format!("{active} jobs hold {name}"));
        self.hold(1, (active == 1) == item.active_job.is_some(), || format!("{name} and its job disagree"));
        let policy = item.policy.is_some();
        let right = match item.protection {
            Protection::PendingInitial | Protection::Protected => policy,
            Protection::NotProtected | Protection::StoppedRetained => !policy,
            Protection::Configuring => true,
        };
        self.hold(5, right, || format!("{name} is {:?} with policy {:?}", item.protection, item.policy));
        let points = item.points.len();
        let right = match item.protection {
            Protection::PendingInitial | Protection::NotProtected => points == 0,
            Protection::Protected => points > 0,
            Protection::Configuring | Protection::StoppedRetained => true,
        };
        self.hold(7, right, || format!("{name} is {:?} with {points} points", item.protection));
        if held.profile.explicit_phases && !self.switched.contains(vault) {
            let registered = item.registration == Registration::Registered;
            let protected = item.protection != Protection::NotProtected;
            self.hold(6, registered || !protected, || {
                format!("{name} is protected and {:?}", item.registration)
            });
            self.hold(6, !registered || item.region == held.region, || {
                format!("{name} is in {}", item.region)
            });
        }
        if let Some(state) = item.policy.as_ref().and_then(|policy| held.policies.get(policy)) {
            for point in item.points.iter().filter_map(|point| held.points.get(point)) {
                if self.switched.contains(vault) {
                    continue;
                }
                let (policy, cap) = (&state.policy, held.profile.simple_days_max);
                let due = policy.retention.expiry(&point.tags, point.finished, policy.schedule.offset);
                let due = point.on_demand_until.map_or(due, |until| until.max(due));
                let capped = cap.is_some() || point.expiry == due;
                self.hold(12, capped, || {
                    format!("point {} ends {:?}, its rules {due:?}", point.number, point.expiry)
                });
            }
        }
        if let Some(vm) = self.shadow.vms.get(name) {
            let updating = vm.vm.agent.state == AgentState::Updating;
            let backing_up = held.active_job(item).is_some_and(|job| job.kind == JobKind::Backup);
            self.hold(29, !(updating && backing_up), || {
                format!("{name} is backed up while its agent is updated")
            });
        }
    }

    fn check_lists(&mut self, held: &Catalogue) {
        let Some(vault) = self.shadow.vaults.get(&held.name).cloned() else { return };
        let shadow = self.shadow.clone();
        let around = shadow.around(&vault);
        for item in register_list(held, &around) {
            let right = item.registration != Registration::Registered && item.region == held.region;
            self.hold(24, right, || format!("{} in the register list", item.identity));
        }
        for identity in protect_list(held, &around) {
            let here = around.vm(&identity).is_some_and(|vm| vm.region == held.region);
            let free =
                held.items.get(&identity).is_none_or(|item| item.protection == Protection::NotProtected);
            self.hold(24, here && free, || format!("{identity} in the protect list"));
        }
    }
}

fn profile_is_classic(profile: crate::advice::ProfileId) -> bool {
    profile == crate::advice::ProfileId::Classic2015
}

#[cfg(test)]
#[path = "invariants_tests.rs"]
mod tests;
