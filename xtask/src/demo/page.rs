//! The page to read at the end: one file, no scripts, nothing fetched.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use vhault_benches::program::{Outcome, While};

use super::map::{Cell, Change};
use super::story::{Backup, Story};
use crate::say;

const STYLE: &str = "\
:root{--ink:#1c2330;--soft:#5d6779;--line:#dfe3ea;--paper:#fbfbf8;--card:#fff;--good:#1c7c54;--bad:#b3261e;\
--same:#b9c6d8;--some:#f0b429;--much:#d9730d;--new:#2f6fde}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#98a2b3;--line:#2b3240;--paper:#12161d;--card:#191f29;\
--good:#5cc795;--bad:#ff8a80;--same:#3b4a61;--some:#c9931a;--much:#f08a30;--new:#6ea0ff}}\
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);\
font:16px/1.55 system-ui,sans-serif}main{max-width:60rem;margin:0 auto;padding:3rem 1.25rem 5rem}\
h1{font-size:2rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.75rem 0 .75rem}\
p{margin:.4rem 0}.soft{color:var(--soft)}table{border-collapse:collapse;width:100%}\
td,th{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}\
th{font-weight:600;color:var(--soft);font-size:.85rem}.number{text-align:right;font-variant-numeric:tabular-nums;\
white-space:nowrap}.held{color:var(--good);font-weight:600}.fell{color:var(--bad);font-weight:600}\
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin-top:1.5rem}\
.fact{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem}\
.fact b{display:block;font-size:1.45rem;line-height:1.2}.fact span{color:var(--soft);font-size:.9rem}\
.wide{overflow-x:auto}svg{display:block;width:100%;height:2.2rem;border-radius:.35rem;background:var(--card);\
border:1px solid var(--line)}.bar{height:.8rem;border-radius:.4rem;background:var(--new);min-width:2px}\
.key span{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;margin:0 .35rem 0 1rem;\
vertical-align:-.1rem}pre{white-space:pre-wrap;margin:.3rem 0;font-size:.85rem}";

/// Cells of a map: wide enough to tell the parts of a file system apart.
const CELLS: usize = 240;

/// What each judge does, in the words of the table.
const JUDGES: [(&str, &str); 5] = [
    ("cmp", "compares the restored file with the original, byte by byte"),
    ("qemu-img", "reads the restored VHD as a guest would and compares it with the original disk"),
    (
        "7-Zip",
        "reads the restored VHD on its own, and the SHA-256 of what it reads is that of the original disk",
    ),
    ("e2fsck", "checks the file system on the restored disk"),
    ("debugfs", "reads one file of the newest day out of it, and cmp compares it with the file written"),
];

/// Writes the page.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn write(story: &Story, path: &Path) -> Outcome<()> {
    fs::write(path, page(story)).while_doing(|| format!("cannot write {}", path.display()))
}

fn page(story: &Story) -> String {
    let mut html = String::new();
    for part in [
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">".to_owned(),
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">".to_owned(),
        format!("<title>vhault: a first backup</title><style>{STYLE}</style><main>"),
        lead(story),
        backups(&story.backups),
        changes(story),
        proofs(story),
        "</main></html>\n".to_owned(),
    ] {
        html.push_str(&part);
        html.push('\n');
    }
    html
}

fn lead(story: &Story) -> String {
    let held = story.proofs.iter().filter(|proof| proof.failure.is_none()).count();
    let all = story.proofs.len();
    let verdict = if story.failures() == 0 {
        "Every restore came back equal.".to_owned()
    } else {
        format!("{} things did not hold.", story.failures())
    };
    let disks: u64 = story.backups.first().map_or(0, |backup| backup.virtual_bytes);
    let scale =
        if story.quick { " These are the small disks of --quick: read no speed off them." } else { "" };
    let mut html = format!(
        "<h1>{verdict}</h1><p class=\"soft\">What one run of the demo saw on this machine.{scale}</p>"
    );
    html.push_str("<div class=\"facts\">");
    for (figure, meaning) in [
        (say::size(disks), "of disks, backed up twice"),
        (say::size(story.vault_bytes), "in the vault for both points"),
        (format!("{held} of {all}"), "proofs by other people's tools"),
        (say::seconds(story.took), "for the whole story"),
    ] {
        add(&mut html, format_args!("<div class=\"fact\"><b>{figure}</b><span>{meaning}</span></div>"));
    }
    html.push_str("</div>");
    html
}

