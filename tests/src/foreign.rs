//! Other people's programs, asked for their opinion.

use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};
use vhault_core::digest::hex;

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
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn content_sha256(self, image: &Path) -> Result<String, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let raw = folder.path().join("disk.raw");
        match self {
            Judge::Qemu => {
                let source =
                    format!("driver=vpc,force_size_calc=current_size,file.filename={}", image.display());
                let output = Command::new("qemu-img")
                    .args(["convert", "--image-opts", &source, "-O", "raw"])
                    .arg(&raw)
                    .output()
                    .expect("qemu-img starts");
                judge(&output)?;
            }
            Judge::SevenZip => {
                let output = Command::new("7z")
                    .args(["x", "-tVHD", "-so"])
                    .arg(image)
                    .stdout(std::fs::File::create(&raw).map_err(|error| error.to_string())?)
                    .stderr(Stdio::piped())
                    .spawn()
                    .and_then(std::process::Child::wait_with_output)
                    .expect("7z starts");
                judge(&output)?;
            }
        }
        let mut hasher = Sha256::new();
        let mut file = std::fs::File::open(&raw).map_err(|error| error.to_string())?;
        std::io::copy(&mut file, &mut Hashing(&mut hasher)).map_err(|error| error.to_string())?;
        Ok(hex(&hasher.finalize()))
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

/// Feeds a hasher with what is written.
struct Hashing<'a>(&'a mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.update(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
