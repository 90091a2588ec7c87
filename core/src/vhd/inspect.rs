//! Inspection: all that an image's metadata says, and what we make of it.
//!
//! The program prints it and the page shows it, so both are the same bytes:
//! fields have a fixed order, numbers no locale, and names come from the
//! caller.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use super::block_map::BlockState;
use super::chain::judge_link;
use super::creator;
use super::error::ReadError;
use super::finding::{Finding, Severity};
use super::footer::Footer;
use super::header::Header;
use super::image::{Image, ImageKind};
use super::locator::LocatorKind;
use super::span::Holds;
use super::table::BlockTable;
use crate::digest::hex;
use crate::read::ReadAt;
use crate::units::{BlockIndex, FileOffset, SECTOR_BYTES};

/// What is known about a disk and its images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Size of the disk in bytes.
    pub disk_bytes: u64,
    /// Whether all images of the chain are here.
    pub is_complete: bool,
    /// The worst that was found; none when nothing was.
    pub worst: Option<Severity>,
    /// The images, child first.
    pub images: Vec<ImageReport>,
    /// All that is unusual or wrong, worst first.
    pub findings: Vec<FindingReport>,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageReport {
    /// The name it was given with.
    pub name: String,
    /// How it holds its disk.
    pub kind: ImageKind,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Size of its disk in bytes.
    pub disk_bytes: u64,
    /// Bytes of the file that are the guest's.
    pub guest_bytes: u64,
    /// All other bytes of the file.
    pub container_bytes: u64,
    /// The fields of the footer, in stored order.
    pub footer: Vec<Field>,
    /// The fields of the dynamic header, in stored order.
    pub header: Vec<Field>,
    /// What it says about its parent.
    pub parent: Option<ParentReport>,
    /// Its blocks.
    pub blocks: Option<BlockCounts>,
}

/// One stored field, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What it is called.
    pub name: &'static str,
    /// What it says.
    pub value: String,
    /// What we make of it.
    pub verdict: Verdict,
}

/// What we make of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be, and used.
    Good,
    /// Shown, and used for nothing.
    Information,
    /// Allowed, and not what programs usually write.
    Unusual,
    /// Not what it must be.
    Wrong,
}

/// What a differencing image says about its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParentReport {
    /// The id that decides, as stored.
    pub unique_id: String,
    /// The stored name.
    pub name: String,
    /// The time it remembers.
    pub created: String,
    /// Its locators, in stored order.
    pub locators: Vec<LocatorReport>,
    /// Where we look, beside the child.
    pub candidates: Vec<String>,
}

/// One locator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocatorReport {
    /// Its platform code.
    pub code: String,
    /// What kind of path that is.
    pub kind: LocatorKind,
    /// Its text, where it has one that can be read.
    pub text: Option<String>,
}

/// How many blocks are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BlockCounts {
    /// Bytes of disk in a block.
    pub block_bytes: u64,
    /// Blocks of the disk.
    pub blocks: u64,
    /// Never written here.
    pub absent: u64,
    /// Stored with all sectors.
    pub whole: u64,
    /// Stored with some sectors.
    pub partial: u64,
    /// Stored without any sector.
    pub empty: u64,
    /// Sectors held, all blocks together.
    pub held_sectors: u64,
    /// Whether the file has the stored blocks in the order of the disk.
    pub is_in_disk_order: bool,
}

/// One thing that is unusual or wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingReport {
    /// Which image of the chain, the child being 0.
    pub image: usize,
    /// How much it matters.
    pub severity: Severity,
    /// Its name for scripts.
    pub code: &'static str,
    /// What was found.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
    /// The finding itself, for those who say it in words of their own.
    #[serde(skip)]
    pub finding: Finding,
}

