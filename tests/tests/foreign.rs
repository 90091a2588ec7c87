//! Images made by other people's programs, and ours judged by them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use vhault_benches::draw::Draw;
use vhault_core::digest::hex;
use vhault_core::vhd::{Finding, Image, Leniency, VhdError};
use vhault_datapath::convert::{ConvertOptions, Format, convert};
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::image::ImageError;
use vhault_datapath::monitor::Silent;
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

/// A folder with a disk of `size` bytes in it: some blocks of noise, some
/// single sectors, much nothing.
struct Bench {
    folder: tempfile::TempDir,
    disk: Vec<u8>,
    draw: Draw,
}

impl Bench {
    fn new(size: usize, seed: u64) -> Bench {
        let mut bench = Bench {
            folder: tempfile::tempdir().expect("a folder can be made"),
            disk: vec![0; size],
            draw: Draw::new(seed),
        };
        bench.change(size / 8);
        bench.change(512);
        bench
    }

    /// Writes noise over `length` bytes of whole sectors somewhere.
    fn change(&mut self, length: usize) {
        let at = self.draw.index(self.disk.len() - length) / 512 * 512;
        let noise = self.draw.bytes(length);
        self.disk[at..at + length].copy_from_slice(&noise);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sha256(&self, whole: usize) -> String {
        let mut disk = self.disk.clone();
        disk.resize(self.disk.len().next_multiple_of(whole), 0);
        hex(&Sha256::digest(&disk))
    }

    /// Converts the disk as it is now.
    fn write(&self, name: &str, format: Format, parent: Option<&str>, azure: bool) -> PathBuf {
        let raw = self.path("disk.raw");
        fs::write(&raw, &self.disk).expect("a file can be written");
        let source =
            Disk::open(&raw, &OpenOptions { raw: true, ..OpenOptions::default() }).expect("a raw disk opens");
        let parent = parent.map(|name| open(&self.path(name)).expect("the parent opens"));
        let options = ConvertOptions { format, parent: parent.as_ref(), azure, replace: false };
        convert(&source, &self.path(name), &options, &Silent).expect("the disk converts");
        self.path(name)
    }
}

/// Fails unless we and `judges` find `sha256` in `image`.
fn all_find(sha256: &str, image: &Path, judges: &[Judge]) {
    assert_eq!(content_sha256(&open(image).expect("our image opens")), sha256, "we, {}", image.display());
    for judge in judges.iter().filter(|judge| judge.is_present()) {
        assert_eq!(judge.check(image), Ok(()), "{judge:?}, {}", image.display());
        assert_eq!(judge.content_sha256(image).as_deref(), Ok(sha256), "{judge:?}, {}", image.display());
    }
}

const BOTH: [Judge; 2] = [Judge::Qemu, Judge::SevenZip];

#[test]
fn fixed_and_dynamic_images_of_ours_hold_the_disk_for_qemu_and_7_zip() {
    // A whole number of blocks, of sectors, and of neither.
    for (seed, size) in [(1, 8 << 20), (2, (5 << 20) + 512), (3, (3 << 20) + 700)] {
        let bench = Bench::new(size, seed);
        let sha256 = bench.sha256(512);
        all_find(&sha256, &bench.write("fixed.vhd", Format::Fixed, None, false), &BOTH);
        all_find(&sha256, &bench.write("dynamic.vhd", Format::Dynamic, None, false), &BOTH);
    }
}

#[test]
fn an_empty_dynamic_image_of_ours_is_an_empty_disk_for_qemu_and_7_zip() {
    let mut bench = Bench::new(4 << 20, 4);
    bench.disk.fill(0);
    let image = bench.write("empty.vhd", Format::Dynamic, None, false);
    assert!(fs::metadata(&image).unwrap().len() < 4096);
    all_find(&bench.sha256(512), &image, &BOTH);
}

#[test]
fn an_upload_for_azure_is_whole_mebibytes_and_a_footer() {
    let bench = Bench::new((21 << 20) + 512, 5);
    let image = bench.write("upload.vhd", Format::Fixed, None, true);
    assert_eq!(fs::metadata(&image).unwrap().len(), (22 << 20) + 512);
    all_find(&bench.sha256(1 << 20), &image, &BOTH);
}

#[test]
fn children_of_ours_hold_the_disk_for_7_zip() {
    let mut bench = Bench::new((9 << 20) + 512, 6);
    bench.write("base.vhd", Format::Dynamic, None, false);
    let mut parent = "base.vhd".to_owned();
    for depth in 0..4 {
        bench.change(512);
        bench.change(512 * 9);
        // Zeroes over noise must hide the parent's noise.
        let at = bench.draw.index(8 << 20) / 512 * 512;
        bench.disk[at..at + 4096].fill(0);
        let name = format!("child{depth}.avhd");
        let child = bench.write(&name, Format::Differencing, Some(&parent), false);
        // Never ask qemu-img: it shows a child as if it had no parent.
        all_find(&bench.sha256(512), &child, &[Judge::SevenZip]);
        parent = name;
    }
}

#[test]
fn a_child_of_a_fixed_image_holds_the_disk_for_7_zip() {
    let mut bench = Bench::new(6 << 20, 7);
    bench.write("base.vhd", Format::Fixed, None, false);
    bench.change(100 * 512);
    let child = bench.write("child.vhd", Format::Differencing, Some("base.vhd"), false);
    all_find(&bench.sha256(512), &child, &[Judge::SevenZip]);
}

#[test]
fn images_of_qemu_hold_the_disk_for_us() {
    if !Judge::Qemu.is_present() {
        return;
    }
    let bench = Bench::new((10 << 20) + 1_024, 8);
    fs::write(bench.path("disk.raw"), &bench.disk).unwrap();
    for subformat in ["fixed", "dynamic"] {
        for force in ["on", "off"] {
            let image = bench.path(&format!("{subformat}-{force}.vhd"));
            let output = Command::new("qemu-img")
                .args(["convert", "-f", "raw", "-O", "vpc", "-o"])
                .arg(format!("subformat={subformat},force_size={force}"))
                .args([bench.path("disk.raw"), image.clone()])
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let disk = open(&image).unwrap();
            if force == "on" {
                assert_eq!(content_sha256(&disk), bench.sha256(512), "{subformat}");
            } else {
                // QEMU has rounded the size up to a geometry; it must agree itself.
                assert_eq!(Judge::Qemu.content_sha256(&image), Ok(content_sha256(&disk)), "{subformat}");
                assert!(disk.size().get() >= bench.disk.len() as u64);
            }
        }
    }
}
