//! Point: recovery points by day, with reason and expiry.

use std::collections::BTreeMap;

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{VaultName, VmIdentity};
use vhault_core::policy::{Date, FixedOffset, Tag};
use vhault_core::sim::moment;

use crate::simulator::Simulator;
use crate::text::Both;

/// A point as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub vault: VaultName,
    /// Its number.
    pub number: u64,
    /// The machine.
    pub item: VmIdentity,
    /// When its snapshot finished.
    pub at: String,
    /// The entry that names its consistency.
    pub consistency: AdviceId,
    /// Which rules keep it.
    pub reason: Both,
    /// Until when.
    pub expires: String,
    /// Bytes its disks hold.
    pub logical_bytes: u64,
    /// Bytes sent to make it.
    pub sent_bytes: u64,
}

/// One day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day, as `2016-08-26`.
    pub date: String,
    /// How many points.
    pub points: usize,
}

/// The points of one machine or all, newest first.
pub fn rows(simulator: &Simulator, item: Option<&VmIdentity>) -> Vec<Row> {
    let vaults = simulator.world().vaults.values();
    let points = vaults.flat_map(|vault| {
        let name = &vault.catalogue.name;
        vault.catalogue.points.values().map(move |point| (name, point))
    });
    let mut points: Vec<_> =
        points.filter(|(_, point)| item.is_none_or(|item| point.item == *item)).collect();
    points.sort_by_key(|(_, point)| std::cmp::Reverse((point.finished, point.number)));
    let row = |(vault, point): (&VaultName, &vhault_core::lifecycle::RecoveryPoint)| Row {
        vault: vault.clone(),
        number: point.number.0,
        item: point.item.clone(),
        at: moment(point.finished),
        consistency: point.consistency.advice(),
        reason: reason(point),
        expires: moment(point.expiry),
        logical_bytes: point.logical.get(),
        sent_bytes: point.sent.get(),
    };
    points.into_iter().map(row).collect()
}

fn reason(point: &vhault_core::lifecycle::RecoveryPoint) -> Both {
    let mut en: Vec<&str> = Vec::new();
    let mut ko: Vec<&str> = Vec::new();
    for tag in &point.tags {
        let (one, other) = match tag {
            Tag::Simple => ("for the days of the policy", "정책의 일수 동안"),
            Tag::Daily => ("daily", "매일"),
            Tag::Weekly => ("weekly", "매주"),
            Tag::Monthly => ("monthly", "매월"),
            Tag::Yearly => ("yearly", "매년"),
        };
        en.push(one);
        ko.push(other);
    }
    if point.on_demand_until.is_some() {
        en.push("asked for");
        ko.push("요청");
    }
    if en.is_empty() {
        en.push("for the days of the policy");
        ko.push("정책의 일수 동안");
    }
    Both::new(en.join(", "), ko.join(", "))
}

/// The last `days` days up to now, each with its points.
pub fn calendar(simulator: &Simulator, item: Option<&VmIdentity>, days: i64) -> Vec<Day> {
    let utc = FixedOffset::default();
    let today = Date::of(simulator.now(), utc).unix_days();
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    let vaults = simulator.world().vaults.values();
    for point in vaults.flat_map(|vault| vault.catalogue.points.values()) {
        if item.is_none_or(|item| point.item == *item) {
            *counts.entry(Date::of(point.finished, utc).unix_days()).or_default() += 1;
        }
    }
    let day = |day: i64| Day {
        date: Date::from_unix_days(day).to_string(),
        points: counts.get(&day).copied().unwrap_or(0),
    };
    (today - days + 1..=today).map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::scenarios;

    #[test]
    fn list_and_calendar_hold_the_same_points() {
        let mut simulator = Simulator::begin(&scenarios::find("retention").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let rows = rows(&simulator, None);
        let held: usize = simulator.world().vaults.values().map(|vault| vault.catalogue.points.len()).sum();
        assert_eq!(rows.len(), held);
        assert!(rows.windows(2).all(|pair| pair[0].at >= pair[1].at));
        let counted: usize = calendar(&simulator, None, 400).iter().map(|day| day.points).sum();
        assert_eq!(counted, held);
        let nobody = "shop/nobody".parse().unwrap();
        assert!(super::rows(&simulator, Some(&nobody)).is_empty());
    }
}
