//! Site: the files of the page, in a folder or in the program.

use std::borrow::Cow;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// One file of a page that lies in the program.
#[derive(Debug)]
pub struct File {
    /// Its place in the page, with `/` between folders.
    pub path: &'static str,
    /// All of it.
    pub bytes: &'static [u8],
}

/// Where the page lies.
#[derive(Clone, Debug)]
pub enum Site {
    /// In a folder.
    Folder(PathBuf),
    /// In the program.
    Embedded(&'static [File]),
}

#[cfg(feature = "embedded")]
const EMBEDDED: Option<&[File]> = Some(include!(concat!(env!("OUT_DIR"), "/files.rs")));
#[cfg(not(feature = "embedded"))]
const EMBEDDED: Option<&[File]> = None;

impl Site {
    /// The page that this program was built with, if it was.
    pub fn embedded() -> Option<Site> {
        EMBEDDED.map(Site::Embedded)
    }

    /// What a request's target asks for: the path, and all its bytes.
    pub(crate) fn file(&self, target: &str) -> Option<(PathBuf, Cow<'static, [u8]>)> {
        let path = inside(target)?;
        let bytes = match self {
            Site::Folder(folder) => {
                // A link inside the folder may lead out of it.
                let (top, file) = (folder.canonicalize().ok()?, folder.join(&path).canonicalize().ok()?);
                file.starts_with(top).then(|| fs::read(file).ok())?.map(Cow::Owned)
            }
            Site::Embedded(files) => {
                let file = files.iter().find(|file| Path::new(file.path) == path);
                file.map(|file| Cow::Borrowed(file.bytes))
            }
        };
        bytes.map(|bytes| (path, bytes))
    }
}

/// The path of a target, or `None` where it leads out of the page.
fn inside(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (is_inside && !path.to_string_lossy().contains(['%', '\\'])).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_page_is_named() {
        assert_eq!(inside("/"), Some(PathBuf::from("index.html")));
        assert_eq!(inside("/a/b.js?x=1"), Some(PathBuf::from("a/b.js")));
        for hostile in ["/../x", "/a/../../x", "//etc/passwd", "/%2e%2e/x", "/a\\..\\x", "x", ""] {
            assert_eq!(inside(hostile), None, "{hostile}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_folder_is_not_followed() {
        let top = std::env::temp_dir().join(format!("vhault-serve-{}", std::process::id()));
        let site = top.join("site");
        fs::create_dir_all(&site).unwrap();
        fs::write(top.join("secret"), "no").unwrap();
        fs::write(site.join("index.html"), "yes").unwrap();
        std::os::unix::fs::symlink(top.join("secret"), site.join("out")).unwrap();
        let folder = Site::Folder(site);
        assert_eq!(folder.file("/").unwrap().1.as_ref(), b"yes");
        assert!(folder.file("/out").is_none());
        fs::remove_dir_all(top).unwrap();
    }

    #[test]
    fn embedded_files_are_found_by_their_whole_path() {
        static FILES: [File; 2] =
            [File { path: "index.html", bytes: b"top" }, File { path: "a/b.js", bytes: b"deep" }];
        let site = Site::Embedded(&FILES);
        assert_eq!(site.file("/").unwrap().1.as_ref(), b"top");
        assert_eq!(site.file("/a/b.js").unwrap().1.as_ref(), b"deep");
        assert!(site.file("/b.js").is_none());
    }
}
