//! What goes in comes out: restore after backup is identity, through the
//! binary, in every form, at any number of threads.

#![expect(clippy::unwrap_used, reason = "what a test cannot do fails it on the spot")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use vhault_benches::content::{self, Table};
use vhault_benches::ext4::{Changes, Ext4Disk};
use vhault_benches::foreign::{self, DiskSize, VhdKind};
use vhault_tests::guest::{act, any_deeds, lived_in};
use vhault_tests::image;
use vhault_tests::program::vhault;
use vhault_tests::vault::Home;
use vhault_tests::vhd::{any_chain, build_chain};

const KINDS: [(VhdKind, &str); 2] = [(VhdKind::Fixed, "fixed"), (VhdKind::Dynamic, "dynamic")];

/// Restores a disk of the newest point in every form, and lets others judge.
#[track_caller]
fn comes_back(home: &Home, disk: &str, content: &[u8], source: &Path) {
    let raw = home.restore("latest", disk, "raw", "back.raw");
    assert!(fs::read(&raw).unwrap() == content, "the raw restore differs from what the guest saw");
    for form in ["fixed", "dynamic"] {
        let back = home.restore("latest", disk, form, "back.vhd");
        foreign::qemu_compare(&back, &raw).unwrap();
        assert_eq!(foreign::seven_zip_sha256(&back).unwrap(), foreign::sha256(&raw).unwrap(), "{form}");
        fs::remove_file(back).unwrap();
    }
    let exact = home.restore("latest", disk, "exact", "back.exact");
    foreign::same_bytes(&exact, source).unwrap();
    fs::remove_file(raw).unwrap();
    fs::remove_file(exact).unwrap();
}

#[test]
fn a_disk_with_files_comes_back_in_every_form_after_a_day_of_change() {
    let home = Home::with_vault();
    let inside = home.path("inside");
    fs::create_dir_all(inside.join("logs")).unwrap();
    content::append_log(&inside.join("logs/one"), 300_000, 1).unwrap();
    content::write_noise(&inside.join("noise"), 3_000_000, 2).unwrap();
    let table = Table::create(&inside.join("table"), 200, 3).unwrap();
    let raw = home.path("disk.raw");
    let disk = Ext4Disk::create(&raw, 48 << 20, "test", &inside).unwrap();
    let vhd = home.path("disk.vhd");
    for (kind, _) in KINDS {
        foreign::make_vhd(&raw, &vhd, kind, DiskSize::Exact).unwrap();
        home.backup("vm", &[&image::named(&vhd)]);
        comes_back(&home, "disk", &fs::read(&raw).unwrap(), &vhd);

        content::append_log(&inside.join("logs/one"), 50_000, 4).unwrap();
        let mut day = Changes::new();
        day.replace(&inside.join("logs/one"), "/logs/one");
        disk.change(&day).unwrap();
        let ranges = table.change(&inside.join("table"), 12, 5).unwrap();
        disk.overwrite("/table", &fs::read(inside.join("table")).unwrap(), &ranges).unwrap();
    }
    home.vault_is_sound();
}

#[test]
fn an_older_point_still_gives_the_older_disk() {
    let home = Home::with_vault();
    let (first, mut second) = (lived_in(30_000, 1), lived_in(30_000, 1));
    second[5_000_000..5_100_000].fill(3);
    let file = home.path("disk.vhd");
    home.backup("vm", &[&image::vhd(&file, &first, VhdKind::Dynamic)]);
    home.backup("vm", &[&image::vhd(&file, &second, VhdKind::Dynamic)]);
    let points = home.points();
    let ids: Vec<&str> = points.iter().filter_map(|point| point["id"].as_str()).collect();
    let newest = home.on_vault("show", &["latest", "--json"]).done().json()["id"].clone();
    let oldest = ids.iter().find(|id| **id != newest).expect("there are two points");
    let back = home.restore(oldest, "disk", "raw", "old.raw");
    assert!(fs::read(back).unwrap() == first);
    let back = home.restore("latest", "disk", "raw", "new.raw");
    assert!(fs::read(back).unwrap() == second);
}

/// A guest's data is stored once, whatever image it lies in.
#[test]
fn the_same_guest_in_another_kind_of_image_adds_no_chunk() {
    let home = Home::with_vault();
    let content = lived_in(60_000, 9);
    let fixed = image::vhd(&home.path("fixed.vhd"), &content, VhdKind::Fixed);
    let dynamic = image::vhd(&home.path("dynamic.vhd"), &content, VhdKind::Dynamic);
    // A child that holds half of what the guest sees; its parent the rest.
    let half = home.path("half.vhd");
    image::vhd(
        &half,
        &[&content[..content.len() / 2], &vec![0; content.len() / 2]].concat(),
        VhdKind::Dynamic,
    );
    let child = home.path("child.vhd");
    convert(&dynamic, &child, "differencing", &half);
    let raw = image::raw(&home.path("disk.raw"), &content);

    let first = home.on_vault("backup", &["--vm", "a", &fixed, "--json"]).done();
    assert!(count_of(&first.json(), "new_bytes") > 0, "the first backup copies: {}", first.whole());
    for (vm, source, more) in
        [("b", dynamic, "--read-all"), ("c", image::named(&child), "--read-all"), ("d", raw, "--raw")]
    {
        let again = home.on_vault("backup", &["--vm", vm, &source, "--json", more]).done();
        assert_eq!(count_of(&again.json(), "new_bytes"), 0, "{source}: {}", again.whole());
    }
    home.vault_is_sound();
}

