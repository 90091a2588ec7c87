//! `vhault jobs`: what was and is done, and how it ended.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use vhault_core::advice::{AdviceId, Lang};
use vhault_core::catalogue::Lifecycle;
use vhault_core::lifecycle::{Catalogue as Rules, Job, JobId, JobStatus, Missing, Refusal};

use super::Setting;
use super::point::rfc3339;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault jobs`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault jobs /backup/vault
  vhault jobs show /backup/vault 12")]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    command: Option<JobsCommand>,

    /// Folder of the vault
    #[arg(required = true)]
    vault: Option<PathBuf>,

    /// Only jobs of this VM
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,

    #[command(flatten)]
    keys: KeyArgs,
}

#[derive(Debug, clap::Subcommand)]
enum JobsCommand {
    /// Show one job and its parts
    Show {
        /// Folder of the vault
        vault: PathBuf,
        /// Its number
        job: u64,
        #[command(flatten)]
        keys: KeyArgs,
    },
}

/// Lists, or shows one.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &JobsArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let (root, keys) = match (&args.command, &args.vault) {
        (Some(JobsCommand::Show { vault, keys, .. }), _) => (vault, keys),
        (None, Some(vault)) => (vault, &args.keys),
        (None, None) => return Err(Failure::new(crate::exit::Exit::Usage, "name the folder of a vault")),
    };
    let vault = unlock::open(root, keys, setting)?;
    let head = vault.head();
    let lifecycle = &head.catalogue.lifecycle;
    let rules = lifecycle.rules_at(unlock::now());
    if let Some(JobsCommand::Show { job, .. }) = &args.command {
        let missing = || Refusal::Missing(Missing::Job, job.to_string());
        let job = rules.jobs.get(&JobId(*job)).ok_or_else(missing)?;
        return Ok(Box::new(shown(lifecycle, &rules, job, setting.lang)));
    }
    let wanted = |job: &&Job| args.vm.as_ref().is_none_or(|vm| job.item.name.as_str() == vm);
    let jobs: Vec<&Job> = rules.jobs.values().filter(wanted).collect();
    let rows: Vec<Vec<String>> = jobs
        .iter()
        .map(|job| {
            vec![
                job.id.to_string(),
                job.kind.name().to_string(),
                job.item.name.to_string(),
                status_word(job.status, job.error),
                rfc3339(job.started.unwrap_or(job.created)),
                job.ended.map(rfc3339).unwrap_or_default(),
            ]
        })
        .collect();
    let views = jobs.iter().map(|job| view(lifecycle, &rules, job, setting.lang)).collect();
    let heading = ["job", "operation", "vm", "status", "started", "ended"];
    Ok(Box::new(Said::table(&heading, &rows, "no jobs yet", Value::Array(views))))
}

/// The title of an entry of the guides.
pub(crate) fn word(id: AdviceId, lang: Lang) -> &'static str {
    id.entry().title.in_lang(lang)
}

/// A status in a word or two, with the id of the error.
pub(crate) fn status_word(status: JobStatus, error: Option<AdviceId>) -> String {
    let status = match status {
        JobStatus::Queued => "queued",
        JobStatus::InProgress => "in progress",
        JobStatus::Cancelling => "cancelling",
        JobStatus::Completed => "completed",
        JobStatus::CompletedWithWarnings => "completed with warnings",
        JobStatus::Failed => "failed",
        JobStatus::Cancelled => "cancelled",
    };
    error.map_or_else(|| status.to_string(), |id| format!("{status}: {id}"))
}

fn point_of(lifecycle: &Lifecycle, rules: &Rules, job: &Job) -> Option<String> {
    let made = rules.points.values().find(|point| point.job == job.id)?;
    lifecycle.point(made.number).map(|id| id.to_string())
}

fn view(lifecycle: &Lifecycle, rules: &Rules, job: &Job, lang: Lang) -> Value {
    json!({
        "id": job.id,
        "operation": job.kind,
        "trigger": job.trigger,
        "vm": job.item.name,
        "status": job.status,
        "created": rfc3339(job.created),
        "started": job.started.map(rfc3339),
        "ended": job.ended.map(rfc3339),
        "advice": job.error,
        "advice_text": job.error.map(|id| id.entry().message.in_lang(lang)),
        "causes": job.causes,
        "warnings": job.warnings,
        "tasks": job.tasks,
        "read_bytes": job.work.map(|work| work.read),
        "stored_bytes": job.work.map(|work| work.send),
        "point": point_of(lifecycle, rules, job),
        "host": lifecycle.host_of(job.id).map(|hosted| &hosted.host),
    })
}

fn shown(lifecycle: &Lifecycle, rules: &Rules, job: &Job, lang: Lang) -> Said {
    let mut said = Said::line(format!("job {}", job.id), view(lifecycle, rules, job, lang))
        .and(format!("  operation  {} of {}", job.kind.name(), job.item.name))
        .and(format!("  status     {}", status_word(job.status, job.error)))
        .and(format!("  created    {}", rfc3339(job.created)));
    for (label, moment) in [("started", job.started), ("ended", job.ended)] {
        if let Some(moment) = moment {
            said = said.and(format!("  {label:<9}  {}", rfc3339(moment)));
        }
    }
    for task in &job.tasks {
        let status = format!("{:?}", task.status);
        said = said.and(format!("  part       {:?}: {}", task.kind, status));
    }
    if let Some(point) = point_of(lifecycle, rules, job) {
        said = said.and(format!("  point      {point}"));
    }
    for id in job.error.iter().chain(&job.causes).chain(&job.warnings) {
        said = said.and(format!("advice {id}: {}", id.entry().message.in_lang(lang)));
        if let Some(remedy) = id.entry().remedy {
            said = said.and(format!("  try: {}", remedy.in_lang(lang)));
        }
    }
    said
}
