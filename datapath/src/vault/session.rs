//! A writing session: the right to add packs, and to commit once.
//!
//! Rules: `docs/promises.md`, "Sessions".

use std::collections::BTreeSet;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Clock};

use vhault_core::catalogue::Catalogue;
use vhault_core::copy::journal::NAME_EVERY;
use vhault_core::digest::{FragmentName, PackName, PointId, SessionId};
use vhault_core::protocol::{Refusal, Request};
use vhault_core::time::Instant;
use vhault_core::vault::blob::{BlobId, Place};
use vhault_core::vault::fragment::{FRAGMENT_ENTRIES_MAX, Fragment};
use vhault_core::vault::point::RecoveryPoint;
use vhault_core::vault::record::{FragmentEntry, PackEntry};
use vhault_core::vault::seal::Sealer;

use super::error::VaultError;
use super::open::{Head, Vault};
use super::random;
use super::relied;
use super::store::Name;

/// A progress record follows when so many bytes were uploaded since the last one: they can be adopted from then on.
pub const PROGRESS_BYTES: u64 = 1 << 30;
/// A progress record follows at least so often, by this process's own monotonic clock: whoever waits much longer for
/// the next one may take the session for dead.
pub const LIFE_EVERY: Duration = Duration::from_secs(60);

/// A session that is open in the log.
pub struct Session<'a> {
    vault: &'a Vault,
    id: SessionId,
    sealer: Sealer,
    sequence: AtomicU64,
    claims: Mutex<Claims>,
    pending: Mutex<Pending>,
    /// When the log last heard of it.
    heard: Mutex<Clock>,
}

/// What the workers agreed on.
#[derive(Default)]
struct Claims {
    /// Blobs that one worker stores and no fragment names yet.
    ours: BTreeSet<BlobId>,
    /// Packs of other sessions that hold what we did not store.
    relied: BTreeSet<PackName>,
}

/// Published packs that no record, or no fragment, names yet.
#[derive(Default)]
struct Pending {
    /// Packs that no record names yet.
    packs: Vec<PackEntry>,
    /// Packs that the pending places count into.
    names: Vec<PackName>,
    places: Vec<Place>,
}

impl Pending {
    fn take_places(&mut self, pack: PackName, places: Vec<Place>) {
        let index = u32::try_from(self.names.len()).expect("packs are counted in 32 bits");
        self.names.push(pack);
        self.places.extend(places.into_iter().map(|place| Place { pack: index, ..place }));
    }
}

impl<'a> Session<'a> {
    /// Opens a session that builds on `parents`; those no longer live are left out, and what is left is returned.
    ///
    /// # Errors
    ///
    /// Log or storage that failed.
    pub fn begin(
        vault: &'a Vault,
        purpose: &str,
        now: Instant,
        parents: &[PointId],
    ) -> Result<(Session<'a>, Vec<PointId>), VaultError> {
        let settings = vault.settings();
        let session = Session {
            vault,
            id: SessionId::from_bytes(random::bytes()),
            sealer: vault.keyring().sealer(settings.vault, settings.suite, random::bytes()),
            sequence: AtomicU64::new(0),
            claims: Mutex::default(),
            pending: Mutex::default(),
            heard: Mutex::new(Clock::now()),
        };
        session.append(&mut |_| {
            Ok(Request::Begin {
                session: session.id,
                host: host_name(),
                host_time: now,
                purpose: purpose.into(),
                parents: parents.to_vec(),
            })
        })?;
        let head = vault.head();
        let begun = head.catalogue.sessions.get(&session.id);
        let standing = begun.map(|known| known.parents.clone()).unwrap_or_default();
        drop(head);
        Ok((session, standing))
    }

