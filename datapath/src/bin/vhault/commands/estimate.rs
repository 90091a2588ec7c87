//! `vhault estimate`: what a backup would take, without copying anything.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use vhault_core::advice::{AdviceId, Lang};
use vhault_core::copy::estimate::{Estimate, Risk};
use vhault_core::time::Span;
use vhault_core::vault::point::Consistency;
use vhault_datapath::backup::{BackupRequest, foresee};
use vhault_datapath::copy::CopyOptions;

use super::Setting;
use super::images::DiskArgs;
use super::limits::LimitArgs;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault estimate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vhault estimate /backup/vault --vm web01 --deadline 2h system=web01.vhd data=web01-data.vhd

Time is reckoned from what earlier copies into this vault took: what a new byte costs more than
one that is only read is fitted to the last five where they differ in it, else taken to be seven
times as much; the rate is that of the slowest of them, and where there are none 50 MB/s of new
data. What was reckoned with is printed. The risk is elevated from two thirds of a deadline on,
and for as many data disks as the guides know to run out of time.")]
pub(crate) struct EstimateArgs {
    /// Folder of the vault
    vault: PathBuf,

    #[command(flatten)]
    disks: DiskArgs,

    /// Reckon with reading every sector
    #[arg(long)]
    read_all: bool,

    #[command(flatten)]
    limits: LimitArgs,

    #[command(flatten)]
    keys: KeyArgs,
}

struct Done {
    labels: Vec<String>,
    estimate: Estimate,
    lang: Lang,
}

/// Looks ahead.
///
/// # Errors
///
/// A [`Failure`], as a backup would have.
pub(crate) fn run(args: &EstimateArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open_within(&args.vault, &args.keys, setting, args.limits.limits())?;
    let options = args.disks.open.options(args.disks.raw);
    let request = BackupRequest {
        vm: args.disks.vm.clone(),
        sources: args.disks.images.clone(),
        parents: options.parents,
        raw: options.raw,
        leniency: options.leniency,
        consistency: Consistency::Crash,
        read_all: args.read_all,
        options: CopyOptions {
            limits: args.limits.limits(),
            read_limit: args.limits.read(),
            write_limit: args.limits.write(),
            ..CopyOptions::default()
        },
        medium: None,
        now: unlock::now(),
    };
    let (labels, estimate) = foresee(&vault, &request)?;
    Ok(Box::new(Done { labels, estimate, lang: setting.lang }))
}

/// A risk, and what speaks for it.
pub(crate) fn risk_word(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Elevated => "elevated: close to a deadline, or as many data disks as are known to time out",
        Risk::High => "high: longer than a deadline",
    }
}

/// A span of the core, for people.
pub(crate) fn time(span: Span) -> String {
    words::duration(Duration::from_millis(span.milliseconds().unsigned_abs()))
}

/// What an estimate was reckoned with, and whether that was seen here.
fn reckoned_words(estimate: &Estimate) -> String {
    let rate = words::bytes(estimate.work_bytes_per_second);
    let cost = estimate.new_cost;
    let copies = words::count(estimate.copies_measured as u64, "backup");
    let rate = match estimate.copies_measured {
        0 => format!("nothing measured here yet: assumed {rate}/s where bytes are only read"),
        _ => format!("measured here, the slowest of {copies}: {rate}/s where bytes are only read"),
    };
    let how = if estimate.is_new_cost_measured { "measured" } else { "assumed" };
    format!("{rate}, a new byte {cost} times as long on top, {how}")
}

impl Report for Done {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        for (label, disk) in self.labels.iter().zip(&self.estimate.disks) {
            writeln!(
                page,
                "  {label:<16} read {:>9}  new {:>9} at most  {}",
                words::bytes(disk.work.read_bytes),
                words::bytes(disk.work.new_bytes),
                time(disk.takes)
            )?;
        }
        let whole = page.tone(Tone::Strong, time(self.estimate.whole));
        writeln!(page, "  all in about {whole} ({})", reckoned_words(&self.estimate))?;
        let tone = if self.estimate.risk == Risk::Low { Tone::Good } else { Tone::Warn };
        let risk = page.tone(tone, risk_word(self.estimate.risk));
        writeln!(page, "  risk of a time-out: {risk}")?;
        if let Some(count) = self.estimate.risky_data_disks {
            let limit = AdviceId::Limit02.entry();
            let message = limit.message.in_lang(self.lang);
            writeln!(page, "  {count} data disks; {}: {message}", AdviceId::Limit02)?;
            writeln!(page, "    try: fewer or smaller disks, or several VMs with schedules of their own")?;
        }
        if let Some(advice) = self.estimate.advice {
            let entry = advice.entry();
            writeln!(page, "  advice {advice}: {}", entry.title.in_lang(self.lang))?;
            if let Some(remedy) = entry.remedy {
                writeln!(page, "    try: {}", remedy.in_lang(self.lang))?;
            }
        }
        Ok(())
    }

    fn json(&self) -> String {
        let mut value = serde_json::to_value(&self.estimate).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("labels".into(), self.labels.clone().into());
        }
        value.to_string()
    }
}
