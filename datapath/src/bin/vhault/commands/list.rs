//! `vhault list`: the recovery points of a vault.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use vhault_core::digest::PointId;
use vhault_core::vault::point::PointState;

use super::Setting;
use super::point::{PointView, rfc3339};
use super::unlock::{self, KeyArgs};
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;
use vhault_core::catalogue::KeptPoint;

/// Arguments of `vhault list`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault list /backup/vault --vm web01")]
pub(crate) struct ListArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// Only points of this VM
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,

    #[command(flatten)]
    keys: KeyArgs,
}

struct Points {
    points: Vec<KeptPoint>,
    /// Those that a lying hint may have harmed.
    suspects: BTreeSet<PointId>,
}

/// Lists.
///
/// # Errors
///
/// A [`Failure`] saying why the vault cannot be opened.
pub(crate) fn run(args: &ListArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let head = vault.head();
    let wanted = |kept: &&KeptPoint| args.vm.as_ref().is_none_or(|vm| kept.point.vm == *vm);
    let suspects = head.catalogue.suspects();
    Ok(Box::new(Points { points: head.catalogue.live_points().filter(wanted).cloned().collect(), suspects }))
}

impl Report for Points {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.points.is_empty() {
            return writeln!(page, "no recovery points yet");
        }
        let widest = self.points.iter().map(|kept| kept.point.vm.chars().count()).max().unwrap_or(2).max(2);
        let head = format!(
            "{:<12}  {:<widest$}  {:<20}  {:>5}  {:>9}  {:>9}  state",
            "point", "vm", "time", "disks", "size", "added"
        );
        let head = page.tone(Tone::Strong, head);
        writeln!(page, "{head}")?;
        for kept in &self.points {
            let point = &kept.point;
            let state = match point.state {
                PointState::Whole if self.suspects.contains(&point.id) => {
                    page.tone(Tone::Warn, "whole, may be stale")
                }
                PointState::Whole => page.tone(Tone::Good, "whole"),
                PointState::Partial => page.tone(Tone::Warn, "partial, resumable"),
                PointState::Damaged => page.tone(Tone::Bad, "damaged"),
            };
            let id = point.id.to_string();
            writeln!(
                page,
                "{:<12}  {:<widest$}  {:<20}  {:>5}  {:>9}  {:>9}  {state}",
                &id[..12],
                point.vm,
                rfc3339(point.host_time),
                point.disks.len(),
                words::bytes(point.disks.iter().map(|disk| disk.content.length.get()).sum()),
                words::bytes(point.disks.iter().map(|disk| disk.copied.stored_bytes).sum()),
            )?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        let views: Vec<PointView> = self
            .points
            .iter()
            .map(|kept| PointView::kept(kept).stale(self.suspects.contains(&kept.point.id)))
            .collect();
        serde_json::to_string(&views).unwrap_or_default()
    }
}