    /// The vault it writes to.
    pub fn vault(&self) -> &'a Vault {
        self.vault
    }

    /// Its id.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Seals what it writes.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The next sequence number of a pack or fragment.
    pub fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether the caller must store `id`: nobody has it, and nobody else here is about to.
    pub fn claim(&self, id: BlobId) -> bool {
        let found = self.vault.table().read().unwrap_or_else(PoisonError::into_inner).find_sound(&id);
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(found) => {
                claims.relied.insert(found.pack);
                false
            }
            None => claims.ours.insert(id),
        }
    }

    /// Whether the vault holds `id`. If so its pack must stay until the commit, which asks.
    pub fn relies_on(&self, id: BlobId) -> bool {
        let found = self.vault.table().read().unwrap_or_else(PoisonError::into_inner).find_sound(&id);
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        found.map(|found| claims.relied.insert(found.pack)).is_some()
    }

    /// Whether what the base holds can be had as far as anybody knows. Where nothing is in doubt nothing is looked up:
    /// the base is a root until the session ends.
    pub fn is_sound(&self, id: BlobId) -> bool {
        let table = self.vault.table().read().unwrap_or_else(PoisonError::into_inner);
        !table.is_in_doubt() || table.find_sound(&id).is_some()
    }

    /// Takes note of a published pack. Every so many blobs a fragment follows, and every so many bytes a progress
    /// record, so that memory stays bounded and the log knows that the session lives.
    ///
    /// # Errors
    ///
    /// Log or storage that failed; [`Refusal::NotOpen`].
    pub fn receive(&self, pack: PackEntry, places: Vec<Place>) -> Result<(), VaultError> {
        let mut pending = self.pending();
        pending.packs.push(pack);
        pending.take_places(pack.name, places);
        let is_full = pending.places.len() >= FRAGMENT_ENTRIES_MAX;
        let is_large = pending.packs.iter().map(|pack| pack.file_bytes).sum::<u64>() >= PROGRESS_BYTES;
        drop(pending);
        if is_full {
            self.progress(true)
        } else if is_large {
            self.progress(false)
        } else {
            self.show_life()
        }
    }

    /// Adopts packs of an ended session by a record, and makes what lies in them findable.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotAdoptable`] where one of them is gone meanwhile; log or storage that failed.
    pub(crate) fn adopt(
        &self,
        from: SessionId,
        packs: Vec<(PackName, Vec<Place>)>,
    ) -> Result<(), VaultError> {
        let names: Vec<PackName> = packs.iter().map(|(pack, _)| *pack).collect();
        self.append(&mut |_| Ok(Request::Adopt { session: self.id, from, packs: names.clone() }))?;
        for (pack, places) in packs {
            if self.take_over(pack, places) {
                self.progress(true)?;
            }
        }
        self.progress(true)
    }

    /// Takes note of where the blobs of a pack lie that the log holds already, and says whether a fragment is full.
    pub(crate) fn take_over(&self, pack: PackName, places: Vec<Place>) -> bool {
        let mut pending = self.pending();
        pending.take_places(pack, places);
        pending.places.len() >= FRAGMENT_ENTRIES_MAX
    }

    /// Takes note of packs that were uploaded for nothing, so that [`Session::end`] leaves their names in the log.
    pub(crate) fn note_uploaded(&self, packs: Vec<PackEntry>) {
        self.pending().packs.extend(packs);
    }

    /// Writes down that the session lives, if the log has not heard of it for [`LIFE_EVERY`]; for [`NAME_EVERY`] is
    /// enough where there are packs that only a record lets others take over.
    ///
    /// # Errors
    ///
    /// Log or storage that failed; [`Refusal::NotOpen`].
    pub fn show_life(&self) -> Result<(), VaultError> {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let names_packs = !self.pending().packs.is_empty();
        let name_every = Duration::from_millis(NAME_EVERY.milliseconds().unsigned_abs());
        let every = if names_packs { name_every } else { LIFE_EVERY };
        if heard.elapsed() < every { Ok(()) } else { self.progress(false) }
    }

    fn progress(&self, with_fragment: bool) -> Result<(), VaultError> {
        let (packs, fragments) =
            if with_fragment { self.cut()? } else { (mem::take(&mut self.pending().packs), Vec::new()) };
        self.append(&mut |_| {
            Ok(Request::Progress { session: self.id, packs: packs.clone(), fragments: fragments.clone() })
        })?;
        Ok(())
    }

    /// Publishes the session's points and ends it.
    ///
    /// A pack that the session relied on may have been condemned meanwhile. What it held is then looked up anew: a
    /// sweep that rewrote the pack left it elsewhere.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotOpen`]; [`Refusal::ReliedCondemned`] where something is gone and has to be copied again;
    /// [`VaultError::OutcomeUnknown`] when a sync failed.
    pub fn commit(self, points: &[RecoveryPoint], now: Instant) -> Result<u64, VaultError> {
        let (packs, fragments) = self.cut()?;
        let mut relied = mem::take(&mut self.claims.lock().unwrap_or_else(PoisonError::into_inner).relied);
        let number = loop {
            let committed = self.append(&mut |_| {
                Ok(Request::Commit {
                    session: self.id,
                    host_time: now,
                    packs: packs.clone(),
                    fragments: fragments.clone(),
                    points: points.to_vec(),
                    relied: relied.clone(),
                })
            });
            match committed {
                Err(VaultError::Refused(refusal @ Refusal::ReliedCondemned { .. })) => {
                    self.vault.look_again()?;
                    let own: BTreeSet<PackName> = packs.iter().map(|pack| pack.name).collect();
                    relied = relied::packs_of(self.vault, points)?.ok_or(VaultError::Refused(refusal))?;
                    relied.retain(|pack| !own.contains(pack));
                }
                other => break other?,
            }
        };
        let mut head = self.vault.head();
        let Head { log, catalogue } = &mut *head;
        log.checkpoint(self.vault.store(), &self.sealer, catalogue);
        self.vault.remember_head(catalogue);
        Ok(number)
    }

    /// Ends a session that held points, or swept, and uploaded nothing that is not in use.
    ///
    /// # Errors
    ///
    /// Log or storage that failed; [`Refusal::NotOpen`].
    pub fn end(self, now: Instant) -> Result<(), VaultError> {
        if self.pending().packs.is_empty() {
            self.commit(&[], now).map(|_| ())
        } else {
            self.abort("what it uploaded is not needed")
        }
    }

    /// Ends the session without a point. What it uploaded is garbage for a sweep.
    ///
    /// # Errors
    ///
    /// Log or storage that failed; the session then stays open until a sweep fences it.
    pub fn abort(self, reason: &str) -> Result<(), VaultError> {
        // Packs that a record names are found by a sweep without a listing.
        let named = if self.pending().packs.is_empty() { Ok(()) } else { self.progress(false) };
        self.append(&mut |_| Ok(Request::Abort { session: self.id, reason: reason.into() }))?;
        named
    }

    /// Writes the pending places into a fragment, and returns the packs and fragments that a record must name.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub(crate) fn cut(&self) -> Result<(Vec<PackEntry>, Vec<FragmentEntry>), VaultError> {
        let taken = mem::take(&mut *self.pending());
        self.write_fragment(taken)
    }

    /// Appends a record of this session.
    ///
    /// # Errors
    ///
    /// What `ask` returns; [`VaultError::Refused`]; log or storage that failed.
    pub(crate) fn append(
        &self,
        ask: &mut dyn FnMut(&Catalogue) -> Result<Request, VaultError>,
    ) -> Result<u64, VaultError> {
        let mut head = self.vault.head();
        let Head { log, catalogue } = &mut *head;
        let number = log.append(self.vault.store(), self.vault.keyring(), &self.sealer, catalogue, ask)?;
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Clock::now();
        Ok(number)
    }

    /// Writes the fragment of `taken`, makes it findable here, and returns what a record must name.
    fn write_fragment(&self, taken: Pending) -> Result<(Vec<PackEntry>, Vec<FragmentEntry>), VaultError> {
        let Pending { packs, names, mut places } = taken;
        if places.is_empty() {
            return Ok((packs, Vec::new()));
        }
        places.sort_by_key(|place| *place.id.as_bytes());
        // Of two copies in one fragment the later counts.
        places.reverse();
        places.dedup_by_key(|place| *place.id.as_bytes());
        places.reverse();
        let entry = self.upload_fragment(&Fragment { packs: names, places })?;
        Ok((packs, vec![entry]))
    }

    /// Uploads a fragment and makes it findable here.
    ///
    /// # Errors
    ///
    /// Storage that failed.
    pub(crate) fn upload_fragment(&self, fragment: &Fragment) -> Result<FragmentEntry, VaultError> {
        let vault = self.vault.settings().vault;
        let file = fragment.encode(vault, &self.sealer, self.id, self.next_sequence());
        let name = FragmentName::from_bytes(*blake3::hash(&file).as_bytes());
        let mut upload = self.vault.store().begin().map_err(VaultError::Store)?;
        upload.write(&file).map_err(VaultError::Store)?;
        upload.publish(&Name::fragment(name)).map_err(VaultError::Store)?;

        let mapped = Arc::new(self.vault.keep_fragment(name, fragment));
        self.vault.table().write().unwrap_or_else(PoisonError::into_inner).add_own(name, mapped);
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        for place in &fragment.places {
            claims.ours.remove(&place.id);
        }
        Ok(FragmentEntry { name, file_bytes: file.len() as u64, entry_count: fragment.places.len() as u64 })
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of this host, for people.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
