//! Any image the format allows, any chain of up to five children: what we
//! read is what a model in memory says.

use std::convert::Infallible;

use proptest::prelude::*;
use vhault_benches::draw::Draw;
use vhault_core::extent::{Extent, ExtentSet};
use vhault_core::read::{Bytes, ReadAt};
use vhault_core::units::{BlockIndex, ByteCount};
use vhault_core::vhd::{
    Allocation, Chain, Comparison, Content, FileSpan, Holds, Image, Inspection, Leniency, NewDisk, NewKind,
    NewParent, ReadError,
};
use vhault_tests::vhd::{Built, Counted, Kind, SECTOR, Sketch, any_chain, build_chain};

fn join<'a, S: ReadAt<Error = Infallible>>(files: impl IntoIterator<Item = S> + 'a) -> Chain<S> {
    let images = files
        .into_iter()
        .map(|file| Image::open(file, Leniency::Strict).expect("a built image opens"))
        .collect();
    Chain::join(images).expect("built images join")
}

fn bytes(chain: &[Built]) -> Chain<Bytes<'_>> {
    join(chain.iter().map(|built| Bytes(&built.file)))
}

fn read_all<S: ReadAt<Error = Infallible>>(chain: &Chain<S>) -> Vec<u8> {
    let mut disk = vec![0xff; usize::try_from(chain.size().get()).expect("test disks are small")];
    chain.read(&mut chain.cursor(), 0, &mut disk).expect("memory can be read");
    disk
}

fn spans_of<S: ReadAt<Error = Infallible>>(image: &Image<S>) -> Vec<FileSpan> {
    let mut spans = Vec::new();
    image
        .spans(&mut |span| {
            spans.push(span);
            Ok::<_, ReadError<Infallible>>(())
        })
        .expect("memory can be read");
    spans
}

fn sector_of(disk: &[u8], sector: usize) -> Vec<u8> {
    let from = (sector * SECTOR).min(disk.len());
    let mut bytes = disk[from..(from + SECTOR).min(disk.len())].to_vec();
    bytes.resize(SECTOR, 0);
    bytes
}

