//! Storage: what a vault holds, over time, and what goes next.

use vhault_core::lifecycle::{PointNumber, VaultEvent, VaultName, VmIdentity};
use vhault_core::sim::{Event, Genesis, Record, World, moment};
use vhault_core::time::{Instant, Span};

use crate::simulator::Simulator;

/// How many points are looked at one by one.
pub const POINTS_TOLD: usize = 30;

/// What a vault holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// Its name.
    pub name: VaultName,
    /// Bytes all disks of all points hold.
    pub logical_bytes: u64,
    /// Bytes sent to make them.
    pub sent_bytes: u64,
    /// Bytes stored: each content once.
    pub stored_bytes: u64,
    /// How many points.
    pub points: usize,
    /// The next clean-up.
    pub clean_up: Option<String>,
    /// The newest points, newest first.
    pub newest: Vec<Held>,
    /// Points that expire before the next clean-up.
    pub expiring: usize,
}

/// What one point holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub number: PointNumber,
    /// The machine.
    pub item: VmIdentity,
    /// When its snapshot finished.
    pub at: String,
    /// Bytes its disks hold.
    pub logical_bytes: u64,
    /// Bytes no other point holds: what its deletion frees.
    pub alone_bytes: u64,
}

/// What each vault holds.
pub fn vaults(simulator: &Simulator) -> Vec<Vault> {
    let vaults = simulator.world().vaults.iter();
    vaults
        .map(|(name, state)| {
            let points = &state.catalogue.points;
            let clean_up = next_clean_up(simulator, name);
            let held = points.values().rev().take(POINTS_TOLD).map(|point| Held {
                number: point.number,
                item: point.item.clone(),
                at: moment(point.finished),
                logical_bytes: point.logical.get(),
                alone_bytes: state.store.only_in(point.number),
            });
            Vault {
                name: name.clone(),
                logical_bytes: points.values().map(|point| point.logical.get()).sum(),
                sent_bytes: points.values().map(|point| point.sent.get()).sum(),
                stored_bytes: state.store.stored_bytes(),
                points: points.len(),
                clean_up: clean_up.map(moment),
                newest: held.collect(),
                expiring: points
                    .values()
                    .filter(|point| clean_up.is_some_and(|at| point.expiry < at))
                    .count(),
            }
        })
        .collect()
}

/// A clean-up runs a day after the vault was made, and a day after each.
fn next_clean_up(simulator: &Simulator, vault: &VaultName) -> Option<Instant> {
    let last = simulator.history().iter().rev().find(|record| match &record.event {
        Event::VaultCreated(name, ..) | Event::Vault(name, VaultEvent::CleanUpRan) => name == vault,
        _ => false,
    });
    last?.at.checked_add(Span::from_milliseconds(86_400_000))
}

/// What a vault stored at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// Bytes of each content once.
    pub stored_bytes: u64,
    /// How many points.
    pub points: usize,
}

/// What all vaults stored over time: the same events folded again, a part at a time.
#[derive(Clone, Debug)]
pub struct Growth {
    genesis: Genesis,
    world: World,
    taken: usize,
    last: Option<Record>,
    samples: Vec<Sample>,
}

impl Growth {
    /// From the beginning of a simulation.
    pub fn new(genesis: Genesis) -> Growth {
        let world = World::empty(genesis.seed, genesis.start);
        Growth { genesis, world, taken: 0, last: None, samples: Vec::new() }
    }

    /// Takes note of up to `most` more events; tells whether all are taken.
    ///
    /// A history that is not the one followed so far, such as that of another
    /// future, is followed from its beginning.
    pub fn follow(&mut self, simulator: &Simulator, most: usize) -> bool {
        let history = simulator.history();
        let here = self.taken.checked_sub(1).map(|place| history.get(place));
        if self.genesis != simulator.genesis() || here.is_some_and(|here| here != self.last.as_ref()) {
            *self = Growth::new(simulator.genesis());
        }
        for record in history.iter().skip(self.taken).take(most) {
            self.world.apply(record.at, &record.event);
            self.taken += 1;
            self.last = Some(record.clone());
            if let Event::Vault(
                _,
                VaultEvent::PointCreated { .. }
                | VaultEvent::PointPruned { .. }
                | VaultEvent::DataDeleted { .. },
            ) = record.event
            {
                self.note(record.at);
            }
        }
        self.taken >= history.len()
    }

    fn note(&mut self, at: Instant) {
        let vaults = self.world.vaults.values();
        let (stored_bytes, points) = vaults.fold((0_u64, 0_usize), |(bytes, points), vault| {
            (bytes.saturating_add(vault.store.stored_bytes()), points + vault.catalogue.points.len())
        });
        match self.samples.last_mut() {
            Some(last) if last.at == at => *last = Sample { at, stored_bytes, points },
            _ => self.samples.push(Sample { at, stored_bytes, points }),
        }
    }

    /// At most `most` of the samples, evenly, the last among them.
    pub fn samples(&self, most: usize) -> Vec<Sample> {
        let step = self.samples.len().div_ceil(most.max(1)).max(1);
        let mut some: Vec<Sample> = self.samples.iter().rev().step_by(step).cloned().collect();
        some.reverse();
        some
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::scenarios;

    fn begin(name: &str) -> Simulator {
        Simulator::begin(&scenarios::find(name).unwrap().scenario)
    }

    #[test]
    fn what_is_told_is_what_the_engine_stores_and_dedup_shows() {
        let mut simulator = begin("retention");
        simulator.run_out(&mut || true).unwrap();
        let vault = vaults(&simulator).remove(0);
        let state = &simulator.world().vaults[&vault.name];
        assert_eq!(vault.stored_bytes, state.store.stored_bytes());
        assert!(vault.stored_bytes < vault.logical_bytes && vault.points > 1);
        assert_eq!(vault.newest.len(), vault.points.min(POINTS_TOLD));
        let next = vault.clean_up.unwrap();
        assert!(next > moment(simulator.now()), "{next}");
    }

    #[test]
    fn growth_follows_in_parts_and_ends_at_what_is_stored() {
        let mut simulator = begin("retention");
        simulator.run_out(&mut || true).unwrap();
        let mut growth = Growth::new(simulator.genesis());
        let mut rounds = 0;
        while !growth.follow(&simulator, 100) {
            rounds += 1;
        }
        assert!(rounds > 3, "{rounds}");
        let last = growth.samples(usize::MAX).pop().unwrap();
        let stored: u64 = vaults(&simulator).iter().map(|vault| vault.stored_bytes).sum();
        assert_eq!(last.stored_bytes, stored);
        assert!(growth.samples(10).len() <= 10 && growth.samples(10).last() == Some(&last));
        // Back in time, the same curve is shorter.
        let whole = growth.samples(usize::MAX).len();
        let start = simulator.genesis().start;
        let half = Span::from_milliseconds(simulator.now().since(start).milliseconds() / 2);
        simulator.seek(start.checked_add(half).unwrap(), &mut || true).unwrap();
        while !growth.follow(&simulator, 1_000) {}
        let shorter = growth.samples(usize::MAX);
        assert!(shorter.len() < whole && shorter.iter().all(|sample| sample.at <= simulator.now()));
    }
}
