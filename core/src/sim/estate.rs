//! An estate: machines that are all backed up every night, to see what a long time of many costs.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::command::{Command, DiskSpec};
use super::simulation::{Memory, Simulation};
use super::stage::{Stage, genesis, known, machine, vault, wait};
use crate::advice::ProfileId;
use crate::lifecycle::{Profile, Refusal};

/// Most machines of an estate.
pub const ESTATE_VMS_MAX: u32 = 10_000;
/// Most days an estate is simulated.
pub const ESTATE_DAYS_MAX: u32 = 3_650;

/// What a simulated estate came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EstateReport {
    /// Its machines.
    pub vms: u32,
    /// How long it was simulated, in days.
    pub days: u32,
    /// Events, passing of time not counted.
    pub events: u64,
    /// Recovery points there ever were.
    pub points_created: u64,
    /// Recovery points that stand.
    pub points: usize,
    /// The state in its canonical form, in bytes.
    pub state_bytes: usize,
    /// The hash of the state, in hex.
    pub state_hash: String,
}

/// Machines with 5 GB of a shared image that change 500 MB a day, backed up every night for seven days.
///
/// The rules are those of 2016, with room for all of them in one vault.
///
/// # Errors
///
/// A [`Refusal`] where there are more machines than [`ESTATE_VMS_MAX`].
pub fn estate(vms: u32) -> Result<Simulation, Refusal> {
    if vms > ESTATE_VMS_MAX {
        return Err(crate::lifecycle::Senseless::Number.into());
    }
    let profile = ProfileId::Recovery2016;
    let custom = Profile { vms_per_vault_max: vms, ..Profile::of(profile) };
    let mut stage = Stage::new(profile).then(Command::SetGroupQuota(u32::MAX));
    stage.commands.retain(|command| !matches!(command, Command::CreateVault { .. }));
    stage = stage.then(Command::CreateVault {
        name: vault(),
        region: known("west"),
        profile,
        custom: Some(custom.into()),
    });
    let names: Vec<String> = (0..vms).map(|number| format!("group{}/vm{number}", number / 4)).collect();
    for name in &names {
        let mut spec = machine(name);
        for disk in &mut spec.disks {
            *disk = DiskSpec { image: Some(1), churn_mb_per_day: 500, ..disk.clone() };
        }
        stage = stage.vm(spec);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut simulation = Simulation::new(genesis(profile, 1), Memory::NONE);
    for command in stage.protected(&names).commands {
        simulation.submit(command)?;
    }
    Ok(simulation)
}

/// Lets `days` pass in an estate, and says what it came to.
///
/// # Errors
///
/// A [`Refusal`] where there are more than [`ESTATE_DAYS_MAX`].
pub fn live(simulation: &mut Simulation, days: u32) -> Result<EstateReport, Refusal> {
    if days > ESTATE_DAYS_MAX {
        return Err(crate::lifecycle::Senseless::Number.into());
    }
    simulation.submit(wait(days * 1_440))?;
    let world = simulation.world();
    let held = world.vaults.values().map(|vault| &vault.catalogue);
    let (points_created, points) = held.fold((0, 0), |(created, standing), catalogue| {
        (created + catalogue.points_created, standing + catalogue.points.len())
    });
    Ok(EstateReport {
        vms: u32::try_from(world.vms.len()).unwrap_or(u32::MAX),
        days,
        events: world.events,
        points_created,
        points,
        state_bytes: world.canonical().len(),
        state_hash: format!("{}", world.hash()),
    })
}

#[cfg(test)]
#[path = "estate_tests.rs"]
mod tests;
