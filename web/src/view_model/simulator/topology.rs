//! Topology: each machine and what its blocks pass on their way into a vault.

use vhault_core::lifecycle::{
    Access, AgentState, DiskRole, FaultPoint, Health, Job, JobId, JobKind, Lun, Phase, StorageType,
    VaultName, Vm, VmIdentity,
};
use vhault_core::sim::{BLOCK_BYTES, Command, ShutdownFrom, Throughput, VmChange};

use super::blocks::{self, Counts};
use super::disk;
use super::happening::{of_advice, of_phase};
use crate::simulator::Simulator;
use crate::text::{Both, Lang, seeing};
use crate::view_model::tone::Tone;

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The machine itself.
    Machine,
    /// The agent in it, and its way to the platform.
    Agent,
    /// One of its disks.
    Disk(Lun),
    /// The snapshot of all of them.
    Snapshot,
    /// What goes to the vault.
    Transfer,
    /// The vault.
    Vault,
}

impl Part {
    /// In which column of the picture it stands.
    pub fn column(&self) -> u32 {
        match self {
            Part::Machine => 0,
            Part::Agent => 1,
            Part::Disk(_) => 2,
            Part::Snapshot => 3,
            Part::Transfer => 4,
            Part::Vault => 5,
        }
    }
}

/// One part of a machine, and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which.
    pub part: Part,
    /// What it is called.
    pub name: Both,
    /// How it is.
    pub state: Both,
    /// What that means.
    pub tone: Tone,
}

/// A machine as a row of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The machine.
    pub vm: VmIdentity,
    /// The vault that knows it.
    pub vault: Option<VaultName>,
    /// Its parts, in the order blocks pass them.
    pub nodes: Vec<Node>,
    /// What flows, while a backup or restore of it is at work.
    pub flow: Option<Flow>,
}

/// A job at work, as what flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The job.
    pub job: JobId,
    /// Its step.
    pub phase: Option<Phase>,
    /// Whether it brings back.
    pub is_restore: bool,
    /// Blocks by state, where they are known.
    pub counts: Counts,
}

/// The machines of a page, and how many there are.
///
/// In order of name, so that a row keeps its place while time passes.
pub fn rows(simulator: &Simulator, at_work_only: bool, first: usize, most: usize) -> (Vec<Row>, usize) {
    let world = simulator.world();
    let is_shown = |vm: &&VmIdentity| !at_work_only || active(simulator, vm).is_some();
    let all: Vec<&VmIdentity> = world.vms.keys().filter(is_shown).collect();
    let rows = all.iter().skip(first).take(most).map(|vm| row(simulator, vm)).collect();
    (rows, all.len())
}

fn active<'a>(simulator: &'a Simulator, vm: &VmIdentity) -> Option<(&'a VaultName, &'a Job)> {
    simulator.world().vaults.iter().find_map(|(name, vault)| {
        let item = vault.catalogue.items.get(vm)?;
        Some((name, vault.catalogue.active_job(item)?))
    })
}

fn home<'a>(simulator: &'a Simulator, vm: &VmIdentity) -> Option<&'a VaultName> {
    let mut vaults = simulator.world().vaults.iter();
    vaults.find(|(_, vault)| vault.catalogue.items.contains_key(vm)).map(|(name, _)| name)
}

/// How far the copy of a job is, from 0 to 1; none outside of it.
pub fn share(simulator: &Simulator, vault: &VaultName, job: JobId) -> Option<f64> {
    let job = simulator.world().vaults.get(vault)?.catalogue.jobs.get(&job)?;
    if job.phase != Some(Phase::Copy) {
        return None;
    }
    let whole = job.phase_ends.since(job.phase_began).milliseconds().max(1);
    let passed = simulator.now().since(job.phase_began).milliseconds().clamp(0, whole);
    #[expect(clippy::cast_precision_loss, reason = "a share of a drawing")]
    let share = passed as f64 / whole as f64;
    Some(share)
}

fn both(phrase: crate::text::Phrase) -> Both {
    Both::new(phrase.say(Lang::En), phrase.say(Lang::Ko))
}

