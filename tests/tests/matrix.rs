//! Each kind of stored file, broken in each way or exchanged with another of
//! its kind: verify, restore, the next backup and repair name it or do without
//! it. Never a crash, never silence, never a wrong byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use vhault_tests::guest::lived_in;
use vhault_tests::harm::{Harm, swap};
use vhault_tests::image;
use vhault_tests::program::{Told, run};
use vhault_tests::vault::{Home, copy_folder, files_under};

/// What is broken in one copy of the vault.
#[derive(Clone, Debug)]
enum Break {
    One(PathBuf, Harm),
    Swap(PathBuf, PathBuf),
}

impl Break {
    fn to(&self, vault: &Path) {
        match self {
            Break::One(file, harm) => harm.to(&vault.join(file)),
            Break::Swap(first, second) => swap(&vault.join(first), &vault.join(second)),
        }
    }

    fn file(&self) -> &Path {
        match self {
            Break::One(file, _) | Break::Swap(file, _) => file,
        }
    }
}

/// The folder that a file of a vault lies in; none for the settings.
fn folder(file: &Path) -> &str {
    let parts: Vec<_> = file.iter().collect();
    if parts.len() < 2 { "" } else { parts[0].to_str().expect("names of a vault are ASCII") }
}

struct Scene {
    home: Home,
    /// The slot that the other key opens.
    other_slot: PathBuf,
    /// What each point holds.
    held: BTreeMap<String, Vec<u8>>,
    next: Vec<u8>,
}

impl Scene {
    /// Two points, two slots, two checkpoints.
    fn set() -> Scene {
        let home = Home::with_vault();
        let slots = |home: &Home| files_under(&home.vault().join("keys"));
        let first = slots(&home);
        let mut add = home.command(["key", "add"]);
        add.arg(home.vault()).arg("--key-file").arg(home.key()).arg("--new-key-file").arg(home.path("other"));
        run(&mut add).done();
        let added = slots(&home).into_iter().find(|slot| !first.contains(slot)).expect("a slot was added");
        let other_slot = added.strip_prefix(home.vault()).expect("it lies in the vault").to_owned();
        let mut scene = Scene { home, other_slot, held: BTreeMap::new(), next: Vec::new() };
        let mut content = lived_in(6_000, 11);
        for (round, seed) in [(0, 12), (1, 13)] {
            scene.back_up(&content);
            scene.home.vault_is_sound();
            content[400_000 * (round + 1)..][..500_000].copy_from_slice(&lived_in(6_000, seed)[..500_000]);
            // A checkpoint that is none makes repair write one. It covers every record: nothing is written after it.
            fs::write(scene.home.vault().join("checkpoints/0000000000000001"), b"none").expect("it is ours");
            scene.home.on_vault("repair", &[]).done();
        }
        scene.next = content;
        copy_folder(&scene.home.path("cache"), &scene.home.path("base-cache"));
        scene
    }

    fn back_up(&mut self, content: &[u8]) {
        let file = self.home.path("disk.raw");
        image::raw(&file, content);
        let told = self.home.backup("vm", &["--json", "--raw", &image::named(&file)]).json();
        let id = told["id"].as_str().expect("an id is text");
        self.held.insert(id.to_owned(), content.to_vec());
    }

    fn breaks(&self) -> Vec<Break> {
        let vault = self.home.vault();
        let files: Vec<PathBuf> = files_under(&vault)
            .iter()
            .map(|file| file.strip_prefix(&vault).expect("it lies in the vault").to_owned())
            .collect();
        let mut kinds: BTreeMap<&str, Vec<&PathBuf>> = BTreeMap::new();
        for file in &files {
            kinds.entry(folder(file)).or_default().push(file);
        }
        let names: Vec<&str> = kinds.keys().copied().collect();
        assert_eq!(names, ["", "checkpoints", "keys", "log", "packs", "tables"]);
        let each = files.iter().flat_map(|file| Harm::ALL.map(|harm| Break::One(file.clone(), harm)));
        let pairs = kinds.iter().filter(|(kind, _)| !kind.is_empty());
        let swaps = pairs.flat_map(|(kind, files)| {
            assert!(files.len() > 1, "there is one file of {kind} only");
            files.windows(2).map(|pair| Break::Swap(pair[0].clone(), pair[1].clone())).collect::<Vec<_>>()
        });
        each.chain(swaps).collect()
    }

    /// A broken copy of the vault, for a host that knows the vault or one that never saw it.
    fn broken(&self, how: &Break, host_knows_it: bool) -> PathBuf {
        let (vault, cache) = (self.home.path("broken"), self.home.path("cache"));
        for folder in [&vault, &cache] {
            let _absent = fs::remove_dir_all(folder);
        }
        copy_folder(&self.home.vault(), &vault);
        if host_knows_it {
            copy_folder(&self.home.path("base-cache"), &cache);
        }
        how.to(&vault);
        vault
    }

    fn on(&self, vault: &Path, verb: &str, args: &[&str]) -> Told {
        self.home.on(vault, verb, args).without_crash()
    }

    /// Restores every point the vault lists: refused, or right. Gives back how many were right.
    fn restores(&self, vault: &Path, what: &str) -> usize {
        let mut right = 0;
        for (id, content) in &self.held {
            let told = self.restore(vault, id);
            right += usize::from(self.refuses_or_is_right(&told, content, what));
        }
        right
    }

