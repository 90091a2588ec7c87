//! The program as a person runs it: help, forms, JSON, exit codes, silence.

use std::fs;
use std::path::Path;

use vhault_benches::foreign::VhdKind;
use vhault_tests::guest::lived_in;
use vhault_tests::image;
use vhault_tests::program::{run, vhault};
use vhault_tests::vault::{Home, files_under};

const VERBS: &[&str] = &[
    "ui",
    "init",
    "backup",
    "list",
    "stats",
    "show",
    "restore",
    "verify",
    "diff",
    "inspect",
    "convert",
    "explain",
    "sim",
    "policy",
    "protect",
    "items",
    "run",
    "jobs",
    "cancel",
    "stop",
    "forget",
    "undelete",
    "pin",
    "unpin",
    "lock",
    "key",
    "completions",
    "man",
];

/// A vault that holds two points of a two-disk machine.
fn furnished() -> Home {
    let home = Home::with_vault();
    let system = image::vhd(&home.path("system.vhd"), &lived_in(20_000, 1), VhdKind::Fixed);
    let data = image::vhd(&home.path("data.vhd"), &lived_in(9_000, 2), VhdKind::Dynamic);
    home.backup("web01", &[&format!("os={system}"), &data]);
    home.backup("web01", &[&format!("os={system}"), &data]);
    home
}

#[test]
fn help_names_every_verb_and_every_exit_code() {
    let told = vhault(["help"]).done();
    for verb in VERBS {
        assert!(told.stdout.contains(verb), "help leaves out {verb}:\n{}", told.stdout);
    }
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "130"] {
        assert!(told.stdout.contains(code), "help leaves out exit code {code}:\n{}", told.stdout);
    }
    assert_eq!(vhault(["--help"]).done().stdout.lines().next(), told.stdout.lines().next());
}

#[test]
fn every_verb_teaches_itself() {
    for verb in VERBS {
        let told = vhault([verb, "--help"]).done();
        assert!(told.stdout.contains("Usage"), "{}", told.whole());
        assert!(told.stdout.len() > 200, "{verb} --help says next to nothing:\n{}", told.stdout);
    }
}

