//! Place: which view of the simulator the address names.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{JobId, PointNumber, VaultName};

use super::trouble::id_of;
use crate::pattern::{self, DiskPattern};
use crate::text::SimText;

/// A view, by what follows `#/sim`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The stories to choose from.
    Scenarios,
    /// Vaults at a glance.
    Dashboard,
    /// Machines that are found.
    Discover,
    /// Registered items.
    Registered,
    /// Protected items.
    Items,
    /// The wizard that protects.
    Protect,
    /// Policies and what they keep.
    Policies,
    /// The wizard that restores, of one point or any.
    Restore(Option<(VaultName, PointNumber)>),
    /// What vaults hold.
    Storage,
    /// Alerts, and who asked for what.
    Audit,
    /// Both profiles.
    Rules,
    /// Language, looks, keys, self-test.
    Settings,
    /// Recovery points.
    Points,
    /// Jobs.
    Jobs,
    /// One job.
    Job(VaultName, JobId),
    /// When it happened, in lanes.
    Timeline,
    /// Where the blocks go.
    Topology,
    /// What happened.
    Events,
    /// The catalogue of advice.
    Trouble,
    /// One entry of it.
    Entry(AdviceId),
    /// An entry nobody knows.
    NoEntry(String),
    /// A moment somebody passed on.
    Link(String),
    /// A machine with disks that were looked into.
    Yours(String),
    /// None of these.
    Unknown,
}

impl Place {
    /// The views that are always offered: address and name.
    pub const LISTED: [(&'static str, SimText); 16] = [
        ("#/sim", SimText::Home),
        ("#/sim/dashboard", SimText::Dashboard),
        ("#/sim/discover", SimText::Discover),
        ("#/sim/registered", SimText::Registered),
        ("#/sim/items", SimText::Items),
        ("#/sim/policies", SimText::Policies),
        ("#/sim/points", SimText::Points),
        ("#/sim/jobs", SimText::Jobs),
        ("#/sim/storage", SimText::Storage),
        ("#/sim/audit", SimText::Audit),
        ("#/sim/timeline", SimText::Timeline),
        ("#/sim/topology", SimText::Topology),
        ("#/sim/events", SimText::Events),
        ("#/sim/trouble", SimText::Trouble),
        ("#/sim/rules", SimText::RulesView),
        ("#/sim/settings", SimText::SettingsView),
    ];

    /// The place an address names.
    pub fn of(hash: &str) -> Place {
        let rest = hash.strip_prefix("#/sim").unwrap_or("?");
        let parts: Vec<&str> = rest.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            [""] => Place::Scenarios,
            ["dashboard"] => Place::Dashboard,
            ["discover"] => Place::Discover,
            ["registered"] => Place::Registered,
            ["items"] => Place::Items,
            ["protect"] => Place::Protect,
            ["policies"] => Place::Policies,
            ["restore"] => Place::Restore(None),
            ["restore", vault, number] => match (VaultName::new(vault), number.parse()) {
                (Ok(vault), Ok(number)) => Place::Restore(Some((vault, PointNumber(number)))),
                _ => Place::Unknown,
            },
            ["storage"] => Place::Storage,
            ["audit"] => Place::Audit,
            ["rules"] => Place::Rules,
            ["settings"] => Place::Settings,
            ["points"] => Place::Points,
            ["jobs"] => Place::Jobs,
            ["jobs", vault, id] => match (VaultName::new(vault), id.parse()) {
                (Ok(vault), Ok(id)) => Place::Job(vault, JobId(id)),
                _ => Place::Unknown,
            },
            ["timeline"] => Place::Timeline,
            ["topology"] => Place::Topology,
            ["events"] => Place::Events,
            ["trouble"] => Place::Trouble,
            ["trouble", code] => id_of(code).map_or_else(|| Place::NoEntry((*code).to_owned()), Place::Entry),
            ["yours", disks] => Place::Yours((*disks).to_owned()),
            ["at", link] => Place::Link((*link).to_owned()),
            _ => Place::Unknown,
        }
    }

    /// The address of the view it belongs to, for the list of views.
    pub fn home(&self) -> &'static str {
        match self {
            Place::Scenarios | Place::Link(_) | Place::Yours(_) => "#/sim",
            Place::Dashboard => "#/sim/dashboard",
            Place::Discover => "#/sim/discover",
            Place::Registered => "#/sim/registered",
            Place::Items | Place::Protect => "#/sim/items",
            Place::Policies => "#/sim/policies",
            Place::Points | Place::Restore(_) => "#/sim/points",
            Place::Storage => "#/sim/storage",
            Place::Audit => "#/sim/audit",
            Place::Rules => "#/sim/rules",
            Place::Settings => "#/sim/settings",
            Place::Jobs | Place::Job(..) => "#/sim/jobs",
            Place::Timeline => "#/sim/timeline",
            Place::Topology => "#/sim/topology",
            Place::Events => "#/sim/events",
            Place::Trouble | Place::Entry(_) | Place::NoEntry(_) => "#/sim/trouble",
            Place::Unknown => "",
        }
    }
}

/// The address of a job.
pub fn of_job(vault: &VaultName, id: JobId) -> String {
    format!("#/sim/jobs/{vault}/{id}")
}

/// The address of the wizard that restores a point.
pub fn of_restore(vault: &VaultName, point: PointNumber) -> String {
    format!("#/sim/restore/{vault}/{point}")
}

/// The address of an entry.
pub fn of_entry(id: AdviceId) -> String {
    format!("#/sim/trouble/{}", id.code())
}

/// The address of a machine with these disks.
pub fn of_yours(disks: &[DiskPattern]) -> String {
    format!("#/sim/yours/{}", pattern::write(disks))
}

/// The address of a moment.
pub fn of_link(link: &str) -> String {
    format!("#/sim/at/{link}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_back_to_its_place() {
        for (address, _) in Place::LISTED {
            assert_eq!(Place::of(address).home(), address);
        }
        for id in AdviceId::ALL {
            assert_eq!(Place::of(&of_entry(id)), Place::Entry(id));
        }
        let vault = VaultName::new("vault").unwrap();
        assert_eq!(Place::of(&of_job(&vault, JobId(7))), Place::Job(vault, JobId(7)));
        let vault = VaultName::new("vault").unwrap();
        let point = PointNumber(7);
        assert_eq!(Place::of(&of_restore(&vault, point)), Place::Restore(Some((vault, point))));
        assert_eq!(Place::of(&of_link("AQ-_")), Place::Link("AQ-_".to_owned()));
        assert_eq!(Place::of("#/sim/yours/AQ"), Place::Yours("AQ".to_owned()));
    }

    #[test]
    fn garbage_is_no_place() {
        for hash in [
            "#/sim/nowhere",
            "#/sim/restore/vault/x",
            "#/sim/jobs/1/2",
            "#/sim/jobs/vault/x",
            "#/sim/at/a/b",
            "#/other",
            "",
        ] {
            assert_eq!(Place::of(hash), Place::Unknown, "{hash}");
        }
        assert_eq!(Place::of("#/sim/trouble/BKP-99"), Place::NoEntry("BKP-99".to_owned()));
    }
}
