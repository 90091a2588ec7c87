//! Renders `id.rs` and `table.rs` from `catalogue.json`, and proves the data.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;

use serde::Deserialize;

use super::entry::Kind;
use super::id::AdviceId;
use super::text::{Argument, Placeholder, fill};

const DATA: &str = include_str!("catalogue.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    operation: String,
    kind: String,
    profiles: Vec<String>,
    title_en: String,
    title_ko: String,
    message_en: String,
    message_ko: String,
    remedy_en: Option<String>,
    remedy_ko: Option<String>,
    retryable: String,
    retry_after_minutes: Option<i64>,
}

fn data() -> Vec<Raw> {
    serde_json::from_str(DATA).unwrap()
}

/// `BKP-08` becomes `Bkp08`.
fn variant(id: &str) -> String {
    let (letters, digits) = id.split_once('-').unwrap();
    format!("{}{}{digits}", &letters[..1], letters[1..].to_lowercase())
}

/// `consistency` becomes `Consistency`, `UI` becomes `Ui`.
fn capitalised(word: &str) -> String {
    if word == "UI" { "Ui".to_string() } else { format!("{}{}", word[..1].to_uppercase(), &word[1..]) }
}

fn profiles(raw: &Raw) -> &'static str {
    match raw.profiles.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["classic-preview-2015"] => "Classic2015",
        ["recovery-services-2016"] => "Recovery2016",
        ["classic-preview-2015", "recovery-services-2016"] => "Both",
        other => panic!("unknown profiles {other:?}"),
    }
}

fn retry(raw: &Raw) -> String {
    let wait = match raw.retry_after_minutes {
        None => "None".to_string(),
        Some(minutes) => format!("Some(Span::from_milliseconds({}))", minutes * 60_000),
    };
    match raw.retryable.as_str() {
        "n/a" => "Retry::NotApplicable".to_string(),
        "no" => "Retry::No".to_string(),
        "after-fix" => format!("Retry::AfterFix({wait})"),
        "after-wait" => format!("Retry::AfterWait({wait})"),
        other => panic!("unknown retry class {other}"),
    }
}

fn render_ids(data: &[Raw]) -> String {
    let mut out = String::from(
        "//! The ids of all entries. Generated from `catalogue.json`; see `mod.rs`.\n\n\
         use core::fmt;\nuse core::str::FromStr;\n\n\
         use alloc::string::{String, ToString};\n\n\
         use serde::{Deserialize, Serialize};\n\n\
         /// Names one entry of the catalogue of advice; written `BKP-08`.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]\n\
         #[serde(try_from = \"String\", into = \"String\")]\n\
         #[rustfmt::skip]\npub enum AdviceId {\n",
    );
    for raw in data {
        writeln!(out, "    /// {}.\n    {},", raw.title_en, variant(&raw.id)).unwrap();
    }
    write!(out, "}}\n\nimpl AdviceId {{\n    /// Every id, in catalogue order.\n    #[rustfmt::skip]\n")
        .unwrap();
    writeln!(out, "    pub const ALL: [AdviceId; {}] = [", data.len()).unwrap();
    for raw in data {
        writeln!(out, "        AdviceId::{},", variant(&raw.id)).unwrap();
    }
    out.push_str(
        "    ];\n\n    /// Its written form.\n    #[rustfmt::skip]\n    pub const fn code(self) -> &'static str {\n        match self {\n",
    );
    for raw in data {
        writeln!(out, "            AdviceId::{} => \"{}\",", variant(&raw.id), raw.id).unwrap();
    }
    out.push_str(
        "        }\n    }\n}\n\n\
         impl fmt::Display for AdviceId {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n        f.write_str(self.code())\n    }\n}\n\n\
         /// No entry has this id.\n\
         #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]\n\
         #[error(\"there is no advice {0:?}\")]\n\
         pub struct UnknownAdvice(pub String);\n\n\
         impl FromStr for AdviceId {\n    type Err = UnknownAdvice;\n\n    \
         /// Reads the written form, in either letter case.\n    \
         fn from_str(text: &str) -> Result<AdviceId, UnknownAdvice> {\n        \
         let mut all = AdviceId::ALL.into_iter();\n        \
         all.find(|id| id.code().eq_ignore_ascii_case(text)).ok_or_else(|| UnknownAdvice(text.to_string()))\n    }\n}\n\n\
         impl TryFrom<String> for AdviceId {\n    type Error = UnknownAdvice;\n\n    \
         fn try_from(text: String) -> Result<AdviceId, UnknownAdvice> {\n        text.parse()\n    }\n}\n\n\
         impl From<AdviceId> for String {\n    fn from(id: AdviceId) -> String {\n        id.code().to_string()\n    }\n}\n",
    );
    out
}

