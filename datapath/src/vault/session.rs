//! A writing session: the right to add packs, and to commit once.
//!
//! Rules: `docs/promises.md`, "Sessions".

use std::collections::BTreeSet;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vhault_core::catalogue::{Catalogue, SessionStanding};
use vhault_core::digest::{FragmentName, PackName, PointId, SessionId};
use vhault_core::time::Instant;
use vhault_core::vault::blob::{BlobId, Place};
use vhault_core::vault::fragment::{FRAGMENT_ENTRIES_MAX, Fragment};
use vhault_core::vault::point::RecoveryPoint;
use vhault_core::vault::record::{Entry, FragmentEntry, PackEntry};
use vhault_core::vault::seal::Sealer;

use super::error::VaultError;
use super::open::{Head, Vault};
use super::random;
use super::store::Name;

/// A session that is open in the log.
pub struct Session<'a> {
    vault: &'a Vault,
    id: SessionId,
    sealer: Sealer,
    sequence: AtomicU64,
    claims: Mutex<Claims>,
    pending: Mutex<Pending>,
}

/// What the workers agreed on.
#[derive(Default)]
struct Claims {
    /// Blobs that one worker stores and no fragment names yet.
    ours: BTreeSet<BlobId>,
    /// Packs of other sessions that hold what we did not store.
    relied: BTreeSet<PackName>,
}

/// Published packs that no record names yet.
#[derive(Default)]
struct Pending {
    packs: Vec<PackEntry>,
    /// Packs that the pending places count into.
    names: Vec<PackName>,
    places: Vec<Place>,
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
        };
        let mut standing = Vec::new();
        session.append(&mut |catalogue| {
            let live = |id: &&PointId| catalogue.live_points().any(|kept| kept.point.id == **id);
            standing = parents.iter().filter(live).copied().collect();
            Ok(Entry::Begun {
                session: session.id,
                host: host_name(),
                host_time: now,
                purpose: purpose.into(),
                parents: standing.clone(),
            })
        })?;
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
        let found = self.vault.table().read().unwrap_or_else(PoisonError::into_inner).find(&id);
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(found) => {
                claims.relied.insert(found.pack);
                false
            }
            None => claims.ours.insert(id),
        }
    }

    /// Takes note of a published pack. Every so many blobs a fragment and a progress record follow, so that memory
    /// stays bounded and the log knows that the session lives.
    ///
    /// # Errors
    ///
    /// Log or storage that failed; [`VaultError::Fenced`].
    pub fn receive(&self, pack: PackEntry, places: Vec<Place>) -> Result<(), VaultError> {
        let mut pending = self.pending();
        let index = u32::try_from(pending.names.len()).expect("packs are counted in 32 bits");
        pending.packs.push(pack);
        pending.names.push(pack.name);
        pending.places.extend(places.into_iter().map(|place| Place { pack: index, ..place }));
        if pending.places.len() < FRAGMENT_ENTRIES_MAX {
            return Ok(());
        }
        let taken = mem::take(&mut *pending);
        drop(pending);
        let (packs, fragments) = self.write_fragment(taken)?;
        self.append(&mut |catalogue| {
            self.refuse_if_fenced(catalogue)?;
            Ok(Entry::Progressed { session: self.id, packs: packs.clone(), fragments: fragments.clone() })
        })?;
        Ok(())
    }

    /// Publishes the session's points and ends it.
    ///
    /// # Errors
    ///
    /// [`VaultError::Fenced`], [`VaultError::Condemned`]; [`VaultError::OutcomeUnknown`] when a sync failed.
    pub fn commit(self, points: &[RecoveryPoint], now: Instant) -> Result<u64, VaultError> {
        let taken = mem::take(&mut *self.pending());
        let (packs, fragments) = self.write_fragment(taken)?;
        let relied = mem::take(&mut self.claims.lock().unwrap_or_else(PoisonError::into_inner).relied);
        let number = self.append(&mut |catalogue| {
            self.refuse_if_fenced(catalogue)?;
            let gone = |pack: &&PackName| catalogue.packs.get(pack).is_none_or(|known| known.condemned);
            if let Some(pack) = relied.iter().find(gone) {
                return Err(VaultError::Condemned { pack: *pack });
            }
            Ok(Entry::Committed {
                session: self.id,
                host_time: now,
                packs: packs.clone(),
                fragments: fragments.clone(),
                points: points.to_vec(),
            })
        })?;
        let mut head = self.vault.head();
        let Head { log, catalogue } = &mut *head;
        log.checkpoint(self.vault.store(), &self.sealer, catalogue);
        self.vault.remember_head(catalogue);
        Ok(number)
    }

    /// Ends the session without a point. What it uploaded is garbage for a sweep.
    ///
    /// # Errors
    ///
    /// Log or storage that failed; the session then stays open until a sweep fences it.
    pub fn abort(self, reason: &str) -> Result<(), VaultError> {
        self.append(&mut |_| Ok(Entry::Aborted { session: self.id, reason: reason.into() }))?;
        Ok(())
    }

    fn append(
        &self,
        decide: &mut dyn FnMut(&Catalogue) -> Result<Entry, VaultError>,
    ) -> Result<u64, VaultError> {
        let mut head = self.vault.head();
        let Head { log, catalogue } = &mut *head;
        log.append(self.vault.store(), self.vault.keyring(), &self.sealer, catalogue, decide)
    }

    fn refuse_if_fenced(&self, catalogue: &Catalogue) -> Result<(), VaultError> {
        match catalogue.sessions.get(&self.id).map(|session| session.standing) {
            Some(SessionStanding::Open) => Ok(()),
            _ => Err(VaultError::Fenced { session: self.id }),
        }
    }

    /// Writes the fragment of `taken`, makes it findable here, and returns what a record must name.
    fn write_fragment(&self, taken: Pending) -> Result<(Vec<PackEntry>, Vec<FragmentEntry>), VaultError> {
        let Pending { packs, names, mut places } = taken;
        if places.is_empty() {
            return Ok((packs, Vec::new()));
        }
        places.sort_unstable_by_key(|place| *place.id.as_bytes());
        places.dedup_by_key(|place| *place.id.as_bytes());
        let fragment = Fragment { packs: names, places };
        let vault = self.vault.settings().vault;
        let file = fragment.encode(vault, &self.sealer, self.id, self.next_sequence());
        let name = FragmentName::from_bytes(*blake3::hash(&file).as_bytes());
        let mut upload = self.vault.store().begin().map_err(VaultError::Store)?;
        upload.write(&file).map_err(VaultError::Store)?;
        upload.publish(&Name::fragment(name)).map_err(VaultError::Store)?;

        let mapped = self.vault.keep_fragment(name, &fragment);
        self.vault.table().write().unwrap_or_else(PoisonError::into_inner).add(mapped);
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        for place in &fragment.places {
            claims.ours.remove(&place.id);
        }
        let entry =
            FragmentEntry { name, file_bytes: file.len() as u64, entry_count: fragment.places.len() as u64 };
        Ok((packs, vec![entry]))
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of this host, for people.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
