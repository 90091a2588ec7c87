//! `vhault items`: the VMs of a vault.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use vhault_core::lifecycle::Protection;

use super::Setting;
use super::jobs::{status_word, word};
use super::point::rfc3339;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault items`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault items /backup/vault --json")]
pub(crate) struct ItemsArgs {
    /// Folder of the vault
    vault: PathBuf,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Lists.
///
/// # Errors
///
/// A [`Failure`] saying why the vault cannot be opened.
pub(crate) fn run(args: &ItemsArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let head = vault.head();
    let lifecycle = &head.catalogue.lifecycle;
    let rules = lifecycle.rules_at(unlock::now());
    let mut rows = Vec::new();
    let mut views = Vec::new();
    for item in rules.items.values() {
        let next_run = item.policy.as_ref().and_then(|name| rules.policies.get(name)?.next_run);
        let last = item.last_backup;
        rows.push(vec![
            item.identity.name.to_string(),
            protection_word(item.protection).to_string(),
            item.policy.as_ref().map(ToString::to_string).unwrap_or_default(),
            item.points.len().to_string(),
            last.map(|last| status_word(last.status, last.error)).unwrap_or_default(),
            next_run.map(rfc3339).unwrap_or_default(),
            item.active_job.map(|job| job.to_string()).unwrap_or_default(),
        ]);
        views.push(json!({
            "vm": item.identity.name,
            "protection": item.protection,
            "policy": item.policy,
            "points": item.points.len(),
            "last_backup": last.map(|last| json!({
                "status": last.status,
                "time": rfc3339(last.at),
                "advice": last.error,
            })),
            "next_run": next_run.map(rfc3339),
            "active_job": item.active_job,
            "advice": item.status_advice(),
            "status": item.status_advice().map(|id| word(id, setting.lang)),
            "sources": lifecycle.sources(&item.identity),
        }));
    }
    let heading = ["vm", "protection", "policy", "points", "last backup", "next run", "job"];
    let said = Said::table(&heading, &rows, "no VM is protected yet", Value::Array(views));
    let said = match lifecycle.skipped() {
        0 => said,
        skipped => said.and(format!("note: {skipped} events of a newer program were read around")),
    };
    Ok(Box::new(said))
}

fn protection_word(protection: Protection) -> &'static str {
    match protection {
        Protection::NotProtected => "not protected",
        Protection::Configuring => "configuring",
        Protection::PendingInitial => "initial backup pending",
        Protection::Protected => "protected",
        Protection::StoppedRetained => "stopped, points kept",
    }
}
