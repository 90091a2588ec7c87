//! Chains of random images against a model that has no blocks, runs or cursors: one look at every byte.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::testing::{change_footer, disk};
use super::{
    Allocation, BlockState, Chain, Comparison, Content, Finding, Holds, Image, ImageKind, Inspection,
    Leniency, NewKind, Piece,
};
use crate::extent::{Extent, ExtentSet};
use crate::read::{Bytes, ReadAt as _};
use crate::units::{BlockIndex, ByteCount};

const SECTOR: usize = 512;

/// An image as it is to be made.
#[derive(Clone, Debug)]
struct Plan {
    /// 0 for the newest image of the longest chain.
    age: u8,
    kind: NewKind,
    size: usize,
    block_bytes: usize,
    /// Which sectors it holds; those past its end are set in the bitmap all the same.
    held: Vec<bool>,
    /// Blocks that are stored though no sector of them is held.
    stored_empty: Vec<bool>,
    is_stored_backwards: bool,
}

impl Plan {
    fn holds(&self, byte: usize) -> bool {
        byte < self.size && (self.kind == NewKind::Fixed || self.held[byte / SECTOR])
    }

    /// What it has at a byte of the disk: never zero, and of this image alone.
    fn content(&self, byte: usize) -> u8 {
        let mixed = byte.wrapping_mul(31) ^ (byte / SECTOR) ^ (usize::from(self.age) << 5);
        u8::try_from(mixed % 255 + 1).unwrap()
    }

    /// Some sectors behind clear bits are zeroes, as they should be, and some are not.
    fn hides_zeroes(&self, byte: usize) -> bool {
        !self.held[byte / SECTOR] && (byte / SECTOR).is_multiple_of(3)
    }

    fn is_stored(&self, block: usize) -> bool {
        let sectors = self.block_bytes / SECTOR;
        let held = &self.held[block * sectors..(block + 1) * sectors];
        held.contains(&true) || self.stored_empty[block]
    }

    fn blocks(&self) -> usize {
        self.size.div_ceil(self.block_bytes)
    }

    fn file(&self) -> Vec<u8> {
        let parent = (self.kind == NewKind::Differencing).then_some(self.age + 2);
        let mut new = disk(self.kind, self.size as u64, self.age + 1, parent);
        new.block_bytes = u32::try_from(self.block_bytes).unwrap();
        let mut stored: Vec<usize> = (0..self.blocks()).filter(|block| self.is_stored(*block)).collect();
        if self.is_stored_backwards {
            stored.reverse();
        }
        if self.kind == NewKind::Fixed {
            stored.clear();
        }
        let plan = new.lay_out(stored.iter().map(|block| BlockIndex::new(*block as u64))).unwrap();
        let mut file = vec![0xee; usize::try_from(plan.file_size().get()).unwrap()];
        let mut put = |at: u64, bytes: &[u8]| {
            let at = usize::try_from(at).unwrap();
            file[at..at + bytes.len()].copy_from_slice(bytes);
        };
        for block in stored {
            let index = BlockIndex::new(block as u64);
            let sectors = self.block_bytes / SECTOR;
            let mut bitmap = plan.shape().unwrap().bitmap(false);
            for sector in 0..sectors {
                if self.held[block * sectors + sector] {
                    bitmap.set(u32::try_from(sector).unwrap());
                }
            }
            put(plan.bitmap_place(index).unwrap().get(), bitmap.bytes());
            let first = block * self.block_bytes;
            let data: Vec<u8> = (first..first + self.block_bytes)
                .map(|byte| if self.hides_zeroes(byte) { 0 } else { self.content(byte) })
                .collect();
            put(plan.block_data(index).unwrap().get(), &data);
        }
        if self.kind == NewKind::Fixed {
            let data: Vec<u8> = (0..self.size).map(|byte| self.content(byte)).collect();
            put(0, &data);
        }
        plan.pieces().iter().for_each(|(offset, bytes)| put(offset.get(), bytes));
        let past_disk = ByteCount::new(self.size as u64);
        if plan.size() != past_disk {
            // Another program's disk may end inside a sector.
            let footer = file.len() - SECTOR;
            change_footer(&mut file, footer, |footer| footer.current_size = past_disk);
            if self.kind != NewKind::Fixed {
                change_footer(&mut file, 0, |footer| footer.current_size = past_disk);
            }
        }
        file
    }
}

