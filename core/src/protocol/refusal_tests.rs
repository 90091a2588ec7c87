//! Every refusal asked for by itself, and what is just inside it granted.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::super::request::{Forgetting, Request};
use super::super::testing::{day, days, must, point, point_id};
use super::super::{Guards, decide};
use super::Refusal;
use crate::catalogue::Catalogue;
use crate::digest::{ChunkId, FragmentName, PackName, PageId, SessionId};
use crate::time::Instant;
use crate::vault::point::{PointState, RecoveryPoint};
use crate::vault::record::{DamagedCopies, Entry, FragmentEntry, PackEntry};

const OPEN: SessionId = SessionId::from_bytes([1; 16]);
const OTHER: SessionId = SessionId::from_bytes([2; 16]);
const GONE: SessionId = SessionId::from_bytes([3; 16]);
const STRANGER: SessionId = SessionId::from_bytes([4; 16]);

fn pack(byte: u8) -> PackName {
    PackName::from_bytes([byte; 32])
}

fn fragment(byte: u8) -> FragmentName {
    FragmentName::from_bytes([byte; 32])
}

fn pack_entry(byte: u8) -> PackEntry {
    PackEntry { name: pack(byte), file_bytes: 100, holds_pages: false, blob_count: 1 }
}

fn fragment_entry(byte: u8) -> FragmentEntry {
    FragmentEntry { name: fragment(byte), file_bytes: 100, entry_count: 1 }
}

/// A whole point, made on day 10 and its number.
fn whole(byte: u8, vm: &str) -> RecoveryPoint {
    point(byte, vm, 10 + i64::from(byte), PointState::Whole)
}

fn begin(session: SessionId, parents: &[u8]) -> Request {
    Request::Begin {
        session,
        host: "host".into(),
        host_time: day(1),
        purpose: "backup of web".into(),
        parents: parents.iter().map(|byte| point_id(*byte)).collect(),
    }
}

fn commit(session: SessionId, packs: &[u8], fragments: &[u8], points: Vec<RecoveryPoint>) -> Request {
    Request::Commit {
        session,
        host_time: day(20),
        packs: packs.iter().map(|byte| pack_entry(*byte)).collect(),
        fragments: fragments.iter().map(|byte| fragment_entry(*byte)).collect(),
        points,
        relied: BTreeSet::new(),
    }
}

fn progress(session: SessionId, packs: &[u8], fragments: &[u8]) -> Request {
    Request::Progress {
        session,
        packs: packs.iter().map(|byte| pack_entry(*byte)).collect(),
        fragments: fragments.iter().map(|byte| fragment_entry(*byte)).collect(),
    }
}

/// Packs and fragments 10 and 11 are live, 20 was uploaded by an open session, 30 by one that was fenced, 40 was
/// condemned. Points 1 and 2 are of `web`, 3 is of `db`. `OPEN` and `OTHER` are open.
fn vault() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let first = SessionId::from_bytes([9; 16]);
    must(&mut catalogue, begin(first, &[]));
    let points = vec![whole(1, "web"), whole(2, "web"), whole(3, "db")];
    must(&mut catalogue, commit(first, &[10, 11, 40], &[10, 11, 40], points));
    must(&mut catalogue, begin(GONE, &[]));
    must(&mut catalogue, progress(GONE, &[30], &[30]));
    let seen_record = catalogue.head_number;
    must(&mut catalogue, Request::Fence { session: GONE, seen_record });
    must(&mut catalogue, begin(OPEN, &[]));
    must(&mut catalogue, begin(OTHER, &[1]));
    must(&mut catalogue, progress(OTHER, &[20], &[20]));
    let sweep = condemn(&catalogue, |ask| (ask.packs, ask.fragments) = (vec![pack(40)], vec![fragment(40)]));
    must(&mut catalogue, sweep);
    catalogue
}

/// The fields of a condemn request that a test changes.
struct Ask {
    covers: u64,
    began_after: u64,
    lost: u64,
    packs: Vec<PackName>,
    fragments: Vec<FragmentName>,
    orphan_packs: Vec<(PackName, SessionId)>,
    orphan_fragments: Vec<(FragmentName, SessionId)>,
    added_packs: Vec<PackEntry>,
    added_fragments: Vec<FragmentEntry>,
}

