//! `vhault stats`: what a vault holds, for whom, and what would be freed.

use std::path::PathBuf;

use clap::Args;
use vhault_datapath::stats::{Stats, stats};

use super::Setting;
use super::point::rfc3339;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::Report;
use crate::words;

/// Arguments of `vhault stats`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: vhault stats /backup/vault --vm web01

`unique` is what only that point, or only that VM's points, need, as stored: it is what a sweep frees after that point
alone, or all points of that VM, were purged. Two points that share something show none of it.

It reads the log, the chunk table and the manifest pages, and no chunk. Its memory is four bytes for each entry of
the table and 50 for each page: some 45 MB for ten million chunks.")]
pub(crate) struct StatsArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Only points of this VM
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Counts.
///
/// # Errors
///
/// A [`Failure`] saying what cannot be read.
pub(crate) fn run(args: &StatsArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let mut stats = stats(&vault, unlock::now(), &Progress::new(setting))?;
    if let Some(vm) = &args.vm {
        stats.points.retain(|point| point.vm == *vm);
        stats.vms.retain(|held| held.vm == *vm);
    }
    Ok(Box::new(said(&stats)))
}

fn said(stats: &Stats) -> Said {
    let mut value = serde_json::to_value(stats).unwrap_or_default();
    for (view, point) in value["points"].as_array_mut().into_iter().flatten().zip(&stats.points) {
        view["time"] = rfc3339(point.made).into();
    }
    let short = |text: &str| text.chars().take(12).collect::<String>();
    let rows: Vec<Vec<String>> = stats
        .points
        .iter()
        .map(|point| {
            vec![
                short(&point.point),
                point.vm.clone(),
                rfc3339(point.made),
                words::bytes(point.size_bytes),
                words::bytes(point.data_bytes),
                words::bytes(point.unique_bytes),
                if point.forgotten { "forgotten".into() } else { String::new() },
            ]
        })
        .collect();
    let heading = ["point", "vm", "time", "size", "data", "unique", ""];
    let mut said = Said::table(&heading, &rows, "no recovery points", value);
    for vm in &stats.vms {
        said = said.and(format!(
            "{}: {}, {} of data, {} that no other VM needs",
            vm.vm,
            words::count(vm.points, "point"),
            words::bytes(vm.data_bytes),
            words::bytes(vm.unique_bytes)
        ));
    }
    let lines = [
        format!("data         {} in all points", words::bytes(stats.data_bytes)),
        format!(
            "distinct     {} in {}: {} times less",
            words::bytes(stats.chunk_bytes),
            words::count(stats.chunks, "chunk"),
            times(stats.data_bytes, stats.chunk_bytes)
        ),
        format!(
            "stored       {}: {} times less again by compression; {} of manifest pages",
            words::bytes(stats.chunk_stored_bytes),
            times(stats.chunk_bytes, stats.chunk_stored_bytes),
            words::bytes(stats.page_stored_bytes)
        ),
        format!(
            "files        {} in {}, {} in {}",
            words::bytes(stats.pack_bytes),
            words::count(stats.packs, "pack"),
            words::bytes(stats.fragment_bytes),
            words::count(stats.fragments, "table fragment")
        ),
        format!(
            "unneeded     {}; a sweep now would free {} in {}",
            words::bytes(stats.unneeded_bytes),
            words::bytes(stats.sweep_frees_bytes),
            words::count(stats.sweep_packs, "pack")
        ),
        format!(
            "read         {} and {} of the chunk table, no chunk",
            words::count(stats.pages_read, "manifest page"),
            words::count(stats.entries, "entry").replace("entrys", "entries")
        ),
        format!("head         {}", stats.head),
    ];
    if stats.lost > 0 {
        let lost = format!("{} pages and chunks that points need", words::grouped(stats.lost));
        said = said.and(format!("LOST         {lost}; `vhault verify` names what that means"));
    }
    lines.into_iter().fold(said, Said::and)
}

/// A ratio in tenths: `3.4`.
fn times(more: u64, less: u64) -> String {
    let tenths = u128::from(more) * 10 / u128::from(less.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}
