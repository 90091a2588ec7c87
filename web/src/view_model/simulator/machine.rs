//! Machine: what discovery finds, and whether each can be taken in.

use vhault_core::lifecycle::{
    AgentState, DeploymentModel, Extension, Item, OsFamily, Power, Protection, Registration, VaultCommand,
    VaultName, Vm, VmIdentity,
};
use vhault_core::sim::{Command, VaultState, moment};

use super::happening::of_refusal;
use super::item::of_registration;
use crate::simulator::Simulator;
use crate::text::Both;
use crate::view_model::tone::Tone;

/// A machine as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Of which vault.
    pub vault: VaultName,
    /// Which.
    pub machine: VmIdentity,
    /// Where it runs.
    pub region: String,
    /// Classic or Resource Manager.
    pub model: Both,
    /// Its system.
    pub system: Both,
    /// Whether it runs.
    pub power: (Both, Tone),
    /// Its data disks, and how much all its disks hold at most, in GB.
    pub disks: (u32, u64),
    /// Its agent.
    pub agent: (Both, Tone),
    /// Its backup extension.
    pub extension: Both,
    /// How far registration is; none where this vault does not know it.
    pub registration: Option<(Both, Tone)>,
    /// How far this vault is with it.
    pub known: (Both, Tone),
    /// Whether the next step can be asked for, and if not, why.
    pub next: Result<Command, Both>,
}

/// Discovery of one vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// Whose.
    pub vault: VaultName,
    /// Whether finding and registering are steps of their own.
    pub is_explicit: bool,
    /// When a running search ends.
    pub until: Option<String>,
    /// When the last one ended well.
    pub last: Option<String>,
    /// A search, and if it cannot be, why.
    pub search: Result<Command, Both>,
    /// Every machine there is.
    pub rows: Vec<Row>,
}

/// What each vault can find.
pub fn discoveries(simulator: &Simulator) -> Vec<Discovery> {
    let one = |(name, state): (&VaultName, &VaultState)| {
        let discovery = state.catalogue.discovery;
        let search = Command::Vault { vault: name.clone(), command: VaultCommand::RunDiscovery };
        let vms = simulator.world().vms.values();
        Discovery {
            vault: name.clone(),
            is_explicit: state.catalogue.profile.explicit_phases,
            until: discovery.running_until.map(moment),
            last: discovery.last.map(moment),
            search: asked(simulator, search),
            rows: vms.map(|vm| row(simulator, name, state, &vm.vm)).collect(),
        }
    };
    simulator.world().vaults.iter().map(one).collect()
}

/// Every machine that some vault has listed.
pub fn registered(simulator: &Simulator) -> Vec<Row> {
    let rows = discoveries(simulator).into_iter().flat_map(|found| found.rows);
    rows.filter(|row| row.registration.is_some()).collect()
}

/// A command that would be carried out, or why not.
pub fn asked(simulator: &Simulator, command: Command) -> Result<Command, Both> {
    match simulator.check(&command) {
        Ok(()) => Ok(command),
        Err(refusal) => Err(of_refusal(&refusal)),
    }
}

fn row(simulator: &Simulator, vault: &VaultName, state: &VaultState, vm: &Vm) -> Row {
    let item = state.catalogue.items.get(&vm.identity);
    let both = |(en, ko): (&str, &str)| Both::new(en, ko);
    let model = match vm.model {
        DeploymentModel::Classic => ("Classic", "클래식"),
        DeploymentModel::ResourceManager => ("Resource Manager", "리소스 관리자"),
    };
    let system = match vm.os {
        OsFamily::Windows => ("Windows", "Windows"),
        OsFamily::Linux => ("Linux", "Linux"),
        OsFamily::CoreOs => ("CoreOS", "CoreOS"),
    };
    let (power, power_tone) = match vm.power {
        Power::Running => (("Running", "실행 중"), Tone::Good),
        Power::Stopped => (("Stopped", "중지됨"), Tone::Warn),
        Power::Deallocated => (("Stopped, deallocated", "중지됨(할당 취소)"), Tone::Warn),
    };
    Row {
        vault: vault.clone(),
        machine: vm.identity.clone(),
        region: vm.region.to_string(),
        model: both(model),
        system: both(system),
        power: (both(power), power_tone),
        disks: (vm.data_disks(), vm.disks.values().map(|disk| u64::from(disk.capacity_gb)).sum()),
        agent: agent(vm),
        extension: match vm.extension {
            Extension::Absent => Both::new("not installed", "설치 안 됨"),
            Extension::Installed(version) => {
                Both::new(format!("version {version}"), format!("버전 {version}"))
            }
        },
        registration: item
            .map(|item| (of_registration(item.registration), registration_tone(item.registration))),
        known: known(item, state.catalogue.profile.explicit_phases),
        next: next(simulator, vault, state, item, vm),
    }
}