fn condemn(catalogue: &Catalogue, change: impl FnOnce(&mut Ask)) -> Request {
    let mut ask = Ask {
        covers: catalogue.head_number,
        began_after: catalogue.last_condemned,
        lost: 0,
        packs: Vec::new(),
        fragments: Vec::new(),
        orphan_packs: Vec::new(),
        orphan_fragments: Vec::new(),
        added_packs: Vec::new(),
        added_fragments: Vec::new(),
    };
    change(&mut ask);
    let Ask { covers, began_after, lost, packs, fragments, .. } = ask;
    let Ask { orphan_packs, orphan_fragments, added_packs, added_fragments, .. } = ask;
    Request::Condemn {
        session: OPEN,
        covers,
        began_after,
        lost,
        packs,
        fragments,
        orphan_packs,
        orphan_fragments,
        added_packs,
        added_fragments,
    }
}

fn condemned(catalogue: &Catalogue, change: impl FnOnce(&mut Ask)) -> Result<Entry, Refusal> {
    decide(catalogue, condemn(catalogue, change))
}

#[test]
fn a_sweep_names_what_is_free_and_nothing_else() {
    let vault = vault();
    for free in [10, 11, 30] {
        assert!(condemned(&vault, |ask| ask.packs.push(pack(free))).is_ok(), "pack {free}");
        assert!(condemned(&vault, |ask| ask.fragments.push(fragment(free))).is_ok(), "fragment {free}");
    }
    // Of an open session, condemned already, unknown.
    for kept in [20, 40, 50] {
        let refused = condemned(&vault, |ask| ask.packs.extend([pack(10), pack(kept)]));
        assert_eq!(refused, Err(Refusal::PackNotCondemnable { pack: pack(kept) }));
        let refused = condemned(&vault, |ask| ask.fragments.extend([fragment(10), fragment(kept)]));
        assert_eq!(refused, Err(Refusal::FragmentNotCondemnable { fragment: fragment(kept) }));
    }
    assert_eq!(condemned(&vault, |_| {}), Err(Refusal::Nothing));
    let head = vault.head_number;
    let both = condemned(&vault, |ask| {
        ask.packs.push(pack(10));
        ask.fragments.push(fragment(11));
        ask.added_packs.push(pack_entry(60));
        ask.added_fragments.push(fragment_entry(60));
    });
    let expected = Entry::Condemned {
        session: OPEN,
        covers: head,
        packs: vec![pack(10)],
        fragments: vec![fragment(11)],
        added_packs: vec![pack_entry(60)],
        added_fragments: vec![fragment_entry(60)],
    };
    assert_eq!(both, Ok(expected));
}

#[test]
fn files_that_no_record_names_go_only_once_their_session_has_ended() {
    let vault = vault();
    let orphan = |byte: u8, owner| condemned(&vault, |ask| ask.orphan_packs.push((pack(byte), owner)));
    assert!(matches!(orphan(50, GONE), Ok(Entry::Condemned { packs, .. }) if packs == [pack(50)]));
    for (byte, owner) in [(50, OTHER), (50, STRANGER), (30, GONE), (10, GONE)] {
        assert_eq!(orphan(byte, owner), Err(Refusal::PackNotCondemnable { pack: pack(byte) }));
    }
    let orphan =
        |byte: u8, owner| condemned(&vault, |ask| ask.orphan_fragments.push((fragment(byte), owner)));
    assert!(
        matches!(orphan(50, GONE), Ok(Entry::Condemned { fragments, .. }) if fragments == [fragment(50)])
    );
    for (byte, owner) in [(50, OTHER), (50, STRANGER), (30, GONE), (10, GONE)] {
        assert_eq!(orphan(byte, owner), Err(Refusal::FragmentNotCondemnable { fragment: fragment(byte) }));
    }
}

#[test]
fn a_mark_that_is_stale_overtaken_or_incomplete_condemns_nothing() {
    let vault = vault();
    let head = vault.head_number;
    let with = |change: &dyn Fn(&mut Ask)| {
        condemned(&vault, |ask| {
            ask.packs.push(pack(10));
            change(ask);
        })
    };
    assert!(with(&|_| {}).is_ok());
    let stale = |covers| Err(Refusal::MarkStale { covers, head });
    assert_eq!(with(&|ask| ask.covers = head - 1), stale(head - 1));
    assert_eq!(with(&|ask| ask.covers = head + 1), stale(head + 1));
    let record = vault.last_condemned;
    assert_eq!(record, head, "the sweep that made this vault");
    assert_eq!(with(&|ask| ask.began_after = record - 1), Err(Refusal::MarkOvertaken { record }));
    assert_eq!(with(&|ask| ask.lost = 1), Err(Refusal::MarkIncomplete { lost: 1 }));
}

