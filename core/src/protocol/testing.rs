//! What the tests of decisions begin with: days, points, and a catalogue that grows by what the machine decides.

use alloc::string::String;
use alloc::vec::Vec;

use super::decide::decide;
use super::request::Request;
use crate::catalogue::Catalogue;
use crate::digest::PointId;
use crate::time::{Instant, Span};
use crate::vault::point::{Consistency, PointState, RecoveryPoint};
use crate::vault::record::{Record, RecordHead};

const DAY: i64 = 86_400_000;

pub(super) fn day(day: i64) -> Instant {
    Instant::from_unix_milliseconds(day * DAY)
}

pub(super) fn days(days: i64) -> Span {
    Span::from_milliseconds(days * DAY)
}

/// Appends what the machine makes of a request.
pub(super) fn must(catalogue: &mut Catalogue, request: Request) {
    let entry = decide(catalogue, request).unwrap();
    let (number, hash) = (catalogue.head_number + 1, catalogue.head());
    catalogue.apply(&Record { number, head: RecordHead::default(), entry: Some(entry), hash });
}

pub(super) fn point_id(byte: u8) -> PointId {
    PointId::from_bytes([byte; 16])
}

/// A point of `vm`, made on a day.
pub(crate) fn point(byte: u8, vm: &str, made: i64, state: PointState) -> RecoveryPoint {
    RecoveryPoint {
        id: point_id(byte),
        vm: vm.into(),
        host_time: day(made),
        took: Span::ZERO,
        host: String::new(),
        consistency: Consistency::Crash,
        state,
        disks: Vec::new(),
    }
}
