//! Tour: a machine protected, its copy running out of time, understood and cured.
//!
//! The tour only watches: a stop is reached by what a person does anywhere in
//! the page, or by the tour's own button, which asks for the same.

use vhault_core::advice::{AdviceId, ProfileId};
use vhault_core::lifecycle::{Item, JobKind, Protection, Vm, VmIdentity};
use vhault_core::sim::{Command, Subject, Title, cure, stage};

use super::aim::{Aim, Pursuit};
use super::present::{Simulator, Stop};

/// The machine it is about.
const MACHINE: &str = "shop/db";

/// The error it is about.
pub const ERROR: AdviceId = AdviceId::Bkp04;

/// A stop of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourStop {
    /// Protect the machine.
    Protect,
    /// Wait for its first point.
    FirstPoint,
    /// Attach one disk more than a copy can take.
    Attach,
    /// Wait for the night on which the copy runs out of time.
    TimeOut,
    /// Read what that means.
    Understand,
    /// Take the disk off again.
    Cure,
    /// Wait for a whole point.
    Healed,
}

impl TourStop {
    /// All of them, in order.
    pub const ALL: [TourStop; 7] = [
        TourStop::Protect,
        TourStop::FirstPoint,
        TourStop::Attach,
        TourStop::TimeOut,
        TourStop::Understand,
        TourStop::Cure,
        TourStop::Healed,
    ];

    /// Whether it is reached; `is_reading` says that the error's entry is before one's eyes.
    pub fn is_reached(self, simulator: &Simulator, is_reading: bool) -> bool {
        let Some(item) = item(simulator) else { return false };
        let failed = item.last_backup.is_some_and(|last| last.error == Some(ERROR));
        let risky = vm(simulator).is_some_and(is_risky);
        match self {
            // Asked for, even while the job that links it is at work.
            TourStop::Protect => item.protection != Protection::NotProtected,
            TourStop::FirstPoint => !item.points.is_empty(),
            TourStop::Attach => risky,
            TourStop::TimeOut => failed,
            TourStop::Understand => is_reading,
            TourStop::Cure => !risky,
            TourStop::Healed => !risky && !failed && item.points.len() >= 2,
        }
    }

    /// Does what the stop is about.
    ///
    /// # Errors
    ///
    /// A [`Stop`] where time stood still or a command was refused.
    pub fn help(self, simulator: &mut Simulator) -> Result<(), Stop> {
        match self {
            TourStop::Protect => ask(simulator, stage::protect(&[MACHINE]))?,
            TourStop::Attach => {
                let disk = stage::data_disk(spare_lun(simulator));
                ask(simulator, Command::AttachDisk { vm: machine(), disk })?;
            }
            TourStop::Cure => {
                for command in fix(simulator) {
                    match command {
                        Command::Wait { minutes } => {
                            let span =
                                vhault_core::time::Span::from_milliseconds(i64::from(minutes) * 60_000);
                            let to = simulator.now().checked_add(span).unwrap_or(simulator.now());
                            simulator.run_to(to, &mut || true)?;
                        }
                        Command::AdvanceTo(to) => {
                            simulator.run_to(to, &mut || true)?;
                        }
                        command => ask(simulator, command)?,
                    }
                }
            }
            TourStop::FirstPoint | TourStop::TimeOut | TourStop::Healed => {
                let limit = simulator.aim_limit();
                while !self.is_reached(simulator, false) {
                    if simulator.pursue(Aim::Event, limit, &mut || true)? == Pursuit::Never {
                        break;
                    }
                }
            }
            // Reading is a person's.
            TourStop::Understand => {}
        }
        Ok(())
    }
}

fn ask(simulator: &mut Simulator, command: Command) -> Result<(), Stop> {
    simulator.submit(command).map(|_| ()).map_err(|refusal| Stop::Refused { number: 1, refusal })
}

fn machine() -> VmIdentity {
    MACHINE.parse().expect("a name written here is well formed")
}

fn item(simulator: &Simulator) -> Option<&Item> {
    simulator.world().vaults.get(&stage::vault())?.catalogue.items.get(&machine())
}

fn vm(simulator: &Simulator) -> Option<&Vm> {
    simulator.world().vms.get(&machine()).map(|state| &*state.vm)
}

fn is_risky(vm: &Vm) -> bool {
    let profile = vhault_core::lifecycle::Profile::of(ProfileId::Classic2015);
    vm.data_disks() >= profile.copy_risk_data_disks
}

fn spare_lun(simulator: &Simulator) -> i16 {
    vm(simulator).and_then(|vm| vm.disks.keys().last().map(|lun| lun.0 + 1)).unwrap_or(0)
}

/// What core says cures it.
fn fix(simulator: &Simulator) -> Vec<Command> {
    let catalogue = simulator.world().vaults.get(&stage::vault()).map(|vault| &vault.catalogue);
    let job = catalogue.and_then(|catalogue| {
        let mut jobs = catalogue.jobs.values().rev();
        jobs.find(|job| job.kind == JobKind::Backup && job.item == machine()).map(|job| job.id)
    });
    let subject = Subject { vault: stage::vault(), item: Some(machine()), job, command: None };
    cure(simulator.world(), ERROR, &subject).map(|cure| cure.fix).unwrap_or_default()
}

/// Where the tour begins: a morning of 2015, machines registered, nothing protected.
pub fn begin() -> Simulator {
    let title = Title { en: "Guided tour".to_owned(), ko: "둘러보기".to_owned() };
    let genesis = stage::genesis(ProfileId::Classic2015, 1);
    let scene = stage::Stage::new(ProfileId::Classic2015)
        .vm(stage::machine_with_disks(MACHINE, 5))
        .vm(stage::machine("shop/web"))
        .registered(&[MACHINE, "shop/web"])
        .policy();
    let mut simulator = Simulator::empty(genesis, "tour", title);
    for command in scene.commands {
        let done = match command {
            Command::Wait { minutes } => {
                let span = vhault_core::time::Span::from_milliseconds(i64::from(minutes) * 60_000);
                let to = simulator.now().checked_add(span).unwrap_or(simulator.now());
                simulator.run_to(to, &mut || true).map(|_| ())
            }
            command => ask(&mut simulator, command),
        };
        debug_assert!(done.is_ok(), "{done:?}");
    }
    simulator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stop_is_reached_by_its_own_help_and_by_no_earlier_one() {
        let mut simulator = begin();
        for (place, stop) in TourStop::ALL.into_iter().enumerate() {
            if stop != TourStop::Cure {
                assert!(!stop.is_reached(&simulator, false), "{stop:?} is reached before it is begun");
            }
            stop.help(&mut simulator).unwrap();
            assert!(stop.is_reached(&simulator, stop == TourStop::Understand), "{place} {stop:?}");
        }
        let item = item(&simulator).unwrap();
        assert_eq!((item.points.len(), item.last_backup.unwrap().error), (2, None));
        assert_eq!(vm(&simulator).unwrap().data_disks(), 5);
    }

    #[test]
    fn elsewhere_no_stop_is_reached() {
        let simulator = Simulator::empty(
            stage::genesis(ProfileId::Recovery2016, 1),
            "empty",
            Title { en: String::new(), ko: String::new() },
        );
        assert!(TourStop::ALL.into_iter().all(|stop| !stop.is_reached(&simulator, true)));
    }
}
