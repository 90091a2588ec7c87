//! Findings and their advice, in Korean from the values core found.

use vhault_core::digest::hex;
use vhault_core::vhd::{Finding, FooterPlace};

use super::Both;

/// What was found.
pub fn what(finding: &Finding) -> Both {
    Both::new(finding.to_string(), what_ko(finding))
}

/// What to do about it.
pub fn advice(finding: &Finding) -> Both {
    Both::new(finding.advice(), advice_ko(finding))
}

fn place_ko(place: FooterPlace) -> &'static str {
    match place {
        FooterPlace::End => "파일 끝",
        FooterPlace::Start => "파일 앞",
    }
}

fn what_ko(finding: &Finding) -> String {
    match finding {
        Finding::FooterChecksum { place, stored, computed } => format!(
            "{}의 푸터에 저장된 체크섬: {stored:#010x}, 실제 바이트의 체크섬: {computed:#010x}",
            place_ko(*place)
        ),
        Finding::FooterMissing { place } => format!("{}에 푸터가 없습니다", place_ko(*place)),
        Finding::FootersDiffer => "두 푸터의 내용이 서로 다릅니다".to_owned(),
        Finding::ShortFooter => "푸터가 511바이트입니다".to_owned(),
        Finding::HeaderChecksum { stored, computed } => {
            format!("동적 헤더에 저장된 체크섬: {stored:#010x}, 실제 바이트의 체크섬: {computed:#010x}")
        }
        Finding::FeatureBit { features } => {
            format!("기능 플래그 {features:#x}: 항상 켜져 있어야 할 예약 비트가 꺼져 있습니다")
        }
        Finding::SavedState => "저장된 머신 상태가 이 이미지에 의존합니다".to_owned(),
        Finding::Hidden => "이미지에 숨김 표시가 있습니다".to_owned(),
        Finding::Resized { original, current } => {
            format!("디스크를 만들 때의 크기: {original}바이트, 현재 크기: {current}바이트")
        }
        Finding::SizedByGeometry { geometry, current } => format!(
            "qemu는 이 프로그램이 만든 디스크의 크기를 지오메트리로 정합니다: {current}바이트 대신 {geometry}바이트"
        ),
        Finding::PartialSector { size } => {
            format!("크기가 {size}바이트이며, 512바이트 섹터로 나누어떨어지지 않습니다")
        }
        Finding::Large { size } => format!("디스크 크기: {size}바이트, 2040GiB를 넘습니다"),
        Finding::BytesAfterDisk { count } => format!("디스크와 푸터 사이에 {count}바이트가 있습니다"),
        Finding::BlockSize { bytes } => format!("블록 크기 {bytes}바이트는 흔하지 않습니다"),
        Finding::SurplusEntries { entries, blocks } => {
            format!("블록 할당 테이블 항목: {entries}개, 블록: {blocks}개")
        }
        Finding::LastBlockCut => "파일이 마지막 블록 안, 디스크 끝 뒤에서 끝납니다".to_owned(),
        Finding::Locator { code, offset, bytes } => format!(
            "부모의 {} 로케이터({offset}번째 바이트부터 {bytes}바이트)가 파일 안에 있지 않습니다",
            String::from_utf8_lossy(code)
        ),
        Finding::ParentTime { remembered, found, .. } => {
            format!("기억하는 부모 시각: 2000년부터 {remembered}초, 부모에 적힌 시각: {found}초")
        }
        Finding::ParentMissing { wanted, .. } => format!("부모가 여기에 없습니다. ID: {}", hex(wanted)),
        Finding::StaleSectors { count } => {
            format!("섹터 비트맵의 꺼진 비트 뒤에 0이 아닌 섹터가 {count}개 있습니다")
        }
        Finding::ParentSmaller { child, parent, .. } => {
            format!("이 이미지의 크기: {child}바이트, 부모의 크기: {parent}바이트")
        }
        other => other.to_string(),
    }
}

fn advice_ko(finding: &Finding) -> &'static str {
    match finding {
        Finding::FooterChecksum { .. } | Finding::FooterMissing { .. } | Finding::HeaderChecksum { .. } => {
            "디스크는 읽을 수 있습니다. 다른 프로그램이 거부하기 전에 `vhault convert`로 깨끗한 사본을 만드세요"
        }
        Finding::FootersDiffer => "파일 끝의 푸터를 썼습니다. 어떤 프로그램이 이미지를 바꾸다가 멈췄습니다",
        Finding::ShortFooter => {
            "2004년 이전에 만든 이미지입니다. `vhault convert`는 모든 프로그램이 읽는 푸터를 씁니다"
        }
        Finding::FeatureBit { .. } | Finding::Hidden => "할 일이 없습니다",
        Finding::SavedState => {
            "먼저 저장된 머신을 시작하거나 저장 상태를 버리세요. 그러지 않으면 메모리와 디스크가 맞지 않습니다"
        }
        Finding::Resized { .. } => "현재 크기가 맞습니다. 다른 크기를 쓰는 프로그램이 틀린 것입니다",
        Finding::SizedByGeometry { .. } => {
            "qemu가 현재 크기를 쓰게 하세요: driver=vpc,force_size_calc=current_size"
        }
        Finding::PartialSector { .. } => "마지막 섹터의 빠진 바이트는 0으로 읽힙니다",
        Finding::Large { .. } => "일부 프로그램은 2040GiB를 넘는 디스크를 거부합니다",
        Finding::BytesAfterDisk { .. } => "디스크의 일부가 아니며, exact 형식 복원에서는 그대로 남습니다",
        Finding::BlockSize { .. } => "일부 프로그램은 512KiB와 2MiB 블록만 읽습니다",
        Finding::SurplusEntries { .. } => "남는 항목은 보지 않습니다",
        Finding::LastBlockCut => "디스크는 모두 있습니다. `vhault convert`는 블록을 온전히 씁니다",
        Finding::Locator { .. } => "대신 이름이나 --parent로 부모를 찾습니다",
        Finding::ParentTime { .. } => {
            "시각을 저장하지 않는 프로그램이 많습니다. 자식을 만든 뒤에 부모를 바꿨다면 자식은 쓸 수 없습니다"
        }
        Finding::ParentSmaller { .. } => "부모의 끝을 넘는 부분은 0으로 읽힙니다",
        Finding::ParentMissing { .. } => "부모 파일도 함께 놓거나, 프로그램에서는 --parent FILE로 지정하세요",
        Finding::StaleSectors { .. } => {
            "이 섹터는 0으로 읽힙니다. qemu는 숨은 바이트를 보여 주므로 어느 쪽을 믿기 전에 비교하세요"
        }
        other => other.advice(),
    }
}
