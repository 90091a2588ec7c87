//! Policy: what a person fills in, what it says, and when it runs.

use std::collections::BTreeSet;

use vhault_core::advice::ProfileId;
use vhault_core::lifecycle::{BackupPolicy, PolicyName, VaultCommand, VaultName};
use vhault_core::policy::{
    DayChoice, DayOfMonth, FixedOffset, LongTerm, Month, Monthly, Retention, RunDays, Schedule, WeekOfMonth,
    Weekday, WeekdaySet, Weekly, Yearly, project,
};
use vhault_core::sim::{Command, moment};
use vhault_core::time::{Instant, Span};

use crate::simulator::Simulator;
use crate::text::Both;

/// How many runs a preview tells.
pub const RUNS_TOLD: usize = 10;

const HOUR_MILLISECONDS: i64 = 3_600_000;

/// A policy as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub vault: VaultName,
    /// Its name.
    pub name: PolicyName,
    /// When it runs.
    pub schedule: Both,
    /// What it keeps.
    pub keeps: Both,
    /// Its offset from UTC.
    pub offset: String,
    /// The longest a copy may take, in hours, where it says so.
    pub window_hours: Option<i64>,
    /// How many machines use it.
    pub items: usize,
    /// The next run.
    pub next_run: Option<String>,
}

/// The policies of all vaults.
pub fn rows(simulator: &Simulator) -> Vec<Row> {
    let vaults = simulator.world().vaults.iter();
    let rows = vaults.flat_map(|(vault, state)| {
        state.catalogue.policies.iter().map(move |(name, held)| Row {
            vault: vault.clone(),
            name: name.clone(),
            schedule: of_schedule(&held.policy.schedule),
            keeps: of_retention(&held.policy.retention),
            offset: String::from(held.policy.schedule.offset),
            window_hours: held.policy.copy_window.map(|window| window.milliseconds() / HOUR_MILLISECONDS),
            items: state.catalogue.items_of(name).count(),
            next_run: held.next_run.map(moment),
        })
    });
    rows.collect()
}

/// A weekday's name.
pub fn of_day(day: Weekday) -> Both {
    let (en, ko) = match day {
        Weekday::Monday => ("Mon", "월"),
        Weekday::Tuesday => ("Tue", "화"),
        Weekday::Wednesday => ("Wed", "수"),
        Weekday::Thursday => ("Thu", "목"),
        Weekday::Friday => ("Fri", "금"),
        Weekday::Saturday => ("Sat", "토"),
        Weekday::Sunday => ("Sun", "일"),
    };
    Both::new(en, ko)
}

/// When runs are due, in words.
pub fn of_schedule(schedule: &Schedule) -> Both {
    let times: Vec<String> = schedule.times.iter().map(ToString::to_string).collect();
    let times = times.join(", ");
    match &schedule.days {
        RunDays::Daily => Both::new(format!("daily at {times}"), format!("매일 {times}")),
        RunDays::Weekly(days) => {
            let days: Vec<Both> =
                Weekday::ALL.into_iter().filter(|day| days.contains(*day)).map(of_day).collect();
            let join = |of: fn(&Both) -> &String| {
                days.iter().map(|day| of(day).as_str()).collect::<Vec<_>>().join(", ")
            };
            let (en, ko) = (join(|day| &day.en), join(|day| &day.ko));
            Both::new(format!("{en} at {times}"), format!("매주 {ko} {times}"))
        }
    }
}

/// What is kept, in words.
pub fn of_retention(retention: &Retention) -> Both {
    let ranges = match retention {
        Retention::Days(days) => return Both::new(format!("{days} days"), format!("{days}일")),
        Retention::Ranges(ranges) => ranges,
    };
    let parts = [
        ranges.daily_days.map(|count| (count, "days", "일")),
        ranges.weekly.as_ref().map(|rule| (rule.weeks, "weeks", "주")),
        ranges.monthly.as_ref().map(|rule| (rule.months, "months", "개월")),
        ranges.yearly.as_ref().map(|rule| (rule.years, "years", "년")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let en: Vec<String> = parts.iter().map(|(count, unit, _)| format!("{count} {unit}")).collect();
    let ko: Vec<String> = parts.iter().map(|(count, _, unit)| format!("{count}{unit}")).collect();
    Both::new(en.join(", "), ko.join(", "))
}

/// What a person fills in, as typed. Empty ranges keep nothing by that rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// The time of day.
    pub time: String,
    /// The offset from UTC.
    pub offset: String,
    /// On which days; empty means every day.
    pub days: BTreeSet<Weekday>,
    /// For how many days every point is kept.
    pub daily: String,
    /// For how many weeks.
    pub weekly: String,
    /// For how many months.
    pub monthly: String,
    /// For how many years.
    pub yearly: String,
    /// The longest a copy may take, in hours; empty leaves it to the rules.
    pub window: String,
    /// Which days of a month a policy that is being changed chose.
    pub chosen: Option<(Option<DayChoice>, Option<Yearly>, Option<WeekdaySet>)>,
}

impl Default for Draft {
    fn default() -> Draft {
        Draft {
            name: "nightly".to_owned(),
            time: "22:00".to_owned(),
            offset: "+00:00".to_owned(),
            days: BTreeSet::new(),
            daily: "30".to_owned(),
            weekly: String::new(),
            monthly: String::new(),
            yearly: String::new(),
            window: String::new(),
            chosen: None,
        }
    }
}

fn wrong(en: &str, ko: &str) -> Both {
    Both::new(en, ko)
}

fn count(typed: &str) -> Result<Option<u32>, Both> {
    match typed.trim() {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| {
            Both::new(format!("“{digits}” is no whole number."), format!("정수가 아닙니다: {digits}"))
        }),
    }
}

