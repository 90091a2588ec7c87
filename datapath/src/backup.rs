//! A backup: sources to one published recovery point.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use vhault_core::catalogue::{Catalogue, KeptPoint};
use vhault_core::digest::PointId;
use vhault_core::time::Instant;
use vhault_core::units::ByteCount;
use vhault_core::vault::point::{
    Consistency, Container, ContainerKind, Disk as PointDisk, PointState, RecoveryPoint, SourceIdentity,
};
use vhault_core::vhd::{ImageKind, Leniency};

use crate::copy::{AUDIT_RUNS, CopiedDisk, CopyError, CopyOptions, DiskPlan, Hint};
use crate::disk::{Disk, OpenOptions};
use crate::image::ImageError;
use crate::monitor::{Event, Monitor};
use crate::pipeline::copy;
use crate::vault::session::host_name;
use crate::vault::{Session, Vault, VaultError, random};

/// A source as the caller names it.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the disk is called, if the caller says so.
    pub label: Option<String>,
    /// Its image.
    pub path: PathBuf,
}

/// What to back up.
#[derive(Clone, Debug)]
pub struct BackupRequest {
    /// The VM.
    pub vm: String,
    /// All its disks.
    pub sources: Vec<Source>,
    /// Files that may be parents of any source.
    pub parents: Vec<PathBuf>,
    /// Take the files as disks without container.
    pub raw: bool,
    /// What to do about checksums that do not hold.
    pub leniency: Leniency,
    /// What the caller vouches for.
    pub consistency: Consistency,
    /// Read everything, whatever tables and times say.
    pub read_all: bool,
    /// How to copy.
    pub options: CopyOptions,
    /// By the host's clock.
    pub now: Instant,
}

