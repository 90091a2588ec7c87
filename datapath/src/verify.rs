//! Verifying a vault: what is there, what is whole, and what damage means.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use vhault_core::catalogue::Catalogue;
use vhault_core::digest::{FragmentName, PackName, VaultId};
use vhault_core::vault::blob::BlobId;
use vhault_core::vault::point::ByteRange;
use vhault_core::vault::record::{PackEntry, RECORD_BYTES_MAX, RecordHead, decode_record_head};
use vhault_core::vault::stream::Stream;
use vhault_core::vault::tree::visit_leaves;

use crate::monitor::{Event, Monitor};
use crate::pipeline::spread;
use crate::vault::blobs::BlobReader;
use crate::vault::open::read_settings;
use crate::vault::store::{Name, Store};
use crate::vault::table::Found;
use crate::vault::{Vault, VaultError};

/// Bytes of a pack hashed at once.
const WINDOW_BYTES: usize = 256 << 10;

/// How deep to look. Each level includes the ones before, but packs, which needs no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Records, fragments, and that every pack is there with its length.
    Structure,
    /// Every pack and fragment by its name, without any key.
    Packs,
    /// Every blob decrypted, decoded and hashed again.
    Chunks,
    /// Every disk of every point: its pages lead to chunks that were proven.
    Images,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The file of the vault.
    pub file: String,
    /// What is wrong, in words.
    pub what: String,
}

/// A disk of a point that damage touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The point.
    pub point: String,
    /// Its VM.
    pub vm: String,
    /// The disk's label.
    pub disk: String,
    /// Bytes of the disk that cannot be restored.
    pub ranges: Vec<ByteRange>,
}

/// What a verify found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How deep it looked.
    pub level: Level,
    /// Log records read.
    pub records: u64,
    /// Packs looked at.
    pub packs: u64,
    /// Table fragments looked at.
    pub fragments: u64,
    /// Blobs decoded and hashed.
    pub blobs: u64,
    /// Disks walked, counting each disk of each point.
    pub disks: u64,
    /// Bytes read from the vault.
    pub read_bytes: u64,
    /// Everything that is not as it must be.
    pub damage: Vec<Damage>,
    /// What that means for recovery points.
    pub affected: Vec<Affected>,
}

impl Verified {
    fn new(level: Level) -> Verified {
        Verified {
            level,
            records: 0,
            packs: 0,
            fragments: 0,
            blobs: 0,
            disks: 0,
            read_bytes: 0,
            damage: Vec::new(),
            affected: Vec::new(),
        }
    }

    /// Whether everything looked at is as it must be.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.affected.is_empty()
    }
}

