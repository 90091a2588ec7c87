//! What can be done to a machine: a person's deed, and what happened, in one value.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::lifecycle::{
    Access, Agent, AgentState, AgentVersion, Disk, DiskRole, Lun, NetworkName, Power, Proxy, ReservedIp,
    StorageType, Vm, WriterName, WriterState,
};

/// From where a machine is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShutdownFrom {
    /// From the portal: the state shown is right.
    Portal,
    /// From inside the guest: the portal goes on showing it as running.
    Guest,
}

/// What is done to a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum VmChange {
    /// Start it.
    Start,
    /// Shut it down.
    Stop {
        /// From where.
        from: ShutdownFrom,
    },
    /// Restart it, which clears a bad state and an agent that hangs (AGENT-11).
    Restart,
    /// Detach a disk.
    DetachDisk(Lun),
    /// Move a disk to other storage.
    MoveDisk {
        /// Which.
        lun: Lun,
        /// Where to.
        storage: StorageType,
    },
    /// Lock or unlock a disk with BitLocker.
    Bitlocker {
        /// Which.
        lun: Lun,
        /// Whether it is locked.
        locked: bool,
    },
    /// Disperse the data of a disk.
    Fragment {
        /// Which.
        lun: Lun,
        /// How much, in percent.
        percent: u8,
    },
    /// Let a volume span a disk and others.
    Span {
        /// Which.
        lun: Lun,
        /// Whether it does.
        spans: bool,
    },
    /// Set the load, in percent.
    Load {
        /// Of the processor.
        cpu: u8,
        /// Of the memory.
        memory: u8,
    },
    /// Install the agent (AGENT-03, AGENT-05).
    InstallAgent {
        /// Whether the session has administrator rights.
        admin: bool,
    },
    /// Remove the agent.
    RemoveAgent,
    /// Update the agent; takes a few minutes (AGENT-06, AGENT-08).
    UpdateAgent,
    /// Tell the platform that the agent is there, or not (AGENT-04).
    SetAgentFlag(bool),
    /// Leave an old agent in the guest.
    OldAgent(AgentVersion),
    /// Break the agent's files and certificate.
    BreakAgent,
    /// Start or stop the agent's service.
    AgentService(bool),
    /// Let the agent answer, or not.
    AgentResponsive(bool),
    /// Set what the network security group says about storage.
    Nsg(Access),
    /// Add a rule for the platform's addresses to the group (NET-09).
    AddNsgRule,
    /// Set what routes and firewalls do.
    Routes(Access),
    /// Allow the datacenter's address ranges (NET-07).
    AllowDatacenterRanges,
    /// Add a route inside the guest (NET-08).
    NewNetRoute {
        /// Whether the window was opened as administrator.
        elevated: bool,
    },
    /// Put a proxy between guest and platform (NET-10).
    SetProxy(Proxy),
    /// Let the proxy out (NET-11).
    AddProxyRule,
    /// Switch DHCP inside the guest (NET-12).
    Dhcp(bool),
    /// Put it into a virtual network, or none.
    JoinNetwork(Option<NetworkName>),
    /// Set the state of a VSS writer.
    Writer {
        /// Which.
        name: WriterName,
        /// Its state.
        state: WriterState,
    },
    /// Start or stop the shadow copy service.
    VssService(bool),
    /// How long applications hold their writes, in seconds.
    FreezeSeconds(u32),
    /// Start or stop COM+ and the transaction coordinator.
    Services {
        /// COM+ System Application.
        complus: bool,
        /// Distributed Transaction Coordinator.
        msdtc: bool,
    },
    /// Configure SQL Server backups, or not.
    SqlBackup(bool),
    /// Set the registry switch that asks for copy backups (SNAP-03).
    CopyBackup(bool),
    /// Run a database on it, or not.
    Database(bool),
    /// Set the number of network cards.
    Nics(u8),
    /// Put it behind a load balancer, or not.
    LoadBalanced(bool),
    /// Set its reserved addresses.
    ReservedIps(BTreeSet<ReservedIp>),
    /// Set how many input endpoints it needs.
    Endpoints(u32),
    /// Whether the version of its system is supported.
    OsSupported(bool),
    /// Put it into a state only a restart clears.
    BadState,
}

impl VmChange {
    /// Whether it is done inside the guest, which must run for it.
    pub fn needs_running_guest(&self) -> bool {
        matches!(
            self,
            VmChange::InstallAgent { .. }
                | VmChange::RemoveAgent
                | VmChange::UpdateAgent
                | VmChange::NewNetRoute { .. }
                | VmChange::CopyBackup(_)
                | VmChange::Restart
        )
    }