#[test]
fn the_same_input_gives_the_same_root_at_one_and_at_many_threads() {
    let content = lived_in(120_000, 10);
    let home = Home::with_vault();
    let file = image::vhd(&home.path("disk.vhd"), &content, VhdKind::Dynamic);
    let mut seen: Vec<(String, Vec<String>)> = Vec::new();
    for threads in ["1", "2", "5"] {
        // The vault decides the key of chunk ids: the same vault each time.
        home.on_vault("backup", &["--vm", threads, &file, "--threads", threads]).done();
        let shown = home.on_vault("show", &[&format!("latest:{threads}"), "--json"]).done();
        let roots = texts_of(&shown.json(), "root");
        assert!(!roots.is_empty(), "show --json names no root: {}", shown.whole());
        seen.push((threads.to_owned(), roots));
    }
    assert!(seen.iter().all(|(_, roots)| *roots == seen[0].1), "roots differ: {seen:?}");
}

/// A chain of five children on one parent, each writing a little.
#[test]
fn a_chain_of_five_children_comes_back_as_the_guest_saw_it() {
    let home = Home::with_vault();
    let mut content = lived_in(30_000, 20);
    let base = home.path("base.vhd");
    image::vhd(&base, &content, VhdKind::Dynamic);
    let mut chain = vec![base];
    for generation in 1..=5 {
        chain.push(grown(&home, &chain, &mut content, generation));
    }
    let newest = chain.last().expect("the chain has members").clone();
    // The judge that follows parents by itself, in the same folder.
    let seen = image::raw(&home.path("seen.raw"), &content);
    assert_eq!(foreign::seven_zip_sha256(&newest).unwrap(), foreign::sha256(Path::new(&seen)).unwrap());

    home.backup("vm", &[&format!("disk={}", newest.display())]);
    let back = home.restore("latest", "disk", "raw", "back.raw");
    assert!(fs::read(back).unwrap() == content);
    let exact = home.restore("latest", "disk", "exact", "back.exact");
    foreign::same_bytes(&exact, &newest).unwrap();
    home.vault_is_sound();
}

/// Adds a child to a chain: the guest changes its disk a little.
#[track_caller]
fn grown(home: &Home, chain: &[PathBuf], content: &mut [u8], generation: u8) -> PathBuf {
    let at = usize::from(generation) * 2_000_000;
    content[at..at + 700].fill(generation);
    content[at + 50_176..at + 50_688].fill(0);
    let seen = image::raw(&home.path("seen.raw"), content);
    let child = home.path(&format!("child{generation}.vhd"));
    convert(&seen, &child, "differencing", chain.last().expect("the chain has members"));
    child
}

#[track_caller]
fn convert(from: &str, to: &Path, format: &str, parent: &Path) {
    let (to, parent) = (image::named(to), image::named(parent));
    let mut args = vec!["convert", from, "--format", format, "--out", &to, "--parent", &parent];
    if from.ends_with(".raw") {
        args.push("--raw");
    }
    vhault(args).done();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 40, ..ProptestConfig::default() })]

    /// This is promise 1, for any image the format allows and any chain of up
    /// to five children, each of them a day of one disk.
    #[test]
    fn restore_after_backup_is_identity(sketches in any_chain()) {
        let home = Home::with_vault();
        // Child first; parents keep the names they are known by.
        let chain = build_chain(&sketches);
        for (generation, built) in chain.iter().rev().enumerate() {
            let file = home.path(&format!("day{generation}.vhd"));
            fs::write(&file, &built.file).unwrap();
            let parents: Vec<String> =
                (0..generation).map(|day| image::named(&home.path(&format!("day{day}.vhd")))).collect();
            let disk = format!("disk={}", file.display());
            let mut args = vec!["--vm", "vm", &disk];
            args.extend(parents.iter().flat_map(|parent| ["--parent", parent]));
            home.on_vault("backup", &args).done();
        }
        for ((generation, built), point) in chain.iter().rev().enumerate().zip(home.points()) {
            let point = point["id"].as_str().expect("a point has an id");
            let raw = home.restore(point, "disk", "raw", &format!("{generation}.raw"));
            prop_assert!(fs::read(&raw).unwrap() == built.disk, "the raw restore of day {generation} differs");
            let exact = home.restore(point, "disk", "exact", &format!("{generation}.exact"));
            prop_assert!(fs::read(&exact).unwrap() == built.file, "the exact restore of day {generation} differs");
        }
        home.vault_is_sound();
    }

    /// A disk that qemu-img wrote, before and after anything a guest may do.
    #[test]
    fn a_disk_comes_back_after_anything_a_guest_did(
        sectors in prop_oneof![Just(8_usize), 100..5_000_usize, 40_000..42_000_usize],
        deeds in any_deeds(),
        more in any_deeds(),
        dynamic in any::<bool>(),
    ) {
        // qemu-img makes disks of whole 4 KiB.
        let mut content = vec![0; (sectors / 8).max(1) * 4_096];
        let kind = if dynamic { VhdKind::Dynamic } else { VhdKind::Fixed };
        let home = Home::with_vault();
        let file = home.path("disk.vhd");
        for deeds in [deeds, more] {
            act(&mut content, &deeds);
            image::vhd(&file, &content, kind);
            home.backup("vm", &[&image::named(&file)]);
            comes_back(&home, "disk", &content, &file);
        }
    }
}

/// Each case runs the program eight times: few are enough per change.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(24)
}

/// The sum of every number called `name` in a value.
fn count_of(value: &Value, name: &str) -> u64 {
    found(value, name).iter().filter_map(|value| value.as_u64()).sum()
}

/// Every text called `name` in a value.
fn texts_of(value: &Value, name: &str) -> Vec<String> {
    found(value, name).iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

fn found<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| found(item, name)).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, inner)| if key == name { vec![inner] } else { found(inner, name) })
            .collect(),
        _ => Vec::new(),
    }
}
