//! Culprit: the deed behind what an entry of the catalogue says.
//!
//! An entry names a condition of the world, such as a closed network. What
//! brought that condition about is the newest event that can have done so; a
//! condition a machine was made with came with the machine.

use alloc::vec::Vec;

use super::super::change::{ShutdownFrom, VmChange};
use super::super::event::{Event, Record};
use crate::advice::AdviceId;
use crate::lifecycle::{Access, FaultPoint, StorageType, VaultEvent, VmIdentity, WriterState};

/// The places of the events behind `ids` about `item`, oldest first.
pub(super) fn culprits(history: &[Record], item: Option<&VmIdentity>, ids: &[AdviceId]) -> Vec<usize> {
    let mut places: Vec<usize> = ids.iter().filter_map(|id| culprit(history, item, *id)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn culprit(history: &[Record], item: Option<&VmIdentity>, id: AdviceId) -> Option<usize> {
    let newest = |test: &dyn Fn(&Event) -> bool| history.iter().rposition(|record| test(&record.event));
    newest(&|event| brings(event, item, id)).or_else(|| {
        let came_so = |event: &Event| matches!(event, Event::VmCreated(vm, _) if Some(&vm.identity) == item);
        is_of_machine(id).then(|| newest(&came_so)).flatten()
    })
}

/// Whether `event` can have brought about what `id` says of `item`.
fn brings(event: &Event, item: Option<&VmIdentity>, id: AdviceId) -> bool {
    match event {
        Event::VmChanged(vm, change) => Some(vm) == item && changes(change, id),
        Event::VmDeleted(vm) => {
            let gone = [AdviceId::Bkp06, AdviceId::Bkp09, AdviceId::Bkp12, AdviceId::Bkp18];
            Some(vm) == item && gone.contains(&id)
        }
        Event::DiskAttached(vm, ..) => {
            let many = [AdviceId::Limit01, AdviceId::Limit02, AdviceId::Reg13];
            Some(vm) == item && many.contains(&id)
        }
        Event::AgentUpdateStarted(vm, _) => Some(vm) == item && id == AdviceId::Agent07,
        Event::FaultInjected(point) => match point {
            FaultPoint::Discovery => id == AdviceId::Disc06,
            FaultPoint::Register => id == AdviceId::Reg14,
            FaultPoint::Backup => matches!(id, AdviceId::Bkp06 | AdviceId::Bkp14),
            FaultPoint::Cancel => id == AdviceId::Cancel04,
        },
        Event::RegionSet(_, region) => {
            !region.is_healthy() && matches!(id, AdviceId::Bkp06 | AdviceId::Bkp14)
        }
        Event::NetworkSet(_, network) => !network.resolves_platform && id == AdviceId::Net05,
        Event::NameTaken(_) => id == AdviceId::Rst04,
        Event::GroupQuotaSet(_) => id == AdviceId::Rst12,
        Event::GroupSet(_, group) => match id {
            AdviceId::Rst01 => group.dns_settings,
            AdviceId::Rst02 | AdviceId::Rst07 => group.reserved_ip.is_some(),
            AdviceId::Rst08 => group.endpoints_used > 0,
            _ => false,
        },
        Event::AccountSet(_, account) => id == AdviceId::Rst11 && !account.online,
        Event::ThroughputSet(_) => matches!(id, AdviceId::Bkp04 | AdviceId::Bkp13),
        Event::Vault(
            _,
            VaultEvent::PolicyCreated { policy, .. } | VaultEvent::PolicyUpdated { policy, .. },
        ) => policy.copy_window.is_some() && matches!(id, AdviceId::Bkp04 | AdviceId::Bkp13),
        Event::Vault(_, VaultEvent::JobCreated { item: held, .. }) => {
            Some(held) == item && matches!(id, AdviceId::Job01)
        }
        _ => false,
    }
}

/// Whether `change` can have brought about what `id` says.
fn changes(change: &VmChange, id: AdviceId) -> bool {
    use AdviceId as Id;
    match change {
        VmChange::Dhcp(false) => id == Id::Net12,
        VmChange::JoinNetwork(_) => id == Id::Net05,
        VmChange::Routes(Access::Deny) => id == Id::Net06,
        VmChange::Nsg(Access::Deny) => matches!(id, Id::Net06 | Id::Snap02),
        VmChange::SetProxy(proxy) => !proxy.outbound_allowed && id == Id::Net11,
        VmChange::RemoveAgent => matches!(id, Id::Agent02 | Id::Bkp07 | Id::Bkp19 | Id::Reg15),
        VmChange::SetAgentFlag(false) => matches!(id, Id::Agent04 | Id::Bkp07),
        VmChange::OldAgent(_) => matches!(id, Id::Agent10 | Id::Bkp11 | Id::Reg15),
        VmChange::BreakAgent => matches!(id, Id::Bkp05 | Id::Bkp11 | Id::Reg15),
        VmChange::AgentService(false) => matches!(id, Id::Bkp05 | Id::Bkp11),
        VmChange::AgentResponsive(false) => matches!(id, Id::Bkp05 | Id::Bkp10),
        VmChange::BadState => matches!(id, Id::Agent11 | Id::Bkp05 | Id::Bkp10),
        VmChange::Services { complus, msdtc } => !(*complus && *msdtc) && matches!(id, Id::Bkp05 | Id::Bkp15),
        VmChange::VssService(false) => matches!(id, Id::Bkp05 | Id::Bkp15),
        VmChange::Bitlocker { locked: true, .. } => matches!(id, Id::Bkp05 | Id::Bkp16),
        VmChange::MoveDisk { storage: StorageType::PremiumLrs, .. } => {
            matches!(id, Id::Limit06 | Id::Bkp06 | Id::Bkp17 | Id::Reg14)
        }
        VmChange::Nics(count) => *count > 1 && matches!(id, Id::Limit06 | Id::Reg14 | Id::Rst03),
        VmChange::LoadBalanced(true) => matches!(id, Id::Limit06 | Id::Reg14 | Id::Rst03),
        VmChange::ReservedIps(ips) => !ips.is_empty() && matches!(id, Id::Rst02 | Id::Rst03),
        VmChange::Fragment { .. } => matches!(id, Id::Bkp04 | Id::Bkp13),
        VmChange::Stop { from } => match id {
            Id::Snap04 => *from == ShutdownFrom::Guest,
            _ => matches!(id, Id::Reg12 | Id::Cons04),
        },
        VmChange::SqlBackup(true) | VmChange::CopyBackup(false) => id == Id::Snap03,
        VmChange::Load { .. } => id == Id::Snap06,
        VmChange::OsSupported(false) => id == Id::Reg16,
        VmChange::Writer { state, .. } => *state != WriterState::Stable && id == Id::Cons03,
        VmChange::FreezeSeconds(_) => id == Id::Cons03,
        VmChange::Span { spans: true, .. } => id == Id::Cons05,
        VmChange::Database(true) => id == Id::Cons06,
        _ => false,
    }
}

/// Whether a machine can have been made the way `id` says.
fn is_of_machine(id: AdviceId) -> bool {
    use AdviceId as Id;
    matches!(
        id,
        Id::Net05
            | Id::Net06
            | Id::Net11
            | Id::Net12
            | Id::Snap02
            | Id::Snap03
            | Id::Snap06
            | Id::Agent02
            | Id::Agent04
            | Id::Agent10
            | Id::Agent11
            | Id::Limit01
            | Id::Limit02
            | Id::Limit06
            | Id::Reg12
            | Id::Reg13
            | Id::Reg15
            | Id::Reg16
            | Id::Bkp16
            | Id::Rst03
            | Id::Bkp17
            | Id::Cons04
            | Id::Cons05
            | Id::Cons06
    )
}
