//! `vhault backup`: one recovery point of all disks of a VM.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use vhault_core::advice::AdviceId;
use vhault_core::catalogue::local_machine;
use vhault_core::lifecycle::Item;
use vhault_core::vault::point::{Consistency, RecoveryPoint};
use vhault_core::vhd::Leniency;
use vhault_datapath::backup::{BackupError, BackupRequest, Source, back_up};
use vhault_datapath::codec::Effort;
use vhault_datapath::copy::{CopyError, CopyOptions};
use vhault_datapath::lifecycle::{Job, LifecycleError, end_abandoned};
use vhault_datapath::vault::Vault;

use super::Setting;
use super::freeze::FreezeArgs;
use super::images::OpenArgs;
use super::point::PointView;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault backup /backup/vault --vm web01 system=web01.vhd data=web01-data.vhd
  vhault backup /backup/vault --vm web01 web01.avhd       a checkpoint: its parents are found beside it
  vhault backup /backup/vault --vm db01 --consistency application \\
      --pre 'systemctl stop postgresql && sync' --post 'systemctl start postgresql' db01.vhd

A disk's label says which disk of an earlier point it is compared with. Without one, the label is that of
the disk its chain leads to in the vault, else the file's name without its ending.")]
pub(crate) struct BackupArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The VM that the disks belong to
    #[arg(long, value_name = "NAME")]
    vm: String,

    /// The disks: [LABEL=]IMAGE, each a VHD (fixed, dynamic, differencing), or raw with --raw
    #[arg(required = true, value_name = "[LABEL=]IMAGE")]
    images: Vec<String>,

    #[command(flatten)]
    open: OpenArgs,

    /// The images are disks without container
    #[arg(long)]
    raw: bool,

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

    /// Threads that read, hash and compress (default: one for each processor)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

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

struct Done {
    point: RecoveryPoint,
    took: Duration,
}

/// Makes the point.
///
/// # Errors
///
/// A [`Failure`]; no point exists then.
pub(crate) fn run(args: &BackupArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let begun = Instant::now();
    if args.vm.trim().is_empty() || args.vm.len() > 256 {
        return Err(Failure::new(Exit::Usage, "the name of a VM has 1 to 256 bytes"));
    }
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let progress = Progress::new(setting);
    let request = BackupRequest {
        vm: args.vm.clone(),
        sources: args.images.iter().map(|text| source(text)).collect::<Result<_, Failure>>()?,
        parents: args.open.parents.clone(),
        raw: args.raw,
        leniency: if args.open.accept_checksums { Leniency::AcceptChecksums } else { Leniency::Strict },
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
        },
        now: unlock::now(),
    };
    let stop = stop_on_signal()?;
    let job = job_of(&vault, &args.vm)?;
    let point = args
        .freeze
        .around(&args.vm, job.as_ref(), || make(&vault, &request, &stop, &progress, job.as_ref()))?;
    Ok(Box::new(Done { point, took: begun.elapsed() }))
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
/// A [`Failure`]; no point exists then.
pub(crate) fn make(
    vault: &Vault,
    request: &BackupRequest,
    stop: &Arc<AtomicBool>,
    progress: &Progress,
    job: Option<&Job<'_>>,
) -> Result<RecoveryPoint, Failure> {
    let Some(job) = job else { return Ok(back_up(vault, request, stop, progress)?) };
    let watch = job.watch(Arc::clone(stop), progress);
    let error = match back_up(vault, request, stop, &watch) {
        Ok(point) => {
            noted(job.done(unlock::now(), &point))?;
            return Ok(point);
        }
        Err(error) => error,
    };
    let stopped = matches!(error, BackupError::Copy(CopyError::Stopped));
    let now = unlock::now();
    if stopped && watch.expired() {
        stop.store(false, Ordering::Relaxed);
        noted(job.failed(now, AdviceId::Bkp13))?;
        return Err(Failure::new(Exit::Refused, format!("job {} ran out of its copy window", job.id()))
            .with_advice(AdviceId::Bkp13)
            .with_way_out("a longer --copy-window in the policy"));
    }
    if stopped {
        noted(job.cancelled(now))?;
        if watch.cancelled() {
            stop.store(false, Ordering::Relaxed);
            return Err(Failure::new(Exit::Stopped, format!("job {} was cancelled", job.id())));
        }
        return Err(Failure::from(error));
    }
    // The copy's own error is the one to report.
    let _noted = job.failed(now, AdviceId::Bkp14);
    Err(Failure::from(error).with_advice(AdviceId::Bkp14))
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

/// A disk as it is typed: `[LABEL=]IMAGE`.
///
/// # Errors
///
/// A [`Failure`] when the label is none.
pub(crate) fn source(text: &str) -> Result<Source, Failure> {
    // A file of that very name wins over a label.
    let labelled = text.split_once('=').filter(|_| !PathBuf::from(text).exists());
    let Some((label, path)) = labelled.filter(|(label, _)| !label.contains('/')) else {
        return Ok(Source { label: None, path: text.into() });
    };
    if label.is_empty() || label.len() > 128 || path.is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{text:?} is not LABEL=IMAGE with a label of 1 to 128 bytes"),
        ));
    }
    Ok(Source { label: Some(label.into()), path: path.into() })
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
            BackupError::Copy(CopyError::Stopped) => Failure::new(Exit::Stopped, "stopped by a signal")
                .with_way_out("the same command again; what the vault holds already is not copied twice"),
            BackupError::SameLabel { .. } | BackupError::NoDisks => Failure::new(Exit::Usage, error)
                .with_way_out("give each disk a label of its own: LABEL=IMAGE"),
            BackupError::Changed { .. } => Failure::new(Exit::Refused, error).with_way_out(
                "back up a snapshot or a checkpoint's parent, or hold the disk still with --pre",
            ),
            other => Failure::new(Exit::Unexpected, other),
        }
    }
}

impl Report for Done {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let made = page.tone(Tone::Good, "recovery point");
        let point = &self.point;
        writeln!(page, "{made} {} of {}", point.id, point.vm)?;
        let mut whole = vhault_core::vault::point::Copied::default();
        for disk in &point.disks {
            let copied = &disk.copied;
            writeln!(
                page,
                "  {:<16} {:>9}  read {:>9}  new {:>9}  stored {:>9}{}",
                disk.label,
                words::bytes(disk.content.length.get()),
                words::bytes(copied.read_bytes),
                words::bytes(copied.new_bytes),
                words::bytes(copied.stored_bytes),
                if copied.kept_bytes > 0 {
                    format!("  kept {} unread", words::bytes(copied.kept_bytes))
                } else {
                    String::new()
                },
            )?;
            whole.read_bytes += copied.read_bytes;
            whole.stored_bytes += copied.stored_bytes;
        }
        let rate = words::rate(whole.read_bytes, self.took);
        writeln!(
            page,
            "  {} in {}, {rate} read",
            words::bytes(whole.stored_bytes),
            words::duration(self.took)
        )
    }

    fn json(&self) -> String {
        let view = PointView::new(&self.point, None);
        let mut value = serde_json::to_value(&view).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
            fields.insert("took_milliseconds".into(), milliseconds.into());
        }
        value.to_string()
    }
}
