//! What stands against an operation, in a fixed order, so that one state gives one answer.

use alloc::vec::Vec;

use super::catalogue::Catalogue;
use super::platform::{FaultPoint, Platform};
use super::profile::Profile;
use super::vm::{Access, AgentState, DeploymentModel, Extension, OsFamily, Power, Vm};
use crate::advice::AdviceId;
use crate::time::{Instant, Span};

/// An error and what is behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) id: AdviceId,
    pub(super) causes: Vec<AdviceId>,
}

impl Fault {
    pub(super) fn new(id: AdviceId, causes: impl IntoIterator<Item = AdviceId>) -> Fault {
        Fault { id, causes: causes.into_iter().collect() }
    }
}

/// Picks the id the profile gives to one and the same failure.
pub(super) fn by_era(profile: &Profile, classic: AdviceId, recovery: AdviceId) -> AdviceId {
    if profile.is_classic() { classic } else { recovery }
}

/// Whether the platform of a vault's region is well enough to answer.
pub(super) fn region_trouble(catalogue: &Catalogue, platform: &dyn Platform) -> bool {
    platform.region(&catalogue.region).is_some_and(|region| !region.is_healthy())
}

/// Checks 3 of the backup order: an injected fault, or the region in trouble.
pub(super) fn internal_fault(catalogue: &Catalogue, platform: &dyn Platform) -> Option<Fault> {
    let trouble = region_trouble(catalogue, platform) || platform.fault(FaultPoint::Backup);
    trouble.then(|| Fault::new(by_era(&catalogue.profile, AdviceId::Bkp06, AdviceId::Bkp14), []))
}

/// Check 5: premium storage the profile does not take.
pub(super) fn premium(profile: &Profile, vm: &Vm) -> Option<Fault> {
    let refused = vm.has_premium_disk() && !profile.premium_supported;
    let cause = profile.is_classic().then_some(AdviceId::Limit06);
    refused.then(|| Fault::new(by_era(profile, AdviceId::Bkp06, AdviceId::Bkp17), cause))
}

/// What a look at the guest says before a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guest {
    /// The machine is off: a crash-consistent snapshot needs no guest.
    Off,
    /// The job fails now.
    Fails(Fault),
    /// The job fails when its snapshot runs out of time.
    Stalls(Fault),
    /// The snapshot can be taken.
    Ready {
        /// Whether the extension has to be installed or updated first.
        installs: bool,
    },
}

/// Checks 6 to 12 of the backup order.
pub(super) fn guest(profile: &Profile, platform: &dyn Platform, vm: &Vm) -> Guest {
    if !vm.is_running() {
        // The service of 2016 believes the reported state and waits for a guest that is off.
        let misled = !profile.is_classic() && vm.reported == Power::Running;
        return if misled {
            Guest::Stalls(Fault::new(AdviceId::Bkp10, [AdviceId::Snap04]))
        } else {
            Guest::Off
        };
    }
    let installed = matches!(vm.extension, Extension::Installed(_));
    if !vm.agent.installed() {
        let id = if installed && !profile.is_classic() { AdviceId::Bkp19 } else { AdviceId::Bkp07 };
        return Guest::Fails(Fault::new(id, [AdviceId::Agent02]));
    }
    if !vm.agent.flag_set {
        return Guest::Fails(Fault::new(AdviceId::Bkp07, [AdviceId::Agent04]));
    }
    if vm.agent_outdated(profile.agent_version_min) {
        return stale_agent(profile, Some(AdviceId::Agent10));
    }
    if matches!(vm.agent.state, AgentState::Stopped | AgentState::Corrupt) {
        return stale_agent(profile, None);
    }
    let installs = vm.extension != Extension::Installed(platform.extension_latest());
    let com_down = vm.os == OsFamily::Windows && !(vm.complus_running && vm.msdtc_running);
    if installs && com_down {
        let id = by_era(profile, AdviceId::Bkp05, AdviceId::Bkp15);
        return Guest::Fails(Fault::new(id, []));
    }
    let unreachable = by_era(profile, AdviceId::Bkp05, AdviceId::Bkp10);
    if !platform.egress_open(vm) {
        let symptom = if installed { AdviceId::Net03 } else { AdviceId::Net02 };
        let mut causes = Vec::from([symptom]);
        causes.extend(network_causes(profile, platform, vm));
        return Guest::Stalls(Fault { id: unreachable, causes });
    }
    if !vm.agent.responsive || vm.bad_state {
        let cause = (vm.bad_state && !profile.is_classic()).then_some(AdviceId::Agent11);
        return Guest::Stalls(Fault::new(unreachable, cause));
    }
    Guest::Ready { installs }
}