#[test]
fn only_an_open_session_adds_and_no_name_becomes_new_again() {
    let vault = vault();
    for session in [GONE, STRANGER] {
        assert_eq!(decide(&vault, progress(session, &[50], &[])), Err(Refusal::NotOpen { session }));
        assert_eq!(
            decide(&vault, commit(session, &[50], &[], Vec::new())),
            Err(Refusal::NotOpen { session })
        );
    }
    assert!(decide(&vault, progress(OPEN, &[50], &[50])).is_ok());
    for known in [10, 20, 30, 40] {
        let (packs, fragments) = ([50, known], [50, known]);
        let refused = Err(Refusal::PackKnown { pack: pack(known) });
        assert_eq!(decide(&vault, progress(OPEN, &packs, &[])), refused);
        assert_eq!(decide(&vault, commit(OPEN, &packs, &[], Vec::new())), refused);
        assert_eq!(condemned(&vault, |ask| ask.added_packs.push(pack_entry(known))), refused);
        let refused = Err(Refusal::FragmentKnown { fragment: fragment(known) });
        assert_eq!(decide(&vault, progress(OPEN, &[], &fragments)), refused);
        assert_eq!(decide(&vault, commit(OPEN, &[], &fragments, Vec::new())), refused);
        assert_eq!(condemned(&vault, |ask| ask.added_fragments.push(fragment_entry(known))), refused);
    }
    let again = commit(OPEN, &[], &[], vec![whole(2, "web")]);
    assert_eq!(decide(&vault, again), Err(Refusal::PointKnown { point: point_id(2) }));
    assert_eq!(decide(&vault, begin(GONE, &[])), Err(Refusal::SessionKnown { session: GONE }));
    let begun = decide(&vault, begin(STRANGER, &[2, 7])).unwrap();
    assert!(matches!(begun, Entry::Begun { parents, .. } if parents == [point_id(2)]));
}

#[test]
fn a_commit_relies_on_live_packs_and_its_own() {
    let vault = vault();
    let relying = |session, byte: u8| {
        let Request::Commit { host_time, packs, fragments, points, .. } =
            commit(session, &[], &[], Vec::new())
        else {
            unreachable!("it makes a commit");
        };
        let relied = BTreeSet::from([pack(10), pack(byte)]);
        decide(&vault, Request::Commit { session, host_time, packs, fragments, points, relied })
    };
    assert!(relying(OPEN, 11).is_ok() && relying(OTHER, 20).is_ok());
    for (session, byte) in [(OPEN, 20), (OPEN, 30), (OTHER, 40), (OPEN, 50)] {
        let refused = Err(Refusal::ReliedCondemned { pack: pack(byte) });
        assert_eq!(relying(session, byte), refused, "{byte}");
    }
}

#[test]
fn a_session_is_fenced_where_it_stood_still_and_its_packs_are_adopted_afterwards() {
    let mut vault = vault();
    let last = vault.sessions[&OTHER].last_record;
    let fence =
        |vault: &Catalogue, session, seen_record| decide(vault, Request::Fence { session, seen_record });
    let lives = |seen| Err(Refusal::Lives { session: OTHER, last, seen });
    assert_eq!(fence(&vault, OTHER, last - 1), lives(last - 1));
    assert_eq!(fence(&vault, OTHER, last + 1), lives(last + 1));
    assert_eq!(fence(&vault, GONE, last), Err(Refusal::NotOpen { session: GONE }));
    let adopt = |vault: &Catalogue, session, from, packs: &[u8]| {
        let packs = packs.iter().map(|byte| pack(*byte)).collect();
        decide(vault, Request::Adopt { session, from, packs })
    };
    let not = |byte| Err(Refusal::NotAdoptable { pack: pack(byte) });
    assert_eq!(adopt(&vault, OPEN, OTHER, &[20]), not(20));
    assert!(adopt(&vault, OPEN, GONE, &[30]).is_ok());
    assert_eq!(adopt(&vault, OPEN, GONE, &[30, 10]), not(10));
    assert_eq!(adopt(&vault, OPEN, GONE, &[50]), not(50));
    assert_eq!(adopt(&vault, OPEN, OTHER, &[30]), not(30));
    assert_eq!(adopt(&vault, OPEN, GONE, &[]), Err(Refusal::Nothing));
    assert_eq!(adopt(&vault, GONE, GONE, &[30]), Err(Refusal::NotOpen { session: GONE }));
    must(&mut vault, Request::Fence { session: OTHER, seen_record: last });
    assert_eq!(adopt(&vault, OPEN, OTHER, &[30]), not(30), "it is the other one's");
    must(&mut vault, Request::Adopt { session: OPEN, from: OTHER, packs: vec![pack(20)] });
    assert_eq!(adopt(&vault, OPEN, OTHER, &[20]), not(20), "it was adopted once");
}

