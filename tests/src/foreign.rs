//! Other people's programs, asked for their opinion.

use std::path::Path;
use std::process::{Command, Stdio};

use vhault_benches::foreign;

/// A program that reads VHDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// `qemu-img` of `qemu-utils`. Reads differencing images wrongly, without
    /// a word: never ask it about those.
    Qemu,
    /// `7z` of `p7zip-full`. Follows chains by file name.
    SevenZip,
}

impl Judge {
    /// Whether it is there. Where it is not, `VHAULT_SKIP_FOREIGN` allows to
    /// go on without, aloud.
    ///
    /// # Panics
    ///
    /// When it is missing and nothing allows that.
    #[expect(clippy::print_stderr, reason = "a test that asked nobody must be seen in the output")]
    pub fn is_present(self) -> bool {
        let (program, package) = match self {
            Judge::Qemu => ("qemu-img", "qemu-utils"),
            Judge::SevenZip => ("7z", "p7zip-full"),
        };
        let starts = Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if starts.is_ok() {
            return true;
        }
        assert!(
            std::env::var_os("VHAULT_SKIP_FOREIGN").is_some(),
            "{program} is missing: install {package}, or set VHAULT_SKIP_FOREIGN to test without its judgement"
        );
        eprintln!("NOT TESTED: {program} is missing and VHAULT_SKIP_FOREIGN is set");
        false
    }

    /// SHA-256 of the whole disk in `image` as this program reads it, in hex,
    /// or what it said instead.
    ///
    /// # Errors
    ///
    /// The program's own words.
    pub fn content_sha256(self, image: &Path) -> Result<String, String> {
        let read = match self {
            Judge::SevenZip => foreign::seven_zip_sha256(image),
            Judge::Qemu => {
                let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
                let raw = folder.path().join("disk.raw");
                foreign::qemu_to_raw(image, &raw).and_then(|()| foreign::sha256(&raw))
            }
        };
        read.map_err(|trouble| trouble.to_string())
    }

    /// Whether 7-Zip's test of the archive passes.
    ///
    /// # Errors
    ///
    /// The program's own words.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn check(self, image: &Path) -> Result<(), String> {
        let output = match self {
            Judge::Qemu => Command::new("qemu-img").args(["info", "-f", "vpc"]).arg(image).output(),
            Judge::SevenZip => Command::new("7z").args(["t", "-tVHD"]).arg(image).output(),
        };
        judge(&output.expect("the program starts"))
    }
}

fn judge(output: &std::process::Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}
