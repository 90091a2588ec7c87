//! The data set, the work folder, and one command measured on it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use vhault_benches::program::{Outcome, Trouble, While, spelled, succeed};

use crate::demo::run::measured;
use crate::say;

/// Ticks of `/proc/self/stat` in a second, on every Linux we know.
const TICKS_PER_SECOND: u64 = 100;
/// What two files are compared by.
const COMPARED_BYTES: usize = 1 << 20;

/// What one command took.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// From its start until what it wrote is durable.
    pub(crate) wall: Duration,
    /// Of that, waited for the disk after it had returned.
    pub(crate) sync: Duration,
    pub(crate) processor: Duration,
    pub(crate) peak_bytes: u64,
    pub(crate) stored_bytes: u64,
}

/// The data set and the folder where all is tried.
pub(crate) struct Ground {
    data: PathBuf,
    work: PathBuf,
}

impl Ground {
    /// Clears the work folder, and makes the differencing child where it is missing.
    ///
    /// # Errors
    ///
    /// What is missing of the data set.
    pub(crate) fn prepare(data: &Path, program: &Path) -> Outcome<Ground> {
        let data = data.canonicalize().while_doing(|| format!("cannot find {}", data.display()))?;
        let ground = Ground { work: data.join("work"), data };
        ground.clear()?;
        let child = ground.child();
        if !child.exists() {
            let step = say::Step::begin("the second day as a differencing child of the first");
            let mut convert = Command::new(program);
            convert.args(["convert", "--quiet", "--format", "differencing", "--parent"]);
            convert.arg(ground.first()).arg("--out").arg(&child).arg(ground.second());
            succeed(&mut convert)?;
            step.done("");
        }
        Ok(ground)
    }

    /// Reads files and folders just before they are read for time, so that they come from memory whatever ran meanwhile.
    ///
    /// # Errors
    ///
    /// The first that cannot be read.
    pub(crate) fn warm(&self, places: &[PathBuf]) -> Outcome<()> {
        for path in places.iter().flat_map(|place| files_below(place)) {
            let mut file = File::open(&path).while_doing(|| format!("cannot open {}", path.display()))?;
            io::copy(&mut file, &mut io::sink()).while_doing(|| format!("cannot read {}", path.display()))?;
        }
        Ok(())
    }

    /// Has the system let go of what it remembers of a file or a folder's files, so that the next reader waits for
    /// the disk.
    ///
    /// # Errors
    ///
    /// Where `dd` cannot ask for it.
    pub(crate) fn cool(&self, place: &Path) -> Outcome<()> {
        succeed(Command::new("sync").arg("-f").arg(&self.work))?;
        for path in files_below(place) {
            let mut of_file = std::ffi::OsString::from("if=");
            of_file.push(&path);
            succeed(Command::new("dd").arg(of_file).args(["iflag=nocache", "count=0", "status=none"]))?;
        }
        Ok(())
    }

    /// The disk on its first day.
    pub(crate) fn first(&self) -> PathBuf {
        self.data.join("gen1.fixed.vhd")
    }

    /// The disk a day later.
    pub(crate) fn second(&self) -> PathBuf {
        self.data.join("gen2.fixed.vhd")
    }

    /// The disk a day later, as a child of the first day's image.
    pub(crate) fn child(&self) -> PathBuf {
        self.data.join("gen2.child.vhd")
    }

    /// The folder of the machine with five disks.
    pub(crate) fn set_folder(&self) -> PathBuf {
        self.data.join("set")
    }

    /// The disks of the machine with five disks.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read.
    pub(crate) fn set(&self) -> Outcome<Vec<PathBuf>> {
        let folder = self.set_folder();
        let entries = fs::read_dir(&folder).while_doing(|| format!("cannot read {}", folder.display()))?;
        let mut disks: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        disks.sort();
        Ok(disks)
    }

    /// A place in the work folder.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }

    /// The folder that is backed up; it holds one file, `disk.vhd`.
    pub(crate) fn source(&self) -> PathBuf {
        self.at("source")
    }

