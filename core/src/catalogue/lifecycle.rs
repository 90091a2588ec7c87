//! The backup lifecycle of a real vault: the rules' own catalogue, folded from
//! the events that `Lifecycle` records carry, and what only a real vault knows.
//!
//! Mapping: `docs/decisions/0004-lifecycle-on-real-vaults.md`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::lifecycle_event::{LifecycleEvent, Sources, decode_events};
use crate::digest::PointId;
use crate::lifecycle::{
    Catalogue as Rules, GroupName, JobId, NameError, PointNumber, Profile, ProfileId,
    RecoveryPoint as RulePoint, RegionName, VaultEvent, VaultName, VmIdentity, VmName,
};
use crate::time::Instant;

/// The region and group of every machine of a real vault.
const LOCAL: &str = "local";
/// What a real vault is called where the rules need a name.
const VAULT: &str = "vault";

/// The process that does a job's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosted {
    /// On which host.
    pub host: String,
    /// Which of its processes, so that another of the same number is not taken for it.
    pub process: String,
}

/// What a vault's log says of the backup lifecycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// The fold of the rules' events; none before the first.
    rules: Option<Rules>,
    /// The images of each protected machine.
    sources: BTreeMap<VmIdentity, Sources>,
    /// Who does the work of the jobs that are remembered.
    hosts: BTreeMap<JobId, Hosted>,
    /// Which recovery point of the vault a point of the rules is.
    links: BTreeMap<PointNumber, PointId>,
    /// Points that were forgotten and may come back.
    hidden: BTreeMap<PointNumber, RulePoint>,
    /// Events of newer programs that this one read around.
    skipped: u64,
}

impl Lifecycle {
    /// The rules' catalogue: policies, items, jobs, points; none before the first event.
    pub fn rules(&self) -> Option<&Rules> {
        self.rules.as_ref()
    }

    /// The same, to decide with; empty and made at `now` before the first event.
    pub fn rules_at(&self, now: Instant) -> Rules {
        self.rules.clone().unwrap_or_else(|| begin(now))
    }

    /// The images of a protected machine.
    pub fn sources(&self, item: &VmIdentity) -> Option<&Sources> {
        self.sources.get(item)
    }

    /// Every machine with its images.
    pub fn machines(&self) -> impl Iterator<Item = (&VmIdentity, &Sources)> {
        self.sources.iter()
    }

    /// The process that does a job's work.
    pub fn host_of(&self, job: JobId) -> Option<&Hosted> {
        self.hosts.get(&job)
    }

    /// The recovery point of the vault that a point of the rules is.
    pub fn point(&self, number: PointNumber) -> Option<PointId> {
        self.links.get(&number).copied()
    }

    /// What the rules know of a recovery point of the vault.
    pub fn rule_point(&self, id: PointId) -> Option<&RulePoint> {
        let (number, _) = self.links.iter().find(|(_, linked)| **linked == id)?;
        self.rules.as_ref()?.points.get(number).or_else(|| self.hidden.get(number))
    }

    /// How many events of newer programs were read around.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Folds in what one `Lifecycle` record carries.
    pub(super) fn apply(&mut self, bytes: &[u8]) {
        let Some((at, events)) = decode_events(bytes) else {
            self.skipped += 1;
            return;
        };
        for event in events {
            match event {
                Some(event) => self.apply_event(at, &event),
                None => self.skipped += 1,
            }
        }
    }

    fn apply_event(&mut self, at: Instant, event: &LifecycleEvent) {
        match event {
            LifecycleEvent::Rule(event) => {
                let rules = self.rules.get_or_insert_with(|| begin(at));
                rules.apply(at, event);
                if let VaultEvent::JobsForgotten { .. } = event {
                    self.hosts.retain(|job, _| rules.jobs.contains_key(job));
                }
            }
            LifecycleEvent::SourcesSet { item, sources } => {
                self.sources.insert(item.clone(), sources.clone());
            }
            LifecycleEvent::JobHosted { job, hosted } => {
                self.hosts.insert(*job, hosted.clone());
            }
            LifecycleEvent::PointLinked { number, point } => {
                self.links.insert(*number, *point);
            }
        }
    }

    /// Points were forgotten: to the rules they are pruned.
    pub(super) fn forget(&mut self, at: Instant, points: &[PointId]) {
        let Some(rules) = &mut self.rules else { return };
        for number in numbers(&self.links, points) {
            let Some(point) = rules.points.get(&number).cloned() else { continue };
            rules.apply(at, &VaultEvent::PointPruned { item: point.item.clone(), point: number });
            self.hidden.insert(number, point);
        }
    }

    /// Forgotten points are back, each in its place in the order of receipt.
    pub(super) fn undelete(&mut self, points: &[PointId]) {
        let Some(rules) = &mut self.rules else { return };
        for number in numbers(&self.links, points) {
            let Some(point) = self.hidden.remove(&number) else { continue };
            if let Some(item) = rules.items.get_mut(&point.item) {
                item.points.push(number);
                item.points.sort_unstable();
            }
            rules.points.insert(number, point);
        }
    }

    /// Forgotten points are gone for good.
    pub(super) fn purge(&mut self, points: &[PointId]) {
        for number in numbers(&self.links, points) {
            self.links.remove(&number);
            self.hidden.remove(&number);
        }
    }
}

/// The identity of the machine that the vault's points call `vm`.
///
/// # Errors
///
/// [`NameError`] where the rules know no such name.
pub fn local_machine(vm: &str) -> Result<VmIdentity, NameError> {
    Ok(VmIdentity { group: local_group(), name: VmName::new(vm)? })
}

/// The region of every machine of a real vault.
pub fn local_region() -> RegionName {
    RegionName::new(LOCAL).expect("the name is well formed")
}

fn local_group() -> GroupName {
    GroupName::new(LOCAL).expect("the name is well formed")
}

fn begin(now: Instant) -> Rules {
    let name = VaultName::new(VAULT).expect("the name is well formed");
    Rules::new(name, local_region(), Profile::of(ProfileId::Recovery2016), now)
}

fn numbers(links: &BTreeMap<PointNumber, PointId>, points: &[PointId]) -> Vec<PointNumber> {
    links.iter().filter(|(_, point)| points.contains(point)).map(|(number, _)| *number).collect()
}

/// In a checkpoint the lifecycle is a box of JSON, so that its types may grow
/// fields that postcard could not.
pub(super) mod as_json {
    use alloc::vec::Vec;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Lifecycle;

    pub(in crate::catalogue) fn serialize<S: Serializer>(
        lifecycle: &Lifecycle,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serde_json::to_vec(lifecycle).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }

    pub(in crate::catalogue) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Lifecycle, D::Error> {
        serde_json::from_slice(&Vec::<u8>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
