//! SIGKILL at random moments of every command that writes to a vault.
//!
//! After each kill the vault opens and verifies; every acknowledged point
//! restores byte for byte, what was not acknowledged is there whole or not at
//! all; and one sweep later the vault holds the files and bytes of a vault
//! where the command ran to its end, or never began.
//!
//! `VHAULT_KILLS` says how many over all commands, `VHAULT_SEED` which.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use vhault_benches::draw::Draw;
use vhault_tests::image;
use vhault_tests::kill::{Ended, Moment, run_until};
use vhault_tests::vault::{Home, copy_folder, files_under};

/// Kills of an everyday run, over all commands.
const KILLS: usize = 56;
const CHUNK: usize = 256 << 10;
const CHUNKS: usize = 12;

/// A command that is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Backup,
    Forget,
    Purge,
    Sweep,
    KeyAdd,
    KeyRemove,
    /// Another key in place of the first: a slot added, the old one removed.
    KeyChange,
    Repair,
}

const DEEDS: usize = 8;

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Files of a vault that a sweep answers for: how many and how long, by folder.
type Holdings = BTreeMap<&'static str, (usize, u64)>;

struct Bench {
    home: Home,
    deed: Deed,
    /// What each live point holds.
    held: BTreeMap<String, Vec<u8>>,
    /// What the next backup copies.
    next: Vec<u8>,
    first_slot: String,
    second_slot: String,
}

impl Bench {
    /// Two VMs: three points of one, of which the first is forgotten, and one of the other; two slots.
    fn of(deed: Deed) -> Bench {
        let home = Home::with_vault();
        let added = ["--new-key-file", &image::named(&home.path("second"))];
        let mut bench = Bench {
            deed,
            held: BTreeMap::new(),
            next: Vec::new(),
            first_slot: String::new(),
            second_slot: String::new(),
            home,
        };
        bench.key("add", &added).expect("adding a slot to a new vault works");
        let slots = bench.slots();
        (bench.first_slot, bench.second_slot) = (slots[0].clone(), slots[1].clone());
        let mut content = Draw::new(1).bytes(CHUNKS * CHUNK);
        for round in 0..3 {
            // Two chunks of the first point live on in the last.
            let changed = (CHUNKS - 2 - 4 * round) * CHUNK;
            content[..changed].copy_from_slice(&Draw::new(10 + round as u64).bytes(changed));
            bench.back_up("web", &content);
        }
        bench.back_up("db", &Draw::new(20).bytes(2 * CHUNK));
        bench.home.on_vault("forget", &["--vm", "web", "--keep-last", "2"]).done();
        let live = bench.live();
        bench.held.retain(|id, _| live.contains(id));
        assert_eq!(bench.held.len(), 3);
        content[3 * CHUNK..6 * CHUNK].copy_from_slice(&Draw::new(30).bytes(3 * CHUNK));
        image::raw(&bench.home.path("web.raw"), &content);
        bench.next = content;
        if deed == Deed::Repair {
            let tables = files_under(&bench.home.vault().join("tables"));
            tables.iter().skip(1).for_each(|table| fs::remove_file(table).expect("a table can go"));
            let checkpoint = bench.home.vault().join("checkpoints/0000000000000002");
            fs::write(checkpoint, b"no checkpoint").expect("the folder is there");
            // A host that has copies of the tables would miss nothing.
            fs::remove_dir_all(bench.home.path("cache")).expect("a cache can go");
            fs::create_dir(bench.home.path("cache")).expect("and come back");
        }
        copy_folder(&bench.home.vault(), &bench.home.path("base"));
        copy_folder(&bench.home.path("cache"), &bench.home.path("base-cache"));
        bench
    }

    fn back_up(&mut self, vm: &str, content: &[u8]) {
        let file = self.home.path(&format!("{vm}.raw"));
        image::raw(&file, content);
        self.home.backup(vm, &["--raw", &image::named(&file)]);
        let newest = self.live().into_iter().find(|id| !self.held.contains_key(id));
        self.held.insert(newest.expect("a point was made"), content.to_vec());
    }

