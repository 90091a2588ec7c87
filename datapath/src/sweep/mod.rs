//! A sweep: what no point needs is condemned by a record, then deleted.
//!
//! Backups and restores go on meanwhile; the protocol
//! (`vhault_core::protocol`) refuses every record that would hurt them.
//!
//! | file | noun |
//! | --- | --- |
//! | `fence` | sessions that stood still lose their right to commit |
//! | `purge` | forgotten points whose wait is over stop being roots |
//! | `ground` | the mark on a real chunk table |
//! | `orphans` | files that no record names, of sessions that ended |
//! | `mover` | what points need of mostly unused packs, moved |
//! | `merge` | table fragments with little in them, made one |
//! | `temporary` | what killed programs were writing |
//! | `delete` | condemned files, gone |
//! | `report` | what was found and done |
//!
//! Rules: `docs/promises.md`, "Sweeping".

mod delete;
mod fence;
mod ground;
mod merge;
mod mover;
mod orphans;
mod purge;
mod report;
mod temporary;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vhault_core::protocol::{Refusal, Request, SweepPlan, SweepRules, plan, settle};
use vhault_core::time::Instant;

use crate::monitor::{Event, Monitor};
use crate::vault::{Session, Vault, VaultError};

pub use purge::{PurgeRule, purge};
pub use report::{PointFate, Swept, SweptFragments, SweptPack, SweptSession};
pub use temporary::SweptTemporary;

use ground::Marked;
pub(crate) use ground::OnTable;
use mover::Moved;
use orphans::Orphans;

/// A mark that others overtake so often is given up.
const MARKS_MAX: u32 = 16;

/// What a sweep may do.
#[derive(Clone, Debug)]
pub struct SweepRequest {
    /// Only look, and write nothing.
    pub dry_run: bool,
    /// When a pack is rewritten.
    pub rules: SweepRules,
    /// How long an open session must stand still, by this process's own clock, to be fenced; `None` fences nobody.
    pub fence_after: Option<Duration>,
    /// When forgotten points are purged; `None` purges none.
    pub purge: Option<PurgeRule>,
    /// By the host's clock.
    pub now: Instant,
}

/// Sweeps.
///
/// # Errors
///
/// [`Refusal::MarkIncomplete`] when something that points need could not be read: then nothing is condemned. A table
/// fragment that cannot be read; log or storage that failed.
pub fn sweep(
    vault: &Vault,
    request: &SweepRequest,
    stop: &AtomicBool,
    monitor: &dyn Monitor,
) -> Result<Swept, VaultError> {
    let mut swept = Swept { dry_run: request.dry_run, ..Swept::default() };
    fence::fence(vault, request, stop, monitor, &mut swept)?;
    if let Some(rule) = &request.purge {
        swept.points = purge(vault, rule, request.dry_run)?;
    }
    if request.dry_run {
        look_only(vault, request, monitor, &mut swept)?;
        return Ok(swept);
    }
    let (session, _) = Session::begin(vault, "sweep", request.now, &[])?;
    let mut sweeping = Sweeping { vault, session: &session, request, stop, monitor, moved: Moved::default() };
    let done = sweeping
        .condemn(&mut swept)
        .and_then(|()| merge::merge(vault, &session, &mut swept))
        .and_then(|()| delete::delete(vault, &session, &mut swept))
        .and_then(|()| temporary::clear(vault, &mut swept));
    let unused = if sweeping.moved.is_recorded { Vec::new() } else { sweeping.moved.packs };
    session.note_uploaded(unused);
    match done {
        Ok(()) => session.end(request.now)?,
        Err(error) => {
            // The sweep's own error is the one to report; a session left open is fenced by another sweep.
            let _aborted = session.abort(&error.to_string());
            return Err(error);
        }
    }
    Ok(swept)
}

