//! Building worlds in a few words: the commands that set a scene.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::change::VmChange;
use super::command::{Command, DiskSpec, VmSpec};
use super::simulation::Genesis;
use crate::lifecycle::{
    AccountTier, BackupPolicy, DeploymentModel, DiskRole, Lun, Origin, OsFamily, PolicyName, ProfileId,
    Replication, StorageType, VaultCommand, VaultName, VmIdentity,
};
use crate::policy::{FixedOffset, LocalTime, LongTerm, Retention, Schedule};
use crate::time::Instant;

/// A name or number written in this crate is well formed.
pub(super) fn known<T: core::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a name written in this crate is well formed")
}

/// When the guide of a profile was written: 08:00 UTC of that day.
pub fn genesis(profile: ProfileId, seed: u64) -> Genesis {
    let start = match profile {
        // 2015-05-26 and 2016-08-26.
        ProfileId::Classic2015 => 1_432_627_200_000,
        ProfileId::Recovery2016 => 1_472_198_400_000,
    };
    Genesis { seed, start: Instant::from_unix_milliseconds(start) }
}

/// The vault of every stage.
pub fn vault() -> VaultName {
    known("vault")
}

/// A command to the vault of the stage.
pub fn ask(command: VaultCommand) -> Command {
    Command::Vault { vault: vault(), command }
}

/// A change of a machine.
pub fn change(vm: &str, change: VmChange) -> Command {
    Command::Vm { vm: known(vm), change }
}

/// Minutes that pass.
pub const fn wait(minutes: u32) -> Command {
    Command::Wait { minutes }
}

/// A machine with one small system disk, in region `west`.
pub fn machine(vm: &str) -> VmSpec {
    VmSpec {
        vm: known(vm),
        region: known("west"),
        account: known("disks"),
        model: DeploymentModel::Classic,
        origin: Origin::Gallery,
        os: OsFamily::Windows,
        disks: [DiskSpec { lun: Lun(-1), ..data_disk(0) }].into(),
        with: Vec::new(),
    }
}

/// A data disk of 100 GB, 5 of them used.
pub fn data_disk(lun: i16) -> DiskSpec {
    DiskSpec {
        lun: Lun(lun),
        capacity_gb: 100,
        used_gb: 5,
        image: None,
        storage: StorageType::StandardLrs,
        role: (lun < 0).then_some(DiskRole::Os),
        churn_mb_per_day: 0,
    }
}

/// A machine with so many data disks.
pub fn machine_with_disks(vm: &str, data_disks: i16) -> VmSpec {
    let mut spec = machine(vm);
    spec.disks.extend((0..data_disks).map(data_disk));
    spec
}

/// The retention a profile offers for so many days.
pub fn days(profile: ProfileId, days: u32) -> Retention {
    match profile {
        ProfileId::Classic2015 => Retention::Days(days),
        ProfileId::Recovery2016 => {
            Retention::Ranges(LongTerm { daily_days: Some(days), ..LongTerm::default() })
        }
    }
}

/// A policy that runs every day at `time` and keeps seven days.
pub fn nightly(profile: ProfileId, time: &str) -> BackupPolicy {
    let time: LocalTime = known(time);
    BackupPolicy {
        schedule: Schedule::daily(time, FixedOffset::UTC),
        retention: days(profile, 7),
        copy_window: None,
    }
}

/// Commands that set a scene, in order.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The rules.
    pub profile: ProfileId,
    /// The commands so far.
    pub commands: Vec<Command>,
}

impl Stage {
    /// Two regions, accounts, a network and an empty vault in `west`.
    pub fn new(profile: ProfileId) -> Stage {
        let region = |name| Command::AddRegion(known(name));
        let account = |name, region, tier| Command::SetAccount {
            name: known(name),
            region: known(region),
            tier,
            replication: Replication::Lrs,
            online: true,
        };
        let commands = [
            region("west"),
            region("east"),
            account("disks", "west", AccountTier::Standard),
            account("restored", "west", AccountTier::Standard),
            account("faraway", "east", AccountTier::Standard),
            account("premium", "west", AccountTier::Premium),
            Command::SetNetwork {
                name: known("net"),
                region: known("west"),
                resolves_platform: true,
                subnets: [known("front")].into(),
            },
            Command::CreateVault { name: vault(), region: known("west"), profile, custom: None },
        ];
        Stage { profile, commands: commands.into() }
    }

    /// The same, and then this.
    #[must_use]
    pub fn then(mut self, command: Command) -> Stage {
        self.commands.push(command);
        self
    }

    /// The same, and then all of these.
    #[must_use]
    pub fn then_all(mut self, commands: impl IntoIterator<Item = Command>) -> Stage {
        self.commands.extend(commands);
        self
    }

    /// The same, with a machine.
    #[must_use]
    pub fn vm(self, spec: VmSpec) -> Stage {
        self.then(Command::CreateVm(Box::new(spec)))
    }

    /// The same, with every machine so far found; nothing to do in 2016.
    #[must_use]
    pub fn discovered(self) -> Stage {
        match self.profile {
            ProfileId::Classic2015 => self.then(ask(VaultCommand::RunDiscovery)).then(wait(5)),
            ProfileId::Recovery2016 => self,
        }
    }

    /// The same, with these machines registered; nothing to do in 2016.
    #[must_use]
    pub fn registered(self, vms: &[&str]) -> Stage {
        match self.profile {
            ProfileId::Classic2015 => self.discovered().then(register(vms)).then(wait(10)),
            ProfileId::Recovery2016 => self,
        }
    }

    /// The same, with a policy `night` that runs at 22:00.
    #[must_use]
    pub fn policy(self) -> Stage {
        let policy = Box::new(nightly(self.profile, "22:00"));
        self.then(ask(VaultCommand::CreatePolicy { name: night(), policy }))
    }

    /// The same, with these machines registered, and protected by the policy `night`.
    #[must_use]
    pub fn protected(self, vms: &[&str]) -> Stage {
        self.registered(vms).policy().then(protect(vms)).then(wait(5))
    }

    /// The same, a day later: every protected machine has had its run.
    #[must_use]
    pub fn a_day_later(self) -> Stage {
        self.then(wait(24 * 60))
    }
}

/// The policy of every stage.
pub fn night() -> PolicyName {
    known("night")
}

/// Registering these machines.
pub fn register(vms: &[&str]) -> Command {
    ask(VaultCommand::Register { items: identities(vms) })
}

/// Protecting these machines with the policy `night`.
pub fn protect(vms: &[&str]) -> Command {
    ask(VaultCommand::Protect { items: identities(vms), policy: night() })
}

/// Backing a machine up now.
pub fn backup_now(vm: &str) -> Command {
    ask(VaultCommand::BackupNow { item: known(vm), retain_until: None })
}

fn identities(vms: &[&str]) -> Vec<VmIdentity> {
    vms.iter().map(|vm| known(vm)).collect()
}

/// Names `group/vm1` to `group/vmN`.
pub fn crowd(group: &str, count: u32) -> Vec<alloc::string::String> {
    (1..=count).map(|number| format!("{group}/vm{number}")).collect()
}
