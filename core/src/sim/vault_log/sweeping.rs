//! The daily clean-up of an imitated vault: purge, fence, condemn, delete.

use super::*;
use crate::protocol::{SweepRules, plan, settle};

/// No rule of either era keeps a forgotten point from going.
const PURGE_WAIT: Span = Span::ZERO;
/// Imitated packs are never rewritten: one goes when no point needs anything in it.
const NEVER_REPACK: SweepRules = SweepRules { repack_percent: 101 };

impl VaultLog {
    /// Lets go what was forgotten before now. Points that expire in this clean-up wait for the next.
    pub(super) fn clean_up(&mut self, at: Instant, catalogue: &Catalogue, store: &BlockStore) {
        self.forget_partials(at, catalogue);
        let forgotten = self.folded.points.iter().filter(|kept| kept.standing != PointStanding::Live);
        let points: Vec<PointId> = forgotten.map(|kept| kept.point.id).collect();
        if !points.is_empty() {
            self.must(Request::Purge { points, now: at, wait: PURGE_WAIT, clock_confirmed: true });
        }
        self.fence_what_stood_still(catalogue);
        self.sweep(at, store);
    }

    /// A partial point is of use until its item has a newer point, or its data is deleted.
    fn forget_partials(&mut self, at: Instant, catalogue: &Catalogue) {
        let carries = |vm: &str| {
            let item = vm.parse().ok().and_then(|item: VmIdentity| catalogue.items.get(&item));
            item.is_some_and(|item| item.carried.get() > 0)
        };
        let partial = self.folded.live_points().filter(|kept| !kept.is_whole());
        let done = partial.filter(|kept| !carries(&kept.point.vm)).map(|kept| kept.point.id);
        let done: Vec<PointId> = done.collect();
        if !done.is_empty() {
            self.must(forget(done, at, by_rule()));
        }
    }

    /// Copies in flight give a sign of life; a session that gave none since the last clean-up is fenced.
    fn fence_what_stood_still(&mut self, catalogue: &Catalogue) {
        let is_copying = |job: &Job| job.kind == JobKind::Backup && job.phase == Some(Phase::Copy);
        let copying: Vec<JobId> = self
            .claims
            .keys()
            .filter(|job| catalogue.jobs.get(job).is_some_and(is_copying))
            .copied()
            .collect();
        copying.into_iter().for_each(|job| self.progress(job, Vec::new()));
        let open = |log: &VaultLog, job: JobId| {
            let known = log.folded.sessions.get(&session_of(job));
            known.filter(|known| known.standing == SessionStanding::Open).map(|known| known.last_record)
        };
        for (job, seen_record) in core::mem::take(&mut self.seen) {
            if open(self, job).is_none() {
                continue;
            }
            match self.ask(Request::Fence { session: session_of(job), seen_record }) {
                Ok(()) | Err(Refusal::Lives { .. }) => {}
                Err(refusal) => self.keep(&refusal),
            }
        }
        let at_work = catalogue.items.values().filter_map(|item| item.active_job);
        self.seen = at_work.filter_map(|job| Some((job, open(self, job)?))).collect();
    }

    /// Condemns what no point needs, then deletes it.
    fn sweep(&mut self, at: Instant, store: &BlockStore) {
        let mut usage = self.places.usage(&store.references);
        let found =
            usage.iter().filter(|(pack, _)| self.folded.is_live(pack)).map(|(_, used)| used.live_blobs);
        let lost = store.references.stored_blocks().saturating_sub(found.sum());
        for kept in self.folded.live_points().filter(|kept| !kept.is_whole()) {
            // A partial point needs all of the pack that came with it.
            let came = self.folded.packs.values().filter(|pack| pack.received.0 == kept.record);
            for pack in came {
                usage.entry(pack.entry.name).or_default().live_blobs += u64::from(pack.entry.blob_count);
            }
        }
        let packs = settle(&plan(&self.folded, &usage, NEVER_REPACK), &usage);
        if packs.is_empty() {
            return;
        }
        let session = SessionId::from_bytes(numbered(1, self.folded.head_number + 1));
        let (host, purpose) = (String::new(), String::from("sweep"));
        self.must(Request::Begin { session, host, host_time: at, purpose, parents: Vec::new() });
        self.must(Request::Condemn {
            session,
            covers: self.folded.head_number,
            began_after: self.folded.last_condemned,
            lost,
            packs: packs.clone(),
            fragments: Vec::new(),
            orphan_packs: Vec::new(),
            orphan_fragments: Vec::new(),
            added_packs: Vec::new(),
            added_fragments: Vec::new(),
        });
        let gone: BTreeSet<PackName> = packs.iter().copied().collect();
        self.must(Request::Delete { packs, fragments: Vec::new() });
        self.places.forget_packs(&gone);
        self.must(Request::Commit {
            session,
            host_time: at,
            packs: Vec::new(),
            fragments: Vec::new(),
            points: Vec::new(),
            relied: BTreeSet::new(),
        });
    }
}
