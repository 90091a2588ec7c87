//! How long a copy will take, before it begins.
//!
//! Work is counted in bytes read; a byte that is new to the vault costs some
//! times more, since it is compressed, compared, sealed and stored. How many
//! times, and the rate, is what earlier copies into this vault took, where they
//! tell the two apart; else [`NEW_COST`] and [`WORK_BYTES_PER_SECOND_DEFAULT`].
//!
//! Whoever copies in another way, as an imitated service does, says in a
//! [`Timing`] what takes how long; risk and advice are found the same way.

use alloc::vec::Vec;

use serde::Serialize;

use crate::advice::AdviceId;
use crate::time::Span;

/// What a new byte costs more than a byte that is only read and hashed. From a run on the README's data set, 4 GiB read in both:
/// 1.6 GiB new took 3.54 s and 0.2 GiB new 1.22 s, so 1.66 s a GiB new and 0.22 s a GiB read.
pub const NEW_COST: u64 = 7;

/// Where nothing was measured yet. A first copy to one disk that reads and writes at 100 MB/s moves about 50 MB/s; work
/// counts each of its bytes eight times. Rather too slow than too fast: it promises no window that will not hold.
pub const WORK_BYTES_PER_SECOND_DEFAULT: u64 = 50_000_000 * (1 + NEW_COST);

/// Earlier copies that are looked at; the slowest of them counts.
pub const POINTS_MAX: usize = 5;

/// Shorter copies say more about starting than about copying.
const MEASURED_MILLISECONDS_MIN: i64 = 200;

/// From this share of the deadline on, in percent, a copy may well miss it: earlier copies of one machine differ by
/// half (README, "Measured", ranges).
const CLOSE_PERCENT: u128 = 66;

/// What a copy has to do, or did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Bytes to read.
    pub read_bytes: u64,
    /// Bytes new to the vault, before compression.
    pub new_bytes: u64,
}

impl Work {
    fn cost(self, new_cost: u64) -> u128 {
        u128::from(self.read_bytes) + u128::from(self.new_bytes) * u128::from(new_cost)
    }
}

/// What an estimate is reckoned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// Bytes of work a second.
    pub work_bytes_per_second: u64,
    /// What a new byte costs more than one that is only read.
    pub new_cost: u64,
    /// How many copies the rate was taken from; none where it is assumed.
    pub copies: usize,
    /// Whether those copies say what a new byte costs; else that is assumed.
    pub is_new_cost_measured: bool,
}

impl Reckoning {
    /// What is assumed where nothing was measured.
    pub const ASSUMED: Reckoning = Reckoning {
        work_bytes_per_second: WORK_BYTES_PER_SECOND_DEFAULT,
        new_cost: NEW_COST,
        copies: 0,
        is_new_cost_measured: false,
    };

    /// What earlier copies show, newest first: of the last [`POINTS_MAX`] that were long enough the cost of new bytes,
    /// fitted, if they differ enough in it, and the rate of the slowest.
    pub fn of(copies: impl IntoIterator<Item = (Work, Span)>) -> Reckoning {
        let long = copies.into_iter().filter(|(work, took)| {
            took.milliseconds() >= MEASURED_MILLISECONDS_MIN && work.cost(NEW_COST) > 0
        });
        let last: Vec<(Work, Span)> = long.take(POINTS_MAX).collect();
        let fitted = fitted_new_cost(&last);
        let new_cost = fitted.unwrap_or(NEW_COST);
        let rates = last.iter().map(|(work, took)| {
            let milliseconds = u128::from(took.milliseconds().unsigned_abs());
            u64::try_from(work.cost(new_cost) * 1_000 / milliseconds).unwrap_or(u64::MAX).max(1)
        });
        match rates.min() {
            None => Reckoning::ASSUMED,
            Some(work_bytes_per_second) => Reckoning {
                work_bytes_per_second,
                new_cost,
                copies: last.len(),
                is_new_cost_measured: fitted.is_some(),
            },
        }
    }
}

/// No machine that works needs longer for a new byte, as a multiple of one that is read; more is chance.
const NEW_COST_MAX: i128 = 64;

