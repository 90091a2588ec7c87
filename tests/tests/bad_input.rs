//! What is wrong is named, refused with a documented exit code, and leaves
//! source and vault as they were.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use vhault_benches::draw::Draw;
use vhault_benches::foreign::{self, VhdKind};
use vhault_benches::program;
use vhault_tests::guest::lived_in;
use vhault_tests::image::{self, Surgery};
use vhault_tests::program::{Told, run, vhault};
use vhault_tests::vault::{Home, files_under};

/// The code for input that is not what the command takes.
const USAGE: i32 = 2;
/// The code for an image that is damaged.
const DAMAGE: i32 = 3;
/// The code for what a rule refuses.
const REFUSED: i32 = 4;
/// The code for a vault that does not open.
const CANNOT_OPEN: i32 = 6;

/// A vault with one good point, and everything needed to see that a bad
/// backup left no trace.
struct Scene {
    home: Home,
}

impl Scene {
    fn set() -> Scene {
        let home = Home::with_vault();
        let good = image::vhd(&home.path("good.vhd"), &lived_in(9_000, 1), VhdKind::Dynamic);
        home.backup("vm", &[&good]);
        Scene { home }
    }

    /// Backs up a bad image: refused with `code` and `words`, source
    /// untouched, no point added, vault sound.
    #[track_caller]
    fn refuses(&self, bad: &Path, code: i32, words: &[&str]) -> Told {
        let before = foreign::sha256(bad).unwrap();
        let told = self.home.on_vault("backup", &["--vm", "vm", &image::named(bad)]);
        let told = told.ends_with(code).says(words);
        let name = bad.file_name().unwrap_or_default().to_string_lossy();
        assert!(told.stderr.contains(&*name), "the message does not name {name}: {}", told.whole());
        assert_eq!(foreign::sha256(bad).unwrap(), before, "the source was touched");
        assert_eq!(self.home.points().len(), 1, "a point appeared: {}", told.whole());
        self.home.vault_is_sound();
        // inspect looks at anything and must survive it too.
        vhault(["inspect", &image::named(bad)]).without_crash();
        told
    }

    /// Backs up an image with 1 GiB of address space and no more.
    #[track_caller]
    fn with_little_memory(&self, image: &Path) -> Told {
        let limited = format!(
            "ulimit -v 1048576; exec '{}' backup '{}' --key-file '{}' --vm vm --threads 2 '{}'",
            vhault_tests::program::binary().display(),
            self.home.vault().display(),
            self.home.key().display(),
            image.display()
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &limited]).stdin(Stdio::null()).env("VHAULT_CACHE", self.home.path("cache"));
        run(&mut shell)
    }

    fn dynamic(&self, name: &str) -> std::path::PathBuf {
        let path = self.home.path(name);
        image::vhd(&path, &lived_in(20_000, 2), VhdKind::Dynamic);
        path
    }
}

#[test]
fn an_image_of_no_bytes_is_refused() {
    let scene = Scene::set();
    let bad = scene.home.path("empty.vhd");
    fs::write(&bad, []).unwrap();
    scene.refuses(&bad, USAGE, &["empty"]);
}

#[test]
fn an_image_that_is_not_there_is_named() {
    let scene = Scene::set();
    let told = scene.home.on_vault("backup", &["--vm", "vm", "/nowhere/disk.vhd"]);
    told.ends_with(USAGE).says(&["/nowhere/disk.vhd"]);
}

#[test]
fn a_truncated_image_is_refused_wherever_it_was_cut() {
    let scene = Scene::set();
    // Without a footer it may be anything; with one it is a damaged VHD.
    let dynamic =
        (VhdKind::Dynamic, [(511, DAMAGE), (1_000, USAGE), (1_600, DAMAGE), (3_000_000, DAMAGE)].to_vec());
    let fixed = (VhdKind::Fixed, [(400, USAGE), (3_000_000, USAGE)].to_vec());
    for (kind, cuts) in [dynamic, fixed] {
        let bad = scene.home.path("cut.vhd");
        image::vhd(&bad, &lived_in(20_000, 3), kind);
        let whole = fs::read(&bad).unwrap();
        for (cut, code) in cuts {
            fs::write(&bad, &whole[..cut]).unwrap();
            scene.refuses(&bad, code, &["not a readable VHD"]);
        }
    }
}

