//! Rules of the vault that no other test sees broken: each of these fails when
//! its guard is taken out. `docs/proofs/vault.md` lists rule, guard and test.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use vhault_benches::draw::Draw;
use vhault_core::vault::slot::Secret;
use vhault_datapath::stream_reader::StreamReader;
use vhault_datapath::vault::{Unlock, Vault};
use vhault_tests::image;
use vhault_tests::program::run;
use vhault_tests::vault::{Home, copy_folder, files_under};

const CHUNK: usize = 256 << 10;
/// Where an envelope has its key salt.
const SALT: std::ops::Range<usize> = 32..64;

fn chunks(seed: u64) -> Vec<u8> {
    Draw::new(seed).bytes(8 * CHUNK)
}

fn back_up(home: &Home, content: &[u8]) {
    back_up_vm(home, "vm", content);
}

fn back_up_vm(home: &Home, vm: &str, content: &[u8]) {
    let file = home.path("vm.raw");
    image::raw(&file, content);
    // One thread: the same content then makes the same packs, but for what tells sessions apart.
    home.backup(vm, &["--threads", "1", "--raw", &image::named(&file)]);
}

fn packs(home: &Home) -> BTreeSet<PathBuf> {
    files_under(&home.vault().join("packs")).into_iter().collect()
}

fn bytes_of(files: &BTreeSet<PathBuf>) -> u64 {
    files.iter().map(|file| fs::metadata(file).expect("it was listed").len()).sum()
}

fn unencrypted() -> Home {
    let home = Home::empty();
    fs::write(home.key(), [7; 32]).expect("the folder is ours");
    run(home.command(["init"]).arg(home.vault()).arg("--no-encryption")).done();
    home
}

/// Makes a point, forgets it, and sweeps it away; gives back what it alone had.
fn sweep_away(home: &Home, content: &[u8]) -> BTreeSet<PathBuf> {
    back_up(home, content);
    let before = packs(home);
    // Of another length, so that not even the layout of the image is shared.
    back_up(home, &[chunks(2), chunks(3)].concat());
    let kept = home.path("kept");
    copy_folder(&home.vault().join("packs"), &kept);
    home.on_vault("forget", &["--keep-last", "1"]).done();
    home.on_vault("sweep", &["--wait-days", "0"]).done();
    let gone: BTreeSet<PathBuf> = before.difference(&packs(home)).cloned().collect();
    assert!(!gone.is_empty(), "nothing was swept away");
    gone
}

/// Rule 3.4: packing the same content again without encryption must not make a name that was condemned.
#[test]
fn the_same_content_again_makes_no_pack_name_that_was_condemned() {
    let home = unencrypted();
    let gone = sweep_away(&home, &chunks(1));
    // A VM that has no base is copied in the order of the first copy.
    back_up_vm(&home, "again", &chunks(1));
    let again: Vec<PathBuf> = packs(&home).intersection(&gone).cloned().collect();
    assert!(again.is_empty(), "condemned names came back: {again:?}");
    home.on_vault("sweep", &["--wait-days", "0"]).done();
    home.vault_is_sound();
    let out = home.restore("latest", "0", "raw", "out.raw");
    assert!(fs::read(out).expect("it was restored") == chunks(1));
}

/// Rule 3.5: whoever looked before a sweep and reads after it finds what the sweep moved, and speaks of no damage.
#[test]
fn a_reader_whose_pack_was_swept_away_reads_the_log_on() {
    let home = Home::with_vault();
    back_up(&home, &chunks(1));
    let before = packs(&home);
    // Half of the first pack stays in use.
    let content = [&chunks(1)[..4 * CHUNK], &chunks(2)[..4 * CHUNK]].concat();
    back_up(&home, &content);
    let key = fs::read(home.key()).expect("it was made");
    let unlock = Unlock::With(Secret::KeyFile(key.into()));
    let vault = Vault::open(&home.vault(), &unlock, &home.path("another-cache")).expect("it opens");
    vault.load_table(&mut Err).expect("its table can be read");
    let stream = vault.head().catalogue.latest(None).expect("a point was made").point.disks[0].content;

    home.on_vault("forget", &["--keep-last", "1"]).done();
    home.on_vault("sweep", &["--wait-days", "0", "--repack-share", "1"]).done();
    assert!(before.is_disjoint(&packs(&home)), "the sweep left a pack of the first point");
    let mut held = vec![0; content.len()];
    StreamReader::new(&vault, stream).read(0, &mut held).expect("what was moved is found");
    assert!(held == content);
}

