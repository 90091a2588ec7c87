//! The kept corpus of every fuzz target, replayed on stable Rust.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::draw::Draw;
use vhault_core::catalogue::{Catalogue, encode_checkpoint};
use vhault_core::digest::{ChunkId, CommitId, PackName, RecordHash, SessionId, VaultId};
use vhault_core::time::Instant;
use vhault_core::vault::blob::{Codec, Place};
use vhault_core::vault::id::IdHash;
use vhault_core::vault::key::Keyring;
use vhault_core::vault::layout::LayoutSpan;
use vhault_core::vault::page::Page;
use vhault_core::vault::record::{Entry, encode_record};
use vhault_core::vault::seal::Suite;
use vhault_core::vault::settings::Settings;
use vhault_tests::fuzz::{Target, VHD_TARGETS};
use vhault_tests::fuzz_vault::VAULT_TARGETS;
use vhault_tests::vhd::{Kind, Sketch, build_chain};

fn all_targets() -> impl Iterator<Item = Target> {
    VHD_TARGETS.into_iter().chain(VAULT_TARGETS)
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

#[test]
fn every_kept_input_still_holds_what_its_target_promises() {
    for (name, target) in all_targets() {
        let mut files: Vec<_> =
            fs::read_dir(corpus().join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has no corpus");
        for file in files {
            target(&fs::read(&file).unwrap());
        }
    }
}

#[test]
fn every_target_is_also_one_of_libfuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    for (name, _) in all_targets() {
        assert!(folder.join(format!("{name}.rs")).is_file(), "{name} has no fuzz target");
    }
}

/// Bytes that are nearly an image: what a fuzzer finds after minutes, every
/// time, in a second.
#[test]
fn images_with_a_few_changed_bytes_hold_what_the_targets_promise() {
    let mut draw = Draw::new(0x0076_6175_6c74);
    for round in 0..400 {
        let seeds = seeds(&mut draw, round % 7);
        for (target, mut bytes) in [(0, seeds.image), (1, seeds.chain)] {
            for _ in 0..draw.index(6) {
                // Mostly in the structures at the start and at the end.
                let near = draw.index(bytes.len().min(2_600));
                let at = if draw.once_in(2) { near } else { bytes.len() - 1 - near };
                bytes[at] = draw.bytes(1)[0];
            }
            if draw.once_in(5) {
                let kept = draw.index(bytes.len());
                bytes.truncate(kept);
            }
            VHD_TARGETS[target].1(&bytes);
        }
        let noise = draw.index(200);
        VHD_TARGETS[2].1(&draw.bytes(noise));
    }
}

/// The kept inputs of the vault's targets with a few changed bytes.
#[test]
fn vault_bytes_with_a_few_changes_hold_what_the_targets_promise() {
    let mut draw = Draw::new(0x7661_756c_7400);
    for (name, target) in VAULT_TARGETS {
        for entry in fs::read_dir(corpus().join(name)).unwrap() {
            let kept = fs::read(entry.unwrap().path()).unwrap();
            for _ in 0..300 {
                let mut bytes = kept.clone();
                for _ in 0..1 + draw.index(3) {
                    if let Some(last) = bytes.len().checked_sub(1) {
                        let at = draw.index(last + 1);
                        bytes[at] = draw.bytes(1)[0];
                    }
                }
                if draw.once_in(4) {
                    bytes.truncate(draw.index(bytes.len() + 1));
                }
                target(&bytes);
            }
        }
        for _ in 0..300 {
            let length = draw.index(400);
            target(&draw.bytes(length));
        }
    }
}

/// Writes the seeds of the vault's targets: run once, by hand, when a target is new.
#[test]
#[ignore = "it writes the corpus"]
fn write_vault_seeds() {
    let keep = |target: &str, name: &str, bytes: &[u8]| {
        fs::create_dir_all(corpus().join(target)).unwrap();
        fs::write(corpus().join(target).join(name), bytes).unwrap();
    };
    let vault = VaultId::from_bytes([0x11; 16]);
    let keyring = Keyring::public(vault);
    let sealer = keyring.sealer(vault, Suite::None, [0x22; 32]);
    let settings = Settings {
        vault,
        suite: Suite::None,
        chunk_log2: 18,
        fan_out_log2: 8,
        id_hash: IdHash::Blake3,
        created: Instant::from_unix_milliseconds(1),
    };
    keep("vault_envelope", "settings", &settings.encode());
    keep("vault_settings", "whole", &settings.encode());
    keep("vault_settings", "clear", &settings.encode()[96..108]);
    let mut slot = vec![7; 16];
    slot.extend([0, 8, 1, 1]);
    slot.extend([9; 32]);
    slot.extend([4, b't', b'e', b's', b't', 2]);
    keep("vault_slot", "passphrase", &slot);
    let mut chunks = vec![None; 256];
    chunks[3] = Some(ChunkId::from_bytes([5; 32]));
    keep("vault_page", "leaf", &Page::Leaf(chunks).encode());
    keep("vault_page", "inner", &Page::Inner { level: 2, pages: vec![None; 256] }.encode());
    let mut layout = Vec::new();
    LayoutSpan::Literal { length: 1536 }.encode(&mut layout);
    LayoutSpan::Fill { byte: 255, length: 512 }.encode(&mut layout);
    LayoutSpan::Guest { disk_offset: 1 << 40, length: 2 << 20 }.encode(&mut layout);
    keep("vault_layout", "three", &layout);
    let place = |offset: u32| Place {
        id: ChunkId::from_bytes([offset.to_le_bytes()[0]; 32]).into(),
        nonce: 3,
        offset,
        boxed_bytes: 40,
        codec: Codec::Zstd,
        pack: 0,
    };
    keep("vault_index", "two", &[place(97).encode(), place(137).encode()].concat());
    let mut front = vec![0; 16];
    front.extend(1_u32.to_le_bytes());
    front.extend(PackName::from_bytes([1; 32]).as_bytes());
    keep("vault_fragment", "empty", &front);
    let entry = Entry::Begun {
        session: SessionId::from_bytes([8; 16]),
        host: "host".into(),
        host_time: Instant::from_unix_milliseconds(5),
        purpose: "seed".into(),
        parents: Vec::new(),
    };
    let commit = CommitId::from_bytes([6; 16]);
    let file = encode_record(vault, &sealer, 1, RecordHash::from_bytes([0; 32]), commit, &entry).unwrap();
    let clear = usize::try_from(u32::from_le_bytes(file[88..92].try_into().unwrap())).unwrap();
    let mut record = u16::try_from(clear).unwrap().to_le_bytes().to_vec();
    record.extend(&file[96..file.len() - 16]);
    keep("vault_record", "begun", &record);
    let mut catalogue = Catalogue::default();
    catalogue.head_number = 1;
    catalogue.head_hash = [0x44; 32];
    let file = encode_checkpoint(vault, &sealer, &catalogue);
    keep("vault_checkpoint", "empty", &file[136..file.len() - 16]);
}

struct Seeds {
    image: Vec<u8>,
    chain: Vec<u8>,
}

/// A small image and a small chain, as inputs of the first two targets.
fn seeds(draw: &mut Draw, kind: usize) -> Seeds {
    let block_bytes = 512 << draw.index(4);
    let size = 1 + draw.index(6_000);
    let base = if kind == 0 { Kind::Fixed } else { Kind::Dynamic };
    let sketches =
        [base, Kind::Differencing].map(|kind| Sketch { kind, size, block_bytes, seed: draw.number() });
    let chain = build_chain(&sketches);
    let mut both = u32::try_from(chain[1].file.len()).unwrap_or(0).to_be_bytes().to_vec();
    both.extend(&chain[1].file);
    both.extend(&chain[0].file);
    let image = chain.into_iter().nth(usize::from(kind < 5)).map(|built| built.file);
    Seeds { image: image.unwrap_or_default(), chain: both }
}

/// Writes the seeds that are kept: run once, by hand, when a target is new.
#[test]
#[ignore = "it writes the corpus"]
fn write_seeds() {
    let mut draw = Draw::new(1);
    let keep = |target: &str, name: &str, bytes: &[u8]| {
        fs::create_dir_all(corpus().join(target)).unwrap();
        fs::write(corpus().join(target).join(name), bytes).unwrap();
    };
    for (kind, name) in [(0, "fixed"), (1, "dynamic"), (5, "differencing")] {
        let seeds = seeds(&mut draw, kind);
        keep("vhd_open", name, &seeds.image);
        keep("vhd_open", &format!("{name}_cut"), &seeds.image[..seeds.image.len() / 2]);
        keep("vhd_chain", name, &seeds.chain);
        keep("vhd_footer", name, &seeds.image[..512.min(seeds.image.len())]);
        keep("vhd_header", name, &draw.bytes(1_024));
    }
    keep("vhd_table", "in_order", &[0, 40, 0, 0, 0, 0, 6, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff]);
    keep("vhd_table", "overlapping", &[1, 40, 0, 0, 0, 0, 6, 0, 0, 0, 7]);
    keep("vhd_table", "past_the_end", &[0, 4, 0, 0x80, 0, 0, 6, 0, 0, 0, 5]);
    keep("vhd_table", "last_block_cut", &[3, 9, 7, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5]);
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (name, path) in
        [("plain", ".\\base.vhd"), ("up", "..\\..\\etc\\passwd"), ("drive", "C:\\x\\base.vhd")]
    {
        keep("vhd_locator", name, &utf16(path));
    }
    keep("vhd_locator", "lone_surrogate", &[0x41, 0, 0, 0xd8, 0x42, 0]);
}
