//! The world in which an error happens: what leads to it, and what raises it.
//!
//! Only commands a person has are used; a fault is injected only where the
//! entry itself speaks of an internal error or of a cancel that fails.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::change::{ShutdownFrom, VmChange};
use super::command::Command;
use super::event::{Event, Record};
use super::remedy::Subject;
use super::stage::{
    Stage, ask, backup_now, change, data_disk, known, machine, machine_with_disks, night, nightly, protect,
    register, vault, wait,
};
use crate::advice::{AdviceId, Kind, ProfileId};
use crate::lifecycle::{
    Access, AgentVersion, BackupPolicy, Client, FaultPoint, JobId, Lun, RestoreRequest, StorageType,
    TargetGroup, VaultCommand, VaultEvent, VmIdentity,
};
use crate::policy::{DayChoice, DayOfMonth, LongTerm, Monthly, Retention};
use crate::time::Span;

/// How an error comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showcase {
    /// The error.
    pub id: AdviceId,
    /// Under which rules.
    pub profile: ProfileId,
    /// What leads to it; every command is carried out.
    pub setup: Vec<Command>,
    /// What raises it: the last command is refused, or something fails in these.
    pub raise: Vec<Command>,
}

const WEB: &str = "shop/web";
/// A day, in minutes.
const DAY: u32 = 24 * 60;

/// How `id` comes about under `profile`; none for what is no error there.
pub fn showcase(id: AdviceId, profile: ProfileId) -> Option<Showcase> {
    if id.entry().kind != Kind::Error || !id.entry().profiles.contains(profile) {
        return None;
    }
    let (stage, raise) = match id.code().split_once('-')?.0 {
        "DISC" => discovery(id, profile),
        "REG" => registration(id, profile),
        "CANCEL" => cancelling(id, profile),
        "RST" => restoring(id, profile),
        "POL" => too_much_retention(profile),
        _ if profile == ProfileId::Classic2015 => backup_2015(id),
        _ => backup_2016(id),
    };
    Some(Showcase { id, profile, setup: stage.commands, raise })
}

fn discovery(id: AdviceId, profile: ProfileId) -> (Stage, Vec<Command>) {
    let stage = Stage::new(profile).vm(machine(WEB));
    let run = || ask(VaultCommand::RunDiscovery);
    match id {
        AdviceId::Disc06 => {
            (stage.then(Command::InjectFault(FaultPoint::Discovery)), [run(), wait(5)].into())
        }
        _ => (stage.then(run()), [run()].into()),
    }
}

fn registration(id: AdviceId, profile: ProfileId) -> (Stage, Vec<Command>) {
    let mut spec = machine(WEB);
    match id {
        AdviceId::Reg12 => spec.with.push(VmChange::Stop { from: ShutdownFrom::Portal }),
        AdviceId::Reg13 => spec = machine_with_disks(WEB, 6),
        AdviceId::Reg14 => spec.with.push(VmChange::Nics(2)),
        AdviceId::Reg15 => spec.with.push(VmChange::OldAgent(AgentVersion([2, 6, 1_198, 717]))),
        AdviceId::Reg16 => spec.with.push(VmChange::OsSupported(false)),
        _ => {}
    }
    let stage = Stage::new(profile).vm(spec).discovered();
    match id {
        AdviceId::Reg17 => (stage.then(register(&[WEB])), [register(&[WEB])].into()),
        _ => (stage, [register(&[WEB]), wait(25)].into()),
    }
}

/// A protected machine, its policy with a copy window of four hours.
fn protected(profile: ProfileId, data_disks: i16) -> Stage {
    let window = Span::from_milliseconds(4 * 3_600_000);
    let policy = BackupPolicy { copy_window: Some(window), ..nightly(profile, "22:00") };
    Stage::new(profile)
        .vm(machine_with_disks(WEB, data_disks))
        .protected(&[WEB])
        .then(ask(VaultCommand::UpdatePolicy { name: night(), policy: Box::new(policy) }))
}

fn backup_2015(id: AdviceId) -> (Stage, Vec<Command>) {
    let profile = ProfileId::Classic2015;
    let a_night = Vec::from([wait(DAY)]);
    match id {
        AdviceId::Bkp04 => {
            let sixth = Command::AttachDisk { vm: known(WEB), disk: data_disk(5) };
            (protected(profile, 5).then(sixth), a_night)
        }
        AdviceId::Bkp05 => (protected(profile, 0).then(change(WEB, VmChange::Routes(Access::Deny))), a_night),
        AdviceId::Bkp07 => (protected(profile, 0).then(change(WEB, VmChange::RemoveAgent)), a_night),
        AdviceId::Bkp08 => {
            // A day after 08:20 there is a point; at 22:02 the next backup is running.
            let stage = protected(profile, 0).a_day_later().then(wait(13 * 60 + 42));
            (stage, [restore(&request())].into())
        }
        _ => (protected(profile, 0).then(Command::DeleteVm(known(WEB))), a_night),
    }
}

