//! How a person unlocks a vault on the command line.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;
use vhault_core::copy::watch::{Limits, STALL_DEFAULT};
use vhault_core::digest::RecordHash;
use vhault_core::protocol::Refusal;
use vhault_core::time::Instant;
use vhault_core::vault::seal::Suite;
use vhault_core::vault::slot::Secret;
use vhault_datapath::monitor::{Event, Monitor as _};
use vhault_datapath::pipeline::watch_store;
use vhault_datapath::vault::cache::Cache;
use vhault_datapath::vault::keys::{self, KeyError};
use vhault_datapath::vault::local::LocalStore;
use vhault_datapath::vault::open::read_settings;
use vhault_datapath::vault::watched::{Flights, WatchedStore};
use vhault_datapath::vault::{Unlock, Vault, VaultError};

use super::Setting;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::{Progress, give_up_on};

/// What unlocks the vault.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Unlocking")]
pub(crate) struct KeyArgs {
    /// Unlock with the bytes of this file
    #[arg(long, value_name = "FILE", env = "VHAULT_KEY_FILE", conflicts_with = "passphrase_file")]
    pub(crate) key_file: Option<PathBuf>,

    /// Unlock with the passphrase in the first line of this file; else VHAULT_PASSPHRASE, else it is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,

    /// Unlock with the recovery key in this file: the printed sheet, or its eight groups of digits
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_file", "passphrase_file"])]
    pub(crate) recovery_key_file: Option<PathBuf>,

    /// Open the vault only if its log holds this record: NUMBER:HASH, as `vhault stats` prints its head
    #[arg(long, value_name = "NUMBER:HASH", value_parser = expected_head)]
    pub(crate) expect_head: Option<(u64, RecordHash)>,

    /// Folder for this host's copies of chunk tables (default: below the user's cache folder)
    #[arg(long, value_name = "DIR", env = "VHAULT_CACHE")]
    pub(crate) cache: Option<PathBuf>,
}

impl KeyArgs {
    /// What was given without asking anybody.
    ///
    /// # Errors
    ///
    /// A [`Failure`] naming the file that cannot be used.
    pub(crate) fn given(&self) -> Result<Option<Secret>, Failure> {
        if let Some(path) = &self.recovery_key_file {
            return Ok(Some(keys::read_recovery_file(path)?));
        }
        if let Some(path) = &self.passphrase_file {
            return Ok(Some(keys::read_passphrase_file(path)?));
        }
        if let Some(path) = &self.key_file {
            return Ok(Some(keys::read_key_file(path)?));
        }
        match std::env::var_os("VHAULT_PASSPHRASE") {
            Some(phrase) => {
                use std::os::unix::ffi::OsStrExt as _;
                Ok(Some(keys::passphrase(phrase.as_bytes())?))
            }
            None => Ok(None),
        }
    }

    /// Where tables are kept.
    pub(crate) fn cache_root(&self) -> PathBuf {
        self.cache.clone().unwrap_or_else(Cache::default_root)
    }
}

/// Opens a vault, asking for a passphrase when there is a terminal and nothing else was given.
///
/// # Errors
///
/// A [`Failure`] saying why it cannot be opened, and what to pass.
pub(crate) fn open(root: &Path, keys: &KeyArgs, setting: Setting) -> Result<Vault, Failure> {
    open_with_secret(root, keys, setting).map(|(vault, _)| vault)
}

/// Opens a vault, and returns what opened it, for those who seal its keys anew.
///
/// # Errors
///
/// As [`open`].
pub(crate) fn open_with_secret(
    root: &Path,
    keys: &KeyArgs,
    setting: Setting,
) -> Result<(Vault, Option<Secret>), Failure> {
    open_watched(root, keys, setting, Limits { stall: Some(STALL_DEFAULT), ..Limits::default() })
}

/// As [`open`]; the program ends when one operation of the vault takes longer than `limits` allow, now or ever after.
///
/// # Errors
///
/// As [`open`].
pub(crate) fn open_within(
    root: &Path,
    keys: &KeyArgs,
    setting: Setting,
    limits: Limits,
) -> Result<Vault, Failure> {
    open_watched(root, keys, setting, limits).map(|(vault, _)| vault)
}

