//! A year of a thousand machines, and what a year of a few of them costs in counted work.

use std::time::Instant as Watch;

use super::command::DiskSpec;
use super::simulation::{Memory, Simulation};
use super::stage::{Stage, genesis, machine, vault, wait};
use crate::advice::ProfileId;

fn estate(machines: u32, memory: Memory) -> Simulation {
    let profile = ProfileId::Recovery2016;
    let names: alloc::vec::Vec<alloc::string::String> =
        (0..machines).map(|number| alloc::format!("group{}/vm{number}", number / 4)).collect();
    let mut stage = Stage::new(profile).then(super::Command::SetGroupQuota(u32::MAX));
    let mut custom = crate::lifecycle::Profile::of(profile);
    custom.vms_per_vault_max = machines;
    let vault = super::Command::CreateVault {
        name: vault(),
        region: super::stage::known("west"),
        profile,
        custom: Some(custom.into()),
    };
    stage.commands.retain(|command| !matches!(command, super::Command::CreateVault { .. }));
    stage = stage.then(vault);
    for name in &names {
        let mut spec = machine(name);
        spec.disks[0] = DiskSpec { image: Some(1), churn_mb_per_day: 500, ..spec.disks[0].clone() };
        stage = stage.vm(spec);
    }
    let names: alloc::vec::Vec<&str> = names.iter().map(alloc::string::String::as_str).collect();
    let mut simulation = Simulation::new(genesis(profile, 1), memory);
    for command in stage.protected(&names).commands {
        simulation.submit(command).unwrap();
    }
    simulation
}

#[test]
fn a_year_of_nights_costs_a_fixed_number_of_events_a_backup() {
    let mut simulation = estate(8, Memory::NONE);
    let before = simulation.world().events;
    simulation.submit(wait(365 * 1_440)).unwrap();
    let catalogue = &simulation.world().vaults[&vault()].catalogue;
    assert_eq!(catalogue.points_created, 8 * 365);
    assert_eq!(catalogue.points.len(), 8 * 7, "seven days of each");
    let events = simulation.world().events - before;
    assert!(events / (8 * 365) <= 22, "{events} events");
    let longest =
        simulation.world().vms.values().flat_map(|vm| vm.content.values()).map(|map| map.runs().len()).max();
    assert!(longest.unwrap() <= 17, "block maps do not grow with time");
    assert!(catalogue.jobs.len() <= 8 * 31 + 8, "ended jobs are forgotten");
}

#[test]
#[ignore = "measures: a year of a thousand machines"]
fn a_year_of_a_thousand_machines_takes_seconds() {
    let mut simulation = estate(1_000, Memory::NONE);
    let watch = Watch::now();
    simulation.submit(wait(365 * 1_440)).unwrap();
    let seconds = watch.elapsed().as_secs_f64();
    let events = simulation.world().events;
    let bytes = postcard::to_allocvec(simulation.world()).unwrap().len();
    std::println!("{events} events in {seconds:.1} s; {} bytes of state a machine", bytes / 1_000);
    assert_eq!(simulation.world().vaults[&vault()].catalogue.points_created, 365_000);
}
