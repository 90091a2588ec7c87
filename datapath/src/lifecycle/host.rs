//! The world around a real vault, as the rules may ask about it: the machines
//! whose images are here, all of them healthy, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use vhault_core::catalogue::{Lifecycle, Sources, local_region};
use vhault_core::lifecycle::{
    Account, AccountName, Agent, Consistency, CopyPlan, DeploymentModel, Disk, DiskRole, Extension,
    FaultPoint, Group, GroupName, Job, Lun, Network, NetworkName, Origin, OsFamily, Path as NetworkPath,
    Platform, PointNumber, Power, Region, RegionName, Shared, StorageType, Vm, VmIdentity, Vss,
};
use vhault_core::time::Span;

/// The version of the extension that every machine here is said to have.
const EXTENSION: u32 = 1;

/// The machines whose images are here.
pub struct Host {
    vms: BTreeMap<VmIdentity, Shared<Vm>>,
    region: Region,
}

impl Host {
    /// Looks for the images of every machine the vault knows. A machine of which no image is left is gone.
    pub fn look(lifecycle: &Lifecycle) -> Host {
        let here = |sources: &Sources| sources.images.iter().any(|image| Path::new(&image.path).exists());
        let vms = lifecycle.machines().filter(|(_, sources)| here(sources));
        let vms = vms.map(|(item, sources)| (item.clone(), Shared::new(machine(item, sources)))).collect();
        Host { vms, region: Region::default() }
    }

    /// The same with a machine that is backed up like this.
    #[must_use]
    pub fn with(mut self, item: &VmIdentity, sources: &Sources) -> Host {
        self.vms.insert(item.clone(), Shared::new(machine(item, sources)));
        self
    }
}

/// A machine that reaches just the consistency its owner vouches for: switched off for a crash-consistent point,
/// without applications that take part for a file-system-consistent one.
fn machine(item: &VmIdentity, sources: &Sources) -> Vm {
    let power = match sources.consistency {
        Consistency::Crash => Power::Stopped,
        Consistency::FileSystem | Consistency::Application => Power::Running,
    };
    let disk = |place: usize| {
        let lun = i16::try_from(place).map_or(i16::MAX, |place| place - 1);
        let role = if place == 0 { DiskRole::Os } else { DiskRole::Data };
        let disk = Disk {
            role,
            capacity_gb: 1,
            storage: StorageType::StandardLrs,
            account: AccountName::new("local").expect("the name is well formed"),
            fragmentation_percent: 0,
            bitlocker_locked: false,
            spans_others: false,
        };
        (Lun(lun), disk)
    };
    Vm {
        identity: item.clone(),
        region: local_region(),
        model: DeploymentModel::ResourceManager,
        origin: Origin::Custom,
        power,
        reported: power,
        bad_state: false,
        os: match sources.consistency {
            Consistency::Crash | Consistency::FileSystem => OsFamily::Linux,
            Consistency::Application => OsFamily::Windows,
        },
        os_supported: true,
        cpu_percent: 0,
        memory_percent: 0,
        nics: 1,
        load_balanced: false,
        reserved_ips: std::collections::BTreeSet::new(),
        endpoints: 0,
        path: NetworkPath::default(),
        complus_running: true,
        msdtc_running: true,
        sql_backup: false,
        vss_copy_backup: false,
        database: false,
        agent: Agent::GALLERY,
        extension: Extension::Installed(EXTENSION),
        vss: Vss::default(),
        disks: (0..sources.images.len()).map(disk).collect(),
    }
}

impl Platform for Host {
    fn vm(&self, identity: &VmIdentity) -> Option<&Shared<Vm>> {
        self.vms.get(identity)
    }

    fn vms(&self) -> Box<dyn Iterator<Item = &Vm> + '_> {
        Box::new(self.vms.values().map(|vm| &**vm))
    }

    fn region(&self, name: &RegionName) -> Option<&Region> {
        (*name == local_region()).then_some(&self.region)
    }

    fn group(&self, _: &GroupName) -> Option<&Group> {
        None
    }

    fn network(&self, _: &NetworkName) -> Option<&Network> {
        None
    }

    fn account(&self, _: &AccountName) -> Option<&Account> {
        None
    }

    fn name_taken(&self, _: &GroupName) -> bool {
        true
    }

    fn groups_left(&self) -> u32 {
        0
    }

    fn fault(&self, _: FaultPoint) -> bool {
        false
    }

    fn queue_wait(&self) -> Span {
        Span::ZERO
    }

    fn extension_latest(&self) -> u32 {
        EXTENSION
    }

    fn snapshots_running(&self, _: &GroupName) -> u32 {
        0
    }

    /// The real copy reports its own work when it is done; the rules never ask for it here.
    fn copy_plan(&self, _: &Job) -> CopyPlan {
        CopyPlan::NOTHING
    }

    fn restore_takes(&self, _: &VmIdentity, _: PointNumber) -> Span {
        Span::ZERO
    }

    fn draw(&self, _: &[u64], _: u64) -> u64 {
        0
    }
}
