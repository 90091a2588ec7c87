//! A day on each disk: what people and programs do to its files.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::content::{self, TABLE_PAGE_BYTES, Table};
use vhault_benches::draw::Draw;
use vhault_benches::ext4::{Changes, Ext4Disk};
use vhault_benches::program::{Outcome, While};

use super::inside::files_under;
use super::scale::Scale;
use crate::say;

/// Lets a day pass on a system disk: in its file system, and in the folder
/// that it was made from. Says what happened.
///
/// # Errors
///
/// What the tools or the file system say.
pub(crate) fn system(scale: &Scale, inside: &Path, ext4: &Ext4Disk) -> Outcome<String> {
    let mut draw = Draw::new(21);
    let mut day = Changes::new();
    let plain = |path: &Path| {
        path.to_str().is_some_and(|text| text.chars().all(|c| c.is_ascii_graphic() && c != '"'))
    };
    let name = |path: &Path| format!("/{}", path.strip_prefix(inside).unwrap_or(path).display());

    // A package goes: a share of the documents.
    let mut removed = 0;
    for (at, file) in files_under(&inside.join("usr/share"))?.iter().filter(|file| plain(file)).enumerate() {
        if at % 9 == 4 {
            day.remove(&name(file));
            fs::remove_file(file).while_doing(|| format!("cannot remove {}", file.display()))?;
            removed += 1;
        }
    }
    // Packages are upgraded: new bytes under old names.
    let (mut rewritten, mut bytes) = (0, 0);
    let mut programs: Vec<PathBuf> =
        files_under(&inside.join("usr/bin"))?.into_iter().filter(|file| plain(file)).collect();
    while bytes < scale.upgrade_bytes && !programs.is_empty() {
        let file = programs.swap_remove(draw.index(programs.len()));
        let mut content = fs::read(&file).while_doing(|| format!("cannot read {}", file.display()))?;
        if content.len() < 8_192 {
            continue;
        }
        content::upgrade(&mut content, &mut draw);
        bytes += content.len() as u64;
        fs::remove_file(&file).while_doing(|| format!("cannot replace {}", file.display()))?;
        fs::write(&file, content).while_doing(|| format!("cannot write {}", file.display()))?;
        day.replace(&file, &name(&file));
        rewritten += 1;
    }
    // Logs grow, photos arrive, a setting changes.
    let doing = || "cannot write files".to_owned();
    for log in 1..=4 {
        let file = inside.join(format!("var/log/app{log}.log"));
        content::append_log(&file, scale.log_bytes / 10, 30 + log).while_doing(doing)?;
        day.replace(&file, &name(&file));
    }
    day.make_folder("/home/mina/new");
    let new = inside.join("home/mina/new");
    fs::create_dir_all(&new).while_doing(doing)?;
    for photo in 1..=2 {
        let file = new.join(format!("{photo:03}.jpg"));
        content::write_noise(&file, scale.photo_bytes, 900 + photo).while_doing(doing)?;
        day.add(&file, &name(&file));
    }
    let hostname = inside.join("etc/hostname");
    fs::write(&hostname, "tuesday\n").while_doing(doing)?;
    day.replace(&hostname, "/etc/hostname");
    ext4.change(&day)?;
    Ok(format!(
        "{} files removed, {} programs upgraded, 4 logs longer, 2 photos new",
        say::count(removed),
        say::count(rewritten)
    ))
}

/// Lets a day pass on a database's disk.
///
/// # Errors
///
/// As [`system`].
pub(crate) fn data(scale: &Scale, inside: &Path, ext4: &Ext4Disk, table: &Table) -> Outcome<String> {
    let doing = || "cannot write files".to_owned();
    let file = inside.join("db/table");
    let ranges = table.change(&file, scale.changed_pages, 41).while_doing(doing)?;
    let content = fs::read(&file).while_doing(doing)?;
    ext4.overwrite("/db/table", &content, &ranges)?;

    let mut day = Changes::new();
    let log = inside.join("db/log.0002");
    content::write_noise(&log, scale.export_bytes / 4, 42).while_doing(doing)?;
    day.add(&log, "/db/log.0002");
    day.remove("/db/log.0001");
    ext4.change(&day)?;
    let pages = ranges.len() as u64;
    let bytes = say::size(pages * TABLE_PAGE_BYTES);
    Ok(format!("{} pages ({bytes}) rewritten in place, the log moved on", say::count(pages)))
}

/// Lets a day pass on a disk where hardly anything happens.
///
/// # Errors
///
/// As [`system`].
pub(crate) fn archive(inside: &Path, ext4: &Ext4Disk) -> Outcome<String> {
    let letter = inside.join("incoming/letter.txt");
    let doing = || format!("cannot write {}", letter.display());
    fs::create_dir_all(inside.join("incoming")).while_doing(doing)?;
    fs::write(&letter, "Dear archive,\nthis arrived on Tuesday.\n").while_doing(doing)?;
    let mut day = Changes::new();
    day.make_folder("/incoming");
    day.add(&letter, "/incoming/letter.txt");
    ext4.change(&day)?;
    Ok("one letter arrived".to_owned())
}
