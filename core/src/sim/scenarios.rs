//! The ready scenarios: presets for people, golden logs for us.

mod script;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use self::script::Script;
use super::change::{ShutdownFrom, VmChange};
use super::command::Command;
use super::scenario::Scenario;
use super::showcase::{request, restore};
use super::stage::{
    Stage, ask, backup_now, change, crowd, data_disk, days, known, machine, machine_with_disks, night,
    nightly, register, vault, wait,
};
use crate::advice::{AdviceId, ProfileId};
use crate::lifecycle::{
    Access, BackupPolicy, Client, FaultPoint, JobId, Lun, Origin, Proxy, RestoreRequest, StorageType,
    TargetGroup, VaultCommand, WriterState,
};
use crate::policy::{DayChoice, DayOfMonth, LongTerm, Month, Monthly, Retention, Yearly};

/// A ready scenario and what it says on its way.
#[derive(Clone, Debug)]
pub struct Preset {
    /// The scenario.
    pub scenario: Scenario,
    /// The entries it comes by, in this order, others between them.
    pub path: Vec<AdviceId>,
}

const CLASSIC: ProfileId = ProfileId::Classic2015;
const RECOVERY: ProfileId = ProfileId::Recovery2016;
const WEB: &str = "shop/web";
const DAY: u32 = 24 * 60;

/// The 18 ready scenarios, in the order in which a newcomer may take them.
pub fn all() -> Vec<Preset> {
    [
        first_day(),
        too_eager(),
        six_disks(),
        opaque_error(),
        two_discoveries(),
        same_names(),
        stopped_vm(),
        migrated_vm(),
        locked_network(),
        guest_dhcp_off(),
        crowded(),
        busy_sql(),
        writers(),
        cancel_race(),
        ghost_vm(),
        restore_maze(),
        retention(),
        too_much_retention(),
    ]
    .into()
}

/// The ready scenario of this name.
pub fn find(name: &str) -> Option<Preset> {
    all().into_iter().find(|preset| preset.scenario.name == name)
}

fn first_day() -> Preset {
    let vms = [WEB, "shop/db"];
    let stage = Stage::new(CLASSIC)
        .vm(machine(WEB))
        .vm(machine_with_disks("shop/db", 1))
        .protected(&vms)
        .a_day_later();
    Script::from(stage).named(
        "first-day",
        "First day in 2015",
        "2015년의 첫날",
        &[
            AdviceId::Disc04,
            AdviceId::Disc05,
            AdviceId::Reg09,
            AdviceId::Prot08,
            AdviceId::Bkp01,
            AdviceId::Bkp03,
        ],
    )
}

fn too_eager() -> Preset {
    let stage = Stage::new(CLASSIC).vm(machine(WEB)).protected(&[WEB]);
    Script::from(stage).refused(backup_now(WEB), AdviceId::Prot09).named(
        "too-eager",
        "Too eager: back up now in 2015",
        "성급한 시작: 2015년의 지금 백업",
        &[AdviceId::Prot08, AdviceId::Prot09],
    )
}

fn six_disks() -> Preset {
    let window = BackupPolicy {
        copy_window: Some(crate::time::Span::from_milliseconds(4 * 3_600_000)),
        ..nightly(CLASSIC, "22:00")
    };
    let stage = Stage::new(CLASSIC).vm(machine_with_disks(WEB, 6)).discovered();
    Script::from(stage)
        .all([register(&[WEB]), wait(10)])
        .all([change(WEB, VmChange::DetachDisk(Lun(5))), register(&[WEB]), wait(10)])
        .all([Command::AttachDisk { vm: known(WEB), disk: data_disk(6) }])
        .all([ask(VaultCommand::CreatePolicy { name: night(), policy: Box::new(window) })])
        .all([super::stage::protect(&[WEB]), wait(DAY)])
        .named(
            "six-disks",
            "One disk too many",
            "디스크 하나 초과",
            &[AdviceId::Reg13, AdviceId::Reg03, AdviceId::Bkp04],
        )
}

