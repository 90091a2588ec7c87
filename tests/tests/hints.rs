//! Differencing children say what changed. They are believed, audited, and
//! found out.

use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Instant as Clock;

use vhault_benches::foreign::VhdKind;
use vhault_core::copy::ranges::ByteRanges;
use vhault_core::extent::ExtentSet;
use vhault_core::time::Instant;
use vhault_datapath::copy::journal::Journaled;
use vhault_datapath::copy::{AUDIT_RUNS, CopyError, CopyOptions, DiskPlan, Hint, Resume};
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::monitor::Silent;
use vhault_datapath::pipeline::copy;
use vhault_datapath::vault::open::NewVault;
use vhault_datapath::vault::{Session, Unlock, Vault};
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::vhault;
use vhault_tests::vault::Home;
use vhault_tests::vhd::{Built, Kind, SECTOR, Sketch, build_chain};

/// A base image of 32 MiB and a child of it that changes 64 KiB.
fn base_and_child(home: &Home) -> (String, String, Vec<u8>) {
    let content = lived_in(65_536, 5);
    let base = image::vhd(&home.path("base.vhd"), &content, VhdKind::Dynamic);
    let mut changed = content;
    changed[10_000_000..10_065_536].copy_from_slice(&lived_in(65_536, 6)[..65_536]);
    let raw = image::raw(&home.path("changed.raw"), &changed);
    let child = image::named(&home.path("child.vhd"));
    let args = ["convert", &raw, "--raw", "--format", "differencing", "--parent", &base, "--out", &child];
    vhault(args).done();
    (base, child, changed)
}

#[test]
fn a_child_of_a_known_base_is_read_only_where_its_tables_say_so() {
    let home = Home::with_vault();
    let (base, child, changed) = base_and_child(&home);
    home.backup("vm", &[&base]);
    let point = home.backup("vm", &["--json", &child]).json();
    let disk = &point["disks"][0];
    let bytes = |name: &str| disk[name].as_u64().unwrap();
    assert_eq!(disk["label"], "base", "the chain leads to the label in the vault");
    assert_eq!(bytes("size_bytes"), 32 << 20);
    assert!(bytes("kept_bytes") > 20 << 20, "{disk}");
    // The changed chunks, and an eighth of the rest to audit it.
    assert!(bytes("read_bytes") <= (32 << 20) / AUDIT_RUNS + (1 << 20), "{disk}");
    assert!(bytes("audited_bytes") > 0, "{disk}");
    let out = home.restore("latest", "base", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == changed);
}

#[test]
fn a_parent_that_was_written_to_since_is_read_again() {
    let home = Home::with_vault();
    let (base, child, mut changed) = base_and_child(&home);
    home.backup("vm", &[&base]);
    // Somebody writes into a block of the parent, after its child was made. The id stays. The audit reads the first
    // chunk of eight, and cannot save us: the second is written to.
    const CHUNK_BYTES: usize = 256 << 10;
    let table = image::Surgery::on(base.as_ref());
    let block = table.stored_entries()[0];
    let place = u64::from(table.entry(block)) * 512 + 512 + CHUNK_BYTES as u64;
    fs::OpenOptions::new().write(true).open(&base).unwrap().write_all_at(&[0xEE; 512], place).unwrap();
    changed[block * (2 << 20) + CHUNK_BYTES..][..512].fill(0xEE);

    let point = home.backup("vm", &["--json", &child]).json();
    assert_eq!(point["disks"][0]["kept_bytes"], 0, "doubt means reading everything");
    let out = home.restore("latest", "base", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == changed);
}

/// A base, a child that is shorter, and a grandchild as long as the base: what lies past the child's end is zeroes,
/// though no table of the grandchild says that it differs from the base. At stake are the last two of eight chunks; the
/// audit reads the second, and cannot save us.
#[test]
fn past_the_end_of_a_shorter_parent_nothing_is_taken_for_unchanged() {
    const END_BYTES: usize = 6 << 18;
    let home = Home::with_vault();
    let sketch = |kind, size, seed| Sketch { kind, size, block_bytes: 1 << 19, seed };
    let chain = (3..100).map(|seed| {
        build_chain(&[
            sketch(Kind::Fixed, 8 << 18, 1),
            sketch(Kind::Differencing, END_BYTES, 2),
            sketch(Kind::Differencing, 8 << 18, seed),
        ])
    });
    let silent = |chain: &Vec<Built>| !chain[0].held[END_BYTES / SECTOR..].contains(&true);
    let chain = chain.into_iter().find(silent).expect("half of all seeds hold nothing there");
    assert!(chain[2].disk[END_BYTES..] != chain[0].disk[END_BYTES..]);
    let files = ["grandchild.vhd", "child.vhd", "base.vhd"].map(|name| home.path(name));
    for (built, file) in chain.iter().zip(&files) {
        fs::write(file, &built.file).unwrap();
    }
    let named = files.map(|file| image::named(&file));
    home.backup("vm", &[&format!("disk={}", named[2])]);
    let labelled = format!("disk={}", named[0]);
    let point =
        home.backup("vm", &["--json", &labelled, "--parent", &named[1], "--parent", &named[2]]).json();
    assert_eq!(point["disks"][0]["kept_bytes"], 0, "doubt means reading everything");
    let out = home.restore("latest", "disk", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == chain[0].disk, "the restore differs from what the guest saw");
}

