//! Parent link: what a differencing image says about its parent, and the file
//! names under which we are willing to look for it.
//!
//! An image is data from anywhere: it may ask for a file, never for a place.
//! Format: `docs/vhd.md`, "Finding the parent".

use alloc::string::String;
use alloc::vec::Vec;

use super::locator::{Locator, LocatorKind};

/// One locator with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentPath {
    /// The entry in the header.
    pub locator: Locator,
    /// Its text, where it has one that lies in the file.
    pub text: Option<String>,
}

/// All that a differencing image says about its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentLink {
    /// The parent's unique id: the only thing that decides.
    pub unique_id: [u8; 16],
    /// The parent's time, seconds since 2000-01-01T00:00:00Z; often zero.
    pub created: u32,
    /// The parent's name; may be a full path of another machine.
    pub name: String,
    /// The locators that are used, in stored order.
    pub paths: Vec<ParentPath>,
}

impl ParentLink {
    /// Relative paths (with `/`) to try beside the child, best first, none
    /// twice: relative locators, then the bare file names of the stored name
    /// and of absolute locators. Names that point elsewhere are left out.
    pub fn candidates(&self) -> Vec<String> {
        let texts = |kind: LocatorKind| {
            self.paths
                .iter()
                .filter(move |path| path.locator.kind() == kind)
                .filter_map(|path| path.text.as_deref())
        };
        let relative = texts(LocatorKind::Relative).filter_map(safe_relative);
        let names = core::iter::once(self.name.as_str())
            .chain(texts(LocatorKind::Absolute))
            .chain(texts(LocatorKind::Relative))
            .filter_map(|path| safe_relative(file_name(path)));
        let mut found = Vec::new();
        for candidate in relative.chain(names) {
            if !found.contains(&candidate) {
                found.push(candidate);
            }
        }
        found
    }
}

/// What follows the last separator of either kind.
fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

/// `path` with `/` as separator and without empty steps, or `None` where it
/// leaves the child's folder, names a drive, stream or device, or is no name.
fn safe_relative(path: &str) -> Option<String> {
    if path.starts_with(['\\', '/']) || path.contains([':', '\0', char::REPLACEMENT_CHARACTER]) {
        return None;
    }
    let mut safe = String::new();
    for step in path.split(['\\', '/']).filter(|step| !matches!(*step, "" | ".")) {
        if step == ".." {
            return None;
        }
        if !safe.is_empty() {
            safe.push('/');
        }
        safe.push_str(step);
    }
    (!safe.is_empty()).then_some(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn path(code: &[u8; 4], text: &str) -> ParentPath {
        ParentPath { locator: Locator { code: *code, ..Locator::UNUSED }, text: Some(text.into()) }
    }

    fn link(name: &str, paths: Vec<ParentPath>) -> ParentLink {
        ParentLink { unique_id: [0; 16], created: 0, name: name.into(), paths }
    }

    #[test]
    fn a_relative_locator_comes_before_the_bare_names() {
        let link = link(
            "C:\\disks\\old.vhd",
            vec![path(b"W2ku", "D:\\x\\abs.vhd"), path(b"W2ru", ".\\base\\new.vhd")],
        );
        assert_eq!(link.candidates(), ["base/new.vhd", "old.vhd", "abs.vhd", "new.vhd"]);
    }

    #[test]
    fn a_path_that_leaves_the_folder_is_never_tried() {
        for hostile in
            ["..\\a.vhd", "a/../../b", "/etc/passwd", "\\\\host\\share\\a.vhd", "c:a.vhd", "a.vhd:s", "a\0b"]
        {
            assert_eq!(safe_relative(hostile), None, "{hostile}");
        }
        assert_eq!(safe_relative("..a\\b..").as_deref(), Some("..a/b.."));
    }

    #[test]
    fn a_name_that_is_only_dots_and_separators_gives_nothing() {
        assert!(link("..", vec![path(b"W2ru", ".\\"), path(b"W2ru", "")]).candidates().is_empty());
        assert!(link("C:\\x\\..", vec![]).candidates().is_empty());
    }
}
