//! Images made by other people's programs, and ours judged by them.

use std::path::Path;

use vhault_core::vhd::{Finding, Image, Leniency, VhdError};
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::image::ImageError;
use vhault_tests::corpus::{Corpus, content_sha256};
use vhault_tests::foreign::Judge;

fn lenient() -> OpenOptions {
    OpenOptions { leniency: Leniency::AcceptChecksums, ..OpenOptions::default() }
}

fn open(path: &Path) -> Result<Disk, ImageError> {
    Disk::open(path, &OpenOptions::default())
}

#[test]
fn every_image_of_the_corpus_holds_what_others_say_it_holds() {
    let Some(corpus) = Corpus::unpack() else { return };
    let mut judged = 0;
    for entry in corpus.entries.iter().filter(|entry| entry.content_sha256.is_some()) {
        let disk = Disk::open(&corpus.path(&entry.name), &lenient()).unwrap();
        assert_eq!(Some(content_sha256(&disk)), entry.content_sha256, "{}", entry.name);
        judged += 1;
    }
    assert!(judged >= 12, "the corpus has {judged} images with a hash, fewer than it had");
}

#[test]
fn wrong_checksums_are_refused_until_they_are_accepted() {
    let Some(corpus) = Corpus::unpack() else { return };
    let strict = open(&corpus.path("dfvfs/image.vhd")).unwrap_err();
    let ImageError::Format { source: VhdError::FooterChecksum { .. }, .. } = &strict else {
        panic!("{strict:?}")
    };
    let disk = Disk::open(&corpus.path("dfvfs/image-differential.vhd"), &lenient()).unwrap();
    let found = disk.chain().images().iter().flat_map(Image::findings);
    assert!(found.clone().any(|finding| matches!(finding, Finding::FooterChecksum { .. })));
    assert!(
        found.clone().any(|finding| matches!(finding, Finding::HeaderChecksum { .. })),
        "{:?}",
        found.collect::<Vec<_>>()
    );
}

#[test]
fn a_child_whose_parent_is_gone_says_which_one_and_where_it_looked() {
    let Some(corpus) = Corpus::unpack() else { return };
    let error = open(&corpus.path("dfvfs/fat-differential.vhd")).unwrap_err();
    let ImageError::MissingParent { tried, .. } = &error else { panic!("{error:?}") };
    assert!(tried.iter().any(|tried| tried.path.ends_with("fat-parent.vhd")), "{error}");
}

#[test]
fn an_image_sized_by_geometry_elsewhere_has_its_current_size_here() {
    let Some(corpus) = Corpus::unpack() else { return };
    let path = corpus.path("qemu-made/chs-dynamic.vhd");
    let disk = open(&path).unwrap();
    if Judge::Qemu.is_present() {
        assert_eq!(Ok(content_sha256(&disk)), Judge::Qemu.content_sha256(&path));
    }
    if Judge::SevenZip.is_present() {
        assert_eq!(Ok(content_sha256(&disk)), Judge::SevenZip.content_sha256(&path));
    }
}
