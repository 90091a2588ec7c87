//! Trouble: the catalogue of advice as a list, and one of its entries.

use vhault_core::advice::{AdviceId, Kind, Operation, ProfileId, Retry, search};
use vhault_core::sim::scenarios;

use crate::simulator::Lesson;
use crate::text::{Both, Lang};
use crate::view_model::tone::Tone;

/// An entry as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The entry.
    pub id: AdviceId,
    /// Its title.
    pub title: Both,
    /// What it is.
    pub kind: Both,
    /// What that means.
    pub tone: Tone,
}

/// One entry, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// As a row.
    pub row: Row,
    /// Where it belongs.
    pub operation: Both,
    /// Under which rules it stands.
    pub profiles: Vec<ProfileId>,
    /// What is said, its gaps named.
    pub message: Both,
    /// What to do.
    pub remedy: Option<Both>,
    /// When to try again.
    pub retry: Both,
    /// The rules under which it can be shown.
    pub shown_under: Vec<ProfileId>,
    /// Ready scenarios that come by it.
    pub scenarios: Vec<(String, Both)>,
    /// The same on the command line.
    pub command: String,
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Words that occur.
    pub words: String,
    /// Only entries of this operation.
    pub operation: Option<Operation>,
    /// Only errors.
    pub errors_only: bool,
}

/// Every operation, in the order of the lifecycle.
pub const OPERATIONS: [Operation; 16] = [
    Operation::Overview,
    Operation::Discovery,
    Operation::Register,
    Operation::Protect,
    Operation::Policy,
    Operation::Backup,
    Operation::Snapshot,
    Operation::Consistency,
    Operation::Jobs,
    Operation::CancelJob,
    Operation::Restore,
    Operation::StopProtection,
    Operation::Network,
    Operation::Agent,
    Operation::Ui,
    Operation::Limit,
];

/// The entries that are left, best first where words were given.
pub fn rows(narrow: &Narrow) -> Vec<Row> {
    let found = if narrow.words.trim().is_empty() { AdviceId::ALL.to_vec() } else { search(&narrow.words) };
    let wanted = |id: &AdviceId| {
        let entry = id.entry();
        narrow.operation.is_none_or(|operation| entry.operation == operation)
            && (!narrow.errors_only || entry.kind == Kind::Error)
    };
    found.into_iter().filter(wanted).map(row).collect()
}

fn row(id: AdviceId) -> Row {
    let entry = id.entry();
    let (kind, tone) = of_kind(entry.kind);
    Row { id, title: both(entry.title), kind, tone }
}

fn both(text: vhault_core::advice::Text) -> Both {
    Both::new(text.en, text.ko)
}

/// A text with its gaps `{vm}` named for people, as `‹vm›`.
fn gaps_named(text: vhault_core::advice::Text) -> Both {
    let named = |text: &str| text.replace('{', "‹").replace('}', "›");
    Both::new(named(text.en), named(text.ko))
}

/// The entry of an id such as `BKP-13`, in any case.
pub fn id_of(code: &str) -> Option<AdviceId> {
    AdviceId::ALL.into_iter().find(|id| id.code().eq_ignore_ascii_case(code))
}

/// One entry, whole.
pub fn page(id: AdviceId) -> Page {
    let entry = id.entry();
    let come_by = scenarios::all().into_iter().filter(|preset| preset.path.contains(&id));
    Page {
        row: row(id),
        operation: of_operation(entry.operation),
        profiles: ProfileId::ALL.into_iter().filter(|profile| entry.profiles.contains(*profile)).collect(),
        message: gaps_named(entry.message),
        remedy: entry.remedy.map(gaps_named),
        retry: of_retry(entry.retry),
        shown_under: Lesson::profiles(id),
        scenarios: come_by
            .map(|preset| {
                (preset.scenario.name, Both::new(preset.scenario.title.en, preset.scenario.title.ko))
            })
            .collect(),
        command: format!("vhault explain {}", id.code()),
    }
}

/// The name of a profile's rules.
pub fn of_profile(profile: ProfileId) -> Both {
    match profile {
        ProfileId::Classic2015 => Both::new("Preview of 2015", "2015년 미리 보기"),
        ProfileId::Recovery2016 => Both::new("Recovery Services 2016", "Recovery Services 2016년"),
    }
}

