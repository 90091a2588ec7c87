//! `vhault lock`: the minimum age of points that are forgotten.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vhault_core::protocol::{Refusal, Request};
use vhault_core::time::Span;
use vhault_datapath::vault::VaultError;

use super::Setting;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::Report;

const DAY_MILLISECONDS: i64 = 86_400_000;

/// Arguments of `vhault lock`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault lock /backup/vault --days 30      no point younger than 30 days is forgotten, by no rule and no command
  vhault lock /backup/vault                what holds

A higher age holds for all points at once. A lower one holds for points that come after it: those that are there keep
theirs. A clock that leaps ends no lock. The lock binds vhault; against somebody who can delete the vault's files only
the storage's own immutability helps.")]
pub(crate) struct LockArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The age in days from which points may be forgotten; 0 locks nothing that comes
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(0..=36_500))]
    days: Option<i64>,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Sets the lock, or says what holds.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &LockArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    if let Some(days) = args.days {
        let age = Span::from_milliseconds(days * DAY_MILLISECONDS);
        match vault.append(&mut |_| Ok::<_, VaultError>(Request::SetLock { age })) {
            Ok(_) | Err(VaultError::Refused(Refusal::Nothing)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let head = vault.head();
    let days = head.catalogue.lock().milliseconds() / DAY_MILLISECONDS;
    let longer = head
        .catalogue
        .live_points()
        .filter(|kept| head.catalogue.lock_of(kept) > head.catalogue.lock())
        .count();
    let text = match days {
        0 => "points that come are not locked".to_string(),
        days => format!("points may be forgotten {days} days after they were made"),
    };
    let mut said = Said::line(text, json!({ "days": days, "points_locked_longer": longer }));
    if longer > 0 {
        said = said.and(format!("{longer} points keep a longer lock that held since they came"));
    }
    Ok(Box::new(said))
}
