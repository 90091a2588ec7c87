//! What the fuzz targets do with their bytes, and what must then be true.
//!
//! The same functions run under libFuzzer (`fuzz/fuzz_targets/`) and, over the
//! kept corpus, in the tests. A target that only does not panic proves little:
//! each says what the right outcome is.

use std::convert::Infallible;

use vhault_core::extent::{Extent, ExtentSet};
use vhault_core::read::ReadAt;
use vhault_core::units::{ByteCount, FileOffset};
use vhault_core::vhd::{
    Allocation, Chain, Checksum, Comparison, DiskType, FEATURE_RESERVED, FORMAT_VERSION, Footer, Geometry,
    HEADER_BYTES, Header, Holds, Image, ImageKind, Inspection, LOCATOR_COUNT, Leniency, Locator,
    NEVER_WRITTEN, OpenError, ReadError,
};

use crate::vhd::{Counted, SECTOR};

/// A target by its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target over the image format.
pub const VHD_TARGETS: [Target; 6] = [
    ("vhd_open", vhd_open),
    ("vhd_chain", vhd_chain),
    ("vhd_table", vhd_table),
    ("vhd_footer", vhd_footer),
    ("vhd_header", vhd_header),
    ("vhd_locator", vhd_locator),
];

/// Reads any bytes as an image: if it opens, all ways to look at it agree,
/// and no read leaves the file.
pub fn vhd_open(bytes: &[u8]) {
    let file = Counted::new(bytes);
    let strict = Image::open(&file, Leniency::Strict);
    let Ok(image) = Image::open(&file, Leniency::AcceptChecksums) else {
        assert!(strict.is_err(), "what is accepted strictly is accepted leniently");
        return;
    };
    if let Ok(strict) = &strict {
        assert_eq!((strict.kind(), strict.size()), (image.kind(), image.size()));
    }
    let guest_bytes = check_spans(&image, bytes);
    check_inspection(&image, guest_bytes);
    if image.kind() == ImageKind::Differencing {
        return;
    }
    let chain = Chain::join(vec![image]).expect("one complete image is a chain");
    check_chain(&chain, &[bytes]);
    check_allocation(&chain, guest_bytes);
    let changes = Comparison::new(&chain, &chain, &|_, _| true).run(&mut |_| ()).expect("memory can be read");
    assert!(changes.extents.is_empty() && changes.data_bytes_read == 0, "a disk equals itself unread");
}

/// Reads a parent and a child out of any bytes: four bytes say how long the
/// parent is. The child is made to name the parent.
pub fn vhd_chain(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).min(rest.len());
    let (parent, child) = rest.split_at(length);
    let mut child = child.to_vec();
    let parent_file = Counted::new(parent);
    let Ok(parent_image) = Image::open(&parent_file, Leniency::AcceptChecksums) else { return };
    let Some(id) = parent_image.unique_id() else { return };
    name_parent(&mut child, id);
    let child_file = Counted::new(&child);
    let Ok(child_image) = Image::open(&child_file, Leniency::AcceptChecksums) else { return };
    let joined = Chain::join(vec![child_image, parent_image]);
    if let Ok(chain) = joined {
        check_chain(&chain, &[&child, parent]);
        let written = chain.written_above(1, &mut chain.cursor()).expect("memory can be read");
        let size = chain.size().sectors_rounded_up().get();
        assert!(written.extents().last().is_none_or(|last| last.end().get() <= size));
    }
}

/// Takes any bytes as the entries of a table, in an image that is else sound,
/// and compares the verdict with the slowest possible one.
pub fn vhd_table(bytes: &[u8]) {
    let Some(([exponent, sectors, last], entries)) = bytes.split_first_chunk::<3>() else { return };
    let block_bytes = 512_u64 << (exponent % 6);
    // The last block may reach past the disk.
    let places: Vec<u32> = entries
        .chunks_exact(4)
        .take(64)
        .map(|entry| {
            let raw = u32::from_be_bytes(entry.try_into().expect("it has four bytes"));
            // Mostly near the file, so that something is found there.
            if raw == NEVER_WRITTEN || raw >> 24 == 0x80 { raw } else { raw & 0x1ff }
        })
        .collect();
    let cut = u64::from(*last) * 512 % block_bytes;
    let size = (places.len() as u64 * block_bytes).saturating_sub(cut);
    let data_end = 2_560 + u64::from(*sectors) * 512;
    let file = image_with_table(&places, block_bytes, size, data_end);

    let spans: Vec<(u64, u64, u64)> = (0..)
        .zip(&places)
        .filter(|(_, place)| **place != NEVER_WRITTEN)
        .map(|(block, place)| {
            let start = u64::from(*place) * 512;
            let on_disk = block_bytes.min(size - block * block_bytes);
            let bitmap = (block_bytes / 512).div_ceil(8).next_multiple_of(512);
            (start, start + bitmap + on_disk, start + bitmap + block_bytes)
        })
        .collect();
    let table_end = 1_536 + places.len() as u64 * 4;
    let fits = |(start, needed, _): &(u64, u64, u64)| *needed <= data_end && *start >= table_end;
    let apart = |one: usize, two: usize| {
        let ((start, _, end), (other, _, other_end)) = (spans[one], spans[two]);
        end <= other || other_end <= start
    };
    let is_sound = spans.iter().all(fits) && (0..spans.len()).all(|one| (0..one).all(|two| apart(one, two)));
    let opened = Image::open(&Counted::new(&file), Leniency::Strict).map(|image| image.size().get());
    match opened {
        Ok(opened) => assert!(is_sound && opened == size, "an unsound table was accepted: {places:?}"),
        Err(OpenError::Format(error)) => assert!(!is_sound, "a sound table was refused: {error}, {places:?}"),
        Err(OpenError::Read { .. }) => unreachable!("memory can be read"),
    }
    vhd_open(&file);
}

