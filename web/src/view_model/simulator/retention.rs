//! Retention: what a policy keeps, day by day, why, and what an edit changes.

use std::collections::{BTreeMap, BTreeSet};

use vhault_core::lifecycle::{BackupPolicy, PointNumber, PolicyName, VaultCommand, VaultName, VmIdentity};
use vhault_core::policy::{Candidate, Circumstances, ClockTrust, Date, KeepRules, PointState, Reason, plan};
use vhault_core::sim::{Command, decide, moment};
use vhault_core::time::{Instant, Span};

use super::happening::of_refusal;
use super::point::of_tag;
use crate::simulator::Simulator;
use crate::text::Both;

/// The furthest a policy is looked at.
pub const DAYS_MAX: u32 = 5 * 366;

const DAY_MILLISECONDS: i64 = 86_400_000;

/// A day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day, as `2016-08-26`.
    pub date: String,
    /// What became of its point.
    pub mark: Mark,
    /// Why it stays; empty where it does not.
    pub reasons: Both,
}

/// What became of the point of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// No run is due that day.
    NoRun,
    /// It was made, and has gone.
    Gone,
    /// It stands.
    Kept,
    /// It stands only with the edit.
    Gained,
    /// It stands only without the edit.
    Lost,
}

impl Mark {
    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Mark::NoRun => "none",
            Mark::Gone => "gone",
            Mark::Kept => "kept",
            Mark::Gained => "gained",
            Mark::Lost => "lost",
        }
    }
}

/// A month of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// As `2016-08`.
    pub name: String,
    /// How many days before the first stand empty, weeks beginning on Monday.
    pub lead: usize,
    /// Its days.
    pub days: Vec<Day>,
}

/// Each run of `policy` in `days` days from `from` on, by day, and why it stays at their end.
fn kept(policy: &BackupPolicy, from: Instant, days: u32) -> BTreeMap<i64, BTreeSet<Reason>> {
    let days = days.min(DAYS_MAX);
    let end = from.checked_add(Span::from_milliseconds(i64::from(days) * DAY_MILLISECONDS)).unwrap_or(from);
    let offset = policy.schedule.offset;
    let mut runs = Vec::new();
    let mut next = policy.schedule.next_after(from);
    while let Some(run) = next.filter(|run| *run <= end) {
        runs.push(run);
        next = policy.schedule.next_after(run);
    }
    let candidates: Vec<Candidate<Instant, ()>> = runs
        .iter()
        .zip(1_u64..)
        .map(|(run, received)| {
            let tags = policy.retention.tags(Date::of(*run, offset));
            let until = |tag| Some((tag, policy.retention.keeps_until(tag, *run, offset)?));
            Candidate {
                id: *run,
                vm: (),
                received,
                time: *run,
                state: PointState::Whole,
                pinned: false,
                until: tags.into_iter().filter_map(until).collect(),
                on_demand_until: None,
            }
        })
        .collect();
    let decisions = plan(&candidates, &KeepRules::default(), &sure(end)).decisions;
    let by_day = decisions.into_iter().map(|decision| {
        (Date::of(decision.id, offset).unix_days(), decision.reasons.into_iter().collect::<BTreeSet<_>>())
    });
    let mut all: BTreeMap<i64, BTreeSet<Reason>> = BTreeMap::new();
    by_day.for_each(|(day, reasons)| all.entry(day).or_default().extend(reasons));
    all
}

/// A clock nobody doubts, at `now`.
fn sure(now: Instant) -> Circumstances {
    let trust =
        ClockTrust { now_confirmed: true, confirmed_through: Some(u64::MAX), ..ClockTrust::step_days(1) };
    Circumstances { now, lock: None, trust }
}

