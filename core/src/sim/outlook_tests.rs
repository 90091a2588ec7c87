//! What was expected of a copy, and what became of it.

use super::super::command::Command;
use super::super::simulation::{Memory, Simulation};
use super::super::stage::{
    Stage, ask, backup_now, data_disk, genesis, machine, machine_with_disks, night, nightly, vault, wait,
};
use super::*;
use crate::advice::AdviceId;
use crate::copy::estimate::Risk;
use crate::copy::watch::StopReason;
use crate::lifecycle::{CopyWork, JobStatus, ProfileId, VaultCommand};

const RULES: ProfileId = ProfileId::Recovery2016;

fn run(commands: impl IntoIterator<Item = Command>) -> Simulation {
    let mut simulation = Simulation::new(genesis(RULES, 1), Memory::ALL);
    for command in commands {
        simulation.submit(command).unwrap();
    }
    simulation
}

fn web() -> VmIdentity {
    "shop/web".parse().unwrap()
}

fn outlook(simulation: &Simulation) -> CopyOutlook {
    simulation.world().copy_outlook(&vault(), &web()).expect("the machine and its item are there")
}

fn last_job(simulation: &Simulation) -> &Job {
    simulation.world().vaults[&vault()].catalogue.jobs.values().last().unwrap()
}

fn until(simulation: &mut Simulation, is_there: impl Fn(&Job) -> bool) {
    while !is_there(last_job(simulation)) {
        simulation.step().expect("something is due until then");
    }
}

fn windowed(milliseconds: i64) -> Command {
    let mut policy = nightly(RULES, "22:00");
    policy.copy_window = Some(Span::from_milliseconds(milliseconds));
    ask(VaultCommand::UpdatePolicy { name: night(), policy: policy.into() })
}

/// A machine that takes 83 minutes to copy.
fn large() -> Stage {
    let mut spec = machine("shop/web");
    spec.disks[0].used_gb = 100;
    Stage::new(RULES).vm(spec).protected(&["shop/web"])
}

#[test]
fn a_copy_that_will_not_fit_its_window_is_announced_and_ends_as_announced() {
    let mut simulation = run(large().then(windowed(3_600_000)).commands);
    let before = outlook(&simulation);
    assert_eq!((before.estimate.risk, before.estimate.advice), (Risk::High, Some(AdviceId::Bkp13)));
    assert_eq!(
        before.stop.map(|stop| (stop.at, stop.reason)),
        Some((Span::from_milliseconds(3_600_000), StopReason::Deadline))
    );

    simulation.submit(wait(13 * 60)).unwrap();
    until(&mut simulation, |job| job.phase == Some(Phase::Copy));
    let during = outlook(&simulation);
    let stop = during.stop.expect("it was announced");
    let began = last_job(&simulation).phase_began;
    // The window holds for the whole transfer, and finding what changed takes ten seconds of it.
    assert_eq!(stop.at, Span::from_milliseconds(3_600_000 - 10_000));
    assert_eq!((during.estimate.whole, during.work), (before.estimate.whole, before.work));

    until(&mut simulation, |job| !job.is_active());
    let job = last_job(&simulation);
    assert_eq!((job.error, job.ended), (during.estimate.advice, began.checked_add(stop.at)));
    assert_eq!(simulation.world().vaults[&vault()].catalogue.items[&web()].carried.get(), stop.done_bytes);
}

#[test]
fn a_copy_that_ends_with_its_window_is_in_time_and_a_millisecond_less_is_too_little() {
    let takes = outlook(&run(large().commands)).estimate.whole.milliseconds();
    let ended = |window| {
        let mut simulation = run(large().then(windowed(window)).then(backup_now("shop/web")).commands);
        until(&mut simulation, |job| !job.is_active());
        let job = last_job(&simulation);
        (job.status, job.error)
    };
    assert_eq!(ended(takes + 10_000), (JobStatus::Completed, None));
    assert_eq!(ended(takes + 9_999), (JobStatus::Failed, Some(AdviceId::Bkp13)));
}

