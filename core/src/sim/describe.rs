//! Events as lines a person reviews.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::event::{Event, Record};
use crate::advice::AdviceId;
use crate::lifecycle::VaultEvent;
use crate::policy::{DAY_MILLISECONDS, Date};
use crate::time::Instant;

/// A moment as `2015-05-26 22:00:05`, in UTC.
pub fn moment(at: Instant) -> String {
    let milliseconds = at.unix_milliseconds();
    let date = Date::from_unix_days(milliseconds.div_euclid(DAY_MILLISECONDS));
    let second = milliseconds.rem_euclid(DAY_MILLISECONDS) / 1_000;
    format!("{date} {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

fn ids(ids: &[AdviceId]) -> String {
    let codes: Vec<&str> = ids.iter().map(|id| id.code()).collect();
    codes.join(" ")
}

/// One line about `record`, its moment first.
pub fn describe(record: &Record) -> String {
    let what = match &record.event {
        Event::TimePassed => "time passed".to_string(),
        Event::Vault(vault, event) => format!("{vault}: {}", describe_vault(event)),
        Event::VmCreated(vm, disks) => format!("machine {} created, {} disks", vm.identity, disks.len()),
        Event::VmDeleted(vm) => format!("machine {vm} deleted"),
        Event::VmChanged(vm, change) => format!("machine {vm}: {}", name_of(change)),
        Event::BlocksWritten { vm, lun, start, count } => {
            format!("machine {vm}: disk {} blocks {start}+{count} written", lun.0)
        }
        Event::BlocksCopied { vm, lun, from, start, count } => {
            format!("machine {vm}: disk {} blocks {from}+{count} copied to {start}", lun.0)
        }
        Event::DiskAttached(vm, lun, ..) => format!("machine {vm}: disk {} attached", lun.0),
        Event::VaultCreated(name, region, profile) => {
            format!("vault {name} created in {region}, {}", profile.id)
        }
        Event::RegionSet(name, _) => format!("region {name}"),
        Event::GroupSet(name, _) => format!("group {name}"),
        Event::AccountSet(name, _) => format!("account {name}"),
        Event::NetworkSet(name, _) => format!("network {name}"),
        other => name_of(other),
    };
    format!("{}  {what}", moment(record.at))
}

fn describe_vault(event: &VaultEvent) -> String {
    match event {
        VaultEvent::JobCreated { job, kind, item, trigger, .. } => {
            format!("job {job} created: {} {item} ({})", kind.name(), name_of(trigger))
        }
        VaultEvent::JobStarted { job } => format!("job {job} started"),
        VaultEvent::TaskStarted { job, task } => format!("job {job} task {} started", name_of(task)),
        VaultEvent::TaskCompleted { job, task } => format!("job {job} task {} completed", name_of(task)),
        VaultEvent::PhaseEntered { job, phase, ends } => {
            format!("job {job} {} until {}", name_of(phase), moment(*ends))
        }
        VaultEvent::PhaseDoomed { job, doom } => format!("job {job} will fail with {}", doom.id),
        VaultEvent::JobCompleted { job } => format!("job {job} completed"),
        VaultEvent::JobCompletedWithWarnings { job, warnings } => {
            format!("job {job} completed with warnings {}", ids(warnings))
        }
        VaultEvent::JobFailed { job, id, causes, .. } => format!("job {job} FAILED {id} <- {}", ids(causes)),
        VaultEvent::JobCancelled { job } => format!("job {job} cancelled"),
        VaultEvent::CancelRequested { job, .. } => format!("job {job} asked to stop"),
        VaultEvent::CancelFailed { job } => format!("job {job} could not be stopped"),
        VaultEvent::SnapshotDelayed { job, cause, by } => {
            format!("job {job} snapshot late by {} min: {cause}", by.milliseconds() / 60_000)
        }
        VaultEvent::SnapshotTaken { job, consistency, .. } => {
            format!("job {job} snapshot {}", consistency.advice())
        }
        VaultEvent::DeltaComputed { job, work } => {
            format!("job {job} {}: read {} send {} bytes", name_of(&work.method), work.read, work.send)
        }
        VaultEvent::BlocksTransferred { job, bytes } => format!("job {job} sent {bytes} bytes"),
        VaultEvent::PointCreated { point } => {
            format!("point {} of {} kept until {}", point.number, point.item, moment(point.expiry))
        }
        VaultEvent::PointPruned { item, point } => format!("point {point} of {item} pruned"),
        VaultEvent::VmListed { item, .. } => format!("{item} listed"),
        VaultEvent::DiscoveryCompleted { found, new } => format!("discovery found {found}, {new} new"),
        VaultEvent::RegistrationFailed { item, id } => format!("{item} not registered: {id}"),
        VaultEvent::ItemRegistered { item } => format!("{item} registered"),
        VaultEvent::PolicyAssigned { item, policy } => format!("{item} uses policy {policy}"),
        VaultEvent::ProtectionStopped { item } => format!("{item} stopped, points kept"),
        VaultEvent::DataDeleted { item } => format!("{item} stopped, points deleted"),
        VaultEvent::AlertRaised { item, kind, .. } => format!("alert about {item}: {}", name_of(kind)),
        VaultEvent::AlertSuppressed { item, id } => format!("no alert about {item}: {id} is known"),
        VaultEvent::RestoreCompleted { job, point, vm } => match vm {
            Some(vm) => format!("job {job} restored point {point} as {vm}"),
            None => format!("job {job} restored the disks of point {point}"),
        },
        VaultEvent::RunDue { policy } => format!("policy {policy} is due"),
        VaultEvent::ItemRefused { item, id } => {
            format!("{item} refused: {}", id.map_or("senseless", AdviceId::code))
        }
        other => name_of(other),
    }
}

/// The written name of an event or change, with its fields where they are plain.
fn name_of(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let text = text.trim_matches(|character| matches!(character, '{' | '}' | '"'));
    text.replace('"', "")
}