fn look_only(
    vault: &Vault,
    request: &SweepRequest,
    monitor: &dyn Monitor,
    swept: &mut Swept,
) -> Result<(), VaultError> {
    // What would be purged is no root of the mark that shows what it frees.
    let purged = swept.purged();
    let marked = Marked::all(vault, &|point| !purged.contains(&point), monitor)?;
    let catalogue = vault.head().catalogue.clone();
    let plan = plan(&catalogue, &marked.usage(vault), request.rules);
    let orphans = Orphans::find(vault, &catalogue)?;
    swept.tell_mark(&marked);
    swept.tell_plan(&plan, &orphans);
    temporary::clear(vault, swept)?;
    refuse_incomplete(&marked)
}

fn refuse_incomplete(marked: &Marked) -> Result<(), VaultError> {
    match marked.mark.lost() {
        0 => Ok(()),
        lost => Err(Refusal::MarkIncomplete { lost }.into()),
    }
}

struct Sweeping<'a> {
    vault: &'a Vault,
    session: &'a Session<'a>,
    request: &'a SweepRequest,
    stop: &'a AtomicBool,
    monitor: &'a dyn Monitor,
    moved: Moved,
}

impl Sweeping<'_> {
    /// Marks, moves and condemns, as often as others make it necessary.
    fn condemn(&mut self, swept: &mut Swept) -> Result<(), VaultError> {
        for _ in 0..MARKS_MAX {
            let mut marked = Marked::all(self.vault, &|_| true, self.monitor)?;
            let catalogue = self.vault.head().catalogue.clone();
            let plan = plan(&catalogue, &marked.usage(self.vault), self.request.rules);
            refuse_incomplete(&marked)?;
            let kept = mover::carry_over(
                self.vault,
                self.session,
                &plan,
                &marked,
                &mut self.moved,
                self.stop,
                self.monitor,
            )?;
            if self.stop.load(Ordering::Relaxed) {
                return Err(VaultError::Stopped);
            }
            let outcome = self.append(&plan, &mut marked)?;
            if let Some((packs, orphans)) = outcome {
                swept.tell_mark(&marked);
                swept.tell_plan(&plan, &orphans);
                swept.tell_condemned(&packs, &kept);
                swept.moved_bytes = self.moved.packs.iter().map(|pack| pack.file_bytes).sum();
                return Ok(());
            }
            self.monitor.hear(Event::Noticed { text: "another sweep came first; marking anew".into() });
        }
        let record = self.vault.head().catalogue.last_condemned;
        Err(Refusal::MarkOvertaken { record }.into())
    }

    /// Appends the condemn record, marking what is new as often as somebody is faster. `None`: begin anew.
    fn append(
        &mut self,
        plan: &SweepPlan,
        marked: &mut Marked,
    ) -> Result<Option<(Vec<vhault_core::digest::PackName>, Orphans)>, VaultError> {
        loop {
            let packs = settle(plan, &marked.left(self.vault, &self.moved.names()));
            let catalogue = self.vault.head().catalogue.clone();
            let orphans = Orphans::find(self.vault, &catalogue)?;
            if packs.is_empty() && orphans.is_empty() {
                return Ok(Some((packs, orphans)));
            }
            let leftover_fragments = orphans::leftover_fragments(&catalogue);
            let appended = self.session.append(&mut |newest| {
                let orphans = orphans.still(newest);
                Ok(Request::Condemn {
                    session: self.session.id(),
                    covers: marked.covers,
                    began_after: marked.began_after,
                    lost: marked.mark.lost(),
                    packs: packs.clone(),
                    fragments: leftover_fragments.clone(),
                    orphan_packs: orphans.packs_with_sessions(),
                    orphan_fragments: orphans.fragments_with_sessions(),
                    added_packs: self.moved.packs.clone(),
                    added_fragments: self.moved.fragments.clone(),
                })
            });
            match appended {
                Ok(_) => {
                    self.moved.is_recorded = true;
                    return Ok(Some((packs, orphans)));
                }
                Err(VaultError::Refused(Refusal::Nothing)) => return Ok(Some((packs, orphans))),
                Err(VaultError::Refused(Refusal::MarkStale { .. })) => {
                    if !marked.extend(self.vault)? {
                        return Ok(None);
                    }
                }
                Err(VaultError::Refused(Refusal::MarkOvertaken { .. })) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