    fn restore(&self, vault: &Path, id: &str) -> Told {
        let out = self.home.path("out.raw");
        let _absent = fs::remove_file(&out);
        self.on(vault, "restore", &[id, "--format", "raw", "--out", &image::named(&out)])
    }

    fn refuses_or_is_right(&self, told: &Told, content: &[u8], what: &str) -> bool {
        let out = self.home.path("out.raw");
        if told.code == Some(0) {
            assert!(fs::read(out).expect("it was restored") == content, "{what} gave wrong bytes");
            return true;
        }
        // The newest record is gone: the point is unknown, and the host says that it saw more.
        let is_rolled_back = told.code == Some(2) && told.stderr.contains("this host saw record");
        assert!(is_rolled_back || matches!(told.code, Some(3 | 6)), "{what}: {}", told.whole());
        assert!(!out.exists(), "{what} left a file behind: {}", told.whole());
        false
    }

    /// Whether nobody can tell: what may vanish, and boxes that only another's secret opens.
    fn is_silent(&self, how: &Break) -> bool {
        match how {
            Break::One(file, Harm::Delete) => folder(file) == "checkpoints",
            Break::One(file, Harm::FlipMiddle | Harm::FlipLast | Harm::Truncate | Harm::Zero) => {
                *file == self.other_slot
            }
            _ => false,
        }
    }

    fn back_up_next(&self, vault: &Path) -> Told {
        let file = self.home.path("disk.raw");
        image::raw(&file, &self.next);
        self.on(vault, "backup", &["--json", "--vm", "vm", "--raw", &image::named(&file)])
    }
}

/// What came of the whole matrix, for the report.
#[derive(Default)]
struct Tally {
    broken: usize,
    named: usize,
    healed: usize,
}

#[test]
fn every_harm_to_every_file_is_named_and_gives_no_wrong_byte() {
    let scene = Scene::set();
    let mut tally: BTreeMap<String, Tally> = BTreeMap::new();
    for how in scene.breaks() {
        let kind = folder(how.file()).to_owned();
        // A host's own copies stand in for table fragments; a new host has none.
        let hosts: &[bool] = if kind == "tables" { &[true, false] } else { &[true] };
        for host_knows_it in hosts {
            let what = format!("{how:?}, a host that knows the vault: {host_knows_it}");
            let tally = tally.entry(kind.clone()).or_default();
            tally.broken += 1;

            // As soon as it is broken: verify, restore, back up, and repair.
            let vault = scene.broken(&how, *host_knows_it);
            let told = scene.on(&vault, "verify", &["--level", "images"]);
            tally.named += usize::from(told.code != Some(0));
            let is_named = matches!(told.code, Some(3 | 6));
            assert!(is_named || (scene.is_silent(&how) && told.code == Some(0)), "{what}: {}", told.whole());
            scene.restores(&vault, &what);
            let backed_up = scene.back_up_next(&vault);
            assert!(matches!(backed_up.code, Some(0 | 3 | 6)), "{what}: {}", backed_up.whole());
            if backed_up.code == Some(0) {
                // verify has told the log, so nothing relies on what is damaged.
                let id = backed_up.json()["id"].as_str().expect("an id is text").to_owned();
                let told = scene.restore(&vault, &id);
                let right = scene.refuses_or_is_right(&told, &scene.next, &what);
                assert!(right, "{what}: a backup after verify is short of something: {}", told.whole());
                tally.healed += 1;
            }
            let repaired = scene.on(&vault, "repair", &[]);
            assert!(matches!(repaired.code, Some(0 | 3 | 6)), "{what}: {}", repaired.whole());
            scene.restores(&vault, &what);

            // Nobody verified: a backup may believe what is damaged, but no restore gives a wrong byte.
            let vault = scene.broken(&how, *host_knows_it);
            let backed_up = scene.back_up_next(&vault);
            assert!(matches!(backed_up.code, Some(0 | 3 | 6)), "{what}: {}", backed_up.whole());
            if backed_up.code == Some(0) {
                let id = backed_up.json()["id"].as_str().expect("an id is text").to_owned();
                let told = scene.restore(&vault, &id);
                scene.refuses_or_is_right(&told, &scene.next, &what);
            }

            // Repair first: a lost table or checkpoint comes back whole.
            let vault = scene.broken(&how, *host_knows_it);
            let repaired = scene.on(&vault, "repair", &[]);
            assert!(matches!(repaired.code, Some(0 | 3 | 6)), "{what}: {}", repaired.whole());
            let right = scene.restores(&vault, &what);
            if matches!(kind.as_str(), "tables" | "checkpoints") {
                assert_eq!(right, scene.held.len(), "{what}: repair does not bring it back");
                scene.on(&vault, "verify", &["--level", "images"]).done();
            }
        }
    }
    // How much was tried is part of the proof.
    for (kind, Tally { broken, named, healed }) in &tally {
        let kind = if kind.is_empty() { "settings" } else { kind };
        eprintln!(
            "{kind}: {broken} broken, {named} named by verify, {healed} times the next backup was whole"
        );
    }
    let broken: usize = tally.values().map(|tally| tally.broken).sum();
    assert!(broken > 100, "only {broken} ways to break it");
}
