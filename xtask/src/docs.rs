//! The pages: links that lead somewhere, no words of one machine.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::program::{Outcome, Trouble, While};

use crate::args::Args;
use crate::{place, say};

const HELP: &str = "\
cargo xtask docs

Checks that every link in the project's pages leads to a file and a heading
that exist, and that no file names a folder of one person's machine.";

/// Folders that exist on one person's machine only.
const PRIVATE_FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// What tools put beside the sources.
const PRODUCTS: [&str; 7] =
    [".git", "target", "artifacts", "coverage", "demo-data", "bench-data", "node_modules"];

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    args.nothing_more(HELP)?;
    let pages = check()?;
    say::line(&format!("{pages} pages: every link leads somewhere"));
    Ok(())
}

/// Every file of the project but what tools put beside the sources.
///
/// # Errors
///
/// A folder that cannot be listed.
pub(crate) fn sources() -> Outcome<Vec<PathBuf>> {
    let top = place::top();
    let mut files = Vec::new();
    list(&top, &mut files).while_doing(|| format!("cannot list {}", top.display()))?;
    Ok(files)
}

/// Checks all pages and gives back how many there are.
///
/// # Errors
///
/// All that is wrong, one finding a line.
pub(crate) fn check() -> Outcome<usize> {
    let top = place::top();
    let files = sources()?;
    let mut findings = Vec::new();
    let mut pages = 0;
    for path in files {
        let name = path.strip_prefix(&top).unwrap_or(&path).display().to_string();
        // What is not text has no words.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for folder in PRIVATE_FOLDERS {
            if text.contains(folder) {
                findings.push(format!("{name}: names the folder {folder}"));
            }
        }
        if name.ends_with(".md") {
            pages += 1;
            findings.extend(dead_links(&path, &text)?.into_iter().map(|link| format!("{name}: {link}")));
        }
    }
    if findings.is_empty() { Ok(pages) } else { Err(Trouble::new(findings.join("\n"))) }
}

/// All files of the project, products left out.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let product = entry.file_name().to_str().is_some_and(|name| PRODUCTS.contains(&name));
        if entry.file_type()?.is_dir() {
            if !product {
                list(&entry.path(), files)?;
            }
        } else if !product {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The links of a page that lead nowhere, with the reason.
fn dead_links(page: &Path, text: &str) -> Outcome<Vec<String>> {
    let mut dead = Vec::new();
    for target in links(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let folder = page.parent().unwrap_or(page);
        let file = if file.is_empty() { page.to_owned() } else { folder.join(file) };
        if !file.exists() {
            dead.push(format!("`{target}` leads to no file"));
        } else if !heading.is_empty() && file.extension().is_some_and(|ending| ending == "md") {
            let other =
                fs::read_to_string(&file).while_doing(|| format!("cannot read {}", file.display()))?;
            if !headings(&other).any(|known| known == heading) {
                dead.push(format!("`{target}` leads to no heading"));
            }
        }
    }
    Ok(dead)
}

/// What stands in the round brackets of `[text](target)`, code left out.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in prose(text) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, behind)) = after.split_once(')') else { break };
            found.push(target.split_whitespace().next().unwrap_or_default());
            rest = behind;
        }
    }
    found
}

/// The names under which headings can be linked to.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose(text).filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                _ => None,
            })
            .collect()
    })
}

/// The lines outside fenced code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

#[cfg(test)]
mod tests {
    use super::{headings, links};

    #[test]
    fn links_in_code_are_not_links() {
        assert_eq!(links("see [a](b.md#c) and [d](e)\n```\n[x](y)\n```\n"), ["b.md#c", "e"]);
    }

    #[test]
    fn a_heading_is_linked_to_by_its_words() {
        let text = "## The vault's log, 2 rivers\n";
        assert_eq!(headings(text).collect::<Vec<_>>(), ["the-vaults-log-2-rivers"]);
    }
}