/// How an agent is, in words.
pub fn agent(vm: &Vm) -> (Both, Tone) {
    let (en, ko, tone) = match vm.agent.state {
        AgentState::Absent => return (Both::new("Not installed", "설치 안 됨"), Tone::Bad),
        AgentState::Ready if !vm.agent.responsive => ("does not answer", "응답 없음", Tone::Bad),
        AgentState::Ready if !vm.agent.flag_set => ("unknown to the platform", "플랫폼이 모름", Tone::Warn),
        AgentState::Ready => ("ready", "준비됨", Tone::Good),
        AgentState::Stopped => ("stopped", "중지됨", Tone::Bad),
        AgentState::Corrupt => ("damaged", "손상됨", Tone::Bad),
        AgentState::Updating => ("being updated", "업데이트 중", Tone::Info),
    };
    let version = vm.agent.version;
    (Both::new(format!("{version}, {en}"), format!("{version}, {ko}")), tone)
}

fn known(item: Option<&Item>, is_explicit: bool) -> (Both, Tone) {
    let Some(item) = item else {
        let (en, ko) = if is_explicit {
            ("Not found yet", "아직 검색되지 않음")
        } else {
            ("Not protected", "보호 안 됨")
        };
        return (Both::new(en, ko), Tone::Quiet);
    };
    if item.protection == Protection::NotProtected {
        return (of_registration(item.registration), registration_tone(item.registration));
    }
    let (words, tone) = super::item::of_protection(item.protection);
    (words, tone)
}

/// What a registration means.
pub fn registration_tone(registration: Registration) -> Tone {
    match registration {
        Registration::Unregistered => Tone::Quiet,
        Registration::Registering => Tone::Info,
        Registration::Registered => Tone::Good,
        Registration::Failed(_) => Tone::Bad,
    }
}

/// Registering where that is a step, else protecting with the vault's first policy.
fn next(
    simulator: &Simulator,
    vault: &VaultName,
    state: &VaultState,
    item: Option<&Item>,
    vm: &Vm,
) -> Result<Command, Both> {
    let items = vec![vm.identity.clone()];
    let is_registered = item.is_some_and(|item| item.registration == Registration::Registered);
    let is_free = item.is_none_or(|item| item.protection == Protection::NotProtected);
    let command = if state.catalogue.profile.explicit_phases && !is_registered {
        VaultCommand::Register { items }
    } else if !is_free {
        return Err(Both::new("It is protected already.", "이미 보호되고 있습니다."));
    } else {
        match state.catalogue.policies.keys().next() {
            Some(policy) => VaultCommand::Protect { items, policy: policy.clone() },
            None => {
                return Err(Both::new(
                    "There is no policy yet; the wizard makes one.",
                    "아직 정책이 없습니다. 마법사에서 만들 수 있습니다.",
                ));
            }
        }
    };
    asked(simulator, Command::Vault { vault: vault.clone(), command })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{VmChange, scenarios, stage};

    fn begin(name: &str) -> Simulator {
        Simulator::begin(&scenarios::find(name).unwrap().scenario)
    }

    #[test]
    fn every_machine_is_listed_with_the_step_that_is_next_for_it() {
        let mut simulator = begin("first-day");
        simulator.run_to(simulator.now(), &mut || true).unwrap();
        let found = discoveries(&simulator).remove(0);
        assert!(found.is_explicit && found.rows.len() == simulator.world().vms.len());
        // Registering before anything was found is refused, in the catalogue's words.
        let why = found.rows[0].next.clone().unwrap_err();
        assert!(why.en.contains("PRE-02"), "{why:?}");
        simulator.run_out(&mut || true).unwrap();
        let found = discoveries(&simulator).remove(0);
        assert!(found.last.is_some());
        assert!(found.rows.iter().all(|row| row.known.1 == Tone::Good && row.next.is_err()));
    }

    #[test]
    fn a_row_follows_the_agent_of_its_machine() {
        let mut simulator = begin("first-day");
        simulator.run_out(&mut || true).unwrap();
        let tone = |simulator: &Simulator| discoveries(simulator)[0].rows[1].agent.1;
        assert_eq!(tone(&simulator), Tone::Good);
        simulator.submit(stage::change("shop/web", VmChange::RemoveAgent)).unwrap();
        assert_eq!(tone(&simulator), Tone::Bad);
    }
}
