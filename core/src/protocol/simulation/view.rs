//! What one host knows: the log up to some record, and the fragments it names.

use core::fmt;
use std::vec::Vec;

use super::super::mark::{EntryIndex, Ground};
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::Violation;
use super::world::World;
use crate::catalogue::Catalogue;
use crate::digest::{PackName, PageId};
use crate::vault::blob::BlobId;
use crate::vault::page::Page;
use crate::vault::tree::Pages;

/// What became of a try to append.
#[derive(Debug)]
pub(super) enum Tried {
    /// The record exists.
    Done,
    /// Somebody was faster: read on and try again.
    Lost,
    /// The machine says no.
    Refused(Refusal),
}

#[derive(Clone, Default)]
pub(super) struct View {
    pub(super) catalogue: Catalogue,
}

/// The log says the rest.
impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "up to {}", self.catalogue.head_number)
    }
}

impl View {
    /// Reads the log to its head.
    pub(super) fn refresh(&mut self, world: &World) {
        let read = usize::try_from(self.catalogue.head_number).expect("a short log");
        for record in &world.log[read..] {
            self.catalogue.apply(record);
        }
    }

    /// One create of the next record, on what is known; what others wrote is read in afterwards.
    pub(super) fn append(&mut self, world: &mut World, request: Request) -> Result<Tried, Violation> {
        let tried = match world.append(&self.catalogue, request)? {
            Ok(Some(_)) => Tried::Done,
            Ok(None) => Tried::Lost,
            Err(refusal) => Tried::Refused(refusal),
        };
        self.refresh(world);
        Ok(tried)
    }

    /// Every copy of a blob that this host knows of, as a chunk table gives them. `None` when a fragment is gone: a
    /// sweep merged it since, and the log has to be read on.
    pub(super) fn copies(&self, world: &World, id: &BlobId) -> Option<Vec<(EntryIndex, PackName)>> {
        let mut copies = Vec::new();
        for (fragment, known) in self.catalogue.live_fragments().iter().enumerate().rev() {
            let file = world.fragments.get(&known.entry.name)?;
            for (entry, (held, pack)) in file.entries.iter().enumerate() {
                if held == id && self.catalogue.is_live(pack) {
                    copies.push((EntryIndex { fragment, entry }, *pack));
                }
            }
        }
        copies.sort_by_key(|(_, pack)| self.is_damaged(pack, id));
        Some(copies)
    }

    pub(super) fn is_damaged(&self, pack: &PackName, id: &BlobId) -> bool {
        self.catalogue.damaged.get(pack).is_some_and(|blobs| blobs.contains(id))
    }

    /// The pack of an undamaged copy.
    pub(super) fn find_sound(&self, world: &World, id: &BlobId) -> Option<PackName> {
        let copies = self.copies(world, id)?;
        copies.first().map(|(_, pack)| *pack).filter(|pack| !self.is_damaged(pack, id))
    }

    pub(super) fn on<'a>(&'a self, world: &'a World) -> OnWorld<'a> {
        OnWorld { view: self, world }
    }
}

/// A mark's ground.
pub(super) struct OnWorld<'a> {
    view: &'a View,
    world: &'a World,
}

impl Pages for OnWorld<'_> {
    type Error = ();

    fn page(&mut self, id: PageId, _level: u8) -> Result<Page, ()> {
        let copies = self.view.copies(self.world, &id.into()).ok_or(())?;
        if !copies.iter().any(|(_, pack)| self.world.can_read(pack, &id.into())) {
            return Err(());
        }
        let chunks = self.world.pages.get(&id).ok_or(())?;
        Ok(Page::Leaf(chunks.iter().map(|chunk| Some(*chunk)).collect()))
    }
}

impl Ground for OnWorld<'_> {
    fn locate(&mut self, id: &BlobId) -> Option<EntryIndex> {
        self.view.copies(self.world, id)?.first().map(|(index, _)| *index)
    }
}
