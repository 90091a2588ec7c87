//! What damage costs, and what brings it back: exactly the chunks it hit, the
//! next backup, and `repair`. `matrix.rs` breaks every file in every way.

use std::fs;

use vhault_tests::guest::lived_in;
use vhault_tests::harm::Harm;
use vhault_tests::image;
use vhault_tests::vault::{Home, files_under};

/// Two points of a disk, raw content of each.
fn two_points(home: &Home) -> [Vec<u8>; 2] {
    let first = lived_in(6_000, 11);
    let mut second = first.clone();
    second[400_000..900_000].copy_from_slice(&lived_in(6_000, 12)[..500_000]);
    for content in [&first, &second] {
        let file = home.path("disk.raw");
        image::raw(&file, content);
        home.backup("vm", &["--raw", &image::named(&file)]);
    }
    [first, second]
}

/// Damage stays where it happened.
#[test]
fn a_flipped_bit_costs_one_chunk_and_the_rest_can_be_had_with_holes() {
    let home = Home::with_vault();
    const CHUNK_BYTES: usize = 256 << 10;
    let contents = two_points(&home);
    let packs = files_under(&home.vault().join("packs"));
    let largest = packs.iter().max_by_key(|pack| fs::metadata(pack).unwrap().len()).unwrap();
    // Boxes of the disk's chunks fill the pack; the container's are a few bytes each.
    Harm::FlipMiddle.to(largest);

    let report = home.on_vault("verify", &["--json"]).ends_with(3).json();
    let damage = report["damage"].as_array().unwrap();
    assert_eq!(damage.len(), 1, "{report}");
    assert!(damage[0]["what"].as_str().unwrap().contains("is damaged at byte"), "{report}");
    let affected = &report["affected"][0];
    assert_eq!(affected["disk"], "disk", "{report}");
    let id = affected["point"].as_str().unwrap();
    let number = home.points().iter().position(|point| point["id"] == id).unwrap();
    let chunk = |start: usize| &contents[number][start..][..CHUNK_BYTES];
    let lost: Vec<usize> = affected["ranges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| {
            assert_eq!(range["length"].as_u64(), Some(CHUNK_BYTES as u64), "{report}");
            usize::try_from(range["offset"].as_u64().unwrap()).unwrap()
        })
        .collect();
    let alike: Vec<usize> = (0..contents[number].len())
        .step_by(CHUNK_BYTES)
        .filter(|start| start + CHUNK_BYTES <= contents[number].len() && chunk(*start) == chunk(lost[0]))
        .collect();
    assert_eq!(lost, alike, "one chunk is lost, wherever the disk has it");

    let out = home.path("holes.raw");
    let named = image::named(&out);
    home.on_vault("restore", &[id, "--format", "raw", "--out", &named])
        .ends_with(3)
        .says(&["cannot be brought back", "--allow-holes"]);
    assert!(!out.exists());
    let told =
        home.on_vault("restore", &[id, "--format", "raw", "--out", &named, "--allow-holes"]).ends_with(3);
    told.says(&["hole"]);
    let mut expected = contents[number].clone();
    for start in lost {
        expected[start..start + CHUNK_BYTES].fill(0);
    }
    assert!(fs::read(out).unwrap() == expected);
}

/// No later record repeats the hash of the newest, and an opening by a checkpoint does not read it.
#[test]
fn the_newest_record_is_looked_at_though_a_checkpoint_covers_it() {
    let home = Home::with_vault();
    two_points(&home);
    fs::write(home.vault().join("checkpoints/0000000000000001"), b"none").unwrap();
    home.on_vault("repair", &[]).done();
    let log = files_under(&home.vault().join("log"));
    let checkpoints = files_under(&home.vault().join("checkpoints"));
    assert_eq!(checkpoints.last().unwrap().file_name(), log.last().unwrap().file_name());
    Harm::FlipLast.to(log.last().unwrap());
    // A verify that may write holds the points by a record, which would not continue the harmed one.
    let told = home.on_vault("verify", &["--read-only", "--level", "structure"]).ends_with(3);
    told.says(&["its bytes are not those that were opened"]);
}

