//! Outcome: two futures side by side.

use vhault_core::lifecycle::JobStatus;
use vhault_core::sim::{Record, describe, moment};

use crate::simulator::Simulator;

/// What a future came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The moment it stands at.
    pub now: String,
    /// Everything that happened, passing of time not counted.
    pub events: u64,
    /// Jobs that ended well.
    pub succeeded: usize,
    /// Jobs that failed.
    pub failed: usize,
    /// Recovery points.
    pub points: usize,
    /// Bytes sent for them.
    pub sent_bytes: u64,
    /// Alerts.
    pub alerts: usize,
}

/// What `simulator` came to.
pub fn of(simulator: &Simulator) -> Outcome {
    let catalogues = || simulator.world().vaults.values().map(|vault| &vault.catalogue);
    let jobs = || catalogues().flat_map(|catalogue| catalogue.jobs.values());
    Outcome {
        now: moment(simulator.now()),
        events: simulator.world().events,
        succeeded: jobs().filter(|job| job.status.is_success()).count(),
        failed: jobs().filter(|job| job.status == JobStatus::Failed).count(),
        points: catalogues().map(|catalogue| catalogue.points.len()).sum(),
        sent_bytes: catalogues()
            .flat_map(|catalogue| catalogue.points.values())
            .map(|point| point.sent.get())
            .sum(),
        alerts: catalogues().map(|catalogue| catalogue.alerts.len()).sum(),
    }
}

/// The first event of each future that the other does not have.
pub fn parting(left: &Simulator, right: &Simulator) -> (Option<String>, Option<String>) {
    let told = |simulator: &Simulator| -> Vec<Record> {
        let records = simulator.history().iter();
        records.filter(|record| record.event != vhault_core::sim::Event::TimePassed).cloned().collect()
    };
    let (left, right) = (told(left), told(right));
    let same = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    (left.get(same).map(describe), right.get(same).map(describe))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{Command, scenarios};

    #[test]
    fn futures_part_where_the_deed_differs() {
        let mut simulator = Simulator::begin(&scenarios::find("six-disks").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        simulator.fork();
        assert_eq!(parting(&simulator, simulator.other().unwrap()), (None, None));
        assert_eq!(of(&simulator), of(simulator.other().unwrap()));
        simulator.submit(Command::PublishExtension).unwrap();
        let (here, there) = parting(&simulator, simulator.other().unwrap());
        assert!(here.unwrap().contains("extension-published"));
        assert_eq!(there, None);
        assert_eq!(of(&simulator).events, of(simulator.other().unwrap()).events + 1);
    }
}