/// What it is instead, so that a person knows which file they picked.
#[test]
fn a_foreign_file_is_called_by_its_name() {
    let scene = Scene::set();
    let raw = scene.home.path("some.raw");
    fs::write(&raw, lived_in(20_000, 4)).unwrap();
    for (format, word) in [("vhdx", "VHDX"), ("qcow2", "qcow2")] {
        let bad = scene.home.path(&format!("foreign-{format}.vhd"));
        program::run("qemu-img", [Path::new("convert"), Path::new("-O"), Path::new(format), &raw, &bad])
            .unwrap();
        scene.refuses(&bad, USAGE, &[word]);
    }
    let letter = scene.home.path("letter.vhd");
    fs::write(&letter, "Dear vault,\nplease keep this.\n".repeat(100)).unwrap();
    scene.refuses(&letter, USAGE, &["text"]);
}

#[test]
fn a_table_entry_outside_the_file_is_refused() {
    let scene = Scene::set();
    let bad = scene.dynamic("outside.vhd");
    let mut surgery = Surgery::on(&bad);
    let entry = surgery.stored_entries()[0];
    surgery.set_entry(entry, 0x7FFF_0000);
    surgery.done();
    scene.refuses(&bad, DAMAGE, &["block"]);
}

#[test]
fn two_table_entries_in_one_place_are_refused() {
    let scene = Scene::set();
    let bad = scene.dynamic("overlap.vhd");
    let mut surgery = Surgery::on(&bad);
    let stored = surgery.stored_entries();
    let place = surgery.entry(stored[0]);
    surgery.set_entry(stored[1], place + 1);
    surgery.done();
    scene.refuses(&bad, DAMAGE, &["block"]);
}

#[test]
fn a_disk_too_large_for_its_table_is_refused_before_anything_is_allocated() {
    let scene = Scene::set();
    let bad = scene.dynamic("size.vhd");
    let mut surgery = Surgery::on(&bad);
    surgery.set_footers(48, &(1_u64 << 62).to_be_bytes());
    surgery.set_header(28, &u32::MAX.to_be_bytes());
    surgery.done();
    scene.refuses(&bad, DAMAGE, &["size.vhd"]);
    scene.with_little_memory(&bad).ends_with(DAMAGE).says(&["size.vhd"]);
}

/// Tables larger than the disk needs are legal: what lies past it is not
/// looked at, and costs no memory.
#[test]
fn a_count_that_would_allocate_gigabytes_allocates_nothing() {
    let scene = Scene::set();
    let odd = scene.dynamic("count.vhd");
    let mut surgery = Surgery::on(&odd);
    surgery.set_header(28, &u32::MAX.to_be_bytes());
    surgery.done();
    scene.with_little_memory(&odd).done();
    vhault(["inspect", &image::named(&odd)]).done().says(&["4294967295", "unusual"]);
    let back = scene.home.restore("latest", "count", "exact", "back.vhd");
    foreign::same_bytes(&back, &odd).unwrap();
    scene.home.vault_is_sound();
}

#[test]
fn a_wrong_checksum_is_named_and_there_is_a_way_to_go_on() {
    let scene = Scene::set();
    let bad = scene.dynamic("checksum.vhd");
    let mut surgery = Surgery::on(&bad);
    let header = surgery.header();
    surgery.set(header + 36, &[0xDE, 0xAD, 0xBE, 0xEF]);
    surgery.done();
    scene.refuses(&bad, DAMAGE, &["checksum", "0xdeadbeef", "--accept-checksums"]);
    let name = image::named(&bad);
    scene.home.on_vault("backup", &["--vm", "vm", &name, "--accept-checksums"]).done();
    let back = scene.home.restore("latest", "checksum", "exact", "back.vhd");
    foreign::same_bytes(&back, &bad).unwrap();
    let back = scene.home.restore("latest", "checksum", "raw", "back.raw");
    assert!(fs::read(back).unwrap() == lived_in(20_000, 2));
}