#[test]
fn packs_are_verified_without_any_key() {
    let home = Home::with_vault();
    two_points(&home);
    let vault = image::named(&home.vault());
    let without_key = || vhault_tests::program::vhault(["verify", vault.as_str(), "--level", "packs"]);
    without_key().done();
    let pack = files_under(&home.vault().join("packs")).remove(0);
    Harm::FlipMiddle.to(&pack);
    without_key().ends_with(3).says(&["do not hash to its name"]);
    Harm::Delete.to(&pack);
    without_key().ends_with(3).says(&["missing"]);
}

/// What verify finds, the next backup heals, and lookups rely on nothing damaged meanwhile.
#[test]
fn the_next_backup_heals_what_its_source_still_has() {
    let home = Home::with_vault();
    let [_, second] = two_points(&home);
    let packs = files_under(&home.vault().join("packs"));
    let largest = packs.iter().max_by_key(|pack| fs::metadata(pack).unwrap().len()).unwrap();
    let mut bytes = fs::read(largest).unwrap();
    bytes[200] ^= 1;
    fs::write(largest, &bytes).unwrap();

    // Without the record nothing heals: a backup believes what the table says.
    home.on_vault("verify", &["--read-only"]).ends_with(3);
    let file = home.path("disk.raw");
    image::raw(&file, &second);
    home.backup("vm", &["--raw", &image::named(&file)]);
    let report = home.on_vault("verify", &["--json"]).ends_with(3).json();
    assert_eq!(report["published"], 1, "{report}");

    home.backup("vm", &["--raw", &image::named(&file)]);
    // Every point has the chunk again: the newest copy is the one that is read.
    for point in home.points() {
        let id = point["id"].as_str().unwrap().to_owned();
        let label = point["disks"][0]["label"].as_str().unwrap().to_owned();
        let out = home.restore(&id, &label, "raw", "healed.raw");
        fs::remove_file(out).unwrap();
    }
    let report = home.on_vault("verify", &["--json"]).ends_with(3).json();
    assert_eq!(report["affected"].as_array().unwrap().len(), 0, "no disk is short of anything: {report}");
    assert_eq!(report["damage"].as_array().unwrap().len(), 1, "the harmed copy is still there: {report}");
    assert_eq!(report["published"], 0, "and is known: {report}");
}

#[test]
fn a_lost_table_is_rebuilt_from_packs_alone() {
    let home = Home::with_vault();
    let [_, second] = two_points(&home);
    let tables = files_under(&home.vault().join("tables"));
    assert_eq!(tables.len(), 2);
    Harm::Delete.to(&tables[0]);
    Harm::FlipMiddle.to(&tables[1]);
    // Another host has no copies of them.
    fs::remove_dir_all(home.path("cache")).unwrap();
    home.on_vault("verify", &["--level", "structure"]).ends_with(3);
    home.on_vault("sweep", &[]).ends_with(3);
    let plan = home.on_vault("repair", &["--dry-run", "--json"]).done().json();
    assert_eq!(plan["lost_fragments"].as_array().unwrap().len(), 2, "{plan}");
    assert!(plan["rebuilt_entries"].as_u64().unwrap() > 3, "{plan}");
    home.on_vault("verify", &["--level", "structure"]).ends_with(3);
    home.on_vault("repair", &[]).done().says(&["were rebuilt"]);
    home.vault_is_sound();
    let out = home.restore("latest", "0", "raw", "back.raw");
    assert!(fs::read(out).unwrap() == second);
    home.on_vault("repair", &[]).done().says(&["nothing to repair"]);
    home.on_vault("sweep", &[]).done();
    home.vault_is_sound();
}
