//! A host that backs up one VM, again and again.

use alloc::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::String;
use std::vec::Vec;

use super::super::refusal::Refusal;
use super::super::request::Request;
use super::Violation;
use super::tape::Tape;
use super::view::{Tried, View};
use super::world::{GRID, World};
use crate::catalogue::FileStanding;
use crate::digest::{ChunkId, FragmentName, PackName, PageId, PointId, SessionId};
use crate::units::ByteCount;
use crate::vault::blob::{BlobId, ENTRY_BYTES};
use crate::vault::pack::PACK_HEAD_BYTES;
use crate::vault::point::{Consistency, Container, ContainerKind, Copied, Disk, PointState, RecoveryPoint};
use crate::vault::record::{FragmentEntry, PackEntry};
use crate::vault::seal::TAG_BYTES;
use crate::vault::stream::Stream;
use crate::vault::tail::TAIL_BYTES;

/// Chunks of a disk.
const DISK_CHUNKS: usize = 4;
/// Different contents of a chunk that there are, over all VMs.
const CONTENTS: u32 = 10;
/// Blobs of a full pack.
const PACK_BLOBS: usize = 2;
/// Bytes of a box.
pub(super) const BOX_BYTES: u64 = 1_000;

pub(super) fn chunk(content: u32) -> ChunkId {
    ChunkId::from_bytes(*blake3::hash(&content.to_le_bytes()).as_bytes())
}

pub(super) fn pack_entry(world: &World, name: PackName) -> PackEntry {
    // A fenced writer may name what is gone; the machine refuses it anyway.
    let count = world.packs.get(&name).map_or(1, |file| file.blobs.len() as u64);
    let apart = (PACK_HEAD_BYTES + TAG_BYTES + TAIL_BYTES) as u64;
    PackEntry {
        name,
        file_bytes: apart + count * (ENTRY_BYTES as u64 + BOX_BYTES),
        holds_pages: false,
        blob_count: u32::try_from(count).expect("small packs"),
    }
}

pub(super) fn fragment_entry(world: &World, name: FragmentName) -> FragmentEntry {
    FragmentEntry {
        name,
        file_bytes: 1,
        entry_count: world.fragments.get(&name).map_or(0, |file| file.entries.len() as u64),
    }
}

#[derive(Clone, Debug)]
pub(super) struct Writer {
    vm: String,
    view: View,
    copying: Option<Copying>,
}

/// A session at work.
#[derive(Clone, Debug)]
struct Copying {
    session: SessionId,
    base: Vec<ChunkId>,
    chunks: Vec<ChunkId>,
    page: PageId,
    todo: Vec<BlobId>,
    own: BTreeSet<BlobId>,
    relied: BTreeMap<BlobId, PackName>,
    kept: BTreeSet<BlobId>,
    /// What the next pack will hold.
    packing: BTreeSet<BlobId>,
    /// Packs that no record names yet.
    unnamed: Vec<PackName>,
    /// Entries that no fragment holds yet.
    entries: Vec<(BlobId, PackName)>,
    fragments: Vec<FragmentName>,
    may_adopt: bool,
}

impl Copying {
    fn seal_pack(&mut self, world: &mut World) {
        let blobs = std::mem::take(&mut self.packing);
        let pack = world.upload(self.session, blobs.clone());
        self.unnamed.push(pack);
        self.entries.extend(blobs.into_iter().map(|blob| (blob, pack)));
    }
}

impl Writer {
    pub(super) fn new(number: usize) -> Writer {
        Writer { vm: format!("vm{number}"), view: View::default(), copying: None }
    }

    pub(super) fn turn(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        if tape.once_in(50) {
            // The host dies; what it knew is gone.
            (self.copying, self.view) = (None, View::default());
            return Ok(());
        }
        self.turn_alive(world, tape)
    }

    /// Whether there is nothing in hand.
    pub(super) fn is_idle(&self) -> bool {
        self.copying.is_none()
    }

    /// The chunks of the disk that is being copied.
    pub(super) fn chunks(&self) -> &[ChunkId] {
        self.copying.as_ref().map_or(&[], |copying| &copying.chunks)
    }

