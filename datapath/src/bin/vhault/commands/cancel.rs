//! `vhault cancel`: stop a job.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vhault_core::lifecycle::{JobId, VaultCommand};
use vhault_datapath::lifecycle::{end_one_abandoned, submit};

use super::Setting;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault cancel`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: vhault cancel /backup/vault 12

The request is recorded in the vault. The process that makes the backup, on whatever host, looks for it
every second while it copies; what it uploaded until then is garbage for a sweep.")]
pub(crate) struct CancelArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Number of the job, as `vhault jobs` shows it
    job: u64,

    /// Its process is gone, on another host, where nobody can tell: end the job
    #[arg(long)]
    gone: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Cancels.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &CancelArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let job = JobId(args.job);
    let now = unlock::now();
    if end_one_abandoned(&vault, now, job, args.gone)? {
        let text = format!("the process of job {job} is gone; the job is cancelled");
        return Ok(Box::new(Said::line(text, json!({ "job": job, "status": "cancelled" }))));
    }
    submit(&vault, now, &VaultCommand::Cancel { job })?;
    let text = format!("job {job} is asked to stop");
    Ok(Box::new(Said::line(text, json!({ "job": job, "status": "cancelling" }))))
}
