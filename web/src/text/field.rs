//! The names of stored fields, and our words for what we make of them.

use super::Lang;
use crate::view_model::disk::{Level, Mark};

/// A field of footer or header. Core names it in English.
pub fn field_name(name: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return name.to_owned();
    }
    match name {
        "features" => "기능 플래그",
        "format version" => "형식 버전",
        "header offset" => "헤더 위치",
        "created" => "만든 시각",
        "creator" => "만든 프로그램",
        "creator version" => "프로그램 버전",
        "creator host" => "만든 운영 체제",
        "original size" => "처음 크기",
        "current size" => "현재 크기",
        "geometry" => "지오메트리",
        "disk type" => "디스크 종류",
        "checksum" => "체크섬",
        "unique id" => "고유 ID",
        "as GUID" => "GUID 표기",
        "saved state" => "저장된 상태",
        "table offset" => "테이블 위치",
        "header version" => "헤더 버전",
        "table entries" => "테이블 항목 수",
        "block size" => "블록 크기",
        other => other,
    }
    .to_owned()
}

/// What we make of a field.
pub fn verdict(mark: Mark, lang: Lang) -> &'static str {
    match (mark, lang) {
        (Mark::Good, Lang::En) => "good",
        (Mark::Good, Lang::Ko) => "정상",
        (Mark::Information, Lang::En) => "information",
        (Mark::Information, Lang::Ko) => "정보",
        (Mark::Unusual, Lang::En) => "unusual",
        (Mark::Unusual, Lang::Ko) => "특이",
        (Mark::Wrong, Lang::En) => "wrong",
        (Mark::Wrong, Lang::Ko) => "잘못됨",
    }
}

/// How much a finding matters.
pub fn severity(level: Level, lang: Lang) -> &'static str {
    match (level, lang) {
        (Level::Note, Lang::En) => "note",
        (Level::Note, Lang::Ko) => "참고",
        (Level::Warning, Lang::En) => "warning",
        (Level::Warning, Lang::Ko) => "경고",
        (Level::Damage, Lang::En) => "damage",
        (Level::Damage, Lang::Ko) => "손상",
    }
}
