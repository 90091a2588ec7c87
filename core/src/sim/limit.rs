//! Limit: what a copy waits for, by the figures its time was reckoned from.

use alloc::collections::BTreeMap;

use super::blocks::BLOCK_BYTES;
use super::store::DiskWork;
use super::throughput::Throughput;
use super::world::{VaultState, World};
use crate::lifecycle::{AccountName, Job, Lun};
use crate::time::Span;

/// What bounds a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Reading and comparing a disk.
    Read(Lun),
    /// Sending a disk to the vault.
    Send(Lun),
    /// The most one disk gives.
    Disk(Lun),
    /// How dispersed the data of a disk is.
    Dispersed(Lun),
    /// What a storage account gives out, over all its disks.
    Account(AccountName),
}

/// What bounds the copy of `job`, and how long it takes for that alone.
///
/// None before its snapshot, after its end, and where nothing is copied. Of
/// equals the disk with the lowest number, and a disk before an account.
pub fn copy_bound(world: &World, vault: &VaultState, job: &Job) -> Option<(Bound, Span)> {
    let newest = vault.catalogue.items.get(&job.item).and_then(|item| item.points.last().copied());
    let disks = vault.store.work(vault.store.pending.get(&job.id)?, &job.item, newest);
    let config = job.config.as_deref()?;
    let mut of_accounts: BTreeMap<&AccountName, u64> = BTreeMap::new();
    let mut slowest: Option<(Bound, Span)> = None;
    let mut offer = |bound: Bound, takes: Span| {
        if takes > slowest.as_ref().map_or(Span::ZERO, |(_, takes)| *takes) {
            slowest = Some((bound, takes));
        }
    };
    for (lun, work) in &disks {
        let disk = config.disks.get(lun);
        let dispersed = disk.map_or(0, |disk| disk.fragmentation_percent);
        offer(
            of_disk(&world.throughput, *lun, work, dispersed),
            world.throughput.disk_takes(work, dispersed),
        );
        if let Some(disk) = disk {
            *of_accounts.entry(&disk.account).or_default() += bytes(work.read.max(work.send));
        }
    }
    for (name, given) in of_accounts {
        let rate = world.accounts.get(name).map_or(u64::MAX, |account| account.egress_bytes_per_second);
        offer(Bound::Account(name.clone()), Throughput::at_rate(given, rate));
    }
    slowest
}

fn bytes(blocks: u64) -> u64 {
    blocks.saturating_mul(BLOCK_BYTES)
}

fn of_disk(rates: &Throughput, lun: Lun, work: &DiskWork, dispersed_percent: u8) -> Bound {
    let read = Throughput::at_rate(bytes(work.read), rates.read_bytes_per_second);
    let send = Throughput::at_rate(bytes(work.send), rates.send_bytes_per_second);
    let whole = rates.disk_takes(work, dispersed_percent);
    let gathered = rates.disk_takes(work, 0);
    if whole > gathered {
        Bound::Dispersed(lun)
    } else if gathered > read.max(send) {
        Bound::Disk(lun)
    } else if read > send {
        Bound::Read(lun)
    } else {
        Bound::Send(lun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::{Platform, VaultEvent};
    use crate::lifecycle::{ProfileId, VaultCommand};
    use crate::sim::stage::{Stage, ask, machine_with_disks, night, nightly, vault};
    use crate::sim::{Command, Event, Genesis, Memory, Simulation, VmChange, scenarios};

    /// The bound is what the time of every copy of every scenario was reckoned from.
    #[test]
    fn the_bound_takes_as_long_as_the_copy_does() {
        let mut checked = 0;
        for preset in scenarios::all() {
            let mut simulation = Simulation::new(preset.scenario.genesis, Memory::ALL);
            for step in &preset.scenario.steps {
                let to = match step.command {
                    Command::Wait { minutes } => simulation
                        .world()
                        .clock
                        .checked_add(Span::from_milliseconds(i64::from(minutes) * 60_000)),
                    Command::AdvanceTo(to) => Some(to),
                    _ => None,
                };
                let Some(to) = to else {
                    // What is refused in a scenario changes nothing.
                    let _ = simulation.submit(step.command.clone());
                    continue;
                };
                while simulation.world().next_due().is_some_and(|(at, _)| at <= to) {
                    let first = simulation.history().len();
                    simulation.step().unwrap();
                    checked += check(&simulation, first);
                }
                simulation.submit(Command::AdvanceTo(to)).unwrap();
            }
        }
        assert!(checked > 50, "{checked}");
    }

    fn check(simulation: &Simulation, first: usize) -> usize {
        let mut checked = 0;
        for record in &simulation.history()[first..] {
            let Event::Vault(name, VaultEvent::DeltaComputed { job, .. }) = &record.event else { continue };
            let world = simulation.world();
            let held = &world.vaults[name];
            let Some(job) = held.catalogue.jobs.get(job).filter(|job| job.is_active()) else { continue };
            let expected = world.around(held).copy_plan(job).timing.whole;
            let bound = copy_bound(world, held, job);
            assert_eq!(bound.map_or(Span::ZERO, |(_, takes)| takes), expected);
            checked += 1;
        }
        checked
    }

    fn bound_of(with: &[VmChange], throughput: Throughput) -> Bound {
        let profile = ProfileId::Recovery2016;
        let stage = Stage::new(profile).vm(machine_with_disks("shop/web", 1)).protected(&["shop/web"]);
        let changes = with.iter().map(|change| crate::sim::stage::change("shop/web", change.clone()));
        let policy = VaultCommand::UpdatePolicy {
            name: night(),
            policy: alloc::boxed::Box::new(nightly(profile, "22:00")),
        };
        let genesis: Genesis = crate::sim::stage::genesis(profile, 1);
        let mut simulation = Simulation::new(genesis, Memory::ALL);
        let backup = crate::sim::stage::backup_now("shop/web");
        let commands = stage.commands.into_iter().chain(changes).chain([
            ask(policy),
            Command::SetThroughput(throughput),
            backup,
        ]);
        for command in commands {
            simulation.submit(command).unwrap();
        }
        loop {
            let first = simulation.history().len();
            simulation.step().unwrap();
            for record in &simulation.history()[first..] {
                if let Event::Vault(_, VaultEvent::DeltaComputed { job, .. }) = &record.event {
                    let held = &simulation.world().vaults[&vault()];
                    return copy_bound(simulation.world(), held, &held.catalogue.jobs[job]).unwrap().0;
                }
            }
        }
    }

    #[test]
    fn each_bound_is_named_when_it_is_the_slowest() {
        let even = Throughput { fragmentation_percent: 300, ..Throughput::PUBLISHED };
        assert_eq!(bound_of(&[], even), Bound::Send(Lun(-1)));
        let fast_send =
            Throughput { send_bytes_per_second: 1_000_000_000, read_bytes_per_second: 30_000_000, ..even };
        assert_eq!(bound_of(&[], fast_send), Bound::Read(Lun(-1)));
        let fast = Throughput { send_bytes_per_second: 1 << 40, read_bytes_per_second: 1 << 40, ..even };
        assert_eq!(bound_of(&[], fast), Bound::Disk(Lun(-1)));
        let dispersed = VmChange::Fragment { lun: Lun(0), percent: 100 };
        assert_eq!(bound_of(&[dispersed], even), Bound::Dispersed(Lun(0)));
        let all = Throughput { disk_bytes_per_second: 1 << 40, ..fast };
        assert!(matches!(bound_of(&[], all), Bound::Account(_)));
    }
}