impl Draft {
    /// What a policy says, to be changed.
    pub fn of(name: &PolicyName, policy: &BackupPolicy) -> Draft {
        let number = |count: Option<u32>| count.map(|count| count.to_string()).unwrap_or_default();
        let empty = LongTerm::default();
        let (ranges, simple) = match &policy.retention {
            Retention::Days(days) => (&empty, Some(*days)),
            Retention::Ranges(ranges) => (ranges, None),
        };
        let days = match &policy.schedule.days {
            RunDays::Daily => BTreeSet::new(),
            RunDays::Weekly(set) => Weekday::ALL.into_iter().filter(|day| set.contains(*day)).collect(),
        };
        Draft {
            name: name.to_string(),
            time: policy.schedule.times.first().map(ToString::to_string).unwrap_or_default(),
            offset: String::from(policy.schedule.offset),
            days,
            daily: number(simple.or(ranges.daily_days)),
            weekly: number(ranges.weekly.as_ref().map(|rule| rule.weeks)),
            monthly: number(ranges.monthly.as_ref().map(|rule| rule.months)),
            yearly: number(ranges.yearly.as_ref().map(|rule| rule.years)),
            window: policy
                .copy_window
                .map(|window| (window.milliseconds() / HOUR_MILLISECONDS).to_string())
                .unwrap_or_default(),
            chosen: Some((
                ranges.monthly.as_ref().map(|rule| rule.on.clone()),
                ranges.yearly.clone(),
                ranges.weekly.as_ref().map(|rule| rule.on.clone()),
            )),
        }
    }

    /// The name, checked.
    ///
    /// # Errors
    ///
    /// Why it is no name.
    pub fn policy_name(&self) -> Result<PolicyName, Both> {
        PolicyName::new(self.name.trim()).map_err(|error| {
            Both::new(format!("The name: {error}."), "이름의 길이나 문자가 올바르지 않습니다.")
        })
    }

    /// The policy it comes to under the rules of `profile`.
    ///
    /// # Errors
    ///
    /// What is typed wrongly, in words. Whether the rules allow the policy is
    /// theirs to say.
    pub fn policy(&self, profile: ProfileId) -> Result<BackupPolicy, Both> {
        let time = self
            .time
            .trim()
            .parse()
            .map_err(|_| wrong("The time is written like 22:00.", "시각은 22:00처럼 적습니다."))?;
        let offset: FixedOffset = self.offset.trim().parse().map_err(|_| {
            wrong(
                "The offset is written like +09:00, at most 14 hours.",
                "시차는 +09:00처럼 적고 14시간까지입니다.",
            )
        })?;
        let schedule = match WeekdaySet::new(self.days.iter().copied()) {
            Ok(days) => Schedule::weekly(days, time, offset),
            Err(_) => Schedule::daily(time, offset),
        };
        let [daily, weeks, months, years] =
            [count(&self.daily)?, count(&self.weekly)?, count(&self.monthly)?, count(&self.yearly)?];
        let retention = match profile {
            ProfileId::Classic2015 => Retention::Days(daily.unwrap_or(0)),
            ProfileId::Recovery2016 => Retention::Ranges(self.ranges(&schedule, daily, weeks, months, years)),
        };
        let window = count(&self.window)?
            .map(|hours| Span::from_milliseconds(i64::from(hours).saturating_mul(HOUR_MILLISECONDS)));
        Ok(BackupPolicy { schedule, retention, copy_window: window })
    }

    fn ranges(
        &self,
        schedule: &Schedule,
        daily_days: Option<u32>,
        weeks: Option<u32>,
        months: Option<u32>,
        years: Option<u32>,
    ) -> LongTerm {
        let (month_days, yearly, week_days) = self.chosen.clone().unwrap_or_default();
        let (first, sunday) = usual(schedule);
        let fits = |days: &WeekdaySet| match &schedule.days {
            RunDays::Daily => true,
            RunDays::Weekly(runs) => days.is_subset(runs),
        };
        LongTerm {
            daily_days,
            weekly: weeks.map(|weeks| Weekly { on: week_days.filter(fits).unwrap_or(sunday), weeks }),
            monthly: months.map(|months| Monthly { on: month_days.unwrap_or(first.clone()), months }),
            yearly: years.map(|years| match yearly {
                Some(chosen) => Yearly { years, ..chosen },
                None => Yearly { months: BTreeSet::from([Month::January]), on: first, years },
            }),
        }
    }

