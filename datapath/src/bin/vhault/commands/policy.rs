//! `vhault policy`: when backups are due, and how long points stay.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use vhault_core::lifecycle::{BackupPolicy, PolicyName, PolicyState, VaultCommand};
use vhault_core::policy::{
    DayChoice, DayOfMonth, FixedOffset, LocalTime, LongTerm, Month, Monthly, Retention, RunDays, Schedule,
    WeekOfMonth, Weekday, WeekdaySet, Weekly, Yearly,
};
use vhault_core::time::Span;
use vhault_datapath::lifecycle::submit;
use vhault_datapath::vault::Vault;

use super::Setting;
use super::point::rfc3339;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault policy`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault policy set /backup/vault nightly --daily 22:00 --keep-daily 30 --keep-weekly 12 --keep-monthly 12
  vhault policy set /backup/vault weekend --weekly saturday,sunday@06:00 --keep-weekly 8 --utc-offset +09:00
  vhault policy list /backup/vault")]
pub(crate) struct PolicyCommandArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Make a policy, or make it say something else
    Set(Box<SetArgs>),
    /// List the policies
    List {
        /// Folder of the vault
        vault: PathBuf,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Show one policy and its next runs
    Show {
        /// Folder of the vault
        vault: PathBuf,
        /// The policy
        name: PolicyName,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Delete a policy that no VM uses
    Delete {
        /// Folder of the vault
        vault: PathBuf,
        /// The policy
        name: PolicyName,
        #[command(flatten)]
        keys: KeyArgs,
    },
}

#[derive(Debug, Args)]
struct SetArgs {
    /// Folder of the vault
    vault: PathBuf,
    /// The policy
    name: PolicyName,
    /// A run every day at this time
    #[arg(long, value_name = "HH:MM", conflicts_with = "weekly", required_unless_present = "weekly")]
    daily: Option<LocalTime>,
    /// A run on these days at this time
    #[arg(long, value_name = "DAYS@HH:MM", value_parser = weekly)]
    weekly: Option<(WeekdaySet, LocalTime)>,
    /// Keep every point for so many days (default with --daily and no other range: 30)
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,
    /// Keep one point a week (Sunday's, or those of the schedule's days) for so many weeks
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,
    /// Keep the first point of a month for so many months
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,
    /// Keep the first point of a year for so many years
    #[arg(long, value_name = "N")]
    keep_yearly: Option<u32>,
    /// Offset of the times from UTC; it stays, whatever daylight saving does
    #[arg(long, value_name = "+HH:MM", default_value = "+00:00", allow_hyphen_values = true)]
    utc_offset: FixedOffset,
    /// Stop a copy that takes longer, such as 90s, 30m or 4h (default and most: 24h)
    #[arg(long, value_name = "TIME", value_parser = span)]
    copy_window: Option<Span>,
    #[command(flatten)]
    keys: KeyArgs,
}

fn weekly(text: &str) -> Result<(WeekdaySet, LocalTime), String> {
    let (days, time) = text.split_once('@').ok_or("write it like saturday,sunday@06:00")?;
    let day = |text: &str| {
        let text = text.to_lowercase();
        let named = |day: &Weekday| text.len() >= 3 && format!("{day:?}").to_lowercase().starts_with(&text);
        Weekday::ALL.into_iter().find(named).ok_or_else(|| format!("{text:?} is no day of the week"))
    };
    let days = days.split(',').map(day).collect::<Result<Vec<Weekday>, String>>()?;
    let days = WeekdaySet::new(days).map_err(|error| error.to_string())?;
    Ok((days, time.parse().map_err(|error: vhault_core::policy::CalendarError| error.to_string())?))
}

/// A length of time as it is typed: `90s`, `30m`, `4h`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let bad = || format!("{text:?} is no length of time; write 90s, 30m or 4h");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let milliseconds: i64 = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(bad()),
    };
    let number: i64 = number.parse().map_err(|_| bad())?;
    Ok(Span::from_milliseconds(number.checked_mul(milliseconds).ok_or_else(bad)?))
}

/// Carries out `policy set`, `list`, `show` or `delete`.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &PolicyCommandArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    match &args.command {
        PolicyCommand::Set(args) => set(args, setting),
        PolicyCommand::List { vault, keys } => list(&unlock::open(vault, keys, setting)?),
        PolicyCommand::Show { vault, name, keys } => show(&unlock::open(vault, keys, setting)?, name),
        PolicyCommand::Delete { vault, name, keys } => {
            let vault = unlock::open(vault, keys, setting)?;
            submit(&vault, unlock::now(), &VaultCommand::DeletePolicy { name: name.clone() })?;
            let value = json!({ "deleted": name });
            Ok(Box::new(Said::line(format!("policy {name} is deleted"), value)))
        }
    }
}

fn set(args: &SetArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let policy = Box::new(policy_of(args));
    let name = args.name.clone();
    let known = {
        let head = vault.head();
        head.catalogue.lifecycle.rules().is_some_and(|rules| rules.policies.contains_key(&name))
    };
    let command = match known {
        true => VaultCommand::UpdatePolicy { name, policy },
        false => VaultCommand::CreatePolicy { name, policy },
    };
    submit(&vault, unlock::now(), &command)?;
    show(&vault, &args.name)
}

fn policy_of(args: &SetArgs) -> BackupPolicy {
    let schedule = match (&args.weekly, args.daily) {
        (Some((days, time)), _) => Schedule::weekly(days.clone(), *time, args.utc_offset),
        (None, time) => {
            Schedule { days: RunDays::Daily, times: time.into_iter().collect(), offset: args.utc_offset }
        }
    };
    let week_days = match &schedule.days {
        RunDays::Daily => Weekday::Sunday.into(),
        RunDays::Weekly(days) => days.clone(),
    };
    // The first day of the month on which runs are due.
    let first = match &schedule.days {
        RunDays::Daily => DayChoice::Dates(BTreeSet::from([DayOfMonth::Day(1)])),
        RunDays::Weekly(days) => {
            DayChoice::Weekdays { weeks: BTreeSet::from([WeekOfMonth::First]), days: days.clone() }
        }
    };
    let ranges = [args.keep_daily, args.keep_weekly, args.keep_monthly, args.keep_yearly];
    let by_default = ranges.iter().all(Option::is_none);
    let daily = matches!(schedule.days, RunDays::Daily);
    let retention = Retention::Ranges(LongTerm {
        daily_days: args.keep_daily.or((by_default && daily).then_some(30)),
        weekly: args
            .keep_weekly
            .or((by_default && !daily).then_some(12))
            .map(|weeks| Weekly { on: week_days, weeks }),
        monthly: args.keep_monthly.map(|months| Monthly { on: first.clone(), months }),
        yearly: args.keep_yearly.map(|years| Yearly {
            months: BTreeSet::from([Month::January]),
            on: first,
            years,
        }),
    });
    BackupPolicy { schedule, retention, copy_window: args.copy_window }
}

fn view(name: &PolicyName, state: &PolicyState, items: usize) -> Value {
    json!({
        "name": name,
        "schedule": state.policy.schedule,
        "retention": state.policy.retention,
        "copy_window_seconds": state.policy.copy_window.map(|window| window.milliseconds() / 1_000),
        "next_run": state.next_run.map(rfc3339),
        "items": items,
    })
}

fn schedule_words(schedule: &Schedule) -> String {
    let times: Vec<String> = schedule.times.iter().map(LocalTime::to_string).collect();
    let days = match &schedule.days {
        RunDays::Daily => "every day".to_string(),
        RunDays::Weekly(days) => {
            let days = Weekday::ALL.into_iter().filter(|day| days.contains(*day));
            days.map(|day| format!("{day:?}")).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{days} at {} (UTC{})", times.join(", "), schedule.offset)
}

fn retention_words(retention: &Retention) -> String {
    match retention {
        Retention::Days(days) => format!("{days} days"),
        Retention::Ranges(ranges) => {
            let parts = [
                ranges.daily_days.map(|count| format!("{count} days")),
                ranges.weekly.as_ref().map(|rule| format!("{} weeks", rule.weeks)),
                ranges.monthly.as_ref().map(|rule| format!("{} months", rule.months)),
                ranges.yearly.as_ref().map(|rule| format!("{} years", rule.years)),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}

fn list(vault: &Vault) -> Result<Box<dyn Report>, Failure> {
    let head = vault.head();
    let rules = head.catalogue.lifecycle.rules_at(unlock::now());
    let mut rows = Vec::new();
    let mut views = Vec::new();
    for (name, state) in &rules.policies {
        let items = rules.items_of(name).count();
        rows.push(vec![
            name.to_string(),
            schedule_words(&state.policy.schedule),
            retention_words(&state.policy.retention),
            items.to_string(),
            state.next_run.map(rfc3339).unwrap_or_default(),
        ]);
        views.push(view(name, state, items));
    }
    let heading = ["policy", "runs", "keeps", "vms", "next run"];
    Ok(Box::new(Said::table(&heading, &rows, "no policies yet", Value::Array(views))))
}

fn show(vault: &Vault, name: &PolicyName) -> Result<Box<dyn Report>, Failure> {
    let head = vault.head();
    let now = unlock::now();
    let rules = head.catalogue.lifecycle.rules_at(now);
    let state = rules.policy(name)?;
    let items = rules.items_of(name).count();
    let policy = &state.policy;
    let mut said = Said::line(format!("policy {name}"), view(name, state, items))
        .and(format!("  runs       {}", schedule_words(&policy.schedule)))
        .and(format!("  keeps      {}", retention_words(&policy.retention)))
        .and(format!("  at most    {} points", policy.retention.points_projected(&policy.schedule)))
        .and(format!("  used by    {items} VMs"));
    for run in policy.schedule.next_runs(now, 3) {
        said = said.and(format!("  next run   {}", rfc3339(run)));
    }
    Ok(Box::new(said))
}