fn of_kind(kind: Kind) -> (Both, Tone) {
    let (en, ko, tone) = match kind {
        Kind::Rule => ("Rule", "규칙", Tone::Info),
        Kind::Error => ("Error", "오류", Tone::Bad),
        Kind::Limit => ("Limit", "한도", Tone::Warn),
        Kind::Screen => ("Screen", "화면", Tone::Quiet),
        Kind::Step => ("Step", "단계", Tone::Quiet),
        Kind::Cause => ("Cause", "원인", Tone::Warn),
        Kind::Remedy => ("Remedy", "해결 방법", Tone::Good),
        Kind::State => ("State", "상태", Tone::Info),
        Kind::Notification => ("Message", "알림", Tone::Info),
        Kind::Consistency => ("Consistency", "일관성", Tone::Info),
    };
    (Both::new(en, ko), tone)
}

/// The name of an operation.
pub fn of_operation(operation: Operation) -> Both {
    let (en, ko) = match operation {
        Operation::Overview => ("Before anything else", "시작하기 전에"),
        Operation::Discovery => ("Discover", "검색"),
        Operation::Register => ("Register", "등록"),
        Operation::Protect => ("Protect", "보호"),
        Operation::StopProtection => ("Stop protection", "보호 중지"),
        Operation::Policy => ("Policies", "정책"),
        Operation::Backup => ("Backup", "백업"),
        Operation::Jobs => ("Jobs", "작업"),
        Operation::CancelJob => ("Cancel", "작업 취소"),
        Operation::Restore => ("Restore", "복원"),
        Operation::Snapshot => ("Snapshots", "스냅샷"),
        Operation::Network => ("Network", "네트워크"),
        Operation::Agent => ("Agent", "에이전트"),
        Operation::Consistency => ("Consistency", "일관성"),
        Operation::Ui => ("Screens", "화면"),
        Operation::Limit => ("Limits", "한도"),
    };
    Both::new(en, ko)
}

fn of_retry(retry: Retry) -> Both {
    let minutes = retry.wait().map(|wait| wait.milliseconds() / 60_000);
    match (retry, minutes) {
        (Retry::NotApplicable, _) => Both::new("Nothing to retry", "다시 시도할 것 없음"),
        (Retry::No, _) => Both::new("Never: the same is answered every time", "다시 시도해도 답이 같음"),
        (Retry::AfterFix(_), Some(minutes)) => Both::new(
            format!("After the fix, and not within {minutes} minutes"),
            format!("해결한 뒤, {minutes}분 이상 지나서"),
        ),
        (Retry::AfterFix(_), None) => Both::new("After the fix", "해결한 뒤"),
        (Retry::AfterWait(_), Some(minutes)) => {
            Both::new(format!("After {minutes} minutes"), format!("{minutes}분 뒤"))
        }
        (Retry::AfterWait(_), None) => Both::new("After a while", "잠시 뒤"),
    }
}

/// The row's words, for those who list them.
pub fn line(row: &Row, lang: Lang) -> String {
    format!("{} {}", row.id.code(), row.title.get(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_catalogue_is_listed_and_narrowed() {
        assert_eq!(rows(&Narrow::default()).len(), 140);
        let errors = rows(&Narrow { errors_only: true, ..Narrow::default() });
        assert_eq!(errors.len(), 41);
        assert!(errors.iter().all(|row| row.tone == Tone::Bad));
        let by_operation: usize = OPERATIONS
            .into_iter()
            .map(|operation| rows(&Narrow { operation: Some(operation), ..Narrow::default() }).len())
            .sum();
        assert_eq!(by_operation, 140, "an operation is missing from the list");
    }

    #[test]
    fn an_entry_is_found_by_its_id_and_by_words_of_either_language() {
        let first = |words: &str| {
            rows(&Narrow { words: words.to_owned(), ..Narrow::default() }).first().map(|row| row.id)
        };
        assert_eq!(first("bkp-16"), Some(AdviceId::Bkp16));
        assert_eq!(first("bitlocker locked"), Some(AdviceId::Bkp16));
        assert_eq!(first("프리미엄"), Some(AdviceId::Bkp17));
        assert_eq!(first("no such words at all"), None);
        assert_eq!(id_of("bkp-04"), Some(AdviceId::Bkp04));
        assert_eq!(id_of("BKP-99"), None);
    }

    #[test]
    fn every_page_says_what_to_do_and_no_brace_is_left() {
        for id in AdviceId::ALL {
            let page = page(id);
            for text in [Some(&page.message), page.remedy.as_ref()].into_iter().flatten() {
                assert!(!text.en.contains('{') && !text.ko.contains('}'), "{id}");
            }
            let is_error = page.row.tone == Tone::Bad;
            assert_eq!(!page.shown_under.is_empty(), is_error, "{id}");
            assert!(page.command.ends_with(id.code()));
        }
    }
}
