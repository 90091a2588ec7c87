//! Restore: what a person fills in, what stands against it, and the proof.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{
    AccountName, Client, GroupName, Job, JobStatus, Lun, NetworkName, PointNumber, RestoreOffer,
    RestoreRequest, SubnetName, TargetGroup, VaultCommand, VaultName, VmIdentity, VmName, objections,
};
use vhault_core::sim::{BlockMap, Command, DiskMaps, moment};

use super::happening::of_refusal;
use crate::simulator::Simulator;
use crate::text::Both;

/// Every condition of the table of restores, in the order of checks.
pub const CONDITIONS: [AdviceId; 12] = [
    AdviceId::Rst13,
    AdviceId::Rst06,
    AdviceId::Rst09,
    AdviceId::Rst10,
    AdviceId::Rst11,
    AdviceId::Rst12,
    AdviceId::Rst04,
    AdviceId::Rst08,
    AdviceId::Rst07,
    AdviceId::Rst01,
    AdviceId::Rst02,
    AdviceId::Rst03,
];

/// What a person fills in. Empty names choose nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Which point.
    pub point: Option<(VaultName, PointNumber)>,
    /// Only the disks, by a script.
    pub disks_only: bool,
    /// The name of the restored machine.
    pub name: String,
    /// Its group; empty for a new one of its own name.
    pub group: String,
    /// The account its disks go to.
    pub account: String,
    /// Its network.
    pub network: String,
    /// Its subnet.
    pub subnet: String,
}

/// What can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Points, newest first: of which vault, number, words.
    pub points: Vec<(VaultName, PointNumber, String)>,
    /// Groups.
    pub groups: Vec<String>,
    /// Accounts, with their region.
    pub accounts: Vec<(String, String)>,
    /// Networks, with their subnets.
    pub networks: Vec<(String, Vec<String>)>,
    /// Whether disks alone can be restored.
    pub offers_disks: bool,
}

/// What can be chosen at this moment.
pub fn choices(simulator: &Simulator, draft: &Draft) -> Choices {
    let world = simulator.world();
    let mut points: Vec<_> = world
        .vaults
        .iter()
        .flat_map(|(vault, state)| state.catalogue.points.values().map(move |point| (vault, point)))
        .collect();
    points.sort_by_key(|(_, point)| std::cmp::Reverse((point.finished, point.number)));
    let vault = draft.point.as_ref().and_then(|(vault, _)| world.vaults.get(vault));
    Choices {
        points: points
            .into_iter()
            .map(|(vault, point)| {
                let words = format!("{}, {}", point.item, moment(point.finished));
                (vault.clone(), point.number, words)
            })
            .collect(),
        groups: world.groups.keys().map(ToString::to_string).collect(),
        accounts: world
            .accounts
            .iter()
            .map(|(name, held)| (name.to_string(), held.region.to_string()))
            .collect(),
        networks: world
            .networks
            .iter()
            .map(|(name, held)| (name.to_string(), held.subnets.iter().map(ToString::to_string).collect()))
            .collect(),
        offers_disks: vault
            .is_some_and(|vault| vault.catalogue.profile.restore == RestoreOffer::NewVmOrDisks),
    }
}

impl Draft {
    /// A draft for a point, named so that the old machine stays as it is.
    pub fn of(simulator: &Simulator, vault: &VaultName, number: PointNumber) -> Draft {
        let world = simulator.world();
        let point = world.vaults.get(vault).and_then(|held| held.catalogue.points.get(&number));
        let Some(point) = point else { return Draft::default() };
        let region = &world.vaults[vault].catalogue.region;
        let account =
            world.accounts.iter().filter(|(_, account)| account.region == *region).map(|(name, _)| name);
        Draft {
            point: Some((vault.clone(), number)),
            name: format!("{}-restored", point.item.name),
            account: account.max().map(ToString::to_string).unwrap_or_default(),
            ..Draft::default()
        }
    }

    /// What it is a point of.
    pub fn item(&self, simulator: &Simulator) -> Option<VmIdentity> {
        let (vault, number) = self.point.as_ref()?;
        let point = simulator.world().vaults.get(vault)?.catalogue.points.get(number)?;
        Some(point.item.clone())
    }