fn opaque_error() -> Preset {
    let mut spec = machine(WEB);
    spec.with.push(VmChange::MoveDisk { lun: Lun(-1), storage: StorageType::PremiumLrs });
    let stage = Stage::new(CLASSIC).vm(spec).discovered();
    let move_back = VmChange::MoveDisk { lun: Lun(-1), storage: StorageType::StandardLrs };
    Script::from(stage)
        .all([register(&[WEB]), wait(4)])
        .refused(register(&[WEB]), AdviceId::Reg14)
        .all([wait(5), register(&[WEB]), wait(10)])
        .all([change(WEB, move_back), register(&[WEB]), wait(10)])
        .named(
            "opaque-error",
            "The error that hides its reason",
            "이유를 숨기는 오류",
            &[AdviceId::Reg14, AdviceId::Reg14, AdviceId::Reg14, AdviceId::Reg03],
        )
}

fn two_discoveries() -> Preset {
    let run = || ask(VaultCommand::RunDiscovery);
    let stage = Stage::new(CLASSIC).vm(machine(WEB)).then(Command::InjectFault(FaultPoint::Discovery));
    Script::from(stage)
        .ok(run())
        .refused(run(), AdviceId::Disc07)
        .ok(wait(6))
        .refused(run(), AdviceId::Disc06)
        .all([wait(15), run(), wait(5)])
        .named(
            "two-discoveries",
            "Two discoveries",
            "두 번의 검색",
            &[AdviceId::Disc07, AdviceId::Disc06, AdviceId::Disc06, AdviceId::Disc05],
        )
}

fn same_names() -> Preset {
    let stage = Stage::new(CLASSIC).vm(machine(WEB)).vm(machine("blog/web")).discovered();
    Script::from(stage).ok(register(&[WEB])).ok(wait(10)).named(
        "same-names",
        "Two machines of one name",
        "이름이 같은 두 VM",
        &[AdviceId::Disc05, AdviceId::Reg03],
    )
}

fn stopped_vm() -> Preset {
    let stop = || change(WEB, VmChange::Stop { from: ShutdownFrom::Portal });
    let stage = Stage::new(CLASSIC).vm(machine(WEB)).discovered().policy();
    Script::from(stage)
        .all([stop(), register(&[WEB]), wait(10)])
        .all([change(WEB, VmChange::Start), register(&[WEB]), wait(10)])
        .all([super::stage::protect(&[WEB]), wait(5), stop(), wait(DAY)])
        .named(
            "stopped-vm",
            "A machine that is off",
            "꺼진 VM",
            &[AdviceId::Reg12, AdviceId::Reg03, AdviceId::Cons04],
        )
}

fn migrated_vm() -> Preset {
    let mut spec = machine(WEB);
    spec.origin = Origin::Migrated;
    let stage = Stage::new(RECOVERY).vm(spec).protected(&[WEB]);
    Script::from(stage)
        .all([backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::InstallAgent { admin: true }), backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::SetAgentFlag(true)), backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::RemoveAgent), backup_now(WEB), wait(30)])
        .named(
            "migrated-vm",
            "A machine brought from elsewhere",
            "다른 곳에서 옮겨 온 VM",
            &[AdviceId::Bkp07, AdviceId::Bkp07, AdviceId::Agent04, AdviceId::Cons02, AdviceId::Bkp19],
        )
}

fn locked_network() -> Preset {
    let proxy = Proxy { configured: true, reachable: true, outbound_allowed: false };
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]);
    Script::from(stage)
        .all([change(WEB, VmChange::Nsg(Access::Deny)), backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::SetProxy(proxy)), backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::AddProxyRule), backup_now(WEB), wait(30)])
        .named(
            "locked-network",
            "A locked network",
            "잠긴 네트워크",
            &[AdviceId::Bkp10, AdviceId::Snap02, AdviceId::Bkp10, AdviceId::Net11, AdviceId::Cons02],
        )
}

