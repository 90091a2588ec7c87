//! Which of the three levels of consistency a snapshot reaches.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::vm::{FREEZE_SECONDS_MAX, OsFamily, Vm, WriterState};
use crate::advice::AdviceId;

/// How good a recovery point is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consistency {
    /// As after a power cut (CONS-04).
    Crash,
    /// Files are whole, applications repair themselves (CONS-03).
    FileSystem,
    /// Applications took part (CONS-02).
    Application,
}

/// The four answers a recovery point gives (CONS-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Guarantees {
    /// The machine boots.
    pub boots: bool,
    /// No data is missing.
    pub no_loss: bool,
    /// No data is broken.
    pub no_corruption: bool,
    /// Applications understand it.
    pub app_consistent: bool,
}

impl Consistency {
    /// The entry that explains it.
    pub const fn advice(self) -> AdviceId {
        match self {
            Consistency::Crash => AdviceId::Cons04,
            Consistency::FileSystem => AdviceId::Cons03,
            Consistency::Application => AdviceId::Cons02,
        }
    }

    /// What it promises. A crash-consistent point usually boots, without a guarantee.
    pub const fn guarantees(self) -> Guarantees {
        let files = !matches!(self, Consistency::Crash);
        Guarantees {
            boots: files,
            no_loss: files,
            no_corruption: files,
            app_consistent: matches!(self, Consistency::Application),
        }
    }
}

/// The level a snapshot of `vm` reaches, given that VSS itself works.
pub fn reached(vm: &Vm) -> Consistency {
    let writers_fail = vm.vss.writers.values().any(|state| *state != WriterState::Stable);
    match vm.os {
        _ if !vm.is_running() => Consistency::Crash,
        OsFamily::Linux | OsFamily::CoreOs => Consistency::FileSystem,
        OsFamily::Windows if writers_fail || vm.vss.freeze_seconds > FREEZE_SECONDS_MAX => {
            Consistency::FileSystem
        }
        OsFamily::Windows => Consistency::Application,
    }
}

/// The level a backup of `vm` asks for: the best its system can give while running.
pub fn requested(vm: &Vm) -> Consistency {
    match vm.os {
        OsFamily::Windows => Consistency::Application,
        OsFamily::Linux | OsFamily::CoreOs => Consistency::FileSystem,
    }
}

/// What to know about a point of `vm` at this level, beyond the level itself.
///
/// A volume over several disks makes a crash-consistent point untrustworthy
/// (CONS-05); a database repairs itself after anything but an
/// application-consistent restore (CONS-06).
pub fn remarks(vm: &Vm, level: Consistency) -> Vec<AdviceId> {
    let mut remarks = Vec::new();
    if level == Consistency::Crash && vm.backed_up_disks().any(|(_, disk)| disk.spans_others) {
        remarks.push(AdviceId::Cons05);
    }
    if level < Consistency::Application && vm.database {
        remarks.push(AdviceId::Cons06);
    }
    remarks
}
