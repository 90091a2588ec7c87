//! The mark on a real chunk table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use vhault_core::digest::{FragmentName, PackName, PageId, PointId};
use vhault_core::protocol::{EntryIndex, Ground, Mark, PackUse};
use vhault_core::vault::blob::BlobId;
use vhault_core::vault::page::Page;
use vhault_core::vault::tree::Pages;

use crate::monitor::{Event, Monitor};
use crate::vault::blobs::BlobReader;
use crate::vault::relied::streams_of;
use crate::vault::{Vault, VaultError};

/// A mark, and what it covers.
pub(crate) struct Marked {
    pub(crate) mark: Mark,
    /// The newest record whose points it visited.
    pub(crate) covers: u64,
    /// The newest record that condemned or named damage when it began.
    pub(crate) began_after: u64,
    /// Entries of the table it looked at.
    pub(crate) entries: u64,
    names: Vec<FragmentName>,
    walked: BTreeSet<PointId>,
}

/// The chunk table of a vault, with a reader for the pages it finds. It takes the table as it is.
pub(crate) struct OnTable<'a> {
    vault: &'a Vault,
    reader: BlobReader<'a>,
}

impl<'a> OnTable<'a> {
    /// On the table of `vault`, which must be loaded.
    pub(crate) fn new(vault: &'a Vault) -> OnTable<'a> {
        OnTable { vault, reader: BlobReader::hasty(vault) }
    }
}

impl Pages for OnTable<'_> {
    type Error = VaultError;

    fn page(&mut self, id: PageId, level: u8) -> Result<Page, VaultError> {
        self.reader.page(id, level)
    }
}

impl Ground for OnTable<'_> {
    fn locate(&mut self, id: &BlobId) -> Option<EntryIndex> {
        self.vault.table().read().unwrap_or_else(PoisonError::into_inner).locate(id)
    }
}

impl Marked {
    /// Marks what all points that `is_root` takes need.
    ///
    /// # Errors
    ///
    /// A record or table fragment that cannot be read; storage that failed. A page that cannot be had is counted.
    pub(crate) fn all(
        vault: &Vault,
        is_root: &dyn Fn(PointId) -> bool,
        monitor: &dyn Monitor,
    ) -> Result<Marked, VaultError> {
        vault.refresh()?;
        vault.load_table_proven()?;
        let mut marked = Marked {
            mark: Mark::default(),
            covers: 0,
            began_after: vault.head().catalogue.last_condemned,
            entries: 0,
            names: Vec::new(),
            walked: BTreeSet::new(),
        };
        let points = vault.head().catalogue.points.len() as u64;
        monitor.hear(Event::Started { what: "marking what points need".into(), total_bytes: points });
        marked.visit(vault, is_root, monitor);
        monitor.hear(Event::Finished);
        Ok(marked)
    }

    /// Marks what came since; `false` where that is not enough and the mark must begin anew.
    ///
    /// # Errors
    ///
    /// As [`Marked::all`].
    pub(crate) fn extend(&mut self, vault: &Vault) -> Result<bool, VaultError> {
        vault.refresh()?;
        vault.load_table(&mut Err)?;
        if vault.head().catalogue.last_condemned != self.began_after {
            return Ok(false);
        }
        self.visit(vault, &|_| true, &crate::monitor::Silent);
        Ok(true)
    }

    fn visit(&mut self, vault: &Vault, is_root: &dyn Fn(PointId) -> bool, monitor: &dyn Monitor) {
        self.align(vault);
        let catalogue = vault.head().catalogue.clone();
        let mut ground = OnTable::new(vault);
        for kept in &catalogue.points {
            if is_root(kept.point.id) && self.walked.insert(kept.point.id) {
                for stream in streams_of(&kept.point) {
                    self.mark.walk(&mut ground, vault.grid(), stream);
                }
            }
            monitor.hear(Event::Advanced { bytes: 1 });
        }
        self.covers = catalogue.head_number;
    }

    /// Puts the mark's bits where the table's fragments stand now.
    fn align(&mut self, vault: &Vault) {
        let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
        let names = table.fragment_names();
        let places: Vec<(Option<usize>, usize)> = names
            .iter()
            .zip(table.fragment_entries())
            .map(|(name, entries)| (self.names.iter().position(|known| known == name), entries))
            .collect();
        self.mark = self.mark.rearranged(&places);
        self.names = names;
        self.entries = table.entry_count();
    }

    /// What points need of each pack.
    pub(crate) fn usage(&self, vault: &Vault) -> BTreeMap<PackName, PackUse> {
        self.left(vault, &BTreeSet::new())
    }

    /// What points need of each pack and was not moved to one of `moved`.
    pub(crate) fn left(&self, vault: &Vault, moved: &BTreeSet<PackName>) -> BTreeMap<PackName, PackUse> {
        let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
        let mut usage: BTreeMap<PackName, PackUse> = BTreeMap::new();
        for (index, found) in table.all().filter(|(index, _)| self.mark.holds(*index)) {
            let is_moved = || table.find(&found.place.id).is_some_and(|now| moved.contains(&now.pack));
            if table.at(index).is_none() || (!moved.is_empty() && is_moved()) {
                continue;
            }
            let used = usage.entry(found.pack).or_default();
            used.live_blobs += 1;
            used.live_bytes += u64::from(found.place.boxed_bytes);
            let damaged = table.damage().get(&found.pack);
            used.is_damaged |= damaged.is_some_and(|blobs| blobs.contains(&found.place.id));
        }
        usage
    }

    /// Whether points need the copy of `id` in `pack`.
    pub(crate) fn needs(&self, vault: &Vault, pack: PackName, id: &BlobId) -> bool {
        let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
        let Some(index) = table.locate(id) else { return false };
        self.mark.holds(index) && table.at(index).is_some_and(|found| found.pack == pack)
    }
}
