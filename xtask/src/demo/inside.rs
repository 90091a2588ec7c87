//! What is on a disk before it is one: folders filled with files.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::content::{self, Table};
use vhault_benches::program::{Outcome, While};

use super::scale::Scale;

/// Larger files would eat a budget in one bite.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Fills a folder with what a system disk holds: files of this machine, logs
/// and photos. Gives back how many files were taken.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn furnish_system(scale: &Scale, inside: &Path) -> Outcome<u64> {
    let mut files = 0;
    for (from, budget) in &scale.taken {
        files += take(Path::new(from), inside, *budget)?;
    }
    own_files(scale, inside).while_doing(|| "cannot write files".to_owned())?;
    Ok(files)
}

fn own_files(scale: &Scale, inside: &Path) -> std::io::Result<()> {
    fs::create_dir_all(inside.join("var/log"))?;
    for log in 1..=4 {
        content::append_log(&inside.join(format!("var/log/app{log}.log")), scale.log_bytes, log)?;
    }
    fs::create_dir_all(inside.join("home/mina/photos"))?;
    for photo in 1..=scale.photo_count {
        content::write_noise(
            &inside.join(format!("home/mina/photos/{photo:03}.jpg")),
            scale.photo_bytes,
            photo,
        )?;
    }
    fs::create_dir_all(inside.join("etc"))?;
    fs::write(inside.join("etc/hostname"), "monday\n")
}

/// Fills a folder with what a database's disk holds.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn furnish_data(scale: &Scale, inside: &Path) -> std::io::Result<Table> {
    fs::create_dir_all(inside.join("db"))?;
    let table = Table::create(&inside.join("db/table"), scale.table_pages, 11)?;
    content::write_noise(&inside.join("db/log.0001"), scale.export_bytes / 4, 12)?;
    fs::create_dir_all(inside.join("exports"))?;
    content::write_rows(&inside.join("exports/week-46.csv"), scale.export_bytes, 13)?;
    content::write_rows(&inside.join("exports/week-47.csv"), scale.export_bytes, 14)?;
    Ok(table)
}

/// Copies files from this machine in name order until `budget` bytes are
/// there. What may not be read is passed over. Gives back how many it took.
///
/// # Errors
///
/// What the file system says of the target.
pub(crate) fn take(from: &Path, into: &Path, budget: u64) -> Outcome<u64> {
    let (mut left, mut count) = (budget, 0);
    take_folder(from, into, &mut left, &mut count)
        .while_doing(|| format!("cannot copy {}", from.display()))?;
    Ok(count)
}

fn take_folder(from: &Path, into: &Path, left: &mut u64, count: &mut u64) -> std::io::Result<()> {
    let Ok(listed) = fs::read_dir(from) else { return Ok(()) };
    let target = into.join(from.strip_prefix("/").unwrap_or(from));
    fs::create_dir_all(&target)?;
    let mut entries: Vec<_> = listed.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if *left == 0 {
            break;
        }
        let Ok(about) = entry.path().symlink_metadata() else { continue };
        let place = target.join(entry.file_name());
        if about.is_dir() {
            take_folder(&entry.path(), into, left, count)?;
        } else if about.is_symlink() {
            if let Ok(aim) = fs::read_link(entry.path()) {
                std::os::unix::fs::symlink(aim, place)?;
            }
        } else if about.is_file() && about.len() <= FILE_BYTES_MAX {
            if about.len() > *left {
                // Full: the budget ends at the first file that goes past it.
                *left = 0;
            } else if fs::copy(entry.path(), place).is_ok() {
                *left -= about.len();
                *count += 1;
            }
        }
    }
    Ok(())
}

/// All ordinary files under a folder, in name order; none where it is absent.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn files_under(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        let Ok(listed) = fs::read_dir(&next) else { continue };
        for entry in listed {
            let entry = entry.while_doing(|| format!("cannot list {}", next.display()))?;
            let kind = entry.file_type().while_doing(|| format!("cannot see {}", entry.path().display()))?;
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
