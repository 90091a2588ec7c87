//! What a copy of an imitated machine has to do, how long it takes, and what becomes of it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::apply::backed_up;
use super::blocks::BLOCK_BYTES;
use super::decide::churned;
use super::store::{DiskMaps, DiskWork};
use super::throughput::Throughput;
use super::world::{VaultState, VmState, World};
use crate::copy::estimate::{DiskEstimate, Reckoning, Timing, Work, rate_of};
use crate::lifecycle::{
    AccountName, CopyOutlook, CopyPlan, DeltaMethod, Item, Job, Lun, Phase, Platform, VaultName, Vm,
    VmIdentity,
};
use crate::time::{Instant, Span};
use crate::units::ByteCount;

/// Contents no disk has: what a machine will write until its next snapshot.
const NOT_YET_WRITTEN: u64 = 1 << 62;

impl World {
    /// What is expected of the copy that `item` has at work in `vault`; where it has none, of its next one, with what
    /// its machine will have written by then.
    ///
    /// None where there is no such item, or no machine to copy.
    pub fn copy_outlook(&self, vault: &VaultName, item: &VmIdentity) -> Option<CopyOutlook> {
        let vault = self.vaults.get(vault)?;
        let item = vault.catalogue.items.get(item)?;
        let at_work = vault.catalogue.active_job(item).and_then(|job| self.outlook_at_work(vault, item, job));
        at_work.or_else(|| self.next_outlook(vault, item))
    }

    /// From the moment a snapshot is taken, it says what there is to do.
    fn outlook_at_work(&self, vault: &VaultState, item: &Item, job: &Job) -> Option<CopyOutlook> {
        vault.store.pending.get(&job.id)?;
        let mut plan = self.around(vault).copy_plan(job).without_carried(item.carried);
        let mut began = self.clock;
        if let Some(work) = job.work {
            // Rates that changed since the copy began change it no more.
            plan.timing.whole = work.takes;
            began = job.phase_began;
            if job.phase == Some(Phase::Commit) {
                let before = began.unix_milliseconds().saturating_sub(work.takes.milliseconds());
                began = Instant::from_unix_milliseconds(before);
            }
        }
        let mut limits = vault.catalogue.copy_limits(job, began);
        if job.doom.is_some() && job.phase == Some(Phase::Copy) {
            limits.set = Some(job.phase_ends.since(began));
        }
        Some(CopyOutlook::new(&vault.catalogue.profile, limits, plan))
    }

    fn next_outlook(&self, vault: &VaultState, item: &Item) -> Option<CopyOutlook> {
        let state = self.vms.get(&item.identity)?;
        let policy = item.policy.as_ref().filter(|_| item.is_scheduled());
        let next =
            policy.and_then(|name| vault.catalogue.policies.get(name)).and_then(|state| state.next_run);
        let maps = by_then(state, next.unwrap_or(self.clock));
        let disks = vault.store.work(&maps, &item.identity, item.points.last().copied());
        let plan = self.planned(&disks, Some(&state.vm)).without_carried(item.carried);
        let limits = vault.catalogue.next_copy_limits(item, self.clock);
        Some(CopyOutlook::new(&vault.catalogue.profile, limits, plan))
    }

    /// The plan of a copy of these disks of a machine, side by side (`docs/decisions/0009`).
    pub(super) fn planned(&self, disks: &BTreeMap<Lun, DiskWork>, config: Option<&Vm>) -> CopyPlan {
        let disk = |lun: &Lun| config.and_then(|vm| vm.disks.get(lun));
        let bytes = |blocks: u64| blocks.saturating_mul(BLOCK_BYTES);
        let rates = &self.throughput;
        let estimate = |(lun, work): (&Lun, &DiskWork)| DiskEstimate {
            work: Work { read_bytes: bytes(work.read), new_bytes: bytes(work.send) },
            takes: rates.disk_takes(work, disk(lun).map_or(0, |disk| disk.fragmentation_percent)),
        };
        let estimates: Vec<DiskEstimate> = disks.iter().map(estimate).collect();
        let mut of_accounts: BTreeMap<&AccountName, u64> = BTreeMap::new();
        for (lun, work) in disks {
            if let Some(disk) = disk(lun) {
                *of_accounts.entry(&disk.account).or_default() += bytes(work.read.max(work.send));
            }
        }
        let budgets = of_accounts.into_iter().map(|(name, bytes)| {
            let budget = self.accounts.get(name).map_or(u64::MAX, |account| account.egress_bytes_per_second);
            Throughput::at_rate(bytes, budget)
        });
        let slowest = estimates.iter().map(|disk| disk.takes).max();
        let whole = slowest.into_iter().chain(budgets).max().unwrap_or(Span::ZERO);
        let method = disks.values().map(|work| work.method);
        let method =
            method.max_by_key(|method| *method == DeltaMethod::Checksum).unwrap_or(DeltaMethod::Full);
        let all = estimates.iter().fold(Work::default(), |all, disk| Work {
            read_bytes: all.read_bytes.saturating_add(disk.work.read_bytes),
            new_bytes: all.new_bytes.saturating_add(disk.work.new_bytes),
        });
        CopyPlan {
            method,
            logical: ByteCount::new(bytes(disks.values().map(|work| work.allocated).sum())),
            timing: Timing {
                disks: estimates,
                whole,
                reckoning: Reckoning {
                    work_bytes_per_second: rate_of(all, whole),
                    copies: usize::from(*rates != Throughput::PUBLISHED),
                    ..Reckoning::ASSUMED
                },
            },
        }
    }
}

/// The disks of a machine as a snapshot at `at` will find them, if nobody writes but the machine itself.
fn by_then(state: &VmState, at: Instant) -> DiskMaps {
    let mut maps = backed_up(state);
    for (lun, _, count) in churned(state, at) {
        let Some(map) = maps.get_mut(&lun) else { continue };
        let mut content = NOT_YET_WRITTEN;
        for (start, count) in map.held(0, count) {
            map.write(start, count, content);
            content += u64::from(count);
        }
    }
    maps
}

#[cfg(test)]
#[path = "outlook_tests.rs"]
mod tests;
