//! Where the project and its products lie.

use std::path::{Path, PathBuf};

use vhault_benches::program::{Outcome, Trouble, run};

/// The top of the project.
pub(crate) fn top() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where the demo keeps its disks, vault and report.
pub(crate) fn demo() -> PathBuf {
    top().join("demo-data")
}

/// The fuzz crate, a build of its own.
pub(crate) fn fuzz() -> PathBuf {
    top().join("fuzz")
}

/// A path as a person in the current folder would name it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let short = path.strip_prefix(&here).unwrap_or(path);
    if short.as_os_str().is_empty() { ".".to_owned() } else { short.display().to_string() }
}

/// Bytes that are free where a folder lies.
///
/// # Errors
///
/// Where `df` does not say.
pub(crate) fn free_bytes(folder: &Path) -> Outcome<u64> {
    let folder = folder.display().to_string();
    let told = run("df", ["-B1", "--output=avail", &folder])?;
    let number = told.lines().nth(1).and_then(|line| line.trim().parse().ok());
    number.ok_or_else(|| Trouble::new(format!("df does not say how much room {folder} has")))
}