    fn live(&self) -> Vec<String> {
        let id = |point: &serde_json::Value| point["id"].as_str().map(ToOwned::to_owned);
        self.home.points().iter().map(|point| id(point).expect("an id is text")).collect()
    }

    /// Runs a `key` command with the first key, or that of `KeyChange`; none where it does not open.
    fn key(&self, verb: &str, args: &[&str]) -> Option<serde_json::Value> {
        let keys = ["key", "third"].map(|name| self.home.path(name));
        keys.iter().filter(|key| key.exists()).find_map(|key| {
            let mut command = self.home.command(["key", verb]);
            command.arg(self.home.vault()).args(args).arg("--json").arg("--key-file").arg(key);
            let told = vhault_tests::program::run(&mut command).without_crash();
            (told.code == Some(0)).then(|| told.json())
        })
    }

    fn slots(&self) -> Vec<String> {
        let listed = self.key("list", &[]).expect("one of the keys opens it");
        let id = |slot: &serde_json::Value| slot["id"].as_str().map(ToOwned::to_owned);
        let slots = listed.as_array().expect("slots are listed");
        slots.iter().map(|slot| id(slot).expect("an id is text")).collect()
    }

    /// The vault, and what this host remembers of it, as before the deed.
    fn reset(&self) {
        for (from, to) in [("base", self.home.vault()), ("base-cache", self.home.path("cache"))] {
            fs::remove_dir_all(&to).expect("it is ours");
            fs::create_dir(&to).expect("its parent is there");
            copy_folder(&self.home.path(from), &to);
        }
        for folder in ["log", "packs", "tables", "keys", "tmp", "checkpoints"] {
            fs::create_dir_all(self.home.vault().join(folder)).expect("the vault is there");
        }
        let _absent = fs::remove_file(self.home.path("third"));
    }

    /// What is typed, one program after the other.
    fn programs(&self) -> Vec<Command> {
        let (first, third) = (self.home.key(), self.home.path("third"));
        let make = |verbs: &[&str], args: &[&str], key: &Path| {
            let mut command = self.home.command(verbs);
            command.arg(self.home.vault()).args(args).arg("--key-file").arg(key);
            command
        };
        let named = image::named(&third);
        let add = || make(&["key", "add"], &["--new-key-file", &named], &first);
        match self.deed {
            Deed::Backup => {
                let image = image::named(&self.home.path("web.raw"));
                vec![make(&["backup"], &["--vm", "web", "--raw", &image], &first)]
            }
            Deed::Forget => vec![make(&["forget"], &["--keep-last", "1"], &first)],
            Deed::Purge => vec![make(&["purge"], &["--wait-days", "0"], &first)],
            Deed::Sweep => vec![make(&["sweep"], &["--wait-days", "0"], &first)],
            Deed::KeyAdd => vec![add()],
            Deed::KeyRemove => vec![make(&["key", "remove"], &[&self.second_slot], &first)],
            Deed::KeyChange => vec![add(), make(&["key", "remove"], &[&self.first_slot], &third)],
            Deed::Repair => vec![make(&["repair"], &[], &first)],
        }
    }

    fn carry_out(&self, moment: Moment) -> Ended {
        run_until(self.programs(), &self.home.vault(), moment)
    }

    fn names(&self) -> Vec<PathBuf> {
        files_under(&self.home.vault())
    }

    /// What the vault holds after a sweep that takes over from the dead. What lies in `tmp` is nobody's.
    fn swept(&self, key: &Path) -> Holdings {
        let mut command = self.home.command(["sweep"]);
        command
            .arg(self.home.vault())
            .args(["--wait-days", "0", "--fence-after", "0", "--key-file"])
            .arg(key);
        vhault_tests::program::run(&mut command).done();
        let count = |folder| {
            let files = files_under(&self.home.vault().join(folder));
            let length = |file: &PathBuf| fs::metadata(file).expect("it was listed").len();
            (folder, (files.len(), files.iter().map(length).sum()))
        };
        ["packs", "tables"].map(count).into_iter().collect()
    }

