//! `vhault run --due`: back up every VM whose run is due.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde_json::{Value, json};
use vhault_core::advice::AdviceId;
use vhault_core::catalogue::Sources;
use vhault_core::copy::watch::Limits;
use vhault_core::lifecycle::{Consistency as Vouched, JobId, VmIdentity};
use vhault_core::vault::point::Consistency;
use vhault_core::vhd::Leniency;
use vhault_datapath::backup::{BackupRequest, Source};
use vhault_datapath::codec::Effort;
use vhault_datapath::copy::CopyOptions;
use vhault_datapath::lifecycle::{
    Chosen, Job, Keeping, LifecycleError, begin_due, damaged_points, end_abandoned, forget,
};
use vhault_datapath::vault::Vault;

use super::Setting;
use super::backup::{make, processors, stop_on_signal};
use super::freeze::FreezeArgs;
use super::limits::LimitArgs;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::Report;

/// Arguments of `vhault run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example, in a timer that fires every few minutes:
  vhault run /backup/vault --due --quiet --key-file /etc/vhault.key

Each VM whose policy's run is due is backed up, one after the other, and its points are forgotten as the
policy says. A run that was missed is made up for once. Only one host should run the timer of a vault.

--pre and --post are run for each VM by itself; which one it is stands in VHAULT_VM:
  vhault run /backup/vault --due --pre '/etc/vhault/freeze \"$VHAULT_VM\"' --post '/etc/vhault/thaw \"$VHAULT_VM\"'
They are not kept in the vault, where whoever may write to it could change them.")]
pub(crate) struct RunArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Run what is due now
    #[arg(long, required = true)]
    due: bool,

    /// Threads that read, hash and compress (default: one for each processor)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    #[command(flatten)]
    freeze: FreezeArgs,

    #[command(flatten)]
    limits: LimitArgs,

    #[command(flatten)]
    keys: KeyArgs,
}

/// How the run of one VM ended.
struct Ended {
    vm: String,
    job: JobId,
    outcome: Result<String, Failure>,
}

/// Runs what is due.
///
/// # Errors
///
/// A [`Failure`] of the vault; that of a single VM is reported, and the next VM follows.
pub(crate) fn run(args: &RunArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open_within(
        &args.vault,
        &args.keys,
        setting,
        // The deadline is that of each copy.
        Limits { set: None, ..args.limits.limits() },
    )?;
    let stop = stop_on_signal()?;
    let now = unlock::now();
    end_abandoned(&vault, now)?;
    let begun = begin_due(&vault, now)?;
    let mut ended = Vec::new();
    for (job, item) in begun {
        let outcome = one(&vault, job, &item, args, setting, &stop);
        ended.push(Ended { vm: item.name.to_string(), job, outcome });
        if let Err(failure) = keep_what_the_policy_says(&vault, &item)
            && let Some(Ended { outcome: outcome @ Ok(_), .. }) = ended.last_mut()
        {
            *outcome = Err(failure);
        }
    }
    Ok(Box::new(said(&ended, setting)))
}

fn one(
    vault: &Vault,
    id: JobId,
    item: &VmIdentity,
    args: &RunArgs,
    setting: Setting,
    stop: &Arc<AtomicBool>,
) -> Result<String, Failure> {
    let (error, sources) = {
        let head = vault.head();
        let lifecycle = &head.catalogue.lifecycle;
        let error = lifecycle.rules_at(unlock::now()).job(id)?.error;
        (error, lifecycle.sources(item).cloned())
    };
    // The rules end some runs before they start: a machine that is gone, or held by another job.
    if let Some(advice) = error {
        return Err(Failure::new(Exit::Refused, "the run did not start").with_advice(advice));
    }
    let job = Job::start(vault, unlock::now(), id, item)?;
    if stop.load(Ordering::Relaxed) {
        job.cancelled(unlock::now())?;
        return Err(Failure::new(Exit::Stopped, "stopped by a signal"));
    }
    let Some(sources) = sources else {
        job.failed(unlock::now(), AdviceId::Bkp18)?;
        return Err(Failure::new(Exit::Usage, "its images are not known").with_advice(AdviceId::Bkp18));
    };
    let request = request(item, &sources, args);
    let made = args.freeze.around(item.name.as_str(), Some(&job), || {
        let progress = args.freeze.thawing(item.name.as_str(), Progress::new(setting));
        make(vault, &request, stop, &progress, Some(&job))
    })?;
    match made.remark {
        Some(remark) => Err(remark),
        None => Ok(made.backed.point.id.to_string()),
    }
}