impl Inspection {
    /// Inspects a chain, child first, each image with the name to show. The
    /// last image may be a child whose parent is missing. Reads all sector
    /// bitmaps, and in dynamic images the sectors they hide.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a file fails.
    pub fn of<S: ReadAt>(images: &[(&str, &Image<S>)]) -> Result<Inspection, ReadError<S::Error>> {
        let mut reports = Vec::new();
        let mut findings = Vec::new();
        for (depth, (name, image)) in images.iter().enumerate() {
            let parent = images.get(depth + 1).map(|(_, parent)| *parent);
            let mut found = image.findings().to_vec();
            match judge_link(depth, image, parent) {
                Ok(links) => found.extend(links),
                // The caller joins what belongs together; only the end can lack.
                Err(_) => found.extend(
                    image.parent().map(|link| Finding::ParentMissing { depth, wanted: link.unique_id }),
                ),
            }
            let at_depth = |error| ReadError { depth, ..error };
            reports.push(report(name, image).map_err(at_depth)?);
            let count = stale_sectors(image).map_err(at_depth)?;
            if count > 0 {
                found.push(Finding::StaleSectors { count });
            }
            findings.extend(found.iter().map(|finding| finding_report(depth, finding)));
        }
        findings.sort_by_key(|finding| core::cmp::Reverse(finding.severity));
        Ok(Inspection {
            disk_bytes: images.first().map_or(0, |(_, image)| image.size().get()),
            is_complete: images.last().is_some_and(|(_, image)| image.parent().is_none()),
            worst: findings.iter().map(|finding| finding.severity).max(),
            images: reports,
            findings,
        })
    }
}

fn finding_report(image: usize, finding: &Finding) -> FindingReport {
    FindingReport {
        image,
        severity: finding.severity(),
        code: finding.code(),
        what: finding.to_string(),
        advice: finding.advice(),
        finding: finding.clone(),
    }
}

fn report<S: ReadAt>(name: &str, image: &Image<S>) -> Result<ImageReport, ReadError<S::Error>> {
    let mut guest_bytes = 0;
    image.spans(&mut |span| {
        if let Holds::Guest { .. } = span.holds {
            guest_bytes += span.length.get();
        }
        Ok::<_, ReadError<S::Error>>(())
    })?;
    let file_bytes = image.source().size().get();
    let blocks = match image.table() {
        Some(table) => Some(block_counts(image, table)?),
        None => None,
    };
    Ok(ImageReport {
        name: name.to_string(),
        kind: image.kind(),
        file_bytes,
        disk_bytes: image.size().get(),
        guest_bytes,
        container_bytes: file_bytes.saturating_sub(guest_bytes),
        footer: image.footer().map_or(Vec::new(), footer_fields),
        header: image.header().map_or(Vec::new(), |header| header_fields(header, image)),
        parent: image.parent().map(|link| ParentReport {
            unique_id: hex(&link.unique_id),
            name: link.name.clone(),
            created: creator::time(link.created),
            locators: link
                .paths
                .iter()
                .map(|path| LocatorReport {
                    code: creator::characters(path.locator.code),
                    kind: path.locator.kind(),
                    text: path.text.clone(),
                })
                .collect(),
            candidates: link.candidates(),
        }),
        blocks,
    })
}

fn field(name: &'static str, verdict: Verdict, value: impl ToString) -> Field {
    Field { name, value: value.to_string(), verdict }
}

fn good_if(is_good: bool, otherwise: Verdict) -> Verdict {
    if is_good { Verdict::Good } else { otherwise }
}

fn version(number: u32) -> String {
    format!("{}.{}", number >> 16, number & 0xffff)
}

fn footer_fields(footer: &Footer) -> Vec<Field> {
    use Verdict::{Good, Information, Unusual, Wrong};
    let app = creator::characters(footer.creator_app);
    let made_by = match creator::name(footer.creator_app) {
        Some(name) => format!("{name} ({app})"),
        None => app,
    };
    let is_current = footer.original_size == footer.current_size;
    let geometry = footer.geometry;
    let is_usual_geometry = geometry == super::Geometry::of(footer.current_size);
    vec![
        field(
            "features",
            good_if(footer.features & super::FEATURE_RESERVED != 0, Unusual),
            format!("{:#x}", footer.features),
        ),
        field("format version", Good, version(footer.version)),
        field(
            "header offset",
            Good,
            match footer.header_offset {
                super::NO_HEADER => "none".to_string(),
                offset => offset.to_string(),
            },
        ),
        field("created", Information, creator::time(footer.created)),
        field("creator", Information, made_by),
        field("creator version", Information, version(footer.creator_version)),
        field("creator host", Information, creator::characters(footer.creator_host)),
        field(
            "original size",
            if is_current { Information } else { Unusual },
            format!("{} bytes", footer.original_size),
        ),
        field("current size", Good, format!("{} bytes", footer.current_size)),
        field(
            "geometry",
            if is_usual_geometry { Information } else { Unusual },
            format!("{geometry} ({} bytes)", geometry.bytes()),
        ),
        field("disk type", Good, footer.disk_type.0),
        field(
            "checksum",
            good_if(footer.checksum.holds(), Wrong),
            format!("{:#010x}", footer.checksum.stored),
        ),
        field("unique id", Good, hex(&footer.unique_id)),
        field("as GUID", Information, creator::guid(footer.unique_id, footer.creator_app)),
        field("saved state", if footer.saved_state == 0 { Information } else { Unusual }, footer.saved_state),
    ]
}