/// Why a backup made no point.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A source cannot be opened or read.
    #[error(transparent)]
    Source(#[from] ImageError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The copy failed.
    #[error(transparent)]
    Copy(CopyError),
    /// Two disks would have one label.
    #[error("two disks are both called {label:?}: {first} and {second}")]
    SameLabel {
        /// The label.
        label: String,
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A source was written to while it was copied.
    #[error("{path} was written to while it was copied, so what was copied is no moment of the disk")]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// No disks were named.
    #[error("a backup needs at least one disk")]
    NoDisks,
}

impl From<CopyError> for BackupError {
    fn from(error: CopyError) -> BackupError {
        match error {
            CopyError::Source(source) => BackupError::Source(source),
            CopyError::Vault(source) => BackupError::Vault(source),
            other => BackupError::Copy(other),
        }
    }
}

/// Opens the sources, copies what is new, and publishes the point.
///
/// # Errors
///
/// [`BackupError`]; no point exists then, and the sources were only read.
pub fn back_up(
    vault: &Vault,
    request: &BackupRequest,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<RecoveryPoint, BackupError> {
    if request.sources.is_empty() {
        return Err(BackupError::NoDisks);
    }
    let options =
        OpenOptions { parents: request.parents.clone(), raw: request.raw, leniency: request.leniency };
    let disks = request
        .sources
        .iter()
        .map(|source| Disk::open(&source.path, &options))
        .collect::<Result<Vec<Disk>, ImageError>>()?;
    vault.load_table(&mut |lost| {
        monitor.hear(Event::Noticed { text: format!("{lost}; what it names is copied again") });
        Ok(())
    })?;
    let catalogue = vault.head().catalogue.clone();
    let labels = label_all(&catalogue, request, &disks)?;
    let wanted: Vec<Base> =
        labels.iter().filter_map(|label| Base::newest(&catalogue, &request.vm, label)).collect();
    let parents: BTreeSet<PointId> = wanted.iter().map(|base| base.point).collect();
    let parents: Vec<PointId> = parents.into_iter().collect();
    let purpose = format!("backup of {}", request.vm);
    let (session, standing) = Session::begin(vault, &purpose, request.now, &parents)?;
    let bases: Vec<Option<&Base>> = labels
        .iter()
        .map(|label| wanted.iter().find(|base| base.disk.label == *label && standing.contains(&base.point)))
        .collect();

    let run = catalogue.points.iter().filter(|kept| kept.point.vm == request.vm).count() as u64;
    let copied = copy_trusting(&session, &disks, &bases, run, request, stop, monitor);
    let published = copied.and_then(|copied| {
        refuse_changed(&disks)?;
        let point = describe(request, &disks, &labels, &bases, &copied)?;
        Ok(point)
    });
    match published {
        Ok(point) => {
            session.commit(std::slice::from_ref(&point), request.now)?;
            Ok(point)
        }
        Err(error) => {
            // The copy's own error is the one to report; an unfinished session is garbage for a sweep.
            let _aborted = session.abort(&error.to_string());
            Err(error)
        }
    }
}

/// Copies with hints; once a hint lied, copies again without any.
fn copy_trusting(
    session: &Session<'_>,
    disks: &[Disk],
    bases: &[Option<&Base>],
    run: u64,
    request: &BackupRequest,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<Vec<CopiedDisk>, BackupError> {
    let mut trust = !request.read_all;
    loop {
        let mut plans = Vec::with_capacity(disks.len());
        for (disk, base) in disks.iter().zip(bases) {
            let hint = match base {
                Some(base) if trust => hint(disk, base, run)?,
                _ => None,
            };
            plans.push(DiskPlan { disk, base: base.map(|base| base.disk.content), hint });
        }
        let total_bytes = disks.iter().map(|disk| disk.size().get()).sum();
        monitor.hear(Event::Started { what: format!("backing up {}", request.vm), total_bytes });
        let copied = copy(session, &plans, request.options, stop, monitor);
        monitor.hear(Event::Finished);
        match copied {
            Err(CopyError::HintLied { plan, chunk }) if trust => {
                let path = disks[plan].paths().next().unwrap_or(Path::new("")).display().to_string();
                monitor.hear(Event::Noticed {
                    text: format!(
                        "{path}: chunk {chunk} changed though its tables call it unchanged; everything is read now, \
                         and earlier points made by the same hint may be stale"
                    ),
                });
                trust = false;
            }
            copied => return Ok(copied?),
        }
    }
}

/// The newest whole point's disk of a label.
struct Base {
    point: PointId,
    disk: PointDisk,
}

impl Base {
    fn newest(catalogue: &Catalogue, vm: &str, label: &str) -> Option<Base> {
        let of_vm = |kept: &&KeptPoint| kept.point.vm == vm && kept.is_whole();
        catalogue.live_points().rev().filter(of_vm).find_map(|kept| {
            let disk = kept.point.disks.iter().find(|disk| disk.label == label)?;
            Some(Base { point: kept.point.id, disk: disk.clone() })
        })
    }
}

/// What the tables of `disk` say of its difference from `base`, when the files under the base's own chain are
/// untouched since. `None` is doubt: everything is read.
fn hint(disk: &Disk, base: &Base, run: u64) -> Result<Option<Hint>, BackupError> {
    let now = identify(disk)?;
    let Some(depth) = now.len().checked_sub(base.disk.sources.len()) else { return Ok(None) };
    let same = now[depth..].iter().zip(&base.disk.sources).all(|(now, then)| is_untouched(now, then));
    // Times and inode of a device say nothing about what it holds.
    let are_files = disk.paths().skip(depth).all(Path::is_file);
    // What lies past the end of a shorter image reads as zeroes above it, and no table says so.
    let resized =
        disk.chain().images()[..=depth].iter().any(|image| image.size() != base.disk.content.length);
    if !same || !are_files || resized || !base.disk.unreadable.is_empty() {
        return Ok(None);
    }
    let mut cursor = disk.chain().cursor();
    let changed = disk.chain().written_above(depth, &mut cursor).map_err(|error| disk.explain(error))?;
    Ok(Some(Hint { changed, audit_part: run % AUDIT_RUNS }))
}

fn is_untouched(now: &SourceIdentity, then: &SourceIdentity) -> bool {
    SourceIdentity { path: String::new(), ..now.clone() }
        == SourceIdentity { path: String::new(), ..then.clone() }
}

fn identify(disk: &Disk) -> Result<Vec<SourceIdentity>, BackupError> {
    disk.chain()
        .images()
        .iter()
        .map(|image| {
            let path = image.source().path();
            let metadata = std::fs::metadata(path)
                .map_err(|source| ImageError::Open { path: path.to_owned(), source })?;
            let nanoseconds =
                |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
            Ok(SourceIdentity {
                path: path.display().to_string(),
                file_bytes: ByteCount::new(metadata.len()),
                modified_nanoseconds: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
                changed_nanoseconds: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
                device: metadata.dev(),
                inode: metadata.ino(),
                unique_id: image.unique_id(),
            })
        })
        .collect()
}

fn refuse_changed(disks: &[Disk]) -> Result<(), BackupError> {
    for disk in disks {
        if let Some(path) = disk.changed_files()?.into_iter().next() {
            return Err(BackupError::Changed { path });
        }
    }
    Ok(())
}

/// A label for each disk: given, or that of a disk in the vault that its chain leads to, or its file's stem.
fn label_all(
    catalogue: &Catalogue,
    request: &BackupRequest,
    disks: &[Disk],
) -> Result<Vec<String>, BackupError> {
    let by_chain: Vec<Option<String>> =
        disks.iter().map(|disk| label_by_chain(catalogue, &request.vm, disk)).collect();
    let stem = |path: &Path| {
        path.file_stem().map_or_else(|| "disk".to_string(), |stem| stem.to_string_lossy().into_owned())
    };
    let mut labels = Vec::with_capacity(disks.len());
    for (source, found) in request.sources.iter().zip(&by_chain) {
        // Copies of one image carry one id: where it would name two disks it names none.
        let unique = found.as_ref().filter(|label| {
            by_chain.iter().flatten().filter(|other| other == label).count() == 1
                && !request.sources.iter().any(|other| other.label.as_ref() == Some(*label))
        });
        let label = source.label.clone().or_else(|| unique.cloned()).unwrap_or_else(|| stem(&source.path));
        labels.push(label);
    }
    for (place, label) in labels.iter().enumerate() {
        if let Some(first) = labels[..place].iter().position(|other| other == label) {
            return Err(BackupError::SameLabel {
                label: label.clone(),
                first: request.sources[first].path.clone(),
                second: request.sources[place].path.clone(),
            });
        }
    }
    Ok(labels)
}

fn label_by_chain(catalogue: &Catalogue, vm: &str, disk: &Disk) -> Option<String> {
    let ids: Vec<[u8; 16]> = disk.chain().images().iter().filter_map(|image| image.unique_id()).collect();
    catalogue.live_points().rev().filter(|kept| kept.point.vm == vm).find_map(|kept| {
        let known = |disk: &&PointDisk| disk.container.unique_id.is_some_and(|id| ids.contains(&id));
        kept.point.disks.iter().find(known).map(|disk| disk.label.clone())
    })
}

fn describe(
    request: &BackupRequest,
    disks: &[Disk],
    labels: &[String],
    bases: &[Option<&Base>],
    copied: &[CopiedDisk],
) -> Result<RecoveryPoint, BackupError> {
    let mut described = Vec::with_capacity(disks.len());
    for (((disk, label), base), copied) in disks.iter().zip(labels).zip(bases).zip(copied) {
        let image = &disk.chain().images()[0];
        let path = image.source().path();
        described.push(PointDisk {
            label: label.clone(),
            content: copied.content,
            container: Container {
                kind: match image.kind() {
                    ImageKind::Raw => ContainerKind::Raw,
                    ImageKind::Fixed => ContainerKind::Fixed,
                    ImageKind::Dynamic => ContainerKind::Dynamic,
                    ImageKind::Differencing => ContainerKind::Differencing,
                },
                file_name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                file_bytes: vhault_core::read::ReadAt::size(image.source()),
                unique_id: image.unique_id(),
                parent_id: image.parent().map(|parent| parent.unique_id),
                layout: copied.layout,
                literals: copied.literals,
            },
            sources: identify(disk)?,
            base: base.map(|base| base.point),
            unreadable: Vec::new(),
            copied: copied.copied,
        });
    }
    Ok(RecoveryPoint {
        id: PointId::from_bytes(random::bytes()),
        vm: request.vm.clone(),
        host_time: request.now,
        host: host_name(),
        consistency: request.consistency,
        state: PointState::Whole,
        disks: described,
    })
}
