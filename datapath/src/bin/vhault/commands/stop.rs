//! `vhault stop`: end the schedule of a VM.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vhault_core::lifecycle::VaultCommand;
use vhault_datapath::lifecycle::{carry_out, delete_data, end_abandoned};

use super::Setting;
use super::protect::machine;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault stop`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault stop /backup/vault --vm web01 --retain-data
  vhault stop /backup/vault --vm web01 --delete-data --dry-run

Deleted points are forgotten: `vhault undelete` brings them back until they are purged, 14 days later unless
told otherwise. Space comes back with `vhault sweep`.")]
pub(crate) struct StopArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The VM
    #[arg(long, value_name = "NAME")]
    vm: String,

    /// Keep its points
    #[arg(long, conflicts_with = "delete_data", required_unless_present = "delete_data")]
    retain_data: bool,

    /// Forget its points, the newest too
    #[arg(long)]
    delete_data: bool,

    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Stops.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &StopArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let item = machine(&args.vm)?;
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let vm = &args.vm;
    let of_vm: Vec<String> = {
        let head = vault.head();
        let points = head.catalogue.live_points().filter(|kept| kept.point.vm == *vm);
        points.map(|kept| kept.point.id.to_string()).collect()
    };
    if args.dry_run {
        vault.head().catalogue.lifecycle.rules_at(unlock::now()).item(&item)?;
        let points = if args.delete_data { of_vm } else { Vec::new() };
        let text = format!("the schedule of {vm} would end, and {} points would be forgotten", points.len());
        let value = json!({ "vm": vm, "dry_run": true, "forgotten": points });
        let said = points.iter().fold(Said::line(text, value), |said, id| said.and(format!("  {id}")));
        return Ok(Box::new(said));
    }
    end_abandoned(&vault, unlock::now())?;
    if args.retain_data {
        carry_out(&vault, unlock::now(), &VaultCommand::StopProtection { item, retain: true })?;
        let text = format!("the schedule of {vm} ended; its {} points stay", of_vm.len());
        return Ok(Box::new(Said::line(text, json!({ "vm": vm, "advice": "STOP-01" }))));
    }
    let count = delete_data(&vault, unlock::now(), &item)?;
    let text = format!("the schedule of {vm} ended, and {count} points were forgotten");
    Ok(Box::new(Said::line(text, json!({ "vm": vm, "advice": "STOP-02", "forgotten": of_vm }))))
}