/// The cost of a new byte by least squares over time = a × read + b × new; `None` where the copies are too alike to
/// tell the two apart, or say something senseless.
fn fitted_new_cost(copies: &[(Work, Span)]) -> Option<u64> {
    // In units of 256 KiB, so that the products of 64 TiB fit.
    let units = |bytes: u64| i128::from(bytes >> 18);
    let (mut rr, mut nn, mut rn, mut rt, mut nt) = (0_i128, 0_i128, 0_i128, 0_i128, 0_i128);
    for (work, took) in copies {
        let (read, new) = (units(work.read_bytes.min(1 << 46)), units(work.new_bytes.min(1 << 46)));
        let took = i128::from(took.milliseconds().clamp(0, 1 << 40));
        rr += read * read;
        nn += new * new;
        rn += read * new;
        rt += read * took;
        nt += new * took;
    }
    let apart = rr.checked_mul(nn)?.checked_sub(rn.checked_mul(rn)?)?;
    // The share of new bytes must differ: the angle between the two is at least eight degrees.
    if apart.checked_mul(50)? <= rr.checked_mul(nn)? {
        return None;
    }
    let read_cost = rt.checked_mul(nn)?.checked_sub(nt.checked_mul(rn)?)?;
    let new_cost = nt.checked_mul(rr)?.checked_sub(rt.checked_mul(rn)?)?;
    // Whatever is new was read too, and then worked on.
    if read_cost <= 0 || new_cost < read_cost {
        return None;
    }
    u64::try_from((new_cost.checked_add(read_cost / 2)? / read_cost).min(NEW_COST_MAX)).ok()
}

/// How likely the copy ends too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing speaks for it.
    Low,
    /// More than two thirds of the deadline, or as many data disks as are known to time out.
    Elevated,
    /// Longer than the deadline.
    High,
}

/// What is expected of one disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DiskEstimate {
    /// What there is to do.
    #[serde(flatten)]
    pub work: Work,
    /// How long it takes by itself.
    #[serde(rename = "takes_milliseconds")]
    pub takes: Span,
}

/// What takes how long, before it is held against any limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Each disk, and how long it takes by itself.
    pub disks: Vec<DiskEstimate>,
    /// How long all take: their sum one after another, the longest of them side by side.
    pub whole: Span,
    /// What was reckoned with.
    pub reckoning: Reckoning,
}

/// What is expected of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Each disk.
    pub disks: Vec<DiskEstimate>,
    /// How long all take.
    #[serde(rename = "whole_milliseconds")]
    pub whole: Span,
    /// What was reckoned with, in bytes of work a second.
    pub work_bytes_per_second: u64,
    /// Whether that was measured.
    pub is_measured: bool,
    /// What a new byte was reckoned to cost more than one that is only read.
    pub new_cost: u64,
    /// Whether that was measured.
    pub is_new_cost_measured: bool,
    /// How many copies were measured.
    pub copies_measured: usize,
    /// How many disks beside the first there are, where that alone is known to make copies time out.
    pub risky_data_disks: Option<usize>,
    /// How likely it ends too late.
    pub risk: Risk,
    /// What the guides say of such a copy.
    pub advice: Option<AdviceId>,
}

/// What else the risk depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The deadline of the set.
    pub deadline: Option<Span>,
    /// The deadline of each disk.
    pub disk_deadline: Option<Span>,
    /// From this many data disks on, copies are known to run out of time; the first disk is none.
    pub risky_data_disks: usize,
    /// A limit on reading, in bytes a second.
    pub read_limit: Option<u64>,
    /// What a copy that runs out of time is called.
    pub time_out: AdviceId,
}

impl Circumstances {
    /// Whether a copy of this many disks is known to run out of time.
    pub fn is_crowded(&self, disks: usize) -> bool {
        disks.saturating_sub(1) >= self.risky_data_disks
    }
}

/// The rate that earlier copies show, newest first: the slowest of the last [`POINTS_MAX`] that were long enough.
pub fn measured_rate(copies: impl IntoIterator<Item = (Work, Span)>) -> Option<u64> {
    let reckoning = Reckoning::of(copies);
    (reckoning.copies > 0).then_some(reckoning.work_bytes_per_second)
}

/// What to expect of a copy of disks that have this work to do, at a rate that was measured.
pub fn estimate(disks: &[Work], measured: Option<u64>, circumstances: &Circumstances) -> Estimate {
    let reckoning = measured.map_or(Reckoning::ASSUMED, |work_bytes_per_second| Reckoning {
        work_bytes_per_second,
        copies: 1,
        ..Reckoning::ASSUMED
    });
    estimate_by(disks, &reckoning, circumstances)
}

