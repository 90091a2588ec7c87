//! A backup: sources to one published recovery point.
//!
//! | room | what it does |
//! | --- | --- |
//! | here | open, plan, copy, commit |
//! | `describe` | the disks of the point; stopped copies that it completes |
//! | `source` | images opened and identified, without waiting for ever |
//! | `label` | what each disk is called across points |
//! | `base` | what each disk is compared with, and what need not be read |
//! | `forecast` | what it will take |

mod base;
mod describe;
mod forecast;
mod label;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant as Clock;

use vhault_core::catalogue::Catalogue;
use vhault_core::copy::estimate::Estimate;
use vhault_core::copy::watch::StopReason;
use vhault_core::digest::PointId;
use vhault_core::time::{Instant, Span};
use vhault_core::vault::point::{Consistency, Disk as PointDisk, PointState, RecoveryPoint};
use vhault_core::vhd::Leniency;

use self::base::Base;
use self::describe::{describe_disk, is_nothing, supersede};
use self::forecast::forecast;
use self::label::label_all;
use self::source::Opened;
use crate::copy::{CopiedDisk, CopyError, CopyOptions, DiskPlan};
use crate::disk::OpenOptions;
use crate::image::{ImageError, Medium};
use crate::monitor::{Event, Monitor};
use crate::pipeline::copy;
use crate::timings::TimingsTold;
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
    /// What stands between the images and their files; nothing outside of tests.
    pub medium: Option<Arc<dyn Medium>>,
    /// By the host's clock.
    pub now: Instant,
}

/// What came of a backup.
#[derive(Clone, Debug)]
pub struct BackedUp {
    /// The point.
    pub point: RecoveryPoint,
    /// Why it is partial, if it is.
    pub stopped: Option<StopReason>,
    /// Stopped copies that this point completes; they were forgotten.
    pub superseded: Vec<PointId>,
    /// Where the time went, if that was asked for.
    pub timings: Option<TimingsTold>,
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
    /// It was stopped before anything was copied.
    #[error("{}", nothing_words(*.reason))]
    Nothing {
        /// Why.
        reason: StopReason,
    },
    /// No disks were named.
    #[error("a backup needs at least one disk")]
    NoDisks,
}