fn open_watched(
    root: &Path,
    keys: &KeyArgs,
    setting: Setting,
    limits: Limits,
) -> Result<(Vault, Option<Secret>), Failure> {
    let flights = Arc::new(Flights::default());
    let place = root.display().to_string();
    watch_store(&flights, limits, move |hung, what| give_up_on(setting, &place, hung, &what))
        .map_err(|error| Failure::new(Exit::Unexpected, error))?;
    let store = WatchedStore::new(LocalStore::new(root), flights);
    let settings = read_settings(&store).map_err(Failure::from)?;
    let unlock = match keys.given()? {
        _ if settings.suite == Suite::None => Unlock::Nothing,
        Some(secret) => Unlock::With(secret),
        None if io::stdin().is_terminal() && io::stderr().is_terminal() => {
            Unlock::With(ask("Passphrase, or recovery key: ")?)
        }
        None => Unlock::Nothing,
    };
    let vault = Vault::open_on(Box::new(store), &unlock, &keys.cache_root())?;
    if let Some((number, hash)) = keys.expect_head {
        refuse_other_head(&vault, number, hash)?;
    }
    let progress = Progress::new(setting);
    for notice in vault.notices() {
        progress.hear(Event::Noticed { text: notice.clone() });
    }
    let secret = match unlock {
        Unlock::With(secret) => Some(secret),
        Unlock::Nothing => None,
    };
    Ok((vault, secret))
}

fn expected_head(text: &str) -> Result<(u64, RecordHash), String> {
    let parsed =
        text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, hash.parse().ok()?)));
    parsed.ok_or_else(|| format!("{text:?} is no head: write the record's number, a colon, and its hash"))
}

/// A host that never saw this vault cannot know whether it is an older copy; a person can.
fn refuse_other_head(vault: &Vault, number: u64, hash: RecordHash) -> Result<(), Failure> {
    let newest = vault.head().catalogue.head_number;
    let refuse = |why: String| {
        Err(Failure::new(Exit::CannotOpen, why).with_way_out(
            "an older or another copy of the vault may lie in its place: look for the newest one",
        ))
    };
    if number > newest {
        return refuse(format!("record {number} was expected, and the log ends at {newest}"));
    }
    match vault.record_hash(number)? {
        Some(found) if found == hash => Ok(()),
        _ => refuse(format!("record {number} is not the one that was expected: the log was replaced")),
    }
}

/// Asks for a passphrase, or a recovery key, on the terminal.
///
/// # Errors
///
/// A [`Failure`] when nothing, or nothing readable, was typed.
pub(crate) fn ask(prompt: &str) -> Result<Secret, Failure> {
    let typed = rpassword::prompt_password(prompt).map_err(|error| Failure::new(Exit::Usage, error))?;
    let typed = zeroize::Zeroizing::new(typed);
    Ok(keys::typed(&typed)?)
}

/// Names a moment, in RFC 3339, that stands in for the host's clock; for tests of what time does.
const CLOCK: &str = "VHAULT_NOW";

