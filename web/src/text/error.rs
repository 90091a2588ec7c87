//! Why a file could not be read, in Korean from the values core found.

use vhault_core::vhd::{ChainError, Foreign, VhdError};

use super::Both;

/// Why bytes are not a VHD.
pub fn of_vhd_error(error: &VhdError) -> Both {
    Both::new(error.to_string(), vhd_ko(error))
}

/// Why images do not make a chain.
pub fn of_chain_error(error: &ChainError) -> Both {
    let ko = match error {
        ChainError::Empty => "체인에는 이미지가 하나 이상 필요합니다".to_owned(),
        ChainError::TooDeep { images, limit } => format!("체인의 이미지: {images}개, 한도: {limit}개"),
        ChainError::MissingParent { depth, .. } => format!("이미지 {depth}: 부모가 없습니다"),
        ChainError::NeedlessParent { depth } => {
            format!("이미지 {depth}: 부모가 필요 없는데 부모가 주어졌습니다")
        }
        ChainError::WrongParent { depth, .. } => format!("이미지 {depth}: 다른 부모가 주어졌습니다"),
        ChainError::Loop { first, second, .. } => {
            format!("이미지 {first}, {second}: ID가 같습니다. 디스크는 자신의 부모일 수 없습니다")
        }
        other => other.to_string(),
    };
    Both::new(error.to_string(), ko)
}

fn vhd_ko(error: &VhdError) -> String {
    match error {
        VhdError::Empty => "파일이 비어 있습니다. VHD에는 512바이트 이상의 푸터가 있습니다".to_owned(),
        VhdError::TooShort { size } => {
            format!("파일이 {size}바이트입니다. VHD에는 511바이트나 512바이트의 푸터가 있습니다")
        }
        VhdError::Foreign { found } => foreign_ko(*found).to_owned(),
        VhdError::NoFooter { at } => format!(
            "{at}번째 바이트에도, 마지막 511바이트에도, 파일 앞에도 VHD 푸터가 없습니다. 잘린 파일이거나 원시 디스크일 수 있습니다"
        ),
        VhdError::FooterChecksum { at, stored, computed } => format!(
            "{at}번째 바이트의 푸터: 저장된 체크섬 {stored:#010x}, 실제 체크섬 {computed:#010x}. 올바른 사본도 없습니다"
        ),
        VhdError::HeaderChecksum { at, stored, computed } => {
            format!("{at}번째 바이트의 동적 헤더: 저장된 체크섬 {stored:#010x}, 실제 체크섬 {computed:#010x}")
        }
        VhdError::Version { version, .. } => {
            format!("형식 버전 {}.{}: 1.x만 읽을 수 있습니다", version >> 16, version & 0xffff)
        }
        VhdError::DiskType { found } => {
            format!("푸터의 디스크 종류: {found}. 2(고정), 3(동적), 4(차이점 보관용)여야 합니다")
        }
        VhdError::FixedCut { size, held } => format!(
            "디스크 크기: {size}바이트, 푸터 앞의 바이트: {held}. 파일이 잘렸거나 나뉜 이미지의 마지막 부분입니다"
        ),
        VhdError::HeaderPastEnd { at, end } => {
            format!("동적 헤더는 {at}번째 바이트부터 1024바이트여야 하지만 이미지는 {end}번째에서 끝납니다")
        }
        VhdError::NoHeader { at } => format!("푸터가 가리키는 {at}번째 바이트에 동적 헤더가 없습니다"),
        VhdError::BlockSize { bytes } => {
            format!("블록 크기 {bytes}바이트: 512 이상의 2의 거듭제곱이어야 합니다")
        }
        VhdError::TableTooShort { size, needed, entries } => format!(
            "디스크 {size}바이트에는 블록 {needed}개가 필요하지만 블록 할당 테이블 항목은 {entries}개입니다"
        ),
        VhdError::TableTooLong { needed, limit } => {
            format!("블록 할당 테이블에 필요한 항목: {needed}개, 한도: {limit}개")
        }
        VhdError::TablePastEnd { at, needed, end } => format!(
            "블록 할당 테이블은 {at}번째 바이트부터 항목 {needed}개가 필요하지만 이미지는 {end}번째에서 끝납니다"
        ),
        VhdError::TableOnStructure { at, .. } => {
            format!("{at}번째 바이트의 블록 할당 테이블이 다른 구조와 겹칩니다")
        }
        VhdError::NoMemory { needed } => format!("블록 할당 테이블 항목 {needed}개를 담을 메모리가 없습니다"),
        VhdError::BlockPastEnd { block, place, needed, end } => format!(
            "블록 {block}: 파일 섹터 {place}에서 {needed}바이트가 필요하지만 이미지는 {end}번째 바이트에서 끝납니다"
        ),
        VhdError::BlockOnStructure { block, place, .. } => {
            format!("블록 {block}: 파일 섹터 {place}에서 다른 구조와 겹칩니다")
        }
        VhdError::BlocksOverlap { block, other, place } => {
            format!("블록 {other}: 파일 섹터 {place}에서 블록 {block} 안에 있습니다")
        }
        other => other.to_string(),
    }
}

fn foreign_ko(found: Foreign) -> &'static str {
    match found {
        Foreign::Vhdx => "VHDX 이미지이며 VHD가 아닙니다. Convert-VHD 등으로 먼저 변환하세요",
        Foreign::Qcow => "qcow2 이미지이며 VHD가 아닙니다. `qemu-img convert`로 먼저 변환하세요",
        Foreign::Vmdk => "VMDK 이미지이며 VHD가 아닙니다. `qemu-img convert`로 먼저 변환하세요",
        Foreign::Vdi => "VDI 이미지이며 VHD가 아닙니다. `qemu-img convert`로 먼저 변환하세요",
        Foreign::Iso => "광학 디스크 이미지이며 VHD가 아닙니다. 파일 그대로 보관하세요",
        Foreign::Packed(_) => "압축 파일이며 VHD가 아닙니다. 먼저 압축을 푸세요",
        Foreign::RawDisk => "컨테이너 없는 원시 디스크이며 VHD가 아닙니다",
        Foreign::Text => "텍스트 파일이며 VHD가 아닙니다. 이미지 파일 자체를 선택하세요",
        _ => "VHD가 아닙니다",
    }
}
