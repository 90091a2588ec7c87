//! Random worlds and commands, from a seed: what `sim fuzz` runs.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::change::{ShutdownFrom, VmChange};
use super::command::{Command, DiskSpec};
use super::draw::draw;
use super::invariants::{Observer, Reached, Violation};
use super::showcase::request;
use super::simulation::{Memory, Simulation};
use super::stage::{
    Stage, ask, change, data_disk, days, genesis, known, machine_with_disks, nightly, vault, wait,
};
use crate::advice::ProfileId;
use crate::lifecycle::{
    Access, AgentVersion, BackupPolicy, Client, FaultPoint, Health, JobId, Lun, OsFamily, PolicyName,
    Profile, Proxy, RestoreRequest, StorageType, TargetGroup, VaultCommand, VmIdentity, WriterState,
};
use serde::Serialize;

/// What a run of random commands came to.
#[derive(Clone, Debug, Serialize)]
pub struct FuzzReport {
    /// Its seed.
    pub seed: u64,
    /// How many commands were tried.
    pub commands: u32,
    /// How many were refused.
    pub refused: u32,
    /// How many events there were.
    pub events: u64,
    /// The hash of the state, in hex.
    pub state_hash: alloc::string::String,
    /// The hash of all events, in hex.
    pub history_hash: alloc::string::String,
    /// What happened on the way.
    pub reached: Reached,
    /// The promises that were broken, and where.
    pub violations: Vec<Violation>,
    /// The shortest commands found that break the first of them.
    pub shrunk: Vec<Command>,
}

const VMS: [&str; 5] = ["shop/web", "shop/db", "shop/cache", "blog/web", "far/away"];

/// Chance for one command.
struct Dice {
    seed: u64,
    number: u64,
    rolled: u64,
}

impl Dice {
    fn roll(&mut self, bound: u64) -> u64 {
        self.rolled += 1;
        draw(self.seed, &[self.number, self.rolled], bound)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let bound = u64::try_from(of.len()).unwrap_or(1);
        &of[usize::try_from(self.roll(bound)).unwrap_or(0)]
    }