/// The host's clock.
pub(crate) fn now() -> Instant {
    if let Some(Ok(time)) = std::env::var(CLOCK).ok().map(|text| text.parse::<jiff::Timestamp>()) {
        return Instant::from_unix_milliseconds(time.as_millisecond());
    }
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant::from_unix_milliseconds(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Refuses a stand-in for the clock that is no moment, rather than to take the real one for it.
///
/// # Errors
///
/// A [`Failure`] naming the text.
pub(crate) fn refuse_bad_clock() -> Result<(), Failure> {
    match std::env::var(CLOCK) {
        Ok(text) if text.parse::<jiff::Timestamp>().is_err() => {
            Err(Failure::new(Exit::Usage, format!("{CLOCK} is {text:?}, which is no moment"))
                .with_way_out("write it like 2026-05-01T22:00:00Z"))
        }
        _ => Ok(()),
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        Failure::new(Exit::Usage, error)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Failure {
        let (exit, way_out) = advise(&error);
        let failure = Failure::new(exit, error);
        match way_out {
            Some(way_out) => failure.with_way_out(way_out),
            None => failure,
        }
    }
}

fn advise(error: &VaultError) -> (Exit, Option<&'static str>) {
    match error {
        VaultError::NotAVault { .. } => (
            Exit::CannotOpen,
            Some("name the folder of a vault, or make one: vhault init FOLDER --key-file KEY"),
        ),
        VaultError::NotEmpty { .. } => (Exit::Refused, Some("name a folder that is absent or empty")),
        VaultError::AlreadyAVault { .. } => {
            (Exit::Refused, Some("use it as it is, or name another folder for a new vault"))
        }
        VaultError::NoSecret { .. } => (
            Exit::CannotOpen,
            Some("--key-file FILE, --passphrase-file FILE, --recovery-key-file FILE, or VHAULT_PASSPHRASE"),
        ),
        VaultError::WrongSecret { .. } => {
            (Exit::CannotOpen, Some("another passphrase or key file; `vhault key list` names the slots"))
        }
        VaultError::KeysRotated { .. } => (
            Exit::CannotOpen,
            Some("the same command again; where that fails too, a slot that was there at the rotation"),
        ),
        VaultError::SlotRemoved { .. } => {
            (Exit::CannotOpen, Some("another passphrase, key file or recovery key"))
        }
        VaultError::SlotUnknown { .. } => {
            (Exit::CannotOpen, Some("unlock with another slot, and add this one again: vhault key add"))
        }
        VaultError::StaleEpoch { .. } => {
            (Exit::CannotOpen, Some("another copy of the vault: somebody writes to this one who may not"))
        }
        VaultError::SlotsWithoutSecret { .. } => (
            Exit::Refused,
            Some(
                "name each with --also-key-file, --also-passphrase-file or --also-recovery-key-file, or --drop-others",
            ),
        ),
        VaultError::TooManyEpochs { .. } => (Exit::Refused, Some("a new vault")),
        VaultError::Refused(Refusal::SessionsOpen { .. }) => (
            Exit::Refused,
            Some("wait for them; `vhault sweep VAULT --fence-after 300` ends those that died"),
        ),
        VaultError::Refused(Refusal::SlotsMoved) => (Exit::GaveUp, Some("run the same command again")),
        VaultError::Settings { .. }
        | VaultError::SettingsSwapped { .. }
        | VaultError::NoSlot { .. }
        | VaultError::NoLog { .. }
        | VaultError::Record { .. }
        | VaultError::BrokenChain { .. }
        | VaultError::MissingRecord { .. }
        | VaultError::MissingHead { .. }
        | VaultError::Misnamed { .. } => {
            (Exit::CannotOpen, Some("a newer vhault if a newer one wrote it, else another copy of the vault"))
        }
        VaultError::Key(_) => (Exit::Usage, None),
        VaultError::Refused(Refusal::NotOpen { .. } | Refusal::ReliedCondemned { .. }) => {
            (Exit::GaveUp, Some("run the same command again"))
        }
        VaultError::Refused(Refusal::MarkIncomplete { .. }) => (
            Exit::Damage,
            Some(
                "`vhault verify VAULT` names what is lost, and `vhault repair VAULT` rebuilds the chunk table",
            ),
        ),
        VaultError::Refused(Refusal::MarkStale { .. } | Refusal::MarkOvertaken { .. }) => {
            (Exit::GaveUp, Some("others write to this vault all the time: sweep when it is quieter"))
        }
        VaultError::Refused(Refusal::TooEarly { .. }) => (Exit::Refused, Some("wait, or --wait-days N")),
        VaultError::Refused(Refusal::ClockInDoubt { .. }) => {
            (Exit::Refused, Some("set the clock right, or --trust-clock if it is"))
        }
        VaultError::Refused(Refusal::LastSlot) => {
            (Exit::Refused, Some("add another slot first: vhault key add"))
        }
        VaultError::Refused(_) => (Exit::Refused, None),
        VaultError::OutcomeUnknown { .. } => {
            (Exit::GaveUp, Some("check the storage, then `vhault list` to see whether the point is there"))
        }
        VaultError::Fragment { .. } | VaultError::MissingFragment { .. } | VaultError::Blob { .. } => {
            (Exit::Damage, Some("vhault verify VAULT --level images names everything that is lost"))
        }
        VaultError::Store(error) if error.is_full() => (
            Exit::Unexpected,
            Some(
                "make room on the vault's storage and run the same command again; nothing published was lost",
            ),
        ),
        _ => (Exit::Unexpected, None),
    }
}
