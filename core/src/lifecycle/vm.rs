//! A virtual machine as the rules see it: every attribute a check may ask for.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;

use serde::{Deserialize, Serialize};

use super::names::{AccountName, NetworkName, RegionName, ReservedIp, VmIdentity, WriterName};

/// A version of the agent: four numbers, compared from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgentVersion(pub [u32; 4]);

impl AgentVersion {
    /// The newest agent in the imitated world.
    pub const LATEST: AgentVersion = AgentVersion([2, 7, 1_198, 778]);
}

impl fmt::Display for AgentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, build, revision] = self.0;
        write!(f, "{major}.{minor}.{build}.{revision}")
    }
}

/// Classic, or Resource Manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentModel {
    /// Named within a cloud service.
    #[default]
    Classic,
    /// Named within a resource group.
    ResourceManager,
}

/// Where a machine came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// From the gallery: the agent is there (AGENT-01).
    #[default]
    Gallery,
    /// Brought from elsewhere: the agent is not there (AGENT-02).
    Migrated,
    /// From an own image with the agent.
    Custom,
}

/// Whether a machine runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Power {
    /// It runs.
    #[default]
    Running,
    /// It is off but holds its place.
    Stopped,
    /// It is off and its place was given back.
    Deallocated,
}

/// The guest's family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OsFamily {
    /// Windows, with VSS.
    #[default]
    Windows,
    /// Linux, without.
    Linux,
    /// A Linux the service of 2016 does not take.
    CoreOs,
}

/// What the agent in the guest is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentState {
    /// Not installed.
    Absent,
    /// Installed and running.
    Ready,
    /// Its service is stopped.
    Stopped,
    /// Its files are broken; its certificate is gone.
    Corrupt,
    /// Being updated; no backup may run.
    Updating,
}

/// The agent inside the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// What it is doing.
    pub state: AgentState,
    /// Its version; of no meaning while absent.
    pub version: AgentVersion,
    /// Whether the platform knows it is there.
    pub flag_set: bool,
    /// Whether it answers.
    pub responsive: bool,
}

impl Agent {
    /// As a gallery image brings it.
    pub const GALLERY: Agent =
        Agent { state: AgentState::Ready, version: AgentVersion::LATEST, flag_set: true, responsive: true };

    /// Not there.
    pub const ABSENT: Agent =
        Agent { state: AgentState::Absent, version: AgentVersion([0; 4]), flag_set: false, responsive: true };

    /// Whether its files are there.
    pub fn installed(&self) -> bool {
        self.state != AgentState::Absent
    }
}

/// The backup extension inside the guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extension {
    /// Never installed.
    #[default]
    Absent,
    /// Installed, in this version.
    Installed(u32),
}

/// What a VSS writer says of itself before a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriterState {
    /// Ready.
    #[default]
    Stable,
    /// Still waiting from an earlier snapshot.
    WaitingForCompletion,
    /// Failed, but another try may work.
    Retryable,
    /// Failed.
    Failed,
}

/// The volume shadow copy service of a Windows guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vss {
    /// Whether the service itself works.
    pub service_running: bool,
    /// The writers of the applications.
    pub writers: BTreeMap<WriterName, WriterState>,
    /// How long applications hold their writes, in seconds; past 60 they stop.
    pub freeze_seconds: u32,
}

/// Longest time a writer holds its application's writes, in seconds.
pub const FREEZE_SECONDS_MAX: u32 = 60;

impl Default for Vss {
    fn default() -> Vss {
        Vss { service_running: true, writers: BTreeMap::new(), freeze_seconds: 10 }
    }
}

/// What a disk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiskRole {
    /// The system; always backed up.
    Os,
    /// Data.
    Data,
    /// Scratch space; never backed up.
    Temp,
}

/// On which storage a disk lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StorageType {
    /// Standard, locally redundant.
    #[default]
    #[serde(rename = "standard-lrs")]
    StandardLrs,
    /// Standard, geo-redundant.
    #[serde(rename = "standard-grs")]
    StandardGrs,
    /// Premium, locally redundant.
    #[serde(rename = "premium-lrs")]
    PremiumLrs,
}

/// A disk's number on its machine; -1 is the system disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lun(pub i16);

/// A disk, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// What it is for.
    pub role: DiskRole,
    /// Its size in GB of 10^9 bytes.
    pub capacity_gb: u32,
    /// Where it lies.
    pub storage: StorageType,
    /// In which account.
    pub account: AccountName,
    /// How dispersed its data is, in percent.
    pub fragmentation_percent: u8,
    /// Whether BitLocker holds it locked.
    pub bitlocker_locked: bool,
    /// Whether a volume spans it and others.
    pub spans_others: bool,
}

