//! What must hold when one thing happens, against the world before it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::blocks::BLOCK_BYTES;
use super::super::event::{Event, Record};
use super::Observer;
use crate::advice::AdviceId;
use crate::lifecycle::{
    Consistency, Item, JobId, JobKind, OsFamily, PointNumber, PolicyName, Trigger, VaultEvent, VaultName,
    VmIdentity, WriterState,
};
use crate::policy::{Date, FixedOffset};
use crate::time::Instant;

impl Observer {
    /// Invariant 38: a failed backup or restore is followed by an alert, or by why there is none.
    pub(super) fn check_alert(&mut self, event: &VaultEvent) {
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

    pub(super) fn expect_run(&mut self, vault: &VaultName, policy: &PolicyName, at: Instant) {
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

    pub(super) fn check_creation(
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

    pub(super) fn check_snapshot(&mut self, vault: &VaultName, job: JobId, level: Consistency) {
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
    pub(super) fn check_work(&mut self, vault: &VaultName, job: JobId, send: u64) {
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

    pub(super) fn check_pruning(
        &mut self,
        vault: &VaultName,
        item: &VmIdentity,
        point: PointNumber,
        at: Instant,
    ) {
        let Some(held) = self.item(vault, item) else { return };
        let expiry = self.catalogue(vault).and_then(|held| held.points.get(&point)).map(|point| point.expiry);
        self.hold(9, expiry.is_some_and(|expiry| expiry < at), || {
            format!("point {point} pruned before {expiry:?}")
        });
        self.hold(9, held.points.last() != Some(&point), || format!("the newest point {point} pruned"));
        let restoring = self.catalogue(vault).and_then(|kept| kept.active_job(&held)).is_some_and(|job| {
            job.order.restore.as_ref().is_some_and(|request| request.point == Some(point))
        });
        self.hold(104, !restoring, || format!("point {point} pruned while it is restored"));
        self.hold(27, held.is_scheduled(), || format!("a point of stopped {item} pruned"));
    }

    pub(super) fn check_failure(&mut self, vault: &VaultName, job: JobId, id: AdviceId) {
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

    pub(super) fn check_unchanged(&mut self, vault: &VaultName, record: &Record, job: JobId) {
        let mut after = self.shadow.clone();
        after.apply(record.at, &record.event);
        let (Some(old), Some(new)) = (self.shadow.vaults.get(vault), after.vaults.get(vault)) else { return };
        let same = old.catalogue.points == new.catalogue.points
            && old.store.points == new.store.points
            && old.store.bases == new.store.bases;
        let released = !new.store.pending.contains_key(&job);
        self.hold(17, same && released, || format!("cancelling job {job} left something changed"));
    }

    pub(super) fn check_nothing_dropped(&mut self, vault: &VaultName, record: &Record) {
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

    pub(super) fn check_restored(&mut self, name: &VaultName, record: &Record) {
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
}

fn profile_is_classic(profile: crate::advice::ProfileId) -> bool {
    profile == crate::advice::ProfileId::Classic2015
}