/// Children, and the ways in which parents go wrong.
#[test]
fn a_parent_that_is_missing_changed_or_the_child_itself_is_refused() {
    let scene = Scene::set();
    let base = scene.dynamic("base.vhd");
    let mut content = lived_in(20_000, 2);
    content[100_000..100_600].fill(9);
    let seen = image::raw(&scene.home.path("seen.raw"), &content);
    let child = scene.home.path("child.vhd");
    let (child_name, base_name) = (image::named(&child), image::named(&base));
    vhault([
        "convert",
        &seen,
        "--raw",
        "--format",
        "differencing",
        "--out",
        &child_name,
        "--parent",
        &base_name,
    ])
    .done();

    // Missing: the name it looked for is told.
    let away = scene.home.path("away.vhd");
    fs::rename(&base, &away).unwrap();
    scene.refuses(&child, USAGE, &["parent", "base.vhd"]);

    // Another disk under the parent's name: told by identity.
    image::vhd(&base, &lived_in(20_000, 5), VhdKind::Dynamic);
    scene.refuses(&child, USAGE, &["parent"]);

    // Itself.
    fs::remove_file(&base).unwrap();
    let own_id = Surgery::on(&child).bytes()[68..84].to_vec();
    let mut surgery = Surgery::on(&child);
    surgery.set_header(40, &own_id);
    surgery.done();
    let told = scene.home.on_vault("backup", &["--vm", "vm", &child_name, "--parent", &child_name]);
    told.ends_with(USAGE).says(&["parent"]);
    scene.home.vault_is_sound();
}

/// The image loses its tail after the copy has begun.
#[test]
fn a_source_that_shrinks_while_it_is_read_is_an_error_and_no_crash() {
    let scene = Scene::set();
    let bad = scene.home.path("shrinking.vhd");
    let mut content = vec![0; 200 << 20];
    Draw::new(8).fill(&mut content);
    image::vhd(&bad, &content, VhdKind::Fixed);

    let mut backup = scene.home.command(["backup"]);
    backup.arg(scene.home.vault()).arg("--key-file").arg(scene.home.key()).args(["--vm", "vm"]).arg(&bad);
    backup.args(["--json", "--limit-read", "40MiB"]);
    let mut child = backup.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Cut the image once the copy is under way.
    let mut events = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("\"advanced\"") {
        assert!(events.read_line(&mut text).unwrap() > 0, "it ended before anything was copied: {text}");
    }
    fs::OpenOptions::new().write(true).open(&bad).unwrap().set_len(1 << 20).unwrap();

    events.read_to_string(&mut text).unwrap();
    let output = child.wait_with_output().unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {text}"));
    assert_ne!(code, 0, "a shrunk source passed for whole: {text}");
    assert!(text.contains("shrinking.vhd") && !text.contains("panicked"), "{text}");
    assert_eq!(scene.home.points().len(), 1);
    scene.home.vault_is_sound();
}

#[test]
fn a_folder_that_is_no_vault_is_not_taken_for_one() {
    let home = Home::with_vault();
    let folder = home.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("holiday.jpg"), "sand").unwrap();
    for verb in ["list", "verify"] {
        home.on(&folder, verb, &[]).ends_with(CANNOT_OPEN).says(&["vault", "folder"]);
        home.on(&home.path("nowhere"), verb, &[]).ends_with(CANNOT_OPEN).says(&["nowhere"]);
    }
    // Nor is one made among somebody's files, or over a vault.
    home.on(&folder, "init", &[]).ends_with(REFUSED).says(&["folder"]);
    home.on_vault("init", &[]).ends_with(REFUSED).says(&["vault"]);
    assert_eq!(files_under(&folder).len(), 1, "init left something behind");
}

#[test]
fn a_vault_from_the_future_is_left_alone() {
    let scene = Scene::set();
    let settings = scene.home.vault().join("vault");
    let mut bytes = fs::read(&settings).unwrap();
    // The version stands behind the magic and the kind.
    bytes[7] = 250;
    fs::remove_file(&settings).unwrap();
    fs::write(&settings, &bytes).unwrap();
    scene.home.on_vault("list", &[]).ends_with(CANNOT_OPEN).says(&["version", "250"]);
    let good = image::named(&scene.home.path("good.vhd"));
    scene.home.on_vault("backup", &["--vm", "vm", &good]).ends_with(CANNOT_OPEN).says(&["version"]);
}

