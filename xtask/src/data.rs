//! The measured data set: one 4 GiB disk and the same a day later, and a
//! machine of five disks. The demo's builders, at full size.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::content;
use vhault_benches::ext4::{Changes, Ext4Disk};
use vhault_benches::foreign::{self, DiskSize, VhdKind};
use vhault_benches::program::{Outcome, While, run};

use crate::args::Args;
use crate::demo::scale::{Scale, disk_bytes};
use crate::demo::{day, inside, map};
use crate::say::{self, Step};
use crate::setup::{self, For};
use crate::usage;

const HELP: &str = "\
cargo xtask bench-data [--tenth] FOLDER

Makes the measured data set in FOLDER: gen1 and gen2, one 4 GiB system disk on
two days, each as fixed and as dynamic VHD; and set/, a machine of five disks:
gen1, incompressible media, text, a mostly empty disk, and a clone of gen1 that
went its own way. About 20 GB. Files come from this machine's own /usr, so two
machines make two data sets: quote figures with the machine.

  --tenth   everything a tenth as large, for every day: about 3 GB, and a
            whole `cargo xtask bench` in seconds. Figures of it are only good
            for comparing with each other";

const MIB: u64 = 1 << 20;
/// What `--tenth` divides by.
const TENTH: u64 = 10;

/// The verb.
pub(crate) fn main(mut args: Args) -> Outcome<()> {
    if args.helped(HELP) {
        return Ok(());
    }
    let parts = if args.flag("--tenth") { TENTH } else { 1 };
    let folders = args.files(HELP)?;
    let [folder] = &folders[..] else {
        return Err(usage("one folder is wanted", HELP));
    };
    setup::ensure(For::Disks)?;
    let set = Set { folder: folder.clone(), parts };
    set.two_days()?;
    set.incompressible()?;
    set.text()?;
    set.mostly_empty()?;
    fs::remove_dir_all(set.path("inside"))
        .while_doing(|| "cannot remove what the disks were made of".to_owned())?;
    say::line(&format!("\nThe data set lies in {}.", folder.display()));
    Ok(())
}

/// A data set in the making.
struct Set {
    folder: PathBuf,
    /// All sizes are divided by this.
    parts: u64,
}

impl Set {
    fn two_days(&self) -> Outcome<()> {
        let scale = Scale::measured().divided(self.parts);
        let inside = self.inside("gen")?;
        let step = Step::begin("gen1: programs, documents, logs, photos, a database");
        let files = inside::furnish_system(&scale, &inside)?;
        let first = self.raw("gen1")?;
        Ext4Disk::create(&first, scale.system_bytes, "gen1", &inside)?;
        for (kind, name) in [(VhdKind::Fixed, "gen1.fixed.vhd"), (VhdKind::Dynamic, "gen1.dynamic.vhd")] {
            foreign::make_vhd(&first, &self.path(name), kind, DiskSize::Exact)?;
        }
        // The set names it too: one file is enough.
        let named = self.make("set")?.join("gen1.vhd");
        fs::hard_link(self.path("gen1.fixed.vhd"), &named)
            .while_doing(|| format!("cannot make {}", named.display()))?;
        step.done(&format!("{} files", say::count(files)));

        self.clone_of(&first, &inside)?;

        let step = Step::begin("gen2: a day later");
        let second = self.copy(&first, "gen2")?;
        let day = day::system(&scale, &inside, &Ext4Disk::at(&second))?;
        for (kind, name) in [(VhdKind::Fixed, "gen2.fixed.vhd"), (VhdKind::Dynamic, "gen2.dynamic.vhd")] {
            foreign::make_vhd(&second, &self.path(name), kind, DiskSize::Exact)?;
        }
        let change = map::compare(&first, &second)?;
        let changed = say::share(change.changed_bytes(), change.bytes());
        step.done(&format!("{day}; {changed} of its sectors differ"));
        Ok(())
    }

