//! Bringing a recovery point back: the request, and whether it can be accepted.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::names::{
    AccountName, GroupName, NetworkName, PointNumber, RegionName, SubnetName, VmIdentity, VmName,
};
use super::platform::{Account, AccountTier, Group, Health, Platform, Replication};
use super::point::RecoveryPoint;
use super::vm::{DeploymentModel, Power};
use crate::advice::AdviceId;

/// Who asks. A script restores disks only (RST-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// The portal: it makes a machine.
    #[default]
    Portal,
    /// A script: disks only.
    Script,
}

/// The group the restored machine goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetGroup {
    /// A new one, named after the machine.
    New,
    /// One that exists.
    Existing(GroupName),
}

/// What to bring back, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// The item.
    pub item: VmIdentity,
    /// Which of its points; its newest when left out.
    #[serde(default)]
    pub point: Option<PointNumber>,
    /// Who asks.
    #[serde(default)]
    pub client: Client,
    /// The name of the restored machine.
    pub name: VmName,
    /// Its group.
    pub group: TargetGroup,
    /// The account its disks go to.
    pub account: AccountName,
    /// Its network, if any.
    #[serde(default)]
    pub network: Option<NetworkName>,
    /// Its subnet, if any.
    #[serde(default)]
    pub subnet: Option<SubnetName>,
}

impl RestoreRequest {
    /// Whether a machine is made, and not only disks.
    pub fn creates_vm(&self) -> bool {
        self.client == Client::Portal
    }

    /// The group of the restored machine; a new one takes the machine's name.
    pub fn target_group(&self) -> Option<GroupName> {
        match &self.group {
            TargetGroup::Existing(name) => Some(name.clone()),
            TargetGroup::New => GroupName::new(self.name.as_str()).ok(),
        }
    }
}

/// Every condition of the 2016 table that stands against `request`, in the order of checks.
///
/// The order decides which is reported; acceptance is that there is none (I-42).
pub fn objections(
    platform: &dyn Platform,
    vault_region: &RegionName,
    point: &RecoveryPoint,
    request: &RestoreRequest,
) -> Vec<AdviceId> {
    let account = platform.account(&request.account);
    let existing = match &request.group {
        TargetGroup::Existing(name) => platform.group(name).map(|group| (name, group)),
        TargetGroup::New => None,
    };
    let creates = request.creates_vm();
    let new_name_taken = creates
        && request.group == TargetGroup::New
        && request.target_group().is_none_or(|name| platform.name_taken(&name));
    let conditions = [
        (AdviceId::Rst13, creates && subnet_missing(platform, request)),
        (
            AdviceId::Rst06,
            creates && network_unfit(platform, vault_region, existing.map(|(_, group)| group), request),
        ),
        (AdviceId::Rst09, account.is_some_and(|account| account.region != *vault_region)),
        (AdviceId::Rst10, account.is_some_and(|account| !storage_kind_accepted(account))),
        (AdviceId::Rst11, account.is_none_or(|account| !storage_online(platform, account))),
        (AdviceId::Rst12, creates && request.group == TargetGroup::New && platform.groups_left() == 0),
        (AdviceId::Rst04, new_name_taken),
        (AdviceId::Rst08, creates && existing.is_some_and(|(_, group)| endpoints_exceeded(group, point))),
        (AdviceId::Rst07, creates && existing.is_some_and(|(_, group)| reserved_ip_unfit(group, point))),
        (AdviceId::Rst01, creates && existing.is_some_and(|(_, group)| group.dns_settings)),
        (
            AdviceId::Rst02,
            creates && existing.is_some_and(|(name, group)| all_stopped(platform, name, group)),
        ),
        (AdviceId::Rst03, creates && existing.is_some_and(|(name, _)| special_network(name, point))),
    ];
    conditions.into_iter().filter(|(_, holds)| *holds).map(|(id, _)| id).collect()
}

fn subnet_missing(platform: &dyn Platform, request: &RestoreRequest) -> bool {
    let (Some(network), Some(subnet)) = (&request.network, &request.subnet) else { return false };
    platform.network(network).is_some_and(|network| !network.subnets.contains(subnet))
}

fn network_unfit(
    platform: &dyn Platform,
    region: &RegionName,
    group: Option<&Group>,
    request: &RestoreRequest,
) -> bool {
    let Some(name) = &request.network else { return false };
    let bound_elsewhere = group.and_then(|group| group.network.as_ref()).is_some_and(|bound| bound != name);
    platform.network(name).is_none_or(|network| network.region != *region) || bound_elsewhere
}

/// Basic or standard, LRS or GRS (LIMIT-07).
fn storage_kind_accepted(account: &Account) -> bool {
    account.tier != AccountTier::Premium && matches!(account.replication, Replication::Lrs | Replication::Grs)
}

fn storage_online(platform: &dyn Platform, account: &Account) -> bool {
    let region = platform.region(&account.region);
    account.online && region.is_none_or(|region| region.storage == Health::Healthy)
}

fn endpoints_exceeded(group: &Group, point: &RecoveryPoint) -> bool {
    group.model == DeploymentModel::Classic
        && group.endpoints_used.saturating_add(point.config.endpoints) > group.endpoints_max
}

fn reserved_ip_unfit(group: &Group, point: &RecoveryPoint) -> bool {
    group.reserved_ip.as_ref().is_some_and(|ip| !point.config.reserved_ips.contains(ip))
}

fn all_stopped(platform: &dyn Platform, name: &GroupName, group: &Group) -> bool {
    let members = platform.group_members(name);
    group.reserved_ip.is_some() && !members.is_empty() && members.iter().all(|vm| vm.power != Power::Running)
}

fn special_network(target: &GroupName, point: &RecoveryPoint) -> bool {
    let source = &point.config;
    point.item.group == *target
        && source.model == DeploymentModel::Classic
        && (source.load_balanced || source.reserved_ips.len() > 1 || source.nics > 1)
}
