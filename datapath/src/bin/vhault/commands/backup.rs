//! `vhault backup`: one recovery point of all disks of a VM.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use vhault_core::advice::AdviceId;
use vhault_core::catalogue::local_machine;
use vhault_core::copy::watch::StopReason;
use vhault_core::lifecycle::Item;
use vhault_core::time::Span;
use vhault_core::vault::point::Consistency;
use vhault_datapath::backup::{BackupError, BackupRequest, back_up};
use vhault_datapath::codec::Effort;
use vhault_datapath::copy::CopyOptions;
use vhault_datapath::lifecycle::{Job, LifecycleError, end_abandoned};
use vhault_datapath::timings::Timings;
use vhault_datapath::vault::Vault;

use super::Setting;
use super::freeze::FreezeArgs;
use super::images::DiskArgs;
use super::limits::{LimitArgs, some_time};
use super::made::{Made, Why, nothing_new, remark};
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::Report;

/// Arguments of `vhault backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault backup /backup/vault --vm web01 system=web01.vhd data=web01-data.vhd
  vhault backup /backup/vault --vm web01 web01.avhd       a checkpoint: its parents are found beside it
  vhault backup /backup/vault --vm db01 --consistency application \\
      --pre 'systemctl stop postgresql && sync' --post 'systemctl start postgresql' db01.vhd

A disk's label says which disk of an earlier point it is compared with. Without one, the label is that of
the disk its chain leads to in the vault, else the file's name without its ending.

A copy that a deadline, a stall or a signal ends leaves a partial point: what it holds can be restored by
name, it counts for no rule, and the next backup goes on where it ended if the images did not move since.
Ranges that a failing source does not give are listed in the point, and the exit code is 3. A second signal
ends the program at once.

A copy that died is gone on with by the next backup of the VM on this host: what it stored is taken over and
not stored again, and what its journal (below --cache) says of unchanged images is not read again. What it
wrote in its last seconds is lost. A copy that may live is left alone, unless --take-over-after says how long
it may write nothing; it cannot make a point then.")]
pub(crate) struct BackupArgs {
    /// Folder of the vault
    vault: PathBuf,

    #[command(flatten)]
    disks: DiskArgs,

    /// What the disks are consistent with, as you vouch for it
    #[arg(long, value_enum, default_value_t = ConsistencyArg::Crash)]
    consistency: ConsistencyArg,

    #[command(flatten)]
    freeze: FreezeArgs,

    /// Read every sector, whatever tables and times say
    #[arg(long)]
    read_all: bool,

    /// How hard to compress
    #[arg(long, value_enum, default_value_t = CompressionArg::Default)]
    compression: CompressionArg,

    /// Do not decode and compare each chunk before it is sealed: faster, and trusts this machine's memory
    #[arg(long)]
    no_compare: bool,

    /// Threads that compress and seal, each with one that reads and hashes (default: one for each processor)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    #[command(flatten)]
    limits: LimitArgs,

    /// Take over what another copy of this VM stored if it writes nothing into the vault for this long, such as
    /// 5m. It cannot make a point any more, though it were only asleep. Without this only dead ones are taken over
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    take_over_after: Option<Span>,

    /// Print where the time went, and which stage the others waited for
    #[arg(long)]
    timings: bool,

    #[command(flatten)]
    keys: KeyArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ConsistencyArg {
    /// As after a power cut
    Crash,
    /// File systems were flushed and frozen
    FileSystem,
    /// Applications were told
    Application,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CompressionArg {
    /// Least work
    Fast,
    /// zstd level 1
    Default,
    /// Most work
    Best,
}

/// Makes the point.
///
/// # Errors
///
/// A [`Failure`]; no point exists then.
pub(crate) fn run(args: &BackupArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let begun = Instant::now();
    let vault = unlock::open_within(&args.vault, &args.keys, setting, args.limits.limits())?;
    let progress = args.freeze.thawing(&args.disks.vm, Progress::new(setting));
    let options = args.disks.open.options(args.disks.raw);
    let request = BackupRequest {
        vm: args.disks.vm.clone(),
        sources: args.disks.images.clone(),
        parents: options.parents,
        raw: options.raw,
        leniency: options.leniency,
        consistency: match args.consistency {
            ConsistencyArg::Crash => Consistency::Crash,
            ConsistencyArg::FileSystem => Consistency::FileSystem,
            ConsistencyArg::Application => Consistency::Application,
        },
        read_all: args.read_all,
        options: CopyOptions {
            threads: args.threads.unwrap_or_else(processors).clamp(1, 256),
            effort: match args.compression {
                CompressionArg::Fast => Effort::Fast,
                CompressionArg::Default => Effort::Default,
                CompressionArg::Best => Effort::Best,
            },
            compare: !args.no_compare,
            limits: args.limits.limits(),
            read_limit: args.limits.read(),
            write_limit: args.limits.write(),
            timings: Arc::new(Timings::new(args.timings)),
            take_over_after: args
                .take_over_after
                .map(|span| Duration::from_millis(span.milliseconds().unsigned_abs())),
            ..CopyOptions::default()
        },
        medium: None,
        now: unlock::now(),
    };
    let stop = stop_on_signal()?;
    let job = job_of(&vault, &args.disks.vm)?;
    let made = args
        .freeze
        .around(&args.disks.vm, job.as_ref(), || make(&vault, &request, &stop, &progress, job.as_ref()))?;
    Ok(Box::new(made.taking(begun.elapsed())))
}

/// A backup of a protected VM is a job of the vault; nobody else may be at work on it.
fn job_of<'a>(vault: &'a Vault, vm: &str) -> Result<Option<Job<'a>>, Failure> {
    let Ok(item) = local_machine(vm) else { return Ok(None) };
    let scheduled = {
        let head = vault.head();
        let rules = head.catalogue.lifecycle.rules();
        rules.and_then(|rules| rules.items.get(&item)).is_some_and(Item::is_scheduled)
    };
    if !scheduled {
        return Ok(None);
    }
    end_abandoned(vault, unlock::now())?;
    Ok(Some(Job::on_demand(vault, unlock::now(), &item)?))
}

