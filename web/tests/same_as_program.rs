//! What the page exports is what the program prints, byte for byte.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use vhault_core::copy::estimate::Work;
use vhault_core::units::{BlockIndex, ByteCount};
use vhault_core::vhd::{NewDisk, NewKind, NewParent};
use vhault_datapath::codec::{Compressor, Effort};
use vhault_tests::corpus::Corpus;
use vhault_tests::program;
use vhault_web::compare::compare;
use vhault_web::given::Named;
use vhault_web::inspect::inspect;
use vhault_web::measure::{Measured, Share, join, measure};
use vhault_web::sample::{Memory, Sample};
use vhault_web::view_model::copy::{WINDOW_HOURS, expect};
use vhault_web::view_model::disk::Disk;
use vhault_web::view_model::map::State;

fn named(folder: &Path, names: &[&str]) -> Vec<Named<Memory>> {
    names
        .iter()
        .map(|name| Named {
            name: (*name).to_owned(),
            source: Memory(Rc::from(fs::read(folder.join(name)).expect("the image is there"))),
        })
        .collect()
}

/// What the program prints in `folder`, and its exit code.
fn told(folder: &Path, words: &[&str]) -> program::Told {
    program::run(program::command(words).current_dir(folder))
}

fn write(folder: &Path, files: &[Named<Memory>]) {
    for file in files {
        fs::write(folder.join(&file.name), &file.source.0).expect("a file can be written");
    }
}

#[test]
fn every_sample_is_inspected_as_the_program_does() {
    for sample in Sample::ALL {
        let folder = tempfile::tempdir().unwrap();
        let files = sample.files();
        write(folder.path(), &files);
        let inspected = inspect(files);
        if matches!(sample, Sample::Foreign | Sample::Torn) {
            // The program refuses it in the same words.
            let [refused] = inspected.refused.as_slice() else { panic!("{sample:?}") };
            let told = told(folder.path(), &["inspect", "--json", &refused.name]);
            assert_ne!(told.code, Some(0), "{sample:?}");
            assert!(told.stderr.contains(&refused.why.en), "{}: {}", refused.why.en, told.whole());
            assert_eq!(refused.damage.is_some(), sample == Sample::Torn);
            continue;
        }
        assert_eq!((inspected.disks.len(), inspected.refused.len()), (1, 0), "{sample:?}");
        let disk = &inspected.disks[0];
        let told = told(folder.path(), &["inspect", "--json", &disk.images[0].name]);
        assert_eq!(told.stdout, format!("{}\n", disk.export), "{sample:?}: {}", told.whole());
    }
}

#[test]
fn samples_show_what_they_are_called() {
    let one = |sample: Sample| inspect(sample.files()).disks.remove(0);
    let chain = one(Sample::Chain);
    let names: Vec<&str> = chain.images.iter().map(|image| image.name.as_str()).collect();
    assert_eq!(names, ["wednesday.avhd", "tuesday.avhd", "monday.vhd"]);
    assert!(chain.is_complete);
    assert!(!one(Sample::Orphan).is_complete);
    assert!(one(Sample::Damaged).findings.iter().any(|found| found.code == "footer-checksum"));
    assert!(one(Sample::Fixed).findings.is_empty(), "{:?}", one(Sample::Fixed).findings);
    // Small blocks make a map worth looking at; core says that they are unusual.
    let codes = |disk: &Disk| disk.findings.iter().map(|found| found.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&one(Sample::Dynamic)), ["block-size"]);
}