/// A footer says the same after it was written again.
pub fn vhd_footer(bytes: &[u8]) {
    let mut stored = [0; 512];
    let length = bytes.len().min(512);
    stored[..length].copy_from_slice(&bytes[..length]);
    stored[..8].copy_from_slice(b"conectix");
    let footer = Footer::decode(&stored).expect("it has the cookie");
    let again = Footer::decode(&footer.encode()).expect("it has the cookie");
    assert!(again.checksum.holds());
    assert_eq!(again, Footer { checksum: again.checksum, ..footer });
    assert!(Geometry::of(footer.current_size).bytes() <= footer.current_size);
}

/// A header says the same after it was written again.
pub fn vhd_header(bytes: &[u8]) {
    let mut stored = [0; HEADER_BYTES];
    let length = bytes.len().min(HEADER_BYTES);
    stored[..length].copy_from_slice(&bytes[..length]);
    stored[..8].copy_from_slice(b"cxsparse");
    let header = Header::decode(&stored).expect("it has the cookie");
    let again = Header::decode(&header.encode()).expect("it has the cookie");
    assert!(again.checksum.holds());
    assert_eq!(again, Header { checksum: again.checksum, ..header });
}

/// Takes any bytes as the name and the locators of a parent: whatever they
/// say, no candidate leaves the child's folder.
pub fn vhd_locator(bytes: &[u8]) {
    let text = FileOffset::new(0x4000);
    let mut locators = [Locator::UNUSED; LOCATOR_COUNT];
    for (locator, code) in locators.iter_mut().zip([*b"W2ru", *b"W2ku", *b"MacX"]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        *locator = Locator { code, space: 0, bytes: length, offset: text };
    }
    locators[3] = Locator { code: *b"W2ru", space: 0, bytes: u32::MAX, offset: FileOffset::new(u64::MAX) };
    let mut header = header(1_536, 1, 512);
    header.parent_name =
        bytes.chunks_exact(2).take(255).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect();
    header.locators = locators;
    let mut file = vec![0xff; 0x4000];
    let footer = footer(DiskType::DIFFERENCING, 512).encode();
    file[..512].copy_from_slice(&footer);
    file[512..1_536].copy_from_slice(&header.encode());
    file.extend(bytes);
    file.resize(file.len().next_multiple_of(512), 0);
    file.extend(footer);
    let image = Image::open(Counted::new(&file), Leniency::Strict).expect("locators refuse no image");
    for candidate in image.parent().expect("it is differencing").candidates() {
        assert!(!candidate.is_empty() && !candidate.starts_with('/'), "{candidate:?}");
        assert!(!candidate.contains([':', '\\', '\0']), "{candidate:?}");
        assert!(candidate.split('/').all(|step| !matches!(step, "" | "." | "..")), "{candidate:?}");
    }
}

/// Spans cover the file once and claim no byte of the disk twice; returns how
/// many are the guest's.
fn check_spans<S: ReadAt<Error = Infallible>>(image: &Image<S>, bytes: &[u8]) -> u64 {
    let mut next = 0;
    let mut guest_bytes = 0;
    let mut claimed = ExtentSet::new();
    image
        .spans(&mut |span| {
            assert_eq!(span.offset.get(), next);
            assert!(span.length > ByteCount::ZERO);
            next += span.length.get();
            if let Holds::Guest { disk_offset } = span.holds {
                let run = Extent::new(disk_offset, span.length.get());
                assert!(!claimed.overlaps(run) && run.end().get() <= image.size().get());
                claimed.insert(run);
                guest_bytes += span.length.get();
            }
            Ok::<_, ReadError<Infallible>>(())
        })
        .expect("memory can be read");
    assert_eq!(next, bytes.len() as u64);
    guest_bytes
}

fn check_inspection<S: ReadAt<Error = Infallible>>(image: &Image<S>, guest_bytes: u64) {
    let inspection = Inspection::of(&[("it", image)]).expect("memory can be read");
    assert_eq!(inspection.images[0].guest_bytes, guest_bytes);
    assert_eq!(inspection.is_complete, image.kind() != ImageKind::Differencing);
    serde_json::to_string(&inspection).expect("it has only names and numbers");
}