/// Makes the point, and tells the vault how its job ended, if it is one.
///
/// # Errors
///
/// A [`Failure`]; no point was made then.
pub(crate) fn make(
    vault: &Vault,
    request: &BackupRequest,
    stop: &Arc<AtomicBool>,
    progress: &Progress,
    job: Option<&Job<'_>>,
) -> Result<Made, Failure> {
    let Some(job) = job else {
        let backed = back_up(vault, request, stop, progress)?;
        let remark = remark(&backed, backed.stopped.map(Why::Limit));
        return Ok(Made::new(backed, remark));
    };
    let watch = job.watch(Arc::clone(stop), progress);
    let outcome = back_up(vault, request, stop, &watch);
    let reason = match &outcome {
        Ok(backed) => backed.stopped,
        Err(BackupError::Nothing { reason }) => Some(*reason),
        Err(_) => None,
    };
    let now = unlock::now();
    let why = match reason {
        Some(StopReason::Asked) if watch.expired() => Some(Why::Window(job.id())),
        Some(StopReason::Asked) if watch.cancelled() => Some(Why::Cancelled(job.id())),
        other => other.map(Why::Limit),
    };
    match (&why, &outcome) {
        (None, Ok(backed)) => noted(job.done(now, &backed.point))?,
        // The copy's own error is the one to report.
        (None, Err(_)) => drop(job.failed(now, AdviceId::Bkp14)),
        (Some(Why::Cancelled(_) | Why::Limit(StopReason::Asked)), _) => noted(job.cancelled(now))?,
        (Some(Why::Window(_) | Why::Limit(_)), _) => noted(job.failed(now, AdviceId::Bkp13))?,
    }
    if matches!(why, Some(Why::Window(_) | Why::Cancelled(_))) {
        // The next machine of a round is not stopped by this one's end.
        stop.store(false, Ordering::Relaxed);
    }
    match (outcome, why) {
        (Ok(backed), why) => {
            let remark = remark(&backed, why);
            Ok(Made::new(backed, remark))
        }
        (Err(BackupError::Nothing { .. }), Some(why)) => Err(nothing_new(why)),
        (Err(error), _) => Err(Failure::from(error).with_advice(AdviceId::Bkp14)),
    }
}

/// A job that somebody else ended already needs no second end.
///
/// # Errors
///
/// Any other failure to write it down.
pub(crate) fn noted(outcome: Result<(), LifecycleError>) -> Result<(), Failure> {
    match outcome {
        Ok(()) | Err(LifecycleError::Nothing) => Ok(()),
        Err(error) => Err(Failure::from(error)),
    }
}

/// One thread for each processor that this process may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Set by the first SIGINT or SIGTERM; the second ends the program at once, with 130.
pub(crate) fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let again = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop));
        let first = signal_hook::flag::register(signal, Arc::clone(&stop));
        again.and(first).map_err(|error| Failure::new(Exit::Unexpected, error))?;
    }
    Ok(stop)
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Failure {
        match error {
            BackupError::Source(source) => Failure::from(source),
            BackupError::Vault(source) => Failure::from(source),
            BackupError::Nothing { reason } => nothing_new(Why::Limit(reason)),
            BackupError::SameLabel { .. } | BackupError::NoDisks => Failure::new(Exit::Usage, error)
                .with_way_out("give each disk a label of its own: LABEL=IMAGE"),
            BackupError::Changed { .. } => Failure::new(Exit::Refused, error).with_way_out(
                "back up a snapshot or a checkpoint's parent, or hold the disk still with --pre",
            ),
            other => Failure::new(Exit::Unexpected, other),
        }
    }
}
