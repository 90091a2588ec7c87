//! The kept corpus of every fuzz target, replayed on stable Rust.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_tests::fuzz::VHD_TARGETS;
use vhault_tests::vhd::{Draw, Kind, Sketch, build_chain};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

#[test]
fn every_kept_input_still_holds_what_its_target_promises() {
    for (name, target) in VHD_TARGETS {
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
    for (name, _) in VHD_TARGETS {
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
            for _ in 0..draw.below(6) {
                // Mostly in the structures at the start and at the end.
                let near = draw.below(bytes.len().min(2_600));
                let at = if draw.once_in(2) { near } else { bytes.len() - 1 - near };
                bytes[at] = draw.bytes(1)[0];
            }
            if draw.once_in(5) {
                let kept = draw.below(bytes.len());
                bytes.truncate(kept);
            }
            VHD_TARGETS[target].1(&bytes);
        }
        let noise = draw.below(200);
        VHD_TARGETS[2].1(&draw.bytes(noise));
    }
}

struct Seeds {
    image: Vec<u8>,
    chain: Vec<u8>,
}

/// A small image and a small chain, as inputs of the first two targets.
fn seeds(draw: &mut Draw, kind: usize) -> Seeds {
    let block_bytes = 512 << draw.below(4);
    let size = 1 + draw.below(6_000);
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