#[test]
fn what_was_condemned_is_deleted_once() {
    let mut vault = vault();
    let delete = |vault: &Catalogue, packs: &[u8], fragments: &[u8]| {
        let packs = packs.iter().map(|byte| pack(*byte)).collect();
        let fragments = fragments.iter().map(|byte| fragment(*byte)).collect();
        decide(vault, Request::Delete { packs, fragments })
    };
    for kept in [10, 20, 30] {
        let refused = delete(&vault, &[40, kept], &[]);
        assert_eq!(refused, Err(Refusal::PackNotCondemned { pack: pack(kept) }));
        let refused = delete(&vault, &[], &[40, kept]);
        assert_eq!(refused, Err(Refusal::FragmentNotCondemned { fragment: fragment(kept) }));
    }
    // What nobody knows any more is left out.
    let (packs, fragments) = (vec![pack(40)], vec![fragment(40)]);
    assert_eq!(delete(&vault, &[40, 50], &[50]), Ok(Entry::Deleted { packs, fragments: Vec::new() }));
    assert_eq!(delete(&vault, &[50], &[40]), Ok(Entry::Deleted { packs: Vec::new(), fragments }));
    assert_eq!(delete(&vault, &[50], &[50]), Err(Refusal::Nothing));
    must(&mut vault, Request::Delete { packs: vec![pack(40)], fragments: vec![fragment(40)] });
    assert_eq!(delete(&vault, &[40], &[40]), Err(Refusal::Nothing));
}

#[test]
fn damage_is_said_once_and_only_of_live_packs() {
    let mut vault = vault();
    let chunk = |byte| ChunkId::from_bytes([byte; 32]);
    let page = |byte| PageId::from_bytes([byte; 32]);
    let copies = |byte: u8, chunks: &[u8], pages: &[u8]| DamagedCopies {
        pack: pack(byte),
        chunks: chunks.iter().map(|byte| chunk(*byte)).collect(),
        pages: pages.iter().map(|byte| page(*byte)).collect(),
    };
    let report = |vault: &Catalogue, copies: Vec<DamagedCopies>| match decide(
        vault,
        Request::ReportDamage { copies },
    )? {
        Entry::DamageFound { copies } => Ok(copies),
        entry => panic!("{entry:?}"),
    };
    for other in [20, 30, 40, 50] {
        assert_eq!(report(&vault, vec![copies(other, &[1], &[])]), Err(Refusal::Nothing), "{other}");
    }
    assert_eq!(report(&vault, vec![copies(10, &[], &[])]), Err(Refusal::Nothing));
    let all = vec![copies(10, &[1], &[]), copies(11, &[], &[2])];
    assert_eq!(report(&vault, all.clone()), Ok(all.clone()));
    must(&mut vault, Request::ReportDamage { copies: all.clone() });
    assert_eq!(report(&vault, all), Err(Refusal::Nothing));
    let more = vec![copies(10, &[1, 3], &[4]), copies(11, &[], &[2, 5])];
    assert_eq!(report(&vault, more), Ok(vec![copies(10, &[3], &[4]), copies(11, &[], &[5])]));
}

#[test]
fn points_are_forgotten_by_rule_or_by_name_and_the_newest_only_by_name() {
    let mut vault = vault();
    let by_rule =
        |damaged: &[u8]| Forgetting::ByRule { damaged: damaged.iter().map(|byte| point_id(*byte)).collect() };
    let forget = |vault: &Catalogue, byte: u8, word: Forgetting| {
        decide(vault, Request::Forget { points: vec![point_id(byte)], host_time: day(30), word })
    };
    let newest = |byte| Err(Refusal::NewestWhole { point: point_id(byte) });
    assert!(forget(&vault, 1, by_rule(&[])).is_ok());
    assert_eq!(forget(&vault, 2, by_rule(&[])), newest(2));
    assert_eq!(forget(&vault, 3, by_rule(&[])), newest(3), "the newest of its own VM");
    // A damaged one is not the newest whole one.
    assert!(forget(&vault, 2, by_rule(&[2])).is_ok());
    assert_eq!(forget(&vault, 1, by_rule(&[2])), newest(1));
    assert!(forget(&vault, 2, Forgetting::AllOf("web".into())).is_ok());
    let wanted = "a point of the VM that is deleted";
    assert_eq!(
        forget(&vault, 3, Forgetting::AllOf("web".into())),
        Err(Refusal::NoSuchPoint { point: point_id(3), wanted })
    );
    let wanted = "a recovery point of this vault";
    assert_eq!(forget(&vault, 7, by_rule(&[])), Err(Refusal::NoSuchPoint { point: point_id(7), wanted }));
    must(&mut vault, Request::Pin { points: vec![point_id(1)], reason: "audit".into() });
    assert_eq!(forget(&vault, 1, by_rule(&[])), Err(Refusal::Pinned { point: point_id(1) }));
    must(&mut vault, Request::Unpin { points: vec![point_id(1)] });
    assert!(forget(&vault, 1, by_rule(&[])).is_ok());
    let nothing = Request::Forget { points: Vec::new(), host_time: day(30), word: by_rule(&[]) };
    assert_eq!(decide(&vault, nothing), Err(Refusal::Nothing));
}