    /// A clone that went its own way.
    fn clone_of(&self, first: &Path, inside: &Path) -> Outcome<()> {
        let step = Step::begin("set/d4: a clone of gen1 with a life of its own");
        let raw = self.copy(first, "d4")?;
        let own = self.inside("d4")?;
        let doing = || format!("cannot write in {}", own.display());
        fs::write(own.join("hostname"), "clone\n").while_doing(doing)?;
        content::write_noise(&own.join("own.bin"), 12 * MIB / self.parts, 70).while_doing(doing)?;
        fs::copy(inside.join("var/log/app1.log"), own.join("app1.log")).while_doing(doing)?;
        content::append_log(&own.join("app1.log"), 3 * MIB / self.parts, 71).while_doing(doing)?;
        let mut day = Changes::new();
        day.replace(&own.join("hostname"), "/etc/hostname");
        day.add(&own.join("own.bin"), "/home/mina/own.bin");
        day.replace(&own.join("app1.log"), "/var/log/app1.log");
        Ext4Disk::at(&raw).change(&day)?;
        self.export(&raw, "d4", VhdKind::Dynamic)?;
        step.done("");
        Ok(())
    }

    fn incompressible(&self) -> Outcome<()> {
        let step = Step::begin("set/d1: media that no codec makes smaller");
        let inside = self.inside("d1")?;
        for film in 1..=10 {
            content::write_noise(
                &inside.join(format!("film{film:02}.mkv")),
                64 * MIB / self.parts,
                200 + film,
            )
            .while_doing(|| "cannot write a film".to_owned())?;
        }
        self.disk("d1", 1_024 * MIB, &inside, VhdKind::Fixed)?;
        step.done("");
        Ok(())
    }

    fn text(&self) -> Outcome<()> {
        let step = Step::begin("set/d2: logs and tables of text");
        let inside = self.inside("d2")?;
        let doing = || "cannot write text".to_owned();
        for part in 1..=4 {
            content::append_log(
                &inside.join(format!("service{part}.log")),
                70 * MIB / self.parts,
                300 + part,
            )
            .while_doing(doing)?;
            content::write_rows(&inside.join(format!("rows{part}.csv")), 50 * MIB / self.parts, 400 + part)
                .while_doing(doing)?;
        }
        self.disk("d2", 1_024 * MIB, &inside, VhdKind::Dynamic)?;
        step.done("");
        Ok(())
    }

    fn mostly_empty(&self) -> Outcome<()> {
        let step = Step::begin("set/d3: mostly empty");
        let inside = self.inside("d3")?;
        inside::take(Path::new("/usr/share/doc"), &inside, 60 * MIB / self.parts)?;
        content::append_log(&inside.join("quiet.log"), 40 * MIB / self.parts, 500)
            .while_doing(|| "cannot write a log".to_owned())?;
        self.disk("d3", 1_536 * MIB, &inside, VhdKind::Fixed)?;
        step.done("");
        Ok(())
    }

    fn disk(&self, name: &str, bytes: u64, inside: &Path, kind: VhdKind) -> Outcome<()> {
        let raw = self.raw(name)?;
        Ext4Disk::create(&raw, disk_bytes(bytes, self.parts), name, inside)?;
        self.export(&raw, name, kind)
    }

    fn export(&self, raw: &Path, name: &str, kind: VhdKind) -> Outcome<()> {
        foreign::make_vhd(raw, &self.make("set")?.join(format!("{name}.vhd")), kind, DiskSize::Exact)
    }

    fn copy(&self, raw: &Path, name: &str) -> Outcome<PathBuf> {
        let copy = self.raw(name)?;
        run("cp", [raw.as_os_str(), copy.as_os_str(), "--sparse=always".as_ref()])?;
        Ok(copy)
    }

    fn raw(&self, name: &str) -> Outcome<PathBuf> {
        Ok(self.make("raw")?.join(format!("{name}.raw")))
    }

    fn inside(&self, name: &str) -> Outcome<PathBuf> {
        self.make(&format!("inside/{name}"))
    }

    fn make(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(&path).while_doing(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