/// Who answers for a byte of the disk, asked as the chain's documentation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// This image, the newest of all images being 0.
    Image(usize),
    /// Nobody: an image ended the search.
    Ended,
    /// The images that were asked pass the question on.
    Passed,
}

fn ask(plans: &[Plan], byte: usize) -> Answer {
    for plan in plans {
        if byte >= plan.size {
            return Answer::Ended;
        }
        if plan.holds(byte) {
            return Answer::Image(usize::from(plan.age));
        }
        if plan.kind != NewKind::Differencing {
            return Answer::Ended;
        }
    }
    Answer::Passed
}

fn content(plans: &[Plan], byte: usize) -> u8 {
    match ask(plans, byte) {
        Answer::Image(age) => plans.iter().find(|plan| usize::from(plan.age) == age).unwrap().content(byte),
        Answer::Ended | Answer::Passed => 0,
    }
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let one = (
        1_usize..40,
        prop::sample::select(vec![0_usize, 0, 100, 511]),
        prop::sample::select(vec![4_096_usize, 8_192]),
        // Long runs as well as single sectors.
        prop::collection::vec((any::<bool>(), 1_usize..12), 48),
        prop::collection::vec(prop::bool::weighted(0.2), 12),
        any::<bool>(),
        any::<bool>(),
    );
    prop::collection::vec(one, 1..4).prop_map(|images| {
        let last = images.len() - 1;
        let describe = |(age, (sectors, cut, block_bytes, runs, stored_empty, backwards, is_fixed))| {
            let (runs, is_fixed): (Vec<(bool, usize)>, bool) = (runs, is_fixed);
            let mut held: Vec<bool> =
                runs.iter().flat_map(|(bit, length)| core::iter::repeat_n(*bit, *length)).collect();
            held.resize(64, false);
            let kind = match (age == last, is_fixed) {
                (false, _) => NewKind::Differencing,
                (true, true) => NewKind::Fixed,
                (true, false) => NewKind::Dynamic,
            };
            let age = u8::try_from(age).unwrap();
            let size = sectors * SECTOR - cut;
            Plan { age, kind, size, block_bytes, held, stored_empty, is_stored_backwards: backwards }
        };
        images.into_iter().enumerate().map(describe).collect()
    })
}

fn join(files: &[Vec<u8>]) -> Chain<Bytes<'_>> {
    let open = |file| Image::open(Bytes(file), Leniency::Strict).unwrap();
    Chain::join(files.iter().map(|file| open(file)).collect()).unwrap()
}

fn sectors_of(set: &ExtentSet) -> Vec<usize> {
    let extents = set.extents().iter();
    extents
        .flat_map(|extent| extent.start.get()..extent.end().get())
        .map(|sector| usize::try_from(sector).unwrap())
        .collect()
}

fn agree_on_extents(plans: &[Plan], chain: &Chain<Bytes<'_>>, from: usize, to: usize) {
    let mut told = Vec::new();
    let extent = Extent::new(from as u64, (to - from) as u64);
    let mut last: Option<(u64, Allocation)> = None;
    let mut visit = |run: Extent, allocation| {
        assert_eq!(last.map_or(from as u64, |(end, _)| end), run.start.get(), "runs follow each other");
        assert!(last.is_none_or(|(_, before)| before != allocation), "runs are as long as can be");
        last = Some((run.end().get(), allocation));
        told.extend((0..run.count.get()).map(|_| allocation));
        Ok::<(), super::ReadError<core::convert::Infallible>>(())
    };
    chain.extents(&mut chain.cursor(), extent, &mut visit).unwrap();
    let expected: Vec<Allocation> = (from..to)
        .map(|sector| match ask(plans, sector * SECTOR) {
            Answer::Image(depth) => Allocation::Stored { depth },
            Answer::Ended | Answer::Passed => Allocation::Unallocated,
        })
        .collect();
    assert_eq!(told, expected);
}