fn row(simulator: &Simulator, vm: &VmIdentity) -> Row {
    let world = simulator.world();
    let state = &world.vms[vm];
    let at_work = active(simulator, vm);
    let vault = at_work.map(|(name, _)| name).or_else(|| home(simulator, vm));
    let job = at_work.map(|(_, job)| job);
    let mut nodes = vec![machine(&state.vm), agent(&state.vm)];
    nodes.extend(state.vm.disks.iter().map(|(lun, held)| {
        let gigabytes = state.content.get(lun).map_or(0, |map| map.allocated() * BLOCK_BYTES / 1_000_000_000);
        let (state, tone) = of_disk(held, gigabytes);
        Node { part: Part::Disk(*lun), name: disk::named(*lun), state, tone }
    }));
    nodes.push(snapshot(&state.vm, job));
    nodes.push(transfer(simulator, job));
    if let Some(vault) = vault {
        nodes.push(of_vault(simulator, vault));
    }
    let flow = at_work.filter(|(_, job)| matches!(job.kind, JobKind::Backup | JobKind::Restore));
    let flow = flow.map(|(name, job)| Flow {
        job: job.id,
        phase: job.phase,
        is_restore: job.kind == JobKind::Restore,
        counts: blocks::of_job(simulator, name, job.id)
            .iter()
            .fold(Counts::default(), |sum, disk| sum.plus(disk.counts)),
    });
    Row { vm: vm.clone(), vault: vault.cloned(), nodes, flow }
}

fn machine(vm: &Vm) -> Node {
    let (en, ko, tone) = match (vm.is_running(), vm.bad_state) {
        (true, true) => ("in a bad state", "비정상 상태", Tone::Bad),
        (true, false) if vm.cpu_percent.max(vm.memory_percent) > 90 => {
            ("running, overloaded", "실행 중, 과부하", Tone::Warn)
        }
        (true, false) => ("running", "실행 중", Tone::Good),
        (false, _) => ("off", "꺼짐", Tone::Quiet),
    };
    Node { part: Part::Machine, name: both(seeing::PART_MACHINE), state: Both::new(en, ko), tone }
}

fn agent(vm: &Vm) -> Node {
    let (en, ko, tone) = if !vm.agent.installed() {
        ("not there", "없음", Tone::Bad)
    } else if vm.agent.state == AgentState::Updating {
        ("being updated", "업데이트 중", Tone::Warn)
    } else if matches!(vm.agent.state, AgentState::Stopped | AgentState::Corrupt) {
        ("does not run", "실행되지 않음", Tone::Bad)
    } else if !vm.agent.responsive {
        ("does not answer", "응답 없음", Tone::Bad)
    } else if !vm.path.direct_allowed() && !vm.path.proxy_allowed() {
        ("runs, its network is closed", "실행 중, 네트워크 막힘", Tone::Bad)
    } else if !vm.path.dhcp {
        ("runs without DHCP", "실행 중, DHCP 꺼짐", Tone::Warn)
    } else {
        ("ready", "준비됨", Tone::Good)
    };
    Node { part: Part::Agent, name: both(seeing::PART_AGENT), state: Both::new(en, ko), tone }
}

fn of_disk(disk: &vhault_core::lifecycle::Disk, gigabytes: u64) -> (Both, Tone) {
    let held = |en: &str, ko: &str| {
        Both::new(
            format!("{gigabytes} of {} GB{en}", disk.capacity_gb),
            format!("{gigabytes} / {} GB{ko}", disk.capacity_gb),
        )
    };
    if disk.bitlocker_locked {
        (held(", locked", ", 잠김"), Tone::Bad)
    } else if disk.storage == StorageType::PremiumLrs {
        (held(", premium storage", ", 프리미엄 저장소"), Tone::Warn)
    } else if disk.fragmentation_percent > 0 {
        (held(", dispersed", ", 흩어짐"), Tone::Warn)
    } else if disk.role == DiskRole::Temp {
        (held(", scratch, not backed up", ", 임시, 백업 안 함"), Tone::Quiet)
    } else {
        (held("", ""), Tone::Good)
    }
}

