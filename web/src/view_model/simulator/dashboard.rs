//! Dashboard: counts of a day, next runs, calls for attention.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{Item, JobId, Protection, Registration, VaultName, crowds, dashboard};
use vhault_core::sim::moment;

use super::happening::of_advice;
use crate::simulator::Simulator;
use crate::text::Both;

/// One vault at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// Its name.
    pub name: VaultName,
    /// Its region.
    pub region: String,
    /// Its rules.
    pub rules: Both,
    /// In one sentence, whether all is well.
    pub state: Both,
    /// Whether something needs attention.
    pub is_well: bool,
    /// Machines with a policy, of all it knows.
    pub protected: (u32, usize),
    /// Machines whose first point is still to come.
    pub pending: usize,
    /// Jobs of the last day: ended well, failed, at work.
    pub succeeded: Vec<JobId>,
    /// Jobs that failed.
    pub failed: Vec<JobId>,
    /// Jobs at work.
    pub in_progress: Vec<JobId>,
    /// Recovery points.
    pub points: usize,
    /// Bytes all disks of all points hold.
    pub logical_bytes: u64,
    /// Bytes sent to make them.
    pub sent_bytes: u64,
    /// The next runs: when, which policy, of how many machines.
    pub next_runs: Vec<(String, String, usize)>,
    /// What calls for attention, newest first: when, about what, the entry.
    pub alerts: Vec<(String, String, Option<AdviceId>)>,
    /// Groups of which too many start together.
    pub crowded: Vec<String>,
}

/// How many alerts are listed.
const ALERTS_MAX: usize = 10;

/// Every vault at a glance.
pub fn vaults(simulator: &Simulator) -> Vec<Vault> {
    let world = simulator.world();
    let vaults = world.vaults.iter().map(|(name, state)| {
        let catalogue = &state.catalogue;
        let counts = dashboard(catalogue, simulator.now());
        let needs: Vec<_> = catalogue
            .items
            .values()
            .filter(|item| item.action_required() || refused(item).is_some())
            .collect();
        let pending =
            catalogue.items.values().filter(|item| item.protection == Protection::PendingInitial).count();
        let all = catalogue.items.len();
        let protected = counts.protected;
        let state_words = match needs.first() {
            None => Both::new(
                format!("{protected} of {all} machines are protected, and nothing needs attention."),
                format!("머신 {all}대 중 {protected}대 보호 중, 조치가 필요한 항목 없음."),
            ),
            Some(first) => {
                let why = first
                    .last_backup
                    .and_then(|last| last.error)
                    .or(first.flags.first().copied())
                    .or_else(|| refused(first))
                    .map(of_advice);
                let (en, ko) = why.map_or((String::new(), String::new()), |why| {
                    (format!(" ({})", why.en), format!(" ({})", why.ko))
                });
                Both::new(
                    format!(
                        "{protected} of {all} machines are protected; {} need attention: {}{en}.",
                        needs.len(),
                        first.identity
                    ),
                    format!(
                        "머신 {all}대 중 {protected}대 보호 중, 조치 필요 {}대: {}{ko}.",
                        needs.len(),
                        first.identity
                    ),
                )
            }
        };
        let mut next: Vec<_> = catalogue
            .policies
            .iter()
            .filter_map(|(policy, state)| {
                let items = catalogue.items_of(policy).filter(|item| item.is_scheduled()).count();
                Some((state.next_run?, policy.to_string(), items))
            })
            .collect();
        next.sort();
        Vault {
            name: name.clone(),
            region: catalogue.region.to_string(),
            rules: super::trouble::of_profile(catalogue.profile.id),
            state: state_words,
            is_well: needs.is_empty(),
            protected: (protected, all),
            pending,
            succeeded: counts.succeeded,
            failed: counts.failed,
            in_progress: counts.in_progress,
            points: catalogue.points.len(),
            logical_bytes: catalogue.points.values().map(|point| point.logical.get()).sum(),
            sent_bytes: catalogue.points.values().map(|point| point.sent.get()).sum(),
            next_runs: next.into_iter().map(|(at, policy, items)| (moment(at), policy, items)).collect(),
            alerts: catalogue
                .alerts
                .iter()
                .rev()
                .take(ALERTS_MAX)
                .map(|alert| (moment(alert.at), alert.item.to_string(), alert.id))
                .collect(),
            crowded: crowds(catalogue, &world.around(state))
                .into_keys()
                .map(|group| group.to_string())
                .collect(),
        }
    });
    vaults.collect()
}

/// The error a registration ended with: the machine is left without backup.
fn refused(item: &Item) -> Option<AdviceId> {
    match item.registration {
        Registration::Failed(id) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Aim;
    use vhault_core::sim::{Command, VmChange, scenarios, stage};
    use vhault_core::time::Span;

    #[test]
    fn a_machine_that_could_not_be_registered_needs_attention() {
        let mut simulator = Simulator::begin(&scenarios::find("six-disks").unwrap().scenario);
        let limit = simulator.aim_limit();
        simulator.pursue(Aim::Failure, limit, &mut || true).unwrap();
        let vault = vaults(&simulator).remove(0);
        assert!(!vault.is_well && vault.state.en.contains("REG-13"), "{:?}", vault.state);
    }

    #[test]
    fn a_dashboard_counts_what_the_vault_holds_and_follows_it() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        assert!(vaults(&simulator).is_empty());
        simulator.run_out(&mut || true).unwrap();
        let before = vaults(&simulator).remove(0);
        assert!(before.is_well, "{:?}", before.state);
        assert_eq!((before.protected, before.points, before.pending), ((2, 2), 2, 0));
        assert_eq!(before.next_runs.len(), 1);
        assert!(before.sent_bytes > 0 && before.logical_bytes >= before.sent_bytes);
        // The agent goes, the night comes, and one machine needs attention.
        let web = "shop/web".parse().unwrap();
        simulator.submit(Command::Vm { vm: web, change: VmChange::RemoveAgent }).unwrap();
        let night = simulator.now().checked_add(Span::from_milliseconds(86_400_000)).unwrap();
        simulator.run_to(night, &mut || true).unwrap();
        let after = vaults(&simulator).remove(0);
        assert!(!after.is_well && after.state.en.contains("shop/web") && after.state.ko.contains("BKP-07"));
        assert_eq!((after.failed.len(), after.points, after.alerts.len()), (1, 3, 1));
        assert_eq!(after.name, stage::vault());
    }
}