#[test]
fn the_version_is_told() {
    assert!(vhault(["--version"]).done().stdout.contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_mistyped_command_line_ends_with_2_and_says_what_would_do() {
    vhault(["bakcup"]).ends_with(2).says(&["bakcup", "backup"]);
    vhault(["backup"]).ends_with(2).says(&["Usage"]);
    vhault(["restore", "v", "latest", "--disk", "0", "--format", "vmdk", "--out", "x"])
        .ends_with(2)
        .says(&["vmdk", "fixed", "dynamic", "raw", "exact"]);
    let nothing: [&str; 0] = [];
    vhault(nothing).ends_with(2).says(&["Usage"]);
}

#[test]
fn the_list_is_a_json_array_of_points_with_what_scripts_rely_on() {
    let home = furnished();
    let points = home.points();
    assert_eq!(points.len(), 2);
    for point in &points {
        for field in ["id", "vm", "time", "disks", "state"] {
            assert!(!point[field].is_null(), "a point lacks {field}: {point}");
        }
        assert_eq!(point["vm"], "web01");
        assert_eq!(point["disks"].as_array().map(Vec::len), Some(2), "{point}");
    }
    let text = home.on_vault("list", &[]).done();
    assert!(text.stdout.contains("web01"), "{}", text.whole());
}

#[test]
fn an_empty_vault_lists_nothing_and_says_so() {
    let home = Home::with_vault();
    assert!(home.points().is_empty());
    assert!(!home.on_vault("list", &[]).done().stdout.is_empty());
    home.on_vault("show", &["latest"]).ends_with(2).without_crash();
}

#[test]
fn a_point_is_named_by_id_by_prefix_and_as_latest() {
    let home = furnished();
    let points = home.points();
    let ids: Vec<&str> = points.iter().filter_map(|point| point["id"].as_str()).collect();
    let shown = |name: &str| home.on_vault("show", &[name, "--json"]).done().json();
    let newest = shown("latest")["id"].as_str().map(str::to_owned);
    assert_eq!(shown("latest:web01")["id"].as_str(), newest.as_deref());
    for id in &ids {
        assert_eq!(shown(id)["id"], **id);
        let prefix = (1..=id.len()).map(|end| &id[..end]);
        let unique =
            prefix.into_iter().find(|prefix| ids.iter().filter(|id| id.starts_with(prefix)).count() == 1);
        assert_eq!(shown(unique.expect("whole ids are unique"))["id"], **id);
    }
    home.on_vault("show", &["latest:nobody"]).ends_with(2).says(&["nobody"]);
    home.on_vault("show", &["zzzz"]).ends_with(2).says(&["zzzz"]);
}

#[test]
fn a_disk_is_named_by_number_and_by_label() {
    let home = furnished();
    let by_number = home.restore("latest", "0", "raw", "by-number.raw");
    let by_label = home.restore("latest", "os", "raw", "by-label.raw");
    assert_eq!(fs::read(by_number).unwrap(), fs::read(by_label).unwrap());
    assert!(home.restore("latest", "data", "raw", "data.raw").is_file());
    let out = image::named(&home.path("none.raw"));
    let told = home.on_vault("restore", &["latest", "--disk", "swap", "--format", "raw", "--out", &out]);
    told.ends_with(2).says(&["swap", "os", "data"]);
    assert!(!Path::new(&out).exists());
    home.on_vault("restore", &["latest", "--disk", "2", "--format", "raw", "--out", &out]).ends_with(2);
}

#[test]
fn results_go_to_stdout_and_nothing_moves_or_shines_in_a_pipe() {
    let home = furnished();
    let image = image::named(&home.path("data.vhd"));
    let out = image::named(&home.path("out.vhd"));
    for told in [
        home.on_vault("list", &[]),
        home.on_vault("verify", &[]),
        home.backup("web01", &[&image]),
        home.on_vault("restore", &["latest", "--disk", "0", "--format", "fixed", "--out", &out]),
        vhault(["inspect", &image]),
    ] {
        let told = told.done();
        for text in [&told.stdout, &told.stderr] {
            assert!(!text.contains('\u{1b}'), "escape codes in a pipe: {}", told.whole());
            assert!(!text.contains('\r'), "a moving line in a pipe: {}", told.whole());
        }
        assert!(!told.stdout.is_empty(), "no result on stdout: {}", told.whole());
    }
}

#[test]
fn no_colour_means_no_colour_even_on_a_terminal() {
    let home = furnished();
    let image = image::named(&home.path("data.vhd"));
    // `script` gives the program a terminal; bsdutils is on every Debian.
    let typed = format!("'{}' inspect '{image}'", vhault_tests::program::binary().display());
    let seen = |no_colour: bool| {
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &typed, "/dev/null"]).env("TERM", "xterm-256color").env_remove("NO_COLOR");
        if no_colour {
            script.env("NO_COLOR", "1");
        }
        let output = script.stdin(std::process::Stdio::null()).output().expect("script is on every Debian");
        let words = [&output.stdout[..], &output.stderr[..]].concat();
        assert!(output.status.success(), "script: {}", String::from_utf8_lossy(&words));
        String::from_utf8_lossy(&output.stdout).contains("\u{1b}[")
    };
    assert!(seen(false), "a terminal sees no colour at all: this test shows nothing");
    assert!(!seen(true));
}

#[test]
fn everything_that_speaks_json_prints_one_line_of_it() {
    let home = furnished();
    let (system, data) = (image::named(&home.path("system.vhd")), image::named(&home.path("data.vhd")));
    let out = image::named(&home.path("out.raw"));
    for told in [
        home.on_vault("list", &["--json"]),
        home.on_vault("show", &["latest", "--json"]),
        home.on_vault("verify", &["--json"]),
        home.on_vault("backup", &["--vm", "other", &data, "--json"]),
        home.on_vault("restore", &["latest", "--disk", "0", "--format", "raw", "--out", &out, "--json"]),
        vhault(["inspect", &system, "--json"]),
        vhault(["diff", &system, &data, "--json"]),
    ] {
        let told = told.done();
        assert_eq!(told.stdout.trim_end().lines().count(), 1, "{}", told.whole());
        assert!(told.json().is_object() || told.json().is_array());
        for line in told.stderr.lines() {
            assert!(
                serde_json::from_str::<serde_json::Value>(line).is_ok(),
                "an event that is no JSON: {line}"
            );
        }
    }
}

