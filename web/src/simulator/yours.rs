//! Yours: a machine with the disks that a person looked into.

use vhault_core::advice::ProfileId;
use vhault_core::lifecycle::{Lun, VmIdentity};
use vhault_core::sim::stage::{self, Stage};
use vhault_core::sim::{BLOCK_BYTES, Command, DiskSpec, SCENARIO_VERSION, Scenario, Step, Title};

use crate::pattern::{DiskPattern, Range};

const MACHINE: &str = "yours/machine";
/// More than that of what a disk holds is not shown as repeating, in thousandths.
const REPEATS_MAX: u64 = 900;
const BYTES_PER_GB: u64 = 1_000_000_000;
const BYTES_PER_MB: u64 = 1_000_000;

/// A world of one machine with these disks, the first its system disk, protected by a policy of every night.
pub fn yours(disks: &[DiskPattern]) -> Scenario {
    let profile = ProfileId::Recovery2016;
    let mut machine = stage::machine(MACHINE);
    machine.disks = disks.iter().zip(-1..).map(|(disk, lun)| spec(disk, lun)).collect();
    let content = disks.iter().zip(-1..).flat_map(|(disk, lun)| content(disk, Lun(lun), &machine.vm));
    let content: Vec<Command> = content.collect();
    let stage = Stage::new(profile).vm(machine).then_all(content).protected(&[MACHINE]);
    Scenario {
        version: SCENARIO_VERSION,
        name: "yours".to_owned(),
        title: Title {
            en: "A machine with your disks".to_owned(), ko: "내 디스크를 단 머신".to_owned()
        },
        genesis: stage::genesis(profile, 1),
        steps: stage.commands.into_iter().map(|command| Step { command, refused: None }).collect(),
    }
}

fn spec(disk: &DiskPattern, lun: i16) -> DiskSpec {
    let whole_bytes = disk.disk_bytes.div_ceil(BLOCK_BYTES) * BLOCK_BYTES;
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    DiskSpec {
        capacity_gb: number(whole_bytes.div_ceil(BYTES_PER_GB)),
        used_gb: 0,
        churn_mb_per_day: number(disk.change_bytes_per_day() / BYTES_PER_MB),
        ..stage::data_disk(lun)
    }
}

/// What fills a disk: new content, and then copies of it where content repeats.
fn content(disk: &DiskPattern, lun: Lun, vm: &VmIdentity) -> Vec<Command> {
    let held: u32 = disk.runs.iter().map(|(_, count)| count).sum();
    let repeats = u64::from(disk.repeats_per_mille.unwrap_or(0)).min(REPEATS_MAX);
    let copies = u32::try_from(u64::from(held) * repeats / 1_000).unwrap_or(0);
    let new = held - copies;
    let mut commands = Vec::new();
    let mut rank = 0;
    while rank < held {
        let (start, room) = place(&disk.runs, rank);
        if rank < new {
            let count = room.min(new - rank);
            commands.push(Command::WriteBlocks { vm: vm.clone(), lun, start, count });
            rank += count;
        } else {
            let source = (rank - new) % new;
            let (from, there) = place(&disk.runs, source);
            let count = room.min(there).min(new - source);
            commands.push(Command::CopyBlocks { vm: vm.clone(), lun, from, start, count });
            rank += count;
        }
    }
    commands
}

/// Where the block of that rank among those that hold something lies, and how many follow it in its run, with itself.
fn place(runs: &[Range], rank: u32) -> (u32, u32) {
    let mut left = rank;
    for (start, count) in runs {
        if left < *count {
            return (start + left, count - left);
        }
        left -= count;
    }
    (0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Simulator;
    use vhault_core::lifecycle::PointNumber;
    use vhault_core::time::Span;

    fn after_nights(disks: &[DiskPattern], nights: i64) -> Simulator {
        let mut simulator = Simulator::begin(&yours(disks));
        simulator.run_out(&mut || true).unwrap();
        let later = Span::from_milliseconds(nights * 86_400_000);
        let later = simulator.now().checked_add(later).unwrap();
        simulator.run_to(later, &mut || true).unwrap();
        simulator
    }

    #[test]
    fn what_repeats_is_stored_once_and_the_next_copy_sends_what_changes() {
        let disk = DiskPattern {
            disk_bytes: 10 << 30,
            runs: vec![(100, 1_000), (2_000, 500)],
            repeats_per_mille: Some(200),
            changed_bytes: Some(100 * BLOCK_BYTES),
        };
        let plain = DiskPattern { runs: vec![(5, 10)], repeats_per_mille: None, ..disk.clone() };
        let simulator = after_nights(&[disk, plain], 2);
        let vault = &simulator.world().vaults[&stage::vault()];
        let points: Vec<_> = vault.catalogue.points.values().collect();
        assert_eq!(points.len(), 2, "two nights");
        assert_eq!(points[0].sent.get(), 1_510 * BLOCK_BYTES);
        let first = &vault.store.points[&PointNumber(1)];
        assert_eq!(first.values().map(vhault_core::sim::BlockMap::allocated).sum::<u64>(), 1_510);
        // A day's change of the first disk, of the second no more than an eighth of what it holds.
        let sent = points[1].sent.get() / BLOCK_BYTES;
        assert!((95..=101).contains(&sent), "{sent}");
        let held: u64 = simulator
            .world()
            .vms
            .values()
            .flat_map(|vm| vm.content.values())
            .map(vhault_core::sim::BlockMap::allocated)
            .sum();
        assert_eq!(held, 1_510, "what changes does not grow");
        // What repeats was sent, and is stored once; two days' changes are stored beside it.
        let stored = vault.store.stored_bytes() / BLOCK_BYTES;
        assert!((1_210..1_210 + 2 * 101).contains(&stored), "{stored}");
    }

    #[test]
    fn disks_at_every_edge_of_a_pattern_make_a_machine() {
        let odd = DiskPattern {
            disk_bytes: 1,
            runs: vec![(0, 1)],
            repeats_per_mille: Some(1_000),
            changed_bytes: Some(u64::MAX),
        };
        let huge = DiskPattern {
            disk_bytes: crate::pattern::DISK_BYTES_MAX,
            runs: (0..32).map(|place| (place * 900_000, 800_000)).collect(),
            repeats_per_mille: Some(999),
            changed_bytes: None,
        };
        let empty = DiskPattern { runs: Vec::new(), ..odd.clone() };
        let disks: Vec<DiskPattern> = [odd, huge].into_iter().chain(vec![empty; 15]).collect();
        let read = crate::pattern::read(&crate::pattern::write(&disks)).unwrap();
        let mut simulator = Simulator::begin(&yours(&read));
        simulator.run_out(&mut || true).unwrap();
        assert_eq!(simulator.world().vms.values().next().unwrap().vm.disks.len(), 17);
    }
}
