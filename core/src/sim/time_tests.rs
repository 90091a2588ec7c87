//! The time machine, and what holds at the moments it passes.

use alloc::vec::Vec;

use super::command::Command;
use super::event::{Event, Record};
use super::simulation::{Memory, Simulation};
use super::stage::{
    Stage, ask, backup_now, change, genesis, known, machine, machine_with_disks, protect, vault, wait,
};
use super::{ShutdownFrom, VmChange, fuzz, scenarios};
use crate::advice::ProfileId;
use crate::lifecycle::{Job, VaultCommand, VaultEvent};
use crate::time::{Instant, Span};

fn later(moment: Instant, minutes: i64) -> Instant {
    moment.checked_add(Span::from_milliseconds(minutes * 60_000)).unwrap()
}

fn played(name: &str, memory: Memory) -> Simulation {
    scenarios::find(name).unwrap().scenario.run(memory).unwrap().0
}

#[test]
fn going_back_and_forward_again_comes_to_the_same_state() {
    let often = Memory { events: true, checkpoint_events: 10 };
    for name in ["first-day", "ghost-vm", "retention"] {
        let whole = played(name, often);
        let start = whole.genesis().start;
        let length = whole.world().clock.since(start).milliseconds();
        for part in 0..=12 {
            let moment = Instant::from_unix_milliseconds(start.unix_milliseconds() + length * part / 12);
            let past = whole.at(moment).unwrap();
            assert_eq!(past.world().clock, moment);
            let until: Vec<Record> =
                whole.history().iter().filter(|record| record.at <= moment).cloned().collect();
            let happened = |records: &[Record]| -> Vec<Record> {
                records.iter().filter(|record| record.event != Event::TimePassed).cloned().collect()
            };
            assert_eq!(happened(past.history()), happened(&until), "{name} at {moment:?}");
            // Told by whole replay, without any checkpoint.
            let plain = played(name, Memory { checkpoint_events: 0, ..Memory::ALL }).at(moment).unwrap();
            assert_eq!(plain.world().hash(), past.world().hash());
            assert_eq!(plain.history_hash(), past.history_hash());
        }
        assert_eq!(whole.at(whole.world().clock).unwrap().world().hash(), whole.world().hash());
    }
}

#[test]
fn a_long_wait_is_the_same_as_many_short_ones() {
    let stage = || Stage::new(ProfileId::Recovery2016).vm(machine("shop/web")).protected(&["shop/web"]);
    let run = |waits: &[u32]| {
        let mut simulation = Simulation::new(genesis(ProfileId::Recovery2016, 1), Memory::ALL);
        let waits = waits.iter().map(|minutes| wait(*minutes));
        for command in stage().commands.into_iter().chain(waits) {
            simulation.submit(command).unwrap();
        }
        (simulation.world().hash(), simulation.history_hash())
    };
    let whole = run(&[10_000]);
    assert_eq!(run(&[1, 9, 990, 4_000, 5_000]), whole);
    assert_eq!(run(&[37; 270].iter().copied().chain([10]).collect::<Vec<_>>()), whole);
}

#[test]
fn two_futures_of_one_past_differ_only_by_what_was_done() {
    let whole = played("first-day", Memory::ALL);
    let noon = later(whole.genesis().start, 240);
    let mut stopped = whole.at(noon).unwrap();
    let mut running = stopped.clone();
    let off = VmChange::Stop { from: ShutdownFrom::Portal };
    stopped.submit(change("shop/web", off)).unwrap();
    for fork in [&mut stopped, &mut running] {
        fork.submit(Command::AdvanceTo(whole.world().clock)).unwrap();
    }
    assert_eq!(running.world().hash(), whole.world().hash());
    assert_ne!(stopped.world().hash(), whole.world().hash());
}

#[test]
fn no_moment_before_the_beginning_or_after_now_can_be_reached_back_to() {
    let whole = played("too-eager", Memory::ALL);
    assert!(whole.at(later(whole.genesis().start, -1)).is_err());
    assert!(whole.at(later(whole.world().clock, 1)).is_err());
}

