//! `vhault verify`: is everything there, and whole?

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use vhault_datapath::monitor::{Event, Monitor as _};
use vhault_datapath::vault::local::LocalStore;
use vhault_datapath::verify::{Level, Share, Verified, publish_damage, verify_packs, verify_share};

use super::Setting;
use super::backup::processors;
use super::unlock::{self, KeyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vhault verify /backup/vault                      every disk of every point leads to chunks that were proven
  vhault verify /backup/vault --share 1/7          a seventh of the packs; another seventh tomorrow
  vhault verify /backup/vault --level packs        needs no key: for the host that only stores the vault")]
pub(crate) struct VerifyArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// How deep to look
    #[arg(long, value_enum, default_value_t = LevelArg::Images)]
    level: LevelArg,

    /// Decode only one part of the packs, as PART/PARTS: 1/7 today, 2/7 tomorrow
    #[arg(long, value_name = "PART/PARTS", value_parser = share)]
    share: Option<Share>,

    /// Write nothing: damage that is found is printed, but the log is not told, and nothing heals by it
    #[arg(long)]
    read_only: bool,

    /// Threads that read and decode (default: one for each processor)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    #[command(flatten)]
    keys: KeyArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LevelArg {
    /// Records, table, pages, and that every pack is there
    Structure,
    /// Every pack by its name, without any key
    Packs,
    /// Every chunk decrypted, decoded and hashed
    Chunks,
    /// Every disk of every point
    Images,
}

struct Done {
    verified: Verified,
    /// Damaged copies that the log was told of now.
    published: Option<usize>,
    took: Duration,
}

/// Verifies.
///
/// # Errors
///
/// A [`Failure`] when the vault cannot be opened, or storage failed.
pub(crate) fn run(args: &VerifyArgs, setting: Setting) -> Result<Box<dyn Report>, Failure> {
    let begun = Instant::now();
    let threads = args.threads.unwrap_or_else(processors).clamp(1, 256);
    let progress = Progress::new(setting);
    let level = match args.level {
        LevelArg::Packs => {
            let verified = verify_packs(&LocalStore::new(&args.vault), threads, &progress)?;
            return Ok(Box::new(Done { verified, published: None, took: begun.elapsed() }));
        }
        LevelArg::Structure => Level::Structure,
        LevelArg::Chunks => Level::Chunks,
        LevelArg::Images => Level::Images,
    };
    let vault = unlock::open(&args.vault, &args.keys, setting)?;
    let verified = verify_share(&vault, level, args.share.unwrap_or(Share::ALL), threads, &progress)?;
    let took = begun.elapsed();
    let mut published = None;
    if !args.read_only && !verified.copies.is_empty() {
        match publish_damage(&vault, &verified) {
            Ok(count) => published = Some(count),
            // A vault that cannot be written to was verified all the same.
            Err(error) => progress.hear(Event::Noticed {
                text: format!("the log could not be told of the damage, so no backup heals it: {error}"),
            }),
        }
    }
    Ok(Box::new(Done { verified, published, took }))
}

fn share(text: &str) -> Result<Share, String> {
    let parsed: Option<(u32, u32)> =
        text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    match parsed {
        Some((part, parts)) if 1 <= part && part <= parts => Ok(Share { part: part - 1, parts }),
        _ => Err(format!("{text:?} is no share: write 1/7 for the first of seven parts")),
    }
}

impl Report for Done {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let verified = &self.verified;
        let what = [
            (verified.records, "record"),
            (verified.packs, "pack"),
            (verified.fragments, "table fragment"),
            (verified.blobs, "blob"),
            (verified.disks, "disk"),
        ];
        let what: Vec<String> = what
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(n, noun)| words::count(n, noun))
            .collect();
        let verdict = if verified.is_sound() {
            page.tone(Tone::Good, "sound")
        } else {
            page.tone(Tone::Bad, "damage found")
        };
        writeln!(
            page,
            "{verdict}: {}; {} read in {}, {}",
            what.join(", "),
            words::bytes(verified.read_bytes),
            words::duration(self.took),
            words::rate(verified.read_bytes, self.took)
        )?;
        for damage in &verified.damage {
            writeln!(page, "  {}: {}", damage.file, damage.what)?;
        }
        for affected in &verified.affected {
            let bytes: u64 = affected.ranges.iter().map(|range| range.length).sum();
            writeln!(
                page,
                "  point {} of {}, disk {}: {} cannot be restored",
                &affected.point[..12],
                affected.vm,
                affected.disk,
                words::bytes(bytes)
            )?;
            for range in &affected.ranges {
                writeln!(page, "    {} bytes from byte {}", range.length, range.offset)?;
            }
        }
        if let Some(published) = self.published {
            writeln!(
                page,
                "  the log now names {} as damaged; the next backup stores anew what its source still has",
                words::count(published as u64, "more blob")
            )?;
        }
        Ok(())
    }

    fn json(&self) -> String {
        let mut value = serde_json::to_value(&self.verified).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("published".into(), self.published.into());
            fields.insert("sound".into(), self.verified.is_sound().into());
            let milliseconds = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
            fields.insert("took_milliseconds".into(), milliseconds.into());
        }
        value.to_string()
    }

    fn exit(&self) -> Exit {
        if self.verified.is_sound() { Exit::Done } else { Exit::Damage }
    }
}