/// Hashes every pack and fragment that the log names, without any key.
///
/// # Errors
///
/// [`VaultError`] when the settings or a record cannot be read at all.
pub fn verify_packs(
    store: &dyn Store,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<Verified, VaultError> {
    let settings = read_settings(store)?;
    let mut verified = Verified::new(Level::Packs);
    let mut packs: BTreeSet<PackName> = BTreeSet::new();
    let mut fragments: BTreeSet<FragmentName> = BTreeSet::new();
    verified.records = walk_log(store, settings.vault, &mut |head| {
        packs.extend(&head.packs_added);
        for pack in &head.packs_removed {
            packs.remove(pack);
        }
        fragments.extend(&head.fragments_added);
        for fragment in &head.fragments_removed {
            fragments.remove(fragment);
        }
    })?;
    verified.packs = packs.len() as u64;
    verified.fragments = fragments.len() as u64;
    let files: Vec<(Name, [u8; 32])> = packs
        .iter()
        .map(|pack| (Name::pack(*pack), *pack.as_bytes()))
        .chain(fragments.iter().map(|name| (Name::fragment(*name), *name.as_bytes())))
        .collect();
    let mut total_bytes = 0;
    for (name, _) in &files {
        total_bytes += store.size(name).map_err(VaultError::Store)?.unwrap_or(0);
    }
    monitor.hear(Event::Started { what: "hashing packs".into(), total_bytes });
    let found = Mutex::new(Vec::new());
    let done = spread(
        threads,
        |send| {
            for file in files {
                if !send(file) {
                    break;
                }
            }
            Ok::<(), VaultError>(())
        },
        || vec![0; WINDOW_BYTES],
        |window, (name, wanted)| {
            if let Some(what) = hash_file(store, &name, &wanted, window, monitor) {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push(Damage { file: name.to_string(), what });
            }
            Ok(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    verified.read_bytes = total_bytes;
    verified.damage = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    verified.damage.sort_by(|first, second| first.file.cmp(&second.file));
    Ok(verified)
}

/// Visits the clear part of every record from the first on, checks numbers and chain, and returns the last number.
fn walk_log(
    store: &dyn Store,
    vault: VaultId,
    visit: &mut dyn FnMut(&RecordHead),
) -> Result<u64, VaultError> {
    let mut previous = [0; 32];
    let mut number = 1;
    loop {
        let Some(file) = store.read(&Name::record(number), RECORD_BYTES_MAX).map_err(VaultError::Store)?
        else {
            if number == 1 {
                return Err(VaultError::NoLog { place: store.place() });
            }
            return Ok(number - 1);
        };
        let (states, head, hash) =
            decode_record_head(&file, vault).map_err(|source| VaultError::Record { number, source })?;
        if states != number {
            return Err(VaultError::Misnamed { name: Name::record(number).to_string(), states });
        }
        if head.previous != previous {
            return Err(VaultError::BrokenChain { number });
        }
        visit(&head);
        previous = *hash.as_bytes();
        number += 1;
    }
}

fn hash_file(
    store: &dyn Store,
    name: &Name,
    wanted: &[u8; 32],
    window: &mut [u8],
    monitor: &dyn Monitor,
) -> Option<String> {
    let length = match store.size(name) {
        Ok(Some(length)) => length,
        Ok(None) => return Some("it is missing".into()),
        Err(error) => return Some(chain(&error)),
    };
    let mut hasher = blake3::Hasher::new();
    let mut at = 0;
    while at < length {
        let piece = usize::try_from(length - at).unwrap_or(WINDOW_BYTES).min(WINDOW_BYTES);
        match store.read_at(name, at, &mut window[..piece]) {
            Ok(true) => hasher.update(&window[..piece]),
            Ok(false) => return Some("it is missing".into()),
            Err(error) => return Some(chain(&error)),
        };
        at += piece as u64;
        monitor.hear(Event::Advanced { bytes: piece as u64 });
    }
    (hasher.finalize().as_bytes() != wanted).then(|| "its bytes do not hash to its name".into())
}

/// Verifies an open vault at `level`, which is not [`Level::Packs`].
///
/// # Errors
///
/// [`VaultError`] when storage fails in a way that is not damage.
pub fn verify(
    vault: &Vault,
    level: Level,
    threads: usize,
    monitor: &dyn Monitor,
) -> Result<Verified, VaultError> {
    let mut verified = Verified::new(level);
    let catalogue = vault.head().catalogue.clone();
    verified.records = catalogue.head_number;
    structure(vault, &catalogue, &mut verified)?;
    let mut lost = BTreeSet::new();
    if matches!(level, Level::Chunks | Level::Images) {
        lost = blobs(vault, &catalogue, threads, monitor, &mut verified)?;
    }
    // Structure alone reads every page; deeper levels also know which chunks are lost.
    walk_points(vault, &catalogue, &lost, monitor, &mut verified)?;
    Ok(verified)
}

fn structure(vault: &Vault, catalogue: &Catalogue, verified: &mut Verified) -> Result<(), VaultError> {
    if let Some(what) = vault.rollback() {
        let file = Name::record(catalogue.head_number).to_string();
        verified.damage.push(Damage { file, what: what.into() });
    }
    // A checkpoint spares an opening the older records; they must be there all the same.
    match walk_log(vault.store(), vault.settings().vault, &mut |_| ()) {
        Ok(last) if last < catalogue.head_number => verified.damage.push(Damage {
            file: Name::record(last + 1).to_string(),
            what: "it is missing, though later records are known".into(),
        }),
        Ok(_) => {}
        Err(error) => verified.damage.push(Damage { file: "log".into(), what: chain(&error) }),
    }
    for pack in catalogue.live_packs() {
        verified.packs += 1;
        let name = Name::pack(pack.entry.name);
        let what = match vault.store().size(&name).map_err(VaultError::Store)? {
            None => "it is missing".to_string(),
            Some(bytes) if bytes != pack.entry.file_bytes => {
                format!("it is {bytes} bytes long where the log says {}", pack.entry.file_bytes)
            }
            Some(_) => continue,
        };
        verified.damage.push(Damage { file: name.to_string(), what });
    }
    for fragment in catalogue.live_fragments() {
        verified.fragments += 1;
        // The vault's own file, not this host's copy of it.
        match vault.decode_fragment(fragment.entry.name) {
            Ok(_) => verified.read_bytes += fragment.entry.file_bytes,
            Err(error) => verified
                .damage
                .push(Damage { file: Name::fragment(fragment.entry.name).to_string(), what: chain(&error) }),
        }
    }
    // What is lost was told above.
    vault.load_table(&mut |_| Ok(()))
}

/// Decodes and hashes every blob of every committed pack, by the pack's own index, and returns those that are lost.
fn blobs(
    vault: &Vault,
    catalogue: &Catalogue,
    threads: usize,
    monitor: &dyn Monitor,
    verified: &mut Verified,
) -> Result<BTreeSet<BlobId>, VaultError> {
    let committed = || catalogue.live_packs().filter(|pack| !catalogue.sessions.contains_key(&pack.session));
    let total_bytes = committed().map(|pack| pack.entry.file_bytes).sum();
    monitor.hear(Event::Started { what: "verifying chunks".into(), total_bytes });
    let checked = Checked::default();
    let done = spread(
        threads,
        |send| {
            for pack in committed() {
                if !send(pack.entry) {
                    break;
                }
            }
            Ok::<(), VaultError>(())
        },
        || BlobReader::new(vault),
        |reader, pack| {
            check_pack(vault, reader, pack, &checked, monitor);
            Ok(())
        },
    );
    monitor.hear(Event::Finished);
    done?;
    verified.read_bytes += total_bytes;
    verified.blobs = checked.blobs.into_inner();
    let mut damage = checked.damage.into_inner().unwrap_or_else(PoisonError::into_inner);
    damage.sort_by(|first, second| first.file.cmp(&second.file));
    // A pack whose length is wrong was told already; what it lost is told blob by blob.
    verified.damage.extend(damage);
    Ok(checked.lost.into_inner().unwrap_or_else(PoisonError::into_inner))
}

#[derive(Default)]
struct Checked {
    blobs: AtomicU64,
    damage: Mutex<Vec<Damage>>,
    lost: Mutex<BTreeSet<BlobId>>,
}

fn check_pack(
    vault: &Vault,
    reader: &mut BlobReader<'_>,
    pack: PackEntry,
    checked: &Checked,
    monitor: &dyn Monitor,
) {
    let damaged = |what: String| {
        let damage = Damage { file: Name::pack(pack.name).to_string(), what };
        checked.damage.lock().unwrap_or_else(PoisonError::into_inner).push(damage);
    };
    let places = match reader.index(pack.name, pack.file_bytes) {
        Ok(places) => places,
        Err(error) => {
            damaged(format!("its index cannot be used: {}", chain(&error)));
            let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
            table.all().filter(|found| found.pack == pack.name).map(|found| found.place).collect()
        }
    };
    let mut reached = 0;
    for place in places {
        let found = Found { place, pack: pack.name };
        checked.blobs.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = reader.read(&found) {
            damaged(chain(&error));
            let current = vault.table().read().unwrap_or_else(PoisonError::into_inner).find(&place.id);
            // A newer copy in another pack is what a restore takes.
            if current.is_none_or(|current| current.pack == pack.name) {
                checked.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(place.id);
            }
        }
        monitor.hear(Event::Advanced { bytes: place.end().saturating_sub(reached) });
        reached = place.end();
    }
    monitor.hear(Event::Advanced { bytes: pack.file_bytes.saturating_sub(reached) });
}

/// Walks the pages of every disk of every live point and names what cannot be restored.
fn walk_points(
    vault: &Vault,
    catalogue: &Catalogue,
    lost: &BTreeSet<BlobId>,
    monitor: &dyn Monitor,
    verified: &mut Verified,
) -> Result<(), VaultError> {
    let mut reader = BlobReader::new(vault);
    let points: Vec<_> = catalogue.live_points().collect();
    monitor.hear(Event::Started { what: "walking recovery points".into(), total_bytes: points.len() as u64 });
    // A stream walked once need not be walked again: the same root leads to the same chunks.
    let mut walked: BTreeMap<(Option<vhault_core::digest::PageId>, u64), Vec<ByteRange>> = BTreeMap::new();
    for kept in points {
        for disk in &kept.point.disks {
            verified.disks += 1;
            for (part, stream) in [
                ("", disk.content),
                (" (container layout)", disk.container.layout),
                (" (container literals)", disk.container.literals),
            ] {
                let key = (stream.root, stream.length.get());
                let ranges = match walked.entry(key) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(holes_of(vault, &mut reader, stream, lost)?),
                };
                if !ranges.is_empty() {
                    verified.affected.push(Affected {
                        point: kept.point.id.to_string(),
                        vm: kept.point.vm.clone(),
                        disk: format!("{}{part}", disk.label),
                        ranges: ranges.clone(),
                    });
                }
            }
        }
        monitor.hear(Event::Advanced { bytes: 1 });
    }
    monitor.hear(Event::Finished);
    Ok(())
}

fn holes_of(
    vault: &Vault,
    reader: &mut BlobReader<'_>,
    stream: Stream,
    lost: &BTreeSet<BlobId>,
) -> Result<Vec<ByteRange>, VaultError> {
    let grid = vault.grid();
    let size = stream.length.get();
    let holes = RefCell::new(Vec::<ByteRange>::new());
    let add = |first_chunk: u64, chunks: u64| {
        let start = (first_chunk << grid.chunk_log2).min(size);
        let end = (first_chunk.saturating_add(chunks) << grid.chunk_log2).min(size);
        let mut holes = holes.borrow_mut();
        match holes.last_mut() {
            Some(last) if last.offset + last.length == start => last.length += end - start,
            _ => holes.push(ByteRange { offset: start, length: end - start }),
        }
    };
    visit_leaves::<_, VaultError>(
        reader,
        grid,
        stream,
        &mut |first_chunk, chunks| {
            let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
            for (chunk, id) in (first_chunk..).zip(chunks) {
                let Some(id) = id else { continue };
                let id = BlobId::from(id);
                if lost.contains(&id) || table.find(&id).is_none() {
                    add(chunk, 1);
                }
            }
            Ok(())
        },
        &mut |page, _| {
            add(page.first_chunk, page.chunk_count);
            Ok(())
        },
    )?;
    Ok(holes.into_inner())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut deeper = error.source();
    while let Some(cause) = deeper {
        text = format!("{text}: {cause}");
        deeper = cause.source();
    }
    text
}