fn snapshot(vm: &Vm, job: Option<&Job>) -> Node {
    let taking = job.filter(|job| {
        matches!(job.phase, Some(Phase::Prepare | Phase::Quiesce | Phase::Snapshot | Phase::Thaw))
    });
    let held = job.filter(|job| job.snapshot_finished.is_some());
    let (state, tone) = match (taking, held) {
        (Some(job), _) if job.doom.is_some() => (Both::new("cannot be taken", "만들 수 없음"), Tone::Bad),
        (Some(job), _) => (job.phase.map_or_else(|| Both::new("", ""), of_phase), Tone::Info),
        (_, Some(job)) => (
            job.consistency.map_or_else(|| Both::new("taken", "있음"), |level| of_advice(level.advice())),
            Tone::Good,
        ),
        _ if !vm.vss.service_running => {
            (Both::new("none; shadow copies are off", "없음, 섀도 복사본 꺼짐"), Tone::Warn)
        }
        _ => (Both::new("none", "없음"), Tone::Quiet),
    };
    Node { part: Part::Snapshot, name: both(seeing::PART_SNAPSHOT), state, tone }
}

fn transfer(simulator: &Simulator, job: Option<&Job>) -> Node {
    let (state, tone) = match job.and_then(|job| Some((job, job.phase?))) {
        Some((job, phase @ (Phase::Queue | Phase::Delta | Phase::Copy | Phase::Commit))) => match &job.doom {
            Some(doom) => (of_advice(doom.id), Tone::Bad),
            None => (of_phase(phase), Tone::Info),
        },
        _ if simulator.world().queue_wait.milliseconds() > 0 => {
            (Both::new("idle; the vault makes it wait", "쉬는 중, 대기열 있음"), Tone::Warn)
        }
        _ => (Both::new("idle", "쉬는 중"), Tone::Quiet),
    };
    Node { part: Part::Transfer, name: both(seeing::PART_TRANSFER), state, tone }
}

fn of_vault(simulator: &Simulator, name: &VaultName) -> Node {
    let world = simulator.world();
    let held = &world.vaults[name].catalogue;
    let ill = world.regions.get(&held.region).is_some_and(|region| !region.is_healthy());
    let (en, ko, tone) = if ill {
        (", its region is in trouble", ", 지역 장애", Tone::Bad)
    } else if !world.faults.is_empty() {
        (", its service fails", ", 서비스 장애", Tone::Bad)
    } else {
        ("", "", Tone::Good)
    };
    let points = held.points.len();
    let state = Both::new(format!("{points} points{en}"), format!("지점 {points}개{ko}"));
    let label = |lang| format!("{} {name}", seeing::PART_VAULT.say(lang));
    Node { part: Part::Vault, name: Both::new(label(Lang::En), label(Lang::Ko)), state, tone }
}