#[test]
fn a_difference_is_told_as_the_program_does() {
    let folder = tempfile::tempdir().unwrap();
    let files = Sample::Chain.files();
    write(folder.path(), &files);
    let is_same = |left: &Memory, right: &Memory| Rc::ptr_eq(&left.0, &right.0);
    for (before, after) in [(1, 2), (1, 0), (2, 0), (0, 1), (1, 1)] {
        let mut last = 0;
        let compared = compare(&files, before, after, &is_same, &mut |done, _| last = done).unwrap();
        let told = told(folder.path(), &["diff", "--json", &files[before].name, &files[after].name]);
        assert_eq!(told.stdout, format!("{}\n", compared.export), "{}", told.whole());
        assert_eq!(last, compared.whole_bytes);
        assert_eq!(compared.extent_count == 0, before == after);
    }
}

#[test]
fn every_foreign_image_is_inspected_as_the_program_does() {
    let Some(corpus) = Corpus::unpack() else { return };
    let mut read = 0;
    for entry in &corpus.entries {
        let path = corpus.path(&entry.name);
        let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap());
        let told = told(folder, &["inspect", "--json", name]);
        // A person drops the image and all that lies beside it; the program
        // looks for the parents itself.
        let mut names = vec![name.to_owned()];
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&told.stdout) {
            let images = json["images"].as_array().unwrap();
            names.extend(images.iter().skip(1).map(|image| image["name"].as_str().unwrap().to_owned()));
        }
        names.reverse();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let inspected = inspect(named(folder, &names));
        match inspected.disks.first() {
            Some(disk) => {
                assert_eq!(told.stdout, format!("{}\n", disk.export), "{}", entry.name);
                read += 1;
            }
            None => {
                let why = &inspected.refused[0].why.en;
                assert_ne!(told.code, Some(0), "{}: {why}", entry.name);
                assert!(told.stderr.contains(why.as_str()), "{}: {why}: {}", entry.name, told.whole());
            }
        }
    }
    assert!(read > 0, "no image of the corpus could be read");
}

/// Measured by `of` workers, with the codec of the program.
fn measured(files: &[Named<Memory>], of: u32) -> Measured {
    let mut compressor = Compressor::new(Effort::Default);
    let mut store = |bytes: &[u8]| {
        let mut stored = Vec::new();
        compressor.compress(bytes, &mut stored);
        u32::try_from(stored.len()).expect("a test chunk is small")
    };
    let one = |number| {
        measure(files, 0, Share { number, of }, Some(&mut store), &mut |_, _| ())
            .expect("the images can be read")
    };
    join((0..of).map(one).collect()).expect("there is at least one share")
}

#[test]
fn measuring_a_disk_finds_its_zeroes_and_repeats() {
    let files = Sample::Chain.files();
    let measured = measured(&files, 1);
    assert_eq!(measured.disk_bytes, 16 << 20);
    assert_eq!(measured.map.blocks(), (16 << 20) / (64 << 10));
    assert!(measured.zero_bytes > 0 && measured.zero_bytes < measured.disk_bytes);
    let smallest = measured.chunks[0];
    assert!(smallest.unique <= smallest.with_data);
    assert_eq!(smallest.with_data * smallest.chunk_bytes + measured.zero_bytes, measured.disk_bytes);
    assert_eq!(measured.chunks.iter().map(|chunk| chunk.with_data).max(), Some(smallest.with_data));
    let stored: Vec<bool> = measured.chunks.iter().map(|chunk| chunk.stored_bytes.is_some()).collect();
    assert_eq!(stored, [false, true, false, false], "only the vault's own chunk size is compressed");
    assert_eq!(measured.new_bytes(), measured.chunks[1].unique_bytes);
}