fn nothing_words(reason: StopReason) -> String {
    let why = match reason {
        StopReason::Deadline => "the deadline passed",
        StopReason::DiskDeadline => "the deadline of a disk passed",
        StopReason::Stalled => "no disk gave a byte for as long as the stall limit allows",
        StopReason::Unreadable => "the disks cannot be read",
        StopReason::Asked => "stopped",
    };
    format!("{why} before anything new was copied, so there is no new point")
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

/// Opens the sources, copies what is new, and publishes the point: a partial one where a deadline, a stall or a person
/// ended the copy early.
///
/// # Errors
///
/// [`BackupError`]; no point was made then, and the sources were only read.
pub fn back_up(
    vault: &Vault,
    request: &BackupRequest,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<BackedUp, BackupError> {
    let begun = Clock::now();
    let disks = open_all(request)?;
    vault.load_table(&mut |lost| {
        monitor.hear(Event::Noticed { text: format!("{lost}; what it names is copied again") });
        Ok(())
    })?;
    let catalogue = vault.head().catalogue.clone();
    let (labels, mut bases) = compare_with(&catalogue, request, &disks)?;
    let parents: BTreeSet<PointId> = bases.iter().flat_map(Bases::points).collect();
    let parents: Vec<PointId> = parents.into_iter().collect();
    let purpose = format!("backup of {}", request.vm);
    let (session, standing) = Session::begin(vault, &purpose, request.now, &parents)?;
    bases.iter_mut().for_each(|bases| bases.keep_only(&standing));

    let run = Run { request, disks: &disks, labels: &labels, bases: &bases, begun, stop, monitor };
    let described = run.copy(&session, &catalogue).and_then(|copied| {
        refuse_changed(&disks)?;
        run.describe(&copied)
    });
    match described {
        Ok((point, stopped)) => {
            session.commit(std::slice::from_ref(&point), request.now)?;
            let superseded = if point.state == PointState::Whole {
                supersede(vault, &point, request.now)?
            } else {
                Vec::new()
            };
            let timings = request.options.timings.told(begun.elapsed(), request.options.threads.max(1));
            Ok(BackedUp { point, stopped, superseded, timings })
        }
        Err(error) => {
            // The copy's own error is the one to report; an unfinished session is garbage for a sweep.
            let _aborted = session.abort(&error.to_string());
            Err(error)
        }
    }
}

/// What a backup would take, without copying anything.
///
/// # Errors
///
/// [`BackupError`], as a backup would.
pub fn foresee(vault: &Vault, request: &BackupRequest) -> Result<(Vec<String>, Estimate), BackupError> {
    let disks = open_all(request)?;
    let catalogue = vault.head().catalogue.clone();
    let (labels, bases) = compare_with(&catalogue, request, &disks)?;
    let plans = plan(request, &catalogue, &disks, &bases, !request.read_all)?;
    let estimate = forecast(&catalogue, request, &disks, &bases, &plans);
    Ok((labels, estimate))
}

fn open_all(request: &BackupRequest) -> Result<Vec<Opened>, BackupError> {
    if request.sources.is_empty() {
        return Err(BackupError::NoDisks);
    }
    let options = OpenOptions {
        parents: request.parents.clone(),
        raw: request.raw,
        leniency: request.leniency,
        medium: request.medium.clone(),
    };
    let stall = request.options.limits.stall;
    request.sources.iter().map(|source| Opened::open(source, &options, stall)).collect()
}

/// What a disk is compared with.
#[derive(Default)]
struct Bases {
    base: Option<Base>,
    stopped: Option<Base>,
}

impl Bases {
    fn points(&self) -> impl Iterator<Item = PointId> {
        [&self.base, &self.stopped].into_iter().flatten().map(|base| base.point)
    }

    /// Forgets what was purged meanwhile.
    fn keep_only(&mut self, standing: &[PointId]) {
        for base in [&mut self.base, &mut self.stopped] {
            if base.as_ref().is_some_and(|base| !standing.contains(&base.point)) {
                *base = None;
            }
        }
    }
}

fn compare_with(
    catalogue: &Catalogue,
    request: &BackupRequest,
    disks: &[Opened],
) -> Result<(Vec<String>, Vec<Bases>), BackupError> {
    let labels = label_all(catalogue, request, disks)?;
    let bases = labels
        .iter()
        .zip(disks)
        .map(|(label, opened)| {
            let base = Base::newest(catalogue, &request.vm, label);
            let stopped = Base::stopped(catalogue, &request.vm, label, base.as_ref(), opened);
            Bases { base, stopped }
        })
        .collect();
    Ok((labels, bases))
}

/// What is to be copied of each disk; with `trust`, only what is not proven to be in the vault.
fn plan(
    request: &BackupRequest,
    catalogue: &Catalogue,
    disks: &[Opened],
    bases: &[Bases],
    trust: bool,
) -> Result<Vec<DiskPlan>, BackupError> {
    let run = catalogue.points.iter().filter(|kept| kept.point.vm == request.vm).count() as u64;
    disks
        .iter()
        .zip(bases)
        .map(|(opened, Bases { base, stopped })| {
            let hint = match base {
                Some(base) if trust => base.hint(opened, run, request.options.limits.stall)?,
                _ => None,
            };
            Ok(DiskPlan {
                disk: Arc::clone(&opened.disk),
                base: base.as_ref().map(|base| base.disk.content),
                hint,
                resume: stopped.as_ref().filter(|_| trust).map(Base::resume),
            })
        })
        .collect()
}

/// One backup in hand.
struct Run<'a> {
    request: &'a BackupRequest,
    disks: &'a [Opened],
    labels: &'a [String],
    bases: &'a [Bases],
    begun: Clock,
    stop: &'a AtomicBool,
    monitor: &'a dyn Monitor,
}

impl Run<'_> {
    /// Copies with hints; once a hint lied, copies again without any.
    fn copy(&self, session: &Session<'_>, catalogue: &Catalogue) -> Result<Vec<CopiedDisk>, BackupError> {
        let mut trust = !self.request.read_all;
        let mut options = self.request.options.clone();
        options.ask_holes &= trust;
        loop {
            let plans = plan(self.request, catalogue, self.disks, self.bases, trust)?;
            let estimate = forecast(catalogue, self.request, self.disks, self.bases, &plans);
            self.monitor.hear(Event::Estimated { estimate });
            self.tell_resumed(&plans);
            let total_bytes = self.disks.iter().map(|opened| opened.disk.size().get()).sum();
            let what = format!("backing up {}", self.request.vm);
            self.monitor.hear(Event::Started { what, total_bytes });
            let copied = copy(session, &plans, &options, self.begun, self.stop, self.monitor);
            self.monitor.hear(Event::Finished);
            match copied {
                Err(CopyError::HintLied { plan, chunk }) if trust => {
                    let disk = &self.disks[plan].disk;
                    let path = disk.paths().next().unwrap_or(Path::new("")).display().to_string();
                    self.monitor.hear(Event::Noticed {
                        text: format!(
                            "{path}: chunk {chunk} changed though its tables call it unchanged; everything is read \
                             now, and earlier points made by the same hint may be stale"
                        ),
                    });
                    trust = false;
                    options.ask_holes = false;
                }
                copied => return Ok(copied?),
            }
        }
    }

    fn tell_resumed(&self, plans: &[DiskPlan]) {
        for (label, plan) in self.labels.iter().zip(plans) {
            let Some(resume) = &plan.resume else { continue };
            let size = plan.disk.size().get();
            self.monitor.hear(Event::Resumed {
                label: label.clone(),
                held_bytes: size.saturating_sub(resume.missing.bytes()),
                resumes_at: resume.missing.as_slice().first().map_or(size, |range| range.offset),
            });
        }
    }

    fn describe(&self, copied: &[CopiedDisk]) -> Result<(RecoveryPoint, Option<StopReason>), BackupError> {
        let reasons = || copied.iter().filter_map(|disk| disk.stopped);
        let stopped = reasons().find(|reason| *reason == StopReason::Asked).or_else(|| reasons().next());
        if let Some(reason) = stopped
            && copied.iter().all(|disk| is_nothing(&disk.copied))
        {
            return Err(BackupError::Nothing { reason });
        }
        let each = self.disks.iter().zip(self.labels).zip(self.bases).zip(copied);
        let disks: Vec<PointDisk> = each
            .map(|(((opened, label), bases), copied)| describe_disk(opened, label, bases, copied))
            .collect();
        let state = if stopped.is_some() {
            PointState::Partial
        } else if disks.iter().all(PointDisk::is_complete) {
            PointState::Whole
        } else {
            PointState::Damaged
        };
        let took = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let point = RecoveryPoint {
            id: PointId::from_bytes(random::bytes()),
            vm: self.request.vm.clone(),
            host_time: self.request.now,
            took: Span::from_milliseconds(took),
            host: host_name(),
            consistency: self.request.consistency,
            state,
            disks,
        };
        Ok((point, stopped))
    }
}

fn refuse_changed(disks: &[Opened]) -> Result<(), BackupError> {
    for opened in disks {
        if let Some(path) = opened.changed()? {
            return Err(BackupError::Changed { path });
        }
    }
    Ok(())
}