/// What can be broken and mended on a part, as it is now: command, and whether it mends.
pub fn deeds(simulator: &Simulator, vm: &VmIdentity, part: &Part) -> Vec<(Command, bool)> {
    let world = simulator.world();
    let Some(state) = world.vms.get(vm) else { return Vec::new() };
    let (machine, of) = (&state.vm, |change: VmChange| Command::Vm { vm: vm.clone(), change });
    match part {
        Part::Machine => {
            let mut deeds = match machine.is_running() {
                true => vec![
                    (of(VmChange::Stop { from: ShutdownFrom::Portal }), false),
                    (of(VmChange::Stop { from: ShutdownFrom::Guest }), false),
                ],
                false => vec![(of(VmChange::Start), true)],
            };
            let is_loaded = machine.cpu_percent.max(machine.memory_percent) > 90;
            let load = if is_loaded { 20 } else { 95 };
            deeds.push((of(VmChange::Load { cpu: load, memory: load }), is_loaded));
            let state = if machine.bad_state { VmChange::Restart } else { VmChange::BadState };
            deeds.push((of(state), machine.bad_state));
            deeds.push((Command::DeleteVm(vm.clone()), false));
            deeds
        }
        Part::Agent => agent_deeds(machine).into_iter().map(|(change, mends)| (of(change), mends)).collect(),
        Part::Disk(lun) => {
            let Some(disk) = machine.disks.get(lun) else { return Vec::new() };
            let (lun, locked) = (*lun, disk.bitlocker_locked);
            let is_premium = disk.storage == StorageType::PremiumLrs;
            let storage = if is_premium { StorageType::StandardLrs } else { StorageType::PremiumLrs };
            let is_dispersed = disk.fragmentation_percent > 0;
            let mut deeds = vec![
                (of(VmChange::Bitlocker { lun, locked: !locked }), locked),
                (of(VmChange::MoveDisk { lun, storage }), is_premium),
                (of(VmChange::Fragment { lun, percent: if is_dispersed { 0 } else { 100 } }), is_dispersed),
            ];
            if disk.role != DiskRole::Os {
                deeds.push((of(VmChange::DetachDisk(lun)), false));
            }
            deeds
        }
        Part::Snapshot => {
            let runs = machine.vss.service_running;
            let services = machine.complus_running && machine.msdtc_running;
            vec![
                (of(VmChange::VssService(!runs)), !runs),
                (of(VmChange::Services { complus: !services, msdtc: true }), !services),
                (of(VmChange::SqlBackup(!machine.sql_backup)), machine.sql_backup),
            ]
        }
        Part::Transfer => {
            let waits = world.queue_wait.milliseconds() > 0;
            let slow = Throughput { send_bytes_per_second: 200_000, ..Throughput::PUBLISHED };
            let is_slow = world.throughput != Throughput::PUBLISHED;
            vec![
                (Command::SetQueueWait { minutes: if waits { 0 } else { 60 } }, waits),
                (Command::SetThroughput(if is_slow { Throughput::PUBLISHED } else { slow }), is_slow),
            ]
        }
        Part::Vault => vault_deeds(simulator, vm),
    }
}

fn agent_deeds(vm: &Vm) -> Vec<(VmChange, bool)> {
    if !vm.agent.installed() {
        return vec![(VmChange::InstallAgent { admin: true }, true)];
    }
    let stopped = vm.agent.state == AgentState::Stopped;
    let flip = |access: Access| if access == Access::Deny { Access::Allow } else { Access::Deny };
    vec![
        (VmChange::RemoveAgent, false),
        (VmChange::AgentService(stopped), stopped),
        (VmChange::AgentResponsive(!vm.agent.responsive), !vm.agent.responsive),
        (VmChange::Nsg(flip(vm.path.nsg)), vm.path.nsg == Access::Deny),
        (VmChange::Routes(flip(vm.path.routes)), vm.path.routes == Access::Deny),
        (VmChange::Dhcp(!vm.path.dhcp), !vm.path.dhcp),
    ]
}

fn vault_deeds(simulator: &Simulator, vm: &VmIdentity) -> Vec<(Command, bool)> {
    let world = simulator.world();
    let points = [FaultPoint::Backup, FaultPoint::Cancel, FaultPoint::Register, FaultPoint::Discovery];
    let fault = |point| match world.faults.contains(&point) {
        true => (Command::ClearFault(point), true),
        false => (Command::InjectFault(point), false),
    };
    let mut deeds: Vec<(Command, bool)> = points.into_iter().map(fault).collect();
    let vault = home(simulator, vm).and_then(|name| world.vaults.get(name));
    if let Some(vault) = vault {
        let name = &vault.catalogue.region;
        let ill = world.regions.get(name).is_some_and(|region| !region.is_healthy());
        let storage = if ill { Health::Healthy } else { Health::Down };
        let health = Command::SetHealth {
            region: name.clone(),
            compute: Health::Healthy,
            storage,
            network: Health::Healthy,
        };
        deeds.push((health, ill));
    }
    deeds
}

#[cfg(test)]
mod tests {
    use super::super::deed;
    use super::*;
    use crate::simulator::{Aim, Pursuit};
    use vhault_core::lifecycle::VaultEvent;
    use vhault_core::sim::{Event, scenarios};

