//! Home: in one sentence, how everything stands.

use vhault_core::lifecycle::{Protection, Registration};

use crate::simulator::Simulator;
use crate::text::Both;
use crate::view_model::tone::Tone;

/// How everything stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In one sentence.
    pub words: Both,
    /// What that means.
    pub tone: Tone,
}

/// How everything stands, over all vaults.
pub fn standing(simulator: &Simulator) -> Standing {
    let world = simulator.world();
    if world.vaults.is_empty() {
        let words = Both::new(
            "There is no vault yet: let time pass, or choose a story.",
            "아직 자격 증명 모음이 없습니다. 시간을 흘려보내거나 이야기를 고르세요.",
        );
        return Standing { words, tone: Tone::Quiet };
    }
    let machines = world.vms.len();
    let items: Vec<_> = world.vaults.values().flat_map(|vault| vault.catalogue.items.values()).collect();
    let protected = items.iter().filter(|item| item.is_scheduled()).count();
    let waiting = items.iter().filter(|item| item.protection == Protection::PendingInitial).count();
    let needs = items
        .iter()
        .filter(|item| item.action_required() || matches!(item.registration, Registration::Failed(_)))
        .count();
    let (mut en, mut ko) = (
        format!("{protected} of {machines} machines are protected"),
        format!("머신 {machines}대 중 {protected}대 보호 중"),
    );
    if waiting > 0 {
        en.push_str(&format!(", {waiting} still without a point"));
        ko.push_str(&format!(", 첫 지점 대기 {waiting}대"));
    }
    if needs > 0 {
        en.push_str(&format!("; {needs} need attention."));
        ko.push_str(&format!(", 조치 필요 {needs}대."));
    } else {
        en.push_str(", and nothing needs attention.");
        ko.push_str(", 조치가 필요한 항목 없음.");
    }
    let tone = match (needs, protected) {
        (0, 0) => Tone::Info,
        (0, _) => Tone::Good,
        _ => Tone::Bad,
    };
    Standing { words: Both::new(en, ko), tone }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vhault_core::sim::{VmChange, scenarios, stage};

    #[test]
    fn the_sentence_follows_the_state() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        assert_eq!(standing(&simulator).tone, Tone::Quiet);
        simulator.run_out(&mut || true).unwrap();
        let well = standing(&simulator);
        assert_eq!(well.words.en, "2 of 2 machines are protected, and nothing needs attention.");
        assert_eq!(well.tone, Tone::Good);
        simulator.submit(stage::change("shop/web", VmChange::RemoveAgent)).unwrap();
        let night = simulator.now().checked_add(vhault_core::time::Span::from_milliseconds(86_400_000));
        simulator.run_to(night.unwrap(), &mut || true).unwrap();
        let ill = standing(&simulator);
        assert!(
            ill.words.en.ends_with("1 need attention.") && ill.words.ko.contains("조치 필요 1대"),
            "{ill:?}"
        );
        assert_eq!(ill.tone, Tone::Bad);
    }
}
