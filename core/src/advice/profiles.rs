//! The rule profiles an entry belongs to.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Names a set of rules. The rules themselves are `lifecycle::Profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProfileId {
    /// The public preview of 2015: backup vault, explicit phases.
    #[serde(rename = "classic-preview-2015")]
    Classic2015,
    /// The Recovery Services vault of 2016.
    #[serde(rename = "recovery-services-2016")]
    Recovery2016,
}

impl ProfileId {
    /// Both profiles, oldest first.
    pub const ALL: [ProfileId; 2] = [ProfileId::Classic2015, ProfileId::Recovery2016];

    /// Its written name.
    pub const fn name(self) -> &'static str {
        match self {
            ProfileId::Classic2015 => "classic-preview-2015",
            ProfileId::Recovery2016 => "recovery-services-2016",
        }
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which profiles know an entry. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileSet {
    /// Only the preview of 2015.
    Classic2015,
    /// Only the service of 2016.
    Recovery2016,
    /// Both.
    Both,
}

impl ProfileSet {
    /// Whether `profile` is one of them.
    pub const fn contains(self, profile: ProfileId) -> bool {
        matches!(
            (self, profile),
            (ProfileSet::Both, _)
                | (ProfileSet::Classic2015, ProfileId::Classic2015)
                | (ProfileSet::Recovery2016, ProfileId::Recovery2016)
        )
    }
}
