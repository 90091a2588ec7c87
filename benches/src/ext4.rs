//! Disks with one ext4 partition, made and changed by the file system's own
//! tools, without mounting anything: so it works without root and in
//! containers.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::program::{Outcome, Trouble, While, command, run, spelled, succeed, told};

/// Where the partition starts, as partitioning tools align it.
const PARTITION_BYTE: u64 = 1 << 20;
const BLOCK_BYTES: u64 = 4_096;
const SECTOR_BYTES: u64 = 512;

/// A raw disk image: a partition table and one ext4 file system.
#[derive(Clone, Debug)]
pub struct Ext4Disk {
    image: PathBuf,
}

impl Ext4Disk {
    /// Makes a disk of `bytes` at `image` whose file system holds a copy of
    /// the folder `holding`.
    ///
    /// # Errors
    ///
    /// What the file system or mkfs.ext4 says, the folder not fitting included.
    pub fn create(image: &Path, bytes: u64, label: &str, holding: &Path) -> Outcome<Ext4Disk> {
        let told = || format!("cannot make the disk {}", image.display());
        let mut file = File::create(image).while_doing(told)?;
        file.set_len(bytes).while_doing(told)?;
        file.write_all(&partition_table(bytes)).while_doing(told)?;
        drop(file);

        let blocks = ((bytes - PARTITION_BYTE) / BLOCK_BYTES).to_string();
        let offset = format!("offset={PARTITION_BYTE},nodiscard");
        let mut mkfs = command("mkfs.ext4")?;
        mkfs.args(["-q", "-F", "-b", "4096", "-L", label, "-E", &offset, "-d"])
            .arg(holding)
            .arg(image)
            .arg(blocks);
        succeed(&mut mkfs)?;
        Ok(Ext4Disk { image: image.to_owned() })
    }

    /// A disk that [`Ext4Disk::create`] laid out, in any raw image.
    #[must_use]
    pub fn at(image: &Path) -> Ext4Disk {
        Ext4Disk { image: image.to_owned() }
    }

    /// The raw image file.
    #[must_use]
    pub fn image(&self) -> &Path {
        &self.image
    }

    /// Carries out `changes` in the file system.
    ///
    /// # Errors
    ///
    /// The first change the file system refused.
    pub fn change(&self, changes: &Changes) -> Outcome<()> {
        let script = self.image.with_extension("debugfs");
        fs::write(&script, &changes.script).while_doing(|| format!("cannot write {}", script.display()))?;
        let mut debugfs = command("debugfs")?;
        debugfs.arg("-w").arg("-f").arg(&script).arg(self.partition());
        let output = debugfs.output().while_doing(|| format!("cannot start {}", spelled(&debugfs)))?;
        // It ends with success whatever happened: complaints are all there is.
        let complaint = String::from_utf8_lossy(&output.stderr)
            .lines()
            .find(|line| !line.trim().is_empty() && !line.starts_with("debugfs 1."))
            .map(str::to_owned);
        match complaint {
            None if output.status.success() => {
                fs::remove_file(&script).while_doing(|| format!("cannot remove {}", script.display()))
            }
            None => Err(Trouble::new(format!("{} {}", spelled(&debugfs), told(&output)))),
            Some(complaint) => Err(Trouble::new(format!("{}: {complaint}", spelled(&debugfs)))),
        }
    }

    /// Writes `contents[range]` for each range into the blocks that `file`
    /// already owns, as a database does. Ranges are in bytes of the file.
    ///
    /// # Errors
    ///
    /// Where the file is not there, owns no block at a range, or cannot be
    /// written.
    pub fn overwrite(&self, file: &str, contents: &[u8], ranges: &[Range<u64>]) -> Outcome<()> {
        let runs = self.runs_of(file)?;
        let doing = || format!("cannot write into {}", self.image.display());
        let mut image = OpenOptions::new().write(true).open(&self.image).while_doing(doing)?;
        for range in ranges {
            let mut at = range.start;
            while at < range.end {
                let block = at / BLOCK_BYTES;
                let run = runs
                    .iter()
                    .find(|run| run.logical.contains(&block))
                    .ok_or_else(|| Trouble::new(format!("{file} owns no block at byte {at}")))?;
                let until = range.end.min(run.logical.end * BLOCK_BYTES);
                let place =
                    PARTITION_BYTE + run.physical * BLOCK_BYTES + (at - run.logical.start * BLOCK_BYTES);
                image.seek(SeekFrom::Start(place)).while_doing(doing)?;
                image.write_all(slice(contents, at..until)?).while_doing(doing)?;
                at = until;
            }
        }
        Ok(())
    }

    /// Copies one file out of the file system.
    ///
    /// # Errors
    ///
    /// Where it is not there or cannot be read.
    pub fn read_file(&self, file: &str, out: &Path) -> Outcome<()> {
        let request = format!("dump \"{file}\" \"{}\"", out.display());
        run("debugfs", ["-R", &request, &self.partition()])?;
        if out.is_file() {
            return Ok(());
        }
        Err(Trouble::new(format!("debugfs found no {file} in {}", self.image.display())))
    }

    /// Lets the file system's own checker read everything, changing nothing,
    /// and gives back its closing line.
    ///
    /// # Errors
    ///
    /// What the checker found wrong.
    pub fn check(&self) -> Outcome<String> {
        let printed = run("e2fsck", ["-f", "-n", &self.partition()])?;
        Ok(printed.lines().last().unwrap_or_default().to_owned())
    }

    fn partition(&self) -> String {
        format!("{}?offset={PARTITION_BYTE}", self.image.display())
    }

