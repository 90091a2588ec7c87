//! `vhault forget`: hide the points that no rule keeps.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use vhault_core::lifecycle::PolicyName;
use vhault_core::policy::{FixedOffset, KeepRules, Reason};
use vhault_datapath::lifecycle::{Chosen, Keeping, Sorted, damaged_points, forget, sort};

use super::Setting;
use super::point::rfc3339;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault forget`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault forget /backup/vault --keep-daily 7 --keep-weekly 4 --keep-monthly 12 --dry-run
  vhault forget /backup/vault --vm web01 --policy nightly

The newest whole, undamaged point of each VM always stays. Points count in the order in which the vault
received them; one whose time leaps or goes back is flagged, and stays. Forgotten points are hidden, and
`vhault undelete` brings them back until they are purged, 14 days later unless told otherwise. Space comes back
with `vhault sweep`.")]
pub(crate) struct ForgetArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Only points of this VM
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,

    #[command(flatten)]
    keep: KeepArgs,

    /// Keep what this policy keeps, instead of counting
    #[arg(long, value_name = "NAME", conflicts_with = "KeepArgs")]
    policy: Option<PolicyName>,

    /// All times are right, however they leap
    #[arg(long)]
    trust_clock: bool,

    /// Only print the plan
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

/// How many points stay.
#[derive(Debug, Args)]
struct KeepArgs {
    /// Keep the last N points
    #[arg(long, value_name = "N")]
    keep_last: Option<u32>,
    /// Keep the newest point of each of the last N days that have one
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,
    /// Keep the newest point of each of the last N weeks that have one
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,
    /// Keep the newest point of each of the last N months that have one
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,
    /// Keep the newest point of each of the last N years that have one
    #[arg(long, value_name = "N")]
    keep_yearly: Option<u32>,
    /// Where days begin, as an offset from UTC (default: +00:00)
    #[arg(long, value_name = "+HH:MM", allow_hyphen_values = true)]
    utc_offset: Option<FixedOffset>,
}

/// Plans, and forgets.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &ForgetArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let rules = KeepRules {
        last: args.keep.keep_last,
        daily: args.keep.keep_daily,
        weekly: args.keep.keep_weekly,
        monthly: args.keep.keep_monthly,
        yearly: args.keep.keep_yearly,
        within: None,
        offset: args.keep.utc_offset.unwrap_or_default(),
    };
    if args.policy.is_none() && rules.is_empty() {
        return Err(Failure::new(Exit::Usage, "no rule was given, so nothing would be forgotten")
            .with_way_out("--keep-daily 7 and the like, or --policy NAME"));
    }
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let now = unlock::now();
    let keeping = match &args.policy {
        Some(name) => {
            let head = vault.head();
            let rules = head.catalogue.lifecycle.rules_at(now);
            Keeping::Policy(Box::new(rules.policy(name)?.policy.clone()))
        }
        None => Keeping::Counts(rules),
    };
    let damaged = damaged_points(&vault)?;
    let chosen = Chosen { vm: args.vm.clone(), now, clock_confirmed: args.trust_clock, damaged };
    let sorted = if args.dry_run {
        sort(&vault.head().catalogue, &keeping, &chosen)
    } else {
        forget(&vault, &keeping, &chosen)?
    };
    Ok(Box::new(said(&sorted, args.dry_run)))
}

fn said(sorted: &[Sorted], dry_run: bool) -> Said {
    let fate = |sorted: &Sorted| if sorted.reasons.is_empty() { "forget" } else { "keep" };
    let mut rows = Vec::new();
    let mut views = Vec::new();
    for sorted in sorted {
        let point = &sorted.kept.point;
        let id = point.id.to_string();
        let reasons: Vec<String> = sorted.reasons.iter().map(reason_words).collect();
        let mut why = if reasons.is_empty() { "no rule keeps it".to_string() } else { reasons.join("; ") };
        if sorted.in_doubt {
            why.push_str(" (its time is not believed)");
        }
        rows.push(vec![
            fate(sorted).to_string(),
            id[..12].to_string(),
            point.vm.clone(),
            rfc3339(point.host_time),
            why,
        ]);
        views.push(json!({
            "id": id,
            "vm": point.vm,
            "time": rfc3339(point.host_time),
            "action": fate(sorted),
            "reasons": reasons,
            "time_in_doubt": sorted.in_doubt,
        }));
    }
    let gone = sorted.iter().filter(|sorted| sorted.reasons.is_empty()).count();
    let value: Value = json!({ "dry_run": dry_run, "forgotten": gone, "points": views });
    let heading = ["", "point", "vm", "time", "why"];
    let would = if dry_run { "would be forgotten" } else { "forgotten" };
    Said::table(&heading, &rows, "no recovery points", value)
        .and(format!("{gone} of {} points {would}", sorted.len()))
}

fn reason_words(reason: &Reason) -> String {
    match reason {
        Reason::NewestWhole => "newest whole point".into(),
        Reason::Tagged { tag, until } => {
            format!("{} range until {}", format!("{tag:?}").to_lowercase(), rfc3339(*until))
        }
        Reason::OnDemand { until } => format!("made by hand, until {}", rfc3339(*until)),
        Reason::Last(place) => format!("last {place}"),
        Reason::Daily(date) => format!("newest of day {date}"),
        Reason::Weekly(date) => format!("newest of the week from {date}"),
        Reason::Monthly(date) => format!("newest of its month ({date})"),
        Reason::Yearly(date) => format!("newest of its year ({date})"),
        Reason::Within => "young".into(),
        Reason::Pinned => "pinned".into(),
        Reason::Locked { until } => format!("locked until {}", rfc3339(*until)),
        Reason::ClockInDoubt => "its time, or the present, is in doubt; --trust-clock believes it".into(),
        Reason::AfterNewestWhole => "not whole, but newer than the newest whole point".into(),
        Reason::NoRule => "no rule was given".into(),
    }
}
