//! Commands that freeze a VM before its disks are opened, and thaw it after.

use std::io;
use std::process::Command;

use clap::Args;
use vhault_core::advice::AdviceId;
use vhault_datapath::lifecycle::Job;

use super::backup::noted;
use super::made::Made;
use super::unlock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;

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
    /// A [`Failure`] of the freeze or of the backup. After a failed thaw the point stands, with a remark.
    pub(crate) fn around(
        &self,
        vm: &str,
        job: Option<&Job<'_>>,
        make: impl FnOnce() -> Result<Made, Failure>,
    ) -> Result<Made, Failure> {
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
        let mut made = made?;
        if let Err((command, reason)) = thawed {
            let text = format!("point {} was made, but --post {command:?} {reason}", made.backed.point.id);
            // A VM that stands frozen is more urgent than whatever else there was to say.
            made.remark = Some(Failure::new(Exit::Unexpected, text).with_way_out("thaw the VM by hand"));
        }
        Ok(made)
    }

    /// `progress`, thawing `vm` also where the program must end at once.
    pub(crate) fn thawing(&self, vm: &str, progress: Progress) -> Progress {
        let Some(post) = self.post.clone() else { return progress };
        let vm = vm.to_owned();
        // The program's own failure is the one to report: it ends here.
        progress.at_the_last(move || drop(shell(&post, &vm)))
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
