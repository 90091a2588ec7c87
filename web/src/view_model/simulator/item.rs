//! Item: protected items, and what can be asked of several at once.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{
    Item, PolicyState, Protection, Registration, VaultCommand, VaultName, VmIdentity,
};
use vhault_core::sim::{Command, moment};
use vhault_core::time::{Instant, Span};

use super::happening::of_refusal;
use super::job::of_status;
use crate::simulator::Simulator;
use crate::text::Both;
use crate::view_model::number;
use crate::view_model::tone::Tone;

/// An item as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub vault: VaultName,
    /// The machine.
    pub item: VmIdentity,
    /// How far registration is.
    pub registration: Both,
    /// How far protection is.
    pub protection: Both,
    /// What that means.
    pub tone: Tone,
    /// Its policy.
    pub policy: Option<String>,
    /// How the last backup ended, and when.
    pub last: Option<(Both, Tone, String, Option<AdviceId>)>,
    /// The newest point's moment.
    pub newest: Option<String>,
    /// How many points.
    pub points: usize,
    /// The next run.
    pub next_run: Option<String>,
    /// What its copy will send, how long that takes, and what is known to go wrong with it.
    pub expected: Option<(Both, Option<AdviceId>)>,
    /// Whether a run that should have ended by now left no point.
    pub is_late: bool,
    /// Bytes sent to make its points.
    pub sent_bytes: u64,
    /// What its rules hold against it.
    pub flags: Vec<AdviceId>,
}

/// What can be asked of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Back up now.
    BackUp,
    /// Stop, keep the points.
    Stop,
    /// Stop, delete the points.
    Delete,
    /// Attach the extension and associate.
    Register,
    /// Undo that.
    Unregister,
}

impl Ask {
    /// What can be asked of protected items.
    pub const PROTECTED: [Ask; 3] = [Ask::BackUp, Ask::Stop, Ask::Delete];
    /// What can be asked of known ones.
    pub const REGISTERED: [Ask; 2] = [Ask::Register, Ask::Unregister];

    /// The command for one item.
    pub fn of(self, vault: &VaultName, item: &VmIdentity) -> Command {
        let item = item.clone();
        let command = match self {
            Ask::BackUp => VaultCommand::BackupNow { item, retain_until: None },
            Ask::Stop => VaultCommand::StopProtection { item, retain: true },
            Ask::Delete => VaultCommand::StopProtection { item, retain: false },
            Ask::Register => VaultCommand::Register { items: vec![item] },
            Ask::Unregister => VaultCommand::Unregister { item },
        };
        Command::Vault { vault: vault.clone(), command }
    }
}

/// Why none of `items` would take it; `None` when one would, or none is chosen.
pub fn refusal(simulator: &Simulator, ask: Ask, items: &[(VaultName, VmIdentity)]) -> Option<Both> {
    let mut first = None;
    for (vault, item) in items {
        match simulator.check(&ask.of(vault, item)) {
            Ok(()) => return None,
            Err(why) => first = first.or_else(|| Some(of_refusal(&why))),
        }
    }
    first
}

/// What asking one of several items came to: the item, and why not.
pub type Answer = (VmIdentity, Option<Both>);

/// Asks it of each item by itself; one refusal keeps no other from it.
pub fn ask(simulator: &mut Simulator, ask: Ask, items: &[(VaultName, VmIdentity)]) -> Vec<Answer> {
    let one = |(vault, item): &(VaultName, VmIdentity)| {
        let refused = simulator.submit(ask.of(vault, item)).err();
        (item.clone(), refused.map(|refusal| of_refusal(&refusal)))
    };
    items.iter().map(one).collect()
}

/// The items of all vaults.
pub fn rows(simulator: &Simulator) -> Vec<Row> {
    let vaults = simulator.world().vaults.iter();
    vaults
        .flat_map(|(vault, state)| {
            state.catalogue.items.values().map(move |item| row(simulator, vault, item))
        })
        .collect()
}

/// Whether the first run after the newest point should have made another by now.
///
/// A run that the schedule gave and that had its whole window counts; a
/// machine without any point waits for its first and is not late.
fn is_late(simulator: &Simulator, state: Option<&PolicyState>, newest: Option<Instant>) -> bool {
    let (Some(state), Some(newest)) = (state, newest) else { return false };
    let next = state.policy.schedule.next_after(newest);
    let due = next.and_then(|next| next.checked_add(Span::from_milliseconds(24 * 3_600_000)));
    due.is_some_and(|due| due < simulator.now())
}

/// How far protection is, and what that means.
pub fn of_protection(protection: Protection) -> (Both, Tone) {
    let (en, ko, tone) = match protection {
        Protection::NotProtected => ("Not protected", "보호 안 됨", Tone::Quiet),
        Protection::Configuring => ("Configuring", "구성 중", Tone::Info),
        Protection::PendingInitial => {
            ("Protected (pending initial backup)", "보호됨(초기 백업 보류 중)", Tone::Warn)
        }
        Protection::Protected => ("Protected", "보호됨", Tone::Good),
        Protection::StoppedRetained => ("Stopped, points kept", "중지됨, 지점 보존", Tone::Quiet),
    };
    (Both::new(en, ko), tone)
}

