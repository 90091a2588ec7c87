//! `vhault key`: the slots that unlock a vault.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use vhault_core::vault::slot::Secret;
use vhault_datapath::vault::rotate::Rotation;
use vhault_datapath::vault::{Vault, keys};

use super::Setting;
use super::point::rfc3339;
use super::said::Said;
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
        #[command(flatten)]
        new: NewSecretArgs,
        /// What people call the slot
        #[arg(long, default_value = "added")]
        label: String,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Change a slot: another passphrase or key file in its place
    #[command(
        after_help = "Example: vhault key change /backup/vault 3f9a --key-file old.key --new-key-file new.key"
    )]
    Change {
        /// Folder of the vault
        vault: PathBuf,
        /// The slot's id, or a unique prefix of it
        slot: String,
        #[command(flatten)]
        new: NewSecretArgs,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Make a recovery key to print: a slot of its own that opens to eight groups of digits
    #[command(after_help = "\
Examples:
  vhault key recovery /backup/vault --key-file vault.key --out recovery.txt    a new file, mode 0600, to print
  vhault restore /backup/vault latest --recovery-key-file recovery.txt ...     or type the groups when asked

Each group checks itself: one that was mistyped is named. The key is shown this once and kept nowhere.")]
    Recovery {
        /// Folder of the vault
        vault: PathBuf,
        /// Write the sheet to this new file instead of the terminal
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// What people call the slot
        #[arg(long, default_value = "recovery")]
        label: String,
        #[command(flatten)]
        keys: KeyArgs,
    },
    /// Begin a new epoch of the keys: what is written from here on opens only to the slots that are kept
    #[command(after_help = "\
Examples:
  vhault key rotate /backup/vault --key-file mine.key --also-key-file office.key --dry-run
  vhault key rotate /backup/vault --key-file mine.key --drop-others

The new keys are sealed anew for each slot, so each slot's secret must be given, or it is removed with
--drop-others. Data is not rewritten: what was written before stays readable to whoever held a slot then. What is
written after the rotation is not, nor can he write any more. Nobody may be writing meanwhile.")]
    Rotate {
        /// Folder of the vault
        vault: PathBuf,
        /// Keep the slot that this key file opens; may be repeated
        #[arg(long, value_name = "FILE")]
        also_key_file: Vec<PathBuf>,
        /// Keep the slot that the passphrase in this file opens; may be repeated
        #[arg(long, value_name = "FILE")]
        also_passphrase_file: Vec<PathBuf>,
        /// Keep the slot that the recovery key in this file opens; may be repeated
        #[arg(long, value_name = "FILE")]
        also_recovery_key_file: Vec<PathBuf>,
        /// Remove every slot that nothing given opens
        #[arg(long)]
        drop_others: bool,
        /// Only say what would become of each slot
        #[arg(long)]
        dry_run: bool,
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

/// What a new slot opens to.
#[derive(Debug, Args)]
struct NewSecretArgs {
    /// The new slot opens to this key file; it is made if it is absent
    #[arg(long, value_name = "FILE", conflicts_with = "new_passphrase_file")]
    new_key_file: Option<PathBuf>,
    /// The new slot opens to the passphrase in the first line of this file
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

impl NewSecretArgs {
    fn secret(&self) -> Result<Secret, Failure> {
        match (&self.new_key_file, &self.new_passphrase_file) {
            (Some(path), _) if !path.exists() => Ok(keys::create_key_file(path)?),
            (Some(path), _) => Ok(keys::read_key_file(path)?),
            (None, Some(path)) => Ok(keys::read_passphrase_file(path)?),
            (None, None) => unlock::ask("Passphrase of the new slot: "),
        }
    }
}

#[derive(Serialize)]
struct SlotView {
    id: String,
    kind: &'static str,
    label: String,
    created: String,
    /// The vault was opened with it just now.
    opened: bool,
}

struct Slots {
    heading: &'static str,
    slots: Vec<SlotView>,
}

/// Carries out what was asked of the slots.
///
/// # Errors
///
/// A [`Failure`] saying why not.
pub(crate) fn run(args: &KeyCommandArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    match &args.command {
        KeyCommand::List { vault, keys } => {
            let vault = unlock::open(vault, keys, setting)?;
            Ok(Box::new(Slots { heading: "slots", slots: views(&vault, |_| true)? }))
        }
        KeyCommand::Add { vault, new, label, keys } => {
            let vault = open_encrypted(vault, keys, setting)?;
            let added = vault.add_slot(&new.secret()?, label, unlock::now())?.to_string();
            Ok(Box::new(Slots { heading: "added", slots: views(&vault, |id| id == added)? }))
        }
        KeyCommand::Change { vault, slot, new, keys } => {
            let vault = open_encrypted(vault, keys, setting)?;
            let old = the_slot(&vault, slot)?;
            let id = old.id.parse().expect("the id was printed from a slot");
            let changed = vault.change_slot(id, &new.secret()?, &old.label, unlock::now())?.to_string();
            Ok(Box::new(Slots { heading: "changed", slots: views(&vault, |id| id == changed)? }))
        }
        KeyCommand::Recovery { vault, out, label, keys } => {
            if setting.json && out.is_none() {
                return Err(Failure::new(
                    Exit::Usage,
                    "a recovery key is not printed as JSON, which ends in logs",
                )
                .with_way_out("--out FILE writes it to a new file that only you can read"));
            }
            recovery(&open_encrypted(vault, keys, setting)?, out.as_deref(), label)
        }
        KeyCommand::Rotate {
            vault,
            also_key_file,
            also_passphrase_file,
            also_recovery_key_file,
            drop_others,
            dry_run,
            keys,
        } => {
            let mut secrets = Vec::new();
            for path in also_key_file {
                secrets.push(keys::read_key_file(path)?);
            }
            for path in also_passphrase_file {
                secrets.push(keys::read_passphrase_file(path)?);
            }
            for path in also_recovery_key_file {
                secrets.push(keys::read_recovery_file(path)?);
            }
            let (vault, own) = unlock::open_with_secret(vault, keys, setting)?;
            refuse_unencrypted(&vault)?;
            secrets.extend(own);
            let rotation = Rotation { drop_others: *drop_others, dry_run: *dry_run, now: unlock::now() };
            rotate(vault, &secrets, &rotation)
        }
        KeyCommand::Remove { vault, slot, dry_run, keys } => {
            let vault = open_encrypted(vault, keys, setting)?;
            let only = the_slot(&vault, slot)?;
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
            Ok(Box::new(Slots { heading, slots: vec![only] }))
        }
    }
}

fn open_encrypted(root: &std::path::Path, keys: &KeyArgs, setting: Setting) -> Result<Vault, Failure> {
    let vault = unlock::open(root, keys, setting)?;
    refuse_unencrypted(&vault)?;
    Ok(vault)
}

fn refuse_unencrypted(vault: &Vault) -> Result<(), Failure> {
    if vault.settings().suite == vhault_core::vault::seal::Suite::None {
        return Err(Failure::new(Exit::Refused, "this vault was made with --no-encryption: it has no slots")
            .with_way_out("make an encrypted vault and back up into that"));
    }
    Ok(())
}

/// The one slot whose id begins like this.
fn the_slot(vault: &Vault, prefix: &str) -> Result<SlotView, Failure> {
    let mut matching = views(vault, |id| id.starts_with(&prefix.to_lowercase()))?;
    match (matching.pop(), matching.len()) {
        (Some(only), 0) if !prefix.is_empty() => Ok(only),
        (last, more) => {
            let text =
                format!("{} slots have ids that begin with {prefix:?}", more + usize::from(last.is_some()));
            Err(Failure::new(Exit::Usage, text).with_way_out("vhault key list VAULT"))
        }
    }
}

fn recovery(vault: &Vault, out: Option<&std::path::Path>, label: &str) -> Result<Box<dyn Report>, Failure> {
    let key = keys::new_recovery_key();
    let groups = key.groups();
    let now = unlock::now();
    let secret = Secret::Recovery(key);
    let sheet = zeroize::Zeroizing::new(format!(
        "vhault recovery key\n\n  vault  {}\n  slot   {label:?}\n  made   {}\n\n    {}\n\n\
             It opens the vault like any other key: keep it where no thief and no fire finds it together\n\
             with the vault. `vhault ... --recovery-key-file FILE` takes this sheet, or asks for the digits.\n",
        vault.settings().vault,
        rfc3339(now),
        *groups
    ));
    let Some(out) = out else {
        let slot = vault.add_slot(&secret, label, now)?.to_string();
        return Ok(Box::new(Said::line(sheet.trim_end(), json!({ "slot": slot }))));
    };
    // Before the slot is made: a slot that nobody can open would only confuse.
    keys::write_secret_file(out, &sheet)?;
    let slot = vault.add_slot(&secret, label, now).inspect_err(|_| {
        // The vault's own error is the one to report.
        let _removed = std::fs::remove_file(out);
    })?;
    let text =
        format!("recovery key of slot {slot} written to {}: print it, then delete the file", out.display());
    Ok(Box::new(Said::line(text, json!({ "slot": slot.to_string(), "out": out }))))
}

fn rotate(vault: Vault, secrets: &[Secret], rotation: &Rotation) -> Result<Box<dyn Report>, Failure> {
    let rotated = vault.rotate_keys(secrets, rotation)?;
    let mut rows = Vec::new();
    let mut views = Vec::new();
    for slot in &rotated.slots {
        let fate = match (slot.new, rotation.dry_run) {
            (Some(_), false) => "kept",
            (Some(_), true) => "would be kept",
            (None, false) => "removed",
            (None, true) => "would be removed",
        };
        let new = slot.new.filter(|_| !rotation.dry_run).map(|id| id.to_string());
        rows.push(vec![
            fate.into(),
            new.clone().unwrap_or_else(|| slot.old.to_string()),
            slot.kind.into(),
            slot.label.clone(),
        ]);
        views.push(json!({
            "old": slot.old.to_string(), "new": new, "kept": slot.new.is_some(),
            "kind": slot.kind, "label": slot.label,
        }));
    }
    let value = json!({ "dry_run": rotation.dry_run, "epoch": rotated.epoch, "slots": views });
    let end = if rotation.dry_run {
        format!("new data would be sealed under key epoch {}", rotated.epoch)
    } else {
        format!("new data is sealed under key epoch {}; older data stays as it is", rotated.epoch)
    };
    Ok(Box::new(Said::table(&["", "slot", "kind", "label"], &rows, "", value).and(end)))
}

fn views(vault: &Vault, wanted: impl Fn(&str) -> bool) -> Result<Vec<SlotView>, Failure> {
    let slots = vault.slots()?;
    let views = slots.iter().map(|slot| SlotView {
        id: slot.head.slot.to_string(),
        kind: slot.head.lock.word(),
        label: slot.head.label.clone(),
        created: rfc3339(slot.head.created),
        opened: vault.opened_slot() == Some(slot.head.slot),
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
            let opened = if slot.opened { "  (opened now)" } else { "" };
            writeln!(page, "  {}  {:<12}  {}  {}{opened}", slot.id, slot.kind, slot.created, slot.label)?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        serde_json::to_string(&self.slots).unwrap_or_default()
    }
}
