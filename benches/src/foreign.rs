//! qemu-img, 7-Zip and the small tools that judge what we wrote.
//!
//! qemu-img recognises only a VHD's head, so every call names the format;
//! and it takes a fixed VHD's size from the geometry unless told to take
//! `CurrentSize`. It must never judge a differencing image: it opens one as
//! if it had no parent and says nothing. 7-Zip follows parents in the same
//! folder.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use crate::program::{Outcome, Trouble, While, command, find_any, run, spelled, succeed, told};

/// The two kinds of VHD that qemu-img writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VhdKind {
    /// Every sector stored, footer last.
    Fixed,
    /// Blocks stored as they were written.
    Dynamic,
}

/// How qemu-img chooses the disk's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskSize {
    /// Kept as it is.
    Exact,
    /// Rounded up to one that old geometry can say: its default.
    Geometry,
}

/// Makes the VHD `out` from a raw image.
///
/// # Errors
///
/// What qemu-img says.
pub fn make_vhd(raw: &Path, out: &Path, kind: VhdKind, size: DiskSize) -> Outcome<()> {
    let mut options = match kind {
        VhdKind::Fixed => "subformat=fixed".to_owned(),
        VhdKind::Dynamic => "subformat=dynamic".to_owned(),
    };
    if size == DiskSize::Exact {
        options.push_str(",force_size=on");
    }
    let mut convert = command("qemu-img")?;
    convert.args(["convert", "-f", "raw", "-O", "vpc", "-o", &options]);
    if kind == VhdKind::Fixed {
        // Fully allocated, as a copy off a host's storage is.
        convert.args(["-S", "0"]);
    }
    convert.arg(raw).arg(out);
    succeed(&mut convert).map(drop)
}

/// Lets qemu-img compare what a guest sees in a fixed or dynamic VHD with a
/// raw image. A longer tail of zeroes counts as equal.
///
/// # Errors
///
/// Where they differ, with the place qemu-img names.
pub fn qemu_compare(vhd: &Path, raw: &Path) -> Outcome<String> {
    let mut compare = command("qemu-img")?;
    compare
        .args(["compare", "--image-opts"])
        .arg(vhd_options(vhd))
        .arg(format!("driver=raw,file.driver=file,file.filename={}", escaped(raw)));
    Ok(succeed(&mut compare)?.lines().last().unwrap_or_default().to_owned())
}

/// Lets qemu-img write what a guest sees in a fixed or dynamic VHD to `raw`.
///
/// # Errors
///
/// What qemu-img says.
pub fn qemu_to_raw(vhd: &Path, raw: &Path) -> Outcome<()> {
    let mut convert = command("qemu-img")?;
    convert.args(["convert", "--image-opts", &vhd_options(vhd), "-O", "raw"]).arg(raw);
    succeed(&mut convert).map(drop)
}

/// Whether an image says that it is differencing: qemu-img must not see it.
#[must_use]
pub fn is_differencing(vhd: &Path) -> bool {
    // A differencing image has a copy of its footer first; type 4 at byte 60.
    let mut head = [0; 64];
    let read = File::open(vhd).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(b"conectix") && head[60..64] == [0, 0, 0, 4]
}

/// Lets 7-Zip read what a guest sees in a VHD, parents in the same folder
/// included, and gives back its SHA-256.
///
/// # Errors
///
/// What 7-Zip says.
pub fn seven_zip_sha256(vhd: &Path) -> Outcome<String> {
    let name = find_any(SEVEN_ZIP_NAMES)
        .ok_or_else(|| Trouble::new("7-Zip is not on this machine; `cargo xtask setup` installs it"))?;
    let mut reader = command(&name.to_string_lossy())?;
    // Without a type it would descend into the partitions it finds.
    reader.args(["x", "-tVHD", "-so"]).arg(vhd).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = reader.spawn().while_doing(|| format!("cannot start {}", spelled(&reader)))?;
    let bytes = child.stdout.take().ok_or_else(|| Trouble::new("7-Zip gave no output"))?;
    let sum = succeed(command("sha256sum")?.stdin(bytes))?;
    let output = child.wait_with_output().while_doing(|| format!("cannot wait for {}", spelled(&reader)))?;
    if !output.status.success() {
        return Err(Trouble::new(format!("{} {}", spelled(&reader), told(&output))));
    }
    Ok(first_word(&sum))
}

/// The names 7-Zip goes by in Debian's releases.
pub const SEVEN_ZIP_NAMES: &[&str] = &["7z", "7zz", "7za"];

/// SHA-256 of a file, by coreutils.
///
/// # Errors
///
/// What sha256sum says.
pub fn sha256(file: &Path) -> Outcome<String> {
    Ok(first_word(&succeed(command("sha256sum")?.arg(file))?))
}

/// Demands that two files hold the same bytes, by cmp.
///
/// # Errors
///
/// The first byte that differs, as cmp names it.
pub fn same_bytes(one: &Path, two: &Path) -> Outcome<()> {
    run("cmp", [one, two]).map(drop)
}

fn vhd_options(vhd: &Path) -> String {
    format!("driver=vpc,force_size_calc=current_size,file.driver=file,file.filename={}", escaped(vhd))
}

/// A file name inside an option list, where a comma would end it.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{DiskSize, VhdKind, make_vhd, qemu_compare, seven_zip_sha256, sha256};
    use std::fs;

    #[test]
    fn the_judges_agree_on_what_a_guest_sees() {
        let home = std::env::temp_dir().join(format!("vhault-foreign-{}", std::process::id()));
        fs::create_dir_all(&home).unwrap();
        let (raw, vhd) = (home.join("a,b.raw"), home.join("a,b.vhd"));
        let mut bytes = vec![0_u8; 5 << 20];
        bytes[3_000_000..3_000_100].fill(7);
        fs::write(&raw, &bytes).unwrap();
        for kind in [VhdKind::Fixed, VhdKind::Dynamic] {
            make_vhd(&raw, &vhd, kind, DiskSize::Exact).unwrap();
            qemu_compare(&vhd, &raw).unwrap();
            assert_eq!(seven_zip_sha256(&vhd).unwrap(), sha256(&raw).unwrap(), "{kind:?}");
        }
        bytes[3_000_050] = 8;
        fs::write(&raw, &bytes).unwrap();
        assert!(qemu_compare(&vhd, &raw).is_err());
        fs::remove_dir_all(&home).unwrap();
    }
}
