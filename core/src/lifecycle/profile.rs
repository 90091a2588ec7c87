//! The rules of an era, as data: every number can be seen, compared and changed.
//!
//! Where no guide fixes a number, the parameter's documentation says *modelled*.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::job::JobKind;
use super::vm::AgentVersion;
pub use crate::advice::ProfileId;
use crate::policy::RetentionLimits;
use crate::time::Span;

/// How a parameter is shown to a person.
trait Shown {
    fn shown(&self) -> String;

    /// Whether rules could have this value.
    fn is_possible(&self) -> bool {
        true
    }
}

/// No rule waits longer than ten years.
const SPAN_MAX: Span = hours(24 * 3_650);

macro_rules! parameters {
    ($($(#[$meta:meta])* $name:ident: $kind:ty = $classic:expr, $recovery:expr;)+) => {
        /// All parameters of a vault's rules.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Profile {
            /// Which set of texts and ids applies.
            pub id: ProfileId,
            $($(#[$meta])* pub $name: $kind,)+
        }

        impl Profile {
            /// The parameters of `id` as the guides give them.
            pub fn of(id: ProfileId) -> Profile {
                match id {
                    ProfileId::Classic2015 => Profile { id, $($name: $classic,)+ },
                    ProfileId::Recovery2016 => Profile { id, $($name: $recovery,)+ },
                }
            }

            /// Every parameter with its value as text, in the order declared.
            pub fn parameters(&self) -> Vec<Parameter> {
                Vec::from([$(Parameter { name: stringify!($name), value: self.$name.shown() },)+])
            }

            /// Whether every span lies between nothing and ten years: rules from a file may say anything.
            pub fn is_possible(&self) -> bool {
                [$(self.$name.is_possible(),)+].iter().all(|possible| *possible)
            }
        }
    };
}

/// One parameter and its value, to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name in the profile.
    pub name: &'static str,
    /// Its value as text.
    pub value: String,
}

/// A parameter on which two profiles differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its name in the profile.
    pub name: &'static str,
    /// Its value in the first.
    pub left: String,
    /// Its value in the second.
    pub right: String,
}

/// How people ask for a restore and what it may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestoreOffer {
    /// Only a new machine; one of the same identity must be deleted first.
    NewVmOnly,
    /// The portal makes a new machine, a script restores disks.
    NewVmOrDisks,
}

/// Minutes as a span.
const fn minutes(minutes: i64) -> Span {
    Span::from_milliseconds(minutes * 60_000)
}

/// Hours as a span.
const fn hours(hours: i64) -> Span {
    minutes(hours * 60)
}

/// Bytes of six disks of 1023 GB: the data one run of 2015 can take.
const SIX_DISKS_BYTES: u64 = 6 * 1_023 * 1_000_000_000;

parameters! {
    /// Only classic machines, or Resource Manager ones too.
    resource_manager_vms: bool = false, true;
    /// Whether discovery and registration are steps a person takes.
    explicit_phases: bool = true, false;
    /// How long discovery takes: "a few minutes", modelled as 5.
    discovery_takes: Span = minutes(5), minutes(5);
    /// Wait after a discovery that failed.
    discovery_retry: Span = minutes(15), minutes(15);
    /// Most data disks, checked when registering or enabling.
    data_disks_max: u32 = 5, 16;
    /// From this many data disks on, copies run out of time.
    copy_risk_data_disks: u32 = 6, 16;
    /// Largest disk, in GB.
    disk_gb_max: u32 = 1_023, 1_023;
    /// Whether premium storage can be backed up.
    premium_supported: bool = false, false;
    /// Whether several network cards can be backed up.
    several_nics_supported: bool = false, true;
    /// Whether machines behind a load balancer can be backed up.
    load_balancer_supported: bool = false, true;
    /// Whether Linux distributions without support are refused.
    refuses_coreos: bool = false, true;
    /// Oldest agent on Windows.
    agent_version_min: AgentVersion = AgentVersion([2, 6, 1_198, 718]), AgentVersion([2, 6, 1_198, 718]);
    /// Whether the agent procedures for Linux are described.
    linux_agent_described: bool = false, true;
    /// Whether a backup can be started by hand.
    on_demand_backup: bool = false, true;
    /// How long a backup started by hand is kept unless a date is chosen, in days.
    on_demand_days: u32 = 30, 30;
    /// Most scheduled runs a day.
    runs_per_day_max: u32 = 1, 1;
    /// Longest span of the one-span retention, in days; none where ranges are used.
    simple_days_max: Option<u32> = Some(30), None;
    /// Most points a policy may keep; modelled.
    points_max: u32 = 9_999, 9_999;
    /// Longest daily or weekly range, in days; modelled.
    span_days_max: u32 = 9_999, 9_999;
    /// Longest yearly range; modelled.
    years_max: u32 = 99, 99;
    /// Most machines of one cloud service that should start together; none where no rule is stated.
    starts_per_cloud_service_max: Option<u32> = None, Some(4);
    /// Minutes between the starts of staggered policies.
    stagger_minutes: u32 = 60, 60;
    /// Load above which snapshots are late, in percent; none where no rule is stated.
    load_threshold_percent: Option<u8> = None, Some(90);
    /// Whether the copy-backup switch for SQL Server is described.
    sql_copy_switch: bool = false, true;
    /// Whether running jobs can be cancelled.
    cancel_supported: bool = false, true;
    /// Which jobs can be cancelled; modelled.
    cancellable: BTreeSet<JobKind> = BTreeSet::new(), [JobKind::Backup, JobKind::Restore].into();
    /// How long stopping a cancelled job takes; modelled.
    cancel_takes: Span = minutes(1), minutes(1);
    /// "A moment" before cancelling again; modelled.
    cancel_retry: Span = minutes(1), minutes(1);
    /// What a restore can make.
    restore: RestoreOffer = RestoreOffer::NewVmOnly, RestoreOffer::NewVmOrDisks;
    /// Whether the table of restore errors applies.
    restore_errors: bool = false, true;
    /// Longest transfer; modelled. A policy may set a shorter window.
    copy_deadline: Span = hours(24), hours(24);
    /// Longest backup as a whole, except the first of a machine.
    backup_deadline: Span = hours(24), hours(24);
    /// Longest snapshot; modelled.
    snapshot_deadline: Span = minutes(20), minutes(20);
    /// Longest installation of the extension; modelled.
    install_deadline: Span = minutes(20), minutes(20);
    /// Whether rules for network groups, proxies and DHCP are described.
    network_groups: bool = false, true;
    /// Bytes one run can send; none where no such ceiling is known; modelled.
    data_ceiling_bytes: Option<u64> = Some(SIX_DISKS_BYTES), None;
    /// Hours the dashboard looks back.
    dashboard_hours: u32 = 24, 24;
    /// Most machines of a vault.
    vms_per_vault_max: u32 = 100, 200;
    /// Most vaults of a subscription.
    vaults_max: u32 = 25, 25;
    /// "A few minutes" before a backup or registration is tried again; modelled.
    retry: Span = minutes(5), minutes(5);
    /// From creation of a job to its start; modelled.
    job_start_takes: Span = minutes(1), minutes(1);
    /// Longest random delay of a scheduled start; modelled.
    start_jitter: Span = minutes(0), minutes(0);
    /// How long ended jobs are remembered; modelled.
    jobs_kept: Span = hours(24 * 30), hours(24 * 30);
}