    /// Empties the work folder.
    ///
    /// # Errors
    ///
    /// What could not be removed.
    pub(crate) fn clear(&self) -> Outcome<()> {
        if self.work.exists() {
            fs::remove_dir_all(&self.work).while_doing(|| format!("cannot clear {}", self.work.display()))?;
        }
        fs::create_dir_all(self.source()).while_doing(|| format!("cannot make {}", self.work.display()))
    }

    /// Puts `image` in the place of `disk.vhd`, and returns that.
    ///
    /// # Errors
    ///
    /// Where it cannot be linked.
    pub(crate) fn put(&self, image: &Path) -> Outcome<PathBuf> {
        let place = self.source().join("disk.vhd");
        let doing = || format!("cannot put {} in place", image.display());
        if place.exists() {
            fs::remove_file(&place).while_doing(doing)?;
        }
        fs::hard_link(image, &place).while_doing(doing)?;
        self.warm(std::slice::from_ref(&place))?;
        Ok(place)
    }

    /// Moves the timestamps of `disk.vhd` to now.
    ///
    /// # Errors
    ///
    /// Where they cannot be set.
    pub(crate) fn touch(&self) -> Outcome<()> {
        let place = self.source().join("disk.vhd");
        let doing = || format!("cannot touch {}", place.display());
        let file = File::options().append(true).open(&place).while_doing(doing)?;
        file.set_modified(SystemTime::now()).while_doing(doing)
    }

    /// Runs `command` until what it wrote is durable; `stored` is the folder whose size is told.
    ///
    /// # Errors
    ///
    /// Where it did not end well.
    pub(crate) fn take(&self, command: &mut Command, stored: &Path) -> Outcome<Taken> {
        let before = processor_time();
        let run = measured(command)?;
        let processor = processor_time().saturating_sub(before);
        if run.code != Some(0) {
            let typed = spelled(command);
            return Err(Trouble::new(format!(
                "{typed} ended with {:?}: {}{}",
                run.code, run.stdout, run.stderr
            )));
        }
        let since = Instant::now();
        succeed(Command::new("sync").arg("-f").arg(&self.work))?;
        let sync = since.elapsed();
        Ok(Taken {
            wall: run.wall + sync,
            sync,
            processor,
            peak_bytes: run.peak_bytes,
            stored_bytes: folder_bytes(stored),
        })
    }

    /// Compares a restored file with the second day's disk: whole, or as raw without its footer.
    ///
    /// # Errors
    ///
    /// The first byte that differs.
    pub(crate) fn prove(&self, restored: &Path) -> Outcome<()> {
        let doing = || format!("cannot compare {}", restored.display());
        let mut ours = File::open(restored).while_doing(doing)?;
        let mut source = File::open(self.second()).while_doing(doing)?;
        let (length, whole) = (ours.metadata()?.len(), source.metadata()?.len());
        if length != whole && length + 512 != whole {
            return Err(Trouble::new(format!("{} has {length} bytes of {whole}", restored.display())));
        }
        let (mut left, mut right) = (vec![0; COMPARED_BYTES], vec![0; COMPARED_BYTES]);
        let mut at = 0;
        while at < length {
            let part = usize::try_from(length - at).unwrap_or(usize::MAX).min(COMPARED_BYTES);
            ours.read_exact(&mut left[..part]).while_doing(doing)?;
            source.read_exact(&mut right[..part]).while_doing(doing)?;
            if left[..part] != right[..part] {
                return Err(Trouble::new(format!("{} differs after byte {at}", restored.display())));
            }
            at += part as u64;
        }
        fs::remove_file(restored).while_doing(doing)
    }
}

/// Processor time of all children that ended so far.
pub(super) fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    // Fields 16 and 17: user and system ticks of waited-for children; field 3 is the first one here.
    let ticks: u64 =
        after_name.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// The files below a folder, or the file itself.
fn files_below(place: &Path) -> Vec<PathBuf> {
    if !place.is_dir() {
        return vec![place.to_owned()];
    }
    let entries = fs::read_dir(place).into_iter().flatten().filter_map(Result::ok);
    entries.flat_map(|entry| files_below(&entry.path())).collect()
}

/// Bytes of all files below `folder`.
pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => folder_bytes(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
