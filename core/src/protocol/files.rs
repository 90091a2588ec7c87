//! Packs and fragments: condemned, deleted, found damaged.

use alloc::vec::Vec;

use super::guard::{Guard, Guards};
use super::refusal::Refusal;
use super::request::Request;
use super::sessions::{refuse_known_files, refuse_unless_open};
use crate::catalogue::{Catalogue, FileStanding, SessionStanding};
use crate::digest::{FragmentName, PackName, SessionId};
use crate::vault::record::{DamagedCopies, Entry};

pub(super) fn condemn(guards: Guards, catalogue: &Catalogue, request: Request) -> Result<Entry, Refusal> {
    let Request::Condemn {
        session,
        covers,
        began_after,
        lost,
        mut packs,
        mut fragments,
        orphan_packs,
        orphan_fragments,
        added_packs,
        added_fragments,
    } = request
    else {
        return Err(Refusal::Nothing);
    };
    refuse_unless_open(guards, catalogue, session)?;
    if covers != catalogue.head_number && guards.hold(Guard::MarkCoversHead) {
        return Err(Refusal::MarkStale { covers, head: catalogue.head_number });
    }
    if catalogue.last_condemned != began_after && guards.hold(Guard::MarkAnew) {
        return Err(Refusal::MarkOvertaken { record: catalogue.last_condemned });
    }
    if lost > 0 && guards.hold(Guard::MarkWhole) {
        return Err(Refusal::MarkIncomplete { lost });
    }
    refuse_known_files(guards, catalogue, &added_packs, &added_fragments)?;
    let free = |owner: SessionId, standing| match standing {
        FileStanding::Live => true,
        FileStanding::Uploaded => has_ended(guards, catalogue, owner),
        FileStanding::Condemned => false,
    };
    let pack_is_free =
        |pack: &PackName| catalogue.packs.get(pack).is_some_and(|known| free(known.session, known.standing));
    if let Some(pack) = packs.iter().find(|pack| !pack_is_free(pack)) {
        return Err(Refusal::PackNotCondemnable { pack: *pack });
    }
    let fragment_is_free = |fragment: &FragmentName| {
        catalogue.fragments.get(fragment).is_some_and(|known| free(known.session, known.standing))
    };
    if let Some(fragment) = fragments.iter().find(|fragment| !fragment_is_free(fragment)) {
        return Err(Refusal::FragmentNotCondemnable { fragment: *fragment });
    }
    for (pack, owner) in orphan_packs {
        if catalogue.packs.contains_key(&pack) || !has_ended(guards, catalogue, owner) {
            return Err(Refusal::PackNotCondemnable { pack });
        }
        packs.push(pack);
    }
    for (fragment, owner) in orphan_fragments {
        if catalogue.fragments.contains_key(&fragment) || !has_ended(guards, catalogue, owner) {
            return Err(Refusal::FragmentNotCondemnable { fragment });
        }
        fragments.push(fragment);
    }
    if packs.is_empty() && fragments.is_empty() {
        return Err(Refusal::Nothing);
    }
    Ok(Entry::Condemned { session, covers, packs, fragments, added_packs, added_fragments })
}

/// A session that the log does not know has committed, or is another vault's: neither leaves orphans.
fn has_ended(guards: Guards, catalogue: &Catalogue, session: SessionId) -> bool {
    match catalogue.sessions.get(&session).map(|known| known.standing) {
        Some(SessionStanding::Open) => !guards.hold(Guard::SpareOpen),
        Some(_) => true,
        None => false,
    }
}

pub(super) fn delete(
    guards: Guards,
    catalogue: &Catalogue,
    mut packs: Vec<PackName>,
    mut fragments: Vec<FragmentName>,
) -> Result<Entry, Refusal> {
    // Another sweep may have said so of some of them.
    packs.retain(|pack| catalogue.packs.contains_key(pack));
    fragments.retain(|fragment| catalogue.fragments.contains_key(fragment));
    let stands = |standing: Option<FileStanding>| standing != Some(FileStanding::Condemned);
    if guards.hold(Guard::DeleteCondemned) {
        if let Some(pack) =
            packs.iter().find(|pack| stands(catalogue.packs.get(pack).map(|known| known.standing)))
        {
            return Err(Refusal::PackNotCondemned { pack: *pack });
        }
        if let Some(fragment) = fragments
            .iter()
            .find(|fragment| stands(catalogue.fragments.get(fragment).map(|known| known.standing)))
        {
            return Err(Refusal::FragmentNotCondemned { fragment: *fragment });
        }
    }
    if packs.is_empty() && fragments.is_empty() {
        return Err(Refusal::Nothing);
    }
    Ok(Entry::Deleted { packs, fragments })
}

/// Damage of packs that are no longer live is nobody's; what is known already is not said again.
pub(super) fn report_damage(catalogue: &Catalogue, copies: Vec<DamagedCopies>) -> Result<Entry, Refusal> {
    let mut news = Vec::new();
    for mut copies in copies {
        if !catalogue.is_live(&copies.pack) {
            continue;
        }
        if let Some(known) = catalogue.damaged.get(&copies.pack) {
            copies.chunks.retain(|chunk| !known.chunks.contains(chunk));
            copies.pages.retain(|page| !known.pages.contains(page));
        }
        if !copies.chunks.is_empty() || !copies.pages.is_empty() {
            news.push(copies);
        }
    }
    if news.is_empty() { Err(Refusal::Nothing) } else { Ok(Entry::DamageFound { copies: news }) }
}