    fn word(&mut self, of: &[&'static str]) -> &'static str {
        let word: &&'static str = self.pick::<&'static str>(of);
        word
    }

    fn coin(&mut self) -> bool {
        self.roll(2) == 0
    }
}

/// The commands every random run begins with: five machines, two of them Linux or far away.
pub fn opening(seed: u64) -> (ProfileId, Vec<Command>) {
    let profile = if draw(seed, &[0], 2) == 0 { ProfileId::Classic2015 } else { ProfileId::Recovery2016 };
    let mut stage = Stage::new(profile);
    for (number, name) in (0_i16..).zip(VMS) {
        let mut spec = machine_with_disks(name, number % 3);
        for disk in &mut spec.disks {
            disk.used_gb =
                1 + u32::try_from(draw(seed, &[1, u64::from(disk.lun.0.unsigned_abs())], 20)).unwrap_or(0);
            disk.churn_mb_per_day = 100;
        }
        if number == 2 {
            spec.os = OsFamily::Linux;
        }
        if number == 4 {
            (spec.region, spec.account) = (known("east"), known("faraway"));
        }
        stage = stage.vm(spec);
    }
    (profile, stage.commands)
}

/// A random command, likely to make some sense in the middle of a run.
pub fn command(seed: u64, number: u64, profile: ProfileId, jobs: u64) -> Command {
    let mut dice = Dice { seed, number, rolled: 0 };
    let vm = *dice.pick(&VMS);
    match dice.roll(20) {
        0..=5 => wait(*dice.pick(&[1, 3, 7, 20, 90, 600, 1_440])),
        6..=14 => ask(vault_command(&mut dice, vm, profile, jobs)),
        15..=17 => change(vm, vm_change(&mut dice)),
        _ => platform_command(&mut dice, vm),
    }
}

fn policy(dice: &mut Dice, profile: ProfileId) -> Box<BackupPolicy> {
    let time = *dice.pick(&["22:00", "06:00", "22:30"]);
    let span = *dice.pick(&[1, 3, 7, 30]);
    // Two minutes are too short for most first copies, so that some are carried on.
    let window = dice.coin().then(|| crate::time::Span::from_milliseconds(120_000));
    Box::new(BackupPolicy { retention: days(profile, span), copy_window: window, ..nightly(profile, time) })
}

fn vault_command(dice: &mut Dice, vm: &str, profile: ProfileId, jobs: u64) -> VaultCommand {
    let item: VmIdentity = known(vm);
    let name: PolicyName = known(dice.word(&["night", "dawn"]));
    let some = |dice: &mut Dice| -> Vec<VmIdentity> {
        VMS.iter().filter(|_| dice.coin()).map(|vm| known(vm)).collect()
    };
    match dice.roll(19) {
        0 => VaultCommand::RunDiscovery,
        1 | 2 => VaultCommand::Register { items: some(dice) },
        3 => VaultCommand::CreatePolicy { name, policy: policy(dice, profile) },
        4 => VaultCommand::UpdatePolicy { name, policy: policy(dice, profile) },
        5 => VaultCommand::DeletePolicy { name },
        6 | 7 => VaultCommand::Protect { items: some(dice), policy: name },
        8 => VaultCommand::ChangePolicy { item, policy: name },
        9 => VaultCommand::ResumeProtection { item, policy: name },
        10 | 11 => VaultCommand::BackupNow { item, retain_until: None },
        12 | 15 | 16 => VaultCommand::Cancel { job: JobId(jobs.saturating_sub(dice.roll(3))) },
        13 => VaultCommand::Restore(Box::new(restore_request(dice, item))),
        14 => VaultCommand::StopProtection { item, retain: dice.roll(4) > 0 },
        _ if dice.roll(6) == 0 => {
            VaultCommand::SwitchProfile(Box::new(Profile::of(*dice.pick(&ProfileId::ALL))))
        }
        _ => VaultCommand::Unregister { item },
    }
}

fn restore_request(dice: &mut Dice, item: VmIdentity) -> RestoreRequest {
    let name = format!("copy-{}", dice.roll(1_000));
    let group = if dice.coin() { TargetGroup::New } else { TargetGroup::Existing(item.group.clone()) };
    RestoreRequest {
        item,
        client: if dice.coin() { Client::Portal } else { Client::Script },
        name: known(&name),
        group,
        account: known(dice.word(&["restored", "restored", "faraway", "premium"])),
        network: dice.coin().then(|| known("net")),
        subnet: dice.coin().then(|| known(dice.word(&["front", "back"]))),
        ..request()
    }
}

fn vm_change(dice: &mut Dice) -> VmChange {
    let access = if dice.coin() { Access::Allow } else { Access::Deny };
    match dice.roll(44) {
        0 | 1 => VmChange::Start,
        2 => VmChange::Stop { from: if dice.coin() { ShutdownFrom::Portal } else { ShutdownFrom::Guest } },
        3 => VmChange::Restart,
        4 => VmChange::DetachDisk(Lun(0)),
        5 => VmChange::MoveDisk {
            lun: Lun(-1),
            storage: *dice.pick(&[StorageType::StandardLrs, StorageType::PremiumLrs]),
        },
        6 => VmChange::Bitlocker { lun: Lun(-1), locked: dice.coin() },
        7 => VmChange::Fragment { lun: Lun(-1), percent: u8::try_from(dice.roll(101)).unwrap_or(0) },
        8 => {
            let load = u8::try_from(dice.roll(101)).unwrap_or(0);
            VmChange::Load { cpu: load, memory: 100 - load }
        }
        9 | 10 => VmChange::InstallAgent { admin: true },
        11 => VmChange::RemoveAgent,
        12 => VmChange::UpdateAgent,
        13 => VmChange::SetAgentFlag(true),
        14 => VmChange::OldAgent(AgentVersion([2, 5, 0, 0])),
        15 => VmChange::AgentService(dice.coin()),
        16 => VmChange::AgentResponsive(dice.coin()),
        17 => VmChange::Nsg(access),
        18 => VmChange::Routes(access),
        19 => VmChange::SetProxy(Proxy {
            configured: true,
            reachable: dice.coin(),
            outbound_allowed: dice.coin(),
        }),
        20 => VmChange::Dhcp(dice.roll(4) > 0),
        21 => VmChange::Writer {
            name: known("SqlServerWriter"),
            state: *dice.pick(&[WriterState::Stable, WriterState::Failed]),
        },
        22 => VmChange::VssService(dice.roll(4) > 0),
        23 => VmChange::Services { complus: dice.roll(4) > 0, msdtc: true },
        24 => VmChange::SqlBackup(dice.coin()),
        25 => VmChange::Nics(u8::try_from(1 + dice.roll(2)).unwrap_or(1)),
        // Mending is as likely as breaking, so that runs get somewhere.
        26 => VmChange::Nsg(Access::Allow),
        27 => VmChange::Routes(Access::Allow),
        28 => VmChange::Dhcp(true),
        29 => VmChange::SetAgentFlag(true),
        30 => VmChange::Bitlocker { lun: Lun(-1), locked: false },
        31 => VmChange::MoveDisk { lun: Lun(-1), storage: StorageType::StandardLrs },
        32 => VmChange::Load { cpu: 10, memory: 10 },
        33 => VmChange::VssService(true),
        34 => VmChange::Services { complus: true, msdtc: true },
        35..=37 => VmChange::InstallAgent { admin: true },
        38 | 39 => VmChange::Restart,
        _ => VmChange::Start,
    }
}

fn platform_command(dice: &mut Dice, vm: &str) -> Command {
    let identity: VmIdentity = known(vm);
    let start = u32::try_from(dice.roll(900)).unwrap_or(0);
    let count = 1 + u32::try_from(dice.roll(200)).unwrap_or(0);
    match dice.roll(12) {
        0 => Command::DeleteVm(identity),
        1 | 2 => Command::CreateVm(Box::new(machine_with_disks(vm, 1))),
        3 => {
            let lun = i16::try_from(dice.roll(6)).unwrap_or(0);
            Command::AttachDisk { vm: identity, disk: DiskSpec { churn_mb_per_day: 50, ..data_disk(lun) } }
        }
        4 | 5 => Command::WriteBlocks { vm: identity, lun: Lun(-1), start, count },
        6 if dice.coin() => {
            let from = u32::try_from(dice.roll(900)).unwrap_or(0);
            Command::CopyBlocks { vm: identity, lun: Lun(-1), from, start, count }
        }
        6 => Command::ClearBlocks { vm: identity, lun: Lun(-1), start, count },
        7 => Command::DropBaseSnapshot { vault: vault(), item: identity },
        8 => {
            let points =
                [FaultPoint::Discovery, FaultPoint::Register, FaultPoint::Backup, FaultPoint::Cancel];
            Command::InjectFault(*dice.pick(&points))
        }
        9 => Command::ClearFault(FaultPoint::Cancel),
        10 => {
            let health = *dice.pick(&[Health::Healthy, Health::Healthy, Health::Degraded]);
            let region = known("west");
            Command::SetHealth { region, compute: Health::Healthy, storage: health, network: Health::Healthy }
        }
        _ => Command::PublishExtension,
    }
}

/// Runs `count` random commands from `seed` and checks every promise on the way.
pub fn run(seed: u64, count: u32) -> FuzzReport {
    let (profile, opening) = opening(seed);
    let mut tried: Vec<Command> = opening;
    let mut simulation = Simulation::new(genesis(profile, seed), Memory::ALL);
    let mut observer = Observer::new(simulation.genesis());
    let mut refused = 0;
    for command in tried.clone() {
        refused += u32::from(!observer.submit(&mut simulation, command));
    }
    for number in 0..count {
        let vault = &simulation.world().vaults[&vault()];
        let jobs = vault.catalogue.jobs_created;
        let next = command(seed, u64::from(number) + 1, profile, jobs);
        tried.push(next.clone());
        refused += u32::from(!observer.submit(&mut simulation, next));
        if !observer.violations.is_empty() {
            break;
        }
    }
    observer.finish(&simulation);
    let (violations, reached) = (observer.violations, observer.reached);
    let shrunk = match violations.first() {
        Some(first) => shrink(seed, profile, tried, first.invariant),
        None => Vec::new(),
    };
    let world = simulation.world();
    FuzzReport {
        seed,
        commands: count,
        refused,
        events: world.events,
        state_hash: format!("{}", world.hash()),
        history_hash: format!("{}", simulation.history_hash()),
        reached,
        violations,
        shrunk,
    }
}

/// Whether `commands` break `invariant`.
fn breaks(seed: u64, profile: ProfileId, commands: &[Command], invariant: u8) -> bool {
    let mut simulation = Simulation::new(genesis(profile, seed), Memory::ALL);
    let mut observer = Observer::new(simulation.genesis());
    for command in commands {
        observer.submit(&mut simulation, command.clone());
    }
    observer.finish(&simulation);
    observer.violations.iter().any(|violation| violation.invariant == invariant)
}

/// Leaves out whatever is not needed to break `invariant`: halves first, then single commands.
fn shrink(seed: u64, profile: ProfileId, mut commands: Vec<Command>, invariant: u8) -> Vec<Command> {
    let mut size = commands.len() / 2;
    while size > 0 {
        let mut start = 0;
        while start < commands.len() {
            let end = (start + size).min(commands.len());
            let mut fewer = commands.clone();
            fewer.drain(start..end);
            if breaks(seed, profile, &fewer, invariant) {
                commands = fewer;
            } else {
                start = end;
            }
        }
        size /= 2;
    }
    commands
}