fn backup_2016(id: AdviceId) -> (Stage, Vec<Command>) {
    let profile = ProfileId::Recovery2016;
    let now = || Vec::from([backup_now(WEB), wait(30)]);
    let with = |done: VmChange| protected(profile, 0).then(change(WEB, done));
    match id {
        AdviceId::Bkp07 => (with(VmChange::RemoveAgent), now()),
        AdviceId::Bkp08 => {
            (protected(profile, 0).then(backup_now(WEB)).then(wait(2)), [backup_now(WEB)].into())
        }
        AdviceId::Bkp09 => {
            (protected(profile, 0).a_day_later().then(Command::DeleteVm(known(WEB))), [wait(DAY)].into())
        }
        AdviceId::Bkp10 => (with(VmChange::Nsg(Access::Deny)), now()),
        AdviceId::Bkp11 => (with(VmChange::OldAgent(AgentVersion([2, 6, 1_198, 717]))), now()),
        AdviceId::Bkp12 => (
            protected(profile, 0).a_day_later().then(Command::DeleteVm(known(WEB))),
            [backup_now(WEB)].into(),
        ),
        AdviceId::Bkp13 => (protected(profile, 16), [backup_now(WEB), wait(5 * 60)].into()),
        AdviceId::Bkp14 => (protected(profile, 0).then(Command::InjectFault(FaultPoint::Backup)), now()),
        AdviceId::Bkp15 => (with(VmChange::Services { complus: false, msdtc: true }), now()),
        AdviceId::Bkp16 => (with(VmChange::Bitlocker { lun: Lun(-1), locked: true }), now()),
        AdviceId::Bkp17 => {
            let premium = VmChange::MoveDisk { lun: Lun(-1), storage: StorageType::PremiumLrs };
            (with(premium), [backup_now(WEB)].into())
        }
        AdviceId::Bkp18 => {
            let stage = protected(profile, 0).a_day_later().then(backup_now(WEB)).then(wait(2));
            (stage.then(Command::DeleteVm(known(WEB))), [wait(30)].into())
        }
        _ => {
            let stage = protected(profile, 0).a_day_later();
            (stage.then(change(WEB, VmChange::RemoveAgent)), now())
        }
    }
}

fn too_much_retention(profile: ProfileId) -> (Stage, Vec<Command>) {
    let monthly = Monthly { on: DayChoice::Dates([DayOfMonth::Last].into()), months: 12 };
    let ranges = LongTerm { daily_days: Some(9_999), monthly: Some(monthly), ..LongTerm::default() };
    let policy = BackupPolicy { retention: Retention::Ranges(ranges), ..nightly(profile, "22:00") };
    let create = VaultCommand::CreatePolicy { name: known("for ever"), policy: Box::new(policy) };
    (Stage::new(profile), [ask(create)].into())
}

fn cancelling(id: AdviceId, profile: ProfileId) -> (Stage, Vec<Command>) {
    let cancel = |job| ask(VaultCommand::Cancel { job: JobId(job) });
    match id {
        AdviceId::Cancel01 => {
            let stage = Stage::new(profile).vm(machine(WEB)).policy().then(protect(&[WEB]));
            (stage, [cancel(1)].into())
        }
        // Eight minutes after it was asked for, this backup is in its last step.
        AdviceId::Cancel02 => (protected(profile, 0).then(backup_now(WEB)).then(wait(8)), [cancel(2)].into()),
        AdviceId::Cancel03 => (protected(profile, 0).then(backup_now(WEB)), [cancel(2)].into()),
        _ => {
            let stage = protected(profile, 0).then(Command::InjectFault(FaultPoint::Cancel));
            (stage.then(backup_now(WEB)).then(wait(2)), [cancel(2)].into())
        }
    }
}

/// A restore of the newest point as a new machine in a new cloud service.
pub(super) fn request() -> RestoreRequest {
    RestoreRequest {
        item: known(WEB),
        point: None,
        client: Client::Portal,
        name: known("web2"),
        group: TargetGroup::New,
        account: known("restored"),
        network: None,
        subnet: None,
    }
}

pub(super) fn restore(request: &RestoreRequest) -> Command {
    ask(VaultCommand::Restore(Box::new(request.clone())))
}