    /// What is asked for.
    ///
    /// # Errors
    ///
    /// What is missing or typed wrongly, in words.
    pub fn request(&self, simulator: &Simulator) -> Result<(VaultName, RestoreRequest), Both> {
        let (vault, point) = self
            .point
            .clone()
            .ok_or_else(|| Both::new("Choose a recovery point.", "복구 지점을 고르세요."))?;
        let item = self.item(simulator).ok_or_else(|| {
            Both::new("This point is not there at this moment.", "이 시점에는 없는 복구 지점입니다.")
        })?;
        let bad = |what_en: &str, what_ko: &str| {
            Both::new(
                format!("{what_en} is missing or no name."),
                format!("{what_ko}이 비었거나 올바르지 않습니다."),
            )
        };
        let name = VmName::new(self.name.trim()).map_err(|_| bad("The machine's name", "머신 이름"))?;
        let group = match self.group.trim() {
            "" => TargetGroup::New,
            name => TargetGroup::Existing(GroupName::new(name).map_err(|_| bad("The group", "그룹 이름"))?),
        };
        let account = AccountName::new(self.account.trim()).map_err(|_| bad("The account", "계정 이름"))?;
        let network = match self.network.trim() {
            "" => None,
            name => Some(NetworkName::new(name).map_err(|_| bad("The network", "네트워크 이름"))?),
        };
        let subnet = match self.subnet.trim() {
            "" => None,
            name => Some(SubnetName::new(name).map_err(|_| bad("The subnet", "서브넷 이름"))?),
        };
        let client = if self.disks_only { Client::Script } else { Client::Portal };
        Ok((
            vault,
            RestoreRequest { item, point: Some(point), client, name, group, account, network, subnet },
        ))
    }

    /// The command.
    ///
    /// # Errors
    ///
    /// As [`Draft::request`].
    pub fn command(&self, simulator: &Simulator) -> Result<Command, Both> {
        let (vault, request) = self.request(simulator)?;
        Ok(Command::Vault { vault, command: VaultCommand::Restore(Box::new(request)) })
    }

    /// Every condition, and whether it stands against the restore. Empty where
    /// the rules have no such table, or while something is missing.
    pub fn conditions(&self, simulator: &Simulator) -> Vec<(AdviceId, bool)> {
        let Ok((vault, request)) = self.request(simulator) else { return Vec::new() };
        let state = &simulator.world().vaults[&vault];
        let point = request.point.and_then(|number| state.catalogue.points.get(&number));
        let Some(point) = point.filter(|_| state.catalogue.profile.restore_errors) else { return Vec::new() };
        let platform = simulator.world().around(state);
        let against = objections(&platform, &state.catalogue.region, point, &request);
        CONDITIONS.into_iter().map(|id| (id, against.contains(&id))).collect()
    }

    /// Why it would be refused; `None` when it would be accepted.
    pub fn refusal(&self, simulator: &Simulator) -> Option<Both> {
        match self.command(simulator) {
            Ok(command) => simulator.check(&command).err().map(|refusal| of_refusal(&refusal)),
            Err(why) => Some(why),
        }
    }
}

/// A disk of a point, and the same disk of the restored machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Which disk it is.
    pub lun: Lun,
    /// The hash of what the vault holds.
    pub in_vault: String,
    /// The hash of what the machine holds; none where only disks were asked for.
    pub restored: Option<String>,
}

impl Proof {
    /// Whether both are the same.
    pub fn is_same(&self) -> bool {
        self.restored.as_ref() == Some(&self.in_vault)
    }
}

/// What a restore gave back, disk by disk, hashed by the engine's own contents.
///
/// `None` unless `job` is a restore that ended well and its point is still there.
pub fn proof(simulator: &Simulator, vault: &VaultName, job: &Job) -> Option<Vec<Proof>> {
    let request = job.order.restore.as_ref().filter(|_| job.status == JobStatus::Completed)?;
    let world = simulator.world();
    let maps: &DiskMaps = world.vaults.get(vault)?.store.points.get(&request.point?)?;
    let group = request.target_group()?;
    let machine = world.vms.get(&VmIdentity { group, name: request.name.clone() });
    let machine = machine.filter(|_| request.creates_vm());
    let proofs = maps.iter().map(|(lun, map)| Proof {
        lun: *lun,
        in_vault: hash(map),
        restored: machine.map(|vm| vm.content.get(lun).map_or_else(|| hash(&BlockMap::default()), hash)),
    });
    Some(proofs.collect())
}

