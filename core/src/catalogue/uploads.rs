//! Which files wait for the commit of their session.
//!
//! An index of the catalogue's own files, so that a commit costs what it publishes and not what the vault holds. It says
//! nothing that they do not say: it is not stored, does not count when catalogues are compared, and is found anew where
//! it is missing.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::file::{FileStanding, KnownFragment, KnownPack};
use crate::digest::{FragmentName, PackName, SessionId};

/// What one session uploaded.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    pub(super) packs: Vec<PackName>,
    pub(super) fragments: Vec<FragmentName>,
}

/// The index; none until it is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Uploads(Option<BTreeMap<SessionId, Waiting>>);

impl PartialEq for Uploads {
    fn eq(&self, _: &Uploads) -> bool {
        true
    }
}

impl Eq for Uploads {}

impl Uploads {
    pub(super) fn add_pack(&mut self, session: SessionId, pack: PackName) {
        if let Some(waiting) = &mut self.0 {
            waiting.entry(session).or_default().packs.push(pack);
        }
    }

    pub(super) fn add_fragment(&mut self, session: SessionId, fragment: FragmentName) {
        if let Some(waiting) = &mut self.0 {
            waiting.entry(session).or_default().fragments.push(fragment);
        }
    }

    /// Files changed hands: the next question looks at all of them.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// What a session uploaded, which then waits no more.
    pub(super) fn take(
        &mut self,
        session: SessionId,
        packs: &BTreeMap<PackName, KnownPack>,
        fragments: &BTreeMap<FragmentName, KnownFragment>,
    ) -> Waiting {
        let waiting = self.0.get_or_insert_with(|| {
            let mut found: BTreeMap<SessionId, Waiting> = BTreeMap::new();
            for (name, known) in packs.iter().filter(|(_, known)| known.standing == FileStanding::Uploaded) {
                found.entry(known.session).or_default().packs.push(*name);
            }
            for (name, known) in
                fragments.iter().filter(|(_, known)| known.standing == FileStanding::Uploaded)
            {
                found.entry(known.session).or_default().fragments.push(*name);
            }
            found
        });
        waiting.remove(&session).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use super::*;
    use crate::time::Instant;
    use crate::vault::record::{Entry, PackEntry};

    const ONE: SessionId = SessionId::from_bytes([1; 16]);
    const OTHER: SessionId = SessionId::from_bytes([2; 16]);
    const NOW: Instant = Instant::from_unix_milliseconds(0);

    fn pack(number: u8) -> PackEntry {
        PackEntry {
            name: PackName::from_bytes([number; 32]),
            file_bytes: 1,
            holds_pages: false,
            blob_count: 1,
        }
    }

    fn begun(session: SessionId) -> Entry {
        let (host, purpose) = Default::default();
        Entry::Begun { session, host, host_time: NOW, purpose, parents: Vec::new() }
    }

    fn progressed(session: SessionId, packs: &[u8]) -> Entry {
        let packs = packs.iter().map(|number| pack(*number)).collect();
        Entry::Progressed { session, packs, fragments: Vec::new() }
    }

    fn committed(session: SessionId, packs: &[u8]) -> Entry {
        let packs = packs.iter().map(|number| pack(*number)).collect();
        Entry::Committed { session, host_time: NOW, packs, fragments: Vec::new(), points: Vec::new() }
    }

    fn live(catalogue: &Catalogue) -> Vec<u8> {
        let live = catalogue.packs.iter().filter(|(_, known)| known.standing == FileStanding::Live);
        live.map(|(name, _)| name.as_bytes()[0]).collect()
    }

    #[test]
    fn a_commit_publishes_what_its_session_uploaded_and_nothing_else() {
        let mut catalogue = Catalogue::default();
        let entries = [
            begun(ONE),
            begun(OTHER),
            progressed(ONE, &[1]),
            progressed(OTHER, &[2]),
            committed(ONE, &[3]),
            progressed(OTHER, &[4]),
        ];
        (1..).zip(&entries).for_each(|(number, entry)| catalogue.apply_entry(number, entry));
        assert_eq!(live(&catalogue), [1, 3]);
        catalogue.apply_entry(7, &committed(OTHER, &[]));
        assert_eq!(live(&catalogue), [1, 2, 3, 4]);
    }

    #[test]
    fn a_catalogue_read_back_publishes_what_was_uploaded_before() {
        let mut catalogue = Catalogue::default();
        (1..)
            .zip(&[begun(ONE), committed(ONE, &[9]), begun(OTHER), progressed(OTHER, &[2])])
            .for_each(|(number, entry)| catalogue.apply_entry(number, entry));
        let stored = postcard::to_allocvec(&catalogue).unwrap();
        let mut read_back: Catalogue = postcard::from_bytes(&stored).unwrap();
        assert_eq!(read_back, catalogue);
        for catalogue in [&mut catalogue, &mut read_back] {
            catalogue.apply_entry(5, &committed(OTHER, &[]));
            assert_eq!(live(catalogue), [2, 9]);
        }
    }

    #[test]
    fn adopted_packs_are_published_by_who_adopted_them() {
        let mut catalogue = Catalogue::default();
        let adopted = Entry::Adopted { session: OTHER, from: ONE, packs: [pack(1).name].into() };
        (1..)
            .zip(&[
                begun(OTHER),
                committed(OTHER, &[]),
                begun(ONE),
                progressed(ONE, &[1]),
                begun(OTHER),
                adopted,
            ])
            .for_each(|(number, entry)| catalogue.apply_entry(number, entry));
        catalogue.apply_entry(9, &committed(OTHER, &[]));
        assert_eq!(live(&catalogue), [1]);
    }
}