fn guest_dhcp_off() -> Preset {
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]);
    Script::from(stage)
        .all([change(WEB, VmChange::Dhcp(false)), backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::Dhcp(true)), backup_now(WEB), wait(30)])
        .named(
            "guest-dhcp-off",
            "DHCP off in the guest",
            "게스트의 DHCP 꺼짐",
            &[AdviceId::Bkp10, AdviceId::Net12, AdviceId::Cons02],
        )
}

fn crowded() -> Preset {
    let vms = crowd("shop", 9);
    let names: Vec<&str> = vms.iter().map(String::as_str).collect();
    let policy = || nightly(RECOVERY, "01:00");
    let create = |name: &str, time: &str| {
        let policy = Box::new(BackupPolicy { schedule: nightly(RECOVERY, time).schedule, ..policy() });
        ask(VaultCommand::CreatePolicy { name: known(name), policy })
    };
    let mut stage = Stage::new(RECOVERY);
    for vm in &names {
        stage = stage.vm(machine(vm));
    }
    let moved = |vms: &[&str], policy: &str| -> Vec<Command> {
        vms.iter()
            .map(|vm| ask(VaultCommand::ChangePolicy { item: known(vm), policy: known(policy) }))
            .collect()
    };
    Script::from(stage)
        .ok(create("night", "01:00"))
        .all([super::stage::protect(&names), wait(DAY)])
        .all([create("night 2", "02:00"), create("night 3", "03:00")])
        .all(moved(&names[4..8], "night 2"))
        .all(moved(&names[8..], "night 3"))
        .ok(wait(DAY))
        .named("crowd", "Nine machines at once", "한꺼번에 아홉 대", &[AdviceId::Snap05, AdviceId::Bkp10])
}

fn busy_sql() -> Preset {
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]);
    Script::from(stage)
        .all([change(WEB, VmChange::SqlBackup(true)), change(WEB, VmChange::Load { cpu: 95, memory: 95 })])
        .all([backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::CopyBackup(true)), change(WEB, VmChange::Load { cpu: 40, memory: 40 })])
        .all([backup_now(WEB), wait(30)])
        .named(
            "busy-sql",
            "A busy database server",
            "바쁜 데이터베이스 서버",
            &[AdviceId::Snap03, AdviceId::Snap06, AdviceId::Bkp10, AdviceId::Cons02],
        )
}

fn writers() -> Preset {
    let writer = VmChange::Writer { name: known("SqlServerWriter"), state: WriterState::Failed };
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]);
    Script::from(stage)
        .all([change(WEB, writer), backup_now(WEB), wait(30)])
        .all([change(WEB, VmChange::VssService(false)), backup_now(WEB), wait(30)])
        .named("writers", "Writers that fail", "실패하는 작성자", &[AdviceId::Cons03, AdviceId::Bkp15])
}

fn cancel_race() -> Preset {
    let cancel = |job| ask(VaultCommand::Cancel { job: JobId(job) });
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]);
    Script::from(stage)
        .ok(backup_now(WEB))
        .refused(cancel(2), AdviceId::Cancel03)
        .all([wait(2), cancel(2), wait(2)])
        .all([backup_now(WEB), wait(8)])
        .refused(cancel(3), AdviceId::Cancel02)
        .ok(wait(2))
        .refused(cancel(3), AdviceId::Cancel03)
        .named(
            "cancel-race",
            "Cancelling at every moment",
            "언제 취소할 수 있을까",
            &[AdviceId::Cancel03, AdviceId::Cancel02, AdviceId::Cancel03],
        )
}