#[test]
fn several_workers_find_what_one_finds_and_the_hash_is_that_of_the_disk() {
    // Longer than three slices, the last one short; the first and the third are equal.
    let size = 3 * vhault_web::measure::SLICE_BYTES + 4096;
    let mut disk = vec![0_u8; usize::try_from(size).unwrap()];
    for (number, chunk) in disk.chunks_mut(256 << 10).enumerate().filter(|(number, _)| number % 5 == 0) {
        let seed = (number % 512).to_le_bytes();
        chunk
            .iter_mut()
            .zip(blake3::Hasher::new().update(&seed).finalize().as_bytes().iter().cycle())
            .for_each(|(byte, noise)| *byte = *noise);
    }
    let hash = blake3::hash(&disk).to_hex().to_string();
    let new = NewDisk {
        kind: NewKind::Fixed,
        size: ByteCount::new(size),
        block_bytes: 2 << 20,
        unique_id: [7; 16],
        created_seconds_since_2000: 1,
        parent: None,
        azure: false,
    };
    let plan = new.lay_out([]).unwrap();
    disk.resize(usize::try_from(plan.file_size().get()).unwrap(), 0);
    for (at, bytes) in plan.pieces() {
        let at = usize::try_from(at.get()).unwrap();
        disk[at..at + bytes.len()].copy_from_slice(bytes);
    }
    let files = [Named { name: "large.vhd".to_owned(), source: Memory(Rc::from(disk)) }];
    let one = measured(&files, 1);
    assert_eq!((one.disk_bytes, &one.hash), (size, &hash));
    for of in [2, 3, 4, 9] {
        assert_eq!(measured(&files, of), one, "{of} workers");
    }
}

#[test]
fn a_missing_share_is_noticed() {
    let files = Sample::Chain.files();
    let part = measure(&files, 0, Share { number: 1, of: 2 }, None, &mut |_, _| ()).unwrap();
    assert_eq!(join(vec![part]), None);
    assert_eq!(join(Vec::new()), None);
}

#[test]
fn a_child_without_parent_is_not_measured_and_says_why() {
    let why = measure(&Sample::Orphan.files(), 0, Share::WHOLE, None, &mut |_, _| ()).unwrap_err();
    assert!(why.en.contains("missing"), "{}", why.en);
}

#[test]
fn the_program_s_foreign_file_is_refused_in_both_languages() {
    let refused = inspect(Sample::Foreign.files()).refused;
    assert!(refused[0].why.en.contains("text"), "{}", refused[0].why.en);
    assert!(refused[0].why.ko.contains("텍스트"), "{}", refused[0].why.ko);
}

/// Which blocks are damaged was chosen where the sample is made.
#[test]
fn the_torn_sample_shows_each_kind_of_damage_and_all_else() {
    let refused = inspect(Sample::Torn.files()).refused.remove(0);
    let damage = refused.damage.expect("its table can be read");
    let blocks: Vec<u64> = damage.faults.iter().map(|(block, _)| *block).collect();
    // Block 131 lies in block 60; the file was cut within block 378, its last.
    assert_eq!(blocks, [12, 130, 131, 378], "{:?}", damage.faults);
    assert_eq!(damage.count, 5);
    let damaged: Vec<u64> =
        damage.map.runs().iter().filter(|run| run.state == State::Damaged).map(|run| run.from).collect();
    assert_eq!(damaged, [12, 60, 130, 378]);
    let count = |wanted| damage.map.tally().iter().find(|(state, _)| *state == wanted).unwrap().1;
    assert_eq!((count(State::Damaged), damage.map.blocks()), (5, 512));
    assert!(damage.faults.iter().all(|(_, why)| why.en != why.ko));
}

