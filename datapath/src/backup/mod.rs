//! A backup: sources to one published recovery point.
//!
//! | room | what it does |
//! | --- | --- |
//! | here | open, plan, copy, commit |
//! | `plan` | what each disk is compared with, what is to be copied |
//! | `describe` | the disks of the point; stopped copies that it completes |
//! | `source` | images opened and identified, without waiting for ever |
//! | `label` | what each disk is called across points |
//! | `base` | what each disk is compared with, and what need not be read |
//! | `forecast` | what it will take |
//! | `adopt` | what dead copies of the VM left |

mod adopt;
mod base;
mod describe;
mod error;
mod forecast;
mod label;
mod plan;
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

use self::adopt::{begin_journal, dead_journals, purpose, take_over};
use self::describe::{describe_disk, is_nothing, supersede};
pub use self::error::BackupError;
use self::forecast::forecast;
use self::plan::{Bases, audit_turn, compare_with, plan};
use self::source::Opened;
use crate::copy::journal::{DeadJournal, JournalWriter};
use crate::copy::{CopiedDisk, CopyError, CopyOptions, DiskPlan};
use crate::disk::OpenOptions;
use crate::image::Medium;
use crate::monitor::{Event, Monitor};
use crate::pipeline::copy;
use crate::timings::TimingsTold;
use crate::vault::session::host_name;
use crate::vault::{Session, Vault, random};

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
    let (session, standing) = Session::begin(vault, &purpose(&request.vm), request.now, &parents)?;
    bases.iter_mut().for_each(|bases| bases.keep_only(&standing));

    let dead = dead_journals(vault, &request.vm);
    let journal = begin_journal(&session, request, &disks);
    let run = Run {
        request,
        disks: &disks,
        labels: &labels,
        bases: &bases,
        dead: &dead,
        journal: journal.clone(),
        begun,
        stop,
        monitor,
    };
    let taken_over = take_over(&session, request, &dead, stop, monitor);
    let described = taken_over.and_then(|()| run.copy(&session, &catalogue)).and_then(|copied| {
        refuse_changed(&disks)?;
        run.describe(&copied)
    });
    match described {
        Ok((point, stopped)) => {
            session.commit(std::slice::from_ref(&point), request.now)?;
            journal.iter().for_each(|journal| journal.remove());
            // One that was stopped may not have come as far as those that died before it.
            if stopped.is_none() {
                dead.iter().for_each(|journal| journal.remove());
            }
            let superseded = if point.state == PointState::Whole {
                supersede(vault, &point, request.now)?
            } else {
                Vec::new()
            };
            let timings = request.options.timings.told(begun.elapsed(), request.options.threads.max(1));
            Ok(BackedUp { point, stopped, superseded, timings })
        }
        Err(error) => {
            // The copy's own error is the one to report. What the session stored, the next backup takes over.
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
    let dead = dead_journals(vault, &request.vm);
    let plans = plan(request, &disks, &bases, &dead, !request.read_all)?;
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

/// One backup in hand.
struct Run<'a> {
    request: &'a BackupRequest,
    disks: &'a [Opened],
    labels: &'a [String],
    bases: &'a [Bases],
    /// Of dead copies of this VM.
    dead: &'a [Arc<DeadJournal>],
    journal: Option<Arc<JournalWriter>>,
    begun: Clock,
    stop: &'a AtomicBool,
    monitor: &'a dyn Monitor,
}

impl Run<'_> {
    /// Copies with hints; once a hint lied, copies again without any.
    fn copy(&self, session: &Session<'_>, catalogue: &Catalogue) -> Result<Vec<CopiedDisk>, BackupError> {
        let mut trust = !self.request.read_all;
        let mut lied = None;
        let mut options = self.request.options.clone();
        options.ask_holes &= trust;
        options.journal = self.journal.clone();
        loop {
            let plans = plan(self.request, self.disks, self.bases, self.dead, trust)?;
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
                    self.tell_lie(&plans, plan, chunk);
                    lied = plans[plan].hint.as_ref().map(|_| plan);
                    trust = false;
                    options.ask_holes = false;
                    self.journal.iter().for_each(|journal| journal.restart());
                }
                copied => {
                    let mut copied = copied?;
                    for (number, disk) in copied.iter_mut().enumerate() {
                        let base = self.bases[number].base.as_ref().map(|base| &base.disk.copied.audit);
                        disk.copied.audit = audit_turn(&plans[number]).recorded(base);
                        disk.copied.audit.hint_lied = lied == Some(number);
                    }
                    return Ok(copied);
                }
            }
        }
    }

    fn tell_lie(&self, plans: &[DiskPlan], plan: usize, chunk: u64) {
        let path = self.disks[plan].disk.paths().next().unwrap_or(Path::new("")).display().to_string();
        let who =
            if plans[plan].hint.is_some() { "its tables call it unchanged" } else { "the file did not move" };
        let base = self.bases[plan].base.as_ref().filter(|base| base.disk.copied.kept_bytes > 0);
        let stale = match base {
            Some(base) if plans[plan].hint.is_some() => format!(
                "; point {} and those before it that believed the same may be stale, as `vhault list` shows",
                base.point
            ),
            _ => String::new(),
        };
        let text = format!("{path}: chunk {chunk} changed though {who}; everything is read now{stale}");
        self.monitor.hear(Event::Noticed { text });
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
