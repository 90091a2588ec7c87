//! What a watch must hold, whatever a copy does.

use std::vec::Vec;

use proptest::prelude::*;

use super::*;

const MS: fn(i64) -> Span = Span::from_milliseconds;

fn reading(done_bytes: u64) -> DiskProgress {
    DiskProgress { begun: true, ended: false, reading: true, done_bytes }
}

fn look(watch: &mut Watch, now: i64, disks: &[DiskProgress], stored: u64) -> Vec<Verdict> {
    watch.look(&Sample { now: MS(now), disks, stored, held_back: false })
}

#[test]
fn a_limit_of_nothing_stops_nothing() {
    let mut watch = Watch::new(Limits::default(), 1);
    for now in [0, 1_000, i64::MAX] {
        assert_eq!(look(&mut watch, now, &[reading(0)], 0), []);
    }
}

#[test]
fn a_disk_deadline_runs_from_its_own_beginning_and_stops_it_alone() {
    let limits = Limits { disk: Some(MS(100)), ..Limits::default() };
    let mut watch = Watch::new(limits, 2);
    let waiting = DiskProgress::default();
    assert_eq!(look(&mut watch, 0, &[reading(0), waiting], 0), []);
    assert_eq!(look(&mut watch, 99, &[reading(1), waiting], 0), []);
    let stop = |disk| [Verdict::StopDisk { disk, reason: StopReason::DiskDeadline }];
    assert_eq!(look(&mut watch, 100, &[reading(2), reading(0)], 0), stop(0));
    assert_eq!(look(&mut watch, 199, &[reading(3), reading(5)], 0), []);
    assert_eq!(look(&mut watch, 200, &[reading(3), reading(9)], 0), stop(1));
}

#[test]
fn the_deadline_of_the_set_is_told_once() {
    let limits = Limits { set: Some(MS(50)), ..Limits::default() };
    let mut watch = Watch::new(limits, 1);
    assert_eq!(look(&mut watch, 49, &[reading(0)], 0), []);
    let stop = [Verdict::StopAll { reason: StopReason::Deadline }];
    assert_eq!(look(&mut watch, 50, &[reading(1)], 0), stop);
    assert_eq!(look(&mut watch, 90, &[reading(1)], 0), []);
}

#[test]
fn a_stuck_vault_is_told_from_a_stuck_disk() {
    let limits = Limits { stall: Some(MS(100)), ..Limits::default() };
    let mut watch = Watch::new(limits, 1);
    let idle = DiskProgress { reading: false, ..reading(7) };
    assert_eq!(look(&mut watch, 0, &[idle], 3), []);
    assert_eq!(look(&mut watch, 99, &[idle], 4), [], "the vault took something");
    assert_eq!(look(&mut watch, 198, &[idle], 4), []);
    assert_eq!(look(&mut watch, 199, &[idle], 4), [Verdict::VaultStuck]);
    assert_eq!(look(&mut watch, 900, &[idle], 4), [], "it is told once");

    let mut watch = Watch::new(limits, 1);
    let disks = [idle];
    let held = |now| Sample { now: MS(now), disks: &disks, stored: 0, held_back: true };
    assert!((0..50).all(|turn| watch.look(&held(turn * 50)).is_empty()), "a limit that was asked for");
}

#[test]
fn a_process_that_was_stopped_for_an_hour_has_stalled_disks_no_more_than_before() {
    let limits = Limits { stall: Some(MS(10_000)), disk: Some(MS(7_200_000)), ..Limits::default() };
    let mut watch = Watch::new(limits, 1);
    let hour = 3_600_000;
    assert_eq!(look(&mut watch, 0, &[reading(1)], 0), []);
    assert_eq!(look(&mut watch, hour, &[reading(1)], 0), [], "nobody looked");
    for second in 1..9 {
        assert_eq!(look(&mut watch, hour + second * 1_000, &[reading(1)], 0), []);
    }
    let stalled = [Verdict::StopDisk { disk: 0, reason: StopReason::Stalled }];
    assert_eq!(look(&mut watch, hour + 9_000, &[reading(1)], 0), stalled, "a second of the hour counts");
    let mut watch = Watch::new(limits, 1);
    assert_eq!(look(&mut watch, 0, &[reading(1)], 0), []);
    let late = [Verdict::StopDisk { disk: 0, reason: StopReason::DiskDeadline }];
    assert_eq!(look(&mut watch, 2 * hour, &[reading(2)], 0), late, "a deadline is a deadline");
}

#[test]
fn after_a_stop_the_vault_gets_the_whole_limit_to_finish() {
    let limits = Limits { set: Some(MS(1_000)), stall: Some(MS(100)), ..Limits::default() };
    let mut watch = Watch::new(limits, 1);
    for now in 0..10 {
        assert_eq!(look(&mut watch, now * 100, &[reading(u64::try_from(now).unwrap() + 1)], 0), []);
    }
    assert_eq!(look(&mut watch, 1_000, &[reading(20)], 0).len(), 1);
    // A read that never comes back does not stand for movement any more.
    assert_eq!(look(&mut watch, 1_099, &[reading(20)], 0), []);
    assert_eq!(look(&mut watch, 1_100, &[reading(20)], 0), [Verdict::VaultStuck]);
}

proptest! {
    /// A read that hangs from some moment on ends its disk within the stall limit and one tick.
    #[test]
    fn a_disk_without_progress_is_stopped_in_time(
        stall in 1_i64..2_000,
        ticks in proptest::collection::vec(1_i64..250, 200),
        moves in 0_usize..100,
    ) {
        let mut watch = Watch::new(Limits { stall: Some(MS(stall)), ..Limits::default() }, 1);
        let (mut now, mut done, mut last_moved, mut before) = (0, 0, 0, 0);
        let mut stopped = None;
        for (turn, tick) in ticks.into_iter().enumerate() {
            if turn <= moves {
                done += 1;
                last_moved = now;
            }
            for verdict in look(&mut watch, now, &[reading(done)], 0) {
                prop_assert_eq!(verdict, Verdict::StopDisk { disk: 0, reason: StopReason::Stalled });
                prop_assert!(stopped.is_none(), "told twice");
                prop_assert!(now - last_moved >= stall, "too early");
                prop_assert!(before - last_moved < stall, "a look later than need be");
                stopped = Some(now);
            }
            if stopped.is_some() {
                break;
            }
            before = now;
            now += tick;
        }
        prop_assert!(stopped.is_some() || now - last_moved <= stall + 250);
    }

    /// Disks that move, wait, or end are never called stalled.
    #[test]
    fn a_disk_that_moves_goes_on(
        stall in 260_i64..2_000,
        ticks in proptest::collection::vec((1_i64..250, 0_u8..3), 1..200),
    ) {
        let mut watch = Watch::new(Limits { stall: Some(MS(stall)), ..Limits::default() }, 1);
        let (mut now, mut stored) = (0, 0);
        let mut disk = reading(0);
        for (tick, what) in ticks {
            match what {
                0 => disk = reading(disk.done_bytes + 1),
                1 => disk = DiskProgress { reading: false, ..disk },
                _ => disk.done_bytes += 1,
            }
            stored += 1;
            prop_assert_eq!(look(&mut watch, now, &[disk], stored), []);
            now += tick;
        }
    }
}