    /// A turn in which the host does not die.
    pub(super) fn turn_alive(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        match self.copying.take() {
            None => self.begin(world, tape),
            Some(copying) => self.go_on(world, tape, copying),
        }
    }

    fn begin(&mut self, world: &mut World, tape: &mut Tape) -> Result<(), Violation> {
        self.view.refresh(world);
        let session = world.fresh_session();
        let parent = self.view.catalogue.latest(Some(&self.vm)).map(|kept| kept.point.id);
        let request = Request::Begin {
            session,
            host: self.vm.clone(),
            host_time: world.clock(),
            purpose: String::new(),
            parents: parent.into_iter().collect(),
        };
        if !matches!(self.view.append(world, request)?, Tried::Done) {
            return Ok(());
        }
        let standing = self.view.catalogue.sessions[&session].parents.first().copied();
        let base = standing.map_or_else(Vec::new, |parent| content_of(&self.view, world, parent));
        let mut chunks = base.clone();
        chunks.resize_with(DISK_CHUNKS, || chunk(tape.below(CONTENTS)));
        for _ in 0..tape.below(3) {
            let place = tape.index(DISK_CHUNKS);
            chunks[place] = chunk(tape.below(CONTENTS));
        }
        let bytes: Vec<u8> = chunks.iter().flat_map(|chunk| *chunk.as_bytes()).collect();
        let page = PageId::from_bytes(*blake3::hash(&bytes).as_bytes());
        world.pages.insert(page, chunks.clone());
        let mut todo: Vec<BlobId> = alloc::vec![page.into()];
        todo.extend(chunks.iter().map(|chunk| BlobId::from(*chunk)));
        self.copying = Some(Copying {
            session,
            base,
            chunks,
            page,
            todo,
            own: BTreeSet::new(),
            relied: BTreeMap::new(),
            kept: BTreeSet::new(),
            packing: BTreeSet::new(),
            unnamed: Vec::new(),
            entries: Vec::new(),
            fragments: Vec::new(),
            may_adopt: tape.once_in(2),
        });
        Ok(())
    }

    fn go_on(&mut self, world: &mut World, tape: &mut Tape, mut copying: Copying) -> Result<(), Violation> {
        if std::mem::take(&mut copying.may_adopt) {
            return self.adopt(world, copying);
        }
        if tape.once_in(40) {
            let request = Request::Abort { session: copying.session, reason: String::new() };
            if matches!(self.view.append(world, request)?, Tried::Lost) {
                self.copying = Some(copying);
            }
            return Ok(());
        }
        if !copying.unnamed.is_empty() && tape.once_in(4) {
            let packs = copying.unnamed.iter().map(|pack| pack_entry(world, *pack)).collect();
            let request = Request::Progress { session: copying.session, packs, fragments: Vec::new() };
            match self.view.append(world, request)? {
                Tried::Done => copying.unnamed.clear(),
                Tried::Lost => {}
                Tried::Refused(_) => return Ok(()),
            }
            self.copying = Some(copying);
            return Ok(());
        }
        if let Some(blob) = copying.todo.pop() {
            self.store(world, &mut copying, blob);
            self.copying = Some(copying);
            return Ok(());
        }
        if !copying.packing.is_empty() {
            copying.seal_pack(world);
            self.copying = Some(copying);
            return Ok(());
        }
        if !copying.entries.is_empty() {
            let entries = std::mem::take(&mut copying.entries);
            copying.fragments.push(world.upload_fragment(entries));
            self.copying = Some(copying);
            return Ok(());
        }
        self.commit(world, copying)
    }