fn agree_on_spans(plan: &Plan, file: &[u8], image: &Image<Bytes<'_>>) {
    let mut at = 0;
    let mut was_container = false;
    let mut claimed = vec![false; plan.size];
    let mut visit = |span: super::FileSpan| {
        assert_eq!(span.offset.get(), at);
        let (from, length) = (usize::try_from(at).unwrap(), usize::try_from(span.length.get()).unwrap());
        assert!(length > 0);
        at += span.length.get();
        match span.holds {
            Holds::Container => {
                assert!(!was_container, "runs are as long as can be");
                was_container = true;
            }
            Holds::Guest { disk_offset } => {
                was_container = false;
                let disk = usize::try_from(disk_offset).unwrap();
                for byte in 0..length {
                    assert!(!core::mem::replace(&mut claimed[disk + byte], true), "claimed once");
                    assert_eq!(file[from + byte], plan.content(disk + byte));
                }
            }
        }
        Ok::<(), super::ReadError<core::convert::Infallible>>(())
    };
    image.spans(&mut visit).unwrap();
    assert_eq!(at, image.source().size().get());
    let held: Vec<bool> = (0..plan.size).map(|byte| plan.holds(byte)).collect();
    assert!(claimed == held);
}

fn agree_on_blocks(plan: &Plan, image: &Image<Bytes<'_>>) {
    let mut told = Vec::new();
    image.block_states(&mut |state, held| told.push((state, held))).unwrap();
    let expected = if plan.kind == NewKind::Fixed { Vec::new() } else { block_states(plan) };
    assert_eq!(told, expected);
}

/// Of each block how much is there, and how many sectors that is.
fn block_states(plan: &Plan) -> Vec<(BlockState, u64)> {
    let sectors = plan.block_bytes / SECTOR;
    (0..plan.blocks())
        .map(|block| {
            let on_disk = (plan.size - block * plan.block_bytes).min(plan.block_bytes).div_ceil(SECTOR);
            let held = (0..on_disk).filter(|sector| plan.held[block * sectors + sector]).count();
            let state = match held {
                _ if !plan.is_stored(block) => BlockState::Absent,
                0 => BlockState::Empty,
                all if all == on_disk => BlockState::Whole,
                _ => BlockState::Partial,
            };
            (state, held as u64)
        })
        .collect()
}