fn header_fields<S: ReadAt>(header: &Header, image: &Image<S>) -> Vec<Field> {
    use Verdict::{Good, Unusual, Wrong};
    let blocks = image.table().map_or(0, BlockTable::blocks);
    let is_usual = matches!(header.block_bytes, 0x0008_0000 | 0x0020_0000);
    vec![
        field("table offset", Good, header.table_offset),
        field("header version", Good, version(header.version)),
        field(
            "table entries",
            good_if(u64::from(header.table_entries) == blocks, Unusual),
            header.table_entries,
        ),
        field("block size", good_if(is_usual, Unusual), format!("{} bytes", header.block_bytes)),
        field(
            "checksum",
            good_if(header.checksum.holds(), Wrong),
            format!("{:#010x}", header.checksum.stored),
        ),
    ]
}

fn block_counts<S: ReadAt>(image: &Image<S>, table: &BlockTable) -> Result<BlockCounts, ReadError<S::Error>> {
    let mut counts = BlockCounts {
        block_bytes: table.shape().block_bytes(),
        blocks: table.blocks(),
        is_in_disk_order: table.stored().is_sorted_by_key(|(_, place)| place),
        ..BlockCounts::default()
    };
    image.block_states(&mut |state, held| {
        counts.held_sectors += held;
        match state {
            BlockState::Absent => counts.absent += 1,
            BlockState::Empty => counts.empty += 1,
            BlockState::Partial => counts.partial += 1,
            BlockState::Whole => counts.whole += 1,
        }
    })?;
    Ok(counts)
}

/// Bytes read at a time when looking behind clear bits.
const LOOK_BYTES: usize = 64 * 1024;

/// How many sectors of a dynamic image are hidden by their bit and not zero.
fn stale_sectors<S: ReadAt>(image: &Image<S>) -> Result<u64, ReadError<S::Error>> {
    let Some(table) = image.table().filter(|_| image.kind() == ImageKind::Dynamic) else { return Ok(0) };
    let shape = table.shape();
    let mut stale = 0;
    let mut buffer = vec![0; LOOK_BYTES];
    for (block, place) in table.stored() {
        let place = FileOffset::new(place.get() * SECTOR_BYTES);
        let bitmap = image.read_bitmap(place, shape)?;
        let data = place.get() + shape.bitmap_bytes();
        for (start, run) in bitmap.runs().filter(|(_, run)| !run.is_set) {
            let mut at = u64::from(start) * SECTOR_BYTES;
            let end = (at + u64::from(run.sectors) * SECTOR_BYTES).min(whole_sectors(table, block));
            while at < end {
                let length = usize::try_from(end - at).unwrap_or(LOOK_BYTES).min(LOOK_BYTES);
                image.read(FileOffset::new(data + at), &mut buffer[..length])?;
                let sectors = buffer[..length].chunks(512);
                stale += sectors.filter(|sector| sector.iter().any(|byte| *byte != 0)).count() as u64;
                at += length as u64;
            }
        }
    }
    Ok(stale)
}

/// Bytes of a block that lie on the disk, in whole sectors.
fn whole_sectors(table: &BlockTable, block: BlockIndex) -> u64 {
    table.disk_bytes(block) / SECTOR_BYTES * SECTOR_BYTES
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