fn request(item: &VmIdentity, sources: &Sources, args: &RunArgs) -> BackupRequest {
    let source = |image: &vhault_core::catalogue::SourceImage| Source {
        label: image.label.clone(),
        path: PathBuf::from(&image.path),
    };
    BackupRequest {
        vm: item.name.to_string(),
        sources: sources.images.iter().map(source).collect(),
        parents: sources.parents.iter().map(PathBuf::from).collect(),
        raw: sources.raw,
        leniency: Leniency::Strict,
        consistency: match sources.consistency {
            Vouched::Crash => Consistency::Crash,
            Vouched::FileSystem => Consistency::FileSystem,
            Vouched::Application => Consistency::Application,
        },
        read_all: false,
        options: CopyOptions {
            threads: args.threads.unwrap_or_else(processors).clamp(1, 256),
            effort: Effort::Default,
            limits: args.limits.limits(),
            read_limit: args.limits.read(),
            write_limit: args.limits.write(),
            ..CopyOptions::default()
        },
        medium: None,
        now: unlock::now(),
    }
}

fn keep_what_the_policy_says(vault: &Vault, item: &VmIdentity) -> Result<(), Failure> {
    let now = unlock::now();
    let policy = {
        let head = vault.head();
        let rules = head.catalogue.lifecycle.rules_at(now);
        let state = rules.item(item)?.policy.as_ref().and_then(|name| rules.policies.get(name));
        state.map(|state| state.policy.clone())
    };
    let Some(policy) = policy else { return Ok(()) };
    let damaged = damaged_points(vault)?;
    let chosen = Chosen { vm: Some(item.name.to_string()), now, clock_confirmed: false, damaged };
    match forget(vault, &Keeping::Policy(Box::new(policy)), &chosen) {
        Ok(_) | Err(LifecycleError::Nothing) => Ok(()),
        Err(error) => Err(Failure::from(error)),
    }
}

fn said(ended: &[Ended], setting: Setting) -> Said {
    let rows: Vec<Vec<String>> = ended
        .iter()
        .map(|ended| {
            let outcome = match &ended.outcome {
                Ok(point) => format!("recovery point {point}"),
                Err(failure) => failed_words(failure, setting),
            };
            vec![ended.job.to_string(), ended.vm.clone(), outcome]
        })
        .collect();
    let views: Vec<Value> = ended
        .iter()
        .map(|ended| {
            let failure = ended.outcome.as_ref().err();
            json!({
                "job": ended.job,
                "vm": ended.vm,
                "point": ended.outcome.as_ref().ok(),
                "error": failure.map(Failure::chain),
                "way_out": failure.and_then(|failure| failure.way_out.as_ref()),
                "advice": failure.and_then(|failure| failure.advice.as_ref()).map(|advice| advice.id),
            })
        })
        .collect();
    let exit =
        ended.iter().find_map(|ended| ended.outcome.as_ref().err()).map_or(Exit::Done, |first| first.exit);
    Said::table(&["job", "vm", "outcome"], &rows, "nothing is due", Value::Array(views)).ending(exit)
}

fn failed_words(failure: &Failure, setting: Setting) -> String {
    let way_out = failure.way_out.as_ref().map(|way_out| format!("; try: {way_out}")).unwrap_or_default();
    match failure.advice_in(setting.lang) {
        Some((id, text, _)) => {
            format!("failed: {}{way_out}; advice {id}: {text}", failure.chain_in(setting.lang))
        }
        None => format!("failed: {}{way_out}", failure.chain_in(setting.lang)),
    }
}
