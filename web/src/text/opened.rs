//! Why a link or a file of the simulator cannot be opened, in Korean from the
//! values the reader found.

use vhault_core::sim::{SCENARIO_BYTES_MAX, SCENARIO_STEPS_MAX, SCENARIO_VERSION, ScenarioError};

use super::Both;
use crate::pattern::NoPattern;
use crate::simulator::{LINK_CHARACTERS_MAX, LinkError};
use crate::view_model::simulator::happening::of_refusal;

/// Why a link cannot be written or read.
pub fn of_link_error(error: &LinkError) -> Both {
    let ko = match error {
        LinkError::TooLong { characters } => {
            format!("링크의 글자 수: {characters}, 한도: {LINK_CHARACTERS_MAX}. 파일로 저장하세요")
        }
        LinkError::Character { character, position } => {
            format!("링크의 {position}번째 글자 {character:?}: 링크에 쓰이지 않는 글자입니다")
        }
        LinkError::Damaged => "링크가 잘렸거나 바뀌었습니다. 체크섬이 맞지 않습니다".to_owned(),
        LinkError::Newer { found } => format!("링크 버전 {found}: 이 페이지가 읽는 것보다 새 버전입니다"),
        LinkError::Malformed => "이 페이지가 아는 시나리오가 링크에 없습니다".to_owned(),
    };
    Both::new(error.to_string(), ko)
}

/// Why an address tells of no disks.
pub fn of_no_pattern(error: NoPattern) -> Both {
    Both::new(error.to_string(), "주소에 있을 수 있는 디스크가 없습니다")
}

/// Why a file is no scenario.
pub fn of_scenario_error(error: &ScenarioError) -> Both {
    let ko = match error {
        ScenarioError::TooLarge { bytes } => {
            format!("파일 크기: {bytes}바이트, 한도: {SCENARIO_BYTES_MAX}바이트")
        }
        ScenarioError::TooManySteps { steps } => format!("단계: {steps}개, 한도: {SCENARIO_STEPS_MAX}개"),
        // The reader of JSON speaks English only; where it is says most.
        ScenarioError::Malformed { line, column, .. } => {
            format!("{line}번째 줄 {column}번째 칸: 시나리오 파일의 JSON이 아닙니다")
        }
        ScenarioError::Newer { found } => {
            format!("버전 {found}: 읽을 수 있는 최신 버전은 {SCENARIO_VERSION}입니다")
        }
        ScenarioError::Zero => "버전 0은 만들어진 적이 없습니다".to_owned(),
        ScenarioError::Refused { step, refusal } => format!("단계 {step} 거부됨: {}", of_refusal(refusal).ko),
        ScenarioError::NotRefused { step, expected } => {
            format!("단계 {step}: {expected} 오류로 거부되어야 하지만 거부되지 않았습니다")
        }
    };
    Both::new(error.to_string(), ko)
}

#[cfg(test)]
mod tests {
    use vhault_core::sim::Scenario;

    use super::*;
    use crate::simulator::Link;

    /// Words of English would have letters in a row; ids and JSON are not words.
    fn is_korean(both: &Both) {
        let mut words = both.ko.split(|letter: char| !letter.is_ascii_alphabetic());
        assert!(words.all(|word| word.len() < 2 || word == "JSON"), "{}", both.ko);
        assert!(both.ko.chars().any(|letter| ('가'..='힣').contains(&letter)) && both.en != both.ko);
    }

    #[test]
    fn a_link_that_cannot_be_opened_says_why_in_korean_too() {
        let long = "A".repeat(LINK_CHARACTERS_MAX + 1);
        for link in ["!", "AAAA", "", long.as_str()] {
            is_korean(&of_link_error(&Link::decode(link).unwrap_err()));
        }
        is_korean(&of_link_error(&LinkError::Newer { found: 9 }));
        is_korean(&of_link_error(&LinkError::Malformed));
        is_korean(&of_no_pattern(NoPattern));
    }

    #[test]
    fn a_file_that_is_no_scenario_says_why_in_korean_too() {
        let large = "x".repeat(SCENARIO_BYTES_MAX + 1);
        for text in ["note", "{}", r#"{"version":0}"#, r#"{"version":999}"#, large.as_str()] {
            is_korean(&of_scenario_error(&Scenario::parse(text).unwrap_err()));
        }
        is_korean(&of_scenario_error(&ScenarioError::TooManySteps { steps: 7 }));
    }
}