fn ghost_vm() -> Preset {
    let delete = || Command::DeleteVm(known(WEB));
    let create = || Command::CreateVm(Box::new(machine(WEB)));
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]).a_day_later();
    Script::from(stage)
        .all([delete(), wait(DAY)])
        .refused(backup_now(WEB), AdviceId::Bkp12)
        .all([create(), backup_now(WEB), wait(2), delete(), wait(10)])
        .all([ask(VaultCommand::StopProtection { item: known(WEB), retain: true }), wait(DAY)])
        .all([create(), ask(VaultCommand::ResumeProtection { item: known(WEB), policy: night() }), wait(DAY)])
        .named(
            "ghost-vm",
            "A machine that vanished",
            "사라진 VM",
            &[AdviceId::Bkp09, AdviceId::Bkp12, AdviceId::Bkp18, AdviceId::Stop01, AdviceId::Cons02],
        )
}

fn restore_maze() -> Preset {
    let to = |account: &str| restore(&RestoreRequest { account: known(account), ..request() });
    let full = RestoreRequest { group: TargetGroup::Existing(known("full")), ..request() };
    let script = RestoreRequest { client: Client::Script, ..request() };
    let group = Command::AddGroup { name: known("full"), region: known("west"), model: Default::default() };
    let fill = Command::SetGroup {
        name: known("full"),
        dns_settings: false,
        reserved_ip: None,
        endpoints_used: 150,
        network: None,
    };
    let stage = Stage::new(RECOVERY).vm(machine(WEB)).protected(&[WEB]).a_day_later();
    Script::from(stage)
        .all([group, fill, Command::TakeName(known("web2"))])
        .refused(to("faraway"), AdviceId::Rst09)
        .refused(to("premium"), AdviceId::Rst10)
        .refused(restore(&full), AdviceId::Rst08)
        .refused(restore(&request()), AdviceId::Rst04)
        .all([restore(&script), wait(60)])
        .named(
            "restore-maze",
            "The restore maze",
            "복원 미로",
            &[AdviceId::Rst09, AdviceId::Rst10, AdviceId::Rst08, AdviceId::Rst04, AdviceId::Rst05],
        )
}

fn retention() -> Preset {
    let keep = |span| {
        let policy = BackupPolicy { retention: days(CLASSIC, span), ..nightly(CLASSIC, "22:00") };
        Box::new(policy)
    };
    let stage = Stage::new(CLASSIC).vm(machine(WEB)).registered(&[WEB]);
    Script::from(stage)
        .ok(ask(VaultCommand::CreatePolicy { name: night(), policy: keep(30) }))
        .all([super::stage::protect(&[WEB]), wait(40 * DAY)])
        .all([ask(VaultCommand::UpdatePolicy { name: night(), policy: keep(7) }), wait(2 * DAY)])
        .all([ask(VaultCommand::StopProtection { item: known(WEB), retain: true }), wait(30 * DAY)])
        .all([ask(VaultCommand::ResumeProtection { item: known(WEB), policy: night() }), wait(10 * DAY)])
        .named("retention", "Keeping and letting go", "보존과 정리", &[AdviceId::Bkp03, AdviceId::Stop01])
}

fn too_much_retention() -> Preset {
    let on = DayChoice::Dates([DayOfMonth::Last].into());
    let ranges = LongTerm {
        daily_days: Some(9_999),
        weekly: None,
        monthly: Some(Monthly { on: on.clone(), months: 120 }),
        yearly: Some(Yearly { months: [Month::December].into(), on, years: 99 }),
    };
    let policy = BackupPolicy { retention: Retention::Ranges(ranges), ..nightly(RECOVERY, "22:00") };
    let create = |policy: BackupPolicy| Command::Vault {
        vault: vault(),
        command: VaultCommand::CreatePolicy { name: known("archive"), policy: Box::new(policy) },
    };
    Script::from(Stage::new(RECOVERY))
        .refused(create(policy), AdviceId::Pol07)
        .ok(create(nightly(RECOVERY, "22:00")))
        .named("too-much-retention", "Keeping too much", "과도한 보존", &[AdviceId::Pol07])
}

#[cfg(test)]
#[path = "scenarios_tests.rs"]
pub(super) mod tests;
