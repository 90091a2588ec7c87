//! Commands that make no sense: refused, and nothing has changed.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::change::VmChange;
use super::command::{Command, DiskSpec};
use super::showcase::request;
use super::simulation::{Memory, Simulation};
use super::stage::{Stage, ask, change, data_disk, genesis, known, machine, nightly, vault};
use super::throughput::Throughput;
use crate::advice::ProfileId;
use crate::lifecycle::{
    DeploymentModel, Health, JobId, Lun, Missing, Profile, Refusal, Senseless, VaultCommand, VmIdentity,
};
use crate::time::Span;

const WEB: &str = "shop/web";

/// Regions, accounts, a network and a vault; no machine, item, job, point or policy.
fn empty(profile: ProfileId) -> Simulation {
    let mut simulation = Simulation::new(genesis(profile, 1), Memory::ALL);
    Stage::new(profile).commands.into_iter().for_each(|command| {
        simulation.submit(command).unwrap();
    });
    simulation
}

/// Submits what must be refused; state, history and log stay as they are.
fn refused(simulation: &mut Simulation, command: Command) -> Refusal {
    let before = (simulation.world().hash(), simulation.history_hash(), simulation.log().len());
    assert!(simulation.check(&command).is_err(), "{command:?}");
    let answer = simulation.submit(command.clone());
    let after = (simulation.world().hash(), simulation.history_hash(), simulation.log().len());
    assert_eq!(before, after, "{command:?} was refused and changed something");
    match answer {
        Err(refusal) => refusal,
        Ok(_) => panic!("{command:?} was carried out"),
    }
}

/// Everything that can be asked of a vault about what is not in it.
fn about_nothing(profile: ProfileId) -> Vec<VaultCommand> {
    let item: VmIdentity = known(WEB);
    let policy = || known("nowhere");
    let mut commands: Vec<VaultCommand> = [
        VaultCommand::Unregister { item: item.clone() },
        VaultCommand::UpdatePolicy { name: policy(), policy: nightly(profile, "22:00").into() },
        VaultCommand::DeletePolicy { name: policy() },
        VaultCommand::Protect { items: [item.clone()].into(), policy: policy() },
        VaultCommand::Protect { items: Vec::new(), policy: policy() },
        VaultCommand::ChangePolicy { item: item.clone(), policy: policy() },
        VaultCommand::ResumeProtection { item: item.clone(), policy: policy() },
        VaultCommand::BackupNow { item: item.clone(), retain_until: None },
        VaultCommand::Cancel { job: JobId(7) },
        VaultCommand::Restore(Box::new(request())),
        VaultCommand::StopProtection { item: item.clone(), retain: true },
        VaultCommand::DeleteBackupData { item: item.clone() },
    ]
    .into();
    commands.push(VaultCommand::Register { items: [item].into() });
    commands
}

#[test]
fn a_vault_refuses_what_it_is_asked_about_things_it_does_not_have() {
    for profile in ProfileId::ALL {
        let mut simulation = empty(profile);
        for command in about_nothing(profile) {
            refused(&mut simulation, ask(command.clone()));
            let nowhere = Command::Vault { vault: known("nowhere"), command };
            assert!(matches!(
                refused(&mut simulation, nowhere),
                Refusal::Missing(Missing::Vault, name) if name == "nowhere"
            ));
        }
    }
}

