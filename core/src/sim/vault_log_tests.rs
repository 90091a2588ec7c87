//! A vault whose log obeys the protocol keeps its points; one that does without a rule does not.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::super::command::Command;
use super::super::invariants::Observer;
use super::super::simulation::{Memory, Simulation};
use super::super::stage::{Stage, ask, genesis, known, machine, protect, vault, wait};
use super::super::throughput::Throughput;
use crate::advice::ProfileId;
use crate::catalogue::FileStanding;
use crate::lifecycle::{Client, JobId, PointNumber, Profile, RestoreRequest, TargetGroup, VaultCommand};
use crate::protocol::Guard;
use crate::time::Span;

const RULES: ProfileId = ProfileId::Recovery2016;

/// What came of `story` after `stage`, where the vault does without `guard`; the invariants of the log it broke.
fn told(stage: &Stage, story: &[Command], guard: Option<Guard>) -> (Simulation, BTreeSet<u8>) {
    let mut simulation = Simulation::new(genesis(RULES, 1), Memory::ALL);
    let mut observer = Observer::new(simulation.genesis());
    for command in &stage.commands {
        assert!(observer.submit(&mut simulation, command.clone()), "{command:?}");
    }
    if let Some(guard) = guard {
        simulation.take_out(guard);
        observer.take_out(guard);
    }
    for command in story {
        assert!(observer.submit(&mut simulation, command.clone()), "{command:?}");
    }
    let broken = observer.violations.iter().map(|violation| violation.invariant);
    let broken = broken.filter(|invariant| *invariant > 100).collect();
    (simulation, broken)
}

fn restore(point: Option<u64>, name: &str) -> Command {
    ask(VaultCommand::Restore(
        RestoreRequest {
            item: known("shop/web"),
            point: point.map(PointNumber),
            client: Client::Portal,
            name: known(name),
            group: TargetGroup::New,
            account: known("restored"),
            network: None,
            subnet: None,
        }
        .into(),
    ))
}

/// 5 GB take 28 hours at 50 kB/s.
fn slow(bytes_per_second: u64) -> Command {
    Command::SetThroughput(Throughput {
        send_bytes_per_second: bytes_per_second,
        disk_bytes_per_second: bytes_per_second,
        ..Throughput::PUBLISHED
    })
}

fn stage() -> Stage {
    Stage::new(RULES).vm(machine("shop/web")).protected(&["shop/web"])
}

/// The point of a machine made of another's point lies in the other's packs. They go while it is copied. The story ends
/// before the next night's copy, which would find everything missing and bring it.
#[test]
fn what_a_copy_relied_on_and_lost_is_copied_again() {
    let stage =
        stage().a_day_later().then(restore(None, "twin")).then(wait(120)).then(protect(&["twin/twin"]));
    let story = [
        wait(700),
        slow(100_000),
        wait(75),
        ask(VaultCommand::StopProtection { item: known("shop/web"), retain: false }),
        wait(1_200),
    ];
    let (simulation, broken) = told(&stage, &story, None);
    assert_eq!(broken, BTreeSet::new());
    let state = &simulation.world().vaults[&vault()];
    let packs: Vec<_> = state.log.folded().packs.values().collect();
    let blocks: Vec<u32> = packs.iter().map(|pack| pack.entry.blob_count).collect();
    let needed: u64 = state.store.points.values().next().unwrap().values().map(|map| map.allocated()).sum();
    assert_eq!(blocks, [u32::try_from(needed).unwrap()]);
    assert!(told(&stage, &story, Some(Guard::ReliedLive)).1.contains(&103));
}

/// A point that expires while it is restored goes at the clean-up after that.
#[test]
fn a_point_that_is_restored_outlives_its_expiry() {
    let story = [wait(7 * 1_440 + 600), slow(50_000), restore(Some(1), "twin"), wait(1_440)];
    let (simulation, broken) = told(&stage(), &story, None);
    assert_eq!(broken, BTreeSet::new());
    let points = |simulation: &Simulation| simulation.world().vaults[&vault()].catalogue.points.clone();
    assert!(points(&simulation).contains_key(&PointNumber(1)));
    let later = [&story[..], &[wait(2 * 1_440)]].concat();
    let (simulation, broken) = told(&stage(), &later, None);
    assert_eq!(broken, BTreeSet::new());
    assert!(!points(&simulation).contains_key(&PointNumber(1)));
    assert!(simulation.world().vms.contains_key(&known("twin/twin")));
    assert!(told(&stage(), &story, Some(Guard::SparePinned)).1.contains(&104));
}

/// Rules of its own let a copy run over two clean-ups, which fence only what stands still.
#[test]
fn a_copy_that_moves_is_not_fenced() {
    let mut stage = stage();
    for command in &mut stage.commands {
        if let Command::CreateVault { custom, .. } = command {
            let copy_deadline = Span::from_milliseconds(48 * 3_600_000);
            *custom = Some(Profile { copy_deadline, ..Profile::of(RULES) }.into());
        }
    }
    let story = [slow(35_000), wait(2 * 1_440 + 600)];
    let (simulation, broken) = told(&stage, &story, None);
    assert_eq!(broken, BTreeSet::new());
    assert_eq!(simulation.world().vaults[&vault()].catalogue.points.len(), 1);
    let broken = told(&stage, &story, Some(Guard::FenceStill)).1;
    assert!(broken.contains(&101) && broken.contains(&102), "{broken:?}");
}

#[test]
fn what_a_cancelled_copy_uploaded_is_swept() {
    let stage = stage().then(slow(1_000_000)).then(wait(880));
    let (simulation, _) = told(&stage, &[], None);
    let job = JobId(simulation.world().vaults[&vault()].catalogue.jobs_created);
    let (simulation, broken) = told(&stage, &[ask(VaultCommand::Cancel { job }), wait(10)], None);
    assert_eq!(broken, BTreeSet::new());
    let packs = &simulation.world().vaults[&vault()].log.folded().packs;
    let left: Vec<FileStanding> = packs.values().map(|pack| pack.standing).collect();
    assert_eq!(left, [FileStanding::Uploaded]);
    let story = [ask(VaultCommand::Cancel { job }), wait(600)];
    let (simulation, broken) = told(&stage, &story, None);
    assert_eq!(broken, BTreeSet::new());
    assert!(simulation.world().vaults[&vault()].log.folded().packs.is_empty());
}
