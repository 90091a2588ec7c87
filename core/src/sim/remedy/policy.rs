//! The remedy in policies: less in one, or more of them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::command::Command;
use super::Case;
use crate::advice::AdviceId;
use crate::lifecycle::{BackupPolicy, PolicyName, VaultCommand, crowds};
use crate::policy::{LongTerm, Retention, stagger};

impl Case<'_> {
    /// More policies, an hour apart, for every cloud service that is crowded (POL-08).
    pub(super) fn spread_policies(&self) -> Vec<Command> {
        let catalogue = &self.vault.catalogue;
        let profile = &catalogue.profile;
        let Some(max) = profile.starts_per_cloud_service_max.and_then(core::num::NonZeroU32::new) else {
            return Vec::new();
        };
        let mut commands = Vec::new();
        for (group, vms) in crowds(catalogue, &self.world.around(self.vault)) {
            let first =
                vms.first().and_then(|vm| catalogue.items.get(vm)).and_then(|item| item.policy.as_ref());
            let Some((old, state)) = first.and_then(|name| Some((name, catalogue.policies.get(name)?)))
            else {
                continue;
            };
            let Some(start) = state.policy.schedule.times.first() else { continue };
            let Ok(slots) = stagger(&vms, *start, max, profile.stagger_minutes) else { continue };
            for slot in slots.into_iter().skip(1) {
                let Ok(name) = PolicyName::new(&alloc::format!("{old} {group} {}", slot.start)) else {
                    continue;
                };
                let mut policy: BackupPolicy = state.policy.clone();
                policy.schedule.times = [slot.start].into();
                if !catalogue.policies.contains_key(&name) {
                    commands.push(
                        self.ask(VaultCommand::CreatePolicy { name: name.clone(), policy: Box::new(policy) }),
                    );
                }
                let moves = slot
                    .vms
                    .into_iter()
                    .map(|item| VaultCommand::ChangePolicy { item, policy: name.clone() });
                commands.extend(moves.map(|command| self.ask(command)));
            }
        }
        if !commands.is_empty() {
            commands.push(Command::Wait { minutes: 5 });
        }
        commands
    }

    /// The refused policy with less in it.
    pub(super) fn smaller_policy(&self, id: AdviceId) -> Option<Vec<Command>> {
        let mut command = self.subject.command.clone()?;
        let (VaultCommand::CreatePolicy { policy, .. } | VaultCommand::UpdatePolicy { policy, .. }) =
            &mut command
        else {
            return None;
        };
        match id {
            AdviceId::Pol02 => policy.schedule.times.truncate(1),
            AdviceId::Pol01 => {
                policy.retention = Retention::Days(self.vault.catalogue.profile.simple_days_max?)
            }
            _ => {
                let Retention::Ranges(ranges) = &policy.retention else { return None };
                let daily_days = ranges.daily_days.map(|days| days.min(180));
                let weekly = ranges
                    .weekly
                    .clone()
                    .map(|rule| crate::policy::Weekly { weeks: rule.weeks.min(52), ..rule });
                let ranges = LongTerm { daily_days, weekly, monthly: None, yearly: None };
                policy.retention = Retention::Ranges(ranges);
            }
        }
        Some([self.ask(command)].into())
    }
}