fn agree_on_inspection(plans: &[Plan], files: &[Vec<u8>], chain: &Chain<Bytes<'_>>) {
    let named: Vec<(&str, &Image<Bytes<'_>>)> = chain.images().iter().map(|image| ("disk", image)).collect();
    let inspection = Inspection::of(&named).unwrap();
    assert_eq!(inspection.disk_bytes, plans[0].size as u64);
    assert!(inspection.is_complete);
    let mut stale_counts = Vec::new();
    for ((plan, file), report) in plans.iter().zip(files).zip(&inspection.images) {
        let guest = (0..plan.size).filter(|byte| plan.holds(*byte)).count() as u64;
        assert_eq!((report.guest_bytes, report.file_bytes), (guest, file.len() as u64));
        assert_eq!(report.container_bytes, file.len() as u64 - guest);
        assert_eq!(report.blocks.is_some(), plan.kind != NewKind::Fixed);
        if let Some(counts) = report.blocks {
            let expected = block_states(plan);
            let of = |wanted| expected.iter().filter(|(state, _)| *state == wanted).count() as u64;
            assert_eq!((counts.block_bytes, counts.blocks), (plan.block_bytes as u64, plan.blocks() as u64));
            assert_eq!((counts.absent, counts.empty), (of(BlockState::Absent), of(BlockState::Empty)));
            assert_eq!((counts.partial, counts.whole), (of(BlockState::Partial), of(BlockState::Whole)));
            assert_eq!(counts.held_sectors, expected.iter().map(|(_, held)| held).sum::<u64>());
            let stored = counts.blocks - counts.absent;
            assert_eq!(counts.is_in_disk_order, !plan.is_stored_backwards || stored < 2);
        }
        // Whole sectors of the disk that a clear bit hides in a stored block.
        let is_stale = |sector: &usize| {
            let byte = sector * SECTOR;
            !plan.held[*sector] && !plan.hides_zeroes(byte) && plan.is_stored(byte / plan.block_bytes)
        };
        let stale = (0..plan.size / SECTOR).filter(is_stale).count() as u64;
        if plan.kind == NewKind::Dynamic && stale > 0 {
            stale_counts.push((usize::from(plan.age), stale));
        }
    }
    let told = inspection.findings.iter().filter_map(|report| match report.finding {
        Finding::StaleSectors { count } => Some((report.image, count)),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), stale_counts);
}

/// Compares the disk of an older image with the newest one: they share the older one's files.
fn agree_on_changes(plans: &[Plan], files: &[Vec<u8>], depth: usize) {
    let (before, after) = (join(&files[depth..]), join(files));
    let (old, new) = (&plans[depth..], plans);
    let is_one_file = |left: &Bytes<'_>, right: &Bytes<'_>| left.0.as_ptr() == right.0.as_ptr();
    let mut heard = 0;
    let changes = Comparison::new(&before, &after, &is_one_file)
        .run(&mut |done| {
            assert!(done > heard);
            heard = done;
        })
        .unwrap();
    let size = old[0].size.max(new[0].size);
    assert_eq!(heard, size as u64);
    let (mut shared, mut nowhere, mut compared, mut read) = (0, 0, 0, 0);
    for byte in 0..size {
        match (ask(old, byte), ask(new, byte)) {
            (Answer::Image(left), Answer::Image(right)) if left == right => shared += 1,
            (Answer::Image(_), Answer::Image(_)) => (compared, read) = (compared + 1, read + 2),
            (Answer::Image(_), _) | (_, Answer::Image(_)) => (compared, read) = (compared + 1, read + 1),
            _ => nowhere += 1,
        }
    }
    let proofs = changes.proofs;
    assert_eq!(
        (proofs.shared_bytes, proofs.unallocated_bytes, proofs.manifest_bytes, proofs.compared_bytes),
        (shared, nowhere, 0, compared)
    );
    assert_eq!(changes.data_bytes_read, read);
    let differs = |sector: &usize| {
        (sector * SECTOR..(sector + 1) * SECTOR).any(|byte| content(old, byte) != content(new, byte))
    };
    let expected: Vec<usize> = (0..size.div_ceil(SECTOR)).filter(differs).collect();
    assert_eq!(sectors_of(&changes.extents), expected);
    assert_eq!(changes.changed_sectors, expected.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_chain_agrees_with_one_look_at_every_byte(
        plans in plans(),
        reads in prop::collection::vec((0_usize..24_000, 1_usize..9_000), 8),
    ) {
        let files: Vec<Vec<u8>> = plans.iter().map(Plan::file).collect();
        let chain = join(&files);
        let size = plans[0].size;
        prop_assert_eq!(chain.size().get(), size as u64);
        prop_assert_eq!(chain.images().len(), plans.len());
        for (image, plan) in chain.images().iter().zip(&plans) {
            let kind = match plan.kind {
                NewKind::Fixed => ImageKind::Fixed,
                NewKind::Dynamic => ImageKind::Dynamic,
                NewKind::Differencing => ImageKind::Differencing,
            };
            prop_assert_eq!(image.kind(), kind);
        }

        let mut cursor = chain.cursor();
        let whole = (0, size + 700);
        for (from, length) in reads.into_iter().chain([whole]) {
            let mut buffer = vec![9; length];
            let told = chain.read(&mut cursor, from as u64, &mut buffer).unwrap();
            let expected: Vec<u8> = (from..from + length).map(|byte| content(&plans, byte)).collect();
            prop_assert!(buffer == expected, "from {} on, {} bytes", from, length);
            let is_held = (from..from + length).any(|byte| matches!(ask(&plans, byte), Answer::Image(_)));
            prop_assert_eq!(told == Content::Read, is_held);
            let piece = chain.piece(&mut cursor, from as u64, length as u64).unwrap();
            prop_assert!(piece.length() > 0 && piece.length() <= length as u64);
            prop_assert_eq!(
                matches!(piece, Piece::Stored { .. }),
                matches!(ask(&plans, from), Answer::Image(_))
            );
        }

        let sectors = size.div_ceil(SECTOR);
        agree_on_extents(&plans, &chain, 0, sectors);
        agree_on_extents(&plans, &chain, sectors / 3, sectors);
        agree_on_extents(&plans, &chain, sectors / 3, sectors / 2);
        for depth in 0..=plans.len() {
            let written = chain.written_above(depth, &mut cursor).unwrap();
            let is_written = |sector: &usize| {
                (sector * SECTOR..(sector + 1) * SECTOR)
                    .any(|byte| ask(&plans[..depth], byte) != Answer::Passed)
            };
            let expected: Vec<usize> = (0..sectors).filter(is_written).collect();
            prop_assert_eq!(sectors_of(&written), expected, "above image {}", depth);
        }
        for ((plan, file), image) in plans.iter().zip(&files).zip(chain.images()) {
            agree_on_spans(plan, file, image);
            agree_on_blocks(plan, image);
        }
        agree_on_inspection(&plans, &files, &chain);
        for depth in 0..plans.len() {
            agree_on_changes(&plans, &files, depth);
        }
    }
}
