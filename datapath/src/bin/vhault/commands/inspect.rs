//! `vhault inspect`: all that an image's metadata says, and what is wrong.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use vhault_core::vhd::{
    BlockCounts, Field, FindingReport, ImageReport, Inspection, ParentReport, Severity, Verdict,
};
use vhault_datapath::chain::gather;
use vhault_datapath::image::ImageError;

use super::images::OpenArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Page, Report, Tone};
use crate::words;

/// Arguments of `vhault inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vhault inspect web01.avhd --parent archive/web01.vhd")]
pub(crate) struct InspectArgs {
    /// The image to look at
    image: PathBuf,

    #[command(flatten)]
    open: OpenArgs,

    /// Take the file as a disk without container
    #[arg(long)]
    raw: bool,
}

/// Looks at an image and as many of its parents as can be found.
///
/// # Errors
///
/// A [`Failure`] when the image or a parent that is there cannot be read.
pub(crate) fn run(args: &InspectArgs) -> Result<Box<dyn Report>, Failure> {
    let gathered = gather(&args.image, &args.open.options(args.raw))?;
    let names: Vec<String> =
        gathered.images.iter().map(|image| image.source().path().display().to_string()).collect();
    let named: Vec<_> = names.iter().map(String::as_str).zip(&gathered.images).collect();
    let inspection = Inspection::of(&named).map_err(|error| ImageError::Read {
        path: gathered
            .images
            .get(error.depth)
            .map_or_else(PathBuf::new, |image| image.source().path().into()),
        offset: error.offset,
        length: error.length,
        source: error.source,
    })?;
    Ok(Box::new(inspection))
}

impl Report for Inspection {
    fn text(&self, page: &mut Page<'_>) -> io::Result<()> {
        let images = words::count(self.images.len() as u64, "image");
        let parts = if self.is_complete { images } else { format!("{images} here, its parent is missing") };
        writeln!(page, "{}  {}, {parts}", page.tone(Tone::Strong, "disk"), size(self.disk_bytes))?;
        writeln!(page, "      {}", verdict(page, self))?;
        for (depth, image) in self.images.iter().enumerate() {
            image_text(page, depth, image)?;
        }
        if !self.findings.is_empty() {
            writeln!(page)?;
            writeln!(page, "{}", page.tone(Tone::Strong, "findings"))?;
        }
        self.findings.iter().try_for_each(|finding| finding_text(page, finding))
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("an inspection has only names and numbers")
    }

    fn exit(&self) -> Exit {
        if self.worst == Some(Severity::Damage) { Exit::Damage } else { Exit::Done }
    }
}

/// A size for people, and for those who must be exact.
fn size(bytes: u64) -> String {
    format!("{} ({} bytes)", words::bytes(bytes), words::grouped(bytes))
}

fn verdict(page: &Page<'_>, inspection: &Inspection) -> String {
    let count =
        |severity| inspection.findings.iter().filter(|found| found.severity == severity).count() as u64;
    match inspection.worst {
        None => page.tone(Tone::Good, "good: nothing unusual was found"),
        Some(Severity::Note) => page.tone(Tone::Good, "good: nothing is wrong, see the notes below"),
        Some(Severity::Warning) => page.tone(
            Tone::Warn,
            format!("readable, with {}; see below", words::count(count(Severity::Warning), "warning")),
        ),
        Some(Severity::Damage) => page.tone(
            Tone::Bad,
            format!(
                "damaged and still readable: {}; see below",
                words::count(count(Severity::Damage), "damaged part")
            ),
        ),
    }
}

fn image_text(page: &mut Page<'_>, depth: usize, image: &ImageReport) -> io::Result<()> {
    writeln!(page)?;
    let heading = page.tone(Tone::Strong, format!("image {depth}"));
    writeln!(page, "{heading}  {}", image.name)?;
    line(page, "kind", format!("{} image, disk of {}", image.kind, words::bytes(image.disk_bytes)))?;
    line(page, "file", size(image.file_bytes))?;
    line(
        page,
        "of which",
        format!(
            "{} guest data, {} container",
            words::bytes(image.guest_bytes),
            words::bytes(image.container_bytes)
        ),
    )?;
    if let Some(blocks) = &image.blocks {
        blocks_text(page, blocks)?;
    }
    if let Some(parent) = &image.parent {
        parent_text(page, parent)?;
    }
    fields_text(page, "footer", &image.footer)?;
    fields_text(page, "dynamic header", &image.header)
}

fn line(page: &mut Page<'_>, name: &str, value: impl std::fmt::Display) -> io::Result<()> {
    writeln!(page, "  {name:<15}  {value}")
}

fn blocks_text(page: &mut Page<'_>, blocks: &BlockCounts) -> io::Result<()> {
    let stored = blocks.blocks - blocks.absent;
    line(
        page,
        "blocks",
        format!(
            "{} of {}: {} stored, {} absent",
            words::grouped(blocks.blocks),
            words::bytes(blocks.block_bytes),
            words::grouped(stored),
            words::grouped(blocks.absent)
        ),
    )?;
    if stored == 0 {
        return Ok(());
    }
    line(
        page,
        "stored blocks",
        format!(
            "{} whole, {} partial, {} empty; {}, {}",
            words::grouped(blocks.whole),
            words::grouped(blocks.partial),
            words::grouped(blocks.empty),
            words::count(blocks.held_sectors, "sector"),
            if blocks.is_in_disk_order { "in disk order" } else { "not in disk order" }
        ),
    )
}

fn parent_text(page: &mut Page<'_>, parent: &ParentReport) -> io::Result<()> {
    line(page, "parent", format!("{} (id {})", parent.name, parent.unique_id))?;
    line(page, "parent's time", &parent.created)?;
    for locator in &parent.locators {
        line(page, &format!("locator {}", locator.code), locator.text.as_deref().unwrap_or("not readable"))?;
    }
    line(page, "looked for as", parent.candidates.join(", "))
}

fn fields_text(page: &mut Page<'_>, name: &str, fields: &[Field]) -> io::Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    writeln!(page, "  {}", page.tone(Tone::Quiet, name))?;
    let width = fields.iter().map(|field| field.value.chars().count()).max().unwrap_or(0);
    for field in fields {
        let verdict = match field.verdict {
            Verdict::Good => page.tone(Tone::Good, "good"),
            Verdict::Information => page.tone(Tone::Quiet, "information"),
            Verdict::Unusual => page.tone(Tone::Warn, "unusual"),
            Verdict::Wrong => page.tone(Tone::Bad, "wrong"),
        };
        writeln!(page, "    {:<15}  {:<width$}  {verdict}", field.name, field.value)?;
    }
    Ok(())
}

fn finding_text(page: &mut Page<'_>, finding: &FindingReport) -> io::Result<()> {
    let (tone, word) = match finding.severity {
        Severity::Note => (Tone::Quiet, "note"),
        Severity::Warning => (Tone::Warn, "warning"),
        Severity::Damage => (Tone::Bad, "damage"),
    };
    let word = page.tone(tone, format!("{word:<7}"));
    writeln!(page, "  {word}  image {}: {}", finding.image, finding.what)?;
    writeln!(page, "           {}", page.tone(Tone::Quiet, finding.advice))
}
