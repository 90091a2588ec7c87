//! `vhault undelete`, `pin`, `unpin`: what a person says about single points.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vhault_core::catalogue::{Catalogue, KeptPoint, PointStanding};
use vhault_core::digest::PointId;
use vhault_core::protocol::Request;
use vhault_datapath::vault::Vault;

use super::Setting;
use super::point;
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault undelete`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vhault undelete /backup/vault 3f9a02c1\n\nWithout points, the forgotten ones are listed."
)]
pub(crate) struct UndeleteArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The points: ids, or unique prefixes of them
    #[arg(value_name = "POINT")]
    points: Vec<String>,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Arguments of `vhault pin`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault pin /backup/vault latest:web01 --reason 'before the upgrade'")]
pub(crate) struct PinArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The points: ids, unique prefixes of them, latest, or latest:VM
    #[arg(required = true, value_name = "POINT")]
    points: Vec<String>,

    /// Why, for people
    #[arg(long, default_value = "")]
    reason: String,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Arguments of `vhault unpin`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vhault unpin /backup/vault latest:web01\n\nThe next `vhault forget` may then take the points."
)]
pub(crate) struct UnpinArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The points: ids, unique prefixes of them, latest, or latest:VM
    #[arg(required = true, value_name = "POINT")]
    points: Vec<String>,

    #[command(flatten)]
    keys: KeyArgs,
}

/// Brings points back.
///
/// # Errors
///
/// A [`Failure`] naming the point that is not there.
pub(crate) fn undelete(args: &UndeleteArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    if args.points.is_empty() {
        return Ok(Box::new(forgotten(&vault)));
    }
    let back = append(&vault, &args.points, hidden, &|points| Request::Undelete { points })?;
    Ok(Box::new(told("is back", &back)))
}

/// Pins points.
///
/// # Errors
///
/// A [`Failure`] naming the point that is not there.
pub(crate) fn pin(args: &PinArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let pinned =
        append(&vault, &args.points, live, &|points| Request::Pin { points, reason: args.reason.clone() })?;
    Ok(Box::new(told("is pinned", &pinned)))
}

/// Unpins points.
///
/// # Errors
///
/// A [`Failure`] naming the point that is not there.
pub(crate) fn unpin(args: &UnpinArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let unpinned = append(&vault, &args.points, live, &|points| Request::Unpin { points })?;
    Ok(Box::new(told("is pinned no more", &unpinned)))
}

type Find = fn(&Catalogue, &str) -> Result<PointId, Failure>;

/// Names are looked up in the newest catalogue, so what is recorded holds there.
fn append(
    vault: &Vault,
    typed: &[String],
    find: Find,
    entry: &dyn Fn(Vec<PointId>) -> Request,
) -> Result<Vec<PointId>, Failure> {
    let mut found = Vec::new();
    vault.append(&mut |catalogue| {
        found = typed.iter().map(|text| find(catalogue, text)).collect::<Result<Vec<PointId>, Failure>>()?;
        Ok::<_, Failure>(entry(found.clone()))
    })?;
    Ok(found)
}

fn live(catalogue: &Catalogue, text: &str) -> Result<PointId, Failure> {
    Ok(point::find(catalogue, text)?.point.id)
}

fn is_hidden(kept: &&KeptPoint) -> bool {
    matches!(kept.standing, PointStanding::Forgotten { .. })
}

fn hidden(catalogue: &Catalogue, text: &str) -> Result<PointId, Failure> {
    let prefix = text.to_lowercase();
    let fits = |kept: &&KeptPoint| !prefix.is_empty() && kept.point.id.to_string().starts_with(&prefix);
    let mut fitting = catalogue.points.iter().filter(is_hidden).filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(kept), None) => Ok(kept.point.id),
        (None, _) => Err(Failure::new(Exit::Usage, format!("no forgotten point's id begins with {text:?}"))
            .with_way_out("`vhault undelete VAULT` lists the forgotten points")),
        _ => Err(Failure::new(
            Exit::Usage,
            format!("several forgotten points have ids that begin with {text:?}"),
        )),
    }
}

fn told(what: &str, points: &[PointId]) -> Said {
    let ids: Vec<String> = points.iter().map(ToString::to_string).collect();
    let mut lines = ids.iter().map(|id| format!("point {id} {what}"));
    let first = Said::line(lines.next().unwrap_or_default(), json!({ "points": ids }));
    lines.fold(first, Said::and)
}

fn forgotten(vault: &Vault) -> Said {
    let head = vault.head();
    let hidden: Vec<&KeptPoint> = head.catalogue.points.iter().filter(is_hidden).collect();
    let row = |kept: &&KeptPoint| {
        vec![kept.point.id.to_string(), kept.point.vm.clone(), point::rfc3339(kept.point.host_time)]
    };
    let rows: Vec<Vec<String>> = hidden.iter().map(row).collect();
    let views: Vec<point::PointView> = hidden.iter().map(|kept| point::PointView::kept(kept)).collect();
    Said::table(&["point", "vm", "time"], &rows, "no point is forgotten", json!(views))
}
