//! What this process keeps to itself: nothing of its memory is written down
//! when it ends badly.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks the system for no core dump. Best effort: a system that knows neither call runs the program all the same.
pub(crate) fn forbid_core_dumps() {
    let limit = getrlimit(Resource::Core);
    let _limited = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: limit.maximum });
    // The limit does not hold where dumps are piped to a collector; this does, and keeps debuggers of the same user out.
    #[cfg(target_os = "linux")]
    let _kept = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
