//! Blocks: what becomes of the blocks of each disk in a backup.

use vhault_core::lifecycle::{Job, JobId, JobKind, Lun, PointNumber, VaultName};
use vhault_core::sim::{BLOCK_BYTES, BlockState, DiskStates, VaultState};

use super::job::sent_bytes;
use crate::simulator::Simulator;
use crate::text::{Phrase, seeing};

/// Squares of a disk's picture: columns, and rows at most.
pub const COLUMNS: u32 = 64;
/// Rows of squares at most.
pub const ROWS_MAX: u32 = 8;

/// What a block is, or becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Reads as zeroes: never copied.
    Zero,
    /// As in the point before.
    Unchanged,
    /// New on the disk, and in the vault already.
    Known,
    /// Copied.
    Sent,
    /// Yet to be copied.
    ToGo,
}

impl Fate {
    /// All of them.
    pub const ALL: [Fate; 5] = [Fate::Zero, Fate::Unchanged, Fate::Known, Fate::Sent, Fate::ToGo];

    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Zero => "zero",
            Fate::Unchanged => "same",
            Fate::Known => "known",
            Fate::Sent => "sent",
            Fate::ToGo => "to-go",
        }
    }

    /// Its words.
    pub fn text(self) -> Phrase {
        match self {
            Fate::Zero => seeing::BLOCK_ZERO,
            Fate::Unchanged => seeing::BLOCK_UNCHANGED,
            Fate::Known => seeing::BLOCK_KNOWN,
            Fate::Sent => seeing::BLOCK_SENT,
            Fate::ToGo => seeing::BLOCK_TO_GO,
        }
    }
}

/// How many blocks are what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Read as zeroes.
    pub zero: u64,
    /// As in the point before.
    pub unchanged: u64,
    /// In the vault already.
    pub known: u64,
    /// Copied.
    pub sent: u64,
    /// Yet to be copied.
    pub to_go: u64,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            zero: self.zero + other.zero,
            unchanged: self.unchanged + other.unchanged,
            known: self.known + other.known,
            sent: self.sent + other.sent,
            to_go: self.to_go + other.to_go,
        }
    }

    /// How many are `fate`.
    pub fn of(self, fate: Fate) -> u64 {
        match fate {
            Fate::Zero => self.zero,
            Fate::Unchanged => self.unchanged,
            Fate::Known => self.known,
            Fate::Sent => self.sent,
            Fate::ToGo => self.to_go,
        }
    }

    fn add(&mut self, fate: Fate, count: u64) {
        match fate {
            Fate::Zero => self.zero += count,
            Fate::Unchanged => self.unchanged += count,
            Fate::Known => self.known += count,
            Fate::Sent => self.sent += count,
            Fate::ToGo => self.to_go += count,
        }
    }

    /// What most are; none where there are none.
    fn most(self) -> Option<Fate> {
        // Of equals the one that says more comes last.
        Fate::ALL.into_iter().max_by_key(|fate| self.of(*fate)).filter(|fate| self.of(*fate) > 0)
    }
}

/// A disk of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskBlocks {
    /// Which.
    pub lun: Lun,
    /// How many blocks are what.
    pub counts: Counts,
    /// Squares of the picture, in order of the disk.
    pub squares: Vec<Fate>,
    /// Blocks a square stands for.
    pub square_blocks: u64,
    /// Whether it is as it was when the job ended, so that nothing is known to be in the vault already.
    pub is_past: bool,
}

/// The disks of a backup, at work or done; empty where they are not known.
pub fn of_job(simulator: &Simulator, vault: &VaultName, id: JobId) -> Vec<DiskBlocks> {
    let Some(held) = simulator.world().vaults.get(vault) else { return Vec::new() };
    let Some(job) = held.catalogue.jobs.get(&id).filter(|job| job.kind == JobKind::Backup) else {
        return Vec::new();
    };
    let capacity = |lun: &Lun| {
        let disk = job.config.as_deref().and_then(|vm| vm.disks.get(lun));
        disk.map_or(0, |disk| u64::from(disk.capacity_gb) * 1_000_000_000 / BLOCK_BYTES)
    };
    let (states, is_past) = states(held, job);
    let changed: u64 = states.iter().map(changed).sum();
    let left = left_blocks(simulator, job, changed);
    let picture = |disk: &DiskStates| of_disk(disk, capacity(&disk.lun), (changed - left, changed), is_past);
    states.iter().map(picture).collect()
}

fn states(vault: &VaultState, job: &Job) -> (Vec<DiskStates>, bool) {
    let item = vault.catalogue.items.get(&job.item);
    if job.is_active() {
        let newest = item.and_then(|item| item.points.last().copied());
        return (vault.store.states_of_job(job.id, &job.item, newest), false);
    }
    let mine =
        |number: &PointNumber| vault.catalogue.points.get(number).is_some_and(|point| point.job == job.id);
    let points = item.map_or(&[][..], |item| item.points.as_slice());
    let place = points.iter().position(mine);
    let states = place.map(|place| {
        let before = place.checked_sub(1).map(|before| points[before]);
        vault.store.states_of_point(points[place], before)
    });
    (states.unwrap_or_default(), true)
}

