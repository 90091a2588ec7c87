//! Place: which view of the simulator the address names.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{JobId, VaultName};

use super::trouble::id_of;
use crate::text::SimText;

/// A view, by what follows `#/sim`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The stories to choose from.
    Scenarios,
    /// Vaults at a glance.
    Dashboard,
    /// Protected items.
    Items,
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
    /// None of these.
    Unknown,
}

impl Place {
    /// The views that are always offered: address and name.
    pub const LISTED: [(&'static str, SimText); 9] = [
        ("#/sim", SimText::Scenarios),
        ("#/sim/dashboard", SimText::Dashboard),
        ("#/sim/items", SimText::Items),
        ("#/sim/points", SimText::Points),
        ("#/sim/jobs", SimText::Jobs),
        ("#/sim/timeline", SimText::Timeline),
        ("#/sim/topology", SimText::Topology),
        ("#/sim/events", SimText::Events),
        ("#/sim/trouble", SimText::Trouble),
    ];

    /// The place an address names.
    pub fn of(hash: &str) -> Place {
        let rest = hash.strip_prefix("#/sim").unwrap_or("?");
        let parts: Vec<&str> = rest.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            [""] => Place::Scenarios,
            ["dashboard"] => Place::Dashboard,
            ["items"] => Place::Items,
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
            ["at", link] => Place::Link((*link).to_owned()),
            _ => Place::Unknown,
        }
    }

    /// The address of the view it belongs to, for the list of views.
    pub fn home(&self) -> &'static str {
        match self {
            Place::Scenarios | Place::Link(_) => "#/sim",
            Place::Dashboard => "#/sim/dashboard",
            Place::Items => "#/sim/items",
            Place::Points => "#/sim/points",
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

/// The address of an entry.
pub fn of_entry(id: AdviceId) -> String {
    format!("#/sim/trouble/{}", id.code())
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
        assert_eq!(Place::of(&of_link("AQ-_")), Place::Link("AQ-_".to_owned()));
    }

    #[test]
    fn garbage_is_no_place() {
        for hash in ["#/sim/nowhere", "#/sim/jobs/1/2", "#/sim/jobs/vault/x", "#/sim/at/a/b", "#/other", ""] {
            assert_eq!(Place::of(hash), Place::Unknown, "{hash}");
        }
        assert_eq!(Place::of("#/sim/trouble/BKP-99"), Place::NoEntry("BKP-99".to_owned()));
    }
}