    fn copying(name: &str) -> Simulator {
        let mut simulator = Simulator::begin(&scenarios::find(name).unwrap().scenario);
        let limit = simulator.aim_limit();
        loop {
            let Pursuit::Met(place) = simulator.pursue(Aim::Event, limit, &mut || true).unwrap() else {
                panic!("nothing copies");
            };
            if simulator.history()[place..].iter().any(|record| {
                matches!(record.event, Event::Vault(_, VaultEvent::PhaseEntered { phase: Phase::Copy, .. }))
            }) {
                return simulator;
            }
        }
    }

    /// No job is at work, so nothing is refused because of one.
    fn calm(name: &str) -> Simulator {
        let mut simulator = Simulator::begin(&scenarios::find(name).unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        simulator
    }

    #[test]
    fn a_machine_that_copies_shows_its_way_and_what_flows() {
        let mut simulator = copying("first-day");
        let (all, count) = rows(&simulator, true, 0, 10);
        assert_eq!(count, all.len());
        let copies = |row: &&Row| row.flow.as_ref().is_some_and(|flow| flow.phase == Some(Phase::Copy));
        let row = all.iter().find(copies).unwrap();
        let columns: Vec<u32> = row.nodes.iter().map(|node| node.part.column()).collect();
        assert!(columns.is_sorted() && columns.contains(&5), "{columns:?}");
        let flow = row.flow.as_ref().unwrap();
        assert!(flow.counts.sent + flow.counts.to_go + flow.counts.known > 0, "{flow:?}");
        let vault = row.vault.clone().unwrap();
        let before = share(&simulator, &vault, flow.job).unwrap();
        let later = simulator.now().checked_add(vhault_core::time::Span::from_milliseconds(10_000)).unwrap();
        simulator.run_to(later, &mut || true).unwrap();
        assert!(share(&simulator, &vault, flow.job).unwrap() > before);
    }

    #[test]
    fn every_offered_deed_is_accepted_has_words_and_is_offered_the_other_way_round_after_it() {
        let simulator = calm("first-day");
        let (all, _) = rows(&simulator, false, 0, 100);
        let mut tried = 0;
        for row in &all {
            for node in &row.nodes {
                for (command, mends) in deeds(&simulator, &row.vm, &node.part) {
                    let words = deed::words(&command);
                    assert!(!words.en.is_empty() && words.en != words.ko, "{command:?}");
                    assert!(!mends, "nothing is broken yet: {command:?}");
                    let mut other = simulator.clone();
                    other.submit(command.clone()).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
                    tried += 1;
                    let gone = matches!(
                        command,
                        Command::DeleteVm(_) | Command::Vm { change: VmChange::DetachDisk(_), .. }
                    );
                    if !gone {
                        let after = deeds(&other, &row.vm, &node.part);
                        let mend = after.iter().find(|(_, mends)| *mends);
                        let (mend, _) = mend.unwrap_or_else(|| panic!("nothing mends {command:?}"));
                        assert_eq!(other.check(mend), Ok(()), "{mend:?}");
                    }
                }
            }
        }
        assert!(tried > 20, "{tried}");
    }

    #[test]
    fn what_is_broken_shows_on_its_part() {
        let mut simulator = calm("first-day");
        let vm = rows(&simulator, false, 0, 1).0[0].vm.clone();
        let tone = |simulator: &Simulator, part: &Part| {
            rows(simulator, false, 0, 1).0[0].nodes.iter().find(|node| node.part == *part).unwrap().tone
        };
        for (part, broken) in
            [(Part::Agent, Tone::Bad), (Part::Disk(Lun(-1)), Tone::Bad), (Part::Vault, Tone::Bad)]
        {
            assert_eq!(tone(&simulator, &part), Tone::Good, "{part:?}");
            let (command, _) = deeds(&simulator, &vm, &part).remove(0);
            simulator.submit(command).unwrap();
            assert_eq!(tone(&simulator, &part), broken, "{part:?}");
        }
    }
}