    /// Takes over what an ended session uploaded.
    fn adopt(&mut self, world: &mut World, mut copying: Copying) -> Result<(), Violation> {
        let ended = self.view.catalogue.packs.values().find(|known| {
            let session = self.view.catalogue.sessions.get(&known.session);
            known.standing == FileStanding::Uploaded
                && session.is_some_and(|session| session.standing.has_ended())
        });
        let Some(from) = ended.map(|known| known.session) else {
            self.copying = Some(copying);
            return Ok(());
        };
        let packs = self.view.catalogue.packs.values();
        let packs: Vec<PackName> = packs
            .filter(|known| known.session == from && known.standing == FileStanding::Uploaded)
            .map(|known| known.entry.name)
            .collect();
        let request = Request::Adopt { session: copying.session, from, packs: packs.clone() };
        if matches!(self.view.append(world, request)?, Tried::Done) {
            for pack in packs {
                let Some(file) = world.packs.get(&pack) else {
                    return Err(format!("pack {pack} was adopted and is not there"));
                };
                for blob in file.blobs.difference(&file.rotten) {
                    if copying.own.insert(*blob) {
                        copying.entries.push((*blob, pack));
                    }
                }
            }
        }
        self.copying = Some(copying);
        Ok(())
    }

    fn store(&mut self, world: &mut World, copying: &mut Copying, blob: BlobId) {
        if copying.own.contains(&blob) {
            return;
        }
        let in_base = blob.chunk().is_some_and(|chunk| {
            let mut pairs = copying.base.iter().zip(&copying.chunks);
            pairs.any(|(before, now)| before == now && *now == chunk)
        });
        let found = self.view.find_sound(world, &blob);
        // Where nothing is known to be damaged the base is not looked up: it is a root.
        if in_base && (self.view.catalogue.damaged.is_empty() || found.is_some()) {
            copying.kept.insert(blob);
        } else if let Some(pack) = found {
            copying.relied.insert(blob, pack);
        } else {
            copying.own.insert(blob);
            copying.packing.insert(blob);
            if copying.packing.len() >= PACK_BLOBS {
                copying.seal_pack(world);
            }
        }
    }

    fn commit(&mut self, world: &mut World, mut copying: Copying) -> Result<(), Violation> {
        let point = point(world, &self.vm, copying.page);
        let request = Request::Commit {
            session: copying.session,
            host_time: world.clock(),
            packs: copying.unnamed.iter().map(|pack| pack_entry(world, *pack)).collect(),
            fragments: copying.fragments.iter().map(|name| fragment_entry(world, *name)).collect(),
            points: alloc::vec![point],
            relied: copying.relied.values().copied().collect(),
        };
        match self.view.append(world, request)? {
            Tried::Done => return Ok(()),
            Tried::Lost => {}
            Tried::Refused(Refusal::ReliedCondemned { .. }) => {
                // Looked up anew; what is gone is copied again.
                for blob in copying.relied.keys().chain(&copying.kept).copied().collect::<BTreeSet<BlobId>>()
                {
                    match self.view.find_sound(world, &blob) {
                        Some(pack) => {
                            copying.relied.insert(blob, pack);
                        }
                        None => {
                            world.count("recopied");
                            copying.relied.remove(&blob);
                            copying.kept.remove(&blob);
                            copying.todo.push(blob);
                        }
                    }
                }
            }
            Tried::Refused(_) => return Ok(()),
        }
        self.copying = Some(copying);
        Ok(())
    }
}

fn content_of(view: &View, world: &World, point: PointId) -> Vec<ChunkId> {
    let kept = view.catalogue.points.iter().find(|kept| kept.point.id == point);
    let root = kept.and_then(|kept| kept.point.disks.first()).and_then(|disk| disk.content.root);
    root.map_or_else(Vec::new, |root| world.pages[&root].clone())
}

fn point(world: &mut World, vm: &str, page: PageId) -> RecoveryPoint {
    let length = ByteCount::new((DISK_CHUNKS << GRID.chunk_log2) as u64);
    let container = Container {
        kind: ContainerKind::Raw,
        file_name: String::new(),
        file_bytes: length,
        unique_id: None,
        parent_id: None,
        layout: Stream::EMPTY,
        literals: Stream::EMPTY,
    };
    RecoveryPoint {
        id: world.fresh_point(),
        vm: vm.into(),
        host_time: world.clock(),
        took: crate::time::Span::default(),
        host: vm.into(),
        consistency: Consistency::Crash,
        state: PointState::Whole,
        disks: alloc::vec![Disk {
            label: "0".into(),
            content: Stream { root: Some(page), length },
            container,
            sources: Vec::new(),
            base: None,
            unreadable: Vec::new(),
            not_copied: Vec::new(),
            copied: Copied::default(),
        }],
    }
}