/// Every kind of image the program itself can write, in every pair.
#[test]
fn every_kind_we_write_is_inspected_and_compared_as_the_program_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (kind, word) in
        [(NewKind::Fixed, "fixed"), (NewKind::Dynamic, "dynamic"), (NewKind::Differencing, "differencing")]
    {
        for (size, azure) in [(5 << 20, false), ((5 << 20) + 4096, false), (20 << 20, true)] {
            for block_bytes in [512 << 10, 2 << 20] {
                // Azure takes no other.
                if azure && kind != NewKind::Fixed {
                    continue;
                }
                let name = format!("{word}-{size}-{block_bytes}-{azure}.vhd");
                files.push(Named { name, source: Memory(Rc::from(image(kind, size, block_bytes, azure))) });
            }
        }
    }
    write(folder.path(), &files);
    for file in &files {
        let inspected = inspect([file.clone()]);
        let disk =
            inspected.disks.first().unwrap_or_else(|| panic!("{}: {:?}", file.name, inspected.refused));
        let told = told(folder.path(), &["inspect", "--json", &file.name]);
        assert_eq!(told.stdout, format!("{}\n", disk.export), "{}", file.name);
    }
    let is_same = |left: &Memory, right: &Memory| Rc::ptr_eq(&left.0, &right.0);
    let whole: Vec<usize> =
        (0..files.len()).filter(|place| !files[*place].name.starts_with("differencing")).collect();
    let mut pairs = 0;
    for (before, after) in whole.iter().zip(whole.iter().skip(1)) {
        let compared = compare(&files, *before, *after, &is_same, &mut |_, _| ()).unwrap();
        let told = told(folder.path(), &["diff", "--json", &files[*before].name, &files[*after].name]);
        assert_eq!(told.stdout, format!("{}\n", compared.export), "{}", told.whole());
        pairs += 1;
    }
    assert_eq!((files.len(), pairs), (14, 9));
}

/// An image with some of its blocks written.
fn image(kind: NewKind, size: u64, block_bytes: u32, azure: bool) -> Vec<u8> {
    let parent = (kind == NewKind::Differencing).then(|| NewParent {
        unique_id: [9; 16],
        created: 5,
        relative: "nowhere.vhd".to_owned(),
    });
    let new = NewDisk {
        kind,
        size: ByteCount::new(size),
        block_bytes,
        unique_id: [u8::from(azure) + 1; 16],
        created_seconds_since_2000: 7,
        parent,
        azure,
    };
    let plan = new.lay_out([2, 0].map(BlockIndex::new)).expect("a small image has a place for all of it");
    let mut file =
        vec![0; usize::try_from(plan.file_size().get()).expect("a small image has a place for all of it")];
    let mut put = |at: u64, bytes: &[u8]| {
        let at = usize::try_from(at).expect("a small image has a place for all of it");
        file[at..at + bytes.len()].copy_from_slice(bytes);
    };
    match plan.shape() {
        None => put(4096, &[0xa5; 9000]),
        Some(shape) => {
            for block in plan.stored() {
                let mut bitmap = shape.bitmap(false);
                (8..24).for_each(|sector| bitmap.set(sector));
                put(
                    plan.bitmap_place(block).expect("a small image has a place for all of it").get(),
                    bitmap.bytes(),
                );
                put(
                    plan.block_data(block).expect("a small image has a place for all of it").get() + 4096,
                    &[0x5a; 16 * 512],
                );
            }
        }
    }
    plan.pieces().iter().for_each(|(at, bytes)| put(at.get(), bytes));
    file
}

/// The page reckons as the program does: `vhault estimate`, of a vault without copies.
#[test]
fn a_first_copy_is_reckoned_as_the_program_does() {
    let folder = tempfile::tempdir().unwrap();
    let files = [Sample::Fixed.files(), Sample::Dynamic.files()].concat();
    write(folder.path(), &files);
    let made = told(folder.path(), &["init", "vault", "--no-encryption"]);
    assert_eq!(made.code, Some(0), "{}", made.whole());
    for file in &files {
        let disk = inspect([file.clone()]).disks.remove(0);
        for hours in WINDOW_HOURS {
            let deadline = format!("{hours}h");
            let words = ["estimate", "vault", "--vm", "vm", "--deadline", &deadline, "--json", &file.name];
            let told = told(folder.path(), &words);
            let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("the program answers");
            let ours = expect(Work { read_bytes: disk.copy_bytes, new_bytes: disk.copy_bytes }, 0, hours);
            let mut ours = serde_json::to_value(&ours).unwrap();
            ours["labels"] = told["labels"].clone();
            assert_eq!(ours, told, "{}", file.name);
        }
    }
}