/// BLAKE3 over which content lies in which blocks: two disks with one hash hold the same bytes.
fn hash(map: &BlockMap) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut last: Option<(u64, u64, u64)> = None;
    let mut put = |(start, count, content): (u64, u64, u64)| {
        for number in [start, count, content] {
            hasher.update(&number.to_le_bytes());
        }
    };
    for run in map.runs() {
        let (start, count, content) = (u64::from(run.start), u64::from(run.count), run.content);
        // Runs that go on are one, however they came to be two.
        last = match last {
            Some((begun, held, first)) if begun + held == start && first + held == content => {
                Some((begun, held + count, first))
            }
            other => {
                other.into_iter().for_each(&mut put);
                Some((start, count, content))
            }
        };
    }
    last.into_iter().for_each(&mut put);
    hasher.finalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{scenarios, stage};

    fn maze() -> Simulator {
        let mut simulator = Simulator::begin(&scenarios::find("restore-maze").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        simulator
    }

    fn draft(simulator: &Simulator) -> Draft {
        let (vault, point, _) = choices(simulator, &Draft::default()).points[0].clone();
        Draft::of(simulator, &vault, point)
    }

    #[test]
    fn a_draft_is_accepted_restored_and_proven_by_equal_hashes() {
        let mut simulator = maze();
        let draft = draft(&simulator);
        assert_eq!(draft.refusal(&simulator), None);
        assert!(draft.conditions(&simulator).iter().all(|(_, against)| !against));
        simulator.submit(draft.command(&simulator).unwrap()).unwrap();
        let until =
            simulator.now().checked_add(vhault_core::time::Span::from_milliseconds(86_400_000)).unwrap();
        simulator.run_to(until, &mut || true).unwrap();
        let vault = stage::vault();
        let job = simulator.world().vaults[&vault].catalogue.jobs.values().rev().find(|job| {
            job.order.restore.as_ref().is_some_and(|request| request.name.as_str() == draft.name)
        });
        let proofs = proof(&simulator, &vault, &job.unwrap().clone()).unwrap();
        assert!(!proofs.is_empty() && proofs.iter().all(Proof::is_same), "{proofs:?}");
        // One block more, and it is another disk.
        let (group, name) = (draft.name.clone(), draft.name.clone());
        let vm = format!("{group}/{name}").parse().unwrap();
        let write = Command::WriteBlocks { vm, lun: Lun(-1), start: 0, count: 1 };
        simulator.submit(write).unwrap();
        let job = simulator.world().vaults[&vault].catalogue.jobs.values().next_back().unwrap().clone();
        let job = if job.order.restore.is_some() {
            job
        } else {
            let jobs = simulator.world().vaults[&vault].catalogue.jobs.values().rev();
            jobs.filter(|job| job.order.restore.is_some())
                .find(|job| job.order.restore.as_ref().unwrap().name.as_str() == name)
                .unwrap()
                .clone()
        };
        assert!(!proof(&simulator, &vault, &job).unwrap().iter().all(Proof::is_same));
    }

    #[test]
    fn each_condition_that_stands_is_marked_and_refuses_it() {
        let simulator = maze();
        let base = draft(&simulator);
        for (account, id) in [("faraway", AdviceId::Rst09), ("premium", AdviceId::Rst10)] {
            let draft = Draft { account: account.to_owned(), ..base.clone() };
            assert!(draft.conditions(&simulator).contains(&(id, true)), "{account}");
            assert!(draft.refusal(&simulator).unwrap().en.starts_with(id.code()));
        }
        let taken = Draft { name: "web2".to_owned(), ..base.clone() };
        assert!(taken.conditions(&simulator).contains(&(AdviceId::Rst04, true)));
        let nameless = Draft { name: " ".to_owned(), ..base };
        assert!(nameless.conditions(&simulator).is_empty() && nameless.refusal(&simulator).is_some());
        assert!(Draft::default().refusal(&simulator).unwrap().en.contains("Choose"));
    }
}