    /// The command that makes the policy, or makes it say this.
    ///
    /// # Errors
    ///
    /// What is typed wrongly.
    pub fn command(&self, simulator: &Simulator, vault: &VaultName) -> Result<Command, Both> {
        let state = simulator.world().vaults.get(vault);
        let state =
            state.ok_or_else(|| wrong("There is no vault yet.", "아직 자격 증명 모음이 없습니다."))?;
        let policy = Box::new(self.policy(state.catalogue.profile.id)?);
        let name = self.policy_name()?;
        let command = match state.catalogue.policies.contains_key(&name) {
            true => VaultCommand::UpdatePolicy { name, policy },
            false => VaultCommand::CreatePolicy { name, policy },
        };
        Ok(Command::Vault { vault: vault.clone(), command })
    }
}

/// The days of month and week that a policy keeps unless others are chosen:
/// the first of the month on which runs are due, and Sunday or all run days.
pub fn usual(schedule: &Schedule) -> (DayChoice, WeekdaySet) {
    match &schedule.days {
        RunDays::Daily => {
            (DayChoice::Dates(BTreeSet::from([DayOfMonth::Day(1)])), WeekdaySet::from(Weekday::Sunday))
        }
        RunDays::Weekly(days) => (
            DayChoice::Weekdays { weeks: BTreeSet::from([WeekOfMonth::First]), days: days.clone() },
            days.clone(),
        ),
    }
}

/// What a policy will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// In words.
    pub schedule: Both,
    /// What it keeps, in words.
    pub keeps: Both,
    /// The next runs.
    pub runs: Vec<String>,
    /// How many points stand at the end of each month of the first year.
    pub points: Vec<u64>,
    /// How many points one machine has after a year.
    pub after_a_year: u32,
    /// The most points it ever has in that year.
    pub points_max: u32,
}

/// What `policy` will do from `now` on, for one machine.
pub fn preview(policy: &BackupPolicy, now: Instant) -> Preview {
    let projection = project(&policy.schedule, &policy.retention, now, 1);
    Preview {
        schedule: of_schedule(&policy.schedule),
        keeps: of_retention(&policy.retention),
        runs: policy.schedule.next_runs(now, RUNS_TOLD).into_iter().map(moment).collect(),
        points: projection.steps.iter().map(|step| u64::from(step.points)).collect(),
        after_a_year: projection.steps.last().map_or(0, |step| step.points),
        points_max: projection.points_max,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::scenarios;

    fn grown(name: &str) -> Simulator {
        let mut simulator = Simulator::begin(&scenarios::find(name).unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        simulator
    }

    #[test]
    fn every_policy_of_every_scenario_reads_back_from_its_draft() {
        let mut read = 0;
        for preset in scenarios::all() {
            let simulator = grown(&preset.scenario.name);
            for state in simulator.world().vaults.values() {
                for (name, held) in &state.catalogue.policies {
                    let draft = Draft::of(name, &held.policy);
                    assert_eq!(draft.policy(state.catalogue.profile.id), Ok(held.policy.clone()));
                    read += 1;
                }
            }
        }
        assert!(read > 10, "{read}");
    }

    #[test]
    fn what_is_typed_wrongly_is_said_and_what_the_rules_refuse_is_theirs() {
        let recovery = ProfileId::Recovery2016;
        let late = Draft { time: "25:00".to_owned(), ..Draft::default() };
        assert!(late.policy(recovery).unwrap_err().en.contains("22:00"));
        let many = Draft { daily: "many".to_owned(), ..Draft::default() };
        assert!(many.policy(recovery).unwrap_err().ko.contains("many"));
        // The rules of 2015 keep 30 days at most; that is theirs to refuse.
        let mut simulator = grown("first-day");
        let vault = simulator.world().vaults.keys().next().unwrap().clone();
        let year = Draft { name: "long".to_owned(), daily: "365".to_owned(), ..Draft::default() };
        let command = year.command(&simulator, &vault).unwrap();
        let refusal = simulator.submit(command).unwrap_err();
        assert_eq!(refusal.advice(), Some(vhault_core::advice::AdviceId::Pol01));
    }

    #[test]
    fn a_preview_tells_ten_runs_and_what_stands_after_a_year() {
        let draft = Draft { daily: "7".to_owned(), weekly: "4".to_owned(), ..Draft::default() };
        let policy = draft.policy(ProfileId::Recovery2016).unwrap();
        let now = Instant::from_unix_milliseconds(1_472_198_400_000);
        let preview = preview(&policy, now);
        assert_eq!(preview.runs.len(), RUNS_TOLD);
        assert_eq!(preview.runs[0], "2016-08-26 22:00:00");
        // Seven days, and four Sundays of which one or two are among them.
        assert!((9..=10).contains(&preview.after_a_year), "{preview:?}");
        assert!(preview.points_max >= preview.after_a_year && preview.points.len() >= 12);
    }
}