#[test]
fn a_copy_close_to_its_window_is_told_to_be_at_risk_although_it_ends_in_time() {
    let takes = outlook(&run(large().commands)).estimate.whole.milliseconds();
    let simulation = run(large().then(windowed(takes * 3 / 2)).commands);
    let told = outlook(&simulation);
    assert_eq!((told.estimate.risk, told.stop), (Risk::Elevated, None));
    let roomy = outlook(&run(large().then(windowed(takes * 2)).commands));
    assert_eq!((roomy.estimate.risk, roomy.estimate.advice), (Risk::Low, None));
}

#[test]
fn as_many_data_disks_as_are_known_to_time_out_are_told_before_the_copy() {
    let attach = Command::AttachDisk { vm: web(), disk: data_disk(15) };
    let stage = Stage::new(RULES).vm(machine_with_disks("shop/web", 15)).protected(&["shop/web"]);
    let fifteen = outlook(&run(stage.clone().commands));
    assert_eq!((fifteen.estimate.risk, fifteen.is_crowded, fifteen.stop), (Risk::Low, false, None));
    let mut simulation = run(stage.then(attach).commands);
    let sixteen = outlook(&simulation);
    assert_eq!((sixteen.estimate.risk, sixteen.estimate.advice), (Risk::Elevated, Some(AdviceId::Bkp13)));
    assert!(sixteen.is_crowded && sixteen.stop.is_some());
    simulation.submit(backup_now("shop/web")).unwrap();
    // It takes a day to time out, and meets the run of the night on the way.
    let id = last_job(&simulation).id;
    simulation.submit(wait(25 * 60)).unwrap();
    let job = simulation.world().vaults[&vault()].catalogue.job(id).unwrap();
    assert_eq!((job.error, &job.causes[..]), (Some(AdviceId::Bkp13), &[AdviceId::Limit02][..]));
}

#[test]
fn disks_side_by_side_take_as_long_as_the_longest_of_them() {
    let mut spec = machine_with_disks("shop/web", 3);
    spec.disks[1].used_gb = 50;
    let told = outlook(&run(Stage::new(RULES).vm(spec).protected(&["shop/web"]).commands)).estimate;
    let longest = told.disks.iter().map(|disk| disk.takes).max().unwrap();
    let sum: i64 = told.disks.iter().map(|disk| disk.takes.milliseconds()).sum();
    assert_eq!(told.disks.len(), 4);
    assert_eq!(told.whole, longest);
    assert!(sum > longest.milliseconds());
}

#[test]
fn what_the_next_copy_will_send_counts_what_its_machine_will_have_written() {
    let mut spec = machine("shop/web");
    spec.disks[0].churn_mb_per_day = 500;
    let mut simulation = run(Stage::new(RULES).vm(spec).protected(&["shop/web"]).a_day_later().commands);
    let expected = outlook(&simulation).work;
    simulation.submit(wait(24 * 60)).unwrap();
    let CopyWork { read, send, .. } = last_job(&simulation).work.unwrap();
    // From the run's beginning to its snapshot it writes a block more at most.
    let blocks = |bytes: ByteCount| bytes.get() / BLOCK_BYTES;
    assert!(blocks(send) > 200, "500 MB a day");
    assert!(blocks(send) - blocks(expected.send) <= 1, "{expected:?} was expected, {send} came");
    assert_eq!((read, expected.read), (send, expected.send));
}

#[test]
fn rates_that_change_while_a_copy_goes_on_change_the_next_one_only() {
    let mut simulation = run(large().then(backup_now("shop/web")).commands);
    until(&mut simulation, |job| job.phase == Some(Phase::Copy));
    let before = outlook(&simulation).estimate.whole;
    let slow = Throughput { send_bytes_per_second: 1_000_000, ..Throughput::PUBLISHED };
    simulation.submit(Command::SetThroughput(slow)).unwrap();
    assert_eq!(outlook(&simulation).estimate.whole, before);
    assert_eq!(last_job(&simulation).phase_ends.since(last_job(&simulation).phase_began), before);
}

#[test]
fn of_what_is_not_there_nothing_is_expected() {
    let mut simulation = run(large().commands);
    let world = simulation.world();
    assert_eq!(world.copy_outlook(&"elsewhere".parse().unwrap(), &web()), None);
    assert_eq!(world.copy_outlook(&vault(), &"shop/other".parse().unwrap()), None);
    simulation.submit(Command::DeleteVm(web())).unwrap();
    assert_eq!(simulation.world().copy_outlook(&vault(), &web()), None);
}
