//! `vhault verify`: is everything there, and whole?

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use vhault_core::digest::PointId;
use vhault_core::time::Span;
use vhault_datapath::monitor::{Event, Monitor as _};
use vhault_datapath::vault::local::LocalStore;
use vhault_datapath::vault::{Hold, Vault};
use vhault_datapath::verify::{
    Chosen, DigestKind, DiskDigest, Level, Share, Verified, digests, publish_damage, verify_chosen,
    verify_packs,
};

use super::Setting;
use super::backup::processors;
use super::point;
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
  vhault verify /backup/vault --older-than 30      only packs that this host did not prove whole for 30 days
  vhault verify /backup/vault --digest sha256 > SUMS    for `sha256sum -c SUMS` beside restored raw images
  vhault verify /backup/vault --level packs        needs no key: for the host that only stores the vault

Each pack that is whole is remembered in the host's cache folder as it is done. So a verify with --older-than that was
interrupted goes on where it ended when it is run again, and says how many packs it passed over. Points are held
meanwhile, as by a restore.")]
pub(crate) struct VerifyArgs {
    /// Folder of the vault
    vault: PathBuf,

    /// How deep to look
    #[arg(long, value_enum, default_value_t = LevelArg::Images)]
    level: LevelArg,

    /// Decode only one part of the packs, as PART/PARTS: 1/7 today, 2/7 tomorrow
    #[arg(long, value_name = "PART/PARTS", value_parser = share)]
    share: Option<Share>,

    /// Decode only packs that this host did not prove whole within so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(0..=36_500))]
    older_than: Option<i64>,

    /// Read whole disks and print a digest of each, as it is checked by sha256sum or b3sum; nothing else on stdout
    #[arg(long, value_enum, value_name = "KIND", conflicts_with_all = ["level", "share", "older_than"])]
    digest: Option<DigestArg>,

    /// Only digest disks of these points: ids, unique prefixes of them, latest, or latest:VM
    #[arg(long, value_name = "POINT", requires = "digest")]
    point: Vec<String>,

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DigestArg {
    /// SHA-256: sha256sum
    Sha256,
    /// BLAKE3: b3sum
    Blake3,
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
    if let Some(kind) = args.digest {
        return digest(args, &vault, kind, threads, &progress);
    }
    let points: Vec<PointId> = vault.head().catalogue.live_points().map(|kept| kept.point.id).collect();
    let held: &[PointId] = if args.read_only { &[] } else { &points };
    let hold = Hold::on(&vault, held, "verify", unlock::now(), &progress)?;
    let chosen = Chosen {
        share: args.share.unwrap_or(Share::ALL),
        proven_before: args.older_than.map(|days| Span::from_milliseconds(days * 86_400_000)),
        now: unlock::now(),
    };
    let verified = verify_chosen(&vault, level, &chosen, threads, &hold)?;
    drop(hold);
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

/// Digests of whole disks.
struct Digests {
    kind: DigestKind,
    disks: Vec<DiskDigest>,
    /// Told on stderr, since stdout is for the tools.
    remark: Option<Failure>,
}

fn digest(
    args: &VerifyArgs,
    vault: &Vault,
    kind: DigestArg,
    threads: usize,
    progress: &Progress,
) -> Result<Box<dyn Report>, Failure> {
    let points = {
        let head = vault.head();
        match args.point.as_slice() {
            [] => head.catalogue.live_points().cloned().collect(),
            typed => typed
                .iter()
                .map(|text| point::find(&head.catalogue, text).cloned())
                .collect::<Result<Vec<_>, Failure>>()?,
        }
    };
    let ids: Vec<PointId> = points.iter().map(|kept| kept.point.id).collect();
    let hold = Hold::on(vault, if args.read_only { &[] } else { &ids }, "digest", unlock::now(), progress)?;
    vault.load_table(&mut |_| Ok(()))?;
    let kind = match kind {
        DigestArg::Sha256 => DigestKind::Sha256,
        DigestArg::Blake3 => DigestKind::Blake3,
    };
    let disks = digests(vault, &points, kind, threads, &hold)?;
    let lost: Vec<String> =
        disks.iter().filter_map(|disk| Some(format!("{}: {}", disk.name, disk.why.as_ref()?))).collect();
    let remark = (!lost.is_empty()).then(|| {
        Failure::new(
            Exit::Damage,
            format!("{} without a digest: {}", words::count(lost.len() as u64, "disk"), lost.join("; ")),
        )
        .with_way_out("`vhault verify --level images` names what is lost")
    });
    Ok(Box::new(Digests { kind, disks, remark }))
}

impl Report for Digests {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let whole = self.disks.iter().filter_map(|disk| Some((disk.digest.as_ref()?, &disk.name)));
        whole.into_iter().try_for_each(|(digest, name)| writeln!(page, "{digest}  {name}"))
    }

    fn json(&self) -> String {
        serde_json::json!({ "digest": self.kind, "disks": self.disks }).to_string()
    }

    fn remark(&self) -> Option<&Failure> {
        self.remark.as_ref()
    }
}

fn share(text: &str) -> Result<Share, String> {
    let parsed: Option<(u32, u32)> =
        text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    match parsed {
        Some((part, parts)) if 1 <= part && part <= parts => Ok(Share { part: part - 1, parts }),
        _ => Err(format!("{text:?} is no share: write 1/7 for the first of seven parts")),
    }
}

fn verified_since(verified: &Verified) -> Option<String> {
    verified.passed_over_since.map(point::rfc3339)
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
        if verified.passed_over > 0 {
            let since = verified
                .passed_over_since
                .map_or_else(String::new, |at| format!(" since {}", point::rfc3339(at)));
            let packs = words::count(verified.passed_over, "pack");
            writeln!(page, "  {packs} passed over: this host proved them whole{since}")?;
        }
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
            fields.insert("passed_over_since".into(), verified_since(&self.verified).into());
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