#[test]
fn the_world_refuses_what_names_a_thing_it_does_not_have() {
    let (vm, lun, nowhere) = (known(WEB), Lun(-1), || known("nowhere"));
    let health = Health::Degraded;
    let region = nowhere();
    let commands = [
        Command::SetHealth { region, compute: health, storage: health, network: health },
        Command::AddGroup { name: known("group"), region: nowhere(), model: DeploymentModel::Classic },
        Command::DeleteGroup(known("nowhere")),
        Command::SetGroup {
            name: known("nowhere"),
            dns_settings: true,
            reserved_ip: None,
            endpoints_used: 0,
            network: None,
        },
        Command::SetNetwork {
            name: known("net2"),
            region: nowhere(),
            resolves_platform: true,
            subnets: Vec::new(),
        },
        Command::SetAccount {
            name: known("other"),
            region: nowhere(),
            tier: Default::default(),
            replication: Default::default(),
            online: true,
        },
        Command::CreateVm(Box::new(super::command::VmSpec { region: nowhere(), ..machine(WEB) })),
        Command::CreateVm(Box::new(super::command::VmSpec { account: known("nowhere"), ..machine(WEB) })),
        Command::DeleteVm(known(WEB)),
        change(WEB, VmChange::Start),
        Command::AttachDisk { vm: known(WEB), disk: data_disk(1) },
        Command::WriteBlocks { vm, lun, start: 0, count: 1 },
        Command::ClearBlocks { vm: known(WEB), lun, start: 0, count: 1 },
        Command::CopyBlocks { vm: known(WEB), lun, from: 0, start: 1, count: 1 },
        Command::CreateVault {
            name: known("second"),
            region: nowhere(),
            profile: ProfileId::Recovery2016,
            custom: None,
        },
        Command::DropBaseSnapshot { vault: vault(), item: known(WEB) },
    ];
    let mut simulation = empty(ProfileId::Recovery2016);
    for command in commands {
        let refusal = refused(&mut simulation, command.clone());
        assert!(matches!(refusal, Refusal::Missing(..)), "{command:?}: {refusal}");
    }
}

#[test]
fn numbers_beyond_their_bounds_are_refused() {
    let mut simulation = empty(ProfileId::Recovery2016);
    simulation.submit(Command::CreateVm(Box::new(machine(WEB)))).unwrap();
    let disk = |capacity_gb, used_gb| DiskSpec { capacity_gb, used_gb, ..data_disk(3) };
    let none = Throughput { send_bytes_per_second: 0, ..Throughput::PUBLISHED };
    let commands = [
        change(WEB, VmChange::Load { cpu: 101, memory: 0 }),
        Command::AttachDisk { vm: known(WEB), disk: disk(0, 0) },
        Command::AttachDisk { vm: known(WEB), disk: disk(10, 11) },
        Command::AttachDisk { vm: known(WEB), disk: disk(u32::MAX, 1) },
        Command::WriteBlocks { vm: known(WEB), lun: Lun(-1), start: u32::MAX, count: u32::MAX },
        Command::WriteBlocks { vm: known(WEB), lun: Lun(-1), start: 0, count: 0 },
        Command::CopyBlocks { vm: known(WEB), lun: Lun(-1), from: u32::MAX, start: 0, count: 1 },
        Command::CopyBlocks { vm: known(WEB), lun: Lun(-1), from: 0, start: u32::MAX, count: 1 },
        Command::SetQueueWait { minutes: u32::MAX },
        Command::SetThroughput(none),
    ];
    for command in commands {
        assert_eq!(refused(&mut simulation, command), Senseless::Number.into());
    }
}

/// Rules from a file that would let time run backwards.
#[test]
fn rules_with_an_impossible_span_are_refused() {
    let mut simulation = empty(ProfileId::Recovery2016);
    let rules = Profile::of(ProfileId::Recovery2016);
    for milliseconds in [-1, i64::MIN, i64::MAX] {
        let job_start_takes = Span::from_milliseconds(milliseconds);
        let rules = Profile { job_start_takes, ..rules.clone() };
        let switch = ask(VaultCommand::SwitchProfile(Box::new(rules.clone())));
        assert_eq!(refused(&mut simulation, switch), Senseless::Number.into());
        let second = Command::CreateVault {
            name: known("second"),
            region: known("west"),
            profile: ProfileId::Recovery2016,
            custom: Some(Box::new(rules)),
        };
        assert_eq!(refused(&mut simulation, second), Senseless::Number.into());
    }
    simulation.submit(ask(VaultCommand::SwitchProfile(Box::new(rules)))).unwrap();
}

/// A person reads a sentence, in either language, and no name of this program's.
#[test]
fn a_refusal_without_an_entry_is_a_sentence_in_either_language() {
    let mut simulation = Simulation::new(genesis(ProfileId::Recovery2016, 1), Memory::ALL);
    let refusal = refused(&mut simulation, Command::SetQueueWait { minutes: u32::MAX });
    assert_eq!(
        refusal.to_string(),
        "a number is outside its bounds, or a span is too long or less than nothing"
    );
    let Refusal::Senseless(why) = refusal else { panic!("{refusal}") };
    assert!(why.why().in_lang(crate::advice::Lang::Ko).ends_with("작습니다"));
}
