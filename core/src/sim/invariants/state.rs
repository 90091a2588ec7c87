//! What must hold between any two commands.

use alloc::format;
use alloc::vec::Vec;

use super::super::world::VaultState;
use super::Observer;
use crate::lifecycle::Platform;
use crate::lifecycle::{
    AgentState, Catalogue, Item, Job, JobKind, JobStatus, Protection, Registration, TaskStatus, VaultName,
    dashboard, protect_list, register_list,
};

impl Observer {
    /// What must hold between any two commands.
    pub(super) fn check_state(&mut self) {
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
            self.check_log(&name, &vault);
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

    /// Invariants 101 to 103: the log of the vault, and what lies in its packs.
    fn check_log(&mut self, name: &VaultName, vault: &VaultState) {
        let refused = vault.log.refused();
        self.hold(101, refused.is_empty(), || format!("the log of {name} refused: {refused:?}"));
        let agrees = vault.log.agrees_with(&vault.catalogue);
        self.hold(102, agrees, || format!("{name} and its log know other points or jobs"));
        let lost = vault.log.lost_blocks(&vault.store);
        self.hold(103, lost == 0, || format!("no live pack of {name} holds {lost} blocks of its points"));
    }

    pub(super) fn check_job(&mut self, vault: &VaultName, job: &Job) {
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

    pub(super) fn check_item(&mut self, vault: &VaultName, held: &Catalogue, item: &Item) {
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

    pub(super) fn check_lists(&mut self, held: &Catalogue) {
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