/// The calendar of the next `days` days: what stands at their end of all that is made meanwhile.
///
/// With `before`, a policy in force now, days on which the two differ are marked.
pub fn calendar(
    policy: &BackupPolicy,
    before: Option<&BackupPolicy>,
    from: Instant,
    days: u32,
) -> Vec<Month> {
    let now = kept(policy, from, days);
    let old = before.map(|before| kept(before, from, days));
    let offset = policy.schedule.offset;
    let first = Date::of(from, offset).unix_days();
    let mut months: Vec<Month> = Vec::new();
    for day in first..=first + i64::from(days.min(DAYS_MAX)) {
        let date = Date::from_unix_days(day);
        let name = date.to_string().get(..7).unwrap_or_default().to_owned();
        if months.last().is_none_or(|month| month.name != name) {
            let monday = date.monday().unix_days();
            let lead = usize::try_from(day - monday).unwrap_or(0);
            months.push(Month { name, lead, days: Vec::new() });
        }
        let stands = |kept: &BTreeMap<i64, BTreeSet<Reason>>| kept.get(&day).map(|why| !why.is_empty());
        let mark = match (stands(&now), old.as_ref().map(stands)) {
            (Some(true), Some(Some(false) | None)) => Mark::Gained,
            (Some(true), _) => Mark::Kept,
            (_, Some(Some(true))) => Mark::Lost,
            (Some(false), _) => Mark::Gone,
            (None, _) => Mark::NoRun,
        };
        let why = match mark {
            Mark::Lost => old.as_ref().and_then(|old| old.get(&day)),
            _ => now.get(&day),
        };
        let reasons = of_reasons(why.into_iter().flatten());
        if let Some(month) = months.last_mut() {
            month.days.push(Day { date: date.to_string(), mark, reasons });
        }
    }
    months
}

/// How many days of a calendar have this mark.
pub fn count(months: &[Month], mark: Mark) -> usize {
    months.iter().flat_map(|month| &month.days).filter(|day| day.mark == mark).count()
}

fn of_reasons<'a>(reasons: impl Iterator<Item = &'a Reason>) -> Both {
    let (mut en, mut ko) = (Vec::new(), Vec::new());
    for reason in reasons {
        let words = match reason {
            Reason::NewestWhole => Both::new("the newest", "최신"),
            Reason::Tagged { tag, until } => {
                let tag = of_tag(*tag);
                let until = moment(*until);
                let day = until.get(..10).unwrap_or_default();
                Both::new(format!("{} until {day}", tag.en), format!("{}, {day}까지", tag.ko))
            }
            // A projection has no other rules.
            _ => continue,
        };
        en.push(words.en);
        ko.push(words.ko);
    }
    Both::new(en.join("; "), ko.join("; "))
}

/// What an edit does to the points there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Points the next clean-up would take, and would not without the edit.
    pub going: Vec<(PointNumber, VmIdentity, String)>,
    /// How many points expire sooner than now.
    pub sooner: usize,
    /// How many later.
    pub later: usize,
    /// How many machines use the policy.
    pub items: usize,
}

/// What making policy `name` of `vault` say this would do to its points, by
/// the engine's own events.
///
/// # Errors
///
/// Why the rules refuse it, in words.
pub fn effect(
    simulator: &Simulator,
    vault: &VaultName,
    name: &PolicyName,
    policy: &BackupPolicy,
) -> Result<Effect, Both> {
    let command = VaultCommand::UpdatePolicy { name: name.clone(), policy: Box::new(policy.clone()) };
    let command = Command::Vault { vault: vault.clone(), command };
    let mut after = simulator.world().clone();
    let events = decide(&after, &command).map_err(|refusal| of_refusal(&refusal))?;
    for event in events {
        after.apply(simulator.now(), &event);
    }
    let (Some(before), Some(after)) = (simulator.world().vaults.get(vault), after.vaults.get(vault)) else {
        return Ok(Effect::default());
    };
    let mut effect = Effect { items: before.catalogue.items_of(name).count(), ..Effect::default() };
    let next = simulator.now().checked_add(Span::from_milliseconds(DAY_MILLISECONDS));
    let at = sure(next.unwrap_or(simulator.now()));
    let gone = |points: &BTreeMap<PointNumber, vhault_core::lifecycle::RecoveryPoint>| {
        let candidates: Vec<_> =
            points.values().map(vhault_core::lifecycle::RecoveryPoint::candidate).collect();
        plan(&candidates, &KeepRules::default(), &at).forgotten().copied().collect::<BTreeSet<_>>()
    };
    let (old, new) = (gone(&before.catalogue.points), gone(&after.catalogue.points));
    for (number, point) in &after.catalogue.points {
        let Some(was) = before.catalogue.points.get(number) else { continue };
        effect.sooner += usize::from(point.expiry < was.expiry);
        effect.later += usize::from(point.expiry > was.expiry);
        if new.contains(number) && !old.contains(number) {
            effect.going.push((*number, point.item.clone(), moment(point.finished)));
        }
    }
    Ok(effect)
}