fn changed(disk: &DiskStates) -> u64 {
    disk.count(BlockState::New) + disk.count(BlockState::Known)
}

/// Blocks yet to be sent: what an earlier copy left behind counts as sent.
fn left_blocks(simulator: &Simulator, job: &Job, changed: u64) -> u64 {
    if !job.is_active() {
        return 0;
    }
    let Some(work) = job.work else { return changed };
    let left = work.send.get().saturating_sub(sent_bytes(simulator, job));
    left.div_ceil(BLOCK_BYTES).min(changed)
}

/// Disks are copied side by side, so each is as far as all are.
fn of_disk(disk: &DiskStates, capacity: u64, (done, whole): (u64, u64), is_past: bool) -> DiskBlocks {
    let end = disk.runs.last().map_or(0, |run| u64::from(run.start) + u64::from(run.count));
    let capacity = capacity.max(end).max(1);
    let square_blocks = capacity.div_ceil(u64::from(COLUMNS * ROWS_MAX));
    let count = usize::try_from(capacity.div_ceil(square_blocks)).unwrap_or(0);
    let mut squares = vec![Counts::default(); count];
    let mut counts = Counts::default();
    let to_send = changed(disk);
    let mut sendable =
        u64::try_from(u128::from(to_send) * u128::from(done) / u128::from(whole.max(1))).unwrap_or(0);
    let mut put = |from: u64, count: u64, fate: Fate| {
        counts.add(fate, count);
        let mut at = from;
        while at < from + count {
            let square = at / square_blocks;
            let until = ((square + 1) * square_blocks).min(from + count);
            if let Some(square) = usize::try_from(square).ok().and_then(|square| squares.get_mut(square)) {
                square.add(fate, until - at);
            }
            at = until;
        }
    };
    let mut at = 0;
    for run in &disk.runs {
        let (start, count) = (u64::from(run.start), u64::from(run.count));
        put(at, start - at, Fate::Zero);
        at = start + count;
        if run.state == BlockState::Unchanged {
            put(start, count, Fate::Unchanged);
            continue;
        }
        let sent = sendable.min(count);
        sendable -= sent;
        // What is known is sent too, and stored no second time.
        put(start, sent, if run.state == BlockState::Known { Fate::Known } else { Fate::Sent });
        put(start + sent, count - sent, Fate::ToGo);
    }
    put(at, capacity - at, Fate::Zero);
    let squares = squares.into_iter().map(|square| square.most().unwrap_or(Fate::Zero)).collect();
    DiskBlocks { lun: disk.lun, counts, squares, square_blocks, is_past }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Aim, Pursuit};
    use vhault_core::sim::scenarios;

    #[test]
    fn blocks_of_a_running_copy_add_up_and_move_from_to_go_to_sent() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        let limit = simulator.aim_limit();
        let vault = VaultName::new("vault").unwrap();
        let mut seen: Vec<(JobId, Counts)> = Vec::new();
        while let Pursuit::Met(_) = simulator.pursue(Aim::Event, limit, &mut || true).unwrap() {
            let jobs: Vec<JobId> = simulator.world().vaults.get(&vault).map_or(Vec::new(), |held| {
                held.catalogue
                    .jobs
                    .values()
                    .filter(|job| job.work.is_some() && job.is_active())
                    .map(|job| job.id)
                    .collect()
            });
            for id in jobs {
                let disks = of_job(&simulator, &vault, id);
                let sum = disks.iter().fold(Counts::default(), |sum, disk| sum.plus(disk.counts));
                let work = simulator.world().vaults[&vault].catalogue.jobs[&id].work.unwrap();
                assert_eq!((sum.sent + sum.known + sum.to_go) * BLOCK_BYTES, work.send.get());
                let squares: usize = disks.iter().map(|disk| disk.squares.len()).sum();
                assert!(squares > 0 && squares <= disks.len() * 512);
                seen.push((id, sum));
            }
            if simulator.ahead_count() == 0 {
                break;
            }
        }
        let first = seen.first().unwrap().0;
        let of_first: Vec<Counts> = seen.iter().filter(|(id, _)| *id == first).map(|(_, sum)| *sum).collect();
        assert!(of_first.windows(2).all(|pair| pair[0].to_go >= pair[1].to_go));
        assert_eq!((of_first[0].sent, of_first.last().unwrap().to_go), (0, 0));
    }

    #[test]
    fn a_done_backup_shows_what_it_sent_against_the_point_before() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let vault = VaultName::new("vault").unwrap();
        let held = &simulator.world().vaults[&vault];
        for point in held.catalogue.points.values() {
            let disks = of_job(&simulator, &vault, point.job);
            let sum = disks.iter().fold(Counts::default(), |sum, disk| sum.plus(disk.counts));
            assert_eq!(sum.sent * BLOCK_BYTES, point.sent.get());
            assert_eq!((sum.to_go, sum.known), (0, 0));
            assert!(disks.iter().all(|disk| disk.is_past));
        }
        let config = held.catalogue.jobs.values().find(|job| job.kind == JobKind::Register).unwrap();
        assert!(of_job(&simulator, &vault, config.id).is_empty());
    }
}
