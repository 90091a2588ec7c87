//! Preflight: each rule that applies to a backup, looked at on the world.

use vhault_core::advice::AdviceId;
use vhault_core::lifecycle::{BackupPolicy, Concern, VaultName, Verdict, VmIdentity, preflight};

use super::core_lang;
use crate::simulator::Simulator;
use crate::text::{Both, Lang};
use crate::view_model::tone::Tone;

/// One look, for one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was looked at.
    pub concern: Both,
    /// What it came to.
    pub tone: Tone,
    /// The rule, or what was found.
    pub id: AdviceId,
    /// What is behind it.
    pub causes: Vec<AdviceId>,
    /// What to do, where something stands against it.
    pub remedy: Option<Both>,
}

/// All looks at one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The machine.
    pub machine: VmIdentity,
    /// In the order of checks.
    pub lines: Vec<Line>,
}

impl Sheet {
    /// How many looks came to `tone`.
    pub fn count(&self, tone: Tone) -> usize {
        self.lines.iter().filter(|line| line.tone == tone).count()
    }
}

/// Looks at each of `machines` as `vault` sees it.
pub fn sheets(
    simulator: &Simulator,
    vault: &VaultName,
    machines: &[VmIdentity],
    policy: Option<&BackupPolicy>,
) -> Vec<Sheet> {
    let world = simulator.world();
    let Some(state) = world.vaults.get(vault) else { return Vec::new() };
    let platform = world.around(state);
    let one = |machine: &VmIdentity| {
        let vm = world.vms.get(machine)?;
        let copy = world.first_copy(machine).map(|plan| plan.work());
        let checks = preflight(&state.catalogue, &platform, &vm.vm, policy, copy);
        Some(Sheet { machine: machine.clone(), lines: checks.into_iter().map(line).collect() })
    };
    machines.iter().filter_map(one).collect()
}

fn line(check: vhault_core::lifecycle::Check) -> Line {
    let tone = match check.verdict {
        Verdict::Passes => Tone::Good,
        Verdict::Warns => Tone::Warn,
        Verdict::Fails => Tone::Bad,
    };
    let remedy = check.id.entry().remedy.filter(|_| check.verdict != Verdict::Passes);
    let remedy = remedy.map(|remedy| {
        let say = |lang| remedy.in_lang(core_lang(lang)).replace('{', "‹").replace('}', "›");
        Both::new(say(Lang::En), say(Lang::Ko))
    });
    Line { concern: of_concern(check.concern), tone, id: check.id, causes: check.causes, remedy }
}

fn of_concern(concern: Concern) -> Both {
    let (en, ko) = match concern {
        Concern::Region => ("Machine and vault are in one region", "머신과 자격 증명 모음의 지역이 같음"),
        Concern::Registration => ("The machine is registered", "머신이 등록됨"),
        Concern::DataDisks => ("It has no more data disks than allowed", "데이터 디스크 수가 한도 이내"),
        Concern::Storage => {
            ("Its disks lie on storage that can be backed up", "백업할 수 있는 저장소의 디스크")
        }
        Concern::Service => ("The service is well", "서비스 정상"),
        Concern::Guest => ("Agent and network are ready", "에이전트와 네트워크 준비됨"),
        Concern::ShadowCopy => ("Shadow copies can be made", "섀도 복사본을 만들 수 있음"),
        Concern::Consistency => ("How consistent the point will be", "복구 지점의 일관성"),
        Concern::Delays => ("The snapshot is taken in time", "스냅샷이 제시간에 끝남"),
        Concern::CopyTime => ("The first copy ends in time", "첫 복사가 제시간에 끝남"),
        Concern::Crowd => ("Not too many machines start together", "한꺼번에 시작하는 머신이 많지 않음"),
    };
    Both::new(en, ko)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Lesson, LessonState};
    use vhault_core::sim::stage;

    fn failing(simulator: &Simulator, machine: &VmIdentity, vault: &VaultName) -> Vec<AdviceId> {
        let policy = simulator.world().vaults[vault].catalogue.policies.values().next();
        let sheets =
            sheets(simulator, vault, std::slice::from_ref(machine), policy.map(|state| &state.policy));
        let lines = sheets.into_iter().flat_map(|sheet| sheet.lines);
        lines.filter(|line| line.tone == Tone::Bad).map(|line| line.id).collect()
    }

    /// What the look says is what the engine's own job ended with, and is gone once that is cured.
    #[test]
    fn a_look_finds_the_error_that_the_job_ends_with() {
        use AdviceId::*;
        let mut found = 0;
        for id in [Bkp04, Bkp05, Bkp07, Bkp10, Bkp11, Bkp13, Bkp15, Bkp16, Bkp17, Bkp19] {
            for profile in Lesson::profiles(id) {
                let (mut simulator, mut lesson) = Lesson::begin(id, profile).unwrap();
                let machine = lesson.subject.item.clone().unwrap();
                let vault = lesson.subject.vault.clone();
                let before = failing(&simulator, &machine, &vault);
                assert!(before.contains(&id), "{id} {profile}: {before:?}");
                lesson.apply(&mut simulator);
                if lesson.state == LessonState::Cured {
                    let after = failing(&simulator, &machine, &vault);
                    assert!(!after.contains(&id), "{id} {profile}: {after:?}");
                }
                found += 1;
            }
        }
        assert!(found >= 10, "{found}");
    }

    #[test]
    fn a_sound_machine_passes_every_look_and_one_abroad_does_not() {
        let mut simulator =
            Simulator::begin(&vhault_core::sim::scenarios::find("first-day").unwrap().scenario);
        simulator.run_out(&mut || true).unwrap();
        let web = "shop/web".parse().unwrap();
        let sheet = sheets(&simulator, &stage::vault(), std::slice::from_ref(&web), None).remove(0);
        assert_eq!(sheet.count(Tone::Good), sheet.lines.len(), "{sheet:?}");
        assert!(sheet.lines.len() >= 9);
        let abroad = vhault_core::sim::VmSpec {
            region: "east".parse().unwrap(),
            account: "faraway".parse().unwrap(),
            ..stage::machine("far/away")
        };
        simulator.submit(vhault_core::sim::Command::CreateVm(Box::new(abroad))).unwrap();
        let away = "far/away".parse().unwrap();
        assert_eq!(failing(&simulator, &away, &stage::vault())[0], AdviceId::Limit05);
    }
}
