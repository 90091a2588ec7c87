//! What was typed. Each command's own arguments live beside the command.

use clap::{Parser, Subcommand};

use crate::commands;

/// Backs up virtual machine disks into an encrypted, deduplicating vault.
#[derive(Debug, Parser)]
#[command(
    name = "vhault",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = crate::exit::TABLE,
    after_long_help = concat!(
        "A first backup:\n",
        "  vhault init /backup/vault --key-file ~/vault.key\n",
        "  vhault backup /backup/vault --key-file ~/vault.key --vm web01 system=web01.vhd data=web01-data.vhd\n",
        "  vhault list /backup/vault --key-file ~/vault.key\n",
        "  vhault restore /backup/vault latest:web01 --key-file ~/vault.key --disk system --format dynamic --out back.vhd\n\n",
        "Exit codes:\n",
        "  0 done, 1 unexpected, 2 usage, 3 damage found or restored with holes, 4 refused by a rule,\n",
        "  5 partial and resumable, 6 vault cannot be opened, 7 gave up, 130 stopped",
    )
)]
pub(crate) struct Cli {
    /// Print results as one line of JSON on stdout, events as JSON lines on stderr
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Language of advice (default: that of the locale)
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<crate::lang::LangArg>,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a vault
    Init(commands::init::InitArgs),
    /// Back up all disks of a VM as one recovery point
    Backup(commands::backup::BackupArgs),
    /// Say what a backup would take, and whether it may run out of time
    Estimate(commands::estimate::EstimateArgs),
    /// Say what a vault holds, for whom, and what would be freed
    Stats(commands::stats::StatsArgs),
    /// List the recovery points of a vault
    List(commands::list::ListArgs),
    /// Show one recovery point, whole
    Show(commands::show::ShowArgs),
    /// Restore a disk of a recovery point into a new file
    Restore(commands::restore::RestoreArgs),
    /// Prove that a vault is whole, or name what is damaged
    Verify(commands::verify::VerifyArgs),
    /// Make, list, show and delete policies: when backups are due, and how long points stay
    Policy(commands::policy::PolicyCommandArgs),
    /// Link a VM and its images to a policy
    Protect(commands::protect::ProtectArgs),
    /// List the VMs of a vault: policy, state, last backup
    Items(commands::items::ItemsArgs),
    /// Back up every VM whose run is due; for a timer
    Run(commands::run::RunArgs),
    /// List jobs, or show one
    Jobs(commands::jobs::JobsArgs),
    /// Stop a job
    Cancel(commands::cancel::CancelArgs),
    /// End the schedule of a VM, and keep or delete its points
    Stop(commands::stop::StopArgs),
    /// Hide the points that no rule keeps
    Forget(commands::forget::ForgetArgs),
    /// Bring forgotten points back
    Undelete(commands::pins::UndeleteArgs),
    /// Keep points whatever the rules say
    Pin(commands::pins::PinArgs),
    /// Keep points only as the rules say
    Unpin(commands::pins::UnpinArgs),
    /// Set the age before which no point is forgotten
    Lock(commands::lock::LockArgs),
    /// Delete what no recovery point needs, while backups and restores go on
    Sweep(commands::sweep::SweepArgs),
    /// Give up forgotten points for good
    Purge(commands::sweep::PurgeCommandArgs),
    /// Rebuild the chunk table and checkpoints from packs and records
    Repair(commands::repair::RepairArgs),
    /// List, add, change and remove what unlocks a vault; print a recovery key; rotate keys
    Key(commands::key::KeyCommandArgs),
    /// Show all that an image's metadata says, and what is wrong with it
    Inspect(commands::inspect::InspectArgs),
    /// Show what changed from one disk to another
    Diff(commands::diff::DiffArgs),
    /// Write a disk into another kind of image
    Convert(commands::convert::ConvertArgs),
    /// Explain an error, rule or limit of VM backup, and its remedy
    Explain(commands::explain::ExplainArgs),
    /// Run the backup lifecycle against an imitated world
    Sim(commands::sim::SimArgs),
    /// Show the page that looks into disks, served to this machine's browser alone
    Ui(commands::ui::UiArgs),
    /// Print completions for a shell
    Completions(commands::completions::CompletionsArgs),
    /// Write man pages into a folder
    Man(commands::man::ManArgs),
}