/// What to expect of a copy of disks that have this work to do.
pub fn estimate_by(disks: &[Work], reckoning: &Reckoning, circumstances: &Circumstances) -> Estimate {
    let rate = reckoning.work_bytes_per_second.max(1);
    let cost = |work: &Work| work.cost(reckoning.new_cost);
    let takes = |cost: u128, read: u128| {
        let by_rate = (cost * 1_000).div_ceil(u128::from(rate));
        let by_limit =
            circumstances.read_limit.map_or(0, |limit| (read * 1_000).div_ceil(u128::from(limit.max(1))));
        Span::from_milliseconds(i64::try_from(by_rate.max(by_limit)).unwrap_or(i64::MAX))
    };
    let each: Vec<DiskEstimate> = disks
        .iter()
        .map(|work| DiskEstimate { work: *work, takes: takes(cost(work), u128::from(work.read_bytes)) })
        .collect();
    let whole =
        takes(disks.iter().map(cost).sum(), disks.iter().map(|work| u128::from(work.read_bytes)).sum());
    let reckoning = Reckoning { work_bytes_per_second: rate, ..*reckoning };
    Timing { disks: each, whole, reckoning }.estimate(circumstances)
}

impl Timing {
    /// How likely that ends too late.
    pub fn estimate(self, circumstances: &Circumstances) -> Estimate {
        let longest = self.disks.iter().map(|disk| disk.takes).max().unwrap_or(Span::ZERO);
        let by_time = [(self.whole, circumstances.deadline), (longest, circumstances.disk_deadline)]
            .into_iter()
            .filter_map(|(takes, limit)| Some(against(takes, limit?)))
            .max()
            .unwrap_or(Risk::Low);
        let many = circumstances.is_crowded(self.disks.len());
        let risk = by_time.max(if many { Risk::Elevated } else { Risk::Low });
        Estimate {
            risky_data_disks: many.then(|| self.disks.len() - 1),
            disks: self.disks,
            whole: self.whole,
            work_bytes_per_second: self.reckoning.work_bytes_per_second,
            is_measured: self.reckoning.copies > 0,
            new_cost: self.reckoning.new_cost,
            is_new_cost_measured: self.reckoning.is_new_cost_measured,
            copies_measured: self.reckoning.copies,
            risk,
            advice: (risk > Risk::Low).then_some(circumstances.time_out),
        }
    }
}

/// Bytes of work a second that did `work` in `took`.
pub fn rate_of(work: Work, took: Span) -> u64 {
    let milliseconds = u128::from(took.milliseconds().unsigned_abs()).max(1);
    u64::try_from(work.cost(NEW_COST) * 1_000 / milliseconds).unwrap_or(u64::MAX).max(1)
}

