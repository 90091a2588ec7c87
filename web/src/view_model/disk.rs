//! Disk: one inspected disk as the page shows it.

use serde::{Deserialize, Serialize};
use vhault_core::vhd::{Field, FindingReport, ImageKind, ImageReport, Inspection, Severity, Verdict};

use super::copy;
use super::map::Map;
use super::tone::Tone;
use crate::text::{self, Both, Text};

/// One inspected disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Size of the disk in bytes.
    pub disk_bytes: u64,
    /// Whether all images of the chain are here.
    pub is_complete: bool,
    /// What a first copy would read at most, and what may be new.
    pub copy_bytes: u64,
    /// The worst that was found.
    pub worst: Option<Level>,
    /// The images, child first.
    pub images: Vec<Picture>,
    /// All that is unusual or wrong, worst first.
    pub findings: Vec<Found>,
    /// What `vhault inspect --json` prints, without the line's end.
    pub export: String,
}

/// One image of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Which of the given files it is.
    pub file: usize,
    /// Its name.
    pub name: String,
    /// How it holds its disk.
    pub kind: Kind,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Size of its disk in bytes.
    pub disk_bytes: u64,
    /// Bytes of the file that are the guest's.
    pub guest_bytes: u64,
    /// All other bytes of the file.
    pub container_bytes: u64,
    /// The fields of the footer.
    pub footer: Vec<Row>,
    /// The fields of the dynamic header.
    pub header: Vec<Row>,
    /// What it says about its parent.
    pub parent: Option<ParentRow>,
    /// Whether the file has its blocks in the order of the disk.
    pub is_in_disk_order: Option<bool>,
    /// Its blocks.
    pub map: Map,
}

/// How an image holds its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// No container.
    Raw,
    /// All sectors in order.
    Fixed,
    /// Blocks, stored once written.
    Dynamic,
    /// Blocks that differ from a parent.
    Differencing,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Core's name of it.
    pub name: String,
    /// What it says.
    pub value: String,
    /// What we make of it.
    pub mark: Mark,
}

/// What we make of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// As it should be, and used.
    Good,
    /// Shown, and used for nothing.
    Information,
    /// Allowed, and unusual.
    Unusual,
    /// Not what it must be.
    Wrong,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// A doubt.
    Warning,
    /// Stored bytes are damaged.
    Damage,
}

/// What an image says about its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentRow {
    /// The id that decides.
    pub unique_id: String,
    /// The stored name.
    pub name: String,
    /// The time it remembers.
    pub created: String,
    /// Code and text of each locator.
    pub locators: Vec<(String, Option<String>)>,
    /// Where it is looked for.
    pub candidates: Vec<String>,
}

/// One finding, ready to be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which image, the child being 0.
    pub image: usize,
    /// How much it matters.
    pub level: Level,
    /// Its name for scripts.
    pub code: String,
    /// What was found.
    pub what: Both,
    /// What to do.
    pub advice: Both,
}

impl Disk {
    /// What the page shows of an inspection, whose images are the given
    /// `files` and have the blocks `maps`, both child first.
    pub fn of(inspection: &Inspection, files: &[usize], maps: Vec<Map>, export: String) -> Disk {
        let mut maps = maps.into_iter();
        Disk {
            disk_bytes: inspection.disk_bytes,
            is_complete: inspection.is_complete,
            copy_bytes: copy::first(
                inspection.disk_bytes,
                inspection.images.iter().map(|image| image.file_bytes),
            )
            .read_bytes,
            worst: inspection.worst.map(Level::of),
            images: inspection
                .images
                .iter()
                .zip(files)
                .map(|(image, file)| picture(image, *file, maps.next().unwrap_or_default()))
                .collect(),
            findings: inspection.findings.iter().map(found).collect(),
            export,
        }
    }

    /// One sentence about all of it.
    pub fn verdict(&self) -> Text {
        match self.worst {
            None => Text::VerdictGood,
            Some(Level::Note) => Text::VerdictNotes,
            Some(Level::Warning) => Text::VerdictWarnings,
            Some(Level::Damage) => Text::VerdictDamage,
        }
    }

    /// The command that prints the same.
    pub fn command(&self) -> String {
        let name = self.images.first().map_or("", |image| image.name.as_str());
        format!("vhault inspect {name} --json")
    }
}

impl Level {
    fn of(severity: Severity) -> Level {
        match severity {
            Severity::Note => Level::Note,
            Severity::Warning => Level::Warning,
            Severity::Damage => Level::Damage,
        }
    }

    /// What it means.
    pub fn tone(self) -> Tone {
        match self {
            Level::Note => Tone::Info,
            Level::Warning => Tone::Warn,
            Level::Damage => Tone::Bad,
        }
    }
}

impl Mark {
    /// What it means.
    pub fn tone(self) -> Tone {
        match self {
            Mark::Good => Tone::Good,
            Mark::Information => Tone::Quiet,
            Mark::Unusual => Tone::Warn,
            Mark::Wrong => Tone::Bad,
        }
    }
}

impl Kind {
    /// What to call it.
    pub fn text(self) -> Text {
        match self {
            Kind::Raw => Text::KindRaw,
            Kind::Fixed => Text::KindFixed,
            Kind::Dynamic => Text::KindDynamic,
            Kind::Differencing => Text::KindDifferencing,
        }
    }
}

fn picture(image: &ImageReport, file: usize, map: Map) -> Picture {
    Picture {
        file,
        name: image.name.clone(),
        kind: match image.kind {
            ImageKind::Raw => Kind::Raw,
            ImageKind::Fixed => Kind::Fixed,
            ImageKind::Dynamic => Kind::Dynamic,
            ImageKind::Differencing => Kind::Differencing,
        },
        file_bytes: image.file_bytes,
        disk_bytes: image.disk_bytes,
        guest_bytes: image.guest_bytes,
        container_bytes: image.container_bytes,
        footer: image.footer.iter().map(row).collect(),
        header: image.header.iter().map(row).collect(),
        parent: image.parent.as_ref().map(|parent| ParentRow {
            unique_id: parent.unique_id.clone(),
            name: parent.name.clone(),
            created: parent.created.clone(),
            locators: parent
                .locators
                .iter()
                .map(|locator| (locator.code.clone(), locator.text.clone()))
                .collect(),
            candidates: parent.candidates.clone(),
        }),
        is_in_disk_order: image.blocks.as_ref().map(|blocks| blocks.is_in_disk_order),
        map,
    }
}

fn row(field: &Field) -> Row {
    let mark = match field.verdict {
        Verdict::Good => Mark::Good,
        Verdict::Information => Mark::Information,
        Verdict::Unusual => Mark::Unusual,
        Verdict::Wrong => Mark::Wrong,
    };
    Row { name: field.name.to_owned(), value: field.value.clone(), mark }
}

fn found(report: &FindingReport) -> Found {
    Found {
        image: report.image,
        level: Level::of(report.severity),
        code: report.code.to_owned(),
        what: text::what(&report.finding),
        advice: text::advice(&report.finding),
    }
}