/// Rule 6.2: what a host keeps of a vault shows its ids in clear, so it is for its owner alone.
#[test]
fn what_a_host_keeps_of_a_vault_is_for_its_owner_alone() {
    let home = Home::with_vault();
    back_up(&home, &chunks(1));
    let kept = files_under(&home.path("cache"));
    assert!(
        kept.iter().any(|file| file.parent().is_some_and(|folder| folder.ends_with("tables"))),
        "{kept:?}"
    );
    for file in kept {
        let mode = fs::metadata(&file).expect("it was listed").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        let folder = file.parent().expect("it lies in a folder");
        let mode = fs::metadata(folder).expect("it holds a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    }
}

/// Rule 3.8: a rebuilt table knows nothing of packs that were condemned, though their files came back.
#[test]
fn a_table_rebuilt_from_packs_does_not_bring_back_what_was_condemned() {
    let home = Home::with_vault();
    let gone = sweep_away(&home, &chunks(1));
    let live = packs(&home);
    for pack in &gone {
        let below = pack.strip_prefix(home.vault().join("packs")).expect("it is a pack");
        fs::create_dir_all(pack.parent().expect("it lies in a folder")).expect("the vault is ours");
        fs::copy(home.path("kept").join(below), pack).expect("it was kept");
    }
    for table in files_under(&home.vault().join("tables")) {
        fs::remove_file(table).expect("the vault is ours");
    }
    fs::remove_dir_all(home.path("cache")).expect("it is ours");
    let told = home.on_vault("repair", &["--json"]).done().json();
    assert_eq!(told["packs_read"].as_u64(), Some(live.len() as u64), "{told}");
    home.vault_is_sound();
    // Nothing of the condemned packs satisfies a lookup: all of it is stored again.
    let before = bytes_of(&packs(&home));
    back_up(&home, &chunks(1));
    let stored = bytes_of(&packs(&home)) - before;
    assert!(stored > 8 * CHUNK as u64, "only {stored} bytes were stored");
    home.vault_is_sound();
}

/// The salts of all files below `vault` that are not in `seen`; settings and slots have none.
fn new_salts(vault: &Path, seen: &BTreeSet<PathBuf>) -> BTreeSet<Vec<u8>> {
    let new = files_under(vault).into_iter().filter(|file| {
        let below = file.strip_prefix(vault).expect("it lies below");
        !seen.contains(below) && (below.starts_with("log") || below.starts_with("packs"))
    });
    let salts: BTreeSet<Vec<u8>> =
        new.map(|file| fs::read(file).expect("it was listed")[SALT].to_vec()).collect();
    assert!(!salts.contains(&vec![0; SALT.len()]), "a sealed file without a salt");
    salts
}

fn names_below(vault: &Path) -> BTreeSet<PathBuf> {
    let below = |file: PathBuf| file.strip_prefix(vault).expect("it lies below").to_owned();
    files_under(vault).into_iter().map(below).collect()
}

/// Rule 5.1: a process that starts draws its own salt, also where it is the clone of another.
#[test]
fn no_two_processes_seal_with_one_salt_even_where_a_host_was_cloned() {
    let home = Home::with_vault();
    let mut salts = new_salts(&home.vault(), &BTreeSet::new());
    back_up(&home, &chunks(1));
    let seen = names_below(&home.vault());
    let (kept, kept_cache) = (home.path("kept"), home.path("kept-cache"));
    copy_folder(&home.vault(), &kept);
    copy_folder(&home.path("cache"), &kept_cache);
    for clone in 0..3 {
        fs::remove_dir_all(home.vault()).expect("it is ours");
        fs::remove_dir_all(home.path("cache")).expect("it is ours");
        copy_folder(&kept, &home.vault());
        copy_folder(&kept_cache, &home.path("cache"));
        back_up(&home, &chunks(2));
        let drawn = new_salts(&home.vault(), &seen);
        assert!(!drawn.is_empty());
        for salt in drawn {
            assert!(salts.insert(salt), "clone {clone} sealed with a salt that was used before");
        }
    }
}

/// Rule 5.4: where one chunk ends and the next begins, and which they are, is not to be seen without the key.
#[test]
fn an_encrypted_pack_shows_no_id_of_what_it_holds() {
    for (home, shows) in [(Home::with_vault(), false), (unencrypted(), true)] {
        back_up(&home, &chunks(1));
        let key = fs::read(home.key()).expect("it was made");
        let unlock = if shows { Unlock::Nothing } else { Unlock::With(Secret::KeyFile(key.into())) };
        let vault = Vault::open(&home.vault(), &unlock, &home.path("another-cache")).expect("it opens");
        vault.load_table(&mut Err).expect("its table can be read");
        let table = vault.table().read().expect("nobody panicked");
        let mut looked = 0;
        for (_, found) in table.all() {
            let name = found.pack.to_string();
            let file = home.vault().join("packs").join(&name[..2]).join(&name);
            let bytes = fs::read(file).expect("the table names it");
            let id = found.place.id.as_bytes();
            assert_eq!(bytes.windows(id.len()).any(|window| window == id), shows, "{}", found.place.id);
            looked += 1;
        }
        assert!(looked >= 8, "only {looked} blobs");
    }
}

/// Rule 5.5: an older copy put in the vault's place is noticed by a host that saw more, and by no new one.
#[test]
fn an_older_copy_in_the_vaults_place_is_noticed_by_a_host_that_saw_more() {
    let home = Home::with_vault();
    back_up(&home, &chunks(1));
    copy_folder(&home.vault(), &home.path("older"));
    back_up(&home, &chunks(2));
    fs::remove_dir_all(home.vault()).expect("it is ours");
    copy_folder(&home.path("older"), &home.vault());
    home.on_vault("list", &[]).done().says(&["this host saw record", "older copy"]);
    home.on_vault("verify", &[]).ends_with(3).says(&["this host saw record"]);
    fs::remove_dir_all(home.path("cache")).expect("it is ours");
    let told = home.on_vault("verify", &[]).done();
    assert!(!told.whole().contains("saw record"), "{}", told.whole());
}

/// Rules 5.2 and 5.3: with one key file, what belongs to one vault opens nothing of another.
#[test]
fn two_vaults_with_one_key_file_have_nothing_in_common() {
    let home = Home::with_vault();
    let other = home.path("other");
    home.on(&other, "init", &[]).done();
    back_up(&home, &chunks(1));
    let file = image::named(&home.path("vm.raw"));
    home.on(&other, "backup", &["--vm", "vm", "--raw", &file]).done();
    let names = |vault: &Path, folder: &str| {
        let files = files_under(&vault.join(folder));
        files.iter().filter_map(|file| file.file_name().map(ToOwned::to_owned)).collect::<BTreeSet<_>>()
    };
    for folder in ["packs", "tables", "keys"] {
        assert!(names(&home.vault(), folder).is_disjoint(&names(&other, folder)), "{folder}");
    }
    // The first vault's slot in the other's place does not open the other.
    let slot = files_under(&other.join("keys")).remove(0);
    let first = files_under(&home.vault().join("keys")).remove(0);
    fs::copy(&first, slot.with_file_name(first.file_name().expect("a slot has a name"))).expect("it is ours");
    fs::remove_file(&slot).expect("it is ours");
    home.on(&other, "list", &[]).ends_with(6).says(&["slot"]);
    // Nor does a record of the first continue the other's log.
    home.vault_is_sound();
}