fn render_table(data: &[Raw]) -> String {
    let mut out = String::from(
        "//! The texts of all entries. Generated from `catalogue.json`; see `mod.rs`.\n\n\
         use super::entry::{Entry, Kind, Operation, Retry};\nuse super::id::AdviceId;\n\
         use super::profiles::ProfileSet;\nuse super::text::Text;\nuse crate::time::Span;\n\n\
         impl AdviceId {\n    /// What is said under this id.\n    \
         pub const fn entry(self) -> &'static Entry {\n        match self {\n",
    );
    for raw in data {
        let variant = variant(&raw.id);
        writeln!(out, "            AdviceId::{variant} => &{},", raw.id.replace('-', "_")).unwrap();
    }
    out.push_str("        }\n    }\n}\n");
    for raw in data {
        let remedy = match (&raw.remedy_en, &raw.remedy_ko) {
            (Some(en), Some(ko)) => format!("Some(Text {{ en: {en:?}, ko: {ko:?} }})"),
            (None, None) => "None".to_string(),
            _ => panic!("{} has a remedy in one language only", raw.id),
        };
        write!(
            out,
            "\n#[rustfmt::skip]\nconst {}: Entry = Entry {{\n    id: AdviceId::{},\n    kind: Kind::{},\n    operation: Operation::{},\n    profiles: ProfileSet::{},\n    title: Text {{ en: {:?}, ko: {:?} }},\n    message: Text {{ en: {:?}, ko: {:?} }},\n    remedy: {remedy},\n    retry: {},\n}};\n",
            raw.id.replace('-', "_"),
            variant(&raw.id),
            capitalised(&raw.kind),
            capitalised(&raw.operation),
            profiles(raw),
            raw.title_en,
            raw.title_ko,
            raw.message_en,
            raw.message_ko,
            retry(raw),
        )
        .unwrap();
    }
    out
}

/// Compares what was rendered with the file checked in, or writes it there.
fn compare_or_bless(file: &str, checked_in: &str, rendered: &str) {
    if std::env::var_os("VHAULT_BLESS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/advice").join(file);
        std::fs::write(path, rendered).unwrap();
        return;
    }
    assert!(checked_in == rendered, "{file} is out of date: run this test with VHAULT_BLESS=1");
}

#[test]
fn the_generated_files_are_what_the_data_gives() {
    let data = data();
    compare_or_bless("id.rs", include_str!("id.rs"), &render_ids(&data));
    compare_or_bless("table.rs", include_str!("table.rs"), &render_table(&data));
}

/// The specification's own counts: 140 entries, 41 of them errors.
#[test]
fn the_data_has_the_entries_of_the_specification() {
    let groups = [
        ("PRE", 2, 0),
        ("DISC", 7, 2),
        ("REG", 17, 6),
        ("PROT", 9, 0),
        ("STOP", 3, 0),
        ("POL", 8, 1),
        ("BKP", 19, 16),
        ("JOB", 3, 0),
        ("CANCEL", 5, 4),
        ("RST", 14, 12),
        ("SNAP", 6, 0),
        ("NET", 12, 0),
        ("AGENT", 11, 0),
        ("CONS", 7, 0),
        ("UI", 8, 0),
        ("LIMIT", 9, 0),
    ];
    let data = data();
    for (prefix, entries, errors) in groups {
        let group: Vec<&Raw> =
            data.iter().filter(|raw| raw.id.split_once('-').unwrap().0 == prefix).collect();
        assert_eq!(group.len(), entries, "{prefix}");
        assert_eq!(group.iter().filter(|raw| raw.kind == "error").count(), errors, "{prefix}");
        for (number, raw) in (1..).zip(group) {
            assert_eq!(raw.id, format!("{prefix}-{number:02}"));
        }
    }
    assert_eq!(data.len(), 140);
    assert_eq!(AdviceId::ALL.len(), 140);
    let errors = AdviceId::ALL.into_iter().filter(|id| id.entry().kind == Kind::Error).count();
    assert_eq!(errors, 41);
}

#[test]
fn enum_table_and_data_agree_entry_by_entry() {
    for (id, raw) in AdviceId::ALL.into_iter().zip(data()) {
        let entry = id.entry();
        assert_eq!(entry.id, id);
        assert_eq!(id.code(), raw.id);
        assert_eq!(raw.id.parse(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", raw.id));
        assert_eq!(
            (entry.title.en, entry.title.ko, entry.message.en, entry.message.ko),
            (&*raw.title_en, &*raw.title_ko, &*raw.message_en, &*raw.message_ko)
        );
        assert_eq!(entry.remedy.map(|text| text.en.to_string()), raw.remedy_en);
        assert_eq!(entry.remedy.map(|text| text.ko.to_string()), raw.remedy_ko);
        assert_eq!(entry.retry.name(), raw.retryable);
        let minutes = entry.retry.wait().map(|wait| wait.milliseconds() / 60_000);
        assert_eq!(minutes, raw.retry_after_minutes);
    }
    assert!("BKP-20".parse::<AdviceId>().is_err());
}

fn gaps(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

/// Invariant I-20.
#[test]
fn both_languages_say_something_and_leave_the_same_gaps() {
    let everything: Vec<Argument> =
        Placeholder::ALL.iter().map(|gap| Argument::new(*gap, gap.name())).collect();
    let mut seen = BTreeSet::new();
    for id in AdviceId::ALL {
        let entry = id.entry();
        for text in [Some(entry.title), Some(entry.message), entry.remedy].into_iter().flatten() {
            assert!(!text.en.trim().is_empty() && !text.ko.trim().is_empty(), "{id}");
            assert_eq!(gaps(text.en), gaps(text.ko), "{id}");
            assert!(fill(text.en, &everything).is_ok() && fill(text.ko, &everything).is_ok(), "{id}");
            seen.extend(gaps(text.en));
        }
    }
    let known: BTreeSet<&str> = Placeholder::ALL.iter().map(|gap| gap.name()).collect();
    assert_eq!(seen, known, "a placeholder nobody uses, or one nobody declared");
}

#[test]
fn every_error_says_when_to_try_again() {
    let mut classes = BTreeMap::new();
    for id in AdviceId::ALL {
        if id.entry().kind == Kind::Error {
            *classes.entry(id.entry().retry.name()).or_insert(0) += 1;
        }
    }
    assert_eq!(classes.get("n/a"), None);
    assert_eq!(classes.values().sum::<i32>(), 41);
}
