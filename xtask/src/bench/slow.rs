//! A disk that the kernel lets write only so fast, whatever program writes: a control group's limit.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process;

use vhault_benches::program::{Outcome, While};

use crate::say;

/// What the disk is held to.
const BYTES_PER_SECOND: u64 = 64 << 20;
/// Where control groups of the first kind limit disks.
const CONTROLLER: &str = "/sys/fs/cgroup/blkio";

/// The limit on one disk.
pub(super) struct Slow {
    group: PathBuf,
}

impl Slow {
    /// The limit on the disk under `folder`; none, and a word about it, where this machine's kernel or rights do not
    /// give one.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be looked at.
    pub(super) fn on(folder: &Path) -> Outcome<Option<Slow>> {
        let about = fs::metadata(folder).while_doing(|| format!("cannot look at {}", folder.display()))?;
        let (major, minor) = (about.dev() >> 8 & 0xfff, about.dev() & 0xff);
        let group = Path::new(CONTROLLER).join("vhault-bench");
        let limited = fs::create_dir_all(&group).and_then(|()| {
            fs::write(
                group.join("blkio.throttle.write_bps_device"),
                format!("{major}:{minor} {BYTES_PER_SECOND}\n"),
            )
        });
        Ok(match limited {
            Ok(()) => Some(Slow { group }),
            Err(error) => {
                say::warn(&format!("NOT MEASURED: a slow disk: {}: {error}", group.display()));
                None
            }
        })
    }

    /// Does `work` with this process, and so its children, held to the limit.
    pub(super) fn hold<T>(&self, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let join = |group: &Path| {
            fs::write(group.join("cgroup.procs"), process::id().to_string())
                .while_doing(|| format!("cannot enter {}", group.display()))
        };
        join(&self.group)?;
        let done = work();
        join(Path::new(CONTROLLER))?;
        done
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        // An empty group limits nothing; a later run uses it again.
        let _ = fs::remove_dir(&self.group);
    }
}