fn backups(backups: &[Backup]) -> String {
    let mut html = String::from(
        "<h2>Backups</h2><div class=\"wide\"><table><tr><th>point<th class=\"number\">disks<th class=\"number\">time\
         <th class=\"number\">rate<th class=\"number\">memory<th class=\"number\">vault grew by<th>",
    );
    let widest = backups.iter().map(|backup| backup.grown_bytes).max().unwrap_or(1).max(1);
    for (at, backup) in backups.iter().enumerate() {
        let Backup { virtual_bytes, grown_bytes, wall, peak_bytes } = backup;
        let percent = grown_bytes.saturating_mul(100) / widest;
        add(
            &mut html,
            format_args!(
                "<tr><td>{}<td class=\"number\">{}<td class=\"number\">{}<td class=\"number\">{}\
                 <td class=\"number\">{}<td class=\"number\">{}<td style=\"width:30%\">\
                 <div class=\"bar\" style=\"width:{percent}%\"></div>",
                ordinal(at),
                say::size(*virtual_bytes),
                say::seconds(*wall),
                say::rate(*virtual_bytes, *wall),
                say::size(*peak_bytes),
                say::size(*grown_bytes),
            ),
        );
    }
    html.push_str("</table></div>");
    html
}

fn changes(story: &Story) -> String {
    if story.changes.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h2>A day of change</h2>");
    for (label, about, change) in &story.changes {
        add(
            &mut html,
            format_args!(
                "<p><b>{}</b> <span class=\"soft\">{}; {} of {} changed, {}</span></p>{}",
                escaped(label),
                escaped(about),
                say::size(change.changed_bytes()),
                say::size(change.bytes()),
                say::share(change.changed_bytes(), change.bytes()),
                strip(change)
            ),
        );
    }
    html.push_str(
        "<p class=\"soft key\">Each disk from its first sector to its last.\
         <span style=\"background:var(--same)\"></span>the same\
         <span style=\"background:var(--some)\"></span>a little changed\
         <span style=\"background:var(--much)\"></span>a tenth or more changed. \
         Counted from the raw disks, without vhault; what <code>vhault diff</code> names covers it all.</p>",
    );
    html
}

fn strip(change: &Change) -> String {
    let cells = change.cells(CELLS);
    let mut svg =
        format!("<svg viewBox=\"0 0 {} 10\" preserveAspectRatio=\"none\" role=\"img\">", cells.len().max(1));
    for (at, cell) in cells.iter().enumerate() {
        let fill = match cell {
            Cell::Empty => continue,
            Cell::Same => "same",
            Cell::Some => "some",
            Cell::Much => "much",
        };
        add(&mut svg, format_args!("<rect x=\"{at}\" width=\"1.02\" height=\"10\" fill=\"var(--{fill})\"/>"));
    }
    svg.push_str("</svg>");
    svg
}

fn proofs(story: &Story) -> String {
    let mut html =
        String::from("<h2>Proofs</h2><div class=\"wide\"><table><tr><th>restored<th>equal, says<th>verdict");
    for same in story.proofs.chunk_by(|one, next| one.what == next.what) {
        let judges: Vec<&str> = same.iter().map(|proof| proof.judge).collect();
        let against: Vec<&str> = same.iter().filter_map(|proof| proof.failure.as_deref()).collect();
        let verdict = if against.is_empty() {
            "<span class=\"held\">holds</span>".to_owned()
        } else {
            format!("<span class=\"fell\">fails</span><pre>{}</pre>", escaped(&against.join("\n")))
        };
        let (what, judges) = (escaped(&same[0].what), escaped(&judges.join(", ")));
        add(&mut html, format_args!("<tr><td>{what}<td>{judges}<td>{verdict}"));
    }
    html.push_str("</table></div><p class=\"soft\">");
    for (judge, does) in JUDGES {
        add(&mut html, format_args!("<b>{judge}</b> {does}. "));
    }
    html.push_str("</p>");
    match &story.damage {
        Some(Ok(found)) => add(&mut html, format_args!("<p class=\"soft\">And {}.</p>", escaped(found))),
        Some(Err(why)) => add(&mut html, format_args!("<p class=\"fell\">{}</p>", escaped(why))),
        None => {}
    }
    html
}

fn add(html: &mut String, part: std::fmt::Arguments<'_>) {
    let told = html.write_fmt(part);
    debug_assert!(told.is_ok(), "a String takes everything");
}

fn ordinal(at: usize) -> &'static str {
    ["first", "second", "third", "fourth"].get(at).unwrap_or(&"later")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
