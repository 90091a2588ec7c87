//! Disk: what one of a machine's disks is called.

use vhault_core::lifecycle::Lun;

use crate::text::seeing::{PART_DISK, PART_SYSTEM_DISK};
use crate::text::{Both, Lang, fill};

/// The system disk, or a data disk by its number.
pub fn named(lun: Lun) -> Both {
    let name = |lang| match lun.0 {
        0.. => fill(PART_DISK.say(lang), &[&lun.0.to_string()]),
        _ => PART_SYSTEM_DISK.say(lang).to_owned(),
    };
    Both::new(name(Lang::En), name(Lang::Ko))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_of_a_disk_minus_one() {
        assert_eq!(named(Lun(-1)), Both::new("System disk", "시스템 디스크"));
        assert_eq!(named(Lun(3)), Both::new("Data disk 3", "데이터 디스크 3"));
    }
}
