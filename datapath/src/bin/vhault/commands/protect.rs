//! `vhault protect`: a VM and its images, linked to a policy.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use vhault_core::catalogue::{SourceImage, Sources, local_machine};
use vhault_core::lifecycle::{Consistency, PolicyName, VmIdentity};
use vhault_datapath::backup::Source;
use vhault_datapath::disk::Disk;
use vhault_datapath::lifecycle::{end_abandoned, protect};

use super::Setting;
use super::images::{OpenArgs, source};
use super::said::Said;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;

/// Arguments of `vhault protect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault protect /backup/vault --vm web01 --policy nightly system=web01.vhd data=web01-data.vhd
  vhault protect /backup/vault --vm web01 --policy weekend        another policy, the same images

Where the images lie is kept in the vault, from the root of the file system, so that `vhault run --due`
finds them on this host. Commands to freeze and thaw are not kept there.")]
pub(crate) struct ProtectArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// The VM that the disks belong to
    #[arg(long, value_name = "NAME")]
    vm: String,

    /// The policy
    #[arg(long, value_name = "NAME")]
    policy: PolicyName,

    /// The disks: [LABEL=]IMAGE; those of a VM that is protected already may be left out
    #[arg(value_name = "[LABEL=]IMAGE", value_parser = source)]
    images: Vec<Source>,

    #[command(flatten)]
    open: OpenArgs,

    /// The images are disks without container
    #[arg(long)]
    raw: bool,

    /// What the disks are consistent with when a run is due, as you vouch for it
    #[arg(long, value_enum, default_value_t = Vouched::Crash)]
    consistency: Vouched,

    #[command(flatten)]
    keys: KeyArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Vouched {
    /// As after a power cut
    Crash,
    /// File systems were flushed and frozen
    FileSystem,
    /// Applications were told
    Application,
}

/// Protects.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &ProtectArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let item = machine(&args.vm)?;
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let known = vault.head().catalogue.lifecycle.sources(&item).is_some();
    let sources = match (args.images.is_empty(), known) {
        (true, true) => None,
        (true, false) => {
            return Err(Failure::new(
                Exit::Usage,
                format!("which images {:?} has is not known yet", args.vm),
            )
            .with_way_out("name them: [LABEL=]IMAGE for each disk"));
        }
        (false, _) => Some(sources(args)?),
    };
    end_abandoned(&vault, unlock::now())?;
    protect(&vault, unlock::now(), &item, &args.policy, sources.as_ref())?;
    let value = json!({ "vm": args.vm, "policy": args.policy, "sources": sources });
    Ok(Box::new(Said::line(format!("{} is protected by policy {}", args.vm, args.policy), value)))
}

/// The machine of this name.
///
/// # Errors
///
/// A [`Failure`] when the rules know no such name.
pub(crate) fn machine(vm: &str) -> Result<VmIdentity, Failure> {
    local_machine(vm).map_err(|error| Failure::new(Exit::Usage, error))
}

fn sources(args: &ProtectArgs) -> Result<Sources, Failure> {
    let mut images = Vec::new();
    for typed in &args.images {
        // A disk that cannot be opened now would fail every night.
        Disk::open(&typed.path, &args.open.options(args.raw))?;
        images.push(SourceImage { label: typed.label.clone(), path: absolute(&typed.path)? });
    }
    Ok(Sources {
        images,
        parents: args.open.parents.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?,
        raw: args.raw,
        consistency: match args.consistency {
            Vouched::Crash => Consistency::Crash,
            Vouched::FileSystem => Consistency::FileSystem,
            Vouched::Application => Consistency::Application,
        },
    })
}

fn absolute(path: &Path) -> Result<String, Failure> {
    let whole = std::path::absolute(path).map_err(|error| Failure::new(Exit::Usage, error))?;
    whole.into_os_string().into_string().map_err(|path| {
        Failure::new(Exit::Usage, format!("{} is not UTF-8, so no vault can keep it", path.display()))
    })
}
