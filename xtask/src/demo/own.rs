//! The same story with images somebody brought. They are only read.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_benches::foreign;
use vhault_benches::program::{Outcome, Trouble, While};

use super::folder::Folder;
use super::story::Story;
use super::vhault::Vhault;
use crate::say::{self, Step};

/// Backs up the given images twice, restores each in every form and has it
/// judged.
///
/// # Errors
///
/// What the program says, or an image that was changed while we looked.
pub(crate) fn tell(images: &[PathBuf], vhault: &Vhault, folder: &Folder, story: &mut Story) -> Outcome<()> {
    say::heading("Your images");
    let mut before = Vec::new();
    let mut total = 0;
    for image in images {
        let about = fs::metadata(image).while_doing(|| format!("cannot see {}", image.display()))?;
        let step = Step::begin(&image.display().to_string());
        before.push(foreign::sha256(image)?);
        total += about.len();
        step.done(&say::size(about.len()));
    }
    let given: Vec<String> = images.iter().map(|image| image.display().to_string()).collect();
    vhault.init()?;

    say::heading("First backup");
    vhault.backup("own", &given, total, story)?;
    say::heading("Second backup, nothing changed");
    vhault.backup("own", &given, total, story)?;

    say::heading("Restores, judged by other people's tools");
    let points = vhault.points()?;
    let point = points.last().ok_or_else(|| Trouble::new("the backup left no recovery point"))?;
    let place = folder.make("restored")?;
    for (number, image) in images.iter().enumerate() {
        restore(&number.to_string(), image, point, vhault, &place, story)?;
    }

    for (image, sum) in images.iter().zip(before) {
        let step = Step::begin(&format!("{} was only read", image.display()));
        let first = story.proofs.len();
        story.prove(&image.display().to_string(), "sha256sum before and after", || {
            let now = foreign::sha256(image)?;
            if now == sum { Ok(()) } else { Err(Trouble::new("the image changed while the demo ran")) }
        });
        story.close(step, first, "untouched");
    }
    Ok(())
}

fn restore(
    number: &str,
    image: &Path,
    point: &str,
    vhault: &Vhault,
    place: &Path,
    story: &mut Story,
) -> Outcome<()> {
    let name = image.file_name().unwrap_or(image.as_os_str()).to_string_lossy().into_owned();
    let target = |form: &str| place.join(format!("{number}-{form}"));
    let raw = target("raw");
    for form in ["raw", "exact", "fixed", "dynamic"] {
        let what = format!("{name} as {form}");
        let step = Step::begin(&what);
        let restored = target(form);
        let run = vhault.restore(point, number, form, &restored)?;
        let first = story.proofs.len();
        match form {
            "raw" => judge_raw(&what, image, &raw, story),
            "exact" => story.prove(&what, "cmp with your image", || foreign::same_bytes(&restored, image)),
            _ => story.prove(&what, "qemu-img", || foreign::qemu_compare(&restored, &raw).map(drop)),
        };
        story.close(step, first, &format!("written in {}", say::seconds(run.wall)));
    }
    for form in ["raw", "exact", "fixed", "dynamic"] {
        let file = target(form);
        fs::remove_file(&file).while_doing(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

/// 7-Zip follows parents and judges any image it can read. What it cannot
/// read goes to qemu-img, but never a differencing image: it reads those
/// wrongly without a word.
fn judge_raw(what: &str, image: &Path, raw: &Path, story: &mut Story) -> bool {
    match foreign::seven_zip_sha256(image) {
        Ok(source) => story.prove(what, "7-Zip", || {
            let restored = foreign::sha256(raw)?;
            if source == restored {
                Ok(())
            } else {
                Err(Trouble::new(format!("7-Zip reads {source} from the source, the restore has {restored}")))
            }
        }),
        Err(trouble) if foreign::is_differencing(image) => story.prove(what, "7-Zip", || Err(trouble)),
        Err(_) => story.prove(what, "qemu-img", || foreign::qemu_compare(image, raw).map(drop)),
    }
}