/// Invariant I-10.
#[test]
fn after_each_clean_up_no_point_but_the_newest_is_past_its_expiry() {
    let mut simulation = played("retention", Memory::NONE);
    let mut seen = 0;
    for _ in 0..400 {
        let moment = simulation.step().unwrap();
        let vault = &simulation.world().vaults[&vault()].catalogue;
        // The clean-up of this vault runs at 08:00, when no backup does.
        if moment.unix_milliseconds().rem_euclid(86_400_000) != 8 * 3_600_000 {
            continue;
        }
        seen += 1;
        for item in vault.items.values().filter(|item| item.is_scheduled()) {
            let older = item.points.iter().rev().skip(1).map(|point| &vault.points[point]);
            assert!(older.into_iter().all(|point| point.expiry >= moment));
        }
    }
    assert!(seen > 10);
}

/// Invariant I-34: progress never decreases, and ends at the whole.
#[test]
fn the_progress_of_a_copy_never_decreases() {
    let mut simulation = Simulation::new(genesis(ProfileId::Recovery2016, 1), Memory::ALL);
    let stage = Stage::new(ProfileId::Recovery2016).vm(machine_with_disks("shop/web", 2));
    for command in stage.protected(&["shop/web"]).then(backup_now("shop/web")).commands {
        simulation.submit(command).unwrap();
    }
    let mut last = 0;
    let mut rising = 0;
    for _ in 0..120 {
        simulation
            .submit(Command::AdvanceTo(
                simulation.world().clock.checked_add(Span::from_milliseconds(5_000)).unwrap(),
            ))
            .unwrap();
        let jobs = &simulation.world().vaults[&vault()].catalogue.jobs;
        let job: &Job = jobs.values().last().unwrap();
        let done = job.bytes_done(simulation.world().clock).get();
        assert!(done >= last);
        rising += i32::from(done > last);
        last = done;
    }
    assert!(rising > 20);
    assert!(last > 14_000_000_000, "three disks of 5 GB each");
}

#[test]
fn a_copy_that_ran_out_of_time_goes_on_where_it_ended() {
    let mut simulation = Simulation::new(genesis(ProfileId::Recovery2016, 1), Memory::ALL);
    let mut spec = machine("shop/web");
    spec.disks[0].used_gb = 100;
    let stage = Stage::new(ProfileId::Recovery2016).vm(spec).protected(&["shop/web"]);
    let mut policy = super::stage::nightly(ProfileId::Recovery2016, "22:00");
    policy.copy_window = Some(Span::from_milliseconds(3_600_000));
    let update = ask(VaultCommand::UpdatePolicy { name: super::stage::night(), policy: policy.into() });
    for command in stage.then(update).then(wait(3 * 1_440)).commands {
        simulation.submit(command).unwrap();
    }
    let sends: Vec<u64> = simulation
        .history()
        .iter()
        .filter_map(|record| match &record.event {
            Event::Vault(_, VaultEvent::DeltaComputed { work, .. }) => Some(work.send.get()),
            _ => None,
        })
        .collect();
    // 100 GB at 20 MB/s take 83 minutes: an hour the first night, the rest in the second, nothing in the third.
    assert_eq!(sends.len(), 3);
    assert!(sends[0] > 99_000_000_000);
    assert!(sends[1] < sends[0] / 3 && sends[1] > 0);
    assert_eq!(sends[2], 0);
    assert_eq!(simulation.world().vaults[&vault()].catalogue.points.len(), 2);
}

/// The state does not depend on what of the past is remembered.
#[test]
fn forgetting_the_past_changes_nothing_now() {
    let (_, opening) = fuzz::opening(9);
    let run = |memory| {
        let mut simulation = Simulation::new(genesis(ProfileId::Recovery2016, 9), memory);
        for command in opening.iter().cloned().chain([protect(&["shop/web"]), wait(10_000)]) {
            let _ = simulation.submit(command);
        }
        (simulation.world().hash(), simulation.history_hash())
    };
    assert_eq!(run(Memory::ALL), run(Memory::NONE));
    let _: crate::lifecycle::VaultName = known("vault");
}
