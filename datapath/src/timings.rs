//! Where the time of a copy went: nanoseconds of work in each stage, summed
//! over threads. Off, it costs one comparison a stage and chunk.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

/// A stage of the river.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Bytes from the source.
    Read,
    /// Chunks named by their content.
    Hash,
    /// Chunks made smaller.
    Compress,
    /// Chunks decoded and compared.
    Compare,
    /// Chunks encrypted.
    Seal,
    /// Packs written and hashed.
    Append,
    /// Packs made durable.
    Sync,
}

impl Stage {
    /// All of them, in the order of the river.
    pub const ALL: [Stage; 7] =
        [Stage::Read, Stage::Hash, Stage::Compress, Stage::Compare, Stage::Seal, Stage::Append, Stage::Sync];

    /// Its name, as JSON has it too.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Hash => "hash",
            Stage::Compress => "compress",
            Stage::Compare => "compare",
            Stage::Seal => "seal",
            Stage::Append => "append",
            Stage::Sync => "sync",
        }
    }
}

/// Sums the time of each stage, from any thread.
#[derive(Debug, Default)]
pub struct Timings {
    is_on: bool,
    nanoseconds: [AtomicU64; 7],
    held_read: AtomicU64,
    held_write: AtomicU64,
}

/// A limit that a person set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// On reading from the sources.
    Read,
    /// On writing into the vault.
    Write,
}

impl Timings {
    /// Timings that are taken, or not.
    pub fn new(is_on: bool) -> Timings {
        Timings { is_on, ..Timings::default() }
    }

    /// Does `work` and adds its time to `stage`.
    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        if !self.is_on {
            return work();
        }
        let begun = Instant::now();
        let done = work();
        self.add(stage, begun.elapsed());
        done
    }

    /// Adds a wait for a limit.
    pub fn hold(&self, limit: Limit, waited: Duration) {
        let held = match limit {
            Limit::Read => &self.held_read,
            Limit::Write => &self.held_write,
        };
        held.fetch_add(u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn add(&self, stage: Stage, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds[stage as usize].fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// What was taken in a copy of `wall` by `threads` threads; `None` when nothing was.
    pub fn told(&self, wall: Duration, threads: usize) -> Option<TimingsTold> {
        self.is_on.then(|| {
            let taken =
                |stage: Stage| Duration::from_nanos(self.nanoseconds[stage as usize].load(Ordering::Relaxed));
            let held = |held: &AtomicU64| held.load(Ordering::Relaxed) / 1_000_000;
            TimingsTold {
                held_read_milliseconds: held(&self.held_read),
                held_write_milliseconds: held(&self.held_write),
                ..TimingsTold::new(Stage::ALL.map(taken), wall, threads)
            }
        })
    }
}

/// Where the time of a copy went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimingsTold {
    /// Milliseconds of each stage, summed over threads.
    pub stages: Vec<StageTime>,
    /// The stage that the others waited for: the largest part of the busiest group of threads.
    pub bottleneck: Stage,
    /// How much of the wall time that group was at work, in percent.
    pub busy_percent: u64,
    /// Milliseconds that threads waited for the limit on reading, summed.
    pub held_read_milliseconds: u64,
    /// Milliseconds that the writer waited for the limit on writing.
    pub held_write_milliseconds: u64,
}

/// The time of one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StageTime {
    /// Which.
    pub stage: Stage,
    /// Summed over threads.
    pub milliseconds: u64,
}

impl TimingsTold {
    /// Readers and workers share the processors, `threads` of each; one thread appends, one makes durable.
    fn new(taken: [Duration; 7], wall: Duration, threads: usize) -> TimingsTold {
        let of = |stage: Stage| taken[stage as usize];
        let computing = [Stage::Hash, Stage::Compress, Stage::Compare, Stage::Seal];
        let groups: [(&[Stage], usize); 4] =
            [(&[Stage::Read], threads), (&computing, threads), (&[Stage::Append], 1), (&[Stage::Sync], 1)];
        let millionths = |stages: &[Stage], threads: usize| {
            let sum: u128 = stages.iter().map(|stage| of(*stage).as_nanos()).sum();
            let room = wall.as_nanos().max(1) * threads.max(1) as u128;
            u64::try_from(sum * 1_000_000 / room).unwrap_or(u64::MAX)
        };
        let (stages, threads) = groups
            .into_iter()
            .max_by_key(|(stages, threads)| millionths(stages, *threads))
            .expect("there are four groups");
        let bottleneck =
            stages.iter().copied().max_by_key(|stage| of(*stage)).expect("no group is without a stage");
        let milliseconds = |stage: Stage| u64::try_from(of(stage).as_millis()).unwrap_or(u64::MAX);
        TimingsTold {
            stages: Stage::ALL.map(|stage| StageTime { stage, milliseconds: milliseconds(stage) }).to_vec(),
            bottleneck,
            busy_percent: millionths(stages, threads) / 10_000,
            held_read_milliseconds: 0,
            held_write_milliseconds: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottleneck_is_the_busiest_group_not_the_largest_sum() {
        let milliseconds = Duration::from_millis;
        // In a second, two threads read 300 ms and compute 900 ms; the one that syncs is at work for 800 ms.
        let taken = [300, 100, 500, 200, 100, 50, 800].map(milliseconds);
        let told = TimingsTold::new(taken, milliseconds(1_000), 2);
        assert_eq!((told.bottleneck, told.busy_percent), (Stage::Sync, 80));
        let told = TimingsTold::new(taken, milliseconds(1_000), 1);
        assert_eq!((told.bottleneck, told.busy_percent), (Stage::Compress, 90));
        assert_eq!(told.stages[2].milliseconds, 500);
    }

    #[test]
    fn timings_that_are_off_tell_nothing() {
        let off = Timings::new(false);
        assert_eq!(off.time(Stage::Read, || 7), 7);
        assert!(off.told(Duration::from_secs(1), 1).is_none());
        let on = Timings::new(true);
        on.time(Stage::Seal, || std::thread::sleep(Duration::from_millis(2)));
        assert_eq!(on.told(Duration::from_secs(1), 1).unwrap().bottleneck, Stage::Seal);
    }
}
