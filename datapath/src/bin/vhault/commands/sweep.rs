//! `vhault sweep` and `vhault purge`: what no point needs, condemned and deleted.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use vhault_core::protocol::{PURGE_WAIT_DAYS, SweepRules};
use vhault_core::time::Span;
use vhault_datapath::sweep::{PointFate, PurgeRule, SweepRequest, Swept, purge, sweep};

use super::Setting;
use super::point::rfc3339;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::Report;
use crate::words;

const DAY_MILLISECONDS: i64 = 86_400_000;

/// Arguments of `vhault sweep`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault sweep /backup/vault --dry-run             what would go, and why; nothing is written
  vhault sweep /backup/vault                       while backups and restores go on
  vhault sweep /backup/vault --fence-after 900     also take over from writers that died

What a killed program was writing below tmp/ goes when nobody wrote to it for a day.

Points that were forgotten long enough are purged first. Packs that no point needs, and what ended sessions left,
are condemned by a record and then deleted; packs of which little is needed are rewritten. When something that
points need cannot be read, nothing is condemned.")]
pub(crate) struct SweepArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Rewrite packs of whose content at least so many percent are needed by nobody
    #[arg(long, value_name = "PERCENT", default_value_t = 60, value_parser = clap::value_parser!(u8).range(1..=100))]
    repack_share: u8,

    /// Fence sessions that stand still while this run waits so many seconds; without it open sessions are left alone
    #[arg(long, value_name = "SECONDS")]
    fence_after: Option<u64>,

    #[command(flatten)]
    purge: PurgeArgs,

    /// Only print the plan
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Arguments of `vhault purge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: vhault purge /backup/vault --dry-run

A purged point cannot be brought back. The next `vhault sweep` frees what only it needed; a sweep purges too.")]
pub(crate) struct PurgeCommandArgs {
    /// Folder of the vault
    vault: PathBuf,

    #[command(flatten)]
    purge: PurgeArgs,

    /// Only say what would be purged
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

/// When forgotten points are purged.
#[derive(Debug, Args)]
struct PurgeArgs {
    /// Purge points that were forgotten so many days ago; until then `vhault undelete` brings them back
    #[arg(long, value_name = "DAYS", default_value_t = PURGE_WAIT_DAYS, value_parser = clap::value_parser!(i64).range(0..=36_500))]
    wait_days: i64,

    /// All times are right, however they leap
    #[arg(long)]
    trust_clock: bool,
}

impl PurgeArgs {
    fn rule(&self) -> PurgeRule {
        PurgeRule {
            wait: Span::from_milliseconds(self.wait_days * DAY_MILLISECONDS),
            now: unlock::now(),
            clock_confirmed: self.trust_clock,
        }
    }
}

/// Sweeps.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &SweepArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let request = SweepRequest {
        dry_run: args.dry_run,
        rules: SweepRules { repack_percent: args.repack_share },
        fence_after: args.fence_after.map(Duration::from_secs),
        purge: Some(args.purge.rule()),
        now: unlock::now(),
    };
    let progress = Progress::new(setting);
    let swept = sweep(&vault, &request, &AtomicBool::new(false), &progress)?;
    Ok(Box::new(said(&swept)))
}

/// Purges.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run_purge(args: &PurgeCommandArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let fates = purge(&vault, &args.purge.rule(), args.dry_run)?;
    let value = json!({ "dry_run": args.dry_run, "points": fates.iter().map(view).collect::<Vec<_>>() });
    if fates.is_empty() {
        return Ok(Box::new(Said::line("no point is forgotten", value)));
    }
    let rows: Vec<Vec<String>> = fates.iter().map(|fate| row(fate, args.dry_run)).collect();
    Ok(Box::new(Said::table(&["", "point", "vm", "forgotten", "why"], &rows, "", value)))
}

fn row(fate: &PointFate, dry_run: bool) -> Vec<String> {
    let id = fate.point.to_string();
    let (done, why) = match &fate.refusal {
        Some(refusal) => ("stays", refusal.to_string()),
        None if dry_run => ("would be purged", "its wait is over".into()),
        None => ("purged", "its wait is over".into()),
    };
    vec![done.into(), id[..12].into(), fate.vm.clone(), rfc3339(fate.forgotten), why]
}

fn view(fate: &PointFate) -> Value {
    json!({
        "id": fate.point.to_string(),
        "vm": fate.vm,
        "forgotten": rfc3339(fate.forgotten),
        "purged": fate.refusal.is_none(),
        "why": fate.refusal.as_ref().map(ToString::to_string),
    })
}

fn said(swept: &Swept) -> Said {
    let mut value = serde_json::to_value(swept).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("points".into(), swept.points.iter().map(view).collect());
        fields.insert("freed_bytes".into(), swept.freed_bytes().into());
    }
    let would = |now: &str, then: &str| if swept.dry_run { then.to_string() } else { now.to_string() };
    let first = format!(
        "{}: {} read, {} of the chunk table looked at",
        would("swept", "plan; nothing was written"),
        words::count(swept.pages, "manifest page"),
        words::count(swept.entries, "entry").replace("entrys", "entries")
    );
    let mut said = Said::line(first, value);
    for session in &swept.sessions {
        let (id, host, purpose) = (&session.session[..12], &session.host, &session.purpose);
        let fate = if session.fenced { "stood still and was fenced" } else { "is open and left alone" };
        said = said.and(format!("  session {id} ({purpose}, on {host}) {fate}"));
    }
    for fate in &swept.points {
        let cells = row(fate, swept.dry_run);
        said = said.and(format!("  point {} of {} {}: {}", cells[1], cells[2], cells[0], cells[4]));
    }
    for pack in &swept.packs {
        let done = match (swept.dry_run, pack.condemned) {
            (true, _) => "would go",
            (false, true) => "went",
            (false, false) => "stays: somebody came to need it meanwhile",
        };
        said = said.and(format!(
            "  pack {} of {} {done}: {}{}",
            &pack.pack[..12],
            words::bytes(pack.file_bytes),
            pack.why,
            if pack.live_bytes > 0 {
                format!(" ({} of it)", words::bytes(pack.live_bytes))
            } else {
                String::new()
            }
        ));
    }
    for pack in &swept.kept_damaged {
        said = said.and(format!(
            "  pack {} stays: something needed in it is damaged; `vhault verify` names it",
            &pack[..12]
        ));
    }
    for file in &swept.temporary {
        let fate = match (file.goes, swept.dry_run) {
            (true, true) => "would go: nobody wrote to it for a day",
            (true, false) => "went: nobody wrote to it for a day",
            (false, _) => "stays: somebody may be writing it",
        };
        said = said.and(format!("  {} of {} {fate}", file.file, words::bytes(file.bytes)));
    }
    for foreign in &swept.foreign {
        said = said.and(format!("  {} is left alone: {}", foreign.file, foreign.why));
    }
    if swept.fragments.condemned > 0 {
        said = said.and(format!(
            "  {} made {}",
            words::count(swept.fragments.condemned as u64, "table fragment"),
            swept.fragments.added
        ));
    }
    let end = if swept.dry_run {
        format!(
            "{} would be freed, {} stay",
            words::bytes(swept.freed_bytes()),
            words::count(swept.kept, "pack")
        )
    } else {
        format!(
            "{} deleted, {} in all; {} moved, {} stay",
            words::count(swept.deleted_files, "file"),
            words::bytes(swept.deleted_bytes),
            words::bytes(swept.moved_bytes),
            words::count(swept.kept, "pack")
        )
    };
    said.and(end)
}