    /// Every live point byte for byte, with any key that opens; how many there are that were not there before.
    fn restores_every_point(&self, key: &Path, what: &str) -> usize {
        let run = |verb: &str, args: &[&str]| {
            let mut command = self.home.command([verb]);
            command.arg(self.home.vault()).args(args).arg("--key-file").arg(key);
            vhault_tests::program::run(&mut command).without_crash()
        };
        let listed = run("list", &["--json"]).done().json();
        let points = listed.as_array().expect("points are listed");
        let mut new = 0;
        for point in points {
            let id = point["id"].as_str().expect("an id is text");
            let content = self.held.get(id).unwrap_or_else(|| {
                new += 1;
                &self.next
            });
            assert_eq!(point["state"], "whole", "{what}");
            let out = self.home.path("out.raw");
            run("restore", &[id, "--format", "raw", "--out", &image::named(&out)]).done();
            assert!(fs::read(&out).expect("it was restored") == *content, "{what}: point {id} is another");
            fs::remove_file(out).expect("it was restored");
        }
        let gone =
            self.held.keys().filter(|id| !points.iter().any(|point| point["id"] == id.as_str())).count();
        let may_go = usize::from(self.deed == Deed::Forget);
        assert!(gone <= may_go, "{what}: an acknowledged point is gone");
        assert!(new <= usize::from(self.deed == Deed::Backup), "{what}: a point that nobody made");
        new
    }

    /// A key that opens the vault, and whether the deed on keys was done.
    fn key_that_opens(&self, acknowledged: bool, what: &str) -> PathBuf {
        let opens = |name: &str| {
            let path = self.home.path(name);
            let mut command = self.home.command(["list"]);
            command.arg(self.home.vault()).arg("--key-file").arg(&path);
            path.exists() && vhault_tests::program::run(&mut command).without_crash().code == Some(0)
        };
        let [first, second, third] = ["key", "second", "third"].map(opens);
        match self.deed {
            Deed::KeyAdd => assert!(first && second && (third || !acknowledged), "{what}"),
            Deed::KeyRemove => assert!(first && !(second && acknowledged), "{what}"),
            Deed::KeyChange => {
                assert!(second && (first || third), "{what}: neither the old nor the new key opens it");
                assert!(!acknowledged || (third && !first), "{what}: the key was not changed");
            }
            _ => assert!(first && second && !third, "{what}"),
        }
        self.home.path(if first { "key" } else { "third" })
    }

    /// All that must hold, whenever it was killed. Returns what the vault holds in the end.
    fn check(&self, ended: &Ended, what: &str) -> Holdings {
        let key = self.key_that_opens(ended.acknowledged, what);
        let verify = |key: &Path| {
            let mut command = self.home.command(["verify"]);
            command.arg(self.home.vault()).args(["--level", "images", "--key-file"]).arg(key);
            vhault_tests::program::run(&mut command).without_crash()
        };
        let mut repaired = verify(&key);
        if self.deed == Deed::Repair && !ended.acknowledged && repaired.code == Some(3) {
            // What was lost before the repair may be lost still; it can be begun again.
            self.home.on_vault("repair", &[]).done();
            repaired = verify(&key);
        }
        repaired.done();
        let new = self.restores_every_point(&key, what);
        assert!(self.deed != Deed::Backup || !ended.acknowledged || new == 1, "{what}: its point is gone");
        let holdings = self.swept(&key);
        // A sweep takes away the file of a slot whose removal was recorded and not finished.
        let key = self.key_that_opens(ended.acknowledged, what);
        verify(&key).done();
        self.restores_every_point(&key, what);
        self.a_new_slot_can_be_removed(&key, what);
        holdings
    }

