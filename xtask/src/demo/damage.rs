//! A byte flipped in a copy of the vault.

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use vhault_benches::program::{Outcome, Trouble, While, run};

use super::folder::Folder;
use super::story::Story;
use super::vhault::Vhault;
use crate::place;
use crate::say::{self, Step};

/// The exit code that says: damage found.
const DAMAGE: i32 = 3;

/// How much of verify's words the story quotes.
const LINES: usize = 8;
const LINE_CHARS: usize = 110;

/// Shows that verify finds one flipped byte, in a copy of the vault.
///
/// # Errors
///
/// Where the copy cannot be made, or the sound vault does not verify.
pub(crate) fn show(vhault: &Vhault, folder: &Folder, story: &mut Story) -> Outcome<()> {
    let step = Step::begin("vhault verify of the vault, every chunk read");
    let sound = vhault.verify(vhault.vault(), "chunks")?;
    if sound.code != Some(0) {
        step.failed("");
        return Err(Trouble::new(format!("the vault does not verify:\n{}{}", sound.stdout, sound.stderr)));
    }
    let bytes = vhault.bytes();
    step.done(&format!("{} whole, at {}", say::size(bytes), say::rate(bytes, sound.wall)));

    let copy = folder.join("damaged");
    // Links are enough: only the file that gets the flipped byte is a true copy.
    run("cp", ["-rl".as_ref(), vhault.vault().as_os_str(), copy.as_os_str()])?;
    let victim = largest_file(&copy)?;
    let at = flip_middle_byte(&victim)?;
    let name = victim.strip_prefix(&copy).unwrap_or(&victim).display().to_string();
    let shown = short(&name);
    let step = Step::begin(&format!("byte {} of {shown} flipped; vhault verify", say::count(at)));
    let found = vhault.verify(&copy, "chunks")?;
    let stem = victim.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = format!("{}{}", found.stdout, found.stderr);
    story.damage = Some(match (found.code, text.contains(&stem)) {
        (Some(DAMAGE), true) => {
            step.done("found, with exit code 3, and the file named");
            Ok(format!("one flipped byte in {shown} of a copy was found and named by verify"))
        }
        (code, named) => {
            let why = format!("verify ended with {code:?}, file named: {named}\n{text}");
            step.failed(&why);
            Err(why)
        }
    });
    say::note(&excerpt(&text));
    fs::remove_dir_all(&copy).while_doing(|| format!("cannot remove {}", place::shown(&copy)))
}

/// What was printed first, each line cut where a terminal would wrap it.
fn excerpt(text: &str) -> String {
    let cut = |line: &str| match line.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    };
    text.lines().take(LINES).map(cut).collect::<Vec<_>>().join("\n")
}

/// A name with most of its hash left out.
fn short(name: &str) -> String {
    match name.char_indices().nth(22) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn largest_file(folder: &Path) -> Outcome<PathBuf> {
    let mut largest: Option<(u64, PathBuf)> = None;
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).while_doing(|| format!("cannot list {}", next.display()))? {
            let entry = entry.while_doing(|| format!("cannot list {}", next.display()))?;
            let about = entry.metadata().while_doing(|| format!("cannot see {}", entry.path().display()))?;
            if about.is_dir() {
                waiting.push(entry.path());
            } else if largest.as_ref().is_none_or(|(bytes, _)| about.len() > *bytes) {
                largest = Some((about.len(), entry.path()));
            }
        }
    }
    largest.map(|(_, path)| path).ok_or_else(|| Trouble::new("the vault holds no file"))
}

/// Replaces a file by a copy of itself in which the middle byte is another.
fn flip_middle_byte(file: &Path) -> Outcome<u64> {
    let doing = || format!("cannot change {}", file.display());
    let own = file.with_extension("own");
    fs::copy(file, &own).while_doing(doing)?;
    fs::rename(&own, file).while_doing(doing)?;
    let mut permissions = fs::metadata(file).while_doing(doing)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    fs::set_permissions(file, permissions).while_doing(doing)?;
    let mut open = OpenOptions::new().read(true).write(true).open(file).while_doing(doing)?;
    let at = open.metadata().while_doing(doing)?.len() / 2;
    let mut byte = [0];
    open.seek(SeekFrom::Start(at)).while_doing(doing)?;
    open.read_exact(&mut byte).while_doing(doing)?;
    open.seek(SeekFrom::Start(at)).while_doing(doing)?;
    open.write_all(&[byte[0] ^ 1]).while_doing(doing)?;
    Ok(at)
}
