//! The 99 entries that are no errors, each tied to a fact by its id.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::change::{ShutdownFrom, VmChange};
use super::command::Command;
use super::event::Event;
use super::scenarios::tests::play;
use super::simulation::{Memory, Simulation};
use super::stage::{
    Stage, ask, backup_now, change, crowd, days, genesis, known, machine, machine_with_disks, night, nightly,
    protect, register, vault, wait,
};
use super::{scenarios, showcase};
use crate::advice::{AdviceId, Argument, Kind, Lang, Placeholder, ProfileId, Retry, explain, fill};
use crate::lifecycle::{
    Access, AgentState, AgentVersion, BackupPolicy, Catalogue, Client, Consistency, Job, JobFilter, JobKind,
    JobStatus, Lun, Missing, Offer, Origin, OsFamily, Platform, Profile, Protection, Proxy, Refusal,
    Registration, RestoreRequest, Screen, VaultCommand, VaultEvent, Vm, VmIdentity, WriterState, crowds,
    dashboard, jobs, notice, prerequisites_missing, progress_visible, protect_list, register_list,
    shared_names,
};
use crate::policy::{FixedOffset, Retention, Schedule, Weekday, stagger};
use crate::time::{Instant, Span};

const WEB: &str = "shop/web";
const CLASSIC: ProfileId = ProfileId::Classic2015;
const RECOVERY: ProfileId = ProfileId::Recovery2016;