    fn runs_of(&self, file: &str) -> Outcome<Vec<Run>> {
        let printed = run("debugfs", ["-R", &format!("dump_extents -l \"{file}\""), &self.partition()])?;
        let runs: Vec<Run> = printed.lines().filter_map(Run::read).collect();
        if runs.is_empty() {
            return Err(Trouble::new(format!(
                "debugfs shows no blocks of {file} in {}",
                self.image.display()
            )));
        }
        Ok(runs)
    }
}

/// Adjacent blocks of one file.
struct Run {
    logical: Range<u64>,
    physical: u64,
}

impl Run {
    /// Reads a line of `dump_extents -l`: level/depth, entry/entries, first
    /// and last logical block, first and last physical block, count.
    fn read(line: &str) -> Option<Run> {
        let numbers: Vec<u64> = line
            .split(|c: char| c.is_whitespace() || c == '/' || c == '-')
            .filter(|word| !word.is_empty())
            .map_while(|word| word.parse().ok())
            .collect();
        match numbers[..] {
            [_, _, _, _, first, last, physical, _, _] => Some(Run { logical: first..last + 1, physical }),
            _ => None,
        }
    }
}

/// What happens in a file system, in order.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    script: String,
}

impl Changes {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Changes {
        Changes::default()
    }

    /// Makes a folder.
    pub fn make_folder(&mut self, folder: &str) {
        self.say(format_args!("mkdir \"{folder}\""));
    }

    /// Puts a copy of the file `from` at `to`, which must be free.
    pub fn add(&mut self, from: &Path, to: &str) {
        // `write` names a file in the current folder only.
        let (folder, name) = to.rsplit_once('/').unwrap_or(("", to));
        let folder = if folder.is_empty() { "/" } else { folder };
        self.say(format_args!("cd \"{folder}\""));
        self.say(format_args!("write \"{}\" \"{name}\"", from.display()));
    }

    /// Removes a file.
    pub fn remove(&mut self, file: &str) {
        self.say(format_args!("rm \"{file}\""));
    }

    /// Replaces the file at `to` with a copy of `from`.
    pub fn replace(&mut self, from: &Path, to: &str) {
        self.remove(to);
        self.add(from, to);
    }

    fn say(&mut self, request: std::fmt::Arguments<'_>) {
        let told = writeln!(self.script, "{request}");
        debug_assert!(told.is_ok(), "a String takes every line");
    }
}

/// A master boot record with one Linux partition up to the disk's end.
fn partition_table(bytes: u64) -> [u8; 512] {
    let mut record = [0; 512];
    let first = u32::try_from(PARTITION_BYTE / SECTOR_BYTES).unwrap_or(u32::MAX);
    let count = u32::try_from(bytes / SECTOR_BYTES).unwrap_or(u32::MAX).saturating_sub(first);
    // Signature, boot flag, CHS "beyond what CHS can say", type 0x83.
    record[440..444].copy_from_slice(&0x7661_756C_u32.to_le_bytes());
    record[446..454].copy_from_slice(&[0, 0xFE, 0xFF, 0xFF, 0x83, 0xFE, 0xFF, 0xFF]);
    record[454..458].copy_from_slice(&first.to_le_bytes());
    record[458..462].copy_from_slice(&count.to_le_bytes());
    record[510..].copy_from_slice(&[0x55, 0xAA]);
    record
}

fn slice(bytes: &[u8], range: Range<u64>) -> Outcome<&[u8]> {
    let start = usize::try_from(range.start).while_doing(|| "a range past memory".to_owned())?;
    let end = usize::try_from(range.end).while_doing(|| "a range past memory".to_owned())?;
    bytes.get(start..end).ok_or_else(|| Trouble::new(format!("the content ends before byte {end}")))
}

#[cfg(test)]
mod tests {
    use super::{Changes, Ext4Disk, Run};
    use crate::content::Table;
    use std::fs;

    #[test]
    fn a_line_of_extents_is_read_and_a_heading_is_not() {
        let run = Run::read(" 0/ 0   1/  1     0 -   732  5275 -  6007    733 ").unwrap();
        assert_eq!((run.logical, run.physical), (0..733, 5_275));
        assert!(Run::read("Level Entries       Logical      Physical Length Flags").is_none());
    }

    #[test]
    fn a_file_system_changes_without_being_mounted() {
        let home = std::env::temp_dir().join(format!("vhault-ext4-{}", std::process::id()));
        let inside = home.join("inside");
        fs::create_dir_all(inside.join("etc")).unwrap();
        fs::write(inside.join("etc/name"), "one").unwrap();
        let table = Table::create(&inside.join("table"), 40, 1).unwrap();
        let disk = Ext4Disk::create(&home.join("disk.raw"), 16 << 20, "test", &inside).unwrap();

        let mut changes = Changes::new();
        changes.make_folder("/new");
        changes.add(&inside.join("etc/name"), "/new/name");
        changes.remove("/etc/name");
        disk.change(&changes).unwrap();
        let ranges = table.change(&inside.join("table"), 5, 2).unwrap();
        disk.overwrite("/table", &fs::read(inside.join("table")).unwrap(), &ranges).unwrap();

        disk.check().unwrap();
        disk.read_file("/new/name", &home.join("name")).unwrap();
        disk.read_file("/table", &home.join("table")).unwrap();
        assert_eq!(fs::read(home.join("name")).unwrap(), b"one");
        assert_eq!(fs::read(home.join("table")).unwrap(), fs::read(inside.join("table")).unwrap());
        assert!(disk.read_file("/etc/name", &home.join("gone")).is_err());

        let mut refused = Changes::new();
        refused.remove("/never/there");
        assert!(disk.change(&refused).is_err());
        fs::remove_dir_all(&home).unwrap();
    }
}
