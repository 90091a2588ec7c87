//! The corpus: images made by other people's programs, packed, with the
//! hashes of what they truly hold.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use vhault_core::digest::hex;
use vhault_datapath::disk::Disk;

/// The unpacked corpus, in a folder of its own.
#[derive(Debug)]
pub struct Corpus {
    folder: TempDir,
    /// One for each image, in the manifest's order.
    pub entries: Vec<Entry>,
}

/// One image of the corpus.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name, like `xen-made/child1.vhd`.
    pub name: String,
    /// SHA-256 of its whole disk in hex, where someone could tell.
    pub content_sha256: Option<String>,
}

impl Corpus {
    /// Unpacks all images, or `None` when the folder is not there: then this
    /// says so on stderr, where nobody can miss it.
    ///
    /// # Panics
    ///
    /// When the folder is there and is not a corpus.
    pub fn unpack() -> Option<Corpus> {
        let packed = folder();
        let Ok(manifest) = fs::read(packed.join("manifest.json")) else {
            say_absent(&packed);
            return None;
        };
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("the manifest is JSON");
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut entries = Vec::new();
        for entry in manifest.as_array().expect("the manifest is a list") {
            let name = entry["file"].as_str().expect("every entry names its file").to_owned();
            unpack_one(&packed.join(format!("{name}.gz")), &folder.path().join(&name), entry);
            let content_sha256 = entry["content_sha256"].as_str().map(str::to_owned);
            entries.push(Entry { name, content_sha256 });
        }
        Some(Corpus { folder, entries })
    }

    /// Where the image called `name` lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// `VHAULT_CORPUS`, or `../shared/corpus` beside the workspace.
fn folder() -> PathBuf {
    match std::env::var_os("VHAULT_CORPUS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
    }
}

#[expect(clippy::print_stderr, reason = "an absent corpus must be seen in the test's output")]
fn say_absent(folder: &Path) {
    eprintln!("==============================================================================");
    eprintln!("  NOT TESTED: the corpus of foreign images is not at {}", folder.display());
    eprintln!("  Set VHAULT_CORPUS to its folder. Only images of our own making were read.");
    eprintln!("==============================================================================");
}

fn unpack_one(packed: &Path, target: &Path, entry: &serde_json::Value) {
    fs::create_dir_all(target.parent().expect("an image lies in a folder")).expect("a folder can be made");
    let mut unpacked =
        flate2::read::GzDecoder::new(fs::File::open(packed).expect("the packed image is there"));
    let mut file = fs::File::create(target).expect("a file can be made");
    io::copy(&mut unpacked, &mut file).expect("the image unpacks");
    let bytes = fs::read(target).expect("the image is there");
    let expected = entry["sha256"].as_str().expect("every entry has the hash of its file");
    assert_eq!(hex(&Sha256::digest(&bytes)), expected, "{} is not as packed", target.display());
}

/// SHA-256 of all bytes of a disk, read in pieces of 1 MiB, in hex.
///
/// # Panics
///
/// When the disk cannot be read.
pub fn content_sha256(disk: &Disk) -> String {
    let chain = disk.chain();
    let mut cursor = chain.cursor();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    while at < disk.size().get() {
        let length =
            usize::try_from(disk.size().get() - at).map_or(buffer.len(), |rest| rest.min(buffer.len()));
        chain.read(&mut cursor, at, &mut buffer[..length]).expect("the disk can be read");
        hasher.update(&buffer[..length]);
        at += length as u64;
    }
    hex(&hasher.finalize())
}