/// Whether something lets traffic through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It does.
    #[default]
    Allow,
    /// It does not.
    Deny,
}

/// A proxy between the guest and the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Whether the guest is set to use one.
    pub configured: bool,
    /// Whether the guest reaches it.
    pub reachable: bool,
    /// Whether it reaches the internet itself.
    pub outbound_allowed: bool,
}

/// The path from the guest to the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// The virtual network, if any.
    pub network: Option<NetworkName>,
    /// What the network security group says about storage.
    pub nsg: Access,
    /// Whether routes and firewalls let platform addresses through.
    pub routes: Access,
    /// The proxy.
    pub proxy: Proxy,
    /// Whether DHCP is on inside the guest.
    pub dhcp: bool,
}

impl Default for Path {
    fn default() -> Path {
        Path { network: None, nsg: Access::Allow, routes: Access::Allow, proxy: Proxy::default(), dhcp: true }
    }
}

impl Path {
    /// Whether traffic gets through without the proxy.
    pub fn direct_allowed(&self) -> bool {
        self.routes == Access::Allow && self.nsg == Access::Allow
    }

    /// Whether traffic gets through the proxy.
    pub fn proxy_allowed(&self) -> bool {
        self.proxy.configured && self.proxy.reachable && self.proxy.outbound_allowed
    }

    /// Whether the guest reaches the platform, given that names resolve or not (I-43).
    pub fn egress_open(&self, names_resolve: bool) -> bool {
        self.dhcp && names_resolve && (self.direct_allowed() || self.proxy_allowed())
    }
}

/// A virtual machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vm {
    /// Its group and name.
    pub identity: VmIdentity,
    /// Where it runs.
    pub region: RegionName,
    /// Classic or Resource Manager.
    pub model: DeploymentModel,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it runs.
    pub power: Power,
    /// Whether the portal says it runs; wrong after a shutdown from inside (SNAP-04).
    pub reported: Power,
    /// Whether it is in a state only a restart clears.
    pub bad_state: bool,
    /// Its family.
    pub os: OsFamily,
    /// Whether its version is supported.
    pub os_supported: bool,
    /// Processor load in percent.
    pub cpu_percent: u8,
    /// Memory load in percent.
    pub memory_percent: u8,
    /// How many network cards.
    pub nics: u8,
    /// Whether it is behind a load balancer.
    pub load_balanced: bool,
    /// Its reserved addresses.
    pub reserved_ips: BTreeSet<ReservedIp>,
    /// How many input endpoints it needs.
    pub endpoints: u32,
    /// The path to the platform.
    pub path: Path,
    /// Whether the COM+ System Application runs.
    pub complus_running: bool,
    /// Whether the Distributed Transaction Coordinator runs.
    pub msdtc_running: bool,
    /// Whether SQL Server backups are configured.
    pub sql_backup: bool,
    /// Whether the registry asks for copy backups.
    pub vss_copy_backup: bool,
    /// Whether a database runs on it that repairs itself after a restore.
    pub database: bool,
    /// The agent.
    pub agent: Agent,
    /// The extension.
    pub extension: Extension,
    /// VSS.
    pub vss: Vss,
    /// Its disks.
    pub disks: BTreeMap<Lun, Disk>,
}

impl Vm {
    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.power == Power::Running
    }

    /// How many data disks it has.
    pub fn data_disks(&self) -> u32 {
        self.disks.values().map(|disk| u32::from(disk.role == DiskRole::Data)).sum()
    }

    /// The disks a backup takes: all but scratch space.
    pub fn backed_up_disks(&self) -> impl Iterator<Item = (Lun, &Disk)> {
        self.disks.iter().filter(|(_, disk)| disk.role != DiskRole::Temp).map(|(lun, disk)| (*lun, disk))
    }

    /// Whether any disk lies on premium storage.
    pub fn has_premium_disk(&self) -> bool {
        self.backed_up_disks().any(|(_, disk)| disk.storage == StorageType::PremiumLrs)
    }

    /// Whether the agent is too old for Windows (AGENT-10).
    pub fn agent_outdated(&self, oldest: AgentVersion) -> bool {
        self.os == OsFamily::Windows && self.agent.installed() && self.agent.version < oldest
    }
}
