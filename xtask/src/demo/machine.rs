//! The disks of a virtual machine, and a day in its life.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::content::Table;
use vhault_benches::ext4::Ext4Disk;
use vhault_benches::foreign::{self, DiskSize, VhdKind};
use vhault_benches::program::{Outcome, While, run};

use super::folder::Folder;
use super::scale::Scale;
use super::{day, inside};
use crate::say::{self, Step};

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
        let files = inside::furnish_system(scale, &system)?;
        step.done(&format!("{} files", say::count(files)));

        let step = Step::begin("a database and its exports; papers");
        let data = folder.make("inside/data")?;
        let table = inside::furnish_data(scale, &data).while_doing(|| "cannot write files".to_owned())?;
        let archive = folder.make("inside/archive")?;
        let papers = inside::take(Path::new("/usr/share/doc"), &archive, scale.archive_bytes / 80)?;
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
                "system" => day::system(scale, &disk.inside, &ext4)?,
                "data" => day::data(scale, &disk.inside, &ext4, &self.table)?,
                _ => day::archive(&disk.inside, &ext4)?,
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
