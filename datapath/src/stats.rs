//! What a vault holds, for whom, and what would be freed.
//!
//! Reads the log, the chunk table and the manifest pages, and no chunk.
//! Memory: four bytes for each entry of the table, a number for each page, and
//! a line for each point.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use vhault_core::catalogue::PointStanding;
use vhault_core::protocol::{Owner, Ownership, SweepRules};
use vhault_core::time::Instant;
use vhault_core::vault::blob::BlobKind;

use crate::monitor::{Event, Monitor, Silent};
use crate::sweep::{OnTable, SweepRequest, sweep};
use crate::vault::relied::streams_of;
use crate::vault::{Vault, VaultError};

/// What one point holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointStats {
    /// Its id.
    pub point: String,
    /// Its VM.
    pub vm: String,
    /// When it was made, by its host's clock.
    #[serde(skip)]
    pub made: Instant,
    /// It is hidden and waits to be purged.
    pub forgotten: bool,
    /// Size of its disks.
    pub size_bytes: u64,
    /// What of it is data, in whole chunks.
    pub data_bytes: u64,
    /// What only this point needs, as stored: it would be freed were this point alone to go.
    pub unique_bytes: u64,
}

/// What the points of one VM hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VmStats {
    /// Its name.
    pub vm: String,
    /// How many points.
    pub points: u64,
    /// Data of all its points, in whole chunks.
    pub data_bytes: u64,
    /// What only this VM's points need, as stored: it would be freed were they all to go.
    pub unique_bytes: u64,
}

/// What a vault holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// The newest record, as `NUMBER:HASH`.
    pub head: String,
    /// Data of all points, in whole chunks, each chunk as often as a point names it.
    pub data_bytes: u64,
    /// Chunks that differ and that points need.
    pub chunks: u64,
    /// Their bytes before compression.
    pub chunk_bytes: u64,
    /// Their bytes as stored.
    pub chunk_stored_bytes: u64,
    /// Manifest pages that points need.
    pub pages: u64,
    /// Their bytes as stored.
    pub page_stored_bytes: u64,
    /// What points of several VMs need, as stored.
    pub shared_bytes: u64,
    /// Packs that the log names.
    pub packs: u64,
    /// Their bytes.
    pub pack_bytes: u64,
    /// Table fragments.
    pub fragments: u64,
    /// Their bytes.
    pub fragment_bytes: u64,
    /// What a sweep now would free, without purging anything.
    pub sweep_frees_bytes: u64,
    /// Packs that it would delete or rewrite.
    pub sweep_packs: u64,
    /// In packs and needed by nobody, also where a sweep would not rewrite them yet.
    pub unneeded_bytes: u64,
    /// By VM, in order of name.
    pub vms: Vec<VmStats>,
    /// By point, in order of receipt.
    pub points: Vec<PointStats>,
    /// Pages and chunks that points need and that are lost.
    pub lost: u64,
    /// Manifest pages read for this.
    pub pages_read: u64,
    /// Entries of the chunk table looked at.
    pub entries: u64,
}

/// Looks at everything but chunks.
///
/// # Errors
///
/// A record or table fragment that cannot be read; storage that failed. What points need and is lost is counted.
pub fn stats(vault: &Vault, now: Instant, monitor: &dyn Monitor) -> Result<Stats, VaultError> {
    // First, since it reads the log on and fills the table; a mark that is not whole condemns nothing.
    let plan =
        SweepRequest { dry_run: true, rules: SweepRules::default(), fence_after: None, purge: None, now };
    let swept = match sweep(vault, &plan, &AtomicBool::new(false), &Silent) {
        Ok(swept) => Some(swept),
        Err(VaultError::Refused(_)) => None,
        Err(error) => return Err(error),
    };
    let catalogue = vault.head().catalogue.clone();
    let mut stats =
        Stats { head: format!("{}:{}", catalogue.head_number, catalogue.head()), ..Stats::default() };
    if let Some(swept) = swept {
        stats.sweep_frees_bytes = swept.freed_bytes();
        stats.sweep_packs = swept.packs.len() as u64;
    }

    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for kept in &catalogue.points {
        numbers.insert(&kept.point.vm, 0);
    }
    for (number, (vm, place)) in numbers.iter_mut().enumerate() {
        *place = number;
        stats.vms.push(VmStats { vm: (*vm).into(), ..VmStats::default() });
    }
    let vms: Vec<usize> = catalogue.points.iter().map(|kept| numbers[kept.point.vm.as_str()]).collect();
    let fragments = vault.table().read().unwrap_or_else(PoisonError::into_inner).fragment_entries();
    let mut owners = Ownership::new(vms.clone(), &fragments);
    let mut ground = OnTable::new(vault);
    let chunk_bytes = vault.grid().chunk_bytes() as u64;
    let total_bytes = catalogue.points.len() as u64;
    monitor.hear(Event::Started { what: "looking at what points need".into(), total_bytes });
    for (place, kept) in catalogue.points.iter().enumerate() {
        let mut chunks = 0;
        for stream in streams_of(&kept.point) {
            chunks += owners.walk(&mut ground, vault.grid(), stream, place);
        }
        let data_bytes = chunks * chunk_bytes;
        stats.data_bytes += data_bytes;
        let vm = &mut stats.vms[vms[place]];
        vm.points += 1;
        vm.data_bytes += data_bytes;
        stats.points.push(PointStats {
            point: kept.point.id.to_string(),
            vm: kept.point.vm.clone(),
            made: kept.point.host_time,
            forgotten: kept.standing != PointStanding::Live,
            size_bytes: kept.point.disks.iter().map(|disk| disk.content.length.get()).sum(),
            data_bytes,
            unique_bytes: 0,
        });
        monitor.hear(Event::Advanced { bytes: 1 });
    }
    monitor.hear(Event::Finished);
    (stats.pages_read, stats.lost) = (owners.pages(), owners.lost());
    add_up(vault, &owners, &vms, chunk_bytes, &mut stats);

    for pack in catalogue.live_packs() {
        stats.packs += 1;
        stats.pack_bytes += pack.entry.file_bytes;
    }
    for fragment in catalogue.live_fragments() {
        stats.fragments += 1;
        stats.fragment_bytes += fragment.entry.file_bytes;
    }
    Ok(stats)
}

/// Gives each stored blob to whoever needs it.
fn add_up(vault: &Vault, owners: &Ownership, vms: &[usize], chunk_bytes: u64, stats: &mut Stats) {
    let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
    stats.entries = table.entry_count();
    for (index, found) in table.all() {
        if table.at(index).is_none() {
            continue;
        }
        let stored = u64::from(found.place.boxed_bytes);
        match owners.of(index) {
            Owner::Nobody => {
                stats.unneeded_bytes += stored;
                continue;
            }
            Owner::Point(place) => {
                stats.points[place].unique_bytes += stored;
                stats.vms[vms[place]].unique_bytes += stored;
            }
            Owner::Vm(vm) => stats.vms[vm].unique_bytes += stored,
            Owner::Several => stats.shared_bytes += stored,
        }
        if found.place.id.kind == BlobKind::Chunk {
            stats.chunks += 1;
            stats.chunk_bytes += chunk_bytes;
            stats.chunk_stored_bytes += stored;
        } else {
            stats.pages += 1;
            stats.page_stored_bytes += stored;
        }
    }
}
