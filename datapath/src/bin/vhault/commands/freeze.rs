//! Commands that freeze a VM before its disks are opened, and thaw it after.

use std::io;
use std::process::Command;

use clap::Args;
use vhault_core::advice::AdviceId;
use vhault_core::vault::point::RecoveryPoint;
use vhault_datapath::lifecycle::Job;

use super::backup::noted;
use super::unlock;
use crate::exit::Exit;
use crate::failure::Failure;

/// What to run around a backup.
#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// Run this before the disks are opened (freeze), with VHAULT_VM set; the backup is refused when it fails
    #[arg(long, value_name = "COMMAND")]
    pre: Option<String>,

    /// Run this after the disks were copied, whatever came of it (thaw), with VHAULT_VM set
    #[arg(long, value_name = "COMMAND")]
    post: Option<String>,
}

impl FreezeArgs {
    /// Freezes `vm`, lets its point be made, and thaws it whatever came of that.
    ///
    /// # Errors
    ///
    /// A [`Failure`] of either command or of the backup. After a failed thaw the point stands.
    pub(crate) fn around(
        &self,
        vm: &str,
        job: Option<&Job<'_>>,
        make: impl FnOnce() -> Result<RecoveryPoint, Failure>,
    ) -> Result<RecoveryPoint, Failure> {
        if let Some(command) = &self.pre
            && let Err(reason) = shell(command, vm)
        {
            if let Some(job) = job {
                noted(job.failed(unlock::now(), AdviceId::Bkp14))?;
            }
            let failure =
                Failure::new(Exit::Refused, format!("--pre {command:?} {reason}, so nothing was copied"));
            return Err(match self.thaw(vm) {
                Err((command, reason)) => {
                    failure.with_way_out(format!("thaw the VM by hand: --post {command:?} {reason} too"))
                }
                Ok(()) => failure,
            });
        }
        let made = make();
        let thawed = self.thaw(vm);
        let point = made?;
        match thawed {
            Ok(()) => Ok(point),
            Err((command, reason)) => {
                let text = format!("point {} was made, but --post {command:?} {reason}", point.id);
                Err(Failure::new(Exit::Unexpected, text).with_way_out("thaw the VM by hand"))
            }
        }
    }

    fn thaw(&self, vm: &str) -> Result<(), (&str, String)> {
        let Some(command) = &self.post else { return Ok(()) };
        shell(command, vm).map_err(|reason| (command.as_str(), reason))
    }
}

fn shell(command: &str, vm: &str) -> Result<(), String> {
    // What the command prints is for people, and our stdout is for the result.
    let status = Command::new("sh").arg("-c").arg(command).env("VHAULT_VM", vm).stdout(io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("failed ({status})")),
        Err(error) => Err(format!("could not be run ({error})")),
    }
}
