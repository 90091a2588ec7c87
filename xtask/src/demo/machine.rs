//! The disks of a virtual machine, and a day in its life.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::content::{self, TABLE_PAGE_BYTES, Table};
use vhault_benches::draw::Draw;
use vhault_benches::ext4::{Changes, Ext4Disk};
use vhault_benches::foreign::{self, DiskSize, VhdKind};
use vhault_benches::program::{Outcome, While, run};

use super::folder::Folder;
use crate::say::{self, Step};

const MIB: u64 = 1 << 20;
/// Larger files would eat a budget in one bite.
const FILE_BYTES_MAX: u64 = 16 * MIB;

/// How big everything is.
pub(crate) struct Scale {
    pub(crate) system_bytes: u64,
    data_bytes: u64,
    archive_bytes: u64,
    /// Taken from this machine: folder, bytes at most.
    taken: [(&'static str, u64); 5],
    log_bytes: u64,
    photo_count: u64,
    photo_bytes: u64,
    table_pages: u64,
    export_bytes: u64,
    upgrade_bytes: u64,
    changed_pages: u64,
}

impl Scale {
    /// Disks of real size.
    pub(crate) fn full() -> Scale {
        Scale {
            system_bytes: 1_536 * MIB,
            data_bytes: 1_024 * MIB,
            archive_bytes: 2_048 * MIB,
            taken: [
                ("/usr/bin", 180 * MIB),
                ("/usr/sbin", 40 * MIB),
                ("/usr/lib", 400 * MIB),
                ("/usr/share", 260 * MIB),
                ("/usr/include", 60 * MIB),
            ],
            log_bytes: 5 * MIB,
            photo_count: 24,
            photo_bytes: 3 * MIB,
            table_pages: 20_480,
            export_bytes: 48 * MIB,
            upgrade_bytes: 8 * MIB,
            changed_pages: 700,
        }
    }

    /// A system disk to measure on.
    pub(crate) fn measured() -> Scale {
        Scale {
            system_bytes: 4_096 * MIB,
            taken: [
                ("/usr/bin", 300 * MIB),
                ("/usr/sbin", 60 * MIB),
                ("/usr/lib", 1_200 * MIB),
                ("/usr/share", 500 * MIB),
                ("/usr/include", 100 * MIB),
            ],
            log_bytes: 15 * MIB,
            photo_count: 50,
            photo_bytes: 4 * MIB,
            upgrade_bytes: 32 * MIB,
            ..Scale::full()
        }
    }

    /// Disks that are made in a moment.
    pub(crate) fn quick() -> Scale {
        Scale {
            system_bytes: 96 * MIB,
            data_bytes: 48 * MIB,
            archive_bytes: 64 * MIB,
            taken: [
                ("/usr/bin", 16 * MIB),
                ("/usr/sbin", 2 * MIB),
                ("/usr/lib", 16 * MIB),
                ("/usr/share", 12 * MIB),
                ("/usr/include", 2 * MIB),
            ],
            log_bytes: 256 << 10,
            photo_count: 4,
            photo_bytes: MIB,
            table_pages: 1_024,
            export_bytes: 2 * MIB,
            upgrade_bytes: MIB,
            changed_pages: 40,
        }
    }
}

/// One disk on two days.
pub(crate) struct Disk {
    pub(crate) label: &'static str,
    /// What it is, in a few words.
    pub(crate) about: String,
    pub(crate) kind: VhdKind,
    pub(crate) size: DiskSize,
    /// What the guest sees, day by day.
    pub(crate) raw: Vec<PathBuf>,
    /// The image vhault is given, day by day.
    pub(crate) vhd: Vec<PathBuf>,
    /// A folder with the files as they are on the newest day.
    pub(crate) inside: PathBuf,
    /// A file that must come back with every restore of the newest day.
    pub(crate) witness: String,
}

/// A virtual machine with three disks.
pub(crate) struct Machine {
    pub(crate) disks: Vec<Disk>,
    table: Table,
}

const DAYS: [&str; 2] = ["monday", "tuesday"];

impl Machine {
    /// Makes the three disks as they are on Monday.
    ///
    /// # Errors
    ///
    /// What the tools or the file system say.
    pub(crate) fn make(scale: &Scale, folder: &Folder) -> Outcome<Machine> {
        let system = folder.make("inside/system")?;
        let step = Step::begin("programs, libraries and documents of this machine; logs and photos");
        let files = furnish_system(scale, &system)?;
        step.done(&format!("{} files", say::count(files)));

        let step = Step::begin("a database and its exports; papers");
        let data = folder.make("inside/data")?;
        let table = furnish_data(scale, &data).while_doing(|| "cannot write files".to_owned())?;
        let archive = folder.make("inside/archive")?;
        let papers = take(Path::new("/usr/share/doc"), &archive, scale.archive_bytes / 80)?;
        step.done("");

        let mut machine = Machine {
            disks: vec![
                Disk {
                    label: "system",
                    about: format!("programs and documents, {} files", say::count(files)),
                    kind: VhdKind::Fixed,
                    size: DiskSize::Exact,
                    raw: Vec::new(),
                    vhd: Vec::new(),
                    inside: system,
                    witness: "/var/log/app1.log".to_owned(),
                },
                Disk {
                    label: "data",
                    about: format!("a database of {} pages", say::count(scale.table_pages)),
                    kind: VhdKind::Dynamic,
                    size: DiskSize::Exact,
                    raw: Vec::new(),
                    vhd: Vec::new(),
                    inside: data,
                    witness: "/db/table".to_owned(),
                },
                Disk {
                    label: "archive",
                    about: format!("mostly empty, {} papers", say::count(papers)),
                    kind: VhdKind::Dynamic,
                    size: DiskSize::Geometry,
                    raw: Vec::new(),
                    vhd: Vec::new(),
                    inside: archive,
                    witness: "/incoming/letter.txt".to_owned(),
                },
            ],
            table,
        };
        let sizes = [scale.system_bytes, scale.data_bytes, scale.archive_bytes];
        for (disk, bytes) in machine.disks.iter_mut().zip(sizes) {
            let raw = folder.make("raw")?.join(format!("{}.{}", disk.label, DAYS[0]));
            let step = Step::begin(&format!("{}: {} of ext4", disk.label, say::size(bytes)));
            Ext4Disk::create(&raw, bytes, disk.label, &disk.inside)?;
            disk.raw.push(raw);
            disk.export(folder, 0)?;
            step.done(&disk.told(0)?);
        }
        Ok(machine)
    }

    /// Lets Monday become Tuesday in every file system.
    ///
    /// # Errors
    ///
    /// What the tools or the file system say.
    pub(crate) fn live_a_day(&mut self, scale: &Scale, folder: &Folder) -> Outcome<()> {
        for disk in &mut self.disks {
            let raw = folder.join("raw").join(format!("{}.{}", disk.label, DAYS[1]));
            run("cp", [disk.raw[0].as_os_str(), raw.as_os_str(), "--sparse=always".as_ref()])?;
            let ext4 = Ext4Disk::at(&raw);
            let step = Step::begin(&format!("{}: a day", disk.label));
            let told = match disk.label {
                "system" => system_day(scale, &disk.inside, &ext4)?,
                "data" => data_day(scale, &disk.inside, &ext4, &self.table)?,
                _ => archive_day(&disk.inside, &ext4)?,
            };
            ext4.check()?;
            disk.raw.push(raw);
            disk.export(folder, 1)?;
            step.done(&told);
        }
        Ok(())
    }

    /// What vhault is given on a day: `label=image`.
    pub(crate) fn images(&self, day: usize) -> Vec<String> {
        self.disks.iter().map(|disk| format!("{}={}", disk.label, disk.vhd[day].display())).collect()
    }

    /// Bytes the guest sees on all disks together.
    pub(crate) fn virtual_bytes(&self) -> u64 {
        self.disks.iter().map(|disk| fs::metadata(&disk.raw[0]).map_or(0, |about| about.len())).sum()
    }
}

impl Disk {
    fn export(&mut self, folder: &Folder, day: usize) -> Outcome<()> {
        let vhd = folder.make(DAYS[day])?.join(format!("{}.vhd", self.label));
        foreign::make_vhd(&self.raw[day], &vhd, self.kind, self.size)?;
        self.vhd.push(vhd);
        Ok(())
    }

    fn told(&self, day: usize) -> Outcome<String> {
        let about = fs::metadata(&self.vhd[day]).while_doing(|| format!("cannot see {}", self.label))?;
        let kind = match self.kind {
            VhdKind::Fixed => "fixed",
            VhdKind::Dynamic => "dynamic",
        };
        let size = match self.size {
            DiskSize::Exact => "size kept",
            DiskSize::Geometry => "size rounded to its geometry",
        };
        Ok(format!("{}; {kind} VHD of {}, {size}", self.about, say::size(about.len())))
    }
}

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

fn furnish_data(scale: &Scale, inside: &Path) -> std::io::Result<Table> {
    fs::create_dir_all(inside.join("db"))?;
    let table = Table::create(&inside.join("db/table"), scale.table_pages, 11)?;
    content::write_noise(&inside.join("db/log.0001"), scale.export_bytes / 4, 12)?;
    fs::create_dir_all(inside.join("exports"))?;
    content::write_rows(&inside.join("exports/week-46.csv"), scale.export_bytes, 13)?;
    content::write_rows(&inside.join("exports/week-47.csv"), scale.export_bytes, 14)?;
    Ok(table)
}

/// Lets a day pass on a system disk: in its file system, and in the folder
/// that it was made from. Says what happened.
///
/// # Errors
///
/// What the tools or the file system say.
pub(crate) fn system_day(scale: &Scale, inside: &Path, ext4: &Ext4Disk) -> Outcome<String> {
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

fn data_day(scale: &Scale, inside: &Path, ext4: &Ext4Disk, table: &Table) -> Outcome<String> {
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

fn archive_day(inside: &Path, ext4: &Ext4Disk) -> Outcome<String> {
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
fn files_under(folder: &Path) -> Outcome<Vec<PathBuf>> {
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