    /// A slot that was added and not recorded can be removed as any other.
    fn a_new_slot_can_be_removed(&self, key: &Path, what: &str) {
        let old = [&self.first_slot, &self.second_slot];
        for slot in self.slots().iter().filter(|slot| *key == self.home.key() && !old.contains(slot)) {
            let mut command = self.home.command(["key", "remove"]);
            command.arg(self.home.vault()).arg(slot).arg("--key-file").arg(key);
            let told = vhault_tests::program::run(&mut command).without_crash();
            assert_eq!(told.code, Some(0), "{what}: {}", told.whole());
            assert!(!self.slots().contains(slot), "{what}: slot {slot} is still there");
        }
    }
}

/// Kills one command again and again.
#[expect(clippy::print_stderr, reason = "seed and counts are part of the proof")]
fn kill_at_any_moment(deed: Deed) {
    let seed = asked("VHAULT_SEED", 20_251);
    let kills = usize::try_from(asked("VHAULT_KILLS", KILLS as u64)).unwrap_or(KILLS).div_ceil(DEEDS);
    let bench = Bench::of(deed);
    // What a vault holds where the command never began, and where it ended.
    let never = Ended { acknowledged: false, took: Duration::ZERO, changes: 0 };
    let undone = bench.check(&never, "it never began");
    bench.reset();
    let whole = bench.carry_out(Moment::Never);
    let done = bench.check(&whole, "nothing was killed");
    let mut draw = Draw::new(seed ^ u64::from(deed as u8));
    let (mut tries, mut at_work, mut half_done) = (0, 0, 0);
    let mut took = whole.took;
    // A kill that comes after the end is none, and how long a command takes depends on what else runs.
    while at_work < kills && tries < kills * 8 {
        tries += 1;
        bench.reset();
        let before = bench.names();
        let moment = if tries % 2 == 0 {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            Moment::After(Duration::from_micros(draw.below(micros)))
        } else {
            let changes = 1 + draw.index(whole.changes.max(1));
            let micros = if draw.once_in(2) { 0 } else { draw.below(3_000) };
            Moment::Changes(changes, Duration::from_micros(micros))
        };
        let ended = bench.carry_out(moment);
        if ended.acknowledged {
            took = ended.took;
        }
        let what = format!("{deed:?}, seed {seed}, try {tries}, {moment:?}");
        at_work += usize::from(!ended.acknowledged);
        half_done += usize::from(!ended.acknowledged && bench.names() != before);
        let holdings = bench.check(&ended, &what);
        assert!(
            holdings == done || (!ended.acknowledged && holdings == undone),
            "{what}: a sweep left {holdings:?}, done would be {done:?} and undone {undone:?}"
        );
    }
    eprintln!(
        "{deed:?}: seed {seed}, {at_work} kills while it was at work, {half_done} of them after it had written \
         something; {} tries came too late",
        tries - at_work
    );
    assert!(at_work * 2 >= kills, "{deed:?}: only {at_work} kills hit it in {tries} tries");
    // One record is all that forgetting and purging write: in between there is hardly a moment.
    let is_one_step = matches!(deed, Deed::Forget | Deed::Purge);
    assert!(half_done > 0 || is_one_step, "{deed:?}: no kill came after it had written something");
}

#[test]
fn a_killed_backup_costs_no_acknowledged_point() {
    kill_at_any_moment(Deed::Backup);
}

#[test]
fn a_killed_forget_hides_all_it_meant_to_or_nothing() {
    kill_at_any_moment(Deed::Forget);
}

#[test]
fn a_killed_purge_can_be_run_again() {
    kill_at_any_moment(Deed::Purge);
}

#[test]
fn a_killed_sweep_costs_no_point_and_the_next_one_frees_the_rest() {
    kill_at_any_moment(Deed::Sweep);
}

#[test]
fn killed_key_commands_leave_a_vault_that_opens() {
    kill_at_any_moment(Deed::KeyAdd);
    kill_at_any_moment(Deed::KeyRemove);
    kill_at_any_moment(Deed::KeyChange);
}

#[test]
fn a_killed_repair_can_be_run_again() {
    kill_at_any_moment(Deed::Repair);
}
