//! The screens of the portal: what each offers under which rules.
//!
//! What a person looks at is no part of any state. This is only the table that
//! says which commands a screen has, so that every face offers the same.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::profile::Profile;
use crate::advice::AdviceId;

/// A screen of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Screen {
    /// Counts, and the way to the jobs behind them.
    Dashboard,
    /// Machines associated with the vault.
    RegisteredItems,
    /// Machines with a policy or with points.
    ProtectedItems,
    /// Jobs, filtered.
    Jobs,
    /// Under which rules the vault works.
    ProfileSwitch,
}

/// A command a screen offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// Find machines.
    Discover,
    /// Register them.
    Register,
    /// Protect them.
    Protect,
    /// Back up now.
    BackUpNow,
    /// Restore.
    Restore,
    /// Stop protection.
    Stop,
    /// Cancel a job.
    Cancel,
    /// Narrow the list of jobs.
    Filter,
    /// Go to the jobs behind a count.
    DrillDown,
    /// Switch to other rules.
    Switch,
}

impl Screen {
    /// The entry that names the screen.
    pub const fn advice(self) -> AdviceId {
        match self {
            Screen::Dashboard => AdviceId::Ui06,
            Screen::RegisteredItems => AdviceId::Ui01,
            Screen::ProtectedItems => AdviceId::Ui05,
            Screen::Jobs => AdviceId::Ui04,
            Screen::ProfileSwitch => AdviceId::Ui07,
        }
    }

    /// Whether the rules have such a screen.
    pub fn exists(self, profile: &Profile) -> bool {
        self != Screen::RegisteredItems || profile.explicit_phases
    }

    /// What it offers. Registered items offer nothing before the workload is chosen (UI-02).
    pub fn offers(self, profile: &Profile, workload_chosen: bool) -> Vec<Offer> {
        let mut offers = Vec::new();
        match self {
            Screen::RegisteredItems if self.exists(profile) && workload_chosen => {
                offers.extend([Offer::Discover, Offer::Register, Offer::Protect]);
            }
            Screen::RegisteredItems => {}
            Screen::ProtectedItems => {
                offers.extend((!profile.explicit_phases).then_some(Offer::Protect));
                offers.extend(profile.on_demand_backup.then_some(Offer::BackUpNow));
                offers.extend([Offer::Restore, Offer::Stop]);
            }
            Screen::Jobs => {
                offers.push(Offer::Filter);
                offers.extend(profile.cancel_supported.then_some(Offer::Cancel));
            }
            Screen::Dashboard => offers.push(Offer::DrillDown),
            Screen::ProfileSwitch => offers.push(Offer::Switch),
        }
        offers
    }
}
