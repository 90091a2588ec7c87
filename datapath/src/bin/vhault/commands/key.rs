//! `vhault key`: the slots that unlock a vault.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use vhault_core::vault::slot::{Lock, Secret};
use vhault_datapath::vault::keys;

use super::Setting;
use super::point::rfc3339;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report};

/// Arguments of `vhault key`.
#[derive(Debug, Args)]
pub(crate) struct KeyCommandArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// List the slots
    List {
        /// Folder of the vault
        vault: PathBuf,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Add a slot: another passphrase or key file for the same vault
    #[command(
        after_help = "Example: vhault key add /backup/vault --key-file old.key --new-key-file new.key --label office"
    )]
    Add {
        /// Folder of the vault
        vault: PathBuf,
        /// The new slot opens to this key file; it is made if it is absent
        #[arg(long, value_name = "FILE", conflicts_with = "new_passphrase_file")]
        new_key_file: Option<PathBuf>,
        /// The new slot opens to the passphrase in the first line of this file
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
        /// What people call the slot
        #[arg(long, default_value = "added")]
        label: String,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Remove a slot. Whoever held it may still know the vault's keys: only the slot is gone
    Remove {
        /// Folder of the vault
        vault: PathBuf,
        /// The slot's id, or a unique prefix of it
        slot: String,
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        keys: KeyArgs,
    },
}

#[derive(Serialize)]
struct SlotView {
    id: String,
    kind: &'static str,
    label: String,
    created: String,
}

struct Slots {
    heading: &'static str,
    slots: Vec<SlotView>,
}

/// Carries out `key list`, `key add` or `key remove`.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &KeyCommandArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    match &args.command {
        KeyCommand::List { vault, keys } => list(vault, keys, setting),
        KeyCommand::Add { vault, new_key_file, new_passphrase_file, label, keys } => {
            let vault = unlock::open(vault, keys, setting)?;
            refuse_unencrypted(&vault)?;
            let secret = new_secret(new_key_file.as_deref(), new_passphrase_file.as_deref())?;
            let added = vault.add_slot(&secret, label, unlock::now())?;
            Ok(Box::new(Slots { heading: "added", slots: views(&vault, |id| id == added.to_string())? }))
        }
        KeyCommand::Remove { vault, slot, dry_run, keys } => {
            let vault = unlock::open(vault, keys, setting)?;
            refuse_unencrypted(&vault)?;
            let matching = views(&vault, |id| id.starts_with(&slot.to_lowercase()))?;
            let [only] = matching.as_slice() else {
                let text = format!("{} slots have ids that begin with {slot:?}", matching.len());
                return Err(Failure::new(Exit::Usage, text).with_way_out("vhault key list VAULT"));
            };
            if vault.slots()?.len() == 1 {
                return Err(Failure::new(
                    Exit::Refused,
                    "it is the last slot: without it nobody can open the vault",
                )
                .with_way_out("add another slot first: vhault key add"));
            }
            if !dry_run {
                let id = only.id.parse().expect("the id was printed from a slot");
                vault.remove_slot(id)?;
            }
            let heading = if *dry_run { "would be removed" } else { "removed" };
            Ok(Box::new(Slots { heading, slots: matching }))
        }
    }
}

fn refuse_unencrypted(vault: &vhault_datapath::vault::Vault) -> Result<(), Failure> {
    if vault.settings().suite == vhault_core::vault::seal::Suite::None {
        return Err(Failure::new(Exit::Refused, "this vault was made with --no-encryption: it has no slots")
            .with_way_out("make an encrypted vault and back up into that"));
    }
    Ok(())
}

fn list(root: &Path, keys: &KeyArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let vault = unlock::open(root, keys, setting)?;
    Ok(Box::new(Slots { heading: "slots", slots: views(&vault, |_| true)? }))
}

fn new_secret(key_file: Option<&Path>, passphrase_file: Option<&Path>) -> Result<Secret, Failure> {
    match (key_file, passphrase_file) {
        (Some(path), _) if !path.exists() => Ok(keys::create_key_file(path)?),
        (Some(path), _) => Ok(keys::read_key_file(path)?),
        (None, Some(path)) => Ok(keys::read_passphrase_file(path)?),
        (None, None) => unlock::ask("Passphrase of the new slot: "),
    }
}

fn views(
    vault: &vhault_datapath::vault::Vault,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<SlotView>, Failure> {
    let slots = vault.slots()?;
    let views = slots.iter().map(|slot| SlotView {
        id: slot.head.slot.to_string(),
        kind: match slot.head.lock {
            Lock::Passphrase { .. } => "passphrase",
            Lock::KeyFile { .. } => "key file",
        },
        label: slot.head.label.clone(),
        created: rfc3339(slot.head.created),
    });
    Ok(views.filter(|view| wanted(&view.id)).collect())
}

impl Report for Slots {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        writeln!(page, "{}:", self.heading)?;
        if self.slots.is_empty() {
            return writeln!(page, "  none: the vault is not encrypted");
        }
        for slot in &self.slots {
            writeln!(page, "  {}  {:<10}  {}  {}", slot.id, slot.kind, slot.created, slot.label)?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        serde_json::to_string(&self.slots).unwrap_or_default()
    }
}