/// What the spans of each image say is what the chain reads.
fn check_chain<S: ReadAt<Error = Infallible>>(chain: &Chain<S>, files: &[&[u8]]) {
    let mut cursor = chain.cursor();
    let size = chain.size().get();
    for at in [0, 1, 511, size / 3, size / 2, size.saturating_sub(700), size, u64::MAX - 4_096] {
        let mut buffer = [0xff; 1_500];
        chain.read(&mut cursor, at, &mut buffer).expect("memory can be read");
        for (place, byte) in (at..).zip(buffer) {
            assert_eq!(byte, expected(chain, files, place), "byte {place}");
        }
    }
}

/// The slowest way to find a byte of the disk.
fn expected<S: ReadAt<Error = Infallible>>(chain: &Chain<S>, files: &[&[u8]], place: u64) -> u8 {
    for (image, file) in chain.images().iter().zip(files) {
        if place >= image.size().get() {
            return 0;
        }
        let Some(table) = image.table() else {
            return usize::try_from(place).ok().and_then(|place| file.get(place)).copied().unwrap_or(0);
        };
        let shape = table.shape();
        let block = place / shape.block_bytes();
        let Some(start) = table.place(vhault_core::units::BlockIndex::new(block)) else { continue };
        let within = place % shape.block_bytes();
        let byte_at = |at: u64| usize::try_from(at).ok().and_then(|at| file.get(at)).copied().unwrap_or(0);
        let sector = within / SECTOR as u64;
        if byte_at(start.get() + sector / 8) & (0x80 >> (sector % 8)) != 0 {
            return byte_at(start.get() + shape.bitmap_bytes() + within);
        }
    }
    0
}

/// Allocation covers the disk, and is as large as what the spans claim.
fn check_allocation<S: ReadAt<Error = Infallible>>(chain: &Chain<S>, guest_bytes: u64) {
    let mut next = 0;
    let mut stored = 0;
    let whole = Extent::new(0, chain.size().sectors_rounded_up().get());
    chain
        .extents(&mut chain.cursor(), whole, &mut |extent, allocation| {
            assert_eq!(extent.start.get(), next);
            next = extent.end().get();
            if let Allocation::Stored { .. } = allocation {
                stored += extent.count.get();
            }
            Ok::<_, ReadError<Infallible>>(())
        })
        .expect("memory can be read");
    assert_eq!(next, whole.count.get());
    // The last sector may be there in part.
    assert_eq!(stored, guest_bytes.div_ceil(SECTOR as u64));
}

/// Writes `id` where `child` says who its parent is, if it has a header.
fn name_parent(child: &mut [u8], id: [u8; 16]) {
    let Some(footer) = child.first_chunk::<512>().and_then(Footer::decode) else { return };
    let at = usize::try_from(footer.header_offset).unwrap_or(usize::MAX).saturating_add(40);
    if let Some(field) = child.get_mut(at..).and_then(|tail| tail.get_mut(..16)) {
        field.copy_from_slice(&id);
    }
}

fn footer(disk_type: DiskType, size: u64) -> Footer {
    let size = ByteCount::new(size);
    Footer {
        features: FEATURE_RESERVED,
        version: FORMAT_VERSION,
        header_offset: 512,
        created: 0,
        creator_app: *b"test",
        creator_version: 0,
        creator_host: [0; 4],
        original_size: size,
        current_size: size,
        geometry: Geometry::of(size),
        disk_type,
        checksum: Checksum { stored: 0, computed: 0 },
        unique_id: [1; 16],
        saved_state: 0,
        hidden: 0,
    }
}

fn header(table_offset: u64, table_entries: u32, block_bytes: u32) -> Header {
    Header {
        table_offset: FileOffset::new(table_offset),
        version: FORMAT_VERSION,
        table_entries,
        block_bytes,
        checksum: Checksum { stored: 0, computed: 0 },
        parent_id: [0; 16],
        parent_created: 0,
        parent_name: Vec::new(),
        locators: [Locator::UNUSED; LOCATOR_COUNT],
    }
}

/// A dynamic image whose blocks must lie before byte `data_end`.
fn image_with_table(places: &[u32], block_bytes: u64, size: u64, data_end: u64) -> Vec<u8> {
    let entries = u32::try_from(places.len()).expect("there are at most 64");
    let block_bytes = u32::try_from(block_bytes).expect("a block has at most 16 KiB here");
    let footer = footer(DiskType::DYNAMIC, size).encode();
    let mut file = vec![0x5a; usize::try_from(data_end).expect("test images are small")];
    file[..512].copy_from_slice(&footer);
    file[512..1_536].copy_from_slice(&header(1_536, entries, block_bytes).encode());
    for (entry, place) in places.iter().enumerate() {
        file[1_536 + 4 * entry..][..4].copy_from_slice(&place.to_be_bytes());
    }
    file.extend(footer);
    file
}