#[test]
fn a_lying_hint_is_found_out_within_the_stated_number_of_runs() {
    let home = Home::empty();
    let root = home.path("vault");
    Vault::create(&root, &Unlock::Nothing, NewVault::default()).unwrap();
    let vault = Vault::open(&root, &Unlock::Nothing, &home.path("cache")).unwrap();
    vault.load_table(&mut Err).unwrap();
    let mut content = lived_in(65_536, 7);
    let file = home.path("disk.raw");
    let raw = OpenOptions { raw: true, ..OpenOptions::default() };
    image::raw(&file, &content);
    let disk = Arc::new(Disk::open(&file, &raw).unwrap());
    let options = CopyOptions { threads: 2, ..CopyOptions::default() };
    let stop = AtomicBool::new(false);
    let run = |disk: &Arc<Disk>, base, hint| {
        let (session, _) = Session::begin(&vault, "test", Instant::default(), &[]).unwrap();
        let plan =
            DiskPlan { disk: Arc::clone(disk), base, hint, resume: None, journaled: Journaled::default() };
        let copied = copy(&session, &[plan], &options, Clock::now(), &stop, &Silent);
        match &copied {
            Ok(_) => drop(session.commit(&[], Instant::default()).unwrap()),
            Err(error) => session.abort(&error.to_string()).unwrap(),
        }
        copied.map(|copied| copied[0].clone())
    };
    let base = run(&disk, None, None).unwrap().content;

    // Chunk 37 changes, and the hint says that nothing did.
    content[37 << 18] ^= 1;
    image::raw(&file, &content);
    let disk = Arc::new(Disk::open(&file, &raw).unwrap());
    let caught = Mutex::new(Vec::new());
    for part in 0..AUDIT_RUNS {
        let hint = Hint { changed: ExtentSet::new(), audit_part: Some(part) };
        match run(&disk, Some(base), Some(hint)) {
            Err(CopyError::HintLied { plan: 0, chunk: 37 }) => caught.lock().unwrap().push(part),
            Err(other) => panic!("{other}"),
            Ok(copied) => {
                assert_eq!(copied.content, base, "the lie was believed, so the root is the old one")
            }
        }
    }
    assert_eq!(
        caught.into_inner().unwrap(),
        [37 % AUDIT_RUNS],
        "each chunk is read in exactly one run of eight"
    );
    let truth = run(&disk, Some(base), None).unwrap();
    assert_ne!(truth.content, base);

    // A copy that is resumed is sampled too: chunk 0 is always among the samples.
    content[0] ^= 1;
    image::raw(&file, &content);
    let (session, _) = Session::begin(&vault, "test", Instant::default(), &[]).unwrap();
    let resume = Resume { content: truth.content, missing: ByteRanges::new() };
    let disk = Arc::new(Disk::open(&file, &raw).unwrap());
    let plan =
        DiskPlan { disk, base: None, hint: None, resume: Some(resume), journaled: Journaled::default() };
    let copied = copy(&session, &[plan], &options, Clock::now(), &stop, &Silent);
    assert!(
        matches!(copied, Err(CopyError::HintLied { plan: 0, chunk: 0 })),
        "another file was taken for it"
    );
    session.abort("test").unwrap();
}

#[test]
fn holes_of_a_sparse_source_count_as_zeroes_without_being_read() {
    let home = Home::with_vault();
    let file = home.path("disk.raw");
    let content = lived_in(4_000, 9);
    image::raw(&file, &content);
    let written = fs::OpenOptions::new().write(true).open(&file).unwrap();
    written.set_len(256 << 20).unwrap();
    written.write_all_at(&[7; 4096], 200 << 20).unwrap();
    drop(written);
    if fs::metadata(&file).unwrap().blocks() * 512 >= 256 << 20 {
        // A file system without holes has nothing to tell.
        return;
    }
    let named = image::named(&file);
    let sparse = home.backup("sparse", &["--raw", "--json", &named]).json();
    let bytes = |point: &serde_json::Value, name: &str| point["disks"][0][name].as_u64().unwrap();
    assert!(
        bytes(&sparse, "read_bytes") <= (content.len() as u64).next_multiple_of(1 << 18) + (1 << 18),
        "{sparse}"
    );
    let all = home.backup("all", &["--raw", "--json", "--read-all", &named]).json();
    assert_eq!(bytes(&all, "read_bytes"), 256 << 20);
    assert_eq!(sparse["disks"][0]["root"], all["disks"][0]["root"]);
    let out = home.restore("latest:sparse", "0", "raw", "out.raw");
    assert!(fs::read(out).unwrap() == fs::read(file).unwrap());
}
