//! Rules that no history of the simulation asks for.

use alloc::string::String;
use alloc::vec::Vec;

use super::super::request::{Forgetting, Request};
use super::super::testing::{day, days, must, point, point_id};
use super::*;
use crate::catalogue::{KeptPoint, PointStanding};
use crate::digest::SessionId;
use crate::time::Span;
use crate::vault::point::PointState;

fn slot(byte: u8) -> SlotId {
    SlotId::from_bytes([byte; 16])
}

fn receive(catalogue: &mut Catalogue, byte: u8, made: i64, state: PointState) {
    let record = catalogue.head_number + 1;
    catalogue.head_number = record;
    let point = point(byte, "vm", made, state);
    catalogue.points.push(KeptPoint { record, point, standing: PointStanding::Live, pinned: None });
}

fn forget(catalogue: &Catalogue, byte: u8, now: i64, confirmed: bool) -> Result<Entry, Refusal> {
    let word = Forgetting::AllOf("vm".into()).with_times(confirmed);
    decide(catalogue, Request::Forget { points: [point_id(byte)].into(), host_time: day(now), word })
}

#[test]
fn keys_are_rotated_only_while_nobody_writes_and_for_the_slots_there_are() {
    let mut catalogue = Catalogue::default();
    must(&mut catalogue, Request::ChangeSlots { added: [slot(1), slot(2)].into(), removed: Vec::new() });
    let rotate = |added: &[u8], removed: &[u8]| Request::Rotate {
        added: added.iter().map(|byte| slot(*byte)).collect(),
        removed: removed.iter().map(|byte| slot(*byte)).collect(),
    };
    assert_eq!(decide(&catalogue, rotate(&[3], &[1])), Err(Refusal::SlotsMoved));
    assert_eq!(decide(&catalogue, rotate(&[], &[1, 2])), Err(Refusal::LastSlot));
    let sessions = [8, 9].map(|byte| SessionId::from_bytes([byte; 16]));
    for (open, session) in (1..).zip(sessions) {
        let (host, purpose) = ("host".into(), "backup of vm".into());
        let begin = Request::Begin { session, host, host_time: day(1), purpose, parents: Vec::new() };
        must(&mut catalogue, begin);
        let refused = decide(&catalogue, rotate(&[3], &[1, 2]));
        assert!(matches!(refused, Err(Refusal::SessionsOpen { count, .. }) if count == open), "{refused:?}");
    }
    for session in sessions {
        must(&mut catalogue, Request::Abort { session, reason: String::new() });
    }
    must(&mut catalogue, rotate(&[3], &[1, 2]));
    assert_eq!(catalogue.slots, [slot(3)].into());
    assert_eq!(catalogue.removed_slots, [slot(1), slot(2)].into());
}

#[test]
fn a_locked_point_is_not_forgotten_on_anybodys_word() {
    let mut catalogue = Catalogue::default();
    receive(&mut catalogue, 1, 10, PointState::Whole);
    receive(&mut catalogue, 2, 11, PointState::Partial);
    must(&mut catalogue, Request::SetLock { age: days(5) });
    receive(&mut catalogue, 3, 12, PointState::Whole);
    assert!(matches!(forget(&catalogue, 1, 14, false), Err(Refusal::Locked { .. })));
    assert!(matches!(forget(&catalogue, 1, 14, true), Err(Refusal::Locked { .. })));
    assert!(forget(&catalogue, 1, 15, false).is_ok(), "it is five days old");
    assert!(forget(&catalogue, 2, 12, false).is_ok(), "what a stopped copy left is not locked");
    assert_eq!(decide(&catalogue, Request::SetLock { age: days(5) }), Err(Refusal::Nothing));
}

#[test]
fn a_lower_lock_concerns_only_what_comes_after_it() {
    let mut catalogue = Catalogue::default();
    must(&mut catalogue, Request::SetLock { age: days(5) });
    receive(&mut catalogue, 1, 10, PointState::Whole);
    must(&mut catalogue, Request::SetLock { age: Span::ZERO });
    receive(&mut catalogue, 2, 10, PointState::Whole);
    assert!(matches!(forget(&catalogue, 1, 14, false), Err(Refusal::Locked { .. })));
    assert!(forget(&catalogue, 2, 11, false).is_ok());
    must(&mut catalogue, Request::SetLock { age: days(2) });
    assert!(
        matches!(forget(&catalogue, 2, 11, false), Err(Refusal::Locked { .. })),
        "a higher one concerns all"
    );
}

#[test]
fn a_clock_in_doubt_ends_no_lock() {
    let mut catalogue = Catalogue::default();
    must(&mut catalogue, Request::SetLock { age: days(5) });
    receive(&mut catalogue, 1, 100, PointState::Whole);
    receive(&mut catalogue, 2, 10, PointState::Whole);
    receive(&mut catalogue, 3, 101, PointState::Whole);
    // The present leapt by years.
    assert!(matches!(forget(&catalogue, 1, 2_000, false), Err(Refusal::ClockInDoubt { .. })));
    assert!(forget(&catalogue, 1, 2_000, true).is_ok());
    // The point was made by a clock that went back, so its age is made up.
    assert!(matches!(forget(&catalogue, 2, 101, false), Err(Refusal::ClockInDoubt { .. })));
    assert!(forget(&catalogue, 1, 106, false).is_ok());
}