/// What restores into the cloud service `target`, set up like this.
fn target(dns_settings: bool, reserved_ip: Option<&str>, endpoints_used: u32) -> Vec<Command> {
    let group = Command::AddGroup { name: known("target"), region: known("west"), model: Default::default() };
    let reserved_ip = reserved_ip.map(known);
    let set =
        Command::SetGroup { name: known("target"), dns_settings, reserved_ip, endpoints_used, network: None };
    [group, set].into()
}

fn restoring(id: AdviceId, profile: ProfileId) -> (Stage, Vec<Command>) {
    let mut request = request();
    let mut spec = machine(WEB);
    let mut setup = Vec::new();
    match id {
        AdviceId::Rst01 => setup = target(true, None, 0),
        AdviceId::Rst02 => {
            spec.with.push(VmChange::ReservedIps([known("front-ip")].into()));
            setup = target(false, Some("front-ip"), 0);
            let mut other = machine("target/other");
            other.with.push(VmChange::Stop { from: ShutdownFrom::Portal });
            setup.push(Command::CreateVm(Box::new(other)));
        }
        AdviceId::Rst03 => {
            spec.with.push(VmChange::Nics(2));
            request.group = TargetGroup::Existing(known("shop"));
        }
        AdviceId::Rst04 => setup.push(Command::TakeName(known("web2"))),
        AdviceId::Rst06 => request.network = Some(known("nowhere")),
        AdviceId::Rst07 => setup = target(false, Some("other-ip"), 0),
        AdviceId::Rst08 => setup = target(false, None, 150),
        AdviceId::Rst09 => request.account = known("faraway"),
        AdviceId::Rst10 => request.account = known("premium"),
        AdviceId::Rst11 => {
            request.account = known("asleep");
            setup.push(Command::SetAccount {
                name: known("asleep"),
                region: known("west"),
                tier: Default::default(),
                replication: Default::default(),
                online: false,
            });
        }
        AdviceId::Rst12 => {
            let spare =
                Command::AddGroup { name: known("spare"), region: known("west"), model: Default::default() };
            setup = [spare, Command::SetGroupQuota(2)].into();
        }
        _ => (request.network, request.subnet) = (Some(known("net")), Some(known("nowhere"))),
    }
    if matches!(id, AdviceId::Rst01 | AdviceId::Rst02 | AdviceId::Rst07 | AdviceId::Rst08) {
        request.group = TargetGroup::Existing(known("target"));
    }
    let stage = Stage::new(profile).vm(spec).protected(&[WEB]).a_day_later().then_all(setup);
    (stage, [restore(&request)].into())
}

/// The errors that events tell of, each with what it is about.
pub fn failures(records: &[Record]) -> Vec<(AdviceId, Subject)> {
    let about =
        |vault, item: Option<&VmIdentity>, job| Subject { vault, item: item.cloned(), job, command: None };
    let mut created = alloc::collections::BTreeMap::new();
    let mut failures = Vec::new();
    for record in records {
        let Event::Vault(name, event) = &record.event else { continue };
        match event {
            VaultEvent::JobCreated { job, item, .. } => {
                created.insert((name, *job), item);
            }
            VaultEvent::JobFailed { job, id, .. } => {
                let item = created.get(&(name, *job)).copied();
                failures.push((*id, about(name.clone(), item, Some(*job))));
            }
            VaultEvent::DiscoveryFailed { .. } => {
                failures.push((AdviceId::Disc06, about(name.clone(), None, None)));
            }
            VaultEvent::CancelFailed { job } => {
                failures.push((AdviceId::Cancel04, about(name.clone(), None, Some(*job))));
            }
            _ => {}
        }
    }
    failures
}

/// What a refused command is about.
pub fn subject_of(command: &Command) -> Subject {
    let (vault, command) = match command {
        Command::Vault { vault, command } => (vault.clone(), Some(command.clone())),
        _ => (vault(), None),
    };
    let (item, job) = match &command {
        Some(VaultCommand::Register { items } | VaultCommand::Protect { items, .. }) => {
            (items.first().cloned(), None)
        }
        Some(
            VaultCommand::BackupNow { item, .. }
            | VaultCommand::ChangePolicy { item, .. }
            | VaultCommand::ResumeProtection { item, .. }
            | VaultCommand::StopProtection { item, .. }
            | VaultCommand::DeleteBackupData { item }
            | VaultCommand::Unregister { item },
        ) => (Some(item.clone()), None),
        Some(VaultCommand::Restore(request)) => (Some(request.item.clone()), None),
        Some(VaultCommand::Cancel { job }) => (None, Some(*job)),
        _ => (None, None),
    };
    Subject { vault, item, job, command }
}