/// How an entry is tied to what the code does.
enum Tie {
    /// An error: proved with its remedy in `proofs`.
    Error,
    /// Said on the way of a ready scenario.
    Said(&'static str),
    /// A fact of its own.
    Fact(fn()),
}

fn played(stage: Stage) -> Simulation {
    let mut simulation = Simulation::new(genesis(stage.profile, 1), Memory::ALL);
    for command in stage.commands {
        if let Err(refusal) = simulation.submit(command.clone()) {
            panic!("{command:?}: {refusal}");
        }
    }
    simulation
}

fn refused(stage: Stage, command: Command, id: AdviceId) {
    let mut simulation = played(stage);
    let before = simulation.world().hash();
    let answer = simulation.submit(command).map_err(|refusal| refusal.advice());
    assert_eq!(answer, Err(Some(id)));
    assert_eq!(simulation.world().hash(), before);
}

fn catalogue(simulation: &Simulation) -> &Catalogue {
    &simulation.world().vaults[&vault()].catalogue
}

fn web(simulation: &Simulation) -> &Vm {
    &simulation.world().vms[&known::<VmIdentity>(WEB)].vm
}

fn around<R>(simulation: &Simulation, look: impl FnOnce(&dyn Platform) -> R) -> R {
    let world = simulation.world();
    look(&world.around(&world.vaults[&vault()]))
}

fn last_job(simulation: &Simulation) -> &Job {
    catalogue(simulation).jobs.values().last().unwrap()
}

/// One machine, protected; `with` is done to it before.
fn with(profile: ProfileId, changes: impl IntoIterator<Item = VmChange>) -> Stage {
    let stage = Stage::new(profile).vm(machine(WEB)).protected(&[WEB]);
    stage.then_all(changes.into_iter().map(|done| change(WEB, done)))
}

/// The causes of the failure of a backup now, after `changes`.
fn causes(changes: impl IntoIterator<Item = VmChange>) -> Vec<AdviceId> {
    let simulation = played(with(RECOVERY, changes).then(backup_now(WEB)).then(wait(30)));
    let job = last_job(&simulation);
    assert_eq!(job.status, JobStatus::Failed);
    job.causes.clone()
}

fn notices(simulation: &Simulation) -> BTreeSet<AdviceId> {
    let vault_events = simulation.history().iter().filter_map(|record| match &record.event {
        Event::Vault(_, event) => Some(event),
        _ => None,
    });
    vault_events.filter_map(|event| notice(catalogue(simulation), event)).map(|notice| notice.id).collect()
}

fn with_policy(profile: ProfileId, change: impl FnOnce(&mut BackupPolicy)) -> Command {
    let mut policy = nightly(profile, "22:00");
    change(&mut policy);
    ask(VaultCommand::CreatePolicy { name: known("other"), policy: policy.into() })
}

fn opens(closed: VmChange, remedy: VmChange) {
    let simulation = played(with(RECOVERY, [closed.clone()]));
    assert!(!around(&simulation, |world| world.egress_open(web(&simulation))));
    let simulation = played(with(RECOVERY, [closed, remedy]));
    assert!(around(&simulation, |world| world.egress_open(web(&simulation))));
}

fn tie(id: AdviceId) -> Tie {
    use AdviceId as A;
    match id {
        A::Pre01 => Tie::Fact(|| {
            let simulation = played(Stage::new(RECOVERY).vm(machine(WEB)));
            let missing = |vm: &Vm, region: &str| {
                let regions = [known(region)].into();
                around(&simulation, |world| prerequisites_missing(world, &regions, vm))
            };
            let mut vm = web(&simulation).clone();
            assert_eq!(missing(&vm, "west"), []);
            assert_eq!(missing(&vm, "east"), [A::Limit05]);
            vm.path.nsg = Access::Deny;
            vm.agent = crate::lifecycle::Agent::ABSENT;
            assert_eq!(missing(&vm, "west"), [A::Net01, A::Agent02]);
        }),
        A::Pre02 => Tie::Fact(|| {
            refused(Stage::new(CLASSIC).vm(machine(WEB)), register(&[WEB]), A::Pre02);
            refused(Stage::new(CLASSIC).vm(machine(WEB)).policy(), protect(&[WEB]), A::Pre02);
        }),
        A::Disc01 => Tie::Fact(|| {
            let simulation =
                played(Stage::new(CLASSIC).vm(machine(WEB)).vm(machine("blog/web")).discovered());
            let listed: Vec<_> = catalogue(&simulation).items.values().collect();
            assert_eq!(listed.len(), 2);
            assert_eq!((listed[0].identity.group.as_str(), listed[0].region.as_str()), ("blog", "west"));
        }),
        A::Disc02 => Tie::Fact(|| {
            let stage = Stage::new(CLASSIC).vm(machine(WEB)).discovered().vm(machine("shop/new"));
            let mut simulation = played(stage);
            let Err(Refusal::Advised(advised)) = simulation.submit(register(&["shop/new"])) else { panic!() };
            assert_eq!(advised.causes, [A::Disc02]);
            simulation.submit(ask(VaultCommand::RunDiscovery)).unwrap();
            simulation.submit(wait(5)).unwrap();
            assert!(simulation.submit(register(&["shop/new"])).is_ok());
        }),
        A::Disc03 | A::Reg05 | A::Prot02 | A::Ui01 | A::Ui02 => Tie::Fact(|| {
            let (classic, recovery) = (Profile::of(CLASSIC), Profile::of(RECOVERY));
            let screen = Screen::RegisteredItems;
            assert_eq!(screen.advice(), A::Ui01);
            assert_eq!(screen.offers(&classic, true), [Offer::Discover, Offer::Register, Offer::Protect]);
            assert_eq!(screen.offers(&classic, false), []);
            assert!(!screen.exists(&recovery));
            let mut simulation = played(Stage::new(RECOVERY).vm(machine(WEB)));
            assert!(simulation.submit(ask(VaultCommand::RunDiscovery)).is_err());
            assert!(simulation.submit(register(&[WEB])).is_err());
        }),
        A::Disc04
        | A::Disc05
        | A::Reg02
        | A::Reg03
        | A::Reg09
        | A::Prot07
        | A::Prot08
        | A::Bkp01
        | A::Bkp02
        | A::Bkp03
        | A::Snap01 => Tie::Said("first-day"),
        A::Reg01 => Tie::Fact(|| {
            refused(Stage::new(CLASSIC).vm(machine(WEB)).discovered().policy(), protect(&[WEB]), A::Reg01)
        }),
        A::Reg04 => Tie::Fact(|| {
            let stage =
                with(RECOVERY, []).then(backup_now(WEB)).then(wait(30)).then(Command::PublishExtension);
            let simulation = played(stage.then(backup_now(WEB)).then(wait(30)));
            assert_eq!(web(&simulation).extension, crate::lifecycle::Extension::Installed(2));
            assert!(notices(&simulation).contains(&A::Reg04));
        }),
        A::Reg06 | A::Prot03 => Tie::Fact(|| {
            let machines: Vec<VmIdentity> = [WEB, "blog/web", "blog/db"].iter().map(|vm| known(vm)).collect();
            let shared: Vec<&str> = shared_names(&machines).into_iter().map(|name| name.as_str()).collect();
            assert_eq!(shared, ["web"]);
        }),
        A::Reg07 | A::Prot04 => Tie::Fact(|| {
            let both = [WEB, "shop/db"];
            let simulation =
                played(Stage::new(CLASSIC).vm(machine(WEB)).vm(machine("shop/db")).protected(&both));
            for kind in [JobKind::Register, JobKind::ConfigureProtection] {
                let made =
                    jobs(catalogue(&simulation), JobFilter { kind: Some(kind), ..JobFilter::default() });
                assert_eq!(made.len(), 2);
            }
        }),
        A::Reg08 => Tie::Fact(|| {
            let mut far = machine("far/away");
            (far.region, far.account) = (known("east"), known("faraway"));
            let stage = Stage::new(CLASSIC).vm(machine(WEB)).vm(machine("shop/db")).vm(far);
            let simulation = played(stage.discovered().then(register(&["shop/db"])).then(wait(10)));
            let listed = around(&simulation, |world| {
                register_list(catalogue(&simulation), world)
                    .into_iter()
                    .map(|item| item.identity.clone())
                    .collect::<Vec<_>>()
            });
            assert_eq!(listed, [known::<VmIdentity>(WEB)]);
        }),
        A::Reg10 | A::Reg11 => Tie::Fact(|| {
            let mut simulation =
                played(Stage::new(CLASSIC).vm(machine(WEB)).discovered().then(register(&[WEB])));
            let status = |simulation: &Simulation| {
                catalogue(simulation).items[&known::<VmIdentity>(WEB)].registration_advice()
            };
            assert_eq!(status(&simulation), Some(A::Reg10));
            simulation.submit(wait(10)).unwrap();
            assert_eq!(status(&simulation), Some(A::Reg11));
        }),
        A::Prot01 | A::Prot06 => Tie::Fact(|| {
            let mut simulation = played(Stage::new(CLASSIC).vm(machine(WEB)).registered(&[WEB]));
            let missing = simulation.submit(protect(&[WEB])).unwrap_err();
            assert!(matches!(missing, Refusal::Missing(Missing::Policy, _)));
            for command in [
                with_policy(CLASSIC, |_| ()),
                ask(VaultCommand::Protect { items: [known(WEB)].into(), policy: known("other") }),
                wait(5),
            ] {
                simulation.submit(command).unwrap();
            }
            let item = &catalogue(&simulation).items[&known::<VmIdentity>(WEB)];
            assert_eq!(
                (item.protection, item.policy.clone()),
                (Protection::PendingInitial, Some(known("other")))
            );
        }),
        A::Prot05 => Tie::Fact(|| {
            let stage = Stage::new(CLASSIC).vm(machine(WEB)).vm(machine("shop/db")).vm(machine("shop/new"));
            let stage = stage.protected(&[WEB]).then(register(&["shop/db"])).then(wait(10));
            let simulation = played(stage);
            let listed = around(&simulation, |world| protect_list(catalogue(&simulation), world));
            assert_eq!(listed, [known::<VmIdentity>("shop/db")]);
        }),
        A::Prot09 => Tie::Said("too-eager"),
        A::Stop01 => Tie::Said("ghost-vm"),
        A::Stop02 => Tie::Fact(|| {
            let stop = ask(VaultCommand::StopProtection { item: known(WEB), retain: false });
            let simulation = played(with(RECOVERY, []).a_day_later().then(stop).then(wait(5)));
            assert!(catalogue(&simulation).points.is_empty());
            assert_eq!(simulation.world().vaults[&vault()].store.stored_bytes(), 0);
            assert!(notices(&simulation).contains(&A::Stop02));
        }),
        A::Stop03 => Tie::Fact(|| {
            let stage =
                with(RECOVERY, []).a_day_later().then(Command::DeleteVm(known(WEB))).then(wait(1_440));
            let mut simulation = played(stage);
            assert_eq!(last_job(&simulation).error, Some(A::Bkp09));
            let again = Stage { profile: RECOVERY, commands: Vec::new() }.vm(machine(WEB)).then(wait(1_440));
            again.commands.into_iter().for_each(|command| assert!(simulation.submit(command).is_ok()));
            assert_eq!(last_job(&simulation).status, JobStatus::Completed);
            assert_eq!(catalogue(&simulation).points.len(), 2);
        }),
        A::Pol01 => Tie::Fact(|| {
            let keep = |span| with_policy(CLASSIC, |policy| policy.retention = Retention::Days(span));
            refused(Stage::new(CLASSIC), keep(31), A::Pol01);
            assert!(played(Stage::new(CLASSIC).then(keep(30))).world().events > 0);
        }),
        A::Pol02 => Tie::Fact(|| {
            for profile in ProfileId::ALL {
                let twice = with_policy(profile, |policy| policy.schedule.times.push(known("06:00")));
                refused(Stage::new(profile), twice, A::Pol02);
            }
        }),
        A::Pol03 | A::Pol04 => Tie::Fact(|| {
            let weekly = |policy: &mut BackupPolicy| {
                policy.schedule = Schedule::weekly(Weekday::Sunday.into(), known("06:00"), FixedOffset::UTC);
            };
            let simulation = played(Stage::new(CLASSIC).policy().then(with_policy(CLASSIC, weekly)));
            assert_eq!(catalogue(&simulation).policies.len(), 2);
            let next = |name: &str| {
                catalogue(&simulation).policies[&known(name)].next_run.unwrap().unix_milliseconds()
            };
            // 2015-05-26 22:00 and the Sunday after it, 2015-05-31 06:00, in UTC.
            assert_eq!((next("night"), next("other")), (1_432_677_600_000, 1_433_052_000_000));
        }),
        A::Pol05 => Tie::Fact(|| {
            let vms = crowd("shop", 12);
            let names: Vec<&str> = vms.iter().map(|vm| vm.as_str()).collect();
            let stage = names.iter().fold(Stage::new(CLASSIC), |stage, vm| stage.vm(machine(vm)));
            let simulation = played(stage.protected(&names));
            assert_eq!(catalogue(&simulation).items_of(&night()).count(), 12);
        }),
        A::Pol06 => Tie::Fact(|| {
            let again = ask(VaultCommand::ChangePolicy { item: known(WEB), policy: known("other") });
            let simulation =
                played(with(CLASSIC, []).then(with_policy(CLASSIC, |_| ())).then(again).then(wait(5)));
            assert_eq!(catalogue(&simulation).items_of(&night()).count(), 0);
            assert_eq!(catalogue(&simulation).items_of(&known("other")).count(), 1);
        }),
        A::Pol08 | A::Limit03 => Tie::Fact(|| {
            let vms = crowd("shop", 5);
            let names: Vec<&str> = vms.iter().map(|vm| vm.as_str()).collect();
            let stage = |count: usize| {
                names[..count]
                    .iter()
                    .fold(Stage::new(RECOVERY), |stage, vm| stage.vm(machine(vm)))
                    .protected(&names[..count])
            };
            let crowded = |count| {
                let simulation = played(stage(count));
                around(&simulation, |world| crowds(catalogue(&simulation), world))
            };
            assert!(crowded(4).is_empty());
            let crowd = crowded(5);
            assert_eq!(crowd.values().map(Vec::len).collect::<Vec<_>>(), [5]);
            let profile = Profile::of(RECOVERY);
            let max = profile.starts_per_cloud_service_max.and_then(core::num::NonZeroU32::new).unwrap();
            let slots = stagger(&names, known("22:00"), max, profile.stagger_minutes).unwrap();
            assert_eq!((max.get(), profile.stagger_minutes, slots.len()), (4, 60, 2));
        }),
        A::Job01 => Tie::Fact(|| {
            let again = ask(VaultCommand::ChangePolicy { item: known(WEB), policy: night() });
            refused(with(RECOVERY, []).then(backup_now(WEB)), again, A::Job01);
        }),
        A::Job02 | A::Ui04 => Tie::Fact(|| {
            let simulation = played(with(CLASSIC, []).a_day_later());
            let count = |kind| {
                jobs(catalogue(&simulation), JobFilter { kind: Some(kind), ..JobFilter::default() }).len()
            };
            assert_eq!(
                [JobKind::Register, JobKind::ConfigureProtection, JobKind::Backup].map(count),
                [1, 1, 1]
            );
            let failed = JobFilter { status: Some(JobStatus::Failed), ..JobFilter::default() };
            assert_eq!(jobs(catalogue(&simulation), failed).len(), 0);
            assert!(Screen::Jobs.offers(&catalogue(&simulation).profile, true).contains(&Offer::Filter));
            assert_eq!(Screen::Jobs.advice(), A::Ui04);
        }),
        A::Job03 | A::Ui06 | A::Limit08 => Tie::Fact(|| {
            let mut simulation = played(with(RECOVERY, []).then(backup_now(WEB)).then(wait(10)));
            let ended = last_job(&simulation).ended.unwrap();
            let groups = |simulation: &Simulation, now: Instant| {
                let board = dashboard(catalogue(simulation), now);
                (board.protected, board.succeeded.len(), board.failed.len(), board.in_progress.len())
            };
            let day = Span::from_milliseconds(86_400_000);
            let edge = ended.checked_add(day).unwrap();
            let past = edge.checked_add(Span::from_milliseconds(1)).unwrap();
            assert_eq!(groups(&simulation, edge).1, 1);
            assert_eq!(groups(&simulation, past).1, 0);
            simulation.submit(change(WEB, VmChange::RemoveAgent)).unwrap();
            simulation.submit(backup_now(WEB)).unwrap();
            assert_eq!(groups(&simulation, simulation.world().clock), (1, 2, 0, 1));
            simulation.submit(wait(5)).unwrap();
            assert_eq!(groups(&simulation, simulation.world().clock), (1, 2, 1, 0));
            assert_eq!((Screen::Dashboard.advice(), Profile::of(RECOVERY).dashboard_hours), (A::Ui06, 24));
        }),
        A::Cancel05 => Tie::Fact(|| {
            let cancel = ask(VaultCommand::Cancel { job: crate::lifecycle::JobId(1) });
            refused(with(CLASSIC, []), cancel, A::Cancel05);
        }),
        A::Rst05 | A::Ui03 => Tie::Said("restore-maze"),
        A::Rst14 => Tie::Fact(|| {
            let stage =
                with(CLASSIC, []).a_day_later().then(showcase::restore(&showcase::request())).then(wait(60));
            let simulation = played(stage);
            assert!(notices(&simulation).contains(&A::Rst14));
            assert!(simulation.world().vms.contains_key(&known::<VmIdentity>("web2/web2")));
            let script = RestoreRequest { client: Client::Script, ..showcase::request() };
            assert!(simulation.check(&showcase::restore(&script)).is_err(), "2015 makes machines only");
        }),
        A::Snap02 | A::Net02 | A::Net11 => Tie::Said("locked-network"),
        A::Snap03 | A::Snap06 => Tie::Said("busy-sql"),
        A::Snap04 => Tie::Fact(|| {
            assert_eq!(causes([VmChange::Stop { from: ShutdownFrom::Guest }]), [A::Snap04]);
            let right = VmChange::Stop { from: ShutdownFrom::Portal };
            let stage = with(RECOVERY, [VmChange::Stop { from: ShutdownFrom::Guest }, right]);
            let simulation = played(stage.then(backup_now(WEB)).then(wait(30)));
            assert_eq!(last_job(&simulation).consistency, Some(Consistency::Crash));
        }),
        A::Snap05 => Tie::Said("crowd"),
        A::Net01 => Tie::Fact(|| {
            let simulation = played(with(RECOVERY, []));
            assert!(around(&simulation, |world| world.egress_open(web(&simulation))));
            assert!(causes([VmChange::Nsg(Access::Deny)]).contains(&A::Net02));
        }),
        A::Net03 => Tie::Fact(|| {
            let stage = with(RECOVERY, []).then(backup_now(WEB)).then(wait(30));
            let stage =
                stage.then(change(WEB, VmChange::Routes(Access::Deny))).then(backup_now(WEB)).then(wait(30));
            assert_eq!(last_job(&played(stage)).causes.first(), Some(&A::Net03));
        }),
        A::Net04 => Tie::Fact(|| {
            let stage = with(RECOVERY, []).then(backup_now(WEB)).then(wait(4));
            let visible = |simulation: &Simulation| {
                around(simulation, |world| progress_visible(world, last_job(simulation)))
            };
            let mut simulation = played(stage);
            assert!(visible(&simulation));
            simulation.submit(change(WEB, VmChange::Routes(Access::Deny))).unwrap();
            assert!(!visible(&simulation));
            simulation.submit(wait(10)).unwrap();
            assert_eq!(last_job(&simulation).status, JobStatus::Completed, "it runs on unseen");
        }),
        A::Net05 => Tie::Fact(|| {
            let deaf = Command::SetNetwork {
                name: known("net"),
                region: known("west"),
                resolves_platform: false,
                subnets: Vec::new(),
            };
            let stage = with(RECOVERY, [VmChange::JoinNetwork(Some(known("net")))]).then(deaf);
            let simulation = played(stage.then(backup_now(WEB)).then(wait(30)));
            assert!(last_job(&simulation).causes.contains(&A::Net05));
        }),
        A::Net06 => Tie::Fact(|| assert!(causes([VmChange::Routes(Access::Deny)]).contains(&A::Net06))),
        A::Net07 => Tie::Fact(|| opens(VmChange::Routes(Access::Deny), VmChange::AllowDatacenterRanges)),
        A::Net08 => Tie::Fact(|| {
            refused(with(RECOVERY, []), change(WEB, VmChange::NewNetRoute { elevated: false }), A::Net08);
            opens(VmChange::Routes(Access::Deny), VmChange::NewNetRoute { elevated: true });
        }),
        A::Net09 => Tie::Fact(|| opens(VmChange::Nsg(Access::Deny), VmChange::AddNsgRule)),
        A::Net10 => Tie::Fact(|| {
            let proxy = Proxy { configured: true, reachable: true, outbound_allowed: true };
            opens(VmChange::Nsg(Access::Deny), VmChange::SetProxy(proxy));
        }),
        A::Net12 => Tie::Said("guest-dhcp-off"),
        A::Agent01 | A::Agent02 => Tie::Fact(|| {
            let made = |origin| {
                let mut spec = machine(WEB);
                spec.origin = origin;
                web(&played(Stage::new(RECOVERY).vm(spec))).agent.installed()
            };
            assert!(made(Origin::Gallery) && made(Origin::Custom) && !made(Origin::Migrated));
        }),
        A::Agent03 => Tie::Fact(|| {
            refused(with(RECOVERY, []), change(WEB, VmChange::InstallAgent { admin: false }), A::Agent03);
        }),
        A::Agent04 => Tie::Said("migrated-vm"),
        A::Agent05 | A::Agent08 => Tie::Fact(|| {
            let mut spec = machine(WEB);
            (spec.os, spec.origin) = (OsFamily::Linux, Origin::Migrated);
            let stage =
                Stage::new(RECOVERY).vm(spec).then(change(WEB, VmChange::InstallAgent { admin: true }));
            assert_eq!(web(&played(stage.clone())).agent.state, AgentState::Ready);
            let old = stage.then(change(WEB, VmChange::OldAgent(AgentVersion([2, 0, 0, 0]))));
            let updated = played(old.then(change(WEB, VmChange::UpdateAgent)).then(wait(6)));
            assert_eq!(web(&updated).agent.version, AgentVersion::LATEST);
        }),
        A::Agent06 | A::Agent09 => Tie::Fact(|| {
            let old = VmChange::OldAgent(AgentVersion([2, 6, 0, 0]));
            let mut simulation = played(with(RECOVERY, [old, VmChange::UpdateAgent]));
            assert_eq!(web(&simulation).agent.state, AgentState::Updating);
            simulation.submit(wait(5)).unwrap();
            let version = [Argument::new(Placeholder::Version, web(&simulation).agent.version)];
            let said = fill(A::Agent09.entry().message.en, &version).unwrap();
            assert_eq!(said, "WaAppAgent.exe version 2.7.1198.778.");
        }),
        A::Agent07 => Tie::Fact(|| {
            refused(with(RECOVERY, []).then(backup_now(WEB)), change(WEB, VmChange::UpdateAgent), A::Agent07);
            refused(with(RECOVERY, [VmChange::UpdateAgent]), backup_now(WEB), A::Agent07);
        }),
        A::Agent10 => Tie::Fact(|| {
            let end = |revision| {
                let old = VmChange::OldAgent(AgentVersion([2, 6, 1_198, revision]));
                let simulation = played(with(RECOVERY, [old]).then(backup_now(WEB)).then(wait(30)));
                (last_job(&simulation).error, last_job(&simulation).causes.clone())
            };
            assert_eq!(end(717), (Some(A::Bkp11), [A::Agent10].into()));
            assert_eq!(end(718), (None, [].into()));
        }),
        A::Agent11 => Tie::Fact(|| {
            assert_eq!(causes([VmChange::BadState]), [A::Agent11]);
            let stage = with(RECOVERY, [VmChange::BadState, VmChange::Restart]);
            let simulation = played(stage.then(backup_now(WEB)).then(wait(30)));
            assert_eq!(last_job(&simulation).status, JobStatus::Completed);
        }),
        A::Cons01 => Tie::Fact(|| {
            let answers = |level: Consistency| {
                let given = level.guarantees();
                [given.boots, given.no_loss, given.no_corruption, given.app_consistent]
            };
            assert_eq!(answers(Consistency::Application), [true; 4]);
            assert_eq!(answers(Consistency::FileSystem), [true, true, true, false]);
            assert_eq!(answers(Consistency::Crash), [false; 4]);
        }),
        A::Cons02 => Tie::Said("migrated-vm"),
        A::Cons03 => Tie::Said("writers"),
        A::Cons04 => Tie::Said("stopped-vm"),
        A::Cons05 => Tie::Fact(|| {
            let off = VmChange::Stop { from: ShutdownFrom::Portal };
            let span = VmChange::Span { lun: Lun(-1), spans: true };
            let warned = |changes: Vec<VmChange>| {
                let simulation = played(with(RECOVERY, changes).then(backup_now(WEB)).then(wait(30)));
                last_job(&simulation).warnings.contains(&A::Cons05)
            };
            assert!(warned([off.clone(), span.clone()].into()));
            assert!(!warned([off].into()));
            assert!(!warned([span].into()));
        }),
        A::Cons06 => Tie::Fact(|| {
            let recovers = |changes: Vec<VmChange>| {
                let stage = with(RECOVERY, changes).then(backup_now(WEB)).then(wait(30));
                let simulation = played(stage.then(showcase::restore(&showcase::request())).then(wait(60)));
                notices(&simulation).contains(&A::Cons06)
            };
            let failed = VmChange::Writer { name: known("SqlServerWriter"), state: WriterState::Failed };
            assert!(recovers([VmChange::Database(true), failed.clone()].into()));
            assert!(!recovers([VmChange::Database(true)].into()));
            assert!(!recovers([failed].into()));
        }),
        A::Cons07 => Tie::Fact(|| {
            let failed = VmChange::Writer { name: known("SqlServerWriter"), state: WriterState::Failed };
            let simulation = played(with(RECOVERY, [failed]));
            let (writer, state) = web(&simulation).vss.writers.iter().next().unwrap();
            let arguments = [
                Argument::new(Placeholder::Writer, writer),
                Argument::new(Placeholder::State, alloc::format!("{state:?}")),
            ];
            let said = fill(A::Cons07.entry().message.en, &arguments).unwrap();
            assert_eq!(said, "VSS writer SqlServerWriter: Failed");
        }),
        A::Ui05 => Tie::Fact(|| {
            let simulation = played(with(CLASSIC, []));
            let item = &catalogue(&simulation).items[&known::<VmIdentity>(WEB)];
            assert_eq!((Screen::ProtectedItems.advice(), item.status_advice()), (A::Ui05, Some(A::Prot08)));
            assert!(!Screen::ProtectedItems.offers(&Profile::of(CLASSIC), true).contains(&Offer::BackUpNow));
            assert!(Screen::ProtectedItems.offers(&Profile::of(RECOVERY), true).contains(&Offer::BackUpNow));
        }),
        A::Ui07 => Tie::Fact(|| {
            let switch = |id| ask(VaultCommand::SwitchProfile(Profile::of(id).into()));
            let mut spec = machine_with_disks(WEB, 6);
            spec.with.push(VmChange::Nics(2));
            let stage = Stage::new(RECOVERY).vm(spec).protected(&[WEB]).a_day_later().then(switch(CLASSIC));
            let simulation = played(stage);
            let item = &catalogue(&simulation).items[&known::<VmIdentity>(WEB)];
            assert_eq!(item.flags, [A::Pol01, A::Limit01, A::Limit06].into());
            assert_eq!((item.protection, item.points.len()), (Protection::Protected, 1));
            assert_eq!(Screen::ProfileSwitch.advice(), A::Ui07);
        }),
        A::Ui08 => Tie::Fact(|| {
            for id in AdviceId::ALL.into_iter().filter(|id| id.entry().kind == Kind::Error) {
                let columns = explain(id, Lang::Ko);
                assert!(!columns.message.is_empty(), "{id}");
                // Where the guides have nothing in the third column, the entry says so itself.
                assert!(columns.remedy.is_some_and(|remedy| !remedy.is_empty()), "{id}");
            }
        }),
        A::Limit01 => Tie::Said("six-disks"),
        A::Limit02 => Tie::Fact(|| {
            let protected = |disks| Stage::new(RECOVERY).vm(machine_with_disks(WEB, disks)).policy();
            refused(protected(17), protect(&[WEB]), A::Limit02);
            assert!(played(protected(16).then(protect(&[WEB]))).world().events > 0);
        }),
        A::Limit04 => Tie::Fact(|| {
            let late = |cpu| {
                let stage =
                    with(RECOVERY, [VmChange::Load { cpu, memory: 10 }]).then(backup_now(WEB)).then(wait(30));
                last_job(&played(stage)).warnings.contains(&A::Snap06)
            };
            assert!(!late(90) && late(91));
        }),
        A::Limit05 => Tie::Fact(|| {
            let mut far = machine("far/away");
            (far.region, far.account) = (known("east"), known("faraway"));
            let stage = Stage::new(CLASSIC).vm(far.clone()).discovered();
            refused(stage, register(&["far/away"]), A::Limit05);
            refused(Stage::new(RECOVERY).vm(far).policy(), protect(&["far/away"]), A::Limit05);
        }),
        A::Limit06 => Tie::Said("opaque-error"),
        A::Limit07 => Tie::Fact(|| {
            use crate::lifecycle::{AccountTier as T, Replication as R};
            for tier in [T::Basic, T::Standard, T::Premium] {
                for replication in [R::Lrs, R::Grs, R::Ragrs, R::Zrs] {
                    let account = Command::SetAccount {
                        name: known("asked"),
                        region: known("west"),
                        tier,
                        replication,
                        online: true,
                    };
                    let simulation = played(with(RECOVERY, []).a_day_later().then(account));
                    let request = RestoreRequest { account: known("asked"), ..showcase::request() };
                    let answer =
                        simulation.check(&showcase::restore(&request)).map_err(|refusal| refusal.advice());
                    let fits = tier != T::Premium && matches!(replication, R::Lrs | R::Grs);
                    assert_eq!(answer, if fits { Ok(()) } else { Err(Some(A::Rst10)) });
                }
            }
        }),
        A::Limit09 => Tie::Fact(|| {
            let minutes = |id: AdviceId| id.entry().retry.wait().unwrap().milliseconds() / 60_000;
            assert_eq!(
                [A::Disc06, A::Bkp13, A::Reg14, A::Cancel03, A::Pol08].map(minutes),
                [15, 5, 5, 1, 60]
            );
            let profile = Profile::of(CLASSIC);
            let of_profile = [profile.discovery_retry, profile.retry, profile.cancel_retry];
            assert_eq!(of_profile.map(|wait| wait.milliseconds() / 60_000), [15, 5, 1]);
        }),
        A::Disc06
        | A::Disc07
        | A::Reg12
        | A::Reg13
        | A::Reg14
        | A::Reg15
        | A::Reg16
        | A::Reg17
        | A::Pol07
        | A::Bkp04
        | A::Bkp05
        | A::Bkp06
        | A::Bkp07
        | A::Bkp08
        | A::Bkp09
        | A::Bkp10
        | A::Bkp11
        | A::Bkp12
        | A::Bkp13
        | A::Bkp14
        | A::Bkp15
        | A::Bkp16
        | A::Bkp17
        | A::Bkp18
        | A::Bkp19
        | A::Cancel01
        | A::Cancel02
        | A::Cancel03
        | A::Cancel04
        | A::Rst01
        | A::Rst02
        | A::Rst03
        | A::Rst04
        | A::Rst06
        | A::Rst07
        | A::Rst08
        | A::Rst09
        | A::Rst10
        | A::Rst11
        | A::Rst12
        | A::Rst13 => Tie::Error,
    }
}

/// The match above is exhaustive: an id without its proof does not compile.
#[test]
fn every_entry_that_is_no_error_is_tied_to_a_fact() {
    let said: BTreeMap<alloc::string::String, BTreeSet<AdviceId>> = scenarios::all()
        .into_iter()
        .map(|preset| (preset.scenario.name.clone(), play(&preset).1.into_iter().collect()))
        .collect();
    let mut counts = BTreeMap::new();
    for id in AdviceId::ALL {
        let entry = id.entry();
        match tie(id) {
            Tie::Error => assert_eq!(entry.kind, Kind::Error, "{id}"),
            Tie::Said(scenario) => assert!(said[scenario].contains(&id), "{id} is not said in {scenario}"),
            Tie::Fact(fact) => {
                std::println!("{id}");
                fact();
            }
        }
        if entry.kind == Kind::Error {
            assert!(matches!(tie(id), Tie::Error), "{id}");
        } else {
            *counts.entry(entry.kind).or_insert(0) += 1;
        }
    }
    assert_eq!(counts.values().sum::<i32>(), 99);
}

/// Where the class is `no`, every retry answers the same and changes nothing: rules and limits too.
#[test]
fn no_retry_helps_against_a_rule_that_says_no() {
    let no: Vec<AdviceId> = AdviceId::ALL.into_iter().filter(|id| id.entry().retry == Retry::No).collect();
    use AdviceId as A;
    assert_eq!(no, [A::Prot09, A::Bkp17, A::Cancel01, A::Cancel04, A::Cancel05, A::Limit06]);
    for (id, command) in [
        (A::Prot09, backup_now(WEB)),
        (A::Cancel05, ask(VaultCommand::Cancel { job: crate::lifecycle::JobId(1) })),
    ] {
        let mut simulation = played(with(CLASSIC, []));
        let before = simulation.world().hash();
        for _ in 0..3 {
            assert_eq!(simulation.submit(command.clone()).map_err(|refusal| refusal.advice()), Err(Some(id)));
        }
        assert_eq!(simulation.world().hash(), before);
    }
    // LIMIT-06 stands behind REG-14, which fails again on every retry.
    let simulation = played(with(CLASSIC, []));
    let registered = catalogue(&simulation).items[&known::<VmIdentity>(WEB)].registration;
    assert_eq!(registered, Registration::Registered);
    let _ = (days(CLASSIC, 1), VaultEvent::CleanUpRan);
}