#[cfg(test)]
mod tests {
    use super::super::policy::Draft;
    use super::*;
    use vhault_core::advice::ProfileId;
    use vhault_core::policy::project;
    use vhault_core::sim::scenarios;

    const FROM: Instant = Instant::from_unix_milliseconds(1_472_198_400_000);

    fn policy(daily: &str, weekly: &str) -> BackupPolicy {
        let draft = Draft { daily: daily.to_owned(), weekly: weekly.to_owned(), ..Draft::default() };
        draft.policy(ProfileId::Recovery2016).unwrap()
    }

    #[test]
    fn a_calendar_keeps_as_many_points_as_cores_projection() {
        for (daily, weekly) in [("7", ""), ("7", "4"), ("30", "12")] {
            let policy = policy(daily, weekly);
            let months = calendar(&policy, None, FROM, 365);
            let projected = project(&policy.schedule, &policy.retention, FROM, 1);
            let kept = count(&months, Mark::Kept);
            let last = projected.steps.last().unwrap().points;
            assert!(kept.abs_diff(last as usize) <= 1, "{daily} {weekly}: {kept} and {last}");
            let all: usize = months.iter().map(|month| month.days.len()).sum();
            assert_eq!(all, 366);
            let days = months.iter().flat_map(|month| &month.days);
            assert!(days.clone().all(|day| (day.mark == Mark::Kept) != day.reasons.en.is_empty()));
        }
    }

    #[test]
    fn an_edit_marks_what_it_gains_and_what_it_loses() {
        let (old, new) = (policy("30", ""), policy("7", "8"));
        let months = calendar(&new, Some(&old), FROM, 365);
        let (lost, gained) = (count(&months, Mark::Lost), count(&months, Mark::Gained));
        assert!(lost > 15 && gained >= 3, "{lost} {gained}");
        let back = calendar(&old, Some(&new), FROM, 365);
        assert_eq!((count(&back, Mark::Lost), count(&back, Mark::Gained)), (gained, lost));
    }

    #[test]
    fn an_edit_names_the_points_that_then_really_go() {
        let mut simulator = Simulator::begin(&scenarios::find("retention").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let vault = simulator.world().vaults.keys().next().unwrap().clone();
        let catalogue = &simulator.world().vaults[&vault].catalogue;
        let (name, held) =
            catalogue.policies.iter().next().map(|(name, held)| (name.clone(), held.policy.clone())).unwrap();
        let profile = catalogue.profile.id;
        let before: BTreeSet<PointNumber> = catalogue.points.keys().copied().collect();
        let same = effect(&simulator, &vault, &name, &held).unwrap();
        assert_eq!((same.going.len(), same.sooner, same.later), (0, 0, 0));
        let draft = Draft { daily: "2".to_owned(), ..Draft::of(&name, &held) };
        let shorter = draft.policy(profile).unwrap();
        let told = effect(&simulator, &vault, &name, &shorter).unwrap();
        assert!(!told.going.is_empty() && told.sooner >= told.going.len(), "{told:?}");
        let was = simulator.state_hash();
        assert_eq!(simulator.state_hash(), was, "a look changes nothing");
        simulator.submit(draft.command(&simulator, &vault).unwrap()).unwrap();
        let day = simulator.now().checked_add(Span::from_milliseconds(DAY_MILLISECONDS)).unwrap();
        simulator.run_to(day, &mut || true).unwrap();
        let after = &simulator.world().vaults[&vault].catalogue.points;
        for (number, ..) in &told.going {
            assert!(before.contains(number) && !after.contains_key(number), "{number} is still there");
        }
    }
}