#[test]
fn a_wrong_key_opens_nothing() {
    let scene = Scene::set();
    fs::write(scene.home.key(), [1_u8; 64]).unwrap();
    scene.home.on_vault("list", &[]).ends_with(CANNOT_OPEN).says(&["key"]);
    let told = run(scene.home.command(["list"]).arg(scene.home.vault()).env("VHAULT_PASSPHRASE", "guess"));
    told.ends_with(CANNOT_OPEN).without_crash();
}

#[test]
fn a_target_that_exists_is_kept() {
    let scene = Scene::set();
    let out = scene.home.path("precious.raw");
    fs::write(&out, "do not lose me").unwrap();
    let name = image::named(&out);
    for format in ["fixed", "dynamic", "raw", "exact"] {
        let told =
            scene.home.on_vault("restore", &["latest", "--disk", "0", "--format", format, "--out", &name]);
        told.ends_with(REFUSED).says(&["precious.raw", "exists"]);
    }
    let good = image::named(&scene.home.path("good.vhd"));
    vhault(["convert", &good, "--format", "raw", "--out", &name]).ends_with(REFUSED).says(&["exists"]);
    assert_eq!(fs::read(&out).unwrap(), b"do not lose me");
}

/// The vault's disk fills up: the point before it stays, and so does the next.
#[test]
fn a_full_disk_during_the_copy_leaves_the_vault_sound() {
    let home = Home::empty();
    let disk = SmallDisk::of(&home, 40 << 20);
    let vault = disk.folder().join("vault");
    home.on(&vault, "init", &[]).done();
    let good = image::vhd(&home.path("good.vhd"), &lived_in(9_000, 1), VhdKind::Dynamic);
    home.on(&vault, "backup", &["--vm", "vm", &good]).done();

    let mut content = vec![0; 120 << 20];
    Draw::new(9).fill(&mut content);
    let big = home.path("big.vhd");
    image::vhd(&big, &content, VhdKind::Fixed);
    let before = foreign::sha256(&big).unwrap();
    let told = disk.run(&home, &vault, &image::named(&big)).without_crash();
    assert!(matches!(told.code, Some(1 | 5)), "{}", told.whole());
    let told = if disk.really_full() { told.says(&["space"]) } else { told };
    assert_eq!(foreign::sha256(&big).unwrap(), before, "{}", told.whole());

    let listed = home.on(&vault, "list", &["--json"]).done().json();
    let whole =
        listed.as_array().map(|points| points.iter().filter(|point| point["state"] != "partial").count());
    assert_eq!(whole, Some(1), "{listed}");
    home.on(&vault, "verify", &["--level", "images"]).done();
}

/// A disk too small for what comes: a tmpfs where we may mount one, else a
/// limit on the size of files, which fails the same writes.
struct SmallDisk {
    folder: std::path::PathBuf,
    mounted: bool,
}

impl SmallDisk {
    fn of(home: &Home, bytes: u64) -> SmallDisk {
        let folder = home.path("small");
        fs::create_dir(&folder).expect("a test may write in its own folder");
        let size = format!("size={bytes}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&folder)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        SmallDisk { folder, mounted }
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn really_full(&self) -> bool {
        self.mounted
    }

    fn run(&self, home: &Home, vault: &Path, image: &str) -> Told {
        if self.mounted {
            return home.on(vault, "backup", &["--vm", "vm", image]);
        }
        // 16 MiB a file, in units of 512 bytes; the signal is ignored so that
        // the write fails as it does on a full disk.
        let limited = format!(
            "trap '' XFSZ; ulimit -f 32768; exec '{}' backup '{}' --key-file '{}' --vm vm '{image}'",
            vhault_tests::program::binary().display(),
            vault.display(),
            home.key().display()
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &limited]).stdin(Stdio::null()).env("VHAULT_CACHE", home.path("cache"));
        run(&mut shell)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if self.mounted {
            // Lazily, so that a failing test leaves no mount behind.
            let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        }
    }
}