fn differing(left: &[u8], right: &[u8]) -> ExtentSet {
    let sectors = left.len().max(right.len()).div_ceil(SECTOR);
    (0..sectors)
        .filter(|sector| sector_of(left, *sector) != sector_of(right, *sector))
        .map(|sector| Extent::new(sector as u64, 1))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_reads_as_its_model(sketches in any_chain(), seed: u64) {
        let built = build_chain(&sketches);
        let chain = bytes(&built);
        let disk = &built[0].disk;
        prop_assert!(read_all(&chain) == *disk);
        let mut draw = Draw::new(seed);
        let mut cursor = chain.cursor();
        for _ in 0..20 {
            // Any place, any length, past the end too.
            let from = draw.index(disk.len() + 1_000);
            let mut buffer = vec![0xff; 1 + draw.index(disk.len().min(200_000) + 1_000)];
            let content = chain.read(&mut cursor, from as u64, &mut buffer).unwrap();
            let expected: Vec<u8> =
                (from..from + buffer.len()).map(|at| disk.get(at).copied().unwrap_or(0)).collect();
            prop_assert!(buffer == expected, "{} bytes at {from}", buffer.len());
            prop_assert!(content == Content::Read || buffer.iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn spans_cover_every_byte_of_the_file_once_and_rebuild_it(sketches in any_chain()) {
        let built = build_chain(&sketches);
        for top in 0..built.len() {
            let chain = bytes(&built[top..]);
            let file = &built[top].file;
            let mut rebuilt = Vec::new();
            let mut claimed = ExtentSet::new();
            let mut claimed_bytes = 0;
            let mut cursor = chain.cursor();
            for span in spans_of(&chain.images()[0]) {
                prop_assert_eq!(span.offset.get(), rebuilt.len() as u64);
                prop_assert!(span.length > ByteCount::ZERO);
                let length = usize::try_from(span.length.get()).unwrap();
                match span.holds {
                    Holds::Container => rebuilt.extend(&file[rebuilt.len()..rebuilt.len() + length]),
                    Holds::Guest { disk_offset } => {
                        // What a reader of the disk gets is what the file has.
                        let mut guest = vec![0; length];
                        chain.read(&mut cursor, disk_offset, &mut guest).unwrap();
                        rebuilt.extend(guest);
                        let run = Extent::new(disk_offset, length as u64);
                        prop_assert!(!claimed.overlaps(run));
                        claimed.insert(run);
                        claimed_bytes += length;
                    }
                }
            }
            prop_assert!(rebuilt == *file);
            let held = built[top].held.iter().enumerate().filter(|(_, held)| **held);
            let size = built[top].disk.len();
            prop_assert_eq!(claimed_bytes, held.map(|(at, _)| SECTOR.min(size - at * SECTOR)).sum::<usize>());
        }
    }

    #[test]
    fn allocation_tells_the_first_image_that_holds_a_sector(sketches in any_chain()) {
        let built = build_chain(&sketches);
        let chain = bytes(&built);
        let whole = Extent::new(0, chain.size().sectors_rounded_up().get());
        let mut next = 0;
        chain.extents(&mut chain.cursor(), whole, &mut |extent, allocation| {
            assert_eq!(extent.start.get(), next);
            next = extent.end().get();
            for sector in extent.start.get()..extent.end().get() {
                let sector = usize::try_from(sector).unwrap();
                let holder = built.iter().position(|image| image.held.get(sector).is_none_or(|held| *held));
                let expected = match holder {
                    // The first image without that sector ends the search.
                    Some(depth) if sector < built[depth].held.len() => Allocation::Stored { depth },
                    _ => Allocation::Unallocated,
                };
                assert_eq!(allocation, expected, "sector {sector}");
            }
            Ok::<_, ReadError<Infallible>>(())
        }).unwrap();
        prop_assert_eq!(next, whole.count.get());
    }

    #[test]
    fn what_is_written_above_an_image_contains_all_that_changed_since(sketches in any_chain()) {
        let built = build_chain(&sketches);
        let chain = bytes(&built);
        for depth in 0..built.len() {
            let written = chain.written_above(depth, &mut chain.cursor()).unwrap();
            let size = built[0].disk.len();
            let before: Vec<u8> = (0..size).map(|at| built[depth].disk.get(at).copied().unwrap_or(0)).collect();
            for extent in differing(&before, &built[0].disk).extents() {
                for sector in extent.start.get()..extent.end().get() {
                    prop_assert!(written.overlaps(Extent::new(sector, 1)), "sector {sector} above {depth}");
                }
            }
            prop_assert!(depth > 0 || written.is_empty());
            // Not more than the tables and ends say either.
            for extent in written.extents() {
                for sector in extent.start.get()..extent.end().get() {
                    let sector = usize::try_from(sector).unwrap();
                    prop_assert!(built[..depth].iter().any(|image| image.held.get(sector).is_none_or(|held| *held)
                        || (sector + 1) * SECTOR > image.disk.len()));
                }
            }
        }
    }

    #[test]
    fn a_comparison_finds_exactly_the_sectors_that_differ(sketches in any_chain(), other in any_chain()) {
        let (left, right) = (build_chain(&sketches), build_chain(&other));
        let (before, after) = (bytes(&left), bytes(&right));
        let changes = Comparison::new(&before, &after, &|_, _| false).run(&mut |_| ()).unwrap();
        let differing = differing(&left[0].disk, &right[0].disk);
        prop_assert_eq!(changes.changed_sectors, differing.sectors().get());
        prop_assert_eq!(changes.extents, differing);
        let proofs = changes.proofs;
        let whole = left[0].disk.len().max(right[0].disk.len()) as u64;
        prop_assert_eq!(proofs.shared_bytes + proofs.unallocated_bytes + proofs.compared_bytes, whole);
    }

    #[test]
    fn a_child_and_its_parent_are_compared_by_reading_only_what_the_child_holds(sketches in any_chain()) {
        let built = build_chain(&sketches);
        let files: Vec<Counted<'_>> = built.iter().map(|built| Counted::new(&built.file)).collect();
        let after = join(&files);
        for depth in 0..built.len() {
            let before = join(&files[depth..]);
            let spans: Vec<_> = after.images().iter().map(spans_of).collect();
            files.iter().for_each(|file| drop(file.take_reads()));

            let same = |left: &&Counted<'_>, right: &&Counted<'_>| std::ptr::eq(*left, *right);
            let changes = Comparison::new(&before, &after, &same).run(&mut |_| ()).unwrap();

            let differing = differing(&built[depth].disk, &built[0].disk);
            prop_assert!(changes.extents == differing);
            // Bytes that were read and are the guest's, by the files' own count.
            let read: u64 = files.iter().zip(&spans).map(|(file, spans)| guest_bytes(&file.take_reads(), spans)).sum();
            prop_assert_eq!(read, changes.data_bytes_read);
            if depth == 0 {
                prop_assert_eq!(read, 0);
            }
            let above = after.written_above(depth, &mut after.cursor()).unwrap().sectors().get();
            let longer = built[depth].disk.len().max(built[0].disk.len()) - built[0].disk.len();
            prop_assert!(read <= 2 * above * SECTOR as u64 + longer as u64);
        }
    }

    #[test]
    fn what_we_lay_out_reads_back(sketches in any_chain(), kind in 0..3_usize, block in 9_u32..23, seed: u64) {
        let built = build_chain(&sketches);
        let disk = &built[0].disk;
        let mut draw = Draw::new(seed);
        let kind = [NewKind::Fixed, NewKind::Dynamic, NewKind::Differencing][kind];
        let base = Sketch { kind: Kind::Fixed, size: disk.len(), block_bytes: 0, seed }.build(None);
        let parent = (kind == NewKind::Differencing).then(|| NewParent {
            unique_id: base.id, created: 0, relative: "sub/base.vhd".into(),
        });
        let plan = NewDisk {
            kind, size: ByteCount::new(disk.len() as u64), block_bytes: 1 << block, unique_id: [3; 16],
            created_seconds_since_2000: 1, parent, azure: false,
        };
        let block_bytes = 1_usize << block;
        let blocks = if kind == NewKind::Fixed { 0 } else { disk.len().div_ceil(block_bytes) };
        let wanted = |at: usize| match kind {
            NewKind::Differencing => sector_of(disk, at) != sector_of(&base.disk, at),
            _ => sector_of(disk, at).iter().any(|byte| *byte != 0),
        };
        let mut stored: Vec<BlockIndex> = (0..blocks)
            .filter(|block| (block * block_bytes / SECTOR..(block + 1) * block_bytes / SECTOR).any(wanted))
            .map(|block| BlockIndex::new(block as u64))
            .collect();
        if draw.once_in(2) {
            stored.reverse();
        }
        let blueprint = plan.lay_out(stored.clone()).unwrap();
        let mut file = vec![0; usize::try_from(blueprint.file_size().get()).unwrap()];
        let mut put = |at: u64, bytes: &[u8]| {
            let at = usize::try_from(at).unwrap();
            file[at..at + bytes.len()].copy_from_slice(bytes);
        };
        for block in &stored {
            let mut bitmap = blueprint.empty_bitmap().unwrap();
            let first = usize::try_from(block.get()).unwrap() * block_bytes / SECTOR;
            for sector in 0..block_bytes / SECTOR {
                if kind == NewKind::Differencing && wanted(first + sector) {
                    bitmap.set(u32::try_from(sector).unwrap());
                }
            }
            put(blueprint.bitmap_place(*block).unwrap().get(), bitmap.bytes());
        }
        for sector in (0..disk.len().div_ceil(SECTOR)).filter(|sector| wanted(*sector)) {
            let (place, room) = blueprint.place_of((sector * SECTOR) as u64).unwrap();
            prop_assert!(room >= SECTOR as u64);
            put(place.unwrap().get(), &sector_of(disk, sector));
        }
        for (offset, bytes) in blueprint.pieces() {
            put(offset.get(), bytes);
        }

        let mut files = vec![Bytes(&file)];
        files.extend((kind == NewKind::Differencing).then_some(Bytes(&base.file)));
        let back = join(files);
        prop_assert!(back.images()[0].findings().iter().all(|found| found.code() == "block-size"), "{:?}", back.images()[0].findings());
        let mut whole = disk.clone();
        whole.resize(disk.len().next_multiple_of(SECTOR), 0);
        prop_assert!(read_all(&back) == whole);
    }

    #[test]
    fn an_inspection_counts_what_the_model_has(sketches in any_chain()) {
        let built = build_chain(&sketches);
        let chain = bytes(&built);
        let named: Vec<_> = chain.images().iter().map(|image| ("an image", image)).collect();
        let inspection = Inspection::of(&named).unwrap();
        prop_assert!(inspection.is_complete);
        for (report, built) in inspection.images.iter().zip(&built) {
            prop_assert_eq!(report.guest_bytes + report.container_bytes, built.file.len() as u64);
            if let Some(blocks) = report.blocks {
                let held = built.held.iter().filter(|held| **held).count() as u64;
                prop_assert_eq!(blocks.held_sectors, held);
                prop_assert_eq!(blocks.absent + blocks.whole + blocks.partial + blocks.empty, blocks.blocks);
            }
        }
    }
}

/// How many bytes of `reads` lie in guest spans.
fn guest_bytes(reads: &[(u64, u64)], spans: &[FileSpan]) -> u64 {
    let overlap = |(from, length): &(u64, u64), span: &FileSpan| {
        let past = (from + length).min(span.offset.get() + span.length.get());
        past.saturating_sub(span.offset.get().max(*from))
    };
    let guest = spans.iter().filter(|span| span.holds != Holds::Container);
    guest.map(|span| reads.iter().map(|read| overlap(read, span)).sum::<u64>()).sum()
}
