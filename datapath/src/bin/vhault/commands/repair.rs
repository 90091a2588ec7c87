//! `vhault repair`: make again what packs and records can make.

use std::path::PathBuf;

use clap::Args;
use vhault_datapath::repair::{Repaired, repair};

use super::Setting;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::Report;
use crate::words;

/// Arguments of `vhault repair`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: vhault repair /backup/vault --dry-run

Rebuilds table fragments that are missing or damaged from the indexes at the ends of packs, and checkpoints from
the log. Chunks that are damaged themselves heal by the next backup, once `vhault verify` has named them.")]
pub(crate) struct RepairArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Repairs.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &RepairArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let repaired = repair(&vault, unlock::now(), args.dry_run, &Progress::new(setting))?;
    Ok(Box::new(said(&repaired)))
}

fn said(repaired: &Repaired) -> Said {
    let value = serde_json::to_value(repaired).unwrap_or_default();
    if repaired.lost_fragments.is_empty() && repaired.lost_checkpoints.is_empty() {
        return Said::line("nothing to repair: every table fragment and checkpoint can be read", value);
    }
    let would = |done: &str, then: &str| if repaired.dry_run { then.to_string() } else { done.to_string() };
    let mut said = Said::line(
        format!(
            "{} {} of {} from {}",
            words::grouped(repaired.rebuilt_entries),
            would("entries were rebuilt in place", "entries would be rebuilt in place"),
            words::count(repaired.lost_fragments.len() as u64, "lost table fragment"),
            words::count(repaired.packs_read, "pack"),
        ),
        value,
    );
    for fragment in &repaired.lost_fragments {
        said = said.and(format!("  tables/{fragment} was lost"));
    }
    for checkpoint in &repaired.lost_checkpoints {
        said = said.and(format!("  {checkpoint} {}", would("was made again", "would be made again")));
    }
    for pack in &repaired.unreadable_packs {
        said = said.and(format!("  pack {pack}: its index cannot be read, what only it knew stays lost"));
    }
    if repaired.unreadable_packs.is_empty() { said } else { said.ending(Exit::Damage) }
}