fn against(takes: Span, limit: Span) -> Risk {
    let positive = |span: Span| u128::try_from(span.milliseconds()).unwrap_or(0);
    let (takes, limit) = (positive(takes), positive(limit));
    if takes > limit {
        Risk::High
    } else if takes * 100 > limit * CLOSE_PERCENT {
        Risk::Elevated
    } else {
        Risk::Low
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NO_LIMITS: Circumstances = Circumstances {
        deadline: None,
        disk_deadline: None,
        risky_data_disks: 16,
        read_limit: None,
        time_out: AdviceId::Bkp13,
    };

    fn seconds(count: i64) -> Span {
        Span::from_milliseconds(count * 1_000)
    }

    #[test]
    fn a_first_copy_of_an_unknown_vault_goes_at_the_stated_rate() {
        let work = Work { read_bytes: 50_000_000_000, new_bytes: 50_000_000_000 };
        let told = estimate(&[work], None, &NO_LIMITS);
        assert_eq!((told.whole, told.is_measured), (seconds(1_000), false));
        assert_eq!((told.risk, told.advice), (Risk::Low, None));
    }

    #[test]
    fn the_slowest_of_the_last_copies_counts_and_short_ones_do_not() {
        let copy = |read_bytes, milliseconds| {
            (Work { read_bytes, new_bytes: 0 }, Span::from_milliseconds(milliseconds))
        };
        assert_eq!(measured_rate([]), None);
        assert_eq!(measured_rate([copy(1_000, 10)]), None, "too short");
        assert_eq!(measured_rate([copy(4_000, 1_000), copy(3_000, 1_000), copy(9_000, 1_000)]), Some(3_000));
        let old = [5_000, 5_000, 5_000, 5_000, 5_000, 1].map(|read| copy(read, 1_000));
        assert_eq!(measured_rate(old), Some(5_000), "the sixth is too old to count");
        let new = (Work { read_bytes: 1_000, new_bytes: 1_000 }, seconds(1));
        assert_eq!(measured_rate([new]), Some(8_000));
    }

    #[test]
    fn what_a_new_byte_costs_is_taken_from_copies_that_differ_in_it() {
        // On this machine a read MiB takes 2 ms and a new one 10 ms more: five times as much.
        let copy = |read_mib: u64, new_mib: u64| {
            let took = i64::try_from(read_mib * 2 + new_mib * 10).unwrap();
            (Work { read_bytes: read_mib << 20, new_bytes: new_mib << 20 }, Span::from_milliseconds(took))
        };
        let told = Reckoning::of([copy(1_000, 20), copy(1_000, 1_000), copy(900, 40)]);
        assert_eq!((told.new_cost, told.is_new_cost_measured, told.copies), (5, true, 3));
        assert_eq!(told.work_bytes_per_second >> 20, 500);
        // First copies alone, all of it new, say nothing of the two apart; nor do those that only read.
        for alike in [[copy(1_000, 1_000), copy(500, 500)], [copy(1_000, 0), copy(700, 0)]] {
            let told = Reckoning::of(alike);
            assert_eq!((told.new_cost, told.is_new_cost_measured, told.copies), (NEW_COST, false, 2));
        }
        // Chance: the copy with more to do was much faster, or as fast.
        for took in [1, 60] {
            let odd = [(copy(1_000, 900).0, seconds(took)), (copy(1_000, 10).0, seconds(60))];
            assert!(!Reckoning::of(odd).is_new_cost_measured);
        }
        assert_eq!(Reckoning::of([]), Reckoning::ASSUMED);
        let vast = (Work { read_bytes: u64::MAX, new_bytes: u64::MAX }, Span::from_milliseconds(i64::MAX));
        assert_eq!(Reckoning::of([vast, vast, copy(1_000, 10)]).copies, 3, "nothing overflows");
    }

    #[test]
    fn the_risk_follows_the_deadline_and_the_number_of_data_disks() {
        let work = Work { read_bytes: 1_000_000, new_bytes: 0 };
        let risk = |disks: usize, deadline, disk_deadline| {
            let circumstances = Circumstances { deadline, disk_deadline, ..NO_LIMITS };
            let told = estimate(&alloc::vec![work; disks], Some(100_000), &circumstances);
            assert_eq!(told.advice.is_some(), told.risk > Risk::Low);
            told.risk
        };
        assert_eq!(risk(1, Some(seconds(9)), None), Risk::High);
        assert_eq!(risk(1, Some(seconds(10)), None), Risk::Elevated);
        assert_eq!(risk(1, Some(seconds(16)), None), Risk::Low);
        assert_eq!(risk(2, Some(seconds(16)), None), Risk::High, "two disks take twice as long");
        assert_eq!(risk(2, None, Some(seconds(9))), Risk::High);
        assert_eq!(risk(16, None, None), Risk::Low, "fifteen data disks");
        assert_eq!(risk(17, None, None), Risk::Elevated, "sixteen data disks");
    }

    #[test]
    fn a_limit_on_reading_is_a_floor() {
        let work = Work { read_bytes: 1_000_000, new_bytes: 0 };
        let circumstances = Circumstances { read_limit: Some(1_000), ..NO_LIMITS };
        assert_eq!(estimate(&[work], Some(u64::MAX), &circumstances).whole, seconds(1_000));
    }

    proptest! {
        #[test]
        fn more_work_never_takes_less_time(
            read in 0_u64..1 << 50, new in 0_u64..1 << 50, more in 0_u64..1 << 50,
            rate in proptest::option::of(1_u64..1 << 40), limit in proptest::option::of(1_u64..1 << 40),
        ) {
            let circumstances =
                Circumstances { read_limit: limit, deadline: Some(seconds(60)), ..NO_LIMITS };
            let told = |read_bytes, new_bytes| {
                estimate(&[Work { read_bytes, new_bytes }], rate, &circumstances)
            };
            let least = told(read, new);
            for larger in [told(read + more, new), told(read, new + more)] {
                prop_assert!(larger.whole >= least.whole);
                prop_assert!(larger.risk >= least.risk);
            }
            let two = estimate(&[Work { read_bytes: read, new_bytes: new }; 2], rate, &circumstances);
            prop_assert!(two.whole >= least.whole);
        }
    }
}