/// An agent that is too old or does not run: at once in 2016, a time-out in 2015.
fn stale_agent(profile: &Profile, cause: Option<AdviceId>) -> Guest {
    if profile.is_classic() {
        Guest::Stalls(Fault::new(AdviceId::Bkp05, cause))
    } else {
        Guest::Fails(Fault::new(AdviceId::Bkp11, cause))
    }
}

/// Why the path from a guest is closed, nearest cause first.
pub(super) fn network_causes(profile: &Profile, platform: &dyn Platform, vm: &Vm) -> Vec<AdviceId> {
    let path = &vm.path;
    let mut causes = Vec::new();
    if !path.dhcp && profile.network_groups {
        causes.push(AdviceId::Net12);
    }
    if !platform.names_resolve(vm) {
        causes.push(AdviceId::Net05);
    } else if !path.direct_allowed() && !path.proxy_allowed() {
        causes.push(AdviceId::Net06);
    }
    if profile.network_groups && path.nsg == Access::Deny && !path.proxy_allowed() {
        causes.push(AdviceId::Snap02);
    }
    if profile.network_groups && path.proxy.configured && !path.proxy.outbound_allowed {
        causes.push(AdviceId::Net11);
    }
    causes
}

/// Check 13: what makes a snapshot late, and by how much.
pub(super) fn delays(profile: &Profile, platform: &dyn Platform, vm: &Vm) -> Vec<(AdviceId, Span)> {
    let minutes = |minutes: i64| Span::from_milliseconds(minutes * 60_000);
    let mut delays = Vec::new();
    if profile.sql_copy_switch && vm.os == OsFamily::Windows && vm.sql_backup && !vm.vss_copy_backup {
        delays.push((AdviceId::Snap03, minutes(5)));
    }
    let crowd = platform.snapshots_running(&vm.identity.group) + 1;
    let classic = vm.model == DeploymentModel::Classic;
    if let Some(max) = profile.starts_per_cloud_service_max.filter(|max| classic && crowd > *max) {
        delays.push((AdviceId::Snap05, minutes(5 * i64::from(crowd - max))));
    }
    if let Some(threshold) = profile.load_threshold_percent {
        let steps = |load: u8| i64::from(load.saturating_sub(threshold).div_ceil(5));
        let steps = steps(vm.cpu_percent) + steps(vm.memory_percent);
        if steps > 0 {
            delays.push((AdviceId::Snap06, minutes(10 * steps)));
        }
    }
    delays
}

/// Checks 14 and 15 as far as they fail the job; writers only lower the level.
pub(super) fn shadow_copy(profile: &Profile, vm: &Vm) -> Option<Fault> {
    if !vm.is_running() || vm.os != OsFamily::Windows {
        return None;
    }
    if vm.backed_up_disks().any(|(_, disk)| disk.bitlocker_locked) {
        return Some(Fault::new(by_era(profile, AdviceId::Bkp05, AdviceId::Bkp16), []));
    }
    let broken = !vm.vss.service_running;
    broken.then(|| Fault::new(by_era(profile, AdviceId::Bkp05, AdviceId::Bkp15), []))
}

/// Checks of a registration, when its installation step ends.
pub(super) fn registration(profile: &Profile, platform: &dyn Platform, vm: &Vm) -> Option<Fault> {
    if !vm.is_running() {
        return Some(Fault::new(AdviceId::Reg12, []));
    }
    if vm.data_disks() > profile.data_disks_max {
        return Some(Fault::new(AdviceId::Reg13, [AdviceId::Limit01]));
    }
    let unsupported = unsupported_hardware(profile, vm);
    if unsupported || platform.fault(FaultPoint::Register) {
        return Some(Fault::new(AdviceId::Reg14, unsupported.then_some(AdviceId::Limit06)));
    }
    let corrupt = matches!(vm.agent.state, AgentState::Absent | AgentState::Corrupt);
    if corrupt || vm.agent_outdated(profile.agent_version_min) {
        let cause = if vm.agent.installed() { AdviceId::Agent10 } else { AdviceId::Agent02 };
        return Some(Fault::new(AdviceId::Reg15, [cause]));
    }
    (!vm.os_supported).then(|| Fault::new(AdviceId::Reg16, []))
}

/// Premium storage, several network cards or a load balancer where they are not supported.
pub(super) fn unsupported_hardware(profile: &Profile, vm: &Vm) -> bool {
    (vm.has_premium_disk() && !profile.premium_supported)
        || (vm.nics > 1 && !profile.several_nics_supported)
        || (vm.load_balanced && !profile.load_balancer_supported)
}

/// The first moment at which what failed with `id` may be tried again by hand.
pub(super) fn not_before(profile: &Profile, id: AdviceId, now: Instant) -> Option<super::item::NotBefore> {
    id.entry().retry.wait()?;
    let at = now.checked_add(profile.retry)?;
    Some(super::item::NotBefore { id, at })
}