/// How far registration is.
pub fn of_registration(registration: Registration) -> Both {
    match registration {
        Registration::Unregistered => Both::new("Discovered", "검색됨"),
        Registration::Registering => Both::new("Registering", "등록 중"),
        Registration::Registered => Both::new("Registered", "등록됨"),
        Registration::Failed(id) => {
            Both::new(format!("Failed: {}", id.code()), format!("실패: {}", id.code()))
        }
    }
}

/// What the next copy comes to, as the copy's own estimate tells.
fn expected(simulator: &Simulator, vault: &VaultName, item: &Item) -> Option<(Both, Option<AdviceId>)> {
    if !item.is_scheduled() {
        return None;
    }
    let outlook = simulator.world().copy_outlook(vault, &item.identity)?;
    let estimate = outlook.estimate;
    let bytes = number::bytes(estimate.disks.iter().map(|disk| disk.work.new_bytes).sum());
    let takes = number::span(u64::try_from(estimate.whole.milliseconds() / 1_000).unwrap_or(0));
    let words =
        Both::new(format!("{bytes} to send, about {takes}"), format!("보낼 양 {bytes}, 예상 시간 {takes}"));
    Some((words, estimate.advice))
}

fn row(simulator: &Simulator, vault: &VaultName, item: &Item) -> Row {
    let catalogue = &simulator.world().vaults[vault].catalogue;
    let (protection, tone) = of_protection(item.protection);
    let last = item.last_backup.map(|last| {
        let (words, tone) = of_status(last.status);
        (words, tone, moment(last.at), last.error)
    });
    let newest = catalogue.newest_point(item).map(|point| point.finished);
    let state = item.policy.as_ref().and_then(|name| catalogue.policies.get(name));
    let points = item.points.iter().filter_map(|number| catalogue.points.get(number));
    Row {
        vault: vault.clone(),
        item: item.identity.clone(),
        registration: of_registration(item.registration),
        protection,
        tone: if item.action_required() { Tone::Bad } else { tone },
        policy: item.policy.as_ref().map(ToString::to_string),
        last,
        newest: newest.map(moment),
        points: item.points.len(),
        is_late: is_late(simulator, state.filter(|_| item.is_scheduled()), newest),
        next_run: state.filter(|_| item.is_scheduled()).and_then(|state| state.next_run).map(moment),
        expected: expected(simulator, vault, item),
        sent_bytes: points.map(|point| point.sent.get()).sum(),
        flags: item.flags.iter().copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{VmChange, scenarios, stage};

    #[test]
    fn an_item_is_late_once_a_run_had_its_window_and_left_no_point() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        simulator.submit(stage::change("shop/web", VmChange::RemoveAgent)).unwrap();
        let hours = |count: i64| Span::from_milliseconds(count * 3_600_000);
        let begun = simulator.now();
        let late = |simulator: &Simulator| rows(simulator).iter().map(|row| row.is_late).collect::<Vec<_>>();
        simulator.run_to(begun.checked_add(hours(24)).unwrap(), &mut || true).unwrap();
        assert_eq!(late(&simulator), [false, false]);
        simulator.run_to(begun.checked_add(hours(48)).unwrap(), &mut || true).unwrap();
        assert_eq!(late(&simulator), [false, true]);
    }

    #[test]
    fn rows_tell_what_the_catalogue_holds() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let rows = rows(&simulator);
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.tone == Tone::Good && row.points == 1 && row.next_run.is_some()));
    }

    #[test]
    fn a_bulk_action_answers_for_each_item_by_itself() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let mut items: Vec<_> = rows(&simulator).into_iter().map(|row| (row.vault, row.item)).collect();
        items.insert(1, (items[0].0.clone(), "shop/nobody".parse().unwrap()));
        let answers = ask(&mut simulator, Ask::Stop, &items);
        let refused: Vec<bool> = answers.iter().map(|(_, why)| why.is_some()).collect();
        assert_eq!(refused, [false, true, false]);
        simulator.run_to(simulator.aim_limit(), &mut || true).unwrap();
        assert!(rows(&simulator).iter().all(|row| row.protection.en.starts_with("Stopped")));
        // In 2015 there is no backup by hand, and the answer says so before it is asked.
        assert!(refusal(&simulator, Ask::BackUp, &items[..1]).unwrap().en.contains("PROT-09"));
        assert_eq!(refusal(&simulator, Ask::Delete, &items[..1]), None);
        let answers = ask(&mut simulator, Ask::BackUp, &items[..1]);
        assert!(answers[0].1.is_some());
    }
}
