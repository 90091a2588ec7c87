//! What an inspection says of images whose every field is known.

use super::super::testing::{BLOCK_BYTES, Failing, change_footer, disk, file};
use super::super::{FooterPlace, Leniency, NewKind};
use super::*;
use crate::read::Bytes;

/// Name, value and verdict, a line a field.
fn lines(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| format!("{}: {} ({:?})", field.name, field.value, field.verdict)).collect()
}

fn inspect(files: &[&[u8]]) -> Inspection {
    let images: Vec<Image<Bytes<'_>>> =
        files.iter().map(|file| Image::open(Bytes(file), Leniency::AcceptChecksums).unwrap()).collect();
    let named: Vec<(&str, &Image<Bytes<'_>>)> = images.iter().map(|image| ("disk.vhd", image)).collect();
    Inspection::of(&named).unwrap()
}

#[test]
fn every_field_of_a_dynamic_image_is_told_in_stored_order() {
    let file = file(&disk(NewKind::Dynamic, 2 * BLOCK_BYTES, 1, None), &[1], 7);
    let found = inspect(&[&file]);
    assert_eq!(
        lines(&found.images[0].footer),
        [
            "features: 0x2 (Good)",
            "format version: 1.0 (Good)",
            "header offset: 512 (Good)",
            "created: 2000-01-01T00:01:17Z (Information)",
            "creator: vhault (vhlt) (Information)",
            "creator version: 1.0 (Information)",
            "creator host: Wi2k (Information)",
            "original size: 8192 bytes (Information)",
            "current size: 8192 bytes (Good)",
            "geometry: 0/4/17 (0 bytes) (Information)",
            "disk type: 3 (Good)",
            &checksum(&file, 64),
            "unique id: 01010101010101010101010101010101 (Good)",
            "as GUID: 01010101-0101-0101-0101-010101010101 (Information)",
            "saved state: 0 (Information)",
        ]
    );
    assert_eq!(
        lines(&found.images[0].header),
        [
            "table offset: 1536 (Good)",
            "header version: 1.0 (Good)",
            "table entries: 2 (Good)",
            "block size: 4096 bytes (Unusual)",
            &checksum(&file, 512 + 36),
        ]
    );
    assert_eq!(found.images[0].parent, None);
}

/// The line about a checksum that lies at `at` and holds.
fn checksum(file: &[u8], at: usize) -> String {
    format!("checksum: {:#010x} (Good)", super::super::be::u32_at(&file[at..], 0))
}

#[test]
fn a_field_that_is_not_as_usual_is_marked() {
    let mut file = file(&disk(NewKind::Fixed, 4_096, 1, None), &[], 7);
    change_footer(&mut file, 4_096, |footer| {
        footer.features = 0;
        footer.creator_app = *b"abc\x01";
        footer.original_size = crate::units::ByteCount::new(1);
        footer.geometry.heads = 9;
        footer.saved_state = 1;
        footer.creator_version = 0x0005_0003;
    });
    file[4_096 + 64] ^= 1;
    let found = inspect(&[&file]);
    let marked: Vec<String> = lines(&found.images[0].footer)
        .into_iter()
        .filter(|line| line.ends_with("(Unusual)") || line.ends_with("(Wrong)") || line.contains("version"))
        .collect();
    assert_eq!(
        marked[..6],
        [
            "features: 0x0 (Unusual)",
            "format version: 1.0 (Good)",
            "creator version: 5.3 (Information)",
            "original size: 1 bytes (Unusual)",
            "geometry: 0/9/17 (0 bytes) (Unusual)",
            &marked[4 + 1],
        ]
    );
    assert!(marked[5].starts_with("checksum: 0x") && marked[5].ends_with("(Wrong)"), "{marked:?}");
    assert_eq!(marked[6..], ["saved state: 1 (Unusual)"]);
    let creator = &lines(&found.images[0].footer)[4];
    assert_eq!(creator, "creator: abc. (Information)");
    assert_eq!(lines(&found.images[0].footer)[2], "header offset: none (Good)");
    // The worst comes first.
    assert_eq!(found.worst, Some(Severity::Damage));
    assert_eq!(found.findings[0].code, "footer-checksum");
    assert_eq!(found.findings[0].what, found.findings[0].finding.to_string());
    assert!(found.findings[0].what.contains(&FooterPlace::End.to_string()));
}

#[test]
fn a_child_alone_names_the_parent_it_lacks_and_with_it_is_complete() {
    let base = file(&disk(NewKind::Dynamic, 2 * BLOCK_BYTES, 1, None), &[0], 1);
    let child = file(&disk(NewKind::Differencing, 2 * BLOCK_BYTES, 2, Some(1)), &[1], 2);
    let alone = inspect(&[&child]);
    assert!(!alone.is_complete);
    let missing = alone.findings.iter().find(|found| found.code == "parent-missing").unwrap();
    assert_eq!(missing.finding, Finding::ParentMissing { depth: 0, wanted: [1; 16] });
    let parent = alone.images[0].parent.as_ref().unwrap();
    assert_eq!((parent.name.as_str(), parent.created.as_str()), ("base.vhd", "2000-01-01T00:01:17Z"));
    assert_eq!(parent.unique_id, "01".repeat(16));
    let locators: Vec<(&str, Option<&str>)> =
        parent.locators.iter().map(|locator| (locator.code.as_str(), locator.text.as_deref())).collect();
    assert_eq!(locators, [("W2ku", Some(".\\base.vhd")), ("W2ru", Some(".\\base.vhd"))]);
    assert_eq!(parent.candidates, ["base.vhd"]);
    let whole = inspect(&[&child, &base]);
    assert!(whole.is_complete && whole.images.len() == 2);
    assert!(whole.findings.iter().all(|found| found.code != "parent-missing"));
}

#[test]
fn a_read_that_fails_names_its_image() {
    let base = file(&disk(NewKind::Dynamic, 2 * BLOCK_BYTES, 1, None), &[0], 1);
    let child = file(&disk(NewKind::Differencing, 2 * BLOCK_BYTES, 2, Some(1)), &[1], 2);
    let [child, base] =
        [&child, &base].map(|file| Image::open(Failing::new(file), Leniency::Strict).unwrap());
    base.source().sound_bytes.set(2_048);
    let failed = Inspection::of(&[("child", &child), ("base", &base)]).unwrap_err();
    assert_eq!((failed.depth, failed.source), (1, "a bad sector"));
}