#[test]
fn a_forgotten_point_comes_back_or_goes_when_its_time_is_over() {
    let mut vault = vault();
    let wait = days(3);
    let purge = |vault: &Catalogue, byte: u8, now: Instant, clock_confirmed| {
        decide(vault, Request::Purge { points: vec![point_id(byte)], now, wait, clock_confirmed })
    };
    let wanted = "a forgotten point";
    let not_forgotten = |byte| Err(Refusal::NoSuchPoint { point: point_id(byte), wanted });
    assert_eq!(purge(&vault, 2, day(30), false), not_forgotten(2));
    assert_eq!(decide(&vault, Request::Undelete { points: vec![point_id(2)] }), not_forgotten(2));
    assert_eq!(decide(&vault, Request::Undelete { points: Vec::new() }), Err(Refusal::Nothing));
    for byte in [1, 2] {
        let word = Forgetting::AllOf("web".into());
        must(&mut vault, Request::Forget { points: vec![point_id(byte)], host_time: day(20), word });
    }
    // `OTHER` builds on the first.
    let held = Err(Refusal::Held { point: point_id(1), session: OTHER });
    assert_eq!(purge(&vault, 1, day(23), false), held);
    let early = Instant::from_unix_milliseconds(day(23).unix_milliseconds() - 1);
    let refused = Err(Refusal::TooEarly { point: point_id(2), since: day(20), wait, now: early });
    assert_eq!(purge(&vault, 2, early, false), refused);
    assert!(purge(&vault, 2, day(23), false).is_ok());
    assert!(decide(&vault, Request::Undelete { points: vec![point_id(2)] }).is_ok());
    // The present leapt by years, or lies before what was made already.
    for now in [day(4_000), day(11)] {
        let doubted = Err(Refusal::ClockInDoubt { point: point_id(2), now });
        assert_eq!(purge(&vault, 2, now, false), doubted);
    }
    assert!(purge(&vault, 2, day(4_000), true).is_ok());
    must(&mut vault, Request::Abort { session: OTHER, reason: String::new() });
    assert!(purge(&vault, 1, day(23), false).is_ok(), "nobody builds on it any more");
    must(
        &mut vault,
        Request::Purge { points: vec![point_id(1)], now: day(23), wait, clock_confirmed: false },
    );
    assert_eq!(purge(&vault, 1, day(23), false), not_forgotten(1));
}

#[test]
fn a_point_forgotten_by_a_clock_that_went_back_waits_for_a_word() {
    let wait = days(1);
    // The points were made on days 11 to 13.
    let purge = |forgotten: i64, clock_confirmed| {
        let mut vault = vault();
        let word = Forgetting::AllOf("web".into());
        must(&mut vault, Request::Forget { points: vec![point_id(2)], host_time: day(forgotten), word });
        let points = vec![point_id(2)];
        decide(&vault, Request::Purge { points, now: day(14), wait, clock_confirmed })
    };
    for before in [10, 12] {
        let doubted = Err(Refusal::ClockInDoubt { point: point_id(2), now: day(14) });
        assert_eq!(purge(before, false), doubted, "day {before}");
        assert!(purge(before, true).is_ok());
    }
    assert!(purge(13, false).is_ok(), "in the moment of the newest point");
}

#[test]
fn spans_are_told_in_days() {
    let (since, now) = (day(10), day(12));
    let refused = Refusal::TooEarly { point: point_id(1), since, wait: days(7), now };
    let told = alloc::format!("{refused}");
    assert!(told.contains("7 days") && told.contains("only 2"), "{told}");
}

#[test]
fn all_rules_hold_unless_one_is_taken_out() {
    for guard in super::super::guard::Guard::ALL {
        assert!(Guards::ALL.hold(guard));
        for other in super::super::guard::Guard::ALL {
            assert_eq!(Guards::without(guard).hold(other), guard != other);
        }
    }
}