    /// The disk it is about, if it is about one.
    pub fn disk(&self) -> Option<Lun> {
        match self {
            VmChange::DetachDisk(lun)
            | VmChange::MoveDisk { lun, .. }
            | VmChange::Bitlocker { lun, .. }
            | VmChange::Fragment { lun, .. }
            | VmChange::Span { lun, .. } => Some(*lun),
            _ => None,
        }
    }

    /// Carries it out on `vm`.
    pub(super) fn apply(&self, vm: &mut Vm) {
        match self {
            VmChange::Start => (vm.power, vm.reported) = (Power::Running, Power::Running),
            VmChange::Stop { from: ShutdownFrom::Portal } => {
                (vm.power, vm.reported) = (Power::Deallocated, Power::Deallocated);
            }
            VmChange::Stop { from: ShutdownFrom::Guest } => vm.power = Power::Stopped,
            VmChange::Restart => {
                vm.bad_state = false;
                vm.agent.responsive = true;
            }
            VmChange::Load { cpu, memory } => (vm.cpu_percent, vm.memory_percent) = (*cpu, *memory),
            VmChange::Writer { name, state } => {
                vm.vss.writers.insert(name.clone(), *state);
            }
            VmChange::VssService(running) => vm.vss.service_running = *running,
            VmChange::FreezeSeconds(seconds) => vm.vss.freeze_seconds = *seconds,
            VmChange::Services { complus, msdtc } => {
                (vm.complus_running, vm.msdtc_running) = (*complus, *msdtc)
            }
            VmChange::SqlBackup(configured) => vm.sql_backup = *configured,
            VmChange::CopyBackup(copy) => vm.vss_copy_backup = *copy,
            VmChange::Database(runs) => vm.database = *runs,
            VmChange::Nics(count) => vm.nics = *count,
            VmChange::LoadBalanced(balanced) => vm.load_balanced = *balanced,
            VmChange::ReservedIps(ips) => vm.reserved_ips.clone_from(ips),
            VmChange::Endpoints(count) => vm.endpoints = *count,
            VmChange::OsSupported(supported) => vm.os_supported = *supported,
            VmChange::BadState => vm.bad_state = true,
            VmChange::DetachDisk(lun) => {
                vm.disks.remove(lun);
            }
            VmChange::MoveDisk { lun, storage } => with_disk(vm, *lun, |disk| disk.storage = *storage),
            VmChange::Bitlocker { lun, locked } => {
                with_disk(vm, *lun, |disk| disk.bitlocker_locked = *locked)
            }
            VmChange::Fragment { lun, percent } => {
                with_disk(vm, *lun, |disk| disk.fragmentation_percent = (*percent).min(100));
            }
            VmChange::Span { lun, spans } => with_disk(vm, *lun, |disk| disk.spans_others = *spans),
            of_path_or_agent => of_path_or_agent.apply_to_path_or_agent(vm),
        }
    }

    fn apply_to_path_or_agent(&self, vm: &mut Vm) {
        match self {
            VmChange::InstallAgent { .. } => {
                vm.agent = Agent { flag_set: vm.agent.flag_set, ..Agent::GALLERY };
            }
            VmChange::RemoveAgent => vm.agent = Agent { flag_set: vm.agent.flag_set, ..Agent::ABSENT },
            VmChange::UpdateAgent => vm.agent.state = AgentState::Updating,
            VmChange::SetAgentFlag(set) => vm.agent.flag_set = *set,
            VmChange::OldAgent(version) => vm.agent.version = *version,
            VmChange::BreakAgent => vm.agent.state = AgentState::Corrupt,
            VmChange::AgentService(true) if vm.agent.state == AgentState::Stopped => {
                vm.agent.state = AgentState::Ready;
            }
            VmChange::AgentService(false) if vm.agent.state == AgentState::Ready => {
                vm.agent.state = AgentState::Stopped;
            }
            VmChange::AgentResponsive(responsive) => vm.agent.responsive = *responsive,
            VmChange::Nsg(access) => vm.path.nsg = *access,
            VmChange::AddNsgRule => vm.path.nsg = Access::Allow,
            VmChange::Routes(access) => vm.path.routes = *access,
            VmChange::AllowDatacenterRanges | VmChange::NewNetRoute { .. } => vm.path.routes = Access::Allow,
            VmChange::SetProxy(proxy) => vm.path.proxy = *proxy,
            VmChange::AddProxyRule => vm.path.proxy.outbound_allowed = true,
            VmChange::Dhcp(on) => vm.path.dhcp = *on,
            VmChange::JoinNetwork(network) => vm.path.network.clone_from(network),
            _ => {}
        }
    }
}

fn with_disk(vm: &mut Vm, lun: Lun, change: impl FnOnce(&mut Disk)) {
    if let Some(disk) = vm.disks.get_mut(&lun) {
        change(disk);
    }
}

/// Whether a disk of this role may be detached.
pub(super) fn detachable(role: DiskRole) -> bool {
    role != DiskRole::Os
}