impl Profile {
    /// The limits on retention.
    pub fn retention_limits(&self) -> RetentionLimits {
        RetentionLimits {
            simple_days_max: self.simple_days_max,
            points_max: self.points_max,
            span_days_max: self.span_days_max,
            years_max: self.years_max,
        }
    }

    /// Whether the rules of 2015 give the ids.
    pub fn is_classic(&self) -> bool {
        self.id == ProfileId::Classic2015
    }

    /// The parameters on which this profile and `other` differ.
    pub fn differences(&self, other: &Profile) -> Vec<Difference> {
        let pairs = self.parameters().into_iter().zip(other.parameters());
        let differing = pairs.filter(|(left, right)| left.value != right.value);
        differing
            .map(|(left, right)| Difference { name: left.name, left: left.value, right: right.value })
            .collect()
    }
}

impl Shown for bool {
    fn shown(&self) -> String {
        if *self { "yes" } else { "no" }.to_string()
    }
}

impl Shown for u8 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for u32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for u64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for Span {
    fn shown(&self) -> String {
        alloc::format!("{} min", self.milliseconds() / 60_000)
    }

    fn is_possible(&self) -> bool {
        (Span::ZERO..=SPAN_MAX).contains(self)
    }
}

impl Shown for AgentVersion {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for RestoreOffer {
    fn shown(&self) -> String {
        match self {
            RestoreOffer::NewVmOnly => "new virtual machine only",
            RestoreOffer::NewVmOrDisks => "new virtual machine, or disks by script",
        }
        .to_string()
    }
}

impl Shown for BTreeSet<JobKind> {
    fn shown(&self) -> String {
        let names: Vec<&str> = self.iter().map(|kind| kind.name()).collect();
        names.join(", ")
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_string(), Shown::shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profiles_differ_where_the_guides_differ() {
        let classic = Profile::of(ProfileId::Classic2015);
        let recovery = Profile::of(ProfileId::Recovery2016);
        let differing: Vec<&str> =
            classic.differences(&recovery).iter().map(|difference| difference.name).collect();
        assert_eq!(
            differing,
            [
                "resource_manager_vms",
                "explicit_phases",
                "data_disks_max",
                "copy_risk_data_disks",
                "several_nics_supported",
                "load_balancer_supported",
                "refuses_coreos",
                "linux_agent_described",
                "on_demand_backup",
                "simple_days_max",
                "starts_per_cloud_service_max",
                "load_threshold_percent",
                "sql_copy_switch",
                "cancel_supported",
                "cancellable",
                "restore",
                "restore_errors",
                "network_groups",
                "data_ceiling_bytes",
                "vms_per_vault_max",
            ]
        );
        assert_eq!(classic.differences(&classic), []);
    }

    #[test]
    fn a_profile_reads_back_and_unknown_parameters_are_refused() {
        let profile = Profile::of(ProfileId::Recovery2016);
        let text = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
        let more = text.replacen('{', "{\"unknown\":1,", 1);
        assert!(serde_json::from_str::<Profile>(&more).is_err());
    }
}