#[test]
fn a_failure_speaks_json_too() {
    let home = Home::empty();
    let told = run(home.command(["list", "--json"]).arg(home.path("nowhere")));
    assert_ne!(told.code, Some(0));
    assert!(told.stdout.is_empty(), "{}", told.whole());
    let failure: serde_json::Value =
        serde_json::from_str(told.stderr.lines().last().unwrap_or_default()).expect("the last event is JSON");
    assert_eq!((&failure["event"], failure["exit"].as_i64()), (&"failed".into(), told.code.map(i64::from)));
}

#[test]
fn secrets_come_from_the_environment_a_file_or_a_key_file() {
    let home = Home::empty();
    let secret = home.path("secret.txt");
    fs::write(&secret, "correct horse\n").unwrap();
    let vault = home.vault();
    run(home.command(["init"]).arg(&vault).env("VHAULT_PASSPHRASE", "correct horse")).done();
    run(home.command(["list"]).arg(&vault).env("VHAULT_PASSPHRASE", "correct horse")).done();
    // A file made with an editor ends with a line break: it is not part of the secret.
    run(home.command(["list", "--passphrase-file"]).arg(&secret).arg(&vault)).done();
    run(home.command(["list"]).arg(&vault).env("VHAULT_PASSPHRASE", "wrong horse"))
        .ends_with(6)
        .says(&["passphrase"]);
    run(home.command(["list"]).arg(&vault)).ends_with(6).says(&["VHAULT_PASSPHRASE", "--key-file"]);

    let open = home.path("open");
    run(home.command(["init", "--no-encryption"]).arg(&open)).done();
    run(home.command(["list"]).arg(&open)).done();
}

#[test]
fn completions_and_manual_pages_are_written_for_every_verb() {
    for shell in ["bash", "zsh", "fish"] {
        let told = vhault(["completions", shell]).done();
        assert!(told.stdout.contains("restore"), "{shell}: {}", told.stdout);
    }
    vhault(["completions", "cmd.exe"]).ends_with(2);
    let home = Home::empty();
    let pages = home.path("man");
    run(home.command(["man"]).arg(&pages)).done();
    let names: Vec<String> = files_under(&pages).iter().map(|page| image::named(page)).collect();
    for verb in VERBS {
        assert!(
            names.iter().any(|name| name.contains(&format!("vhault-{verb}."))),
            "no page of {verb}: {names:?}"
        );
    }
    assert!(names.iter().any(|name| name.ends_with("vhault.1")), "{names:?}");
}

#[test]
fn an_image_tells_what_it_is() {
    let home = Home::empty();
    let content = lived_in(20_000, 3);
    for (kind, word) in [(VhdKind::Fixed, "fixed"), (VhdKind::Dynamic, "dynamic")] {
        let file = image::vhd(&home.path(&format!("{word}.vhd")), &content, kind);
        vhault(["inspect", &file]).done().says(&[word]);
        let told = vhault(["inspect", &file, "--json"]).done();
        assert!(
            told.stdout.contains(&content.len().to_string()),
            "no size of {} in {}",
            content.len(),
            told.whole()
        );
    }
}

#[test]
fn a_diff_names_exactly_the_sectors_that_a_guest_changed() {
    let home = Home::with_vault();
    let mut content = lived_in(20_000, 4);
    let before = image::vhd(&home.path("before/disk.vhd").also_make(), &content, VhdKind::Dynamic);
    content[512 * 7_777] ^= 1;
    let after = image::vhd(&home.path("after/disk.vhd").also_make(), &content, VhdKind::Dynamic);
    let told = vhault(["diff", &before, &after, "--json"]).done();
    let extents = told.json()["extents"].as_array().cloned().unwrap_or_default();
    let inside = extents.iter().any(|extent| {
        let (start, count) = (extent["start"].as_u64().unwrap(), extent["count"].as_u64().unwrap());
        (start..start + count).contains(&7_777)
    });
    assert!(inside, "sector 7777 is missing: {}", told.whole());
    let same = vhault(["diff", &after, &after, "--json"]).done();
    assert_eq!(same.json()["extents"].as_array().map(Vec::len), Some(0), "{}", same.whole());
}

/// A path whose folder is made on the way.
trait AlsoMake {
    fn also_make(self) -> std::path::PathBuf;
}

impl AlsoMake for std::path::PathBuf {
    fn also_make(self) -> std::path::PathBuf {
        if let Some(folder) = self.parent() {
            fs::create_dir_all(folder).expect("a test may write in its own folder");
        }
        self
    }
}
