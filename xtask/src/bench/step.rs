//! The works that are timed.

/// A work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    First,
    FirstUnchecked,
    Second,
    SecondFromChild,
    SecondFromChildUnchecked,
    Touched,
    Unchanged,
    Audited,
    Verify,
    Restore,
    RestoreDynamic,
    FiveDisks,
    FirstCold,
    VerifyCold,
    RestoreCold,
    FirstSlow,
    ListByKeyFile,
    ListByPassphrase,
}

impl Step {
    /// All of them, in the order of a table.
    pub(crate) const ALL: [Step; 18] = [
        Step::First,
        Step::FirstUnchecked,
        Step::Second,
        Step::SecondFromChild,
        Step::SecondFromChildUnchecked,
        Step::Touched,
        Step::Unchanged,
        Step::Audited,
        Step::Verify,
        Step::Restore,
        Step::RestoreDynamic,
        Step::FiveDisks,
        Step::FirstCold,
        Step::VerifyCold,
        Step::RestoreCold,
        Step::FirstSlow,
        Step::ListByKeyFile,
        Step::ListByPassphrase,
    ];

    /// What a table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Step::First => "first backup, each blob decoded and compared",
            Step::FirstUnchecked => "first backup, compare off",
            Step::Second => "a day later, everything hashed",
            Step::SecondFromChild => "a day later, from a differencing child",
            Step::SecondFromChildUnchecked => "a day later, from a differencing child, compare off",
            Step::Touched => "nothing changed, timestamps moved",
            Step::Unchanged => "nothing changed",
            Step::Audited => "nothing changed, the rolling audit reads an eighth",
            Step::Verify => "verify, every byte",
            Step::Restore => "restore, verified",
            Step::RestoreDynamic => "restore into a dynamic VHD",
            Step::FiveDisks => "five disks, first backup, compare off",
            Step::FirstCold => "first backup, compare off, disk not in memory",
            Step::VerifyCold => "verify, every byte, vault not in memory",
            Step::RestoreCold => "restore, verified, vault not in memory",
            Step::FirstSlow => "first backup, compare off, onto a disk of 64 MiB a second",
            Step::ListByKeyFile => "list, unlocked by key file",
            Step::ListByPassphrase => "list, unlocked by passphrase",
        }
    }

    /// The peers' step that it is held against.
    pub(crate) fn rival(self) -> Option<Step> {
        match self {
            Step::FirstUnchecked => Some(Step::First),
            Step::SecondFromChild | Step::SecondFromChildUnchecked => Some(Step::Second),
            Step::Audited => Some(Step::Unchanged),
            Step::RestoreDynamic => Some(Step::Restore),
            Step::FirstCold
            | Step::VerifyCold
            | Step::RestoreCold
            | Step::FirstSlow
            | Step::ListByKeyFile
            | Step::ListByPassphrase => None,
            same => Some(same),
        }
    }

    /// Whether only rivals that check what they store are fair ones.
    pub(crate) fn needs_checking_rival(self) -> bool {
        self == Step::First
    }
}
