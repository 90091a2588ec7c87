//! `vhault init`: a new vault.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vhault_core::vault::id::IdHash;
use vhault_core::vault::slot::Secret;
use vhault_datapath::vault::open::NewVault;
use vhault_datapath::vault::{Unlock, Vault, keys};

use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault init /backup/vault --key-file ~/vault.key    a key file is made if it is absent: keep a copy elsewhere
  VHAULT_PASSPHRASE=… vhault init /backup/vault
  vhault init /backup/vault --no-encryption           anybody who can read the folder can read the disks")]
pub(crate) struct InitArgs {
    /// Folder of the new vault: absent or empty
    vault: PathBuf,

    #[command(flatten)]
    keys: KeyArgs,

    /// Encrypt nothing
    #[arg(long)]
    no_encryption: bool,

    /// Bytes in a chunk: 64K to 4M, a power of two
    #[arg(long, value_name = "SIZE", default_value = "256K", value_parser = chunk_log2)]
    chunk_size: u8,

    /// Chunks in a page of a disk's manifest: 256, 1024 or 4096
    #[arg(long, value_name = "NUMBER", default_value = "256", value_parser = fan_out_log2)]
    page_fan_out: u8,

    /// Which keyed hash names chunks
    #[arg(long, value_enum, default_value_t = IdHashArg::Blake3)]
    id_hash: IdHashArg,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum IdHashArg {
    /// BLAKE3, several times faster
    Blake3,
    /// HMAC-SHA-256
    HmacSha256,
}

fn chunk_log2(text: &str) -> Result<u8, String> {
    let sizes = ["64K", "128K", "256K", "512K", "1M", "2M", "4M"];
    let log2 = (16..).zip(sizes).find(|(_, size)| size.eq_ignore_ascii_case(text)).map(|(log2, _)| log2);
    log2.ok_or_else(|| format!("one of {}", sizes.join(", ")))
}

fn fan_out_log2(text: &str) -> Result<u8, String> {
    let log2 = [(8, "256"), (10, "1024"), (12, "4096")].into_iter().find(|(_, number)| *number == text);
    log2.map(|(log2, _)| log2).ok_or_else(|| "one of 256, 1024, 4096".to_owned())
}

struct Made {
    id: String,
    vault: PathBuf,
    protection: &'static str,
    key_file_made: Option<PathBuf>,
    chunk_bytes: u64,
}

/// Makes the vault.
///
/// # Errors
///
/// A [`Failure`]: the folder is taken, the storage cannot hold a vault, or no key was named.
pub(crate) fn run(args: &InitArgs) -> Result<Box<dyn Report>, Failure> {
    let mut key_file_made = None;
    let secret = if args.no_encryption {
        None
    } else {
        match &args.keys.key_file {
            Some(path) if args.keys.passphrase_file.is_none() && !path.exists() => {
                key_file_made = Some(path.clone());
                Some(keys::create_key_file(path)?)
            }
            _ => Some(given_or_asked(&args.keys)?),
        }
    };
    let protection = match &secret {
        None => "no encryption",
        Some(Secret::Passphrase(_)) => "AES-256-GCM, unlocked by passphrase",
        Some(Secret::KeyFile(_)) => "AES-256-GCM, unlocked by key file",
        Some(Secret::Recovery(_)) => "AES-256-GCM, unlocked by recovery key",
    };
    let unlock = secret.map_or(Unlock::Nothing, Unlock::With);
    let id_hash = match args.id_hash {
        IdHashArg::Blake3 => IdHash::Blake3,
        IdHashArg::HmacSha256 => IdHash::HmacSha256,
    };
    let new = NewVault {
        chunk_log2: args.chunk_size,
        fan_out_log2: args.page_fan_out,
        id_hash,
        now: unlock::now(),
    };
    let id = Vault::create(&args.vault, &unlock, new).inspect_err(|_| {
        if let Some(path) = &key_file_made {
            // A key to nothing would only confuse; the vault's own error is the one to report.
            let _removed = std::fs::remove_file(path);
        }
    })?;
    Ok(Box::new(Made {
        id: id.to_string(),
        vault: args.vault.clone(),
        protection,
        key_file_made,
        chunk_bytes: 1 << args.chunk_size,
    }))
}

fn given_or_asked(keys: &KeyArgs) -> Result<Secret, Failure> {
    if let Some(secret) = keys.given()? {
        return Ok(secret);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::new(Exit::Usage, "a new vault needs something to unlock it with")
            .with_way_out("--key-file FILE, --passphrase-file FILE, VHAULT_PASSPHRASE, or --no-encryption"));
    }
    let first = unlock::ask("New passphrase: ")?;
    let again = unlock::ask("The same again: ")?;
    match (&first, &again) {
        (Secret::Passphrase(first_bytes), Secret::Passphrase(again_bytes)) if first_bytes == again_bytes => {
            Ok(first)
        }
        _ => Err(Failure::new(Exit::Usage, "the two passphrases differ")),
    }
}

impl Report for Made {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let made = page.tone(Tone::Good, "vault made:");
        writeln!(page, "{made} {}", self.vault.display())?;
        writeln!(page, "  id          {}", self.id)?;
        writeln!(page, "  protection  {}", self.protection)?;
        writeln!(page, "  chunks      {}", words::bytes(self.chunk_bytes))?;
        if let Some(path) = &self.key_file_made {
            let note = page.tone(Tone::Warn, "a new key file");
            writeln!(
                page,
                "  key         {note} is at {}: without it nothing can be restored, so keep a copy elsewhere",
                path.display()
            )?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        serde_json::json!({
            "id": self.id,
            "vault": self.vault,
            "protection": self.protection,
            "key_file_made": self.key_file_made,
            "chunk_bytes": self.chunk_bytes,
        })
        .to_string()
    }
}
