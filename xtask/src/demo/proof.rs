//! Restores, and the judges that compare them.

use std::fs;
use std::path::Path;

use vhault_benches::ext4::Ext4Disk;
use vhault_benches::foreign::{self, DiskSize};
use vhault_benches::program::{Outcome, Trouble, While};

use super::folder::Folder;
use super::machine::{Disk, Machine};
use super::story::Story;
use super::vhault::Vhault;
use crate::say::{self, Step};

/// Restores every disk of both points in every form and has each one judged.
///
/// # Errors
///
/// Where a restore fails. What a judge says goes into the story.
pub(crate) fn restores(
    machine: &Machine,
    points: &[String],
    vhault: &Vhault,
    folder: &Folder,
    story: &mut Story,
) -> Outcome<()> {
    let place = folder.make("restored")?;
    for (day, point) in points.iter().enumerate() {
        for disk in &machine.disks {
            // The newer point in all forms; the older one must merely still be there.
            let forms: &[&str] = if day == 0 { &["exact"] } else { &["exact", "fixed", "dynamic", "raw"] };
            for form in forms {
                let out =
                    place.join(format!("{}.{}", disk.label, if *form == "raw" { "raw" } else { "vhd" }));
                let what = format!("point {}, {} as {form}", day + 1, disk.label);
                let step = Step::begin(&what);
                let run = vhault.restore(point, disk.label, form, &out)?;
                let bytes = fs::metadata(&disk.raw[day]).map_or(0, |about| about.len());
                let first = story.proofs.len();
                judge(&what, disk, day, form, &out, story);
                story.close(step, first, &format!("written at {}", say::rate(bytes, run.wall)));
                fs::remove_file(&out).while_doing(|| format!("cannot remove {}", out.display()))?;
            }
        }
    }
    Ok(())
}

fn judge(what: &str, disk: &Disk, day: usize, form: &str, out: &Path, story: &mut Story) {
    let raw = &disk.raw[day];
    match form {
        "exact" => {
            story.prove(what, "cmp with the source", || foreign::same_bytes(out, &disk.vhd[day]));
        }
        "raw" => {
            if disk.size == DiskSize::Exact {
                story.prove(what, "cmp", || foreign::same_bytes(out, raw));
            } else {
                story.prove(what, "qemu-img", || foreign::qemu_compare(&disk.vhd[day], out).map(drop));
            }
            let ext4 = Ext4Disk::at(out);
            story.prove(what, "e2fsck", || ext4.check().map(drop));
            story.prove(what, "a file read by debugfs", || witness(disk, &ext4, out));
        }
        _ => {
            story.prove(what, "qemu-img", || foreign::qemu_compare(out, raw).map(drop));
            if disk.size == DiskSize::Exact {
                story.prove(what, "7-Zip", || {
                    let (restored, original) = (foreign::seven_zip_sha256(out)?, foreign::sha256(raw)?);
                    if restored == original {
                        return Ok(());
                    }
                    Err(Trouble::new(format!("7-Zip reads {restored}, the guest saw {original}")))
                });
            }
        }
    }
}

fn witness(disk: &Disk, ext4: &Ext4Disk, restored: &Path) -> Outcome<()> {
    let copy = restored.with_extension("witness");
    ext4.read_file(&disk.witness, &copy)?;
    let original = disk.inside.join(disk.witness.trim_start_matches('/'));
    let same = foreign::same_bytes(&copy, &original);
    fs::remove_file(&copy).while_doing(|| format!("cannot remove {}", copy.display()))?;
    same
}
