//! Table fragments with little in them, made one. Needs no mark: entries of
//! live packs stay, needed or not, and others name nothing any more.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Arc, PoisonError};

use vhault_core::catalogue::Catalogue;
use vhault_core::digest::{FragmentName, PackName};
use vhault_core::protocol::{Refusal, Request};
use vhault_core::vault::blob::Place;
use vhault_core::vault::fragment::{FRAGMENT_ENTRIES_MAX, Fragment};
use vhault_core::vault::record::FragmentEntry;

use super::report::{Swept, SweptFragments};
use crate::vault::table::{Found, MappedFragment};
use crate::vault::{Session, Vault, VaultError};

/// Every lookup asks every fragment's filter: more than so many small ones are made one.
pub(crate) const SMALL_FRAGMENTS_MAX: usize = 16;

/// Merges what is worth it.
///
/// # Errors
///
/// A fragment that cannot be read; log or storage that failed.
pub(super) fn merge(vault: &Vault, session: &Session<'_>, swept: &mut Swept) -> Result<(), VaultError> {
    vault.refresh()?;
    vault.load_table(&mut Err)?;
    let catalogue = vault.head().catalogue.clone();
    let chosen = choose(vault, &catalogue);
    if chosen.is_empty() {
        return Ok(());
    }
    let names: Vec<FragmentName> = chosen.iter().map(|(name, _)| *name).collect();
    let added = write(session, &catalogue, chosen)?;
    let appended = session.append(&mut |newest| {
        // Packs that another sweep condemned meanwhile would stand in what was written.
        let began_after = catalogue.last_condemned;
        Ok(Request::replace_fragments(
            session.id(),
            newest.head_number,
            began_after,
            names.clone(),
            added.clone(),
        ))
    });
    match appended {
        Ok(_) => {
            swept.fragments = SweptFragments { condemned: names.len(), added: added.len() };
            Ok(())
        }
        // What was written is an orphan of this session, for the next sweep.
        Err(VaultError::Refused(Refusal::MarkOvertaken { .. } | Refusal::FragmentNotCondemnable { .. })) => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

type Chosen = Vec<(FragmentName, Arc<MappedFragment>)>;

/// Fragments at least half of whose entries name packs that are gone, and the small ones where there are too many.
fn choose(vault: &Vault, catalogue: &Catalogue) -> Chosen {
    let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
    let mut chosen = Vec::new();
    let mut small = Vec::new();
    for known in catalogue.live_fragments() {
        let Some(held) = table.held(known.entry.name) else { continue };
        let total = held.entry_count();
        let live = held.all().filter(|(_, found)| catalogue.is_live(&found.pack)).count();
        if live * 2 <= total {
            chosen.push((known.entry.name, held));
        } else if total < FRAGMENT_ENTRIES_MAX / 2 {
            small.push((known.entry.name, held));
        }
    }
    if small.len() > SMALL_FRAGMENTS_MAX {
        chosen.append(&mut small);
    }
    chosen
}

/// Writes the live entries of `chosen` into new fragments, sorted; of two copies the newer stays.
fn write(
    session: &Session<'_>,
    catalogue: &Catalogue,
    chosen: Chosen,
) -> Result<Vec<FragmentEntry>, VaultError> {
    let damaged = |found: &Found| {
        catalogue.damaged.get(&found.pack).is_some_and(|blobs| blobs.contains(&found.place.id))
    };
    // Sorted by id; for one id undamaged copies come first, and of those the newest.
    let key = |source: usize, found: &Found| (*found.place.id.as_bytes(), damaged(found), Reverse(source));
    let held: Vec<Arc<MappedFragment>> = chosen.into_iter().map(|(_, held)| held).collect();
    let mut entries: Vec<_> =
        held.iter().map(|held| held.all().filter(|(_, found)| catalogue.is_live(&found.pack))).collect();
    let mut heads: Vec<Option<Found>> = entries.iter_mut().map(|entries| next(entries)).collect();
    let mut order = BinaryHeap::new();
    for (source, found) in heads.iter().enumerate() {
        order.extend(found.as_ref().map(|found| Reverse((key(source, found), source))));
    }
    let mut added = Vec::new();
    let mut growing = Growing::default();
    let mut last = None;
    while let Some(Reverse((_, source))) = order.pop() {
        let Some(found) = heads[source].take() else { continue };
        heads[source] = next(&mut entries[source]);
        order.extend(heads[source].as_ref().map(|found| Reverse((key(source, found), source))));
        if last == Some(found.place.id) {
            continue;
        }
        last = Some(found.place.id);
        if growing.add(&found) {
            session.show_life()?;
            added.push(session.upload_fragment(&std::mem::take(&mut growing).fragment)?);
        }
    }
    if !growing.fragment.places.is_empty() {
        added.push(session.upload_fragment(&growing.fragment)?);
    }
    Ok(added)
}

fn next(entries: &mut dyn Iterator<Item = (usize, Found)>) -> Option<Found> {
    entries.next().map(|(_, found)| found)
}

/// A fragment that is not full yet.
struct Growing {
    fragment: Fragment,
    packs: BTreeMap<PackName, u32>,
}

impl Default for Growing {
    fn default() -> Growing {
        Growing { fragment: Fragment { packs: Vec::new(), places: Vec::new() }, packs: BTreeMap::new() }
    }
}

impl Growing {
    /// Adds an entry, and says whether it is full.
    fn add(&mut self, found: &Found) -> bool {
        let next = u32::try_from(self.fragment.packs.len()).expect("packs are counted in 32 bits");
        let pack = *self.packs.entry(found.pack).or_insert(next);
        if pack == next {
            self.fragment.packs.push(found.pack);
        }
        self.fragment.places.push(Place { pack, ..found.place });
        self.fragment.places.len() >= FRAGMENT_ENTRIES_MAX
    }
}
